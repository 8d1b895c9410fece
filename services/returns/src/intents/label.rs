//! A label for the way back, bought by labels: asked with one request id for the label's whole
//! life, so that however often it is asked, one is bought.

use std::{collections::BTreeMap, sync::Arc, time::Duration as StdDuration};

use bytes::Bytes;
use colibri_events::{
    labels::v1::{
        PurchaseReturnRequest, ReturnContent, Shipment, ShipmentState,
        labels_service_client::LabelsServiceClient,
    },
    returns::v1::ReturnParcelExpected,
    types::v1::Parcel,
};
use colibri_kit::{
    db,
    fault::{Fault, RpcError},
    intent::{Attempt, Intent, Outcome, Worker, WorkerOptions},
    service::Cx,
};
use colibri_returns_rules::case::{Action, Actor};
use colibri_types::{ParcelId, ReturnId, ShipmentId, TenantId};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use time::Duration;
use tracing::warn;
use uuid::Uuid;

use crate::{
    Returns,
    domain::{about::WayBack, words},
    error::{BUSY, NO_LABEL},
    events::Teller,
    handlers,
    open::{self, Open},
    store::{
        labels::{self, Cost},
        parcels,
    },
};

/// The worker that asks labels.
#[derive(Debug)]
pub struct BuyLabel;

/// What labels said.
#[derive(Debug)]
pub enum Said {
    /// Bought.
    Bought(Box<Shipment>),
    /// Refused, with the code of labels.
    Refused(String),
}

#[derive(Debug, Serialize, Deserialize)]
struct Wanted {
    return_id: Uuid,
    number: i16,
}

/// While labels or a carrier are away, or a purchase is in doubt there.
const LATER: StdDuration = StdDuration::from_secs(2);

/// The request of an intent.
#[must_use]
pub fn request(return_id: Uuid, number: i16) -> Bytes {
    serde_json::to_vec(&Wanted { return_id, number }).unwrap_or_default().into()
}

fn wanted(intent: &Intent) -> Result<(ReturnId, i16), Fault> {
    let wanted: Wanted = serde_json::from_slice(&intent.request).map_err(Fault::bug)?;
    Ok((ReturnId::from_uuid(wanted.return_id), wanted.number))
}

impl Worker<Returns> for BuyLabel {
    type Prepared = PurchaseReturnRequest;
    type Output = Said;

    const KIND: &'static str = super::LABEL;

    fn options(&self, state: &Returns) -> WorkerOptions {
        WorkerOptions {
            concurrency: state.config.concurrency,
            lease: Duration::seconds(i64::from(state.config.lease_s)),
            settle: Duration::seconds(1),
            attempts_max: i32::MAX,
        }
    }

    async fn prepare(
        &self,
        state: &Arc<Returns>,
        intents: &[Intent],
    ) -> Vec<Result<PurchaseReturnRequest, Fault>> {
        let mut prepared = Vec::with_capacity(intents.len());
        for intent in intents {
            prepared.push(build(state, intent).await);
        }
        prepared
    }

    async fn call(
        &self,
        state: &Arc<Returns>,
        attempt: Attempt<PurchaseReturnRequest>,
    ) -> Outcome<Said> {
        let tenant = TenantId::from_uuid(attempt.intent.tenant_id);
        let mut client = LabelsServiceClient::new(state.peers.to("labels", tenant));
        match client.purchase_return(attempt.prepared).await {
            Ok(answer) => {
                let shipment = answer.into_inner();
                match shipment.state() {
                    ShipmentState::Bought => Outcome::Known(Said::Bought(Box::new(shipment))),
                    ShipmentState::Refused | ShipmentState::Voided | ShipmentState::Cancelled => {
                        Outcome::Known(Said::Refused(shipment.code))
                    }
                    // On its way, or in doubt there: the same question gets the answer later.
                    _ => Outcome::NotDone { after: Some(LATER), code: BUSY },
                }
            }
            Err(status) => {
                let error = RpcError::from_status(&status);
                let broke = std::error::Error::source(&status).is_some();
                match error.reason {
                    Some(code) if !error.clears_by_itself() && !broke => {
                        Outcome::Known(Said::Refused(code))
                    }
                    // Asked again with the same request id: labels buys once.
                    _ => Outcome::NotDone { after: Some(LATER), code: BUSY },
                }
            }
        }
    }

    async fn record(
        &self,
        cx: &mut Cx<Returns>,
        intent: &Intent,
        said: &Said,
    ) -> Result<(), Fault> {
        let (id, number) = wanted(intent)?;
        let tenant = TenantId::from_uuid(intent.tenant_id);
        let mut open = open::lock(cx, tenant, id).await?;
        match said {
            Said::Bought(shipment) => bought(cx, &mut open, number, shipment).await?,
            Said::Refused(code) => {
                labels::refused(cx.db(), intent.tenant_id, id.to_uuid(), number, code).await?;
            }
        }
        open.finish(cx).await
    }

    async fn failed(
        &self,
        cx: &mut Cx<Returns>,
        intent: &Intent,
        code: &str,
        reason: &str,
    ) -> Result<(), Fault> {
        warn!(key = intent.key, code, reason, "label {} cannot be asked for", intent.key);
        let (id, number) = wanted(intent)?;
        let tenant = TenantId::from_uuid(intent.tenant_id);
        let open = open::lock(cx, tenant, id).await?;
        labels::refused(cx.db(), intent.tenant_id, id.to_uuid(), number, code).await?;
        open.finish(cx).await
    }

    /// A lease ran out while labels was asked. Labels keeps what it bought under the request id, so
    /// asking again is a look-up.
    async fn in_doubt(&self, _: &mut Cx<Returns>, _: &Intent, _: &str) -> Result<(), Fault> {
        Ok(())
    }

    async fn resolve(
        &self,
        _: &Arc<Returns>,
        _: &Intent,
    ) -> Result<colibri_kit::intent::Resolution<Said>, Fault> {
        Ok(colibri_kit::intent::Resolution::NotDone)
    }
}

async fn build(state: &Arc<Returns>, intent: &Intent) -> Result<PurchaseReturnRequest, Fault> {
    let (id, number) = wanted(intent)?;
    let mut tx = db::begin(&state.db.log).await?;
    let tenant = TenantId::from_uuid(intent.tenant_id);
    let open = open::lock_on(&mut tx, state, tenant, id).await?;
    let over = open.case.is_closed() || open.row.decision.is_some();
    // What was asked once may be bought: labels is asked again, and what it has is voided.
    if over && intent.attempt <= 1 {
        return Err(Fault::reject(NO_LABEL, "the return was called off"));
    }
    let all = labels::of(&mut tx, intent.tenant_id, &[id.to_uuid()]).await?;
    let label = all.into_iter().find(|label| label.number == number);
    let label = label.ok_or_else(|| Fault::bug("an intent without its label"))?;
    let settings = &open.rules.settings;
    let weight = weight(&open, &label);
    let parcel = label.parcel.map(|parcel| parcel.0);
    let [length_mm, width_mm, height_mm] = parcel.map_or([0; 3], |parcel| parcel.size_mm);
    let weight_g = parcel.map(|parcel| parcel.weight_g).filter(|g| *g > 0).or(weight);
    let parcels = weight_g.map(|weight_g| Parcel { weight_g, length_mm, width_mm, height_mm });
    Ok(PurchaseReturnRequest {
        request_id: format!("{id}-{number}"),
        shipment_id: ShipmentId::from_uuid(open.sale.shipment_id).to_string(),
        account_id: settings.return_account.clone(),
        service: settings.return_service.clone(),
        parcels: parcels.into_iter().collect(),
        site_id: settings.return_site.clone(),
        contents: contents(&open, &label),
        drop_off: open.row.about.drop_off.clone().map(Into::into),
    })
}

/// What customs on the way are told to come back: nobody asks where there is no border.
fn contents(open: &Open, label: &labels::Label) -> Vec<ReturnContent> {
    let about = &open.row.about;
    let told = label.contents.iter().filter(|_| about.cross_border);
    let content = |(line, units): (&u16, &u32)| ReturnContent {
        sku: about.sku(*line).to_owned(),
        quantity: *units,
        parcel: 0,
    };
    told.map(content).collect()
}

/// Grams of the contents; None: some unit's weight is not known, and it goes back as it went out.
fn weight(open: &Open, label: &labels::Label) -> Option<u32> {
    let of = |(line, units): (&u16, &u32)| {
        let unit = open.row.about.lines.get(line)?.weight_g?;
        unit.checked_mul(*units)
    };
    let all: Option<Vec<u32>> = label.contents.0.iter().map(of).collect();
    all.map(|all| all.into_iter().sum()).filter(|grams| *grams > 0)
}

async fn bought(
    cx: &mut Cx<Returns>,
    open: &mut Open,
    number: i16,
    shipment: &Shipment,
) -> Result<(), Fault> {
    let (tenant, id, now) = (open.row.tenant_id, open.row.return_id, cx.now());
    let all = labels::of(cx.db(), tenant, &[id]).await?;
    let label = all.into_iter().find(|label| label.number == number);
    let mut label = label.ok_or_else(|| Fault::bug("an intent without its label"))?;
    let known: ShipmentId = shipment.shipment_id.parse().map_err(Fault::bug)?;
    label.shipment_id = Some(known.to_uuid());
    label.carrier.clone_from(&shipment.carrier);
    label.cost = shipment.amount.as_ref().map(|cost| {
        let (amount_minor, currency) = (cost.amount_minor, cost.currency.clone());
        Json(Cost { amount_minor, currency })
    });
    if open.row.about.way_back == WayBack::Code {
        // 122 random bits, and no meaning.
        label.code = Some(Uuid::new_v4().simple().to_string());
        label.code_until = Some(now + Duration::days(i64::from(cx.state().config.code_days)));
    }
    labels::bought(cx.db(), tenant, &label).await?;
    let contents: BTreeMap<u16, u32> = label.contents.0.clone();
    let label_no = u16::try_from(number).map_err(Fault::bug)?;
    let action = Action::IssueLabel {
        label: label_no,
        contents: contents.iter().map(|(line, units)| (*line, *units)).collect(),
    };
    let key = words::key(&["label", &open.id().to_string(), &number.to_string()]);
    if let Err(refusal) = open.act(key, now, Actor::Policy, action) {
        // Called off while it was bought: nothing travels under it, and it is voided.
        warn!(return_id = %open.id(), number, %refusal, "a label came too late");
        return Ok(());
    }
    expected(cx, open, number, shipment, &contents);
    let ids: Result<Vec<Uuid>, _> = shipment
        .parcels
        .iter()
        .map(|parcel| parcel.parcel_id.parse::<ParcelId>().map(ParcelId::to_uuid))
        .collect();
    let seen = parcels::bind(cx.db(), tenant, (id, number), &ids.map_err(Fault::bug)?).await?;
    // Tracking may have told of it before.
    for parcel in &seen {
        handlers::moved(open, parcel)?;
        handlers::clock(cx, open, parcel).await?;
    }
    Ok(())
}

fn expected(
    cx: &mut Cx<Returns>,
    open: &Open,
    number: i16,
    shipment: &Shipment,
    contents: &BTreeMap<u16, u32>,
) {
    let teller = Teller::new(&open.row, cx.now(), open.sale.site_id);
    let (return_id, tenant_id, order_id) = teller.ids();
    let version = u64::try_from(open.row.version).unwrap_or_default() + 1;
    let lines = contents.iter().map(|(line, units)| teller.line(*line, *units)).collect();
    let event = ReturnParcelExpected {
        return_id,
        tenant_id,
        order_id,
        label: u32::try_from(number).unwrap_or_default(),
        shipment_id: shipment.shipment_id.clone(),
        lines,
        declaration_id: open.row.about.declaration_id.clone(),
        version,
        at: teller.at(),
    };
    teller.publish(cx, &event, &format!("label:{number}"));
    let fact = format!("label_cost:{number}");
    let cost = (shipment.amount.as_ref(), shipment.carrier.as_str());
    teller.cost(cx, ("label_cost", &fact), cost, contents);
}
