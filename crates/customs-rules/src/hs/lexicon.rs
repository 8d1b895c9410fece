//! Words of shops, English, French and German, and the nomenclature's words for them.

use std::collections::HashMap;

use super::words::{fold, words};

/// A language that queries come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    French,
    German,
}

/// What a word of a shop means.
#[derive(Debug, Clone)]
pub(crate) struct Sense {
    pub(crate) language: Language,
    /// Stems of the nomenclature's words.
    pub(crate) stems: Vec<String>,
}

/// The table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lexicon {
    senses: HashMap<String, Vec<Sense>>,
}

#[derive(serde::Deserialize)]
struct Row {
    language: String,
    word: String,
    terms: String,
}

/// Words a key of the table has at most.
pub(crate) const KEY_WORDS_MAX: usize = 3;

impl Lexicon {
    pub(crate) fn shipped() -> Result<Self, csv::Error> {
        Self::read(include_str!("../../data/shop_words.csv"))
    }

    fn read(table: &str) -> Result<Self, csv::Error> {
        let mut lexicon = Self::default();
        for row in csv::Reader::from_reader(table.as_bytes()).deserialize::<Row>() {
            let row = row?;
            let language = match row.language.as_str() {
                "fr" => Language::French,
                "de" => Language::German,
                _ => Language::English,
            };
            let stems = stems_of(&row.terms);
            // One word may be written in several ways: "hoodie|hoody".
            for word in row.word.split('|') {
                let key = stems_of(word).join(" ");
                let sense = Sense { language, stems: stems.clone() };
                lexicon.senses.entry(key).or_default().push(sense);
            }
        }
        Ok(lexicon)
    }

    /// What stems, joined with blanks, mean.
    pub(crate) fn senses(&self, key: &str) -> &[Sense] {
        self.senses.get(key).map_or(&[], Vec::as_slice)
    }

    /// A German word by its ending: "Hemden" is "Hemd".
    pub(crate) fn german(&self, stem: &str) -> Option<&Sense> {
        let bare = ["", "n", "e", "en", "er", "es"];
        bare.iter().filter_map(|end| stem.strip_suffix(end)).find_map(|root| {
            self.senses(root).iter().find(|sense| sense.language == Language::German)
        })
    }

    /// "Lederhandtasche": the parts that are known, when the whole word is made of them.
    pub(crate) fn german_parts(&self, stem: &str) -> Option<[&Sense; 2]> {
        stem.char_indices().map(|(at, _)| at).filter(|at| *at >= 4).find_map(|at| {
            let (left, right) = stem.split_at(at);
            if right.len() < 3 {
                return None;
            }
            let left = self.german(left).or_else(|| self.german(left.strip_suffix('s')?))?;
            Some([left, self.german(right)?])
        })
    }

    /// Words of the table without blanks, to be abbreviated and mistyped like any other.
    pub(crate) fn single_words(&self) -> impl Iterator<Item = &str> {
        let all = self.senses.keys().map(String::as_str);
        all.filter(|key| !key.contains(' '))
    }
}

fn stems_of(text: &str) -> Vec<String> {
    words(&fold(text)).into_iter().map(|word| word.stem).collect()
}

/// The language that a little word of grammar gives away.
pub(crate) fn grammar(word: &str) -> Option<Language> {
    match word {
        "en" | "pour" | "avec" | "et" | "le" | "la" | "les" | "du" | "des" | "un" | "une"
        | "sans" | "au" | "aux" | "de" => Some(Language::French),
        "und" | "fur" | "fuer" | "aus" | "mit" | "ohne" | "der" | "das" | "ein" | "eine"
        | "von" | "zum" | "zur" | "oder" => Some(Language::German),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn german_endings_and_compounds_are_understood() {
        let lexicon = Lexicon::shipped().unwrap();
        assert_eq!(lexicon.german("hemden").unwrap().stems, ["shirt"]);
        let parts = lexicon.german_parts("lederhandtasche").unwrap();
        assert_eq!(parts[0].stems, ["leather"]);
        assert!(parts[1].stems.contains(&"handbag".to_owned()));
        assert!(lexicon.german_parts("xyzzyquux").is_none());
    }
}
