//! Carrier connectors with a network: what `colibri-carriers` describes, done.
//!
//! Owns: opened accounts (credentials from the vault, kept for a minute), carriers' tokens, and the
//! question whether something may have happened when a call did not end well. Used by every service
//! that talks to carriers; which flow opens the credentials is the service's own.
//! Deliberately absent: retries (the intent's matter), rate limits and breakers (the kit's egress),
//! and anything about parcels or rows.

mod ask;
mod error;
mod facts;
mod handle;
mod token;
mod wire;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use colibri_events::{
    accounts::v1::{ResolveAccountRequest, accounts_service_client::AccountsServiceClient},
    vault::v1::{Flow, OpenCredentialsRequest, vault_service_client::VaultServiceClient},
};
use colibri_kit::{clock::SharedClock, egress::Egress, fault::RpcError, rpc::Peers, service::Host};
use colibri_types::{AccountId, TenantId};
use tokio::sync::Mutex as AsyncMutex;

pub use ask::First;
pub use error::{CallError, OpenError};
pub use facts::AccountFacts;
pub use handle::AccountHandle;

/// How long opened credentials are used before the vault is asked again: a replaced password
/// reaches every process within that, and a busy account costs one opening a minute.
const OPEN_FOR: Duration = Duration::from_secs(60);

type Slot = Arc<AsyncMutex<Option<Open>>>;

struct Open {
    handle: Arc<AccountHandle>,
    at: Instant,
}

/// Talks to carriers for one service. Cheap to clone.
#[derive(Clone)]
pub struct CarrierClient(Arc<Inner>);

struct Inner {
    peers: Peers,
    egress: Egress,
    clock: SharedClock,
    flow: Flow,
    /// One slot per account: whoever finds it stale opens it while the others wait.
    open: Mutex<HashMap<(TenantId, AccountId), Slot>>,
}

impl std::fmt::Debug for CarrierClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CarrierClient({:?})", self.0.flow)
    }
}

impl CarrierClient {
    /// A client of this process that opens credentials for `flow`.
    #[must_use]
    pub fn new(host: &Host, flow: Flow) -> Self {
        Self(Arc::new(Inner {
            peers: host.peers.clone(),
            egress: host.egress.clone(),
            clock: host.clock.clone(),
            flow,
            open: Mutex::default(),
        }))
    }

    /// An account by its id: the accounts service tells what it is, the vault opens it. Both
    /// answers are kept for a minute.
    ///
    /// # Errors
    /// [`OpenError`]; [`OpenError::clears_by_itself`] tells whether to come again.
    pub async fn account(
        &self,
        tenant: TenantId,
        account: AccountId,
    ) -> Result<Arc<AccountHandle>, OpenError> {
        let slot = self.slot(tenant, account);
        let mut open = slot.lock().await;
        if let Some(held) = open.as_ref().filter(|held| held.at.elapsed() < OPEN_FOR) {
            return Ok(held.handle.clone());
        }
        let facts = self.resolve(tenant, account).await?;
        self.open(&mut open, facts).await
    }

    /// An account whose facts the caller keeps itself, from
    /// [`colibri_events::accounts::v1::CarrierAccountChanged`]: a newer version is opened at once.
    ///
    /// # Errors
    /// [`OpenError`]; [`OpenError::clears_by_itself`] tells whether to come again.
    pub async fn account_of(&self, facts: &AccountFacts) -> Result<Arc<AccountHandle>, OpenError> {
        let slot = self.slot(facts.tenant_id, facts.account_id);
        let mut open = slot.lock().await;
        let fresh = |held: &&Open| held.at.elapsed() < OPEN_FOR && held.handle.facts == *facts;
        if let Some(held) = open.as_ref().filter(fresh) {
            return Ok(held.handle.clone());
        }
        self.open(&mut open, facts.clone()).await
    }

    /// Drops what is kept of an account, so that its next use opens it again.
    pub fn forget(&self, tenant: TenantId, account: AccountId) {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.remove(&(tenant, account));
    }

    /// Now, by the business clock.
    #[must_use]
    pub fn now(&self) -> time::OffsetDateTime {
        self.0.clock.now()
    }

    fn slot(&self, tenant: TenantId, account: AccountId) -> Slot {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.entry((tenant, account)).or_default().clone()
    }

    /// What the accounts service knows of an account of this tenant.
    ///
    /// # Errors
    /// [`OpenError::Unknown`] for another tenant's account and for a sales channel's.
    pub async fn resolve(
        &self,
        tenant: TenantId,
        account: AccountId,
    ) -> Result<AccountFacts, OpenError> {
        let mut accounts = AccountsServiceClient::new(self.0.peers.to("accounts", tenant));
        let asked = ResolveAccountRequest { account_id: account.to_string() };
        let answer = accounts.resolve_account(asked).await.map_err(|status| {
            let source = Box::new(RpcError::from_status(&status));
            OpenError::Accounts { account, source }
        })?;
        AccountFacts::from_answer(account, answer.get_ref())
            .filter(|facts| facts.tenant_id == tenant)
            .ok_or(OpenError::Unknown { account })
    }

    async fn open(
        &self,
        slot: &mut Option<Open>,
        facts: AccountFacts,
    ) -> Result<Arc<AccountHandle>, OpenError> {
        let account = facts.account_id;
        let carrier = colibri_carriers::by_id(&facts.carrier)
            .ok_or_else(|| OpenError::Carrier { account, carrier: facts.carrier.clone() })?;
        self.0.egress.kill(&account.to_string(), facts.disabled);
        let mut vault = VaultServiceClient::new(self.0.peers.to("vault", facts.tenant_id));
        let asked =
            OpenCredentialsRequest { flow: self.0.flow.into(), account_id: account.to_string() };
        let opened = vault.open_credentials(asked).await.map_err(|status| {
            let source = Box::new(RpcError::from_status(&status));
            OpenError::Vault { account, source }
        })?;
        let opened = opened.into_inner();
        let unchanged = slot
            .as_ref()
            .map(|held| &held.handle)
            .filter(|handle| handle.revision == opened.revision && handle.facts == facts);
        let handle = match unchanged {
            // The same account keeps its token.
            Some(handle) => handle.clone(),
            None => Arc::new(AccountHandle::new(carrier, facts, opened)?),
        };
        *slot = Some(Open { handle: handle.clone(), at: Instant::now() });
        Ok(handle)
    }
}
