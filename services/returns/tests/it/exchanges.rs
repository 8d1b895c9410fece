//! Replacements: at most one for a unit and never a refund beside it, the difference to the cent,
//! under many clicks at once.

use colibri_events::returns::v1::*;
use colibri_sandbox::PaymentOptions;
use colibri_types::OrderId;
use futures::future::join_all;

use crate::world::{World, as_new, codes, line, request};

fn refusal(code: &str) -> (String, String) {
    ("RET0006".into(), code.into())
}

async fn asked(world: &World, name: &str, number: u32, units: u32) -> String {
    let sold = world.in_hands(name, 2).await;
    let wanted = RequestLine { outcome: Outcome::Exchange.into(), ..line(number, units, "fit") };
    let own =
        RequestRequest { way_back: WayBack::Own.into(), ..request(name, &sold, vec![wanted]) };
    let seen = world.client().request(own).await.unwrap().into_inner();
    assert_eq!(seen.attention, ["EXCHANGE_WANTED"]);
    seen.return_id
}

fn start(id: &str, request: &str, line: u32, units: u32, price_minor: i64) -> StartExchangeRequest {
    StartExchangeRequest {
        return_id: id.into(),
        request_id: request.into(),
        line,
        units,
        sku: "OTHER".into(),
        price_minor,
        mode: ExchangeMode::AfterReceipt.into(),
    }
}

fn send(id: &str, request: &str, exchange: u32, order: &str) -> SendReplacementRequest {
    SendReplacementRequest {
        return_id: id.into(),
        request_id: request.into(),
        exchange,
        replacement_order_id: order.into(),
        guarantee: false,
    }
}

fn difference(id: &str, exchange: u32, amount_minor: i64, state: &str) -> SettleDifferenceRequest {
    SettleDifferenceRequest {
        return_id: id.into(),
        request_id: format!("{state}-{amount_minor}"),
        exchange,
        amount_minor,
        state: state.into(),
    }
}

async fn bench(world: &World, id: &str, line: u32, units: u32) {
    let counted = vec![CountedLine { line, units, ..CountedLine::default() }];
    let (return_id, request_id) = (id.to_owned(), "bench".to_owned());
    let count = ReceiveRequest {
        return_id: return_id.clone(),
        request_id: request_id.clone(),
        counted,
        ..ReceiveRequest::default()
    };
    world.client().receive(count).await.unwrap();
    let grade = GradeRequest {
        return_id: return_id.clone(),
        request_id: request_id.clone(),
        line,
        units,
        criteria: as_new(),
        ..GradeRequest::default()
    };
    world.client().grade(grade).await.unwrap();
    let shelf = DisposeRequest {
        return_id,
        request_id,
        line,
        grade: "A".into(),
        disposition: "restock".into(),
        units,
        ..DisposeRequest::default()
    };
    world.client().dispose(shelf).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_has_one_replacement_and_the_difference_is_exact() {
    let world = World::start(PaymentOptions::default()).await;
    let id = asked(&world, "swap", 1, 2).await;
    // Two shirts at 19.99. Clicks of two people, each several times: one shirt is taken.
    let calls = (0..8).map(|n| {
        let (mut client, one) = (world.client(), start(&id, &format!("x-{}", n / 4), 1, 2, 1499));
        async move { client.start_exchange(one).await.is_ok() }
    });
    assert!(join_all(calls).await.iter().any(|ok| *ok));
    let seen = world.get(&id).await;
    assert_eq!(seen.exchanges.len(), 1, "two units, one replacement: {:?}", seen.exchanges);
    let give_up = MoveExchangeRequest {
        return_id: id.clone(),
        request_id: "give-up".into(),
        exchange: 1,
        step: "convert".into(),
        ..MoveExchangeRequest::default()
    };
    let seen = world.client().move_exchange(give_up).await.unwrap().into_inner();
    assert_eq!(seen.exchanges[0].state, "converted_to_refund");
    let none = world.client().start_exchange(start(&id, "x-9", 1, 1, 100)).await.unwrap_err();
    assert_eq!(codes(&none), refusal("UNIT_ALREADY_FUNDED"), "they fund a refund");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cheaper_is_paid_back_and_dearer_is_paid_before_it_leaves() {
    let world = World::start(PaymentOptions::default()).await;
    let id = asked(&world, "even", 1, 2).await;
    world.client().start_exchange(start(&id, "x-1", 1, 1, 1499)).await.unwrap();
    world.client().start_exchange(start(&id, "x-2", 1, 1, 2599)).await.unwrap();
    let third = world.client().start_exchange(start(&id, "x-3", 1, 1, 100)).await.unwrap_err();
    assert_eq!(codes(&third), refusal("UNIT_ALREADY_FUNDED"));
    bench(&world, &id, 1, 2).await;
    assert_eq!(world.payments.asked(), 0, "the value is for the replacements");

    let (first, other) = (OrderId::generate().to_string(), OrderId::generate().to_string());
    let calls = (0..8).map(|n| {
        let order = if n % 2 == 0 { &first } else { &other };
        let (mut client, one) = (world.client(), send(&id, &format!("s-{}", n % 2), 1, order));
        async move { client.send_replacement(one).await.is_ok() }
    });
    assert!(join_all(calls).await.iter().any(|ok| *ok));
    let seen = world
        .until(&id, "the difference is paid back", |seen| {
            seen.refunds.iter().any(|refund| refund.state == "refunded")
        })
        .await;
    let sent = &seen.exchanges[0];
    assert_eq!((sent.state.as_str(), sent.difference_minor), ("completed", -500));
    let paid = |world: &World| {
        world.payments.ledger().iter().map(|payment| payment.amount_minor).collect::<Vec<_>>()
    };
    assert_eq!(paid(&world), [500]);

    let order = OrderId::generate().to_string();
    let unpaid = world.client().send_replacement(send(&id, "s-3", 2, &order)).await.unwrap_err();
    assert_eq!(codes(&unpaid), refusal("DIFFERENCE_DUE"));
    assert_eq!(world.get(&id).await.attention, ["DIFFERENCE_DUE"]);
    let short = world.client().settle_difference(difference(&id, 2, 599, "paid")).await;
    assert_eq!(codes(&short.unwrap_err()), refusal("DIFFERENCE_DUE"));
    for _ in 0..2 {
        world.client().settle_difference(difference(&id, 2, 600, "paid")).await.unwrap();
    }
    let taken = send(&id, "s-4", 2, &sent.replacement_order_id);
    let taken = world.client().send_replacement(taken).await.unwrap_err();
    assert_eq!(codes(&taken), ("RET0002".into(), "TAKEN".into()));
    world.client().send_replacement(send(&id, "s-5", 2, &order)).await.unwrap();
    let seen = world.until(&id, "it is closed", |seen| seen.state() == ReturnState::Closed).await;
    assert_eq!(seen.attention, Vec::<String>::new());
    assert_eq!(paid(&world), [500]);
    let balance = world.balance().await;
    assert!(balance.goods_close && balance.money_closes, "{balance:?}");
    let funds = balance.funds[0].funds.unwrap();
    assert_eq!((funds.spent_minor, funds.refunded_minor), (1499 + 1999, 500));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_for_a_replacement_that_never_left_is_owed() {
    let world = World::start(PaymentOptions::default()).await;
    let id = asked(&world, "owed", 2, 1).await;
    world.client().start_exchange(start(&id, "x-1", 2, 1, 4000)).await.unwrap();
    world.client().settle_difference(difference(&id, 1, 500, "paid")).await.unwrap();
    let step = |request: &str, step: &str| MoveExchangeRequest {
        return_id: id.clone(),
        request_id: request.into(),
        exchange: 1,
        step: step.into(),
        ..MoveExchangeRequest::default()
    };
    let early = world.client().move_exchange(step("m-1", "arrived")).await.unwrap_err();
    assert_eq!(codes(&early), ("RET0002".into(), "NOT_SENT".into()));
    let seen = world.client().move_exchange(step("m-2", "convert")).await.unwrap().into_inner();
    assert_eq!(seen.attention, ["DIFFERENCE_OWED"]);
    let late = send(&id, "s-1", 1, &OrderId::generate().to_string());
    let late = world.client().send_replacement(late).await.unwrap_err();
    assert_eq!(codes(&late), refusal("NO_SUCH_WAY"), "nothing leaves any more");
    bench(&world, &id, 2, 1).await;
    let seen = world
        .until(&id, "the lamp is paid back", |seen| {
            seen.refunds.iter().any(|refund| refund.state == "refunded")
        })
        .await;
    assert_ne!(seen.state(), ReturnState::Closed, "the buyer has not got the difference");
    world.client().settle_difference(difference(&id, 1, 500, "returned")).await.unwrap();
    let seen = world.until(&id, "it is closed", |seen| seen.state() == ReturnState::Closed).await;
    assert_eq!(seen.exchanges[0].difference, "returned");
    let ledger = world.payments.ledger();
    assert_eq!(ledger.iter().map(|payment| payment.amount_minor).collect::<Vec<_>>(), [3500]);
    world.stop().await;
}
