use colibri_events::labels::v1::LabelVoided;
use colibri_kit::{fault::Fault, service::Cx};
use colibri_types::{ParcelId, TenantId};

use crate::{Returns, domain::words::instant, error::malformed, store::parcels::Parcel};

/// A label of the way back is void at the carrier, whoever asked for it: nothing travels under it.
/// Idempotent on the parcel.
///
/// # Errors
/// [`Fault::Reject`] `RET0015` for a malformed id; [`Fault::Retry`] when the database is away.
pub async fn label_voided(cx: &mut Cx<Returns>, events: &[LabelVoided]) -> Result<(), Fault> {
    let mut news = Vec::new();
    for event in events {
        let tenant: TenantId = event.tenant_id.parse().map_err(|_| malformed("tenant_id"))?;
        let at = instant(event.at.as_ref()).ok_or_else(|| malformed("at"))?;
        for parcel in &event.parcel_ids {
            let parcel: ParcelId = parcel.parse().map_err(|_| malformed("parcel_ids"))?;
            news.push(Parcel {
                parcel_id: parcel.to_uuid(),
                tenant_id: tenant.to_uuid(),
                voided_at: Some(at),
                ..Parcel::default()
            });
        }
    }
    super::absorb(cx, news).await
}
