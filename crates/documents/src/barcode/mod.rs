//! Barcodes as the widths of their bars; what draws them is elsewhere.
//!
//! Owns the symbologies that carriers print in one dimension: Code 128 and its GS1 form. A
//! [`Barcode`] that exists is encodable and narrow enough for the narrowest label, so that
//! drawing one cannot fail.

pub(crate) mod code128;
pub mod gs1;
#[cfg(test)]
pub(crate) mod reader;

use code128::Datum;

/// Light space that a reader needs on either side: ten modules by ISO/IEC 15417.
pub const QUIET_ZONE_MODULES: u32 = 10;

/// The widest barcode accepted, in modules and without quiet zones: 28 symbols of data at the
/// smallest module that a 203 dpi printer prints reliably (0.25 mm) fill a label of 100 mm.
pub const WIDTH_MODULES_MAX: u32 = 28 * 11 + 35;

/// How the payload of a barcode is to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Symbology {
    /// Plain Code 128: the text means what the carrier says.
    Code128,
    /// GS1-128: Code 128 that opens with FNC1 and holds GS1 application identifiers.
    Gs1128,
}

/// Why no barcode can be made of a payload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BarcodeError {
    /// There is nothing to encode.
    #[error("barcode payload is empty")]
    Empty,
    /// Code 128 holds ASCII only.
    #[error("barcode payload has a character outside ASCII at position {position}")]
    NotAscii {
        /// Counted in characters, from 0.
        position: usize,
    },
    /// It would not fit on a label of 100 mm with bars that can be read.
    #[error("barcode is {modules} modules wide, at most {WIDTH_MODULES_MAX} fit a label")]
    TooWide {
        /// Width without quiet zones.
        modules: u32,
    },
    /// The identifier is not two to four digits.
    #[error("GS1 application identifier {ai:?} is not two to four digits")]
    Identifier {
        /// As given.
        ai: String,
    },
    /// The value's length does not fit its identifier.
    #[error("value of GS1 application identifier {ai} has {actual} characters")]
    Length {
        /// The application identifier.
        ai: String,
        /// Length of the value in characters.
        actual: usize,
    },
    /// The value has a character that GS1 does not allow there.
    #[error("value of GS1 application identifier {ai} has a character not allowed there")]
    Charset {
        /// The application identifier.
        ai: String,
    },
    /// The last digit of an SSCC or GTIN is not its check digit.
    #[error("value of GS1 application identifier {ai} has a wrong check digit")]
    CheckDigit {
        /// The application identifier.
        ai: String,
    },
}

/// A barcode that can be printed on every label size of this crate.
///
/// `Debug` shows no payload: a tracking number opens a public page.
#[derive(Clone, PartialEq, Eq)]
pub struct Barcode {
    symbology: Symbology,
    symbols: Vec<u8>,
    human_readable: String,
}

impl std::fmt::Debug for Barcode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Barcode")
            .field("symbology", &self.symbology)
            .field("modules", &self.modules())
            .finish_non_exhaustive()
    }
}

impl Barcode {
    /// Plain Code 128 in the fewest symbols.
    ///
    /// # Errors
    /// [`BarcodeError::Empty`], [`BarcodeError::NotAscii`] or [`BarcodeError::TooWide`].
    pub fn code128(payload: &str) -> Result<Self, BarcodeError> {
        if let Some(position) = payload.chars().position(|c| !c.is_ascii()) {
            return Err(BarcodeError::NotAscii { position });
        }
        let data: Vec<Datum> = payload.bytes().map(Datum::Ascii).collect();
        Self::from_data(Symbology::Code128, &data, payload.to_owned())
    }

    /// GS1-128 from application identifiers and their values, in order, without brackets:
    /// `[("00", "340123450000000017")]`. FNC1 is put before the first and wherever a value of
    /// open length is followed by another element.
    ///
    /// # Errors
    /// Any [`BarcodeError`] but [`BarcodeError::NotAscii`].
    pub fn gs1_128(elements: &[(&str, &str)]) -> Result<Self, BarcodeError> {
        let data = gs1::data(elements)?;
        Self::from_data(Symbology::Gs1128, &data, gs1::human_readable(elements))
    }

    fn from_data(
        symbology: Symbology,
        data: &[Datum],
        human_readable: String,
    ) -> Result<Self, BarcodeError> {
        if data.is_empty() {
            return Err(BarcodeError::Empty);
        }
        let barcode = Self { symbology, symbols: code128::encode(data), human_readable };
        let modules = barcode.modules();
        if modules > WIDTH_MODULES_MAX {
            return Err(BarcodeError::TooWide { modules });
        }
        Ok(barcode)
    }

    /// How the payload is to be understood.
    #[must_use]
    pub fn symbology(&self) -> Symbology {
        self.symbology
    }

    /// The line for people: the payload itself, in GS1-128 with bracketed identifiers.
    #[must_use]
    pub fn human_readable(&self) -> &str {
        &self.human_readable
    }

    /// Symbol values from the start code to the last datum: no check symbol, no stop.
    pub(crate) fn symbols(&self) -> &[u8] {
        &self.symbols
    }

    /// Width in modules, quiet zones not counted.
    #[must_use]
    pub fn modules(&self) -> u32 {
        self.widths().iter().map(|width| u32::from(*width)).sum()
    }

    /// Widths in modules of bar, space, bar ... from the first bar to the last, quiet zones not
    /// counted. Check symbol and stop are in it.
    #[must_use]
    pub fn widths(&self) -> Vec<u8> {
        code128::widths(&self.symbols)
    }

    /// Where the bars are: (offset, width) in modules from the first bar's left edge.
    pub fn bars(&self) -> impl Iterator<Item = (u32, u32)> {
        let mut at = 0;
        self.widths().into_iter().enumerate().filter_map(move |(index, width)| {
            let start = at;
            at += u32::from(width);
            (index % 2 == 0).then_some((start, u32::from(width)))
        })
    }
}
