#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
use colibri_types::Grams;
use serde_json::Value;
use time::{Duration, macros::time};

use super::*;
use crate::{
    Contact,
    ups::testing::{NOW, answer, lyon, portland, with_call},
};

const BOOKED: &str = include_str!("fixtures/pickup-booked/response.json");
const REFUSED: &str = include_str!("fixtures/pickup-refused/response.json");
const CANCELLED: &str = include_str!("fixtures/pickup-cancelled/response.json");
const TOO_LATE: &str = include_str!("fixtures/pickup-cancel-refused/response.json");

fn wanted() -> PickupRequest {
    PickupRequest {
        reference: "PICKUP0001".into(),
        address: lyon(),
        date: NOW.date() + Duration::DAY,
        ready: time!(09:30),
        close: time!(18:00),
        service: "11".into(),
        destination: "DE".parse().ok(),
        parcels: 3,
        weight: Grams(7_210),
        tracking_numbers: vec!["1ZA1B2C30310000002".into()],
        instructions: "Quai 3, sonner deux fois".into(),
    }
}

fn ask(pickup: &PickupRequest) -> Result<HttpRequest, Rejection> {
    with_call(|call| Pickups::request(&Ups, call, pickup))
}

fn sent(pickup: &PickupRequest) -> Value {
    let body: Value = serde_json::from_slice(&ask(pickup).unwrap().body).unwrap();
    body["PickupCreationRequest"].clone()
}

#[test]
fn a_collection_is_asked_for_byte_by_byte_as_documented() {
    let request = ask(&wanted()).unwrap();
    let expected = include_str!("fixtures/pickup-booked/request.json");
    assert_eq!(std::str::from_utf8(&request.body).unwrap(), expected.trim_end());
    assert_eq!(request.method, Method::Post);
    assert!(request.url.ends_with("/api/pickupcreation/v2409/pickup"));
}

#[test]
fn the_number_is_kept_and_called_off_by() {
    let wanted = wanted();
    let read = |status, body: &str| Pickups::response(&Ups, &answer(status, body), &wanted);
    let Ok(Step::Done(pickup)) = read(200, BOOKED) else { panic!("booked") };
    assert_eq!(pickup.confirmation, "29A1B2C3XYZ");
    assert_eq!((pickup.date, pickup.service.as_str()), (wanted.date, "11"));
    assert!(
        matches!(read(400, REFUSED), Err(CarrierError::Refused { code, .. }) if code == "9560131")
    );
    for (status, body) in [(200, "{}"), (200, "<p>"), (500, REFUSED), (200, CANCELLED)] {
        assert!(matches!(read(status, body), Err(CarrierError::Garbled { .. })), "{status} {body}");
    }

    let request = with_call(|call| PickupCancellation::request(&Ups, call, &pickup));
    assert_eq!(request.method, Method::Delete);
    assert!(request.url.ends_with("/api/shipments/v2409/pickup/02"));
    assert!(request.headers.iter().any(|(name, value)| name == "prn" && value == "29A1B2C3XYZ"));
    let read = |status, body: &str| PickupCancellation::response(&Ups, &answer(status, body));
    assert_eq!(read(200, CANCELLED), Ok(()));
    assert!(matches!(read(400, TOO_LATE), Err(CarrierError::Refused { .. })));
    let failed = CANCELLED.replace("\"1\"", "\"0\"");
    assert!(matches!(read(200, &failed), Err(CarrierError::Refused { code, .. }) if code == "0"));
    assert!(matches!(read(503, ""), Err(CarrierError::Later { .. })));
    assert!(matches!(read(200, "{}"), Err(CarrierError::Garbled { .. })));
}

#[test]
fn limits_are_known_before_any_call() {
    type Change = fn(&mut PickupRequest);
    let cases: &[(&str, Change)] = &[
        ("close", |p| p.close = p.ready),
        ("date", |p| p.date -= Duration::days(3)),
        ("parcels", |p| p.parcels = 0),
        ("parcels", |p| p.parcels = 1_000),
        ("weight", |p| p.weight = Grams(0)),
        ("weight", |p| p.weight = Grams(10_000_000)),
        ("service", |p| p.service = String::new()),
        ("reference", |p| p.reference = String::new()),
        ("destination", |p| p.destination = None),
        ("address.name", |p| p.address = Contact { name: String::new(), ..Contact::default() }),
        ("address.phone", |p| p.address.phone = String::new()),
        ("address.lines", |p| p.address.lines = vec!["r".repeat(30); 3]),
        ("address.postcode", |p| p.address.postcode = "123456789".into()),
    ];
    for (field, change) in cases {
        let mut wanted = wanted();
        change(&mut wanted);
        assert_eq!(ask(&wanted).unwrap_err().field, *field);
    }
}

#[test]
fn what_depends_on_lane_and_weight_is_told_where_it_is_known() {
    let category = |to: &str| {
        let mut wanted = wanted();
        wanted.destination = to.parse().ok();
        sent(&wanted)["ServiceCategory"].clone()
    };
    assert_eq!(
        (category("FR"), category("DE"), category("US")),
        ("01".into(), "03".into(), "02".into())
    );
    let mut american = wanted();
    american.address = portland();
    american.service = "03".into();
    let order = sent(&american);
    assert_eq!(order["PickupAddress"]["PostalCode"], "97201");
    assert!(order["ServiceCategory"].is_null());
    let overweight = |parcels, grams| {
        let wanted = PickupRequest { parcels, weight: Grams(grams), ..wanted() };
        sent(&wanted)["OverweightIndicator"].clone()
    };
    assert_eq!(overweight(3, 32_000), "N");
    assert_eq!(overweight(1, 32_001), "Y");
    assert!(overweight(3, 40_000).is_null(), "one of them may be heavy: not known");
    let many = PickupRequest { tracking_numbers: vec!["1Z".into(); 31], ..wanted() };
    assert!(sent(&many)["TrackingData"].is_null(), "some of them would be a lie");
}
