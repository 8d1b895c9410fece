#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
use super::*;
use crate::{
    Headline, MappedStatus, ZoneSource,
    ups::testing::{account, answer, with_call},
};

const OUT: &str = include_str!("fixtures/push-out-for-delivery/event.json");
const DELIVERED: &str = include_str!("fixtures/push-delivered/event.json");
const UPDATE: &str = include_str!("fixtures/push-update/event.json");

fn verify(name: &str, value: &str) -> bool {
    Ups.verify(&account(), &[(name.to_owned(), value.to_owned())], b"{}")
}

#[test]
fn only_the_credential_of_the_account_opens() {
    assert!(verify("x-api-key", "hook-credential"));
    assert!(verify("authorization", "Bearer hook-credential"));
    for (name, value) in [
        ("x-api-key", ""),
        ("x-api-key", "hook-credentia"),
        ("x-api-key", "hook-credentialhook-credential"),
        ("x-api-key", "Hook-credential"),
        ("authorization", "hook-credential"),
        ("user-agent", "hook-credential"),
    ] {
        assert!(!verify(name, value), "{name}: {value}");
    }
    assert!(!Ups.verify(&account(), &[], b"{}"));
    let mut without = account();
    without.fields.remove("webhook_secret");
    let empty = [("x-api-key".to_owned(), String::new())];
    assert!(!Ups.verify(&without, &empty, b"{}"), "no secret opens nothing");
}

#[test]
fn an_event_is_one_scan() {
    let track = Ups.parse(OUT.as_bytes()).unwrap().remove(0);
    assert_eq!(track.tracking_number, "1ZA1B2C30310000002");
    let [scan] = track.scans.as_slice() else { panic!("one scan") };
    assert_eq!(scan.code, "21");
    assert_eq!(scan.status, MappedStatus::State(Headline::OutForDelivery, None));
    assert_eq!(scan.time.unwrap().to_string(), "2026-11-24T08:15:00+01:00");
    assert_eq!(scan.zone_source, ZoneSource::GmtFields);
    assert_eq!(scan.location.text().as_deref(), Some("Berlin, DE"));
    assert_eq!(track.promised.unwrap().to_string(), "2026-11-24T14:00:00");
}

#[test]
fn the_same_scan_reads_alike_from_push_and_poll() {
    let polled = include_str!("fixtures/track-lyon-berlin/response.json");
    let polled = tracking::read_payload(polled.as_bytes()).unwrap().remove(0);
    let pushed = Ups.parse(OUT.as_bytes()).unwrap().remove(0);
    let (poll, push) = (polled.scans.last().unwrap(), &pushed.scans[0]);
    assert_eq!(Scan { sequence: 0, ..poll.clone() }, *push);
}

#[test]
fn type_d_is_delivered_when_the_delivery_date_is_stated() {
    let read = |body: &str| Ups.parse(body.as_bytes()).unwrap().remove(0).scans.remove(0).status;
    assert_eq!(read(DELIVERED), MappedStatus::State(Headline::Delivered, None));
    let van =
        DELIVERED.replace("\"actualDeliveryDate\": \"20261124\"", "\"actualDeliveryDate\": \"\"");
    assert_eq!(read(&van), MappedStatus::State(Headline::OutForDelivery, None));
    let coded = van.replace("\"Delivered\"", "\"Delivered\", \"descriptionCode\": 11");
    assert_eq!(read(&coded), MappedStatus::State(Headline::Delivered, None));
}

#[test]
fn an_update_moves_the_promise_and_nothing_else() {
    let track = Ups.parse(UPDATE.as_bytes()).unwrap().remove(0);
    assert_eq!(track.scans[0].status, MappedStatus::NoChange);
    assert_eq!(track.scans[0].time, None);
    assert_eq!(track.promised.unwrap().to_string(), "2026-11-25");
}

#[test]
fn bodies_without_the_required_elements_are_garbled() {
    let half = OUT.get(..OUT.len() / 2).unwrap();
    for body in ["", "{}", "[]", "null", "<html>", half, r#"{"trackingNumber":"1Z"}"#] {
        let read = Ups.parse(body.as_bytes());
        assert!(matches!(read, Err(CarrierError::Garbled { .. })), "{body}: {read:?}");
    }
}

#[test]
fn subscriptions_list_up_to_a_hundred_numbers() {
    let numbers: Vec<String> = (0..120).map(|n| format!("1ZA1B2C303{n:08}")).collect();
    let request = with_call(|call| subscribe(call, &numbers));
    assert_eq!(
        request.url,
        "https://onlinetools.ups.com/api/track/v2/subscription/standard/package"
    );
    let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["trackingNumberList"].as_array().unwrap().len(), 100);
    assert_eq!(body["locale"], "en_US");
    let mixed = r#"{"validTrackingNumbers":["1Z"],"invalidTrackingNumbers":["X"]}"#;
    assert_eq!(subscribed(&answer(200, mixed)), Ok(vec!["X".to_owned()]));
    assert!(matches!(subscribed(&answer(200, "{}")), Err(CarrierError::Garbled { .. })));
    let refused = r#"{"invalidTrackingNumbers":["X"],"response":{"errors":[{"code":"VSS210"}]}}"#;
    assert!(matches!(subscribed(&answer(400, refused)), Err(CarrierError::Refused { .. })));
}
