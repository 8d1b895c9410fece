//! Public codes `CHN…` and the errors that carry them.
//!
//! A code is for ever: each has a page `docs/errors/<code>.md`, and a test compares the two. Errors
//! name the place and the rule, never the offending value, which may be personal.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($name:ident = $code:literal, $meaning:literal;)*) => {
        /// A public reason for refusing input, `CHN0001` and up.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Code {
            $(#[doc = $meaning] #[serde(rename = $code)] $name,)*
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The public text, for example `CHN0003`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// One sentence for people, without the offending value.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning,)* }
            }
        }
    };
}

codes! {
    BodyTooLarge = "CHN0001", "the body is larger than allowed";
    NotUtf8 = "CHN0002", "the text is not UTF-8";
    Malformed = "CHN0003", "the JSON is malformed or cut short";
    DuplicateKey = "CHN0004", "an object has the same key twice";
    TooDeep = "CHN0005", "the JSON is nested too deeply";
    NulCharacter = "CHN0006", "a text contains the NUL character";
    TooMany = "CHN0007", "a list, an object or a key is too long";
    NotAnOrder = "CHN0008", "the document is not an order";
    FieldMissing = "CHN0009", "a required field is missing";
    FieldType = "CHN0010", "a field has a type that cannot be read";
    AmountUnreadable = "CHN0011", "an amount is not a plain decimal such as 12.50";
    AmountOutOfRange = "CHN0012", "an amount is negative where it cannot be, or too large";
    CurrencyUnknown = "CHN0013", "the currency is not an ISO 4217 code";
    CurrencyMixed = "CHN0014", "amounts of two currencies are mixed in one order";
    QuantityInvalid = "CHN0015", "a quantity is not a whole number from 0 to 1000000";
    DateInvalid = "CHN0016", "a date cannot be read or lies outside the years 2000 to 2100";
    TextTooLong = "CHN0017", "a text is longer than allowed";
    WeightInvalid = "CHN0018", "a weight cannot be read or is above 1000000 g";
    ChannelUnknown = "CHN0019", "no channel has this name";
    FileTooLarge = "CHN0020", "the file is larger than allowed";
    EncodingUnknown = "CHN0021", "the character encoding of the file cannot be determined";
    HeaderNotFound = "CHN0022", "no header row with the required columns was found";
    HeaderDuplicate = "CHN0023", "two columns mean the same field";
    TooManyColumns = "CHN0024", "the file has too many columns";
    TooManyRows = "CHN0025", "the file has too many rows or cells";
    CellTooLong = "CHN0026", "a cell or a record is too long";
    OpenQuote = "CHN0027", "a quoted cell opened in this row is never closed";
    Ragged = "CHN0028", "the row has not as many cells as the header";
    AmountAmbiguous = "CHN0029", "a number can be read in two ways and its column does not decide";
    OrderConflict = "CHN0030", "two rows of one order contradict each other";
    OrderIncomplete = "CHN0031", "another row of the same order was refused";
    DateAmbiguous = "CHN0032", "a date can be read in two ways and its column does not decide";
    CountryUnknown = "CHN0033", "the country is not known";
    CodeDestroyed = "CHN0034", "a spreadsheet has destroyed the digits of a code";
    CodeInvalid = "CHN0035", "a code has not the form its field requires";
    NotXlsx = "CHN0036", "the file is not a readable XLSX workbook";
    ArchiveRefused = "CHN0037", "the workbook's ZIP directory breaks a safety limit";
    ActiveContent = "CHN0038", "the workbook holds macros or links to other files";
    SheetUnclear = "CHN0039", "it is not clear which sheet holds the orders";
    UnitUnknown = "CHN0040", "a weight is given without a unit";
    CellError = "CHN0041", "a cell holds a spreadsheet error";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why one order of a channel could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code} at {place}: {meaning}", place = self.place(), meaning = code.meaning())]
pub struct ChannelError {
    /// Public code.
    pub code: Code,
    /// JSON Pointer (RFC 6901) of the place in the document; empty for the whole of it. A key that
    /// is no plain identifier shows as `*`, since a key can be somebody's e-mail address.
    pub pointer: String,
    /// Offset in bytes from the start of the body, where one is known.
    pub byte: Option<usize>,
}

impl ChannelError {
    /// An error at a place of the document.
    #[must_use]
    pub fn at(code: Code, pointer: impl Into<String>) -> Self {
        Self { code, pointer: pointer.into(), byte: None }
    }

    /// An error at a byte of the body.
    #[must_use]
    pub fn at_byte(code: Code, pointer: impl Into<String>, byte: usize) -> Self {
        Self { code, pointer: pointer.into(), byte: Some(byte) }
    }

    fn place(&self) -> String {
        let pointer = if self.pointer.is_empty() { "the document" } else { &self.pointer };
        match self.byte {
            Some(byte) => format!("{pointer} (byte {byte})"),
            None => pointer.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use std::{collections::BTreeSet, fs, path::Path};

    #[test]
    fn every_code_has_a_page_and_every_page_a_code() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors");
        let pages: BTreeSet<String> = fs::read_dir(folder)
            .expect("docs/errors")
            .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
            .filter_map(|name| name.strip_suffix(".md").map(str::to_owned))
            .filter(|name| name.starts_with("CHN"))
            .collect();
        let codes: BTreeSet<String> = Code::ALL.iter().map(|c| c.as_str().to_owned()).collect();
        assert_eq!(codes, pages);
        assert_eq!(codes.len(), Code::ALL.len(), "a code is used twice");
    }

    #[test]
    fn a_page_repeats_the_meaning_of_its_code() {
        for code in Code::ALL {
            let page =
                Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/errors/{code}.md"));
            let text = fs::read_to_string(page).unwrap().to_lowercase();
            assert!(text.contains(&code.meaning().to_lowercase()), "{code}");
        }
    }

    #[test]
    fn an_error_names_place_and_rule() {
        let error = ChannelError::at_byte(Code::Malformed, "", 17);
        assert_eq!(
            error.to_string(),
            "CHN0003 at the document (byte 17): the JSON is malformed or cut short"
        );
    }
}
