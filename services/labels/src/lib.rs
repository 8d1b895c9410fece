//! Labels: bought at most once per shipment, kept sealed, voided when asked.
//!
//! Owns shipments and their purchases, voids and doubts. Folds what orders, pricing and customs say until a
//! shipment lacks nothing, then records an intent; a worker buys. Deliberately does not: choose a
//! carrier, price, follow a parcel, or store a name, an address or a tracking number.

mod config;
pub mod domain;
pub mod error;
mod grpc;
mod handlers;
mod intents;
mod sites;
mod store;
mod waiters;

use colibri_carrier_client::CarrierClient;
use colibri_events::{
    accounts::v1::{CarrierAccountChanged, SiteChanged},
    customs::v1::{DeclarationIncomplete, DeclarationReady},
    labels::v1::labels_service_server::LabelsServiceServer,
    orders::v1::{FulfilmentRequested, OrderCancelled},
    pricing::v1::OfferChosen,
    vault::v1::Flow,
};
use colibri_kit::{
    db::Migration,
    fault::BoxError,
    intent::Express,
    service::{Definition, Host, Service},
};
use colibri_vault_client::VaultClient;

use crate::{config::Config, intents::prepare::Prepared, sites::Sites, waiters::Waiters};

/// Its schema.
const MIGRATIONS: &[Migration] = &[
    Migration { name: "0001_init", sql: include_str!("../migrations/0001_init.sql") },
    Migration { name: "0002_errands", sql: include_str!("../migrations/0002_errands.sql") },
    Migration { name: "0003_customs", sql: include_str!("../migrations/0003_customs.sql") },
    Migration { name: "0004_parts", sql: include_str!("../migrations/0004_parts.sql") },
    Migration { name: "0005_reason", sql: include_str!("../migrations/0005_reason.sql") },
];

/// State of the service.
#[derive(Debug)]
pub struct Labels {
    config: Config,
    db: colibri_kit::db::Db,
    carriers: CarrierClient,
    vault: VaultClient,
    sites: Sites,
    waiters: Waiters,
    express: Express<Prepared>,
}

impl Labels {
    async fn start(host: Host) -> Result<Self, BoxError> {
        let config: Config = host.config.section("labels")?;
        config.validate()?;
        Ok(Self {
            config,
            db: host.db.clone(),
            carriers: CarrierClient::new(&host, Flow::CarrierCall),
            vault: VaultClient::new(host.peers.clone()),
            sites: Sites::default(),
            waiters: Waiters::default(),
            express: Express::default(),
        })
    }
}

/// Labels, as the binary lists it.
#[must_use]
pub fn service() -> Box<dyn Definition> {
    Service::new("labels", Labels::start)
        .config(include_str!("../config.default.toml"))
        .migrations(MIGRATIONS)
        .publishes()
        .on_slice::<FulfilmentRequested>(handlers::fulfilment_requested)
        .on_slice::<OrderCancelled>(handlers::order_cancelled)
        .on_slice::<OfferChosen>(handlers::offer_chosen)
        .on_slice::<DeclarationReady>(handlers::declaration_ready)
        .on_slice::<DeclarationIncomplete>(handlers::declaration_incomplete)
        .on_slice::<CarrierAccountChanged>(handlers::carrier_account_changed)
        .on_slice::<SiteChanged>(handlers::site_changed)
        .work(intents::purchase::Purchase)
        .work(intents::void::Void)
        .work(intents::errand::Errand)
        .grpc(|shell, routes| {
            let limit = shell.host.message_bytes_max;
            let server = LabelsServiceServer::new(grpc::Api(shell));
            routes.add_service(server.max_decoding_message_size(limit));
        })
        .build()
}
