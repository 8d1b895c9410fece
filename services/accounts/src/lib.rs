//! Who uses Colibri, and with whom they have accounts.
//!
//! Owns tenants, sites, API clients with their scopes, carrier accounts and channel accounts.
//! Deliberately holds no address, no credential and no secret: the first two are in the vault, of
//! the last only a keyed hash is kept.

mod calls;
mod config;
pub mod domain;
mod error;
mod grpc;
mod secrets;
mod store;

use colibri_carrier_client::CarrierClient;
use colibri_events::vault::v1::Flow;
use colibri_kit::{
    config::Profile,
    db::Migration,
    fault::BoxError,
    secret_file,
    service::{Definition, Host, Service},
};

use crate::{config::Config, domain::carrier::Loopback, secrets::Pepper};

/// Its schema.
const MIGRATIONS: &[Migration] = &[
    Migration { name: "0001_init", sql: include_str!("../migrations/0001_init.sql") },
    Migration { name: "0002_client_life", sql: include_str!("../migrations/0002_client_life.sql") },
];

/// First word of the pepper's file: what it is, and its version.
const PEPPER_WORD: &str = "colibri-accounts-pepper/1";

/// State of the service.
#[derive(Debug)]
pub struct Accounts {
    config: Config,
    pepper: Pepper,
    loopback: Loopback,
    carriers: CarrierClient,
}

impl Accounts {
    async fn start(host: Host) -> Result<Self, BoxError> {
        let config: Config = host.config.section("accounts")?;
        config.validate()?;
        let production = host.config.kit()?.profile == Profile::Production;
        // In production a missing pepper must not be answered with a new one: no client would get
        // a token any more, and nobody would know why.
        let bytes = secret_file::load(&config.pepper_file, PEPPER_WORD, !production)?;
        let loopback = if production { Loopback::Refused } else { Loopback::Allowed };
        host.peers.channel("vault")?;
        let carriers = CarrierClient::new(&host, Flow::AccountCheck);
        Ok(Self { config, pepper: Pepper::new(&bytes), loopback, carriers })
    }
}

/// Accounts, as the binary lists them.
#[must_use]
pub fn service() -> Box<dyn Definition> {
    Service::new("accounts", Accounts::start)
        .config(include_str!("../config.default.toml"))
        .migrations(MIGRATIONS)
        .publishes()
        .grpc(|shell, routes| {
            routes.add_service(grpc::server(shell));
        })
        .build()
}
