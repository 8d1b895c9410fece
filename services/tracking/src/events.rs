//! What is told to the others, in their words.

use colibri_carriers::{Headline, Party};
use colibri_events::tracking::v1::{
    self as proto, ParcelDelivered, ParcelDeliveryFailed, ParcelStatusChanged,
};
use colibri_kit::service::Cx;
use colibri_types::{OrderId, ParcelId, ShipmentId, TenantId};
use prost_types::Timestamp;
use time::OffsetDateTime;

use crate::{
    Tracking,
    settle::Settled,
    store::{facts::stated, parcels::Parcel},
};

/// The headline on the wire.
#[must_use]
pub const fn headline(headline: Headline) -> proto::Headline {
    match headline {
        Headline::Created => proto::Headline::Created,
        Headline::PickedUp => proto::Headline::PickedUp,
        Headline::InTransit => proto::Headline::InTransit,
        Headline::Delayed => proto::Headline::Delayed,
        Headline::OutForDelivery => proto::Headline::OutForDelivery,
        Headline::Exception => proto::Headline::Exception,
        Headline::Delivered => proto::Headline::Delivered,
        Headline::Returned => proto::Headline::Returned,
    }
}

/// The stored word of a headline on the wire; `None` when it is unspecified or unknown.
#[must_use]
pub fn headline_word(number: i32) -> Option<&'static str> {
    let wanted = proto::Headline::try_from(number).ok()?;
    let all = Headline::ALL.iter().copied();
    all.map(|h| (headline(h), h.as_str())).find(|(h, _)| *h == wanted).map(|(_, word)| word)
}

/// An instant on the wire.
#[must_use]
pub fn timestamp(at: OffsetDateTime) -> Timestamp {
    let nanos = i32::try_from(at.nanosecond()).unwrap_or(0);
    Timestamp { seconds: at.unix_timestamp(), nanos }
}

/// Who must act, on the wire; empty for nobody.
#[must_use]
pub fn party_word(party: Option<Party>) -> String {
    party.map_or("", Party::as_str).to_owned()
}

/// An order's id as text; empty for none.
#[must_use]
pub fn order_text(parcel: &Parcel) -> String {
    parcel.order_id.map(|id| OrderId::from_uuid(id).to_string()).unwrap_or_default()
}

/// Publishes what a change means. The version names the fact.
pub fn publish(cx: &mut Cx<Tracking>, parcel: &Parcel, settled: &Settled) {
    let (told, state) = (settled.told, &parcel.state);
    if !(told.status || told.delivered || told.failed) {
        return;
    }
    let fact = parcel.version.to_string();
    let parcel_id = ParcelId::from_uuid(parcel.parcel_id).to_string();
    let tenant_id = TenantId::from_uuid(parcel.tenant_id).to_string();
    let shipment_id = ShipmentId::from_uuid(parcel.shipment_id).to_string();
    let (order_id, carrier) = (order_text(parcel), parcel.carrier.clone());
    let sub_status = state.sub.map_or("", |sub| sub.as_str()).to_owned();
    let decided = state.decided.as_ref();
    let time = decided.and_then(|decided| decided.time);
    let local_time = time.map(stated).unwrap_or_default();
    let utc_offset = time.and_then(|time| time.offset_text()).unwrap_or_default();
    let at = Some(timestamp(parcel.changed_at));
    let version = parcel.version;
    if told.status {
        let event = ParcelStatusChanged {
            parcel_id: parcel_id.clone(),
            tenant_id: tenant_id.clone(),
            shipment_id: shipment_id.clone(),
            order_id: order_id.clone(),
            carrier: carrier.clone(),
            headline: headline(state.headline).into(),
            sub_status: sub_status.clone(),
            previous: headline(settled.before).into(),
            code: decided.map(|decided| decided.code.clone()).unwrap_or_default(),
            local_time: local_time.clone(),
            utc_offset: utc_offset.clone(),
            country: decided
                .and_then(|decided| decided.country)
                .map(|country| country.to_string())
                .unwrap_or_default(),
            version,
            at,
            party: party_word(state.party),
            previous_party: party_word(settled.before_party),
        };
        cx.publish(&event, &fact);
    }
    if told.failed {
        let event = ParcelDeliveryFailed {
            parcel_id: parcel_id.clone(),
            tenant_id: tenant_id.clone(),
            shipment_id: shipment_id.clone(),
            order_id: order_id.clone(),
            carrier: carrier.clone(),
            attempts: state.attempts,
            sub_status,
            version,
            at,
            party: party_word(state.party),
        };
        cx.publish(&event, &fact);
    }
    if told.delivered {
        let event = ParcelDelivered {
            parcel_id,
            tenant_id,
            shipment_id,
            order_id,
            carrier,
            local_time,
            utc_offset,
            version,
            at,
        };
        cx.publish(&event, &fact);
    }
}
