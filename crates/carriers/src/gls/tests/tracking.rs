//! Scans, one by one and folded; the table against the rules.

use proptest::prelude::*;
use time::macros::datetime;

use super::{FIXTURES, with_call};
use crate::{
    CarrierError, Headline, HttpResponse, MappedStatus, ParcelTrack, PollReply, Polling, SubStatus,
    ZoneSource, fold,
    gls::{Gls, read_payload},
};

const NUMBERS: [&str; 9] = [
    "90000000017",
    "900000000248",
    "90000000031",
    "90000000032",
    "90000000033",
    "90000000099",
    "9",
    "90000000098",
    "90000000097",
];

fn numbers() -> Vec<String> {
    NUMBERS.map(str::to_owned).to_vec()
}

fn replies() -> Vec<PollReply> {
    Polling::response(&Gls, &FIXTURES.response("track"), &numbers()).unwrap()
}

fn track(index: usize) -> ParcelTrack {
    match replies().swap_remove(index) {
        PollReply::Track(track) => track,
        other => panic!("{other:?}"),
    }
}

fn state(index: usize) -> (Headline, Option<SubStatus>) {
    let folded = fold(&track(index).scans, None).1;
    (folded.headline, folded.sub)
}

#[test]
fn the_question_names_up_to_ten_numbers() {
    let request = with_call(|call| Polling::request(&Gls, call, &numbers()));
    FIXTURES.assert_request("track", &request);
    assert_eq!(Gls.batch_max(), 10);
}

#[test]
fn the_status_decides_and_the_events_tell_the_past() {
    assert_eq!(state(0), (Headline::PickedUp, None));
    let codes = |index| -> Vec<String> {
        track(index).scans.iter().map(|scan| scan.code.clone()).collect()
    };
    assert_eq!(codes(0), ["INTIAL.PREADVICE", "INTIAL.NORMAL"]);
    // An event that nobody knows, and the status that everybody does.
    assert_eq!(state(1), (Headline::Exception, Some(SubStatus::FailedAttempt)));
    assert_eq!(codes(1), ["INTIAL.NORMAL", "OUTDEL.NORMAL", "NEWONE.NORMAL", "NOTDELIVERED"]);
    assert_eq!(track(1).scans[2].status, MappedStatus::Unknown);
    assert_eq!(fold(&track(1).scans, None).1.unknown, 1);
    assert_eq!(state(3), (Headline::OutForDelivery, Some(SubStatus::AvailableForPickup)));
    assert_eq!(codes(3), ["DELIVD.PARCELSHOP"]);
}

#[test]
fn a_closed_history_keeps_what_came_before() {
    assert_eq!(state(2), (Headline::Delivered, None));
    assert_eq!(state(4), (Headline::Exception, Some(SubStatus::Cancelled)));
    let last = track(2).scans.pop().unwrap();
    assert_eq!((last.code.as_str(), last.status), ("FINAL", MappedStatus::NoChange));
}

#[test]
fn times_have_the_offset_that_stands_there() {
    let scan = &track(1).scans[2];
    assert_eq!(scan.utc(), Some(datetime!(2026-11-21 10:05 UTC)));
    assert_eq!(scan.zone_source, ZoneSource::Stated);
    assert_eq!(scan.location.city.as_deref(), Some("Berlin"));
    assert_eq!(track(0).scans[0].location.city, None);
}

#[test]
fn each_parcel_stands_alone() {
    let replies = replies();
    assert!(matches!(replies[5], PollReply::NotFound { .. }));
    let broken = |index: usize| match &replies[index] {
        PollReply::Broken { error, .. } => error.clone(),
        other => panic!("{other:?}"),
    };
    assert!(matches!(broken(6), CarrierError::Refused { .. }));
    assert!(matches!(broken(7), CarrierError::Later { .. }));
    assert!(matches!(broken(8), CarrierError::Garbled { .. }));
    assert_eq!(read_payload(&FIXTURES.response("track").body).unwrap().len(), 5);
}

#[test]
fn whole_answers_that_say_no() {
    let read = |case: &str, count: usize| {
        Polling::response(&Gls, &FIXTURES.response(case), &numbers()[..count])
    };
    assert!(matches!(read("track_400", 9), Err(CarrierError::Refused { .. })));
    let one = read("track_400", 1).unwrap();
    assert!(matches!(one.as_slice(), [PollReply::Broken { .. }]));
    let none = read("track_404", 2).unwrap();
    assert!(none.iter().all(|reply| matches!(reply, PollReply::NotFound { .. })));
    assert!(matches!(read("gateway_quota", 2), Err(CarrierError::Later { .. })));
    assert!(matches!(read("gateway_expired", 2), Err(CarrierError::Unauthorised { .. })));
    assert!(matches!(read("gateway_html", 2), Err(CarrierError::Later { .. })));
}

proptest! {
    #[test]
    fn no_field_that_is_missing_or_odd_panics_or_hides_a_neighbour(
        name in prop::sample::select(vec![
            "requested", "unitno", "status", "statusDateTime", "events", "code", "country",
            "eventDateTime", "description", "city",
        ]),
        odd in prop::sample::select(vec!["null", "7", "\"\"", "[]", "{}", "true", "\"é\""]),
        index in 0..5_usize,
    ) {
        let body = FIXTURES.response("track").body;
        let mut value: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let odd: serde_json::Value = serde_json::from_str(odd).unwrap();
        let parcel = &mut value["parcels"][index];
        if parcel.get(name).is_some() {
            parcel[name] = odd;
        } else {
            parcel["events"][0][name] = odd;
        }
        let answer = HttpResponse {
            status: 200, headers: Vec::new(), body: value.to_string().into(),
        };
        let replies = Polling::response(&Gls, &answer, &numbers()).unwrap();
        let tracks = replies.iter().filter(|reply| matches!(reply, PollReply::Track(_))).count();
        prop_assert!(tracks >= 4, "{} of 5", tracks);
    }

    #[test]
    fn cut_answers_are_an_error_or_the_answer(cut in 0..3_000_usize) {
        let whole = FIXTURES.response("track");
        let cut = cut.min(whole.body.len());
        let answer = HttpResponse { body: whole.body.slice(..cut), ..whole };
        let read = Polling::response(&Gls, &answer, &numbers());
        prop_assert!(read.is_err() || cut > 2_000);
    }
}
