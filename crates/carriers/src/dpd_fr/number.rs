//! Parcel numbers, and the days of the carrier.

use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime};

use crate::{
    Location,
    wire::{when, zone},
};

/// Numbers have 14 characters; more is let through for what other parts of the group may issue.
const LENGTHS: std::ops::RangeInclusive<usize> = 10..=20;
/// Source of every number seen.
const USUAL_SOURCE: &str = "1";

/// Could this be a parcel's number?
pub(super) fn believable(id: &str) -> bool {
    LENGTHS.contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A parcel is named by the source of its number and the number: the source is kept in front of the
/// number only where it is not the usual one.
pub(super) fn pack(source: Option<&str>, id: &str) -> String {
    match source {
        Some(source) if source != USUAL_SOURCE => format!("{source}:{id}"),
        _ => id.to_owned(),
    }
}

/// Source and number; `None` when it is no number of this carrier.
pub(super) fn unpack(text: &str) -> Option<(&str, &str)> {
    let (source, id) = text.split_once(':').unwrap_or((USUAL_SOURCE, text));
    let digits = !source.is_empty() && source.bytes().all(|byte| byte.is_ascii_digit());
    (digits && source.len() <= 9 && believable(id)).then_some((source, id))
}

/// Letters and digits in upper case, without the check character that labels show behind the 14.
pub(super) fn bare(typed: &str) -> String {
    let kept = typed.chars().filter(char::is_ascii_alphanumeric);
    let kept: String = kept.map(|c| c.to_ascii_uppercase()).collect();
    match kept.get(..14) {
        Some(number) if kept.len() == 15 => number.to_owned(),
        _ => kept,
    }
}

/// `20/11/2026`, as requests have it; `None` for years without four digits.
pub(super) fn day(date: Date) -> Option<String> {
    let (year, month, day) = date.to_calendar_date();
    let plain = (1000..=9999).contains(&year);
    plain.then(|| format!("{day:02}/{:02}/{year:04}", u8::from(month)))
}

/// The day in France.
pub(super) fn today(now: OffsetDateTime) -> Date {
    let utc = now.to_offset(time::UtcOffset::UTC);
    let winter = utc.checked_add(Duration::HOUR).unwrap_or(utc);
    let local = PrimitiveDateTime::new(winter.date(), winter.time());
    let zone = zone::of(&france());
    zone.map_or(winter.date(), |zone| utc.to_offset(zone.offset(local)).date())
}

/// Where clocks show the carrier's times.
pub(super) fn france() -> Location {
    Location { country: Some(colibri_types::Country::FR), ..Location::default() }
}

/// `20.11.2026`, `20/11/2026` or `2026-11-20`, as answers have it; whatever follows is left alone.
pub(super) fn read_day(text: &str) -> Option<Date> {
    let text = text.trim();
    let text = text.split([' ', 'T']).next().unwrap_or_default();
    let mut parts = text.split(['.', '/', '-']);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    if text.contains('-') {
        return (first.len() == 4).then(|| when::day(first, second, third)).flatten();
    }
    (third.len() == 4).then(|| when::day(third, second, first)).flatten()
}
