//! The claims of a token, typed: what is absent or of a wrong type makes the token malformed,
//! and a claim given twice does too.

use serde::{Deserialize, Serialize};

/// What we read of a token. Other claims are ignored.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) aud: Audience,
    pub(super) sub: String,
    /// Seconds since 1970, as `nbf`. Whole and not negative, or the token is malformed.
    pub(super) exp: u64,
    pub(super) nbf: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) iat: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tenant: Option<String>,
    /// Space separated.
    #[serde(default)]
    pub(super) scope: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) service: Option<String>,
}

/// One audience or several.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    pub(super) fn contains(&self, wanted: &str) -> bool {
        match self {
            Self::One(one) => one == wanted,
            Self::Many(many) => many.iter().any(|one| one == wanted),
        }
    }
}

/// Only the issuer, to find the keys. Nothing is believed yet.
#[derive(Debug, Deserialize)]
pub(super) struct Peek {
    pub(super) iss: String,
}
