//! Runs services in one process: connections, checks, the gRPC server, drain.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use tokio::net::TcpListener;
use tonic::service::RoutesBuilder;
use tracing::{info, warn};

use super::{Definition, Host, Running, Wake};
use crate::{
    auth::{EVERY_SCOPE, Issuer, Trust, Verifier},
    bus::{self, Producer},
    clock::{self, SharedClock, SystemClock},
    config::{Config, KitConfig, Profile},
    db::{self, DatabaseConfig, Db, MigrateError},
    egress::{Egress, EgressLimits},
    fault::BoxError,
    rpc::{self, MethodPolicy, Peers, RpcConfig, ServiceTokens},
    shutdown::{Drained, Shutdown},
    telemetry::{self, Ready},
};

/// Between two looks at a database that does not answer while a process starts.
const DATABASE_RETRY: Duration = Duration::from_millis(100);

/// Why a process could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Something on the way, named.
    #[error("{what}")]
    At {
        /// Step.
        what: String,
        /// Cause.
        source: BoxError,
    },
}

fn at<E: Into<BoxError>>(what: &str) -> impl FnOnce(E) -> StartError + '_ {
    move |source| StartError::At { what: what.to_owned(), source: source.into() }
}

/// A running process.
pub struct Runtime {
    /// Where gRPC is served.
    pub grpc: SocketAddr,
    /// Where metrics and health are served.
    pub http: SocketAddr,
    /// Conditions of readiness.
    pub ready: Ready,
    /// Calls to the services in this process.
    pub peers: Peers,
    auth: Auth,
    kit: KitConfig,
    here: Here,
    shutdown: Shutdown,
}

/// Where the services' data is, as the configuration says.
#[must_use]
pub fn database(kit: &KitConfig) -> DatabaseConfig {
    DatabaseConfig {
        admin_url: kit.database_url.clone(),
        role_secret: kit.db.role_secret.clone(),
        rpc_connections: kit.db.rpc_pool_max,
        log_connections: kit.db.log_pool_max,
        acquire_timeout: Duration::from_millis(kit.db.acquire_timeout_ms),
        statement_timeout: Duration::from_millis(kit.db.statement_timeout_ms),
    }
}

/// Brings all schemas up to date.
///
/// # Errors
/// [`MigrateError`] of the first schema that could not be.
pub async fn migrate_all(
    kit: &KitConfig,
    services: &[Box<dyn Definition>],
) -> Result<(), MigrateError> {
    let database = database(kit);
    for service in services.iter().filter(|s| !s.migrations().is_empty()) {
        db::migrate(&database, service.name(), service.migrations()).await?;
    }
    Ok(())
}

/// Who publishes and who listens, from the services' own lists.
#[must_use]
pub fn declare(services: &[Box<dyn Definition>]) -> Vec<Producer> {
    let listeners = |producer: &str| {
        let hearing = services.iter().filter(|s| s.listens_to().contains(&producer));
        hearing.map(|s| s.name().to_owned()).collect()
    };
    services
        .iter()
        .filter(|s| s.publishes())
        .map(|s| Producer { service: s.name().to_owned(), consumers: listeners(s.name()) })
        .collect()
}

fn policy(path: &str) -> Option<MethodPolicy> {
    colibri_events::method_policy(path).map(|p| MethodPolicy {
        scopes: p.scopes,
        public: p.public,
        tenant: p.tenant,
    })
}

impl Runtime {
    /// Starts services in this process. Schemas and streams exist already.
    ///
    /// # Errors
    /// [`StartError`] names the step; nothing is left running then.
    pub async fn start(
        config: Config,
        services: Vec<Box<dyn Definition>>,
        shutdown: Shutdown,
    ) -> Result<Self, StartError> {
        let kit = config.kit().map_err(at("read [kit]"))?;
        let clock = clock::parse(&kit.clock).map_err(at("read kit.clock"))?;
        let grpc = TcpListener::bind(kit.listen_grpc).await.map_err(at("listen for gRPC"))?;
        let http = TcpListener::bind(kit.listen_http).await.map_err(at("listen for HTTP"))?;
        let grpc_at = grpc.local_addr().map_err(at("listen for gRPC"))?;
        let http_at = http.local_addr().map_err(at("listen for HTTP"))?;
        let ready = Ready::new();
        let needs_bus = services.iter().any(|s| s.publishes() || !s.listens_to().is_empty());
        let client = if needs_bus { Some(connect(&kit, &ready).await?) } else { None };
        let auth = Auth::load(&kit)?;
        let here = Here { names: services.iter().map(|s| s.name()).collect(), grpc: grpc_at };
        let peers = auth.peers(&kit, &here, "colibri")?;
        let config = Arc::new(config);
        let database = Arc::new(database(&kit));
        let egress = Egress::new(EgressLimits::default());
        let mut routes = RoutesBuilder::default();
        for service in services {
            let name = service.name();
            let host = Host {
                service: name,
                config: config.clone(),
                db: database.pools(name).map_err(at("read kit.database_url"))?,
                database: database.clone(),
                peers: auth.peers(&kit, &here, name)?,
                clock: clock.clone(),
                egress: egress.clone(),
                issuer: auth.issuer.clone(),
                verifier: auth.verifier.clone(),
                ready: ready.clone(),
                message_bytes_max: kit.rpc.message_bytes_max,
            };
            if !service.migrations().is_empty() {
                until_used(name, &host.db, &ready, &shutdown);
            }
            let running = Running {
                host: &host,
                wake: Wake::default(),
                shutdown: shutdown.clone(),
                client: client.clone(),
                limits: kit.bus,
            };
            service
                .start(running, &mut routes)
                .await
                .map_err(|source| StartError::At { what: format!("start {name}"), source })?;
        }
        let descriptors = bytes::Bytes::from_static(colibri_events::DESCRIPTORS);
        let server = rpc::serve(
            grpc,
            routes.routes(),
            RpcConfig::new(&kit, descriptors),
            auth.verifier.clone(),
            policy,
            shutdown.clone(),
        );
        shutdown.spawn("gRPC server", async move {
            if let Err(cause) = server.await {
                tracing::error!(cause = %crate::fault::chain(&cause), "gRPC server ended");
            }
        });
        let (pages, stop) = (ready.clone(), shutdown.clone());
        shutdown.spawn("metrics and health", async move {
            if let Err(cause) = telemetry::http(http, pages, stop).await {
                tracing::error!(%cause, "metrics server ended");
            }
        });
        info!(grpc = %grpc_at, http = %http_at, services = ?here.names, "colibri runs");
        Ok(Self { grpc: grpc_at, http: http_at, ready, peers, auth, kit, here, shutdown })
    }

    /// Calls to the services of this process, signed as another service: for tools and tests.
    ///
    /// # Errors
    /// [`StartError`] when an address is none.
    pub fn peers_as(&self, name: &str) -> Result<Peers, StartError> {
        self.auth.peers(&self.kit, &self.here, name)
    }

    /// Signs tokens for people and programs, where this process has the key.
    #[must_use]
    pub const fn issuer(&self) -> Option<&Issuer> {
        self.auth.issuer.as_ref()
    }

    /// Stops everything in order and says what did not end in time.
    pub async fn stop(self) -> Drained {
        self.shutdown.trigger();
        self.shutdown.drain(self.kit.drain_timeout()).await
    }
}

/// Keeps a service from being ready until both its pools have answered once: the first connection
/// takes longest, and no caller is told to come back because of it.
fn until_used(service: &'static str, db: &Db, ready: &Ready, shutdown: &Shutdown) {
    let condition = format!("database.{service}");
    ready.set(&condition, Err("has not answered yet".into()));
    let (db, ready, stop) = (db.clone(), ready.clone(), shutdown.clone());
    shutdown.spawn(format!("{service} database"), async move {
        for pool in [&db.rpc, &db.log] {
            while let Err(cause) = sqlx::query("select 1").execute(pool).await {
                tracing::debug!(service, %cause, "the database does not answer yet");
                tokio::select! {
                    () = tokio::time::sleep(DATABASE_RETRY) => {}
                    () = stop.triggered() => return,
                }
            }
        }
        ready.set(&condition, Ok(()));
    });
}

/// Connects to NATS, and checks the server's settings when its monitoring page is known.
async fn connect(kit: &KitConfig, ready: &Ready) -> Result<async_nats::Client, StartError> {
    use secrecy::ExposeSecret as _;
    let ready_on_events = ready.clone();
    let mut options = async_nats::ConnectOptions::new()
        .name("colibri")
        .retry_on_initial_connect()
        .event_callback(move |event| {
            let ready = ready_on_events.clone();
            async move {
                match event {
                    async_nats::Event::Connected => ready.set("nats", Ok(())),
                    async_nats::Event::Disconnected => {
                        ready.set("nats", Err("disconnected".into()));
                    }
                    _ => {}
                }
            }
        });
    if let Some(file) = &kit.nats_credentials_file {
        options = options.credentials_file(file).await.map_err(at("read NATS credentials"))?;
    }
    let url = kit.nats_url.expose_secret();
    let client = options.connect(url).await.map_err(at("connect to NATS"))?;
    check(kit).await?;
    Ok(client)
}

async fn check(kit: &KitConfig) -> Result<(), StartError> {
    use secrecy::ExposeSecret as _;
    let Some(monitor) = &kit.nats_monitor_url else {
        warn!("kit.nats_monitor_url is not set: the server's settings are not checked");
        return Ok(());
    };
    let egress = Egress::new(EgressLimits::default());
    let request = crate::egress::Request {
        method: http::Method::GET,
        url: format!("{}/varz", monitor.trim_end_matches('/')),
        headers: Vec::new(),
        body: bytes::Bytes::new(),
        timeout: Duration::from_secs(5),
    };
    let varz = egress.send("nats", request).await.map_err(at("read the NATS monitoring page"))?;
    let pool = sqlx::postgres::PgPoolOptions::new()
        .max_connections(1)
        .connect(kit.database_url.expose_secret())
        .await
        .map_err(at("connect to Postgres"))?;
    let problems = bus::check_server(&varz.body, &pool).await.map_err(at("check the servers"))?;
    pool.close().await;
    for problem in problems {
        if problem.relaxable && kit.profile != Profile::Production {
            warn!(%problem, "goes on because this is no production profile: {problem}");
        } else {
            return Err(at("check the servers")(problem));
        }
    }
    Ok(())
}

struct Auth {
    issuer: Option<Issuer>,
    services: Issuer,
    verifier: Verifier,
    ttl: Duration,
}

impl Auth {
    fn load(kit: &KitConfig) -> Result<Self, StartError> {
        // Tokens live in real time, however fast a sandbox's clock runs.
        let clock: SharedClock = Arc::new(SystemClock);
        let trust = Trust::load(&kit.auth, &clock).map_err(at("read [kit.auth]"))?;
        let missing = "is not set: services could not prove to each other who they are";
        let services = trust.services.ok_or(missing);
        Ok(Self {
            issuer: trust.own,
            services: services.map_err(at("read kit.auth.service_key_file"))?,
            verifier: trust.verifier,
            ttl: Duration::from_secs(kit.auth.service_token_ttl_s),
        })
    }

    /// Calls to other services, signed as `name`.
    fn peers(&self, kit: &KitConfig, here: &Here, name: &str) -> Result<Peers, StartError> {
        let tokens = ServiceTokens::new(
            self.services.clone(),
            Arc::new(SystemClock),
            name,
            vec![EVERY_SCOPE.to_owned()],
            self.ttl,
        );
        Peers::new(&here.addresses(kit), tokens, &kit.rpc).map_err(at("read kit.peers"))
    }
}

/// Services of this process, and where they answer.
struct Here {
    names: Vec<&'static str>,
    grpc: SocketAddr,
}

impl Here {
    /// Services of this process answer here; others where the configuration says.
    fn addresses(&self, kit: &KitConfig) -> BTreeMap<String, String> {
        let mut addresses = kit.peers.clone();
        for name in &self.names {
            let here = format!("http://127.0.0.1:{}", self.grpc.port());
            addresses.entry((*name).to_owned()).or_insert(here);
        }
        addresses
    }
}
