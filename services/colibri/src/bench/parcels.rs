//! Parcels from order to delivery, and what one order and one label cost. Simulated carriers run in
//! their own process; their CPU is told apart.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use colibri_events::{
    accounts::v1::{
        CreateTenantRequest, ListCarrierAccountsRequest, ListSitesRequest,
        accounts_service_client::AccountsServiceClient,
    },
    labels::v1::{PurchaseRequest, ShipmentState, labels_service_client::LabelsServiceClient},
    orders::v1::{Line, OrderInput, SubmitRequest, orders_service_client::OrdersServiceClient},
    types::v1::{Address, Money, Parcel},
};
use colibri_kit::clock::{Clock as _, ScaledClock, SystemClock};
use colibri_types::TenantId;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::sync::Semaphore;

use super::{Figure, cpu};
use crate::{
    embedded, merchant,
    stack::{SandboxSetup, Stack, StackOptions},
};

/// Parcels travel for days: at this pace a day lasts four seconds.
const SPEED: u32 = 20_000;
/// Orders of the cost measurement.
const ORDERS: usize = 2_000;
/// Labels of the cost and latency measurement.
const LABELS: usize = 1_000;

/// A child that is ended with us.
struct Carriers(Child);

impl Drop for Carriers {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs everything on one stack.
pub async fn run(parcels: usize) -> anyhow::Result<Vec<Figure>> {
    let now = SystemClock.now();
    let clock = ScaledClock { start_real: now, start_virtual: now, rate: SPEED }.to_string();
    let (carriers, urls) = carriers(&clock)?;
    let root = embedded::root();
    let data = root.join(".colibri/bench-parcels");
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
        speed: SPEED,
        clock: Some(clock),
        sandbox: Some(SandboxSetup { elsewhere: urls, ..SandboxSetup::default() }),
        settings: Vec::new(),
        quiet: true,
    })
    .await?;
    let merchant = merchant::ensure(&stack).await?;
    let options = colibri_kit::service::database(&stack.kit).admin()?;
    let db = PgPoolOptions::new().max_connections(2).connect_with(options).await?;
    let mut figures = Vec::new();
    figures.extend(order_costs(&stack).await?);
    figures.extend(labels(&stack, merchant.tenant).await?);
    figures.extend(end_to_end(&stack, merchant.tenant, &db, parcels, carriers.0.id()).await?);
    stack.stop().await?;
    drop(carriers);
    Ok(figures)
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

fn address(n: usize) -> Address {
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

/// Submits orders; answers how many were accepted.
async fn submit(
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

/// CPU of all our services for one order, at a tenant without carriers: nothing is bought.
async fn order_costs(stack: &Stack) -> anyhow::Result<Vec<Figure>> {
    let mut platform = AccountsServiceClient::new(stack.peer("accounts", None));
    let request = CreateTenantRequest { name: "Bench".to_owned() };
    let tenant: TenantId = platform.create_tenant(request).await?.into_inner().tenant_id.parse()?;
    let mut accounts = AccountsServiceClient::new(stack.peer("accounts", tenant));
    for site in merchant::sites() {
        accounts.create_site(site).await?;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut figures = Vec::new();
    for (name, batch, bar) in [("in batches of 100", 100, 1.0), ("one by one", 1, 1.5)] {
        let count = if batch == 1 { ORDERS / 4 } else { ORDERS };
        let before = cpu::own();
        submit(stack, tenant, &format!("cost{batch}"), count, batch).await?;
        // What the order sets in motion belongs to it.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let ms = (cpu::own() - before) * 1000.0 / count as f64;
        figures.push(Figure::cost(
            format!("parcels: CPU of one order, {name}"),
            ms,
            "ms",
            Some(bar),
        ));
    }
    Ok(figures)
}

struct Shop {
    site: String,
    account: String,
    service: String,
}

async fn shop(stack: &Stack, tenant: TenantId) -> anyhow::Result<Shop> {
    let mut accounts = AccountsServiceClient::new(stack.peer("accounts", tenant));
    let sites = accounts.list_sites(ListSitesRequest {}).await?.into_inner().sites;
    let site = sites.into_iter().find(|s| s.code == "lyon").context("site lyon")?;
    let all = accounts.list_carrier_accounts(ListCarrierAccountsRequest {}).await?.into_inner();
    let account = all.accounts.into_iter().find(|a| a.carrier == "colissimo");
    Ok(Shop {
        site: site.site_id,
        account: account.context("an account of Colissimo")?.account_id,
        service: "DOM".to_owned(),
    })
}

async fn purchase(
    stack: &Stack,
    tenant: TenantId,
    shop: &Shop,
    id: String,
    n: usize,
) -> anyhow::Result<Duration> {
    let mut client = LabelsServiceClient::new(stack.peer("labels", tenant));
    let request = PurchaseRequest {
        request_id: id,
        site_id: shop.site.clone(),
        account_id: shop.account.clone(),
        service: shop.service.clone(),
        recipient: Some(address(n)),
        parcels: vec![Parcel { weight_g: 800, ..Default::default() }],
        order_number: format!("B-{n}"),
    };
    let start = Instant::now();
    let shipment = client.purchase(request).await?.into_inner();
    anyhow::ensure!(shipment.state() == ShipmentState::Bought, "not bought: {shipment:?}");
    Ok(start.elapsed())
}

/// CPU of one label with many in flight, then latency at half of that rate, open loop.
async fn labels(stack: &Stack, tenant: TenantId) -> anyhow::Result<Vec<Figure>> {
    let shop = shop(stack, tenant).await?;
    let (before, start) = (cpu::own(), Instant::now());
    futures::future::try_join_all((0..32).map(|w| {
        let shop = &shop;
        async move {
            for n in 0..LABELS / 32 {
                purchase(stack, tenant, shop, format!("cost-{w}-{n}"), n).await?;
            }
            anyhow::Ok(())
        }
    }))
    .await?;
    let done = LABELS / 32 * 32;
    let rate = done as f64 / start.elapsed().as_secs_f64();
    let cpu_ms = (cpu::own() - before) * 1000.0 / done as f64;
    let gap = Duration::from_secs_f64(2.0 / rate);
    let begin = Instant::now();
    let mut times = futures::future::try_join_all((0..LABELS / 2).map(|n| {
        let shop = &shop;
        async move {
            let due = begin + gap * u32::try_from(n).unwrap_or(0);
            tokio::time::sleep_until(due.into()).await;
            purchase(stack, tenant, shop, format!("late-{n}"), n).await?;
            // From when it was due, not from when it was sent: no coordinated omission.
            anyhow::Ok(due.elapsed().as_secs_f64() * 1000.0)
        }
    }))
    .await?;
    times.sort_by(f64::total_cmp);
    let at = |percent: usize| times.get(times.len() * percent / 100).copied().unwrap_or(f64::NAN);
    Ok(vec![
        Figure::cost("parcels: CPU of one label, carrier excluded", cpu_ms, "ms", Some(3.0)),
        Figure::rate("parcels: labels bought, 32 in flight", rate, "labels/s", None),
        Figure::cost(
            "parcels: label latency p50 at half load, carrier included",
            at(50),
            "ms",
            None,
        ),
        Figure::cost(
            "parcels: label latency p95 at half load, carrier included",
            at(95),
            "ms",
            Some(25.0),
        ),
        Figure::cost(
            "parcels: label latency p99 at half load, carrier included",
            at(99),
            "ms",
            Some(60.0),
        ),
    ])
}

async fn ended(db: &PgPool) -> anyhow::Result<usize> {
    let count: i64 = sqlx::query_scalar(
        "select count(distinct key) from tracking.event_log
          where subject like 'colibri.tracking.v1.parcel_delivered.%'",
    )
    .fetch_one(db)
    .await?;
    Ok(usize::try_from(count)?)
}

async fn end_to_end(
    stack: &Stack,
    tenant: TenantId,
    db: &PgPool,
    parcels: usize,
    carriers: u32,
) -> anyhow::Result<Vec<Figure>> {
    let already = ended(db).await?;
    let tree = || cpu::seconds_of_tree(std::process::id());
    let (own, all, theirs, start) = (cpu::own(), tree()?, cpu::seconds(carriers)?, Instant::now());
    submit(stack, tenant, "road", parcels, 100).await?;
    let submitted = start.elapsed().as_secs_f64();
    // Some go back to the sender: nine of ten delivered is the whole road for all.
    let wanted = already + parcels * 9 / 10;
    let end = Instant::now() + Duration::from_secs(600);
    while ended(db).await? < wanted {
        anyhow::ensure!(
            Instant::now() < end,
            "{} of {wanted} delivered after 600 s",
            ended(db).await?
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let took = start.elapsed().as_secs_f64();
    let count = parcels as f64;
    let ms = |seconds: f64| seconds * 1000.0 / count;
    let theirs = cpu::seconds(carriers)? - theirs;
    Ok(vec![
        Figure::rate("parcels: order to delivered", count * 0.9 / took, "parcels/s", None)
            .at_least(300.0),
        Figure::rate("parcels: orders taken in meanwhile", count / submitted, "orders/s", None),
        Figure::cost("parcels: CPU of one parcel, our services", ms(cpu::own() - own), "ms", None),
        Figure::cost(
            "parcels: CPU of one parcel, services and servers",
            ms(tree()? - all - theirs),
            "ms",
            None,
        ),
        Figure::cost("parcels: CPU of one parcel, simulated carriers", ms(theirs), "ms", None),
    ])
}
