//! Strict reading of JSON that others send.
//!
//! One walk over the bytes gives a tree in which numbers keep their source text, so ids beyond
//! 2^53 and amounts stay exact. Refused: other encodings than UTF-8, duplicate keys, NUL, too much
//! depth or length, and whatever the grammar refuses (NaN, lone surrogates, trailing bytes).
//! Grammar and escapes are `serde_json`'s; this module adds the rules, and places for errors. It
//! knows nothing of orders.

mod fields;
mod text;

pub(crate) use fields::{Notes, Obj};
pub(crate) use text::{clean, is_word};

use std::{collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::error::{ChannelError, Code};

/// What a document may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of the body.
    pub bytes: usize,
    /// Nested lists and objects.
    pub depth: usize,
    /// Items of one list, fields of one object.
    pub items: usize,
    /// Code points of a key.
    pub key: usize,
}

impl Limits {
    /// A webhook: 1 MiB, where channels send 20 kB. 32 levels: no channel nests deeper than 10.
    /// 10 000 items: the longest order seen has hundreds. Keys of 128: the longest known has 40.
    pub const WEBHOOK: Self = Self { bytes: 1 << 20, depth: 32, items: 10_000, key: 128 };
    /// A saved page of orders: 16 MiB, since a page of 250 orders of 20 kB is 5 MB.
    pub const PAGE: Self = Self { bytes: 16 << 20, ..Self::WEBHOOK };
}

/// A JSON value. Numbers are source text; objects keep their order.
#[derive(Debug, Clone, PartialEq)]
pub enum Node<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Number(&'a str),
    /// A string, unescaped, without NUL.
    Text(String),
    /// An array.
    List(Vec<Node<'a>>),
    /// An object without duplicate keys.
    Object(Vec<(String, Node<'a>)>),
}

/// Reads a whole document.
///
/// # Errors
/// `CHN0001` to `CHN0007`, with the place and, where known, the byte.
pub fn parse<'a>(body: &'a [u8], limits: &Limits) -> Result<Node<'a>, ChannelError> {
    if body.len() > limits.bytes {
        return Err(ChannelError::at_byte(Code::BodyTooLarge, "", limits.bytes));
    }
    // A byte order mark is harmless and some shops save files with one.
    let skipped = if body.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let rest = body.get(skipped..).unwrap_or_default();
    let text = std::str::from_utf8(rest)
        .map_err(|e| ChannelError::at_byte(Code::NotUtf8, "", skipped + e.valid_up_to()))?;
    let raw: &RawValue = serde_json::from_str(text)
        .map_err(|e| ChannelError::at_byte(Code::Malformed, "", skipped + offset_of(text, &e)))?;
    let walk = Walk { limits, start: body.as_ptr().addr() };
    walk.node(raw.get(), &Place::Root, 0)
}

/// Where reading stopped, as an offset: serde_json counts lines from 1 and bytes of a line.
fn offset_of(text: &str, error: &serde_json::Error) -> usize {
    if error.is_eof() {
        return text.len();
    }
    let lines = error.line().saturating_sub(1);
    let start: usize = text.split_inclusive('\n').take(lines).map(str::len).sum();
    (start + error.column().saturating_sub(1)).min(text.len())
}

/// Path to a node, linked from the inside so that it costs nothing until an error needs it.
enum Place<'p> {
    Root,
    Key(&'p Place<'p>, &'p str),
    Index(&'p Place<'p>, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(parent, key) => write!(f, "{parent}/{}", shown_key(key)),
            Self::Index(parent, index) => write!(f, "{parent}/{index}"),
        }
    }
}

/// A key as errors may show it: a plain identifier, else `*`.
fn shown_key(key: &str) -> &str {
    let plain = (1..=64).contains(&key.len())
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if plain { key } else { "*" }
}

struct Walk<'l> {
    limits: &'l Limits,
    /// Address of the body's first byte: children are slices of it, so offsets follow.
    start: usize,
}

impl Walk<'_> {
    fn node<'a>(
        &self,
        raw: &'a str,
        place: &Place<'_>,
        depth: usize,
    ) -> Result<Node<'a>, ChannelError> {
        match raw.as_bytes().first() {
            Some(b'{') => self.object(raw, place, depth),
            Some(b'[') => self.list(raw, place, depth),
            Some(b'"') => self.text(raw, place),
            Some(b't') => Ok(Node::Bool(true)),
            Some(b'f') => Ok(Node::Bool(false)),
            Some(b'n') => Ok(Node::Null),
            Some(_) => Ok(Node::Number(raw)),
            None => Err(self.error(Code::Malformed, raw, place)),
        }
    }

    fn object<'a>(
        &self,
        raw: &'a str,
        place: &Place<'_>,
        depth: usize,
    ) -> Result<Node<'a>, ChannelError> {
        self.check_depth(raw, place, depth)?;
        let Pairs(pairs) =
            serde_json::from_str(raw).map_err(|_| self.error(Code::Malformed, raw, place))?;
        if pairs.len() > self.limits.items {
            return Err(self.error(Code::TooMany, raw, place));
        }
        let mut seen = HashSet::with_capacity(pairs.len());
        for (key, value) in &pairs {
            if key.contains('\0') {
                return Err(self.error(Code::NulCharacter, value.get(), place));
            }
            if key.chars().count() > self.limits.key {
                return Err(self.error(Code::TooMany, value.get(), place));
            }
            if !seen.insert(key.as_str()) {
                let at = Place::Key(place, key);
                return Err(self.error(Code::DuplicateKey, value.get(), &at));
            }
        }
        drop(seen);
        let mut fields = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let node = self.node(value.get(), &Place::Key(place, &key), depth + 1)?;
            fields.push((key, node));
        }
        Ok(Node::Object(fields))
    }

    fn list<'a>(
        &self,
        raw: &'a str,
        place: &Place<'_>,
        depth: usize,
    ) -> Result<Node<'a>, ChannelError> {
        self.check_depth(raw, place, depth)?;
        let items: Vec<&'a RawValue> =
            serde_json::from_str(raw).map_err(|_| self.error(Code::Malformed, raw, place))?;
        if items.len() > self.limits.items {
            return Err(self.error(Code::TooMany, raw, place));
        }
        let nodes = items
            .into_iter()
            .enumerate()
            .map(|(index, item)| self.node(item.get(), &Place::Index(place, index), depth + 1));
        Ok(Node::List(nodes.collect::<Result<_, _>>()?))
    }

    fn text<'a>(&self, raw: &'a str, place: &Place<'_>) -> Result<Node<'a>, ChannelError> {
        // The grammar was checked before: what fails here is a lone surrogate.
        let text: String =
            serde_json::from_str(raw).map_err(|_| self.error(Code::Malformed, raw, place))?;
        if text.contains('\0') {
            return Err(self.error(Code::NulCharacter, raw, place));
        }
        Ok(Node::Text(text))
    }

    fn check_depth(&self, raw: &str, place: &Place<'_>, depth: usize) -> Result<(), ChannelError> {
        if depth >= self.limits.depth {
            return Err(self.error(Code::TooDeep, raw, place));
        }
        Ok(())
    }

    fn error(&self, code: Code, raw: &str, place: &Place<'_>) -> ChannelError {
        let byte = raw.as_ptr().addr().saturating_sub(self.start);
        ChannelError::at_byte(code, place.to_string(), byte)
    }
}

/// The fields of an object in order, duplicates included.
struct Pairs<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Pairs<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

#[cfg(test)]
mod tests;
