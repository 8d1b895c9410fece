//! What the benchmarks of orders, labels and parcels share: simulated carriers in a process of
//! their own, a stack on fresh data, invented orders, and what its Postgres can commit at best.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use colibri_events::{
    orders::v1::{Line, OrderInput, SubmitRequest, orders_service_client::OrdersServiceClient},
    types::v1::{Address, Money},
};
use colibri_kit::clock::{Clock as _, ScaledClock, SystemClock};
use colibri_types::TenantId;
use sqlx::{PgPool, Postgres, pool::PoolConnection, postgres::PgPoolOptions};
use tokio::sync::Semaphore;

use super::cpu;
use crate::{
    embedded,
    stack::{SandboxSetup, Stack, StackOptions},
};

/// Connections that commit at once when the engine alone is measured: as many as a busy service.
const COMMITTERS: u32 = 8;
/// How long it is measured.
const COMMITTING: Duration = Duration::from_secs(2);

/// The simulated carriers: a child that is ended with us.
pub struct Carriers(Child);

impl Carriers {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Carriers {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A stack on fresh data, its carriers, and the administrator's way to its database.
pub struct World {
    /// The stack.
    pub stack: Stack,
    /// Its carriers.
    pub carriers: Carriers,
    /// Where they are, by id.
    pub urls: BTreeMap<String, String>,
    /// Its database.
    pub db: PgPool,
}

impl World {
    /// Starts everything below `.colibri/<name>`, on a clock that runs `speed` times as fast.
    pub async fn start(name: &str, speed: u32) -> anyhow::Result<Self> {
        Self::start_with(name, speed, Vec::new()).await
    }

    /// The same with other settings, named as in the environment.
    pub async fn start_with(
        name: &str,
        speed: u32,
        settings: Vec<(String, String)>,
    ) -> anyhow::Result<Self> {
        let now = SystemClock.now();
        let clock = ScaledClock { start_real: now, start_virtual: now, rate: speed }.to_string();
        let (carriers, urls) = carriers(&clock)?;
        let root = embedded::root();
        let data = root.join(".colibri").join(name);
        if data.exists() {
            std::fs::remove_dir_all(&data)?;
        }
        let any = "127.0.0.1:0".parse()?;
        let stack = Stack::start(StackOptions {
            root,
            data,
            rest: any,
            grpc: any,
            metrics: any,
            speed,
            clock: Some(clock),
            sandbox: Some(SandboxSetup { elsewhere: urls.clone(), ..SandboxSetup::default() }),
            settings,
            quiet: true,
        })
        .await?;
        let options = colibri_kit::service::database(&stack.kit).admin()?;
        let db = PgPoolOptions::new().max_connections(COMMITTERS).connect_with(options).await?;
        Ok(Self { stack, carriers, urls, db })
    }

    /// Ends everything.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.db.close().await;
        self.stack.stop().await
    }

    /// Transactions that were committed so far. Backends tell it with a delay of up to a second.
    pub async fn commits(&self) -> anyhow::Result<f64> {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        let sql = "select xact_commit::float8 from pg_stat_database
                    where datname = current_database()";
        Ok(sqlx::query_scalar(sql).fetch_one(&self.db).await?)
    }

    /// What commits of one small row cost: what this Postgres on this disk can do at best, through
    /// the driver of our services, while nothing else runs.
    pub async fn bare(&self) -> anyhow::Result<Bare> {
        sqlx::raw_sql("create schema bare; create table bare.row (n int8 not null)")
            .execute(&self.db)
            .await?;
        let insert = |mut db: PoolConnection<Postgres>, start: Instant| async move {
            let mut count = 0_u32;
            while start.elapsed() < COMMITTING {
                sqlx::query("insert into bare.row values (1)").execute(&mut *db).await?;
                count += 1;
            }
            anyhow::Ok(f64::from(count))
        };
        let start = Instant::now();
        let alone = insert(self.db.acquire().await?, start).await?;
        let alone_ms = start.elapsed().as_secs_f64() * 1000.0 / alone;
        let (start, before) = (Instant::now(), cpu::own());
        let all = (0..COMMITTERS).map(|_| async { insert(self.db.acquire().await?, start).await });
        let count: f64 = futures::future::try_join_all(all).await?.iter().sum();
        let cpu_ms = (cpu::own() - before) * 1000.0 / count;
        Ok(Bare { per_second: count / start.elapsed().as_secs_f64(), alone_ms, cpu_ms })
    }
}

/// Commits of one small row.
#[derive(Debug, Clone, Copy)]
pub struct Bare {
    /// A second, by several connections at once.
    pub per_second: f64,
    /// How long one takes when it is alone.
    pub alone_ms: f64,
    /// CPU of the side that asks for one.
    pub cpu_ms: f64,
}

fn carriers(clock: &str) -> anyhow::Result<(Carriers, BTreeMap<String, String>)> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["sandbox", "--clock", clock])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("start the simulated carriers")?;
    let out = child.stdout.take().context("output of the simulated carriers")?;
    let child = Carriers(child);
    let count = colibri_carriers::all().len();
    let mut urls = BTreeMap::new();
    for line in BufReader::new(out).lines().take(count) {
        let line = line?;
        let (carrier, url) = line.split_once(' ').context("address of a simulated carrier")?;
        urls.insert(carrier.to_owned(), url.to_owned());
    }
    Ok((child, urls))
}

/// An invented address.
pub fn address(n: usize) -> Address {
    const TOWNS: [(&str, &str); 4] =
        [("Nantes", "44000"), ("Lille", "59000"), ("Toulouse", "31000"), ("Rennes", "35000")];
    let (city, postcode) = TOWNS[n % TOWNS.len()];
    Address {
        name: format!("Personne Inventee {n}"),
        lines: vec![format!("{} rue des Essais", n % 90 + 1)],
        city: city.to_owned(),
        postcode: postcode.to_owned(),
        country: "FR".to_owned(),
        phone: "+33199000002".to_owned(),
        email: format!("personne{n}@example.com"),
        ..Default::default()
    }
}

fn order(prefix: &str, n: usize) -> OrderInput {
    OrderInput {
        channel: "api".to_owned(),
        external_id: format!("{prefix}-{n}"),
        currency: "EUR".to_owned(),
        lines: vec![Line {
            sku: format!("SKU-{}", n % 50),
            name: "An invented article".to_owned(),
            quantity: 1,
            unit_price: Some(Money { amount_minor: 1990, currency: "EUR".to_owned() }),
            unit_weight_g: 400 + u32::try_from(n % 1000).unwrap_or(0),
            ..Default::default()
        }],
        ship_to: Some(address(n)),
        payment: "paid".to_owned(),
        ..Default::default()
    }
}

/// Submits orders, all of which must be accepted.
pub async fn submit(
    stack: &Stack,
    tenant: TenantId,
    prefix: &str,
    count: usize,
    batch: usize,
) -> anyhow::Result<()> {
    let turns = Arc::new(Semaphore::new(4));
    let mut calls = tokio::task::JoinSet::new();
    for from in (0..count).step_by(batch) {
        let permit = turns.clone().acquire_owned().await?;
        let mut client = OrdersServiceClient::new(stack.peer("orders", tenant));
        let orders = (from..(from + batch).min(count)).map(|n| order(prefix, n)).collect();
        calls.spawn(async move {
            let answer = client.submit(SubmitRequest { orders, ..Default::default() }).await;
            drop(permit);
            let results = answer?.into_inner().results;
            let refused = results.iter().find(|r| !r.refused.is_empty());
            anyhow::ensure!(refused.is_none(), "refused: {refused:?}");
            Ok(())
        });
    }
    while let Some(done) = calls.join_next().await {
        done??;
    }
    Ok(())
}
