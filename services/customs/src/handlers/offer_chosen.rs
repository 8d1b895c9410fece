//! A carrier was chosen: by post or express, and under which forms.

use colibri_events::pricing::v1::OfferChosen;
use colibri_kit::{fault::Fault, service::Cx};

use super::{absorb, key};
use crate::{Customs, domain::facts::Facts};

/// Notes the carrier of what crosses a border and decides once the request is known too.
///
/// # Errors
/// [`Fault::Reject`] `CUS0005` when ids are malformed or of another tenant.
pub async fn offer_chosen(cx: &mut Cx<Customs>, events: &[OfferChosen]) -> Result<(), Fault> {
    let read = |event: &OfferChosen| {
        let key = key(&event.shipment_id, &event.tenant_id, &event.order_id)?;
        Ok((key, Facts { offer: Some(event.clone()), ..Facts::default() }))
    };
    let crossing = events.iter().filter(|event| event.crosses_customs_border);
    let news = crossing.map(read).collect::<Result<_, Fault>>()?;
    absorb(cx, news).await
}
