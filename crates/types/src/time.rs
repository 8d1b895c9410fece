//! Civil time as a carrier states it: a local date and time, with an offset only when one is known.

use std::{fmt, str::FromStr};

use ::time::{
    Date, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset,
    format_description::BorrowedFormatItem, macros::format_description,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How finely a time was stated. A day is not a midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// Only the date.
    Day,
    /// Hours and minutes.
    Minute,
    /// Hours, minutes and seconds.
    Second,
}

/// A local time as stated, and its offset from UTC when it was stated or follows from the place.
/// Without an offset there is no UTC instant, and none is invented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CivilTime {
    /// Wall-clock date and time at the place of the event.
    pub local: PrimitiveDateTime,
    /// Offset from UTC, when known.
    pub offset: Option<UtcOffset>,
    /// How finely it was stated.
    pub precision: Precision,
}

/// A text is not a civil time of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a civil time such as 2026-11-22T09:30:00 or 2026-11-22T09:30:00+01:00")]
pub struct ParseCivilTimeError;

const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const MINUTE: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]");
const SECOND: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");

impl CivilTime {
    /// A local time without a known offset.
    #[must_use]
    pub const fn local(local: PrimitiveDateTime, precision: Precision) -> Self {
        Self { local, offset: None, precision }
    }

    /// A local time at a known offset.
    #[must_use]
    pub const fn at(local: PrimitiveDateTime, offset: UtcOffset, precision: Precision) -> Self {
        Self { local, offset: Some(offset), precision }
    }

    /// A day without a time.
    #[must_use]
    pub const fn day(date: Date) -> Self {
        Self::local(PrimitiveDateTime::new(date, Time::MIDNIGHT), Precision::Day)
    }

    /// The instant, when the offset is known.
    #[must_use]
    pub fn utc(&self) -> Option<OffsetDateTime> {
        self.offset.map(|offset| self.local.assume_offset(offset))
    }

    /// Local time used for ordering: a day without a time counts as its end.
    #[must_use]
    pub fn order_key(&self) -> PrimitiveDateTime {
        match self.precision {
            Precision::Day => self.local.replace_time(Time::MAX),
            Precision::Minute | Precision::Second => self.local,
        }
    }

    /// `2026-11-22T09:30:00`, or only the date when nothing finer was stated.
    #[must_use]
    pub fn local_text(&self) -> String {
        let format = match self.precision {
            Precision::Day => DATE,
            Precision::Minute | Precision::Second => SECOND,
        };
        self.local.format(format).unwrap_or_default()
    }

    /// `+01:00`, when known.
    #[must_use]
    pub fn offset_text(&self) -> Option<String> {
        self.offset.map(|offset| {
            let (hours, minutes, _) = offset.as_hms();
            let sign = if offset.is_negative() { '-' } else { '+' };
            format!("{sign}{:02}:{:02}", hours.unsigned_abs(), minutes.unsigned_abs())
        })
    }
}

impl fmt::Display for CivilTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.precision {
            Precision::Minute => self.local.format(MINUTE).unwrap_or_default(),
            Precision::Day | Precision::Second => self.local_text(),
        };
        write!(f, "{text}{}", self.offset_text().unwrap_or_default())
    }
}

impl FromStr for CivilTime {
    type Err = ParseCivilTimeError;

    /// Reads what [`CivilTime`]'s `Display` writes; carriers' own spellings belong to connectors.
    fn from_str(text: &str) -> Result<Self, ParseCivilTimeError> {
        let (text, utc) = match text.strip_suffix('Z') {
            Some(rest) => (rest, Some(UtcOffset::UTC)),
            None => (text, None),
        };
        let (stem, offset) = match text.get(10..).and_then(|rest| rest.rfind(['+', '-'])) {
            Some(at) => {
                let (stem, offset) = text.split_at(10 + at);
                (stem, Some(parse_offset(offset)?))
            }
            None => (text, utc),
        };
        let (local, precision) = if let Ok(date) = Date::parse(stem, DATE) {
            (PrimitiveDateTime::new(date, Time::MIDNIGHT), Precision::Day)
        } else if let Ok(local) = PrimitiveDateTime::parse(stem, MINUTE) {
            (local, Precision::Minute)
        } else {
            let local = PrimitiveDateTime::parse(stem, SECOND).map_err(|_| ParseCivilTimeError)?;
            (local, Precision::Second)
        };
        Ok(Self { local, offset, precision })
    }
}

/// `+01:00`, `+0100` or `-05.00`: the spellings carriers use.
fn parse_offset(text: &str) -> Result<UtcOffset, ParseCivilTimeError> {
    let negative = text.starts_with('-');
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let number = |range| digits.get(range).and_then(|t: &str| t.parse::<i8>().ok());
    let (Some(hours), Some(minutes), 4) = (number(0..2), number(2..4), digits.len()) else {
        return Err(ParseCivilTimeError);
    };
    let sign = if negative { -1 } else { 1 };
    UtcOffset::from_hms(sign * hours, sign * minutes, 0).map_err(|_| ParseCivilTimeError)
}

impl Serialize for CivilTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CivilTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn what_was_stated_is_written_back_and_nothing_more() {
        for text in [
            "2026-11-22",
            "2026-11-22T09:30",
            "2026-11-22T09:30:15",
            "2026-11-22T09:30:15+01:00",
            "2026-11-22T09:30:15-05:30",
        ] {
            let time: CivilTime = text.parse().unwrap();
            assert_eq!(time.to_string(), text);
            assert_eq!(time.utc().is_some(), text.len() > 20);
        }
        for wrong in ["", "2026", "2026-13-01", "2026-11-22T25:00", "2026-11-22T09:30:15+1"] {
            assert!(wrong.parse::<CivilTime>().is_err(), "{wrong}");
        }
    }
}
