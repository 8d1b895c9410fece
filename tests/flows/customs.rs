//! Orders across a border: incomplete, corrected, one label at the carrier that was told the goods,
//! and papers that open from the vault.

use std::time::Duration;

use colibri_events::{
    customs::v1::{
        Declaration, DeclarationState, GetDeclarationRequest, GetPaperRequest, Profile,
        PutProfileRequest, PutSkusRequest, SkuInput, customs_service_client::CustomsServiceClient,
        get_declaration_request::By,
    },
    labels::v1::{GetRequest, Shipment, ShipmentState, get_request},
    orders::v1::{
        OrderInput, OrderState, SubmitRequest, orders_service_client::OrdersServiceClient,
    },
    types::v1::{Address, Money},
};
use colibri_testkit::eventually;

use crate::{
    check,
    harness::{Client, Options, World},
    merchant::{Merchant, UPS, address, merchant, order},
};

const PATIENCE: Duration = Duration::from_secs(120);

/// An order that leaves Köln for Great Britain by UPS.
pub fn british(external_id: &str, mark: &str) -> OrderInput {
    let shipping_paid = Some(Money { amount_minor: 900, currency: "EUR".into() });
    let ship_to = Address {
        city: "Leeds".into(),
        postcode: "LS1 4DY".into(),
        country: "GB".into(),
        ..address("DE", mark)
    };
    OrderInput { ship_to: Some(ship_to), shipping_paid, ..order(external_id, UPS, mark) }
}

/// What the merchant is registered as.
pub fn profile() -> Profile {
    Profile {
        eori: "DE123456789012345".into(),
        vat_gb: "GB123456727".into(),
        signer: "Export desk".into(),
        ..Profile::default()
    }
}

/// The article of every order here.
pub fn mug() -> SkuInput {
    SkuInput {
        sku: "MUG-35".into(),
        description: "Stoneware mug for coffee".into(),
        hs6: "691200".into(),
        cn8: "69120023".into(),
        origin_country: "PT".into(),
        confirmed: true,
        ..SkuInput::default()
    }
}

/// Keeps the article and the profile.
pub async fn know(customs: &mut CustomsServiceClient<Client>) {
    let skus = PutSkusRequest { skus: vec![mug()] };
    let kept = customs.put_skus(skus).await.unwrap().into_inner();
    assert!(kept.results[0].kept, "{kept:?}");
    let profile = PutProfileRequest { profile: Some(profile()) };
    customs.put_profile(profile).await.unwrap();
}

async fn shipment(world: &World, merchant: &Merchant, order: &str) -> Option<Shipment> {
    let by = Some(get_request::By::OrderId(order.to_owned()));
    let request = GetRequest { by, reveal: false };
    let found = world.labels(merchant.tenant).get(request).await;
    found.ok().map(|answer| answer.into_inner())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_crosses_a_border_waits_for_its_papers_and_goes_by_itself() {
    let world = World::start(Options::default()).await;
    let merchant = merchant(&world, "Grenzgänger").await;
    let mut customs = CustomsServiceClient::new(world.operator(merchant.tenant));
    let mut orders = OrdersServiceClient::new(world.operator(merchant.tenant));
    let request = SubmitRequest {
        orders: vec![british("border-1", "Grenzgänger"), order("home-1", UPS, "Grenzgänger")],
        ..SubmitRequest::default()
    };
    let results = orders.submit(request).await.unwrap().into_inner().results;
    for result in &results {
        assert_eq!(result.state(), OrderState::Accepted, "a border holds no order: {result:?}");
    }
    let (abroad, home) = (&results[0].order_id, &results[1].order_id);

    // The shipment says what it waits for, with the missing fields by name. The other one goes.
    let waiting = eventually("customs named what is missing", PATIENCE, || async {
        let found = shipment(&world, &merchant, abroad).await?;
        (!found.customs_missing.is_empty()).then_some(found)
    })
    .await;
    assert_eq!(waiting.state(), ShipmentState::Waiting);
    assert_eq!(waiting.waits_for, ["declaration"]);
    let fields: Vec<&str> = waiting.customs_missing.iter().map(|r| r.field.as_str()).collect();
    assert_eq!(fields, ["skus[MUG-35]", "profile.eori"]);
    eventually("the parcel that stays at home is bought", PATIENCE, || async {
        let found = shipment(&world, &merchant, home).await?;
        (found.state() == ShipmentState::Bought).then_some(())
    })
    .await;
    assert_eq!(check::sold(&world, UPS).len(), 1, "nothing crosses a border undeclared");

    // Corrected, it goes by itself: one label. The carrier refuses goods that are not told.
    know(&mut customs).await;
    let bought = eventually("the parcel abroad is bought", PATIENCE, || async {
        let found = shipment(&world, &merchant, abroad).await?;
        assert_ne!(found.state(), ShipmentState::Refused, "{found:?}");
        (found.state() == ShipmentState::Bought).then_some(found)
    })
    .await;
    assert!(bought.waits_for.is_empty() && bought.customs_missing.is_empty());
    let sold = check::sold(&world, UPS);
    assert_eq!(sold.len(), 2);
    assert_eq!(sold[&bought.attempt_ref].len(), 1, "one label");

    let declaration = declared(&mut customs, &bought.shipment_id).await;
    assert_eq!(declaration.state(), DeclarationState::Ready);
    assert!(declaration.assessment.unwrap().rules.contains(&"gb-135".to_owned()));
    let invoice = declaration.papers.iter().find(|paper| paper.kind == "invoice").unwrap();
    let request = GetPaperRequest {
        document_id: invoice.document_id.clone(),
        media_type: "application/pdf".into(),
    };
    let paper = customs.get_paper(request).await.unwrap().into_inner();
    let holds = |text: &str| paper.data.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(paper.data.starts_with(b"%PDF"));
    for text in ["Stoneware mug for coffee", "69120023", "DE123456789012345", "LS1 4DY"] {
        assert!(holds(text), "{text} is not on the invoice");
    }
    world.settled(PATIENCE).await;
    assert_eq!(check::backbone_findings(&world).await, Vec::<String>::new());
    world.stop().await;
}

async fn declared(customs: &mut CustomsServiceClient<Client>, shipment: &str) -> Declaration {
    let by = Some(By::ShipmentId(shipment.to_owned()));
    customs.get_declaration(GetDeclarationRequest { by }).await.unwrap().into_inner()
}
