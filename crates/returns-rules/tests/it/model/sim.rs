//! A payment provider with its own ledger. It knows nothing of returns: references and amounts.
//!
//! It is as bad as they come: a reference called twice pays twice, answers get lost before and
//! after the money moved, words come late, twice and in any order, and money comes back.

use std::collections::{BTreeMap, BTreeSet};

use rand::{Rng, rngs::StdRng};

/// What the caller chose as reference: an account and a number.
pub type Reference = (u32, u32);

/// What a call answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Paid,
    Refused,
    Nothing,
}

/// What it knows of a reference, or says by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    Paid,
    Refused,
    TakenBack,
}

#[derive(Debug, Default)]
struct Entry {
    paid: Vec<i64>,
    taken_back: bool,
}

/// The provider.
#[derive(Debug, Default)]
pub struct Provider {
    book: BTreeMap<Reference, Entry>,
    refused: BTreeSet<Reference>,
    void: BTreeSet<Reference>,
    on_the_way: Vec<(Reference, i64)>,
    words: Vec<(Reference, Word)>,
}

impl Provider {
    fn execute(&mut self, reference: Reference, amount: i64) {
        if !self.void.contains(&reference) {
            self.book.entry(reference).or_default().paid.push(amount);
            self.words.push((reference, Word::Paid));
        }
    }

    /// Pays, refuses, or lets the caller wonder.
    pub fn pay(&mut self, rng: &mut StdRng, reference: Reference, amount: i64) -> Answer {
        match rng.random_range(0..100) {
            0..60 => {
                self.execute(reference, amount);
                Answer::Paid
            }
            60..70 => {
                self.refused.insert(reference);
                self.words.push((reference, Word::Refused));
                Answer::Refused
            }
            70..82 => {
                self.execute(reference, amount);
                Answer::Nothing
            }
            82..91 => {
                self.on_the_way.push((reference, amount));
                Answer::Nothing
            }
            _ => Answer::Nothing,
        }
    }

    /// Calls that were on their way arrive, and now and then money comes back.
    pub fn tick(&mut self, rng: &mut StdRng) {
        for (reference, amount) in std::mem::take(&mut self.on_the_way) {
            self.execute(reference, amount);
        }
        if rng.random_bool(0.2) {
            let paid = self.book.iter_mut().filter(|(_, entry)| !entry.taken_back);
            let mut paid: Vec<_> = paid.filter(|(_, entry)| !entry.paid.is_empty()).collect();
            if !paid.is_empty() {
                let at = rng.random_range(0..paid.len());
                let (reference, entry) = &mut paid[at];
                entry.taken_back = true;
                self.words.push((**reference, Word::TakenBack));
            }
        }
    }

    /// Something it says by itself; sometimes it will say it again.
    pub fn word(&mut self, rng: &mut StdRng) -> Option<(Reference, Word)> {
        if self.words.is_empty() {
            return None;
        }
        let at = rng.random_range(0..self.words.len());
        let again = rng.random_bool(0.2);
        Some(if again { self.words[at] } else { self.words.swap_remove(at) })
    }

    /// What it knows of a reference. Not knowing it says nothing: the call may be on its way.
    pub fn query(&self, reference: Reference) -> Option<Word> {
        if let Some(entry) = self.book.get(&reference) {
            return Some(if entry.taken_back { Word::TakenBack } else { Word::Paid });
        }
        self.refused.contains(&reference).then_some(Word::Refused)
    }

    /// Makes sure that a reference it does not know will never be paid.
    pub fn make_void(&mut self, reference: Reference) -> bool {
        let unknown = !self.book.contains_key(&reference);
        if unknown {
            self.void.insert(reference);
        }
        unknown
    }

    /// Money out, less what came back.
    pub fn net(&self, account: u32) -> i64 {
        let entries = self.book.range((account, 0)..=(account, u32::MAX));
        let kept = entries.filter(|(_, entry)| !entry.taken_back);
        kept.map(|(_, entry)| entry.paid.iter().sum::<i64>()).sum()
    }

    /// How often and how much a reference was paid.
    pub fn paid(&self, reference: Reference) -> (usize, i64) {
        let entry = self.book.get(&reference);
        entry.map_or((0, 0), |entry| (entry.paid.len(), entry.paid.iter().sum()))
    }

    /// Everything that was paid.
    pub fn references(&self) -> impl Iterator<Item = Reference> {
        self.book.keys().copied()
    }
}
