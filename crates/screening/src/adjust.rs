//! What raises and lowers a score beyond the words that match.

use crate::{
    answer::{Adjustment, How, Party, PartyKind},
    index::{Index, IndexedName},
    likeness::SPELLING,
    list::Quality,
    screen::{Judgement, thousandths},
};

/// A word is rare that one of so many names has, or one like it.
const RARE: usize = 1_000;
/// Of short lists a word is rare that so many names have.
const RARE_MIN: usize = 3;

impl Index {
    pub(crate) fn adjust(
        &self,
        share: f32,
        missing: [usize; 2],
        lone: bool,
        name: &IndexedName,
        party: &Party<'_>,
        judgement: &mut Judgement<'_>,
    ) {
        let mut score = share;
        let naming = || judgement.pairs.iter().filter(|pair| pair.naming);
        let near = naming().any(|pair| pair.like < SPELLING);
        let rare = (self.names.len() / RARE).max(RARE_MIN);
        let weak = naming()
            .any(|pair| pair.like < SPELLING && (pair.how == How::Spelling || pair.crowd > rare));
        let common = naming().all(|pair| pair.crowd > rare);
        let (others, same) = naming().fold((0, 0), |(others, same), pair| {
            (others + usize::from(pair.other), same + usize::from(pair.like >= SPELLING))
        });
        let mut by = |adjustment: Adjustment, factor: f32| {
            score *= factor;
            judgement.adjustments.push(adjustment);
        };
        if lone && missing.iter().any(|count| *count > 0) {
            by(Adjustment::LoneWord, 0.9);
        }
        if missing.iter().all(|count| *count > 0) {
            by(Adjustment::OtherWords, 0.85);
        }
        if near && missing.iter().any(|count| *count > 0) {
            by(Adjustment::NearOnly, if weak { 0.9 } else { 0.95 });
        }
        if common && missing.iter().sum::<usize>() > 1 {
            by(Adjustment::CommonWords, 0.95);
        }
        // Two more words that are the same outweigh it.
        if others > 0 && same < 2 {
            by(Adjustment::OtherName, 0.8);
        }
        let list = self.lists.get(name.list as usize);
        let entry = list.and_then(|list| list.entries.get(name.entry as usize));
        if let Some(entry) = entry {
            let alias = entry.names.get(name.alias as usize);
            if alias.is_some_and(|alias| alias.quality == Quality::Weak) {
                by(Adjustment::WeakName, 0.95);
            }
            if let Some(country) = party.country.filter(|_| !entry.countries.is_empty()) {
                match entry.countries.iter().any(|known| known == country) {
                    true => by(Adjustment::SameCountry, 1.02),
                    false => by(Adjustment::OtherCountry, 0.95),
                }
            }
            let person = party.kind != PartyKind::Organisation;
            if let Some(year) = party.birth_year.filter(|_| person && !entry.birth_years.is_empty())
            {
                // Lists often know the year give or take one.
                match entry.birth_years.iter().any(|known| known.abs_diff(year) <= 1) {
                    true => by(Adjustment::SameBirth, 1.03),
                    false => by(Adjustment::OtherBirth, 0.8),
                }
            }
        }
        judgement.score = thousandths(score);
    }
}
