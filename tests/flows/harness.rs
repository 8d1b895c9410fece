//! A Colibri as it is deployed: the real binary as a child process on durable servers, simulated
//! carriers in this process, everything seen from outside.
//!
//! The child may be killed at any moment; servers, carriers and this process never are.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use colibri_embedded::{
    Binaries, Nats, NatsOptions, Postgres, PostgresOptions, Scratch, Search, free_ports,
};
use colibri_events::labels::v1::labels_service_client::LabelsServiceClient;
use colibri_kit::{
    auth::{EVERY_SCOPE, MintRequest, Trust},
    clock::{ScaledClock, SharedClock, SystemClock},
    config::{Config, KIT_DEFAULTS, KitConfig},
    rpc::{Peer, Peers, ServiceTokens},
};
use colibri_sandbox::{CarrierOptions, FaultProfile, Sandbox, SandboxOptions};
use colibri_testkit::{WithToken, eventually};
use colibri_types::TenantId;
use sqlx::{PgPool, postgres::PgPoolOptions};
use time::OffsetDateTime;
use tokio::process::{Child, Command};
use tonic::{service::interceptor::InterceptedService, transport::Channel};

use crate::{http, settings::Base};

/// Every service that has a schema and answers gRPC.
pub const SERVICES: [&str; 8] =
    ["accounts", "vault", "orders", "pricing", "customs", "labels", "tracking", "returns"];
/// How long the child may take until it is ready: schemas are there already.
const READY: Duration = Duration::from_secs(60);
/// Database of everything.
pub const DATABASE: &str = "postgres";

/// What a world may differ in.
pub struct Options {
    /// Business seconds per real second.
    pub rate: u32,
    /// What goes wrong at each carrier.
    pub faults: FaultProfile,
    /// Decides the carriers' numbers, stories and faults.
    pub seed: u64,
    /// Carriers that push are asked to.
    pub push: bool,
    /// Further settings, as `("LABELS__LEASE_S", "16")`.
    pub settings: Vec<(&'static str, String)>,
    /// What the child logs.
    pub log: &'static str,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            rate: 60,
            faults: FaultProfile::default(),
            seed: 1,
            push: false,
            settings: Vec::new(),
            log: "warn,colibri=info",
        }
    }
}

/// How a start of the child ended.
#[derive(Debug)]
pub enum Start {
    /// It takes work.
    Ready,
    /// It died before.
    Died(ExitStatus),
}

pub type Client = InterceptedService<Channel, WithToken>;

/// Everything, in the order in which it must end.
pub struct World {
    child: Option<Child>,
    pub sandbox: Sandbox,
    pub nats: Nats,
    pub postgres: Postgres,
    /// Superuser.
    pub admin: PgPool,
    pub kit: KitConfig,
    pub rest: String,
    settings: Vec<(String, String)>,
    grpc: SocketAddr,
    health: SocketAddr,
    trust: Trust,
    _told: ToldOnPanic,
    scratch: Scratch,
}

/// Shows what the child said last when a test fails: its folder goes with the test.
struct ToldOnPanic(PathBuf);

impl Drop for ToldOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the child's last lines ---\n{}", log_tail(&self.0));
        }
    }
}

fn log_tail(path: &Path) -> String {
    let text = std::fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().rev().take(40).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}

/// The project's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

impl World {
    /// Servers, carriers, schemas and streams, and a running child.
    pub async fn start(options: Options) -> Self {
        let mut world = Self::prepare(options).await;
        world.run(None).await;
        world
    }

    /// As [`World::start`], without the running child.
    pub async fn prepare(options: Options) -> Self {
        let scratch = Scratch::new().unwrap();
        let folder = scratch.path().to_owned();
        let (postgres, nats) = tokio::task::spawn_blocking(move || servers(&folder)).await.unwrap();
        let now = OffsetDateTime::now_utc();
        let clock = ScaledClock { start_real: now, start_virtual: now, rate: options.rate };
        let [grpc, health, rest] = free_ports::<3>().unwrap();
        let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let rest = format!("http://{}", local(rest));
        let base = Base { scratch: &scratch, postgres: &postgres, nats: &nats, clock, rest: &rest };
        let settings = base.settings(&options, local(grpc), local(health));
        let kit = settings.iter().filter(|(key, _)| key.starts_with("COLIBRI_KIT__")).cloned();
        let kit = Config::load(&[("kit", KIT_DEFAULTS)], None, kit).unwrap().kit().unwrap();
        let real: SharedClock = Arc::new(SystemClock);
        let trust = Trust::load(&kit.auth, &real).unwrap();
        let admin = PgPoolOptions::new().max_connections(4).connect(&postgres.url(DATABASE)).await;
        let world = Self {
            child: None,
            sandbox: carriers(&options, clock).await,
            nats,
            postgres,
            admin: admin.unwrap(),
            kit,
            rest,
            settings,
            grpc: local(grpc),
            health: local(health),
            trust,
            _told: ToldOnPanic(scratch.path().join("colibri.log")),
            scratch,
        };
        let done = world.command(&["migrate"]).status().await.unwrap();
        assert!(done.success(), "colibri migrate: {done}; log: {}", log_tail(&world.log_path()));
        world
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let log = std::fs::File::options().create(true).append(true).open(self.log_path()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_colibri"));
        // Nothing of this process's own settings, such as the length of a campaign.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("COLIBRI_") {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .envs(self.settings.iter().map(|(key, value)| (key, value)))
            .current_dir(self.scratch.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .kill_on_drop(true);
        command
    }

    /// Everything the child said, in all its lives.
    pub fn log_path(&self) -> PathBuf {
        self.scratch.path().join("colibri.log")
    }

    /// Starts the child, with `crash` armed (`<point>[:<n>]`), and waits until it is ready or dead.
    pub async fn spawn(&mut self, crash: Option<&str>) -> Start {
        assert!(self.child.is_none(), "the child of before still runs");
        let mut command = self.command(&["run", "all"]);
        if let Some(crash) = crash {
            command.env("COLIBRI_CRASH_AT", crash);
        }
        self.child = Some(command.spawn().unwrap());
        let ready = format!("http://{}/readyz", self.health);
        let end = tokio::time::Instant::now() + READY;
        loop {
            if let Some(status) = self.ended() {
                return Start::Died(status);
            }
            let answer = http::send("GET", &ready, &[], b"").await;
            if answer.is_ok_and(|answer| answer.status == 200) {
                return Start::Ready;
            }
            assert!(
                tokio::time::Instant::now() < end,
                "not ready:\n{}",
                log_tail(&self.log_path())
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Starts the child, which must come up.
    pub async fn run(&mut self, crash: Option<&str>) {
        if let Start::Died(status) = self.spawn(crash).await {
            panic!("the child died at its start: {status}\n{}", log_tail(&self.log_path()));
        }
    }

    /// How the child ended, when it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        let status = self.child.as_mut()?.try_wait().unwrap()?;
        self.child = None;
        Some(status)
    }

    /// Waits for the child's end; `None` when it outlives `limit`.
    pub async fn dies_within(&mut self, limit: Duration) -> Option<ExitStatus> {
        let child = self.child.as_mut().unwrap();
        let status = tokio::time::timeout(limit, child.wait()).await.ok()?.unwrap();
        self.child = None;
        Some(status)
    }

    /// SIGKILL, by handle.
    pub async fn kill9(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().await.unwrap();
        }
    }

    /// A bearer token of this world's own issuer.
    pub fn token(&self, tenant: impl Into<Option<TenantId>>, scopes: &[&str]) -> String {
        let request = MintRequest {
            subject: "flows".to_owned(),
            tenant: tenant.into(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            ttl: Duration::from_secs(3 * 3600),
            service: None,
        };
        self.trust.own.as_ref().unwrap().mint(request).unwrap()
    }

    fn channel(&self) -> Channel {
        let endpoint = Channel::from_shared(format!("http://{}", self.grpc)).unwrap();
        endpoint.connect_timeout(Duration::from_secs(2)).connect_lazy()
    }

    /// As an outside client with these scopes.
    pub fn client(&self, tenant: impl Into<Option<TenantId>>, scopes: &[&str]) -> Client {
        InterceptedService::new(self.channel(), WithToken(self.token(tenant, scopes)))
    }

    /// A tenant's operator: every scope a tenant can have.
    pub fn operator(&self, tenant: TenantId) -> Client {
        self.client(tenant, &colibri_accounts::domain::scopes::grantable())
    }

    pub fn labels(&self, tenant: TenantId) -> LabelsServiceClient<Client> {
        LabelsServiceClient::new(self.operator(tenant))
    }

    /// A service, as another one of ours sees it.
    pub fn peer(&self, from: &str, to: &str, tenant: impl Into<Option<TenantId>>) -> Peer {
        let issuer = self.trust.services.clone().unwrap();
        let scopes = vec![EVERY_SCOPE.to_owned()];
        let ttl = Duration::from_secs(300);
        let tokens = ServiceTokens::new(issuer, Arc::new(SystemClock), from, scopes, ttl);
        let addresses = SERVICES.iter().map(|name| ((*name).to_owned(), self.grpc_url()));
        Peers::new(&addresses.collect(), tokens, &self.kit.rpc).unwrap().to(to, tenant)
    }

    fn grpc_url(&self) -> String {
        format!("http://{}", self.grpc)
    }

    /// The page that a monitoring system reads.
    pub async fn metrics(&self) -> Vec<u8> {
        let url = format!("http://{}/metrics", self.health);
        let answer = http::send("GET", &url, &[], b"").await.unwrap();
        assert_eq!(answer.status, 200);
        answer.body
    }

    /// Waits until nothing waits: outboxes empty, every consumer at the end of its producer's log,
    /// no intent ready or under way.
    pub async fn settled(&self, limit: Duration) {
        eventually("everything is passed on", limit, || async {
            self.waiting().await.is_empty().then_some(())
        })
        .await;
    }

    /// What still waits, in words.
    pub async fn waiting(&self) -> Vec<String> {
        let mut waiting = Vec::new();
        for service in SERVICES {
            let outbox = self.count(&format!("select count(*) from {service}.outbox")).await;
            let open =
                "select count(*) from {svc}.intent where state in ('ready','claimed','sent')";
            let open = self.count(&open.replace("{svc}", service)).await;
            if outbox + open > 0 {
                waiting.push(format!("{service}: {outbox} in the outbox, {open} intents"));
            }
            let sql = format!("select consumer, seq from {service}.position");
            for (producer, seq) in self.pairs(&sql).await {
                let head = self.count(&format!("select head from {producer}.lane")).await;
                if seq != head {
                    waiting.push(format!("{service}: {seq} of {head} events of {producer}"));
                }
            }
        }
        waiting
    }

    pub async fn count(&self, sql: &str) -> i64 {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        sqlx::query_scalar(sql).fetch_one(&self.admin).await.unwrap()
    }

    pub async fn pairs(&self, sql: &str) -> Vec<(String, i64)> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        sqlx::query_as(sql).fetch_all(&self.admin).await.unwrap()
    }

    /// Ends everything in order.
    pub async fn stop(mut self) {
        self.kill9().await;
        self.admin.close().await;
        let Self { sandbox, postgres, nats, scratch, .. } = self;
        sandbox.stop().await;
        let ended = move || {
            drop(nats);
            drop(postgres);
            drop(scratch);
        };
        tokio::task::spawn_blocking(ended).await.unwrap();
    }
}

fn servers(folder: &Path) -> (Postgres, Nats) {
    let binaries = Binaries::search(&Search::in_project(&root())).unwrap();
    let postgres = PostgresOptions::durable(folder.join("postgres"));
    let nats = NatsOptions::durable(folder.join("nats"));
    (Postgres::start(&binaries, postgres).unwrap(), Nats::start(&binaries, nats).unwrap())
}

async fn carriers(options: &Options, clock: ScaledClock) -> Sandbox {
    let carriers = colibri_carriers::all().iter().map(|carrier| {
        let mut carrier = CarrierOptions::new(carrier.info().id);
        carrier.seed = options.seed;
        carrier.faults = options.faults;
        carrier
    });
    let carriers = carriers.collect();
    let options = SandboxOptions { carriers, clock: Arc::new(clock), admin: None };
    Sandbox::start(options).await.unwrap()
}
