//! What went out over a border of customs comes back over it: declared as it went, as a return.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use colibri_events::{
    customs::v1::{DeclarationReady, Item, ParcelContents},
    labels::v1::{PurchaseReturnRequest, ReturnContent, Shipment, ShipmentState, VoidRequest},
    types::v1::{Date, Money},
    vault::v1::Field,
};
use colibri_testkit::eventually;
use colibri_types::{DeclarationId, ShipmentId};

use crate::{
    every::{Every, parcel, recorder, refusal},
    world::{Order, PATIENCE, World, person},
};

type Heard = Mutex<BTreeMap<String, Arc<Mutex<Vec<u8>>>>>;

/// Carriers that bring goods back from Switzerland, by what goes there.
const CARRIERS: [(&str, &str); 4] = [
    ("ups", "11"),
    ("dhl_express", "P"),
    ("fedex", "FEDEX_INTERNATIONAL_PRIORITY"),
    ("colissimo", "DOS"),
];
/// Of those, one whose labels can be made void.
const VOIDS: &str = "ups";

fn swiss() -> BTreeMap<Field, &'static str> {
    let place = [
        (Field::Street, "7 Impasse des Essais"),
        (Field::City, "Bern"),
        (Field::Postcode, "3011"),
        (Field::Country, "CH"),
        (Field::Phone, "+41990000001"),
    ];
    person().into_iter().chain(place).collect()
}

fn eur(amount_minor: i64) -> Option<Money> {
    Some(Money { amount_minor, currency: "EUR".into() })
}

fn declared(order: &Order, id: DeclarationId) -> DeclarationReady {
    let item = |sku: &str, description: &str, quantity, minor| Item {
        sku: sku.into(),
        description: description.into(),
        hs_code: "69120023".into(),
        origin_country: "PT".into(),
        quantity,
        unit_weight_g: 200,
        unit_value: eur(minor),
    };
    let items =
        vec![item("MUG", "Stoneware mug", 2, 1490), item("BOWL", "Stoneware bowl", 1, 2200)];
    DeclarationReady {
        shipment_id: order.shipment_id.to_string(),
        tenant_id: order.request.tenant_id.clone(),
        order_id: order.order_id.to_string(),
        version: 1,
        revision: 1,
        parcels: vec![ParcelContents { items }],
        incoterm: "DAP".into(),
        reason: "sale".into(),
        invoice_number: "CI-4711".into(),
        invoice_date: Some(Date { year: 2026, month: 11, day: 5 }),
        sender_eori: "FR12345678900011".into(),
        freight: eur(900),
        declaration_id: id.to_string(),
        ..DeclarationReady::default()
    }
}

/// Told by orders, pricing and customs; bought.
async fn sent(every: &Every, carrier: &str, service: &str, id: DeclarationId) -> ShipmentId {
    let world = &every.world;
    let mut order = world.order_for(every.accounts[carrier], service, &swiss(), 1).await;
    order.request.country = "CH".into();
    order.request.parcels = vec![parcel()];
    order.request.crosses_customs_border = true;
    order.offer.carrier = carrier.into();
    world.tell(&order).await;
    world.say("customs", &declared(&order, id), "declared 1").await;
    let seen = eventually("the way out is settled", PATIENCE, || async {
        let seen = world.get(order.shipment_id).await.ok()?;
        matches!(seen.state(), ShipmentState::Bought | ShipmentState::Refused).then_some(seen)
    })
    .await;
    assert_eq!(seen.state(), ShipmentState::Bought, "{carrier}: {seen:?}");
    order.shipment_id
}

async fn back(
    world: &World,
    out: ShipmentId,
    contents: &[(&str, u32)],
) -> Result<Shipment, (String, String)> {
    again(world, out, contents, "first").await
}

async fn again(
    world: &World,
    out: ShipmentId,
    contents: &[(&str, u32)],
    time: &str,
) -> Result<Shipment, (String, String)> {
    let content = |(sku, quantity): &(&str, u32)| ReturnContent {
        sku: (*sku).to_owned(),
        quantity: *quantity,
        parcel: 0,
    };
    let request = PurchaseReturnRequest {
        request_id: format!("{out}-{contents:?}-{time}"),
        shipment_id: out.to_string(),
        contents: contents.iter().map(content).collect(),
        ..Default::default()
    };
    let answer = world.client().purchase_return(request).await;
    answer.map(tonic::Response::into_inner).map_err(|status| refusal(&status))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_went_over_a_border_comes_back_over_it_declared_as_a_return() {
    let heard = Heard::default();
    let every = Every::start(async |id, url| {
        let (url, kept) = recorder(url).await;
        heard.lock().unwrap().insert(id.to_owned(), kept);
        url
    })
    .await;
    for (carrier, service) in CARRIERS {
        let id = DeclarationId::generate();
        let out = sent(&every, carrier, service, id).await;
        let kept = heard.lock().unwrap()[carrier].clone();
        kept.lock().unwrap().clear();
        let shipment = back(&every.world, out, &[("MUG", 1)]).await.unwrap();
        assert_eq!(shipment.state(), ShipmentState::Bought, "{carrier}: {shipment:?}");
        assert_eq!(every.world.sold(carrier, &shipment.attempt_ref).len(), 1, "{carrier}");
        let asked = String::from_utf8_lossy(&kept.lock().unwrap()).into_owned();
        let link = format!("Returned goods, sent out by shipment {out}, declaration {id}");
        for told in ["Stoneware mug", "691200", "PT", "CI-4711", "FR12345678900011", &link] {
            assert!(asked.contains(told), "{carrier} was not told {told}: {asked}");
        }
        assert!(!asked.contains("Stoneware bowl"), "{carrier}: what stays is not declared");
        assert!(!asked.contains("69120023"), "{carrier}: a code of another tariff");
        for (contents, field) in [
            (&[("CUP", 1)][..], "contents[0].sku"),
            (&[("BOWL", 1), ("MUG", 3)][..], "contents[1].quantity"),
        ] {
            let refused = back(&every.world, out, contents).await.unwrap_err();
            assert_eq!(refused, ("LBL0022".to_owned(), field.to_owned()), "{carrier}");
        }
        // What comes back under one label does not under another: not even of two that ask at once.
        let refused = back(&every.world, out, &[]).await.unwrap_err();
        assert_eq!(refused, ("LBL0022".to_owned(), "contents".to_owned()), "{carrier}");
        let (mug, bowl) = ([("MUG", 1)], [("BOWL", 1), ("MUG", 1)]);
        let (one, two) = tokio::join!(
            again(&every.world, out, &mug, "second"),
            again(&every.world, out, &bowl, "third"),
        );
        assert!(one.is_ok() != two.is_ok(), "{carrier}: one mug is left: {one:?} {two:?}");
        let (bought, refused) = if one.is_ok() { (one, two) } else { (two, one) };
        assert_eq!(refused.unwrap_err(), ("LBL0022".to_owned(), "contents".to_owned()));
        if carrier != VOIDS {
            continue;
        }
        // What is void carries nothing.
        for shipment_id in [shipment.shipment_id, bought.unwrap().shipment_id] {
            let voided = every.world.client().void(VoidRequest { shipment_id }).await.unwrap();
            assert_eq!(voided.into_inner().state(), ShipmentState::Voided);
        }
        let whole = again(&every.world, out, &[], "all").await.unwrap();
        assert_eq!(whole.state(), ShipmentState::Bought, "{carrier}: {whole:?}");
        assert!(String::from_utf8_lossy(&kept.lock().unwrap()).contains("Stoneware bowl"));
    }
    crate::road::nothing_personal_outside_the_vault(&every.world).await;
    every.world.stop().await;
}
