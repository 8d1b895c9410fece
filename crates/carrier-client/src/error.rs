//! Why an account could not be opened, and why a call came to nothing.

use std::time::Duration;

use colibri_carriers::{AccountError, Rejection};
use colibri_kit::fault::RpcError;
use colibri_types::AccountId;

/// Why an account could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No carrier account of this tenant.
    #[error("{account} is no carrier account of this tenant")]
    Unknown {
        /// The account.
        account: AccountId,
    },
    /// Its carrier is not in the registry of this binary.
    #[error("carrier {carrier} of {account} is not installed here")]
    Carrier {
        /// The account.
        account: AccountId,
        /// Id of its carrier.
        carrier: String,
    },
    /// A field that its carrier needs is missing or malformed.
    #[error("open {account}")]
    Field {
        /// The account.
        account: AccountId,
        /// Which field.
        source: AccountError,
    },
    /// The accounts service did not tell what it is.
    #[error("ask what {account} is")]
    Accounts {
        /// The account.
        account: AccountId,
        /// Its answer.
        source: Box<RpcError>,
    },
    /// The vault did not open its credentials.
    #[error("open the credentials of {account}")]
    Vault {
        /// The account.
        account: AccountId,
        /// Its answer.
        source: Box<RpcError>,
    },
}

impl OpenError {
    /// Whether the same opening may succeed later without any change of the account.
    #[must_use]
    pub fn clears_by_itself(&self) -> bool {
        match self {
            Self::Accounts { source, .. } | Self::Vault { source, .. } => source.clears_by_itself(),
            Self::Unknown { .. } | Self::Carrier { .. } | Self::Field { .. } => false,
        }
    }
}

/// Why a call came to nothing: sorted by whether something may have happened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The carrier cannot be asked this; nothing was sent.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Nothing has left, or nothing but a login.
    #[error("not sent: {reason}")]
    NotSent {
        /// Why.
        reason: &'static str,
        /// When to try again, when known.
        after: Option<Duration>,
    },
    /// A definite no: nothing happened, and asking the same again gives the same.
    #[error("refused with {code}")]
    Refused {
        /// The carrier's code.
        code: String,
    },
    /// Nothing happened, by the carrier's documents; ask again later.
    #[error("busy ({code})")]
    Later {
        /// The carrier's code or the HTTP status.
        code: String,
        /// When the carrier says so.
        after: Option<Duration>,
    },
    /// The credentials are not accepted, with a fresh token neither; nothing happened.
    #[error("credentials not accepted ({code})")]
    Unauthorised {
        /// The carrier's code or the HTTP status.
        code: String,
    },
    /// It may have happened: the answer was lost or cannot be read.
    #[error("unclear: {reason}")]
    Unclear {
        /// What is known; quotes nothing of the carrier's body.
        reason: String,
    },
}
