//! Answers that are lost: at most one refund, looked up by its key or settled by a person.

use colibri_events::returns::v1::*;
use colibri_sandbox::{PAYMENT_TOKEN, PaymentFaults, PaymentOptions};
use colibri_testkit::eventually;

use crate::world::{PATIENCE, World, as_new, code, line, request};

async fn graded(world: &World, name: &str) -> String {
    let sold = world.in_hands(name, 1).await;
    let asked = world.asked(request(name, &sold, vec![line(2, 1, "changed_mind")])).await;
    let id = asked.return_id;
    let counted = vec![CountedLine { line: 2, units: 1, ..CountedLine::default() }];
    let count = ReceiveRequest {
        return_id: id.clone(),
        request_id: format!("{name}-count"),
        counted,
        ..ReceiveRequest::default()
    };
    world.client().receive(count).await.unwrap();
    let grade = GradeRequest {
        return_id: id.clone(),
        request_id: format!("{name}-grade"),
        line: 2,
        units: 1,
        criteria: as_new(),
        ..GradeRequest::default()
    };
    world.client().grade(grade).await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_whose_answer_is_lost_is_looked_up_and_never_repeated() {
    let faults = PaymentFaults { lost_answer: 1.0, ..PaymentFaults::default() };
    let world = World::start(PaymentOptions { faults, ..PaymentOptions::default() }).await;
    let id = graded(&world, "lost").await;
    let seen = world
        .until(&id, "it is looked up", |seen| seen.refunds.iter().any(|r| r.state == "refunded"));
    assert_eq!(seen.await.refunds.len(), 1);
    assert_eq!((world.payments.asked(), world.payments.ledger().len()), (1, 1));

    // The request itself is lost: nobody knows, so nobody pays, until a person has asked.
    world.payments.set_faults(PaymentFaults { lost_request: 1.0, ..PaymentFaults::default() });
    let id = graded(&world, "unsent").await;
    let seen = world
        .until(&id, "it is in doubt", |seen| {
            seen.refunds.iter().any(|r| r.state == "in_doubt") && !seen.attention.is_empty()
        })
        .await;
    assert_eq!(seen.attention, ["REFUND_IN_DOUBT"]);
    assert!(world.balance().await.money_closes);
    let key = seen.refunds[0].key.clone();
    let settle = SettleDoubtRequest {
        return_id: id.clone(),
        key: key.clone(),
        happened: false,
        reason: "asked the bank".into(),
    };
    world.payments.set_faults(PaymentFaults::default());
    world.client().settle_doubt(settle.clone()).await.unwrap();
    let seen = world
        .until(&id, "it is paid", |seen| seen.refunds.iter().any(|r| r.state == "refunded"))
        .await;
    let states: Vec<&str> = seen.refunds.iter().map(|r| r.state.as_str()).collect();
    assert_eq!(states, ["refused", "refunded"]);
    assert_eq!(world.payments.ledger().len(), 2, "one for each return");
    let again = world.client().settle_doubt(settle).await.unwrap_err();
    assert_eq!(code(&again), "RET0012");

    refused(&world).await;
    locked_out(&world).await;
    world.stop().await;
}

/// The payment side wants another token: nothing is paid, nothing is in doubt, and it goes on.
async fn locked_out(world: &World) {
    let before = world.payments.ledger().len();
    world.payments.set_token("renewed");
    let id = graded(world, "locked-out").await;
    let sql = "select count(*) from returns.intent
                where kind = 'refund' and state = 'ready' and attempt > 1";
    eventually("it was tried", PATIENCE, || async {
        let tried: i64 = sqlx::query_scalar(sql).fetch_one(&world.bed.admin).await.unwrap();
        (tried > 0).then_some(())
    })
    .await;
    let seen = world.get(&id).await;
    assert!(seen.refunds.iter().all(|r| r.state != "in_doubt"), "{:?}", seen.refunds);
    assert_eq!(world.payments.ledger().len(), before);
    world.payments.set_token(PAYMENT_TOKEN);
    world.until(&id, "it is paid", |seen| seen.refunds.iter().any(|r| r.state == "refunded")).await;
    assert_eq!(world.payments.ledger().len(), before + 1);
}

/// The card is closed: a person is asked, and nothing is ordered again by itself.
async fn refused(world: &World) {
    world.payments.set_faults(PaymentFaults { refused: 1.0, ..PaymentFaults::default() });
    let id = graded(world, "closed-card").await;
    let seen = world
        .until(&id, "it is refused", |seen| {
            seen.refunds.iter().any(|r| r.state == "refused") && !seen.attention.is_empty()
        })
        .await;
    assert_eq!(seen.attention, ["REFUND_REFUSED"]);
    assert_eq!(world.payments.ledger().len(), 2);
    world.payments.set_faults(PaymentFaults::default());
    let again = DecideRefundRequest {
        return_id: id.clone(),
        request_id: "again".into(),
        line: 2,
        decision: Some(decide_refund_request::Decision::ApproveMinor(3500)),
        ..DecideRefundRequest::default()
    };
    world.client().decide_refund(again).await.unwrap();
    world.until(&id, "it is paid", |seen| seen.refunds.len() == 2).await;
    world
        .until(&id, "it is settled", |seen| seen.refunds.iter().any(|r| r.state == "refunded"))
        .await;
    assert_eq!(world.payments.ledger().len(), 3);
    // What the payment side takes back is shown, and a person decides.
    let key = world.get(&id).await.refunds[1].key.clone();
    let back = ConfirmRefundRequest { return_id: id, key, state: "reversed".into() };
    let seen = world.client().confirm_refund(back).await.unwrap().into_inner();
    assert!(seen.attention.contains(&"REFUND_REVERSED".to_owned()));
}
