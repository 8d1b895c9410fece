//! Shipping labels in the manner of a carrier: one specification, drawn as PDF, ZPL or PNG.
//!
//! Owns what a label says and where. The layout is ours; no carrier's logo or form is copied, and
//! a label that is no carriage contract says so in its [`LabelSpec::note`]. Real carriers send
//! their own files, which are stored as they are and never come here.

mod layout;

use crate::barcode::Barcode;
use crate::pdf::{Document, Page};
use crate::pen::{Align, Area, DOTS_PER_MM, Pen};
use crate::raster::Canvas;
use crate::text::{Charset, Font, transliterate};
use crate::zpl::{Dpi, Format};

/// Paper of a label, always upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LabelSize {
    /// 4 x 6 inch: 101.6 x 152.4 mm.
    Inch4x6,
    /// 105 x 148 mm.
    A6,
    /// 100 x 150 mm.
    Cm10x15,
}

impl LabelSize {
    /// Width and height in micrometres.
    #[must_use]
    pub fn micrometres(self) -> (u32, u32) {
        match self {
            Self::Inch4x6 => (101_600, 152_400),
            Self::A6 => (105_000, 148_000),
            Self::Cm10x15 => (100_000, 150_000),
        }
    }

    /// Width and height in whole dots of 1/8 mm.
    fn dots(self) -> (u32, u32) {
        let (width, height) = self.micrometres();
        let dots = |um: u32| um * DOTS_PER_MM / 1000;
        (dots(width), dots(height))
    }
}

/// What a label says. Every text is one line; line breaks in it become spaces.
///
/// `Debug` shows no person and no number that opens a public page.
#[derive(Clone, PartialEq, Eq)]
pub struct LabelSpec {
    /// Who carries, as printed: `"Nordpost"`.
    pub carrier_name: String,
    /// The product, as printed: `"Express 12:00"`.
    pub service: String,
    /// As people type it; printed above the barcode.
    pub tracking_number: String,
    /// Need not say the same as `tracking_number`.
    pub barcode: Barcode,
    /// Address of the sender, line by line.
    pub sender: Vec<String>,
    /// Address of the recipient, line by line.
    pub recipient: Vec<String>,
    /// Grams as declared; absent: not declared, nothing printed.
    pub weight_g: Option<u32>,
    /// The shipper's own reference; absent: nothing printed.
    pub reference: Option<String>,
    /// Which parcel of the shipment this is, from 1.
    pub parcel_index: u32,
    /// How many parcels the shipment has.
    pub parcel_count: u32,
    /// Sorting codes in the order of the route, each in a cell of its own; empty: no cells. More
    /// than fit are cut.
    pub routing: Vec<String>,
    /// The paper.
    pub size: LabelSize,
    /// A banner at the foot, `"SPECIMEN – NOT VALID FOR CARRIAGE"`; absent: none.
    pub note: Option<String>,
}

impl std::fmt::Debug for LabelSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LabelSpec")
            .field("carrier_name", &self.carrier_name)
            .field("service", &self.service)
            .field("barcode", &self.barcode)
            .field("weight_g", &self.weight_g)
            .field("parcel", &(self.parcel_index, self.parcel_count))
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

/// How faithfully a specification can be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fidelity {
    /// The PDF shows characters outside WinAnsi by others.
    pub lost: bool,
    /// Text was cut, marked with `...`, or left out because it does not fit its place.
    pub cut: bool,
}

/// What printing this label would change in its text, for callers who must tell somebody.
#[must_use]
pub fn fidelity(spec: &LabelSpec) -> Fidelity {
    let mut proof = Proof::default();
    let cut = layout::draw(spec, &mut proof);
    Fidelity { lost: proof.lost, cut }
}

/// A pen that draws nothing and watches what becomes of the text.
#[derive(Default)]
struct Proof {
    lost: bool,
}

impl Pen for Proof {
    fn text(&mut self, _: (u32, u32), _: Align, _: Font, _: u32, text: &str) {
        self.lost |= transliterate(text, Charset::WinAnsi).lost;
    }

    fn fill(&mut self, _: Area) {}

    fn barcode(&mut self, _: (u32, u32), _: u32, _: u32, _: &Barcode) {}
}

/// The label as a PDF of one page.
#[must_use]
pub fn pdf(spec: &LabelSpec) -> Vec<u8> {
    pdf_pages(std::slice::from_ref(spec))
}

/// The labels of a shipment as one PDF, a page each. An empty slice gives a PDF without pages,
/// which some readers refuse.
#[must_use]
pub fn pdf_pages(specs: &[LabelSpec]) -> Vec<u8> {
    let mut document = Document::new();
    for spec in specs {
        let (width_um, height_um) = spec.size.micrometres();
        let mut page = Page::new(width_um, height_um);
        layout::draw(spec, &mut page);
        document.push(page);
    }
    document.finish()
}

/// The label as a ZPL II program of one format. Programs of several labels may be joined.
#[must_use]
pub fn zpl(spec: &LabelSpec, dpi: Dpi) -> String {
    let (width, height) = spec.size.dots();
    let mut format = Format::new(dpi, width, height);
    layout::draw(spec, &mut format);
    format.finish()
}

/// The label as a black and white PNG at 8 dots per millimetre (203 dpi). Its small font holds
/// ASCII only; other characters are transliterated.
///
/// # Errors
/// [`PngError`] when the encoder fails, which no label is known to cause.
pub fn png(spec: &LabelSpec) -> Result<Vec<u8>, PngError> {
    let (width, height) = spec.size.dots();
    let mut canvas = Canvas::new(width, height);
    layout::draw(spec, &mut canvas);
    canvas.png().map_err(|source| PngError { source })
}

/// The PNG encoder failed.
#[derive(Debug, thiserror::Error)]
#[error("encode the label as PNG")]
pub struct PngError {
    source: png::EncodingError,
}

#[cfg(test)]
mod tests;
