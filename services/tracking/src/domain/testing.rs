//! Scans to try things on.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use colibri_carriers::{Headline as H, Location, MappedStatus, Scan, SubStatus as S, ZoneSource};
use colibri_types::{CivilTime, Precision};
use proptest::prelude::*;
use time::{Duration, OffsetDateTime, UtcOffset, macros::datetime};

/// When labels of tests were bought.
pub const BOUGHT: OffsetDateTime = datetime!(2026-11-22 09:00 UTC);
/// When answers of tests come in, if nothing else is said.
pub const TOLD: OffsetDateTime = datetime!(2026-11-30 09:00 UTC);

/// Codes with one meaning each, as in a carrier's table.
pub const CODES: &[(&str, MappedStatus)] = &[
    ("MP", MappedStatus::State(H::Created, None)),
    ("PU", MappedStatus::State(H::PickedUp, None)),
    ("IT", MappedStatus::State(H::InTransit, None)),
    ("CH", MappedStatus::State(H::Delayed, Some(S::CustomsHold))),
    ("OD", MappedStatus::State(H::OutForDelivery, None)),
    ("NH", MappedStatus::State(H::Exception, Some(S::FailedAttempt))),
    ("RF", MappedStatus::State(H::Exception, Some(S::Refused))),
    ("RT", MappedStatus::State(H::Exception, Some(S::Returning))),
    ("CA", MappedStatus::State(H::Exception, Some(S::Cancelled))),
    ("DL", MappedStatus::State(H::Delivered, None)),
    ("NC", MappedStatus::NoChange),
    ("??", MappedStatus::Unknown),
];

/// A plain scan, `hours` after the purchase.
pub fn scan(code: &str, hours: i64) -> Scan {
    let (_, status) = CODES.iter().find(|(known, _)| *known == code).unwrap();
    let at = BOUGHT + Duration::hours(hours);
    let local = time::PrimitiveDateTime::new(at.date(), at.time());
    Scan {
        code: code.to_owned(),
        description: format!("words of {code}"),
        status: *status,
        time: Some(CivilTime::at(local, UtcOffset::UTC, Precision::Second)),
        zone_source: ZoneSource::Stated,
        location: Location { city: Some("Exemplaire".into()), ..Location::default() },
        sequence: 0,
        return_leg: false,
    }
}

fn place() -> impl Strategy<Value = Location> {
    let city = prop::option::of(prop::sample::select(vec!["Lyon", "Trier"]));
    let area = prop::option::of(prop::sample::select(vec!["69002", "54290"]));
    let country = prop::option::of(prop::sample::select(vec!["FR", "DE"]));
    (city, area, country).prop_map(|(city, area, country)| Location {
        city: city.map(str::to_owned),
        postcode: area.map(str::to_owned),
        subdivision: None,
        country: country.map(|code| code.parse().unwrap()),
    })
}

fn civil() -> impl Strategy<Value = Option<CivilTime>> {
    let offset = prop::option::of(prop::sample::select(vec![0_i8, 1, -5]));
    let precision =
        prop::sample::select(vec![Precision::Day, Precision::Minute, Precision::Second]);
    // Few minutes and few hours, so that ties and repetitions happen.
    prop::option::weighted(0.9, (0_i64..60, 0_i64..3, offset, precision)).prop_map(|stated| {
        let (hours, seconds, offset, precision) = stated?;
        let at = BOUGHT + Duration::hours(hours) + Duration::seconds(seconds);
        let offset = offset.map(|hours| UtcOffset::from_hms(hours, 0, 0).unwrap());
        let midnight = time::Time::MIDNIGHT;
        let clock = match precision {
            Precision::Day => midnight,
            Precision::Minute => at.time().replace_second(0).unwrap(),
            Precision::Second => at.time(),
        };
        let local = time::PrimitiveDateTime::new(at.date(), clock);
        Some(CivilTime { local, offset, precision })
    })
}

/// Any scan that a table can give.
pub fn any_scan() -> impl Strategy<Value = Scan> {
    let code = prop::sample::select(CODES.to_vec());
    let words = prop::sample::select(vec!["", "Remis", "remis ", "Arrived at  Facility"]);
    (code, words, civil(), place(), 0_u32..4, prop::bool::weighted(0.1)).prop_map(
        |((code, status), words, time, location, sequence, return_leg)| Scan {
            code: code.to_owned(),
            description: words.to_owned(),
            status,
            time,
            zone_source: ZoneSource::None,
            location,
            sequence,
            return_leg,
        },
    )
}
