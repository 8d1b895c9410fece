//! What may be an account, a site, a client: pure rules over what was sent.

pub mod address;
pub mod carrier;
pub mod names;
pub mod scopes;

/// A field that was not accepted: its path, and what it should be. Never repeats the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Public code of the error as a whole.
    pub code: &'static str,
    /// Path in the request.
    pub field: String,
    /// Stable word in capitals, or a code with its own page.
    pub why: String,
    /// For developers, in English.
    pub description: String,
}

impl Violation {
    /// A violation.
    pub fn new(
        code: &'static str,
        field: impl Into<String>,
        why: &str,
        description: impl Into<String>,
    ) -> Self {
        Self { code, field: field.into(), why: why.to_owned(), description: description.into() }
    }
}
