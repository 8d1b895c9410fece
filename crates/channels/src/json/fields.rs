//! Reading fields of an object with a repair policy: real shops send numbers as text, text as
//! numbers, `""` or `[]` for nothing. What keeps its meaning is repaired with a warning, optional
//! fields that make no sense are absent with a warning, required ones refuse the order.

use std::cell::RefCell;

use colibri_types::{CivilTime, Pii};
use rust_decimal::Decimal;

use super::{Node, clean, shown_key};
use crate::{
    error::{ChannelError, Code},
    number,
    order::{Warning, WarningCode},
};

/// Code points of one line of text: names, streets, SKUs (bytes: four times that).
const LINE_MAX: usize = 255;
/// Code points of free text: notes, titles.
const NOTE_MAX: usize = 2_000;

/// Warnings gathered while one order is read.
#[derive(Debug, Default)]
pub(crate) struct Notes(RefCell<Vec<Warning>>);

impl Notes {
    pub(crate) fn push(&self, code: WarningCode, place: String) {
        self.0.borrow_mut().push(Warning { code, place });
    }

    pub(crate) fn into_vec(self) -> Vec<Warning> {
        self.0.into_inner()
    }
}

/// An object at a place, with its notes.
#[derive(Clone)]
pub(crate) struct Obj<'a> {
    fields: &'a [(String, Node<'a>)],
    pointer: String,
    notes: &'a Notes,
}

impl<'a> Obj<'a> {
    pub(crate) fn new(
        node: &'a Node<'a>,
        pointer: &str,
        notes: &'a Notes,
    ) -> Result<Self, ChannelError> {
        match node {
            Node::Object(fields) => Ok(Self { fields, pointer: pointer.to_owned(), notes }),
            _ => Err(ChannelError::at(Code::NotAnOrder, pointer)),
        }
    }

    /// The field, unless absent or null.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Node<'a>> {
        let (_, node) = self.fields.iter().find(|(name, _)| name == key)?;
        (*node != Node::Null).then_some(node)
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.fields.iter().any(|(name, _)| name == key)
    }

    pub(crate) fn place(&self, key: &str) -> String {
        format!("{}/{}", self.pointer, shown_key(key))
    }

    pub(crate) fn error(&self, code: Code, key: &str) -> ChannelError {
        ChannelError::at(code, self.place(key))
    }

    pub(crate) fn warn(&self, code: WarningCode, key: &str) {
        self.notes.push(code, self.place(key));
    }

    /// An id: digits of any length or text, never a fraction or an exponent.
    pub(crate) fn id(&self, key: &str) -> Result<Option<String>, ChannelError> {
        match self.get(key) {
            None => Ok(None),
            Some(Node::Number(text)) if text.bytes().all(|b| b.is_ascii_digit()) => {
                Ok(Some((*text).to_owned()))
            }
            Some(Node::Text(text)) => {
                let text = text.trim();
                if text.chars().count() > LINE_MAX {
                    return Err(self.error(Code::TextTooLong, key));
                }
                self.warn(WarningCode::TypeRepaired, key);
                Ok((!text.is_empty()).then(|| text.to_owned()))
            }
            Some(_) => Err(self.error(Code::FieldType, key)),
        }
    }

    /// A business text of one line; empty is absent.
    pub(crate) fn text(&self, key: &str) -> Result<Option<String>, ChannelError> {
        self.limited(key, LINE_MAX, clean)
    }

    /// A business text that may be long, such as an article's title.
    pub(crate) fn long_text(&self, key: &str) -> Result<Option<String>, ChannelError> {
        self.limited(key, NOTE_MAX, clean)
    }

    /// A personal text of one line: trimmed, else as written.
    pub(crate) fn person(&self, key: &str) -> Result<Option<String>, ChannelError> {
        self.limited(key, LINE_MAX, |text| text.trim().to_owned())
    }

    /// A personal free text. One that is too long is absent with a warning: it must not stop the
    /// parcel, and cutting it could turn its sense.
    pub(crate) fn note(&self, key: &str) -> Option<Pii<String>> {
        let read = self.limited(key, NOTE_MAX, |text| text.trim().to_owned());
        read.unwrap_or_else(|_| {
            self.warn(WarningCode::FieldUnreadable, key);
            None
        })
        .map(Pii::new)
    }

    fn limited(
        &self,
        key: &str,
        max: usize,
        tidy: impl Fn(&str) -> String,
    ) -> Result<Option<String>, ChannelError> {
        let text = match self.get(key) {
            None => return Ok(None),
            Some(Node::Text(text)) => tidy(text),
            Some(Node::Number(text)) => {
                self.warn(WarningCode::TypeRepaired, key);
                (*text).to_owned()
            }
            // `false` is what PHP gives for a missing text; lists and objects mean nothing here.
            Some(_) => {
                self.warn(WarningCode::FieldUnreadable, key);
                return Ok(None);
            }
        };
        if text.chars().count() > max {
            return Err(self.error(Code::TextTooLong, key));
        }
        Ok((!text.is_empty()).then_some(text))
    }

    /// A truth value; PHP spells it in six ways.
    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        let read = match self.get(key)? {
            Node::Bool(value) => return Some(*value),
            Node::Number("1") => Some(true),
            Node::Number("0") => Some(false),
            Node::Text(text) => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" => Some(true),
                "false" | "0" | "no" => Some(false),
                "" => return None,
                _ => None,
            },
            _ => None,
        };
        self.warn(
            match read {
                Some(_) => WarningCode::TypeRepaired,
                None => WarningCode::FieldUnreadable,
            },
            key,
        );
        read
    }

    /// An amount, exact; absent, null and empty are absent. May be negative.
    pub(crate) fn amount(&self, key: &str) -> Result<Option<Decimal>, ChannelError> {
        let text = match self.get(key) {
            None => return Ok(None),
            Some(Node::Text(text)) => text.trim(),
            Some(Node::Number(text)) => {
                self.warn(WarningCode::TypeRepaired, key);
                text
            }
            Some(_) => return Err(self.error(Code::FieldType, key)),
        };
        if text.is_empty() {
            return Ok(None);
        }
        number::decimal(text).map(Some).ok_or_else(|| self.error(Code::AmountUnreadable, key))
    }

    /// An amount that cannot be negative.
    pub(crate) fn amount_positive(&self, key: &str) -> Result<Option<Decimal>, ChannelError> {
        match self.amount(key)? {
            Some(amount) if amount.is_sign_negative() && !amount.is_zero() => {
                Err(self.error(Code::AmountOutOfRange, key))
            }
            other => Ok(other),
        }
    }

    /// A quantity: whole, also when written `2.0`.
    pub(crate) fn quantity(&self, key: &str) -> Result<Option<u32>, ChannelError> {
        let text = match self.get(key) {
            None => return Ok(None),
            Some(Node::Number(text)) => *text,
            Some(Node::Text(text)) => {
                self.warn(WarningCode::TypeRepaired, key);
                text.trim()
            }
            Some(_) => return Err(self.error(Code::FieldType, key)),
        };
        number::quantity(text).map(Some).ok_or_else(|| self.error(Code::QuantityInvalid, key))
    }

    /// A civil time as `2026-10-05T09:12:31`, with or without fraction and offset.
    pub(crate) fn time(&self, key: &str) -> Result<Option<CivilTime>, ChannelError> {
        match self.get(key) {
            None => Ok(None),
            Some(Node::Text(text)) if text.trim().is_empty() => Ok(None),
            Some(Node::Text(text)) => number::time(text.trim())
                .map(Some)
                .ok_or_else(|| self.error(Code::DateInvalid, key)),
            Some(_) => Err(self.error(Code::FieldType, key)),
        }
    }

    /// A nested object; PHP sends `[]` for an empty one.
    pub(crate) fn object(&self, key: &str) -> Option<Obj<'a>> {
        match self.get(key)? {
            Node::Object(fields) => {
                Some(Self { fields, pointer: self.place(key), notes: self.notes })
            }
            Node::List(items) if items.is_empty() => None,
            _ => {
                self.warn(WarningCode::FieldUnreadable, key);
                None
            }
        }
    }

    /// A list of objects that the order can do without.
    pub(crate) fn optional_list(&self, key: &str) -> Vec<Obj<'a>> {
        self.list(key).unwrap_or_else(|_| {
            self.warn(WarningCode::FieldUnreadable, key);
            Vec::new()
        })
    }

    /// A list of objects. Required lists of a wrong type refuse the order: lines must not vanish.
    pub(crate) fn list(&self, key: &str) -> Result<Vec<Obj<'a>>, ChannelError> {
        let items = match self.get(key) {
            None => return Ok(Vec::new()),
            Some(Node::List(items)) => items,
            Some(_) => return Err(self.error(Code::FieldType, key)),
        };
        let place = self.place(key);
        items
            .iter()
            .enumerate()
            .map(|(index, item)| match item {
                Node::Object(fields) => {
                    Ok(Self { fields, pointer: format!("{place}/{index}"), notes: self.notes })
                }
                _ => Err(ChannelError::at(Code::FieldType, format!("{place}/{index}"))),
            })
            .collect()
    }
}
