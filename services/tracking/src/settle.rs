//! What an answer does to a parcel: pure, so that it can be proven on any order of answers.

use std::collections::{HashMap, HashSet};

use colibri_carriers::{Headline, Party};
use time::OffsetDateTime;

use crate::{
    domain::{
        fact::Fact,
        schedule::Pace,
        state::{State, Told},
    },
    store::{facts::Kept, parcels::Parcel},
};

/// What happened around a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The carrier called.
    Pushed,
    /// We asked and were told something.
    Told,
    /// We asked and learnt nothing: not found, unreadable, or no answer.
    Nothing,
    /// We voided the label.
    Voided,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Facts to write.
    pub writes: Vec<Fact>,
    /// Those of them that are new.
    pub fresh: HashSet<[u8; 32]>,
    /// Headline before.
    pub before: Headline,
    /// Who had to act before.
    pub before_party: Option<Party>,
    /// What must be told.
    pub told: Told,
    /// The parcel has a new version.
    pub changed: bool,
    /// The row must be written.
    pub dirty: bool,
}

/// New facts and richer copies of known ones, each once.
fn gather(known: &[Kept], told: &[Fact]) -> (Vec<Fact>, HashSet<[u8; 32]>) {
    let mut all: HashMap<[u8; 32], (Fact, bool)> = HashMap::with_capacity(known.len());
    all.extend(known.iter().map(|kept| (kept.fact.dedupe, (kept.fact.clone(), false))));
    let mut fresh = HashSet::new();
    for fact in told.iter().filter(|fact| !fact.is_padding()) {
        match all.get_mut(&fact.dedupe) {
            Some((held, dirty)) => {
                if let Some(merged) = held.merged(fact) {
                    (*held, *dirty) = (merged, true);
                }
            }
            None => {
                fresh.insert(fact.dedupe);
                all.insert(fact.dedupe, (fact.clone(), true));
            }
        }
    }
    let dirty = all.into_values().filter(|(_, dirty)| *dirty);
    let mut writes: Vec<Fact> = dirty.map(|(fact, _)| fact).collect();
    writes.sort_unstable_by_key(|fact| fact.dedupe);
    (writes, fresh)
}

/// Applies what was told. `polled`: the carrier can be asked about this parcel at all.
#[must_use]
pub fn settle(
    pace: &Pace,
    parcel: &mut Parcel,
    known: &[Kept],
    told: &[Fact],
    answer: Answer,
    polled: bool,
    now: OffsetDateTime,
) -> Settled {
    let (writes, fresh) = gather(known, told);
    let voids = answer == Answer::Voided && !parcel.voided;
    let before = parcel.state.clone();
    parcel.voided |= voids;
    if !writes.is_empty() || voids {
        let rewritten: HashMap<_, _> = writes.iter().map(|fact| (fact.dedupe, fact)).collect();
        let kept = known.iter().map(|kept| &kept.fact);
        let untouched = kept.filter(|fact| !rewritten.contains_key(&fact.dedupe));
        parcel.state = State::of(untouched.chain(&writes), parcel.voided);
    }
    let told = Told::between(&before, &parcel.state);
    let changed = !writes.is_empty() || voids || parcel.state != before;
    if changed {
        parcel.version += 1;
        parcel.changed_at = now;
    }
    if told.status {
        parcel.state_at = now;
    }
    if !fresh.is_empty() {
        parcel.news_at = now;
    }
    match answer {
        Answer::Told => parcel.misses = 0,
        Answer::Nothing => parcel.misses = parcel.misses.saturating_add(1),
        Answer::Pushed | Answer::Voided => {}
    }
    let asked = matches!(answer, Answer::Told | Answer::Nothing);
    parcel.polls += u64::from(asked);
    if asked || told.status || voids {
        let wait = if polled { pace.next(&parcel.situation(now)) } else { None };
        parcel.next_poll_at = wait.map(|wait| now.saturating_add(wait));
    }
    Settled {
        fresh,
        before: before.headline,
        before_party: before.party,
        told,
        changed,
        dirty: changed || asked,
        writes,
    }
}

#[cfg(test)]
mod tests;
