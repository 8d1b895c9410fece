//! `colibri up`: everything on one machine.

use std::path::PathBuf;

use clap::Args;

use crate::{
    embedded,
    stack::{Stack, StackOptions},
    token::operator,
};

/// What to start.
#[derive(Debug, Args)]
pub struct UpArgs {
    /// Folder of all data; made when it is not there.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Address of the REST edge.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: std::net::SocketAddr,
    /// Address of gRPC.
    #[arg(long, default_value = "127.0.0.1:7400")]
    grpc: std::net::SocketAddr,
    /// Address of metrics and health.
    #[arg(long, default_value = "127.0.0.1:7401")]
    metrics: std::net::SocketAddr,
    /// How much faster than real time the simulated carriers and their parcels live.
    #[arg(long, default_value_t = 60)]
    speed: u32,
    /// No simulated carriers: accounts must name real ones.
    #[arg(long)]
    no_sandbox: bool,
}

/// Runs until Ctrl-C.
pub fn up(args: UpArgs) -> anyhow::Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let root = embedded::root();
        let options = StackOptions {
            data: args.data.unwrap_or_else(|| root.join(".colibri/data")),
            root,
            rest: args.listen,
            grpc: args.grpc,
            metrics: args.metrics,
            speed: if args.no_sandbox { 1 } else { args.speed },
            clock: None,
            sandbox: (!args.no_sandbox).then(Default::default),
            settings: colibri_kit::config::environment().collect(),
            quiet: false,
        };
        let stack = Stack::start(options).await?;
        stack.shutdown.on_signals()?;
        println!("REST      {}", stack.rest);
        println!("OpenAPI   {}/openapi.json", stack.rest);
        println!("gRPC      {}", stack.runtime.grpc);
        println!("metrics   http://{}/metrics", stack.runtime.http);
        for (carrier, url) in stack.carrier_urls() {
            println!("simulated {carrier:<10} {url}   ledger: {url}/_sandbox/ledger");
        }
        if let Some(tenant) = stack.demo_tenant().await? {
            println!("tenant    {tenant}");
            println!("portal    {}/portal/{tenant}", stack.rest);
            println!("token     {}", stack.token(tenant, &operator())?);
        }
        let config = stack.data.join("colibri.toml");
        println!("doctor    colibri doctor --config {}", config.display());
        println!("Ctrl-C stops everything; nothing is lost by killing it either.");
        stack.shutdown.triggered().await;
        stack.stop().await?;
        Ok(true)
    })
}
