//! Proof, bodies, and the two steps of a subscription.

use super::*;
use crate::{
    CarrierError, Headline, MappedStatus, Method, Push,
    dhl_express::{
        CARRIER,
        push::{activate, validation},
    },
};

#[test]
fn a_push_proves_itself_with_our_own_secret() {
    let account = account();
    let verify = |name: &str, value: &str| {
        let headers =
            [("accept".to_owned(), "*/*".to_owned()), (name.to_owned(), value.to_owned())];
        Push::verify(&CARRIER, &account, &headers, b"{}")
    };
    assert!(verify("x-api-key", "invented-hook-secret"));
    assert!(verify("x-hook-key", " invented-hook-secret "));
    for wrong in ["", "invented-hook-secre", "invented-hook-secret2", "Invented-hook-secret"] {
        assert!(!verify("x-api-key", wrong), "{wrong}");
    }
    assert!(!verify("authorization", "invented-hook-secret"));
    let headers = [("x-api-key".to_owned(), String::new())];
    assert!(!Push::verify(&CARRIER, &Account::default(), &headers, b"{}"));
}

#[test]
fn a_push_holds_one_event_or_a_history_and_notices_hold_none() {
    let parse = |body: &str| Push::parse(&CARRIER, body.as_bytes());
    let short = r#"{"scope":"subscription.push","self":"https://x/1","service":"express",
        "shipments":[{"id":"1234567891","status":{"timestamp":"2026-11-23T09:12:00+01:00",
        "statusCode":"delivered","status":"OK","description":"Handed over"}}]}"#;
    let tracks = parse(short).unwrap();
    assert_eq!(tracks[0].tracking_number, "1234567891");
    let scan = &tracks[0].scans[0];
    assert_eq!(scan.status, MappedStatus::State(Headline::Delivered, None));
    assert_eq!(scan.zone_source, crate::ZoneSource::Stated);
    let pieces = r#"{"service":"express","shipments":[{"id":"1234567891",
        "details":{"pieceIds":["JD01","JD02"]},"events":[
        {"timestamp":"2026-11-23T09:00:00Z","status":"WC"},
        {"timestamp":"2026-11-23T10:00:00Z","status":"OK","pieceIds":["JD01"]}]}]}"#;
    let told = parse(pieces).unwrap();
    let told: Vec<_> =
        told.iter().map(|track| (track.tracking_number.as_str(), track.scans.len())).collect();
    assert_eq!(told, [("1234567891", 2), ("JD01", 2), ("JD02", 1)]);
    for scope in ["subscription.validate", "subscription.ready", "subscription.failure"] {
        let notice = format!(r#"{{"scope":"{scope}","self":"https://x/1","secret":"s"}}"#);
        assert!(parse(&notice).unwrap().is_empty(), "{scope}");
    }
    assert!(matches!(parse("{}"), Err(CarrierError::Garbled { .. })));
}

#[test]
fn a_subscription_is_asked_for_and_then_activated() {
    let account = account();
    let call = call(&account);
    let offer = Push::subscriptions(&CARRIER).unwrap();
    let numbers: Vec<String> = (0..12).map(|n| format!("123456789{n}")).collect();
    let request = offer.request(&call, &numbers, "https://hooks.example/in/acc");
    let sent = body(&request);
    assert_eq!(sent["shipmentIDs"].as_array().unwrap().len(), 10);
    assert_eq!(sent["service"], "express");
    assert_eq!(sent["hook"]["authentication"]["token"], "invented-hook-secret");
    let created = answer(
        201,
        r#"{"self":"https://api-eu.dhl.com/tracking/push/v1/subscription/ab-1",
        "secret":"once","scope":"subscription.created"}"#,
    );
    assert_eq!(offer.response(&created), Ok(Vec::new()));
    let second = offer.confirm(&call, &created).unwrap();
    assert_eq!(second, activate(&call, "ab-1", "once"));
    assert_eq!(second.method, Method::Post);
    assert!(second.url.ends_with("/tracking/push/v1/subscription/ab-1"));
    assert!(second.headers.contains(&("dhl-api-hook-secret".into(), "once".into())));
    for last in [answer(200, r#"{"scope":"subscription.ready"}"#), answer(204, "")] {
        assert_eq!(offer.response(&last), Ok(Vec::new()));
        assert!(offer.confirm(&call, &last).is_none());
    }
    assert!(offer.confirm(&call, &answer(401, r#"{"id":"a","secret":"b"}"#)).is_none());
    let no = answer(400, r#"{"title":"Bad Request","detail":"Unknown service","status":400}"#);
    assert!(matches!(offer.response(&no), Err(CarrierError::Refused { .. })));
}

#[test]
fn the_secret_may_come_in_a_first_push() {
    let notice = br#"{"scope":"subscription.validate","secret":"once",
        "self":"https://api-eu.dhl.com/tracking/push/v1/subscription/ab-1/"}"#;
    assert_eq!(validation(notice), Some(("ab-1".to_owned(), "once".to_owned())));
    for nothing in [&b"{}"[..], b"", b"[]", br#"{"secret":"once"}"#, br#"{"id":"a"}"#] {
        assert_eq!(validation(nothing), None);
    }
}
