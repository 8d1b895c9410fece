//! Lists made ready for comparing: words by spelling, by sound and by what is left of them when a
//! letter is missing.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
};

use crate::{
    likeness::{consonants, likeness, plain, sound, transliterated, written},
    list::{Kind, List},
    words::{Class, Word, words},
};

/// A word of the lists.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) text: String,
    plain: String,
    sound: u32,
    /// The sound with what comes twice; `None`: its vowels are not written.
    consonants: Option<u32>,
    reached: bool,
    /// How much it tells, 0 to 1: rare words tell more.
    pub(crate) weight: f32,
    /// Names that it stands in, each once.
    pub(crate) names: Vec<u32>,
}

/// A name of an entry as words.
#[derive(Debug, Clone)]
pub(crate) struct IndexedName {
    pub(crate) list: u32,
    pub(crate) entry: u32,
    /// Which of the entry's names.
    pub(crate) alias: u32,
    /// Words in order.
    pub(crate) tokens: Vec<(u32, Class)>,
    /// Two neighbours written as one word: that word, and the place of the first.
    pub(crate) joins: Vec<(u32, usize)>,
    /// All weights together.
    pub(crate) weight: f32,
}

/// A word that is like a word that was asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Alike {
    pub(crate) token: u32,
    pub(crate) like: f32,
    pub(crate) by_sound: bool,
    /// What was asked for is a word of the lists itself, and no other way to write this one: hardly a
    /// slip.
    pub(crate) other: bool,
}

/// The lists, ready to be asked. Built once per set of versions, then only read.
#[derive(Debug, Clone, Default)]
pub struct Index {
    pub(crate) lists: Vec<List>,
    pub(crate) names: Vec<IndexedName>,
    pub(crate) tokens: Vec<Token>,
    by_text: HashMap<String, u32>,
    sounds: HashMap<String, u32>,
    consonants: HashMap<String, u32>,
    by_sound: Vec<Vec<u32>>,
    /// Words by their plain and their own spelling, and by what is left of it when a letter is missing.
    by_rest: Vec<(u64, u32)>,
}

/// The least that a naming word weighs.
const PLAIN_MIN: f32 = 0.3;
/// What a word weighs that many companies have.
const GENERIC: f32 = 0.15;
/// What a joining word weighs.
const PARTICLE: f32 = 0.05;
/// What a letter weighs that stands for nothing on the other side.
const INITIAL: f32 = 0.15;
/// Words with fewer letters are not looked for with a letter less.
const REST_MIN: usize = 4;
/// A sound that more words share tells nothing, and is not followed: it would cost time without
/// end. Real lists have some hundred words for the most common sound.
const SOUND_MAX: usize = 4_000;

fn hash(text: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// What is left of a word without one of its letters, for each letter; and the word itself.
fn rests(word: &str) -> Vec<u64> {
    let letters = word.as_bytes();
    let mut all = vec![hash(letters)];
    if letters.len() < REST_MIN {
        return all;
    }
    for left_out in 0..letters.len() {
        let kept = letters.iter().enumerate().filter(|(at, _)| *at != left_out);
        all.push(hash(&kept.map(|(_, letter)| *letter).collect::<Vec<_>>()));
    }
    all.sort_unstable();
    all.dedup();
    all
}

impl Index {
    /// Over these lists. Ships and aircraft are left out.
    #[must_use]
    pub fn new(lists: Vec<List>) -> Self {
        let mut index = Self::default();
        for (list_at, list) in lists.iter().enumerate() {
            for (entry_at, entry) in list.entries.iter().enumerate() {
                if entry.kind == Kind::Craft {
                    continue;
                }
                for (alias, name) in entry.names.iter().enumerate() {
                    let place = [list_at, entry_at, alias].map(|at| at as u32);
                    index.add(place, &words(&name.text));
                }
            }
        }
        index.weigh();
        index.lists = lists;
        index
    }

    /// The lists that are in it.
    #[must_use]
    pub fn lists(&self) -> &[List] {
        &self.lists
    }

    /// Names that are compared.
    #[must_use]
    pub fn names(&self) -> usize {
        self.names.len()
    }

    /// The number of a word; `fuzzy`: it is also found by what it is like.
    fn token(&mut self, text: &str, fuzzy: bool) -> u32 {
        if let Some(known) = self.by_text.get(text).copied() {
            if fuzzy {
                self.reach(known);
            }
            return known;
        }
        let number = self.tokens.len() as u32;
        let key = sound(text);
        let next = self.sounds.len() as u32;
        let sound = *self.sounds.entry(key).or_insert(next);
        if sound == next {
            self.by_sound.push(Vec::new());
        }
        let consonants = written(text).then(|| {
            let next = self.consonants.len() as u32;
            *self.consonants.entry(consonants(text)).or_insert(next)
        });
        let plain = plain(text);
        self.by_text.insert(text.to_owned(), number);
        let text = text.to_owned();
        let (reached, weight, names) = (false, 1.0, Vec::new());
        self.tokens.push(Token { text, plain, sound, consonants, reached, weight, names });
        if fuzzy {
            self.reach(number);
        }
        number
    }

    /// Makes a word known by its sound and spelling.
    fn reach(&mut self, number: u32) {
        let Some(token) = self.tokens.get_mut(number as usize).filter(|token| !token.reached)
        else {
            return;
        };
        token.reached = true;
        if let Some(all) = self.by_sound.get_mut(token.sound as usize) {
            all.push(number);
        }
        let both = [rests(&token.plain), rests(&token.text)];
        self.by_rest.extend(both.into_iter().flatten().map(|rest| (rest, number)));
    }

    fn add(&mut self, [list, entry, alias]: [u32; 3], words: &[Word]) {
        if words.is_empty() {
            return;
        }
        let name = self.names.len() as u32;
        let tokens: Vec<(u32, Class)> =
            words.iter().map(|word| (self.token(&word.text, true), word.class)).collect();
        let mut joins = Vec::new();
        for (at, pair) in words.windows(2).enumerate() {
            if let [first, second] = pair
                && first.text.len().min(second.text.len()) > 1
            {
                let both = format!("{}{}", first.text, second.text);
                joins.push((self.token(&both, false), at));
            }
        }
        for number in tokens.iter().map(|(token, _)| token).chain(joins.iter().map(|(t, _)| t)) {
            if let Some(token) = self.tokens.get_mut(*number as usize)
                && token.names.last() != Some(&name)
            {
                token.names.push(name);
            }
        }
        self.names.push(IndexedName { list, entry, alias, tokens, joins, weight: 0.0 });
    }

    /// Rare words weigh more: the logarithm of how few names have them.
    fn weigh(&mut self) {
        self.by_rest.sort_unstable();
        self.by_rest.dedup();
        let all = (self.names.len() as f32).max(1.0);
        for token in &mut self.tokens {
            let share = (1.0 + all / (token.names.len() as f32).max(1.0)).ln() / (1.0 + all).ln();
            token.weight = share.clamp(PLAIN_MIN, 1.0);
        }
        let weights: Vec<f32> = self
            .names
            .iter()
            .map(|name| name.tokens.iter().map(|(token, class)| self.weight(*token, *class)).sum())
            .collect();
        for (name, weight) in self.names.iter_mut().zip(weights) {
            name.weight = weight;
        }
    }

    pub(crate) fn weight(&self, token: u32, class: Class) -> f32 {
        match class {
            Class::Plain => self.tokens.get(token as usize).map_or(1.0, |token| token.weight),
            other => weight_of(other),
        }
    }

    /// What a word weighs that was asked for and is like nothing.
    pub(crate) fn weight_unknown(&self, word: &Word) -> f32 {
        match (word.class, self.by_text.get(&word.text)) {
            (Class::Plain, Some(token)) => self.weight(*token, Class::Plain),
            (class, _) => weight_of(class),
        }
    }

    pub(crate) fn exact(&self, text: &str) -> Option<u32> {
        self.by_text.get(text).copied()
    }

    /// Words of the lists that are like that one, by number.
    pub(crate) fn alike(&self, text: &str) -> Vec<Alike> {
        let mut found: BTreeMap<u32, Alike> = BTreeMap::new();
        let (own, plain) = (self.sounds.get(&sound(text)).copied(), plain(text));
        let exact = self.exact(text);
        let listed = exact.and_then(|token| self.tokens.get(token as usize));
        let listed = listed.is_some_and(|token| token.reached);
        let whole = written(text).then(|| self.consonants.get(&consonants(text)).copied());
        let mut note = |token: u32| {
            let Some(candidate) = self.tokens.get(token as usize) else { return };
            let by_sound = own == Some(candidate.sound)
                && match (whole, candidate.consonants) {
                    (Some(own), Some(known)) => own == Some(known),
                    _ => true,
                };
            if let Some(like) =
                likeness([text, &plain], [&candidate.text, &candidate.plain], by_sound)
            {
                let written = by_sound && transliterated(&plain, &candidate.plain);
                let other = listed && !written && exact != Some(token);
                found.insert(token, Alike { token, like, by_sound, other });
            }
        };
        if let Some(token) = exact {
            note(token);
        }
        let same = own.and_then(|sound| self.by_sound.get(sound as usize));
        for token in same.filter(|all| all.len() <= SOUND_MAX).into_iter().flatten() {
            note(*token);
        }
        let mut all = [rests(&plain), rests(text)].concat();
        all.sort_unstable();
        all.dedup();
        for rest in all {
            let from = self.by_rest.partition_point(|(known, _)| *known < rest);
            let all = self.by_rest.iter().skip(from).take_while(|(known, _)| *known == rest);
            for (_, token) in all {
                note(*token);
            }
        }
        found.into_values().collect()
    }
}

const fn weight_of(class: Class) -> f32 {
    match class {
        Class::Plain => 1.0,
        Class::Generic => GENERIC,
        Class::Particle => PARTICLE,
        Class::Initial => INITIAL,
    }
}
