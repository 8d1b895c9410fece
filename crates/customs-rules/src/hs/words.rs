//! Texts as words that can be compared: folded, cut, brought to one form.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Words of a text that are looked at: a goods description has fewer than a hundred, and a pasted
/// page must not cost more than a description.
pub(crate) const WORDS_MAX: usize = 400;

/// A word as it was written (folded) and as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// Lower case, without accents.
    pub(crate) written: String,
    /// Its stem.
    pub(crate) stem: String,
    /// A comma, a bracket or another break stands before it.
    pub(crate) breaks: bool,
}

/// Compatibility forms, lower case, no accents, ligatures spelled out.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.nfkc().flat_map(char::to_lowercase).nfd() {
        match character {
            'ß' => folded.push_str("ss"),
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            '’' | '‘' | '`' | '´' => folded.push('\''),
            '‐' | '‑' | '–' | '—' => folded.push('-'),
            other if is_combining_mark(other) => {}
            other => folded.push(other),
        }
    }
    folded
}

/// Parts of a text that name what the goods are not, cut; "not knitted" becomes "woven".
pub(crate) fn without_negatives(folded: &str) -> String {
    let mut text = folded
        .replace("whether or not", " ")
        .replace("not knitted or crocheted", "woven")
        .replace("not knitted", "woven");
    for opening in ["excl.", "excluding", "except", "other than", "not including", "not "] {
        let mut from = 0;
        while let Some(at) = text.get(from..).and_then(|rest| rest.find(opening)) {
            let start = from + at;
            let whole = text.get(..start).is_none_or(|before| {
                before.chars().next_back().is_none_or(|c| !c.is_alphanumeric())
            });
            let end = text
                .get(start..)
                .and_then(|rest| rest.find([',', ';', ')', ':']))
                .map_or(text.len(), |length| start + length);
            if whole {
                text.replace_range(start..end, " ");
                from = start + 1;
            } else {
                from = start + opening.len();
            }
        }
    }
    text
}

/// Words of a folded text, at most [`WORDS_MAX`]; figures and measures are no words.
pub(crate) fn words(folded: &str) -> Vec<Word> {
    let mut found = Vec::new();
    let mut breaks = true;
    let mut current = String::new();
    let mut rest = folded.chars().peekable();
    while let Some(character) = rest.next() {
        if found.len() >= WORDS_MAX {
            return found;
        }
        let next_is_word = rest.peek().is_some_and(|c| c.is_alphanumeric());
        match character {
            c if c.is_alphanumeric() => current.push(c),
            // "t-shirt" and "x-ray" are one word, "pull-over" is known as one by joining later.
            '-' if next_is_word && current.chars().count() == 1 => {}
            // "men's" is "men"; the "l" of "l'eau" is no word either.
            '\'' if next_is_word => {
                push(&mut found, &mut current, &mut breaks);
                if rest.peek() == Some(&'s') {
                    let mut ahead = rest.clone();
                    ahead.next();
                    if !ahead.peek().is_some_and(|c| c.is_alphanumeric()) {
                        rest.next();
                    }
                }
            }
            other => {
                push(&mut found, &mut current, &mut breaks);
                breaks |= matches!(other, ',' | ';' | '(' | ')' | ':' | '/' | '\n' | '|' | '+');
                breaks |= other == '-' && !next_is_word;
            }
        }
    }
    push(&mut found, &mut current, &mut breaks);
    found
}

/// Longest word that is kept, in characters: longer runs are codes or noise.
const WORD_CHARACTERS_MAX: usize = 40;

fn push(found: &mut Vec<Word>, current: &mut String, breaks: &mut bool) {
    let word = std::mem::take(current);
    let starts_with_letter = word.chars().next().is_some_and(char::is_alphabetic);
    let length = word.chars().count();
    if !starts_with_letter || !(2..=WORD_CHARACTERS_MAX).contains(&length) {
        return;
    }
    // "pack of 6pcs" and article numbers: a letter before digits is a code, but "h7" lamps are few.
    if word.chars().filter(char::is_ascii_digit).count() * 2 > length {
        return;
    }
    let stem = stem(&word);
    found.push(Word { written: word, stem, breaks: std::mem::take(breaks) });
}

/// One form for singular and plural, for spellings on both sides of the Atlantic.
pub(crate) fn stem(word: &str) -> String {
    let one = match word {
        "men" | "mens" | "man" | "male" | "gents" | "gentlemen" => return "men".to_owned(),
        "women" | "womens" | "woman" | "ladies" | "lady" | "female" => return "women".to_owned(),
        "knit" | "knits" | "knitwear" | "knitting" => return "knitted".to_owned(),
        "children" | "childrens" | "kids" | "kid" | "childs" => return "child".to_owned(),
        "babies" | "babys" => return "baby".to_owned(),
        "feet" => return "foot".to_owned(),
        "knives" => return "knife".to_owned(),
        "leaves" => return "leaf".to_owned(),
        "shelves" => return "shelf".to_owned(),
        "loaves" => return "loaf".to_owned(),
        "scarves" => return "scarf".to_owned(),
        "mice" => return "mouse".to_owned(),
        "teeth" => return "tooth".to_owned(),
        "geese" => return "goose".to_owned(),
        "potatoes" => return "potato".to_owned(),
        "tomatoes" => return "tomato".to_owned(),
        "color" | "colors" => "colour",
        "fiber" | "fibers" => "fibre",
        "aluminum" => "aluminium",
        "tire" | "tires" => "tyre",
        "gray" => "grey",
        "jewelry" | "jewellry" => "jewellery",
        "flavored" => "flavoured",
        "yogurt" | "yoghourt" => "yoghurt",
        "odor" => "odour",
        "moisturizer" | "moisturizers" => "moisturiser",
        "woolen" | "woollen" => "wool",
        "wooden" => "wood",
        "moulded" | "molded" => "mould",
        "electrical" | "electrically" | "electricity" => "electric",
        "pyjamas" | "pajamas" => "pyjama",
        "trouser" => "trousers",
        other => other,
    };
    plural(one)
}

fn plural(word: &str) -> String {
    let length = word.len();
    if !word.is_ascii() || length < 4 {
        return word.to_owned();
    }
    if let Some(root) = word.strip_suffix("ies").filter(|root| root.len() > 2) {
        return format!("{root}y");
    }
    if let Some(root) = word.strip_suffix("es")
        && (root.ends_with("ss")
            || root.ends_with('x')
            || root.ends_with("zz")
            || root.ends_with("ch")
            || root.ends_with("sh"))
    {
        return root.to_owned();
    }
    let singular = ["gas", "canvas", "christmas", "atlas", "arras"].contains(&word);
    let kept = singular || ["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    match word.strip_suffix('s').filter(|_| !kept) {
        Some(root) => root.to_owned(),
        None => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stems(text: &str) -> Vec<String> {
        words(&fold(text)).into_iter().map(|word| word.stem).collect()
    }

    #[test]
    fn words_are_cut_and_brought_to_one_form() {
        for (text, wanted) in [
            ("Men's T-Shirts", "men tshirt"),
            ("Boxes, berries & glasses", "box berry glass"),
            ("l'eau d’été", "eau ete"),
            ("Größe 44: Straße", "grosse strasse"),
            ("500 ml, 12kg, 3 pcs", "ml pcs"),
            ("ＡＢＣ jewelry", "abc jewellery"),
            ("X-ray tubes", "xray tube"),
            ("cameras, canvas umbrellas", "camera canvas umbrella"),
            ("", ""),
        ] {
            assert_eq!(stems(text).join(" "), wanted, "{text}");
        }
    }

    #[test]
    fn what_goods_are_not_is_cut() {
        for (text, wanted) in [
            ("cattle; live, other than pure-bred breeding animals", "cattle; live,  "),
            ("shirts (not knitted or crocheted)", "shirts (woven)"),
            ("sugar, whether or not coloured", "sugar,   coloured"),
            ("tin (excl. alloys), knotted", "tin ( ), knotted"),
        ] {
            assert_eq!(without_negatives(text), wanted, "{text}");
        }
    }
}
