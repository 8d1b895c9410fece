use colibri_events::accounts::v1::CarrierAccountChanged;
use colibri_kit::{fault::Fault, service::Cx};

use crate::{Tracking, store::accounts};

/// Keeps what is known of carrier accounts. Idempotent on (account, version), in any order.
///
/// # Errors
/// [`Fault::Reject`] `TRK0006` for a malformed id; [`Fault::Retry`] when the database is away.
pub async fn carrier_account_changed(
    cx: &mut Cx<Tracking>,
    events: &[CarrierAccountChanged],
) -> Result<(), Fault> {
    accounts::keep(cx.db(), events).await
}
