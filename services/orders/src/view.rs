//! Orders as callers see them.

use colibri_events::orders::v1::{Explanation, Order};

use crate::{
    domain::{
        facts::{self, Reason},
        holds,
    },
    store::Stored,
};

/// Reasons with a sentence each: the one that was found with the address just now, else the
/// general one, since sentences may quote and are not stored.
#[must_use]
pub fn explain(reasons: &[Reason], found: &[Explanation]) -> Vec<Explanation> {
    let explain = |reason: &Reason| {
        let same = |e: &&Explanation| e.code == reason.code && e.field == reason.field;
        found.iter().find(same).cloned().unwrap_or_else(|| Explanation {
            code: reason.code.clone(),
            field: reason.field.clone(),
            detail: holds::detail(&reason.code).to_owned(),
        })
    };
    reasons.iter().map(explain).collect()
}

/// An order without its address. `site_code` is the word for its site, if it has one.
#[must_use]
pub fn order(order: Stored, site_code: Option<String>) -> Order {
    let reasons = explain(&order.reasons, &[]);
    let facts = order.facts.as_ref();
    Order {
        order_id: order.order_id.to_string(),
        channel: order.channel,
        external_id: order.external_id,
        state: order.state.to_proto().into(),
        reasons,
        shipment_id: order.shipment.map(|id| id.to_string()).unwrap_or_default(),
        country: facts.and_then(|f| f.country).map(|c| c.to_string()).unwrap_or_default(),
        currency: facts.map(|f| f.currency.to_string()).unwrap_or_default(),
        total_minor: facts.map_or(0, |f| f.total_minor),
        lines: facts.map_or_else(Vec::new, |f| {
            f.lines.iter().map(|line| line.to_proto(f.currency)).collect()
        }),
        received_at: Some(facts::timestamp(order.received_at)),
        version: u64::try_from(order.version).unwrap_or_default(),
        ship_to: None,
        site_code: site_code.unwrap_or_default(),
        placed_at: facts.and_then(|f| f.placed_at).map(facts::timestamp),
        shipping_paid: facts
            .and_then(|f| f.shipping_minor.map(|paid| facts::money(paid, f.currency))),
    }
}
