//! A whole Colibri in this process: servers, simulated carriers, all services, a demo merchant.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use colibri_kit::{
    auth::MintRequest,
    clock::{self, Clock as _, ScaledClock, SharedClock, SystemClock},
    rpc::Peer,
    service::Runtime,
    shutdown::Shutdown,
    telemetry::{self, TelemetryConfig},
};
use colibri_sandbox::{
    CarrierOptions, FaultProfile, PAYMENT_TOKEN, Payment, PaymentOptions, Payments, Sandbox,
    SandboxOptions,
};
use colibri_types::TenantId;

use crate::{
    embedded::{self, Servers},
    merchant, run, services,
};

/// What to start.
pub struct StackOptions {
    /// Folder of the project, where `.colibri` is.
    pub root: PathBuf,
    /// Folder of all data.
    pub data: PathBuf,
    /// Address of the REST edge.
    pub rest: SocketAddr,
    /// Address of gRPC.
    pub grpc: SocketAddr,
    /// Address of metrics and health.
    pub metrics: SocketAddr,
    /// How much faster than real time the business clock runs.
    pub speed: u32,
    /// The business clock itself, instead of one made from `speed`.
    pub clock: Option<String>,
    /// Simulated carriers, with this seed and these faults per carrier; `None` for real ones.
    pub sandbox: Option<SandboxSetup>,
    /// Settings that override all others, as environment variables.
    pub settings: Vec<(String, String)>,
    /// Log warnings only.
    pub quiet: bool,
}

/// Simulated carriers.
#[derive(Debug, Clone, Default)]
pub struct SandboxSetup {
    /// Decides numbers and faults.
    pub seed: u64,
    /// Faults per carrier id.
    pub faults: BTreeMap<String, FaultProfile>,
    /// Simulators in another process, by carrier id; none are hosted here then.
    pub elsewhere: BTreeMap<String, String>,
}

/// A running stack.
pub struct Stack {
    /// Base URL of the REST edge.
    pub rest: String,
    /// The services.
    pub runtime: Runtime,
    /// Ends everything when triggered.
    pub shutdown: Shutdown,
    /// Folder of all data.
    pub data: PathBuf,
    /// Configuration of the kit, for tools that look from outside.
    pub kit: colibri_kit::config::KitConfig,
    carriers: BTreeMap<String, String>,
    sandbox: Option<Sandbox>,
    payments: Option<Payments>,
    servers: Servers,
    _telemetry: Option<telemetry::Guard>,
}

/// The business clock: its anchor is kept beside the data, so that time goes on from there.
fn business_clock(options: &StackOptions) -> anyhow::Result<String> {
    if let Some(clock) = &options.clock {
        return Ok(clock.clone());
    }
    if options.speed <= 1 {
        return Ok("system".to_owned());
    }
    let path = options.data.join("clock");
    let now = SystemClock.now();
    let start_virtual = match std::fs::read_to_string(&path) {
        // It went on at the old pace until the last start and stood still while nothing ran.
        Ok(text) => clock::parse(text.trim())?.now().max(now),
        Err(_) => now,
    };
    let scaled = ScaledClock { start_real: now, start_virtual, rate: options.speed };
    std::fs::write(&path, scaled.to_string()).context("write the clock")?;
    Ok(scaled.to_string())
}

/// Longest wait for the services: a laptop that is busy with a build needs some of it.
const READY: Duration = Duration::from_secs(60);

impl Stack {
    /// Starts everything; what is there already from an earlier start goes on.
    pub async fn start(options: StackOptions) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&options.data).context("make the data folder")?;
        let (root, data) = (options.root.clone(), options.data.clone());
        let servers = tokio::task::spawn_blocking(move || Servers::start(&root, &data)).await??;
        let clock = business_clock(&options)?;
        let rest = listen(options.rest)?;
        let mut settings = servers.settings(&options.data)?;
        settings.extend(
            [
                ("KIT__CLOCK", clock.clone()),
                ("KIT__LISTEN_GRPC", options.grpc.to_string()),
                ("KIT__LISTEN_HTTP", options.metrics.to_string()),
                ("KIT__LOG_FORMAT", "text".to_owned()),
                (
                    "KIT__LOG_LEVEL",
                    if options.quiet { "error" } else { "warn,colibri=info" }.into(),
                ),
                ("GATEWAY__LISTEN", rest.to_string()),
                // The shops of a demonstration tell weights and no sides.
                ("LABELS__BOX_MM", "300x200x150".to_owned()),
                ("TRACKING__PUBLIC_URL", format!("http://{rest}/v1/hooks/carriers")),
            ]
            .map(|(key, value)| (format!("COLIBRI_{key}"), value)),
        );
        let payments = payments(options.sandbox.as_ref()).await?;
        if let Some(payments) = &payments {
            let told = [("URL", payments.url()), ("TOKEN", PAYMENT_TOKEN)];
            settings.extend(
                told.map(|(key, value)| (format!("COLIBRI_RETURNS__PAYMENT_{key}"), value.into())),
            );
        }
        embedded::write_config(&options.data.join("colibri.toml"), &settings)?;
        settings.extend(options.settings.iter().cloned());
        let config = run::load(None, settings.into_iter())?;
        let kit = config.kit()?;
        let telemetry = telemetry::init(&TelemetryConfig::new("colibri", &kit)).ok();
        run::prepare(&kit).await?;
        let (sandbox, carriers) = sandbox(options.sandbox, clock::parse(&clock)?).await?;
        let shutdown = Shutdown::new();
        let runtime = Runtime::start(config, services(), shutdown.clone()).await?;
        ready(&runtime).await?;
        Ok(Self {
            rest: format!("http://{rest}"),
            runtime,
            shutdown,
            data: options.data,
            kit,
            carriers,
            sandbox,
            payments,
            servers,
            _telemetry: telemetry,
        })
    }

    /// Everything the simulated payment side paid back, in order.
    pub fn payments(&self) -> Vec<Payment> {
        self.payments.as_ref().map(Payments::ledger).unwrap_or_default()
    }

    /// Base URL of each simulated carrier.
    pub fn carrier_urls(&self) -> impl Iterator<Item = (&str, &str)> {
        self.carriers.iter().map(|(carrier, url)| (carrier.as_str(), url.as_str()))
    }

    /// A service, for a tenant, as this binary's own tools see it.
    pub fn peer(&self, service: &str, tenant: impl Into<Option<TenantId>>) -> Peer {
        self.runtime.peers.to(service, tenant)
    }

    /// The merchant that plays with the simulated carriers, made on the first start.
    pub async fn demo_tenant(&self) -> anyhow::Result<Option<TenantId>> {
        if self.carriers.is_empty() {
            return Ok(None);
        }
        merchant::ensure(self).await.map(|merchant| Some(merchant.tenant))
    }

    /// A bearer token for a person of that tenant.
    pub fn token(&self, tenant: TenantId, scopes: &[&str]) -> anyhow::Result<String> {
        let request = MintRequest {
            subject: "operator".to_owned(),
            tenant: Some(tenant),
            scopes: scopes.iter().map(|s| (*s).to_owned()).collect(),
            ttl: Duration::from_secs(12 * 3600),
            service: None,
        };
        Ok(self.runtime.issuer().context("no issuer key")?.mint(request)?)
    }

    /// Stops services, then carriers, then servers.
    pub async fn stop(self) -> anyhow::Result<()> {
        let drained = self.runtime.stop().await;
        if let Some(sandbox) = self.sandbox {
            sandbox.stop().await;
        }
        if let Some(payments) = self.payments {
            payments.stop().await;
        }
        tokio::task::spawn_blocking(move || self.servers.stop()).await??;
        if !drained.is_clean() {
            eprintln!("did not end in time: {}", drained.unfinished.join(", "));
        }
        Ok(())
    }
}

/// Waits until every service is ready: before that a call may be answered `KIT0008`.
async fn ready(runtime: &Runtime) -> anyhow::Result<()> {
    let end = Instant::now() + READY;
    while !runtime.ready.is_ready() {
        anyhow::ensure!(Instant::now() < end, "the services are not ready after {READY:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

/// The given address, with a free port when it names none.
fn listen(wanted: SocketAddr) -> anyhow::Result<SocketAddr> {
    if wanted.port() != 0 {
        return Ok(wanted);
    }
    let [port] = colibri_embedded::free_ports::<1>()?;
    Ok(SocketAddr::new(wanted.ip(), port))
}

/// A payment side beside simulated carriers; real carriers have a real one.
async fn payments(setup: Option<&SandboxSetup>) -> anyhow::Result<Option<Payments>> {
    match setup {
        None => Ok(None),
        Some(setup) => {
            let options = PaymentOptions { seed: setup.seed, ..PaymentOptions::default() };
            Ok(Some(Payments::start(options).await?))
        }
    }
}

async fn sandbox(
    setup: Option<SandboxSetup>,
    clock: SharedClock,
) -> anyhow::Result<(Option<Sandbox>, BTreeMap<String, String>)> {
    let Some(setup) = setup else { return Ok((None, BTreeMap::new())) };
    if !setup.elsewhere.is_empty() {
        return Ok((None, setup.elsewhere));
    }
    let carriers: Vec<_> = colibri_carriers::all()
        .iter()
        .map(|carrier| {
            let id = carrier.info().id;
            let mut options = CarrierOptions::new(id);
            options.seed = setup.seed;
            options.faults = setup.faults.get(id).copied().unwrap_or_default();
            options
        })
        .collect();
    let ids: Vec<_> = carriers.iter().map(|c| c.id.clone()).collect();
    let sandbox = Sandbox::start(SandboxOptions { carriers, clock, admin: None }).await?;
    let urls = ids.into_iter().filter_map(|id| sandbox.url(&id).map(|url| (id, url))).collect();
    Ok((Some(sandbox), urls))
}
