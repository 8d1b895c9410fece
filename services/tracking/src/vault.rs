//! What tracking asks the vault: to seal words and places, to open them for a person who may see
//! them, to open numbers for a question to the carrier, and to find a parcel by its number.

use std::collections::{HashMap, HashSet};

use colibri_events::vault::v1::{Field, FieldValue, Flow, MatchManyRequest, Record};
use colibri_kit::{fault::Fault, rpc::Peers, telemetry::metrics};
use colibri_types::{ParcelId, ScanId, SubjectRef, TenantId};
use colibri_vault_client::{
    Denied, ITEMS_MAX, Opened as Records, VaultClient, codes, refusal, value,
};
use tonic::Status;
use uuid::Uuid;

use crate::{domain::token::Words, error};

/// Bytes of a wording or place: carriers' texts are sentences; a longer one is cut, not lost.
const TEXT_BYTES_MAX: usize = 4_000;
/// Words to be sealed.
#[derive(Debug, Clone)]
pub struct Sealing {
    /// Ref they get.
    pub scan_id: ScanId,
    /// Whose key seals them.
    pub owner: Uuid,
    /// The words.
    pub words: Words,
}

/// Opened words of a parcel.
#[derive(Default)]
pub struct Opened {
    /// Its number at the carrier.
    pub number: String,
    /// Wording and place by scan.
    pub scans: HashMap<Uuid, (String, String)>,
}

/// The vault, as tracking uses it.
#[derive(Debug, Clone)]
pub struct Vault(VaultClient);

impl Vault {
    /// Through these peers.
    #[must_use]
    pub const fn new(peers: Peers) -> Self {
        Self(VaultClient::new(peers))
    }

    /// Seals words of one tenant. Answers which are sealed: those of erased persons are not, and
    /// nobody keeps them.
    ///
    /// # Errors
    /// [`Fault`] when the vault is away, or refuses what it should take.
    pub async fn seal(
        &self,
        tenant: TenantId,
        mut words: Vec<Sealing>,
    ) -> Result<HashSet<Uuid>, Fault> {
        words.retain(|sealing| !sealing.words.is_empty());
        words.sort_unstable_by_key(|sealing| (sealing.owner, sealing.scan_id));
        words.dedup_by_key(|sealing| sealing.scan_id);
        let mut sealed = HashSet::with_capacity(words.len());
        let mut open: Vec<&[Sealing]> = words.chunks(ITEMS_MAX).collect();
        while let Some(chunk) = open.pop() {
            match self.put(tenant, chunk).await {
                Ok(()) => sealed.extend(chunk.iter().map(|sealing| sealing.scan_id.to_uuid())),
                Err(status) if refusal(&status).as_deref() == Some(codes::UNKNOWN) => {
                    // One erased person must not hold up the others: cut until it stands alone.
                    match between_owners(chunk) {
                        Some(cut) => {
                            let (one, other) = chunk.split_at(cut);
                            open.extend([one, other]);
                        }
                        None => {
                            let lost = u64::try_from(chunk.len()).unwrap_or(0);
                            metrics::counter("colibri_tracking_unsealed_total", &[]).add(lost);
                        }
                    }
                }
                Err(status) => return Err(status.into()),
            }
        }
        Ok(sealed)
    }

    async fn put(&self, tenant: TenantId, words: &[Sealing]) -> Result<(), Status> {
        let records = words.iter().map(|sealing| Record {
            external_key: format!("scan:{}", sealing.scan_id),
            owner_ref: SubjectRef(sealing.owner).to_string(),
            r#ref: sealing.scan_id.to_string(),
            fields: fields(&sealing.words),
        });
        self.0.put(tenant, &records.collect::<Vec<_>>()).await.map(drop)
    }

    /// Numbers of parcels, for questions to the carrier; parcels whose number is not there (yet,
    /// or any more) are left out.
    ///
    /// # Errors
    /// [`Fault`] when the vault is away, or the budget is spent.
    pub async fn numbers(
        &self,
        tenant: TenantId,
        parcels: &[Uuid],
    ) -> Result<HashMap<Uuid, String>, Fault> {
        let refs = parcels.iter().map(|id| ParcelId::from_uuid(*id).to_string());
        let fields = [Field::TrackingNumber];
        let records = self.0.reveal(tenant, Flow::TrackingPoll, &fields, refs).await?;
        let mut numbers = HashMap::with_capacity(parcels.len());
        for parcel in parcels {
            let record = known(&records, &ParcelId::from_uuid(*parcel).to_string())?;
            let number = text(record, Field::TrackingNumber);
            if !number.is_empty() {
                numbers.insert(*parcel, number);
            }
        }
        Ok(numbers)
    }

    /// Words, places and the number of a parcel, for a person who may see them.
    ///
    /// # Errors
    /// [`Fault`] `TRK0005` when the budget is spent; others when the vault is away.
    pub async fn view(
        &self,
        tenant: TenantId,
        parcel: Uuid,
        scans: &[Uuid],
    ) -> Result<Opened, Fault> {
        let (number, parcel) = ([Field::TrackingNumber], ParcelId::from_uuid(parcel).to_string());
        let refs = [parcel.clone()];
        let records = self.0.reveal(tenant, Flow::TrackingView, &number, refs).await?;
        let number = text(known(&records, &parcel)?, Field::TrackingNumber);
        let mut opened = Opened { number, scans: HashMap::with_capacity(scans.len()) };
        let fields = [Field::ScanText, Field::ScanPlace];
        let refs = scans.iter().map(|id| ScanId::from_uuid(*id).to_string());
        let records = self.0.reveal(tenant, Flow::TrackingView, &fields, refs).await?;
        for scan in scans {
            let record = known(&records, &ScanId::from_uuid(*scan).to_string())?;
            let words = (text(record, Field::ScanText), text(record, Field::ScanPlace));
            opened.scans.insert(*scan, words);
        }
        Ok(opened)
    }

    /// Parcels by their numbers, in the same order; `None` for a number of nobody's.
    ///
    /// # Errors
    /// [`Fault`] when the vault is away.
    pub async fn find(
        &self,
        tenant: TenantId,
        numbers: &[String],
    ) -> Result<Vec<Option<Uuid>>, Fault> {
        let mut found = Vec::with_capacity(numbers.len());
        for chunk in numbers.chunks(ITEMS_MAX) {
            let field = Field::TrackingNumber.into();
            let request = MatchManyRequest { field, values: chunk.to_vec() };
            let refs = self.0.of(tenant).match_many(request).await?.into_inner().refs;
            let parcel = |text: String| text.parse::<ParcelId>().ok().map(ParcelId::to_uuid);
            found.extend(refs.into_iter().map(parcel));
        }
        if found.len() == numbers.len() {
            Ok(found)
        } else {
            Err(Fault::bug("the vault answered another number of refs than asked"))
        }
    }
}

/// Where to cut words that are sorted by owner, near the middle; `None` when there is one owner.
fn between_owners(words: &[Sealing]) -> Option<usize> {
    let middle = words.get(words.len() / 2)?.owner;
    let cut = match words.partition_point(|sealing| sealing.owner < middle) {
        0 => words.partition_point(|sealing| sealing.owner <= middle),
        cut => cut,
    };
    (cut < words.len()).then_some(cut)
}

/// The fields of a record; none of one whose person was erased.
fn known<'a>(records: &'a Records, record: &str) -> Result<&'a [FieldValue], Fault> {
    if let Some(Err(Denied::Budget)) = records.get(record) {
        let text = "the budget for opening words of carriers is spent";
        return Err(Fault::resource_exhausted(error::BUDGET_SPENT, text));
    }
    Ok(records.record(record)?.unwrap_or_default())
}

fn fields(words: &Words) -> Vec<FieldValue> {
    let given = [(Field::ScanText, &words.text), (Field::ScanPlace, &words.place)];
    let given = given.into_iter().filter(|(_, text)| !text.is_empty());
    given.map(|(field, text)| FieldValue { field: field.into(), value: cut(text) }).collect()
}

fn cut(text: &str) -> String {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

fn text(record: &[FieldValue], field: Field) -> String {
    value(record, field).unwrap_or_default().to_owned()
}
