//! Postgres: one schema and two roles per service, migrations, pools.
//!
//! `<svc>_rpc` serves requests and sees one tenant's rows at a time, by row-level security.
//! `<svc>_log` serves relay, consumers and workers, whose SQL always joins on `tenant_id`.
//! Neither can see another service's schema.

mod begin;
mod migrate;
mod verifier;

use std::{str::FromStr, time::Duration};

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

pub use begin::begin;
pub(crate) use begin::begin_with;
pub use migrate::{MigrateError, Migration, migrate};

/// How a service reaches its database.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// Administrator's URL; services use its host, port and database with their own roles.
    pub admin_url: SecretString,
    /// Roles' passwords are derived from it; without it roles have none (trusted loopback).
    pub role_secret: Option<SecretString>,
    /// Most connections for requests, per service.
    pub rpc_connections: u32,
    /// Most connections for relay, consumers and workers, per service.
    pub log_connections: u32,
    /// Longest wait for a connection; beyond it a caller is better told.
    pub acquire_timeout: Duration,
    /// Longest statement; what runs longer holds locks others wait for.
    pub statement_timeout: Duration,
}

/// The two roles of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Requests: one tenant at a time.
    Rpc,
    /// Relay, consumers, workers.
    Log,
}

impl Role {
    /// Name of the role in Postgres.
    #[must_use]
    pub fn name(self, service: &str) -> String {
        match self {
            Self::Rpc => format!("{service}_rpc"),
            Self::Log => format!("{service}_log"),
        }
    }
}

/// The pools of one service.
#[derive(Debug, Clone)]
pub struct Db {
    /// Requests.
    pub rpc: PgPool,
    /// Relay, consumers, workers.
    pub log: PgPool,
}

impl DatabaseConfig {
    /// Options of the administrator.
    ///
    /// # Errors
    /// [`sqlx::Error`] when the URL is malformed.
    pub fn admin(&self) -> Result<PgConnectOptions, sqlx::Error> {
        PgConnectOptions::from_str(self.admin_url.expose_secret())
    }

    /// Options of a service's role.
    ///
    /// # Errors
    /// [`sqlx::Error`] when the URL is malformed.
    pub fn role(&self, service: &str, role: Role) -> Result<PgConnectOptions, sqlx::Error> {
        let name = role.name(service);
        // Idle in transaction: keeps dead outbox rows alive, which slows every relay.
        let statement = self.statement_timeout.as_millis().to_string();
        let settings = [
            ("statement_timeout", statement.as_str()),
            ("idle_in_transaction_session_timeout", "15s"),
            // Every statement of a service looks rows up by index. A plan that was made and kept
            // while a table was empty or its statistics old would read all of it, for hours: these
            // make plans that do not depend on how much was there when they were made.
            ("enable_seqscan", "off"),
            ("enable_hashjoin", "off"),
            ("enable_mergejoin", "off"),
            ("jit", "off"),
        ];
        let mut options = self
            .admin()?
            .username(&name)
            .application_name(&name)
            .statement_cache_capacity(256)
            .options(settings);
        if let Some(password) = self.password(&name) {
            options = options.password(&password);
        }
        Ok(options)
    }

    /// Password of a role, derived so that operators keep one secret instead of twenty.
    fn password(&self, role: &str) -> Option<String> {
        let secret = self.role_secret.as_ref()?.expose_secret();
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag = hmac::sign(&key, role.as_bytes());
        Some(tag.as_ref().iter().map(|b| format!("{b:02x}")).collect())
    }

    /// Opens the pools of a service, lazily: a service starts while its database is away.
    ///
    /// # Errors
    /// [`sqlx::Error`] when the URL is malformed.
    pub fn pools(&self, service: &str) -> Result<Db, sqlx::Error> {
        let pool = |max: u32| {
            PgPoolOptions::new()
                .max_connections(max)
                .acquire_timeout(self.acquire_timeout)
                .test_before_acquire(false) // a ping per use costs a round trip; errors are retried
        };
        Ok(Db {
            rpc: pool(self.rpc_connections).connect_lazy_with(self.role(service, Role::Rpc)?),
            log: pool(self.log_connections).connect_lazy_with(self.role(service, Role::Log)?),
        })
    }
}
