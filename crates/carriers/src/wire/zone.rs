//! Time zones of places that have exactly one: most of Europe.
//!
//! Deliberately small: it serves scans without GMT fields, in countries that keep the common
//! European summer time. Countries with several zones (and islands under another country's code)
//! are left out, and their scans stay without a UTC time.

use time::{Date, Duration, Month, PrimitiveDateTime, Time, UtcOffset};

use crate::Location;

/// A zone of the common European rule: summer time from the last Sunday of March to the last
/// Sunday of October, changed everywhere at 01:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Zone {
    /// Hours east of Greenwich in winter.
    winter: i8,
}

/// Western, Central and Eastern European Time. Left out for their islands: Spain, Portugal.
const ZONES: [(i8, &str); 3] = [
    (0, "GB IE GG IM JE"),
    (1, "AD AL AT BA BE CH CZ DE DK FR HR HU IT LI LU MC ME MK MT NL NO PL RS SE SI SK SM VA XK"),
    (2, "BG CY EE FI GR LT LV RO AX"),
];

/// The zone of a place, when it has one and only one.
pub(crate) fn of(place: &Location) -> Option<Zone> {
    let country = place.country?;
    // French overseas departments appear under FR with postcodes from 97000.
    let postcode = place.postcode.as_deref().unwrap_or_default();
    if country.as_str() == "FR" && (postcode.starts_with("97") || postcode.starts_with("98")) {
        return None;
    }
    ZONES
        .iter()
        .find(|(_, countries)| countries.split(' ').any(|code| code == country.as_str()))
        .map(|&(winter, _)| Zone { winter })
}

impl Zone {
    /// The offset at a local time. A time skipped in spring reads as already summer; the hour that
    /// comes twice in autumn reads as its first coming.
    pub(crate) fn offset(self, local: PrimitiveDateTime) -> UtcOffset {
        let change = |month, earlier: i8| {
            let hours = Duration::hours(i64::from(1 + self.winter + earlier));
            last_sunday(local.year(), month)
                .map(|day| PrimitiveDateTime::new(day, Time::MIDNIGHT) + hours)
        };
        // Clocks jump at 01:00 UTC: forward from winter time, back from summer time.
        let summer = change(Month::March, 0).zip(change(Month::October, 1));
        let summer = summer.is_some_and(|(from, to)| from <= local && local < to);
        let hours = self.winter + i8::from(summer);
        UtcOffset::from_hms(hours, 0, 0).unwrap_or(UtcOffset::UTC)
    }
}

fn last_sunday(year: i32, month: Month) -> Option<Date> {
    let end = Date::from_calendar_date(year, month, 31).ok()?;
    let back = end.weekday().number_days_from_sunday();
    end.checked_sub(Duration::days(i64::from(back)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use time::macros::datetime;

    use super::*;

    fn place(country: &str, postcode: &str) -> Location {
        Location {
            country: country.parse().ok(),
            postcode: Some(postcode.to_owned()),
            ..Location::default()
        }
    }

    #[test]
    fn summer_time_begins_and_ends_on_the_last_sundays() {
        let berlin = of(&place("DE", "10115")).unwrap();
        for (local, hours) in [
            (datetime!(2026-01-15 12:00), 1),
            (datetime!(2026-03-29 01:59:59), 1),
            (datetime!(2026-03-29 02:30), 2),
            (datetime!(2026-03-29 03:00), 2),
            (datetime!(2026-10-25 02:59:59), 2),
            (datetime!(2026-10-25 03:00), 1),
        ] {
            assert_eq!(berlin.offset(local).whole_hours(), hours, "{local}");
        }
        let london = of(&place("GB", "")).unwrap();
        assert_eq!(london.offset(datetime!(2026-10-25 01:59)).whole_hours(), 1);
        assert_eq!(london.offset(datetime!(2026-10-25 02:00)).whole_hours(), 0);
        let athens = of(&place("GR", "")).unwrap();
        assert_eq!(athens.offset(datetime!(2026-07-01 00:00)).whole_hours(), 3);
    }

    #[test]
    fn places_with_several_zones_have_none() {
        for (country, postcode) in
            [("US", "10001"), ("ES", "28001"), ("PT", ""), ("FR", "97110"), ("CA", "")]
        {
            assert_eq!(of(&place(country, postcode)), None, "{country}");
        }
        assert_eq!(of(&Location::default()), None);
        assert!(of(&place("FR", "69002")).is_some());
    }
}
