//! Countries in words, as spreadsheets hold them: the ones parcels of European shops go to, in
//! English, French, German and Spanish, and ISO 3166-1 alpha-3. Others must come as codes.

use colibri_types::Country;

use super::header::normalise;
use crate::place;

/// Code, alpha-3 and names without accents in lower case.
const WORDS: &[(&str, &[&str])] = &[
    ("AT", &["aut", "austria", "autriche", "osterreich", "oesterreich"]),
    ("AU", &["aus", "australia", "australie", "australien"]),
    ("BE", &["bel", "belgium", "belgique", "belgien", "belgica", "belgie"]),
    ("BG", &["bgr", "bulgaria", "bulgarie", "bulgarien"]),
    ("CA", &["can", "canada", "kanada"]),
    ("CH", &["che", "switzerland", "suisse", "schweiz", "suiza"]),
    ("CN", &["chn", "china", "chine"]),
    ("CY", &["cyp", "cyprus", "chypre", "zypern", "chipre"]),
    (
        "CZ",
        &[
            "cze",
            "czechia",
            "czech republic",
            "tchequie",
            "republique tcheque",
            "tschechien",
            "chequia",
            "republica checa",
        ],
    ),
    ("DE", &["deu", "germany", "allemagne", "deutschland", "alemania"]),
    ("DK", &["dnk", "denmark", "danemark", "danmark", "dinamarca"]),
    ("EE", &["est", "estonia", "estonie", "estland"]),
    ("ES", &["esp", "spain", "espagne", "spanien", "espana"]),
    ("FI", &["fin", "finland", "finlande", "finnland", "finlandia"]),
    ("FR", &["fra", "france", "frankreich", "francia"]),
    (
        "GB",
        &[
            "gbr",
            "united kingdom",
            "great britain",
            "royaume uni",
            "grande bretagne",
            "vereinigtes konigreich",
            "grossbritannien",
            "reino unido",
            "gran bretana",
        ],
    ),
    ("GR", &["grc", "greece", "grece", "griechenland", "grecia"]),
    ("HR", &["hrv", "croatia", "croatie", "kroatien", "croacia"]),
    ("HU", &["hun", "hungary", "hongrie", "ungarn", "hungria"]),
    ("IE", &["irl", "ireland", "irlande", "irland", "irlanda"]),
    ("IS", &["isl", "iceland", "islande", "island", "islandia"]),
    ("IT", &["ita", "italy", "italie", "italien", "italia"]),
    ("JP", &["jpn", "japan", "japon"]),
    ("LI", &["lie", "liechtenstein"]),
    ("LT", &["ltu", "lithuania", "lituanie", "litauen", "lituania"]),
    ("LU", &["lux", "luxembourg", "luxemburg", "luxemburgo"]),
    ("LV", &["lva", "latvia", "lettonie", "lettland", "letonia"]),
    ("MC", &["mco", "monaco"]),
    ("MT", &["mlt", "malta", "malte"]),
    (
        "NL",
        &[
            "nld",
            "netherlands",
            "the netherlands",
            "pays bas",
            "niederlande",
            "paises bajos",
            "nederland",
            "holland",
        ],
    ),
    ("NO", &["nor", "norway", "norvege", "norwegen", "noruega", "norge"]),
    ("PL", &["pol", "poland", "pologne", "polen", "polonia", "polska"]),
    ("PT", &["prt", "portugal"]),
    ("RO", &["rou", "romania", "roumanie", "rumanien", "rumaenien", "rumania"]),
    ("SE", &["swe", "sweden", "suede", "schweden", "suecia", "sverige"]),
    ("SI", &["svn", "slovenia", "slovenie", "slowenien", "eslovenia"]),
    ("SK", &["svk", "slovakia", "slovaquie", "slowakei", "eslovaquia"]),
    (
        "US",
        &[
            "usa",
            "united states",
            "united states of america",
            "etats unis",
            "vereinigte staaten",
            "estados unidos",
        ],
    ),
];

/// A code, an alias or a word; whether it had to be understood.
pub(super) fn read(text: &str) -> Option<place::ReadCountry> {
    if let Some(read) = place::country(text) {
        return Some(read);
    }
    let word = normalise(text);
    let (code, _) = WORDS.iter().find(|(_, words)| words.contains(&word.as_str()))?;
    let country: Country = code.parse().ok()?;
    Some(place::ReadCountry { country, repaired: true })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn words_are_unique_and_spelt_as_they_are_compared() {
        let mut seen = HashSet::new();
        for (code, words) in WORDS {
            assert!(code.parse::<Country>().is_ok());
            for word in *words {
                assert_eq!(normalise(word), *word);
                assert!(seen.insert(*word), "{word}");
            }
        }
    }

    #[test]
    fn countries_are_read_in_words_and_never_guessed() {
        for (text, code) in [
            ("FR", "FR"),
            ("fr", "FR"),
            ("France", "FR"),
            ("ESPAÑA", "ES"),
            ("Österreich", "AT"),
            ("Royaume-Uni", "GB"),
            ("UK", "GB"),
            ("DEU", "DE"),
        ] {
            assert_eq!(read(text).unwrap().country.as_str(), code);
        }
        for wrong in ["", "Europe", "Georgia", "Congo", "F"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
