//! Times as most carriers write them: ISO 8601, with or without an offset.
//!
//! A local time never becomes an instant by itself: its offset is stated, follows from a place with
//! one zone, or stays unknown.

use colibri_types::{CivilTime, Precision};
use time::{Date, Month, PrimitiveDateTime, Time, UtcOffset};

use super::zone;
use crate::{Location, ZoneSource};

/// Digits only, as a number.
fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// A day from its three parts as text; a year of two digits is of this century.
pub(crate) fn day(year: &str, month: &str, day: &str) -> Option<Date> {
    let full: i32 = match year.len() {
        2 => 2000 + number::<i32>(year)?,
        4 => number(year)?,
        _ => return None,
    };
    let month = Month::try_from(number::<u8>(month)?).ok()?;
    Date::from_calendar_date(full, month, number(day)?).ok()
}

/// `18:02`, `18:02:00`, `18:02:00.123`.
pub(crate) fn clock(text: &str) -> Option<(Time, Precision)> {
    let mut parts = text.split(':');
    let (hour, minute) = (number(parts.next()?)?, number(parts.next()?)?);
    match (parts.next(), parts.next()) {
        (None, _) => Time::from_hms(hour, minute, 0).ok().map(|t| (t, Precision::Minute)),
        (Some(second), None) => {
            // A fraction of a second is finer than anything here.
            let second = second.split(['.', ',']).next().unwrap_or_default();
            let time = Time::from_hms(hour, minute, number(second)?).ok()?;
            Some((time, Precision::Second))
        }
        _ => None,
    }
}

/// `+01:00`, `+0100`, `+01`, `Z`, each with its sign; zones lie between -12:00 and +14:00.
pub(crate) fn offset(text: &str) -> Option<UtcOffset> {
    if text.eq_ignore_ascii_case("z") {
        return Some(UtcOffset::UTC);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let rest = text.strip_prefix(['+', '-'])?;
    let (hours, minutes) = match rest.split_once(':') {
        Some(parts) => parts,
        None if rest.len() == 2 => (rest, "0"),
        None if rest.len() == 4 => rest.split_at_checked(2)?,
        None => return None,
    };
    let (hours, minutes): (i8, i8) = (number(hours)?, number(minutes)?);
    let offset = UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()?;
    (-12 * 3600..=14 * 3600).contains(&offset.whole_seconds()).then_some(offset)
}

/// A local time, with the offset of its place where the place has one zone.
pub(crate) fn placed(
    local: PrimitiveDateTime,
    precision: Precision,
    place: &Location,
) -> (CivilTime, ZoneSource) {
    match zone::of(place).map(|zone| zone.offset(local)) {
        Some(offset) => (CivilTime::at(local, offset, precision), ZoneSource::Place),
        None => (CivilTime::local(local, precision), ZoneSource::None),
    }
}

/// `2026-11-20`, `2026-11-20T18:02:00`, `2026-11-20T18:02:00+01:00`, `2026-11-20 18:02`.
pub(crate) fn iso(text: &str, place: &Location) -> (Option<CivilTime>, ZoneSource) {
    match read(text.trim(), place) {
        Some((time, source)) => (Some(time), source),
        None => (None, ZoneSource::None),
    }
}

fn read(text: &str, place: &Location) -> Option<(CivilTime, ZoneSource)> {
    let (date, rest) = text.split_at_checked(10)?;
    let mut parts = date.split('-');
    let date = day(parts.next()?, parts.next()?, parts.next()?)?;
    let Some(rest) = rest.strip_prefix(['T', 't', ' ']) else {
        return rest.is_empty().then(|| (CivilTime::day(date), ZoneSource::None));
    };
    let end = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (clock_text, offset_text) = rest.split_at_checked(end)?;
    let (time, precision) = clock(clock_text.trim_end())?;
    let local = PrimitiveDateTime::new(date, time);
    if offset_text.is_empty() {
        return Some(placed(local, precision, place));
    }
    let offset = offset(offset_text.trim())?;
    Some((CivilTime::at(local, offset, precision), ZoneSource::Stated))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_stated_placed_or_unknown() {
        let lyon = Location { country: "FR".parse().ok(), ..Location::default() };
        let nowhere = Location::default();
        for (text, place, expected, source) in [
            ("2026-11-20", &lyon, "2026-11-20", ZoneSource::None),
            ("2026-11-20T18:02:00", &lyon, "2026-11-20T18:02:00+01:00", ZoneSource::Place),
            ("2026-07-20 18:02", &lyon, "2026-07-20T18:02+02:00", ZoneSource::Place),
            ("2026-11-20T18:02:00.5", &nowhere, "2026-11-20T18:02:00", ZoneSource::None),
            ("2026-11-20T18:02:00-06:00", &lyon, "2026-11-20T18:02:00-06:00", ZoneSource::Stated),
            ("2026-11-20T18:02:00+0100", &nowhere, "2026-11-20T18:02:00+01:00", ZoneSource::Stated),
            ("2026-11-20T18:02:00Z", &nowhere, "2026-11-20T18:02:00+00:00", ZoneSource::Stated),
        ] {
            let (time, found) = iso(text, place);
            assert_eq!(time.map(|t| t.to_string()).as_deref(), Some(expected), "{text}");
            assert_eq!(found, source, "{text}");
        }
        for broken in ["", "2026-13-01", "2026-11-20T", "2026-11-20T25:00", "20/11/2026 18:02", "é"]
        {
            assert_eq!(iso(broken, &lyon), (None, ZoneSource::None), "{broken}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_a_panic(text in "\\PC{0,24}", other in "[0-9TZ:.+ -]{0,30}") {
            for text in [text.as_str(), other.as_str()] {
                let _ = (iso(text, &Location::default()), clock(text), offset(text));
            }
        }
    }
}
