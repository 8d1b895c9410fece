//! A code for a counter, as a drawing.

use qrcode::{Color, EcLevel, QrCode};

/// Quiet modules around it, as ISO/IEC 18004 wants.
const QUIET: usize = 4;

/// A drawing in modules.
#[derive(Debug)]
pub(crate) struct Qr {
    /// Modules of a side, with the quiet ones.
    pub(crate) side: usize,
    /// Dark modules, as data of an SVG path.
    pub(crate) path: String,
}

/// Draws; `None` for what no code can hold.
pub(crate) fn path(text: &str) -> Option<Qr> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        while let Some(rest) = row.get(x..).filter(|rest| !rest.is_empty()) {
            let dark = rest.iter().take_while(|color| **color == Color::Dark).count();
            if dark > 0 {
                let (left, top) = (x + QUIET, y + QUIET);
                path.push_str(&format!("M{left} {top}h{dark}v1h-{dark}z"));
            }
            x += dark.max(1);
        }
    }
    Some(Qr { side: width + 2 * QUIET, path })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_code_is_drawn_with_its_finders_and_quiet_edge() {
        let qr = path("0123456789abcdef0123456789abcdef").unwrap();
        assert_eq!((qr.side - 2 * QUIET - 17) % 4, 0);
        // The first row begins and ends with a finder of seven.
        assert!(qr.path.starts_with("M4 4h7v1h-7z"), "{}", qr.path);
        assert!(qr.path.contains(&format!("M{} 4h7v1h-7z", qr.side - QUIET - 7)));
        assert!(path(&"x".repeat(8000)).is_none());
    }
}
