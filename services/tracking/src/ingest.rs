//! From answers to states: words sealed first, then everything about many parcels in one
//! transaction. Push and poll meet here, and nowhere else.

use std::collections::{BTreeMap, HashMap, HashSet};

use colibri_carriers::{MappedStatus, Scan};
use colibri_kit::{
    crash_point,
    fault::Fault,
    service::{Cx, Shell},
    telemetry::metrics,
};
use colibri_types::TenantId;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    Tracking,
    domain::fact::{Fact, Source},
    events,
    settle::{Answer, Settled, settle},
    store::{
        facts::{self, Kept, Write},
        parcels::{self, Keys, Parcel},
        webhooks,
    },
    vault::Sealing,
};

/// What one answer says about one parcel.
#[derive(Debug, Clone)]
pub struct Heard {
    /// Tenant.
    pub tenant_id: Uuid,
    /// Parcel.
    pub parcel_id: Uuid,
    /// Its scans, as read.
    pub scans: Vec<Scan>,
    /// When the answer reached us.
    pub told_at: OffsetDateTime,
    /// What kind of answer.
    pub answer: Answer,
}

impl Heard {
    const fn source(&self) -> Source {
        match self.answer {
            Answer::Pushed => Source::Push,
            Answer::Told | Answer::Nothing | Answer::Voided => Source::Poll,
        }
    }
}

/// The webhook that brought an answer: noted with it, so that the same again changes nothing.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Whose.
    pub tenant: TenantId,
    /// Account it names.
    pub account_id: Uuid,
    /// Of its raw body.
    pub fingerprint: Vec<u8>,
}

/// What came of an ingest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Scans read.
    pub scans: u32,
    /// Facts not known before.
    pub fresh: u32,
    /// Parcels that nobody watches.
    pub unwatched: u32,
    /// The webhook was known.
    pub replayed: bool,
}

/// All that was told about one parcel.
struct Telling {
    heard: Vec<Heard>,
    facts: Vec<Fact>,
    source: Source,
    told_at: OffsetDateTime,
}

impl Telling {
    /// The answer that decides: a poll that told something, else a push, else nothing.
    fn answer(&self) -> Answer {
        let has = |answer| self.heard.iter().any(|heard| heard.answer == answer);
        if has(Answer::Told) {
            Answer::Told
        } else if has(Answer::Nothing) {
            Answer::Nothing
        } else {
            Answer::Pushed
        }
    }

    fn polled(&self) -> bool {
        self.heard.iter().any(|heard| heard.answer != Answer::Pushed)
    }
}

/// Takes in answers about any number of parcels. With a webhook everything is its tenant's, under
/// row security.
///
/// # Errors
/// [`Fault`]; nothing was changed then, and the same answers may be brought again.
pub async fn ingest(
    shell: &Shell<Tracking>,
    heard: Vec<Heard>,
    webhook: Option<&Webhook>,
) -> Result<Summary, Fault> {
    let keys: Keys = heard.iter().map(|heard| (heard.tenant_id, heard.parcel_id)).collect();
    // Parcels before their facts: facts newer than the parcel's version are seen by it below.
    let mut cx = open(shell, webhook).await?;
    let seen = parcels::load(cx.db(), &keys).await?;
    let mut known = facts::load(cx.db(), &keys).await?;
    cx.rollback().await;
    let scans = heard.iter().map(|heard| heard.scans.len()).sum::<usize>();
    let (mut tellings, words) = read(&shell.state, heard, &seen, &known);
    let sealed = seal(shell, words).await?;
    crash_point!("tracking.sealed");

    let mut cx = open(shell, webhook).await?;
    let now = cx.now();
    if let Some(hook) = webhook {
        let (tenant, account) = (hook.tenant.to_uuid(), hook.account_id);
        if !webhooks::note(cx.db(), tenant, account, &hook.fingerprint, now).await? {
            cx.rollback().await;
            return Ok(Summary { scans: count(scans), replayed: true, ..Summary::default() });
        }
    }
    let locked = parcels::lock(cx.db(), &keys).await?;
    let moved = |parcel: &&Parcel| {
        seen.get(&parcel.parcel_id).is_none_or(|seen| seen.version != parcel.version)
    };
    let stale: Keys =
        locked.iter().filter(moved).map(|parcel| (parcel.tenant_id, parcel.parcel_id)).collect();
    if !stale.parcels.is_empty() {
        for parcel in &stale.parcels {
            known.remove(parcel);
        }
        known.extend(facts::load(cx.db(), &stale).await?);
    }
    let mut batch = Batch::default();
    for parcel in locked {
        let Some(telling) = tellings.remove(&parcel.parcel_id) else {
            continue;
        };
        let known = known.get(&parcel.parcel_id).map(Vec::as_slice).unwrap_or_default();
        batch.settle(&mut cx, parcel, known, &telling, &sealed);
    }
    let unwatched = keys.parcels.len() - batch.parcels_seen;
    let fresh = batch.fresh;
    batch.commit(cx, shell).await?;
    let (scans, fresh) = (count(scans), count(fresh));
    Ok(Summary { scans, fresh, unwatched: count(unwatched), replayed: false })
}

async fn open(shell: &Shell<Tracking>, webhook: Option<&Webhook>) -> Result<Cx<Tracking>, Fault> {
    match webhook {
        Some(webhook) => shell.begin(webhook.tenant).await,
        None => shell.begin_log().await,
    }
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Facts without words, and the words of those that nobody has sealed yet, by tenant.
fn read(
    state: &Tracking,
    heard: Vec<Heard>,
    seen: &HashMap<Uuid, Parcel>,
    known: &HashMap<Uuid, Vec<Kept>>,
) -> (BTreeMap<Uuid, Telling>, BTreeMap<TenantId, Vec<Sealing>>) {
    let mut tellings: BTreeMap<Uuid, Telling> = BTreeMap::new();
    let mut words: BTreeMap<TenantId, Vec<Sealing>> = BTreeMap::new();
    for mut answer in heard {
        let Some(parcel) = seen.get(&answer.parcel_id) else {
            continue;
        };
        let (id, purchased_at) = (parcel.parcel_id, parcel.purchased_at);
        let (source, told_at) = (answer.source(), answer.told_at);
        let scans = std::mem::take(&mut answer.scans);
        let telling = tellings.entry(id).or_insert_with(|| Telling {
            heard: Vec::new(),
            facts: Vec::new(),
            source,
            told_at,
        });
        telling.heard.push(answer);
        let known = known.get(&id).map(Vec::as_slice).unwrap_or_default();
        let sealed: HashSet<[u8; 32]> = known.iter().map(|kept| kept.fact.dedupe).collect();
        for scan in &scans {
            let (fact, text) = Fact::read(&state.tokens, id, purchased_at, scan, told_at);
            if fact.is_padding() {
                continue;
            }
            if !sealed.contains(&fact.dedupe) {
                let tenant = TenantId::from_uuid(parcel.tenant_id);
                let (scan_id, owner) = (fact.scan_id(id), parcel.subject_ref);
                words.entry(tenant).or_default().push(Sealing { scan_id, owner, words: text });
            }
            telling.facts.push(fact);
        }
    }
    (tellings, words)
}

async fn seal(
    shell: &Shell<Tracking>,
    words: BTreeMap<TenantId, Vec<Sealing>>,
) -> Result<HashSet<Uuid>, Fault> {
    let mut sealed = HashSet::new();
    for (tenant, words) in words {
        sealed.extend(shell.state.vault.seal(tenant, words).await?);
    }
    Ok(sealed)
}

/// The rows of one transaction, written together at its end.
#[derive(Default)]
struct Batch {
    writes: Vec<Write>,
    saves: Vec<(Parcel, bool)>,
    changed: Vec<(Uuid, u64)>,
    parcels_seen: usize,
    fresh: usize,
}

impl Batch {
    fn settle(
        &mut self,
        cx: &mut Cx<Tracking>,
        mut parcel: Parcel,
        known: &[Kept],
        telling: &Telling,
        sealed: &HashSet<Uuid>,
    ) {
        let state = cx.state();
        let polled = can_poll(&parcel.carrier);
        let (pace, facts, answer) = (&state.config.poll, &telling.facts, telling.answer());
        let settled = settle(pace, &mut parcel, known, facts, answer, polled, cx.now());
        self.parcels_seen += 1;
        self.fresh += settled.fresh;
        measure(&parcel, &settled, known, telling.source);
        events::publish(cx, &parcel, &settled);
        if settled.changed {
            self.changed.push((parcel.parcel_id, parcel.version));
        }
        let (tenant_id, parcel_id) = (parcel.tenant_id, parcel.parcel_id);
        self.writes.extend(settled.writes.into_iter().map(|fact| Write {
            tenant_id,
            parcel_id,
            sealed: sealed.contains(&fact.scan_id(parcel_id).to_uuid()),
            fact,
            source: telling.source,
            told_at: telling.told_at,
        }));
        if settled.dirty {
            self.saves.push((parcel, telling.polled()));
        }
    }

    async fn commit(self, mut cx: Cx<Tracking>, shell: &Shell<Tracking>) -> Result<(), Fault> {
        facts::save(cx.db(), &self.writes).await?;
        if !self.saves.is_empty() {
            parcels::save(cx.db(), &self.saves).await?;
        }
        cx.commit().await?;
        shell.state.watchers.changed(self.changed);
        Ok(())
    }
}

/// Does this carrier answer questions here?
#[must_use]
pub fn can_poll(carrier: &str) -> bool {
    colibri_carriers::by_id(carrier).is_some_and(|carrier| carrier.polling().is_some())
}

/// Notes that labels are void: their parcels show as cancelled and are not asked for any more.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn void(cx: &mut Cx<Tracking>, keys: &Keys) -> Result<(), Fault> {
    let locked = parcels::lock(cx.db(), keys).await?;
    let known = facts::load(cx.db(), keys).await?;
    let (state, now) = (cx.state(), cx.now());
    let mut saves = Vec::with_capacity(locked.len());
    for mut parcel in locked {
        let known = known.get(&parcel.parcel_id).map(Vec::as_slice).unwrap_or_default();
        let polled = can_poll(&parcel.carrier);
        let pace = &state.config.poll;
        let settled = settle(pace, &mut parcel, known, &[], Answer::Voided, polled, now);
        events::publish(cx, &parcel, &settled);
        saves.push((parcel, false));
    }
    if !saves.is_empty() {
        parcels::save(cx.db(), &saves).await?;
    }
    Ok(())
}

fn measure(parcel: &Parcel, settled: &Settled, known: &[Kept], source: Source) {
    let carrier = parcel.carrier.as_str();
    let labels = [("carrier", carrier), ("source", source.as_str())];
    if settled.fresh > 0 {
        let fresh = u64::try_from(settled.fresh).unwrap_or(0);
        metrics::counter("colibri_tracking_scans_total", &labels).add(fresh);
    }
    for fact in &settled.writes {
        let new = !known.iter().any(|kept| kept.fact.dedupe == fact.dedupe);
        if new && fact.scan.status == MappedStatus::Unknown {
            let labels = [("carrier", carrier), ("code", fact.scan.code.as_str())];
            metrics::counter("colibri_tracking_unknown_codes_total", &labels).inc();
        }
    }
    let decided = parcel.state.decided.as_ref().and_then(|decided| decided.time?.utc());
    if let (true, Some(at)) = (settled.told.status, decided) {
        let minutes = u64::try_from((parcel.changed_at - at).whole_minutes()).unwrap_or(0);
        metrics::histogram_counts("colibri_tracking_freshness_minutes", &labels).record(minutes);
    }
}
