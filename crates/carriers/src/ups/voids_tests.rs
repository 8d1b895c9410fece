#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
use super::*;
use crate::ups::testing::{answer, with_call};

const VOID: &str = include_str!("fixtures/void-accepted/response.json");
const SPELLED: &str = include_str!("fixtures/void-test-environment/response.json");
const LATE: &str = include_str!("fixtures/void-late/response.json");
const HALF: &str = include_str!("fixtures/void-one-of-two/response.json");

fn purchase(number: &str) -> Purchase {
    Purchase { shipment_number: number.to_owned(), labels: Vec::new(), charge: None }
}

fn ask(number: &str) -> Result<HttpRequest, Rejection> {
    with_call(|call| Voids::request(&Ups, call, &purchase(number)))
}

fn read(status: u16, body: &str) -> Result<Step<()>, CarrierError> {
    Voids::response(&Ups, &answer(status, body))
}

#[test]
fn a_shipment_is_voided_by_the_number_of_its_first_parcel() {
    let request = ask("1ZA1B2C30310000002").unwrap();
    assert_eq!(request.method, Method::Delete);
    assert_eq!(
        request.url,
        "https://onlinetools.ups.com/api/shipments/v2409/void/cancel/1ZA1B2C30310000002"
    );
    for wrong in ["", "1Z", "1za1b2c30310000002", "1ZA1B2C3031000000/", "XXA1B2C30310000002"] {
        assert_eq!(ask(wrong).unwrap_err().field, "shipment_number", "{wrong}");
    }
}

#[test]
fn both_spellings_of_a_void_are_read() {
    for body in [VOID, SPELLED] {
        assert!(matches!(read(200, body), Ok(Step::Done(()))));
    }
    let summary = r#"{"VoidShipmentResponse":{"SummaryResult":{"Status":{"Code":"1"}}}}"#;
    assert!(matches!(read(200, summary), Ok(Step::Done(()))));
}

#[test]
fn a_parcel_that_was_not_voided_is_a_refusal() {
    assert!(matches!(read(200, HALF), Err(CarrierError::Refused { code, .. }) if code == "0"));
    assert!(matches!(read(400, LATE), Err(CarrierError::Refused { code, .. }) if code == "190102"));
    assert!(matches!(read(503, LATE), Err(CarrierError::Later { .. })));
    for (status, body) in [(200, ""), (200, "{}"), (200, LATE), (200, "<p>"), (404, "<p>")] {
        let read = read(status, body);
        assert!(matches!(read, Err(CarrierError::Garbled { .. })), "{status} {body}: {read:?}");
    }
    let empty = r#"{"VoidShipmentResponse":{"Response":{}}}"#;
    assert!(matches!(read(200, empty), Err(CarrierError::Garbled { .. })));
}
