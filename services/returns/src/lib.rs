//! Returns: where the goods are and where the money is, two machines that never contradict each
//! other.
//!
//! Owns returns, what was agreed about them, their labels and refunds, and the rules of each
//! tenant. A return is the fold of its changes, decided by `colibri-returns-rules` under the lock of
//! its order. Deliberately does not: buy labels, follow parcels, keep stock, move money itself, or
//! hold a name, an address or a buyer's words.

mod config;
pub mod domain;
pub mod error;
mod events;
mod grpc;
mod handlers;
mod intents;
mod open;
pub mod policies;
mod store;
mod vault;
mod watch;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use aws_lc_rs::hmac;
use colibri_events::{
    customs::v1::DeclarationReady,
    labels::v1::{LabelPurchased, LabelVoided},
    orders::v1::FulfilmentRequested,
    returns::v1::returns_service_server::ReturnsServiceServer,
    tracking::v1::{ParcelDelivered, ParcelStatusChanged},
};
use colibri_kit::{
    clock::SharedClock,
    db::{Db, Migration},
    egress::Egress,
    fault::{BoxError, Fault},
    rpc::Peers,
    service::{Definition, Host, Service},
};
use uuid::Uuid;

use crate::{config::Config, policies::Rules};

/// Its schema.
const MIGRATIONS: &[Migration] = &[
    Migration { name: "0001_init", sql: include_str!("../migrations/0001_init.sql") },
    Migration { name: "0002_voids", sql: include_str!("../migrations/0002_voids.sql") },
    Migration { name: "0003_orphans", sql: include_str!("../migrations/0003_orphans.sql") },
    Migration { name: "0004_exchanges", sql: include_str!("../migrations/0004_exchanges.sql") },
    Migration { name: "0005_declaration", sql: include_str!("../migrations/0005_declaration.sql") },
    Migration { name: "0006_quality", sql: include_str!("../migrations/0006_quality.sql") },
];

/// Rules kept parsed: some 10 KiB each.
const RULES_CACHED_MAX: usize = 1_000;

/// State of the service.
#[derive(Debug)]
pub struct Returns {
    config: Config,
    db: Db,
    clock: SharedClock,
    peers: Peers,
    egress: Egress,
    default_rules: Arc<Rules>,
    rules: Mutex<HashMap<Uuid, Arc<Rules>>>,
}

impl Returns {
    async fn start(host: Host) -> Result<Self, BoxError> {
        let config: Config = host.config.section("returns")?;
        config.validate()?;
        Ok(Self {
            config,
            db: host.db.clone(),
            clock: host.clock.clone(),
            peers: host.peers.clone(),
            egress: host.egress.clone(),
            default_rules: Arc::new(policies::read(policies::DEFAULT, 0)?),
            rules: Mutex::default(),
        })
    }

    /// The rules of a tenant, parsed once per version.
    fn rules_of(&self, tenant: Uuid, version: i32, toml: &str) -> Result<Arc<Rules>, Fault> {
        let version = u32::try_from(version).unwrap_or_default();
        let mut known = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rules) = known.get(&tenant).filter(|rules| rules.version == version) {
            return Ok(rules.clone());
        }
        let rules = Arc::new(policies::read(toml, version).map_err(Fault::bug)?);
        if known.len() >= RULES_CACHED_MAX {
            known.clear();
        }
        known.insert(tenant, rules.clone());
        Ok(rules)
    }
}

/// The mark of a photo: the same picture of the same tenant, the same mark. Keyed by the tenant, so
/// that pictures of two tenants are never compared.
fn mark(tenant: Uuid, bytes: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, tenant.as_bytes());
    hmac::sign(&key, bytes).as_ref().to_vec()
}

/// Returns, as the binary lists it.
#[must_use]
pub fn service() -> Box<dyn Definition> {
    Service::new("returns", Returns::start)
        .config(include_str!("../config.default.toml"))
        .migrations(MIGRATIONS)
        .publishes()
        .on_slice::<FulfilmentRequested>(handlers::fulfilment_requested)
        .on_slice::<DeclarationReady>(handlers::declaration_ready)
        .on_slice::<LabelPurchased>(handlers::label_purchased)
        .on_slice::<LabelVoided>(handlers::label_voided)
        .on_slice::<ParcelDelivered>(handlers::parcel_delivered)
        .on_slice::<ParcelStatusChanged>(handlers::parcel_status_changed)
        .work(intents::label::BuyLabel)
        .work(intents::void::VoidLabel)
        .work(intents::refund::Refund)
        .task("watch", watch::run)
        .grpc(|shell, routes| {
            let limit = shell.host.message_bytes_max;
            let server = ReturnsServiceServer::new(grpc::Api(shell));
            routes.add_service(server.max_decoding_message_size(limit));
        })
        .build()
}
