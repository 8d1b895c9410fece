//! What is told to the others about a change of an order.

use colibri_events::{
    orders::v1::{
        FulfilmentRequested, Goods, OrderAccepted, OrderAmended, OrderCancelled, OrderHeld,
        OrderReleased,
    },
    types::v1::Reason as PbReason,
};
use colibri_kit::service::Cx;
use colibri_types::TenantId;
use prost::Message as _;

use crate::{
    Orders,
    domain::{
        facts::{self, State, money},
        holds::Checked,
    },
    store::Stored,
};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It came in.
    New,
    /// Its content was replaced and checked again.
    Amended,
    /// Somebody released it; the checks may hold it again.
    Released,
    /// Somebody holds it.
    Held,
    /// It is off.
    Cancelled,
}

/// Publishes what follows from a change, in the order in which it is to be heard. `order` is as
/// it is stored from now on; `checked` are site and parcels of an accepted one.
pub fn announce(
    cx: &mut Cx<Orders>,
    tenant: TenantId,
    order: &Stored,
    change: Change,
    checked: Option<&Checked>,
) {
    let accepted = order.state == State::Accepted;
    if change == Change::Amended {
        amended(cx, tenant, order);
    }
    match change {
        Change::Cancelled => return cancelled(cx, tenant, order),
        Change::New if accepted => self::accepted(cx, tenant, order),
        Change::Amended | Change::Released if accepted => released(cx, tenant, order),
        _ => return held(cx, tenant, order),
    }
    if let Some(checked) = checked {
        fulfilment_requested(cx, tenant, order, checked);
    }
}

fn version(order: &Stored) -> u64 {
    u64::try_from(order.version).unwrap_or_default()
}

fn accepted(cx: &mut Cx<Orders>, tenant: TenantId, order: &Stored) {
    let Some(facts) = &order.facts else { return };
    let event = OrderAccepted {
        order_id: order.order_id.to_string(),
        tenant_id: tenant.to_string(),
        channel: order.channel.clone(),
        country: facts.country.map(|c| c.to_string()).unwrap_or_default(),
        total: Some(money(facts.total_minor, facts.currency)),
        version: version(order),
        at: Some(facts::timestamp(cx.now())),
    };
    cx.publish(&event, &order.version.to_string());
}

fn held(cx: &mut Cx<Orders>, tenant: TenantId, order: &Stored) {
    let reason = |reason: &facts::Reason| PbReason {
        code: reason.code.clone(),
        field: reason.field.clone(),
    };
    let event = OrderHeld {
        order_id: order.order_id.to_string(),
        tenant_id: tenant.to_string(),
        reasons: order.reasons.iter().map(reason).collect(),
        version: version(order),
        at: Some(facts::timestamp(cx.now())),
    };
    cx.publish(&event, &order.version.to_string());
}

fn released(cx: &mut Cx<Orders>, tenant: TenantId, order: &Stored) {
    let event = OrderReleased {
        order_id: order.order_id.to_string(),
        tenant_id: tenant.to_string(),
        version: version(order),
        at: Some(facts::timestamp(cx.now())),
    };
    cx.publish(&event, &order.version.to_string());
}

fn amended(cx: &mut Cx<Orders>, tenant: TenantId, order: &Stored) {
    let event = OrderAmended {
        order_id: order.order_id.to_string(),
        tenant_id: tenant.to_string(),
        version: version(order),
        at: Some(facts::timestamp(cx.now())),
    };
    cx.publish(&event, &order.version.to_string());
}

fn cancelled(cx: &mut Cx<Orders>, tenant: TenantId, order: &Stored) {
    let event = OrderCancelled {
        order_id: order.order_id.to_string(),
        tenant_id: tenant.to_string(),
        shipment_id: order.shipment.map(|id| id.to_string()).unwrap_or_default(),
        version: version(order),
        at: Some(facts::timestamp(cx.now())),
    };
    cx.publish(&event, &order.version.to_string());
}

fn fulfilment_requested(cx: &mut Cx<Orders>, tenant: TenantId, order: &Stored, checked: &Checked) {
    // An accepted order has all of these: the checks hold it otherwise.
    let (Some(facts), Some(site), Some(shipment)) = (&order.facts, &checked.site, order.shipment)
    else {
        return;
    };
    let event = FulfilmentRequested {
        order_id: order.order_id.to_string(),
        tenant_id: tenant.to_string(),
        shipment_id: shipment.to_string(),
        site_id: site.site_id.to_string(),
        origin_country: site.country.clone(),
        origin_zone: site.zone.clone(),
        subject_ref: order.subject.map(|subject| subject.to_string()).unwrap_or_default(),
        country: facts.country.map(|c| c.to_string()).unwrap_or_default(),
        postcode_zone: facts.zone.clone(),
        parcels: checked.parcels.iter().map(|parcel| parcel.to_proto()).collect(),
        value: Some(money(facts.total_minor, facts.currency)),
        wanted_by: facts.wanted_by.map(facts::date),
        options: facts.options.clone(),
        insured_value: facts.insured_minor.map(|minor| money(minor, facts.currency)),
        cash_on_delivery: facts.collect_minor.map(|minor| money(minor, facts.currency)),
        service_point: facts.service_point.as_ref().map(|point| point.to_proto()),
        residential: facts.residential,
        version: version(order),
        at: Some(facts::timestamp(cx.now())),
        shipping_paid: facts.shipping_minor.map(|minor| money(minor, facts.currency)),
        channel: order.channel.clone(),
        ..FulfilmentRequested::default()
    };
    let event = if checked.border { across(event, facts) } else { event };
    cx.publish(&event, &order.version.to_string());
}

/// Bytes of an event with its goods: below what the outbox takes, with room for the rest.
const GOODS_BYTES_MAX: usize = 40_000;

/// What customs must know of a shipment that crosses a border: the goods, without the names that the
/// shop gives them.
fn across(event: FulfilmentRequested, facts: &facts::Facts) -> FulfilmentRequested {
    let goods = facts.lines.iter().map(|line| Goods {
        sku: line.sku.clone(),
        quantity: line.quantity,
        unit_price: Some(money(line.price_minor, facts.currency)),
        unit_weight_g: line.weight_g.unwrap_or_default(),
        hs_code: line.hs.clone().unwrap_or_default(),
        origin_country: line.origin.map(|c| c.to_string()).unwrap_or_default(),
    });
    let whole =
        FulfilmentRequested { crosses_customs_border: true, goods: goods.collect(), ..event };
    match whole.encoded_len() > GOODS_BYTES_MAX {
        true => FulfilmentRequested { goods: Vec::new(), goods_left_out: true, ..whole },
        false => whole,
    }
}
