use colibri_events::tracking::v1::ParcelDelivered;
use colibri_kit::{fault::Fault, service::Cx};
use colibri_types::{ParcelId, TenantId};

use crate::{Returns, domain::words::instant, error::malformed, store::parcels::Parcel};

/// The window of a return runs from here; a parcel that comes back has arrived. The moment is the
/// one at which we learnt it: never earlier than the hand-over, to the buyer's advantage.
///
/// # Errors
/// [`Fault::Reject`] `RET0015` for a malformed id; [`Fault::Retry`] when the database is away.
pub async fn parcel_delivered(
    cx: &mut Cx<Returns>,
    events: &[ParcelDelivered],
) -> Result<(), Fault> {
    let mut news = Vec::with_capacity(events.len());
    for event in events {
        let parcel: ParcelId = event.parcel_id.parse().map_err(|_| malformed("parcel_id"))?;
        let tenant: TenantId = event.tenant_id.parse().map_err(|_| malformed("tenant_id"))?;
        let at = instant(event.at.as_ref()).ok_or_else(|| malformed("at"))?;
        let (stated_at, ahead_s) = super::stated(&event.local_time, &event.utc_offset, at);
        news.push(Parcel {
            parcel_id: parcel.to_uuid(),
            tenant_id: tenant.to_uuid(),
            delivered_at: Some(at),
            stated_at,
            ahead_s,
            ..Parcel::default()
        });
    }
    super::absorb(cx, news).await
}
