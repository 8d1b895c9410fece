//! Doubts, looked up at the carrier by our reference where it can be asked.
//!
//! A find is proof at any time. "There is none" counts only after the carrier's own delay, the
//! longest pause of a process that is tolerated, and, in real time, the longest call.

use colibri_carriers::Found;
use colibri_kit::{
    fault::Fault,
    intent::{Intent, Resolution},
};
use time::{Duration, OffsetDateTime};
use tracing::{info, warn};

use super::{
    prepare::{Attempted, version_of},
    purchase::{Bought, Output, with_files},
    seal::Sealed,
};
use crate::{
    Labels,
    domain::build::{self, Parts},
    error::not_opened,
    store::read::{self, Loaded},
};

/// Between questions whose answers said nothing, by the business clock.
const UNCLEAR_AGAIN: Duration = Duration::minutes(5);

/// Looks one doubt up.
pub async fn look_up(state: &Labels, intent: &Intent) -> Result<Resolution<Output>, Fault> {
    let mut loaded = read::load(&state.db.log, std::slice::from_ref(intent)).await?;
    let loaded =
        loaded.remove(&intent.id).ok_or_else(|| Fault::bug("an intent without its shipment"))?;
    let version = version_of(intent)?;
    let facts = &loaded.shipment.facts;
    let (Some((request, offer)), Some(account)) = (facts.of_version(version), &loaded.account)
    else {
        // The order went on while its label was in doubt: a person knows which one counts.
        return Ok(Resolution::Unclear(None));
    };
    let handle = state.carriers.account_of(account).await.map_err(|error| not_opened(&error))?;
    let Some(lookup) = handle.carrier.lookup() else {
        return Ok(Resolution::Unclear(None));
    };
    let info = handle.carrier.info();
    let format = build::format(state.config.format_of(info.id), info.formats);
    let now = state.carriers.now();
    let parts = Parts {
        request,
        offer,
        declared: None,
        shipment_id: loaded.shipment.shipment_id,
        attempt_ref: intent.reference(),
        format: format.ok_or_else(|| Fault::bug("a carrier of labels without formats"))?,
        now,
        goods: "",
        sides: None,
    };
    let first_day = build::ship_date(loaded.buying_at.unwrap_or(now));
    let question = build::question(&parts, first_day);
    let ask = |call: &colibri_carriers::Call<'_>| Ok(lookup.request(call, &question));
    let first = state.carriers.first(&handle, ask).await.map_err(Fault::retry)?;
    let read = |call: &colibri_carriers::Call<'_>, answer: &colibri_carriers::HttpResponse| {
        lookup.response(call, answer, &question)
    };
    let timeout = state.config.call_timeout();
    let found = state.carriers.ask(&handle, first, ask, read, timeout).await;
    match found.map_err(Fault::retry)? {
        Found::Purchase(sale) => {
            let sale = with_files(state, &handle, request.way_back, &question, *sale).await;
            let attempted = Attempted {
                shipment_id: loaded.shipment.shipment_id,
                tenant_id: loaded.shipment.tenant_id,
                facts: loaded.shipment.facts.clone(),
                version,
                attempt: intent.attempt,
                attempt_ref: parts.attempt_ref,
            };
            let bought = Bought { attempted, sale, sealed: Sealed::default() };
            Ok(Resolution::Known(Output::Bought(Box::new(bought))))
        }
        // Carriers promise their lists for parcels that go out; a way back may not be on them.
        Found::Nothing if request.way_back => Ok(Resolution::Unclear(None)),
        Found::Nothing => Ok(nothing(state, &loaded, lookup.settle(), now)),
        Found::Unclear(reason) => {
            let shipment = loaded.shipment.shipment_id;
            info!(%shipment, reason, "doubt about {shipment} stays: {reason}");
            Ok(Resolution::Unclear(Some(UNCLEAR_AGAIN)))
        }
    }
}

fn nothing(
    state: &Labels,
    loaded: &Loaded,
    carrier: Duration,
    now: OffsetDateTime,
) -> Resolution<Output> {
    let config = &state.config;
    let settle = carrier.max(Duration::seconds(i64::from(config.settle_no_s)));
    let age = loaded.doubt_at.map_or(Duration::ZERO, |at| now - at);
    let left = believe_after(age, settle, loaded.doubt_for, config.call_timeout());
    match left {
        Some(left) => Resolution::Unclear(Some(left)),
        None => {
            let shipment = loaded.shipment.shipment_id;
            warn!(%shipment, "nothing was bought for {shipment}: bought again");
            Resolution::NotDone
        }
    }
}

/// How long to wait, by the business clock, before a *no* is believed; `None`: now.
fn believe_after(
    age: Duration,
    settle: Duration,
    real_age: Duration,
    longest_call: std::time::Duration,
) -> Option<Duration> {
    if age < settle {
        return Some(settle - age);
    }
    // A business clock that runs fast must not outrun a call that is still on its way.
    (real_age < longest_call).then_some(Duration::seconds(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_no_is_believed_after_both_clocks_have_gone_far_enough() {
        let (settle, call) = (Duration::minutes(15), std::time::Duration::from_secs(20));
        let wait = |age, real| believe_after(age, settle, real, call);
        assert_eq!(wait(Duration::minutes(5), Duration::minutes(5)), Some(Duration::minutes(10)));
        assert_eq!(wait(Duration::minutes(15), Duration::minutes(15)), None);
        assert!(wait(Duration::hours(9), Duration::seconds(19)).is_some(), "a fast clock waits");
        assert_eq!(wait(Duration::hours(9), Duration::seconds(20)), None);
    }
}
