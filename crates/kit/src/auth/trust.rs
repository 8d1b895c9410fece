//! Whom this process believes and what it signs with, set up from `[kit.auth]` in one place, so
//! that all processes agree on the names.

use super::{Issuer, IssuerError, Verifier, VerifierError};
use crate::{clock::SharedClock, config::AuthConfig};

/// `iss` of tokens for people and programs, signed by ourselves.
const OWN: &str = "colibri";

/// `iss` of tokens between our services.
const SERVICES: &str = "colibri-services";

/// Why trust could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// A key file of ours.
    #[error(transparent)]
    Issuer(#[from] IssuerError),
    /// The outside issuer.
    #[error(transparent)]
    Verifier(#[from] VerifierError),
}

/// The issuers and the verifier of a process.
#[derive(Debug, Clone)]
pub struct Trust {
    /// Our issuer for people, when it has a key file.
    pub own: Option<Issuer>,
    /// The issuer between services, when it has a key file.
    pub services: Option<Issuer>,
    /// Believes both, and the outside issuer when there is one.
    pub verifier: Verifier,
}

impl Trust {
    /// Loads the keys `[kit.auth]` names; makes those of ours that are not there yet.
    ///
    /// # Errors
    /// [`TrustError`].
    pub fn load(config: &AuthConfig, clock: &SharedClock) -> Result<Self, TrustError> {
        let issuer = |path: &Option<std::path::PathBuf>, name| -> Result<_, IssuerError> {
            let issuer = path.as_deref().map(Issuer::load_or_create).transpose()?;
            Ok(issuer.map(|i| i.named(name, &config.audience).clock(clock.clone())))
        };
        let own = issuer(&config.issuer_key_file, OWN)?;
        let services = issuer(&config.service_key_file, SERVICES)?;
        let verifier =
            Verifier::from_config(config, clock.clone(), own.as_ref(), services.as_ref())?;
        Ok(Self { own, services, verifier })
    }
}
