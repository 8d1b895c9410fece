//! The section `[kit]`. Meaning, units and limits stand beside the defaults.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

use secrecy::SecretString;
use serde::Deserialize;

/// The commented defaults of `[kit]`.
pub const KIT_DEFAULTS: &str = include_str!("../../config.default.toml");

/// How strict a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Real parcels.
    Production,
    /// A test bed.
    Test,
    /// A laptop.
    Dev,
}

/// What every service stands on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is documented in config.default.toml")]
pub struct KitConfig {
    pub profile: Profile,
    pub clock: String,
    pub listen_grpc: SocketAddr,
    pub listen_http: SocketAddr,
    pub drain_timeout_s: u64,
    pub nats_url: SecretString,
    pub nats_monitor_url: Option<String>,
    pub nats_credentials_file: Option<PathBuf>,
    pub database_url: SecretString,
    pub log_format: crate::telemetry::LogFormat,
    pub log_level: String,
    pub otlp_endpoint: Option<String>,
    pub trace_sample_percent: u8,
    pub metrics_export_s: u64,
    pub auth: AuthConfig,
    pub rpc: RpcSection,
    pub peers: BTreeMap<String, String>,
    pub db: DbConfig,
    pub bus: BusConfig,
}

/// `[kit.auth]`: whom to believe.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is documented in config.default.toml")]
pub struct AuthConfig {
    pub audience: String,
    pub issuer: Option<String>,
    pub jwks_url: Option<String>,
    pub jwks_file: Option<PathBuf>,
    pub issuer_key_file: Option<PathBuf>,
    pub service_key_file: Option<PathBuf>,
    pub service_token_ttl_s: u64,
    pub leeway_s: u64,
    pub jwks_ttl_s: u64,
    pub cache_max: usize,
}

/// `[kit.rpc]`: limits of calls, served and made.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is documented in config.default.toml")]
pub struct RpcSection {
    pub message_bytes_max: usize,
    pub deadline_default_ms: u64,
    pub deadline_ms_max: u64,
    pub reflection: bool,
    pub streams_per_connection_max: u32,
    pub peer_timeout_ms: u64,
    pub connect_timeout_ms: u64,
}

/// `[kit.db]`: connections to Postgres.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is documented in config.default.toml")]
pub struct DbConfig {
    pub rpc_pool_max: u32,
    pub log_pool_max: u32,
    pub role_secret: Option<SecretString>,
    pub acquire_timeout_ms: u64,
    pub statement_timeout_ms: u64,
}

/// `[kit.bus]`: streams.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is documented in config.default.toml")]
pub struct BusConfig {
    pub replicas: usize,
    pub stream_bytes_max: i64,
}

impl KitConfig {
    /// How long a stopping process waits for its tasks.
    #[must_use]
    pub fn drain_timeout(&self) -> Duration {
        Duration::from_secs(self.drain_timeout_s)
    }

    /// Rules between values and limits no type can say.
    pub(super) fn validate(&self) -> Result<(), String> {
        let rules = [
            (self.trace_sample_percent <= 100, "trace_sample_percent is 0 to 100"),
            (self.db.rpc_pool_max > 0 && self.db.log_pool_max > 0, "db pools need a connection"),
            (
                self.rpc.deadline_default_ms > 0
                    && self.rpc.deadline_default_ms <= self.rpc.deadline_ms_max,
                "rpc.deadline_default_ms is 1 to deadline_ms_max",
            ),
            (self.metrics_export_s > 0, "metrics_export_s is at least 1"),
            (
                self.auth.service_token_ttl_s > self.auth.leeway_s,
                "auth.service_token_ttl_s must exceed auth.leeway_s",
            ),
            (
                self.auth.issuer.is_some()
                    == (self.auth.jwks_url.is_some() || self.auth.jwks_file.is_some()),
                "auth.issuer goes with jwks_url or jwks_file",
            ),
            (
                self.profile != Profile::Production || self.clock == "system",
                "production runs on the system clock",
            ),
            (crate::clock::parse(&self.clock).is_ok(), "clock is system or scaled:..."),
        ];
        let broken: Vec<&str> =
            rules.iter().filter(|(holds, _)| !holds).map(|(_, rule)| *rule).collect();
        if broken.is_empty() { Ok(()) } else { Err(broken.join("; ")) }
    }
}
