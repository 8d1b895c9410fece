//! The papers that travel with a parcel, drawn without any I/O.
//!
//! Owns: shipping labels in the manner of a carrier ([`label`]) as PDF, ZPL and PNG, customs papers
//! as PDF ([`cn22`], [`cn23`], [`invoice`]), the barcodes on them ([`barcode`]), and the thin layers
//! they are drawn with ([`pen`], [`pdf`], [`zpl`]).
//!
//! Deliberately not here: fetching, storing or converting the labels that real carriers send
//! (those are opaque files), carrier logos or copies of a carrier's own layout, and fonts: PDF
//! uses the base-14 fonts that every reader has, ZPL the printer's resident font.
//!
//! Everything is deterministic: the same input gives the same bytes, so files can be compared and
//! cached by digest. Nothing reads a clock.

pub mod barcode;
pub mod cn22;
pub mod cn23;
pub mod invoice;
pub mod label;
pub mod paper;
pub mod pdf;
pub mod pen;
mod raster;
pub mod text;
pub mod way_back;
pub mod zpl;
