use colibri_events::labels::v1::LabelPurchased;
use colibri_kit::{fault::Fault, service::Cx};
use colibri_types::{OrderId, ParcelId, ShipmentId, TenantId};

use crate::{Returns, error::malformed, store::parcels::Parcel};

/// Knows each parcel, out and back. Idempotent on the parcel.
///
/// # Errors
/// [`Fault::Reject`] `RET0015` for a malformed id; [`Fault::Retry`] when the database is away.
pub async fn label_purchased(cx: &mut Cx<Returns>, events: &[LabelPurchased]) -> Result<(), Fault> {
    let news: Result<Vec<Parcel>, Fault> = events.iter().map(read).collect();
    super::absorb(cx, news?).await
}

fn read(event: &LabelPurchased) -> Result<Parcel, Fault> {
    let parcel: ParcelId = event.parcel_id.parse().map_err(|_| malformed("parcel_id"))?;
    let tenant: TenantId = event.tenant_id.parse().map_err(|_| malformed("tenant_id"))?;
    let shipment: ShipmentId = event.shipment_id.parse().map_err(|_| malformed("shipment_id"))?;
    let order = match event.order_id.as_str() {
        "" => None,
        text => Some(text.parse::<OrderId>().map_err(|_| malformed("order_id"))?.to_uuid()),
    };
    Ok(Parcel {
        parcel_id: parcel.to_uuid(),
        tenant_id: tenant.to_uuid(),
        order_id: order,
        shipment_id: Some(shipment.to_uuid()),
        way_back: Some(event.way_back),
        weight_g: i32::try_from(event.weight_g).ok(),
        ..Parcel::default()
    })
}
