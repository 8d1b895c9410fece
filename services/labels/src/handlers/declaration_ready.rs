//! Goods may cross the border.

use colibri_events::customs::v1::DeclarationReady;
use colibri_kit::{fault::Fault, service::Cx};

use super::{absorb, key};
use crate::{
    Labels,
    domain::{Declared, Facts},
};

/// Notes what the carrier is told for customs; asks for the label once the shipment lacks nothing.
///
/// # Errors
/// [`Fault::Reject`] `LBL0012` when ids are malformed.
pub async fn declaration_ready(
    cx: &mut Cx<Labels>,
    events: &[DeclarationReady],
) -> Result<(), Fault> {
    let read = |event: &DeclarationReady| {
        let key = key(&event.shipment_id, &event.tenant_id, &event.order_id)?;
        Ok((key, Facts::of_declaration(Declared::Ready(Box::new(event.clone())))))
    };
    let news = events.iter().map(read).collect::<Result<_, Fault>>()?;
    absorb(cx, news).await
}
