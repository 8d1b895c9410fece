//! Words of the index by what they look like, and lines of shops beside the trade terms.

use std::collections::HashMap;

use super::{
    IndexError,
    index::{Index, Named, Term, TermRow},
};

impl Index {
    /// Reads lines of shops as further terms, which no document holds: a query may be like one of
    /// them, but their words say nothing of what a code is about.
    pub(super) fn read_lines(&mut self, table: &str) -> Result<Vec<Named>, IndexError> {
        let by_code: HashMap<String, usize> =
            self.documents.iter().enumerate().map(|(at, d)| (d.code.clone(), at)).collect();
        let mut read = Vec::new();
        self.named = self.vocabulary.len();
        for row in csv::Reader::from_reader(table.as_bytes()).deserialize::<TermRow>() {
            let row = row.map_err(IndexError::Terms)?;
            let Some(&document) = by_code.get(row.hs6.as_str()) else { continue };
            read.push(self.numbers(&row.term));
            self.terms.push(Term { text: row.term, document, norm: 1.0 });
        }
        // Words that no document holds are the rarest.
        let all = self.documents.len() as f32;
        self.rarity.resize(self.vocabulary.len(), (1.0 + (all + 0.5) / 0.5).ln());
        self.in_documents.resize(self.vocabulary.len(), Vec::new());
        Ok(read)
    }

    pub(super) fn list_spellings(&mut self) {
        let own = self.vocabulary.keys().map(String::as_str);
        let mut all: Vec<String> =
            own.chain(self.lexicon.single_words()).map(str::to_owned).collect();
        all.sort_unstable();
        all.dedup();
        for (at, word) in all.iter().enumerate() {
            for three in trigrams(word) {
                let list = self.trigrams.entry(three).or_default();
                if list.last() != Some(&at) {
                    list.push(at);
                }
            }
            let skeleton = skeleton(word);
            if skeleton.len() >= SKELETON_MIN && skeleton.len() < word.len() {
                self.skeletons.entry(skeleton).or_default().push(at);
            }
        }
        self.spellings = all;
    }
}

/// Consonants that tell a word: with two, too many words share them.
pub(crate) const SKELETON_MIN: usize = 3;

/// A word as tills shorten it: without vowels, doubled letters once.
pub(crate) fn skeleton(word: &str) -> String {
    let mut skeleton = String::new();
    for (at, letter) in word.chars().enumerate() {
        let vowel = matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u') && at > 0;
        if !vowel && !skeleton.ends_with(letter) {
            skeleton.push(letter);
        }
    }
    skeleton
}

/// Runs of three bytes of a word with an edge mark on both sides.
pub(crate) fn trigrams(word: &str) -> Vec<[u8; 3]> {
    let marked: Vec<u8> = [b'^'].into_iter().chain(word.bytes()).chain([b'$']).collect();
    let three = marked.windows(3).filter_map(|w| <[u8; 3]>::try_from(w).ok());
    let mut all: Vec<[u8; 3]> = three.collect();
    all.sort_unstable();
    all.dedup();
    all
}
