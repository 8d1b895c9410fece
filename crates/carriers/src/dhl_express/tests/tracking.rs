//! Scans of either interface, whatever the division.

use colibri_types::CivilTime;
use proptest::prelude::*;
use time::macros::datetime;

use super::*;
use crate::{
    CarrierError, Headline as H, MappedStatus, ParcelTrack, PollReply, Polling, StatusRow,
    SubStatus as S, ZoneSource,
    dhl_express::{CARRIER, TABLE, read_payload},
};

fn poll(status: u16, body: &str, number: &str) -> Result<PollReply, CarrierError> {
    let replies = Polling::response(&CARRIER, &answer(status, body), &[number.to_owned()])?;
    Ok(replies.into_iter().next().unwrap())
}

fn track(body: &str, number: &str) -> ParcelTrack {
    match poll(200, body, number).unwrap() {
        PollReply::Track(track) => track,
        other => panic!("{other:?}"),
    }
}

/// The reading of one event of a division.
fn unified(service: &str, status: &str, coarse: &str, words: &str) -> (String, MappedStatus) {
    let body = serde_json::json!({ "shipments": [{ "id": "1", "service": service, "events": [
        { "timestamp": "2026-11-20T10:00:00", "status": status, "statusCode": coarse,
          "description": words },
    ] }] });
    let mut tracks = read_payload(body.to_string().as_bytes()).unwrap();
    let scan = tracks.remove(0).scans.remove(0);
    (scan.code, scan.status)
}

fn to(headline: H, sub: Option<S>) -> MappedStatus {
    MappedStatus::State(headline, sub)
}

#[test]
fn numbers_choose_the_question() {
    let account = account();
    let url = |number: &str| {
        let numbers = [number.to_owned()];
        Polling::request(&CARRIER, &call(&account), &numbers).url
    };
    assert!(url("1234567891").contains("/shipments/1234567891/tracking?"));
    assert!(url("1234567891").contains("requestGMTOffsetPerEvent=true"));
    assert!(url("JD014600000000000001").contains("/tracking?pieceTrackingNumber=JD0146"));
    let other = url("00340434292135100000");
    assert!(other.contains("/track/shipments?trackingNumber=00340434292135100000"));
    assert!(other.ends_with("&service=parcel-de"), "{other}");
    assert!(url("x/../y").contains("trackingNumber=x%2F..%2Fy"));
}

#[test]
fn scans_come_in_the_order_of_their_times_with_their_offsets() {
    let body = r#"{"shipments":[{"shipmentTrackingNumber":"1234567891","status":"Success","events":[
        {"date":"2026-11-21","time":"06:00:00","GMTOffset":"+00:00","typeCode":"AF","description":"b",
         "serviceArea":[{"code":"EMA","description":"East Midlands-GB"}]},
        {"date":"2026-11-20","time":"18:21:00","GMTOffset":"+01:00","typeCode":"PU","description":"a",
         "serviceArea":[{"code":"LYS","description":"Lyon-FR"}],"signedBy":"NOBODY"},
        {"date":"2026-11-21","time":"02:00:00","GMTOffset":"-05:00","typeCode":"OK","description":"c",
         "serviceArea":[{"code":"JFK","description":"New York-US"}]}],
        "estimatedDeliveryDate":"2026-11-23"}]}"#;
    let track = track(body, "1234567891");
    let codes: Vec<_> = track.scans.iter().map(|scan| scan.code.as_str()).collect();
    assert_eq!(codes, ["PU", "AF", "OK"]);
    assert_eq!(track.scans[0].sequence, 0);
    assert_eq!(track.scans[0].utc(), Some(datetime!(2026-11-20 17:21 UTC)));
    assert_eq!(track.scans[0].zone_source, ZoneSource::GmtFields);
    assert_eq!(track.scans[0].location.text().as_deref(), Some("Lyon, FR"));
    assert_eq!(track.promised, Some(CivilTime::day(date!(2026 - 11 - 23))));
    assert!(!format!("{:?}", track.scans[0].description).contains("NOBODY"));
}

#[test]
fn a_time_without_offset_takes_its_places_zone_or_none() {
    let event = |area: &str| {
        let body = format!(
            r#"{{"shipments":[{{"shipmentTrackingNumber":"1234567891","events":[{{"date":"2026-07-01",
            "time":"10:00:00","typeCode":"PU","serviceArea":[{{"description":"{area}"}}]}}]}}]}}"#
        );
        track(&body, "1234567891").scans.remove(0)
    };
    let lyon = event("Lyon-FR");
    assert_eq!(
        (lyon.utc(), lyon.zone_source),
        (Some(datetime!(2026-07-01 8:00 UTC)), ZoneSource::Place)
    );
    for nowhere in ["New York-US", "Somewhere", ""] {
        let scan = event(nowhere);
        assert_eq!((scan.utc(), scan.zone_source), (None, ZoneSource::None), "{nowhere}");
        assert!(scan.time.is_some());
    }
}

#[test]
fn pieces_have_their_own_story() {
    let body = r#"{"shipments":[{"shipmentTrackingNumber":"1234567891","events":[],"pieces":[
        {"trackingNumber":"JD014600000000000001","events":[
          {"date":"2026-11-20","time":"18:00:00","typeCode":"OK"}]},
        {"trackingNumber":"JD014600000000000002","events":[
          {"date":"2026-11-20","time":"18:00:00","typeCode":"NH"}]}]}]}"#;
    assert_eq!(track(body, "JD014600000000000002").scans[0].code, "NH");
    assert!(track(body, "1234567891").scans.is_empty());
    let numbers: Vec<_> = read_payload(body.as_bytes())
        .unwrap()
        .into_iter()
        .map(|track| (track.tracking_number.len(), track.scans.len()))
        .collect();
    assert_eq!(numbers, [(10, 0), (20, 1), (20, 1)]);
    assert!(matches!(poll(200, body, "9999999999"), Ok(PollReply::NotFound { .. })));
}

#[test]
fn an_unknown_code_stays_unknown_whatever_the_coarse_status_says() {
    assert_eq!(unified("express", "QZ", "transit", "x"), ("QZ".into(), MappedStatus::Unknown));
    assert_eq!(unified("parcel-nl", "", "", ""), (String::new(), MappedStatus::Unknown));
    assert_eq!(unified("", "SOMETHING", "", "").1, MappedStatus::Unknown);
}

#[test]
fn divisions_have_their_own_codes_and_the_coarse_one_comes_last() {
    use H as h;
    for (service, status, coarse, words, expected) in [
        ("express", "CD", "pre-transit", "", to(h::Delayed, Some(S::CustomsHold))),
        ("parcel-nl", "DELIVERED_AT_SHIPPER", "transit", "", to(h::Returned, None)),
        ("svb", "RETURNED_TO_SENDER", "delivered", "", to(h::Returned, None)),
        ("svb", "SENT_BACK", "transit", "", to(h::Exception, Some(S::Returning))),
        (
            "ecommerce-europe",
            "43",
            "delivered",
            "",
            to(h::OutForDelivery, Some(S::AvailableForPickup)),
        ),
        ("express", "DD", "delivered", "", to(h::Delivered, Some(S::Damaged))),
        ("parcel-de", "DD", "transit", "", MappedStatus::NoChange),
        ("ecommerce-ppl", "464", "failure", "", to(h::Exception, Some(S::Refused))),
        ("dgf", "HELD_AT_CUSTOMS", "transit", "", to(h::Delayed, Some(S::CustomsHold))),
        ("parcel-de", "The shipment is moving", "transit", "", to(h::InTransit, None)),
        ("parcel-pl", "", "delivered", "przesylka", to(h::Delivered, None)),
        ("freight", "X1", "delivered", "Returned to shipper", to(h::Returned, None)),
        ("freight", "X1", "transit", "Return begun", to(h::Exception, Some(S::Returning))),
        ("freight", "X1", "failure", "Refused", to(h::Exception, Some(S::Refused))),
        (
            "freight",
            "X1",
            "transit",
            "Ready for collection",
            to(h::OutForDelivery, Some(S::AvailableForPickup)),
        ),
        ("freight", "X1", "transit", "Held at customs", to(h::Delayed, Some(S::CustomsHold))),
        ("freight", "X1", "pre-transit", "Return label", to(h::Created, None)),
        ("freight", "X1", "unknown", "", MappedStatus::NoChange),
    ] {
        let (code, read) = unified(service, status, coarse, words);
        assert_eq!(read, expected, "{service} {status} {words} ({code})");
    }
    assert_eq!(unified("parcel-de", "ZU", "", "").0, "parcel-de/ZU");
    assert_eq!(unified("parcel-de", "A sentence", "transit", "").0, "unified/transit");
    assert_eq!(unified("freight", "X1", "transit", "").0, "freight/X1");
}

#[test]
fn not_found_needs_dhls_words() {
    let mydhl = r#"{"title":"Not data found","detail":"7163: nothing","status":404}"#;
    let unified = r#"{"title":"No result found","status":404,
        "detail":"No shipment with given tracking number found."}"#;
    for body in [mydhl, unified] {
        assert!(matches!(poll(404, body, "1234567891"), Ok(PollReply::NotFound { .. })), "{body}");
    }
    let gateway = r#"{"title":"Not Found","detail":"no route","status":404}"#;
    assert!(matches!(poll(404, gateway, "1234567891"), Ok(PollReply::Broken { .. })));
    assert!(poll(404, "<html>", "1234567891").is_err());
    assert!(matches!(poll(429, "{}", "1"), Err(CarrierError::Later { .. })));
}

#[test]
fn every_shape_of_a_body_is_read() {
    let one = r#"{"id":"1","service":"express","status":{"timestamp":"2026-11-20T10:00:00Z","status":"PU"}}"#;
    for body in [
        one.to_owned(),
        format!("[{one}]"),
        format!(r#"{{"shipments":[{one}]}}"#),
        format!(r#"{{"shipments":{one}}}"#),
        format!(r#"{{"scope":"subscription.push","service":"express","shipment":{one}}}"#),
    ] {
        let tracks = read_payload(body.as_bytes()).unwrap();
        assert_eq!((tracks.len(), tracks[0].scans[0].code.as_str()), (1, "PU"), "{body}");
    }
    // The division may stand on the envelope only.
    let outside = r#"{"service":"express","shipments":[{"id":"1","events":[{"status":"WC"}]}]}"#;
    let scan = &read_payload(outside.as_bytes()).unwrap()[0].scans[0];
    assert_eq!(scan.status, to(H::OutForDelivery, None));
    for nothing in ["{}", "[]", "null", "", "<p>", r#"{"shipments":[]}"#, r#"{"id":"1"}"#] {
        assert!(read_payload(nothing.as_bytes()).is_err(), "{nothing}");
    }
}

#[test]
fn the_table_equals_the_researched_map() {
    let map = FIXTURES.text("statuses", "status_map.tsv");
    let mut expected: Vec<(String, MappedStatus)> = map
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let status = match cells[1] {
                "no_change" => MappedStatus::NoChange,
                headline => to(H::parse(headline).unwrap(), S::parse(cells[2])),
            };
            (cells[0].to_owned(), status)
        })
        .collect();
    let row = |row: &StatusRow| (row.code.to_owned(), row.status);
    let mut table: Vec<_> = TABLE.iter().map(row).collect();
    let order = |pair: &(String, MappedStatus)| pair.0.clone();
    expected.sort_by_key(order);
    table.sort_by_key(order);
    assert_eq!(table, expected);
}

/// JSON with the members of both interfaces, in places where they do not belong.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "null",
        "0",
        "-1.5e300",
        "\"\"",
        "\"PU\"",
        "\"2026-11-20\"",
        "\"18:00\"",
        "true",
        "[]",
        "{}",
        "\"express\"",
        "\"+99:00\"",
        "\"2026-11-20T10:00:00+01:00\"",
        "\"-\"",
        "[\"JD1\"]",
    ]);
    let name = prop::sample::select(vec![
        "shipments",
        "shipment",
        "id",
        "service",
        "status",
        "events",
        "pieces",
        "trackingNumber",
        "shipmentTrackingNumber",
        "timestamp",
        "date",
        "time",
        "GMTOffset",
        "typeCode",
        "statusCode",
        "serviceArea",
        "description",
        "location",
        "address",
        "details",
        "pieceIds",
        "servicePoints",
        "facilityId",
        "openingHours",
        "products",
        "totalPrice",
        "price",
        "priceCurrency",
        "currencyType",
        "productCode",
        "packages",
        "documents",
        "content",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(6, 60, 5, move |inner| {
        let member = (name.clone(), inner.clone()).prop_map(|(n, v)| format!("\"{n}\":{v}"));
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|all| format!("[{}]", all.join(","))),
            prop::collection::vec(member, 0..6).prop_map(|all| format!("{{{}}}", all.join(","))),
        ]
    })
}

proptest! {
    #[test]
    fn no_body_is_a_panic(body in json(), status in prop::sample::select(vec![200_u16, 400, 404])) {
        use crate::{Labels, Pickups, Rates, ServicePoints};
        let _ = read_payload(body.as_bytes());
        let _ = poll(status, &body, "JD1");
        let response = answer(status, &body);
        let _ = Labels::response(&CARRIER, &response, &shipment("FR", "DE"));
        let _ = Rates::response(&CARRIER, &response, &shipment("FR", "DE"));
        let _ = ServicePoints::response(&CARRIER, &response);
        let _ = Pickups::response(&CARRIER, &response, &super::others::pickup());
    }

    #[test]
    fn a_broken_shipment_never_hides_its_neighbour(broken in json()) {
        let good = r#"{"shipmentTrackingNumber":"1234567891","events":[
            {"date":"2026-11-20","time":"18:00:00","typeCode":"PU"}]}"#;
        for body in [
            format!(r#"{{"shipments":[{broken},{good}]}}"#),
            format!(r#"{{"shipments":[{good},{broken}]}}"#),
        ] {
            let tracks = read_payload(body.as_bytes()).unwrap();
            let ours = |track: &&ParcelTrack| track.tracking_number == "1234567891";
            prop_assert!(tracks.iter().any(|track| ours(&track) && track.scans.len() == 1));
        }
    }
}
