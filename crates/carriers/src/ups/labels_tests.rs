#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
use colibri_types::{Currency, Grams, Millimetres, Money};

use super::*;
use crate::{
    Contact, DeliveryOption,
    ups::testing::{account, albany, answer, berlin, lyon, portland, shipment, with_call, zurich},
};

const ONE: &str = include_str!("fixtures/ship-fr-de/response.json");
const TWO: &str = include_str!("fixtures/ship-us-us-two-parcels/response.json");
const REFUSED: &str = include_str!("fixtures/ship-refused/response.json");

fn ask(shipment: &Shipment) -> Result<HttpRequest, Rejection> {
    with_call(|call| Labels::request(&Ups, call, shipment))
}

fn read(status: u16, body: &str, shipment: &Shipment) -> Result<Purchase, CarrierError> {
    match Labels::response(&Ups, &answer(status, body), shipment)? {
        Step::Done(purchase) => Ok(purchase),
        Step::Next(_) => panic!("one call buys"),
    }
}

fn same_bytes(name: &str, request: &HttpRequest, fixture: &str) {
    assert_eq!(std::str::from_utf8(&request.body).unwrap(), fixture.trim_end(), "{name}");
}

#[test]
fn purchases_are_asked_for_byte_by_byte_as_documented() {
    let mut signed = shipment(portland(), albany(), 2);
    signed.service = "03".into();
    signed.options = vec![DeliveryOption::Signature, DeliveryOption::Saturday];
    signed.format = LabelFormat::Gif;
    let mut customs = shipment(lyon(), zurich(), 1);
    customs.options = vec![
        DeliveryOption::Signature,
        DeliveryOption::Insurance(Money::new(5_000, Currency::EUR)),
    ];
    for (name, shipment, fixture) in [
        (
            "ship-fr-de",
            shipment(lyon(), berlin(), 1),
            include_str!("fixtures/ship-fr-de/request.json"),
        ),
        (
            "ship-us-us-two-parcels",
            signed,
            include_str!("fixtures/ship-us-us-two-parcels/request.json"),
        ),
        ("ship-fr-ch-customs", customs, include_str!("fixtures/ship-fr-ch-customs/request.json")),
    ] {
        let request = ask(&shipment).unwrap();
        same_bytes(name, &request, fixture);
        assert_eq!(request.method, Method::Post);
        assert_eq!(request.url, "https://onlinetools.ups.com/api/shipments/v2409/ship");
        let header = |name: &str| {
            let found = request.headers.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.as_str())
        };
        assert_eq!(header("authorization"), Some("Bearer token-1"));
        assert_eq!(header("transid"), Some("call-1"));
        assert_eq!(header("transactionsrc"), Some("colibri"));
        assert_eq!(header("content-type"), Some("application/json"));
    }
}

#[test]
fn an_accepted_purchase_gives_number_label_and_contract_price() {
    let purchase = read(200, ONE, &shipment(lyon(), berlin(), 1)).unwrap();
    assert_eq!(purchase.shipment_number, "1ZA1B2C30310000002");
    assert_eq!(purchase.charge, Some(Money::new(1_185, Currency::EUR)));
    let [label] = purchase.labels.as_slice() else { panic!("one label") };
    assert_eq!(label.tracking_number, "1ZA1B2C30310000002");
    assert_eq!(label.format, LabelFormat::Zpl);
    assert!(label.data.starts_with(b"^XA"));
}

#[test]
fn several_parcels_give_their_labels_in_order_and_the_public_price() {
    let shipment = shipment(portland(), albany(), 2);
    let purchase = read(200, TWO, &shipment).unwrap();
    let numbers: Vec<&str> =
        purchase.labels.iter().map(|label| label.tracking_number.as_str()).collect();
    assert_eq!(numbers, ["1ZA1B2C30310000011", "1ZA1B2C30310000020"]);
    assert_eq!(purchase.shipment_number, numbers[0]);
    assert_eq!(purchase.charge, Some(Money::new(3_112, Currency::USD)));
    assert!(purchase.labels.iter().all(|label| label.format == LabelFormat::Gif));
    assert!(purchase.labels.iter().all(|label| label.data.starts_with(b"GIF89a")));
}

#[test]
fn an_object_for_an_array_of_one_reads_the_same() {
    let object = ONE.replace("\"PackageResults\": [", "\"PackageResults\": ");
    let object = object.replacen("}]", "}", 1);
    assert_ne!(object, ONE);
    let shipment = shipment(lyon(), berlin(), 1);
    assert_eq!(read(200, &object, &shipment).unwrap(), read(200, ONE, &shipment).unwrap());
}

#[test]
fn a_label_that_cannot_be_read_is_missing_and_the_purchase_stands() {
    let broken = ONE.replace("\"GraphicImage\": \"XlhB", "\"GraphicImage\": \"*XlhB");
    assert_ne!(broken, ONE);
    let purchase = read(200, &broken, &shipment(lyon(), berlin(), 1)).unwrap();
    assert_eq!(purchase.labels[0].tracking_number, "1ZA1B2C30310000002");
    assert!(purchase.labels[0].data.is_empty());
}

#[test]
fn refusals_are_definite_and_everything_unclear_is_in_doubt() {
    let one = shipment(lyon(), berlin(), 1);
    assert_eq!(
        read(400, REFUSED, &one),
        Err(CarrierError::Refused {
            code: "120100".into(),
            message: "120100: Missing or invalid shipper number; 120207: Missing postal code"
                .into(),
        })
    );
    let busy = r#"{"response":{"errors":[{"code":"10429","message":"Too many requests"}]}}"#;
    assert!(matches!(read(429, busy, &one), Err(CarrierError::Later { .. })));
    assert!(matches!(read(401, REFUSED, &one), Err(CarrierError::Unauthorised { .. })));
    let half = ONE.get(..ONE.len() / 2).unwrap();
    for (status, body) in [
        (500, REFUSED),
        (503, busy),
        (502, "<html>Bad gateway</html>"),
        (400, "<html>Bad request</html>"),
        (200, "<html>Welcome</html>"),
        (200, half),
        (200, ""),
        (200, "{}"),
        (200, "[]"),
        (200, "null"),
        (200, REFUSED),
        (200, r#"{"ShipmentResponse":{"ShipmentResults":{}}}"#),
        (200, TWO),
    ] {
        let read = read(status, body, &one);
        assert!(matches!(read, Err(CarrierError::Garbled { .. })), "{status} {body}: {read:?}");
    }
}

#[test]
fn limits_are_known_before_any_call() {
    type Change = fn(&mut Shipment);
    let cases: &[(&str, Change)] = &[
        ("attempt_ref", |s| s.attempt_ref = "A".repeat(36)),
        ("attempt_ref", |s| s.attempt_ref = "A-1".into()),
        ("service", |s| s.service = "70".into()),
        ("service", |s| s.service = "99".into()),
        ("service", |s| s.service = "03".into()),
        ("service", |s| s.recipient.country = "US".parse().ok()),
        ("format", |s| s.format = LabelFormat::Pdf),
        ("sender.country", |s| s.sender.country = None),
        ("sender.country", |s| s.sender.country = "KP".parse().ok()),
        ("recipient.country", |s| s.recipient.country = None),
        ("recipient.name", |s| s.recipient.name = " \u{7} ".into()),
        ("recipient.lines", |s| s.recipient.lines.clear()),
        ("recipient.lines", |s| s.recipient.lines = vec!["a".into(); 4]),
        ("recipient.lines", |s| s.recipient.lines = vec!["é".repeat(36)]),
        ("recipient.city", |s| s.recipient.city = String::new()),
        ("recipient.city", |s| s.recipient.city = "x".repeat(31)),
        ("recipient.postcode", |s| s.recipient.postcode = "1234567890".into()),
        ("recipient.postcode", |s| s.recipient.postcode = "1011/5".into()),
        ("recipient.subdivision", |s| s.recipient.subdivision = "ABCDEF".into()),
        ("recipient.phone", |s| s.recipient.phone = String::new()),
        ("sender.phone", |s| s.sender.phone = "1234567890123456".into()),
        ("parcels", |s| s.parcels.clear()),
        ("parcels", |s| s.parcels = vec![s.parcels[0].clone(); 201]),
        ("parcels.weight", |s| s.parcels[0].weight = Grams(0)),
        ("parcels.weight", |s| s.parcels[0].weight = Grams(70_001)),
        ("parcels.dimensions", |s| {
            s.parcels[0].dimensions.as_mut().unwrap().width = Millimetres(2_701);
        }),
        ("parcels.items.description", |s| {
            s.service = "65".into();
            s.parcels[0].items.clear();
        }),
        ("ship_date", |s| s.ship_date += time::Duration::days(9)),
        ("ship_date", |s| s.ship_date -= time::Duration::days(2)),
        ("options", |s| {
            s.options = vec![DeliveryOption::ServicePoint { id: "U12345678".into(), address: None }]
        }),
        ("options", |s| {
            s.options = vec![DeliveryOption::CashOnDelivery(Money::new(0, Currency::EUR))];
        }),
        ("options", |s| {
            s.options = vec![DeliveryOption::Insurance(Money::new(0, Currency::EUR))];
        }),
    ];
    for (index, (field, change)) in cases.iter().enumerate() {
        let mut shipment = shipment(lyon(), berlin(), 1);
        assert!(ask(&shipment).is_ok());
        change(&mut shipment);
        let rejection = ask(&shipment).expect_err(field);
        assert_eq!(rejection.field, *field, "case {index}");
        assert!(!rejection.reason.is_empty());
    }
}

#[test]
fn customs_want_articles_with_values_in_one_currency() {
    type Change = fn(&mut Shipment);
    let cases: &[(&str, Change)] = &[
        ("parcels.items", |s| s.parcels[0].items.clear()),
        ("parcels.items", |s| s.parcels[0].items = vec![s.parcels[0].items[0].clone(); 51]),
        ("parcels.items.value", |s| s.parcels[0].items[0].value.amount_minor = 0),
        ("parcels.items.value", |s| {
            let mut other = s.parcels[0].items[0].clone();
            other.value.currency = Currency::USD;
            s.parcels[0].items.push(other);
        }),
        ("parcels.items.quantity", |s| s.parcels[0].items[0].quantity = 0),
        ("parcels.items.quantity", |s| s.parcels[0].items[0].quantity = 10_000_000),
        ("parcels.items.hs_code", |s| s.parcels[0].items[0].hs_code = Some("691".into())),
    ];
    for (index, (field, change)) in cases.iter().enumerate() {
        let mut abroad = shipment(lyon(), zurich(), 1);
        assert!(ask(&abroad).is_ok());
        change(&mut abroad);
        assert_eq!(ask(&abroad).expect_err(field).field, *field, "case {index}");
    }
}

#[test]
fn american_addresses_need_state_and_code() {
    type Change = fn(&mut Contact);
    let cases: &[(&str, Change)] = &[
        ("recipient.subdivision", |c| c.subdivision = String::new()),
        ("recipient.postcode", |c| c.postcode = "1220".into()),
        ("recipient.postcode", |c| c.postcode = String::new()),
        ("recipient.postcode", |c| {
            c.country = "CA".parse().ok();
            c.postcode = "12207".into();
        }),
    ];
    for (field, change) in cases {
        let mut shipment = shipment(portland(), albany(), 1);
        shipment.service = "03".into();
        change(&mut shipment.recipient);
        if shipment.recipient.country != shipment.sender.country {
            shipment.service = "11".into();
        }
        shipment.recipient.phone = "5185550100".into();
        assert_eq!(ask(&shipment).expect_err(field).field, *field);
    }
}

#[test]
fn a_wrong_account_number_is_a_rejection() {
    let mut account = account();
    account.fields.insert("shipper_number".into(), "a1b2c3".into());
    let call =
        Call { account: &account, token: None, now: crate::ups::testing::NOW, call_id: "call-1" };
    let rejection = Labels::request(&Ups, &call, &shipment(lyon(), berlin(), 1)).unwrap_err();
    assert_eq!(rejection.field, "account.shipper_number");
}

#[test]
fn a_label_can_be_asked_for_again_by_its_number() {
    let request = with_call(|call| Ups.label_request(call, "1ZA1B2C30310000002")).unwrap();
    assert_eq!(request.url, "https://onlinetools.ups.com/api/labels/v1/recovery");
    let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    let order = &body["LabelRecoveryRequest"];
    assert_eq!(order["TrackingNumber"], "1ZA1B2C30310000002");
    assert_eq!(order["LabelSpecification"]["LabelImageFormat"]["Code"], "ZPL");
    let recovered = include_str!("fixtures/recovery-one/response.json");
    let again = read(200, recovered, &shipment(lyon(), berlin(), 1)).unwrap();
    assert_eq!(again.labels[0].tracking_number, "1ZA1B2C30310000002");
    assert!(again.labels[0].data.starts_with(b"%PDF"));
    assert_eq!(again.labels[0].format, LabelFormat::Pdf);
}
