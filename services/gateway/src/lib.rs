//! The HTTP edge: REST with JSON, webhooks, server-sent events, the public pages of returns.
//!
//! Owns how Colibri looks over HTTP: routes, JSON, problems, limits, the OpenAPI document. All of
//! it follows from one table of routes and the contracts in `proto/`. Deliberately does not: keep
//! anything, know rules of the domain, end TLS. What must not happen twice is decided by the
//! services behind, under their own transactions.

mod answer;
mod app;
mod call;
mod codec;
mod config;
mod contract;
mod edge;
mod error;
mod input;
mod limits;
mod openapi;
mod pages;
mod portal;
mod problem;
mod routes;
mod server;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use colibri_kit::{
    fault::BoxError,
    service::{Definition, Host, Service, Shell},
    shutdown::Shutdown,
};
use tokio::{net::TcpListener, sync::watch};

use crate::{app::App, config::Config, contract::Operation, limits::Limits, portal::Portal};

/// The service's state until its task takes the listener.
struct Gateway {
    config: Config,
    operations: Mutex<Vec<Arc<Operation>>>,
    listener: Mutex<Option<TcpListener>>,
    portal: Arc<Portal>,
}

/// The service. It listens at `gateway.listen` when it has started; a taken port fails the start.
#[must_use]
pub fn service() -> Box<dyn Definition> {
    announced().0
}

/// The service, and where it listens once it has started: for port 0.
#[must_use]
pub fn announced() -> (Box<dyn Definition>, watch::Receiver<Option<SocketAddr>>) {
    let (tell, told) = watch::channel(None);
    let service = Service::new("gateway", |host| Gateway::start(host, tell))
        .config(include_str!("../config.default.toml"))
        .task("http", run)
        .build();
    (service, told)
}

impl Gateway {
    async fn start(host: Host, tell: watch::Sender<Option<SocketAddr>>) -> Result<Self, BoxError> {
        let config = Config::read(&host)?;
        let operations = contract::operations()?.into_iter().map(Arc::new).collect();
        let portal = Arc::new(Portal::new(&config, &host)?);
        let listener = TcpListener::bind(config.listen).await?;
        let address = listener.local_addr()?;
        tracing::info!(%address, "HTTP at {address}");
        tell.send_replace(Some(address));
        Ok(Self {
            config,
            operations: Mutex::new(operations),
            listener: Mutex::new(Some(listener)),
            portal,
        })
    }
}

async fn run(shell: Shell<Gateway>, shutdown: Shutdown) {
    let gateway = &shell.state;
    let listener = gateway.listener.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(listener) = listener else { return };
    let operations = gateway.operations.lock().unwrap_or_else(PoisonError::into_inner);
    let operations = std::mem::take(&mut *{ operations });
    let app = Arc::new(App {
        host: shell.host.clone(),
        config: gateway.config.clone(),
        limits: Limits::new(&gateway.config),
        portal: gateway.portal.clone(),
        operations,
        document: OnceLock::new(),
        shutdown: shutdown.clone(),
    });
    server::run(listener, edge::router(app), &gateway.config, shutdown).await;
}
