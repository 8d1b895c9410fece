//! What a channel's connector or an import file read, as an order of ours.

use colibri_channels::{
    CanonicalOrder, FinancialStatus, Line as SoldLine, NoDelivery, OrderState, Party,
};
use colibri_events::{
    orders::v1::{Line, OrderInput},
    types::v1::Address,
};
use colibri_types::CivilTime;
use prost_types::Timestamp;
use time::OffsetDateTime;

use crate::domain::{
    facts::{self, money},
    holds,
    intake::Input,
};

/// What a channel's order means for us.
#[derive(Debug)]
pub enum Meaning {
    /// To be taken in.
    Order(Box<Input>),
    /// Over at the channel.
    Gone {
        /// Id there.
        external_id: String,
        /// The channel's version.
        updated_at: Option<OffsetDateTime>,
    },
    /// Nothing of it is ours to ship.
    NotOurs,
}

/// Where orders come from.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// What its orders bear here: the channel, and the account's code when it is not the first.
    pub channel: String,
    /// Site its orders leave from; empty: by rule.
    pub site_code: String,
    /// Grams of a piece whose weight the channel does not tell; 0: unknown.
    pub unit_weight_g: u32,
    /// A file: without a payment column it says nothing about payment, while a channel's unknown
    /// word must be looked at.
    pub file: bool,
}

/// Reads it.
#[must_use]
pub fn read(order: CanonicalOrder, source: &Source) -> Meaning {
    let updated_at = order.updated_at.and_then(|t| t.utc());
    let mut channel_holds = Vec::new();
    match order.state {
        OrderState::Open => {}
        OrderState::OnHold | OrderState::Unmapped => channel_holds.push(holds::CHANNEL_HOLD),
        OrderState::Closed => return Meaning::NotOurs,
        OrderState::Cancelled | OrderState::Deleted => {
            return Meaning::Gone { external_id: order.external_id, updated_at };
        }
    }
    match order.no_delivery {
        Some(NoDelivery::Digital | NoDelivery::Pickup | NoDelivery::PointOfSale) => {
            return Meaning::NotOurs;
        }
        Some(NoDelivery::NothingLeft) => {
            return Meaning::Gone { external_id: order.external_id, updated_at };
        }
        Some(NoDelivery::AddressMissing) | None => {}
    }
    if order.service_point_ref.is_some() {
        channel_holds.push(holds::PICKUP_POINT);
    }
    let paid = order.shipping.paid;
    let input = OrderInput {
        channel: source.channel.clone(),
        lines: order.lines.iter().flat_map(|sold| line(sold, source.unit_weight_g)).collect(),
        external_id: order.external_id,
        number: order.number,
        placed_at: order.placed_at.and_then(instant),
        currency: order.currency.to_string(),
        ship_to: order.ship_to.filter(|party| !party.has_no_address()).map(address),
        shipping_paid: paid.map(|paid| money(paid.amount_minor, paid.currency)),
        wanted_by: order.wanted_delivery.map(|at| facts::date(at.local.date())),
        site_code: source.site_code.clone(),
        parcels: Vec::new(),
        note: order.note.map(colibri_types::Pii::into_inner).unwrap_or_default(),
        payment: payment(order.financial_status, source.file).to_owned(),
        test: order.test,
        updated_at: order.updated_at.and_then(instant),
        // Channels tell shipping methods by name; the merchant's rules turn them into options.
        ..OrderInput::default()
    };
    Meaning::Order(Box::new(Input { order: input, channel_holds }))
}

fn instant(at: CivilTime) -> Option<Timestamp> {
    at.utc().map(facts::timestamp)
}

const fn payment(status: FinancialStatus, from_file: bool) -> &'static str {
    match status {
        FinancialStatus::Pending => "pending",
        FinancialStatus::Authorized => "authorized",
        FinancialStatus::PartiallyPaid => "partially_paid",
        FinancialStatus::Paid => "paid",
        FinancialStatus::PartiallyRefunded => "partially_refunded",
        FinancialStatus::Refunded => "refunded",
        FinancialStatus::Voided => "voided",
        FinancialStatus::CashOnDelivery => "cash_on_delivery",
        FinancialStatus::Unknown if from_file => "",
        FinancialStatus::Unknown => "unknown",
    }
}

/// What remains to be sent of a line. A discount that does not divide by the units makes two
/// lines, a minor unit apart: their sum is what was paid.
fn line(sold: &SoldLine, default_g: u32) -> Vec<Line> {
    let units = if sold.requires_shipping { sold.fulfillable_quantity } else { 0 };
    if units == 0 {
        return Vec::new();
    }
    let one = |quantity: u32, price_minor: i64| Line {
        sku: sold.article().unwrap_or(&sold.line_id).to_owned(),
        name: sold.name.clone(),
        quantity,
        unit_price: Some(money(price_minor, sold.unit_price.currency)),
        unit_weight_g: sold.unit_weight.map_or(default_g, |grams| grams.0),
        hs_code: sold.hs_code.clone().unwrap_or_default(),
        origin_country: sold.origin.map(|c| c.to_string()).unwrap_or_default(),
    };
    let total = sold.total.amount_minor;
    if sold.discount.amount_minor == 0 || sold.quantity == 0 || total < 0 {
        return vec![one(units, sold.unit_price.amount_minor)];
    }
    let each = total / i64::from(sold.quantity);
    let rest = u32::try_from(total % i64::from(sold.quantity)).unwrap_or_default();
    let dearer = rest.min(units);
    let lines = [one(units - dearer, each), one(dearer, each + 1)];
    lines.into_iter().filter(|line| line.quantity > 0).collect()
}

fn address(party: Party) -> Address {
    let country = party.country.map(|c| c.to_string()).or(party.country_text);
    Address {
        name: party.name.unwrap_or_default(),
        company: party.company.unwrap_or_default(),
        lines: party.lines,
        city: party.city.unwrap_or_default(),
        postcode: party.postcode.unwrap_or_default(),
        subdivision: party.subdivision.unwrap_or_default(),
        country: country.unwrap_or_default(),
        phone: party.phone.unwrap_or_default(),
        email: party.email.unwrap_or_default(),
    }
}

#[cfg(test)]
#[path = "canonical_tests.rs"]
mod tests;
