//! Asking a carrier to call us about parcels. Repeating it is harmless, so nothing is ever in
//! doubt for long; a carrier that refuses costs pushes, not tracking: polls go on as ever. A
//! subscription is renewed when three quarters of its time are over.

use std::{collections::BTreeMap, sync::Arc, time::Duration as StdDuration};

use colibri_carrier_client::{AccountHandle, CallError};
use colibri_carriers::{CarrierError, Push, Step, Subscriptions};
use colibri_kit::{
    fault::{Fault, chain},
    intent::{Attempt, Intent, NewIntent, Outcome, Resolution, Worker, WorkerOptions},
    service::{Cx, Shell},
    shutdown::Shutdown,
    telemetry::metrics,
};
use colibri_types::{AccountId, TenantId};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    Tracking,
    accounts::Unusable,
    error::NOT_SUBSCRIBED,
    store::{parcels::Parcel, polls},
};

/// The carrier's account is not well: credentials, or its own service.
const LATER: StdDuration = StdDuration::from_secs(300);

/// What a carrier's answer says: numbers it refuses, or one more question.
type Read = Result<Step<Vec<String>>, CarrierError>;

/// The worker.
pub struct Subscribe;

/// Ready to be asked.
pub struct Ready {
    handle: Arc<AccountHandle>,
    /// Numbers and their parcels.
    numbers: BTreeMap<String, Uuid>,
}

/// The carrier's answer.
pub struct Subscribed {
    parcels: Vec<Uuid>,
    refused: u64,
    until: OffsetDateTime,
    renew_at: OffsetDateTime,
}

fn subscriptions(carrier: &str) -> Option<&'static dyn Subscriptions> {
    colibri_carriers::by_id(carrier)?.push().and_then(Push::subscriptions)
}

/// Intends to ask for new parcels, each account's together as far as the carrier takes them.
pub fn ask<'a>(cx: &mut Cx<Tracking>, parcels: impl Iterator<Item = &'a Parcel>) {
    let parcels = parcels.map(|p| ((p.tenant_id, p.account_id, p.carrier.as_str()), p.parcel_id));
    // A parcel is new once, so its id names the request.
    intend(cx, parcels, "");
}

/// Tenant, account and carrier.
type Of<'a> = (Uuid, Uuid, &'a str);

fn intend<'a>(
    cx: &mut Cx<Tracking>,
    parcels: impl Iterator<Item = (Of<'a>, Uuid)>,
    occasion: &str,
) {
    let mut by_account: BTreeMap<Of<'a>, Vec<Uuid>> = BTreeMap::new();
    for (account, parcel) in parcels {
        by_account.entry(account).or_default().push(parcel);
    }
    for ((tenant_id, account, carrier), parcels) in by_account {
        let Some(offer) = subscriptions(carrier) else {
            continue;
        };
        for chunk in parcels.chunks(offer.numbers_max().max(1)) {
            let Some(first) = chunk.first() else {
                continue;
            };
            cx.intend(NewIntent {
                tenant_id,
                kind: Subscribe::KIND,
                key: first.to_string(),
                lane: AccountId::from_uuid(account).to_string(),
                dedupe: format!("{first}{occasion}"),
                request: chunk.iter().flat_map(|id| *id.as_bytes()).collect::<Vec<u8>>().into(),
                not_before: None,
            });
        }
    }
}

/// Real time between two looks for subscriptions that end soon: they end days later.
const RENEW_EVERY: StdDuration = StdDuration::from_secs(5);
/// Renewals taken at once: ten calls of UPS's hundred numbers.
const RENEW_MAX: i64 = 1_000;

/// Renews subscriptions before they end, until shutdown.
pub async fn renew(shell: Shell<Tracking>, shutdown: Shutdown) {
    if shell.state.config.public_url.is_empty() {
        return;
    }
    while !shutdown.is_triggered() {
        if let Err(fault) = renew_some(&shell).await {
            tracing::warn!(cause = chain(&fault), "no subscription renewed");
        }
        tokio::select! {
            () = tokio::time::sleep(RENEW_EVERY) => {}
            () = shutdown.triggered() => {}
        }
    }
}

async fn renew_some(shell: &Shell<Tracking>) -> Result<(), Fault> {
    let mut cx = shell.begin_log().await?;
    let now = cx.now();
    let due = polls::take_renewals(cx.db(), now, RENEW_MAX).await?;
    if due.is_empty() {
        cx.rollback().await;
        return Ok(());
    }
    let wanted = due.iter().filter(|due| due.wanted);
    let wanted = wanted.map(|d| ((d.tenant_id, d.account_id, d.carrier.as_str()), d.parcel_id));
    // Taken once, so that the moment names the request.
    intend(&mut cx, wanted, &format!(".{}", now.unix_timestamp()));
    cx.commit().await
}

fn parcels(intent: &Intent) -> Vec<Uuid> {
    intent.request.chunks_exact(16).filter_map(|id| Uuid::from_slice(id).ok()).collect()
}

async fn ready(state: &Arc<Tracking>, intent: &Intent) -> Result<Ready, Fault> {
    let tenant = TenantId::from_uuid(intent.tenant_id);
    let account: AccountId = intent.lane.parse().map_err(Fault::bug)?;
    let handle = state.account(account).await.map_err(|unusable| match unusable {
        Unusable::Now(fault) => fault,
        Unusable::Never(cause) => {
            let text = "the account cannot be used";
            Fault::failed_precondition(NOT_SUBSCRIBED, text).caused_by(cause)
        }
    })?;
    if handle.tenant_id() != tenant {
        return Err(Fault::bug("the parcels' account is another tenant's"));
    }
    let numbers = state.vault.numbers(tenant, &parcels(intent)).await?;
    let numbers: BTreeMap<String, Uuid> =
        numbers.into_iter().map(|(parcel, number)| (number, parcel)).collect();
    if numbers.is_empty() {
        return Err(Fault::failed_precondition(NOT_SUBSCRIBED, "no number is known"));
    }
    Ok(Ready { handle, numbers })
}

impl Worker<Tracking> for Subscribe {
    type Prepared = Ready;
    type Output = Subscribed;

    const KIND: &'static str = "tracking_subscribe";

    fn options(&self, _state: &Tracking) -> WorkerOptions {
        WorkerOptions {
            // Few calls of a hundred numbers each.
            concurrency: 8,
            lease: Duration::seconds(60),
            // Asking again is harmless: a doubt is settled at the first look.
            settle: Duration::ZERO,
            attempts_max: 8,
        }
    }

    async fn prepare(
        &self,
        state: &Arc<Tracking>,
        intents: &[Intent],
    ) -> Vec<Result<Ready, Fault>> {
        let each = intents.iter().map(|intent| ready(state, intent));
        futures::future::join_all(each).await
    }

    async fn call(&self, state: &Arc<Tracking>, attempt: Attempt<Ready>) -> Outcome<Subscribed> {
        let Ready { handle, numbers } = attempt.prepared;
        let Some(offer) = handle.carrier.push().and_then(Push::subscriptions) else {
            return Outcome::NotDone { after: Some(LATER), code: NOT_SUBSCRIBED };
        };
        let (client, config) = (&state.carriers, &state.config);
        let url = webhook_url(&config.public_url, handle.account_id());
        let list: Vec<String> = numbers.keys().cloned().collect();
        let build = |call: &colibri_carriers::Call<'_>| Ok(offer.request(call, &list, &url));
        let asked = async {
            let first = client.first(&handle, build).await?;
            let read = |call: &colibri_carriers::Call<'_>, answer: &_| -> Read {
                let refused = offer.response(answer)?;
                Ok(offer.confirm(call, answer).map_or(Step::Done(refused), Step::Next))
            };
            client.ask(&handle, first, build, read, config.request_timeout()).await
        };
        let refused: Vec<String> = match asked.await {
            Ok(refused) => refused,
            Err(CallError::Refused { .. } | CallError::Rejected(_)) => list.clone(),
            Err(CallError::NotSent { after, .. } | CallError::Later { after, .. }) => {
                return Outcome::NotDone { after: after.or(Some(LATER)), code: NOT_SUBSCRIBED };
            }
            Err(CallError::Unauthorised { .. } | CallError::Unclear { .. }) => {
                return Outcome::NotDone { after: Some(LATER), code: NOT_SUBSCRIBED };
            }
        };
        let accepted = numbers.iter().filter(|(number, _)| !refused.contains(number));
        let parcels: Vec<Uuid> = accepted.map(|(_, parcel)| *parcel).collect();
        let refused = u64::try_from(numbers.len() - parcels.len()).unwrap_or(0);
        let (now, lasts) = (client.now(), offer.lasts());
        // A quarter of the time is left for a carrier that is not well.
        let (until, renew_at) = (now + lasts, now + lasts * 3 / 4);
        Outcome::Known(Subscribed { parcels, refused, until, renew_at })
    }

    async fn record(
        &self,
        cx: &mut Cx<Tracking>,
        intent: &Intent,
        output: &Subscribed,
    ) -> Result<(), Fault> {
        metrics::counter("colibri_tracking_push_refused_total", &[]).add(output.refused);
        let Subscribed { parcels, until, renew_at, .. } = output;
        polls::pushed(cx.db(), intent.tenant_id, parcels, *until, *renew_at).await
    }

    async fn failed(
        &self,
        _cx: &mut Cx<Tracking>,
        intent: &Intent,
        code: &str,
        reason: &str,
    ) -> Result<(), Fault> {
        let count = u64::try_from(intent.request.len() / 16).unwrap_or(0);
        metrics::counter("colibri_tracking_push_refused_total", &[]).add(count);
        tracing::warn!(account = intent.lane, code, reason, "no pushes for {count} parcels");
        Ok(())
    }

    async fn in_doubt(&self, _: &mut Cx<Tracking>, _: &Intent, _: &str) -> Result<(), Fault> {
        Ok(())
    }

    async fn resolve(
        &self,
        _state: &Arc<Tracking>,
        _intent: &Intent,
    ) -> Result<Resolution<Subscribed>, Fault> {
        Ok(Resolution::NotDone)
    }
}

/// Where the carrier calls us about an account.
fn webhook_url(public_url: &str, account: AccountId) -> String {
    format!("{}/{account}", public_url.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_account_is_the_last_part_of_the_url() {
        let account = AccountId::generate();
        let expected = format!("https://hooks.example/in/{account}");
        assert_eq!(webhook_url("https://hooks.example/in/", account), expected);
        assert_eq!(webhook_url("https://hooks.example/in", account), expected);
    }

    #[test]
    fn carriers_that_push_by_number_say_how_many_and_how_long() {
        let offers = colibri_carriers::all().iter().filter_map(|c| subscriptions(c.info().id));
        for offer in offers {
            assert!(offer.numbers_max() > 0 && offer.lasts() > Duration::ZERO);
        }
        assert!(subscriptions("ups").is_some() && subscriptions("nobody").is_none());
    }
}
