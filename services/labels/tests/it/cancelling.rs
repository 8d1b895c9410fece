//! Orders that are called off, and labels that are voided.

use colibri_events::labels::v1::{GetLabelRequest, Shipment, ShipmentState, VoidRequest};
use colibri_testkit::eventually;
use colibri_types::ShipmentId;
use tonic::Status;

use crate::{
    stubborn::fast,
    world::{PATIENCE, World, code},
};

async fn void(world: &World, id: ShipmentId) -> Result<Shipment, Status> {
    let request = VoidRequest { shipment_id: id.to_string() };
    world.client().void(request).await.map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_order_is_not_bought_or_void() {
    let world = World::with(&fast(60), &[]).await;
    // Before anything is complete, and even before the shipment is asked for.
    let early = world.order(world.ups, "11").await;
    world.cancel(&early).await;
    world.tell(&early).await;
    world.reaches(early.shipment_id, ShipmentState::Cancelled).await;
    assert_eq!(world.count("ups", "label"), 0);

    // After it was bought: void where the carrier offers that, a note where not.
    let ups = world.order(world.ups, "11").await;
    let colissimo = world.order(world.colissimo, "DOM").await;
    for order in [&ups, &colissimo] {
        world.tell(order).await;
        world.reaches(order.shipment_id, ShipmentState::Bought).await;
        world.cancel(order).await;
    }
    let voided = world.reaches(ups.shipment_id, ShipmentState::Voided).await;
    assert_eq!((world.count("ups", "label"), world.count("ups", "void")), (1, 1));
    assert_eq!(world.said(ups.shipment_id, "label_voided").await, 1);
    let parcel_id = voided.parcels[0].parcel_id.clone();
    let request = GetLabelRequest { parcel_id, ..GetLabelRequest::default() };
    let gone = world.client().get_label(request).await.unwrap_err();
    assert_eq!(code(&gone), "LBL0004");
    let kept = eventually("the note is shown", PATIENCE, || async {
        let shipment = world.get(colissimo.shipment_id).await.ok()?;
        (!shipment.code.is_empty()).then_some(shipment)
    })
    .await;
    assert_eq!((kept.state(), kept.code.as_str()), (ShipmentState::Bought, "LBL0006"));

    // While it is in doubt: found, then void.
    world.faults("ups", "buy.lost-answer=1,other.5xx=1");
    let lost = world.order(world.ups, "11").await;
    world.tell(&lost).await;
    world.reaches(lost.shipment_id, ShipmentState::InDoubt).await;
    world.cancel(&lost).await;
    world.faults("ups", "");
    let voided = world.reaches(lost.shipment_id, ShipmentState::Voided).await;
    assert_eq!(world.sold("ups", &voided.attempt_ref).len(), 1);
    assert_eq!(world.count("ups", "void"), 2);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_voids_what_was_bought() {
    let world = World::start().await;
    let ups = world.order(world.ups, "11").await;
    let colissimo = world.order(world.colissimo, "DOM").await;
    for order in [&ups, &colissimo] {
        world.tell(order).await;
        world.reaches(order.shipment_id, ShipmentState::Bought).await;
    }
    let refused = void(&world, colissimo.shipment_id).await.unwrap_err();
    assert_eq!(code(&refused), "LBL0006");
    assert_eq!(world.get(colissimo.shipment_id).await.unwrap().state(), ShipmentState::Bought);
    // The answer to the void is lost: asked again, it is void all the same.
    world.faults("ups", "other.lost-answer=0.5");
    let voided = void(&world, ups.shipment_id).await.unwrap();
    assert_eq!(voided.state(), ShipmentState::Voided);
    world.faults("ups", "");
    assert_eq!(void(&world, ups.shipment_id).await.unwrap().state(), ShipmentState::Voided);
    assert_eq!(world.said(ups.shipment_id, "label_voided").await, 1);
    let waiting = world.order(world.ups, "11").await;
    world.say("orders", &waiting.request, "requested 1").await;
    world.reaches(waiting.shipment_id, ShipmentState::Waiting).await;
    assert_eq!(code(&void(&world, waiting.shipment_id).await.unwrap_err()), "LBL0005");
    assert_eq!(code(&void(&world, ShipmentId::generate()).await.unwrap_err()), "LBL0001");
    world.stop().await;
}
