//! Pricing: what a parcel costs with each carrier, which offer is taken, and why.
//!
//! Owns tariffs, surcharges, fuel, zones, exchange rates and selection rules. Deliberately holds
//! no personal data: a destination is a country and the zone part of a postcode. It never calls
//! out: what it needs of others it has heard.

mod book;
mod config;
pub mod decision;
pub mod domain;
pub mod error;
mod grpc;
mod handlers;
mod store;
mod waiting;
pub mod wire;

use std::sync::Arc;

pub use book::{Account, Book};
use colibri_events::{
    accounts::v1::CarrierAccountChanged,
    orders::v1::{FulfilmentRequested, OrderCancelled},
};
use colibri_kit::{
    db::Migration,
    fault::{BoxError, Fault},
    service::{Cx, Definition, Host, Service},
};
use colibri_types::TenantId;
use tokio::sync::Notify;

const MIGRATIONS: &[Migration] =
    &[Migration { name: "0001_init", sql: include_str!("../migrations/0001_init.sql") }];

/// The state of a running pricing.
#[derive(Debug)]
pub struct Pricing {
    config: config::Config,
    books: book::Books,
    /// More shipments wait than one transaction may decide.
    more_waiting: Notify,
}

impl Pricing {
    async fn start(host: Host) -> Result<Self, BoxError> {
        let config = config::Config::read(&host)?;
        let books = book::Books::new(config.tenants_cached_max);
        Ok(Self { config, books, more_waiting: Notify::new() })
    }
}

/// The tenant's book at a generation read in this transaction, which changes nothing of it.
async fn book(cx: &mut Cx<Pricing>, tenant: TenantId, generation: i64) -> Result<Arc<Book>, Fault> {
    let state = cx.state();
    if let Some(book) = state.books.get(tenant, generation) {
        return Ok(book);
    }
    let book = store::load(cx.db(), tenant, generation, state.config.rules()).await?;
    let book = Arc::new(book);
    state.books.put(tenant, book.clone());
    Ok(book)
}

/// The service as the binary lists it.
#[must_use]
pub fn service() -> Box<dyn Definition> {
    Service::new("pricing", Pricing::start)
        .config(include_str!("../config.default.toml"))
        .migrations(MIGRATIONS)
        .publishes()
        .on_slice::<FulfilmentRequested>(handlers::fulfilment_requested)
        .on_slice::<OrderCancelled>(handlers::order_cancelled)
        .on_slice::<CarrierAccountChanged>(handlers::carrier_account_changed)
        .task("waiting", waiting::run)
        .grpc(|shell, routes| {
            routes.add_service(grpc::server(shell));
        })
        .build()
}
