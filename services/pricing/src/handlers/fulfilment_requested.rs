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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use colibri_types::{OrderId, TenantId};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn event(shipment: u128, version: u64) -> FulfilmentRequested {
        let id = Uuid::from_u128(shipment);
        FulfilmentRequested {
            tenant_id: TenantId::from_uuid(Uuid::from_u128(7)).to_string(),
            order_id: OrderId::from_uuid(id).to_string(),
            shipment_id: ShipmentId::from_uuid(id).to_string(),
            postcode_zone: format!("{shipment}-{version}"),
            version,
            ..Default::default()
        }
    }

    proptest! {
        #[test]
        fn neither_order_nor_repetition_matters(
            (events, shuffled) in prop::collection::vec((0_u128..5, 1_u64..5), 1..30)
                .prop_map(|some| some.into_iter().map(|(s, v)| event(s, v)).collect::<Vec<_>>())
                .prop_flat_map(|some| {
                    let twice = [some.clone(), some.clone()].concat();
                    (Just(some), Just(twice).prop_shuffle())
                })
        ) {
            let latest_of = latest(&events).unwrap();
            prop_assert_eq!(&latest_of, &latest(&shuffled).unwrap());
            for event in &events {
                let shipment: ShipmentId = event.shipment_id.parse().unwrap();
                prop_assert!(latest_of.get(&shipment).unwrap().event.version >= event.version);
            }
        }
    }

    #[test]
    fn a_shipment_of_two_tenants_is_refused() {
        let mut other = event(1, 2);
        other.tenant_id = TenantId::generate().to_string();
        assert_eq!(latest(&[event(1, 1), other]).unwrap_err().code(), error::FIELD);
    }
}
