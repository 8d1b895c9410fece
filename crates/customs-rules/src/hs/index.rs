//! The words of every code, weighed once and held in memory.

use std::collections::{BTreeMap, HashMap};

use super::{
    Nomenclature, NomenclatureError,
    common::says_nothing,
    lexicon::Lexicon,
    words::{fold, without_negatives, words},
};

/// How much each part of a text counts. The figures of [`Weights::default`] were fitted on one
/// half of two public sets of queries, and measured on the other half.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// Name of the goods: what stands before the first comma of a code's own text.
    pub name: f32,
    /// The rest of the code's own text.
    pub rest: f32,
    /// The text of its heading.
    pub heading: f32,
    /// The text of its chapter.
    pub chapter: f32,
    /// All trade terms that lead to it.
    pub terms: f32,
    /// How soon a repeated word stops to count more (BM25's k1).
    pub k1: f32,
    /// How much long texts are held back (BM25's b), 0 to 1.
    pub b: f32,
    /// The one trade term that is most like the query.
    pub best_term: f32,
    /// Codes that many trade terms lead to are more often meant.
    pub prior: f32,
    /// Of the points of a heading's best codes, what each code of the heading gets.
    pub family: f32,
    /// The word of a query that names the thing.
    pub head_word: f32,
    /// Words after "with", "for", a comma.
    pub later_word: f32,
    /// Words of size, colour and praise.
    pub little_word: f32,
    /// Words that a shop's word stands for.
    pub expansion: f32,
    /// Words found in place of a mistyped, cut or shortened one.
    pub repaired: f32,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            name: 1.55,
            rest: 1.2,
            heading: 0.6,
            chapter: 0.2,
            terms: 1.1,
            k1: 1.2,
            b: 0.6,
            best_term: 0.7,
            prior: 0.04,
            family: 0.13,
            head_word: 1.1,
            later_word: 0.42,
            little_word: 0.84,
            expansion: 0.93,
            repaired: 0.79,
        }
    }
}

/// Why there is no index.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The nomenclature cannot be read.
    #[error("read the nomenclature for the index")]
    Nomenclature(#[from] NomenclatureError),
    /// The trade terms cannot be read.
    #[error("read the trade terms for the index")]
    Terms(#[source] csv::Error),
    /// The words of shops cannot be read.
    #[error("read the words of shops for the index")]
    ShopWords(#[source] csv::Error),
}

/// A code as the search knows it.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) code: String,
    /// Number of its heading, from zero.
    pub(crate) family: usize,
    /// 1 and more: how often it is meant, by the number of its trade terms.
    pub(crate) prior: f32,
}

/// A trade term and the document it leads to.
#[derive(Debug, Clone)]
pub(crate) struct Term {
    pub(crate) text: String,
    pub(crate) document: usize,
    /// Length of its vector.
    pub(crate) norm: f32,
}

/// Six-digit codes of [`Nomenclature`], to be searched by words. Built once, then only read.
#[derive(Debug, Clone)]
pub struct Index {
    pub(crate) nomenclature: Nomenclature,
    pub(crate) weights: Weights,
    pub(crate) lexicon: Lexicon,
    pub(crate) documents: Vec<Document>,
    pub(crate) families: usize,
    pub(crate) terms: Vec<Term>,
    pub(crate) vocabulary: HashMap<String, usize>,
    /// Words with smaller numbers stand in the nomenclature or in a trade term.
    pub(super) named: usize,
    /// By word: how rare it is.
    pub(crate) rarity: Vec<f32>,
    /// By word: documents with the word's weight in them.
    pub(crate) in_documents: Vec<Vec<(usize, f32)>>,
    /// By word: trade terms with the word's weight in them.
    pub(crate) in_terms: Vec<Vec<(usize, f32)>>,
    /// By three letters: words that hold them, as numbers of `spellings`.
    pub(crate) trigrams: HashMap<[u8; 3], Vec<usize>>,
    /// By consonants alone: words, as numbers of `spellings`.
    pub(crate) skeletons: HashMap<String, Vec<usize>>,
    /// Every word that may be meant.
    pub(crate) spellings: Vec<String>,
}

#[derive(serde::Deserialize)]
pub(super) struct TermRow {
    pub(super) term: String,
    pub(super) hs6: String,
}

/// Stems of a text without what it excludes, and how many of them name the goods.
fn stems(text: &str) -> (Vec<String>, usize) {
    let folded = without_negatives(&fold(text));
    let found = words(&folded);
    let mut stems = Vec::with_capacity(found.len());
    let mut names = usize::MAX;
    for (at, word) in found.into_iter().enumerate() {
        if at > 0 && word.breaks && names == usize::MAX {
            names = stems.len();
        }
        if !says_nothing(&word.written) {
            stems.push(word.stem);
        }
    }
    let all = stems.len();
    (stems, names.min(all))
}

const FIELDS: usize = 5;
/// Words of each field of a document, as numbers of the vocabulary.
type Fields = [Vec<usize>; FIELDS];
/// Words of a text and how many of them, from its start, name the goods.
pub(super) type Named = (Vec<usize>, usize);

impl Index {
    /// Over the nomenclature, the trade terms and the words of shops that are part of this program.
    ///
    /// # Errors
    /// [`IndexError`] when one of them cannot be read.
    pub fn shipped() -> Result<Self, IndexError> {
        Self::with(Weights::default())
    }

    /// The same with other weights.
    ///
    /// # Errors
    /// [`IndexError`] when a table cannot be read.
    pub fn with(weights: Weights) -> Result<Self, IndexError> {
        let nomenclature = Nomenclature::shipped()?;
        let terms = include_str!("../../data/uk_search_references.csv");
        let lines = include_str!("../../data/uk_shop_lines.csv");
        Self::new(nomenclature, terms, lines, weights)
    }

    /// Over a nomenclature, a table of trade terms (`term`, `hs6`), which say what a code is about,
    /// and one of lines of shops, which say what single goods were declared as. Those of codes that
    /// do not exist are left out.
    ///
    /// # Errors
    /// [`IndexError`] when a table cannot be read.
    pub fn new(
        nomenclature: Nomenclature,
        terms: &str,
        lines: &str,
        weights: Weights,
    ) -> Result<Self, IndexError> {
        let lexicon = Lexicon::shipped().map_err(IndexError::ShopWords)?;
        let mut index = Self {
            weights,
            lexicon,
            documents: Vec::new(),
            families: 0,
            terms: Vec::new(),
            vocabulary: HashMap::new(),
            named: 0,
            rarity: Vec::new(),
            in_documents: Vec::new(),
            in_terms: Vec::new(),
            trigrams: HashMap::new(),
            skeletons: HashMap::new(),
            spellings: Vec::new(),
            nomenclature,
        };
        let mut fields = index.read_documents();
        let mut heads = index.read_terms(terms, &mut fields)?;
        index.weigh_documents(&fields);
        heads.extend(index.read_lines(lines)?);
        index.weigh_terms(&heads);
        index.list_spellings();
        Ok(index)
    }

    /// The nomenclature under the index.
    #[must_use]
    pub const fn nomenclature(&self) -> &Nomenclature {
        &self.nomenclature
    }

    /// Does the nomenclature or a trade term use that word?
    #[must_use]
    pub fn knows(&self, word: &str) -> bool {
        let folded = fold(word);
        let mut all = words(&folded).into_iter().peekable();
        all.peek().is_some()
            && all.all(|word| {
                self.vocabulary.get(&word.stem).is_some_and(|word| *word < self.named)
                    || !self.lexicon.senses(&word.stem).is_empty()
                    || self.lexicon.german(&word.stem).is_some()
                    || self.lexicon.german_parts(&word.stem).is_some()
            })
    }

    fn number(&mut self, stem: &str) -> usize {
        if let Some(number) = self.vocabulary.get(stem) {
            return *number;
        }
        let number = self.vocabulary.len();
        self.vocabulary.insert(stem.to_owned(), number);
        number
    }

    pub(super) fn numbers(&mut self, text: &str) -> Named {
        let (stems, names) = stems(text);
        (stems.iter().map(|stem| self.number(stem)).collect(), names)
    }

    fn read_documents(&mut self) -> Vec<Fields> {
        let nomenclature = std::mem::take(&mut self.nomenclature);
        let mut fields = Vec::new();
        let mut documents: Vec<Document> = Vec::new();
        let mut last = (String::new(), Vec::new(), Vec::new());
        for entry in nomenclature.subheadings() {
            let heading = entry.code.get(..4).unwrap_or_default();
            if heading != last.0 {
                self.families += 1;
                let above = nomenclature.heading(entry.code).unwrap_or_default();
                let chapter = nomenclature.chapter(entry.code).unwrap_or_default();
                last = (heading.to_owned(), self.numbers(above).0, self.numbers(chapter).0);
            }
            let (mut name, names) = self.numbers(entry.text);
            let rest = name.split_off(names);
            fields.push([name, rest, last.1.clone(), last.2.clone(), Vec::new()]);
            let code = entry.code.to_owned();
            documents.push(Document { code, family: self.families - 1, prior: 1.0 });
        }
        self.documents = documents;
        self.nomenclature = nomenclature;
        fields
    }

    /// Reads trade terms; the answer holds, for each, its stems and how many of them name it.
    fn read_terms(&mut self, table: &str, fields: &mut [Fields]) -> Result<Vec<Named>, IndexError> {
        let by_code: HashMap<String, usize> =
            self.documents.iter().enumerate().map(|(at, d)| (d.code.clone(), at)).collect();
        let mut counts = vec![0_u16; self.documents.len()];
        let mut read = Vec::new();
        for row in csv::Reader::from_reader(table.as_bytes()).deserialize::<TermRow>() {
            let row = row.map_err(IndexError::Terms)?;
            let Some(&document) = by_code.get(row.hs6.as_str()) else { continue };
            let (stems, names) = self.numbers(&row.term);
            if let Some([.., terms]) = fields.get_mut(document) {
                terms.extend(&stems);
            }
            if let Some(count) = counts.get_mut(document) {
                *count += 1;
            }
            self.terms.push(Term { text: row.term, document, norm: 1.0 });
            read.push((stems, names));
        }
        for (document, count) in self.documents.iter_mut().zip(counts) {
            document.prior = 1.0 + self.weights.prior * f32::from(count).ln_1p();
        }
        Ok(read)
    }

    fn weigh_documents(&mut self, fields: &[Fields]) {
        let Weights { name, rest, heading, chapter, terms, k1, b, .. } = self.weights;
        let counts = [name, rest, heading, chapter, terms];
        self.in_documents.resize(self.vocabulary.len(), Vec::new());
        let mut mean = [0.0_f32; FIELDS];
        for document in fields {
            for (mean, field) in mean.iter_mut().zip(document) {
                *mean += field.len() as f32 / fields.len().max(1) as f32;
            }
        }
        for (at, document) in fields.iter().enumerate() {
            let mut found: BTreeMap<usize, f32> = BTreeMap::new();
            for ((field, weight), mean) in document.iter().zip(counts).zip(mean) {
                let length = 1.0 - b + b * field.len() as f32 / mean.max(1.0);
                for word in field {
                    *found.entry(*word).or_default() += weight / length;
                }
            }
            for (word, count) in found {
                if let Some(list) = self.in_documents.get_mut(word) {
                    list.push((at, count * (k1 + 1.0) / (k1 + count)));
                }
            }
        }
        let all = fields.len() as f32;
        let rarity = |list: &Vec<(usize, f32)>| {
            let holding = list.len() as f32;
            (1.0 + (all - holding + 0.5) / (holding + 0.5)).ln()
        };
        self.rarity = self.in_documents.iter().map(rarity).collect();
    }

    fn weigh_terms(&mut self, read: &[Named]) {
        self.in_terms.resize(self.vocabulary.len(), Vec::new());
        for (at, (stems, names)) in read.iter().enumerate() {
            let mut squares = 0.0;
            for (place, &word) in stems.iter().enumerate() {
                let rarity = self.rarity.get(word).copied().unwrap_or_default();
                let weight = if place < *names { rarity } else { rarity * 0.6 };
                squares += weight * weight;
                if let Some(list) = self.in_terms.get_mut(word) {
                    list.push((at, weight));
                }
            }
            if let Some(term) = self.terms.get_mut(at) {
                term.norm = squares.sqrt().max(f32::MIN_POSITIVE);
            }
        }
    }
}
