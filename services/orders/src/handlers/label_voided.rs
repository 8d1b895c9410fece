use colibri_events::labels::v1::LabelVoided;
use colibri_kit::{fault::Fault, service::Cx};

use crate::{Orders, store};

/// Notes that the orders' labels are void: what was forbidden because of them is allowed again.
/// Idempotent; nothing is published.
///
/// # Errors
/// [`Fault::Retry`] when the database is away.
pub async fn label_voided(cx: &mut Cx<Orders>, events: &[LabelVoided]) -> Result<(), Fault> {
    let orders = super::orders(events.iter().map(|e| (e.tenant_id.as_str(), e.order_id.as_str())))?;
    store::labelled(cx.db(), &orders, None).await
}
