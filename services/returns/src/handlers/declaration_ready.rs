use std::collections::BTreeMap;

use colibri_events::customs::v1::DeclarationReady;
use colibri_kit::{fault::Fault, service::Cx};
use colibri_types::{DeclarationId, OrderId, ShipmentId, TenantId};

use crate::{
    Returns,
    error::malformed,
    store::declarations::{self, Declared},
};

/// Notes what a shipment was declared as: goods that come back are named by it, to get duty and tax
/// back. Events from before declarations had an id say nothing here.
///
/// # Errors
/// [`Fault::Reject`] `RET0015` for a malformed id; [`Fault::Retry`] when the database is away.
pub async fn declaration_ready(
    cx: &mut Cx<Returns>,
    events: &[DeclarationReady],
) -> Result<(), Fault> {
    // A revision has the id of the first: once per shipment is enough, and all that a statement takes.
    let mut news: BTreeMap<ShipmentId, Declared> = BTreeMap::new();
    for event in events.iter().filter(|event| !event.declaration_id.is_empty()) {
        let bad = |field: &'static str| move |_| malformed(field);
        let shipment: ShipmentId = event.shipment_id.parse().map_err(bad("shipment_id"))?;
        let tenant: TenantId = event.tenant_id.parse().map_err(bad("tenant_id"))?;
        let id: DeclarationId = event.declaration_id.parse().map_err(bad("declaration_id"))?;
        let declared = Declared {
            shipment_id: shipment.to_uuid(),
            tenant_id: tenant.to_uuid(),
            declaration_id: id.to_uuid(),
            order_id: event.order_id.parse::<OrderId>().ok().map(OrderId::to_uuid),
        };
        news.insert(shipment, declared);
    }
    if news.is_empty() {
        return Ok(());
    }
    let news: Vec<Declared> = news.into_values().collect();
    declarations::put(cx.db(), &news).await
}
