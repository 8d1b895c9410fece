//! What is wrong is answered clearly, and leaks nothing about other people.

use colibri_events::returns::v1::*;
use colibri_sandbox::PaymentOptions;

use crate::world::{World, code, codes, identity, line, order, png, request};

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_are_told_what_is_wrong_and_nothing_else() {
    let world = World::start(PaymentOptions::default()).await;
    let (fresh, old) = (world.in_hands("fresh", 2).await, world.in_hands("old", 90).await);
    let sent = world.sold("sent").await;
    colibri_testkit::eventually("the order is known", crate::world::PATIENCE, || async {
        let ask = EligibleRequest { order: order(&sent), ..EligibleRequest::default() };
        world.client().eligible(ask).await.ok()
    })
    .await;

    // An unknown order, a wrong e-mail, another buyer's postcode: one answer, byte for byte.
    let mut answers = Vec::new();
    for who in [
        identity("#nobody", &fresh.email, ""),
        identity(&fresh.number, "other@example.org", ""),
        identity(&fresh.number, &old.email, ""),
        identity(&fresh.number, "", "75001"),
        identity("", "", ""),
    ] {
        let by = OrderRef { by: Some(order_ref::By::Identity(who)) };
        let ask = EligibleRequest { order: Some(by.clone()), ..EligibleRequest::default() };
        answers.push(world.client().eligible(ask).await.unwrap_err());
        let ask =
            RequestRequest { order: Some(by), ..request("x", &fresh, vec![line(1, 1, "fit")]) };
        answers.push(world.client().request(ask).await.unwrap_err());
    }
    for answer in &answers {
        assert_eq!(code(answer), "RET0001");
        assert_eq!(
            (answer.message(), answer.details()),
            (answers[0].message(), answers[0].details())
        );
    }
    for who in [identity("fresh", " FRESH@example.org", ""), identity("#FRESH", "", "69 002")] {
        let by = OrderRef { by: Some(order_ref::By::Identity(who)) };
        let ask = EligibleRequest { order: Some(by), ..EligibleRequest::default() };
        let found = world.client().eligible(ask).await.unwrap().into_inner();
        assert_eq!(found.order_id, fresh.order_id);
    }

    let ask = EligibleRequest { order: order(&old), ..EligibleRequest::default() };
    let late = world.client().eligible(ask).await.unwrap().into_inner();
    assert!(late.lines.iter().all(|l| l.not_offered == "window_closed" && l.returnable == 0));
    assert!(!late.withdrawal_open);
    for (sold, lines, withdrawal, wanted) in [
        (&old, vec![line(1, 1, "fit")], false, ("RET0005", "WINDOW_CLOSED")),
        (&old, vec![line(1, 1, "")], true, ("RET0005", "WINDOW_CLOSED")),
        (&sent, vec![line(1, 1, "fit")], false, ("RET0005", "NOT_SHIPPED_YET")),
        (&fresh, vec![line(1, 3, "fit")], false, ("RET0005", "MORE_THAN_BOUGHT")),
        (&fresh, vec![line(9, 1, "fit")], false, ("RET0002", "UNKNOWN")),
        (&fresh, vec![line(1, 0, "fit")], false, ("RET0002", "ZERO")),
        (&fresh, vec![line(1, 1, "")], false, ("RET0002", "MISSING")),
        (&fresh, vec![line(1, 1, "because")], false, ("RET0005", "NEEDS_OPERATOR")),
        (&fresh, vec![line(1, 1, "fit"), line(1, 1, "fit")], false, ("RET0002", "TWICE")),
        (&fresh, vec![], false, ("RET0002", "COUNT")),
    ] {
        let ask = RequestRequest { withdrawal, ..request("bad", sold, lines) };
        let refused = world.client().request(ask).await.unwrap_err();
        assert_eq!(codes(&refused), (wanted.0.into(), wanted.1.into()), "{refused:?}");
    }
    photos(&world, &fresh).await;
    rules(&world).await;

    let taken = world.asked(request("one", &fresh, vec![line(1, 1, "fit")])).await;
    let other = request("one", &fresh, vec![line(1, 2, "fit")]);
    assert_eq!(code(&world.client().request(other).await.unwrap_err()), "RET0007");
    // Another buyer does not see it, even with a good identity of their own.
    let who = Some(identity(&old.number, &old.email, ""));
    let ask = GetRequest { return_id: taken.return_id.clone(), identity: who, reveal: false };
    assert_eq!(code(&world.client().get(ask).await.unwrap_err()), "RET0008");
    let who = Some(identity(&fresh.number, &fresh.email, ""));
    let ask = GetRequest { return_id: taken.return_id, identity: who, reveal: false };
    assert_eq!(world.client().get(ask).await.unwrap().into_inner().lines.len(), 1);
    world.stop().await;
}

async fn photos(world: &World, sold: &crate::world::Sold) {
    let put = |data: Vec<u8>| PutPhotoRequest { order: order(sold), data: data.into() };
    for (bytes, wanted) in [
        (b"<svg onload=alert(1)>".to_vec(), "NOT_AN_IMAGE"),
        (b"%PDF-1.7".to_vec(), "NOT_AN_IMAGE"),
        (vec![0; (2 << 20) + 1], "TOO_LARGE"),
    ] {
        let refused = world.client().put_photo(put(bytes)).await.unwrap_err();
        assert_eq!(codes(&refused), ("RET0004".into(), wanted.into()));
    }
    // Damage asks a buyer for photos; a photo of nobody's is none.
    let ask = RequestRequest {
        buyer: true,
        ..request("damage", sold, vec![line(1, 1, "damaged_in_transit")])
    };
    let refused = world.client().request(ask.clone()).await.unwrap_err();
    assert_eq!(codes(&refused), ("RET0002".into(), "MISSING".into()));
    let mut other = ask;
    other.lines[0].photo_ids = vec![colibri_types::DocumentId::generate().to_string()];
    let refused = world.client().request(other).await.unwrap_err();
    assert_eq!(codes(&refused), ("RET0002".into(), "UNKNOWN".into()));
    world.client().put_photo(put(png())).await.unwrap();
}

async fn rules(world: &World) {
    let known = world.client().get_policies(GetPoliciesRequest {}).await.unwrap().into_inner();
    assert_eq!(known.version, 0);
    let late = known.toml.replace("refund_days = 14", "refund_days = 15");
    let refused = world.client().put_policies(PutPoliciesRequest { toml: late }).await.unwrap_err();
    assert_eq!(codes(&refused), ("RET0003".into(), "LEGAL_DEADLINE_EXCEEDED".into()));
    let refused = world.client().put_policies(PutPoliciesRequest { toml: "?".into() }).await;
    assert_eq!(code(&refused.unwrap_err()), "RET0002");
}
