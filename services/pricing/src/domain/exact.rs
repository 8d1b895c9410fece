//! Exact decimals, calendar days and times of day as text.
//!
//! Owns their spelling in tariffs and records. A float is refused: `4.95` without quotes has
//! already lost its exact value when a parser hands it over.

use std::{fmt, marker::PhantomData, str::FromStr};

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::{Date, Time, format_description::BorrowedFormatItem, macros::format_description};

/// A decimal number written as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Exact(pub Decimal);

/// A text is no plain decimal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a plain decimal such as 4.95, of at most 28 digits")]
pub struct ExactError;

impl Exact {
    /// Without a negative zero, which would be equal to zero and spelt otherwise.
    #[must_use]
    pub fn new(mut value: Decimal) -> Self {
        if value.is_zero() {
            value.set_sign_positive(true);
        }
        Self(value)
    }
}

impl FromStr for Exact {
    type Err = ExactError;

    fn from_str(text: &str) -> Result<Self, ExactError> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let plain = digits.len() <= 31
            && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && digits.bytes().filter(|b| *b == b'.').count() <= 1
            && digits.starts_with(|c: char| c.is_ascii_digit())
            && digits.ends_with(|c: char| c.is_ascii_digit());
        if !plain {
            return Err(ExactError);
        }
        let value = Decimal::from_str_exact(text).map_err(|_| ExactError)?;
        Ok(Self::new(value))
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer, "a decimal as text, such as \"4.95\"")
    }
}

/// A calendar day, `2026-11-22`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub Date);

/// A text is no calendar day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a day such as 2026-11-22")]
pub struct DayError;

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

impl FromStr for Day {
    type Err = DayError;

    fn from_str(text: &str) -> Result<Self, DayError> {
        let day = Date::parse(text, DAY).map(Self).map_err(|_| DayError)?;
        // One spelling per day: signed or padded years are refused.
        if day.to_string() == text { Ok(day) } else { Err(DayError) }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.0.to_calendar_date();
        write!(f, "{year:04}-{:02}-{day:02}", u8::from(month))
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self(date)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer, "a day as text, such as \"2026-11-22\"")
    }
}

/// A local time of day, `16:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clock(pub Time);

/// A text is no time of day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a time of day such as 16:30")]
pub struct ClockError;

impl FromStr for Clock {
    type Err = ClockError;

    fn from_str(text: &str) -> Result<Self, ClockError> {
        let (hour, minute) = text.split_once(':').ok_or(ClockError)?;
        let number = |part: &str| {
            let digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            part.parse::<u8>().ok().filter(|_| digits)
        };
        let hour = number(hour).ok_or(ClockError)?;
        let minute = number(minute).ok_or(ClockError)?;
        Time::from_hms(hour, minute, 0).map(Self).map_err(|_| ClockError)
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0.hour(), self.0.minute())
    }
}

impl Serialize for Clock {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Clock {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer, "a time of day as text, such as \"16:30\"")
    }
}

/// Reads a value from text only, so that no other number format sneaks in.
///
/// # Errors
/// The deserializer's, when it holds no text or the text cannot be parsed.
pub(super) fn from_text<'de, D, T>(input: D, expected: &'static str) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr,
    T::Err: fmt::Display,
{
    struct Text<T>(&'static str, PhantomData<T>);

    impl<T: FromStr> de::Visitor<'_> for Text<T>
    where
        T::Err: fmt::Display,
    {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }
    }

    input.deserialize_str(Text(expected, PhantomData))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn only_plain_decimals_as_text_are_read() {
        for (text, back) in [("4.95", "4.95"), ("0", "0"), ("-0.00", "0.00"), ("-2.5", "-2.5")] {
            assert_eq!(text.parse::<Exact>().unwrap().to_string(), back);
        }
        let wrong = ["", "-", "1.", ".5", "1e3", "+1", "1_000", "1,5", "NaN", " 1", "1.2.3"];
        for text in wrong {
            assert_eq!(text.parse::<Exact>(), Err(ExactError), "{text}");
        }
        assert!("9".repeat(40).parse::<Exact>().is_err());
        assert!("0.00000000000000000000000000001".parse::<Exact>().is_err());
        assert!(serde_json::from_str::<Exact>("4.95").is_err());
        assert!(serde_json::from_str::<Exact>("4").is_err());
        assert!(serde_json::from_str::<Exact>("\"4.95\"").is_ok());
    }

    #[test]
    fn a_day_has_one_spelling() {
        assert_eq!("2026-11-22".parse::<Day>().unwrap().to_string(), "2026-11-22");
        for text in ["", "2026-11-31", "2026-1-01", "22.11.2026", "+2026-11-22", "-0001-01-01"] {
            assert_eq!(text.parse::<Day>(), Err(DayError), "{text}");
        }
    }
}
