//! The public vocabulary: problem codes, which are for ever, and notice codes.

use std::fmt;

use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $name:literal;)*) => {
        /// A problem that keeps an address from being shipped to. Never renumbered; each has a
        /// page `docs/errors/<code>.md`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The public code, such as `ADR0007`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// A word for people and metrics, such as `postcode_invalid`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

codes! {
    /// No country was given.
    CountryMissing = "ADR0001", "missing_country";
    /// The country is neither an ISO code nor a name we know.
    CountryUnknown = "ADR0002", "country_unknown";
    /// No street line.
    StreetMissing = "ADR0003", "missing_street";
    /// No town.
    CityMissing = "ADR0004", "missing_city";
    /// No postcode although the country needs one.
    PostcodeMissing = "ADR0005", "missing_postcode";
    /// No state, province or the like although the country needs one.
    SubdivisionMissing = "ADR0006", "missing_region";
    /// The postcode does not have the country's form.
    PostcodeInvalid = "ADR0007", "postcode_invalid";
    /// The postcode has the right form but lies in a range that no place uses.
    PostcodeUnassigned = "ADR0008", "postcode_unassigned";
    /// The subdivision is not one of the country's.
    SubdivisionUnknown = "ADR0009", "region_unknown";
    /// The postcode lies in another subdivision than the one written.
    SubdivisionMismatch = "ADR0010", "region_mismatch";
    /// A filler such as `n/a` or `test` stands where a value is needed.
    Placeholder = "ADR0011", "placeholder";
    /// A value is longer than any label or partner accepts.
    TooLong = "ADR0012", "too_long";
    /// A value without any letter or digit, or a town without any letter.
    NotText = "ADR0013", "not_text";
    /// Characters were destroyed before the address came to us.
    Damaged = "ADR0014", "damaged_text";
    /// The e-mail cannot be one.
    EmailInvalid = "ADR0015", "email_invalid";
    /// One record of a batch could not be read.
    RecordUnreadable = "ADR0016", "record_unreadable";
    /// A value of a record is of a kind that cannot be text.
    WrongType = "ADR0017", "wrong_type";
    /// The input as a whole is not a list of addresses.
    InputUnreadable = "ADR0018", "input_unreadable";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What was corrected, or what is worth knowing without making the address unfit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeCode {
    /// Spaces at the ends, doubled or of an odd kind were removed.
    Trimmed,
    /// Letters and accents written apart were joined (Unicode NFC).
    Composed,
    /// Characters that print nothing or turn the writing direction were removed.
    InvisibleRemoved,
    /// Digits of full width or of another script became 0 to 9.
    DigitsNormalised,
    /// A line that held line breaks became several lines.
    LineSplit,
    /// A filler such as `n/a` was removed from a field that may be empty.
    PlaceholderRemoved,
    /// A country name, alpha-3 or common alias became the alpha-2 code.
    CountryResolved,
    /// A subdivision's name or long code became its short code.
    SubdivisionResolved,
    /// The subdivision was taken from a town of the same name.
    SubdivisionFromCity,
    /// Postcode letters became capitals.
    PostcodeUppercased,
    /// Space or hyphen of the postcode were put where the country has them.
    PostcodeFormatted,
    /// A country code in front of the postcode was removed.
    PostcodePrefixRemoved,
    /// The postcode belongs to a place that has its own country code.
    Territory,
    /// Customs or VAT treatment differs from the rest of the country.
    SpecialTerritory,
    /// The address is a post office box: most parcel carriers refuse it.
    PoBox,
    /// The address is a parcel locker or a counter.
    Locker,
    /// The address is a forces post office.
    Military,
    /// French business mail sorting (`CEDEX`): not a place every carrier delivers to.
    Cedex,
    /// No house number where houses usually have one.
    HouseNumberMissing,
    /// Neither a person nor a company is named.
    RecipientMissing,
    /// The phone cannot be dialled as written.
    PhoneUnlikely,
    /// The subdivision could not be checked; it was kept as written.
    SubdivisionUnchecked,
    /// The country has no postcodes we know of; the value was kept as written.
    PostcodeUnchecked,
    /// The text looks as if it was read in the wrong encoding.
    GarbledSuspected,
    /// Two columns of the record gave the same field different values; the first in rank was taken.
    ConflictingColumns,
}

impl NoticeCode {
    /// True when the normalised address differs from what came in because of this notice;
    /// false for observations, which come back on every check.
    #[must_use]
    pub const fn is_correction(self) -> bool {
        !matches!(
            self,
            Self::Territory
                | Self::SpecialTerritory
                | Self::PoBox
                | Self::Locker
                | Self::Military
                | Self::Cedex
                | Self::HouseNumberMissing
                | Self::RecipientMissing
                | Self::PhoneUnlikely
                | Self::SubdivisionUnchecked
                | Self::PostcodeUnchecked
                | Self::GarbledSuspected
                | Self::ConflictingColumns
        )
    }
}
