//! Delivery dates.

use time::{OffsetDateTime, macros::datetime};

use super::support::*;
use crate::domain::{NoteCode, Quote, ShipOption, rate};

fn at(ship: &str, now: OffsetDateTime, saturday: bool) -> Quote {
    let mut request = request(500);
    request.ship_date = day(ship);
    if saturday {
        request = with_option(request, ShipOption::Saturday);
    }
    let rating = rate(&[tariff(|_| {})], &request, None, now).unwrap();
    rating.quotes.into_iter().next().unwrap()
}

#[test]
fn working_days_are_counted_from_the_hand_over() {
    // 14 May 2026 is a Thursday and closed; the tariff takes one to two days.
    let early = datetime!(2026-05-01 12:00 +02:00);
    for (ship, saturday, handover, earliest, latest) in [
        ("2026-05-04", false, "2026-05-04", "2026-05-05", "2026-05-06"),
        ("2026-05-07", false, "2026-05-07", "2026-05-08", "2026-05-11"),
        ("2026-05-09", false, "2026-05-11", "2026-05-12", "2026-05-13"),
        ("2026-05-13", false, "2026-05-13", "2026-05-15", "2026-05-18"),
        ("2026-05-14", false, "2026-05-15", "2026-05-18", "2026-05-19"),
        ("2026-05-08", true, "2026-05-08", "2026-05-09", "2026-05-12"),
        ("2026-05-07", true, "2026-05-07", "2026-05-08", "2026-05-09"),
    ] {
        let transit = at(ship, early, saturday).transit.unwrap();
        let dates = (transit.handover, transit.earliest, transit.latest);
        assert_eq!(dates, (day(handover), day(earliest), day(latest)), "{ship}");
    }
    let transit = at("2026-05-13", early, false).transit.unwrap();
    let skipped = ["2026-05-14", "2026-05-16", "2026-05-17"].map(day);
    assert_eq!(transit.skipped, skipped);
}

#[test]
fn after_the_cut_off_parcels_leave_on_the_next_day() {
    for (now, handover, noted) in [
        (datetime!(2026-05-04 16:00 +02:00), "2026-05-04", false),
        (datetime!(2026-05-04 16:00:01 +02:00), "2026-05-05", true),
        // Local time counts, not UTC.
        (datetime!(2026-05-04 15:59 -05:00), "2026-05-04", false),
    ] {
        let quote = at("2026-05-04", now, false);
        assert_eq!(quote.transit.unwrap().handover, day(handover), "{now}");
        let codes: Vec<_> = quote.notes.iter().map(|note| note.code).collect();
        let wanted = if noted { vec![NoteCode::AfterCutoff] } else { vec![] };
        assert_eq!(codes, wanted);
    }
}

#[test]
fn no_date_is_promised_beyond_known_holidays_or_without_transit_days() {
    let early = datetime!(2026-05-01 12:00 +02:00);
    assert!(at("2026-12-29", early, false).transit.is_some());
    let beyond = at("2026-12-30", early, false);
    assert_eq!(beyond.transit, None);
    assert_eq!(beyond.notes.first().unwrap().code, NoteCode::CalendarEnds);
    let mut abroad = request(500);
    abroad.destination = place("BE", "1000");
    let quote = quote(&tariff(|_| {}), &abroad);
    assert_eq!(quote.transit, None);
    assert_eq!(quote.notes.first().unwrap().code, NoteCode::NoTransit);
}

#[test]
fn holidays_at_the_destination_delay_only_the_delivery() {
    let tariff = tariff(|sheet| {
        let home = sheet.zones.get_mut("home").unwrap();
        let transit = home.transit.as_mut().unwrap();
        transit.holidays = vec![day("2026-06-01"), day("2026-06-02")];
    });
    let transit = quote(&tariff, &request(500)).transit.unwrap();
    assert_eq!(transit.handover, day("2026-06-01"));
    assert_eq!(transit.earliest, day("2026-06-03"));
}
