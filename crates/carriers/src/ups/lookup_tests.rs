#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
use super::*;
use crate::ups::testing::{answer, berlin, lyon, shipment, with_call};

const ONE: &str = include_str!("fixtures/recovery-one/response.json");
const SEVERAL: &str = include_str!("fixtures/recovery-several/response.json");
const NONE: &str = include_str!("fixtures/recovery-none/response.json");
const NOT_FOUND: &str = include_str!("fixtures/track-not-found/response.json");
const TRACKED: &str = include_str!("fixtures/track-lyon-berlin/response.json");

fn read(status: u16, body: &str, parcels: usize) -> Result<Step<Found>, CarrierError> {
    let shipment = shipment(lyon(), berlin(), parcels);
    with_call(|call| Lookup::response(&Ups, call, &answer(status, body), &shipment))
}

fn found(status: u16, body: &str, parcels: usize) -> Purchase {
    match read(status, body, parcels) {
        Ok(Step::Done(Found::Purchase(purchase))) => *purchase,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_question_is_label_recovery_by_our_reference() {
    let shipment = shipment(lyon(), berlin(), 1);
    let request = with_call(|call| Lookup::request(&Ups, call, &shipment));
    assert_eq!(request.url, "https://onlinetools.ups.com/api/labels/v1/recovery");
    let fixture = include_str!("fixtures/recovery-one/request.json");
    assert_eq!(std::str::from_utf8(&request.body).unwrap(), fixture.trim_end());
}

#[test]
fn a_recovered_label_is_the_purchase() {
    let purchase = found(200, ONE, 1);
    assert_eq!(purchase.shipment_number, "1ZA1B2C30310000002");
    assert_eq!(purchase.labels[0].format, LabelFormat::Pdf, "as answered, not as asked");
    assert!(purchase.labels[0].data.starts_with(b"%PDF"));
    assert_eq!(purchase.charge, None);
}

#[test]
fn candidates_are_the_parcels_in_the_order_of_their_numbers() {
    let purchase = found(200, SEVERAL, 2);
    let numbers: Vec<_> = purchase.labels.iter().map(|l| l.tracking_number.as_str()).collect();
    assert_eq!(numbers, ["1ZA1B2C30310000011", "1ZA1B2C30310000020"]);
    assert_eq!(purchase.shipment_number, numbers[0]);
    assert!(purchase.labels.iter().all(|label| label.data.is_empty()));
}

#[test]
fn more_or_fewer_parcels_than_asked_for_stay_in_doubt() {
    for (body, parcels) in [(SEVERAL, 1), (SEVERAL, 3), (ONE, 2), (TRACKED, 2)] {
        let read = read(200, body, parcels);
        assert!(matches!(read, Ok(Step::Done(Found::Unclear(_)))), "{read:?}");
    }
}

#[test]
fn nothing_counts_only_after_both_questions() {
    let empty = r#"{"LabelRecoveryResponse":{"Response":{"ResponseStatus":{"Code":"1"}}}}"#;
    for (status, body) in [(400, NONE), (200, empty)] {
        let Ok(Step::Next(second)) = read(status, body, 1) else { panic!("a second question") };
        assert_eq!(
            second.url,
            "https://onlinetools.ups.com/api/track/v1/reference/details/COL202611200001\
             ?locale=en_US&shipperNum=A1B2C3&fromPickUpDate=20261119&toPickUpDate=20261121\
             &refNumType=SmallPackage"
        );
        assert!(second.headers.iter().any(|(name, _)| name == "transid"));
    }
    let gone = r#"{"response":{"errors":[{"code":"TW0001","message":"Not found"}]}}"#;
    for (status, body) in [(200, NOT_FOUND), (404, gone)] {
        assert!(matches!(read(status, body, 1), Ok(Step::Done(Found::Nothing))));
    }
    assert_eq!(found(200, TRACKED, 1).shipment_number, "1ZA1B2C30310000002");
}

#[test]
fn any_other_no_leaves_the_purchase_in_doubt() {
    let other = r#"{"response":{"errors":[{"code":"120100","message":"Bad shipper number"}]}}"#;
    let foreign = r#"{"response":{"errors":[{"code":"404","message":"Not found"}]}}"#;
    let short = r#"{"response":{"errors":[{"code":"TV1002","message":"Too short"}]}}"#;
    for (status, body) in [(400, other), (404, foreign), (403, NONE), (400, short)] {
        let read = read(status, body, 1);
        assert!(matches!(read, Ok(Step::Done(Found::Unclear(_)))), "{status} {body}: {read:?}");
    }
    let silent = r#"{"trackResponse":{"shipment":[{"inquiryNumber":"X"}]}}"#;
    assert!(matches!(read(200, silent, 1), Ok(Step::Done(Found::Unclear(_)))));
    for (status, body) in [(200, ""), (200, "{}"), (200, "<p>"), (404, "<p>")] {
        assert!(matches!(read(status, body, 1), Err(CarrierError::Garbled { .. })), "{body}");
    }
    assert!(matches!(read(503, NONE, 1), Err(CarrierError::Later { .. })));
    assert!(matches!(read(401, NONE, 1), Err(CarrierError::Unauthorised { .. })));
}
