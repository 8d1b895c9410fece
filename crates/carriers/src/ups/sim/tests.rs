//! The connector against the simulator, through nothing but requests and answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
use time::Duration;

use super::{world::World, *};
use crate::{
    Auth, Carrier, CarrierError, Found, Headline, HttpRequest, Label, LabelFormat, Labels, Lookup,
    MappedStatus, Purchase, Step,
    sim::ScanFaults,
    ups::{
        CARRIER, Ups,
        testing::{NOW, berlin, lyon, portland, shipment, zurich},
    },
};

fn valid(number: &str) -> bool {
    let (inner, check) = number.strip_prefix("1Z").unwrap().split_at(15);
    inner.starts_with("A1B2C3") && check_digit(inner).to_string() == check
}

fn looks_like(label: &Label) -> bool {
    match label.format {
        LabelFormat::Zpl => {
            let text = std::str::from_utf8(&label.data).unwrap();
            text.starts_with("^XA") && text.contains(&label.tracking_number)
        }
        LabelFormat::Png => label.data.starts_with(b"\x89PNG"),
        LabelFormat::Gif => {
            let number = label.tracking_number.as_bytes();
            label.data.starts_with(b"GIF89a") && label.data.windows(18).any(|w| w == number)
        }
        LabelFormat::Pdf => label.data.starts_with(b"%PDF"),
        other => LabelFormat::of_bytes(&label.data) == Some(other),
    }
}

#[test]
fn every_lane_and_format_can_be_bought() {
    let mut world = World::new(1, ScanFaults::default());
    let mut numbers = Vec::new();
    for format in [LabelFormat::Zpl, LabelFormat::Png, LabelFormat::Gif] {
        for (sender, recipient) in
            [(lyon(), lyon()), (lyon(), berlin()), (lyon(), zurich()), (portland(), portland())]
        {
            for count in [1, 3] {
                let mut wanted = shipment(sender.clone(), recipient.clone(), count);
                wanted.format = format;
                if wanted.sender == portland() {
                    wanted.service = "03".into();
                }
                let purchase = world.buy(&wanted);
                assert_eq!(purchase.shipment_number, purchase.labels[0].tracking_number);
                assert!(purchase.charge.is_some());
                assert!(purchase.labels.iter().all(|l| valid(&l.tracking_number)));
                assert!(purchase.labels.iter().all(|l| l.format == format && looks_like(l)));
                numbers.extend(purchase.labels.into_iter().map(|l| l.tracking_number));
            }
        }
    }
    let sold: Vec<_> = world.sim.ledger().iter().map(|entry| &entry.tracking_number).collect();
    assert_eq!(sold, numbers.iter().collect::<Vec<_>>());
    let reference = "COL202611200001";
    assert!(world.sim.ledger().iter().all(|e| e.kind == "label" && e.reference == reference));
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), sold.len(), "no number is given twice");
}

#[test]
fn a_lost_purchase_is_found_once_its_reference_has_settled() {
    for parcels in [1, 2] {
        let mut world = World::new(2, ScanFaults::default());
        let wanted = shipment(lyon(), berlin(), parcels);
        assert!(matches!(world.find(&wanted), Found::Nothing), "nothing was bought");
        let bought = world.buy(&wanted);
        assert!(matches!(world.find(&wanted), Found::Nothing), "not searchable yet");
        world.now += Ups.settle();
        let Found::Purchase(found) = world.find(&wanted) else { panic!("a purchase") };
        assert_eq!(found.shipment_number, bought.shipment_number);
        let numbers = |purchase: &Purchase| {
            let labels = purchase.labels.iter();
            labels.map(|label| label.tracking_number.clone()).collect::<Vec<_>>()
        };
        assert_eq!(numbers(&found), numbers(&bought));
        for label in &found.labels {
            if parcels == 1 {
                assert_eq!(label.data, bought.labels[0].data);
                continue;
            }
            let request = world.call(|call| Ups.label_request(call, &label.tracking_number));
            let response = world.send(&request.unwrap());
            let again = Labels::response(&Ups, &response, &wanted).unwrap();
            let Step::Done(again) = again else { panic!("a label") };
            assert_eq!(again.labels[0].tracking_number, label.tracking_number);
            assert!(looks_like(&again.labels[0]));
        }
        // UPS does not deduplicate: two purchases under one reference are a doubt, not an answer.
        world.buy(&wanted);
        world.now += Ups.settle();
        assert!(matches!(world.find(&wanted), Found::Unclear(_)));
    }
}

#[test]
fn a_reference_of_packages_is_found_too() {
    let mut world = World::new(2, ScanFaults::default());
    let mut wanted = shipment(portland(), portland(), 1);
    wanted.service = "03".into();
    world.buy(&wanted);
    world.now += Ups.settle();
    assert!(matches!(world.find(&wanted), Found::Purchase(_)));
}

#[test]
fn labels_are_void_until_the_first_scan() {
    let mut world = World::new(3, ScanFaults::default());
    let first = world.buy(&shipment(lyon(), berlin(), 2));
    assert_eq!(world.void(&first), Ok(()));
    assert_eq!(world.void(&first), Ok(()), "voiding again changes nothing");
    let voids: Vec<_> = world.sim.ledger().iter().filter(|e| e.kind == "void").collect();
    assert_eq!(voids.len(), 2);
    let track = world.track(&first.shipment_number);
    let cancelled = MappedStatus::State(Headline::Exception, Some(crate::SubStatus::Cancelled));
    assert_eq!(track.scans.last().unwrap().status, cancelled);

    let second = world.buy(&shipment(lyon(), berlin(), 1));
    world.now += Duration::days(3);
    world.sign_in();
    let late = world.void(&second);
    assert!(matches!(late, Err(CarrierError::Refused { code, .. }) if code == "190102"));
    world.now += Duration::days(30);
    world.sign_in();
    assert_eq!(world.track(&first.shipment_number).scans.len(), 2, "a void label does not move");
}

#[test]
fn tokens_end_and_wrong_secrets_get_none() {
    let mut world = World::new(6, ScanFaults::default());
    let wanted = shipment(lyon(), berlin(), 1);
    let valid_for = world.token.as_ref().unwrap().valid_for;
    let buy = |world: &mut World| {
        let request = world.call(|call| Labels::request(&Ups, call, &wanted)).unwrap();
        let response = world.send(&request);
        Labels::response(&Ups, &response, &wanted).map(|_| ())
    };
    assert_eq!(buy(&mut world), Ok(()));
    world.now += valid_for;
    let expired = CarrierError::Unauthorised { code: "251004".into() };
    assert_eq!(buy(&mut world), Err(expired));
    world.token = None;
    let absent = CarrierError::Unauthorised { code: "250002".into() };
    assert_eq!(buy(&mut world), Err(absent.clone()));
    world.account.fields.insert("client_secret".into(), "wrong".into());
    let Ok(Auth::Token(request)) = CARRIER.auth(&world.account) else { panic!("a token") };
    let response = world.send(&request);
    assert_eq!(CARRIER.token(&response).map(|_| ()), Err(absent));
    assert_eq!(world.sim.ledger().len(), 1);
}

#[test]
fn purchases_are_refused_in_the_shape_of_ups() {
    let mut world = World::new(7, ScanFaults::default());
    let mut wanted = shipment(lyon(), berlin(), 1);
    wanted.service = "65".into();
    let good = world.call(|call| Labels::request(&Ups, call, &wanted)).unwrap();
    let good: Value = serde_json::from_slice(&good.body).unwrap();
    let without = [
        ("/ShipmentRequest/Shipment/Shipper/ShipperNumber", "120100"),
        ("/ShipmentRequest/Shipment/ShipTo/Name", "120202"),
        ("/ShipmentRequest/Shipment/ShipTo/Phone", "120213"),
        ("/ShipmentRequest/Shipment/ShipTo/Address/AddressLine", "120203"),
        ("/ShipmentRequest/Shipment/PaymentInformation", "120114"),
        ("/ShipmentRequest/Shipment/Service", "120500"),
        ("/ShipmentRequest/Shipment/Description", "120420"),
        ("/ShipmentRequest/Shipment/Package", "120600"),
        ("/ShipmentRequest/Shipment/Package/0/PackageWeight/Weight", "120602"),
        ("/ShipmentRequest/LabelSpecification/LabelStockSize", "121013"),
        ("/ShipmentRequest/LabelSpecification", "121011"),
    ];
    for (pointer, code) in without {
        let mut order = good.clone();
        *order.pointer_mut(pointer).expect(pointer) = Value::Null;
        let request = world.call(|call| Labels::request(&Ups, call, &wanted)).unwrap();
        let mut broken = request.clone();
        broken.body = order.to_string().into();
        let response = world.send(&broken);
        let refused = Labels::response(&Ups, &response, &wanted).map(|_| ());
        assert!(
            matches!(&refused, Err(CarrierError::Refused { code: told, .. }) if told == code),
            "{pointer}: {refused:?}"
        );
    }
    assert!(world.sim.ledger().is_empty());
}

#[test]
fn the_array_rule_follows_the_version() {
    let mut world = World::new(8, ScanFaults::default());
    let wanted = shipment(lyon(), berlin(), 1);
    let mut request = world.call(|call| Labels::request(&Ups, call, &wanted)).unwrap();
    let mut packages = |version: &str| {
        request.url = format!("https://onlinetools.ups.com/api/shipments/{version}/ship");
        let answer: Value = serde_json::from_slice(&world.send(&request).body).unwrap();
        answer["ShipmentResponse"]["ShipmentResults"]["PackageResults"].clone()
    };
    assert!(packages("v2409").is_array());
    assert!(packages("v2403").is_array());
    assert!(packages("v2205").is_object());
    assert!(packages("v1").is_object());
}

#[test]
fn the_same_seed_and_requests_give_the_same_answers() {
    let run = |seed: u64| {
        let mut world = World::new(seed, ScanFaults::default());
        let wanted = shipment(lyon(), berlin(), 2);
        let request = world.call(|call| Labels::request(&Ups, call, &wanted)).unwrap();
        let first = world.send(&request).body;
        let second = world.send(&request).body;
        assert_ne!(first, second, "the same purchase twice is two shipments");
        (first, second)
    };
    assert_eq!(run(11), run(11));
    assert_ne!(run(11), run(12));
}

#[test]
fn only_purchases_spend_money() {
    let mut world = World::new(13, ScanFaults::default());
    let wanted = shipment(lyon(), berlin(), 1);
    let buy = world.call(|call| Labels::request(&Ups, call, &wanted)).unwrap();
    let find = world.call(|call| Lookup::request(&Ups, call, &wanted));
    let sim = |request: &HttpRequest| SimRequest {
        method: request.method,
        path: request.url.replacen("https://onlinetools.ups.com", "", 1),
        query: String::new(),
        headers: request.headers.clone(),
        body: request.body.clone(),
        now: NOW,
    };
    assert!(world.sim.buys(&sim(&buy)));
    assert!(!world.sim.buys(&sim(&find)));
    assert_eq!(world.sim.carrier(), CARRIER.info().id);
    let nowhere = HttpRequest::new(Method::Get, "https://onlinetools.ups.com/api/x".to_owned())
        .header("authorization", "Bearer nobody");
    assert_eq!(world.send(&nowhere).status, 401);
}
