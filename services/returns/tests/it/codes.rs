//! Codes at counters, labels that are not sold, and what a person decides.

use colibri_events::returns::v1::*;
use colibri_sandbox::PaymentOptions;

use crate::world::{World, code, codes, line, request};

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_spent_once_and_a_second_counter_is_a_signal() {
    let world = World::start(PaymentOptions::default()).await;
    let sold = world.in_hands("codes", 2).await;
    let asked = world.asked(request("q-1", &sold, vec![line(2, 1, "fit")])).await;
    let scan = |place: &str, weight_g| DropOffRequest {
        code: asked.parcels[0].code.clone(),
        place_ref: place.into(),
        receipt: "R-1".into(),
        weight_g,
    };
    let wrong = DropOffRequest { code: "0".repeat(32), ..scan("shop-1", 0) };
    assert_eq!(code(&world.client().drop_off(wrong).await.unwrap_err()), "RET0010");
    // 900 g are expected: 200 g are a question for a person, never a refusal.
    let first = world.client().drop_off(scan("shop-1", 200)).await.unwrap().into_inner();
    assert!(!first.repeated_scan);
    assert!(world.client().drop_off(scan("shop-1", 200)).await.unwrap().into_inner().repeated_scan);
    let replayed = world.client().drop_off(scan("shop-2", 200)).await.unwrap_err();
    assert_eq!(code(&replayed), "RET0010");
    let seen = world.get(&asked.return_id).await;
    let raised: Vec<&str> = seen.signals.iter().map(|s| s.code.as_str()).collect();
    assert_eq!(raised, ["F01", "F05"]);
    assert!(seen.signals.iter().all(|s| !s.innocent.is_empty() && s.settled.is_empty()));
    assert_eq!((seen.parcels[0].state.as_str(), seen.parcels[0].code.as_str()), ("dropped", ""));
    assert_eq!(seen.state(), ReturnState::Open);

    let settle = SettleSignalRequest {
        return_id: asked.return_id.clone(),
        code: "F01".into(),
        confirmed: false,
    };
    let seen = world.client().settle_signal(settle).await.unwrap().into_inner();
    assert_eq!(seen.signals[0].settled, "explained");
    let cancel = CancelRequest { return_id: asked.return_id, ..CancelRequest::default() };
    let refused = world.client().cancel(cancel).await.unwrap_err();
    assert_eq!(code(&refused), "RET0006", "it is on its way");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_agrees_rejects_or_the_buyer_calls_it_off() {
    let world = World::start(PaymentOptions::default()).await;
    let known = world.client().get_policies(GetPoliciesRequest {}).await.unwrap().into_inner();
    let toml = known.toml.replace("send_days = 14", "send_days = 14\nvalidate_first = true");
    let put = PutPoliciesRequest { toml };
    let version = world.client().put_policies(put.clone()).await.unwrap().into_inner().version;
    let again = world.client().put_policies(put).await.unwrap().into_inner().version;
    assert_eq!((version, again), (1, 1));

    let sold = world.in_hands("waits", 2).await;
    let one = request("w-1", &sold, vec![line(1, 1, "fit")]);
    let waiting = world.client().request(one).await.unwrap().into_inner();
    assert_eq!(waiting.state(), ReturnState::Waiting);
    assert_eq!(waiting.attention, ["WAITS_FOR_AGREEMENT"]);
    let id = waiting.return_id;
    let decide = |id: &str, approve, code: &str, explanation: &str| DecideRequest {
        return_id: id.into(),
        approve,
        code: code.into(),
        explanation: explanation.into(),
    };
    world.client().decide(decide(&id, true, "", "")).await.unwrap();
    let seen = world.until(&id, "a label is issued", |s| s.parcels[0].state == "issued").await;
    assert_eq!(seen.state(), ReturnState::Open);
    let cancel = CancelRequest { return_id: id.clone(), buyer: true, ..CancelRequest::default() };
    let seen = world.client().cancel(cancel).await.unwrap().into_inner();
    assert_eq!(seen.state(), ReturnState::Closed);

    // The unit is free again.
    let two = request("w-2", &sold, vec![line(1, 2, "fit")]);
    let second = world.client().request(two).await.unwrap().into_inner().return_id;
    let silent = world.client().decide(decide(&second, false, "not_ours", "")).await.unwrap_err();
    assert_eq!(codes(&silent), ("RET0002".into(), "LENGTH".into()));
    let words = "Nous ne vendons pas cet article";
    let no = decide(&second, false, "not_ours", words);
    let seen = world.client().decide(no).await.unwrap().into_inner();
    assert_eq!((seen.state(), seen.decision.as_str()), (ReturnState::Rejected, "not_ours"));
    let ask = GetRequest { return_id: second, reveal: true, ..GetRequest::default() };
    assert_eq!(world.client().get(ask).await.unwrap().into_inner().explanation, words);
    assert_eq!(world.payments.asked(), 0);

    // A withdrawal waits for nobody's agreement.
    let right = RequestRequest { withdrawal: true, ..request("w-3", &sold, vec![line(1, 1, "")]) };
    *world.shops.refuses.lock().unwrap() = Some("LBL0018");
    let third = world.asked(right).await;
    assert_eq!(third.state(), ReturnState::Open);
    let seen = world.until(&third.return_id, "no label", |s| !s.attention.is_empty()).await;
    assert_eq!(seen.attention, ["LABEL_REFUSED"]);
    assert_eq!(seen.parcels[0].refused, "LBL0018");
    assert!(world.balance().await.money_closes);
    world.stop().await;
}
