//! Answers that are lost after money moved.

use colibri_events::labels::v1::{
    GetLabelRequest, LabelPurchased, SettleRequest, Shipment, ShipmentState,
    settle_request::Decision,
};
use colibri_testkit::eventually;
use tonic::Status;

use crate::{
    stubborn::fast,
    world::{Order, PATIENCE, World, code},
};

/// Buys under a fault until the purchase is in doubt.
async fn doubt(world: &World, carrier: &str, fault: &str) -> Order {
    let order = match carrier {
        "ups" => world.order(world.ups, "11").await,
        _ => world.order(world.colissimo, "DOM").await,
    };
    // Questions fail too, or the doubt could be gone before it is seen.
    world.faults(carrier, &format!("{fault},other.5xx=1"));
    world.tell(&order).await;
    let seen = world.reaches(order.shipment_id, ShipmentState::InDoubt).await;
    assert_eq!(seen.code, "LBL0009", "{fault}");
    assert_eq!(world.said(order.shipment_id, "label_in_doubt").await, 1);
    order
}

/// Makes the token of UPS be there before logins fail.
async fn log_in(world: &World) {
    let order = world.order(world.ups, "11").await;
    world.tell(&order).await;
    world.reaches(order.shipment_id, ShipmentState::Bought).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ups_is_asked_by_our_reference_and_sold_exactly_one() {
    // A minute a second: a question that failed is asked again after a minute.
    let world = World::with(&fast(60), &[]).await;
    log_in(&world).await;
    let mut orders = Vec::new();
    for fault in [
        "buy.lost-answer=1",
        "buy.truncated=1",
        "buy.html=1",
        "buy.garbled=1",
        "buy.5xx-after-commit=1",
        "buy.slow=1:4000ms",
    ] {
        orders.push(doubt(&world, "ups", fault).await);
    }
    assert_eq!(world.listed(ShipmentState::InDoubt).await.len(), orders.len());
    world.faults("ups", "");
    for order in &orders {
        let shipment = world.reaches(order.shipment_id, ShipmentState::Bought).await;
        let sold = world.sold("ups", &shipment.attempt_ref);
        assert_eq!(sold, [shipment.parcels[0].tracking_number.clone()]);
        assert_eq!(shipment.parcels[0].document_ids.len(), 1, "the label came with the lookup");
        let told: Vec<LabelPurchased> = world.bed.told(&order.shipment_id.to_string()).await;
        assert_eq!(told.len(), 1);
        // The first question of all, not its answer: a minute passed at least until that came.
        let second = |at: &Option<prost_types::Timestamp>| at.as_ref().unwrap().seconds;
        assert!(second(&told[0].asked_at) + 30 < second(&told[0].purchased_at), "{told:?}");
    }
    assert_eq!(world.count("ups", "label"), orders.len() + 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_after_the_settling_time_buys_once_with_the_same_reference() {
    // An hour a second: the settling time passes at once, and tokens end on the way.
    let world = World::with(&fast(3600), &[]).await;
    log_in(&world).await;
    let order = world.order(world.ups, "11").await;
    world.faults("ups", "buy.5xx=1");
    world.tell(&order).await;
    let seen = world.reaches(order.shipment_id, ShipmentState::InDoubt).await;
    assert_eq!(world.sold("ups", &seen.attempt_ref), Vec::<String>::new());
    world.faults("ups", "");
    let shipment = world.reaches(order.shipment_id, ShipmentState::Bought).await;
    assert_eq!(shipment.attempt_ref, seen.attempt_ref);
    assert_eq!(world.sold("ups", &shipment.attempt_ref).len(), 1);
    assert_eq!(world.said(order.shipment_id, "label_purchased").await, 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_ran_out_makes_a_doubt_and_the_late_answer_ends_it() {
    let settings =
        [("COLIBRI_LABELS__CALL_TIMEOUT_MS", "20000"), ("COLIBRI_LABELS__LEASE_S", "60")];
    let world = World::with("system", &settings).await;
    let order = world.order(world.colissimo, "DOM").await;
    world.faults("colissimo", "buy.slow=1:9000ms");
    world.tell(&order).await;
    eventually("the purchase is sent and its lease is over", PATIENCE, || async {
        let query = "update labels.intent set lease_until = now() - interval '1 s'
                      where state = 'sent'";
        let moved = sqlx::query(query).execute(&world.bed.admin).await.unwrap().rows_affected();
        (moved == 1).then_some(())
    })
    .await;
    world.reaches(order.shipment_id, ShipmentState::InDoubt).await;
    let shipment = world.reaches(order.shipment_id, ShipmentState::Bought).await;
    assert_eq!(world.sold("colissimo", &shipment.attempt_ref).len(), 1);
    assert_eq!(world.count("colissimo", "label"), 1);
    world.stop().await;
}

async fn settle(world: &World, order: &Order, decision: Decision) -> Result<Shipment, Status> {
    let request = SettleRequest {
        shipment_id: order.shipment_id.to_string(),
        decision: Some(decision),
        reason: "looked into the carrier's web tool".into(),
    };
    world.client().settle(request).await.map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn colissimo_cannot_be_asked_so_a_person_settles() {
    let world = World::start().await;
    let lost = doubt(&world, "colissimo", "buy.lost-answer=1").await;
    let never = doubt(&world, "colissimo", "buy.5xx=1").await;
    let given_up = doubt(&world, "colissimo", "buy.5xx=1").await;
    world.faults("colissimo", "");
    // All were looked at, and put off: they wait for somebody, and nothing was bought again.
    eventually("all were looked at", PATIENCE, || async {
        let query = "select count(*) from labels.intent
                      where state = 'in_doubt' and not_before > now() + interval '12 hours'";
        let seen: i64 = sqlx::query_scalar(query).fetch_one(&world.bed.admin).await.unwrap();
        (seen == 3).then_some(())
    })
    .await;
    assert_eq!(world.listed(ShipmentState::InDoubt).await.len(), 3);
    assert_eq!(world.count("colissimo", "label"), 1);

    let reference = world.get(lost.shipment_id).await.unwrap().attempt_ref;
    let number = world.sold("colissimo", &reference).remove(0);
    let wrong = settle(&world, &lost, Decision::BoughtAs("not a number".into())).await;
    assert_eq!(code(&wrong.unwrap_err()), "LBL0002");
    let bought = settle(&world, &lost, Decision::BoughtAs(number.clone())).await.unwrap();
    assert_eq!(bought.state(), ShipmentState::Bought);
    let shown = world.get(lost.shipment_id).await.unwrap();
    assert_eq!(shown.parcels[0].tracking_number, number);
    let request = GetLabelRequest {
        parcel_id: shown.parcels[0].parcel_id.clone(),
        ..GetLabelRequest::default()
    };
    let label = world.client().get_label(request).await.unwrap().into_inner();
    assert!(label.data.starts_with(b"%PDF-"), "the label was asked for again");

    settle(&world, &never, Decision::NotBought(true)).await.unwrap();
    let again = world.reaches(never.shipment_id, ShipmentState::Bought).await;
    assert_eq!(world.sold("colissimo", &again.attempt_ref).len(), 1);

    let closed = settle(&world, &given_up, Decision::GiveUp(true)).await.unwrap();
    assert_eq!((closed.state(), closed.code.as_str()), (ShipmentState::Refused, "LBL0016"));
    let twice = settle(&world, &given_up, Decision::NotBought(true)).await.unwrap_err();
    assert_eq!(code(&twice), "LBL0007");

    assert_eq!(world.count("colissimo", "label"), 2);
    let decisions: Vec<(String, String)> =
        sqlx::query_as("select decision, actor from labels.decision order by id")
            .fetch_all(&world.bed.admin)
            .await
            .unwrap();
    let by = |word: &str| (word.to_owned(), "test".to_owned());
    assert_eq!(decisions, [by("bought"), by("not_bought"), by("give_up")]);
    assert_eq!(world.said(lost.shipment_id, "label_purchased").await, 1);
    assert_eq!(world.said(given_up.shipment_id, "label_refused").await, 1);
    world.stop().await;
}
