//! Buying: at most one label per shipment, whatever breaks.

use std::sync::Arc;

use colibri_carrier_client::{AccountHandle, CallError};
use colibri_carriers::{Label, Purchase as Sale, Rejection, Shipment};
use colibri_kit::{
    fault::Fault,
    intent::{Attempt, Express, Intent, Outcome, Resolution, Worker, WorkerOptions},
    service::Cx,
};
use tracing::{info, warn};

use super::{
    prepare::{self, Attempted, Prepared},
    record, resolve, seal,
};
use crate::{
    Labels,
    domain::options,
    error::{Ended, codes},
};

/// The worker that buys.
#[derive(Debug)]
pub struct Purchase;

/// What is known after a call.
#[derive(Debug)]
pub enum Output {
    /// Paid.
    Bought(Box<Bought>),
    /// A definite no.
    Refused {
        /// The carrier's code.
        carrier_code: String,
    },
}

/// A purchase that happened.
#[derive(Debug)]
pub struct Bought {
    /// What was attempted.
    pub attempted: Attempted,
    /// Numbers, labels, charge.
    pub sale: Sale,
    /// What became of the labels, once they were sealed.
    pub sealed: seal::Sealed,
}

impl Worker<Labels> for Purchase {
    type Prepared = Prepared;
    type Output = Output;

    const KIND: &'static str = super::PURCHASE;

    fn options(&self, state: &Labels) -> WorkerOptions {
        state.config.worker()
    }

    fn express<'a>(&self, state: &'a Labels) -> Option<&'a Express<Prepared>> {
        Some(&state.express)
    }

    async fn prepare(
        &self,
        state: &Arc<Labels>,
        intents: &[Intent],
    ) -> Vec<Result<Prepared, Fault>> {
        prepare::wave(state, intents).await
    }

    async fn call(&self, state: &Arc<Labels>, attempt: Attempt<Prepared>) -> Outcome<Output> {
        let Prepared { handle, first, shipment, attempted } = attempt.prepared;
        let Some(labels) = options::seller(handle.carrier, attempted.way_back()) else {
            return Outcome::NotDone { after: None, code: codes::ACCOUNT };
        };
        let answer = state
            .carriers
            .ask(
                &handle,
                first,
                |call| labels.request(call, &shipment),
                |_, answer| labels.response(answer, &shipment),
                state.config.call_timeout(),
            )
            .await;
        match answer {
            Ok(sale) => {
                info!(
                    shipment = %attempted.shipment_id, carrier = handle.facts.carrier,
                    "label bought for {} at {}", attempted.shipment_id, handle.facts.carrier
                );
                let way_back = attempted.way_back();
                let sale = with_files(state, &handle, way_back, &shipment, sale).await;
                let sealed = seal::Sealed::default();
                Outcome::Known(Output::Bought(Box::new(Bought { attempted, sale, sealed })))
            }
            Err(error) => {
                if matches!(error, CallError::Unauthorised { .. }) {
                    prepare::show_account(state, attempted.shipment_id).await;
                }
                not_bought(error, &attempted)
            }
        }
    }

    async fn before_record(
        &self,
        state: &Arc<Labels>,
        outcomes: &[(Intent, Output)],
    ) -> Result<(), Fault> {
        seal::seal(state, outcomes).await
    }

    async fn record(
        &self,
        cx: &mut Cx<Labels>,
        intent: &Intent,
        output: &Output,
    ) -> Result<(), Fault> {
        match output {
            Output::Bought(bought) => record::bought(cx, bought).await,
            Output::Refused { carrier_code } => {
                let no = record::Refusal {
                    code: codes::REFUSED,
                    carrier_code: Some(carrier_code.as_str()),
                    field: None,
                    reason: None,
                };
                record::refused(cx, intent, &no).await
            }
        }
    }

    async fn failed(
        &self,
        cx: &mut Cx<Labels>,
        intent: &Intent,
        code: &str,
        reason: &str,
    ) -> Result<(), Fault> {
        record::failed(cx, intent, code, reason).await
    }

    async fn in_doubt(
        &self,
        cx: &mut Cx<Labels>,
        intent: &Intent,
        _code: &str,
    ) -> Result<(), Fault> {
        record::in_doubt(cx, intent).await
    }

    async fn resolve(
        &self,
        state: &Arc<Labels>,
        intent: &Intent,
    ) -> Result<Resolution<Output>, Fault> {
        resolve::look_up(state, intent).await
    }
}

/// What a call that is no purchase means for the intent.
fn not_bought(error: CallError, attempted: &Attempted) -> Outcome<Output> {
    match Ended::from(error) {
        Ended::Refused(carrier_code) => Outcome::Known(Output::Refused { carrier_code }),
        Ended::NotDone { after, code } => Outcome::NotDone { after, code },
        Ended::Unclear(reason) => {
            warn!(
                shipment = %attempted.shipment_id, reference = attempted.attempt_ref, reason,
                "purchase of {} in doubt: {reason}", attempted.shipment_id
            );
            Outcome::Unknown { code: codes::IN_DOUBT }
        }
    }
}

/// Asks for label files that a purchase or a lookup came without. A purchase without a file is
/// still one: what cannot be had now stays away.
pub async fn with_files(
    state: &Labels,
    handle: &AccountHandle,
    way_back: bool,
    shipment: &Shipment,
    mut sale: Sale,
) -> Sale {
    for label in &mut sale.labels {
        if label.data.is_empty()
            && let Some(found) =
                file(state, handle, way_back, shipment, &label.tracking_number).await
        {
            *label = found;
        }
    }
    sale
}

/// A valid label again, alone.
pub async fn file(
    state: &Labels,
    handle: &AccountHandle,
    way_back: bool,
    shipment: &Shipment,
    tracking_number: &str,
) -> Option<Label> {
    let labels = options::seller(handle.carrier, way_back)?;
    let build = |call: &colibri_carriers::Call<'_>| {
        let request = labels.label_request(call, tracking_number);
        request.ok_or_else(|| Rejection::new("label", "cannot be asked for again"))
    };
    let first = state.carriers.first(handle, build).await.ok()?;
    let timeout = state.config.call_timeout();
    let read = |call: &colibri_carriers::Call<'_>, answer: &colibri_carriers::HttpResponse| {
        labels.label_response(call, answer, shipment, tracking_number)
    };
    match state.carriers.ask(handle, first, build, read, timeout).await {
        Ok(sale) => sale
            .labels
            .into_iter()
            .find(|label| label.tracking_number == tracking_number && !label.data.is_empty()),
        Err(error) => {
            // Names a code and a form, never a number or an address.
            warn!(account = %handle.account_id(), %error, "no label file: {error}");
            None
        }
    }
}
