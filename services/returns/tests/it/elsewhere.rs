//! Somebody else has paid the buyer back: the money closes, and nobody is paid a second time.

use colibri_events::returns::v1::*;
use colibri_sandbox::PaymentOptions;
use colibri_types::OrderId;
use futures::future::join_all;

use crate::world::{Sold, World, as_new, code, codes, line, request};

async fn asked(world: &World, name: &str, lines: Vec<RequestLine>) -> String {
    let sold: Sold = world.in_hands(name, 2).await;
    let own = RequestRequest { way_back: WayBack::Own.into(), ..request(name, &sold, lines) };
    world.client().request(own).await.unwrap().into_inner().return_id
}

fn told(id: &str, request: &str, line: u32, amount: i64, origin: &str) -> RefundedElsewhereRequest {
    RefundedElsewhereRequest {
        return_id: id.into(),
        request_id: request.into(),
        line,
        amount_minor: amount,
        origin: origin.into(),
    }
}

async fn bench(world: &World, id: &str, line: u32) {
    let (return_id, request_id) = (id.to_owned(), format!("bench-{line}"));
    let counted = vec![CountedLine { line, units: 1, ..CountedLine::default() }];
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
        units: 1,
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
        units: 1,
        ..DisposeRequest::default()
    };
    world.client().dispose(shelf).await.unwrap();
}

fn paid(world: &World) -> Vec<i64> {
    world.payments.ledger().iter().map(|payment| payment.amount_minor).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_shop_has_paid_is_not_paid_again_and_the_return_closes() {
    let world = World::start(PaymentOptions::default()).await;
    let id = asked(&world, "shop", vec![line(1, 1, "size_small"), line(2, 1, "size_small")]).await;
    // All of the shirt, and a part of the lamp; told by many clicks.
    let calls = (0..8).map(|n| {
        let (line, amount) = if n % 2 == 0 { (1, 1999) } else { (2, 500) };
        let one = told(&id, &format!("e-{line}"), line, amount, "shop");
        let mut client = world.client();
        async move { client.refunded_elsewhere(one).await.is_ok() }
    });
    assert!(join_all(calls).await.iter().filter(|ok| **ok).count() >= 2);
    for (line, amount) in [(1, 1999), (2, 500)] {
        let one = told(&id, &format!("e-{line}"), line, amount, "shop");
        world.client().refunded_elsewhere(one).await.unwrap();
    }
    let other = told(&id, "e-1", 1, 1, "shop");
    let other = world.client().refunded_elsewhere(other).await.unwrap_err();
    assert_eq!(code(&other), "RET0007");
    for (amount, origin, field) in
        [(0, "shop", "RANGE"), (1_000_000, "shop", "RANGE"), (1, "me", "UNKNOWN")]
    {
        let wrong = told(&id, "e-9", 1, amount, origin);
        let wrong = world.client().refunded_elsewhere(wrong).await.unwrap_err();
        assert_eq!(codes(&wrong), ("RET0002".into(), field.into()));
    }
    bench(&world, &id, 1).await;
    bench(&world, &id, 2).await;
    let seen = world.until(&id, "it is closed", |seen| seen.state() == ReturnState::Closed).await;
    assert!(seen.signals.is_empty() && seen.flags.is_empty(), "the shop may pay: {seen:?}");
    let of = |line: usize| seen.lines[line].funds.unwrap();
    assert_eq!((of(0).elsewhere_minor, of(0).refunded_minor), (1999, 0));
    assert_eq!((of(1).elsewhere_minor, of(1).refunded_minor), (500, 3000));
    let shown = seen.paid_elsewhere.iter().map(|one| (one.line, one.amount_minor));
    assert_eq!(shown.collect::<std::collections::BTreeSet<_>>(), [(1, 1999), (2, 500)].into());
    assert!(paid(&world).contains(&3000) && !paid(&world).contains(&1999), "{:?}", paid(&world));
    let balance = world.balance().await;
    assert!(balance.goods_close && balance.money_closes, "{balance:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chargeback_after_a_refund_stops_refunds_until_a_person_has_looked() {
    let world = World::start(PaymentOptions::default()).await;
    let id = asked(&world, "bank", vec![line(1, 1, "size_small"), line(2, 1, "size_small")]).await;
    bench(&world, &id, 1).await;
    world
        .until(&id, "the shirt is paid back", |seen| {
            seen.refunds.iter().any(|refund| refund.line == 1 && refund.state == "refunded")
        })
        .await;
    let back = told(&id, "c-1", 1, 1999, "chargeback");
    let seen = world.client().refunded_elsewhere(back).await.unwrap().into_inner();
    let raised: Vec<&str> = seen.signals.iter().map(|signal| signal.code.as_str()).collect();
    assert_eq!(raised, ["F10"]);
    assert_eq!(seen.flags, ["double_refund_risk"]);
    for code in ["PAID_TWICE", "FLAGGED", "SIGNAL"] {
        assert!(seen.attention.iter().any(|known| known == code), "{code}: {:?}", seen.attention);
    }
    bench(&world, &id, 2).await;
    let lamp = |seen: &Return| seen.refunds.iter().any(|refund| refund.line == 2);
    assert!(!lamp(&world.get(&id).await), "the lamp waits for a person");
    // Explained and let go: what was paid twice stays shown, and the lamp is paid.
    let explained =
        SettleSignalRequest { return_id: id.clone(), code: "F10".into(), confirmed: false };
    world.client().settle_signal(explained).await.unwrap();
    assert!(!lamp(&world.get(&id).await), "the flag is still there");
    let go_on = HoldRefundsRequest { return_id: id.clone(), hold: false };
    world.client().hold_refunds(go_on).await.unwrap();
    let seen = world.until(&id, "it is closed", |seen| seen.state() == ReturnState::Closed).await;
    assert!(seen.flags.is_empty());
    assert_eq!(paid(&world).iter().filter(|amount| **amount == 1999).count(), 1);
    assert!(paid(&world).contains(&3500), "{:?}", paid(&world));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_that_somebody_else_has_paid_for_does_not_leave() {
    let world = World::start(PaymentOptions::default()).await;
    let wanted = RequestLine { outcome: Outcome::Exchange.into(), ..line(1, 1, "fit") };
    let id = asked(&world, "swap", vec![wanted]).await;
    let start = StartExchangeRequest {
        return_id: id.clone(),
        request_id: "x-1".into(),
        line: 1,
        units: 1,
        sku: "OTHER".into(),
        price_minor: 2599,
        mode: ExchangeMode::AfterReceipt.into(),
    };
    world.client().start_exchange(start).await.unwrap();
    let difference = |state: &str| SettleDifferenceRequest {
        return_id: id.clone(),
        request_id: state.into(),
        exchange: 1,
        amount_minor: 600,
        state: state.into(),
    };
    world.client().settle_difference(difference("paid")).await.unwrap();
    let back = told(&id, "x-2", 1, 1999, "channel");
    let seen = world.client().refunded_elsewhere(back).await.unwrap().into_inner();
    assert_eq!(seen.exchanges[0].state, "converted_to_refund");
    assert_eq!(seen.exchanges[0].difference, "owed");
    assert_eq!(seen.attention, ["DIFFERENCE_OWED"]);
    let send = SendReplacementRequest {
        return_id: id.clone(),
        request_id: "x-3".into(),
        exchange: 1,
        replacement_order_id: OrderId::generate().to_string(),
        guarantee: true,
    };
    let refused = world.client().send_replacement(send).await.unwrap_err();
    assert_eq!(code(&refused), "RET0006");
    bench(&world, &id, 1).await;
    assert_ne!(world.get(&id).await.state(), ReturnState::Closed);
    world.client().settle_difference(difference("returned")).await.unwrap();
    world.until(&id, "it is closed", |seen| seen.state() == ReturnState::Closed).await;
    assert!(!paid(&world).contains(&1999), "{:?}", paid(&world));
    world.stop().await;
}
