//! Parties of a shipment against the tenant's lists. Names are opened, compared and dropped here;
//! what leaves is ids of entries and scores.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use aws_lc_rs::digest;
use colibri_events::{
    customs::v1::{Finding, ScreeningOutcome},
    vault::v1::{Field, FieldValue},
};
use colibri_kit::fault::Fault;
use colibri_screening::{Format, Hit, Index, Party, PartyKind, Thresholds};
use colibri_types::{SiteId, TenantId};
use colibri_vault_client::value;
use sqlx::PgConnection;

use crate::{
    config::Config,
    error::{self, finding},
    store::{
        declarations::Row,
        screening::{self as store, Decided, Decision, Likeness, ListRow},
        tenants,
    },
};

/// What is opened of a party to compare it, and nothing else.
pub const NAMES: &[Field] = &[Field::Name, Field::Company, Field::Country];

/// The lists of a tenant, ready to be asked.
#[derive(Debug)]
pub struct Lists {
    /// Which they are.
    pub rows: Vec<ListRow>,
    index: Index,
    thresholds: Thresholds,
}

/// A party that is like an entry, and what was decided about it.
#[derive(Debug, Clone)]
pub struct Found {
    /// Which, without a name.
    pub likeness: Likeness,
    /// The comparison; `None`: the name cannot be compared.
    pub hit: Option<Hit>,
    /// The last decision about this pair.
    pub decision: Option<Decision>,
}

impl Found {
    /// Nobody decided.
    #[must_use]
    pub const fn open(&self) -> bool {
        self.decision.is_none()
    }

    /// A person said that it is the one who is listed.
    #[must_use]
    pub fn confirmed(&self) -> bool {
        let confirmed = ScreeningOutcome::Confirmed as i32;
        self.decision.as_ref().is_some_and(|decision| decision.outcome == confirmed)
    }
}

/// Lists of tenants in memory, the ones used last.
#[derive(Debug)]
pub struct Indexes {
    most: usize,
    thresholds: Thresholds,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// Grows with each use: the smallest was not used for longest.
    uses: u64,
    lists: HashMap<TenantId, (u64, Arc<Lists>)>,
}

impl Indexes {
    /// Nothing is read yet.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let thresholds = config.thresholds().unwrap_or_default();
        Self { most: config.screening_indexes, thresholds, kept: Mutex::default() }
    }

    /// The lists of a tenant as they are now; `None`: it has none, and nothing is screened.
    ///
    /// # Errors
    /// [`Fault`] of the database.
    pub async fn of(
        &self,
        db: &mut PgConnection,
        tenant: TenantId,
    ) -> Result<Option<Arc<Lists>>, Fault> {
        let rows = store::lists(db, tenant).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let same = |lists: &Lists| {
            let versions = |rows: &[ListRow]| -> Vec<(String, i64)> {
                rows.iter().map(|row| (row.name.clone(), row.version)).collect()
            };
            versions(&lists.rows) == versions(&rows)
        };
        if let Some(lists) = self.touch(tenant).filter(|lists| same(lists)) {
            return Ok(Some(lists));
        }
        let files = store::files(db, tenant).await?;
        let thresholds = self.thresholds;
        let read = move || -> Result<Index, Fault> {
            let one = |(name, _, format, data): (String, i64, String, Vec<u8>)| {
                let format: Format = format.parse().map_err(Fault::bug)?;
                // It was read when it came.
                format.read(&name, &data).map_err(Fault::bug)
            };
            Ok(Index::new(files.into_iter().map(one).collect::<Result<_, Fault>>()?))
        };
        let index = tokio::task::spawn_blocking(read).await.map_err(Fault::bug)??;
        let lists = Arc::new(Lists { rows, index, thresholds });
        self.put(tenant, lists.clone());
        Ok(Some(lists))
    }

    fn touch(&self, tenant: TenantId) -> Option<Arc<Lists>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.uses += 1;
        let uses = kept.uses;
        let (used, lists) = kept.lists.get_mut(&tenant)?;
        *used = uses;
        Some(lists.clone())
    }

    fn put(&self, tenant: TenantId, lists: Arc<Lists>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.uses += 1;
        let uses = kept.uses;
        kept.lists.insert(tenant, (uses, lists));
        if kept.lists.len() > self.most
            && let Some(oldest) = kept.lists.iter().min_by_key(|(_, (used, _))| *used)
        {
            let oldest = *oldest.0;
            kept.lists.remove(&oldest);
        }
    }
}

impl Lists {
    /// Whom a party is like.
    #[must_use]
    pub fn compare(
        &self,
        party: &'static str,
        record: &str,
        fields: &[FieldValue],
        decided: &Decided,
    ) -> Vec<Found> {
        let get = |wanted| value(fields, wanted).map(str::trim).unwrap_or_default();
        let country = Some(get(Field::Country)).filter(|code| code.len() == 2);
        let (name, company) = (get(Field::Name), get(Field::Company));
        let mut best: BTreeMap<(String, String), Hit> = BTreeMap::new();
        let mut readable = false;
        for (name, kind) in [(name, PartyKind::Person), (company, PartyKind::Organisation)] {
            if name.is_empty() {
                continue;
            }
            let asked = Party { name, country, kind, birth_year: None };
            let found = self.index.screen(&asked, self.thresholds);
            readable |= found.unreadable.is_none();
            for hit in found.hits {
                let pair = (hit.list.clone(), hit.entry.clone());
                let known = best.get(&pair).map_or(0, |known| known.score);
                if hit.score > known {
                    best.insert(pair, hit);
                }
            }
        }
        let mut all: Vec<Found> = best
            .into_values()
            .map(|hit| {
                let likeness = Likeness {
                    party,
                    record: record.to_owned(),
                    list: hit.list.clone(),
                    entry: hit.entry.clone(),
                    score: hit.score,
                    fingerprint: self.fingerprint(&hit),
                };
                Found { likeness, hit: Some(hit), decision: None }
            })
            .collect();
        if !readable {
            let likeness = Likeness {
                party,
                record: record.to_owned(),
                list: String::new(),
                entry: String::new(),
                score: 0,
                fingerprint: Vec::new(),
            };
            all.push(Found { likeness, hit: None, decision: None });
        }
        all.sort_by_key(|found| std::cmp::Reverse(found.likeness.score));
        for found in &mut all {
            let one = &found.likeness;
            let pair =
                (one.record.clone(), one.list.clone(), one.entry.clone(), one.fingerprint.clone());
            found.decision = decided.get(&pair).cloned();
        }
        all
    }

    /// Of an entry's content: a decision about it holds until the authority changes it.
    fn fingerprint(&self, hit: &Hit) -> Vec<u8> {
        let list = self.index.lists().iter().find(|list| list.name == hit.list);
        let entry = list.and_then(|list| list.entries.iter().find(|entry| entry.id == hit.entry));
        let mut context = digest::Context::new(&digest::SHA256);
        if let Some(entry) = entry {
            for name in &entry.names {
                context.update(name.text.as_bytes());
                context.update(b"\0");
            }
            context.update(format!("{:?}{:?}", entry.countries, entry.birth_years).as_bytes());
        }
        context.finish().as_ref().to_vec()
    }
}

/// Where the records of a shipment's parties lie.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn records(
    db: &mut PgConnection,
    row: &Row,
) -> Result<Vec<(&'static str, String)>, Fault> {
    let Some(request) = row.facts.request.as_ref() else { return Ok(Vec::new()) };
    let mut records = Vec::with_capacity(2);
    if let Ok(site) = request.site_id.parse::<SiteId>() {
        let known = tenants::sites(db, &[(row.key.tenant_id, site)]).await?;
        records.extend(known.get(&site).map(|record| ("site", record.clone())));
    }
    if !request.subject_ref.is_empty() {
        records.push(("ship_to", request.subject_ref.clone()));
    }
    Ok(records)
}

/// Why a shipment is held; empty: nothing holds it.
#[must_use]
pub fn holds(found: &[Found]) -> Vec<Finding> {
    let held = found.iter().filter(|found| found.open() || found.confirmed());
    held.map(|found| {
        let one = &found.likeness;
        let (code, what) = match found.confirmed() {
            true => (error::SCREENING_CONFIRMED, "SCREENING_CONFIRMED"),
            false => (error::SCREENING_HIT, "SCREENING_HIT"),
        };
        let detail = match one.list.as_str() {
            "" => format!("{what}: no name that can be compared"),
            list => format!("{what}: {} of {list}, {} thousandths", one.entry, one.score),
        };
        finding(code, one.party, detail)
    })
    .collect()
}
