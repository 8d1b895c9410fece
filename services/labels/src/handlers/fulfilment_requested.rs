//! A shipment is to be bought.

use colibri_events::orders::v1::FulfilmentRequested;
use colibri_kit::{fault::Fault, service::Cx};

use super::{absorb, key};
use crate::{Labels, domain::Facts, error::codes};

/// Most parcels of a shipment: what the carriers' calls and the vault's batches were sized for.
const PARCELS_MAX: usize = 50;

/// Notes what is to be shipped; asks for the label once the shipment lacks nothing. The latest
/// version wins, whatever the order of arrival.
///
/// # Errors
/// [`Fault::Reject`] `LBL0012` when ids are malformed or the number of parcels is none.
pub async fn fulfilment_requested(
    cx: &mut Cx<Labels>,
    events: &[FulfilmentRequested],
) -> Result<(), Fault> {
    let read = |event: &FulfilmentRequested| {
        if !(1..=PARCELS_MAX).contains(&event.parcels.len()) {
            let text = format!("one to {PARCELS_MAX} parcels");
            return Err(Fault::reject(codes::EVENT, text));
        }
        let key = key(&event.shipment_id, &event.tenant_id, &event.order_id)?;
        Ok((key, Facts::of_request(event.clone())))
    };
    let news = events.iter().map(read).collect::<Result<_, _>>()?;
    absorb(cx, news).await
}
