//! Cleaning of business text. Personal text is only trimmed: the original belongs to its owner.

use unicode_normalization::UnicodeNormalization;

/// Characters that show nothing and can reorder what people see.
fn is_unwanted(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1F}' | '\u{7F}'..='\u{9F}'
        | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{61C}' | '\u{FEFF}'
        | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// NFC, without control and bidi characters, with single spaces. Applying it twice changes nothing.
pub(crate) fn clean(text: &str) -> String {
    let kept =
        text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !is_unwanted(*c));
    let mut out = String::with_capacity(text.len());
    for c in kept.nfc() {
        if c != ' ' || !(out.is_empty() || out.ends_with(' ')) {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// A plain lower-case status word, safe to keep and show whatever sent it.
pub(crate) fn is_word(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn business_text_is_normalised_once_and_for_all() {
        for (raw, wanted) in [
            ("  Mug\u{a0} gre\u{300}s\r\n35 cl ", "Mug grès 35 cl"),
            ("a\u{202E}b\u{7}c", "abc"),
            ("\u{FEFF}x", "x"),
            (" \t ", ""),
        ] {
            assert_eq!(clean(raw), wanted);
        }
    }

    proptest::proptest! {
        #[test]
        fn cleaning_is_idempotent(text in "\\PC{0,40}[\\x00-\\x20\u{202A}-\u{202E}\u{300}]{0,9}") {
            let once = clean(&text);
            proptest::prop_assert_eq!(clean(&once), once);
        }
    }
}
