//! Corrected tables over past scans: codes whose meaning changed are found first, once each; then
//! only parcels that have such scans, or for which somebody else must act by today's rule, are folded
//! again, some hundred in a transaction.

use std::collections::{BTreeMap, HashSet};

use colibri_carriers::{Headline, MappedStatus, Party, SubStatus};
use colibri_events::tracking::v1::{RemapRequest, RemapResponse, RemappedCode, RemappedHeadline};
use colibri_kit::{
    fault::Fault,
    service::{Cx, Shell},
};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    Tracking, alerts,
    domain::{
        alert,
        state::{State, Told},
    },
    error, events, ingest, mapping,
    settle::Settled,
    store::{
        facts::{self, Kept, status_word, sub_word},
        parcels::{self, Keys, Parcel},
        remap::{self, Changed, Code},
    },
};

/// Parcels whose scans are searched together: one walk along an index.
const SEARCHED: i64 = 5_000;
/// Parcels of one transaction: it holds their locks for some hundredths of a second.
const FOLDED: usize = 500;

/// What a parcel shows, and who must act.
type Word = (Headline, Option<SubStatus>, Option<Party>);

/// What came of it.
#[derive(Default)]
struct Report {
    parcels: u64,
    headlines: BTreeMap<(String, String, String), u64>,
}

fn words(status: MappedStatus) -> String {
    join(status_word(status), sub_word(status))
}

fn join(headline: &str, sub: Option<&str>) -> String {
    sub.map_or_else(|| headline.to_owned(), |sub| format!("{headline}/{sub}"))
}

impl Report {
    fn note(&mut self, carrier: &str, before: Word, after: Word) {
        let same = (before.0, before.1) == (after.0, after.1);
        let text = |(headline, sub, party): Word| {
            let shown = join(headline.as_str(), sub.map(SubStatus::as_str));
            // Said where it is all that changed.
            let party = same.then(|| party.map_or("nobody", Party::as_str));
            party.map_or_else(|| shown.clone(), |party| format!("{shown} ({party})"))
        };
        let key = (carrier.to_owned(), text(before), text(after));
        *self.headlines.entry(key).or_default() += 1;
    }
}

/// Gives past scans the meaning of today's tables, or says what that would change.
///
/// # Errors
/// [`Fault`] `TRK0008` for a carrier that is not installed; others when the database is away: what
/// was done so far stays, and the rest is found when it is asked for again.
pub async fn remap(shell: &Shell<Tracking>, asked: &RemapRequest) -> Result<RemapResponse, Fault> {
    let carrier = asked.carrier.as_str();
    if !carrier.is_empty() && colibri_carriers::by_id(carrier).is_none() {
        let text = "no such carrier here";
        return Err(Fault::reject(error::UNKNOWN_CARRIER, text).field("carrier", "UNKNOWN", text));
    }
    let mut cx = shell.begin_log().await?;
    let (told, scans) = remap::codes(cx.db(), carrier).await?;
    let parties = remap::misattributed(cx.db(), carrier).await?;
    cx.rollback().await;
    let changed: Vec<Changed> = told.into_iter().filter_map(today).collect();
    let mut report = Report::default();
    let mut after = Uuid::nil();
    while parties || !changed.is_empty() {
        let mut cx = shell.begin_log().await?;
        let (last, keys) = remap::affected(cx.db(), (&changed, carrier), after, SEARCHED).await?;
        cx.rollback().await;
        let Some(last) = last else {
            break;
        };
        after = last;
        let both: Vec<(Uuid, Uuid)> = keys.tenants.into_iter().zip(keys.parcels).collect();
        for chunk in both.chunks(FOLDED) {
            let keys: Keys = chunk.iter().copied().collect();
            fold(shell, &changed, &keys, asked.dry_run, &mut report).await?;
        }
    }
    Ok(answer(scans, changed, report))
}

fn today(code: Code) -> Option<Changed> {
    let (today, version) = mapping::today(&code.carrier, &code.code)?;
    (today != code.status).then_some(Changed { code, today, version })
}

fn answer(scans: u64, changed: Vec<Changed>, report: Report) -> RemapResponse {
    let codes = changed.into_iter().map(|changed| RemappedCode {
        before: words(changed.code.status),
        after: words(changed.today),
        scans: changed.code.scans,
        carrier: changed.code.carrier,
        code: changed.code.code,
    });
    let headlines = report.headlines.into_iter().map(|((carrier, before, after), parcels)| {
        RemappedHeadline { carrier, before, after, parcels }
    });
    RemapResponse {
        scans,
        codes: codes.collect(),
        parcels: report.parcels,
        headlines: headlines.collect(),
    }
}

const fn word(state: &State) -> Word {
    (state.headline, state.sub, state.party)
}

/// Some parcels in one transaction, which is undone when nothing shall change.
async fn fold(
    shell: &Shell<Tracking>,
    changed: &[Changed],
    keys: &Keys,
    dry_run: bool,
    report: &mut Report,
) -> Result<(), Fault> {
    let mut cx = shell.begin_log().await?;
    let locked = parcels::lock(cx.db(), keys).await?;
    remap::apply(cx.db(), changed, &keys.parcels).await?;
    let known = facts::load(cx.db(), keys).await?;
    let (mut saves, mut review) = (Vec::with_capacity(locked.len()), HashSet::new());
    for mut parcel in locked {
        let known = known.get(&parcel.parcel_id).map(Vec::as_slice).unwrap_or_default();
        let before = word(&parcel.state);
        if refold(&mut cx, &mut parcel, known) {
            review.insert(parcel.parcel_id);
        }
        let after = word(&parcel.state);
        report.parcels += 1;
        if before != after {
            report.note(&parcel.carrier, before, after);
        }
        saves.push((parcel, false));
    }
    if dry_run {
        cx.rollback().await;
        return Ok(());
    }
    parcels::save(cx.db(), &saves).await?;
    let saved = saves.iter().map(|(parcel, _)| parcel);
    let open: Vec<&Parcel> = saved.filter(|p| review.contains(&p.parcel_id)).collect();
    alerts::review(&mut cx, &open).await?;
    cx.commit().await?;
    let versions = saves.iter().map(|(parcel, _)| (parcel.parcel_id, parcel.version));
    shell.state.watchers.changed(versions);
    Ok(())
}

/// The state that today's meanings make; true when alerts may begin or end.
fn refold(cx: &mut Cx<Tracking>, parcel: &mut Parcel, known: &[Kept]) -> bool {
    let (state, now): (_, OffsetDateTime) = (cx.state(), cx.now());
    let before = parcel.state.clone();
    parcel.state = State::of(known.iter().map(|kept| &kept.fact), parcel.voided);
    parcel.version += 1;
    parcel.changed_at = now;
    let told = Told::between(&before, &parcel.state);
    if told.status {
        parcel.state_at = now;
        let asks = ingest::can_poll(&parcel.carrier);
        let pace = state.plan.of(&parcel.carrier);
        let wait = if asks { pace.next(&parcel.situation(now)) } else { None };
        parcel.next_poll_at = wait.map(|wait| now.saturating_add(wait));
    }
    let settled = Settled {
        writes: Vec::new(),
        fresh: HashSet::new(),
        before: before.headline,
        before_party: before.party,
        told,
        changed: true,
        dirty: true,
    };
    events::publish(cx, parcel, &settled);
    let goes_on = before.ended() && !parcel.state.ended();
    parcel.alerts > 0 || alert::calls(&parcel.state) || goes_on
}
