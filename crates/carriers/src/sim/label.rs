//! Label files of simulated carriers: small, valid, with the number readable, marked as no label.

use colibri_documents::{
    barcode::Barcode,
    label::{self, LabelSize, LabelSpec},
    zpl::Dpi,
};

use super::thermal;
use crate::LabelFormat;

/// What is printed. No carrier's logo or layout.
#[derive(Debug, Clone, Default)]
pub(crate) struct Printed {
    /// For people, e.g. `Chronopost`; `(simulated)` is added.
    pub carrier: &'static str,
    /// Service as asked for.
    pub service: String,
    /// The number, also as a barcode.
    pub number: String,
    /// Address lines.
    pub sender: Vec<String>,
    /// Address lines.
    pub recipient: Vec<String>,
    /// Grams.
    pub weight_g: u32,
    /// The buyer's reference; empty for none.
    pub reference: String,
    /// One-based place among `count`.
    pub index: u32,
    /// Parcels of the shipment.
    pub count: u32,
}

impl Printed {
    /// The file; empty when the number cannot be drawn.
    pub(crate) fn file(&self, format: LabelFormat) -> Vec<u8> {
        let Ok(barcode) = Barcode::code128(&self.number) else {
            return Vec::new();
        };
        let spec = LabelSpec {
            carrier_name: format!("{} (simulated)", self.carrier),
            service: self.service.clone(),
            tracking_number: self.number.clone(),
            barcode,
            sender: lines(&self.sender),
            recipient: lines(&self.recipient),
            weight_g: Some(self.weight_g),
            reference: (!self.reference.is_empty()).then(|| self.reference.clone()),
            parcel_index: self.index.max(1),
            parcel_count: self.count.max(1),
            routing: Vec::new(),
            size: LabelSize::Cm10x15,
            note: Some("SPECIMEN - NOT VALID FOR CARRIAGE".to_owned()),
        };
        match format {
            LabelFormat::Pdf => label::pdf(&spec),
            LabelFormat::Zpl => label::zpl(&spec, Dpi::Dpi203).into_bytes(),
            LabelFormat::Png => label::png(&spec).unwrap_or_default(),
            LabelFormat::Epl | LabelFormat::Dpl | LabelFormat::Ipl | LabelFormat::Tpcl => {
                thermal::program(&spec, format)
            }
            // Only UPS sells GIF, and draws its own.
            LabelFormat::Gif => Vec::new(),
        }
    }
}

fn lines(all: &[String]) -> Vec<String> {
    all.iter().filter(|line| !line.trim().is_empty()).cloned().collect()
}
