//! Label files: how they are asked for and how they come.

use base64::Engine;
use bytes::Bytes;

use super::{
    BASE64,
    wire::CodeOut,
    wire_ship::{LabelSpecification, LabelStockSize},
};
use crate::LabelFormat;

/// The file behind base64. A file that cannot be read is no file: it can be asked for again.
pub(super) fn file(base64: Option<&str>) -> Option<Bytes> {
    let plain: String = base64?.chars().filter(|c| !c.is_whitespace()).collect();
    BASE64.decode(plain).ok().map(Bytes::from)
}

/// How a label is asked for, when it is bought and when it is recovered.
pub(super) fn format(format: LabelFormat) -> LabelSpecification {
    let code = match format {
        LabelFormat::Zpl => "ZPL",
        LabelFormat::Png => "PNG",
        LabelFormat::Gif => "GIF",
        LabelFormat::Epl => "EPL",
        // Recovery alone makes PDF; what UPS does not make is rejected before.
        LabelFormat::Pdf | LabelFormat::Dpl | LabelFormat::Ipl | LabelFormat::Tpcl => "PDF",
    };
    let image = matches!(format, LabelFormat::Gif | LabelFormat::Png);
    LabelSpecification {
        label_image_format: CodeOut { code },
        // The value that UPS itself falls back to.
        http_user_agent: image.then_some("Mozilla/4.5"),
        label_stock_size: LabelStockSize { height: "6", width: "4" },
        character_set: None,
    }
}

/// Letters that Latin-1, the default, does not hold.
pub(super) fn character_set(country: &str) -> Option<&'static str> {
    Some(match country {
        "PL" => "pol",
        "CZ" => "ces",
        "SK" => "slk",
        "HU" => "hun",
        "RO" => "ron",
        "BG" => "bul",
        "GR" => "ell",
        "EE" => "est",
        "LV" => "lav",
        "LT" => "lit",
        "TR" => "tur",
        _ => return None,
    })
}
