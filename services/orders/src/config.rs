//! The section `[orders]`. Meaning, units and limits stand beside the defaults.

use aws_lc_rs::hmac;
use colibri_kit::{config::Profile, fault::BoxError, service::Host};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::domain::holds::Rules;

/// The section.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is documented in config.default.toml")]
pub struct Config {
    pub packaging_weight_g: u32,
    pub authorized_ships: bool,
    pub fingerprint_key: Option<SecretString>,
    pub account_cache_s: u64,
    pub secret_cache_s: u64,
    pub site_retry_s: u64,
    pub delivery_keep_days: u32,
    pub import_rows_max: usize,
}

/// Why the section cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A packaging heavier than a parcel may be.
    #[error("orders.packaging_weight_g is at most 100000")]
    Packaging,
    /// Deliveries must outlive a week end with its retries.
    #[error("orders.delivery_keep_days is 7 to 3650")]
    DeliveryKeep,
    /// Nothing to import.
    #[error("orders.import_rows_max is 1 to 200000")]
    ImportRows,
    /// A short key can be guessed, and with it the contents.
    #[error("orders.fingerprint_key has at least 16 characters")]
    ShortKey,
    /// Contents could be guessed from their fingerprints.
    #[error("orders.fingerprint_key or kit.db.role_secret must be set in production")]
    NoKey,
}

impl Config {
    /// Reads and checks the section.
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn read(host: &Host) -> Result<Self, BoxError> {
        let config: Self = host.config.section("orders")?;
        if config.packaging_weight_g > 100_000 {
            return Err(ConfigError::Packaging.into());
        }
        if !(7..=3650).contains(&config.delivery_keep_days) {
            return Err(ConfigError::DeliveryKeep.into());
        }
        if !(1..=200_000).contains(&config.import_rows_max) {
            return Err(ConfigError::ImportRows.into());
        }
        Ok(config)
    }

    /// The key under which contents are compared. A plain hash would not do: most addresses can be
    /// guessed.
    ///
    /// # Errors
    /// [`ConfigError::ShortKey`], and [`ConfigError::NoKey`] in production.
    pub fn key(&self, host: &Host) -> Result<hmac::Key, BoxError> {
        let kit = host.config.kit()?;
        let secret = match (&self.fingerprint_key, &kit.db.role_secret) {
            (Some(own), _) if own.expose_secret().len() < 16 => {
                return Err(ConfigError::ShortKey.into());
            }
            (Some(own), _) => own.expose_secret(),
            (None, Some(roles)) => roles.expose_secret(),
            (None, None) if kit.profile == Profile::Production => {
                return Err(ConfigError::NoKey.into());
            }
            // A laptop without secrets: its trusted loopback hides nothing either.
            (None, None) => "",
        };
        let root = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let derived = hmac::sign(&root, b"colibri orders fingerprint 1");
        Ok(hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()))
    }

    /// What decides about holding an order.
    #[must_use]
    pub const fn rules(&self) -> Rules {
        Rules {
            packaging_weight_g: self.packaging_weight_g,
            authorized_ships: self.authorized_ships,
        }
    }
}
