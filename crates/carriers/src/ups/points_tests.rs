#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
use colibri_types::Grams;

use super::*;
use crate::{
    Contact,
    ups::testing::{NOW, answer, lyon, with_call},
};

const FOUND: &str = include_str!("fixtures/points-found/response.json");
const NONE: &str = include_str!("fixtures/points-none/response.json");
const REFUSED: &str = include_str!("fixtures/points-refused/response.json");

fn wanted() -> PointSearch {
    PointSearch {
        near: lyon(),
        ship_date: NOW.date(),
        weight: Grams(1_000),
        service: String::new(),
        limit: 5,
    }
}

fn ask(search: &PointSearch) -> Result<HttpRequest, Rejection> {
    with_call(|call| ServicePoints::request(&Ups, call, search))
}

fn read(status: u16, body: &str) -> Result<Vec<ServicePoint>, CarrierError> {
    ServicePoints::response(&Ups, &answer(status, body))
}

#[test]
fn points_are_asked_for_byte_by_byte_as_documented() {
    let request = ask(&wanted()).unwrap();
    let expected = include_str!("fixtures/points-found/request.json");
    assert_eq!(std::str::from_utf8(&request.body).unwrap(), expected.trim_end());
    assert!(request.url.ends_with("/api/locations/v3/search/availabilities/64"));
    let economy = PointSearch { service: "70".into(), ..wanted() };
    assert!(std::str::from_utf8(&ask(&economy).unwrap().body).unwrap().contains("\"004\""));
}

#[test]
fn points_are_read_nearest_first_with_their_hours() {
    let points = read(200, FOUND).unwrap();
    let ids: Vec<&str> = points.iter().map(|point| point.id.as_str()).collect();
    assert_eq!(ids, ["U00000002", "U00000001", "U00000003"], "one has no public id");
    let near = &points[0];
    assert_eq!((near.name.as_str(), near.distance_m), ("Tabac Fictif", Some(300)));
    assert_eq!(near.lines, ["4 rue Inventée", "Bâtiment B"]);
    assert_eq!((near.city.as_str(), near.postcode.as_str()), ("Lyon", "69002"));
    assert_eq!(near.position, Some((45_750_100, -4_830_000)));
    let hours = near.hours.as_ref().unwrap();
    assert_eq!(hours[0], [(time!(9:30), time!(19:00))], "Monday");
    assert_eq!(hours[4], [(time!(9:30), time!(23:59))], "until midnight");
    assert_eq!(hours[5], [(Time::MIDNIGHT, time!(23:59))], "all day");
    assert!(hours[6].is_empty() && hours[1].is_empty(), "closed, and not told");
    assert_eq!(points[1].distance_m, Some(1_931), "1.2 miles");
    assert_eq!((points[2].distance_m, points[2].hours.as_ref()), (None, None));
}

#[test]
fn a_no_may_come_as_a_success() {
    assert!(matches!(read(200, NONE), Err(CarrierError::Refused { code, .. }) if code == "350201"));
    let busy = NONE.replace("Hard", "Transient");
    assert!(matches!(read(200, &busy), Err(CarrierError::Later { .. })));
    assert!(matches!(read(400, REFUSED), Err(CarrierError::Refused { .. })));
    assert!(matches!(read(503, ""), Err(CarrierError::Later { .. })));
    for body in ["", "{}", "<p>", "[]", r#"{"LocatorResponse":{}}"#] {
        assert!(matches!(read(200, body), Err(CarrierError::Garbled { .. })), "{body}");
    }
}

#[test]
fn limits_are_known_before_any_call() {
    type Change = fn(&mut PointSearch);
    let cases: &[(&str, Change)] = &[
        ("limit", |s| s.limit = 0),
        ("limit", |s| s.limit = 51),
        ("near.country", |s| s.near.country = None),
        ("near.postcode", |s| s.near.postcode = "1/2".into()),
        ("near.postcode", |s| {
            s.near = Contact { country: s.near.country, ..Contact::default() };
        }),
    ];
    for (field, change) in cases {
        let mut wanted = wanted();
        change(&mut wanted);
        assert_eq!(ask(&wanted).unwrap_err().field, *field);
    }
}

#[test]
fn clocks_have_no_leading_zero() {
    for (text, expected) in [
        ("930", Some(time!(9:30))),
        ("0930", Some(time!(9:30))),
        ("0", Some(Time::MIDNIGHT)),
        ("1845", Some(time!(18:45))),
        ("2460", None),
        ("", None),
        ("9:30", None),
        ("00930", None),
    ] {
        assert_eq!(clock(text), expected, "{text}");
    }
}
