#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
use colibri_types::{Currency, Money};

use super::*;
use crate::ups::testing::{answer, berlin, lyon, shipment, with_call, zurich};

const TWO: &str = include_str!("fixtures/rates-two/response.json");

fn read(status: u16, body: &str) -> Result<Vec<Rate>, CarrierError> {
    let shipment = shipment(lyon(), berlin(), 1);
    match Rates::response(&Ups, &answer(status, body), &shipment)? {
        Step::Done(rates) => Ok(rates),
        Step::Next(_) => panic!("one question"),
    }
}

#[test]
fn the_contract_price_comes_before_the_public_one() {
    let rates = read(200, TWO).unwrap();
    let eur = |minor| Money::new(minor, Currency::EUR);
    assert_eq!(rates.len(), 2, "a price without an amount is none");
    assert_eq!((rates[0].service.as_str(), rates[0].total), ("11", eur(1_185)));
    assert_eq!(rates[0].charges[0].amount, eur(210));
    assert_eq!(rates[0].transit_days, Some(2));
    assert_eq!(rates[0].delivery.unwrap().to_string(), "2026-11-24T23:00:00");
    assert_eq!((rates[1].service.as_str(), rates[1].total), ("65", eur(3_140)));
    assert_eq!((rates[1].delivery, rates[1].transit_days), (None, Some(1)));
    let object = TWO.replace("\"RateResponse\": {", "\"RateResponse\": { \"x\": 1,");
    assert_eq!(read(200, &object).unwrap(), rates);
}

#[test]
fn refusals_and_noise_are_no_prices() {
    let refused = r#"{"response":{"errors":[{"code":"111210","message":"not served"}]}}"#;
    assert!(matches!(read(400, refused), Err(CarrierError::Refused { .. })));
    assert!(matches!(read(503, ""), Err(CarrierError::Later { .. })));
    for body in ["", "{}", "<p>", "[]"] {
        assert!(matches!(read(200, body), Err(CarrierError::Garbled { .. })), "{body}");
    }
    assert!(read(200, r#"{"RateResponse":{}}"#).unwrap().is_empty());
}

#[test]
fn one_service_or_all_are_asked_for() {
    let ask = |shipment: &Shipment| with_call(|call| Rates::request(&Ups, call, shipment));
    let one = ask(&shipment(lyon(), berlin(), 1)).unwrap();
    assert!(one.url.ends_with("/api/rating/v2409/Ratetimeintransit"));
    let expected = include_str!("fixtures/rates-two/request.json");
    assert_eq!(std::str::from_utf8(&one.body).unwrap(), expected.trim_end());
    let mut all = shipment(lyon(), zurich(), 2);
    all.service = String::new();
    let request = ask(&all).unwrap();
    assert!(request.url.ends_with("/Shoptimeintransit"));
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let shipment_out = &body["RateRequest"]["Shipment"];
    assert!(shipment_out["Service"].is_null());
    assert_eq!(shipment_out["InvoiceLineTotal"]["MonetaryValue"], "98.00");
    all.service = "99".into();
    assert_eq!(ask(&all).unwrap_err().field, "service");
}
