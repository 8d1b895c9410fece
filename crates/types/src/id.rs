//! Typed ids: a prefix that says what it names, and a ULID that sorts by time of making.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ulid::Ulid;
use uuid::Uuid;

/// A text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {prefix}_ + 26 characters")]
pub struct ParseIdError {
    /// Prefix that was expected.
    pub prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Ulid);

        impl $name {
            /// Text before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A new id; sorts after those made in earlier milliseconds.
            #[must_use]
            pub fn generate() -> Self {
                Self(Ulid::new())
            }

            /// The id that a fact always gets: same namespace and name, same id. It makes a
            /// repeated intake find its first result instead of making a second one.
            #[must_use]
            pub fn derived(namespace: &Uuid, name: &[u8]) -> Self {
                Self(Ulid::from_bytes(*Uuid::new_v5(namespace, name).as_bytes()))
            }

            /// The 128 bits, for storage as `uuid`.
            #[must_use]
            pub fn to_uuid(self) -> Uuid {
                Uuid::from_bytes(self.0.to_bytes())
            }

            /// From the 128 bits.
            #[must_use]
            pub fn from_uuid(uuid: Uuid) -> Self {
                Self(Ulid::from_bytes(*uuid.as_bytes()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", $prefix, self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                let wrong = ParseIdError { prefix: $prefix };
                let ulid = text
                    .strip_prefix($prefix)
                    .and_then(|rest| rest.strip_prefix('_'))
                    .filter(|rest| rest.len() == 26)
                    .and_then(|rest| Ulid::from_string(rest).ok())
                    .ok_or(wrong.clone())?;
                // One spelling per id: a lower-case or overflowing text is refused.
                let id = Self(ulid);
                if id.to_string() == text { Ok(id) } else { Err(wrong) }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// A merchant or 3PL whose data nobody else may see.
    TenantId = "ten";
    /// A place parcels leave from.
    SiteId = "sit";
    /// A program or person that calls the API.
    ClientId = "cli";
    /// A tenant's contract with a carrier or sales channel.
    AccountId = "acc";
    /// A customer's order.
    OrderId = "ord";
    /// What leaves together to one address.
    ShipmentId = "shp";
    /// One box with one label.
    ParcelId = "pcl";
    /// A sealed document in the vault.
    DocumentId = "doc";
    /// An import of many orders from one file.
    ImportId = "imp";
    /// A priced way to ship a shipment.
    OfferId = "ofr";
    /// A kept answer about duties and taxes.
    QuoteId = "quo";
    /// What customs were told about a shipment.
    DeclarationId = "dcl";
    /// A versioned price table.
    TariffId = "trf";
    /// One attempt to buy something from a carrier.
    AttemptId = "att";
    /// One scan of a parcel.
    ScanId = "scn";
    /// A collection that a carrier was asked for.
    PickupId = "pck";
    /// A closed day at a carrier.
    ManifestId = "man";
    /// A return: goods and money of an order on their way back.
    ReturnId = "ret";
    /// Something that came back and belongs to no open return; set by returns.
    OrphanId = "orp";
}

/// A random reference to a person in the vault. It carries no time and no order on purpose:
/// nothing can be guessed from it, and erasing the person leaves it meaningless.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SubjectRef(pub Uuid);

impl SubjectRef {
    /// A new random reference.
    #[must_use]
    pub fn generate() -> Self {
        Self(Uuid::new_v4())
    }
}

impl fmt::Display for SubjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for SubjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for SubjectRef {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        Uuid::try_parse(text).map(Self).map_err(|_| ParseIdError { prefix: "subject" })
    }
}

/// Namespace of derived event ids, fixed for ever: changing it would give facts second ids.
const EVENTS: Uuid = Uuid::from_u128(0x9c1f_6a52_3b0e_5d1c_8f27_4e0a_c011_b121);

/// The id of an event, derived from the business fact, so that a repeated transaction cannot
/// mint a second identity for the same fact.
#[must_use]
pub fn event_id(event: &str, key: &str, fact: &str) -> Uuid {
    Uuid::new_v5(&EVENTS, format!("{event}\u{0}{key}\u{0}{fact}").as_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn an_id_is_read_back_and_only_in_its_own_spelling() {
        let id = OrderId::generate();
        let text = id.to_string();
        assert_eq!(text.parse::<OrderId>().unwrap(), id);
        assert_eq!(OrderId::from_uuid(id.to_uuid()), id);
        let lower = format!("ord_{}", text.trim_start_matches("ord_").to_lowercase());
        assert!(lower.parse::<OrderId>().is_err(), "one spelling per id");
        assert!(text.parse::<ParcelId>().is_err());
        assert!("ord_".parse::<OrderId>().is_err());
        assert!("ord_8ZZZZZZZZZZZZZZZZZZZZZZZZZ".parse::<OrderId>().is_err());
    }

    #[test]
    fn the_same_fact_has_one_event_id() {
        assert_eq!(event_id("a", "k", "1"), event_id("a", "k", "1"));
        assert_ne!(event_id("a", "k", "1"), event_id("a", "k1", ""));
    }
}
