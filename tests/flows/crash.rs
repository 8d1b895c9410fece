//! Killed at every marked step, and at any moment: no order lost or doubled, no label bought twice.
//!
//! The slice that runs with all tests kills the process once at each crash point of the tree, with
//! orders going in all the time, on one pair of servers. `make faults` runs the long campaign:
//! later hits of each point, then SIGKILL at random moments.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::process::ExitStatusExt as _,
    path::Path,
    time::Duration,
};

use colibri_events::{
    customs::v1::{IssueSsccRequest, customs_service_client::CustomsServiceClient},
    labels::v1::{PurchaseRequest, ShipmentState},
    orders::v1::{
        OrderInput, OrderState, SubmitRequest, orders_service_client::OrdersServiceClient,
    },
    types::v1::Parcel,
};
use futures::{StreamExt as _, stream};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

use crate::{
    check,
    customs::{british, know},
    harness::{Options, Start, World, root},
    merchant::{COLISSIMO, Merchant, UPS, address, merchant, order},
};

/// Signal of `abort`: what a shell shows as exit code 134.
const SIGABRT: i32 = 6;
/// Orders submitted per round.
const ORDERS: usize = 8;
/// Labels bought without an order per round, whose requests are prepared before they are written,
/// and requests for numbers of logistic units.
const ASIDE: usize = 2;
/// How long such a call waits: what was cut off moves only when the lease of the dead is over.
const CALL: Duration = Duration::from_millis(1500);
/// A point that is not passed within this is not on the road of an order.
const REACHED: Duration = Duration::from_secs(20);
const BATCHES_MAX: usize = 6;
const DRAIN: Duration = Duration::from_secs(120);
/// Points of these parts of the road must exist, or this test has lost sight of them.
const PARTS: [&str; 6] = ["orders.", "customs.", "relay.", "consumer.", "intent.", "tx."];
/// Prefix of GS1 for examples: numbers of logistic units are asked for with each round.
const COMPANY_PREFIX: &str = "9521234";

/// What a client that writes down its orders before it sends them knows.
#[derive(Default)]
struct History {
    unanswered: BTreeMap<String, OrderInput>,
    answered: BTreeMap<String, String>,
    /// Numbers of logistic units by the request for them; none yet: it was not answered.
    units: BTreeMap<String, Vec<String>>,
    /// Shipments of purchases without an order, by request id; empty: not answered.
    purchases: BTreeMap<String, String>,
}

impl History {
    fn add(&mut self, round: &str) {
        for n in 0..ORDERS {
            let id = format!("{round}-{}", self.answered.len() + self.unanswered.len());
            let order = match n % 4 {
                0 => british(&id, "Probelauf"),
                2 => order(&id, UPS, "Probelauf"),
                _ => order(&id, COLISSIMO, "Probelauf"),
            };
            self.unanswered.insert(id, order);
        }
        for _ in 0..ASIDE {
            self.units.insert(format!("{round}-{}", self.units.len()), Vec::new());
            self.purchases.insert(format!("{round}-{}", self.purchases.len()), String::new());
        }
    }

    /// As many shipments as there are to be.
    fn shipments(&self) -> usize {
        self.answered.len() + self.purchases.len()
    }

    /// Sends everything that was never answered, as the very same orders.
    async fn submit(&mut self, world: &World, merchant: &Merchant) {
        let client = OrdersServiceClient::new(world.operator(merchant.tenant));
        let calls = self.unanswered.values().map(|order| {
            let mut client = client.clone();
            let request = SubmitRequest { orders: vec![order.clone()], ..Default::default() };
            let id = order.external_id.clone();
            async move { (id, client.submit(request).await) }
        });
        let answers: Vec<_> = stream::iter(calls).buffer_unordered(4).collect().await;
        for (id, answer) in answers {
            // No answer: it may have happened or not. The next life is asked again.
            let Ok(answer) = answer else { continue };
            let result = answer.into_inner().results.remove(0);
            assert_eq!(result.state(), OrderState::Accepted, "{id}: {result:?}");
            self.unanswered.remove(&id);
            self.answered.insert(id, result.order_id);
        }
        self.purchase(world, merchant).await;
        let mut customs = CustomsServiceClient::new(world.operator(merchant.tenant));
        for (request_id, numbers) in self.units.iter_mut().filter(|(_, kept)| kept.is_empty()) {
            let request = IssueSsccRequest {
                request_id: request_id.clone(),
                company_prefix: COMPANY_PREFIX.into(),
                extension: 3,
                count: 2,
            };
            if let Ok(answer) = customs.issue_sscc(request).await {
                *numbers = answer.into_inner().numbers;
            }
        }
    }

    async fn purchase(&mut self, world: &World, merchant: &Merchant) {
        let client = world.labels(merchant.tenant);
        let open = self.purchases.iter_mut().filter(|(_, shipment)| shipment.is_empty());
        let calls = open.map(|(request_id, shipment)| {
            let mut request = tonic::Request::new(PurchaseRequest {
                request_id: request_id.clone(),
                site_id: merchant.sites[0].site_id.clone(),
                account_id: merchant.account(UPS).into(),
                service: "11".into(),
                recipient: Some(address("DE", "Probelauf")),
                parcels: vec![Parcel { weight_g: 900, ..Parcel::default() }],
                ..Default::default()
            });
            request.set_timeout(CALL);
            let mut client = client.clone();
            async move {
                if let Ok(answer) = client.purchase(request).await {
                    *shipment = answer.into_inner().shipment_id;
                }
            }
        });
        stream::iter(calls).buffer_unordered(4).collect::<Vec<()>>().await;
    }

    /// Each purchase without an order has one shipment, and nobody else has any.
    fn unasked(&self, shipments: &[String]) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut left: BTreeSet<&String> = shipments.iter().collect();
        for (request_id, shipment) in &self.purchases {
            if !left.remove(shipment) {
                wrong.push(format!("{request_id} was answered as {shipment}, which is not there"));
            }
        }
        wrong.extend(left.into_iter().map(|id| format!("nobody asked for shipment {id}")));
        wrong
    }

    fn is_answered(&self) -> bool {
        self.unanswered.is_empty()
            && self.purchases.values().all(|shipment| !shipment.is_empty())
            && self.units.values().all(|numbers| !numbers.is_empty())
    }
}

/// Names of all crash points in the tree, so that a new one cannot be left out.
pub fn points() -> BTreeSet<String> {
    let mark = regex::Regex::new(r#"(?:crash_point!|crash::hit|commit_at)\("([a-z0-9_.]+)"\)"#);
    let mark = mark.unwrap();
    let mut names = BTreeSet::new();
    let mut folders = vec![root().join("crates"), root().join("services")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|e| e == "rs") && !is_its_own_test(&entry) {
                let text = fs::read_to_string(&entry).unwrap();
                names.extend(mark.captures_iter(&text).map(|found| found[1].to_owned()));
            }
        }
    }
    names
}

/// Those of returns need delivered parcels and a payment side: `returns.rs` visits them.
fn on_the_road() -> BTreeSet<String> {
    points().into_iter().filter(|point| !point.starts_with("returns.")).collect()
}

/// The module of crash points shows examples, and tests have points of their own.
fn is_its_own_test(path: &Path) -> bool {
    path.ends_with("kit/src/crash.rs") || path.components().any(|part| part.as_os_str() == "tests")
}

fn options() -> Options {
    Options {
        settings: vec![
            // The shortest lease the rules allow: a killed purchase is in doubt after that.
            ("LABELS__CALL_TIMEOUT_MS", "500".into()),
            ("LABELS__LEASE_S", "16".into()),
            ("LABELS__SETTLE_NO_S", "60".into()),
            // Five seconds of real time: the road of an order includes the first look at a parcel.
            ("TRACKING__POLL__CREATED_S", "300".into()),
        ],
        ..Options::default()
    }
}

/// Orders go in until the process dies of the armed point.
async fn until_dead(world: &mut World, merchant: &Merchant, history: &mut History, armed: &str) {
    let mut start = world.spawn(Some(armed)).await;
    for _ in 0..BATCHES_MAX {
        let status = match start {
            Start::Died(status) => Some(status),
            Start::Ready => {
                history.add(armed);
                history.submit(world, merchant).await;
                world.dies_within(REACHED).await
            }
        };
        if let Some(status) = status {
            assert_eq!(status.signal(), Some(SIGABRT), "{armed}: {status}");
            return;
        }
        start = Start::Ready;
    }
    panic!("{armed} was never reached");
}

/// A clean life in which everything comes to its end, and nothing may be wrong.
async fn recover(world: &mut World, merchant: &Merchant, history: &mut History) {
    world.run(None).await;
    while !history.is_answered() {
        history.submit(world, merchant).await;
    }
    let units: Vec<&String> = history.units.values().flatten().collect();
    assert_eq!(units.len(), 2 * history.units.len());
    assert_eq!(units.iter().collect::<BTreeSet<_>>().len(), units.len(), "one number twice");
    let count = history.shipments();
    check::drained(world, merchant.tenant, count, DRAIN).await;
    let wrong = check::findings(world, merchant.tenant, &history.answered).await;
    assert_eq!(wrong, Vec::<String>::new(), "after {count} orders and purchases");
    let all = check::shipments(world, merchant.tenant, ShipmentState::Unspecified).await;
    let direct = all.into_iter().filter(|s| s.order_id.is_empty()).map(|s| s.shipment_id);
    assert_eq!(history.unasked(&direct.collect::<Vec<_>>()), Vec::<String>::new());
    let doubts = check::shipments(world, merchant.tenant, ShipmentState::InDoubt).await.len();
    let (bought, not_bought) = check::settle(world, merchant.tenant).await;
    assert_eq!(bought + not_bought, doubts, "every doubt is listed");
    check::drained(world, merchant.tenant, count, DRAIN).await;
    let left = check::shipments(world, merchant.tenant, ShipmentState::InDoubt).await;
    assert_eq!(left, [], "a settled doubt is none");
    let wrong = check::findings(world, merchant.tenant, &history.answered).await;
    assert_eq!(wrong, Vec::<String>::new(), "after settling {bought} + {not_bought} doubts");
    println!(
        "{count} orders and purchases: {doubts} doubts, {bought} bought, {not_bought} not; all settled"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_once_at_every_marked_step_nothing_is_lost_or_bought_twice() {
    let points = on_the_road();
    for part in PARTS {
        assert!(points.iter().any(|point| point.starts_with(part)), "no point of {part}");
    }
    let (mut world, merchant) = shut_down().await;
    let mut history = History::default();
    // Purchases first: their leases run out while the other points are visited.
    let (first, then): (Vec<_>, Vec<_>) = points.iter().partition(|p| p.starts_with("intent."));
    for point in first.into_iter().chain(then) {
        until_dead(&mut world, &merchant, &mut history, point).await;
    }
    recover(&mut world, &merchant, &mut history).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long campaign: make faults"]
async fn killed_at_later_hits_of_every_marked_step() {
    let (mut world, merchant) = shut_down().await;
    let mut history = History::default();
    for point in on_the_road() {
        for hit in [1, 2, 7] {
            until_dead(&mut world, &merchant, &mut history, &format!("{point}:{hit}")).await;
        }
        recover(&mut world, &merchant, &mut history).await;
        world.kill9().await;
        println!("{point}: 3 deaths, clean");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long campaign: make faults"]
async fn killed_at_random_moments() {
    let number = |name: &str, default: u64| {
        std::env::var(name).ok().map_or(default, |text| text.parse().unwrap())
    };
    let rounds = number("COLIBRI_FAULTS_ROUNDS", 200);
    let seed = number("COLIBRI_FAULTS_SEED", 1);
    println!("COLIBRI_FAULTS_SEED={seed} COLIBRI_FAULTS_ROUNDS={rounds}");
    let (mut world, merchant) = shut_down().await;
    let mut history = History::default();
    let mut random = StdRng::seed_from_u64(seed);
    for round in 1..=rounds {
        world.run(None).await;
        history.add(&format!("kill-{round}"));
        let life = Duration::from_millis(random.random_range(0..1500));
        let busy = async {
            history.submit(&world, &merchant).await;
            std::future::pending::<()>().await;
        };
        // Cut off in the middle of calls as well as long after them.
        assert!(tokio::time::timeout(life, busy).await.is_err());
        world.kill9().await;
        if round % 20 == 0 || round == rounds {
            recover(&mut world, &merchant, &mut history).await;
            world.kill9().await;
            println!("{round} deaths, {} orders: clean", history.answered.len());
        }
    }
    println!("0 violations in {rounds} deaths: at most {:.4} at 95 %", 3.0 / rounds as f64);
    world.stop().await;
}

/// A merchant in a world whose process is not running.
async fn shut_down() -> (World, Merchant) {
    let mut world = World::start(options()).await;
    let merchant = merchant(&world, "Probelauf").await;
    know(&mut CustomsServiceClient::new(world.operator(merchant.tenant))).await;
    world.settled(DRAIN).await;
    world.kill9().await;
    (world, merchant)
}
