//! Collections, access points, returns and what the simulator refuses of them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
use colibri_types::{Currency, Grams, Money};
use time::{Duration, macros::time};

use super::{world::World, *};
use crate::{
    CarrierError, DeliveryOption, Headline, HttpRequest, Labels, MappedStatus, Pickup,
    PickupCancellation, PickupRequest, Pickups, PointSearch, ServicePoints, Shipment, Step,
    sim::ScanFaults,
    ups::{
        Ups,
        labels::RETURNS,
        testing::{NOW, berlin, lyon, shipment, zurich},
    },
};

fn world() -> World {
    World::new(21, ScanFaults::default())
}

fn wanted(days: i64) -> PickupRequest {
    PickupRequest {
        reference: "PICKUP0001".into(),
        address: lyon(),
        date: NOW.date() + Duration::days(days),
        ready: time!(9:00),
        close: time!(18:00),
        service: "11".into(),
        destination: "DE".parse().ok(),
        parcels: 2,
        weight: Grams(4_000),
        tracking_numbers: Vec::new(),
        instructions: String::new(),
    }
}

fn book(world: &mut World, wanted: &PickupRequest) -> Pickup {
    let request = world.call(|call| Pickups::request(&Ups, call, wanted)).unwrap();
    let answer = world.send(&request);
    match Pickups::response(&Ups, &answer, wanted) {
        Ok(Step::Done(pickup)) => pickup,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_same_stop_gets_the_same_number_until_it_is_called_off() {
    let mut world = world();
    let first = book(&mut world, &wanted(1));
    assert_eq!(first.confirmation.len(), 11);
    assert_eq!(book(&mut world, &wanted(1)), first);
    assert_ne!(book(&mut world, &wanted(2)).confirmation, first.confirmation);
    let request = world.call(|call| PickupCancellation::request(&Ups, call, &first));
    let answer = world.send(&request);
    assert_eq!(PickupCancellation::response(&Ups, &answer), Ok(()));
    let answer = world.send(&request);
    assert!(PickupCancellation::response(&Ups, &answer).is_err(), "once");
    assert_ne!(book(&mut world, &wanted(1)).confirmation, first.confirmation);
    assert!(world.sim.ledger().is_empty(), "a collection is no label");
}

fn refusal(world: &mut World, request: &HttpRequest, change: impl Fn(&mut Value)) -> String {
    let mut broken = request.clone();
    let mut body: Value = serde_json::from_slice(&request.body).unwrap();
    change(&mut body);
    broken.body = body.to_string().into();
    let answer: Value = serde_json::from_slice(&world.send(&broken).body).unwrap();
    answer.pointer("/response/errors/0/code").and_then(Value::as_str).unwrap_or("none").to_owned()
}

#[test]
fn collections_are_refused_for_what_is_missing() {
    let mut world = world();
    let request = world.call(|call| Pickups::request(&Ups, call, &wanted(1))).unwrap();
    for (pointer, code) in [
        ("/PickupAddress/ContactName", "9510112"),
        ("/PickupAddress/Phone", "9510114"),
        ("/PickupDateInfo/PickupDate", "9560131"),
        ("/PickupDateInfo/CloseTime", "9510118"),
        ("/PickupPiece/0/ServiceCode", "9510120"),
        ("/TotalWeight/Weight", "9510121"),
        ("/PaymentMethod", "9510130"),
    ] {
        let pointer = format!("/PickupCreationRequest{pointer}");
        let told = refusal(&mut world, &request, |body| {
            *body.pointer_mut(&pointer).unwrap() = Value::Null;
        });
        assert_eq!(told, code, "{pointer}");
    }
}

#[test]
fn a_place_without_points_says_no_in_a_success() {
    let mut world = world();
    let mut search = PointSearch {
        near: lyon(),
        ship_date: NOW.date(),
        weight: Grams(1_000),
        service: String::new(),
        limit: 3,
    };
    let mut ask = |search: &PointSearch| {
        let request = world.call(|call| ServicePoints::request(&Ups, call, search)).unwrap();
        ServicePoints::response(&Ups, &world.send(&request))
    };
    let points = ask(&search).unwrap();
    assert!((2..=3).contains(&points.len()));
    assert!(points.iter().all(|p| p.id.len() == 9 && p.hours.as_ref().unwrap()[6].is_empty()));
    search.near.postcode = "00001".into();
    assert!(matches!(ask(&search), Err(CarrierError::Refused { code, .. }) if code == "350201"));
}

#[test]
fn a_return_travels_from_the_customer_to_the_merchant() {
    let mut world = world();
    let back = shipment(berlin(), lyon(), 1);
    let request = world.call(|call| RETURNS.request(call, &back)).unwrap();
    let answer = world.send(&request);
    let Ok(Step::Done(purchase)) = RETURNS.response(&answer, &back) else { panic!("sold") };
    let told = refusal(&mut world, &request, |body| {
        body["ShipmentRequest"]["Shipment"]["ReturnService"]["Code"] = "77".into();
    });
    assert_eq!(told, "120380");
    world.now = world.sim.last_scan_at().unwrap();
    world.sign_in();
    let track = world.track(&purchase.shipment_number);
    let cities: Vec<_> = track.scans.iter().filter_map(|s| s.location.city.clone()).collect();
    assert_eq!(cities.first().map(String::as_str), Some("Berlin"));
    assert!(matches!(track.scans[0].status, MappedStatus::State(Headline::Created, _)));
}

#[test]
fn what_stands_beside_a_shipment_is_checked() {
    let mut world = world();
    let mut point = shipment(lyon(), berlin(), 1);
    let shop = crate::Contact { company: "Kiosk am Muster".into(), ..berlin() };
    point.options = vec![
        DeliveryOption::ServicePoint { id: "U12345678".into(), address: Some(Box::new(shop)) },
        DeliveryOption::CashOnDelivery(Money::new(4_900, Currency::EUR)),
    ];
    let across = shipment(lyon(), zurich(), 1);
    let ask = |world: &World, wanted: &Shipment| {
        world.call(|call| Labels::request(&Ups, call, wanted)).unwrap()
    };
    let (point, across) = (ask(&world, &point), ask(&world, &across));
    let forms = "/ShipmentServiceOptions/InternationalForms";
    let tax = "/GlobalTaxInformation/AgentTaxIdentificationNumber/0/AgentRole";
    for (request, pointer, code) in [
        (&point, "/AlternateDeliveryAddress/UPSAccessPointID".to_owned(), "129102"),
        (&point, "/AlternateDeliveryAddress/Address".to_owned(), "129103"),
        (&point, "/AlternateDeliveryAddress".to_owned(), "129100"),
        (&point, "/ShipmentServiceOptions/AccessPointCOD/MonetaryValue".to_owned(), "120703"),
        (&across, format!("{forms}/FormType"), "128002"),
        (&across, format!("{forms}/InvoiceNumber"), "128003"),
        (&across, format!("{forms}/ReasonForExport"), "128004"),
        (&across, format!("{forms}/Product"), "128005"),
        (&across, tax.to_owned(), "128010"),
    ] {
        let pointer = format!("/ShipmentRequest/Shipment{pointer}");
        let told = refusal(&mut world, request, |body| {
            *body.pointer_mut(&pointer).unwrap() = Value::Null;
        });
        assert_eq!(told, code, "{pointer}");
    }
    assert!(world.sim.ledger().is_empty());
}
