//! Voiding what was bought.
//!
//! A void spends nothing, so it is simply asked for again when its answer was lost: the worst that
//! a repetition meets is "already void".

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use colibri_carrier_client::{AccountHandle, CallError, First};
use colibri_carriers::{Label, LabelFormat, Purchase};
use colibri_events::{
    labels::v1::LabelVoided,
    vault::v1::{Field, FieldValue, Flow},
};
use colibri_kit::{
    fault::{Fault, RpcError, chain, codes as kit_codes},
    intent::{Attempt, Intent, Outcome, Resolution, Worker, WorkerOptions},
    service::Cx,
};
use colibri_types::{ParcelId, TenantId};
use time::Duration;
use tracing::{info, warn};

use super::record::{lock, timestamp, wake};
use crate::{
    Labels,
    domain::{State, build, ids},
    error::{codes, not_opened, not_prepared, peer},
    store::{
        read::{self, Loaded},
        shipments::{self, Said},
    },
    vault::Opened,
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
    first: First,
    purchase: Purchase,
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
        let config = &state.config;
        WorkerOptions {
            concurrency: config.concurrency,
            lease: Duration::seconds(i64::from(config.lease_s)),
            settle: Duration::seconds(i64::from(config.look_up_s)),
            attempts_max: config.attempts_max,
        }
    }

    async fn prepare(
        &self,
        state: &Arc<Labels>,
        intents: &[Intent],
    ) -> Vec<Result<Prepared, Fault>> {
        let mut loaded = match read::load(&state.db.log, intents).await {
            Ok(loaded) => loaded,
            Err(fault) => {
                let why = chain(&fault);
                return intents.iter().map(|_| Err(Fault::retry(why.clone()))).collect();
            }
        };
        let numbers = open_numbers(state, loaded.values()).await;
        let mut wave = Vec::with_capacity(intents.len());
        for intent in intents {
            wave.push(one(state, loaded.remove(&intent.id), &numbers).await);
        }
        wave
    }

    async fn call(&self, state: &Arc<Labels>, attempt: Attempt<Prepared>) -> Outcome<Output> {
        let Prepared { handle, first, purchase } = attempt.prepared;
        let Some(voids) = handle.carrier.voids() else {
            return Outcome::NotDone { after: None, code: codes::NO_VOID };
        };
        let answer = state
            .carriers
            .ask(
                &handle,
                first,
                |call| voids.request(call, &purchase),
                |_, answer| voids.response(answer),
                state.config.call_timeout(),
            )
            .await;
        match answer {
            Ok(()) => Outcome::Known(Output::Voided),
            Err(CallError::Refused { code }) => {
                Outcome::Known(Output::Refused { carrier_code: code })
            }
            Err(CallError::NotSent { after, .. } | CallError::Later { after, .. }) => {
                Outcome::NotDone { after, code: codes::BUSY }
            }
            Err(CallError::Unauthorised { .. }) => {
                Outcome::NotDone { after: None, code: codes::ACCOUNT }
            }
            Err(CallError::Rejected(_) | CallError::Unclear { .. }) => {
                Outcome::NotDone { after: None, code: codes::BUSY }
            }
        }
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

type Numbers = HashMap<TenantId, Result<Opened, RpcError>>;

async fn open_numbers(state: &Labels, all: impl Iterator<Item = &Loaded>) -> Numbers {
    let mut wanted: HashMap<TenantId, Vec<String>> = HashMap::new();
    for loaded in all {
        let refs = wanted.entry(loaded.shipment.tenant_id).or_default();
        refs.extend(parcels(loaded).map(|parcel| parcel.to_string()));
    }
    let mut numbers = Numbers::with_capacity(wanted.len());
    for (tenant, refs) in wanted {
        numbers.insert(tenant, state.vault.reveal(tenant, Flow::LabelVoid, FIELDS, refs).await);
    }
    numbers
}

async fn one(state: &Labels, loaded: Option<Loaded>, numbers: &Numbers) -> Result<Prepared, Fault> {
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
    let first = state
        .carriers
        .first(&handle, |call| voids.request(call, &purchase))
        .await
        .map_err(not_prepared)?;
    Ok(Prepared { handle, first, purchase })
}

/// The purchase again, as its numbers lie in the vault.
fn purchase(loaded: &Loaded, numbers: &Numbers) -> Result<Purchase, Fault> {
    let opened = match numbers.get(&loaded.shipment.tenant_id) {
        Some(Ok(opened)) => opened,
        Some(Err(error)) => return Err(peer(error)),
        None => return Err(Fault::bug("a tenant whose numbers were not opened")),
    };
    let mut shipment_number = String::new();
    let mut labels = Vec::new();
    for parcel in parcels(loaded) {
        let fields: &[FieldValue] = match opened.get(&parcel.to_string()) {
            Some(Ok(fields)) => fields,
            Some(Err(denied)) => return Err(denied.fault()),
            None => return Err(Fault::retry("the vault left a record out")),
        };
        let number = |field| build::value(fields, field).unwrap_or_default().to_owned();
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
    let said = Said { code: Some(code), carrier_code, ..Said::default() };
    shipments::mark(cx.db(), shipment_id, State::Bought, &said, now).await?;
    wake(cx, shipment_id);
    Ok(())
}
