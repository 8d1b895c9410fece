//! The three things a carrier's answer can mean besides yes.

use std::time::Duration;

/// The shipment cannot be expressed for this carrier. Known before any call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct Rejection {
    /// Field of [`crate::Shipment`] that is missing or beyond a limit, e.g. `recipient.postcode`.
    pub field: &'static str,
    /// What the carrier allows, without personal values.
    pub reason: String,
}

impl Rejection {
    /// A rejection of one field.
    #[must_use]
    pub fn new(field: &'static str, reason: impl Into<String>) -> Self {
        Self { field, reason: reason.into() }
    }
}

/// Why a carrier's answer is no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CarrierError {
    /// A definite no: nothing happened, and asking the same again gives the same.
    #[error("refused with {code}")]
    Refused {
        /// The carrier's code.
        code: String,
        /// The carrier's words. May quote an address: never logged, shown to the tenant only.
        message: String,
    },
    /// Nothing happened, by the carrier's documents; ask again later.
    #[error("busy ({code})")]
    Later {
        /// The carrier's code or the HTTP status.
        code: String,
        /// When the carrier says so.
        retry_after: Option<Duration>,
    },
    /// The credentials or the token were not accepted; nothing happened.
    #[error("credentials not accepted ({code})")]
    Unauthorised {
        /// The carrier's code or the HTTP status.
        code: String,
    },
    /// Not what the carrier documents. After a purchase, money may have moved.
    #[error("unreadable answer: {reason}")]
    Garbled {
        /// What was wrong with the form; never quotes the body.
        reason: String,
    },
}

impl CarrierError {
    /// An answer that is not what was documented.
    #[must_use]
    pub fn garbled(reason: impl Into<String>) -> Self {
        Self::Garbled { reason: reason.into() }
    }
}
