//! JSON and protobuf, one from the other, by the descriptors of `proto/`.
//!
//! Owns how a message looks in JSON: field names as in the proto files, enum values as lower-case
//! words without their prefix, timestamps as RFC 3339, days as `2026-10-05`, integers as numbers.
//! Absent texts, messages and enum values are left out; numbers, flags and lists are always there.
//! Deliberately absent: rules of the domain, which the services check.

mod decode;
mod encode;
#[cfg(test)]
mod tests;

use prost_reflect::{
    DynamicMessage, EnumDescriptor, EnumValueDescriptor, FieldDescriptor, Kind, MessageDescriptor,
};

pub(crate) use decode::{Reader, from_text};
pub(crate) use encode::{JSON_ENDING, Json};

/// Largest integer that every JSON reader keeps exact: 2^53 - 1.
pub(crate) const INTEGER_MAX: i64 = 9_007_199_254_740_991;

/// What a field holds, as JSON sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    Bool,
    Text,
    Integer(Width),
    Word(EnumDescriptor),
    Instant(MessageDescriptor),
    Day(MessageDescriptor),
    Message(MessageDescriptor),
}

/// Kind of an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Width {
    I32,
    U32,
    I64,
    U64,
}

impl Width {
    /// Smallest and largest value in JSON.
    pub(crate) const fn limits(self) -> (i64, i64) {
        match self {
            Self::I32 => (i32::MIN as i64, i32::MAX as i64),
            Self::U32 => (0, u32::MAX as i64),
            Self::I64 => (-INTEGER_MAX, INTEGER_MAX),
            Self::U64 => (0, INTEGER_MAX),
        }
    }
}

/// The shape of a field, of each item when it is a list. `None` for what JSON here never holds:
/// bytes, floats, maps.
pub(crate) fn shape(field: &FieldDescriptor) -> Option<Shape> {
    if field.is_map() {
        return None;
    }
    Some(match field.kind() {
        Kind::Bool => Shape::Bool,
        Kind::String => Shape::Text,
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Shape::Integer(Width::I32),
        Kind::Uint32 | Kind::Fixed32 => Shape::Integer(Width::U32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Shape::Integer(Width::I64),
        Kind::Uint64 | Kind::Fixed64 => Shape::Integer(Width::U64),
        Kind::Enum(words) => Shape::Word(words),
        Kind::Message(message) => match message.full_name() {
            "google.protobuf.Timestamp" => Shape::Instant(message),
            "colibri.types.v1.Date" => Shape::Day(message),
            _ => Shape::Message(message),
        },
        Kind::Bytes | Kind::Float | Kind::Double => return None,
    })
}

/// The value `ORDER_STATE_HELD` of `OrderState` as a word: `held`.
pub(crate) fn word(value: &EnumValueDescriptor) -> String {
    let mut prefix = String::new();
    for c in value.parent_enum().name().chars() {
        if c.is_ascii_uppercase() && !prefix.is_empty() {
            prefix.push('_');
        }
        prefix.push(c.to_ascii_uppercase());
    }
    prefix.push('_');
    value.name().strip_prefix(&prefix).unwrap_or(value.name()).to_ascii_lowercase()
}

/// The words of an enum that somebody may send: all but the zero value, which means absent.
pub(crate) fn words(of: &EnumDescriptor) -> Vec<String> {
    of.values().filter(|value| value.number() != 0).map(|value| word(&value)).collect()
}

/// The text of a field, empty when there is none.
pub(crate) fn text_of(message: &DynamicMessage, field: &str) -> String {
    let value = message.get_field_by_name(field);
    value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The flag of a field, false when there is none.
pub(crate) fn flag_of(message: &DynamicMessage, field: &str) -> bool {
    message.get_field_by_name(field).and_then(|value| value.as_bool()).unwrap_or_default()
}
