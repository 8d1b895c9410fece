//! Asking one carrier account about some parcels.

use std::{collections::HashMap, sync::Arc};

use colibri_carrier_client::{AccountFacts, AccountHandle, CallError};
use colibri_carriers::{Account, Call, PollReply, Polling, Quota, Step};
use colibri_kit::{
    fault::{Fault, chain},
    service::Shell,
    telemetry::metrics,
};
use futures::{StreamExt as _, stream::FuturesUnordered};
use time::{Duration, OffsetDateTime};
use tokio::sync::mpsc;
use tracing::warn;
use uuid::Uuid;

use super::{hand::Hand, quotas};
use crate::{Tracking, domain::schedule::spread, ingest::Heard, settle::Answer, store::polls};

/// Vault, database or carrier are away: nothing was asked.
const SOON: Duration = Duration::minutes(1);
/// No whole answer came, or no readable one: an outage must not make parcels look unknown.
const UNCLEAR: Duration = Duration::minutes(15);
/// Credentials are not accepted, a budget is spent: a person must do something.
const LATER: Duration = Duration::hours(1);

/// Parcels of one account that this process has taken.
pub(super) struct Asking {
    pub(super) account: AccountFacts,
    pub(super) parcels: Vec<Uuid>,
    pub(super) hand: Hand,
}

/// Answers on their way to the gatherer; the parcels stay in hand until they are taken in.
pub(super) struct Answered {
    pub(super) heard: Vec<Heard>,
    pub(super) _hand: Hand,
}

/// Why a whole question came to nothing.
enum Failed {
    /// The parcels are put back for this long.
    Wait(Duration),
    /// It counts as an answer that told nothing.
    Miss,
}

pub(super) async fn ask(shell: Shell<Tracking>, asking: Asking, send: mpsc::Sender<Answered>) {
    let Asking { account, parcels, mut hand } = asking;
    let now = shell.host.clock.now();
    // Nothing is opened for a question that may not be asked.
    if let Some(until) = shell.state.quotas.waits(account.account_id.to_uuid(), now)
        && counts_all(&account.carrier)
    {
        waits(&account.carrier, parcels.len());
        put_back_together(&shell, &parcels, (until - now).clamp(SOON, LATER)).await;
        return;
    }
    let (handle, numbers) = match prepare(&shell, &account, &parcels).await {
        Ok(ready) => ready,
        Err((wait, cause)) => {
            let (account, carrier) = (account.account_id, &account.carrier);
            warn!(%account, carrier, cause, "parcels of {account} cannot be asked for");
            put_back(&shell, &parcels, wait).await;
            return;
        }
    };
    let Some(polling) = handle.carrier.polling() else {
        put_back(&shell, &parcels, LATER).await;
        return;
    };
    // Without a number there is nothing to ask, now or ever: the person was erased, or labels has
    // not sealed it yet.
    let (known, without): (Vec<Uuid>, Vec<Uuid>) =
        parcels.into_iter().partition(|parcel| numbers.contains_key(parcel));
    let tenant = account.tenant_id.to_uuid();
    if !without.is_empty() {
        let now = shell.host.clock.now();
        let nothing = |parcel_id| Heard {
            tenant_id: tenant,
            parcel_id,
            scans: Vec::new(),
            told_at: now,
            answer: Answer::Nothing,
        };
        let part = hand.split(without.len());
        let heard = without.into_iter().map(nothing).collect();
        let _ = send.send(Answered { heard, _hand: part }).await;
    }
    let mut questions = FuturesUnordered::new();
    for chunk in known.chunks(polling.batch_max().max(1)) {
        let part = hand.split(chunk.len());
        let (shell, handle, numbers, send) = (&shell, &handle, &numbers, &send);
        questions.push(async move {
            let Ok(_permit) = part.gate.clone().acquire_owned().await else {
                return;
            };
            question(shell, handle, polling, chunk, numbers, part, send).await;
        });
    }
    while questions.next().await.is_some() {}
}

async fn prepare(
    shell: &Shell<Tracking>,
    account: &AccountFacts,
    parcels: &[Uuid],
) -> Result<(Arc<AccountHandle>, HashMap<Uuid, String>), (Duration, String)> {
    let state = &shell.state;
    let handle =
        state.carriers.account_of(account).await.map_err(|error| {
            (if error.clears_by_itself() { SOON } else { LATER }, chain(&error))
        })?;
    let numbers = state.vault.numbers(account.tenant_id, parcels).await;
    let numbers = numbers.map_err(|fault| {
        (if matches!(fault, Fault::Retry { .. }) { SOON } else { LATER }, chain(&fault))
    })?;
    Ok((handle, numbers))
}

async fn put_back(shell: &Shell<Tracking>, parcels: &[Uuid], wait: Duration) {
    let now = shell.host.clock.now();
    // Up to half as long again, each by its own luck: an outage ends without a crowd.
    let round = u64::try_from(now.unix_timestamp()).unwrap_or(0);
    let until = |parcel: &Uuid| {
        let luck = i32::try_from(spread(*parcel, round)).unwrap_or(0);
        now.saturating_add(wait).saturating_add(wait * luck / 2_000)
    };
    put_back_until(shell, parcels, &parcels.iter().map(until).collect::<Vec<_>>()).await;
}

/// All at one moment: questions that are counted are asked about as many parcels as they take.
async fn put_back_together(shell: &Shell<Tracking>, parcels: &[Uuid], wait: Duration) {
    let until = shell.host.clock.now().saturating_add(wait);
    put_back_until(shell, parcels, &vec![until; parcels.len()]).await;
}

async fn put_back_until(shell: &Shell<Tracking>, parcels: &[Uuid], until: &[OffsetDateTime]) {
    let result = async {
        let mut cx = shell.begin_log().await?;
        polls::put_back(cx.db(), parcels, until).await?;
        cx.commit().await
    };
    if let Err(fault) = result.await {
        // Their leases run out.
        warn!(cause = chain(&fault), "{} parcels not put back", parcels.len());
    }
}

async fn question(
    shell: &Shell<Tracking>,
    handle: &AccountHandle,
    polling: &dyn Polling,
    parcels: &[Uuid],
    numbers: &HashMap<Uuid, String>,
    hand: Hand,
    send: &mpsc::Sender<Answered>,
) {
    let list: Vec<String> = parcels.iter().filter_map(|id| numbers.get(id).cloned()).collect();
    if let Err(wait) = admit(shell, handle, polling, &list).await {
        put_back_together(shell, parcels, wait).await;
        return;
    }
    let result = call(shell, handle, polling, &list).await;
    let carrier = handle.carrier.info().id;
    let (told_at, tenant_id) = (shell.host.clock.now(), handle.tenant_id().to_uuid());
    let count = |result| {
        metrics::counter(
            "colibri_tracking_polls_total",
            &[("carrier", carrier), ("result", result)],
        )
    };
    let replies = match result {
        Ok(replies) => replies,
        Err(Failed::Wait(wait)) => {
            count("put_back").inc();
            put_back(shell, parcels, wait).await;
            return;
        }
        Err(Failed::Miss) => Vec::new(),
    };
    let mut by_number: HashMap<String, PollReply> =
        replies.into_iter().map(|reply| (number(&reply).to_owned(), reply)).collect();
    let heard = parcels.iter().map(|parcel_id| {
        let reply = numbers.get(parcel_id).and_then(|number| by_number.remove(number));
        let (scans, answer, word) = match reply {
            Some(PollReply::Track(track)) => (track.scans, Answer::Told, "told"),
            Some(PollReply::NotFound { .. }) => (Vec::new(), Answer::Nothing, "not_found"),
            Some(PollReply::Broken { .. }) | None => (Vec::new(), Answer::Nothing, "unreadable"),
        };
        count(word).inc();
        Heard { tenant_id, parcel_id: *parcel_id, scans, told_at, answer }
    });
    let heard: Vec<Heard> = heard.collect();
    if send.send(Answered { heard, _hand: hand }).await.is_err() {
        warn!("the gatherer is gone: answers will be asked for again");
    }
}

/// Whether a carrier counts every question about parcels, and not those of some numbers only.
fn counts_all(carrier: &str) -> bool {
    let polling = colibri_carriers::by_id(carrier).and_then(|carrier| carrier.polling());
    polling.is_some_and(|polling| polling.quota(&Account::default(), &[]).is_some())
}

/// Polls that wait because the carrier's questions of the day, as far as they go by now, are asked.
fn waits(carrier: &str, parcels: usize) {
    let name = "colibri_tracking_quota_waits_total";
    metrics::counter(name, &[("carrier", carrier)]).add(parcels as u64);
}

/// Waits for this account's turn; `Err`: its carrier answers no more for so long.
async fn admit(
    shell: &Shell<Tracking>,
    handle: &AccountHandle,
    polling: &dyn Polling,
    numbers: &[String],
) -> Result<(), Duration> {
    let (carrier, account) = (handle.carrier.info().id, handle.account_id().to_uuid());
    let mut share = shell.state.plan.share(carrier);
    let quota = polling.quota(&handle.account, numbers);
    match quota.map(|quota| shell.state.config.watch.quota(carrier, quota)) {
        Some(day) if day.seconds >= Quota::a_day(1).seconds => {
            let ids = (account, handle.tenant_id().to_uuid());
            let taken = quotas::take(shell, ids, day).await.map_err(|fault| {
                warn!(%account, cause = chain(&fault), "the day's questions cannot be counted");
                SOON
            })?;
            if let Some(until) = taken {
                waits(carrier, numbers.len());
                return Err((until - shell.host.clock.now()).clamp(SOON, LATER));
            }
        }
        shorter => share.quota = shorter,
    }
    shell.state.budgets.admit(account, share).await;
    Ok(())
}

fn number(reply: &PollReply) -> &str {
    match reply {
        PollReply::Track(track) => &track.tracking_number,
        PollReply::NotFound { tracking_number } | PollReply::Broken { tracking_number, .. } => {
            tracking_number
        }
    }
}

async fn call(
    shell: &Shell<Tracking>,
    handle: &AccountHandle,
    polling: &dyn Polling,
    numbers: &[String],
) -> Result<Vec<PollReply>, Failed> {
    let (client, timeout) = (&shell.state.carriers, shell.state.config.request_timeout());
    let build = |call: &Call<'_>| Ok(polling.request(call, numbers));
    let read = |_: &Call<'_>, answer: &_| polling.response(answer, numbers).map(Step::Done);
    let asked = async {
        let first = client.first(handle, build).await?;
        client.ask(handle, first, build, read, timeout).await
    };
    asked.await.map_err(|error| {
        let account = handle.account_id();
        match error {
            CallError::NotSent { after, .. } | CallError::Later { after, .. } => {
                let after = after.and_then(|after| Duration::try_from(after).ok());
                Failed::Wait(after.unwrap_or(SOON).max(SOON))
            }
            CallError::Unauthorised { code } => {
                warn!(%account, code, "credentials of {account} are not accepted");
                Failed::Wait(LATER)
            }
            CallError::Unclear { reason } => {
                warn!(%account, reason, "no readable answer for {account}");
                Failed::Wait(UNCLEAR)
            }
            CallError::Refused { .. } | CallError::Rejected(_) => Failed::Miss,
        }
    })
}
