//! From JSON, or the text of a parameter, to a message.

use colibri_channels::json::Node;
use prost_reflect::{DynamicMessage, EnumDescriptor, FieldDescriptor, MessageDescriptor, Value};
use time::{Date, Month, OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Shape, Width, shape, word};
use crate::problem::FieldError;

/// Problems told at once: enough to repair a file of orders, too few to make a large answer.
const PROBLEMS_MAX: usize = 50;

/// Reads one document and gathers what is wrong with it. Values are never told.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// What is wrong so far.
    pub(crate) problems: Vec<FieldError>,
}

/// Where in the document.
enum Place<'p> {
    Root,
    Key(&'p Place<'p>, &'p str),
    Index(&'p Place<'p>, usize),
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(parent, key) => write!(f, "{parent}/{}", shown(key)),
            Self::Index(parent, index) => write!(f, "{parent}/{index}"),
        }
    }
}

/// A key as an error may show it: people paste addresses into wrong places.
fn shown(key: &str) -> &str {
    let plain = (1..=64).contains(&key.len())
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if plain { key } else { "*" }
}

impl Reader {
    /// The message that `node` describes. `bound` names fields that come from elsewhere (path,
    /// headers) and must not be in the document.
    pub(crate) fn message(
        &mut self,
        node: &Node<'_>,
        of: &MessageDescriptor,
        bound: &[&str],
    ) -> DynamicMessage {
        self.fields(node, of, &Place::Root, bound)
    }

    fn fields(
        &mut self,
        node: &Node<'_>,
        of: &MessageDescriptor,
        place: &Place<'_>,
        bound: &[&str],
    ) -> DynamicMessage {
        let mut message = DynamicMessage::new(of.clone());
        let Node::Object(fields) = node else {
            self.wrong(place, "FIELD_TYPE", "an object is expected");
            return message;
        };
        for (key, node) in fields {
            let place = Place::Key(place, key);
            let known = of.get_field_by_name(key).filter(|_| !bound.contains(&key.as_str()));
            let Some((field, shape)) = known.and_then(|f| shape(&f).map(|shape| (f, shape))) else {
                self.wrong(&place, "UNKNOWN_FIELD", "there is no such field");
                continue;
            };
            let choice = field.containing_oneof().filter(|choice| !choice.is_synthetic());
            if choice.is_some_and(|c| c.fields().any(|other| message.has_field(&other))) {
                self.wrong(&place, "ONE_OF", "only one of these fields can be given");
                continue;
            }
            if let Some(value) = self.field(node, &field, &shape, &place) {
                message.set_field(&field, value);
            }
        }
        message
    }

    fn field(
        &mut self,
        node: &Node<'_>,
        field: &FieldDescriptor,
        shape: &Shape,
        place: &Place<'_>,
    ) -> Option<Value> {
        if !field.is_list() {
            return self.value(node, shape, place);
        }
        let Node::List(items) = node else {
            self.wrong(place, "FIELD_TYPE", "a list is expected");
            return None;
        };
        let items = items.iter().enumerate();
        let values = items.filter_map(|(i, node)| self.value(node, shape, &Place::Index(place, i)));
        Some(Value::List(values.collect()))
    }

    fn value(&mut self, node: &Node<'_>, shape: &Shape, place: &Place<'_>) -> Option<Value> {
        match (shape, node) {
            (Shape::Message(of), Node::Object(_)) => {
                Some(Value::Message(self.fields(node, of, place, &[])))
            }
            (Shape::Bool, Node::Bool(flag)) => Some(Value::Bool(*flag)),
            (Shape::Text, Node::Text(text)) => Some(Value::String(text.clone())),
            _ => {
                let told = match (shape, node) {
                    (Shape::Integer(_), Node::Number(text)) => *text,
                    (Shape::Word(_) | Shape::Instant(_) | Shape::Day(_), Node::Text(text)) => text,
                    _ => {
                        self.wrong(place, "FIELD_TYPE", expected(shape));
                        return None;
                    }
                };
                let value = scalar(told, shape);
                if value.is_none() {
                    self.wrong(place, reason(shape, told), expected(shape));
                }
                value
            }
        }
    }

    fn wrong(&mut self, place: &Place<'_>, code: &str, detail: &str) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(FieldError::at(format!("#{place}"), code, detail));
        }
    }
}

/// The value of a parameter in the path or the query.
pub(crate) fn from_text(text: &str, field: &FieldDescriptor) -> Option<Value> {
    match shape(field)? {
        Shape::Text => Some(Value::String(text.to_owned())),
        Shape::Bool => match text {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        shape => scalar(text, &shape),
    }
    .filter(|_| !field.is_list())
}

/// Why a text of the right kind is refused.
fn reason(shape: &Shape, text: &str) -> &'static str {
    match shape {
        Shape::Integer(_) if text.contains(['.', 'e', 'E']) => "FIELD_TYPE",
        Shape::Integer(_) => "OUT_OF_RANGE",
        Shape::Word(_) => "UNKNOWN_VALUE",
        _ => "MALFORMED",
    }
}

fn expected(shape: &Shape) -> &'static str {
    match shape {
        Shape::Bool => "true or false is expected",
        Shape::Text => "a text is expected",
        Shape::Integer(_) => "a whole number within the limits of the field is expected",
        Shape::Word(_) => "one of the documented words is expected",
        Shape::Instant(_) => "an instant as 2026-10-05T09:12:31Z, of 2000 to 2100, is expected",
        Shape::Day(_) => "a day as 2026-10-05, of 2000 to 2100, is expected",
        Shape::Message(_) => "an object is expected",
    }
}

fn scalar(text: &str, shape: &Shape) -> Option<Value> {
    match shape {
        Shape::Integer(width) => integer(text, *width),
        Shape::Word(words) => number_of(text, words).map(Value::EnumNumber),
        Shape::Instant(of) => instant(text, of),
        Shape::Day(of) => day(text, of),
        Shape::Bool | Shape::Text | Shape::Message(_) => None,
    }
}

fn integer(text: &str, width: Width) -> Option<Value> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    // 2^53 has 16 digits.
    if digits.is_empty() || digits.len() > 16 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (min, max) = width.limits();
    let value: i64 = text.parse().ok().filter(|value| (min..=max).contains(value))?;
    Some(match width {
        Width::I32 => Value::I32(i32::try_from(value).ok()?),
        Width::U32 => Value::U32(u32::try_from(value).ok()?),
        Width::I64 => Value::I64(value),
        Width::U64 => Value::U64(u64::try_from(value).ok()?),
    })
}

fn number_of(text: &str, words: &EnumDescriptor) -> Option<i32> {
    let known = words.values().find(|value| value.number() != 0 && word(value) == text)?;
    Some(known.number())
}

/// Years outside are typing mistakes, and some databases cannot hold them.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

fn instant(text: &str, of: &MessageDescriptor) -> Option<Value> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?.to_utc();
    if !YEARS.contains(&at.year()) {
        return None;
    }
    let nanos = i32::try_from(at.nanosecond()).ok()?;
    let fields = [("seconds", Value::I64(at.unix_timestamp())), ("nanos", Value::I32(nanos))];
    filled(of, fields)
}

fn day(text: &str, of: &MessageDescriptor) -> Option<Value> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| match i {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    if !shaped {
        return None;
    }
    let year: i32 = text.get(..4)?.parse().ok().filter(|year| YEARS.contains(year))?;
    let month: u8 = text.get(5..7)?.parse().ok()?;
    let day: u8 = text.get(8..)?.parse().ok()?;
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?;
    let (month, day) = (Value::U32(month.into()), Value::U32(day.into()));
    filled(of, [("year", Value::I32(year)), ("month", month), ("day", day)])
}

fn filled<const N: usize>(of: &MessageDescriptor, fields: [(&str, Value); N]) -> Option<Value> {
    let mut message = DynamicMessage::new(of.clone());
    for (name, value) in fields {
        message.try_set_field_by_name(name, value).ok()?;
    }
    Some(Value::Message(message))
}
