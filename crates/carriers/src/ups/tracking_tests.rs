#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
use super::*;
use crate::{
    Headline::{Created, Delayed, Delivered, InTransit, OutForDelivery},
    SubStatus, ZoneSource,
    ups::testing::{answer, with_call},
};

const TRACKED: &str = include_str!("fixtures/track-lyon-berlin/response.json");
const ODD: &str = include_str!("fixtures/track-missing-pieces/response.json");
const SEVERAL: &str = include_str!("fixtures/track-several-packages/response.json");
const NOT_FOUND_BODY: &str = include_str!("fixtures/track-not-found/response.json");
const NUMBER: &str = "1ZA1B2C30310000002";

fn poll(status: u16, body: &str, number: &str) -> Result<PollReply, CarrierError> {
    let numbers = [number.to_owned()];
    let mut replies = Polling::response(&Ups, &answer(status, body), &numbers)?;
    assert_eq!(replies.len(), 1);
    Ok(replies.remove(0))
}

fn tracked(body: &str, number: &str) -> ParcelTrack {
    match poll(200, body, number) {
        Ok(PollReply::Track(track)) => track,
        other => panic!("{other:?}"),
    }
}

/// Code, meaning and time of each scan.
fn told(track: &ParcelTrack) -> Vec<(&str, MappedStatus, Option<String>)> {
    let scan = |scan: &Scan| scan.time.map(|time| time.to_string());
    track.scans.iter().map(|s| (s.code.as_str(), s.status, scan(s))).collect()
}

fn at(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn one_number_is_asked_for_without_personal_extras() {
    assert_eq!(Polling::batch_max(&Ups), 1);
    let numbers = ["1ZA1B2C3/0310".to_owned()];
    let request = with_call(|call| Polling::request(&Ups, call, &numbers));
    assert_eq!(
        request.url,
        "https://onlinetools.ups.com/api/track/v1/details/1ZA1B2C3%2F0310?locale=en_US\
         &returnSignature=false&returnMilestones=false&returnPOD=false"
    );
    for name in ["transid", "transactionsrc", "authorization"] {
        assert!(request.headers.iter().any(|(key, _)| key == name), "{name}");
    }
}

#[test]
fn activities_become_scans_oldest_first_and_nothing_else_does() {
    let track = tracked(TRACKED, NUMBER);
    let state = |headline| MappedStatus::State(headline, None);
    assert_eq!(
        told(&track),
        [
            ("3", state(Created), at("2026-11-20T17:30:00+01:00")),
            ("5", state(InTransit), at("2026-11-20T20:30:00+01:00")),
            ("10", state(InTransit), at("2026-11-21T02:47:00+01:00")),
            (
                "51",
                MappedStatus::State(Delayed, Some(SubStatus::Weather)),
                at("2026-11-23T21:47:00+01:00")
            ),
            ("21", state(OutForDelivery), at("2026-11-24T08:15:00+01:00")),
        ]
    );
    let sources: Vec<_> = track.scans.iter().map(|scan| scan.zone_source).collect();
    use ZoneSource::{GmtFields, Place};
    assert_eq!(sources, [GmtFields, Place, GmtFields, GmtFields, GmtFields]);
    let order: Vec<_> = track.scans.iter().map(|scan| scan.sequence).collect();
    assert_eq!(order, [0, 1, 2, 3, 4]);
    assert_eq!(track.scans[2].location.text().as_deref(), Some("Köln, 51147, DE"));
    assert_eq!(track.scans[4].location.subdivision, None, "empty text is absent");
    assert_eq!(track.scans[4].description, "Out For Delivery Today");
    assert!(track.scans.iter().all(|scan| !scan.return_leg));
    // Rescheduled goes before scheduled, to the end of the window.
    assert_eq!(track.promised.unwrap().to_string(), "2026-11-24T14:00:00");
}

#[test]
fn missing_pieces_cost_themselves_only() {
    let track = tracked(ODD, NUMBER);
    let state = |headline| MappedStatus::State(headline, None);
    assert_eq!(
        told(&track),
        [
            // Only letters: they decide nothing.
            ("OR", MappedStatus::Unknown, at("2026-11-20T18:30")),
            ("997", MappedStatus::Unknown, at("2026-11-21T12:00:00+00:00")),
            // No status code: the type decides. Several zones: no offset.
            ("I", state(InTransit), at("2026-11-22T00:00:00")),
            ("", MappedStatus::Unknown, at("2026-11-23")),
            ("D", state(OutForDelivery), at("2026-11-24T08:15:00+01:00")),
            ("D", state(Delivered), at("2026-11-24T11:42:10+01:00")),
        ]
    );
    let sources: Vec<_> = track.scans.iter().map(|scan| scan.zone_source).collect();
    use ZoneSource::{GmtFields, None as Nowhere, Stated};
    assert_eq!(sources, [Nowhere, GmtFields, Nowhere, Nowhere, GmtFields, Stated]);
    assert_eq!(track.promised, None, "a delivery is no promise");
    assert_eq!(track.scans[5].location.country.unwrap().as_str(), "DE");
}

#[test]
fn type_d_without_a_delivery_date_is_the_van() {
    let open = ODD.replace("\"type\": \"DEL\"", "\"type\": \"SDD\"");
    let track = tracked(&open, NUMBER);
    let last = track.scans.last().unwrap();
    assert_eq!(last.status, MappedStatus::State(OutForDelivery, None));
    assert_eq!(track.promised.unwrap().to_string(), "2026-11-24");
}

#[test]
fn an_unknown_number_with_a_known_type_is_read_by_its_type_and_stays_visible() {
    let body = TRACKED.replace("\"021\"", "\"0777\"");
    let track = tracked(&body, NUMBER);
    let last = track.scans.last().unwrap();
    assert_eq!(last.code, "777");
    assert_eq!(last.status, MappedStatus::State(InTransit, None));
}

#[test]
fn only_the_asked_package_answers() {
    for (number, code) in [
        ("1ZA1B2C30310000011", Some("11")),
        ("1ZA1B2C30310000020", Some("35")),
        ("1za1b2c30310000020", Some("35")),
        ("9200000000000000000011", Some("35")),
        ("1ZA1B2C30310000039", None),
    ] {
        let track = tracked(SEVERAL, number);
        assert_eq!(track.tracking_number, number);
        assert_eq!(track.scans.first().map(|scan| scan.code.as_str()), code, "{number}");
    }
    let other = poll(200, SEVERAL, "1ZA1B2C30310000048").unwrap();
    assert!(matches!(other, PollReply::Broken { .. }), "never the first package");
}

#[test]
fn a_package_without_a_number_is_the_inquired_one_when_it_is_alone() {
    let alone = TRACKED.replace("\"trackingNumber\": \"1ZA1B2C30310000002\",", "");
    assert_eq!(tracked(&alone, NUMBER).scans.len(), 5);
    let two = SEVERAL.replace("\"trackingNumber\": \"1ZA1B2C30310000020\",", "");
    assert!(matches!(poll(200, &two, "1ZA1B2C30310000020"), Ok(PollReply::Broken { .. })));
}

#[test]
fn not_found_comes_as_success_and_as_404() {
    let error = r#"{"response":{"errors":[{"code":"404","message":"x"}]}}"#;
    let empty = r#"{"trackResponse":{"shipment":[]}}"#;
    for (status, body) in [(200, NOT_FOUND_BODY), (404, error), (200, empty)] {
        let reply = poll(status, body, NUMBER);
        let Ok(PollReply::NotFound { tracking_number }) = &reply else {
            panic!("{status} {body}: {reply:?}")
        };
        assert_eq!(tracking_number, NUMBER);
    }
}

#[test]
fn answers_that_are_none_are_told_by_class() {
    let short = r#"{"response":{"errors":[{"code":"TV1002","message":"x"}]}}"#;
    let Ok(PollReply::Broken { error, .. }) = poll(400, short, NUMBER) else {
        panic!("a bad number concerns itself only")
    };
    assert!(matches!(error, CarrierError::Refused { code, .. } if code == "TV1002"));
    assert!(matches!(poll(429, short, NUMBER), Err(CarrierError::Later { .. })));
    assert!(matches!(poll(503, "", NUMBER), Err(CarrierError::Later { .. })));
    assert!(matches!(poll(401, "", NUMBER), Err(CarrierError::Unauthorised { .. })));
    assert!(matches!(poll(403, short, NUMBER), Err(CarrierError::Refused { .. })));
    let half = TRACKED.get(..TRACKED.len() / 2).unwrap();
    for (status, body) in
        [(200, ""), (200, "{}"), (200, "[]"), (200, "<html>"), (200, half), (404, "<html>")]
    {
        let reply = poll(status, body, NUMBER);
        assert!(matches!(reply, Err(CarrierError::Garbled { .. })), "{status} {body}: {reply:?}");
    }
}

#[test]
fn a_payload_is_recognised_by_its_shape() {
    let count = |body: &str| read_payload(body.as_bytes()).map(|tracks| tracks.len());
    let push = include_str!("fixtures/push-delivered/event.json");
    assert_eq!(count(TRACKED), Ok(1));
    assert_eq!(count(SEVERAL), Ok(3));
    assert_eq!(count(NOT_FOUND_BODY), Ok(0));
    assert_eq!(count(push), Ok(1));
    assert_eq!(count(&format!("[{push},{push}]")), Ok(2));
    assert_eq!(count(&format!("\u{feff}{TRACKED}")), Ok(1));
    let error = r#"{"response":{"errors":[{"code":"9","message":"x"}]}}"#;
    assert!(matches!(count(error), Err(CarrierError::Refused { .. })));
    for body in ["", "{}", "[]", "7", "<html>", r#"{"trackingNumber":"1Z"}"#] {
        assert!(matches!(count(body), Err(CarrierError::Garbled { .. })), "{body}");
    }
    let latin = TRACKED.replace('ö', "*").replace('*', "\u{f6}");
    let latin: Vec<u8> =
        latin.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
    let track = read_payload(&latin).unwrap().remove(0);
    assert_eq!(track.scans[2].location.city.as_deref(), Some("Köln"));
}

#[test]
fn nothing_shows_persons_or_numbers_in_debug() {
    let shown = format!("{:?} {:?}", tracked(TRACKED, NUMBER), poll(200, TRACKED, NUMBER));
    for secret in [NUMBER, "BEISPIEL", "Köln", "weather event"] {
        assert!(!shown.contains(secret), "{secret}");
    }
}
