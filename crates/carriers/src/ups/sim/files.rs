//! Label files: small, valid, with the number readable in them, and marked as no real label.

use colibri_documents::{
    barcode::Barcode,
    label::{self, LabelSize, LabelSpec},
    zpl::Dpi,
};
use serde_json::Value;

use crate::{LabelFormat, sim::thermal};

use super::{at, list, ship::Sold, text};

/// An address in lines, as a label prints it.
pub(super) fn address(party: &Value) -> Vec<String> {
    let mut lines: Vec<String> =
        ["Name", "AttentionName"].iter().map(|key| text(party, &[key]).to_owned()).collect();
    lines.dedup();
    let address = at(party, &["Address"]);
    let street = list(at(address, &["AddressLine"])).iter().filter_map(Value::as_str);
    lines.extend(street.map(str::to_owned));
    let town = ["PostalCode", "City", "StateProvinceCode"].map(|key| text(address, &[key]));
    lines.push(town.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "));
    lines.push(text(address, &["CountryCode"]).to_owned());
    lines.retain(|line| !line.is_empty());
    lines
}

fn spec(sold: &Sold, index: usize) -> Option<LabelSpec> {
    let piece = sold.pieces.get(index)?;
    Some(LabelSpec {
        carrier_name: "UPS (simulated)".to_owned(),
        service: sold.service.clone(),
        tracking_number: piece.number.clone(),
        barcode: Barcode::code128(&piece.number).ok()?,
        sender: sold.sender.clone(),
        recipient: sold.recipient.clone(),
        weight_g: Some(piece.weight_g),
        reference: Some(sold.reference.clone()),
        parcel_index: u32::try_from(index).ok()? + 1,
        parcel_count: u32::try_from(sold.pieces.len()).ok()?,
        routing: vec![sold.to.country.clone(), sold.to.postcode.clone()],
        size: LabelSize::Inch4x6,
        note: Some("SIMULATED - NOT VALID FOR CARRIAGE".to_owned()),
    })
}

/// The label of one package.
pub(super) fn label(sold: &Sold, index: usize, code: &str) -> Vec<u8> {
    let Some(spec) = spec(sold, index) else {
        return Vec::new();
    };
    match code {
        "PDF" => label::pdf(&spec),
        "PNG" => label::png(&spec).unwrap_or_default(),
        "GIF" => gif(&spec.tracking_number),
        "EPL" => thermal::program(&spec, LabelFormat::Epl),
        // SPL is asked for by no connector here; its program is the ZPL one.
        _ => label::zpl(&spec, Dpi::Dpi203).into_bytes(),
    }
}

/// The customs invoice: one page that says what it is.
pub(super) fn invoice(sold: &Sold) -> Vec<u8> {
    let Some(mut spec) = spec(sold, 0) else {
        return Vec::new();
    };
    spec.service = "COMMERCIAL INVOICE".to_owned();
    label::pdf(&spec)
}

/// Pixels of one bar, and of the height of a bar.
const BAR: u16 = 2;
const HEIGHT: u16 = 40;

/// A black and white GIF lying on its side: the number as bars, and as text in a comment.
fn gif(number: &str) -> Vec<u8> {
    let bits: Vec<bool> =
        number.bytes().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1)).collect();
    let width = u16::try_from(bits.len()).unwrap_or_default() * BAR;
    let mut out = b"GIF89a".to_vec();
    out.extend(width.to_le_bytes());
    out.extend(HEIGHT.to_le_bytes());
    // A palette of two: white and black.
    out.extend([0x80, 0, 0, 0xFF, 0xFF, 0xFF, 0, 0, 0]);
    out.extend([0x21, 0xFE, u8::try_from(number.len()).unwrap_or_default()]);
    out.extend(number.bytes().take(255));
    out.extend([0, 0x2C, 0, 0, 0, 0]);
    out.extend(width.to_le_bytes());
    out.extend(HEIGHT.to_le_bytes());
    out.push(0);
    let row = || bits.iter().flat_map(|bit| std::iter::repeat_n(u16::from(*bit), BAR.into()));
    let pixels = (0..HEIGHT).flat_map(|_| row());
    out.extend(uncompressed(pixels));
    out.push(0x3B);
    out
}

/// GIF's LZW without compression: a clear code before the code size would grow, so that every pixel
/// is its own code of three bits.
fn uncompressed(pixels: impl Iterator<Item = u16>) -> Vec<u8> {
    const CLEAR: u16 = 4;
    const END: u16 = 5;
    let mut codes = Vec::new();
    for (index, pixel) in pixels.enumerate() {
        // After a clear the decoder adds a code per pixel but the first; at code 7 the size is
        // still three bits, so two pixels are always safe.
        if index % 2 == 0 {
            codes.push(CLEAR);
        }
        codes.push(pixel);
    }
    codes.push(END);
    let (mut bytes, mut buffer, mut held) = (Vec::new(), 0_u32, 0_u32);
    for code in codes {
        buffer |= u32::from(code) << held;
        held += 3;
        while held >= 8 {
            bytes.push(u8::try_from(buffer & 0xFF).unwrap_or_default());
            buffer >>= 8;
            held -= 8;
        }
    }
    bytes.push(u8::try_from(buffer & 0xFF).unwrap_or_default());
    let mut out = vec![2];
    for block in bytes.chunks(255) {
        out.push(u8::try_from(block.len()).unwrap_or_default());
        out.extend(block);
    }
    out.push(0);
    out
}
