//! Reading JSON whose shape wavers: text or number, object or array, empty or absent.
//!
//! UPS and others write an element as an object when there is one and as an array when there are several,
//! numbers as text or as numbers, and empty text for what is absent. Whatever has another type than
//! expected reads as absent here, so that one odd field costs that field and never the parcel
//! beside it. Only broken JSON is an error.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

/// Text, from text or number; trimmed; `None` when absent or empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text<'a>(Option<Cow<'a, str>>);

impl Text<'_> {
    pub(crate) fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }

    pub(crate) fn owned(&self) -> Option<String> {
        self.get().map(str::to_owned)
    }
}

/// Carriage returns appeared spelled out in answers of the test environment.
const SPELLED_CR: &str = "&#xD;";

fn borrowed(text: &str) -> Text<'_> {
    let text = text.trim();
    if text.contains(SPELLED_CR) {
        return owned(text);
    }
    Text((!text.is_empty()).then_some(Cow::Borrowed(text)))
}

fn owned<'a>(text: &str) -> Text<'a> {
    let text = text.replace(SPELLED_CR, "");
    let text = text.trim();
    Text((!text.is_empty()).then(|| Cow::Owned(text.to_owned())))
}

struct TextVisitor<'a>(PhantomData<&'a ()>);

impl<'de: 'a, 'a> Visitor<'de> for TextVisitor<'a> {
    type Value = Text<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'a>, E> {
        Ok(borrowed(text))
    }
    fn visit_str<E>(self, text: &str) -> Result<Text<'a>, E> {
        Ok(owned(text))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Text<'a>, E> {
        Ok(owned(&number.to_string()))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Text<'a>, E> {
        Ok(owned(&number.to_string()))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Text<'a>, E> {
        Ok(owned(&number.to_string()))
    }
    fn visit_bool<E>(self, _: bool) -> Result<Text<'a>, E> {
        Ok(Text(None))
    }
    fn visit_unit<E>(self) -> Result<Text<'a>, E> {
        Ok(Text(None))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Text<'a>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text<'a>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor(PhantomData))
    }
}

/// Objects, from an object or an array of them; whatever is no object is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Many<T>(pub(crate) Vec<T>);

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// One object, or the first of an array; `None` when it is no object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct One<T>(pub(crate) Option<T>);

impl<T> Default for One<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> One<T> {
    pub(crate) fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

struct ManyVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ManyVisitor<T> {
    type Value = Many<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Many<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|one| Many(vec![one]))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Many<T>, A::Error> {
        let mut all = Vec::new();
        while let Some(One(item)) = seq.next_element::<One<T>>()? {
            all.extend(item);
        }
        Ok(Many(all))
    }
    fn visit_str<E>(self, _: &str) -> Result<Many<T>, E> {
        Ok(Many::default())
    }
    fn visit_u64<E>(self, _: u64) -> Result<Many<T>, E> {
        Ok(Many::default())
    }
    fn visit_i64<E>(self, _: i64) -> Result<Many<T>, E> {
        Ok(Many::default())
    }
    fn visit_f64<E>(self, _: f64) -> Result<Many<T>, E> {
        Ok(Many::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<Many<T>, E> {
        Ok(Many::default())
    }
    fn visit_unit<E>(self) -> Result<Many<T>, E> {
        Ok(Many::default())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ManyVisitor(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for One<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Many::deserialize(deserializer).map(|Many(all)| Self(all.into_iter().next()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[derive(Debug, Default, Deserialize, PartialEq, Eq)]
    #[serde(default)]
    struct Thing<'a> {
        #[serde(borrow)]
        name: Text<'a>,
        parts: Many<Part<'a>>,
        best: One<Part<'a>>,
    }

    #[derive(Debug, Default, Deserialize, PartialEq, Eq)]
    #[serde(default)]
    struct Part<'a> {
        #[serde(borrow)]
        name: Text<'a>,
    }

    #[test]
    fn text_comes_from_text_or_number_and_empty_is_absent() {
        for (json, text) in [
            (r#"{"name":"a"}"#, Some("a")),
            (r#"{"name":" é\n "}"#, Some("é")),
            (r#"{"name":"Voided&#xD;"}"#, Some("Voided")),
            (r#"{"name":21}"#, Some("21")),
            (r#"{"name":-4.5}"#, Some("-4.5")),
            (r#"{"name":""}"#, None),
            (r#"{"name":null}"#, None),
            (r#"{"name":true}"#, None),
            (r#"{"name":["a",{"b":1}]}"#, None),
            (r#"{"name":{"a":[1]}}"#, None),
            (r"{}", None),
        ] {
            let thing: Thing<'_> = serde_json::from_str(json).unwrap();
            assert_eq!(thing.name.get(), text, "{json}");
        }
    }

    #[test]
    fn an_object_and_an_array_of_one_read_alike_and_oddities_are_left_out() {
        for (json, count) in [
            (r#"{"parts":{"name":"a"}}"#, 1),
            (r#"{"parts":[{"name":"a"}]}"#, 1),
            (r#"{"parts":["x",{"name":"a"},null,3,{"name":"b"},[{"name":"c"}]]}"#, 3),
            (r#"{"parts":"x"}"#, 0),
            (r#"{"parts":null}"#, 0),
            (r#"{"parts":7.5}"#, 0),
        ] {
            let thing: Thing<'_> = serde_json::from_str(json).unwrap();
            assert_eq!(thing.parts.0.len(), count, "{json}");
        }
        let thing: Thing<'_> = serde_json::from_str(r#"{"best":[{"name":"a"},{}]}"#).unwrap();
        assert_eq!(thing.best.get().and_then(|best| best.name.get()), Some("a"));
    }
}
