//! Letters of other scripts.

use super::{Code, Context, Finding, Severity, read::Read};

/// Letters that are not Latin. Cyrillic and Greek can be written in Latin letters one by one.
pub(super) fn foreign(read: &Read<'_>, context: &Context<'_>) -> Option<Finding> {
    let strange = |c: char| c.is_alphabetic() && !is_latin(c);
    let first = read.text.char_indices().find(|(_, c)| context.latin && strange(*c))?.0;
    let last = read.text.char_indices().rfind(|(_, c)| strange(*c));
    let end = last.map_or(read.text.len(), |(at, c)| at + c.len_utf8());
    let latin: String = read.text.chars().map(transliterated).collect();
    let latin = latin.trim().to_owned();
    let whole = !latin.chars().any(strange);
    let severity = if whole { Severity::Warning } else { Severity::Error };
    let message = "The destination reads Latin letters only.".to_owned();
    let suggestion = match whole {
        true => latin,
        false => "Write the description in English or French.".to_owned(),
    };
    let suggestion = Some(suggestion);
    Some(Finding { code: Code::Script, severity, span: first..end, message, suggestion })
}

fn is_latin(character: char) -> bool {
    let code = u32::from(character);
    matches!(code, 0x00..=0x02FF | 0x1E00..=0x1EFF | 0xFF21..=0xFF5A)
}

/// A letter in Latin letters; itself where there is no table for its script.
fn transliterated(character: char) -> String {
    const CYRILLIC: [&str; 32] = [
        "a", "b", "v", "g", "d", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s",
        "t", "u", "f", "kh", "ts", "ch", "sh", "shch", "", "y", "", "e", "yu", "ya",
    ];
    const GREEK: [&str; 25] = [
        "a", "v", "g", "d", "e", "z", "i", "th", "i", "k", "l", "m", "n", "x", "o", "p", "r", "s",
        "s", "t", "y", "f", "ch", "ps", "o",
    ];
    let lower = character.to_lowercase().next().unwrap_or(character);
    let plain = match lower {
        'ё' => 'е',
        'ά' => 'α',
        'έ' => 'ε',
        'ή' => 'η',
        'ί' | 'ϊ' | 'ΐ' => 'ι',
        'ό' => 'ο',
        'ύ' | 'ϋ' => 'υ',
        'ώ' => 'ω',
        other => other,
    };
    let from = |start: u32, table: &[&str]| {
        let at = u32::from(plain).checked_sub(start)?;
        table.get(usize::try_from(at).ok()?).map(|latin| (*latin).to_owned())
    };
    let extra = match plain {
        'і' => Some("i"),
        'ї' => Some("yi"),
        'є' => Some("ye"),
        'ґ' => Some("g"),
        _ => None,
    };
    let latin =
        extra.map(str::to_owned).or_else(|| from(0x430, &CYRILLIC)).or_else(|| from(0x3B1, &GREEK));
    match latin {
        Some(latin) if character.is_uppercase() => {
            let mut letters = latin.chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(letters).collect()
        }
        Some(latin) => latin,
        None => character.to_string(),
    }
}
