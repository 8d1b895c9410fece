//! The end of the day: whatever is open is asked about.

use colibri_returns_rules::{
    case::{Actor, Scope},
    money::State,
};

use super::{Walk, account};
use crate::model::sim::Word;

impl Walk<'_> {
    /// The end of the day: words are heard, doubts are asked about, the unknown is made void.
    pub(super) fn settle_all(&mut self) -> Result<(), String> {
        self.provider.tick(&mut self.rng);
        for _ in 0..40 {
            self.hear()?;
        }
        for round in 0..50 {
            let open = self.open();
            if open.is_empty() && round > 0 {
                break;
            }
            for (scope, number) in open {
                self.settle(scope, number)?;
            }
        }
        // A process that died while it heard a word is told again.
        for reference in self.provider.references().collect::<Vec<_>>() {
            for _ in 0..3 {
                if let Some(word) = self.provider.query(reference) {
                    self.observe(Actor::Provider, reference, word)?;
                }
            }
        }
        self.refunded();
        Ok(())
    }

    fn settle(&mut self, scope: Scope, number: u32) -> Result<(), String> {
        let reference = (account(scope), number);
        if let Some(word) = self.provider.query(reference) {
            return self.observe(Actor::Provider, reference, word);
        }
        if self.provider.make_void(reference) {
            return self.observe(Actor::Person(9), reference, Word::Refused);
        }
        Ok(())
    }

    fn refunded(&mut self) {
        let all = self.case.ledgers().map(|(_, ledger)| ledger.ordered(State::Refunded));
        self.tally.refunded += all.sum::<i64>();
    }
}
