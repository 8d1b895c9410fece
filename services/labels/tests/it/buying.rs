//! Purchases without an order.

use colibri_events::{
    labels::v1::{PurchaseRequest, Shipment, ShipmentState},
    types::v1::{Address, Parcel},
};
use colibri_kit::fault::RpcError;
use colibri_types::{AccountId, TenantId};
use tonic::Status;

use crate::{
    stubborn::stubborn,
    world::{World, code},
};

fn request(world: &World, id: &str) -> PurchaseRequest {
    PurchaseRequest {
        request_id: id.to_owned(),
        site_id: world.site.to_string(),
        account_id: world.colissimo.to_string(),
        service: "DOM".into(),
        recipient: Some(Address {
            name: "Ottokar Canari".into(),
            lines: vec!["7 Impasse des Essais".into()],
            city: "Lyon".into(),
            postcode: "69002".into(),
            country: "FR".into(),
            ..Address::default()
        }),
        parcels: vec![Parcel { weight_g: 700, ..Parcel::default() }],
        order_number: "#CANARY-77".into(),
        ..PurchaseRequest::default()
    }
}

async fn buy(world: &World, request: PurchaseRequest) -> Result<Shipment, Status> {
    world.client().purchase(request).await.map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_id_buys_once_however_often_and_whoever_is_faster() {
    let world = World::start().await;
    let calls = (0..6).map(|_| {
        let (mut client, request) = (world.client(), request(&world, "r-1"));
        tokio::spawn(async move { client.purchase(request).await.unwrap().into_inner() })
    });
    let mut ids = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        let shipment = call.await.unwrap();
        assert_eq!(shipment.state(), ShipmentState::Bought);
        assert_eq!(shipment.parcels[0].document_ids.len(), 1);
        ids.push(shipment.shipment_id);
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(world.count("colissimo", "label"), 1);
    let heavier = PurchaseRequest {
        parcels: vec![Parcel { weight_g: 900, ..Parcel::default() }],
        ..request(&world, "r-1")
    };
    assert_eq!(code(&buy(&world, heavier).await.unwrap_err()), "LBL0015");

    // Abroad but inside the union: UPS wants a word for the goods and a phone.
    let mut abroad = PurchaseRequest {
        account_id: world.ups.to_string(),
        service: "11".into(),
        ..request(&world, "r-2")
    };
    let to = abroad.recipient.as_mut().unwrap();
    (to.country, to.postcode, to.city) = ("DE".into(), "10115".into(), "Berlin".into());
    to.phone = "+49 30 0000001".into();
    let bought = buy(&world, abroad).await.unwrap();
    assert_eq!(bought.state(), ShipmentState::Bought);
    assert!(bought.amount.is_some(), "UPS tells its charge");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_bought_is_an_error_and_a_doubt_is_a_state() {
    let world = World::start().await;
    let no = r#"{"messages": [{"id": "30109", "type": "ERROR", "messageContent": "no"}]}"#;
    let url = stubborn(400, "application/json", no).await;
    let account = AccountId::generate();
    let keys = [("api_key", "k"), ("suivi_key", "s")];
    world.account_at(&url, account, "colissimo", &["colissimo"], &keys, 1).await;
    world.knows_accounts(3).await;
    let refused = PurchaseRequest { account_id: account.to_string(), ..request(&world, "r-1") };
    assert_eq!(code(&buy(&world, refused.clone()).await.unwrap_err()), "LBL0003");
    assert_eq!(code(&buy(&world, refused).await.unwrap_err()), "LBL0003", "the same again");
    let mut wrong = request(&world, "r-2");
    wrong.recipient.as_mut().unwrap().postcode = "x".into();
    let error = RpcError::from_status(&buy(&world, wrong).await.unwrap_err());
    assert_eq!(error.reason.as_deref(), Some("LBL0002"));
    assert_eq!(error.fields[0].field, "recipient.postcode");
    let unknown = PurchaseRequest { service: "NONE".into(), ..request(&world, "r-3") };
    let error = RpcError::from_status(&buy(&world, unknown).await.unwrap_err());
    assert_eq!(
        (error.reason.as_deref(), error.fields[0].field.as_str()),
        (Some("LBL0002"), "service")
    );
    let mut stranger = world.client_of(TenantId::generate());
    let error = stranger.purchase(request(&world, "r-4")).await.unwrap_err();
    assert_eq!(RpcError::from_status(&error).fields[0].field, "site_id");
    assert_eq!(world.count("colissimo", "label"), 0);

    world.faults("colissimo", "buy.lost-answer=1");
    let doubt = buy(&world, request(&world, "r-5")).await.unwrap();
    assert_eq!((doubt.state(), doubt.code.as_str()), (ShipmentState::InDoubt, "LBL0009"));
    world.faults("colissimo", "");
    let again = buy(&world, request(&world, "r-5")).await.unwrap();
    assert_eq!(again.state(), ShipmentState::InDoubt, "never bought again blindly");
    assert_eq!(world.count("colissimo", "label"), 1);
    world.stop().await;
}

/// Openings of persons for a purchase, as the vault wrote them down.
async fn openings(world: &World) -> i64 {
    sqlx::query_scalar("select count(*) from vault.journal where flow = 'label_purchase'")
        .fetch_one(&world.bed.admin)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_call_brought_along_is_not_opened_again() {
    let world = World::start().await;
    let first = buy(&world, request(&world, "r-1")).await.unwrap();
    assert_eq!(first.state(), ShipmentState::Bought);
    let opened = openings(&world).await;
    assert!(opened > 0, "the first one opens the site");
    let second = buy(&world, request(&world, "r-2")).await.unwrap();
    assert_eq!(second.state(), ShipmentState::Bought);
    assert_eq!(second.parcels[0].document_ids.len(), 1);
    assert_eq!(openings(&world).await, opened, "the recipient was in the call");
    assert_eq!(world.sold("colissimo", &second.attempt_ref).len(), 1);

    // What the queue would refuse is refused by it, with the same words.
    let mut wrong = request(&world, "r-3");
    wrong.recipient.as_mut().unwrap().postcode = "x".into();
    let error = RpcError::from_status(&buy(&world, wrong).await.unwrap_err());
    assert_eq!(error.fields[0].field, "recipient.postcode");
    assert_eq!(world.count("colissimo", "label"), 2);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_that_go_away_leave_no_doubt_behind() {
    let world = World::start().await;
    buy(&world, request(&world, "first")).await.unwrap();
    // Cut off at every stage: before the recipient is kept, while the intent is written, and later.
    for n in 0..60_u64 {
        let call = buy(&world, request(&world, &format!("r-{n}")));
        let _ = tokio::time::timeout(std::time::Duration::from_micros(n * 400), call).await;
    }
    for n in 0..60 {
        let bought = buy(&world, request(&world, &format!("r-{n}"))).await.unwrap();
        assert_eq!(bought.state(), ShipmentState::Bought, "r-{n}: {bought:?}");
        assert_eq!(world.sold("colissimo", &bought.attempt_ref).len(), 1);
    }
    assert_eq!(world.count("colissimo", "label"), 61);
    world.stop().await;
}
