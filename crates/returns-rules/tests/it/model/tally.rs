//! What happened on the walks.

use std::collections::BTreeMap;

use colibri_returns_rules::Refusal;

/// What happened, to show that the walks go somewhere.
#[derive(Debug, Default)]
pub struct Tally {
    pub steps: u64,
    pub cases: u64,
    pub taken: u64,
    pub repeated: u64,
    pub refused: BTreeMap<Refusal, u64>,
    pub crashes: u64,
    pub calls: u64,
    pub in_doubt: u64,
    pub reversals: u64,
    pub closed: u64,
    pub reopened: u64,
    pub refunded: i64,
    pub found: i64,
    pub adopted: i64,
}

impl Tally {
    /// Every kind of trouble has happened.
    pub fn is_worth_it(&self) {
        let seen = [self.taken, self.repeated, self.crashes, self.calls, self.in_doubt];
        assert!(seen.iter().all(|count| *count > 100), "{self:?}");
        assert!(self.found > 100 && self.adopted > 20, "{self:?}");
        let ends = [self.reversals, self.closed, self.reopened];
        assert!(ends.iter().all(|count| *count > 20), "{self:?}");
        assert!(self.refused.len() > 25 && self.refunded > 0, "{self:?}");
    }
}
