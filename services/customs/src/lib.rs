//! Customs: what must be known of an article, what a parcel costs at a border, and its papers.
//!
//! Owns articles as customs want them, the tenant's registrations, quotes and declarations. Says
//! whether goods may cross a border, and if not which field is missing; a correction releases what
//! waited for it. Deliberately does not: know rules or draw papers itself (pure crates do), hold a
//! name or an address, file a code that nobody confirmed, or talk to authorities.

mod config;
pub mod domain;
pub mod error;
mod grpc;
mod handlers;
mod intents;
mod recheck;
mod reexport;
mod rescreen;
mod screening;
mod settle;
mod store;
mod world;

use colibri_events::{
    accounts::v1::SiteChanged,
    customs::v1::customs_service_server::CustomsServiceServer,
    labels::v1::LabelVoided,
    orders::v1::{FulfilmentRequested, OrderCancelled},
    pricing::v1::OfferChosen,
};
use colibri_kit::{
    clock::SharedClock,
    db::Migration,
    fault::BoxError,
    service::{Definition, Host, Service},
};
use colibri_vault_client::VaultClient;
use tokio::sync::Notify;

use crate::{config::Config, world::Books};

/// Its schema.
const MIGRATIONS: &[Migration] = &[
    Migration { name: "0001_init", sql: include_str!("../migrations/0001_init.sql") },
    Migration { name: "0002_screening", sql: include_str!("../migrations/0002_screening.sql") },
    Migration { name: "0003_export", sql: include_str!("../migrations/0003_export.sql") },
    Migration { name: "0004_restricted", sql: include_str!("../migrations/0004_restricted.sql") },
    Migration { name: "0005_rescreen", sql: include_str!("../migrations/0005_rescreen.sql") },
    Migration {
        name: "0006_export_again",
        sql: include_str!("../migrations/0006_export_again.sql"),
    },
    Migration { name: "0007_way_back", sql: include_str!("../migrations/0007_way_back.sql") },
];

/// State of the service.
#[derive(Debug)]
pub struct Customs {
    config: Config,
    db: colibri_kit::db::Db,
    clock: SharedClock,
    books: Books,
    vault: VaultClient,
    screening: screening::Indexes,
    /// Declarations wait to be looked at again.
    corrected: Notify,
    /// Declarations that are ready wait to be compared with a new list.
    listed: Notify,
    /// Export declarations cover a parcel that does not leave.
    outdated: Notify,
}

impl Customs {
    async fn start(host: Host) -> Result<Self, BoxError> {
        let config = Config::read(&host)?;
        let books = Books::new(&config);
        let vault = VaultClient::new(host.peers.clone());
        let (db, clock) = (host.db.clone(), host.clock.clone());
        let screening = screening::Indexes::new(&config);
        let (corrected, listed, outdated) = (Notify::new(), Notify::new(), Notify::new());
        Ok(Self { config, db, clock, books, vault, screening, corrected, listed, outdated })
    }
}

/// Customs, as the binary lists it.
#[must_use]
pub fn service() -> Box<dyn Definition> {
    Service::new("customs", Customs::start)
        .config(include_str!("../config.default.toml"))
        .migrations(MIGRATIONS)
        .publishes()
        .on_slice::<FulfilmentRequested>(handlers::fulfilment_requested)
        .on_slice::<OrderCancelled>(handlers::order_cancelled)
        .on_slice::<OfferChosen>(handlers::offer_chosen)
        .on_slice::<LabelVoided>(handlers::label_voided)
        .on_slice::<SiteChanged>(handlers::site_changed)
        .work(intents::papers::Papers)
        .task("recheck", recheck::run)
        .task("rescreen", rescreen::run)
        .task("reexport", reexport::run)
        .grpc(|shell, routes| {
            let limit = shell.host.message_bytes_max;
            let server = CustomsServiceServer::new(grpc::Api(shell));
            routes.add_service(server.max_decoding_message_size(limit));
        })
        .build()
}
