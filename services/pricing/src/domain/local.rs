//! Local time at an origin, for the day of shipping and for cut-offs.
//!
//! Owns the civil times of the countries parcels leave from: whole-country rules, and postcodes
//! where a country has several. A country that is not listed counts in UTC; towns that differ from
//! the rest of their postcode area are not told apart. No zone database: rules are those in force
//! since 2007, and a country that changes its clock needs a line here.

use colibri_types::Country;
use time::{Date, Duration, Month, OffsetDateTime, UtcOffset, Weekday};

use super::request::Place;

/// When clocks go forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Summer {
    Never,
    /// Last Sunday of March to last Sunday of October, at 01:00 UTC everywhere.
    Europe,
    /// Second Sunday of March to first Sunday of November, at 02:00 local time.
    America,
}

use Summer::{America, Europe, Never};

/// Minutes east of UTC in winter, and the rule of summer.
type Zone = (i16, Summer);

/// Countries with one civil time.
const COUNTRIES: &[(&str, Zone)] = &[
    ("GB IE PT GG JE IM FO", (0, Europe)),
    ("IS MA", (0, Never)),
    ("AD AL AT BA BE CH CZ DE DK ES FR GI HR HU IT LI LU MC ME MK MT NL", (60, Europe)),
    ("NO PL RS SE SI SK SM VA", (60, Europe)),
    ("TN DZ", (60, Never)),
    ("AX BG CY EE FI GR LT LV MD RO UA", (120, Europe)),
    ("BY TR YT", (180, Never)),
    ("AE RE", (240, Never)),
    ("IN", (330, Never)),
    ("CN HK SG TW", (480, Never)),
    ("JP KR", (540, Never)),
    ("GP MQ BL MF PR", (-240, Never)),
    ("GF", (-180, Never)),
    ("PM", (-180, America)),
    ("NC", (660, Never)),
    ("WF", (720, Never)),
    ("PF", (-600, Never)),
];

const EASTERN: Zone = (-300, America);
const CENTRAL: Zone = (-360, America);
const MOUNTAIN: Zone = (-420, America);
const PACIFIC: Zone = (-480, America);

/// First three digits of a ZIP code from which on a zone holds, until the next line.
const ZIPS: &[(u16, Zone)] = &[
    (0, EASTERN),
    (6, (-240, Never)),
    (10, EASTERN),
    (324, CENTRAL),
    (326, EASTERN),
    (350, CENTRAL),
    (373, EASTERN),
    (375, CENTRAL),
    (376, EASTERN),
    (380, CENTRAL),
    (398, EASTERN),
    (420, CENTRAL),
    (425, EASTERN),
    (463, CENTRAL),
    (465, EASTERN),
    (476, CENTRAL),
    (478, EASTERN),
    (500, CENTRAL),
    (577, MOUNTAIN),
    (580, CENTRAL),
    (590, MOUNTAIN),
    (600, CENTRAL),
    (693, MOUNTAIN),
    (700, CENTRAL),
    (798, MOUNTAIN),
    (835, PACIFIC),
    (836, MOUNTAIN),
    (838, PACIFIC),
    (840, MOUNTAIN),
    (850, (-420, Never)),
    (870, MOUNTAIN),
    (889, PACIFIC),
    (967, (-600, Never)),
    (969, (600, Never)),
    (970, PACIFIC),
    (995, (-540, America)),
];

/// First letters of Canadian postcodes.
const CANADA: &[(&str, Zone)] = &[
    ("A", (-210, America)),
    ("BCE", (-240, America)),
    ("R", CENTRAL),
    ("S", (-360, Never)),
    ("TXY", MOUNTAIN),
    ("V", PACIFIC),
];

/// The instant in the origin's local time.
#[must_use]
pub fn local(origin: &Place, at: OffsetDateTime) -> OffsetDateTime {
    let (winter, summer) = zone(origin.country, origin.plain_postcode().as_deref());
    let winter = i32::from(winter);
    let minutes = if in_summer(summer, winter, at) { winter + 60 } else { winter };
    let offset = UtcOffset::from_whole_seconds(minutes * 60).unwrap_or(UtcOffset::UTC);
    at.to_offset(offset)
}

fn zone(country: Country, postcode: Option<&str>) -> Zone {
    let code = country.as_str();
    let begins = |beginnings: &[&str]| {
        postcode.is_some_and(|p| beginnings.iter().any(|beginning| p.starts_with(beginning)))
    };
    match code {
        // The easternmost large zone where the postcode is unknown: it promises later.
        "US" => postcode.and_then(zip).unwrap_or(EASTERN),
        "CA" => {
            let letter = |(letters, _): &&(&str, Zone)| {
                postcode.and_then(|p| p.chars().next()).is_some_and(|c| letters.contains(c))
            };
            CANADA.iter().find(letter).map_or(EASTERN, |(_, zone)| *zone)
        }
        // Canary Islands; Azores.
        "ES" if begins(&["35", "38"]) => (0, Europe),
        "PT" if begins(&["95", "96", "97", "98", "99"]) => (-60, Europe),
        _ => {
            let listed = |(codes, _): &&(&str, Zone)| codes.split(' ').any(|c| c == code);
            COUNTRIES.iter().find(listed).map_or((0, Never), |(_, zone)| *zone)
        }
    }
}

fn zip(postcode: &str) -> Option<Zone> {
    let area: u16 = postcode.get(..3)?.parse().ok()?;
    ZIPS.iter().rev().find(|(from, _)| *from <= area).map(|(_, zone)| *zone)
}

fn in_summer(rule: Summer, winter: i32, at: OffsetDateTime) -> bool {
    let utc = at.to_offset(UtcOffset::UTC);
    let year = utc.year();
    let instant = |day: Option<Date>, minutes: i32| {
        let midnight = day?.midnight().assume_utc();
        Some(midnight + Duration::minutes(i64::from(minutes)))
    };
    let (from, to) = match rule {
        Never => return false,
        Europe => (
            instant(last_sunday(year, Month::March), 60),
            instant(last_sunday(year, Month::October), 60),
        ),
        // 02:00 by winter time, and 02:00 by summer time, which is 01:00 by winter time.
        America => (
            instant(sunday(year, Month::March, 2), 120 - winter),
            instant(sunday(year, Month::November, 1), 60 - winter),
        ),
    };
    matches!((from, to), (Some(from), Some(to)) if from <= utc && utc < to)
}

/// The n-th Sunday of a month, from 1.
fn sunday(year: i32, month: Month, nth: u8) -> Option<Date> {
    let first = Date::from_calendar_date(year, month, 1).ok()?;
    let until =
        Weekday::Sunday.number_days_from_monday() - first.weekday().number_days_from_monday();
    first.checked_add(Duration::days(i64::from(until) + 7 * (i64::from(nth) - 1)))
}

/// The last Sunday of a month of 31 days.
fn last_sunday(year: i32, month: Month) -> Option<Date> {
    let last = Date::from_calendar_date(year, month, 31).ok()?;
    let back = last.weekday().number_days_from_sunday();
    last.checked_sub(Duration::days(i64::from(back)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use time::macros::datetime;

    use super::*;

    fn at(country: &str, postcode: &str, at: OffsetDateTime) -> String {
        let postcode = Some(postcode.to_owned()).filter(|p| !p.is_empty());
        let origin = Place { country: country.parse().unwrap(), postcode };
        let local = local(&origin, at);
        format!("{} {:02}:{:02}", Date::day(local.date()), local.hour(), local.minute())
    }

    #[test]
    fn clocks_change_when_they_do() {
        for (country, postcode, instant, shown) in [
            ("FR", "", datetime!(2026-03-29 00:59 UTC), "29 01:59"),
            ("FR", "", datetime!(2026-03-29 01:00 UTC), "29 03:00"),
            ("FR", "", datetime!(2026-10-25 00:59 UTC), "25 02:59"),
            ("FR", "", datetime!(2026-10-25 01:00 UTC), "25 02:00"),
            ("GB", "SW1", datetime!(2026-07-01 12:00 UTC), "1 13:00"),
            ("GB", "SW1", datetime!(2026-01-01 12:00 UTC), "1 12:00"),
            ("US", "10001", datetime!(2026-03-08 06:59 UTC), "8 01:59"),
            ("US", "10001", datetime!(2026-03-08 07:00 UTC), "8 03:00"),
            ("US", "10001", datetime!(2026-11-01 05:59 UTC), "1 01:59"),
            ("US", "10001", datetime!(2026-11-01 06:00 UTC), "1 01:00"),
        ] {
            assert_eq!(at(country, postcode, instant), shown, "{country} {instant}");
        }
    }

    #[test]
    fn postcodes_tell_the_zones_of_a_country_apart() {
        let noon = datetime!(2026-07-01 12:00 UTC);
        for (country, postcode, shown) in [
            ("US", "90001", "1 05:00"),
            ("US", "60601", "1 07:00"),
            ("US", "85001", "1 05:00"),
            ("US", "80201", "1 06:00"),
            ("US", "96813", "1 02:00"),
            ("US", "00901", "1 08:00"),
            ("US", "", "1 08:00"),
            ("CA", "V5K", "1 05:00"),
            ("CA", "M5H", "1 08:00"),
            ("ES", "35001", "1 13:00"),
            ("ES", "28001", "1 14:00"),
            ("RE", "97400", "1 16:00"),
        ] {
            assert_eq!(at(country, postcode, noon), shown, "{country} {postcode}");
        }
    }

    #[test]
    fn a_country_stands_in_one_line_and_thresholds_rise() {
        let mut seen = std::collections::BTreeSet::new();
        for code in COUNTRIES.iter().flat_map(|(codes, _)| codes.split(' ')) {
            assert!(code.parse::<Country>().is_ok() && seen.insert(code), "{code}");
        }
        assert!(ZIPS.iter().zip(ZIPS.iter().skip(1)).all(|(one, next)| one.0 < next.0));
    }
}
