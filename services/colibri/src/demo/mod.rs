//! `colibri demo`: invented orders in the channels' real shapes go in by the doors merchants use, and
//! everything that happens to them is counted from outside.

mod back;
mod borders;
mod report;
mod send;
mod watch;

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::Context as _;
use clap::Args;

use crate::{
    embedded, merchant,
    stack::{SandboxSetup, Stack, StackOptions},
};

/// How the demo runs.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where labels, timeline and summary are written.
    #[arg(long, default_value = "out/demo")]
    out: PathBuf,
    /// How much faster than real time parcels travel.
    #[arg(long, default_value_t = 14400)]
    speed: u32,
    /// Decides tracking numbers and what happens to each parcel.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Longest the demo may take, in seconds.
    #[arg(long, default_value_t = 600)]
    patience_s: u64,
}

/// Runs the demo; true when every accepted order got exactly one label and reached its end, and
/// everything that came back is closed with goods and money in balance.
pub fn demo(args: &DemoArgs) -> anyhow::Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(args))
}

/// A second demo would take the first one's data away. Each server holds a lock in its folder.
fn unused(data: &Path) -> anyhow::Result<()> {
    for server in ["postgres", "nats"] {
        let Ok(lock) = File::open(data.join(server).join("lock")) else { continue };
        anyhow::ensure!(lock.try_lock().is_ok(), "another demo runs on {}", data.display());
    }
    Ok(())
}

async fn run(args: &DemoArgs) -> anyhow::Result<bool> {
    let any = "127.0.0.1:0".parse()?;
    let root = embedded::root();
    let data = root.join(".colibri/demo");
    if data.exists() {
        unused(&data)?;
        std::fs::remove_dir_all(&data).context("remove the data of an earlier demo")?;
    }
    std::fs::create_dir_all(&args.out).context("make the output folder")?;
    println!("starting Postgres, nats-server, simulated carriers and all services …");
    let stack = Stack::start(StackOptions {
        root,
        data,
        rest: any,
        grpc: any,
        metrics: any,
        speed: args.speed,
        clock: None,
        sandbox: Some(SandboxSetup { seed: args.seed, ..SandboxSetup::default() }),
        settings: Vec::new(),
        quiet: true,
    })
    .await?;
    let merchant = merchant::ensure(&stack).await?;
    let started = Instant::now();
    let mut sent = send::all(&stack, &merchant).await?;
    borders::send(&stack, merchant.tenant, &mut sent).await?;
    let mut borders = borders::correct(&stack, merchant.tenant).await?;
    let seen = watch::until_final(&stack, merchant.tenant, &sent, args.patience_s).await?;
    let took = started.elapsed();
    let back = back::all(&stack, &merchant, &seen, args.patience_s).await?;
    borders.finish(&stack, merchant.tenant, &args.out).await?;
    let report = report::collect(&stack, borders, &sent, (seen, back), took).await?;
    report.write(&stack, &merchant, &args.out).await?;
    report.print(&args.out);
    let good = report.is_good();
    stack.stop().await?;
    Ok(good)
}
