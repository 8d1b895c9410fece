//! An opened account.

use colibri_carriers::{Account, Auth, Call, Carrier, HttpRequest, Token};
use colibri_events::vault::v1::Credentials;
use colibri_types::{AccountId, TenantId};
use secrecy::SecretString;
use time::OffsetDateTime;

use crate::{AccountFacts, OpenError, token::TokenCell};

/// An account with its credentials opened, its carrier, and its token.
pub struct AccountHandle {
    /// Its carrier.
    pub carrier: &'static dyn Carrier,
    /// Fields and hosts, as the connector wants them.
    pub account: Account,
    /// What is known of it without opening it.
    pub facts: AccountFacts,
    /// Revision of the credentials in the vault.
    pub revision: u32,
    pub(crate) token_request: Option<HttpRequest>,
    pub(crate) token: TokenCell,
}

impl std::fmt::Debug for AccountHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AccountHandle({}, {:?})", self.facts.account_id, self.account)
    }
}

impl AccountHandle {
    pub(crate) fn new(
        carrier: &'static dyn Carrier,
        facts: AccountFacts,
        credentials: Credentials,
    ) -> Result<Self, OpenError> {
        let fields = credentials.fields.into_iter();
        let fields = fields.map(|field| (field.name, SecretString::from(field.value)));
        let account = Account { fields: fields.collect(), hosts: facts.hosts.clone() };
        let auth = carrier
            .auth(&account)
            .map_err(|source| OpenError::Field { account: facts.account_id, source })?;
        let token_request = match auth {
            Auth::PerCall => None,
            Auth::Token(request) => Some(request),
        };
        let revision = credentials.revision;
        let token = TokenCell::default();
        Ok(Self { carrier, account, facts, revision, token_request, token })
    }

    /// Id of the account: the lane of its calls.
    #[must_use]
    pub const fn account_id(&self) -> AccountId {
        self.facts.account_id
    }

    /// Whose it is.
    #[must_use]
    pub const fn tenant_id(&self) -> TenantId {
        self.facts.tenant_id
    }

    /// Whether calls need a token first.
    #[must_use]
    pub const fn has_tokens(&self) -> bool {
        self.token_request.is_some()
    }

    /// What a connector is given to build a request.
    #[must_use]
    pub const fn call<'a>(
        &'a self,
        token: Option<&'a Token>,
        now: OffsetDateTime,
        call_id: &'a str,
    ) -> Call<'a> {
        Call { account: &self.account, token, now, call_id }
    }
}
