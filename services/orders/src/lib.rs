//! Orders: the canonical order, taken in by any door, checked, held or accepted, asked to be
//! fulfilled.
//!
//! Owns orders, their holds, the imports of files, and what channels delivered. Deliberately does
//! not: choose a carrier, buy a label, keep personal data (that goes to the vault before anything
//! is stored here), or make customs papers.

mod answer;
mod cache;
mod change;
mod config;
pub mod domain;
pub mod error;
mod events;
mod grpc;
mod handlers;
mod import;
mod sites;
mod store;
mod submit;
mod vault;
mod view;
mod webhook;

use std::time::Duration;

use aws_lc_rs::hmac;
use colibri_events::{
    accounts::v1::SiteChanged,
    labels::v1::{LabelPurchased, LabelVoided},
    orders::v1::orders_service_server::OrdersServiceServer,
};
use colibri_kit::{
    db::Migration,
    fault::{BoxError, chain},
    service::{Definition, Host, Service, Shell},
    shutdown::Shutdown,
};
use colibri_types::TenantId;
use domain::holds::Rules;

/// The schema.
const MIGRATIONS: &[Migration] =
    &[Migration { name: "0001_init", sql: include_str!("../migrations/0001_init.sql") }];

/// What the service keeps in memory; everything of it can be lost.
pub struct Orders {
    config: config::Config,
    rules: Rules,
    key: hmac::Key,
    sites_asked: cache::Recent<TenantId, ()>,
    webhooks: webhook::Memory,
}

impl Orders {
    async fn start(host: Host) -> Result<Self, BoxError> {
        let config = config::Config::read(&host)?;
        Ok(Self {
            rules: config.rules(),
            key: config.key(&host)?,
            sites_asked: cache::Recent::new(Duration::from_secs(config.site_retry_s)),
            webhooks: webhook::Memory::new(&config),
            config,
        })
    }
}

/// The service, as the binary lists it.
#[must_use]
pub fn service() -> Box<dyn Definition> {
    Service::new("orders", Orders::start)
        .config(include_str!("../config.default.toml"))
        .migrations(MIGRATIONS)
        .publishes()
        .on_slice::<SiteChanged>(handlers::site_changed)
        .on_slice::<LabelPurchased>(handlers::label_purchased)
        .on_slice::<LabelVoided>(handlers::label_voided)
        .task("forget deliveries", forget_deliveries)
        .grpc(|shell: Shell<Orders>, routes| {
            let limit = shell.host.message_bytes_max;
            let server = OrdersServiceServer::new(grpc::Api(shell));
            routes.add_service(server.max_decoding_message_size(limit));
        })
        .build()
}

/// An hour between rounds: deliveries are kept for days, so nobody waits for it.
const FORGET_EVERY: Duration = Duration::from_secs(3600);

async fn forget_deliveries(shell: Shell<Orders>, shutdown: Shutdown) {
    loop {
        match forget_old(&shell).await {
            // More than one batch: go on at once.
            Ok(gone) if gone > 0 => continue,
            Ok(_) => {}
            Err(fault) => {
                let cause = chain(&fault);
                tracing::warn!(cause, "old deliveries are kept for now: {cause}");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(FORGET_EVERY) => {}
            () = shutdown.triggered() => return,
        }
    }
}

async fn forget_old(shell: &Shell<Orders>) -> Result<u64, colibri_kit::fault::Fault> {
    let mut cx = shell.begin_log().await?;
    let keep = time::Duration::days(i64::from(shell.state.config.delivery_keep_days));
    let before = cx.now() - keep;
    let gone = store::channel::forget(cx.db(), before).await?;
    cx.commit().await?;
    Ok(gone)
}
