//! Making text fit a box: smaller first, then wrapped, then cut with an ellipsis.

use super::{Font, char_permille, width_permille};

/// Marks a cut. Three full stops, because the printer's and the bitmap font may lack `…`.
const CUT_MARK: &str = "...";

/// Text laid out in a box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fitted {
    /// Font size in the unit the widths came in.
    pub(crate) size: u32,
    /// No line is wider than the box.
    pub(crate) lines: Vec<String>,
    /// Something did not fit and was left out.
    pub(crate) cut: bool,
}

/// Width at a size, in the unit of the size, rounded up.
pub(crate) fn width(font: Font, size: u32, text: &str) -> u32 {
    (width_permille(font, text) * size).div_ceil(1000)
}

/// One line in the largest of `sizes` (descending) that fits; cut at the smallest.
pub(crate) fn line(font: Font, sizes: &[u32], width_max: u32, text: &str) -> Fitted {
    let size = sizes
        .iter()
        .copied()
        .find(|size| width(font, *size, text) <= width_max);
    let size = size.or(sizes.last().copied()).unwrap_or(1);
    let (text, cut) = shorten(font, size, width_max, text);
    Fitted {
        size,
        lines: vec![text],
        cut,
    }
}

/// Lines in the largest of `sizes` (descending) at which all of them, wrapped at spaces, fit the
/// height; at the smallest, what is too much is cut. `pitch_percent` is the line pitch in percent
/// of the size.
pub(crate) fn block(
    font: Font,
    sizes: &[u32],
    width_max: u32,
    height_max: u32,
    pitch_percent: u32,
    text: &[String],
) -> Fitted {
    let mut fitted = Fitted {
        size: 1,
        lines: Vec::new(),
        cut: false,
    };
    for size in sizes.iter().copied() {
        let rows = height_max * 100 / (size * pitch_percent).max(1);
        fitted = Fitted {
            size,
            lines: Vec::new(),
            cut: false,
        };
        for paragraph in text {
            wrap(font, width_max, paragraph, &mut fitted);
        }
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        if fitted.lines.len() <= rows && !fitted.cut {
            return fitted;
        }
        if fitted.lines.len() > rows {
            fitted.lines.truncate(rows);
            fitted.cut = true;
            if let Some(last) = fitted.lines.last_mut() {
                let marked = format!("{last}{CUT_MARK}");
                *last = shorten(font, size, width_max, &marked).0;
            }
        }
    }
    fitted
}

/// Appends a paragraph, broken at spaces; a word wider than the box is cut.
fn wrap(font: Font, width_max: u32, paragraph: &str, into: &mut Fitted) {
    let mut current = String::new();
    for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
        let longer = if current.is_empty() {
            word.to_owned()
        } else {
            format!("{current} {word}")
        };
        if width(font, into.size, &longer) <= width_max {
            current = longer;
            continue;
        }
        if !current.is_empty() {
            into.lines.push(std::mem::take(&mut current));
        }
        let (word, cut) = shorten(font, into.size, width_max, word);
        into.cut |= cut;
        current = word;
    }
    if !current.is_empty() {
        into.lines.push(current);
    }
}

/// The longest beginning that fits with the mark of a cut; the text itself when it fits.
fn shorten(font: Font, size: u32, width_max: u32, text: &str) -> (String, bool) {
    if width(font, size, text) <= width_max {
        return (text.to_owned(), false);
    }
    let room = width_max.saturating_sub(width(font, size, CUT_MARK)) * 1000;
    let mut used = 0;
    let kept: String = text
        .chars()
        .take_while(|c| {
            used += char_permille(font, *c) * size;
            used <= room
        })
        .collect();
    (
        format!("{}{CUT_MARK}", kept.trim_end_matches(['.', ' '])),
        true,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_shrinks_before_it_is_cut() {
        let fitted = line(Font::Mono, &[20, 10], 60, "0123456789");
        assert_eq!((fitted.size, fitted.cut), (10, false));
        let fitted = line(Font::Mono, &[20, 10], 48, "0123456789");
        assert_eq!(
            (fitted.lines, fitted.cut),
            (vec!["01234...".to_owned()], true)
        );
    }

    #[test]
    fn a_block_wraps_at_spaces() {
        let text = ["one two three".to_owned(), "four".to_owned()];
        let fitted = block(Font::Mono, &[10], 50, 40, 100, &text);
        assert_eq!(fitted.lines, ["one two", "three", "four"]);
        assert!(!fitted.cut);
        let fitted = block(Font::Mono, &[10], 50, 20, 100, &text);
        assert_eq!(fitted.lines, ["one two", "three..."]);
        assert!(fitted.cut);
    }

    proptest! {
        #[test]
        fn nothing_leaves_the_box(
            text in prop::collection::vec("\\PC{0,60}", 0..6),
            width_max in 60_u32..400,
            height_max in 10_u32..200,
        ) {
            let fitted = block(Font::Bold, &[40, 20, 10], width_max, height_max, 120, &text);
            for line in &fitted.lines {
                prop_assert!(width(Font::Bold, fitted.size, line) <= width_max);
            }
            let height = fitted.lines.len() as u32 * fitted.size * 120 / 100;
            prop_assert!(height <= height_max);
            if !fitted.cut {
                let words: Vec<&str> = text.iter().flat_map(|l| l.split(' ')).collect();
                let kept: Vec<&str> = fitted.lines.iter().flat_map(|l| l.split(' ')).collect();
                let words: Vec<&str> = words.into_iter().filter(|w| !w.is_empty()).collect();
                prop_assert_eq!(words, kept);
            }
        }
    }
}
