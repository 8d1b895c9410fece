//! What is rejected before any call.

use colibri_types::{Currency, Money};
use time::{
    Duration,
    macros::{date, time},
};

use super::*;
use crate::{
    DeliveryOption, Labels, PickupRequest, Pickups, PointSearch, Rates, Rejection, ServicePoints,
    fedex::CARRIER,
};

type Change = fn(&mut Shipment);

fn ask(shipment: &Shipment) -> Result<HttpRequest, Rejection> {
    with_call(|call| Labels::request(&CARRIER, call, shipment))
}

fn rejected(base: &Shipment, cases: &[(&str, Change)]) {
    assert!(ask(base).is_ok(), "{:?}", ask(base));
    for (index, (field, change)) in cases.iter().enumerate() {
        let mut shipment = base.clone();
        change(&mut shipment);
        let rejection = ask(&shipment).expect_err(field);
        assert_eq!(rejection.field, *field, "case {index}: {rejection}");
        assert!(!rejection.reason.is_empty());
    }
}

#[test]
fn shipments_beyond_a_limit_are_named() {
    rejected(
        &union_lane(),
        &[
            ("attempt_ref", |s| s.attempt_ref = "A".repeat(31)),
            ("attempt_ref", |s| s.attempt_ref = "A-1".into()),
            ("service", |s| s.service = "11".into()),
            ("service", |s| s.service = "FEDEX_GROUND".into()),
            ("service", |s| s.recipient.country = country("FR")),
            ("service", |s| s.service = "PRIORITY_OVERNIGHT".into()),
            ("format", |s| s.format = LabelFormat::Gif),
            ("sender.country", |s| s.sender.country = None),
            ("sender.country", |s| s.sender.country = country("CN")),
            ("recipient.country", |s| s.recipient.country = None),
            ("recipient.name", |s| s.recipient.name = " \u{7} ".into()),
            ("recipient.name", |s| s.recipient.name = "山田".into()),
            ("recipient.lines", |s| s.recipient.lines.clear()),
            ("recipient.lines", |s| s.recipient.lines = vec!["a".into(); 4]),
            ("recipient.lines", |s| s.recipient.lines = vec!["e".repeat(36)]),
            ("recipient.lines", |s| s.recipient.lines = vec!["東京 1".into()]),
            ("recipient.city", |s| s.recipient.city = String::new()),
            ("recipient.city", |s| s.recipient.city = "x".repeat(36)),
            ("recipient.postcode", |s| s.recipient.postcode = "12345678901".into()),
            ("recipient.postcode", |s| s.recipient.postcode = "1011/5".into()),
            ("recipient.postcode", |s| s.recipient.postcode = String::new()),
            ("recipient.phone", |s| s.recipient.phone = String::new()),
            ("sender.phone", |s| s.sender.phone = "1234567890123456".into()),
            ("sender.phone", |s| s.sender.phone = "123456789".into()),
            ("parcels", |s| s.parcels.clear()),
            ("parcels", |s| s.parcels = vec![s.parcels[0].clone(); 41]),
            ("parcels.weight", |s| s.parcels[0].weight = Grams(0)),
            ("parcels.weight", |s| s.parcels[0].weight = Grams(68_001)),
            ("parcels.dimensions", |s| {
                s.parcels[0].dimensions.as_mut().unwrap().width = Millimetres(2_741);
            }),
            ("parcels.dimensions", |s| {
                let sides = s.parcels[0].dimensions.as_mut().unwrap();
                (sides.length, sides.width) = (Millimetres(2_000), Millimetres(501));
            }),
            ("ship_date", |s| s.ship_date += Duration::days(12)),
            ("ship_date", |s| s.ship_date -= Duration::days(2)),
        ],
    );
}

#[test]
fn options_that_do_not_fit_are_named() {
    let money = |minor| Money::new(minor, Currency::USD);
    let option = |option: DeliveryOption| {
        let mut shipment = shipment(portland(), springfield(), "FEDEX_GROUND", 1);
        shipment.options = vec![option];
        shipment
    };
    let fits = [
        option(DeliveryOption::CashOnDelivery(money(100))),
        option(DeliveryOption::Insurance(money(100))),
        option(DeliveryOption::ServicePoint { id: "ZZFB".into(), address: None }),
    ];
    for shipment in &fits {
        assert!(ask(shipment).is_ok(), "{:?}", shipment.options);
    }
    let mut several = fits[1].clone();
    several.parcels.push(parcel());
    let mut union_cash = union_lane();
    union_cash.options = vec![DeliveryOption::CashOnDelivery(money(100))];
    let wrong = [
        option(DeliveryOption::Saturday),
        option(DeliveryOption::SafePlace("garden".into())),
        option(DeliveryOption::CashOnDelivery(money(0))),
        option(DeliveryOption::Insurance(money(0))),
        option(DeliveryOption::ServicePoint { id: "ZZ FB".into(), address: None }),
        option(DeliveryOption::ServicePoint { id: "ZZFB".into(), address: Some(Box::default()) }),
        several,
        union_cash,
    ];
    for shipment in &wrong {
        assert_eq!(ask(shipment).unwrap_err().field, "options", "{:?}", shipment.options);
    }
}

#[test]
fn american_addresses_need_state_and_code() {
    let base = shipment(portland(), springfield(), "FEDEX_2_DAY", 1);
    rejected(
        &base,
        &[
            ("recipient.subdivision", |s| s.recipient.subdivision = String::new()),
            ("recipient.postcode", |s| s.recipient.postcode = "6270".into()),
            ("service", |s| s.service = "GROUND_HOME_DELIVERY".into()),
        ],
    );
    let mut home = base;
    home.service = "GROUND_HOME_DELIVERY".into();
    home.recipient.company = String::new();
    assert!(ask(&home).is_ok());
}

#[test]
fn customs_want_everything_that_fedex_demands() {
    rejected(
        &customs_lane(),
        &[
            ("customs", |s| s.customs = None),
            ("incoterm", |s| s.incoterm = None),
            ("parcels.items", |s| s.parcels[0].items.clear()),
            ("parcels.items.value", |s| s.parcels[0].items[0].value.amount_minor = 0),
            ("parcels.items.value", |s| s.parcels[0].items[0].value.amount_minor = i64::MAX),
            ("parcels.items.value", |s| {
                let mut other = s.parcels[0].items[0].clone();
                other.value.currency = Currency::USD;
                s.parcels[0].items.push(other);
            }),
            ("parcels.items.quantity", |s| s.parcels[0].items[0].quantity = 0),
            ("parcels.items.quantity", |s| s.parcels[0].items[0].quantity = 10_000),
            ("parcels.items.hs_code", |s| s.parcels[0].items[0].hs_code = Some("691".into())),
            ("parcels.items.origin", |s| s.parcels[0].items[0].origin = None),
            ("parcels.items.weight", |s| s.parcels[0].items[0].weight = Grams(0)),
            ("parcels.items.description", |s| s.parcels[0].items[0].description = "a".into()),
            ("customs.invoice_number", |s| {
                s.customs.as_mut().unwrap().invoice_number = "9".repeat(31);
            }),
            ("customs.ioss", |s| s.customs.as_mut().unwrap().ioss = "I".repeat(19)),
        ],
    );
    let mut papers = customs_lane();
    papers.customs.as_mut().unwrap().reason = ExportReason::Documents;
    let body = ask(&papers).unwrap().body;
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["requestedShipment"]["customsClearanceDetail"]["isDocumentOnly"], true);
    assert!(body["requestedShipment"]["shippingDocumentSpecification"].is_null());
}

#[test]
fn questions_have_limits_too() {
    let rates = |s: &Shipment| with_call(|call| Rates::request(&CARRIER, call, s));
    let without = |change: Change| {
        let mut shipment = union_lane();
        change(&mut shipment);
        rates(&shipment).unwrap_err().field
    };
    assert_eq!(without(|s| s.service = "X".into()), "service");
    assert_eq!(without(|s| s.parcels.clear()), "parcels");
    assert_eq!(without(|s| s.sender.country = None), "sender.country");
    let near = |near: Contact, limit| PointSearch {
        near,
        ship_date: date!(2026 - 11 - 20),
        weight: Grams(1),
        service: String::new(),
        limit,
    };
    let points = |s: &PointSearch| with_call(|call| ServicePoints::request(&CARRIER, call, s));
    assert_eq!(points(&near(berlin(), 0)).unwrap_err().field, "limit");
    assert_eq!(points(&near(Contact::default(), 1)).unwrap_err().field, "near.country");
    let pickup = PickupRequest {
        reference: "P1".into(),
        address: lyon(),
        date: date!(2026 - 11 - 20),
        ready: time!(14:00),
        close: time!(18:00),
        service: String::new(),
        destination: None,
        parcels: 1,
        weight: Grams(1),
        tracking_numbers: vec![],
        instructions: String::new(),
    };
    let book = |p: &PickupRequest| with_call(|call| Pickups::request(&CARRIER, call, p));
    assert!(book(&pickup).is_ok());
    for (field, wrong) in [
        ("close", PickupRequest { close: time!(14:00), ..pickup.clone() }),
        ("date", PickupRequest { date: date!(2026 - 11 - 18), ..pickup.clone() }),
        ("parcels", PickupRequest { parcels: 0, ..pickup.clone() }),
        ("weight", PickupRequest { weight: Grams(0), ..pickup.clone() }),
        ("address.name", PickupRequest { address: Contact::default(), ..pickup.clone() }),
    ] {
        assert_eq!(book(&wrong).unwrap_err().field, field);
    }
}
