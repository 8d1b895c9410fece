use std::collections::BTreeMap;

use colibri_events::orders::v1::FulfilmentRequested;
use colibri_kit::{fault::Fault, service::Cx};
use colibri_types::{OrderId, ShipmentId, SiteId, SubjectRef, TenantId};

use crate::{
    Returns,
    error::malformed,
    store::sales::{self, Sale},
};

/// Takes orders in as what may come back. Idempotent on the order and its version.
///
/// # Errors
/// [`Fault::Reject`] `RET0015` for a malformed id; [`Fault::Retry`] when the database is away.
pub async fn fulfilment_requested(
    cx: &mut Cx<Returns>,
    events: &[FulfilmentRequested],
) -> Result<(), Fault> {
    let mut latest: BTreeMap<_, Sale> = BTreeMap::new();
    for event in events.iter().filter(|event| !event.way_back) {
        let sale = read(event)?;
        let known = latest.get(&sale.order_id).is_some_and(|known| known.version >= sale.version);
        if !known {
            latest.insert(sale.order_id, sale);
        }
    }
    let sales: Vec<Sale> = latest.into_values().collect();
    sales::put(cx.db(), &sales).await
}

fn read(event: &FulfilmentRequested) -> Result<Sale, Fault> {
    let order: OrderId = event.order_id.parse().map_err(|_| malformed("order_id"))?;
    let tenant: TenantId = event.tenant_id.parse().map_err(|_| malformed("tenant_id"))?;
    let shipment: ShipmentId = event.shipment_id.parse().map_err(|_| malformed("shipment_id"))?;
    let subject: SubjectRef = event.subject_ref.parse().map_err(|_| malformed("subject_ref"))?;
    Ok(Sale {
        order_id: order.to_uuid(),
        tenant_id: tenant.to_uuid(),
        shipment_id: shipment.to_uuid(),
        subject_ref: subject.0,
        site_id: event.site_id.parse::<SiteId>().ok().map(SiteId::to_uuid),
        origin_country: event.origin_country.clone(),
        country: event.country.clone(),
        version: i64::try_from(event.version).unwrap_or(i64::MAX),
    })
}
