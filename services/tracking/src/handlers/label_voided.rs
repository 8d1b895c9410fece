use colibri_events::labels::v1::LabelVoided;
use colibri_kit::{fault::Fault, service::Cx};
use colibri_types::{ParcelId, TenantId};

use crate::{Tracking, error::malformed, ingest, store::parcels::Keys};

/// Shows the parcels of void labels as cancelled and stops asking for them. Idempotent; a later
/// scan of such a parcel reopens it.
///
/// # Errors
/// [`Fault::Reject`] `TRK0006` for a malformed id; [`Fault::Retry`] when the database is away.
pub async fn label_voided(cx: &mut Cx<Tracking>, events: &[LabelVoided]) -> Result<(), Fault> {
    let mut voided = Vec::new();
    for event in events {
        let tenant: TenantId = event.tenant_id.parse().map_err(|_| malformed("tenant_id"))?;
        for parcel in &event.parcel_ids {
            let parcel: ParcelId = parcel.parse().map_err(|_| malformed("parcel_ids"))?;
            voided.push((tenant.to_uuid(), parcel.to_uuid()));
        }
    }
    let keys: Keys = voided.into_iter().collect();
    ingest::void(cx, &keys).await
}
