//! Records: kept whole, stored small, made again.

use super::support::*;
use crate::domain::{
    Code, Inputs, Outcome, RateError, ShipOption, Snapshot, Tariff, VerifyError, decide,
    demo_tariffs, recompute, verify,
};

fn inputs() -> Inputs {
    Inputs {
        request: with_option(request(2400), ShipOption::Signature),
        now: NOW,
        wanted: Some(day("2026-06-04")),
        rules: rules(),
        fx: Some(rates()),
        tariffs: demo_tariffs().unwrap(),
    }
}

#[test]
fn a_record_is_written_read_and_made_again_byte_for_byte() {
    let snapshot = decide(inputs()).unwrap();
    let written = serde_json::to_string(&snapshot).unwrap();
    let read: Snapshot = serde_json::from_str(&written).unwrap();
    assert_eq!(read, snapshot);
    let again = recompute(&read).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), written);
    verify(&read).unwrap();
}

#[test]
fn a_changed_record_does_not_stand() {
    let snapshot = decide(inputs()).unwrap();
    let mut changed = snapshot.clone();
    if let Outcome::Chosen { total, .. } = &mut changed.choice.outcome {
        total.amount_minor -= 1;
    }
    assert!(matches!(
        verify(&changed),
        Err(VerifyError::Differs { now }) if *now == snapshot
    ));
    let mut old = snapshot;
    old.engine = 0;
    let verdict = verify(&old);
    assert!(matches!(verdict, Err(VerifyError::Engine { found: 0 })));
}

#[test]
fn the_stored_form_names_its_tariffs_and_expands_again() {
    let snapshot = decide(inputs()).unwrap();
    let compact = snapshot.compact();
    let written = serde_json::to_string(&compact).unwrap();
    assert!(written.len() * 4 < serde_json::to_string(&snapshot).unwrap().len());
    let read: crate::domain::CompactSnapshot = serde_json::from_str(&written).unwrap();
    let tariffs = demo_tariffs().unwrap();
    let find = |name: &_| tariffs.iter().find(|t| t.reference() == *name).cloned();
    assert_eq!(read.expand(find).unwrap(), snapshot);
    let missing = read.expand(|_| None).unwrap_err();
    assert_eq!(Some(&missing.tariff), compact.inputs.tariffs.first());
}

#[test]
fn requests_that_no_tariff_could_price_are_refused_with_their_code() {
    let check = |change: fn(&mut crate::domain::Request)| {
        let mut inputs = inputs();
        change(&mut inputs.request);
        decide(inputs).err().map(|error| error.code())
    };
    let parcels = Some(Code::RequestParcels);
    assert_eq!(check(|_| {}), None);
    assert_eq!(check(|r| r.parcels.clear()), parcels);
    assert_eq!(check(|r| r.parcels = vec![parcel(1); 201]), parcels);
    assert_eq!(check(|r| r.parcels = vec![parcel(1); 200]), None);
    assert_eq!(check(|r| r.parcels = vec![parcel(0)]), parcels);
    assert_eq!(check(|r| r.parcels = vec![parcel(1_000_001)]), parcels);
    assert_eq!(check(|r| r.parcels = vec![sized(1, [1, 0, 1])]), parcels);
    assert_eq!(check(|r| r.parcels = vec![sized(1, [1, 1, 100_001])]), parcels);
    let past = check(|r| r.ship_date = day("2026-05-31"));
    assert_eq!(past, Some(Code::RequestShipDate));
    for postcode in ["75001é", "12345678901234567", "a;b"] {
        let mut inputs = inputs();
        inputs.request.destination.postcode = Some(postcode.to_owned());
        assert_eq!(decide(inputs).unwrap_err().code(), Code::RequestPostcode);
    }
    let negative = check(|r| {
        r.value = Some(colibri_types::Money::new(-1, colibri_types::Currency::EUR));
    });
    assert_eq!(negative, Some(Code::RequestValue));
}

#[test]
fn one_name_for_two_tariffs_is_refused() {
    let one = tariff(|_| {});
    let other: Tariff = tariff(|sheet| "Other".clone_into(&mut sheet.label));
    let mut inputs = inputs();
    inputs.tariffs = vec![one.clone(), other];
    let tariff = one.reference();
    assert_eq!(decide(inputs), Err(RateError::Duplicate { tariff }));
}
