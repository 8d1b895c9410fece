//! What customs do about what they hear. Handlers record and decide; they never call out.

mod fulfilment_requested;
mod label_voided;
mod offer_chosen;
mod order_cancelled;
mod site_changed;

use std::collections::{BTreeMap, BTreeSet};

use colibri_kit::{fault::Fault, service::Cx};
use colibri_types::{OrderId, ShipmentId, TenantId};

pub use fulfilment_requested::fulfilment_requested;
pub use label_voided::label_voided;
pub use offer_chosen::offer_chosen;
pub use order_cancelled::order_cancelled;
pub use site_changed::site_changed;

use crate::{
    Customs,
    domain::facts::Facts,
    error, settle,
    store::{
        declarations::{self, Key},
        tenants,
    },
};

/// Joins news to declarations and decides about those that changed.
async fn absorb(cx: &mut Cx<Customs>, news: Vec<(Key, Facts)>) -> Result<(), Fault> {
    let mut by_shipment: BTreeMap<ShipmentId, (Key, Facts)> = BTreeMap::new();
    for (key, facts) in news {
        let kept = by_shipment.entry(key.shipment_id).or_insert((key, Facts::default()));
        if kept.0.tenant_id != key.tenant_id {
            return Err(foreign());
        }
        kept.1 = std::mem::take(&mut kept.1).join(facts);
    }
    if by_shipment.is_empty() {
        return Ok(());
    }
    let keys: Vec<Key> = by_shipment.values().map(|(key, _)| *key).collect();
    let owners: BTreeSet<TenantId> = keys.iter().map(|key| key.tenant_id).collect();
    tenants::share(cx.db(), &owners).await?;
    let now = cx.now();
    let mut changed = Vec::new();
    for mut row in declarations::lock(cx.db(), &keys, now).await? {
        let Some((key, facts)) = by_shipment.remove(&row.key.shipment_id) else { continue };
        if key.tenant_id != row.key.tenant_id {
            return Err(foreign());
        }
        let joined = row.facts.clone().join(facts);
        if joined != row.facts {
            row.facts = joined;
            changed.push(row);
        }
    }
    settle::settle(cx, changed).await
}

/// News about shipments that have a declaration already; the others are none of ours.
async fn absorb_known(cx: &mut Cx<Customs>, mut news: Vec<(Key, Facts)>) -> Result<(), Fault> {
    if news.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = news.iter().map(|(key, _)| key.shipment_id.to_uuid()).collect();
    let known: BTreeSet<_> = declarations::known(cx.db(), &ids).await?.into_iter().collect();
    news.retain(|(key, _)| known.contains(&key.shipment_id.to_uuid()));
    absorb(cx, news).await
}

fn foreign() -> Fault {
    Fault::reject(error::EVENT, "the shipment belongs to another tenant")
}

/// Reads the ids of an event. An order id may be missing: not every shipment has an order.
fn key(shipment_id: &str, tenant_id: &str, order_id: &str) -> Result<Key, Fault> {
    let bad = |field: &'static str| move |_| Fault::reject(error::EVENT, format!("{field}: no id"));
    let order = match order_id {
        "" => None,
        text => Some(text.parse::<OrderId>().map_err(bad("order_id"))?),
    };
    Ok(Key {
        shipment_id: shipment_id.parse().map_err(bad("shipment_id"))?,
        tenant_id: tenant_id.parse().map_err(bad("tenant_id"))?,
        order_id: order,
    })
}
