//! Purchases at every carrier of the registry while answers are lost and the process is killed at
//! random: what the carriers' ledgers hold is what labels knows of, to the unit.
//!
//! The slice that runs with all tests buys 500 shipments; `make faults` buys 100,000
//! (`COLIBRI_FAULTS_PURCHASES`).

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    ops::Range,
    time::Duration,
};

use colibri_events::{
    accounts::v1::{accounts_service_client::AccountsServiceClient, *},
    labels::v1::{PurchaseRequest, ShipmentState, VoidRequest},
    types::v1::Parcel,
};
use colibri_kit::fault::RpcError;
use colibri_sandbox::FaultProfile;
use futures::{StreamExt as _, stream};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use sqlx::Row as _;

use crate::{
    harness::{Options, World},
    merchant::{Merchant, address, merchant},
};

/// What goes wrong at every carrier: nothing that hides for ever, everything that tempts to buy
/// again.
const FAULTS: &str =
    "buy.lost-answer=0.04,buy.5xx-after-commit=0.03,buy.truncated=0.03,buy.5xx=0.03";
/// Purchases under way at once.
const AT_ONCE: usize = 24;
const DRAIN: Duration = Duration::from_secs(120);
/// What is not settled by then is on its way and is looked at in the end: a purchase that was killed
/// comes in doubt only when its lease is over.
const PATIENCE: Duration = Duration::from_secs(3);
/// One death for so many purchases, at most.
const DEATH_EVERY: usize = 100;
/// Milliseconds from readiness to death.
const LIFE: Range<u64> = 300..6000;
/// Every so many purchases have two parcels, where the carrier takes them in one call.
const TWO_EVERY: usize = 5;
/// Every so many bought shipments are voided, where the carrier can.
const VOID_EVERY: usize = 12;

/// A way to buy at one carrier.
struct Lane {
    account_id: String,
    site_id: String,
    service: String,
    country: &'static str,
    /// Two parcels in one call were sold here.
    two: bool,
}

fn options(seed: u64) -> Options {
    Options {
        seed,
        settings: vec![
            // The shortest lease the rules allow: a killed purchase is in doubt after that.
            ("LABELS__CALL_TIMEOUT_MS", "500".into()),
            ("LABELS__LEASE_S", "16".into()),
            ("LABELS__SETTLE_NO_S", "60".into()),
        ],
        log: "error",
        ..Options::default()
    }
}

fn request(lane: &Lane, id: &str, parcels: usize) -> PurchaseRequest {
    let parcel = Parcel { weight_g: 900, length_mm: 300, width_mm: 200, height_mm: 100 };
    PurchaseRequest {
        request_id: id.to_owned(),
        site_id: lane.site_id.clone(),
        account_id: lane.account_id.clone(),
        service: lane.service.clone(),
        recipient: Some(address(lane.country, "Feldzug")),
        parcels: vec![parcel; parcels],
        ..Default::default()
    }
}

/// An account at each carrier, and the first service and country that it sells.
async fn lanes(world: &World, merchant: &Merchant) -> BTreeMap<&'static str, Lane> {
    let mut accounts = AccountsServiceClient::new(world.operator(merchant.tenant));
    let mut lanes = BTreeMap::new();
    for carrier in colibri_carriers::all() {
        let info = carrier.info();
        let url = world.sandbox.url(info.id).unwrap();
        let fields = info.account_fields.iter();
        let request = RegisterCarrierAccountRequest {
            code: format!("{}-campaign", info.id),
            carrier: info.id.into(),
            credentials: fields
                .map(|f| Credential { name: f.name.into(), value: f.example.into() })
                .collect(),
            hosts: info
                .hosts
                .iter()
                .map(|(name, _)| Host { name: (*name).into(), url: url.clone() })
                .collect(),
            ..Default::default()
        };
        let account = accounts.register_carrier_account(request).await.unwrap().into_inner();
        world.settled(DRAIN).await;
        if let Some(lane) = lane(world, merchant, info, &account.account_id).await {
            lanes.insert(info.id, lane);
        }
    }
    lanes
}

async fn lane(
    world: &World,
    merchant: &Merchant,
    info: &colibri_carriers::CarrierInfo,
    account_id: &str,
) -> Option<Lane> {
    // Lyon within France, Köln within Germany, and for carriers of borders Lyon to Germany.
    for (site, country) in merchant.sites.iter().rev().cycle().zip(["FR", "DE", "DE"]) {
        for (service, _) in info.services {
            let mut lane = Lane {
                account_id: account_id.to_owned(),
                site_id: site.site_id.clone(),
                service: (*service).to_owned(),
                country,
                two: false,
            };
            let sold = async |lane: &Lane, parcels: usize| {
                let id = format!("try-{}-{service}-{}-{country}-{parcels}", info.id, site.code);
                let mut client = world.labels(merchant.tenant);
                let answer = client.purchase(request(lane, &id, parcels)).await;
                answer.is_ok_and(|shipment| shipment.get_ref().state() == ShipmentState::Bought)
            };
            if sold(&lane, 1).await {
                lane.two = sold(&lane, 2).await;
                return Some(lane);
            }
        }
    }
    None
}

/// Buys all of them through lives of random length; answers how often the process was killed.
async fn buy(
    world: &mut World,
    merchant: &Merchant,
    lanes: &BTreeMap<&'static str, Lane>,
    count: usize,
    random: &mut StdRng,
) -> usize {
    let all: Vec<&Lane> = lanes.values().collect();
    let one = |n: usize| {
        let lane = all[n % all.len()];
        let parcels = if lane.two && (n / all.len()).is_multiple_of(TWO_EVERY) { 2 } else { 1 };
        request(lane, &format!("campaign-{n}"), parcels)
    };
    let mut waiting: VecDeque<PurchaseRequest> = (0..count).map(one).collect();
    let mut deaths = 0;
    while !waiting.is_empty() {
        let done = std::sync::Mutex::new(Vec::new());
        let few = waiting.len().min(10 * DEATH_EVERY);
        let work = submit(world, merchant, &waiting.make_contiguous()[..few], &done);
        if deaths * DEATH_EVERY < count {
            // Cut off in the middle of calls; each life is long enough to do something.
            let life = Duration::from_millis(random.random_range(LIFE));
            let _ = tokio::time::timeout(life, work).await;
            world.kill9().await;
            deaths += 1;
            world.run(None).await;
        } else {
            work.await;
        }
        let done: BTreeSet<String> = done.into_inner().unwrap().into_iter().collect();
        waiting.retain(|request| !done.contains(&request.request_id));
        // What was cut off waits for the lease of the dead: others go first meanwhile.
        waiting.rotate_left(few - done.len());
    }
    deaths
}

/// Sends every purchase; those that were answered, yes or no, are done.
async fn submit(
    world: &World,
    merchant: &Merchant,
    requests: &[PurchaseRequest],
    done: &std::sync::Mutex<Vec<String>>,
) {
    let client = world.labels(merchant.tenant);
    let calls = requests.iter().map(|request| {
        let (mut client, request) = (client.clone(), request.clone());
        async move {
            let id = request.request_id.clone();
            let mut void = client.clone();
            let mut request = tonic::Request::new(request);
            request.set_timeout(PATIENCE);
            let told = match client.purchase(request).await {
                Ok(shipment) => {
                    let shipment = shipment.into_inner();
                    let n: usize = id.rsplit('-').next().unwrap().parse().unwrap();
                    if shipment.state() == ShipmentState::Bought && n.is_multiple_of(VOID_EVERY) {
                        let shipment_id = shipment.shipment_id;
                        // Where it is not offered the shipment stays bought.
                        let mut request = tonic::Request::new(VoidRequest { shipment_id });
                        request.set_timeout(PATIENCE);
                        let _ = void.void(request).await;
                    }
                    true
                }
                // A refusal has a code of labels; a dead process has none.
                Err(status) => RpcError::from_status(&status)
                    .reason
                    .is_some_and(|code| code.starts_with("LBL")),
            };
            told.then_some(id)
        }
    });
    let mut answers = stream::iter(calls).buffer_unordered(AT_ONCE);
    while let Some(answer) = answers.next().await {
        done.lock().unwrap().extend(answer);
    }
}

/// What stands in the books at the end.
#[derive(Debug, Default)]
struct Sums {
    bought: usize,
    voided: usize,
    doubts: usize,
    doubts_held: usize,
    refused: usize,
    sold: usize,
}

/// Compares the rows of labels with the carriers' ledgers while nothing runs.
async fn judge(world: &World, carriers: &[&'static str]) -> (Vec<String>, Sums) {
    let rows = sqlx::query(
        "select s.shipment_id::text as id, s.state, coalesce(s.carrier, '') as carrier,
                coalesce(s.attempt_ref, '') as reference,
                (select count(*) from labels.parcel p where p.shipment_id = s.shipment_id) as parcels
           from labels.shipment s",
    )
    .fetch_all(&world.admin)
    .await
    .unwrap();
    let mut book: BTreeMap<(&str, String), usize> = BTreeMap::new();
    let mut sums = Sums::default();
    for carrier in carriers {
        for line in world.sandbox.ledger(carrier).unwrap() {
            if line.kind == "label" {
                *book.entry((carrier, line.reference)).or_default() += 1;
                sums.sold += 1;
            }
        }
    }
    let mut wrong = Vec::new();
    for row in rows {
        let (id, state): (String, String) = (row.get("id"), row.get("state"));
        let (carrier, reference): (String, String) = (row.get("carrier"), row.get("reference"));
        let parcels = usize::try_from(row.get::<i64, _>("parcels")).unwrap();
        let carrier = carriers.iter().find(|known| **known == carrier).copied().unwrap_or("");
        let held = book.remove(&(carrier, reference.clone())).unwrap_or(0);
        let right = match state.as_str() {
            "bought" | "voiding" => {
                sums.bought += parcels;
                parcels > 0 && held == parcels
            }
            "voided" => {
                sums.voided += parcels;
                parcels > 0 && held == parcels
            }
            "in_doubt" => {
                sums.doubts += 1;
                sums.doubts_held += held;
                held <= 2
            }
            "refused" => {
                sums.refused += 1;
                held == 0
            }
            _ => false,
        };
        if !right {
            wrong.push(format!("{id} at {carrier} ({reference}): {state}, {parcels}, sold {held}"));
        }
    }
    wrong.extend(book.into_keys().map(|(carrier, reference)| {
        format!("{carrier} sold {reference}, of which labels knows nothing")
    }));
    (wrong, sums)
}

/// Purchases under way, by state, code and account. Voids may wait: some carriers put them off for
/// longer than this test has, and a label that waits for its void is a bought one.
async fn under_way(world: &World) -> Vec<(String, i64)> {
    let sql = "select concat_ws(' ', state, code, lane, 'attempt', max(attempt)), count(*)
                 from labels.intent where state in ('ready', 'claimed', 'sent')
                  and kind = 'label_purchase' group by state, code, lane";
    world.pairs(sql).await
}

/// Waits until no purchase is under way and stops the process, so that nothing changes any
/// more.
async fn at_rest(world: &mut World) {
    let end = std::time::Instant::now() + DRAIN;
    loop {
        let open = under_way(world).await;
        if open.is_empty() {
            world.kill9().await;
            if under_way(world).await.is_empty() {
                return;
            }
            // A doubt was settled just then and its purchase goes on.
            world.run(None).await;
        }
        assert!(std::time::Instant::now() < end, "still under way: {open:?}");
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

async fn campaign(count: usize, seed: u64) {
    let mut world = World::start(options(seed)).await;
    let merchant = merchant(&world, "Feldzug").await;
    let lanes = lanes(&world, &merchant).await;
    let carriers: Vec<&'static str> =
        colibri_carriers::all().iter().map(|carrier| carrier.info().id).collect();
    println!("COLIBRI_FAULTS_SEED={seed}, {count} purchases");
    for (carrier, lane) in &lanes {
        println!(
            "{carrier}: {} {} to {}, two: {}",
            lane.account_id, lane.service, lane.country, lane.two
        );
    }
    assert!(lanes.keys().eq(carriers.iter()), "carriers that sell: {:?}", lanes.keys());
    assert!(lanes.values().any(|lane| lane.two), "a carrier sells two parcels in one call");
    let faults: FaultProfile = FAULTS.parse().unwrap();
    for carrier in &carriers {
        world.sandbox.set_faults(carrier, faults).unwrap();
    }
    let mut random = StdRng::seed_from_u64(seed);
    let started = std::time::Instant::now();
    let deaths = buy(&mut world, &merchant, &lanes, count, &mut random).await;
    for carrier in &carriers {
        world.sandbox.set_faults(carrier, FaultProfile::default()).unwrap();
    }
    at_rest(&mut world).await;
    let (wrong, sums) = judge(&world, &carriers).await;
    println!("{deaths} deaths in {:?}: {sums:?}", started.elapsed());
    assert_eq!(wrong, Vec::<String>::new(), "seed {seed}");
    assert_eq!(sums.sold, sums.bought + sums.voided + sums.doubts_held, "seed {seed}: {sums:?}");
    // The faults were there, or nothing was proved.
    assert!(deaths > 0, "the process was never killed");
    let hit = |id: &&&str| !world.sandbox.totals(id).unwrap().faults.is_empty();
    let unhurt: Vec<_> = lanes.keys().filter(|id| !hit(id)).collect();
    assert_eq!(unhurt, Vec::<&&str>::new(), "carriers without a fault");
    assert!(sums.voided > 0, "nothing was voided");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_label_in_every_ledger_is_accounted_for() {
    campaign(500, 20_265).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long campaign: make faults"]
async fn every_label_of_a_hundred_thousand_is_accounted_for() {
    let number = |name: &str, default: u64| {
        std::env::var(name).ok().map_or(default, |text| text.parse().unwrap())
    };
    let count = number("COLIBRI_FAULTS_PURCHASES", 100_000);
    campaign(usize::try_from(count).unwrap(), number("COLIBRI_FAULTS_SEED", 1)).await;
}
