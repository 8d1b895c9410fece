//! `colibri run` and `colibri migrate`: services against configured servers.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use async_nats::jetstream;
use clap::Args;
use colibri_kit::{
    bus,
    config::{Config, KitConfig, environment},
    service::{Definition, Runtime, declare, migrate_all},
    shutdown::Shutdown,
    telemetry::{self, TelemetryConfig},
};

use crate::services;

/// Where the configuration is.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// TOML file with the keys that differ from the defaults; the environment overrides both.
    #[arg(long)]
    pub config: Option<PathBuf>,
}

/// Which services.
#[derive(Debug, Args)]
pub struct RunArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Names of services; `all` for every one.
    #[arg(required = true)]
    services: Vec<String>,
}

impl ConfigArgs {
    /// Defaults of all services, the file, the environment.
    pub fn load(&self) -> anyhow::Result<Config> {
        load(self.config.as_deref(), environment())
    }
}

/// Defaults of all services, a file, and variables.
pub fn load(
    file: Option<&std::path::Path>,
    variables: impl Iterator<Item = (String, String)>,
) -> anyhow::Result<Config> {
    let services = services();
    let defaults: Vec<_> = services.iter().map(|s| (s.name(), s.defaults())).collect();
    Ok(Config::load(&defaults, file, variables)?)
}

/// Brings schemas and streams up to date.
pub async fn prepare(kit: &KitConfig) -> anyhow::Result<()> {
    use secrecy::ExposeSecret as _;
    let services = services();
    migrate_all(kit, &services).await?;
    let client = async_nats::connect(kit.nats_url.expose_secret()).await?;
    bus::provision(&jetstream::new(client), &declare(&services), kit.bus).await?;
    Ok(())
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// `colibri migrate`.
pub fn migrate(args: &ConfigArgs) -> anyhow::Result<bool> {
    let kit = args.load()?.kit()?;
    runtime()?.block_on(prepare(&kit))?;
    println!("schemas and streams are up to date");
    Ok(true)
}

/// `colibri run`.
pub fn run(args: RunArgs) -> anyhow::Result<bool> {
    let config = args.config.load()?;
    let chosen = choose(&args.services)?;
    let kit = config.kit()?;
    runtime()?.block_on(async {
        let name = if let [one] = args.services.as_slice() { one.as_str() } else { "colibri" };
        let _telemetry = telemetry::init(&TelemetryConfig::new(name, &kit))?;
        let shutdown = Shutdown::new();
        shutdown.on_signals()?;
        let running = Runtime::start(config, chosen, shutdown.clone()).await?;
        println!("gRPC on {}, metrics and health on http://{}", running.grpc, running.http);
        shutdown.triggered().await;
        let drained = running.stop().await;
        if !drained.is_clean() {
            bail!("did not end in time: {}", drained.unfinished.join(", "));
        }
        Ok(true)
    })
}

fn choose(names: &[String]) -> anyhow::Result<Vec<Box<dyn Definition>>> {
    let all = services();
    let known = all.iter().map(|s| s.name()).collect::<Vec<_>>().join(", ");
    if names == ["all"] {
        return Ok(all);
    }
    let unknown = names.iter().find(|n| !all.iter().any(|s| s.name() == n.as_str()));
    if let Some(name) = unknown {
        bail!("no service is called {name}; there are {known}");
    }
    let chosen: Vec<_> = all.into_iter().filter(|s| names.iter().any(|n| n == s.name())).collect();
    chosen.first().context("no service named")?;
    Ok(chosen)
}
