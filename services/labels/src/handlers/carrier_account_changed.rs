//! A carrier account was registered, replaced, disabled or enabled.

use colibri_carrier_client::AccountFacts;
use colibri_events::accounts::v1::CarrierAccountChanged;
use colibri_kit::{fault::Fault, service::Cx};

use crate::{Labels, error::codes, store::reference};

/// Keeps the account. A purchase opens it by its version, so that a replaced password or the kill
/// switch counts from the next wave on.
///
/// # Errors
/// [`Fault::Reject`] `LBL0012` when ids are malformed.
pub async fn carrier_account_changed(
    cx: &mut Cx<Labels>,
    events: &[CarrierAccountChanged],
) -> Result<(), Fault> {
    let read = |event: &CarrierAccountChanged| {
        let facts = AccountFacts::from_event(event);
        facts.ok_or_else(|| Fault::reject(codes::EVENT, "account: malformed"))
    };
    let accounts: Vec<AccountFacts> = events.iter().map(read).collect::<Result<_, _>>()?;
    reference::keep_accounts(cx.db(), &accounts).await
}
