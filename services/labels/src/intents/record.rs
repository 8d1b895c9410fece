//! What each outcome of a purchase writes: rows and events, in one transaction with the intent.

use colibri_events::{
    labels::v1::{LabelInDoubt, LabelPurchased, LabelRefused},
    types::v1::Money,
};
use colibri_kit::{
    fault::{Fault, codes as kit_codes},
    intent::Intent,
    service::Cx,
};
use colibri_types::{ShipmentId, TenantId};
use prost_types::Timestamp;
use time::OffsetDateTime;
use tracing::{info, warn};

use super::{prepare::Attempted, purchase::Bought};
use crate::{
    Labels,
    domain::{Shipment, State},
    error::{codes, rejected_part},
    handlers::intend,
    store::{
        documents::{self, BoughtParcel},
        shipments::{self, Said},
    },
};

/// An instant for the wire.
#[must_use]
pub fn timestamp(at: OffsetDateTime) -> Timestamp {
    let nanos = i32::try_from(at.nanosecond()).unwrap_or_default();
    Timestamp { seconds: at.unix_timestamp(), nanos }
}

/// Wakes who waits for the shipment, after the commit.
pub fn wake(cx: &mut Cx<Labels>, shipment_id: ShipmentId) {
    let state = cx.state();
    cx.after_commit(move || state.waiters.wake(shipment_id));
}

/// Wakes who waits for an errand, after the commit. Its id stands in the place of a shipment's.
pub fn wake_errand(cx: &mut Cx<Labels>, errand_id: uuid::Uuid) {
    wake(cx, ShipmentId::from_uuid(errand_id));
}

/// The shipment of an intent, locked.
pub async fn lock(cx: &mut Cx<Labels>, intent: &Intent) -> Result<Shipment, Fault> {
    let shipment_id: ShipmentId = intent.key.parse().map_err(Fault::bug)?;
    let tenant_id = TenantId::from_uuid(intent.tenant_id);
    let found = shipments::lock_one(cx.db(), shipment_id, tenant_id).await?;
    found.ok_or_else(|| Fault::bug("an intent without its shipment"))
}

/// Writes a purchase; voids it at once when its order was cancelled meanwhile.
pub async fn bought(cx: &mut Cx<Labels>, bought: &Bought) -> Result<(), Fault> {
    let attempted = &bought.attempted;
    let parcels = bought.parcels();
    let row = documents::Bought {
        shipment_id: attempted.shipment_id,
        tenant_id: attempted.tenant_id,
        facts: &attempted.facts,
        version: attempted.version,
        attempt_ref: &attempted.attempt_ref,
        charge: bought.sale.charge,
        parcels: &parcels,
    };
    let now = cx.now();
    let (cancelled, asked_at) = documents::bought(cx.db(), &row, now)
        .await?
        .ok_or_else(|| Fault::bug("a purchase without its shipment"))?;
    let missing = parcels.iter().filter(|parcel| parcel.document.is_none()).count();
    if missing > 0 {
        let shipment = attempted.shipment_id;
        warn!(%shipment, missing, "{missing} parcels of {shipment} have no label file");
    }
    for (at, parcel) in parcels.iter().enumerate() {
        let event = purchased(attempted, parcel, (at, parcels.len()), bought, (asked_at, now));
        cx.publish(&event, &format!("parcel {}", at + 1));
    }
    if cancelled {
        let found =
            shipments::lock_one(cx.db(), attempted.shipment_id, attempted.tenant_id).await?;
        if let Some(shipment) = found {
            go_on(cx, shipment).await?;
        }
    }
    wake(cx, attempted.shipment_id);
    Ok(())
}

/// Takes the next step of a shipment that was just settled.
pub async fn go_on(cx: &mut Cx<Labels>, mut shipment: Shipment) -> Result<(), Fault> {
    let was = shipment.clone();
    if let Some(work) = shipment.advance() {
        intend(cx, &shipment, work);
    }
    let now = cx.now();
    if shipment != was {
        shipments::save(cx.db(), &[&shipment], now).await?;
    }
    Ok(())
}

fn purchased(
    attempted: &Attempted,
    parcel: &BoughtParcel,
    (at, count): (usize, usize),
    bought: &Bought,
    (asked_at, now): (Option<OffsetDateTime>, OffsetDateTime),
) -> LabelPurchased {
    let request = attempted.facts.request.clone().unwrap_or_default();
    let offer = attempted.facts.offer.clone().unwrap_or_default();
    let charge = bought.sale.charge.map(|charge| Money {
        amount_minor: charge.amount_minor,
        currency: charge.currency.to_string(),
    });
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    LabelPurchased {
        parcel_id: parcel.parcel_id.to_string(),
        order_id: request.order_id,
        carrier: offer.carrier,
        weight_g: parcel.weight_g,
        amount: if at == 0 { charge.or(offer.amount) } else { None },
        purchased_at: Some(timestamp(now)),
        tenant_id: attempted.tenant_id.to_string(),
        shipment_id: attempted.shipment_id.to_string(),
        service: offer.service,
        account_id: offer.account_id,
        subject_ref: request.subject_ref,
        origin_country: request.origin_country,
        country: request.country,
        promised_latest: offer.promised_latest,
        parcel_index: number(at + 1),
        parcel_count: number(count),
        way_back: request.way_back,
        outbound_shipment_id: request.outbound_shipment_id,
        asked_at: asked_at.map(timestamp),
    }
}

/// Why nothing was bought.
#[derive(Debug, Clone, Copy)]
pub struct Refusal<'a> {
    /// Public code.
    pub code: &'a str,
    /// The carrier's.
    pub carrier_code: Option<&'a str>,
    /// Field at fault.
    pub field: Option<&'a str>,
    /// What the carrier takes there.
    pub reason: Option<&'a str>,
}

/// Writes that nothing was bought; a later version or a cancellation goes on from there.
pub async fn refused(cx: &mut Cx<Labels>, intent: &Intent, no: &Refusal<'_>) -> Result<(), Fault> {
    let shipment = lock(cx, intent).await?;
    close(cx, shipment, no, &intent.reference()).await
}

/// As [`refused`], for a shipment that is locked already.
pub async fn close(
    cx: &mut Cx<Labels>,
    mut shipment: Shipment,
    no: &Refusal<'_>,
    attempt_ref: &str,
) -> Result<(), Fault> {
    let (shipment_id, now) = (shipment.shipment_id, cx.now());
    let said = Said {
        code: Some(no.code),
        carrier_code: no.carrier_code,
        field: no.field,
        reason: no.reason,
        attempt_ref: Some(attempt_ref),
    };
    shipments::mark(cx.db(), shipment_id, State::Refused, &said, now).await?;
    let offer = shipment.facts.offer.clone().unwrap_or_default();
    let event = LabelRefused {
        shipment_id: shipment_id.to_string(),
        tenant_id: shipment.tenant_id.to_string(),
        order_id: offer.order_id,
        carrier: offer.carrier,
        code: no.code.to_owned(),
        carrier_code: no.carrier_code.unwrap_or_default().to_owned(),
        at: Some(timestamp(now)),
        field: no.field.unwrap_or_default().to_owned(),
        reason: no.reason.unwrap_or_default().to_owned(),
    };
    cx.publish(&event, &format!("version {}", shipment.version));
    info!(shipment = %shipment_id, code = no.code, "label of {shipment_id} refused: {}", no.code);
    (shipment.state, shipment.code) = (State::Refused, Some(no.code.to_owned()));
    go_on(cx, shipment).await?;
    wake(cx, shipment_id);
    Ok(())
}

/// Writes that an intent came to nothing before anything left.
pub async fn failed(
    cx: &mut Cx<Labels>,
    intent: &Intent,
    code: &str,
    reason: &str,
) -> Result<(), Fault> {
    if code != codes::SUPERSEDED {
        warn!(intent = %intent.id, code, reason, "label not bought: {code}");
        let (field, limit) = rejected_part(code, reason).unzip();
        // Waited for something until the attempts were used up.
        let waited = [kit_codes::UNAVAILABLE, codes::BUSY].contains(&code);
        let code = if waited { codes::GIVEN_UP } else { code };
        let no = Refusal { code, carrier_code: None, field, reason: limit };
        return refused(cx, intent, &no).await;
    }
    let mut shipment = lock(cx, intent).await?;
    if !matches!(shipment.state, State::Buying | State::InDoubt) {
        return Ok(());
    }
    if let Some(work) = shipment.not_bought() {
        intend(cx, &shipment, work);
    }
    let (shipment_id, now) = (shipment.shipment_id, cx.now());
    shipments::save(cx.db(), &[&shipment], now).await?;
    wake(cx, shipment_id);
    Ok(())
}

/// Writes that money may have moved.
pub async fn in_doubt(cx: &mut Cx<Labels>, intent: &Intent) -> Result<(), Fault> {
    let shipment = lock(cx, intent).await?;
    let (shipment_id, now) = (shipment.shipment_id, cx.now());
    let reference = intent.reference();
    let said =
        Said { code: Some(codes::IN_DOUBT), attempt_ref: Some(&reference), ..Said::default() };
    shipments::mark(cx.db(), shipment_id, State::InDoubt, &said, now).await?;
    let offer = shipment.facts.offer.unwrap_or_default();
    let event = LabelInDoubt {
        shipment_id: shipment_id.to_string(),
        tenant_id: shipment.tenant_id.to_string(),
        order_id: offer.order_id,
        carrier: offer.carrier,
        at: Some(timestamp(now)),
    };
    cx.publish(&event, &format!("{reference} {}", intent.attempt));
    wake(cx, shipment_id);
    Ok(())
}
