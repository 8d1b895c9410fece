//! What a check answers.

use std::fmt;

use serde::Serialize;

use crate::{Address, Code, NoticeCode};

/// Why an address cannot be shipped to as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Public and stable.
    pub code: Code,
    /// Which field, such as `postcode` or `lines/0`.
    pub field: String,
    /// What is expected, in English, with an example. For the person who corrects, not for logs.
    pub reason: String,
}

impl Problem {
    pub(crate) fn new(code: Code, field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { code, field: field.into(), reason: reason.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.code, self.field, self.reason)
    }
}

/// A correction that was made, or an observation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// Which kind.
    pub code: NoticeCode,
    /// Which field, such as `postcode` or `lines/0`.
    pub field: String,
    /// One sentence in English without personal content.
    pub detail: String,
}

impl Notice {
    pub(crate) fn new(
        code: NoticeCode,
        field: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Self { code, field: field.into(), detail: detail.into() }
    }
}

/// The answer to [`crate::check`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The address after the corrections that are safe to make alone. Keep the original too.
    pub normalised: Address,
    /// Empty when the address may be shipped to.
    pub problems: Vec<Problem>,
    /// Corrections first, then observations.
    pub notices: Vec<Notice>,
}

impl Verdict {
    /// No problem was found. It does not say that the place exists.
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        self.problems.is_empty()
    }
}
