//! Screening: lists, comparisons, decisions.

use std::collections::BTreeSet;

use aws_lc_rs::digest;
use colibri_events::{customs::v1::*, vault::v1::Flow};
use colibri_kit::{fault::Fault, service::Shell};
use colibri_screening::{Format, Freshness, Hit, List};
use colibri_types::{ShipmentId, TenantId};
use time::{Duration, OffsetDateTime};

use crate::{
    Customs,
    error::{self, request as refuse},
    screening::{Found, NAMES, records},
    settle,
    store::{
        declarations, rescreen,
        screening::{self as store, Decision, Likeness, ListRow},
        tenants, timestamp,
    },
};

/// Bytes of a part: it travels in one message of at most 4 MiB.
const PART_BYTES_MAX: usize = 3 * 1024 * 1024;
/// Parts of a file: the largest official list has some forty megabytes.
const PARTS_MAX: u32 = 40;
/// Refused entries that an answer names: who has more has another file.
const REFUSALS_MAX: usize = 100;
/// Entries of a decision: two names of a party are each like twenty at most.
const ENTRIES_MAX: usize = 40;
/// How far back what is ready is compared with a new list: what is older has long left.
const RESCREEN: Duration = Duration::days(30);

/// Printable ASCII without blanks, so many characters at most.
pub fn graphic(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

/// Loads a list, or a part of one.
///
/// # Errors
/// `CUS0002`, `CUS0003`, `CUS0008`, `CUS0009`; the list in use stays then.
pub async fn import(
    shell: &Shell<Customs>,
    tenant: TenantId,
    request: ImportScreeningListRequest,
) -> Result<ScreeningList, Fault> {
    let format = check(&request)?;
    let (part, parts) = (request.part.max(1), request.parts.max(1));
    let mut data = request.data.to_vec();
    if parts > 1 {
        let mut cx = shell.begin(tenant).await?;
        tenants::change(cx.db(), tenant).await?;
        let numbers = (i32::try_from(part).unwrap_or(1), i32::try_from(parts).unwrap_or(1));
        let now = cx.now();
        let upload = &request.upload_id;
        let whole = store::add_part(cx.db(), tenant, upload, numbers, &data, now).await?;
        cx.commit().await?;
        match whole {
            Some(whole) => data = whole,
            None => {
                let (name, format) = (request.name, request.format);
                return Ok(ScreeningList { name, format, ..ScreeningList::default() });
            }
        }
    }
    let name = request.name.clone();
    let read = move || {
        let list = format.read(&name, &data);
        let hash = digest::digest(&digest::SHA256, &data).as_ref().to_vec();
        (list, hash, data)
    };
    let (list, hash, data) = tokio::task::spawn_blocking(read).await.map_err(Fault::bug)?;
    let list = list.map_err(|cause| Fault::reject(error::NO_LIST, cause.to_string()))?;
    let mut cx = shell.begin(tenant).await?;
    tenants::change(cx.db(), tenant).await?;
    let now = cx.now();
    let known = store::lists(cx.db(), tenant).await?;
    let before = known.iter().find(|known| known.name == request.name);
    let before = before.map_or(0, |known| usize::try_from(known.entries).unwrap_or_default());
    if !request.fewer_is_right
        && let Err(shrunk) = List::may_replace(before, list.entries.len())
    {
        cx.rollback().await;
        return Err(Fault::failed_precondition(error::LIST_SHRUNK, shrunk.to_string()));
    }
    let count = |all: usize| i32::try_from(all).unwrap_or(i32::MAX);
    let mut row = ListRow {
        name: request.name,
        version: 0,
        format: format.to_string(),
        published: list.published.chars().take(100).collect(),
        entries: count(list.entries.len()),
        refused: count(list.refused.len()),
        loaded_at: now,
    };
    store::put_list(cx.db(), tenant, &mut row, (&hash, &data)).await?;
    // Whom a list does not name any more is released, whom it names now is held when drawn.
    let mut waiting = settle::release(&mut cx, tenant, None).await?;
    let ready = rescreen::mark(cx.db(), tenant, now - RESCREEN).await?;
    if ready > 0 {
        let state = cx.state();
        cx.after_commit(move || state.listed.notify_one());
        waiting = waiting.saturating_add(ready);
    }
    cx.commit().await?;
    let refusals = list.refused.iter().take(REFUSALS_MAX).map(|refused| RefusedEntry {
        row: u32::try_from(refused.row).unwrap_or(u32::MAX),
        reason: refused.reason.to_owned(),
    });
    Ok(ScreeningList { refusals: refusals.collect(), waiting, ..wire(&row, shell, now) })
}

fn check(request: &ImportScreeningListRequest) -> Result<Format, Fault> {
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if !(1..=40).contains(&request.name.len()) || !request.name.bytes().all(letter) {
        return Err(refuse("name", "is 1 to 40 of a-z, 0-9 and -"));
    }
    let format: Format =
        request.format.parse().map_err(|_| refuse("format", "is no form that is read"))?;
    if request.data.is_empty() {
        return Err(refuse("data", "is empty"));
    }
    if request.data.len() > PART_BYTES_MAX {
        let fault = Fault::resource_exhausted(error::LIMIT, "the part is larger than 3 MiB");
        return Err(fault.field("data", "TOO_LONG", "has more than 3145728 bytes"));
    }
    let parts = request.parts.max(1);
    if parts > PARTS_MAX || request.part > parts {
        return Err(refuse("part", "is 1 to parts, which are at most 40"));
    }
    if parts > 1 && (request.part == 0 || !graphic(&request.upload_id, 100)) {
        return Err(refuse("upload_id", "is 1 to 100 printable ASCII characters, part from 1"));
    }
    Ok(format)
}

fn wire(row: &ListRow, shell: &Shell<Customs>, now: OffsetDateTime) -> ScreeningList {
    let most = Duration::hours(i64::from(shell.state.config.screening_age_max_h));
    ScreeningList {
        name: row.name.clone(),
        format: row.format.clone(),
        version: u64::try_from(row.version).unwrap_or_default(),
        published: row.published.clone(),
        entries: u32::try_from(row.entries).unwrap_or_default(),
        refused: u32::try_from(row.refused).unwrap_or_default(),
        loaded_at: Some(timestamp(row.loaded_at)),
        stale: Freshness::of(row.loaded_at, now, most) == Freshness::Stale,
        ..ScreeningList::default()
    }
}

/// The lists that are loaded.
pub async fn lists(
    shell: &Shell<Customs>,
    tenant: TenantId,
    _: ListScreeningListsRequest,
) -> Result<ListScreeningListsResponse, Fault> {
    let mut cx = shell.begin(tenant).await?;
    let rows = store::lists(cx.db(), tenant).await?;
    let now = cx.now();
    cx.rollback().await;
    Ok(ListScreeningListsResponse { lists: rows.iter().map(|r| wire(r, shell, now)).collect() })
}

/// Compares the parties of a shipment.
pub async fn screen(
    shell: &Shell<Customs>,
    tenant: TenantId,
    request: ScreenRequest,
) -> Result<ScreenResponse, Fault> {
    let unknown = || error::unknown("declaration");
    let id: ShipmentId = request.shipment_id.parse().map_err(|_| unknown())?;
    let mut cx = shell.begin(tenant).await?;
    let rows = declarations::find(cx.db(), &[id.to_uuid()]).await?;
    let row = rows.into_iter().find(|row| row.key.tenant_id == tenant).ok_or_else(unknown)?;
    let lists = shell.state.screening.of(cx.db(), tenant).await?;
    let records = records(cx.db(), &row).await?;
    let refs: Vec<String> = records.iter().map(|(_, record)| record.clone()).collect();
    let decided = store::decided(cx.db(), tenant, &refs).await?;
    let now = cx.now();
    cx.rollback().await;
    let mut answer = ScreenResponse { shipment_id: id.to_string(), ..ScreenResponse::default() };
    let Some(lists) = lists else { return Ok(answer) };
    answer.lists = lists.rows.iter().map(|row| wire(row, shell, now)).collect();
    let opened = shell.state.vault.reveal(tenant, Flow::CustomsScreen, NAMES, refs).await?;
    let mut found: Vec<Found> = Vec::new();
    for (party, record) in &records {
        // A record that cannot be opened any more has no name: a person has to look.
        let fields = opened.get(record).and_then(Result::ok).unwrap_or_default();
        found.extend(lists.compare(party, record, fields, &decided));
    }
    let kept: Vec<Likeness> = found.iter().map(|one| one.likeness.clone()).collect();
    let mut cx = shell.begin(tenant).await?;
    store::keep(cx.db(), tenant, id, &kept, now).await?;
    cx.commit().await?;
    let parties = records.iter().map(|(party, _)| screened(shell, party, &found));
    answer.parties = parties.collect();
    Ok(answer)
}

fn screened(shell: &Shell<Customs>, party: &str, found: &[Found]) -> ScreenedParty {
    let own: Vec<&Found> = found.iter().filter(|one| one.likeness.party == party).collect();
    let open = own.iter().filter(|one| one.open()).map(|one| one.likeness.score).max();
    let thresholds = shell.state.config.thresholds().unwrap_or_default();
    let verdict = match open {
        _ if own.iter().any(|one| one.confirmed()) => ScreeningVerdict::Confirmed,
        Some(score) if thresholds.verdict(score) == colibri_screening::Verdict::Hold => {
            ScreeningVerdict::Hold
        }
        Some(_) => ScreeningVerdict::Review,
        None => ScreeningVerdict::Clear,
    };
    let hits = own.iter().filter_map(|one| Some(hit(one.hit.as_ref()?, one.decision.as_ref())));
    ScreenedParty {
        party: party.to_owned(),
        verdict: verdict.into(),
        hits: hits.take(ENTRIES_MAX).collect(),
        unreadable: own.iter().any(|one| one.hit.is_none()),
    }
}

/// The word that a value has in results.
fn word<T: serde::Serialize>(value: &T) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

fn hit(hit: &Hit, decision: Option<&Decision>) -> ScreeningHit {
    let matched = hit.matched.iter().map(|one| format!("{} ({})", one.listed, word(&one.how)));
    ScreeningHit {
        list: hit.list.clone(),
        entry_id: hit.entry.clone(),
        score: hit.score.into(),
        kind: word(&hit.kind),
        quality: word(&hit.quality),
        name: hit.name.clone(),
        matched: matched.collect(),
        adjustments: hit.adjustments.iter().map(word).collect(),
        decision: decision.map(|decision| ScreeningDecision {
            outcome: decision.outcome,
            reason: decision.reason,
            case_number: decision.case_number.clone(),
            decided_by: decision.decided_by.clone(),
            decided_at: Some(timestamp(decision.decided_at)),
        }),
    }
}

/// Records a person's decision and has the declaration looked at again.
pub async fn decide(
    shell: &Shell<Customs>,
    tenant: TenantId,
    actor: &str,
    request: DecideScreeningRequest,
) -> Result<ScreenResponse, Fault> {
    let unknown = || error::unknown("entry that this party is like");
    let id: ShipmentId = request.shipment_id.parse().map_err(|_| unknown())?;
    if request.outcome() == ScreeningOutcome::Unspecified {
        return Err(refuse("outcome", "is cleared or confirmed"));
    }
    let same = request.reason() == ScreeningReason::SameParty;
    let confirmed = request.outcome() == ScreeningOutcome::Confirmed;
    if request.reason() == ScreeningReason::Unspecified || same != confirmed {
        return Err(refuse("reason", "is told, and same_party of a confirmed one only"));
    }
    if !graphic(&request.case_number, 64) {
        return Err(refuse("case_number", "is 1 to 64 printable ASCII characters"));
    }
    if request.entries.len() > ENTRIES_MAX {
        return Err(error::limit("entries", ENTRIES_MAX));
    }
    let pair = |entry: &ScreeningEntry| (entry.list.clone(), entry.entry_id.clone());
    let mut entries: BTreeSet<(String, String)> = request.entries.iter().map(pair).collect();
    if entries.is_empty() {
        // About a name that cannot be compared.
        entries.insert((String::new(), String::new()));
    }
    let entries: Vec<(String, String)> = entries.into_iter().collect();
    let mut cx = shell.begin(tenant).await?;
    tenants::change(cx.db(), tenant).await?;
    let decision = Decision {
        outcome: request.outcome,
        reason: request.reason,
        case_number: request.case_number,
        decided_by: actor.to_owned(),
        decided_at: cx.now(),
    };
    let party = request.party.as_str();
    let done = store::decide(cx.db(), tenant, id, party, &entries, &decision).await?;
    if usize::try_from(done).ok() != Some(entries.len()) {
        // One of them is none of this party's: nothing is recorded.
        cx.rollback().await;
        return Err(unknown());
    }
    settle::release(&mut cx, tenant, None).await?;
    cx.commit().await?;
    screen(shell, tenant, ScreenRequest { shipment_id: id.to_string() }).await
}
