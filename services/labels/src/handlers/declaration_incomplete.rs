//! Goods may not cross the border yet.

use colibri_events::customs::v1::DeclarationIncomplete;
use colibri_kit::{fault::Fault, service::Cx};

use super::{absorb, key};
use crate::{
    Labels,
    domain::{Declared, Facts},
};

/// Notes what is missing, for whoever looks at the shipment: it waits until customs say otherwise.
///
/// # Errors
/// [`Fault::Reject`] `LBL0012` when ids are malformed.
pub async fn declaration_incomplete(
    cx: &mut Cx<Labels>,
    events: &[DeclarationIncomplete],
) -> Result<(), Fault> {
    let read = |event: &DeclarationIncomplete| {
        let key = key(&event.shipment_id, &event.tenant_id, &event.order_id)?;
        Ok((key, Facts::of_declaration(Declared::Incomplete(event.clone()))))
    };
    let news = events.iter().map(read).collect::<Result<_, Fault>>()?;
    absorb(cx, news).await
}
