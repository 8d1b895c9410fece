//! A shipment is to be bought.

use colibri_events::orders::v1::FulfilmentRequested;
use colibri_kit::{fault::Fault, service::Cx};

use super::{absorb, absorb_known, key};
use crate::{Customs, domain::facts::Facts};

/// Notes what is to cross a border and decides about it once its carrier is known. The latest
/// version wins, whatever the order of arrival. Most shipments cross none and cost nothing here; a
/// later version that crosses none ends the declaration of an earlier one.
///
/// # Errors
/// [`Fault::Reject`] `CUS0005` when ids are malformed or of another tenant.
pub async fn fulfilment_requested(
    cx: &mut Cx<Customs>,
    events: &[FulfilmentRequested],
) -> Result<(), Fault> {
    let (mut crossing, mut staying) = (Vec::new(), Vec::new());
    for event in events {
        // The way back is declared by whoever sends it back.
        let ours = event.crosses_customs_border && !event.way_back;
        if !ours && event.version <= 1 {
            continue;
        }
        let key = key(&event.shipment_id, &event.tenant_id, &event.order_id)?;
        let facts = Facts { request: Some(event.clone()), ..Facts::default() };
        if ours { crossing.push((key, facts)) } else { staying.push((key, facts)) }
    }
    // In the order of versions: what crosses first makes the rows that the others look for.
    absorb(cx, crossing).await?;
    absorb_known(cx, staying).await
}
