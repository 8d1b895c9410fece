//! `colibri parked`: events that a service could not apply, looked at, tried again or discarded.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use colibri_kit::{
    bus,
    config::KitConfig,
    service::{database, declare},
};
use sqlx::{Connection as _, PgConnection};

use crate::{run::ConfigArgs, services};

/// How long the answer of the service is waited for: it looks every few seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// What to do with them.
#[derive(Debug, Args)]
pub struct ParkedArgs {
    #[command(flatten)]
    config: ConfigArgs,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Every parked key with the event in front. What happens without a word.
    List,
    /// Applies the events of a key again, in their order, after the cause was mended.
    Release {
        #[command(flatten)]
        place: Place,
        /// Key of the aggregate, as listed.
        #[arg(long)]
        key: String,
    },
    /// Decides that an event is never applied. It is kept with who decided it and why.
    Discard {
        #[command(flatten)]
        place: Place,
        /// Number of the event, as listed.
        #[arg(long)]
        seq: i64,
        /// Why nothing is lost by it.
        #[arg(long)]
        why: String,
    },
}

#[derive(Debug, Args)]
struct Place {
    /// Service that could not apply it, e.g. `tracking`.
    #[arg(long)]
    service: String,
    /// Service whose event it is, e.g. `labels`.
    #[arg(long)]
    producer: String,
    /// Who decides.
    #[arg(long, env = "USER")]
    by: String,
}

/// Does it; false when something is parked still.
pub fn parked(args: &ParkedArgs) -> anyhow::Result<bool> {
    let kit = args.config.load()?.kit()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(act(&kit, args.action.as_ref().unwrap_or(&Action::List)))
}

/// Services that listen to others.
fn listeners() -> Vec<String> {
    let mut all: Vec<_> = declare(&services()).into_iter().flat_map(|p| p.consumers).collect();
    all.sort();
    all.dedup();
    all
}

async fn act(kit: &KitConfig, action: &Action) -> anyhow::Result<bool> {
    let mut db = PgConnection::connect_with(&database(kit).admin()?).await?;
    if let Action::Release { place, .. } | Action::Discard { place, .. } = action {
        // The name becomes part of a statement.
        let known = listeners();
        anyhow::ensure!(known.contains(&place.service), "services that listen: {known:?}");
    }
    match action {
        Action::List => list(&mut db).await,
        Action::Release { place, key } => release(&mut db, place, key).await,
        Action::Discard { place, seq, why } => {
            let Place { service, producer, by } = place;
            let gone = bus::discard(&mut db, service, producer, *seq, by, why).await?;
            anyhow::ensure!(gone, "no event {seq} of {producer} is parked in {service}");
            println!("event {seq} of {producer} is discarded; release what waits behind it");
            Ok(true)
        }
    }
}

async fn list(db: &mut PgConnection) -> anyhow::Result<bool> {
    let mut none = true;
    for service in listeners() {
        let keys = bus::parked(db, &service).await.with_context(|| format!("look at {service}"))?;
        for key in keys {
            none = false;
            println!(
                "--service {service} --producer {} --key {}: {} events since {}; first is --seq {}, \
                 {} after {} tries: {}",
                key.producer,
                key.key,
                key.events,
                key.since,
                key.seq,
                key.code,
                key.attempts,
                key.reason
            );
        }
    }
    if none {
        println!("nothing is parked");
    }
    Ok(none)
}

async fn release(db: &mut PgConnection, place: &Place, key: &str) -> anyhow::Result<bool> {
    let Place { service, producer, by } = place;
    let asked = bus::ask_release(db, service, producer, key, by).await?;
    anyhow::ensure!(asked, "{key} of {producer} is not parked in {service}");
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        let keys = bus::parked(db, service).await?;
        match keys.into_iter().find(|k| k.producer == *producer && k.key == key) {
            None => {
                println!("released");
                return Ok(true);
            }
            Some(held) if held.asked_at.is_none() => {
                println!("still parked: {}: {}", held.code, held.reason);
                return Ok(false);
            }
            Some(_) => tokio::time::sleep(Duration::from_millis(250)).await,
        }
    }
    println!("asked for; {service} has not looked yet: does it run?");
    Ok(false)
}
