//! Keyed marks of values: to find a record by a value, to know an external key again, to see
//! whether a content changed. Without the tenant's key they tell nothing.

use aws_lc_rs::{
    hkdf::{HKDF_SHA256, Salt},
    hmac::{self, HMAC_SHA256},
};
use colibri_events::vault::v1::Field;
use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;

use super::cipher::Key;

/// How values are normalised. A new way is a new version with its own key, and is indexed anew.
pub const INDEX_VERSION: i16 = 1;

/// A tenant's keys for marks, derived from its secret.
#[derive(Debug)]
pub struct Marks {
    index: hmac::Key,
    external: hmac::Key,
    content: hmac::Key,
}

impl Marks {
    /// Derives the keys. `None` only when the library refuses, which it does for no such length.
    #[must_use]
    pub fn derive(secret: &Key) -> Option<Self> {
        let root = Salt::new(HKDF_SHA256, b"colibri.vault").extract(secret.expose());
        let key =
            |purpose: &'static [u8]| root.expand(&[purpose], HMAC_SHA256).ok().map(hmac::Key::from);
        Some(Self {
            index: key(b"blind-index/1")?,
            external: key(b"external-key/1")?,
            content: key(b"content/1")?,
        })
    }

    /// Mark of a value in the blind index; `None` when the field is not indexed or nothing of the
    /// value is left.
    #[must_use]
    pub fn of_value(&self, field: Field, value: &str) -> Option<Uuid> {
        let normal = normalise(field, value)?;
        Some(mark(&self.index, &[&(field as i32).to_be_bytes(), normal.as_bytes()]))
    }

    /// Mark of an external key: it may hold a merchant's order number.
    #[must_use]
    pub fn of_external_key(&self, key: &str) -> Uuid {
        mark(&self.external, &[key.as_bytes()])
    }

    /// Mark of a content in its place: equal contents of two records have two marks.
    #[must_use]
    pub fn of_content(&self, place: &str, content: &[u8]) -> Uuid {
        let len = u64::try_from(place.len()).unwrap_or(u64::MAX).to_be_bytes();
        mark(&self.content, &[&len, place.as_bytes(), content])
    }
}

/// 128 bits of HMAC-SHA-256, in the shape of a `uuid` because Postgres stores that best.
fn mark(key: &hmac::Key, parts: &[&[u8]]) -> Uuid {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        context.update(part);
    }
    let tag = context.sign();
    let half = tag.as_ref().first_chunk::<16>().copied().unwrap_or_default();
    Uuid::from_bytes(half)
}

/// The one spelling of a value that is searched for; `None` for a field that is not indexed.
#[must_use]
pub fn normalise(field: Field, value: &str) -> Option<String> {
    let normal: String = match field {
        Field::TrackingNumber => {
            let kept = value.nfc().filter(|c| !c.is_whitespace() && !is_dash(*c));
            kept.flat_map(char::to_uppercase).collect()
        }
        Field::Email => value.trim().to_lowercase().nfc().collect(),
        // Shops print `#1001` and answer 1001.
        Field::OrderNumber => {
            let bare = value.trim_matches(|c: char| c.is_whitespace() || c == '#');
            bare.to_uppercase().nfc().collect()
        }
        _ => return None,
    };
    Some(normal).filter(|text| !text.is_empty())
}

/// Whether records can be found by this field.
#[must_use]
pub const fn indexed(field: Field) -> bool {
    matches!(field, Field::TrackingNumber | Field::Email | Field::OrderNumber)
}

/// The hyphen people type and those that word processors make of it.
const fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use proptest::prelude::*;

    use super::*;

    fn marks(byte: u8) -> Marks {
        Marks::derive(&Key::from_bytes(&[byte; 32]).unwrap()).unwrap()
    }

    #[test]
    fn spellings_of_one_value_meet() {
        for (field, one, two) in [
            (Field::TrackingNumber, "1z 999-aa1 01", "1Z999AA101"),
            (Field::TrackingNumber, "\u{a0}6a\u{2011}1", "6A1"),
            (Field::Email, " Ottokar@Example.ORG\n", "ottokar@example.org"),
            (Field::Email, "e\u{301}va@example.org", "\u{e9}va@example.org"),
            (Field::OrderNumber, "#1001 ", "1001"),
            (Field::OrderNumber, "de-7a", "DE-7A"),
        ] {
            assert_eq!(normalise(field, one), normalise(field, two), "{one}");
            assert!(normalise(field, one).is_some());
        }
        assert_ne!(normalise(Field::OrderNumber, "1-1"), normalise(Field::OrderNumber, "11"));
        for (field, value) in [
            (Field::Name, "x"),
            (Field::Phone, "1"),
            (Field::Email, " "),
            (Field::OrderNumber, "#"),
        ] {
            assert_eq!(normalise(field, value), None);
        }
    }

    #[test]
    fn marks_differ_by_tenant_field_purpose_and_place() {
        let (one, two) = (marks(1), marks(2));
        let all = [
            one.of_value(Field::OrderNumber, "1001").unwrap(),
            two.of_value(Field::OrderNumber, "1001").unwrap(),
            one.of_value(Field::TrackingNumber, "1001").unwrap(),
            one.of_external_key("1001"),
            one.of_content("", b"1001"),
            one.of_content("1", b"001"),
            one.of_content("a", b"1001"),
        ];
        for (at, mark) in all.iter().enumerate() {
            assert!(!all.iter().skip(at + 1).any(|other| other == mark), "{at}");
        }
        assert_eq!(one.of_external_key("1001"), marks(1).of_external_key("1001"));
    }

    proptest! {
        #[test]
        fn a_normal_form_is_its_own(value in ".*") {
            for field in [Field::TrackingNumber, Field::Email, Field::OrderNumber] {
                if let Some(normal) = normalise(field, &value) {
                    prop_assert_eq!(normalise(field, &normal), Some(normal));
                }
            }
        }
    }

    #[test]
    fn indexed_and_normalised_are_the_same_fields() {
        for number in 0..=32 {
            if let Ok(field) = Field::try_from(number) {
                assert_eq!(indexed(field), normalise(field, "x").is_some(), "{field:?}");
            }
        }
    }
}
