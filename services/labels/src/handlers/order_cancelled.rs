//! An order is off.

use colibri_events::orders::v1::OrderCancelled;
use colibri_kit::{fault::Fault, service::Cx};

use super::{absorb, key};
use crate::{Labels, domain::Facts};

/// Stops a purchase that has not been sent, and voids one that was made. An order for which no
/// shipment was asked is nothing to labels.
///
/// # Errors
/// [`Fault::Reject`] `LBL0012` when ids are malformed.
pub async fn order_cancelled(cx: &mut Cx<Labels>, events: &[OrderCancelled]) -> Result<(), Fault> {
    let read = |event: &OrderCancelled| {
        let key = key(&event.shipment_id, &event.tenant_id, &event.order_id)?;
        Ok((key, Facts::of_cancel()))
    };
    let shipped = events.iter().filter(|event| !event.shipment_id.is_empty());
    let news = shipped.map(read).collect::<Result<_, Fault>>()?;
    absorb(cx, news).await
}
