//! What a person typed, as weighed words of the index.

use std::collections::BTreeMap;

use super::{
    common::{says_little, says_nothing},
    index::Index,
    lexicon::{KEY_WORDS_MAX, Language, Sense, grammar},
    repair::{instead, parts},
    words::{Word, fold, without_negatives, words},
};

/// A word of the query.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// As it was written, folded.
    pub(crate) written: String,
    /// How much it counts.
    pub(crate) weight: f32,
    /// Does anything in the index answer to it?
    pub(crate) known: bool,
    /// Is it found only in place of a mistyped word?
    pub(crate) repaired: bool,
}

/// A word of the index that is looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sought {
    /// Its number in the vocabulary.
    pub(crate) word: usize,
    /// The word of the query behind it.
    pub(crate) asked: usize,
    pub(crate) weight: f32,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Query {
    pub(crate) asked: Vec<Asked>,
    pub(crate) sought: Vec<Sought>,
}

/// What stands before these words names the goods; what follows them says more.
const PREPOSITIONS: &[&str] = &[
    "for",
    "with",
    "without",
    "in",
    "from",
    "containing",
    "made",
    "to",
    "on",
    "by",
    "used",
    "en",
    "pour",
    "avec",
    "sans",
    "fur",
    "aus",
    "mit",
    "ohne",
];
/// What follows these is not there.
const ABSENT: &[&str] = &["without", "sans", "ohne", "excluding", "no"];
/// "Bottle of", "pack of": the goods come after.
const CONTAINERS: &[&str] = &[
    "pack",
    "set",
    "box",
    "bag",
    "bottle",
    "tub",
    "jar",
    "pair",
    "roll",
    "piece",
    "case",
    "carton",
    "tin",
    "can",
    "packet",
    "sachet",
    "pouch",
    "bundle",
    "collection",
    "range",
    "assortment",
    "selection",
    "lot",
    "sheet",
    "tube",
    "paire",
    "boite",
    "sac",
    "bouteille",
    "packung",
];
/// Words after which a text only comments on itself, counted from its start.
const WORDS_HALF: f32 = 25.0;

impl Query {
    pub(crate) fn read(text: &str, index: &Index) -> Self {
        let folded = phrases(&without_negatives(&fold(text)));
        let read = words(&folded);
        let foreign = evidence(&read, index);
        let weights = weigh(&read, index, foreign);
        let mut query = Self::default();
        let mut at = 0;
        while let Some(word) = read.get(at) {
            let weight = weights.get(at).copied().unwrap_or_default();
            let (taken, senses) = longest(&read, at, index, foreign);
            let silent = says_nothing(&word.written) || grammar(&word.written).is_some();
            if weight <= 0.0 || (silent && taken < 2) {
                at += 1;
                continue;
            }
            let place = query.asked.len();
            let taken_words = read.get(at..at + taken).unwrap_or_default();
            let written: Vec<&str> = taken_words.iter().map(|w| w.written.as_str()).collect();
            let weight = weights.iter().skip(at).take(taken).copied().fold(weight, f32::max);
            let written = written.join(" ");
            query.asked.push(Asked { written, weight, known: false, repaired: false });
            for word in taken_words {
                query.seek(index, place, &word.stem, weight);
            }
            for sense in &senses {
                let foreign = sense.language != Language::English;
                let factor = if foreign { 1.0 } else { index.weights.expansion };
                query.expand(index, place, sense, weight * factor);
            }
            if let [word] = taken_words {
                let next = read.get(at + 1).map(|next| next.stem.as_str());
                query.join(index, place, &word.stem, next, weight);
                if !query.asked.get(place).is_some_and(|asked| asked.known) {
                    query.repair(index, place, word, weight);
                }
            }
            at += taken.max(1);
        }
        query.merge();
        query
    }

    fn seek(&mut self, index: &Index, asked: usize, stem: &str, weight: f32) -> bool {
        let Some(&word) = index.vocabulary.get(stem) else { return false };
        self.sought.push(Sought { word, asked, weight });
        if let Some(asked) = self.asked.get_mut(asked) {
            asked.known = true;
        }
        true
    }

    fn expand(&mut self, index: &Index, asked: usize, sense: &Sense, weight: f32) {
        for (place, stem) in sense.stems.iter().enumerate() {
            // The first word of an explanation is the thing, the others tell it apart.
            let weight = if place == 0 { weight } else { weight * 0.6 };
            self.seek(index, asked, stem, weight);
        }
    }

    /// "Tooth brush" is also looked for as one word.
    fn join(&mut self, index: &Index, asked: usize, stem: &str, next: Option<&str>, weight: f32) {
        if let Some(next) = next.filter(|next| next.len() > 2 && stem.len() > 2) {
            let joined = format!("{stem}{next}");
            self.seek(index, asked, &joined, weight);
            for sense in index.lexicon.senses(&joined) {
                self.expand(index, asked, sense, weight * index.weights.expansion);
            }
        }
    }

    /// Nothing knows the word: its parts, what it may be the start of, what it may have meant.
    fn repair(&mut self, index: &Index, asked: usize, word: &Word, weight: f32) {
        if let Some(sense) = index.lexicon.german(&word.stem) {
            self.expand(index, asked, sense, weight);
        } else if let Some(parts) = index.lexicon.german_parts(&word.stem) {
            for part in parts {
                self.expand(index, asked, part, weight);
            }
        } else if let Some((left, right)) = parts(index, &word.stem) {
            self.seek(index, asked, left, weight * 0.6);
            self.seek(index, asked, right, weight);
        } else {
            let found = instead(index, &word.stem);
            let share = weight * index.weights.repaired / found.len().max(1) as f32;
            for spelling in found {
                self.seek(index, asked, spelling, share);
                for sense in index.lexicon.senses(spelling) {
                    self.expand(index, asked, sense, share);
                }
            }
            if let Some(asked) = self.asked.get_mut(asked) {
                asked.repaired = asked.known;
            }
        }
    }

    /// A word that is sought twice counts once, by its higher weight.
    fn merge(&mut self) {
        let mut best: BTreeMap<usize, Sought> = BTreeMap::new();
        for sought in &self.sought {
            let kept = best.entry(sought.word).or_insert(*sought);
            if sought.weight > kept.weight {
                *kept = *sought;
            }
        }
        self.sought = best.into_values().collect();
    }
}

/// Spellings with a blank or a hyphen that are one word here.
fn phrases(folded: &str) -> String {
    let mut text = folded.to_owned();
    for (from, to) in [
        ("t shirt", "tshirt"),
        ("tee-shirt", "tshirt"),
        ("tee shirt", "tshirt"),
        ("t.shirt", "tshirt"),
    ] {
        if text.contains(from) {
            text = text.replace(from, to);
        }
    }
    text
}

/// The language other than English that the text is in, when words say so that English lacks.
fn evidence(read: &[Word], index: &Index) -> Option<Language> {
    let (mut french, mut german) = (0_u32, 0_u32);
    for word in read {
        match grammar(&word.written) {
            Some(Language::French) => french += 1,
            Some(Language::German) => german += 1,
            _ if !index.vocabulary.contains_key(&word.stem) => {
                let senses = index.lexicon.senses(&word.stem);
                french += u32::from(senses.iter().any(|s| s.language == Language::French));
                german += u32::from(
                    senses.iter().any(|s| s.language == Language::German)
                        || (senses.is_empty() && index.lexicon.german_parts(&word.stem).is_some()),
                );
            }
            _ => {}
        }
    }
    match (french, german) {
        (0, 0) => None,
        (french, german) if french >= german => Some(Language::French),
        _ => Some(Language::German),
    }
}

/// The longest run of words from a place that the table of shop words knows, with its senses.
fn longest<'a>(
    read: &[Word],
    at: usize,
    index: &'a Index,
    foreign: Option<Language>,
) -> (usize, Vec<&'a Sense>) {
    for taken in (1..=KEY_WORDS_MAX).rev() {
        let Some(run) = read.get(at..at + taken) else { continue };
        let stems: Vec<&str> = run.iter().map(|word| word.stem.as_str()).collect();
        let known = taken == 1 && index.vocabulary.contains_key(*stems.first().unwrap_or(&""));
        let all = index.lexicon.senses(&stems.join(" ")).iter();
        // "Pain" and "gift" are words of two languages: the others of the text decide.
        let fits = |sense: &&Sense| match sense.language {
            Language::English => true,
            other => foreign == Some(other) || (foreign.is_none() && !known),
        };
        let senses: Vec<&Sense> = all.filter(fits).collect();
        if !senses.is_empty() {
            return (taken, senses);
        }
    }
    (1, Vec::new())
}

/// What each word counts by its place: the thing itself, what it is for, what it lacks.
fn weigh(read: &[Word], index: &Index, foreign: Option<Language>) -> Vec<f32> {
    let weights = index.weights;
    let mut found = Vec::with_capacity(read.len());
    let (mut first, mut absent) = (true, false);
    let mut head: Option<usize> = None;
    for (at, word) in read.iter().enumerate() {
        let written = word.written.as_str();
        let joins = written == "of" || written == "de" || written == "d";
        let container = head.and_then(|head| read.get(head));
        if joins && container.is_some_and(|word| CONTAINERS.contains(&word.stem.as_str())) {
            found.iter_mut().for_each(|weight: &mut f32| *weight *= 0.4);
            head = None;
        } else if at > 0 && (word.breaks || PREPOSITIONS.contains(&written) || joins) {
            first &= head.is_none();
        }
        absent = match () {
            () if ABSENT.contains(&written) => true,
            () if word.breaks || written == "with" || written == "and" => false,
            () => absent,
        };
        let little = says_little(written);
        let mut weight = if first { 1.0 } else { weights.later_word };
        if little {
            weight *= weights.little_word;
        }
        if absent {
            weight *= 0.2;
        }
        let far = at as f32 / WORDS_HALF;
        found.push(weight / (1.0 + far * far));
        let silent = says_nothing(written) || PREPOSITIONS.contains(&written);
        let named = head.is_some_and(|head| {
            foreign == Some(Language::French)
                || (little && read.get(head).is_some_and(|w| !says_little(&w.written)))
        });
        if first && !silent && !named {
            head = Some(at);
        }
    }
    if let Some(weight) = head.and_then(|head| found.get_mut(head)) {
        *weight *= weights.head_word;
    }
    found
}
