//! One file per event. Handlers record and decide; they never call out.

mod carrier_account_changed;
mod declaration_incomplete;
mod declaration_ready;
mod fulfilment_requested;
mod offer_chosen;
mod order_cancelled;
mod site_changed;

use std::collections::BTreeMap;

use colibri_kit::{fault::Fault, intent::NewIntent, service::Cx};
use colibri_types::{OrderId, ShipmentId, TenantId};

pub use carrier_account_changed::carrier_account_changed;
pub use declaration_incomplete::declaration_incomplete;
pub use declaration_ready::declaration_ready;
pub use fulfilment_requested::fulfilment_requested;
pub use offer_chosen::offer_chosen;
pub use order_cancelled::order_cancelled;
pub use site_changed::site_changed;

use crate::{
    Labels,
    domain::{Facts, Shipment, Work},
    error::codes,
    intents,
    store::shipments::{self, Key},
};

/// Joins news to shipments and takes the steps that they allow: three statements and one for the
/// intents, however many events there are.
async fn absorb(cx: &mut Cx<Labels>, news: Vec<(Key, Facts)>) -> Result<(), Fault> {
    let mut by_shipment: BTreeMap<ShipmentId, (Key, Facts)> = BTreeMap::new();
    for (key, facts) in news {
        let kept = by_shipment.entry(key.shipment_id).or_insert((key, Facts::default()));
        if kept.0.tenant_id != key.tenant_id {
            return Err(foreign());
        }
        kept.1 = std::mem::take(&mut kept.1).join(facts);
    }
    let keys: Vec<Key> = by_shipment.values().map(|(key, _)| *key).collect();
    let now = cx.now();
    let before = shipments::lock(cx.db(), &keys, now).await?;
    let mut changed = Vec::with_capacity(before.len());
    for mut shipment in before {
        let Some((key, facts)) = by_shipment.remove(&shipment.shipment_id) else {
            continue;
        };
        if key.tenant_id != shipment.tenant_id {
            return Err(foreign());
        }
        let was = shipment.clone();
        shipment.hear(facts);
        if let Some(work) = shipment.advance() {
            intend(cx, &shipment, work);
        }
        if shipment != was {
            changed.push(shipment);
        }
    }
    let changed: Vec<&Shipment> = changed.iter().collect();
    shipments::save(cx.db(), &changed, now).await
}

/// Writes the intent of a step.
pub fn intend(cx: &mut Cx<Labels>, shipment: &Shipment, work: Work) {
    cx.intend(intent_of(shipment, work));
}

/// The intent of a step.
pub fn intent_of(shipment: &Shipment, work: Work) -> NewIntent {
    let account = shipment.facts.offer.as_ref().map(|offer| offer.account_id.clone());
    let key = shipment.shipment_id.to_string();
    let (kind, dedupe, request) = match work {
        Work::Purchase { version, revision: 0 } => {
            (intents::PURCHASE, format!("{key}:{version}"), version)
        }
        Work::Purchase { version, revision } => {
            (intents::PURCHASE, format!("{key}:{version}:{revision}"), version)
        }
        Work::Void { number } => (intents::VOID, format!("{key}:{number}"), u64::from(number)),
    };
    NewIntent {
        tenant_id: shipment.tenant_id.to_uuid(),
        kind,
        key,
        lane: account.unwrap_or_default(),
        dedupe,
        request: request.to_string().into(),
        not_before: None,
    }
}

fn foreign() -> Fault {
    Fault::reject(codes::EVENT, "the shipment belongs to another tenant")
}

/// Reads the ids of an event. An order id may be missing: not every shipment has an order.
fn key(shipment_id: &str, tenant_id: &str, order_id: &str) -> Result<Key, Fault> {
    let bad = |field: &'static str| move |_| Fault::reject(codes::EVENT, format!("{field}: no id"));
    let order = match order_id {
        "" => None,
        text => Some(text.parse::<OrderId>().map_err(bad("order_id"))?),
    };
    Ok(Key {
        shipment_id: shipment_id.parse().map_err(bad("shipment_id"))?,
        tenant_id: tenant_id.parse::<TenantId>().map_err(bad("tenant_id"))?,
        order_id: order,
    })
}
