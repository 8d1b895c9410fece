//! What a text says: fillers, boxes, lockers, damage. Compares folded words, never meaning.

use crate::text::{fold, fold_words};

/// What keeps a value from being text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Punctuation only, or a word that stands for "nothing".
    Placeholder,
    /// Symbols only.
    NotText,
    /// Replacement or private characters, or accents piled up.
    Damaged,
}

/// 1,024 bytes: longer values are refused anyway, and folding can grow a text elevenfold.
const SEARCHED_BYTES_MAX: usize = 1024;

/// Words that fill a mandatory field. None of them is a place or a surname we know of; towns
/// have a shorter list because `None`, `Bar` or `Nan` exist.
const FILLERS: &[&str] = &[
    "test",
    "testtest",
    "teststreet",
    "testname",
    "testcity",
    "unknown",
    "undefined",
    "null",
    "notapplicable",
    "notavailable",
    "tbd",
    "tba",
    "asdf",
    "asdfasdf",
    "qwerty",
    "azerty",
    "dummy",
    "lorem",
    "loremipsum",
    "foobar",
    "inconnu",
    "unbekannt",
    "desconocido",
    "sconosciuto",
    "nonrenseigne",
    "keineangabe",
];

/// More fillers, for fields other than the town.
const FILLERS_ELSEWHERE: &[&str] = &["none", "nil", "nan", "nothing", "rien", "ninguno", "keine"];

/// Why a value is no usable text; `None` when it may be.
pub fn fault(text: &str, town: bool) -> Option<Fault> {
    if is_damaged(text) {
        return Some(Fault::Damaged);
    }
    if !text.chars().any(char::is_alphanumeric) {
        let plain = text.chars().all(|c| c.is_ascii_punctuation() || c == ' ' || c == '–');
        return Some(if plain { Fault::Placeholder } else { Fault::NotText });
    }
    if is_filler(text, town) {
        return Some(Fault::Placeholder);
    }
    (town && !text.chars().any(char::is_alphabetic)).then_some(Fault::NotText)
}

fn is_filler(text: &str, town: bool) -> bool {
    // 40 bytes: no filler is longer; spares folding a long line.
    if text.len() > 40 {
        return false;
    }
    let folded = fold(text);
    // `n/a`, `N.A.`; plain `na` is a surname and a syllable of many places.
    let not_available = folded == "na" && text.contains(['/', '.', '\\']);
    // `xxx`; two are a Roman numeral.
    let crosses = folded.len() >= 3 && folded.chars().all(|c| c == 'x');
    not_available
        || crosses
        || FILLERS.contains(&folded.as_str())
        || (!town && FILLERS_ELSEWHERE.contains(&folded.as_str()))
}

/// Replacement characters, code points nobody else can print, or more than 8 accents on one
/// letter (no script needs more).
fn is_damaged(text: &str) -> bool {
    let mut marks = 0_u32;
    text.chars().any(|c| {
        marks = if unicode_normalization::char::is_combining_mark(c) { marks + 1 } else { 0 };
        let unprintable = matches!(u32::from(c),
            0xFFFD | 0xE000..=0xF8FF | 0xFDD0..=0xFDEF | 0xF_0000..=0x10_FFFF)
            || u32::from(c) & 0xFFFE == 0xFFFE;
        unprintable || marks > 8
    })
}

/// UTF-8 read as Windows-1252, as in `GenÃ¨ve`: very likely, not certain.
pub fn looks_garbled(text: &str) -> bool {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        let tail =
            |n: char| ('\u{80}'..='\u{BF}').contains(&n) || "€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•™š›œŸ".contains(n);
        let lead = matches!(c, 'Ã' | 'Â') && next.is_some_and(tail);
        if lead || (c == 'â' && next == Some('€')) {
            return true;
        }
    }
    false
}

/// Words that announce a box when a number follows or the line ends.
const BOX_WORDS: &[&str] = &[
    "po box",
    "p o box",
    "pobox",
    "post office box",
    "gpo box",
    "locked bag",
    "private bag",
    "boite postale",
    "case postale",
    "postfach",
    "apartado",
    "apartado de correos",
    "apartado postal",
    "apdo",
    "apdo de correos",
    "casella postale",
    "caixa postal",
    "postbus",
    "postboks",
    "skrytka pocztowa",
    "postilokero",
    "postafiok",
];

/// Abbreviations that mean a box only when a number follows at once: `BP 12`, `CS 70001`.
const BOX_SHORT: &[&str] = &["bp", "b p", "cs", "tsa", "cp", "c p"];

/// The line names a post office box (English, French, German, Spanish and neighbours).
pub fn is_po_box(line: &str) -> bool {
    if line.len() > SEARCHED_BYTES_MAX {
        return false;
    }
    let words = fold_words(line);
    let long = BOX_WORDS.iter().any(|w| {
        after(&words, w).any(|rest| rest.is_empty() || rest.starts_with(' ') || digits(rest) > 0)
    });
    // `BP` of 1 digit and more; the others of 3 and more, lest a staircase be taken for one.
    let short = BOX_SHORT.iter().any(|w| {
        let least = if w.starts_with('b') { 1 } else { 3 };
        after(&words, w).any(|rest| digits(rest.trim_start()) >= least)
    });
    long || short
}

/// What follows each place where the words begin with `lead`.
fn after<'a>(words: &'a str, lead: &str) -> impl Iterator<Item = &'a str> {
    words.match_indices(lead).filter_map(move |(at, found)| {
        let (before, rest) = words.split_at_checked(at)?;
        let whole = before.is_empty() || before.ends_with(' ');
        rest.get(found.len()..).filter(|_| whole)
    })
}

/// How many digits make up the first word; 0 when it is no number.
fn digits(rest: &str) -> usize {
    let word = rest.split(' ').next().unwrap_or_default();
    if word.bytes().all(|b| b.is_ascii_digit()) { word.len() } else { 0 }
}

const LOCKER_WORDS: &[&str] = &[
    "packstation",
    "postfiliale",
    "paketbox",
    "paketshop",
    "paketstation",
    "abholstation",
    "parcel locker",
    "parcelshop",
    "parcel shop",
    "amazon locker",
    "amazon hub",
    "pickup station",
    "pick up station",
    "inpost",
    "paczkomat",
    "consigne automatique",
    "consigne pickup",
    "point relais",
    "relais colis",
    "citypaq",
    "taquilla",
    "parcel terminal",
    "pakiautomaat",
    "pastomatas",
    "pakomats",
    "z box",
    "my24 7",
    "pakketautomaat",
];

/// The line names a parcel locker or a collecting counter.
pub fn is_locker(line: &str) -> bool {
    if line.len() > SEARCHED_BYTES_MAX {
        return false;
    }
    let words = fold_words(line);
    LOCKER_WORDS.iter().any(|w| {
        after(&words, w).any(|rest| rest.is_empty() || rest.starts_with(' ') || digits(rest) > 0)
    })
}

/// Six to ten digits in a row: the customer number that a Packstation needs.
pub fn has_post_number(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|run| (6..=10).contains(&run.len()))
}

/// One of the words stands in the text on its own.
pub fn has_word(text: &str, list: &[&str]) -> bool {
    text.len() <= SEARCHED_BYTES_MAX && fold_words(text).split(' ').any(|w| list.contains(&w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_in_four_languages_and_more() {
        for line in [
            "PO Box 123",
            "P.O. Box 99",
            "p.o.box 5",
            "POBOX12",
            "Post Office Box 7",
            "GPO Box 1",
            "BP 12",
            "B.P. 40321",
            "BP40321",
            "Boîte postale 9",
            "CS 70001",
            "TSA 10001",
            "Postfach 10 01 02",
            "Postfach",
            "Case postale 12",
            "Apartado de Correos 3",
            "Apdo. 45",
            "Apartado 77",
            "Casella Postale 8",
            "Postbus 1",
            "Local 3, PO Box 4",
        ] {
            assert!(is_po_box(line), "{line}");
        }
        for line in [
            "12 Box Lane",
            "Rue du Postillon",
            "Bâtiment C, CS 2",
            "1 Place du BP",
            "Apartment 4",
            "Boxer Street 12",
            "Esc. CP 3",
            "Postfachweg 3",
        ] {
            assert!(!is_po_box(line), "{line}");
        }
    }

    #[test]
    fn lockers() {
        for line in ["Packstation 123", "DHL PACKSTATION145", "InPost Locker", "Paczkomat KRA01A"] {
            assert!(is_locker(line), "{line}");
        }
        assert!(!is_locker("Stationsweg 1"));
        assert!(has_post_number("Packstation 123 PostNr 12345678") && !has_post_number("123"));
    }

    #[test]
    fn fillers_are_seen_and_places_are_not_taken_for_fillers() {
        for text in ["test", "TEST", "n/a", "N.A.", "-", "--", "...", "xxx", "xxxxx", "Unknown"] {
            assert_eq!(fault(text, false), Some(Fault::Placeholder), "{text}");
        }
        for town in ["None", "Bar", "Nan", "Y", "Å", "Testa", "XX"] {
            assert_eq!(fault(town, true), None, "{town}");
        }
        assert_eq!(fault("Na", false), None);
        assert_eq!(fault("😀😀", false), Some(Fault::NotText));
        assert_eq!(fault("75008", true), Some(Fault::NotText));
        assert_eq!(fault("東京", true), None);
    }

    #[test]
    fn damage() {
        assert_eq!(fault("Gen\u{FFFD}ve", true), Some(Fault::Damaged));
        let zalgo = format!("a{}", "\u{0301}".repeat(9));
        assert_eq!(fault(&zalgo, false), Some(Fault::Damaged));
        assert!(
            looks_garbled("GenÃ¨ve") && looks_garbled("Lâ€™Isle") && !looks_garbled("São Paulo")
        );
        assert!(!looks_garbled("SÃO PAULO"));
    }
}
