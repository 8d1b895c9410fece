//! Checks, voids, lookups, collections, the end of a day, shops.

use colibri_types::Grams;
use time::macros::{date, time};

use super::{FIXTURES, berlin, lyon, shipment, with_call};
use crate::{
    CarrierError, Check, Found, Lookup, ManifestRequest, Manifests, PickupRequest, Pickups,
    PointSearch, Purchase, ServicePoints, Shipment, Step, Voids, gls::Gls,
};

#[test]
fn a_check_passes_or_tells_all_issues() {
    let request = with_call(|call| Check::request(&Gls, call, &shipment(1))).unwrap();
    FIXTURES.assert_request("check", &request);
    assert!(matches!(Check::response(&Gls, &FIXTURES.response("check")), Ok(Step::Done(()))));
    let no = Check::response(&Gls, &FIXTURES.response("check_issues")).map(|_| ()).unwrap_err();
    let CarrierError::Refused { code, message } = no else { panic!("{no:?}") };
    assert_eq!(code, "COMMON_VALIDATION_ERROR");
    assert!(message.contains("Shipment.Consignee: Zipcode, 10115; INVALID_FIELD_VALUE"));
}

fn purchase(number: &str) -> Purchase {
    Purchase { shipment_number: number.to_owned(), labels: Vec::new(), charge: None }
}

#[test]
fn a_parcel_is_cancelled_by_its_track_id() {
    let ask = |number: &str| with_call(|call| Voids::request(&Gls, call, &purchase(number)));
    FIXTURES.assert_request("cancel", &ask("ZA00AB12").unwrap());
    for number in ["90000000017", "ZA00AB13,ZA00AB14", "ZA00AB1/", ""] {
        assert_eq!(ask(number).unwrap_err().field, "shipment_number");
    }
    let label = |number: &str| crate::Label {
        tracking_number: number.to_owned(),
        format: crate::LabelFormat::Pdf,
        data: Default::default(),
    };
    let mut two = purchase("ZA00AB13,ZA00AB14");
    assert_eq!(Voids::parts(&Gls, &two), std::slice::from_ref(&two), "nothing is guessed");
    two.labels = vec![label("90000000017"), label("90000000028")];
    let numbers = Voids::parts(&Gls, &two).into_iter().map(|part| part.shipment_number);
    assert_eq!(numbers.collect::<Vec<_>>(), ["ZA00AB13", "ZA00AB14"]);
    for case in ["cancel", "cancel_pending"] {
        assert!(
            matches!(Voids::response(&Gls, &FIXTURES.response(case)), Ok(Step::Done(()))),
            "{case}"
        );
    }
    for case in ["cancel_scanned", "cancel_error", "cancel_unknown"] {
        let no = Voids::response(&Gls, &FIXTURES.response(case)).map(|_| ()).unwrap_err();
        assert!(matches!(no, CarrierError::Refused { .. }), "{case}");
    }
}

fn looked_up(case: &str, shipment: &Shipment) -> Result<Step<Found>, CarrierError> {
    with_call(|call| Lookup::response(&Gls, call, &FIXTURES.response(case), shipment))
}

#[test]
fn a_lost_purchase_is_found_or_not_with_two_questions() {
    let one = shipment(1);
    let request = with_call(|call| Lookup::request(&Gls, call, &one));
    FIXTURES.assert_request("find_one", &request);
    let Ok(Step::Done(Found::Purchase(found))) = looked_up("find_one", &one) else {
        panic!("found")
    };
    assert_eq!(found.shipment_number, "ZA00AB12");
    assert!(found.labels[0].data.is_empty());
    let Ok(Step::Next(second)) = looked_up("find_none", &one) else { panic!("a second question") };
    FIXTURES.assert_request("again_none", &second);
    let Ok(Step::Done(Found::Purchase(again))) = looked_up("again", &one) else { panic!("found") };
    assert!(again.labels[0].data.starts_with(b"%PDF-1.4 again"));
    assert!(matches!(looked_up("again_none", &one), Ok(Step::Done(Found::Nothing))));
}

#[test]
fn what_says_nothing_either_way_stays_in_doubt() {
    let (one, two) = (shipment(1), shipment(2));
    for (case, shipment) in
        [("find_refused", &one), ("find_two", &one), ("find_one", &two), ("again", &two)]
    {
        let found = looked_up(case, shipment);
        assert!(matches!(found, Ok(Step::Done(Found::Unclear(_)))), "{case} {found:?}");
    }
    for case in ["gateway_quota", "gateway_expired", "gateway_html", "track"] {
        assert!(looked_up(case, &one).is_err(), "{case}");
    }
}

fn collection() -> PickupRequest {
    PickupRequest {
        reference: "PICKUP0001".to_owned(),
        address: lyon(),
        date: date!(2026 - 11 - 23),
        ready: time!(14:00),
        close: time!(18:30),
        service: "EXPRESS_1200".to_owned(),
        destination: None,
        parcels: 3,
        weight: Grams(12_340),
        tracking_numbers: Vec::new(),
        instructions: "Quai 3".to_owned(),
    }
}

#[test]
fn collections_have_the_day_that_gls_says() {
    let ask = |wanted: &PickupRequest| with_call(|call| Pickups::request(&Gls, call, wanted));
    FIXTURES.assert_request("collect", &ask(&collection()).unwrap());
    let read = |case: &str| Pickups::response(&Gls, &FIXTURES.response(case), &collection());
    let Ok(Step::Done(pickup)) = read("collect") else { panic!("a day") };
    assert_eq!((pickup.confirmation.as_str(), pickup.date), ("PICKUP0001", date!(2026 - 11 - 24)));
    assert!(matches!(read("collect_refused"), Err(CarrierError::Refused { .. })));
    assert!(matches!(read("gateway_html"), Err(CarrierError::Garbled { .. })));
    assert!(Gls.cancellation().is_none());
    let past = PickupRequest { date: date!(2026 - 11 - 19), ..collection() };
    assert_eq!(ask(&past).unwrap_err().field, "date");
    let none = PickupRequest { parcels: 0, ..collection() };
    assert_eq!(ask(&none).unwrap_err().field, "parcels");
}

#[test]
fn a_day_is_closed_without_paper() {
    let day = ManifestRequest {
        reference: "MANIFEST0001".to_owned(),
        site: lyon(),
        date: date!(2026 - 11 - 20),
        tracking_numbers: vec!["90000000017".to_owned()],
    };
    let request = with_call(|call| Manifests::request(&Gls, call, &day)).unwrap();
    FIXTURES.assert_request("close", &request);
    let Ok(Step::Done(manifest)) = Manifests::response(&Gls, &FIXTURES.response("close")) else {
        panic!("closed")
    };
    assert!(manifest.number.is_empty() && manifest.document.is_none());
    for case in ["close_empty", "close_refused"] {
        let no = Manifests::response(&Gls, &FIXTURES.response(case)).map(|_| ()).unwrap_err();
        assert!(matches!(no, CarrierError::Refused { .. }), "{case}");
    }
}

#[test]
fn shops_are_near_first_with_their_hours() {
    let mut search = PointSearch {
        near: berlin(),
        ship_date: date!(2026 - 11 - 20),
        weight: Grams(1_000),
        service: String::new(),
        limit: 5,
    };
    let request = with_call(|call| ServicePoints::request(&Gls, call, &search)).unwrap();
    FIXTURES.assert_request("shops", &request);
    let points = ServicePoints::response(&Gls, &FIXTURES.response("shops")).unwrap();
    let ids: Vec<_> = points.iter().map(|point| point.id.as_str()).collect();
    assert_eq!(ids, ["GLS_FR-2503500002", "GLS_FR-2503500001"]);
    let [near, far] = points.as_slice() else { panic!("two") };
    assert_eq!((near.distance_m, far.distance_m), (Some(400), Some(1_250)));
    assert!(near.hours.is_none() && near.position.is_none());
    assert_eq!(far.position, Some((48_109_940, -1_679_180)));
    assert_eq!(far.lines, ["rue Fictive 7", "Galerie"]);
    let hours = far.hours.as_ref().unwrap();
    assert_eq!(hours[0], [(time!(09:00), time!(12:00)), (time!(14:00), time!(19:00))]);
    assert_eq!(hours[1], [(time!(09:00), time!(19:00))]);
    assert!(hours[2].is_empty() && hours[6].is_empty());
    assert_eq!(hours[5], [(time!(10:00), time!(17:00))]);
    assert_eq!(far.closures, [(date!(2026 - 12 - 24), date!(2026 - 12 - 27))]);
    let no = ServicePoints::response(&Gls, &FIXTURES.response("shops_refused")).unwrap_err();
    assert!(matches!(no, CarrierError::Refused { .. }));
    search.limit = 0;
    let rejection = with_call(|call| ServicePoints::request(&Gls, call, &search)).unwrap_err();
    assert_eq!(rejection.field, "limit");
}
