//! What tracking asks the vault: to seal words and places, to open them for a person who may see
//! them, to open numbers for a question to the carrier, and to find a parcel by its number.

use std::collections::{HashMap, HashSet};

use colibri_events::vault::v1::{
    Field, FieldValue, Flow, MatchManyRequest, PutRequest, Record, RevealManyRequest, Revealed,
    vault_service_client::VaultServiceClient,
};
use colibri_kit::{
    fault::{Fault, RpcError},
    rpc::{Peer, Peers},
    telemetry::metrics,
};
use colibri_types::{ParcelId, ScanId, SubjectRef, TenantId};
use uuid::Uuid;

use crate::{domain::token::Words, error};

/// Records, refs or values of one call: what the vault takes at once.
const ITEMS_MAX: usize = 500;
/// Bytes of a wording or place: carriers' texts are sentences; a longer one is cut, not lost.
const TEXT_BYTES_MAX: usize = 4_000;
/// The vault does not know (any more) whom something belongs to: the person was erased.
const UNKNOWN: &str = "VLT0005";
/// The budget of the flow is spent.
const BUDGET: &str = "VLT0006";

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
pub struct Vault(Peers);

impl Vault {
    /// Through these peers.
    #[must_use]
    pub const fn new(peers: Peers) -> Self {
        Self(peers)
    }

    fn client(&self, tenant: TenantId) -> VaultServiceClient<Peer> {
        VaultServiceClient::new(self.0.to("vault", tenant))
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
                Err(refused) if refused.reason.as_deref() == Some(UNKNOWN) => {
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
                Err(refused) => return Err(fault(refused)),
            }
        }
        Ok(sealed)
    }

    async fn put(&self, tenant: TenantId, words: &[Sealing]) -> Result<(), RpcError> {
        let records = words.iter().map(|sealing| Record {
            external_key: format!("scan:{}", sealing.scan_id),
            owner_ref: SubjectRef(sealing.owner).to_string(),
            r#ref: sealing.scan_id.to_string(),
            fields: fields(&sealing.words),
        });
        let request = PutRequest { records: records.collect() };
        let answer = self.client(tenant).put(request).await;
        answer.map(drop).map_err(|status| RpcError::from_status(&status))
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
        let mut numbers = HashMap::with_capacity(parcels.len());
        for chunk in parcels.chunks(ITEMS_MAX) {
            let refs = chunk.iter().map(|id| ParcelId::from_uuid(*id).to_string()).collect();
            let fields = [Field::TrackingNumber];
            let opened = self.reveal(tenant, Flow::TrackingPoll, &fields, refs).await?;
            for (parcel, record) in chunk.iter().zip(opened) {
                let number = value(&record, Field::TrackingNumber);
                if !number.is_empty() {
                    numbers.insert(*parcel, number);
                }
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
        let number = [Field::TrackingNumber];
        let parcel = vec![ParcelId::from_uuid(parcel).to_string()];
        let records = self.reveal(tenant, Flow::TrackingView, &number, parcel).await?;
        let mut opened = Opened::default();
        if let Some(record) = records.first() {
            opened.number = value(record, Field::TrackingNumber);
        }
        for chunk in scans.chunks(ITEMS_MAX) {
            let refs = chunk.iter().map(|id| ScanId::from_uuid(*id).to_string()).collect();
            let fields = [Field::ScanText, Field::ScanPlace];
            let records = self.reveal(tenant, Flow::TrackingView, &fields, refs).await?;
            for (scan, record) in chunk.iter().zip(&records) {
                let words = (value(record, Field::ScanText), value(record, Field::ScanPlace));
                opened.scans.insert(*scan, words);
            }
        }
        Ok(opened)
    }

    async fn reveal(
        &self,
        tenant: TenantId,
        flow: Flow,
        fields: &[Field],
        refs: Vec<String>,
    ) -> Result<Vec<Revealed>, Fault> {
        let asked = refs.len();
        let fields = fields.iter().map(|field| i32::from(*field)).collect();
        let request = RevealManyRequest { flow: flow.into(), fields, refs };
        let records = self.client(tenant).reveal_many(request).await?.into_inner().records;
        if records.len() != asked {
            return Err(Fault::bug("the vault answered another number of records than asked"));
        }
        for record in &records {
            match record.denied.as_str() {
                "" | UNKNOWN => {}
                BUDGET => {
                    let text = "the budget for opening words of carriers is spent";
                    return Err(Fault::resource_exhausted(error::BUDGET_SPENT, text));
                }
                other => return Err(Fault::bug(format!("the vault denied with {other}"))),
            }
        }
        Ok(records)
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
            let refs = self.client(tenant).match_many(request).await?.into_inner().refs;
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

fn fault(refused: RpcError) -> Fault {
    if refused.clears_by_itself() {
        Fault::Retry { after: refused.retry_after, source: refused.into() }
    } else {
        Fault::bug(refused)
    }
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

fn value(record: &Revealed, field: Field) -> String {
    let found = record.fields.iter().find(|value| value.field == i32::from(field));
    found.map(|value| value.value.clone()).unwrap_or_default()
}
