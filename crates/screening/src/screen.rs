//! Is somebody on the lists? Every answer says which words of which name of which entry matched.
//!
//! The score is half of how much of the listed name was found, half of how much of the asked name
//! it explains, each word by its weight. Words that neither side finds in the other, one lone word
//! of several, weak names, another country or year of birth lower it.

use std::cmp::Ordering;

use crate::{
    answer::{Adjustment, Hit, How, Party, Screened, TokenMatch, Unreadable},
    decide::{Thresholds, Verdict},
    index::{Alike, Index, IndexedName},
    words::{Class, Word, words},
};

/// Most entries an answer names: a person looks at them, and a name that is like more is a list of
/// its own.
const HITS_MAX: usize = 20;
/// A letter stands for a word as surely as that.
const INITIAL_LIKE: f32 = 0.75;
/// Words of a listed name that were not asked for weigh that much less where two others match.
const SHORTENED: f32 = 0.6;
/// Names that have less of their weight found cannot reach any threshold that may be set.
const FOUND_MIN: f32 = 0.25;

/// Words of the party that are looked for as one: one of them, or two written together.
struct Unit {
    mask: u32,
    text: String,
    joined: bool,
    alike: Vec<Alike>,
    /// Names that the words which are like it stand in.
    crowd: usize,
}

/// A pair that may be taken.
pub(crate) struct Pair<'a> {
    unit: &'a str,
    listed: &'a str,
    asked_mask: u32,
    listed_mask: u32,
    pub(crate) like: f32,
    weight: f32,
    pub(crate) how: How,
    pub(crate) naming: bool,
    pub(crate) other: bool,
    /// Names of the lists with a word that is like the asked one.
    pub(crate) crowd: usize,
}

struct Asked {
    words: Vec<Word>,
    units: Vec<Unit>,
    weight: Vec<f32>,
    /// Has it words that name?
    naming: bool,
}

impl Index {
    /// Looks for a party.
    #[must_use]
    pub fn screen(&self, party: &Party<'_>, thresholds: Thresholds) -> Screened {
        let words = words(party.name);
        let unreadable = match words.iter().map(|word| word.text.len()).sum::<usize>() {
            0 => Some(Unreadable::Empty),
            1 => Some(Unreadable::TooShort),
            _ => None,
        };
        if unreadable.is_some() {
            return Screened { verdict: Verdict::Review, hits: Vec::new(), unreadable };
        }
        let asked = self.asked(words);
        let mut best: Vec<(u16, u32)> = Vec::new();
        for name in self.candidates(&asked) {
            let Some(indexed) = self.names.get(name as usize) else { continue };
            let score = self.judge(&asked, indexed, party).score;
            if score >= thresholds.review() {
                best.push((score, name));
            }
        }
        // Of an entry, the name that is most like it.
        let place = |name: u32| self.names.get(name as usize).map(|n| (n.list, n.entry, n.alias));
        best.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| place(a.1).cmp(&place(b.1))));
        let mut entries = Vec::new();
        let mut hits = Vec::new();
        for (_, name) in best {
            let Some((list, entry, _)) = place(name) else { continue };
            if entries.contains(&(list, entry)) || hits.len() == HITS_MAX {
                continue;
            }
            entries.push((list, entry));
            hits.extend(self.names.get(name as usize).and_then(|n| self.hit(&asked, n, party)));
        }
        let highest = hits.first().map_or(0, |hit: &Hit| hit.score);
        Screened { verdict: thresholds.verdict(highest), hits, unreadable }
    }

    fn asked(&self, words: Vec<Word>) -> Asked {
        let naming = words.iter().any(|word| word.class == Class::Plain);
        let mut units = Vec::new();
        for (at, word) in words.iter().enumerate() {
            let alike = match word.class {
                Class::Plain => self.alike(&word.text),
                Class::Initial => Vec::new(),
                Class::Generic | Class::Particle => self.same(&word.text),
            };
            let text = word.text.clone();
            let crowd = self.crowd(&alike);
            units.push(Unit { mask: 1 << at, text, joined: false, alike, crowd });
        }
        // Any two, in any order: the order of the words must not matter.
        let whole = |word: &Word| word.class != Class::Initial;
        for (i, one) in words.iter().enumerate().filter(|(_, word)| whole(word)) {
            let others = words.iter().enumerate().filter(|(j, word)| *j != i && whole(word));
            for (j, other) in others {
                let text = format!("{}{}", one.text, other.text);
                let alike = self.same(&text);
                if !alike.is_empty() {
                    let crowd = self.crowd(&alike);
                    units.push(Unit { mask: 1 << i | 1 << j, text, joined: true, alike, crowd });
                }
            }
        }
        let weight = words.iter().map(|word| self.weight_unknown(word)).collect();
        Asked { words, units, weight, naming }
    }

    fn crowd(&self, alike: &[Alike]) -> usize {
        let tokens = alike.iter().filter_map(|one| self.tokens.get(one.token as usize));
        tokens.map(|token| token.names.len()).sum()
    }

    fn same(&self, text: &str) -> Vec<Alike> {
        let token = self.exact(text);
        token
            .map(|token| Alike { token, like: 1.0, by_sound: true, other: false })
            .into_iter()
            .collect()
    }

    /// Names of which enough was found that they are worth a closer look.
    fn candidates(&self, asked: &Asked) -> Vec<u32> {
        let mut found = vec![0.0_f32; self.names.len()];
        let mut touched = Vec::new();
        for unit in &asked.units {
            let single = asked.words.get(unit.mask.trailing_zeros() as usize);
            let names = unit.joined || single.is_some_and(|word| word.class == Class::Plain);
            // Words that half of all companies have find nobody, unless there are no others.
            if !names && asked.naming {
                continue;
            }
            for alike in &unit.alike {
                let Some(token) = self.tokens.get(alike.token as usize) else { continue };
                for name in &token.names {
                    if let Some(sum) = found.get_mut(*name as usize) {
                        if *sum == 0.0 {
                            touched.push(*name);
                        }
                        *sum += alike.like * token.weight;
                    }
                }
            }
        }
        touched.retain(|name| {
            let sum = found.get(*name as usize).copied().unwrap_or_default();
            self.names.get(*name as usize).is_some_and(|n| sum >= FOUND_MIN * n.weight)
        });
        touched
    }

    fn pairs<'a>(&'a self, asked: &'a Asked, name: &'a IndexedName) -> Vec<Pair<'a>> {
        let mut pairs = Vec::new();
        let find = |unit: &Unit, token: u32| {
            let at = unit.alike.binary_search_by_key(&token, |alike| alike.token).ok()?;
            unit.alike.get(at).copied()
        };
        let text = |token: u32| self.tokens.get(token as usize).map_or("", |t| t.text.as_str());
        let how = |unit: &Unit, alike: Alike| match (alike.like >= 1.0, alike.by_sound) {
            _ if unit.joined => How::Joined,
            (true, _) => How::Same,
            (false, true) => How::Sound,
            (false, false) => How::Spelling,
        };
        for unit in &asked.units {
            for (at, (token, class)) in name.tokens.iter().enumerate() {
                if let Some(alike) = find(unit, *token) {
                    pairs.push(Pair {
                        unit: &unit.text,
                        listed: text(*token),
                        asked_mask: unit.mask,
                        listed_mask: 1 << at,
                        like: alike.like,
                        weight: self.weight(*token, *class),
                        how: how(unit, alike),
                        naming: *class == Class::Plain,
                        other: alike.other,
                        crowd: unit.crowd,
                    });
                }
            }
            for (token, at) in name.joins.iter().filter(|_| !unit.joined) {
                if let Some(alike) = find(unit, *token) {
                    let two = name.tokens.iter().skip(*at).take(2);
                    pairs.push(Pair {
                        unit: &unit.text,
                        listed: text(*token),
                        asked_mask: unit.mask,
                        listed_mask: 0b11 << at,
                        like: alike.like,
                        weight: two.map(|(token, class)| self.weight(*token, *class)).sum(),
                        how: How::Joined,
                        naming: true,
                        other: alike.other,
                        crowd: unit.crowd,
                    });
                }
            }
        }
        self.initials(asked, name, &mut pairs);
        pairs
    }

    /// A letter for a word, on either side.
    fn initials<'a>(&'a self, asked: &'a Asked, name: &'a IndexedName, pairs: &mut Vec<Pair<'a>>) {
        for (i, word) in asked.words.iter().enumerate() {
            for (j, (token, class)) in name.tokens.iter().enumerate() {
                let Some(listed) = self.tokens.get(*token as usize) else { continue };
                let first = |a: &str, b: &str| a.as_bytes().first() == b.as_bytes().first();
                let own = asked.weight.get(i).copied().unwrap_or_default();
                let weight = match (word.class, class) {
                    (Class::Initial, Class::Plain) => self.weight(*token, *class),
                    (Class::Plain, Class::Initial) => own,
                    (Class::Initial, Class::Initial) => own,
                    _ => continue,
                };
                if !first(&word.text, &listed.text) {
                    continue;
                }
                let same = word.text == listed.text;
                pairs.push(Pair {
                    unit: &word.text,
                    listed: &listed.text,
                    asked_mask: 1 << i,
                    listed_mask: 1 << j,
                    like: if same { 1.0 } else { INITIAL_LIKE },
                    weight,
                    how: if same { How::Same } else { How::Initial },
                    naming: false,
                    other: false,
                    crowd: 0,
                });
            }
        }
    }

    fn judge<'a>(
        &'a self,
        asked: &'a Asked,
        name: &'a IndexedName,
        party: &Party<'_>,
    ) -> Judgement<'a> {
        let mut pairs = self.pairs(asked, name);
        let gain = |pair: &Pair<'_>| pair.like * pair.weight;
        pairs.sort_by(|a, b| {
            let by_gain = gain(b).partial_cmp(&gain(a)).unwrap_or(Ordering::Equal);
            by_gain.then(a.listed_mask.cmp(&b.listed_mask)).then_with(|| a.unit.cmp(b.unit))
        });
        let (mut of_asked, mut of_listed) = (0_u32, 0_u32);
        pairs.retain(|pair| {
            let free = of_asked & pair.asked_mask == 0 && of_listed & pair.listed_mask == 0;
            if free {
                of_asked |= pair.asked_mask;
                of_listed |= pair.listed_mask;
            }
            free
        });
        let open = |at: usize, mask: u32| mask & (1 << at) == 0;
        let left_asked = asked.weight.iter().enumerate().filter(|(at, _)| open(*at, of_asked));
        // Sums of floats depend on their order, and the order of words must not matter.
        let mut left_asked: Vec<f32> = left_asked.map(|(_, weight)| *weight).collect();
        left_asked.sort_by(f32::total_cmp);
        let left_asked: f32 = left_asked.iter().sum();
        let left_listed = name.tokens.iter().enumerate().filter(|(at, _)| open(*at, of_listed));
        let left_listed: f32 =
            left_listed.map(|(_, (token, class))| self.weight(*token, *class)).sum();
        let found: f32 = pairs.iter().map(gain).sum();
        let paired: f32 = pairs.iter().map(|pair| pair.weight).sum();
        let mut judgement =
            Judgement { score: 0, pairs, of_asked, of_listed, adjustments: Vec::new() };
        let naming = judgement.pairs.iter().filter(|pair| pair.naming).count();
        if paired <= 0.0 || (naming == 0 && asked.naming) {
            return judgement;
        }
        // Who leaves out a middle name or the name of a father is still the same.
        let left_listed = if naming > 1 { left_listed * SHORTENED } else { left_listed };
        let share = (found / (paired + left_listed) + found / (paired + left_asked)) / 2.0;
        let missing_asked = asked.words.iter().enumerate();
        let missing_asked = missing_asked.filter(|(at, _)| open(*at, of_asked));
        let missing_asked = missing_asked.filter(|(_, word)| tells(word.class)).count();
        let missing_listed = name.tokens.iter().enumerate().filter(|(at, _)| open(*at, of_listed));
        let missing_listed = missing_listed.filter(|(_, (_, class))| tells(*class)).count();
        let lone = judgement.pairs.iter().filter(|p| p.weight > 0.2).count() < 2;
        self.adjust(share, [missing_asked, missing_listed], lone, name, party, &mut judgement);
        judgement
    }

    fn hit(&self, asked: &Asked, name: &IndexedName, party: &Party<'_>) -> Option<Hit> {
        let list = self.lists.get(name.list as usize)?;
        let entry = list.entries.get(name.entry as usize)?;
        let alias = entry.names.get(name.alias as usize)?;
        let judgement = self.judge(asked, name, party);
        let open = |at: usize, mask: u32| mask & (1 << at) == 0;
        let listed =
            name.tokens.iter().enumerate().filter(|(at, _)| open(*at, judgement.of_listed));
        let only_listed = listed.filter_map(|(_, (token, _))| self.tokens.get(*token as usize));
        let left = asked.words.iter().enumerate().filter(|(at, _)| open(*at, judgement.of_asked));
        let matched = judgement.pairs.iter().map(|pair| TokenMatch {
            asked: pair.unit.to_owned(),
            listed: pair.listed.to_owned(),
            how: pair.how,
            like: thousandths(pair.like),
        });
        Some(Hit {
            list: list.name.clone(),
            entry: entry.id.clone(),
            kind: entry.kind,
            name: alias.text.clone(),
            quality: alias.quality,
            score: judgement.score,
            matched: matched.collect(),
            only_listed: only_listed.map(|token| token.text.clone()).collect(),
            only_asked: left.map(|(_, word)| word.text.clone()).collect(),
            adjustments: judgement.adjustments.clone(),
        })
    }
}

pub(crate) struct Judgement<'a> {
    pub(crate) score: u16,
    pub(crate) pairs: Vec<Pair<'a>>,
    of_asked: u32,
    of_listed: u32,
    pub(crate) adjustments: Vec<Adjustment>,
}

/// Does a word that is missing speak against it?
const fn tells(class: Class) -> bool {
    matches!(class, Class::Plain | Class::Initial)
}

pub(crate) fn thousandths(share: f32) -> u16 {
    (share.clamp(0.0, 1.0) * 1_000.0).round() as u16
}
