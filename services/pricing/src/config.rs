//! The section `[pricing]`. Meaning, units and limits stand beside the defaults.

use colibri_kit::{fault::BoxError, service::Host};
use colibri_types::Currency;
use serde::Deserialize;

use crate::domain::{LatePolicy, SelectionRules};

/// The section.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is documented in config.default.toml")]
pub struct Config {
    pub currency: Currency,
    pub when_late: LatePolicy,
    pub retry_h: u16,
    pub retry_poll_ms: u64,
    pub tenants_cached_max: usize,
}

/// Why the section cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Neither at once nor later than a month.
    #[error("pricing.retry_h is 1 to 720")]
    Retry,
    /// A busy loop, or nothing at all.
    #[error("pricing.retry_poll_ms is 100 to 600000")]
    Poll,
    /// Nothing could be kept.
    #[error("pricing.tenants_cached_max is at least 1")]
    Cache,
}

impl Config {
    /// Reads and checks the section.
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn read(host: &Host) -> Result<Self, BoxError> {
        let config: Self = host.config.section("pricing")?;
        if !(1..=720).contains(&config.retry_h) {
            return Err(ConfigError::Retry.into());
        }
        if !(100..=600_000).contains(&config.retry_poll_ms) {
            return Err(ConfigError::Poll.into());
        }
        if config.tenants_cached_max == 0 {
            return Err(ConfigError::Cache.into());
        }
        Ok(config)
    }

    /// What a tenant without rules of its own gets.
    #[must_use]
    pub const fn rules(&self) -> SelectionRules {
        SelectionRules {
            currency: self.currency,
            allow_carriers: None,
            deny_carriers: Vec::new(),
            prefer: Vec::new(),
            when_late: self.when_late,
        }
    }
}
