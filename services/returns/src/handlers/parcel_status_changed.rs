use colibri_events::tracking::v1::{Headline, ParcelStatusChanged};
use colibri_kit::{fault::Fault, service::Cx};
use colibri_types::{ParcelId, TenantId};

use crate::{Returns, domain::words::instant, error::malformed, store::parcels::Parcel};

/// First scans, and what a carrier says is lost. What only a label says is no scan.
///
/// # Errors
/// [`Fault::Reject`] `RET0015` for a malformed id; [`Fault::Retry`] when the database is away.
pub async fn parcel_status_changed(
    cx: &mut Cx<Returns>,
    events: &[ParcelStatusChanged],
) -> Result<(), Fault> {
    let mut news = Vec::new();
    for event in events {
        let lost = matches!(event.sub_status.as_str(), "lost" | "destroyed" | "seized");
        let unseen = matches!(
            event.sub_status.as_str(),
            "pickup_scheduled" | "pickup_failed" | "cancelled" | "info_required"
        );
        let scanned = match event.headline() {
            Headline::Unspecified | Headline::Created => false,
            Headline::Exception | Headline::Delayed => !unseen && !lost,
            _ => !lost,
        };
        if !lost && !scanned {
            continue;
        }
        let parcel: ParcelId = event.parcel_id.parse().map_err(|_| malformed("parcel_id"))?;
        let tenant: TenantId = event.tenant_id.parse().map_err(|_| malformed("tenant_id"))?;
        let at = instant(event.at.as_ref()).ok_or_else(|| malformed("at"))?;
        let (stated_at, ahead_s) = super::stated(&event.local_time, &event.utc_offset, at);
        news.push(Parcel {
            parcel_id: parcel.to_uuid(),
            tenant_id: tenant.to_uuid(),
            scanned_at: scanned.then_some(at),
            lost_at: lost.then_some(at),
            stated_at,
            ahead_s,
            ..Parcel::default()
        });
    }
    super::absorb(cx, news).await
}
