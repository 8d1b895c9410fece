//! A tenant's contract with a carrier, opened for one call.

use std::{collections::BTreeMap, fmt};

use secrecy::{ExposeSecret, SecretString};
use time::Duration;

use crate::HttpRequest;

/// An account with its credentials opened. `Debug` prints the names of the fields only.
#[derive(Clone, Default)]
pub struct Account {
    /// Fields by the names of [`crate::CarrierInfo::account_fields`].
    pub fields: BTreeMap<String, SecretString>,
    /// Hosts that differ from production, by the names of [`crate::CarrierInfo::hosts`].
    pub hosts: BTreeMap<String, String>,
}

/// A field of the account is missing or malformed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("account field {field}: {reason}")]
pub struct AccountError {
    /// Name of the field.
    pub field: &'static str,
    /// What it should be.
    pub reason: &'static str,
}

impl Account {
    /// A field's value, when present and not empty.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(ExposeSecret::expose_secret).filter(|value| !value.is_empty())
    }

    /// A field that the carrier cannot work without.
    ///
    /// # Errors
    /// [`AccountError`] when it is missing.
    pub fn required(&self, name: &'static str) -> Result<&str, AccountError> {
        self.field(name).ok_or(AccountError { field: name, reason: "is missing" })
    }

    /// Base URL of a named host without a trailing slash: the account's own, or production.
    #[must_use]
    pub fn host<'a>(&'a self, info: &'a crate::CarrierInfo, name: &str) -> &'a str {
        let production = info.hosts.iter().find(|(key, _)| *key == name).map(|(_, url)| *url);
        let own = self.hosts.get(name).map(String::as_str);
        own.or(production).unwrap_or_default().trim_end_matches('/')
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("fields", &self.fields.keys()).finish_non_exhaustive()
    }
}

/// How calls prove who calls.
#[derive(Debug, Clone)]
pub enum Auth {
    /// The credentials travel in each request.
    PerCall,
    /// A token must be fetched first, with this request, and is kept until it ends.
    Token(HttpRequest),
}

/// A bearer token of a carrier.
#[derive(Clone)]
pub struct Token {
    /// The token.
    pub value: SecretString,
    /// How long it is valid from now.
    pub valid_for: Duration,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token(.., {} s)", self.valid_for.whole_seconds())
    }
}
