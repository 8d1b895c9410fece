//! The section `[gateway]`. Meaning, units and limits stand beside the defaults.

use std::{net::SocketAddr, num::NonZeroU32, time::Duration};

use colibri_kit::{fault::BoxError, service::Host};
use secrecy::SecretString;
use serde::Deserialize;

/// The section.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is documented in config.default.toml")]
pub(crate) struct Config {
    pub(crate) listen: SocketAddr,
    pub(crate) public_url: Option<String>,
    request_timeout_ms: u64,
    header_timeout_ms: u64,
    body_grace_ms: u64,
    pub(crate) body_bytes_per_s_min: u64,
    pub(crate) connections_max: usize,
    pub(crate) concurrency_max: usize,
    pub(crate) streams_max: usize,
    stream_s_max: u64,
    pub(crate) rate_per_s: NonZeroU32,
    pub(crate) rate_burst: NonZeroU32,
    pub(crate) hook_rate_per_s: NonZeroU32,
    pub(crate) hook_rate_burst: NonZeroU32,
    pub(crate) token_rate_per_s: NonZeroU32,
    pub(crate) token_rate_burst: NonZeroU32,
    pub(crate) portal_key: Option<SecretString>,
    pub(crate) portal_session_min: u32,
    pub(crate) portal_window_min: u32,
    pub(crate) portal_address_tries: NonZeroU32,
    pub(crate) portal_order_tries: NonZeroU32,
    pub(crate) portal_forwarded_for: bool,
}

/// Why the section cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// A limit of nothing refuses everything.
    #[error("every limit of [gateway] is at least 1")]
    Zero,
    /// Links would be broken.
    #[error("gateway.public_url begins with http:// or https:// and ends without a slash")]
    PublicUrl,
    /// Visits would be opened by guessing.
    #[error("gateway.portal_key has at least 32 characters")]
    PortalKeyShort,
    /// Visits could be forged.
    #[error("gateway.portal_key or kit.db.role_secret must be set in production")]
    PortalKeyMissing,
    /// Visits that never begin or never end.
    #[error("gateway.portal_session_min and gateway.portal_window_min are 1 to 1440")]
    PortalMinutes,
}

impl Config {
    /// Reads and checks the section.
    ///
    /// # Errors
    /// The rule that is broken.
    pub(crate) fn read(host: &Host) -> Result<Self, BoxError> {
        let config: Self = host.config.section("gateway")?;
        config.validate()?;
        Ok(config)
    }

    fn validate(&self) -> Result<(), ConfigError> {
        let times = [
            self.request_timeout_ms,
            self.header_timeout_ms,
            self.body_grace_ms,
            self.body_bytes_per_s_min,
            self.stream_s_max,
        ];
        let counts = [self.connections_max, self.concurrency_max, self.streams_max];
        if times.contains(&0) || counts.contains(&0) {
            return Err(ConfigError::Zero);
        }
        let minutes = [self.portal_session_min, self.portal_window_min];
        if !minutes.iter().all(|minutes| (1..=1440).contains(minutes)) {
            return Err(ConfigError::PortalMinutes);
        }
        let whole = |url: &str| {
            (url.starts_with("https://") || url.starts_with("http://")) && !url.ends_with('/')
        };
        if self.public_url.as_deref().is_some_and(|url| !whole(url)) {
            return Err(ConfigError::PublicUrl);
        }
        Ok(())
    }

    /// For a whole request.
    pub(crate) const fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }

    /// For the head of a request.
    pub(crate) const fn header_timeout(&self) -> Duration {
        Duration::from_millis(self.header_timeout_ms)
    }

    /// For a body, before its size counts.
    pub(crate) const fn body_grace(&self) -> Duration {
        Duration::from_millis(self.body_grace_ms)
    }

    /// Time in which tries at the portal are counted.
    pub(crate) const fn portal_window(&self) -> Duration {
        Duration::from_secs(self.portal_window_min as u64 * 60)
    }

    /// For an event stream.
    pub(crate) const fn stream_max(&self) -> Duration {
        Duration::from_secs(self.stream_s_max)
    }
}
