//! Answers, each with what it means.

use super::*;
use crate::{
    Carrier, CarrierError, Check, Found, Headline, Labels, Lookup, MappedStatus,
    PickupCancellation, PickupRequest, Pickups, PollReply, Polling, Purchase, Rates, ServicePoints,
    Step, SubStatus, Voids, fedex::CARRIER, fold,
};
use time::macros::{date, time};

fn bought(case: &str, parcels: usize) -> Result<Purchase, CarrierError> {
    let shipment = shipment(lyon(), berlin(), "FEDEX_INTERNATIONAL_PRIORITY", parcels);
    match Labels::response(&CARRIER, &FIXTURES.response(case), &shipment)? {
        Step::Done(purchase) => Ok(purchase),
        Step::Next(_) => panic!("one call buys"),
    }
}

fn class<T: std::fmt::Debug>(result: Result<T, CarrierError>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(CarrierError::Refused { .. }) => "refused",
        Err(CarrierError::Later { .. }) => "later",
        Err(CarrierError::Unauthorised { .. }) => "unauthorised",
        Err(CarrierError::Garbled { .. }) => "garbled",
    }
}

#[test]
fn purchases_give_numbers_files_and_prices() {
    let one = bought("buy_one", 1).unwrap();
    assert_eq!(one.shipment_number, "123456789012");
    assert_eq!(one.charge, Some(Money::new(6_130, Currency::EUR)));
    assert_eq!(one.labels[0].format, LabelFormat::Zpl);
    assert!(one.labels[0].data.starts_with(b"^XA"));
    let two = bought("buy_two", 2).unwrap();
    let numbers: Vec<&str> = two.labels.iter().map(|l| l.tracking_number.as_str()).collect();
    assert_eq!(numbers, ["123456789012", "123456789023"], "in the order of the parcels");
    assert_eq!(two.charge, Some(Money::new(8_810, Currency::EUR)));
    assert!(two.labels.iter().all(|label| label.data.starts_with(b"%PDF-")));
    let blind = bought("buy_label_unreadable", 1).unwrap();
    assert!(blind.labels[0].data.is_empty() && blind.shipment_number == "123456789012");
}

#[test]
fn answers_fall_into_their_classes() {
    for (case, expected) in [
        ("buy_refused", "refused"),
        ("buy_busy", "later"),
        ("buy_forbidden", "unauthorised"),
        ("buy_503", "garbled"),
        ("buy_html", "garbled"),
        ("buy_job", "garbled"),
        ("buy_errors_under_200", "garbled"),
        ("buy_wrong_count", "garbled"),
        ("buy_two", "garbled"),
        ("return_bought", "ok"),
        ("return_refused", "refused"),
        ("token_refused", "unauthorised"),
    ] {
        assert_eq!(class(bought(case, 1)), expected, "{case}");
    }
    let Err(CarrierError::Refused { code, message }) = bought("buy_refused", 1) else {
        panic!("refused")
    };
    assert_eq!(code, "ACCOUNT.NUMBER.MISMATCH");
    assert!(message.contains("RECIPIENT.INVALID: "), "{message}");
    for (case, expected) in [
        ("check_fine", "ok"),
        ("check_refused", "refused"),
        ("check_refused_under_200", "refused"),
        ("buy_503", "later"),
        ("buy_html", "garbled"),
    ] {
        assert_eq!(class(Check::response(&CARRIER, &FIXTURES.response(case))), expected, "{case}");
    }
    for (case, expected) in [
        ("void_done", "ok"),
        ("void_flag_false", "refused"),
        ("void_flag_missing", "garbled"),
        ("void_refused", "refused"),
    ] {
        assert_eq!(class(Voids::response(&CARRIER, &FIXTURES.response(case))), expected, "{case}");
    }
    assert_eq!(class(CARRIER.token(&FIXTURES.response("token"))), "ok");
    assert_eq!(class(CARRIER.token(&FIXTURES.response("token_refused"))), "unauthorised");
}

#[test]
fn prices_are_the_accounts_own() {
    let read = |case: &str| match Rates::response(&CARRIER, &FIXTURES.response(case), &union_lane())
    {
        Ok(Step::Done(rates)) => Ok(rates),
        Ok(Step::Next(_)) => panic!("one question"),
        Err(error) => Err(error),
    };
    let rates = read("rates_told").unwrap();
    assert_eq!(rates.len(), 2, "a service without this account's price is none");
    let first = &rates[0];
    assert_eq!(
        (first.service.as_str(), first.transit_days),
        ("FEDEX_INTERNATIONAL_PRIORITY", Some(2))
    );
    assert_eq!(first.total, Money::new(6_130, Currency::EUR), "without taxes");
    assert_eq!(first.charges[0].amount, Money::new(1_120, Currency::EUR));
    assert_eq!(first.delivery.unwrap().to_string(), "2026-11-24T12:00:00");
    assert_eq!(rates[1].total, Money::new(4_400, Currency::EUR));
    assert_eq!(rates[1].delivery.unwrap().to_string(), "2026-11-27");
    assert_eq!(rates[1].transit_days, Some(5));
    assert!(read("rates_none").unwrap().is_empty());
    assert_eq!(class(read("rates_refused")), "refused");
    assert_eq!(class(read("rates_503")), "later");
}

const NUMBER: &str = "123456789012";

fn poll(case: &str, numbers: &[&str]) -> Result<Vec<PollReply>, CarrierError> {
    let numbers: Vec<String> = numbers.iter().map(|number| (*number).to_owned()).collect();
    Polling::response(&CARRIER, &FIXTURES.response(case), &numbers)
}

fn track(case: &str) -> crate::ParcelTrack {
    match poll(case, &[NUMBER]).unwrap().remove(0) {
        PollReply::Track(track) => track,
        other => panic!("{case}: {other:?}"),
    }
}

fn statuses(case: &str) -> Vec<MappedStatus> {
    track(case).scans.iter().map(|scan| scan.status).collect()
}

#[test]
fn a_batch_tells_each_number_for_itself() {
    let asked = [NUMBER, "000000000000", "111111111111", "222222222222", "333333333333"];
    let replies = poll("track_mixed", &asked).unwrap();
    let [
        PollReply::Track(track),
        PollReply::NotFound { .. },
        PollReply::Broken { error: CarrierError::Refused { code, .. }, .. },
        PollReply::Broken { error: CarrierError::Garbled { .. }, .. },
        PollReply::Broken { .. },
    ] = replies.as_slice()
    else {
        panic!("{replies:?}")
    };
    assert_eq!(code, "SYSTEM.UNAVAILABLE.EXCEPTION");
    let told: Vec<(String, u32, String)> = track
        .scans
        .iter()
        .map(|scan| (scan.code.clone(), scan.sequence, scan.time.unwrap().to_string()))
        .collect();
    let expected = [
        ("OC", 0, "2026-11-20T12:00:00+01:00"),
        ("PU", 1, "2026-11-20T18:02:00+01:00"),
        ("OD", 2, "2026-11-24T08:11:00-06:00"),
    ];
    assert_eq!(told, expected.map(|(code, at, time)| (code.to_owned(), at, time.to_owned())));
    assert_eq!(track.promised.unwrap().to_string(), "2026-11-24T18:00:00");
    assert!(track.scans.iter().all(|scan| !scan.description.contains("EXEMPLE")));
}

#[test]
fn of_a_recycled_number_the_newest_journey_counts() {
    let track = track("track_recycled");
    assert_eq!(track.scans.len(), 1);
    assert_eq!(track.scans[0].code, "PU");
}

#[test]
fn delays_beside_ordinary_scans_show() {
    let state = MappedStatus::State;
    assert_eq!(
        statuses("track_delay"),
        [
            MappedStatus::Unknown,
            MappedStatus::Unknown,
            state(Headline::InTransit, None),
            state(Headline::Exception, Some(SubStatus::FailedAttempt)),
            state(Headline::InTransit, None),
            state(Headline::Delayed, Some(SubStatus::CustomsHold)),
        ]
    );
    let words: Vec<String> =
        track("track_delay").scans.iter().map(|s| s.description.clone()).collect();
    assert_eq!(words[3], "Not handed over: Nobody there");
    assert_eq!(
        statuses("track_delay_of_the_whole"),
        [state(Headline::InTransit, None), state(Headline::Delayed, Some(SubStatus::Weather)),]
    );
}

#[test]
fn a_parcel_that_turned_ends_with_its_sender() {
    let track = track("track_returned");
    let back: Vec<bool> = track.scans.iter().map(|scan| scan.return_leg).collect();
    assert_eq!(back, [false, false, true, true]);
    let (_, folded) = fold(&track.scans, None);
    assert_eq!(folded.headline, Headline::Returned);
}

#[test]
fn a_status_without_scans_is_one_scan_without_a_time() {
    let track = track("track_status_only");
    let [scan] = track.scans.as_slice() else { panic!("{track:?}") };
    assert_eq!(scan.status, MappedStatus::State(Headline::Created, None));
    assert_eq!((scan.time, scan.code.as_str()), (None, "IN"));
    assert_eq!(track.promised.unwrap().to_string(), "2026-11-24");
    assert!(matches!(
        poll("track_404", &[NUMBER]).unwrap().as_slice(),
        [PollReply::NotFound { .. }]
    ));
    assert_eq!(class(poll("track_404", &[NUMBER, "1"])), "refused");
    assert_eq!(class(poll("track_503", &[NUMBER])), "later");
    let payload = crate::fedex::read_payload(&FIXTURES.response("track_mixed").body).unwrap();
    assert_eq!(payload.len(), 1);
}

#[test]
fn lost_purchases_are_found_only_when_the_count_is_right() {
    let read = |case: &str| {
        let two = shipment(lyon(), berlin(), "FEDEX_INTERNATIONAL_PRIORITY", 2);
        match with_call(|call| Lookup::response(&CARRIER, call, &FIXTURES.response(case), &two))
            .unwrap()
        {
            Step::Done(found) => found,
            Step::Next(_) => panic!("one question"),
        }
    };
    let Found::Purchase(found) = read("lookup_found") else { panic!("found") };
    assert_eq!(found.shipment_number, NUMBER, "the first piece's");
    assert!(found.labels.iter().all(|label| label.data.is_empty()));
    for case in ["lookup_none", "lookup_none_404"] {
        assert!(matches!(read(case), Found::Nothing), "{case}");
    }
    for case in ["lookup_too_many", "lookup_other_error", "lookup_empty"] {
        assert!(matches!(read(case), Found::Unclear(_)), "{case}");
    }
}

#[test]
fn collections_are_confirmed_with_day_and_location() {
    let wanted = PickupRequest {
        reference: "P1".into(),
        address: lyon(),
        date: date!(2026 - 11 - 23),
        ready: time!(14:00),
        close: time!(18:00),
        service: "FEDEX_INTERNATIONAL_PRIORITY".into(),
        destination: None,
        parcels: 1,
        weight: Grams(1),
        tracking_numbers: vec![],
        instructions: String::new(),
    };
    let read = |case: &str| Pickups::response(&CARRIER, &FIXTURES.response(case), &wanted);
    let Ok(Step::Done(pickup)) = read("pickup_booked") else { panic!("booked") };
    assert_eq!((pickup.confirmation.as_str(), pickup.location.as_str()), ("3001", "LYSA"));
    assert_eq!((pickup.date, pickup.service), (wanted.date, wanted.service.clone()));
    for (case, expected) in
        [("pickup_refused", "refused"), ("pickup_no_code", "garbled"), ("buy_503", "garbled")]
    {
        assert_eq!(class(read(case)), expected, "{case}");
    }
    for (case, expected) in
        [("unbook_done", "ok"), ("unbook_refused", "refused"), ("pickup_no_code", "garbled")]
    {
        let read = PickupCancellation::response(&CARRIER, &FIXTURES.response(case));
        assert_eq!(class(read), expected, "{case}");
    }
}

#[test]
fn locations_come_nearest_first_and_a_broken_one_hides_none() {
    let points = ServicePoints::response(&CARRIER, &FIXTURES.response("points_told")).unwrap();
    let told: Vec<_> =
        points.iter().map(|p| (p.id.as_str(), p.distance_m, p.locker, p.weight_max)).collect();
    assert_eq!(
        told,
        [
            ("ZZFB", Some(350), false, Some(Grams(68_000))),
            ("ZZFA", Some(3_218), true, Some(Grams(24_947))),
            ("ZZFC", None, false, None),
        ]
    );
    let shop = &points[0];
    assert_eq!((shop.name.as_str(), shop.position), ("Kiosk Muster", Some((52_520_008, -500_000))));
    let hours = shop.hours.as_ref().unwrap();
    assert_eq!(hours[0], [(time!(8:00), time!(12:00)), (time!(13:00), time!(18:30))]);
    assert!(hours[1].is_empty() && hours[6].is_empty());
    assert_eq!(points[1].hours.as_ref().unwrap()[0], [(time!(0:00), time!(23:59))]);
    assert!(points[2].hours.is_none() && points[2].city.is_empty());
    let refused = ServicePoints::response(&CARRIER, &FIXTURES.response("points_refused"));
    assert_eq!(class(refused), "refused");
}
