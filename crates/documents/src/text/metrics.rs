//! How wide the base-14 fonts of PDF are: facts every reader agrees on, as the fonts are not in
//! the file.

use super::{Charset, transliterate, win_ansi_byte};

/// The fonts used on our papers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Font {
    /// Helvetica, for text.
    Regular,
    /// Helvetica-Bold, for what is read from afar.
    Bold,
    /// Courier, where columns of digits must align.
    Mono,
}

/// Advance of every Courier character, in thousandths of the font size.
const MONO_PERMILLE: u32 = 600;

/// Width of a text at a size, in the unit of the size, rounded up. It is as printed in WinAnsi:
/// characters outside count with their spelling; nothing is kerned. What is beyond `u32` stays
/// there, so that a hostile length is merely too wide.
#[must_use]
pub fn width(font: Font, size: u32, text: &str) -> u32 {
    let permille: u64 = text.chars().map(|c| u64::from(char_permille(font, c))).sum();
    u32::try_from((permille * u64::from(size)).div_ceil(1000)).unwrap_or(u32::MAX)
}

pub(crate) fn char_permille(font: Font, c: char) -> u32 {
    if let Some(byte) = win_ansi_byte(c) {
        return byte_permille(font, byte);
    }
    let spelled = transliterate(c.encode_utf8(&mut [0; 4]), Charset::WinAnsi).text;
    spelled.chars().filter_map(win_ansi_byte).map(|byte| byte_permille(font, byte)).sum()
}

fn byte_permille(font: Font, byte: u8) -> u32 {
    let table = match font {
        Font::Regular => &REGULAR,
        Font::Bold => &BOLD,
        Font::Mono => return MONO_PERMILLE,
    };
    table.get(usize::from(byte.saturating_sub(32))).copied().map_or(MONO_PERMILLE, u32::from)
}

/// Helvetica from 0x20 on, WinAnsi order.
#[rustfmt::skip]
const REGULAR: [u16; 224] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, 350,
    556, 350, 222, 556, 333, 1000, 556, 556, 333, 1000, 667, 333, 1000, 350, 611, 350,
    350, 222, 222, 333, 333, 350, 556, 1000, 333, 1000, 500, 333, 944, 350, 500, 667,
    278, 333, 556, 556, 556, 556, 260, 556, 333, 737, 370, 556, 584, 333, 737, 333,
    400, 584, 333, 333, 333, 556, 537, 278, 333, 333, 365, 556, 834, 834, 834, 611,
    667, 667, 667, 667, 667, 667, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278,
    722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611,
    556, 556, 556, 556, 556, 556, 889, 500, 556, 556, 556, 556, 278, 278, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 584, 611, 556, 556, 556, 556, 500, 556, 500,
];

/// Helvetica-Bold from 0x20 on, WinAnsi order.
#[rustfmt::skip]
const BOLD: [u16; 224] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
    975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
    333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
    611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584, 350,
    556, 350, 278, 556, 500, 1000, 556, 556, 333, 1000, 667, 333, 1000, 350, 611, 350,
    350, 278, 278, 500, 500, 350, 556, 1000, 333, 1000, 556, 333, 944, 350, 500, 667,
    278, 333, 556, 556, 556, 556, 280, 556, 333, 737, 370, 556, 584, 333, 737, 333,
    400, 584, 333, 333, 333, 611, 556, 278, 333, 333, 365, 556, 834, 834, 834, 611,
    722, 722, 722, 722, 722, 722, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278,
    722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611,
    556, 556, 556, 556, 556, 556, 889, 556, 556, 556, 556, 556, 278, 278, 278, 278,
    611, 611, 611, 611, 611, 611, 611, 584, 611, 611, 611, 611, 611, 556, 611, 556,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_the_font_metrics() {
        assert_eq!(width(Font::Regular, 1000, "Aé€ "), 667 + 556 + 556 + 278);
        assert_eq!(width(Font::Bold, 1000, "mß"), 889 + 611);
        assert_eq!(width(Font::Mono, 1000, "iW€"), 1800);
    }

    #[test]
    fn characters_outside_count_with_their_spelling() {
        let spelled = width(Font::Regular, 1000, "Shch");
        assert_eq!(width(Font::Regular, 1000, "Щ"), spelled);
    }
}
