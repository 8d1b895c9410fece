//! The section `[returns]`. Meaning, units and limits stand beside the defaults.

use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

/// The section.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is documented in config.default.toml")]
pub struct Config {
    pub payment_url: String,
    pub payment_token: SecretString,
    pub payment_timeout_ms: u32,
    pub lease_s: u32,
    pub look_up_s: u32,
    pub concurrency: usize,
    pub identity_floor_ms: u32,
    pub watch_tick_ms: u32,
    pub code_days: u16,
}

/// Why the section cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A call that outlives its lease would be made twice.
    #[error("returns.payment_timeout_ms is 1 to less than returns.lease_s")]
    Timeout,
    /// Nothing would be done at all.
    #[error("returns.concurrency is 1 to 1000")]
    Concurrency,
    /// A busy loop, or nothing at all.
    #[error("returns.watch_tick_ms is 10 to 600000")]
    Tick,
    /// Codes in the wild would outlive the return.
    #[error("returns.code_days is 1 to 30")]
    Code,
}

impl Config {
    /// Checks the section.
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let timeout = u64::from(self.payment_timeout_ms);
        if timeout == 0 || timeout >= u64::from(self.lease_s) * 1000 {
            return Err(ConfigError::Timeout);
        }
        if !(1..=1000).contains(&self.concurrency) {
            return Err(ConfigError::Concurrency);
        }
        if !(10..=600_000).contains(&self.watch_tick_ms) {
            return Err(ConfigError::Tick);
        }
        if !(1..=30).contains(&self.code_days) {
            return Err(ConfigError::Code);
        }
        Ok(())
    }

    /// Limit of one call to the payment side.
    #[must_use]
    pub fn payment_timeout(&self) -> Duration {
        Duration::from_millis(u64::from(self.payment_timeout_ms))
    }
}
