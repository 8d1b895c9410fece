//! Clocks at the places of a simulated journey.
//!
//! Written apart from the connectors' zones, so that the two can disagree.

use time::{Date, Duration, Month, OffsetDateTime, UtcOffset};

/// The instant on the clocks of a country: the zone of its mainland, with Europe's or North
/// America's summer time. Countries that are not listed show UTC.
pub(crate) fn local(at: OffsetDateTime, country: &str) -> OffsetDateTime {
    let at = at.to_offset(UtcOffset::UTC);
    let (hours, summer) = match country {
        "GB" | "IE" | "PT" => (0, europe(at)),
        "FR" | "DE" | "BE" | "NL" | "LU" | "ES" | "IT" | "CH" | "AT" | "PL" | "CZ" | "DK"
        | "SE" | "NO" | "HU" | "SK" | "SI" | "HR" | "MC" => (1, europe(at)),
        "FI" | "GR" | "RO" | "BG" | "EE" | "LV" | "LT" => (2, europe(at)),
        "US" | "CA" => (-6, america(at)),
        _ => (0, false),
    };
    let offset = UtcOffset::from_hms(hours + i8::from(summer), 0, 0).unwrap_or(UtcOffset::UTC);
    at.to_offset(offset)
}

/// Does the country's mainland have one zone, so that a local time there tells the instant?
pub(crate) fn one_zone(country: &str) -> bool {
    !matches!(country, "US" | "CA" | "AU" | "BR" | "RU" | "MX" | "ES" | "PT")
}

/// From the last Sunday of March to the last of October, both at 01:00 UTC.
fn europe(at: OffsetDateTime) -> bool {
    let change = |month| {
        let end = Date::from_calendar_date(at.year(), month, 31).ok()?;
        let back = Duration::days(i64::from(end.weekday().number_days_from_sunday()));
        Some(end.checked_sub(back)?.midnight().assume_utc() + Duration::HOUR)
    };
    let span = change(Month::March).zip(change(Month::October));
    span.is_some_and(|(from, to)| at >= from && at < to)
}

/// From the second Sunday of March to the first of November; the hour of the change is taken as
/// eight in UTC, which is exact for the central zone in March.
fn america(at: OffsetDateTime) -> bool {
    let sunday = |month, from: u8| {
        let first = Date::from_calendar_date(at.year(), month, from).ok()?;
        let ahead = (7 - i64::from(first.weekday().number_days_from_sunday())) % 7;
        Some(first.checked_add(Duration::days(ahead))?.midnight().assume_utc() + Duration::hours(8))
    };
    let span = sunday(Month::March, 8).zip(sunday(Month::November, 1));
    span.is_some_and(|(from, to)| at >= from && at < to)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn clocks_change_where_and_when_they_do() {
        for (utc, country, hour) in [
            (datetime!(2026-03-29 00:59:59 UTC), "FR", 1),
            (datetime!(2026-03-29 01:00:00 UTC), "FR", 3),
            (datetime!(2026-10-25 01:00:00 UTC), "FR", 2),
            (datetime!(2026-07-01 12:00:00 UTC), "GB", 13),
            (datetime!(2026-11-20 12:00:00 UTC), "US", 6),
            (datetime!(2026-07-01 12:00:00 UTC), "US", 7),
        ] {
            assert_eq!(local(utc, country).hour(), hour, "{utc} {country}");
        }
    }
}
