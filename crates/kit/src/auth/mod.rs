//! Who calls, for whom, and what they may do.
//!
//! People and programs bring a bearer JWT of an outside issuer or of our own ([`Issuer`]); our
//! services bring one signed with the shared service key, and name the tenant they act for in
//! metadata. What a method requires stands in the proto files; `rpc` compares the two.

mod cache;
mod claims;
mod issuer;
mod jwks;
mod keys;
mod trust;
mod verifier;

use std::str::FromStr as _;

use colibri_types::TenantId;
pub use issuer::{Issuer, IssuerError, MintError, MintRequest};
pub use trust::{Trust, TrustError};
pub use verifier::{Verifier, VerifierBuilder, VerifierError};

use crate::fault::{Fault, codes};

/// Metadata in which one of our services names the tenant it acts for.
pub const TENANT_HEADER: &str = "colibri-tenant";

/// Scope that stands for all others; only a service of ours may hold it.
pub const EVERY_SCOPE: &str = "*";

/// A verified caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The token's `sub`: a client or person, or a service's name.
    pub subject: String,
    /// For whom it acts; absent for operators, and for services between tenants.
    pub tenant: Option<TenantId>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Which service of ours it is, if it is one.
    pub service: Option<String>,
}

impl Caller {
    /// The tenant it acts for.
    ///
    /// # Errors
    /// [`Fault::Reject`] `KIT0003` when it acts for none.
    pub fn tenant(&self) -> Result<TenantId, Fault> {
        self.tenant.ok_or_else(|| {
            Fault::permission_denied(codes::NO_TENANT, "the caller acts for no tenant")
        })
    }

    /// Whether it holds this scope.
    #[must_use]
    pub fn holds(&self, scope: &str) -> bool {
        let every = |held: &String| self.service.is_some() && held == EVERY_SCOPE;
        self.scopes.iter().any(|held| held == scope || every(held))
    }

    /// Insists on this scope.
    ///
    /// # Errors
    /// [`Fault::Reject`] `KIT0004` when it is missing.
    pub fn require(&self, scope: &str) -> Result<(), Fault> {
        if self.holds(scope) {
            return Ok(());
        }
        let reason = format!("the scope {scope} is required");
        Err(Fault::permission_denied(codes::SCOPE_MISSING, reason))
    }

    /// The caller of a gRPC request, noted there by the server.
    ///
    /// # Errors
    /// [`Fault::Reject`] `KIT0001` when the method is public and nobody was asked.
    pub fn of<T>(request: &tonic::Request<T>) -> Result<&Self, Fault> {
        let caller = request.extensions().get::<Self>();
        caller.ok_or_else(|| AuthError::Missing.into())
    }

    /// The same caller acting for the tenant in [`TENANT_HEADER`]. Only services of ours may
    /// choose; anybody else's header is ignored.
    ///
    /// # Errors
    /// [`AuthError::Malformed`] when a service's header is no tenant.
    pub fn acting_for(mut self, header: Option<&str>) -> Result<Self, AuthError> {
        if let (Some(_), Some(text)) = (&self.service, header) {
            let tenant = TenantId::from_str(text).map_err(|_| AuthError::Malformed)?;
            self.tenant = Some(tenant);
        }
        Ok(self)
    }
}

/// Why a caller is not believed. The text never repeats the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// No bearer token.
    #[error("a bearer token is required")]
    Missing,
    /// Not a token, too long, or claims of a wrong type.
    #[error("the token is malformed")]
    Malformed,
    /// Past its `exp`.
    #[error("the token has expired")]
    Expired,
    /// Unknown issuer or key, wrong signature, algorithm, audience, or not valid yet.
    #[error("the token is not accepted here")]
    Refused,
    /// The issuer's keys cannot be had, and this one is not known.
    #[error("the keys of the issuer are not available")]
    KeysUnavailable,
}

impl From<AuthError> for Fault {
    fn from(error: AuthError) -> Self {
        let code = match error {
            AuthError::Missing | AuthError::Malformed => codes::TOKEN_MISSING,
            AuthError::Expired => codes::TOKEN_EXPIRED,
            AuthError::Refused => codes::TOKEN_REFUSED,
            AuthError::KeysUnavailable => return Self::retry(error),
        };
        Self::unauthenticated(code, error.to_string())
    }
}

/// The token of an `Authorization` header.
///
/// # Errors
/// [`AuthError::Missing`] without one, [`AuthError::Malformed`] for another scheme.
pub fn bearer(headers: &http::HeaderMap) -> Result<&str, AuthError> {
    let mut values = headers.get_all(http::header::AUTHORIZATION).iter();
    let value = values.next().ok_or(AuthError::Missing)?;
    // Two are a way to show one to a proxy and another to us.
    if values.next().is_some() {
        return Err(AuthError::Malformed);
    }
    let text = value.to_str().map_err(|_| AuthError::Malformed)?;
    let (scheme, token) = text.split_once(' ').ok_or(AuthError::Malformed)?;
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() {
        Ok(token)
    } else {
        Err(AuthError::Malformed)
    }
}

#[cfg(test)]
mod tests;
