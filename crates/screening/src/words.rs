//! Names cut to words that can be compared: Latin letters, lower case, no marks.

use any_ascii::any_ascii_char;
use unicode_normalization::UnicodeNormalization;

/// Most words of a name that are compared: the longest listed names have some twenty, of which the
/// first already tell them apart.
const WORDS_MAX: usize = 16;
/// Most letters of a word that are compared.
const LETTERS_MAX: usize = 40;

/// What a word does in a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// It names.
    Plain,
    /// It joins: `bin`, `al`, `de`.
    Particle,
    /// It stands in the names of many companies: `trading`, `group`.
    Generic,
    /// One letter.
    Initial,
}

/// A word as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) class: Class,
}

/// Signs inside words that spellings put and leave out.
fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | 'ʿ' | 'ʾ' | 'ʻ' | '`' | '´' | '′')
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// The Arabic article is written with its word: two parts, so that `الغزاوي` is `al Ghazawi`.
fn without_article(word: &str) -> [&str; 2] {
    match word.strip_prefix("ال").filter(|rest| rest.chars().count() > 2) {
        Some(rest) => ["al ", rest],
        None => ["", word],
    }
}

/// Latin words of a text in any script.
fn latin(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    // Text beyond any name is not read: 1,000 characters hold the longest with its aliases.
    let text: String = text.chars().take(1_000).nfkc().collect();
    let text = text.split_inclusive(char::is_whitespace).flat_map(without_article);
    for c in text.flat_map(str::chars) {
        if is_apostrophe(c) {
            continue;
        }
        let alone = is_ideograph(c);
        let sound = any_ascii_char(c);
        if !c.is_alphanumeric() && !unicode_normalization::char::is_combining_mark(c) || alone {
            words.push(String::new());
        }
        if let Some(last) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            let letters = sound.chars().filter(char::is_ascii_alphanumeric);
            last.extend(letters.map(|letter| letter.to_ascii_lowercase()));
        }
        if alone {
            words.push(String::new());
        }
    }
    words.retain(|word| !word.is_empty());
    for word in &mut words {
        word.truncate(LETTERS_MAX);
    }
    words
}

/// `S.A.R.L.` is cut to letters; where they spell a legal form they are one word again.
fn rejoin(words: Vec<String>) -> Vec<String> {
    let mut joined: Vec<String> = Vec::with_capacity(words.len());
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let letters: Vec<&String> =
            words.iter().skip(at).take_while(|word| word.len() == 1).collect();
        let form = (2..=letters.len()).rev().find_map(|length| {
            let text: String = letters.iter().take(length).map(|letter| letter.as_str()).collect();
            is_legal_form(&text).then_some((text, length))
        });
        match form {
            Some((text, length)) => {
                joined.push(text);
                at += length;
            }
            None => {
                joined.push(word.clone());
                at += 1;
            }
        }
    }
    joined
}

/// Words of a name. Legal forms and titles are left out, unless nothing else is there.
pub(crate) fn words(name: &str) -> Vec<Word> {
    let all = rejoin(latin(name));
    let says = |word: &String| !is_legal_form(word) && !is_title(word);
    let mut kept: Vec<&String> = all.iter().filter(|word| says(word)).collect();
    if kept.iter().all(|word| word.len() < 2) {
        kept = all.iter().collect();
    }
    let of = |text: &String| Word { class: class(text), text: text.clone() };
    kept.into_iter().take(WORDS_MAX).map(of).collect()
}

fn class(word: &str) -> Class {
    if word.len() == 1 {
        Class::Initial
    } else if PARTICLES.contains(&word) {
        Class::Particle
    } else if GENERIC.contains(&word) {
        Class::Generic
    } else {
        Class::Plain
    }
}

fn is_legal_form(word: &str) -> bool {
    LEGAL_FORMS.contains(&word)
}

fn is_title(word: &str) -> bool {
    TITLES.contains(&word)
}

#[rustfmt::skip]
const LEGAL_FORMS: &[&str] = &[
    "ab", "ag", "aktiengesellschaft", "ao", "aps", "as", "asa", "bhd", "bv", "bvba", "co", "company", "corp",
    "corporation", "doo", "dd", "eood", "eurl", "ev", "fzc", "fzco", "fze", "fzllc", "gbr", "gesellschaft", "gmbh",
    "inc", "incorporated", "jsc", "kft", "kg", "kgaa", "kk", "limited", "llc", "llp", "lp", "ltd", "ltda", "mbh",
    "nv", "oao", "obschestvo", "ohg", "ooo", "ojsc", "ou", "oy", "oyj", "pao", "pjsc", "plc", "pt", "pte", "pty",
    "pvt", "sa", "sal", "sarl", "sas", "sasu", "sca", "scs", "sdn", "se", "sl", "slu", "snc", "sp", "spa", "spj",
    "spk", "spzoo", "sro", "srl", "tov", "ug", "uab", "zao", "zoo", "zrt",
];

#[rustfmt::skip]
const TITLES: &[&str] = &[
    "mr", "mrs", "ms", "miss", "mx", "sir", "dr", "prof", "professor", "herr", "frau", "madame", "mme", "mlle",
    "monsieur", "senor", "senora", "gen", "general", "col", "colonel", "maj", "capt", "captain", "lt", "brig",
    "haji", "hajji", "sheikh", "shaykh", "mullah", "mawlawi", "maulavi", "qari", "ayatollah", "eng", "engineer",
];

#[rustfmt::skip]
const PARTICLES: &[&str] = &[
    "al", "el", "ul", "ud", "as", "ash", "ar", "at", "an", "bin", "ibn", "ben", "bint", "binti", "abu", "abou", "umm",
    "de", "del", "della", "der", "den", "des", "di", "da", "do", "dos", "das", "du", "la", "le", "les", "van", "von",
    "vom", "zu", "zur", "y", "e", "and", "und", "et", "of", "the", "for", "af", "av", "ter", "ten", "te",
];

#[rustfmt::skip]
const GENERIC: &[&str] = &[
    "trading", "trade", "traders", "group", "holding", "holdings", "international", "intl", "general", "global",
    "services", "service", "industries", "industry", "industrial", "import", "export", "imports", "exports",
    "enterprise", "enterprises", "commercial", "commerce", "business", "logistics", "shipping", "transport",
    "technology", "technologies", "tech", "systems", "solutions", "engineering", "consulting", "management",
    "investment", "investments", "development", "marketing", "products", "production", "manufacturing", "shop",
    "store", "stores", "market", "center", "centre", "company", "firma", "handel", "handels", "commerciale",
    "comercio", "organization", "organisation", "association", "foundation", "society", "institute", "university",
    "national", "state", "bank", "electronics", "electronic", "oil", "gas", "energy", "construction", "supply",
    "supplies", "equipment", "materials", "research", "science", "city", "house", "factory", "works", "plant",
    "north", "south", "east", "west", "new", "first", "joint", "stock", "public", "private", "united",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(name: &str) -> String {
        words(name).into_iter().map(|word| word.text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn names_become_latin_words() {
        for (name, wanted) in [
            ("Jürgen Müßig", "jurgen mussig"),
            ("J. R. O'Neil-Smith", "j r oneil smith"),
            ("Dr. Ana García", "ana garcia"),
            ("Beispiel Handels GmbH & Co. KG", "beispiel handels"),
            ("Exemple S.A.R.L.", "exemple"),
            ("ООО Ромашка", "romashka"),
            ("Владимир Образцов", "vladimir obraztsov"),
            ("Γιώργος Παράδειγμα", "giorgos paradeigma"),
            ("محمد", "mhmd"),
            ("محمد راشد الغزاوي", "mhmd rshd al ghzwy"),
            ("王小明", "wang xiao ming"),
            ("ＡＢＣ Trading", "abc trading"),
            ("Ltd", "ltd"),
            ("", ""),
            ("...", ""),
        ] {
            assert_eq!(texts(name), wanted, "{name}");
        }
    }
}
