//! Voiding what was bought.
//!
//! A void spends nothing, so it is simply asked for again when its answer was lost: the worst that
//! a repetition meets is "already void". Where a carrier voids parcel by parcel, what is void is
//! written down at once, so that a repetition asks for the rest only; the first refusal ends it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use bytes::Bytes;
use colibri_carrier_client::{AccountHandle, CallError, First};
use colibri_carriers::{Label, LabelFormat, Purchase, Voids};
use colibri_events::{
    labels::v1::LabelVoided,
    vault::v1::{Field, Flow},
};
use colibri_kit::{
    fault::{Fault, chain, codes as kit_codes},
    intent::{Attempt, Intent, Outcome, Resolution, Worker, WorkerOptions},
    service::Cx,
};
use colibri_types::{ParcelId, ShipmentId};
use colibri_vault_client::{OpenedByTenant, value};
use tracing::{info, warn};

use super::{
    prepare::all_later,
    record::{lock, timestamp, wake},
};
use crate::{
    Labels,
    domain::{State, ids},
    error::{Ended, codes, gone, not_opened, not_prepared},
    store::{
        parts,
        read::{self, Loaded},
        shipments::{self, Said},
    },
};

/// What the flow `label_void` may see.
const FIELDS: &[Field] = &[Field::TrackingNumber, Field::ShipmentNumber];

/// The worker that voids.
#[derive(Debug)]
pub struct Void;

/// A void that only needs to be sent.
#[derive(Debug)]
pub struct Prepared {
    handle: Arc<AccountHandle>,
    shipment_id: ShipmentId,
    /// What is not void yet, each asked for by itself.
    parts: Vec<Part>,
    /// The request of the first of them; `None` when all are void.
    first: Option<First>,
}

/// What one request voids.
#[derive(Debug)]
struct Part {
    purchase: Purchase,
    /// Its parcels, where they are not the whole shipment.
    parcels: Vec<ParcelId>,
}

/// What a carrier said.
#[derive(Debug)]
pub enum Output {
    /// Void.
    Voided,
    /// It keeps the purchase.
    Refused {
        /// The carrier's code.
        carrier_code: String,
    },
}

impl Worker<Labels> for Void {
    type Prepared = Prepared;
    type Output = Output;

    const KIND: &'static str = super::VOID;

    fn options(&self, state: &Labels) -> WorkerOptions {
        state.config.worker()
    }

    async fn prepare(
        &self,
        state: &Arc<Labels>,
        intents: &[Intent],
    ) -> Vec<Result<Prepared, Fault>> {
        let mut loaded = match read::load(&state.db.log, intents).await {
            Ok(loaded) => loaded,
            Err(fault) => return all_later(intents, &chain(&fault)),
        };
        let shipments: Vec<ShipmentId> =
            loaded.values().map(|loaded| loaded.shipment.shipment_id).collect();
        let void = match parts::voided(&state.db.log, &shipments).await {
            Ok(void) => void,
            Err(fault) => return all_later(intents, &chain(&fault)),
        };
        let wanted = loaded.values().flat_map(|loaded| {
            let tenant = loaded.shipment.tenant_id;
            parcels(loaded).map(move |parcel| (tenant, parcel.to_string()))
        });
        let numbers = state.vault.reveal_each(Flow::LabelVoid, FIELDS, wanted).await;
        let mut wave = Vec::with_capacity(intents.len());
        for intent in intents {
            wave.push(one(state, loaded.remove(&intent.id), &numbers, &void).await);
        }
        wave
    }

    async fn call(&self, state: &Arc<Labels>, attempt: Attempt<Prepared>) -> Outcome<Output> {
        let Prepared { handle, shipment_id, parts, mut first } = attempt.prepared;
        let Some(voids) = handle.carrier.voids() else {
            return Outcome::NotDone { after: None, code: codes::NO_VOID };
        };
        for part in &parts {
            if let Err(error) = void_part(state, &handle, voids, part, first.take()).await {
                return match Ended::from(error) {
                    Ended::Refused(carrier_code) => {
                        Outcome::Known(Output::Refused { carrier_code })
                    }
                    Ended::NotDone { after, code } => Outcome::NotDone { after, code },
                    Ended::Unclear(_) => Outcome::NotDone { after: None, code: codes::BUSY },
                };
            }
            if !part.parcels.is_empty() {
                let now = state.carriers.now();
                if let Err(cause) = parts::void(&state.db.log, &part.parcels, now).await {
                    // Asked for again, the carrier says that it is void, or refuses it as such.
                    warn!(shipment = %shipment_id, %cause, "a void part is not written down");
                }
            }
        }
        Outcome::Known(Output::Voided)
    }

    async fn record(
        &self,
        cx: &mut Cx<Labels>,
        intent: &Intent,
        output: &Output,
    ) -> Result<(), Fault> {
        match output {
            Output::Voided => voided(cx, intent).await,
            Output::Refused { carrier_code } => {
                kept(cx, intent, codes::VOID_REFUSED, Some(carrier_code)).await
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
        warn!(intent = %intent.id, code, reason, "label not voided: {code}");
        let waited = [kit_codes::UNAVAILABLE, codes::BUSY].contains(&code);
        let code = if waited { codes::GIVEN_UP } else { code };
        kept(cx, intent, code, None).await
    }

    async fn in_doubt(
        &self,
        _cx: &mut Cx<Labels>,
        _intent: &Intent,
        _code: &str,
    ) -> Result<(), Fault> {
        Ok(())
    }

    async fn resolve(
        &self,
        _state: &Arc<Labels>,
        _intent: &Intent,
    ) -> Result<Resolution<Output>, Fault> {
        Ok(Resolution::NotDone)
    }
}

fn parcels(loaded: &Loaded) -> impl Iterator<Item = ParcelId> {
    let request = loaded.shipment.facts.request.as_ref();
    let count = request.map_or(0, |request| request.parcels.len());
    let shipment_id = loaded.shipment.shipment_id;
    (1..=count).map(move |index| ids::parcel(shipment_id, index))
}

/// Asks for one part.
async fn void_part(
    state: &Labels,
    handle: &AccountHandle,
    voids: &dyn Voids,
    part: &Part,
    first: Option<First>,
) -> Result<(), CallError> {
    let build = |call: &colibri_carriers::Call<'_>| voids.request(call, &part.purchase);
    let first = match first {
        Some(first) => first,
        None => state.carriers.first(handle, build).await?,
    };
    let timeout = state.config.call_timeout();
    state.carriers.ask(handle, first, build, |_, answer| voids.response(answer), timeout).await
}

async fn one(
    state: &Labels,
    loaded: Option<Loaded>,
    numbers: &OpenedByTenant,
    void: &HashSet<ParcelId>,
) -> Result<Prepared, Fault> {
    let loaded = loaded.ok_or_else(|| Fault::bug("an intent without its shipment"))?;
    if loaded.shipment.state != State::Voiding {
        return Err(Fault::reject(codes::SUPERSEDED, "no longer to be voided"));
    }
    let account = loaded
        .account
        .as_ref()
        .ok_or_else(|| Fault::retry("the account of the shipment was not heard of yet"))?;
    let purchase = purchase(&loaded, numbers)?;
    let handle = state.carriers.account_of(account).await.map_err(|error| not_opened(&error))?;
    let Some(voids) = handle.carrier.voids() else {
        return Err(Fault::reject(codes::NO_VOID, "this carrier offers no void"));
    };
    let parts = open_parts(voids, &purchase, &parcels(&loaded).collect::<Vec<_>>(), void);
    let first = match parts.first() {
        Some(part) => {
            let build = |call: &colibri_carriers::Call<'_>| voids.request(call, &part.purchase);
            Some(state.carriers.first(&handle, build).await.map_err(not_prepared)?)
        }
        None => None,
    };
    let shipment_id = loaded.shipment.shipment_id;
    Ok(Prepared { handle, shipment_id, parts, first })
}

/// What is left to void.
fn open_parts(
    voids: &dyn Voids,
    purchase: &Purchase,
    parcels: &[ParcelId],
    void: &HashSet<ParcelId>,
) -> Vec<Part> {
    let by_number: HashMap<&str, ParcelId> = purchase
        .labels
        .iter()
        .map(|label| label.tracking_number.as_str())
        .zip(parcels.iter().copied())
        .collect();
    let whole = voids.parts(purchase);
    if let [_] = whole.as_slice() {
        let part = |purchase| Part { purchase, parcels: Vec::new() };
        return whole.into_iter().map(part).collect();
    }
    let named = whole.into_iter().map(|purchase| {
        let numbers = purchase.labels.iter().map(|label| label.tracking_number.as_str());
        let parcels = numbers.filter_map(|number| by_number.get(number).copied()).collect();
        Part { purchase, parcels }
    });
    named.filter(|part| part.parcels.iter().any(|parcel| !void.contains(parcel))).collect()
}

/// The purchase again, as its numbers lie in the vault.
fn purchase(loaded: &Loaded, numbers: &OpenedByTenant) -> Result<Purchase, Fault> {
    let mut shipment_number = String::new();
    let mut labels = Vec::new();
    let opened = numbers.of(loaded.shipment.tenant_id)?;
    for parcel in parcels(loaded) {
        let fields = opened.record(&parcel.to_string())?.ok_or_else(gone)?;
        let number = |field| value(fields, field).unwrap_or_default().to_owned();
        if shipment_number.is_empty() {
            shipment_number = number(Field::ShipmentNumber);
        }
        labels.push(Label {
            tracking_number: number(Field::TrackingNumber),
            format: LabelFormat::Pdf,
            data: Bytes::new(),
        });
    }
    Ok(Purchase { shipment_number, labels, charge: None })
}

async fn voided(cx: &mut Cx<Labels>, intent: &Intent) -> Result<(), Fault> {
    let shipment = lock(cx, intent).await?;
    let (shipment_id, now) = (shipment.shipment_id, cx.now());
    shipments::mark(cx.db(), shipment_id, State::Voided, &Said::default(), now).await?;
    let count = shipment.facts.request.as_ref().map_or(0, |request| request.parcels.len());
    let event = LabelVoided {
        shipment_id: shipment_id.to_string(),
        tenant_id: shipment.tenant_id.to_string(),
        order_id: shipment.facts.offer.unwrap_or_default().order_id,
        parcel_ids: (1..=count).map(|i| ids::parcel(shipment_id, i).to_string()).collect(),
        at: Some(timestamp(now)),
    };
    cx.publish(&event, "voided");
    info!(shipment = %shipment_id, "label of {shipment_id} voided");
    wake(cx, shipment_id);
    Ok(())
}

/// The purchase stands; why it was not voided is shown.
async fn kept(
    cx: &mut Cx<Labels>,
    intent: &Intent,
    code: &str,
    carrier_code: Option<&str>,
) -> Result<(), Fault> {
    let shipment = lock(cx, intent).await?;
    if shipment.state != State::Voiding {
        return Ok(());
    }
    let (shipment_id, now) = (shipment.shipment_id, cx.now());
    let in_part = parts::any(cx.db(), shipment_id).await?;
    let code = if in_part { codes::VOIDED_IN_PART } else { code };
    let said = Said { code: Some(code), carrier_code, ..Said::default() };
    shipments::mark(cx.db(), shipment_id, State::Bought, &said, now).await?;
    wake(cx, shipment_id);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn only_what_is_not_void_is_asked_for() {
        let label = |number: &str| Label {
            tracking_number: number.to_owned(),
            format: LabelFormat::Pdf,
            data: Bytes::new(),
        };
        let purchase = Purchase {
            shipment_number: "ZA00AB13,ZA00AB14".to_owned(),
            labels: vec![label("90000000017"), label("90000000028")],
            charge: None,
        };
        let parcels = [ParcelId::generate(), ParcelId::generate()];
        let open = |carrier: &str, void: &[ParcelId]| {
            let voids = colibri_carriers::by_id(carrier).unwrap().voids().unwrap();
            let void = void.iter().copied().collect();
            let parts = open_parts(voids, &purchase, &parcels, &void);
            parts.into_iter().map(|part| part.purchase.shipment_number).collect::<Vec<_>>()
        };
        assert_eq!(open("gls", &[]), ["ZA00AB13", "ZA00AB14"]);
        assert_eq!(open("gls", &parcels[..1]), ["ZA00AB14"]);
        assert_eq!(open("gls", &parcels), Vec::<String>::new());
        assert_eq!(open("chronopost", &[]), ["ZA00AB13,ZA00AB14"], "at once");
    }
}
