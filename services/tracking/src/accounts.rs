//! Carrier accounts, opened: from what we were told of them, else from the accounts service.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use colibri_carrier_client::{AccountFacts, AccountHandle, OpenError};
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

/// How long what is known of an account is used without a look: a carrier's calls come in crowds,
/// and a change of the account is seen soon enough.
const KNOWN_FOR: Duration = Duration::from_secs(5);

/// What was known of accounts a moment ago. Bounded by their number.
#[derive(Debug, Default)]
pub struct Known(Mutex<HashMap<AccountId, (Instant, AccountFacts)>>);

impl Known {
    fn get(&self, account: AccountId) -> Option<AccountFacts> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, facts) = known.get(&account)?;
        (at.elapsed() < KNOWN_FOR).then(|| facts.clone())
    }

    fn keep(&self, facts: &AccountFacts) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(facts.account_id, (Instant::now(), facts.clone()));
    }
}

impl Tracking {
    /// Opens an account by its id.
    pub(crate) async fn account(&self, account: AccountId) -> Result<Arc<AccountHandle>, Unusable> {
        let opened = match self.facts(account).await.map_err(Unusable::Now)? {
            Some(facts) => self.carriers.account_of(&facts).await,
            // Its event is still on the way.
            None => self.carriers.account(self.whose(account).await?, account).await,
        };
        opened.map_err(Unusable::of)
    }

    async fn facts(&self, account: AccountId) -> Result<Option<AccountFacts>, Fault> {
        if let Some(facts) = self.known.get(account) {
            return Ok(Some(facts));
        }
        let mut db = self.db.acquire().await?;
        let facts = store::accounts::load(&mut db, &[account.to_uuid()]).await?.pop();
        if let Some(facts) = &facts {
            self.known.keep(facts);
        }
        Ok(facts)
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
