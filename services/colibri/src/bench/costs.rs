//! What one order and one label cost, and how long a label takes. The business clock is real time
//! here: what parcels do on their way comes days later and is measured with the parcels.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use colibri_events::{
    accounts::v1::{
        CreateTenantRequest, ListCarrierAccountsRequest, ListSitesRequest,
        accounts_service_client::AccountsServiceClient,
    },
    labels::v1::{PurchaseRequest, ShipmentState, labels_service_client::LabelsServiceClient},
    types::v1::Parcel,
};
use colibri_kit::telemetry::metrics;
use colibri_types::TenantId;

use super::{
    Figure, cpu,
    world::{self, Bare, World},
};
use crate::{merchant, stack::Stack};

/// Orders of the cost measurement in batches; a quarter of it one by one.
const ORDERS: usize = 2_000;
/// Labels of the cost measurement, and of the latency measurement.
const LABELS: usize = 1_024;
/// Labels bought one after the other, when nothing waits for anything.
const ALONE: usize = 128;
/// Commits that a purchase waits for one after the other: the recipient, the wish with the mark
/// before the call, the seal, the record.
const IN_TURN: f64 = 4.0;
/// Purchases in flight when their cost and rate are measured.
const IN_FLIGHT: usize = 32;

/// Runs everything on one stack.
pub async fn run() -> anyhow::Result<Vec<Figure>> {
    let world = World::start("bench-costs", 1).await?;
    let merchant = merchant::ensure(&world.stack).await?;
    let bare = world.bare().await?;
    let mut figures = orders(&world, bare).await?;
    figures.extend(labels(&world, merchant.tenant, bare).await?);
    world.stop().await?;
    Ok(figures)
}

/// CPU of all our services for one order, at a tenant without carriers: nothing is bought.
async fn orders(world: &World, bare: Bare) -> anyhow::Result<Vec<Figure>> {
    let stack = &world.stack;
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
        let (before, commits) = (cpu::own(), world.commits().await?);
        world::submit(stack, tenant, &format!("cost{batch}"), count, batch).await?;
        // What the order sets in motion belongs to it.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let ms = (cpu::own() - before) * 1000.0 / count as f64;
        let each = (world.commits().await? - commits) / count as f64;
        let name = format!("costs: CPU of one order, {name}");
        figures.push(Figure::new(name, ms, "ms").of(bare.cpu_ms * each, committed(each)).bar(bar));
    }
    Ok(figures)
}

/// What bounds the CPU of something that commits as often as this.
fn committed(each: f64) -> String {
    format!("limit: {each:.2} commits of one bare row, by the same driver")
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
) -> anyhow::Result<()> {
    let mut client = LabelsServiceClient::new(stack.peer("labels", tenant));
    let request = PurchaseRequest {
        request_id: id,
        site_id: shop.site.clone(),
        account_id: shop.account.clone(),
        service: shop.service.clone(),
        recipient: Some(world::address(n)),
        parcels: vec![Parcel { weight_g: 800, ..Default::default() }],
        order_number: format!("B-{n}"),
        ..Default::default()
    };
    let shipment = client.purchase(request).await?.into_inner();
    anyhow::ensure!(shipment.state() == ShipmentState::Bought, "not bought: {shipment:?}");
    Ok(())
}

/// What the carrier took of our time so far: calls and seconds.
fn carrier_time(world: &World) -> anyhow::Result<(f64, f64)> {
    let url = world.urls.get("colissimo").context("a simulated Colissimo")?;
    let host = url.trim_start_matches("http://").trim_end_matches('/');
    let seen = metrics::histogram("egress_seconds", &[("host", host)]);
    Ok((seen.count() as f64, seen.sum().as_secs_f64()))
}

/// CPU that was used so far, in seconds: ours, with our servers, and the carriers'.
struct Used {
    own: f64,
    all: f64,
    carriers: f64,
}

impl Used {
    fn so_far(world: &World) -> anyhow::Result<Self> {
        let carriers = cpu::seconds(world.carriers.pid())?;
        let all = cpu::seconds_of_tree(std::process::id())? - carriers;
        Ok(Self { own: cpu::own(), all, carriers })
    }

    /// What each of `count` used since then, in words.
    fn since(self, world: &World, count: usize) -> anyhow::Result<String> {
        let now = Self::so_far(world)?;
        let ms = |from: f64, to: f64| (to - from) * 1000.0 / count as f64;
        Ok(format!(
            "CPU of one: {:.1} ms ours, {:.1} ms Postgres and nats, {:.1} ms the carrier",
            ms(self.own, now.own),
            ms(self.all - self.own, now.all - now.own),
            ms(self.carriers, now.carriers),
        ))
    }
}

/// Labels one after the other: what a purchase takes when it waits for no other.
async fn alone(
    world: &World,
    tenant: TenantId,
    shop: &Shop,
    bare: Bare,
) -> anyhow::Result<Vec<Figure>> {
    let (calls, seconds) = carrier_time(world)?;
    let used = Used::so_far(world)?;
    let mut times = Vec::with_capacity(ALONE);
    for n in 0..ALONE {
        let start = Instant::now();
        purchase(&world.stack, tenant, shop, format!("alone-{n}"), n).await?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    let (now, spent) = carrier_time(world)?;
    let carrier = (spent - seconds) * 1000.0 / (now - calls).max(1.0);
    let own = times.get(ALONE / 2).copied().unwrap_or(f64::NAN) - carrier;
    let note = format!("{}; {}", used.since(world, ALONE)?, in_turn());
    let name = "costs: own label latency p50, one at a time";
    Ok(vec![Figure::new(name, own, "ms").of(bare.alone_ms * IN_TURN, note)])
}

fn in_turn() -> String {
    format!("limit: {IN_TURN} bare commits, one after the other")
}

/// CPU of one label with many in flight, then latency at half of that rate, open loop.
async fn labels(world: &World, tenant: TenantId, bare: Bare) -> anyhow::Result<Vec<Figure>> {
    let stack = &world.stack;
    let shop = shop(stack, tenant).await?;
    let commits = world.commits().await?;
    let used = Used::so_far(world)?;
    let (before, start) = (cpu::own(), Instant::now());
    futures::future::try_join_all((0..IN_FLIGHT).map(|w| {
        let shop = &shop;
        async move {
            for n in 0..LABELS / IN_FLIGHT {
                purchase(stack, tenant, shop, format!("cost-{w}-{n}"), n).await?;
            }
            anyhow::Ok(())
        }
    }))
    .await?;
    let rate = LABELS as f64 / start.elapsed().as_secs_f64();
    let cpu_ms = (cpu::own() - before) * 1000.0 / LABELS as f64;
    let spent = used.since(world, LABELS)?;
    let each = (world.commits().await? - commits) / LABELS as f64;
    let most = bare.per_second;
    let note =
        format!("{spent}; limit: {most:.0} bare commits/s of this Postgres / {each:.1} a label");
    let mut figures = vec![
        Figure::new("costs: CPU of one label, carrier excluded", cpu_ms, "ms")
            .of(bare.cpu_ms * each, committed(each))
            .bar(3.0),
        Figure::new(format!("costs: labels bought, {IN_FLIGHT} in flight"), rate, "labels/s")
            .of(most / each, note),
    ];
    figures.extend(latency(world, tenant, &shop, bare, rate / 2.0).await?);
    // Last, when every connection has planned its statements: a service runs for weeks.
    figures.extend(alone(world, tenant, &shop, bare).await?);
    Ok(figures)
}

async fn latency(
    world: &World,
    tenant: TenantId,
    shop: &Shop,
    bare: Bare,
    rate: f64,
) -> anyhow::Result<Vec<Figure>> {
    let stack = &world.stack;
    let (calls, seconds) = carrier_time(world)?;
    let used = Used::so_far(world)?;
    let gap = Duration::from_secs_f64(1.0 / rate);
    let begin = Instant::now();
    let mut times = futures::future::try_join_all((0..LABELS).map(|n| async move {
        let due = begin + gap * u32::try_from(n).unwrap_or(0);
        tokio::time::sleep_until(due.into()).await;
        purchase(stack, tenant, shop, format!("late-{n}"), n).await?;
        // From when it was due, not from when it was sent: no coordinated omission.
        anyhow::Ok(due.elapsed().as_secs_f64() * 1000.0)
    }))
    .await?;
    times.sort_by(f64::total_cmp);
    let (calls, seconds) = {
        let (now, spent) = carrier_time(world)?;
        (now - calls, spent - seconds)
    };
    let carrier = seconds * 1000.0 / calls.max(1.0);
    let at = |percent: usize| times.get(times.len() * percent / 100).copied().unwrap_or(f64::NAN);
    let used = used.since(world, LABELS)?;
    let note = format!("{rate:.0} labels/s; {used}; {}; the carrier's mean taken out", in_turn());
    let line = |p: usize| {
        let name = format!("costs: own label latency p{p} at half load");
        Figure::new(name, at(p) - carrier, "ms").of(bare.alone_ms * IN_TURN, note.clone())
    };
    Ok(vec![
        Figure::new("costs: carrier's time for a label, mean", carrier, "ms")
            .of(at(50), "limit: the whole latency, p50"),
        line(50),
        line(95).bar(25.0),
        line(99).bar(60.0),
    ])
}
