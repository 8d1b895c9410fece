//! What a caller is told about an order it sent.

use colibri_events::orders::v1::{Explanation, SubmitResult};
use colibri_kit::telemetry::metrics;
use colibri_types::OrderId;
use time::OffsetDateTime;

use crate::{
    domain::{
        facts::State,
        intake::Draft,
        known::{self, Again, Known},
    },
    error,
    store::Stored,
    view,
};

/// The order was not taken in.
#[must_use]
pub fn refused(code: &str, reasons: Vec<Explanation>) -> SubmitResult {
    SubmitResult { refused: code.to_owned(), reasons, ..SubmitResult::default() }
}

/// The answer, when nothing is to be written; `newer` gathers versions to remember.
#[must_use]
pub fn decide(
    draft: &Draft,
    order: &Stored,
    newer: &mut Vec<(OrderId, OffsetDateTime)>,
) -> Option<SubmitResult> {
    let is = Known {
        state: order.state,
        labelled: order.labelled,
        fingerprint: &order.fingerprint,
        updated_at: order.updated_at,
    };
    match known::compare(is, &draft.fingerprint, draft.updated_at) {
        Again::Amend => None,
        Again::Replayed => Some(replayed(order, draft)),
        Again::Newer => {
            newer.extend(draft.updated_at.map(|at| (order.order_id, at)));
            Some(replayed(order, draft))
        }
        Again::Stale => {
            let detail = "what is known of the order is newer: nothing was changed".to_owned();
            let (code, field) = (error::STALE.to_owned(), "updated_at".to_owned());
            let mut answer = replayed(order, draft);
            answer.reasons.push(Explanation { code, field, detail });
            Some(answer)
        }
        Again::Refused => {
            let detail = match order.state {
                State::Cancelled => "the order is cancelled",
                _ => "the order goes its way already; hold it before sending other content",
            };
            let code = error::OTHER_CONTENT.to_owned();
            let reason = Explanation { code, field: String::new(), detail: detail.to_owned() };
            Some(refused(error::OTHER_CONTENT, vec![reason]))
        }
    }
}

/// The answer about an order that is known.
#[must_use]
pub fn replayed(order: &Stored, draft: &Draft) -> SubmitResult {
    SubmitResult {
        order_id: order.order_id.to_string(),
        state: order.state.to_proto().into(),
        reasons: view::explain(&order.reasons, &draft.address),
        replayed: true,
        refused: String::new(),
    }
}

/// Counts outcomes.
pub fn count(results: &[SubmitResult]) {
    for result in results {
        let outcome = match State::ALL.iter().find(|(s, _)| s.to_proto() == result.state()) {
            _ if !result.refused.is_empty() => "refused",
            _ if result.replayed => "replayed",
            Some((_, name)) => name,
            None => "none",
        };
        metrics::counter("colibri_orders_submitted_total", &[("outcome", outcome)]).inc();
    }
}
