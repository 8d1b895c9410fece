//! Bringing a postcode into its country's form, and describing that form in words.

use crate::NoticeCode;
use crate::country::Country;
use crate::format::Format;
use crate::text::{ascii_digit, clean, compact, fold_width};

/// How a country writes its letters and digits (`#`): the mask with as many `#` as there are
/// characters is used; where none fits, they are written together.
const MASKS: &[(&str, &[&str])] = &[
    ("NL", &["#### ##"]),
    ("PL", &["##-###"]),
    ("PT", &["####-###"]),
    ("SE CZ SK GR", &["### ##"]),
    ("CA", &["### ###"]),
    ("IE", &["### ####"]),
    ("JP", &["###-####"]),
    ("BR", &["#####-###"]),
    ("US PR VI GU AS MP FM MH PW", &["#####", "#####-####"]),
    ("KY", &["###-####"]),
    ("IR", &["#####-#####"]),
    ("LV", &["LV-####", "##-####"]),
    ("SV", &["CP ####", "## ####"]),
    ("MT", &["### ##", "### ###", "### ####"]),
    ("BM", &["## ##"]),
    ("SO", &["## #####"]),
    ("LB", &["####", "#### ####"]),
    ("AC FK GI GS IO PN SH TA TC", &["#### ###"]),
];

/// Letters that vehicles and envelopes of a country show before the postcode (`F-75008`),
/// where they are not the alpha-2 code.
const MARKS: &[(&str, &str)] = &[
    ("FR", "F"),
    ("DE", "D"),
    ("AT", "A"),
    ("BE", "B"),
    ("LU", "L"),
    ("IT", "I"),
    ("ES", "E"),
    ("PT", "P"),
    ("SE", "S"),
    ("NO", "N"),
    ("FI", "FIN"),
    ("HU", "H"),
    ("SI", "SLO"),
    ("LI", "FL"),
    ("VA", "V"),
    ("IE", "IRL"),
    ("UA", "UKR"),
    ("RU", "RUS"),
    ("PL", "PL"),
];

/// A postcode in its country's form, or as close as is safe, and what was done to get there.
pub fn normalise(country: &Country, rules: &Format, text: &str) -> (String, Vec<NoticeCode>) {
    let (ascii, mut notices) = to_ascii(text);
    if let Some(shaped) = shape(country, rules, &ascii) {
        if shaped != ascii {
            notices.push(NoticeCode::PostcodeFormatted);
        }
        return (shaped, notices);
    }
    for rest in without_prefix(country, &ascii) {
        if let Some(shaped) = shape(country, rules, rest) {
            notices.push(NoticeCode::PostcodePrefixRemoved);
            return (shaped, notices);
        }
    }
    (ascii, notices)
}

/// Plain ASCII capitals and digits where the text stands for such; punctuation at the ends goes.
fn to_ascii(text: &str) -> (String, Vec<NoticeCode>) {
    let mut notices = Vec::new();
    let ascii: String = text
        .chars()
        .filter(|c| *c != '〒')
        .map(fold_width)
        .map(ascii_digit)
        .map(|c| match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30FC}' => '-',
            _ => c,
        })
        .collect();
    if ascii.chars().filter(char::is_ascii_digit).ne(text.chars().filter(char::is_ascii_digit)) {
        notices.push(NoticeCode::DigitsNormalised);
    }
    let upper = ascii.to_ascii_uppercase();
    if upper != ascii {
        notices.push(NoticeCode::PostcodeUppercased);
    }
    // A removed sign can leave two spaces or free an accent.
    let (upper, _) = clean(&upper);
    let ends = |c: char| c.is_ascii_punctuation() || c.is_whitespace();
    let trimmed = upper.trim_matches(ends);
    // A value of nothing but punctuation is left for the placeholder rule to see.
    let bare = if trimmed.is_empty() { upper.trim() } else { trimmed };
    if bare != upper || (notices.is_empty() && bare != text) {
        notices.push(NoticeCode::PostcodeFormatted);
    }
    (bare.to_owned(), notices)
}

/// The text in the country's form, if its letters and digits can take it.
fn shape(country: &Country, rules: &Format, text: &str) -> Option<String> {
    let compact = compact(text);
    let shaped = apply_mask(&country.alpha2, &compact);
    if rules.matches(&shaped) {
        return Some(shaped);
    }
    // Forms with words in them (`LIMA 23`, `PC 133`) have no mask: as written or not at all.
    rules.matches(text).then(|| text.to_owned())
}

fn apply_mask(country: &str, compact: &str) -> String {
    if matches!(country, "GB" | "GG" | "JE" | "IM") {
        return british(compact);
    }
    let masks = MASKS
        .iter()
        .find(|(countries, _)| countries.split(' ').any(|c| c == country))
        .map_or(&[] as &[&str], |(_, masks)| masks);
    let fits = |mask: &&&str| mask.chars().filter(|c| *c == '#').count() == compact.len();
    let Some(mask) = masks.iter().find(fits) else {
        return compact.to_owned();
    };
    let mut chars = compact.chars();
    mask.chars().filter_map(|m| if m == '#' { chars.next() } else { Some(m) }).collect()
}

/// The inward code is always the last 3 characters; forces numbers follow the word.
fn british(compact: &str) -> String {
    if let Some(number) = compact.strip_prefix("BFPO") {
        return format!("BFPO {number}");
    }
    match compact.len().checked_sub(3).and_then(|at| compact.split_at_checked(at)) {
        Some((outward, inward)) if !outward.is_empty() => format!("{outward} {inward}"),
        _ => compact.to_owned(),
    }
}

fn without_prefix<'a>(country: &'a Country, text: &'a str) -> impl Iterator<Item = &'a str> + 'a {
    let mark = MARKS.iter().find(|(c, _)| *c == country.alpha2).map(|(_, m)| *m);
    let uk = (country.alpha2 == "GB").then_some("UK");
    let codes = [Some(country.alpha2.as_str()), country.alpha3.as_deref(), mark, uk];
    codes.into_iter().flatten().filter_map(move |prefix| {
        let rest = text.strip_prefix(prefix)?;
        Some(rest.trim_start_matches([' ', '-', '.', ':', '_', '/']))
    })
}

/// A filler that shops demand where there is no postcode: only zeros, or no letter nor digit.
pub fn is_filler(text: &str) -> bool {
    let compact = compact(text);
    let readable = text.chars().any(char::is_alphanumeric);
    (compact.is_empty() && !readable) || (!compact.is_empty() && compact.chars().all(|c| c == '0'))
}

/// A postcode to show as an example.
pub fn example(country: &Country, rules: &Format) -> Option<String> {
    let known = match country.alpha2.as_str() {
        "FR" => "75008",
        "DE" => "10115",
        "GB" => "SW1A 1AA",
        "US" => "90210",
        "NL" => "1012 AB",
        "IE" => "D02 X285",
        "CA" => "K1A 0B1",
        "ES" => "28013",
        "IT" => "00144",
        _ => {
            let first = rules.examples.first()?;
            return shape(country, rules, first).or_else(|| Some(first.clone()));
        }
    };
    Some(known.to_owned())
}

/// The form in words, such as `5 digits`; `None` where only an example explains it.
pub fn form(country: &str, rules: &Format) -> Option<String> {
    let words = match country {
        "GB" | "GG" | "JE" | "IM" => "a postal area and district, a space, a digit and 2 letters",
        "CA" => "letter, digit, letter, a space, digit, letter, digit",
        "NL" => "4 digits and 2 letters",
        "IE" => "a routing key of 3 characters, a space, 4 characters",
        "US" => "5 digits, or 5 digits, a hyphen and 4 digits",
        "PL" => "2 digits, a hyphen, 3 digits",
        "PT" => "4 digits, a hyphen, 3 digits",
        "LV" => "LV, a hyphen, 4 digits",
        _ => return digits_only(rules.pattern()?),
    };
    Some(words.to_owned())
}

/// Words for patterns made of digits and optional separators.
fn digits_only(pattern: &str) -> Option<String> {
    let mut rest = pattern;
    let mut count: u32 = 0;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(" ?").or_else(|| rest.strip_prefix("-?")) {
            rest = after;
            continue;
        }
        let (number, after) = rest.strip_prefix(r"\d{")?.split_once('}')?;
        count += number.parse::<u32>().ok()?;
        rest = after;
    }
    Some(format!("{count} digits"))
}

/// The number of digits, where the form is digits alone: to notice a lost leading zero.
pub fn digits(rules: &Format) -> Option<usize> {
    digits_only(rules.pattern()?)?.strip_suffix(" digits")?.parse().ok()
}

/// The value, when it can only be a mistyped postcode: short, with a digit and no word in it.
/// Anything else may be personal and is not repeated.
pub fn may_repeat(text: &str) -> bool {
    let compact = compact(text);
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ' || c == '-');
    let word = compact.split(|c: char| c.is_ascii_digit()).any(|run| run.len() > 2);
    // 8 characters: the longest common postcode; a phone number is longer.
    plain && !word && compact.len() <= 8 && compact.contains(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;
    use crate::format::format;

    fn run(country: &str, text: &str) -> (String, bool) {
        let c = crate::country(country).expect("country");
        let rules = format(country).expect("rules");
        let (postcode, _) = normalise(c, rules, text);
        let valid = rules.matches(&postcode);
        (postcode, valid)
    }

    #[test]
    fn postcodes_take_their_countrys_form() {
        for (country, text, expected) in [
            ("FR", "75 008", "75008"),
            ("FR", "F-75008", "75008"),
            ("FR", "FR 75008", "75008"),
            ("DE", "D-10115", "10115"),
            ("DE", "10115.", "10115"),
            ("AT", "A-1010", "1010"),
            ("CH", "CH-8001", "8001"),
            ("LI", "FL-9490", "9490"),
            ("FI", "FIN-00100", "00100"),
            ("GB", "sw1a1aa", "SW1A 1AA"),
            ("GB", "M34-4AB", "M34 4AB"),
            ("GB", "bfpo61", "BFPO 61"),
            ("GB", "GIR0AA", "GIR 0AA"),
            ("NL", "1012ab", "1012 AB"),
            ("PL", "00950", "00-950"),
            ("PT", "1250 096", "1250-096"),
            ("SE", "SE-11455", "114 55"),
            ("CZ", "11000", "110 00"),
            ("GR", "15124", "151 24"),
            ("CA", "h3z2y7", "H3Z 2Y7"),
            ("IE", "d02x285", "D02 X285"),
            ("JP", "〒１５４－００２３", "154-0023"),
            ("JP", "1540023", "154-0023"),
            ("BR", "40301110", "40301-110"),
            ("US", "221621010", "22162-1010"),
            ("US", "22162 1010", "22162-1010"),
            ("LV", "1073", "LV-1073"),
            ("LV", "lv1073", "LV-1073"),
            ("MT", "VCT1753", "VCT 1753"),
            ("SV", "1101", "CP 1101"),
            ("KY", "KY11100", "KY1-1100"),
            ("PE", "Lima 23", "LIMA 23"),
            ("EG", "١٢٤١١", "12411"),
            ("AD", "AD100", "AD100"),
            ("GI", "gx111aa", "GX11 1AA"),
        ] {
            assert_eq!(run(country, text), (expected.to_owned(), true), "{country} {text}");
            assert_eq!(run(country, expected).0, expected, "again {country} {text}");
        }
    }

    #[test]
    fn what_cannot_be_brought_into_form_is_not_guessed() {
        for (country, text) in
            [("FR", "7500"), ("DE", "F-75008"), ("GB", "SW1A"), ("US", "9021"), ("NL", "0123 AB")]
        {
            assert!(!run(country, text).1, "{country} {text}");
        }
    }

    #[test]
    fn every_example_of_the_data_is_valid_and_stable() {
        for c in crate::countries() {
            let rules = format(&c.alpha2).expect("rules");
            for example in &rules.examples {
                let (once, valid) = run(&c.alpha2, example);
                assert!(valid, "{} {example} -> {once}", c.alpha2);
                assert_eq!(run(&c.alpha2, &once).0, once);
            }
            if rules.has_postcodes() {
                assert!(example(c, rules).is_some_and(|e| rules.matches(&e)), "{}", c.alpha2);
            }
        }
    }

    #[test]
    fn forms_in_words() {
        let words = |c: &str| form(c, format(c).expect("rules"));
        assert_eq!(words("FR").as_deref(), Some("5 digits"));
        assert_eq!(words("SE").as_deref(), Some("5 digits"));
        assert_eq!(words("BR").as_deref(), Some("8 digits"));
        assert_eq!(words("AD"), None);
    }

    #[test]
    fn only_what_looks_like_a_postcode_is_repeated() {
        assert!(may_repeat("7500") && may_repeat("SW1A 1A") && may_repeat("F-75008"));
        for personal in ["12 High", "Rossi", "0612345678", "a@b.fr", "12 rue", "é1"] {
            assert!(!may_repeat(personal), "{personal}");
        }
    }
}
