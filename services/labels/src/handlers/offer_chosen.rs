//! A carrier was chosen.

use colibri_events::pricing::v1::OfferChosen;
use colibri_kit::{fault::Fault, service::Cx};

use super::{absorb, key};
use crate::{Labels, domain::Facts};

/// Notes the chosen carrier; asks for the label once the shipment lacks nothing.
/// Records an intent only: buying is slow and costs money, the worker does it.
///
/// # Errors
/// [`Fault::Reject`] `LBL0012` when ids are malformed.
pub async fn offer_chosen(cx: &mut Cx<Labels>, events: &[OfferChosen]) -> Result<(), Fault> {
    let read = |event: &OfferChosen| {
        let key = key(&event.shipment_id, &event.tenant_id, &event.order_id)?;
        Ok((key, Facts::of_offer(event.clone())))
    };
    let news = events.iter().map(read).collect::<Result<_, Fault>>()?;
    absorb(cx, news).await
}
