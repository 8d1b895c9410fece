//! Held, released, amended, cancelled.

use colibri_events::orders::v1::*;
use colibri_types::OrderId;
use tonic::Status;

use crate::world::{World, address, code, codes, order, parcel};

struct Life<'w>(&'w World, String);

impl Life<'_> {
    async fn hold(&self) -> Result<Order, Status> {
        let request = HoldRequest { order_id: self.1.clone() };
        self.0.client().hold(request).await.map(tonic::Response::into_inner)
    }
    async fn release(&self, overrule: &[&str]) -> Result<Order, Status> {
        let overrule = overrule.iter().map(|code| (*code).to_owned()).collect();
        let request = ReleaseRequest { order_id: self.1.clone(), overrule };
        self.0.client().release(request).await.map(tonic::Response::into_inner)
    }
    async fn cancel(&self) -> Result<Order, Status> {
        let request = CancelRequest { order_id: self.1.clone() };
        self.0.client().cancel(request).await.map(tonic::Response::into_inner)
    }
    async fn amend(&self, request: AmendRequest) -> Result<Order, Status> {
        let request = AmendRequest { order_id: self.1.clone(), ..request };
        self.0.client().amend(request).await.map(tonic::Response::into_inner)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_held_released_and_cancelled_and_says_so_each_time() {
    let world = World::start().await;
    let first = world.submit_one(order("1")).await;
    let life = Life(&world, first.order_id.clone());
    let held = life.hold().await.unwrap();
    assert_eq!((held.state(), codes(&held.reasons)), (OrderState::Held, vec!["MANUAL"]));
    // A repeated call answers the same and tells nothing.
    assert_eq!(life.hold().await.unwrap().version, held.version);
    let free = life.release(&[]).await.unwrap();
    assert_eq!((free.state(), free.version), (OrderState::Accepted, 3));
    assert_eq!(life.release(&[]).await.unwrap().version, 3);
    let refused = life.amend(AmendRequest { parcels: vec![parcel(9)], ..Default::default() }).await;
    assert_eq!(code(&refused.unwrap_err()), "ORD0005");
    let off = life.cancel().await.unwrap();
    assert_eq!((off.state(), off.version), (OrderState::Cancelled, 4));
    assert_eq!(life.cancel().await.unwrap().version, 4);
    for refused in [life.hold().await, life.release(&[]).await] {
        assert_eq!(code(&refused.unwrap_err()), "ORD0005");
    }
    let told = world.told(&first.order_id).await;
    let wanted = [
        "order_accepted",
        "fulfilment_requested",
        "order_held",
        "order_released",
        "fulfilment_requested",
        "order_cancelled",
    ];
    assert_eq!(told, wanted);
    let cancelled: OrderCancelled = world.last(&first.order_id).await;
    assert_eq!((cancelled.shipment_id, cancelled.version), (off.shipment_id, 4));
    let asked: FulfilmentRequested = world.last(&first.order_id).await;
    assert_eq!(asked.version, 3);
    // Sent again it stays cancelled.
    let again = world.submit_one(order("1")).await;
    assert_eq!((again.state(), again.replayed), (OrderState::Cancelled, true));
    let nobody = Life(&world, OrderId::generate().to_string());
    assert_eq!(code(&nobody.cancel().await.unwrap_err()), "ORD0004");
    assert_eq!(code(&Life(&world, "ord_x".into()).hold().await.unwrap_err()), "ORD0004");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_overrules_only_what_a_person_may() {
    let world = World::start().await;
    let mut input = order("1");
    input.payment = "pending".into();
    input.lines[0].unit_weight_g = 0;
    input.test = true;
    let held = world.submit_one(input).await;
    let life = Life(&world, held.order_id);
    assert_eq!(code(&life.release(&["WEIGHT_MISSING"]).await.unwrap_err()), "ORD0009");
    assert_eq!(code(&life.release(&["ADDRESS_MISSING"]).await.unwrap_err()), "ORD0009");
    let same = life.release(&[]).await.unwrap();
    assert_eq!((same.version, same.reasons.len()), (1, 3));
    // What is overruled stays so until the content changes.
    let less = life.release(&["UNPAID"]).await.unwrap();
    assert_eq!(codes(&less.reasons), ["TEST_ORDER", "WEIGHT_MISSING"]);
    let less = life.release(&["TEST_ORDER"]).await.unwrap();
    assert_eq!(codes(&less.reasons), ["WEIGHT_MISSING"]);
    let amended = life.amend(AmendRequest { parcels: vec![parcel(900)], ..Default::default() });
    let amended = amended.await.unwrap();
    assert_eq!(codes(&amended.reasons), ["TEST_ORDER", "UNPAID"]);
    let free = life.release(&["TEST_ORDER", "UNPAID"]).await.unwrap();
    assert_eq!(free.state(), OrderState::Accepted);
    let asked: FulfilmentRequested = world.last(&life.1).await;
    assert_eq!(asked.parcels, [parcel(900)]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amended_address_is_checked_and_goes_with_the_note_it_came_with() {
    let world = World::start().await;
    let mut input = order("1");
    input.note = "laisser chez le voisin".into();
    input.ship_to.as_mut().unwrap().postcode = "6900".into();
    let held = world.submit_one(input.clone()).await;
    assert_eq!(codes(&held.reasons), ["ADR0007"]);
    let life = Life(&world, held.order_id.clone());
    let nothing = life.amend(AmendRequest::default()).await.unwrap_err();
    assert_eq!(code(&nothing), "ORD0009");
    let mut wrong = address();
    wrong.city.clear();
    let still = life.amend(AmendRequest { ship_to: Some(wrong), ..Default::default() }).await;
    assert_eq!(codes(&still.unwrap().reasons), ["ADR0004"]);
    let first: Vec<u8> = subject(&world).await;
    let right = AmendRequest { ship_to: Some(address()), ..Default::default() };
    let free = life.amend(right).await.unwrap();
    assert_eq!((free.state(), free.version), (OrderState::Accepted, 3));
    assert_ne!(subject(&world).await, first);
    let wanted = [
        "order_held",
        "order_amended",
        "order_held",
        "order_amended",
        "order_released",
        "fulfilment_requested",
    ];
    assert_eq!(world.told(&held.order_id).await, wanted);
    let by = Some(get_request::By::OrderId(held.order_id.clone()));
    let seen = world.client().get(GetRequest { by, reveal: true }).await.unwrap().into_inner();
    assert_eq!(seen.ship_to.unwrap(), address());
    assert_eq!(world.count("select cardinality(former_refs)::int8 from orders.orders").await, 2);
    // The channel tells again what it told before the person corrected it: nothing changes.
    let again = world.submit_one(input).await;
    assert_eq!((again.state(), again.replayed), (OrderState::Accepted, true));
    world.stop().await;
}

async fn subject(world: &World) -> Vec<u8> {
    let sql = "select uuid_send(subject_ref) from orders.orders";
    sqlx::query_scalar(sql).fetch_one(&world.bed.admin).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_channel_corrects_what_waits_and_not_what_a_person_holds() {
    let world = World::start().await;
    let mut input = order("1");
    input.payment = "pending".into();
    let held = world.submit_one(input.clone()).await;
    input.payment = "paid".into();
    let paid = world.submit_one(input.clone()).await;
    assert_eq!((paid.state(), paid.order_id.as_str()), (OrderState::Accepted, &*held.order_id));
    let wanted = ["order_held", "order_amended", "order_released", "fulfilment_requested"];
    assert_eq!(world.told(&held.order_id).await, wanted);
    let life = Life(&world, held.order_id);
    life.hold().await.unwrap();
    input.lines[0].quantity = 5;
    let more = world.submit_one(input).await;
    assert_eq!((more.state(), codes(&more.reasons)), (OrderState::Held, vec!["MANUAL"]));
    let free = life.release(&[]).await.unwrap();
    assert_eq!((free.state(), free.lines[0].quantity), (OrderState::Accepted, 5));
    world.stop().await;
}
