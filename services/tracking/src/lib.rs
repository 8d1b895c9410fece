//! Where parcels are: carriers' scans, in one vocabulary, folded into one state.
//!
//! Owns: which parcels are watched and until when, every scan that a carrier told, by push or by
//! poll, and the state they make together. Deliberately does not: keep a carrier's wording, a
//! place or a number (the vault seals them), buy or void anything, or judge what a delivery means.

mod accounts;
mod alerts;
mod batch;
mod config;
mod detect;
pub mod domain;
pub mod error;
mod events;
mod grpc;
mod handlers;
mod ingest;
mod intents;
mod mapping;
mod poll;
mod remap;
mod settle;
mod store;
mod vault;
mod watch;
mod webhook;

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use colibri_carrier_client::CarrierClient;
use colibri_events::{
    accounts::v1::CarrierAccountChanged,
    labels::v1::{LabelPurchased, LabelVoided},
    tracking::v1::tracking_service_server::TrackingServiceServer,
    vault::v1::Flow,
};
use colibri_kit::{
    config::Profile,
    db::Migration,
    fault::{BoxError, chain},
    rpc::Peers,
    service::{Definition, Host, Service, Shell},
    shutdown::Shutdown,
};
use secrecy::ExposeSecret as _;
use sqlx::PgPool;
use tokio::sync::mpsc;

use config::Config;
use domain::{plan::Plan, token::Tokens};
use vault::Vault;
use watch::Watchers;

const MIGRATIONS: &[Migration] = &[
    Migration { name: "0001_init", sql: include_str!("../migrations/0001_init.sql") },
    Migration { name: "0002_renewal", sql: include_str!("../migrations/0002_renewal.sql") },
    Migration { name: "0003_alerts", sql: include_str!("../migrations/0003_alerts.sql") },
    Migration { name: "0004_mapping", sql: include_str!("../migrations/0004_mapping.sql") },
    Migration { name: "0005_party", sql: include_str!("../migrations/0005_party.sql") },
    Migration { name: "0006_pages", sql: include_str!("../migrations/0006_pages.sql") },
    Migration { name: "0007_quota", sql: include_str!("../migrations/0007_quota.sql") },
    Migration { name: "0008_asked", sql: include_str!("../migrations/0008_asked.sql") },
];

/// The state of the service.
struct Tracking {
    config: Config,
    plan: Plan,
    budgets: poll::Budgets,
    quotas: poll::Quotas,
    lanes: alerts::Lanes,
    tokens: Tokens,
    carriers: CarrierClient,
    vault: Vault,
    /// Of the service's own role: what is read through it names its tenant or none.
    db: PgPool,
    peers: Peers,
    watchers: Watchers,
    known: accounts::Known,
    intake: webhook::Intake,
    /// Until the task that takes calls in has begun.
    waiting: Mutex<Option<mpsc::Receiver<webhook::Call>>>,
}

/// The service.
#[must_use]
pub fn service() -> Box<dyn Definition> {
    Service::new("tracking", Tracking::start)
        .config(include_str!("../config.default.toml"))
        .migrations(MIGRATIONS)
        .publishes()
        .on_slice::<LabelPurchased>(handlers::label_purchased)
        .on_slice::<LabelVoided>(handlers::label_voided)
        .on_slice::<CarrierAccountChanged>(handlers::carrier_account_changed)
        .work(intents::subscribe::Subscribe)
        .grpc(|shell, routes| {
            let bytes = shell.host.message_bytes_max;
            let server = TrackingServiceServer::new(grpc::Api(shell));
            routes.add_service(server.max_decoding_message_size(bytes));
        })
        .task("poll", poll::run)
        .task("webhooks", webhook::run)
        .task("alerts", alerts::run)
        .task("forget", forget)
        .task("renew", intents::subscribe::renew)
        .task("watchers", |shell, shutdown| async move {
            shutdown.triggered().await;
            shell.state.watchers.close();
        })
        .build()
}

impl Tracking {
    async fn start(host: Host) -> Result<Self, BoxError> {
        let config: Config = host.config.section("tracking")?;
        config.validate(host.config.kit()?.profile == Profile::Production)?;
        let tokens = match &config.token_key {
            Some(key) => Tokens::new(key.expose_secret().as_bytes()),
            None => {
                let fresh: [u8; 32] = rand::random();
                let mut db = host.connection().await?;
                Tokens::new(&store::webhooks::token_key(&mut db, &fresh).await?)
            }
        };
        let (intake, waiting) = mpsc::channel(webhook::WAITING_MAX);
        Ok(Self {
            plan: config.plan(),
            budgets: poll::Budgets::new(host.clock.clone()),
            quotas: poll::Quotas::default(),
            lanes: alerts::Lanes::default(),
            tokens,
            carriers: CarrierClient::new(&host, Flow::CarrierTrack),
            vault: Vault::new(host.peers.clone()),
            db: host.db.log.clone(),
            peers: host.peers.clone(),
            watchers: Watchers::default(),
            known: accounts::Known::default(),
            intake,
            waiting: Mutex::new(Some(waiting)),
            config,
        })
    }
}

impl Tracking {
    /// The other end of `intake`, once.
    fn take_intake(&self) -> Option<mpsc::Receiver<webhook::Call>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Forgets old fingerprints of webhooks, once an hour of real time.
async fn forget(shell: Shell<Tracking>, shutdown: Shutdown) {
    const EVERY: Duration = Duration::from_secs(3600);
    let keep = time::Duration::days(shell.state.config.webhook_days.into());
    while !shutdown.is_triggered() {
        let work = async {
            let mut cx = shell.begin_log().await?;
            let now = cx.now();
            store::webhooks::forget(cx.db(), now, keep).await?;
            cx.commit().await
        };
        if let Err(fault) = work.await {
            tracing::warn!(cause = chain(&fault), "old fingerprints stay");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = shutdown.triggered() => {}
        }
    }
}
