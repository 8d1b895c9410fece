//! A shipment is to be priced and an offer chosen.

use std::collections::{BTreeSet, HashMap, hash_map::Entry};

use colibri_events::orders::v1::FulfilmentRequested;
use colibri_kit::{fault::Fault, service::Cx};
use colibri_types::ShipmentId;

use crate::{Pricing, book, decision::Ask, error, store, waiting};

/// Decides about each shipment of a slice in memory, then writes all in one statement. The latest
/// version of an order wins, in whatever order versions arrive; the same one again changes nothing.
///
/// # Errors
/// [`Fault::Reject`] `PRC0101` when ids cannot be read, or a shipment belongs to another tenant.
pub async fn fulfilment_requested(
    cx: &mut Cx<Pricing>,
    events: &[FulfilmentRequested],
) -> Result<(), Fault> {
    let mut asks = latest(events)?;
    let tenants: BTreeSet<_> = asks.values().map(|ask| ask.tenant).collect();
    let tenants: Vec<_> = tenants.into_iter().collect();
    // Generations before shipments: the order of everybody who locks both.
    let generations = store::share_generations(cx.db(), &tenants).await?;
    let ids: Vec<_> = asks.keys().map(|shipment| shipment.to_uuid()).collect();
    for known in store::lock(cx.db(), &ids).await? {
        let Entry::Occupied(ask) = asks.entry(known.shipment) else {
            continue;
        };
        if ask.get().tenant != known.tenant {
            return Err(Fault::reject(error::FIELD, "the shipment belongs to another tenant"));
        }
        if known.cancelled || known.version >= ask.get().version {
            ask.remove();
        }
    }
    if asks.is_empty() {
        return Ok(());
    }
    let mut books = HashMap::new();
    for (tenant, generation) in generations {
        books.insert(tenant, book(cx, tenant, generation).await?);
    }
    let asks = asks.into_values().collect();
    let decided = waiting::decide_all(asks, books, cx.now()).await?;
    for one in &decided {
        waiting::publish(cx, one);
    }
    waiting::write(cx, decided).await
}

/// The latest version of each shipment.
fn latest(events: &[FulfilmentRequested]) -> Result<HashMap<ShipmentId, Ask>, Fault> {
    let mut latest: HashMap<ShipmentId, Ask> = HashMap::with_capacity(events.len());
    for event in events {
        let ask = Ask::read(event)?;
        match latest.entry(ask.shipment) {
            Entry::Vacant(place) => {
                place.insert(ask);
            }
            Entry::Occupied(held) if held.get().tenant != ask.tenant => {
                return Err(Fault::reject(error::FIELD, "the shipment belongs to another tenant"));
            }
            Entry::Occupied(mut held) if held.get().version < ask.version => {
                held.insert(ask);
            }
            Entry::Occupied(_) => {}
        }
    }
    Ok(latest)
}
