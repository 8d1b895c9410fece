//! A label is void: the parcel does not leave.

use colibri_events::labels::v1::LabelVoided;
use colibri_kit::{fault::Fault, service::Cx};

use super::{absorb_known, key};
use crate::{Customs, domain::facts::Facts};

/// Ends the declaration of a shipment: its label is not bought a second time. What was declared for it
/// together with others is made anew without it.
///
/// # Errors
/// [`Fault::Reject`] `CUS0005` when ids are malformed or of another tenant.
pub async fn label_voided(cx: &mut Cx<Customs>, events: &[LabelVoided]) -> Result<(), Fault> {
    let read = |event: &LabelVoided| {
        let key = key(&event.shipment_id, &event.tenant_id, &event.order_id)?;
        Ok((key, Facts { cancelled: true, ..Facts::default() }))
    };
    let news = events.iter().map(read).collect::<Result<_, Fault>>()?;
    absorb_known(cx, news).await
}
