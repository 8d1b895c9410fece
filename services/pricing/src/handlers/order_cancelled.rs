//! An order is off: its shipment waits for no offer any more.

use colibri_events::orders::v1::OrderCancelled;
use colibri_kit::{fault::Fault, service::Cx};
use colibri_types::{OrderId, ShipmentId, TenantId};

use crate::{Pricing, error, store};

/// Notes that shipments are off, also those not heard of yet. Publishes nothing: who buys labels
/// hears of the cancellation by itself.
///
/// # Errors
/// [`Fault::Reject`] `PRC0101` when ids cannot be read.
pub async fn order_cancelled(cx: &mut Cx<Pricing>, events: &[OrderCancelled]) -> Result<(), Fault> {
    let unreadable = || Fault::reject(error::FIELD, "the cancellation's ids cannot be read");
    let mut rows = Vec::new();
    for event in events.iter().filter(|event| !event.shipment_id.is_empty()) {
        let shipment: ShipmentId = event.shipment_id.parse().map_err(|_| unreadable())?;
        let tenant: TenantId = event.tenant_id.parse().map_err(|_| unreadable())?;
        let order: OrderId = event.order_id.parse().map_err(|_| unreadable())?;
        let version = i64::try_from(event.version).map_err(|_| unreadable())?;
        rows.push((shipment.to_uuid(), tenant.to_uuid(), order.to_uuid(), version));
    }
    // Once per shipment, the latest version: a statement may touch a row once.
    rows.sort_by_key(|row| (row.0, std::cmp::Reverse(row.3)));
    rows.dedup_by_key(|row| row.0);
    if rows.is_empty() {
        return Ok(());
    }
    let now = cx.now();
    store::cancel(cx.db(), &rows, now).await
}
