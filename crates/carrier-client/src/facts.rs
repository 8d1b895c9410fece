//! What is known of an account without opening it.

use std::collections::BTreeMap;

use colibri_events::accounts::v1::{
    CarrierAccount, CarrierAccountChanged, ResolveAccountResponse, resolve_account_response,
};
use colibri_types::{AccountId, TenantId};

/// An account without its credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountFacts {
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Its id.
    pub account_id: AccountId,
    /// Id in the carrier registry.
    pub carrier: String,
    /// Hosts that differ from production, by name.
    pub hosts: BTreeMap<String, String>,
    /// The kill switch: nothing is sent while it is on.
    pub disabled: bool,
    /// Grows with each change; 0 where the source has none.
    pub version: u64,
}

impl AccountFacts {
    /// The account as its event tells it; `None` when an id is malformed or the account missing.
    #[must_use]
    pub fn from_event(event: &CarrierAccountChanged) -> Option<Self> {
        let tenant_id = event.tenant_id.parse().ok()?;
        let account_id = event.account_id.parse().ok()?;
        let account = event.account.as_ref()?;
        Some(Self::read(tenant_id, account_id, account, event.version))
    }

    /// The account as the accounts service answers; `None` when it is no carrier account.
    pub(crate) fn from_answer(asked: AccountId, answer: &ResolveAccountResponse) -> Option<Self> {
        let tenant_id = answer.tenant_id.parse().ok()?;
        match answer.account.as_ref()? {
            resolve_account_response::Account::Carrier(account) => {
                Some(Self::read(tenant_id, asked, account, 0))
            }
            resolve_account_response::Account::Channel(_) => None,
        }
    }

    fn read(tenant_id: TenantId, id: AccountId, account: &CarrierAccount, version: u64) -> Self {
        let hosts = account.hosts.iter().map(|host| (host.name.clone(), host.url.clone()));
        Self {
            tenant_id,
            account_id: id,
            carrier: account.carrier.clone(),
            hosts: hosts.collect(),
            disabled: account.disabled,
            version,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use colibri_events::accounts::v1::{ChannelAccount, Host};

    use super::*;

    fn account() -> CarrierAccount {
        CarrierAccount {
            carrier: "ups".into(),
            hosts: vec![Host { name: "api".into(), url: "http://127.0.0.1:1".into() }],
            disabled: true,
            ..Default::default()
        }
    }

    #[test]
    fn an_event_and_an_answer_tell_the_same() {
        let (tenant, id) = (TenantId::generate(), AccountId::generate());
        let event = CarrierAccountChanged {
            account_id: id.to_string(),
            tenant_id: tenant.to_string(),
            account: Some(account()),
            version: 3,
        };
        let told = AccountFacts::from_event(&event).unwrap();
        assert_eq!((told.version, told.disabled), (3, true));
        assert_eq!(told.hosts.get("api").map(String::as_str), Some("http://127.0.0.1:1"));
        let answer = ResolveAccountResponse {
            tenant_id: tenant.to_string(),
            account: Some(resolve_account_response::Account::Carrier(account())),
        };
        let answered = AccountFacts::from_answer(id, &answer).unwrap();
        assert_eq!(AccountFacts { version: 3, ..answered }, told);
    }

    #[test]
    fn a_sales_channel_and_malformed_ids_are_no_carrier_account() {
        let channel = ResolveAccountResponse {
            tenant_id: TenantId::generate().to_string(),
            account: Some(resolve_account_response::Account::Channel(ChannelAccount::default())),
        };
        assert_eq!(AccountFacts::from_answer(AccountId::generate(), &channel), None);
        let event = CarrierAccountChanged { account: Some(account()), ..Default::default() };
        assert_eq!(AccountFacts::from_event(&event), None);
    }
}
