//! What was delivered comes back: counted in the carriers' and the payment side's own ledgers, also
//! when the process is killed around the one call that pays.

use std::{collections::BTreeSet, time::Duration};

use colibri_events::{
    customs::v1::customs_service_client::CustomsServiceClient,
    orders::v1::{OrderInput, SubmitRequest, orders_service_client::OrdersServiceClient},
    returns::v1::{returns_service_client::ReturnsServiceClient, *},
    tracking::v1::Headline,
};
use colibri_returns_rules::grade;
use colibri_sandbox::{PAYMENT_TOKEN, PaymentOptions, Payments};
use colibri_testkit::eventually;

use crate::{
    check,
    crash::points,
    customs::{british, know},
    harness::{Client, Options, Start, World},
    merchant::{Merchant, UPS, merchant, order},
};

const PATIENCE: Duration = Duration::from_secs(180);
/// What two mugs cost.
const PAID: i64 = 2 * 1490;

/// The marked steps around the call that pays, in the order in which they are passed.
const POINTS: [&str; 5] = [
    "returns.written",
    "intent.claimed",
    "returns.refund_marked",
    "intent.sent",
    "intent.answered",
];

/// Those that the other deaths are about.
const MORE: [&str; 2] = ["returns.void_answered", "returns.orphan_settled"];

fn client(world: &World, merchant: &Merchant) -> ReturnsServiceClient<Client> {
    ReturnsServiceClient::new(world.operator(merchant.tenant))
}

async fn world(payments: &Payments) -> World {
    let settings = vec![
        ("RETURNS__PAYMENT_URL", payments.url().to_owned()),
        ("RETURNS__PAYMENT_TOKEN", PAYMENT_TOKEN.to_owned()),
        ("RETURNS__PAYMENT_TIMEOUT_MS", "500".into()),
        ("RETURNS__LEASE_S", "3".into()),
        ("RETURNS__LOOK_UP_S", "1".into()),
    ];
    World::start(Options { rate: 7200, settings, ..Options::default() }).await
}

/// Orders that were handed over, as ids.
async fn delivered(world: &World, merchant: &Merchant, count: usize) -> Vec<String> {
    let orders = (0..count).map(|n| order(&format!("back-{n}"), UPS, "Kehrwieder")).collect();
    handed_over(world, merchant, orders).await
}

async fn handed_over(world: &World, merchant: &Merchant, orders: Vec<OrderInput>) -> Vec<String> {
    let count = orders.len();
    let request = SubmitRequest { orders, ..SubmitRequest::default() };
    OrdersServiceClient::new(world.operator(merchant.tenant)).submit(request).await.unwrap();
    eventually("enough parcels are handed over", PATIENCE, || async {
        let seen = check::look(world, merchant.tenant).await;
        let ended = |p: &&colibri_events::tracking::v1::Parcel| {
            matches!(p.headline(), Headline::Delivered | Headline::Returned)
        };
        let all = seen.parcels.iter().filter(ended).count() == count;
        let delivered = seen.parcels.iter().filter(|p| p.headline() == Headline::Delivered);
        all.then(|| delivered.map(|parcel| parcel.order_id.clone()).collect())
    })
    .await
}

async fn get(world: &World, merchant: &Merchant, id: &str) -> Return {
    let request = GetRequest { return_id: id.into(), ..GetRequest::default() };
    client(world, merchant).get(request).await.unwrap().into_inner()
}

async fn until(
    world: &World,
    merchant: &Merchant,
    id: &str,
    what: &str,
    is: impl Fn(&Return) -> bool,
) -> Return {
    eventually(what, PATIENCE, || async {
        let seen = get(world, merchant, id).await;
        is(&seen).then_some(seen)
    })
    .await
}

async fn ask(world: &World, merchant: &Merchant, order_id: &str, way: WayBack) -> Return {
    let request = RequestRequest {
        request_id: format!("flow-{order_id}"),
        order: Some(OrderRef { by: Some(order_ref::By::OrderId(order_id.into())) }),
        lines: vec![RequestLine {
            line: 1,
            units: 2,
            reason: "changed_mind".into(),
            ..RequestLine::default()
        }],
        way_back: way.into(),
        ..RequestRequest::default()
    };
    eventually("returns knows of the delivery", PATIENCE, || async {
        client(world, merchant).request(request.clone()).await.ok()
    })
    .await
    .into_inner()
}

async fn receive(world: &World, merchant: &Merchant, id: &str) {
    let request = ReceiveRequest {
        return_id: id.into(),
        request_id: format!("count-{id}"),
        counted: vec![CountedLine { line: 1, units: 2, ..CountedLine::default() }],
        ..ReceiveRequest::default()
    };
    client(world, merchant).receive(request).await.unwrap();
}

fn graded(id: &str) -> GradeRequest {
    let category = grade::default_category().unwrap();
    let sign = |code: &str| category.grades.iter().any(|grade| grade.signs.contains(code));
    let criteria = category.criteria().into_iter();
    GradeRequest {
        return_id: id.into(),
        request_id: format!("grade-{id}"),
        line: 1,
        units: 2,
        criteria: criteria.map(|code| Criterion { code: code.into(), yes: !sign(code) }).collect(),
        ..GradeRequest::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_went_over_a_border_comes_back_over_it_with_a_label() {
    let payments = Payments::start(PaymentOptions::default()).await.unwrap();
    let world = world(&payments).await;
    let merchant = merchant(&world, "Kehrwieder").await;
    know(&mut CustomsServiceClient::new(world.operator(merchant.tenant))).await;
    let orders: Vec<_> = (0..3).map(|n| british(&format!("gb-{n}"), "Kehrwieder")).collect();
    let orders = handed_over(&world, &merchant, orders).await;
    let outbound = check::sold(&world, UPS).len();
    let asked = ask(&world, &merchant, &orders[0], WayBack::Label).await;
    assert!(asked.cross_border && asked.declaration_id.starts_with("dcl_"), "{asked:?}");
    let seen = until(&world, &merchant, &asked.return_id, "the parcel is back", |seen| {
        assert_eq!(seen.parcels[0].refused, "", "the carrier was told what comes back");
        matches!(seen.parcels[0].state.as_str(), "arrived" | "scanned")
    })
    .await;
    assert_eq!(check::sold(&world, UPS).len(), outbound + 1, "one label for the way back");
    let paper = || async {
        let return_id = seen.return_id.clone();
        let asked = GetCustomsPaperRequest { return_id, ..Default::default() };
        client(&world, &merchant).get_customs_paper(asked).await.unwrap().into_inner()
    };
    let (first, again) = (paper().await, paper().await);
    assert_eq!(first, again, "one paper, however often it is asked for");
    let text = String::from_utf8_lossy(&first.data).into_owned();
    for wanted in ["Return invoice", "Returned goods", asked.declaration_id.as_str(), "MUG-35"] {
        assert!(text.contains(wanted), "{wanted} is not on the paper");
    }
    receive(&world, &merchant, &seen.return_id).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivered_parcel_comes_back_and_both_ledgers_agree() {
    let payments = Payments::start(PaymentOptions::default()).await.unwrap();
    let world = world(&payments).await;
    let merchant = merchant(&world, "Kehrwieder").await;
    let orders = delivered(&world, &merchant, 2).await;
    let outbound = check::sold(&world, UPS).len();
    let asked = ask(&world, &merchant, &orders[0], WayBack::Label).await;
    let id = asked.return_id;
    let seen = until(&world, &merchant, &id, "the parcel is back", |seen| {
        seen.parcels[0].state == "arrived" || seen.parcels[0].state == "scanned"
    })
    .await;
    assert_eq!(check::sold(&world, UPS).len(), outbound + 1, "one label for the way back");
    let request = GetLabelRequest { return_id: id.clone(), ..GetLabelRequest::default() };
    let label = client(&world, &merchant).get_label(request).await.unwrap().into_inner();
    assert!(label.data.len() > 500 && seen.parcels[0].parcel_ids[0] == label.parcel_id);
    assert_eq!(payments.asked(), 0, "money waits for the goods");

    receive(&world, &merchant, &id).await;
    let answer = client(&world, &merchant).grade(graded(&id)).await.unwrap().into_inner();
    let request = DisposeRequest {
        return_id: id.clone(),
        request_id: "shelf".into(),
        line: 1,
        grade: answer.grade,
        disposition: "restock".into(),
        units: 2,
        ..DisposeRequest::default()
    };
    client(&world, &merchant).dispose(request).await.unwrap();
    let stock =
        AnswerStockRequest { return_id: id.clone(), booking: 0, answer: "confirmed".into() };
    client(&world, &merchant).answer_stock(stock).await.unwrap();
    until(&world, &merchant, &id, "it is closed", |s| s.state() == ReturnState::Closed).await;
    let ledger = payments.ledger();
    assert_eq!(ledger.iter().map(|p| p.amount_minor).collect::<Vec<_>>(), [PAID]);
    let balance = GetBalanceRequest::default();
    let balance = client(&world, &merchant).get_balance(balance).await.unwrap().into_inner();
    assert!(balance.goods_close && balance.money_closes, "{balance:?}");
    assert_eq!((balance.closed, balance.labels, balance.funds[0].refunds), (1, 1, 1));
    world.settled(PATIENCE).await;
    assert_eq!(check::backbone_findings(&world).await, Vec::<String>::new());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_around_the_call_that_pays_nobody_is_paid_twice() {
    let payments = Payments::start(PaymentOptions::default()).await.unwrap();
    let mut world = world(&payments).await;
    let merchant = merchant(&world, "Kehrwieder").await;
    // Some come back to the sender: one more than points.
    let orders = delivered(&world, &merchant, POINTS.len() + 2).await;
    let mut ids = Vec::new();
    for order_id in orders.iter().take(POINTS.len()) {
        let asked = ask(&world, &merchant, order_id, WayBack::Own).await;
        receive(&world, &merchant, &asked.return_id).await;
        ids.push(asked.return_id);
    }
    assert_eq!(ids.len(), POINTS.len());
    world.settled(PATIENCE).await;
    for (point, id) in POINTS.iter().zip(&ids) {
        world.kill9().await;
        assert!(matches!(world.spawn(Some(*point)).await, Start::Ready), "{point}");
        // Its answer may be lost with the process.
        let _ = client(&world, &merchant).grade(graded(id)).await;
        let died = world.dies_within(Duration::from_secs(30)).await;
        assert!(died.is_some(), "{point} was never reached");
        world.run(None).await;
        client(&world, &merchant).grade(graded(id)).await.unwrap();
        let seen = until(&world, &merchant, id, "an end or a doubt", |seen| {
            seen.refunds.iter().any(|r| r.state == "refunded" || r.state == "in_doubt")
        })
        .await;
        if let Some(doubt) = seen.refunds.iter().find(|refund| refund.state == "in_doubt") {
            settle(&world, &merchant, &payments, id, &doubt.key).await;
        }
        until(&world, &merchant, id, "it is paid", |seen| {
            seen.refunds.iter().any(|refund| refund.state == "refunded")
        })
        .await;
        let paid = payments.ledger().iter().filter(|p| p.key.starts_with(id.as_str())).count();
        assert_eq!(paid, 1, "{point}");
    }
    let ledger = payments.ledger();
    assert!(ledger.iter().all(|payment| payment.amount_minor == PAID));
    assert_eq!(ledger.len(), POINTS.len());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_a_label_is_voided_or_an_orphan_settled_it_happens_once() {
    let payments = Payments::start(PaymentOptions::default()).await.unwrap();
    let mut world = world(&payments).await;
    let merchant = merchant(&world, "Kehrwieder").await;
    let orders = delivered(&world, &merchant, 2).await;
    let outbound = check::sold(&world, UPS).len();
    world.kill9().await;
    let start = world.spawn(Some("returns.void_answered")).await;
    assert!(matches!(start, Start::Ready));
    // Called off before its label is there: that is voided when it comes.
    let id = ask(&world, &merchant, &orders[0], WayBack::Label).await.return_id;
    let cancel = CancelRequest { return_id: id.clone(), ..CancelRequest::default() };
    client(&world, &merchant).cancel(cancel).await.unwrap();
    assert!(world.dies_within(Duration::from_secs(30)).await.is_some(), "nothing was voided");
    world.run(None).await;
    let is_void = |seen: &Return| seen.parcels[0].void == "voided";
    until(&world, &merchant, &id, "the label is voided", is_void).await;
    assert_eq!(check::sold(&world, UPS).len(), outbound, "none for the way back is left");

    let found = RecordOrphanRequest {
        request_id: "found".into(),
        items: vec![OrphanUnits { sku: "SKU-1".into(), units: 3 }],
        ..RecordOrphanRequest::default()
    };
    let orphan = client(&world, &merchant).record_orphan(found).await.unwrap().into_inner();
    let settle = SettleOrphanRequest {
        orphan_id: orphan.orphan_id.clone(),
        request_id: "shelf".into(),
        item: 1,
        units: 3,
        way: Some(settle_orphan_request::Way::End(OrphanEnd::HandedOver.into())),
        reason: "unknown_sender".into(),
    };
    world.kill9().await;
    let start = world.spawn(Some("returns.orphan_settled")).await;
    assert!(matches!(start, Start::Ready));
    let answer = client(&world, &merchant).settle_orphan(settle.clone()).await;
    assert!(answer.is_err(), "it died before it answered: {answer:?}");
    assert!(world.dies_within(Duration::from_secs(30)).await.is_some(), "nothing was settled");
    world.run(None).await;
    let seen = client(&world, &merchant).settle_orphan(settle).await.unwrap().into_inner();
    assert!(seen.settled && seen.moves.len() == 1, "{seen:?}");
    world.stop().await;
}

#[test]
fn each_marked_step_of_returns_is_visited_here() {
    let here: BTreeSet<String> =
        POINTS.iter().chain(&MORE).map(|point| (*point).to_owned()).collect();
    let ours = |point: &String| point.starts_with("returns.");
    let left: Vec<String> =
        points().into_iter().filter(ours).filter(|p| !here.contains(p)).collect();
    assert_eq!(left, Vec::<String>::new());
}

/// Looked up by itself when it was paid; else a person asks the payment side, who knows of nothing.
async fn settle(world: &World, merchant: &Merchant, payments: &Payments, id: &str, key: &str) {
    if payments.ledger().iter().any(|payment| payment.key == key) {
        return;
    }
    let request = SettleDoubtRequest {
        return_id: id.into(),
        key: key.into(),
        happened: false,
        reason: "the ledger of the payment side has no such key".into(),
    };
    client(world, merchant).settle_doubt(request).await.unwrap();
}
