use colibri_events::labels::v1::LabelPurchased;
use colibri_kit::{fault::Fault, service::Cx};

use crate::{Orders, store};

/// Notes that the orders' labels are bought: from then on they can be cancelled, not held.
/// Idempotent; nothing is published.
///
/// # Errors
/// [`Fault::Retry`] when the database is away.
pub async fn label_purchased(cx: &mut Cx<Orders>, events: &[LabelPurchased]) -> Result<(), Fault> {
    let orders = super::orders(events.iter().map(|e| (e.tenant_id.as_str(), e.order_id.as_str())))?;
    let now = cx.now();
    store::labelled(cx.db(), &orders, Some(now)).await
}
