//! Where the money of a line, or of the delivery charge, is: a ledger whose balance always closes.
//!
//! Each unit has the exact value that was paid for it and funds at most one outcome. The value of
//! the units of an outcome lies in buckets and instructions, and nowhere else:
//! `Σ buckets + Σ open or confirmed instructions = Σ values`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What becomes of a unit's value. One unit funds one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Paid back.
    Refund,
    /// As credit at the shop, where the buyer chose it.
    Credit,
    /// As payment of a replacement.
    Exchange,
    /// Nothing: assessed as not refundable, with a code.
    Nothing,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [Self::Refund, Self::Credit, Self::Exchange, Self::Nothing];
}

/// Where an amount lies that is in no instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    /// Assessed, nobody has decided.
    Pending,
    /// Approved, not yet ordered.
    Due,
    /// Denied by a person, with reason and evidence.
    Denied,
    /// Paid back by somebody else, by observation.
    Elsewhere,
    /// Paid back by us and taken back by the payment side: a person decides.
    Reversed,
    /// A reversal a person has accepted.
    Settled,
    /// Return fee that was shown before confirmation.
    Fees,
    /// Paid for a replacement.
    Spent,
    /// Not refundable.
    Void,
}

impl Bucket {
    /// Every bucket.
    pub const ALL: [Self; 9] = [
        Self::Pending,
        Self::Due,
        Self::Denied,
        Self::Elsewhere,
        Self::Reversed,
        Self::Settled,
        Self::Fees,
        Self::Spent,
        Self::Void,
    ];

    /// Is nothing more awaited of an amount there?
    #[must_use]
    pub const fn is_end(self) -> bool {
        !matches!(self, Self::Pending | Self::Due | Self::Reversed)
    }

    /// Has the buyer got it, or is it decided that they get it?
    #[must_use]
    pub const fn is_granted(self) -> bool {
        matches!(self, Self::Due | Self::Elsewhere | Self::Spent)
    }
}

/// Where an instruction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Written down, before anybody is called.
    Triggered,
    /// The answer was lost: money may have moved.
    InDoubt,
    /// Confirmed by the payment side.
    Refunded,
    /// Definitely refused: nothing moved. The amount is due again.
    Refused,
    /// Paid back, and taken back by the payment side.
    Reversed,
    /// Refused first and paid all the same: counted as paid by somebody else.
    PaidLate,
}

impl State {
    /// Does the instruction hold its amount?
    #[must_use]
    pub const fn holds(self) -> bool {
        matches!(self, Self::Triggered | Self::InDoubt | Self::Refunded)
    }

    /// May an answer still come?
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Triggered | Self::InDoubt)
    }
}

/// By which way it is paid back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The way it was paid.
    OriginalPayment,
    /// Store credit or gift card; the buyer chose it.
    StoreCredit,
    /// Bank transfer, when the original way is closed.
    BankTransfer,
}

/// One order to pay back. Its reference outside is (case, scope, number).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instruction {
    /// In the smallest unit of the payment's currency.
    pub amount: i64,
    /// Which units' value it pays.
    pub outcome: Outcome,
    /// By which way.
    pub method: Method,
    /// Where it is.
    pub state: State,
    /// Marked on disk before the call: after a crash an instruction not so marked was not called.
    pub sent: bool,
}

/// The ledger cannot follow: the change was not made for this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the ledger does not hold what the change moves")]
pub struct Unbalanced;

/// The money of one line or of the delivery charge, in the smallest unit of one currency.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    units: Vec<(i64, Option<Outcome>)>,
    buckets: BTreeMap<(Outcome, Bucket), i64>,
    instructions: BTreeMap<u32, Instruction>,
    excess: i64,
}

/// What was paid, by unit: cents that do not divide lie on the first ones.
#[must_use]
pub fn unit_values(units: u32, paid: i64) -> Vec<i64> {
    let (count, paid) = (i64::from(units.max(1)), paid.max(0));
    let (each, rest) = (paid / count, paid % count);
    (0..units).map(|at| each + i64::from(i64::from(at) < rest)).collect()
}

impl Ledger {
    /// A ledger over the units that other returns of the order have not used.
    #[must_use]
    pub fn new(values: impl IntoIterator<Item = i64>) -> Self {
        let units = values.into_iter().map(|value| (value, None)).collect();
        Self { units, ..Self::default() }
    }

    /// Units that fund this.
    #[must_use]
    pub fn funded(&self, outcome: Outcome) -> u32 {
        let all = self.units.iter().filter(|(_, funds)| *funds == Some(outcome));
        u32::try_from(all.count()).unwrap_or(u32::MAX)
    }

    /// Values of the units that fund this, in their order.
    pub fn values(&self, outcome: Outcome) -> impl Iterator<Item = i64> + '_ {
        let all = self.units.iter().filter(move |(_, funds)| *funds == Some(outcome));
        all.map(|(value, _)| *value)
    }

    /// Units that fund anything, or were assessed as not refundable.
    #[must_use]
    pub fn allocated(&self) -> u32 {
        let all = self.units.iter().filter(|(_, funds)| funds.is_some());
        u32::try_from(all.count()).unwrap_or(u32::MAX)
    }

    /// Most that this many units can be worth.
    #[must_use]
    pub fn value_of(&self, units: u32) -> i64 {
        let units = usize::try_from(units).unwrap_or(usize::MAX);
        self.units.iter().take(units).map(|(value, _)| value).sum()
    }

    /// An amount in a bucket.
    #[must_use]
    pub fn in_bucket(&self, outcome: Outcome, bucket: Bucket) -> i64 {
        self.buckets.get(&(outcome, bucket)).copied().unwrap_or_default()
    }

    /// An amount in a bucket, over all outcomes.
    #[must_use]
    pub fn total(&self, bucket: Bucket) -> i64 {
        Outcome::ALL.iter().map(|outcome| self.in_bucket(*outcome, bucket)).sum()
    }

    /// Amounts of instructions in a state.
    #[must_use]
    pub fn ordered(&self, state: State) -> i64 {
        let all = self.instructions.values().filter(|known| known.state == state);
        all.map(|known| known.amount).sum()
    }

    /// Gone, or perhaps gone, or promised: what the buyer has or will get.
    #[must_use]
    pub fn granted(&self) -> i64 {
        let held = self.instructions.values().filter(|known| known.state.holds());
        let kept = Bucket::ALL.iter().filter(|bucket| bucket.is_granted());
        held.map(|known| known.amount).sum::<i64>()
            + kept.map(|bucket| self.total(*bucket)).sum::<i64>()
            + self.excess
    }

    /// Paid by somebody else beyond what was left to pay: to be recovered.
    #[must_use]
    pub const fn excess(&self) -> i64 {
        self.excess
    }

    /// Instructions by number.
    #[must_use]
    pub const fn instructions(&self) -> &BTreeMap<u32, Instruction> {
        &self.instructions
    }

    /// Is an answer missing?
    #[must_use]
    pub fn in_doubt(&self) -> bool {
        self.instructions.values().any(|known| known.state == State::InDoubt)
    }

    /// What somebody still has to decide, to order or to answer for.
    #[must_use]
    pub fn open(&self) -> i64 {
        let waits = Bucket::ALL.iter().filter(|bucket| !bucket.is_end());
        waits.map(|bucket| self.total(*bucket)).sum::<i64>()
            + self.ordered(State::Triggered)
            + self.ordered(State::InDoubt)
    }

    /// Is every amount at an end?
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        Bucket::ALL.iter().all(|bucket| bucket.is_end() || self.total(*bucket) == 0)
            && !self.instructions.values().any(|known| known.state.is_open())
    }

    /// Values of the units that would be taken next, in order, from those that fund `from`.
    pub(crate) fn next_units(&self, from: Option<Outcome>, count: u32) -> Option<i64> {
        let count = usize::try_from(count).ok()?;
        let of = self.units.iter().filter(|(_, funds)| *funds == from);
        let values: Vec<i64> = of.map(|(value, _)| *value).collect();
        if values.len() < count {
            return None;
        }
        // First ones are given away first, last ones are given back first.
        let skip = if from.is_none() { 0 } else { values.len() - count };
        Some(values.iter().skip(skip).take(count).sum())
    }

    pub(crate) fn fund(
        &mut self,
        from: Option<Outcome>,
        to: Option<Outcome>,
        count: u32,
    ) -> Result<(), Unbalanced> {
        let value = self.next_units(from, count).ok_or(Unbalanced)?;
        let mut left = count;
        let pick = |funds: &mut Option<Outcome>| {
            if left > 0 && *funds == from {
                *funds = to;
                left -= 1;
            }
        };
        if from.is_none() {
            self.units.iter_mut().map(|(_, funds)| funds).for_each(pick);
        } else {
            self.units.iter_mut().rev().map(|(_, funds)| funds).for_each(pick);
        }
        if let Some(outcome) = from {
            self.change(outcome, Self::entry(outcome), -value)?;
        }
        to.map_or(Ok(()), |outcome| self.change(outcome, Self::entry(outcome), value))
    }

    const fn entry(outcome: Outcome) -> Bucket {
        if matches!(outcome, Outcome::Nothing) { Bucket::Void } else { Bucket::Pending }
    }

    fn change(&mut self, outcome: Outcome, bucket: Bucket, by: i64) -> Result<(), Unbalanced> {
        let amount = self.buckets.entry((outcome, bucket)).or_default();
        *amount = amount.checked_add(by).filter(|amount| *amount >= 0).ok_or(Unbalanced)?;
        Ok(())
    }

    pub(crate) fn shift(
        &mut self,
        outcome: Outcome,
        from: Bucket,
        to: Bucket,
        amount: i64,
    ) -> Result<(), Unbalanced> {
        self.change(outcome, from, -amount)?;
        self.change(outcome, to, amount)
    }

    pub(crate) fn exceed(&mut self, amount: i64) -> Result<(), Unbalanced> {
        self.excess = self.excess.checked_add(amount).ok_or(Unbalanced)?;
        Ok(())
    }

    pub(crate) fn trigger(&mut self, number: u32, new: Instruction) -> Result<(), Unbalanced> {
        if self.instructions.contains_key(&number) {
            return Err(Unbalanced);
        }
        self.change(new.outcome, Bucket::Due, -new.amount)?;
        self.instructions.insert(number, new);
        Ok(())
    }

    pub(crate) fn sent(&mut self, number: u32) -> Result<(), Unbalanced> {
        self.instructions.get_mut(&number).ok_or(Unbalanced)?.sent = true;
        Ok(())
    }

    pub(crate) fn answered(&mut self, number: u32, state: State) -> Result<(), Unbalanced> {
        let known = self.instructions.get_mut(&number).ok_or(Unbalanced)?;
        let (held, outcome, amount) = (known.state.holds(), known.outcome, known.amount);
        known.state = state;
        if !held || state.holds() {
            return Ok(());
        }
        let to = if state == State::Reversed { Bucket::Reversed } else { Bucket::Due };
        self.change(outcome, to, amount)
    }
}
