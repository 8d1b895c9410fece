//! An order is off.

use colibri_events::orders::v1::OrderCancelled;
use colibri_kit::{fault::Fault, service::Cx};

use super::{absorb_known, key};
use crate::{Customs, domain::facts::Facts};

/// Ends the declaration of a shipment. Papers that were sealed stay: they were declared facts.
///
/// # Errors
/// [`Fault::Reject`] `CUS0005` when ids are malformed or of another tenant.
pub async fn order_cancelled(cx: &mut Cx<Customs>, events: &[OrderCancelled]) -> Result<(), Fault> {
    let read = |event: &OrderCancelled| {
        let key = key(&event.shipment_id, &event.tenant_id, &event.order_id)?;
        Ok((key, Facts { cancelled: true, ..Facts::default() }))
    };
    let shipped = events.iter().filter(|event| !event.shipment_id.is_empty());
    let news = shipped.map(read).collect::<Result<_, Fault>>()?;
    absorb_known(cx, news).await
}
