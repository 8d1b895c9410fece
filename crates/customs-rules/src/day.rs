//! Days in files and answers: `2026-11-20`.

use serde::{Deserialize, Deserializer, Serializer, de::Error};
use time::{Date, format_description::BorrowedFormatItem, macros::format_description};

const FORMAT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// Reads a day.
pub(crate) fn parse(text: &str) -> Option<Date> {
    Date::parse(text.trim(), FORMAT).ok()
}

pub(crate) fn serialize<S: Serializer>(day: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| D::Error::custom("a day is written 2026-11-20"))
}

/// A day that may be open.
pub(crate) mod option {
    use super::{Date, Deserialize, Deserializer, Error, Serializer, parse};

    pub(crate) fn serialize<S: Serializer>(
        day: &Option<Date>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match day {
            Some(day) => super::serialize(day, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Date>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else {
            return Ok(None);
        };
        let day = parse(&text).ok_or_else(|| D::Error::custom("a day is written 2026-11-20"))?;
        Ok(Some(day))
    }
}
