//! Cleaning and comparing text. Knows nothing of addresses.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What cleaning did, for the notices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changes {
    pub spaces: bool,
    pub composed: bool,
    pub invisible: bool,
    pub digits: bool,
}

/// NFC, no invisible characters, single plain spaces, none at the ends, digits of full width
/// made plain. Idempotent.
pub fn clean(input: &str) -> (String, Changes) {
    let mut changes = Changes::default();
    let mut text = input.to_owned();
    // One step can enable another (a removed control lets an accent join its letter). Two rounds
    // settle every case known; four leave a margin and bound the work.
    for _ in 0..4 {
        let before = text.clone();
        text = compose(&text, &mut changes);
        text = drop_invisible(&text, &mut changes);
        text = plain_digits(&text, &mut changes);
        text = collapse(&text, &mut changes);
        if text == before {
            break;
        }
    }
    (text, changes)
}

fn compose(text: &str, changes: &mut Changes) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let composed: String = text.nfc().collect();
    changes.composed |= composed != text;
    composed
}

fn drop_invisible(text: &str, changes: &mut Changes) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut kept = String::with_capacity(text.len());
    for (i, &c) in chars.iter().enumerate() {
        let prev = i.checked_sub(1).and_then(|p| chars.get(p)).copied();
        if is_invisible(c, prev, chars.get(i + 1).copied()) {
            changes.invisible = true;
        } else {
            kept.push(c);
        }
    }
    kept
}

/// Controls (spaces excepted), bidi controls, zero-width characters, tags. Joiners stay inside
/// the scripts whose spelling needs them (Arabic to Khmer).
fn is_invisible(c: char, prev: Option<char>, next: Option<char>) -> bool {
    match c {
        '\u{200C}' | '\u{200D}' => !(needs_joiner(prev) && needs_joiner(next)),
        '\u{00AD}'
        | '\u{061C}'
        | '\u{180E}'
        | '\u{200B}'
        | '\u{200E}'
        | '\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{2069}'
        | '\u{FEFF}'
        | '\u{E0000}'..='\u{E007F}' => true,
        _ => c.is_control() && !c.is_whitespace(),
    }
}

fn needs_joiner(c: Option<char>) -> bool {
    c.is_some_and(|c| matches!(c, '\u{0600}'..='\u{1FFF}') && !c.is_whitespace())
}

fn plain_digits(text: &str, changes: &mut Changes) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    text.chars()
        .map(|c| match c {
            '０'..='９' => {
                changes.digits = true;
                fold_width(c)
            }
            _ => c,
        })
        .collect()
}

fn collapse(text: &str, changes: &mut Changes) -> String {
    let collapsed = text.split_whitespace().collect::<Vec<_>>().join(" ");
    changes.spaces |= collapsed != text;
    collapsed
}

/// The ASCII twin of a full-width character, else the character itself.
pub fn fold_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}

/// Digits of the scripts met in postcodes, as ASCII.
pub fn ascii_digit(c: char) -> char {
    // Blocks of ten digits in order: Arabic, Persian, Devanagari, Bengali, Thai.
    for zero in ['\u{0660}', '\u{06F0}', '\u{0966}', '\u{09E6}', '\u{0E50}'] {
        let offset = u32::from(c).wrapping_sub(u32::from(zero));
        if offset < 10 {
            return char::from_digit(offset, 10).unwrap_or(c);
        }
    }
    c
}

/// The form in which names are compared: no case, accents, spaces or punctuation.
pub fn fold(text: &str) -> String {
    letters(text).filter(|c| c.is_alphanumeric()).collect()
}

/// As [`fold`], but words stay apart by one space.
pub fn fold_words(text: &str) -> String {
    let spaced: String = letters(text).map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
    text.nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .flat_map(|c| base_letters(c).chars().chain(plain(c)))
}

/// Letters that Unicode does not decompose but that people type in ASCII.
const fn base_letters(c: char) -> &'static str {
    match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ı' => "i",
        'ə' => "a",
        _ => "",
    }
}

fn plain(c: char) -> Option<char> {
    base_letters(c).is_empty().then_some(c)
}

/// Letters and digits only, ASCII capitals: how postcodes are compared.
pub fn compact(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_of_every_kind_become_one() {
        let (text, changes) = clean("\u{00A0} 12\t rue\u{3000}\u{3000}Basse \n");
        assert_eq!(text, "12 rue Basse");
        assert!(changes.spaces && !changes.invisible && !changes.composed);
    }

    #[test]
    fn invisible_characters_go_and_needed_joiners_stay() {
        assert_eq!(clean("Ru\u{200B}e\u{202E} \u{0007}X\u{200D}Y").0, "Rue XY");
        let persian = "می\u{200C}خواهم";
        assert_eq!(clean(persian).0, persian);
    }

    #[test]
    fn a_removed_control_lets_the_accent_join() {
        let (text, changes) = clean("e\u{0000}\u{0301}");
        assert_eq!(text, "é");
        assert!(changes.composed && changes.invisible);
    }

    #[test]
    fn folding_ignores_case_accents_and_punctuation() {
        assert_eq!(fold("Côte d'Ivoire"), "cotedivoire");
        assert_eq!(fold("Großbritannien"), "grossbritannien");
        assert_eq!(fold("Île-de-France"), "iledefrance");
        assert_eq!(fold("İzmir"), fold("izmir"));
        assert_eq!(fold_words("P.O.  Box n°12"), "p o box n 12");
    }

    #[test]
    fn digits_of_other_scripts() {
        assert_eq!("٧٥۰०８".chars().map(fold_width).map(ascii_digit).collect::<String>(), "75008");
    }
}
