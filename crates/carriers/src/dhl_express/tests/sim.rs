//! The simulator's own habits, asked without the connector where it would not ask so.

use time::Duration;

use super::{
    round_trip::{buy, send, sim},
    *,
};
use crate::{
    CarrierError, Labels, Method, PollReply, Polling, dhl_express::CARRIER, sim::ScanFaults,
    sim::Simulator,
};

fn get(sim: &mut dyn Simulator, path: &str) -> (u16, serde_json::Value) {
    let account = account();
    let host = "https://express.api.dhl.com/mydhlapi";
    let mut request = super::super::common::call(&call(&account), Method::Get, path);
    request.url = format!("{host}{path}");
    let answer = send(sim, &request, NOW + Duration::days(40));
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

fn unified(sim: &mut dyn Simulator, query: &str, days: i64) -> (u16, serde_json::Value) {
    let url = format!("https://api-eu.dhl.com/track/shipments?{query}");
    let request = HttpRequest::new(Method::Get, url).header("DHL-API-Key", "key");
    let answer = send(sim, &request, NOW + Duration::days(days));
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

#[test]
fn offsets_come_only_when_asked_of_one_number() {
    let mut sim = sim(5, ScanFaults::default());
    let number = buy(sim.as_mut(), &shipment("FR", "DE")).unwrap().shipment_number;
    let mut offset = |path: &str| {
        let (status, body) = get(sim.as_mut(), path);
        assert_eq!(status, 200, "{path}");
        body["shipments"][0]["events"][0].get("GMTOffset").is_some()
    };
    assert!(!offset(&format!("/shipments/{number}/tracking")));
    assert!(offset(&format!("/shipments/{number}/tracking?requestGMTOffsetPerEvent=true")));
    let twice = format!(
        "/tracking?shipmentTrackingNumber={number}&shipmentTrackingNumber=9\
         &requestGMTOffsetPerEvent=true"
    );
    assert!(!offset(&twice));
}

#[test]
fn the_test_environment_knows_its_fifteen_numbers() {
    let mut sim = sim(5, ScanFaults::default());
    let (status, body) = get(sim.as_mut(), "/test/shipments/9356579890/tracking");
    assert_eq!((status, body["shipments"][0]["status"].as_str()), (200, Some("Success")));
    let (status, body) = get(sim.as_mut(), "/shipments/9356579890/tracking");
    assert_eq!((status, body["detail"].as_str()), (404, Some("7163: No Shipments Found")));
}

#[test]
fn schema_and_rules_are_refused_apart() {
    let mut sim = sim(5, ScanFaults::default());
    let account = account();
    let good = Labels::request(&CARRIER, &call(&account), &shipment("FR", "CH")).unwrap();
    let mut refused = |change: fn(&mut serde_json::Value)| {
        let mut sent = body(&good);
        change(&mut sent);
        let request = HttpRequest { body: sent.to_string().into(), ..good.clone() };
        let answer = send(sim.as_mut(), &request, NOW);
        let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        let error = Labels::response(&CARRIER, &answer, &shipment("FR", "CH")).unwrap_err();
        (answer.status, body["detail"].as_str().unwrap_or_default().to_owned(), error)
    };
    let (status, detail, error) = refused(|b| b["content"]["description"] = "x".repeat(71).into());
    assert_eq!((status, detail.starts_with("Multiple")), (422, true));
    assert!(matches!(error, CarrierError::Refused { .. }));
    let (status, detail, _) = refused(|b| b["productCode"] = "U".into());
    assert_eq!((status, detail.starts_with("7005:")), (400, true));
    let (status, detail, _) = refused(|b| b["content"]["declaredValue"] = 0.into());
    assert_eq!((status, detail.starts_with("7120:")), (400, true));
    let (_, detail, _) =
        refused(|b| b["plannedShippingDateAndTime"] = "2026-11-01T10:00:00 GMT+01:00".into());
    assert!(detail.starts_with("998:"), "{detail}");
    for number in ["123457008", "123450999"] {
        let account = {
            let mut account = account.clone();
            account.fields.insert("account_number".into(), number.to_owned().into());
            account
        };
        let request = Labels::request(&CARRIER, &call(&account), &shipment("FR", "CH")).unwrap();
        let answer = send(sim.as_mut(), &request, NOW);
        let error = Labels::response(&CARRIER, &answer, &shipment("FR", "CH")).unwrap_err();
        assert!(matches!(error, CarrierError::Garbled { .. }), "{number}: money is in doubt");
    }
    assert!(sim.ledger().is_empty());
}

#[test]
fn without_a_division_a_stranger_comes_along() {
    let mut sim = sim(5, ScanFaults::default());
    let number = buy(sim.as_mut(), &shipment("FR", "DE")).unwrap().shipment_number;
    let count = |body: &serde_json::Value| body["shipments"].as_array().unwrap().len();
    let (_, both) = unified(sim.as_mut(), &format!("trackingNumber={number}"), 1);
    assert_eq!(count(&both), 2);
    let (_, ours) = unified(sim.as_mut(), &format!("trackingNumber={number}&service=express"), 1);
    assert_eq!(count(&ours), 1);
    let tracks = crate::dhl_express::read_payload(ours.to_string().as_bytes()).unwrap();
    assert_eq!(tracks[0].tracking_number, number);
    assert_eq!(unified(sim.as_mut(), "trackingNumber=9&service=express", 1).0, 404);
}

#[test]
fn unified_answers_fold_to_what_mydhl_says() {
    let mut sim = sim(6, ScanFaults::default());
    for _ in 0..40 {
        let number = buy(sim.as_mut(), &shipment("FR", "CH")).unwrap().shipment_number;
        let query = format!("trackingNumber={number}&service=express");
        let (_, body) = unified(sim.as_mut(), &query, 40);
        let scans =
            crate::dhl_express::read_payload(body.to_string().as_bytes()).unwrap().remove(0).scans;
        let end = NOW + Duration::days(40);
        let polled = super::round_trip::track(sim.as_mut(), &number, end).scans;
        let (left, right) = (crate::fold(&scans, None).1, crate::fold(&polled, None).1);
        assert_eq!((left.headline, left.sub), (right.headline, right.sub));
    }
}

#[test]
fn unified_calls_are_counted_until_midnight() {
    let mut sim = sim(5, ScanFaults::default());
    let query = "trackingNumber=1&service=svb";
    let mut last = 200;
    for _ in 0..251 {
        last = unified(sim.as_mut(), query, 0).0;
    }
    assert_eq!(last, 429);
    assert_eq!(unified(sim.as_mut(), query, 1).0, 200);
}

#[test]
fn another_divisions_number_is_asked_in_its_division() {
    let mut sim = sim(5, ScanFaults::default());
    let account = account();
    let numbers = ["00340434292135100000".to_owned()];
    let request = Polling::request(&CARRIER, &call(&account), &numbers);
    let answer = send(sim.as_mut(), &request, NOW);
    let replies = Polling::response(&CARRIER, &answer, &numbers).unwrap();
    let [PollReply::Track(track)] = replies.as_slice() else { panic!("{replies:?}") };
    assert_eq!(track.scans[0].code, "unified/transit");
    assert!(track.scans[0].utc().is_none(), "no zone was told");
}
