//! One module per event that orders hears.

mod label_purchased;
mod label_voided;
mod site_changed;

pub use label_purchased::label_purchased;
pub use label_voided::label_voided;
pub use site_changed::site_changed;

use colibri_kit::fault::Fault;
use colibri_types::{OrderId, TenantId};

/// Parses an id of an event; its producer is ours, so what does not parse is parked.
fn id<T: std::str::FromStr>(text: &str, field: &str) -> Result<T, Fault> {
    let reason = || Fault::reject(crate::error::REQUEST, format!("{field} is not an id"));
    text.parse().map_err(|_| reason())
}

/// The order of an event about a label, if the label belongs to one; sorted and each once.
fn orders<'e>(
    pairs: impl Iterator<Item = (&'e str, &'e str)>,
) -> Result<Vec<(TenantId, OrderId)>, Fault> {
    let with_order = pairs.filter(|(_, order)| !order.is_empty());
    let mut found = with_order
        .map(|(tenant, order)| Ok((id(tenant, "tenant_id")?, id(order, "order_id")?)))
        .collect::<Result<Vec<(TenantId, OrderId)>, Fault>>()?;
    found.sort_unstable();
    found.dedup();
    Ok(found)
}
