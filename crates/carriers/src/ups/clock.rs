//! UPS's dates and times: local, GMT and offset fields, any of which may be missing or unpadded.
//!
//! Order of trust: GMT date and time, then the stated offset, then a place with one zone. Without
//! any of them there is no UTC time; a local time never becomes one by itself.

use colibri_types::{CivilTime, Precision};
use time::{Date, Duration, Month, PrimitiveDateTime, Time, UtcOffset};

use crate::{Location, ZoneSource, wire::zone};

/// The time fields of one event, as text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fields<'a> {
    pub date: Option<&'a str>,
    pub time: Option<&'a str>,
    pub gmt_date: Option<&'a str>,
    pub gmt_time: Option<&'a str>,
    pub gmt_offset: Option<&'a str>,
}

/// `YYYYMMDD`, or with separators.
pub(super) fn date(text: &str) -> Option<Date> {
    let digits: String = text.chars().filter(|c| !matches!(c, '-' | '/')).collect();
    if digits.len() != 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let month = Month::try_from(digits.get(4..6)?.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(
        digits.get(0..4)?.parse().ok()?,
        month,
        digits.get(6..8)?.parse().ok()?,
    )
    .ok()
}

/// `HHMMSS`, also without its leading zeros (`74700`) or with colons (`15:44:34`, `15:44`).
pub(super) fn time(text: &str) -> Option<(Time, Precision)> {
    let (digits, precision) = if text.contains(':') {
        let parts: Vec<&str> = text.split(':').collect();
        match parts.as_slice() {
            [hour, minute] => (format!("{hour:0>2}{minute:0>2}00"), Precision::Minute),
            [hour, minute, second] => {
                // A fraction of a second is finer than anything here.
                let second = second.split('.').next().unwrap_or_default();
                (format!("{hour:0>2}{minute:0>2}{second:0>2}"), Precision::Second)
            }
            _ => return None,
        }
    } else {
        (format!("{text:0>6}"), Precision::Second)
    };
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let pair = |from: usize| digits.get(from..from + 2).and_then(|two| two.parse::<u8>().ok());
    Time::from_hms(pair(0)?, pair(2)?, pair(4)?).ok().map(|time| (time, precision))
}

/// `-05:00` (tracking), `-04.00` (push), `+0100`, `+1`, `Z`.
pub(super) fn offset(text: &str) -> Option<UtcOffset> {
    if text.eq_ignore_ascii_case("Z") {
        return Some(UtcOffset::UTC);
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (hours, minutes) = match rest.split_once([':', '.']) {
        Some((hours, minutes)) => (hours, minutes.get(0..2)?),
        None if rest.len() <= 2 => (rest, "0"),
        None => rest.split_at_checked(rest.len().saturating_sub(2))?,
    };
    let number = |text: &str| {
        let plain = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| text.parse::<i8>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let offset = UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()?;
    plausible(offset).then_some(offset)
}

/// Zones lie between -12:00 and +14:00.
fn plausible(offset: UtcOffset) -> bool {
    (-12 * 3600..=14 * 3600).contains(&offset.whole_seconds())
}

/// The offset between a local time and the same moment in GMT: a whole quarter of an hour, as every
/// zone in use, give or take a minute for times stated without seconds.
fn between(local: PrimitiveDateTime, gmt: PrimitiveDateTime) -> Option<UtcOffset> {
    const QUARTER: i64 = 900;
    let seconds = (local - gmt).whole_seconds();
    let quarters = (seconds + QUARTER / 2).div_euclid(QUARTER);
    let rounded = quarters * QUARTER;
    let offset = UtcOffset::from_whole_seconds(i32::try_from(rounded).ok()?).ok()?;
    ((seconds - rounded).abs() <= 60 && plausible(offset)).then_some(offset)
}

/// When an event happened, and where its offset comes from.
pub(super) fn event(fields: Fields<'_>, place: &Location) -> (Option<CivilTime>, ZoneSource) {
    let stated = fields.gmt_offset.and_then(offset);
    let gmt = fields.gmt_date.and_then(date).zip(fields.gmt_time.and_then(time));
    let gmt = gmt.map(|(date, (time, precision))| (PrimitiveDateTime::new(date, time), precision));
    let Some(day) = fields.date.and_then(date) else {
        return gmt_only(gmt, stated);
    };
    let Some((time, precision)) = fields.time.and_then(time) else {
        // A date alone gets no hour from its GMT twin: the day is what was stated.
        return (Some(CivilTime::day(day)), ZoneSource::None);
    };
    let local = PrimitiveDateTime::new(day, time);
    if let Some(offset) = gmt.and_then(|(gmt, _)| between(local, gmt)) {
        return (Some(CivilTime::at(local, offset, precision)), ZoneSource::GmtFields);
    }
    if let Some(offset) = stated {
        return (Some(CivilTime::at(local, offset, precision)), ZoneSource::Stated);
    }
    match zone::of(place).map(|zone| zone.offset(local)) {
        Some(offset) => (Some(CivilTime::at(local, offset, precision)), ZoneSource::Place),
        None => (Some(CivilTime::local(local, precision)), ZoneSource::None),
    }
}

/// Only GMT fields: the instant is known; the wall clock too when the offset is.
fn gmt_only(
    gmt: Option<(PrimitiveDateTime, Precision)>,
    stated: Option<UtcOffset>,
) -> (Option<CivilTime>, ZoneSource) {
    let Some((gmt, precision)) = gmt else {
        return (None, ZoneSource::None);
    };
    let offset = stated.unwrap_or(UtcOffset::UTC);
    let shift = Duration::seconds(i64::from(offset.whole_seconds()));
    match gmt.checked_add(shift) {
        Some(local) => (Some(CivilTime::at(local, offset, precision)), ZoneSource::GmtFields),
        None => (None, ZoneSource::None),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn dates_and_times_are_read_in_every_seen_spelling() {
        for (text, expected) in [
            ("20260424", Some("2026-04-24")),
            ("2026-04-24", Some("2026-04-24")),
            ("20260230", None),
            ("2026042", None),
            ("", None),
            ("2026042é", None),
        ] {
            assert_eq!(date(text).map(|d| d.to_string()).as_deref(), expected, "{text}");
        }
        for (text, expected) in [
            ("071356", Some("7:13:56.0")),
            ("74700", Some("7:47:00.0")),
            ("0", Some("0:00:00.0")),
            ("15:44:34", Some("15:44:34.0")),
            ("15:44:34.120", Some("15:44:34.0")),
            ("9:05", Some("9:05:00.0")),
            ("240000", None),
            ("0713567", None),
            ("noon", None),
            ("1:2:3:4", None),
        ] {
            assert_eq!(time(text).map(|(t, _)| t.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn offsets_are_read_with_colon_point_or_nothing() {
        for (text, minutes) in [
            ("-05:00", Some(-300)),
            ("-04.00", Some(-240)),
            ("+01:00", Some(60)),
            ("+0530", Some(330)),
            ("-330", Some(-210)),
            ("+1", Some(60)),
            ("Z", Some(0)),
            ("+15:00", None),
            ("-23.59", None),
            ("east", None),
            ("", None),
            ("+-1", None),
            ("é", None),
        ] {
            let read = offset(text).map(|o| i32::from(o.whole_minutes()));
            assert_eq!(read, minutes, "{text}");
        }
    }

    fn stated(parts: [&'static str; 5]) -> (Option<String>, ZoneSource) {
        let some = |text: &'static str| (!text.is_empty()).then_some(text);
        let [date, time, gmt_date, gmt_time, gmt_offset] = parts.map(some);
        let fields = Fields { date, time, gmt_date, gmt_time, gmt_offset };
        let (time, source) = event(fields, &Location::default());
        (time.map(|time| time.to_string()), source)
    }

    #[test]
    fn gmt_fields_win_then_the_stated_offset_then_nothing() {
        use ZoneSource::{GmtFields, None as Nowhere, Stated};
        for (parts, expected, source) in [
            (
                ["20261124", "081500", "20261124", "071500", "+01:00"],
                Some("2026-11-24T08:15:00+01:00"),
                GmtFields,
            ),
            (
                ["20261124", "081500", "20261124", "71500", ""],
                Some("2026-11-24T08:15:00+01:00"),
                GmtFields,
            ),
            (
                // The offset is a check only: the two GMT fields disagree with it and win.
                ["20261124", "081500", "20261124", "131500", "-04:00"],
                Some("2026-11-24T08:15:00-05:00"),
                GmtFields,
            ),
            (["20261124", "081500", "", "", "-05:00"], Some("2026-11-24T08:15:00-05:00"), Stated),
            (
                // GMT fields that fit no zone are no GMT fields.
                ["20261124", "081500", "20260101", "131500", "-05.00"],
                Some("2026-11-24T08:15:00-05:00"),
                Stated,
            ),
            (
                // Half an hour of difference, give or take minutes, is no zone: the values of
                // UPS's own document do not belong together.
                ["20210210", "071356", "20210210", "74700", "-05:00"],
                Some("2021-02-10T07:13:56-05:00"),
                Stated,
            ),
            (["20261124", "081500", "", "", ""], Some("2026-11-24T08:15:00"), Nowhere),
            (["20261124", "", "20261124", "071500", "+01:00"], Some("2026-11-24"), Nowhere),
            (
                ["", "", "20261124", "233000", "+01:00"],
                Some("2026-11-25T00:30:00+01:00"),
                GmtFields,
            ),
            (["", "", "20261124", "071500", ""], Some("2026-11-24T07:15:00+00:00"), GmtFields),
            (["", "081500", "", "", "+01:00"], None, Nowhere),
            (["99999999", "081500", "", "", ""], None, Nowhere),
        ] {
            assert_eq!(stated(parts), (expected.map(str::to_owned), source), "{parts:?}");
        }
    }

    #[test]
    fn a_place_with_one_zone_gives_the_offset_when_nothing_is_stated() {
        let lyon = Location { country: "FR".parse().ok(), ..Location::default() };
        let fields = Fields { date: Some("20260715"), time: Some("120000"), ..Fields::default() };
        let (time, source) = event(fields, &lyon);
        assert_eq!(time.unwrap().to_string(), "2026-07-15T12:00:00+02:00");
        assert_eq!(source, ZoneSource::Place);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_a_panic(text in "\\PC{0,12}", other in "[0-9:.+-]{0,12}") {
            for text in [text.as_str(), other.as_str()] {
                let some = Some(text);
                let fields = Fields {
                    date: some, time: some, gmt_date: some, gmt_time: some, gmt_offset: some,
                };
                let _ = (date(text), time(text), offset(text));
                let _ = event(fields, &Location::default());
            }
        }
    }
}
