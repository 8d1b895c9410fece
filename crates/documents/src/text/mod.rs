//! Text as printers see it: cleaned, measured, cut, and put into small character sets.
//!
//! Owns the rules for what happens to characters that a font lacks. Does not know languages:
//! [`transliterate`] is for legibility by a driver who reads Latin letters, not a standard.

pub(crate) mod fit;
mod metrics;
mod spelling;

pub(crate) use metrics::char_permille;
pub use metrics::{Font, width};

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What stands where neither the character nor a spelling of it can be printed.
pub const REPLACEMENT: char = '?';

/// The characters an output can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// Windows code page 1252, what the base-14 fonts of PDF hold.
    WinAnsi,
    /// 0x20 to 0x7E, what the bitmap font holds.
    Ascii,
}

/// Text that fits a character set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transliterated {
    /// Only characters of the set.
    pub text: String,
    /// Something was respelled, replaced or left out: the original cannot be told from `text`.
    pub lost: bool,
}

/// One line for print: composed (NFC), runs of white space and control characters become one
/// space, invisible format characters (zero width, direction marks) go.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.nfc().filter(|c| !invisible(*c)) {
        if !(c.is_whitespace() || c.is_control()) {
            line.push(c);
        } else if !line.is_empty() && !line.ends_with(' ') {
            line.push(' ');
        }
    }
    line.truncate(line.trim_end().len());
    line
}

fn invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

/// Puts text into a character set, character by character; the first rule that fits wins:
///
/// 1. a character of the set stays;
/// 2. one with a spelling in our table is respelled: `ł` as l, `ß` (ASCII only) as ss, Cyrillic
///    and Greek letters as Latin ones, typographic signs as plain ones;
/// 3. one that is a base with marks, or a compatible form of others, is taken apart (NFKD): the
///    marks go, rules 1 and 2 hold for the rest: `ő` as o, `Ⅳ` as IV;
/// 4. anything else becomes [`REPLACEMENT`].
///
/// All but rule 1 sets `lost`. The input is composed (NFC) first, so that `e` with a combining
/// accent is `é`; a combining mark that is left over goes.
#[must_use]
pub fn transliterate(text: &str, charset: Charset) -> Transliterated {
    let mut out = Transliterated { text: String::with_capacity(text.len()), lost: false };
    for c in text.nfc() {
        out.lost |= !holds(charset, c);
        push(&mut out.text, c, charset);
    }
    out
}

fn push(out: &mut String, c: char, charset: Charset) {
    if push_known(out, c, charset) || is_combining_mark(c) {
        return;
    }
    let before = out.len();
    for part in std::iter::once(c).nfkd().filter(|part| !is_combining_mark(*part)) {
        if part == c || !push_known(out, part, charset) {
            out.truncate(before);
            out.push(REPLACEMENT);
            return;
        }
    }
}

/// Rules 1 and 2.
fn push_known(out: &mut String, c: char, charset: Charset) -> bool {
    if holds(charset, c) {
        out.push(c);
        return true;
    }
    if let Some(spelled) = spelling::of(c) {
        out.push_str(spelled);
        return true;
    }
    let lower = c.to_lowercase().next().filter(|lower| *lower != c).and_then(spelling::of);
    let Some(spelled) = lower else { return false };
    let mut letters = spelled.chars();
    out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
    out.push_str(letters.as_str());
    true
}

fn holds(charset: Charset, c: char) -> bool {
    match charset {
        Charset::WinAnsi => win_ansi_byte(c).is_some(),
        Charset::Ascii => matches!(c, ' '..='~'),
    }
}

/// Code points of the bytes 0x80 to 0x9F in WinAnsi; NUL where it has none.
const WIN_ANSI_80: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘',
    '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
];

/// The byte of a character in WinAnsi; `None` where it has none. Control characters have none.
#[must_use]
pub fn win_ansi_byte(c: char) -> Option<u8> {
    match c {
        ' '..='~' | '\u{A0}'..='\u{FF}' => u8::try_from(u32::from(c)).ok(),
        '\0' => None,
        _ => {
            let place = WIN_ANSI_80.iter().position(|known| *known == c)?;
            u8::try_from(0x80 + place).ok()
        }
    }
}

/// Transliterates to WinAnsi and gives the bytes, with whether something was lost.
#[must_use]
pub fn win_ansi(text: &str) -> (Vec<u8>, bool) {
    let fitted = transliterate(text, Charset::WinAnsi);
    (fitted.text.chars().filter_map(win_ansi_byte).collect(), fitted.lost)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    fn in_set(text: &str, charset: Charset) -> (String, bool) {
        let fitted = transliterate(text, charset);
        (fitted.text, fitted.lost)
    }

    #[test]
    fn western_letters_are_single_bytes_and_lose_nothing() {
        let (bytes, lost) = win_ansi("é ü ñ ß € Œ ž");
        assert_eq!(bytes, b"\xE9 \xFC \xF1 \xDF \x80 \x8C \x9E");
        assert!(!lost);
        assert_eq!(win_ansi("e\u{301}"), (vec![0xE9], false));
    }

    #[test]
    fn other_letters_are_spelled_and_reported() {
        for (input, wanted) in [
            ("Łódź", "Lódz"),
            ("Győr", "Gyor"),
            ("İstanbul", "Istanbul"),
            ("Щукин", "Shchukin"),
            ("Йосип София", "Yosip Sofiya"),
            ("Θήρα", "Thira"),
            ("Ⅳ ﬁn", "IV fin"),
            ("東京", "??"),
            ("🦜", "?"),
        ] {
            assert_eq!(in_set(input, Charset::WinAnsi), (wanted.to_owned(), true), "{input}");
        }
    }

    #[test]
    fn ascii_respells_what_win_ansi_keeps() {
        let wanted = ("Strasse, Oeuvre, 5 EUR, Malmo, Alesund - \"x\"".to_owned(), true);
        assert_eq!(in_set("Straße, Œuvre, 5 €, Malmö, Ålesund – “x”", Charset::Ascii), wanted);
        assert_eq!(in_set("plain", Charset::Ascii), ("plain".to_owned(), false));
    }

    #[test]
    fn clean_leaves_one_printable_line() {
        assert_eq!(clean("  a\r\n\tb\u{200B}c \u{7} d "), "a bc d");
        assert_eq!(clean("\u{202E}evil"), "evil");
        assert_eq!(clean("\n \t"), "");
    }

    proptest! {
        #[test]
        fn every_text_ends_in_its_set(text in any::<String>()) {
            let ascii = transliterate(&text, Charset::Ascii).text;
            prop_assert!(ascii.chars().all(|c| matches!(c, ' '..='~')));
            let ansi = transliterate(&text, Charset::WinAnsi);
            prop_assert!(ansi.text.chars().all(|c| win_ansi_byte(c).is_some()));
            let again = transliterate(&ansi.text, Charset::WinAnsi);
            prop_assert_eq!(&again.text, &ansi.text);
            prop_assert!(!again.lost);
        }

        #[test]
        fn clean_is_idempotent(text in any::<String>()) {
            let once = clean(&text);
            prop_assert_eq!(clean(&once), once);
        }
    }
}
