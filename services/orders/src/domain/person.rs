//! The personal part of an order, in memory only: on its way to the vault, or out of it for the
//! merchant's operator.

use std::fmt;

use aws_lc_rs::hmac;
use colibri_events::{
    types::v1::Address as PbAddress,
    vault::v1::{Field, FieldValue},
};

/// Who gets it, and what only the buyer and the merchant know. `Debug` shows none of it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// Where it goes.
    pub address: Option<colibri_addresses::Address>,
    /// What the buyer wrote; empty: nothing.
    pub note: String,
    /// The merchant's number, which the buyer knows.
    pub number: String,
    /// Where the buyer wants it left; empty: handed over.
    pub safe_place: String,
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Person {
    /// As the vault takes it: only what is there.
    #[must_use]
    pub fn to_fields(&self) -> Vec<FieldValue> {
        let mut fields = Vec::new();
        let mut add = |field: Field, value: Option<&str>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                fields.push(FieldValue { field: field.into(), value: value.to_owned() });
            }
        };
        if let Some(address) = &self.address {
            let street = address.lines.join("\n");
            add(Field::Name, address.name.as_deref());
            add(Field::Company, address.company.as_deref());
            add(Field::Street, Some(&street));
            add(Field::City, address.city.as_deref());
            add(Field::Postcode, address.postcode.as_deref());
            add(Field::Subdivision, address.subdivision.as_deref());
            add(Field::Country, Some(&address.country));
            add(Field::Phone, address.phone.as_deref());
            add(Field::Email, address.email.as_deref());
        }
        add(Field::Note, Some(&self.note));
        add(Field::OrderNumber, Some(&self.number));
        add(Field::SafePlace, Some(&self.safe_place));
        fields
    }

    /// As the vault gave it back.
    #[must_use]
    pub fn from_fields(fields: Vec<FieldValue>) -> Self {
        let mut person = Self::default();
        let mut address = colibri_addresses::Address::default();
        for FieldValue { field, value } in fields {
            match Field::try_from(field) {
                Ok(Field::Name) => address.name = Some(value),
                Ok(Field::Company) => address.company = Some(value),
                Ok(Field::Street) => address.lines = value.split('\n').map(str::to_owned).collect(),
                Ok(Field::City) => address.city = Some(value),
                Ok(Field::Postcode) => address.postcode = Some(value),
                Ok(Field::Subdivision) => address.subdivision = Some(value),
                Ok(Field::Country) => address.country = value,
                Ok(Field::Phone) => address.phone = Some(value),
                Ok(Field::Email) => address.email = Some(value),
                Ok(Field::Note) => person.note = value,
                Ok(Field::OrderNumber) => person.number = value,
                Ok(Field::SafePlace) => person.safe_place = value,
                _ => {}
            }
        }
        person.address = (!address.country.is_empty()).then_some(address);
        person
    }

    /// Key of the vault's record. It names the content too: the record that an order points to is
    /// then always the one that was checked, whoever else sent the order with another content at
    /// the same moment.
    #[must_use]
    pub fn external_key(&self, key: &hmac::Key, channel: &str, external_id: &str) -> String {
        let mut context = hmac::Context::with_key(key);
        for entry in self.to_fields() {
            let length = u64::try_from(entry.value.len()).unwrap_or(u64::MAX);
            context.update(&entry.field.to_be_bytes());
            context.update(&length.to_be_bytes());
            context.update(entry.value.as_bytes());
        }
        let tag = context.sign();
        // 8 bytes: two contents of one order that collide are one in 2^64.
        let short: String = tag.as_ref().iter().take(8).map(|b| format!("{b:02x}")).collect();
        format!("order:{channel}:{external_id}:{short}")
    }
}

/// An address as callers write it; empty texts are absent.
#[must_use]
pub fn from_proto(address: PbAddress) -> colibri_addresses::Address {
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    colibri_addresses::Address {
        name: some(address.name),
        company: some(address.company),
        lines: address.lines,
        city: some(address.city),
        postcode: some(address.postcode),
        subdivision: some(address.subdivision),
        country: address.country,
        phone: some(address.phone),
        email: some(address.email),
    }
}

/// An address as callers read it.
#[must_use]
pub fn to_proto(address: colibri_addresses::Address) -> PbAddress {
    PbAddress {
        name: address.name.unwrap_or_default(),
        company: address.company.unwrap_or_default(),
        lines: address.lines,
        city: address.city.unwrap_or_default(),
        postcode: address.postcode.unwrap_or_default(),
        subdivision: address.subdivision.unwrap_or_default(),
        country: address.country,
        phone: address.phone.unwrap_or_default(),
        email: address.email.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(street: &str, note: &str) -> Person {
        Person {
            address: Some(colibri_addresses::Address {
                name: Some("Zoé Querelle".into()),
                lines: street.split('\n').map(str::to_owned).collect(),
                city: Some("Lyon".into()),
                postcode: Some("69001".into()),
                country: "FR".into(),
                ..Default::default()
            }),
            note: note.into(),
            number: "#1001".into(),
            safe_place: "derrière le portail".into(),
        }
    }

    #[test]
    fn what_goes_into_the_vault_comes_back() {
        let sent = person("3 rue des Essais\nbâtiment B", "vers 18 h");
        assert_eq!(Person::from_fields(sent.to_fields()), sent);
        let bare = Person { number: "#7".into(), ..Person::default() };
        assert_eq!(Person::from_fields(bare.to_fields()), bare);
    }

    #[test]
    fn the_key_names_order_and_content() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"a test key");
        let of = |p: &Person| p.external_key(&key, "shopify", "1");
        let one = person("3 rue des Essais", "");
        assert_eq!(of(&one), of(&one.clone()));
        assert_ne!(of(&one), of(&person("4 rue des Essais", "")));
        assert_ne!(of(&one), of(&person("3 rue des Essais", "x")));
        assert_ne!(of(&one), one.external_key(&key, "shopify", "2"));
        let longest = one.external_key(&key, &format!("{0}:{0}", "c".repeat(32)), &"é".repeat(100));
        assert!(longest.chars().count() <= 200);
    }

    #[test]
    fn debug_shows_nothing_personal() {
        let shown = format!("{:?}", person("3 rue des Essais", "vers 18 h"));
        for secret in ["Querelle", "Essais", "Lyon", "18 h", "1001"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
