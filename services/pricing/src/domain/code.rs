//! Public codes of everything pricing can refuse. A code is for ever; each has a page.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// Why a tariff, a request, a candidate or a choice was refused. PRC0001 to PRC0099 are
        /// the domain's; the shell numbers its own above.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The public spelling, e.g. `PRC0001`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

codes! {
    /// Not TOML or JSON of a tariff: syntax, an unknown key, a float where text is due.
    TariffUnreadable = "PRC0001";
    /// Id, version, carrier or service is missing or misspelt.
    TariffIdentity = "PRC0002";
    /// A period that ends before it starts, or a year nobody can mean.
    TariffDates = "PRC0003";
    /// A zone that covers nothing, a bad zone name, or no zone at all.
    TariffZones = "PRC0004";
    /// A postcode prefix or range that can match nothing.
    TariffArea = "PRC0005";
    /// Two zones claim the same place with equal precision.
    TariffAmbiguous = "PRC0006";
    /// Weight breaks that do not rise, or none.
    TariffBreaks = "PRC0007";
    /// An amount or percentage that is negative, too large or too fine.
    TariffAmount = "PRC0008";
    /// Fuel periods that overlap.
    TariffFuel = "PRC0009";
    /// A surcharge that contradicts itself or another one.
    TariffSurcharge = "PRC0010";
    /// A delivery calendar without working days, or transit days that do not rise.
    TariffTransit = "PRC0011";
    /// A limit, divisor or step of zero, or beyond what a parcel can be.
    TariffLimits = "PRC0012";
    /// A list longer than a tariff may hold.
    TariffTooLarge = "PRC0013";
    /// No parcel, too many parcels, or a parcel without weight or beyond one tonne.
    RequestParcels = "PRC0014";
    /// The ship date lies before the day of the question.
    RequestShipDate = "PRC0015";
    /// A postcode with characters no country uses.
    RequestPostcode = "PRC0016";
    /// A negative value of goods.
    RequestValue = "PRC0017";
    /// Two tariffs with one id and version.
    DuplicateTariff = "PRC0018";
    /// The tariff is not in force on the ship date.
    NotValidOnDate = "PRC0019";
    /// A later version of the tariff is in force.
    Superseded = "PRC0020";
    /// The tariff is for parcels that leave from elsewhere.
    WrongOrigin = "PRC0021";
    /// No zone covers the destination.
    NoZone = "PRC0022";
    /// The tariff names the destination as not served.
    NotServed = "PRC0023";
    /// The zone depends on a postcode that the request lacks.
    PostcodeMissing = "PRC0024";
    /// A parcel or the shipment is heavier than the service takes.
    TooHeavy = "PRC0025";
    /// A parcel is larger than the service takes.
    TooLarge = "PRC0026";
    /// The billable weight lies above the last weight break.
    AboveLastBreak = "PRC0027";
    /// The price depends on dimensions that the request lacks.
    DimensionsMissing = "PRC0028";
    /// The service does not offer a wanted option.
    OptionUnsupported = "PRC0029";
    /// The service is only for shipments with an option that is not wanted.
    OptionRequired = "PRC0030";
    /// A charge depends on the value of the goods, which the request lacks.
    ValueMissing = "PRC0031";
    /// The value's currency cannot be converted into the tariff's.
    ValueCurrency = "PRC0032";
    /// No fuel percentage is known for the ship date.
    FuelUnknown = "PRC0033";
    /// More parcels than the service takes in one shipment.
    TooManyParcels = "PRC0034";
    /// The goods are worth more than the service takes.
    ValueTooHigh = "PRC0035";
    /// An amount beyond what can be computed exactly.
    AmountOverflow = "PRC0036";
    /// The tenant's rules deny this carrier.
    CarrierDenied = "PRC0037";
    /// The tenant's rules allow other carriers only.
    CarrierNotAllowed = "PRC0038";
    /// No usable exchange rate, so the price cannot be compared.
    NotComparable = "PRC0039";
    /// The latest delivery date lies after the wanted one.
    TooLate = "PRC0040";
    /// The offer promises no delivery date and one is wanted.
    DeliveryUnknown = "PRC0041";
    /// Held: no tariff gave a price.
    HeldNoOffer = "PRC0042";
    /// Held: the rules leave no carrier.
    HeldNoneAllowed = "PRC0043";
    /// Held: no price can be compared.
    HeldNotComparable = "PRC0044";
    /// Held: no offer meets the wanted delivery date.
    HeldNoneInTime = "PRC0045";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let found = Self::ALL.iter().find(|code| code.as_str() == text);
        found.copied().ok_or(UnknownCode)
    }
}

/// A text is no code of pricing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a pricing code such as PRC0001")]
pub struct UnknownCode;

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    #[test]
    fn codes_are_consecutive_and_read_back() {
        for (index, code) in Code::ALL.iter().enumerate() {
            assert_eq!(code.as_str(), format!("PRC{:04}", index + 1));
            assert_eq!(code.as_str().parse::<Code>().unwrap(), *code);
        }
        assert!("PRC0000".parse::<Code>().is_err());
    }

    #[test]
    fn every_code_has_a_page_and_every_page_a_code() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors");
        let mut pages = BTreeSet::new();
        for entry in fs::read_dir(&folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let Some(code) = name.strip_suffix(".md") else {
                continue;
            };
            if code.starts_with("PRC00") {
                pages.insert(code.to_owned());
            }
        }
        let codes: BTreeSet<String> = Code::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(codes, pages);
        for code in &codes {
            let text = fs::read_to_string(folder.join(format!("{code}.md"))).unwrap();
            assert!(text.starts_with(&format!("# {code}")), "{code}");
            for part in ["## Meaning", "## Cause", "## What to do"] {
                assert!(text.contains(part), "{code} lacks {part}");
            }
        }
    }
}
