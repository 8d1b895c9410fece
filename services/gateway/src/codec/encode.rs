//! From a message to JSON, in the order of the proto file.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage as _, Value};
use serde::{
    Serialize, Serializer,
    ser::{Error as _, SerializeMap as _, SerializeSeq as _},
};
use serde_json::value::RawValue;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::word;

/// Ending of text fields that hold JSON themselves: shown as what they hold, under the rest of
/// the name.
pub(crate) const JSON_ENDING: &str = "_json";

/// A message as JSON.
pub(crate) struct Json<'m> {
    message: &'m DynamicMessage,
    /// A field of the outermost message that is told otherwise: in a header.
    without: Option<&'static str>,
}

impl<'m> Json<'m> {
    /// The whole message.
    pub(crate) const fn new(message: &'m DynamicMessage) -> Self {
        Self { message, without: None }
    }

    /// Without one field.
    pub(crate) const fn without(message: &'m DynamicMessage, field: &'static str) -> Self {
        Self { message, without: Some(field) }
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.message.descriptor().full_name() {
            "google.protobuf.Timestamp" => return instant(self.message, serializer),
            "colibri.types.v1.Date" => return serializer.collect_str(&Day(self.message)),
            _ => {}
        }
        let mut map = serializer.serialize_map(None)?;
        for field in self.message.descriptor().fields() {
            if self.without == Some(field.name()) || !is_told(self.message, &field) {
                continue;
            }
            let value = self.message.get_field(&field);
            match (field.name().strip_suffix(JSON_ENDING), value.as_str()) {
                (Some(name), Some(text)) => {
                    let raw = RawValue::from_string(text.to_owned()).map_err(S::Error::custom)?;
                    map.serialize_entry(name, &raw)?;
                }
                _ => map.serialize_entry(field.name(), &One { value: &value, field: &field })?,
            }
        }
        map.end()
    }
}

/// Absent is absent: what proto3 can not tell from its default is left out where the default says
/// nothing (texts, words, messages) and told where it is a value (numbers, flags, lists).
fn is_told(message: &DynamicMessage, field: &FieldDescriptor) -> bool {
    let default_says_nothing =
        matches!(field.kind(), Kind::String | Kind::Bytes | Kind::Enum(_) | Kind::Message(_));
    field.is_list()
        || message.has_field(field)
        || !(field.supports_presence() || default_says_nothing)
}

struct One<'v> {
    value: &'v Value,
    field: &'v FieldDescriptor,
}

impl Serialize for One<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Bool(flag) => serializer.serialize_bool(*flag),
            Value::I32(n) => serializer.serialize_i32(*n),
            Value::I64(n) => serializer.serialize_i64(*n),
            Value::U32(n) => serializer.serialize_u32(*n),
            Value::U64(n) => serializer.serialize_u64(*n),
            Value::String(text) => serializer.serialize_str(text),
            Value::Message(message) => Json::new(message).serialize(serializer),
            Value::EnumNumber(number) => match self.field.kind() {
                Kind::Enum(words) => match words.get_value(*number) {
                    Some(value) => serializer.serialize_str(&word(&value)),
                    // A newer service knows more words than we do.
                    None => serializer.collect_str(&format_args!("value_{number}")),
                },
                _ => Err(S::Error::custom("a word of no list")),
            },
            Value::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for value in items {
                    list.serialize_element(&One { value, field: self.field })?;
                }
                list.end()
            }
            Value::F32(_) | Value::F64(_) | Value::Bytes(_) | Value::Map(_) => {
                Err(S::Error::custom("a kind of field that JSON here does not hold"))
            }
        }
    }
}

fn number(message: &DynamicMessage, field: &str) -> Option<i64> {
    let value = message.get_field_by_name(field)?;
    value
        .as_i64()
        .or_else(|| value.as_i32().map(i64::from))
        .or_else(|| value.as_u32().map(i64::from))
}

fn instant<S: Serializer>(stamp: &DynamicMessage, serializer: S) -> Result<S::Ok, S::Error> {
    let seconds = i128::from(number(stamp, "seconds").unwrap_or_default());
    let nanos = i128::from(number(stamp, "nanos").unwrap_or_default());
    let at = OffsetDateTime::from_unix_timestamp_nanos(seconds * 1_000_000_000 + nanos)
        .map_err(S::Error::custom)?;
    serializer.serialize_str(&at.format(&Rfc3339).map_err(S::Error::custom)?)
}

struct Day<'m>(&'m DynamicMessage);

impl std::fmt::Display for Day<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = |name| number(self.0, name).unwrap_or_default();
        write!(f, "{:04}-{:02}-{:02}", part("year"), part("month"), part("day"))
    }
}
