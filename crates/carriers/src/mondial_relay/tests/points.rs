use serde_json::json;
use time::Duration;

use super::*;
use crate::{CarrierError, PointSearch, ServicePoints};

fn points() -> &'static dyn ServicePoints {
    CARRIER.service_points().unwrap()
}

fn search() -> PointSearch {
    PointSearch {
        near: shipment().recipient,
        ship_date: NOW.date() + Duration::days(2),
        weight: Grams(1_250),
        service: String::new(),
        limit: 50,
    }
}

#[test]
fn searches_and_checks_are_written_to_the_byte() {
    FIXTURES
        .assert_request("points_found", &points().request(&call(&account()), &search()).unwrap());
    let check = CARRIER.account_check().unwrap();
    FIXTURES.assert_request("account_check", &check.request(&call(&account())));
}

#[test]
fn a_city_is_told_only_without_a_postcode() {
    let body = |search: &PointSearch| {
        let request = points().request(&call(&account()), search).unwrap();
        String::from_utf8_lossy(&request.body).into_owned()
    };
    assert!(!body(&search()).contains("<Ville>"));
    let mut by_city = search();
    by_city.near.postcode.clear();
    by_city.service = "24L".to_owned();
    by_city.ship_date = NOW.date() - Duration::days(2);
    let body = body(&by_city);
    for part in [
        "<Ville>SAINT-ETIENNE</Ville>",
        "<Action>24L</Action>",
        "<DelaiEnvoi>0</DelaiEnvoi>",
        "<NombreResultats>30</NombreResultats>",
    ] {
        assert!(body.contains(part), "{part}");
    }
}

#[test]
fn searches_that_cannot_be_asked_are_rejected() {
    type Change = fn(&mut PointSearch);
    let changes: &[(&str, Change)] = &[
        ("near.country", |s| s.near.country = None),
        ("near.postcode", |s| s.near.postcode = "35000</CP>".to_owned()),
        ("near.postcode", |s| {
            s.near.postcode.clear();
            s.near.city.clear();
        }),
        ("service", |s| s.service = "HOM".to_owned()),
    ];
    for (field, change) in changes {
        let mut search = search();
        change(&mut search);
        let rejection = points().request(&call(&account()), &search).unwrap_err();
        assert_eq!(rejection.field, *field);
    }
}

#[test]
fn answers_are_read_as_points_nearest_first() {
    for case in FIXTURES.cases("points_") {
        let told = match points().response(&FIXTURES.response(&case)) {
            Err(error) => json!({ "error": error.to_string() }),
            Ok(points) => json!({
                "points": points.iter().map(|point| json!({
                    "id": point.id,
                    "name": point.name,
                    "lines": point.lines,
                    "distance": point.distance_m,
                    "position": point.position,
                    "openings": point.hours.as_ref().map(|week| week.iter().flatten().count()),
                    "closures": point.closures.iter()
                        .map(|(from, to)| format!("{from} {to}")).collect::<Vec<_>>(),
                    "locker": point.locker,
                })).collect::<Vec<_>>(),
            }),
        };
        assert_eq!(told, FIXTURES.expected(&case), "{case}");
    }
}

#[test]
fn an_account_is_proven_by_any_search() {
    let check = CARRIER.account_check().unwrap();
    assert!(check.response(&FIXTURES.response("points_none")).is_ok());
    let refused = check.response(&FIXTURES.response("points_signature"));
    assert!(matches!(refused, Err(CarrierError::Unauthorised { .. })), "{refused:?}");
}

proptest::proptest! {
    #[test]
    fn odd_values_never_panic_and_never_hide_a_neighbour(
        name in proptest::sample::select(vec![
            "Num", "Latitude", "Longitude", "Distance", "string", "Debut", "Fin", "Pays", "LgAdr1",
        ]),
        value in "[^<&\u{0}-\u{1f}]{0,12}",
    ) {
        let whole = FIXTURES.response("points_found");
        let text = String::from_utf8(whole.body.to_vec()).unwrap();
        // The first point only: the second is left as it is.
        let (start, end) = (format!("<{name}>"), format!("</{name}>"));
        let text = match text.split_once(&start) {
            Some((head, rest)) => {
                let tail = rest.split_once(&end).unwrap().1;
                format!("{head}{start}{value}{end}{tail}")
            }
            None => text,
        };
        let points = points().response(&HttpResponse { body: text.into(), ..whole }).unwrap();
        proptest::prop_assert!(points.iter().any(|point| point.id == "035004"));
    }
}
