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
    Tracking, alerts,
    domain::{
        alert,
        fact::{Fact, Source},
    },
    events, mapping,
    settle::{Answer, Settled, settle},
    store::{
        facts::{self, Kept, Write},
        parcels::{self, Keys, Parcel},
        webhooks::{self, Fingerprint},
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

/// What came of answers, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ingested {
    /// Facts that each brought first.
    pub fresh: Vec<u32>,
    /// Whose parcel nobody watches.
    pub unwatched: Vec<bool>,
}

/// All that was told about one parcel.
struct Telling {
    /// Facts, with the answer that told them.
    facts: Vec<(usize, Fact)>,
    answer: Answer,
    source: Source,
    told_at: OffsetDateTime,
}

impl Telling {
    fn new(heard: &Heard) -> Self {
        let (facts, answer) = (Vec::new(), heard.answer);
        Self { facts, answer, source: heard.source(), told_at: heard.told_at }
    }

    /// The answer that decides: a poll that told something, else one that did not, else a push.
    const fn also(&mut self, answer: Answer) {
        if matches!((self.answer, answer), (_, Answer::Told) | (Answer::Pushed, Answer::Nothing)) {
            self.answer = answer;
        }
    }

    fn polled(&self) -> bool {
        self.answer != Answer::Pushed
    }
}

/// Takes in answers about any number of parcels. The webhooks that brought them are noted in the
/// same transaction; `None`, and nothing is changed, when one of them was noted before.
///
/// # Errors
/// [`Fault`]; nothing was changed then, and the same answers may be brought again.
pub async fn ingest(
    shell: &Shell<Tracking>,
    heard: &[Heard],
    webhooks: &[Fingerprint],
) -> Result<Option<Ingested>, Fault> {
    let keys: Keys = heard.iter().map(|heard| (heard.tenant_id, heard.parcel_id)).collect();
    // Parcels before their facts: facts newer than the parcel's version are seen by it below.
    let mut db = shell.state.db.acquire().await?;
    let seen = parcels::load(&mut db, &keys).await?;
    let mut known = facts::load(&mut db, &keys).await?;
    drop(db);
    let (mut tellings, words) = read(&shell.state, heard, &seen, &known);
    let sealed = seal(shell, words).await?;
    crash_point!("tracking.sealed");

    let mut cx = shell.begin_log().await?;
    let now = cx.now();
    if !webhooks.is_empty() && !webhooks::note(cx.db(), webhooks, now).await? {
        cx.rollback().await;
        return Ok(None);
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
    let unwatched = heard.iter().map(|heard| !seen.contains_key(&heard.parcel_id)).collect();
    let mut batch = Batch { fresh: vec![0; heard.len()], ..Batch::default() };
    for parcel in locked {
        if let Some(telling) = tellings.remove(&parcel.parcel_id) {
            let known = known.get(&parcel.parcel_id).map(Vec::as_slice).unwrap_or_default();
            batch.settle(&mut cx, parcel, known, telling, &sealed);
        }
    }
    let fresh = batch.commit(cx, shell).await?;
    Ok(Some(Ingested { fresh, unwatched }))
}

type Tellings = BTreeMap<Uuid, Telling>;
type ToSeal = BTreeMap<TenantId, Vec<Sealing>>;

/// Facts without words, and the words of those that nobody has sealed yet, by tenant.
fn read(
    state: &Tracking,
    heard: &[Heard],
    seen: &HashMap<Uuid, Parcel>,
    known: &HashMap<Uuid, Vec<Kept>>,
) -> (Tellings, ToSeal) {
    let (mut tellings, mut words) = (Tellings::new(), ToSeal::new());
    for (index, answer) in heard.iter().enumerate() {
        let Some(parcel) = seen.get(&answer.parcel_id) else {
            continue;
        };
        let (id, begins) = (parcel.parcel_id, parcel.begins());
        let telling = tellings.entry(id).or_insert_with(|| Telling::new(answer));
        telling.also(answer.answer);
        let known = known.get(&id).map(Vec::as_slice).unwrap_or_default();
        for scan in &answer.scans {
            let (fact, text) = Fact::read(&state.tokens, id, begins, scan, answer.told_at);
            if fact.is_padding() {
                continue;
            }
            if !known.iter().any(|kept| kept.fact.dedupe == fact.dedupe) {
                let tenant = TenantId::from_uuid(parcel.tenant_id);
                let (scan_id, owner) = (fact.scan_id(id), parcel.subject_ref);
                words.entry(tenant).or_default().push(Sealing { scan_id, owner, words: text });
            }
            telling.facts.push((index, fact));
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
    /// Whose alerts may begin or end.
    review: HashSet<Uuid>,
    fresh: Vec<u32>,
}

impl Batch {
    fn settle(
        &mut self,
        cx: &mut Cx<Tracking>,
        mut parcel: Parcel,
        known: &[Kept],
        telling: Telling,
        sealed: &HashSet<Uuid>,
    ) {
        let (state, polled) = (cx.state(), telling.polled());
        let Telling { facts, answer, source, told_at } = telling;
        let (tellers, facts): (Vec<usize>, Vec<Fact>) = facts.into_iter().unzip();
        let (pace, can_poll) = (state.plan.of(&parcel.carrier), can_poll(&parcel.carrier));
        let (before, quiet_since) = (parcel.state.clone(), parcel.news_at);
        let mut settled = settle(pace, &mut parcel, known, &facts, answer, can_poll, cx.now());
        if !settled.fresh.is_empty() {
            state.lanes.spoke(&parcel, &before, quiet_since, cx.now());
        }
        let goes_on = before.ended() && !parcel.state.ended();
        if settled.changed && (parcel.alerts > 0 || alert::calls(&parcel.state) || goes_on) {
            self.review.insert(parcel.parcel_id);
        }
        measure(&parcel, &settled, source);
        for (teller, fact) in tellers.into_iter().zip(&facts) {
            // Told by several, it is the first one's.
            if settled.fresh.remove(&fact.dedupe)
                && let Some(fresh) = self.fresh.get_mut(teller)
            {
                *fresh += 1;
            }
        }
        events::publish(cx, &parcel, &settled);
        if settled.changed {
            self.changed.push((parcel.parcel_id, parcel.version));
        }
        let (tenant_id, parcel_id) = (parcel.tenant_id, parcel.parcel_id);
        self.writes.extend(settled.writes.into_iter().map(|fact| Write {
            tenant_id,
            parcel_id,
            sealed: sealed.contains(&fact.scan_id(parcel_id).to_uuid()),
            mapped: mapping::of(&parcel.carrier, &fact.scan),
            fact,
            source,
            told_at,
        }));
        if settled.dirty {
            self.saves.push((parcel, polled));
        }
    }

    async fn commit(
        self,
        mut cx: Cx<Tracking>,
        shell: &Shell<Tracking>,
    ) -> Result<Vec<u32>, Fault> {
        facts::save(cx.db(), &self.writes).await?;
        if !self.saves.is_empty() {
            parcels::save(cx.db(), &self.saves).await?;
        }
        let saved = self.saves.iter().map(|(parcel, _)| parcel);
        let review: Vec<&Parcel> = saved.filter(|p| self.review.contains(&p.parcel_id)).collect();
        alerts::review(&mut cx, &review).await?;
        cx.commit().await?;
        shell.state.watchers.changed(self.changed);
        Ok(self.fresh)
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
        let pace = state.plan.of(&parcel.carrier);
        let settled = settle(pace, &mut parcel, known, &[], Answer::Voided, polled, now);
        events::publish(cx, &parcel, &settled);
        saves.push((parcel, false));
    }
    if !saves.is_empty() {
        parcels::save(cx.db(), &saves).await?;
    }
    let open: Vec<&Parcel> =
        saves.iter().map(|(parcel, _)| parcel).filter(|p| p.alerts > 0).collect();
    alerts::review(cx, &open).await
}

fn measure(parcel: &Parcel, settled: &Settled, source: Source) {
    let carrier = parcel.carrier.as_str();
    let labels = [("carrier", carrier), ("source", source.as_str())];
    if !settled.fresh.is_empty() {
        let fresh = u64::try_from(settled.fresh.len()).unwrap_or(0);
        metrics::counter("colibri_tracking_scans_total", &labels).add(fresh);
    }
    let new = settled.writes.iter().filter(|fact| settled.fresh.contains(&fact.dedupe));
    for fact in new.filter(|fact| fact.scan.status == MappedStatus::Unknown) {
        let labels = [("carrier", carrier), ("code", fact.scan.code.as_str())];
        metrics::counter("colibri_tracking_unknown_codes_total", &labels).inc();
    }
    let decided = parcel.state.decided.as_ref().and_then(|decided| decided.time?.utc());
    if let (true, Some(at)) = (settled.told.status, decided) {
        let minutes = u64::try_from((parcel.changed_at - at).whole_minutes()).unwrap_or(0);
        metrics::histogram_counts("colibri_tracking_freshness_minutes", &labels).record(minutes);
    }
}
