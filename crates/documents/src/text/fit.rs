//! Making text fit a box: smaller first, then wrapped, then cut with an ellipsis.

use super::{Font, char_permille, width};

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

/// The box that text must fit, in the unit of the font sizes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    /// Of every line.
    pub(crate) width_max: u32,
    /// Of all lines together.
    pub(crate) height_max: u32,
}

/// One line in the largest of `sizes` (descending) that fits; cut at the smallest.
pub(crate) fn line(font: Font, sizes: &[u32], width_max: u32, text: &str) -> Fitted {
    let ruler = |size| Ruler { font, size, width_max };
    let smallest = sizes.last().copied().unwrap_or(1);
    let size = sizes.iter().copied().find(|size| ruler(*size).fits(text)).unwrap_or(smallest);
    let (text, cut) = ruler(size).shorten(text);
    Fitted { size, lines: vec![text], cut }
}

/// Lines in the largest of `sizes` (descending) at which all of them, wrapped at spaces, fit the
/// height. When a word is too wide at every size, words are broken; what is too much even at the
/// smallest size is cut. `pitch_percent` is the line pitch in percent of the size.
pub(crate) fn block(
    font: Font,
    sizes: &[u32],
    room: Room,
    pitch_percent: u32,
    text: &[String],
) -> Fitted {
    let rows = |size: u32| {
        let rows = room.height_max * 100 / (size * pitch_percent).max(1);
        usize::try_from(rows).unwrap_or(usize::MAX)
    };
    let ruler = |size| Ruler { font, size, width_max: room.width_max };
    for break_words in [false, true] {
        for size in sizes.iter().copied() {
            let (lines, complete) = ruler(size).wrap(rows(size), break_words, text);
            if complete {
                return Fitted { size, lines, cut: false };
            }
        }
    }
    let smallest = sizes.last().copied().unwrap_or(1);
    let (mut lines, _) = ruler(smallest).wrap(rows(smallest), true, text);
    if let Some(last) = lines.last_mut() {
        let marked = format!("{last} {CUT_MARK}");
        *last = ruler(smallest).shorten(&marked).0;
    }
    Fitted { size: smallest, lines, cut: true }
}

/// Measures against one width. Looks at no more text than fits it: a text of any length costs no
/// more than the label has room.
#[derive(Clone, Copy)]
struct Ruler {
    font: Font,
    size: u32,
    width_max: u32,
}

impl Ruler {
    /// Bytes of the longest beginning that fits beside `reserved`.
    fn reach(self, text: &str, reserved: u32) -> usize {
        let mut left = u64::from(self.width_max.saturating_sub(reserved)) * 1000;
        for (at, c) in text.char_indices() {
            let wide = u64::from(char_permille(self.font, c)) * u64::from(self.size);
            match left.checked_sub(wide) {
                Some(rest) => left = rest,
                None => return at,
            }
        }
        text.len()
    }

    fn fits(self, text: &str) -> bool {
        self.reach(text, 0) == text.len()
    }

    /// The longest beginning that fits with the mark of a cut; the text itself when it fits.
    fn shorten(self, text: &str) -> (String, bool) {
        if self.fits(text) {
            return (text.to_owned(), false);
        }
        let kept = self.reach(text, width(self.font, self.size, CUT_MARK));
        let kept = text.get(..kept).unwrap_or_default().trim_end_matches(['.', ' ']);
        (format!("{kept}{CUT_MARK}"), true)
    }

    /// Lines broken at spaces, at most `rows` of them, and whether that is all of the text. A word
    /// that is too wide ends it, or is broken.
    fn wrap(self, rows: usize, break_words: bool, text: &[String]) -> (Vec<String>, bool) {
        let mut lines: Vec<String> = Vec::new();
        for paragraph in text {
            let mut open = false;
            for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
                if let Some(last) = lines.last_mut().filter(|_| open) {
                    let before = last.len();
                    last.push(' ');
                    last.push_str(word);
                    if self.fits(last) {
                        continue;
                    }
                    last.truncate(before);
                }
                open = true;
                let mut rest = word;
                while !rest.is_empty() {
                    let reach = self.reach(rest, 0);
                    if lines.len() >= rows || (reach < rest.len() && !break_words) {
                        return (lines, false);
                    }
                    // At least one character a line, or a narrow box would never end.
                    let first = rest.chars().next().map_or(1, char::len_utf8);
                    let (line, more) = rest.split_at(reach.max(first));
                    lines.push(line.to_owned());
                    rest = more;
                }
            }
        }
        (lines, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn room(width_max: u32, height_max: u32) -> Room {
        Room { width_max, height_max }
    }

    #[test]
    fn a_line_shrinks_before_it_is_cut() {
        let fitted = line(Font::Mono, &[20, 10], 60, "0123456789");
        assert_eq!((fitted.size, fitted.cut), (10, false));
        let fitted = line(Font::Mono, &[20, 10], 48, "0123456789");
        assert_eq!((fitted.lines, fitted.cut), (vec!["01234...".to_owned()], true));
    }

    #[test]
    fn a_block_wraps_at_spaces() {
        let text = ["one two three".to_owned(), "four".to_owned()];
        let fitted = block(Font::Mono, &[10], room(50, 40), 100, &text);
        assert_eq!(fitted.lines, ["one two", "three", "four"]);
        assert!(!fitted.cut);
        let fitted = block(Font::Mono, &[10], room(50, 20), 100, &text);
        assert_eq!(fitted.lines, ["one two", "three..."]);
        assert!(fitted.cut);
    }

    #[test]
    fn a_word_is_broken_only_when_no_size_holds_it() {
        let text = ["ab".to_owned(), "0123456789".to_owned()];
        let fitted = block(Font::Mono, &[20, 10], room(60, 40), 100, &text);
        assert_eq!((fitted.size, fitted.lines.len()), (10, 2));
        let fitted = block(Font::Mono, &[20, 10], room(48, 60), 100, &text);
        assert_eq!(fitted.lines, ["ab", "01234567", "89"]);
        assert!(!fitted.cut);
    }

    proptest! {
        #[test]
        fn nothing_leaves_the_box(
            text in prop::collection::vec("\\PC{0,60}", 0..6),
            width_max in 60_u32..400,
            height_max in 10_u32..200,
        ) {
            let fitted = block(Font::Bold, &[40, 20, 10], room(width_max, height_max), 120, &text);
            for line in &fitted.lines {
                prop_assert!(width(Font::Bold, fitted.size, line) <= width_max);
            }
            let height = fitted.lines.len() as u32 * fitted.size * 120 / 100;
            prop_assert!(height <= height_max);
            if !fitted.cut {
                let letters = |lines: &[String]| lines.concat().replace(' ', "");
                prop_assert_eq!(letters(&text), letters(&fitted.lines));
            }
        }
    }
}
