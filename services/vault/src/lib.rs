//! The only place where personal data and credentials can be opened.
//!
//! Owns: the key hierarchy, sealed records, documents and credentials, the blind index, the budget
//! of what each flow may open, and the journal of who opened what. Deliberately does not: know
//! orders, parcels or carriers, answer anybody from outside, or hand out keys.

mod cache;
mod calls;
mod config;
pub mod domain;
mod error;
mod grpc;
mod keyring;
mod root;
mod store;

use std::{sync::Arc, time::Duration};

use colibri_kit::{
    config::Profile,
    db::Migration,
    fault::BoxError,
    service::{Definition, Host, Service},
};

use crate::{config::Config, keyring::KeyRing, root::RootFile};

/// Its schema.
const MIGRATIONS: &[Migration] = &[
    Migration { name: "0001_init", sql: include_str!("../migrations/0001_init.sql") },
    Migration {
        name: "0002_journal_acts",
        sql: include_str!("../migrations/0002_journal_acts.sql"),
    },
];

/// Seconds between two looks for keys that were kept long enough: a fraction of that time.
const SWEEP_S: u64 = 60;

/// State of the service.
#[derive(Debug)]
pub struct Vault {
    config: Config,
    keys: KeyRing,
}

impl Vault {
    async fn start(host: Host) -> Result<Self, BoxError> {
        let config: Config = host.config.section("vault")?;
        config.validate()?;
        // In production a missing key must not be answered with a new one: what is sealed under
        // the old one would seem lost. Operators make it, once, and keep a copy.
        let create = host.config.kit()?.profile != Profile::Production;
        let root = RootFile::load(&config.root_key_file, create)?;
        let ttl = Duration::from_secs(config.key_cache_s);
        let keys = KeyRing::new(Arc::new(root), config.key_cache_max, ttl);
        Ok(Self { config, keys })
    }
}

/// The vault, as the binary lists it.
#[must_use]
pub fn service() -> Box<dyn Definition> {
    Service::new("vault", Vault::start)
        .config(include_str!("../config.default.toml"))
        .migrations(MIGRATIONS)
        .grpc(|shell, routes| {
            routes.add_service(grpc::server(shell));
        })
        .task("forget keys", |shell, shutdown| async move {
            let mut tick = tokio::time::interval(Duration::from_secs(SWEEP_S));
            loop {
                tokio::select! {
                    _ = tick.tick() => shell.state.keys.sweep(),
                    () = shutdown.triggered() => return,
                }
            }
        })
        .build()
}
