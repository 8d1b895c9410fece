//! The test bed: servers in a scratch folder, schemas, streams, services in this process.

use std::{path::PathBuf, time::Duration};

use async_nats::jetstream;
use colibri_embedded::{
    Binaries, Mode, Nats, NatsOptions, Postgres, PostgresOptions, Scratch, Search,
};
use colibri_events::Event;
use colibri_kit::{
    auth::MintRequest,
    bus,
    config::{Config, KIT_DEFAULTS, KitConfig},
    db::Role,
    rpc::Peer,
    service::{Definition, Runtime, database, declare, migrate_all},
    shutdown::Shutdown,
};
use colibri_types::TenantId;
use sqlx::{
    AssertSqlSafe, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tonic::{service::interceptor::InterceptedService, transport::Channel};

use crate::{WithToken, eventually};

/// What a bed may differ in.
#[derive(Debug, Clone, Default)]
pub struct BedOptions {
    /// Keys as in the environment: `("COLIBRI_LABELS__SETTLE_S", "1")`.
    pub settings: Vec<(String, String)>,
    /// Flush to disk as in production: for crash tests.
    pub durable: bool,
}

/// Running services on their own servers.
pub struct TestBed {
    /// The process.
    pub runtime: Runtime,
    kit: KitConfig,
    options: BedOptions,
    /// Its Postgres.
    pub postgres: Postgres,
    /// Its nats-server.
    pub nats: Nats,
    /// Administrator's pool.
    pub admin: PgPool,
    scratch: Scratch,
}

/// How long databases and streams may take to answer, on a machine that is doing other work.
const READY: Duration = Duration::from_secs(60);
/// Name of the database of a bed.
const DATABASE: &str = "postgres";

impl TestBed {
    /// Starts services with default settings.
    pub async fn start(services: Vec<Box<dyn Definition>>) -> Self {
        Self::start_with(services, BedOptions::default()).await
    }

    /// Starts services.
    pub async fn start_with(services: Vec<Box<dyn Definition>>, options: BedOptions) -> Self {
        let scratch = Scratch::new().unwrap();
        let (postgres, nats) = servers(&scratch, options.durable).await;
        let config = config(&services, &scratch, &postgres, &nats, options.settings.clone());
        let kit = config.kit().unwrap();
        migrate_all(&kit, &services).await.unwrap();
        let client = async_nats::connect(nats.url()).await.unwrap();
        bus::provision(&jetstream::new(client), &declare(&services), kit.bus).await.unwrap();
        let admin = PgPoolOptions::new().max_connections(4).connect(&postgres.url(DATABASE)).await;
        let runtime = Runtime::start(config, services, Shutdown::new()).await.unwrap();
        eventually("the services are ready", READY, || async {
            runtime.ready.is_ready().then_some(())
        })
        .await;
        Self { runtime, kit, options, postgres, nats, admin: admin.unwrap(), scratch }
    }

    /// A second process with these services on the same servers.
    pub async fn second(&self, services: Vec<Box<dyn Definition>>) -> Runtime {
        let settings = self.options.settings.clone();
        let config = config(&services, &self.scratch, &self.postgres, &self.nats, settings);
        Runtime::start(config, services, Shutdown::new()).await.unwrap()
    }

    /// The environment of a process of its own that runs services on these servers.
    #[must_use]
    pub fn variables(&self, services: &[Box<dyn Definition>]) -> Vec<(String, String)> {
        let settings = self.options.settings.clone();
        variables(services, &self.scratch, &self.postgres, &self.nats, settings)
    }

    /// How a service's role connects.
    #[must_use]
    pub fn role(&self, service: &str, role: Role) -> PgConnectOptions {
        database(&self.kit).role(service, role).unwrap()
    }

    /// A service as another service of ours sees it, for a tenant.
    #[must_use]
    pub fn peer(&self, from: &str, to: &str, tenant: impl Into<Option<TenantId>>) -> Peer {
        self.runtime.peers_as(from).unwrap().to(to, tenant)
    }

    /// A channel as an outside client with these scopes has it.
    #[must_use]
    pub fn client(
        &self,
        tenant: impl Into<Option<TenantId>>,
        scopes: &[&str],
    ) -> InterceptedService<Channel, WithToken> {
        let url = format!("http://{}", self.runtime.grpc);
        let channel = Channel::from_shared(url).unwrap().connect_lazy();
        InterceptedService::new(channel, WithToken(self.token(tenant, scopes)))
    }

    /// A bearer token.
    #[must_use]
    pub fn token(&self, tenant: impl Into<Option<TenantId>>, scopes: &[&str]) -> String {
        let request = MintRequest {
            subject: "test".to_owned(),
            tenant: tenant.into(),
            scopes: scopes.iter().map(|s| (*s).to_owned()).collect(),
            ttl: Duration::from_secs(600),
            service: None,
        };
        self.runtime.issuer().unwrap().mint(request).unwrap()
    }

    /// A JetStream context on the bed's server.
    pub async fn jetstream(&self) -> jetstream::Context {
        jetstream::new(async_nats::connect(self.nats.url()).await.unwrap())
    }

    /// Events of one kind with this key, in order, once their service's outbox is empty.
    pub async fn told<E: Event>(&self, key: &str) -> Vec<E> {
        let service = E::SERVICE;
        let left = format!("select count(*) from {service}.outbox");
        eventually("the outbox is empty", READY, || async {
            let left = sqlx::query_scalar::<_, i64>(AssertSqlSafe(left.as_str()));
            (left.fetch_one(&self.admin).await.unwrap() == 0).then_some(())
        })
        .await;
        let told = format!(
            "select payload from {service}.event_log
              where key = $1 and split_part(subject, '.', 4) = $2 order by seq"
        );
        let told = sqlx::query_scalar::<_, Vec<u8>>(AssertSqlSafe(told)).bind(key).bind(E::NAME);
        let told = told.fetch_all(&self.admin).await.unwrap();
        told.iter().map(|payload| E::decode(payload.as_slice()).unwrap()).collect()
    }

    /// Folder of the bed: keys, data.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.scratch.path().to_owned()
    }

    /// Stops services, then servers; names the tasks that did not end.
    pub async fn stop(self) -> Vec<String> {
        let Self { runtime, mut postgres, mut nats, admin, scratch, .. } = self;
        let unfinished = runtime.stop().await.unfinished;
        admin.close().await;
        tokio::task::spawn_blocking(move || {
            nats.stop().unwrap();
            postgres.stop(Mode::Fast).unwrap();
            drop(scratch);
        })
        .await
        .unwrap();
        unfinished
    }
}

async fn servers(scratch: &Scratch, durable: bool) -> (Postgres, Nats) {
    let folder = scratch.path().to_owned();
    tokio::task::spawn_blocking(move || {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
        let binaries = Binaries::search(&Search::in_project(&root)).unwrap();
        let (pg, js) = (folder.join("postgres"), folder.join("nats"));
        let (pg, js) = if durable {
            (PostgresOptions::durable(&pg), NatsOptions::durable(&js))
        } else {
            (PostgresOptions::fast(&pg), NatsOptions::fast(&js))
        };
        (Postgres::start(&binaries, pg).unwrap(), Nats::start(&binaries, js).unwrap())
    })
    .await
    .unwrap()
}

fn config(
    services: &[Box<dyn Definition>],
    scratch: &Scratch,
    postgres: &Postgres,
    nats: &Nats,
    settings: Vec<(String, String)>,
) -> Config {
    let mut defaults = vec![("kit", KIT_DEFAULTS)];
    defaults.extend(services.iter().map(|s| (s.name(), s.defaults())));
    let all = variables(services, scratch, postgres, nats, settings);
    Config::load(&defaults, None, all.into_iter()).unwrap()
}

fn variables(
    services: &[Box<dyn Definition>],
    scratch: &Scratch,
    postgres: &Postgres,
    nats: &Nats,
    settings: Vec<(String, String)>,
) -> Vec<(String, String)> {
    let file = |name: &str| scratch.path().join(name).display().to_string();
    let kit = [
        ("PROFILE", "test".to_owned()),
        ("BUS__REPLICAS", "1".to_owned()),
        ("BUS__STREAM_BYTES_MAX", "67108864".to_owned()),
        ("LISTEN_GRPC", "127.0.0.1:0".to_owned()),
        ("LISTEN_HTTP", "127.0.0.1:0".to_owned()),
        ("NATS_URL", nats.url()),
        ("NATS_MONITOR_URL", nats.monitor_url()),
        ("DATABASE_URL", postgres.url(DATABASE)),
        ("DB__ROLE_SECRET", "a secret of the test bed".to_owned()),
        ("AUTH__ISSUER_KEY_FILE", file("issuer.pem")),
        ("AUTH__SERVICE_KEY_FILE", file("service.pem")),
    ];
    let kit = kit.map(|(key, value)| (format!("COLIBRI_KIT__{key}"), value));
    // Keys of services that have some, beside the bed's other files; a stand-in has none.
    let keys = [
        ("vault", "root_key_file", "vault-root.key"),
        ("accounts", "pepper_file", "accounts-pepper.key"),
    ];
    let keys = keys.into_iter().filter(|(service, key, _)| {
        services.iter().any(|s| s.name() == *service && s.defaults().contains(key))
    });
    let keys = keys.map(|(service, key, name)| {
        (format!("COLIBRI_{service}__{key}").to_uppercase(), file(name))
    });
    kit.into_iter().chain(keys).chain(settings).collect()
}
