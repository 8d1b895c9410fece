//! `ResolveAccount`: whose an account is, for services that were called about it from outside.

use colibri_events::accounts::v1::{
    ResolveAccountRequest, ResolveAccountResponse, resolve_account_response::Account,
};
use colibri_kit::{fault::Fault, service::Shell};
use colibri_types::{AccountId, TenantId};

use crate::{
    Accounts,
    error::{UNKNOWN, fault},
    store,
};

/// The tenant of an account, and the account.
///
/// # Errors
/// [`Fault::Reject`] `ACC0008`.
pub async fn resolve(
    shell: &Shell<Accounts>,
    request: ResolveAccountRequest,
) -> Result<ResolveAccountResponse, Fault> {
    let account: AccountId = request.account_id.parse().map_err(|_| fault(UNKNOWN))?;
    let mut cx = shell.begin_log().await?;
    let found = match store::carrier(cx.db(), account).await? {
        Some(row) => Some((row.tenant_id, Account::Carrier(row.into_message()))),
        None => {
            let row = store::channel(cx.db(), account).await?;
            row.map(|row| (row.tenant_id, Account::Channel(row.into_message())))
        }
    };
    cx.commit().await?;
    let (tenant, account) = found.ok_or_else(|| fault(UNKNOWN))?;
    let tenant_id = TenantId::from_uuid(tenant).to_string();
    Ok(ResolveAccountResponse { tenant_id, account: Some(account) })
}
