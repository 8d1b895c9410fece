//! Carrier accounts, opened: from what we were told of them, else from the accounts service.

use std::sync::Arc;

use colibri_carrier_client::{AccountHandle, OpenError};
use colibri_events::accounts::v1::{
    ResolveAccountRequest, accounts_service_client::AccountsServiceClient,
};
use colibri_kit::fault::{Fault, RpcError};
use colibri_types::{AccountId, TenantId};
use tonic::Code;

use crate::{Tracking, store};

/// Why an account cannot be used.
#[derive(Debug)]
pub enum Unusable {
    /// There is none, its carrier is not installed here, or its fields are not whole.
    Never(Fault),
    /// Something is away.
    Now(Fault),
}

impl Unusable {
    fn of(error: OpenError) -> Self {
        if error.clears_by_itself() {
            Self::Now(Fault::retry(error))
        } else {
            Self::Never(Fault::bug(error))
        }
    }
}

impl Tracking {
    /// Opens an account by its id.
    pub(crate) async fn account(&self, account: AccountId) -> Result<Arc<AccountHandle>, Unusable> {
        let known = async {
            let mut db = self.db.acquire().await?;
            store::accounts::load(&mut db, &[account.to_uuid()]).await
        };
        let opened = match known.await.map_err(Unusable::Now)?.first() {
            Some(facts) => self.carriers.account_of(facts).await,
            // Its event is still on the way.
            None => self.carriers.account(self.whose(account).await?, account).await,
        };
        opened.map_err(Unusable::of)
    }

    async fn whose(&self, account: AccountId) -> Result<TenantId, Unusable> {
        let mut accounts = AccountsServiceClient::new(self.peers.to("accounts", None));
        let asked = ResolveAccountRequest { account_id: account.to_string() };
        let answer = accounts.resolve_account(asked).await.map_err(|status| {
            if RpcError::from_status(&status).code == Code::NotFound {
                Unusable::Never(status.into())
            } else {
                Unusable::Now(status.into())
            }
        })?;
        answer.get_ref().tenant_id.parse().map_err(|cause| Unusable::Never(Fault::bug(cause)))
    }
}
