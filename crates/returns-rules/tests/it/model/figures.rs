//! Facts that key figures are counted from, added up along a walk and compared with what happened.

use std::collections::BTreeMap;

use colibri_returns_rules::{
    case::{Action, Case, Change, Stock},
    exchange::Exchange,
    goods::{Extra, Grade},
    kpi::{Fact, facts},
    money::State,
};
use time::OffsetDateTime;

use super::check::law;

/// Sums of facts, and of what they should say.
#[derive(Debug, Default)]
pub struct Figures {
    received: BTreeMap<u16, i64>,
    graded: BTreeMap<(u16, Grade), i64>,
    disposed: i64,
    restocked: BTreeMap<u32, u32>,
    refunded: i64,
    reversed: i64,
    exchanged: i64,
    closed: i64,
    counted: BTreeMap<u16, i64>,
    inspected: BTreeMap<(u16, Grade), i64>,
    gone: i64,
    closings: i64,
}

impl Figures {
    /// Adds up the facts of one command, and beside them the command itself.
    pub fn note(
        &mut self,
        (before, after): (&Case, &Case),
        at: OffsetDateTime,
        changes: &[Change],
    ) -> Result<(), String> {
        for fact in facts(before, after, at, changes) {
            self.fact(&fact)?;
        }
        for change in changes {
            match *change {
                Change::Accepted { ref action, .. } => self.action(action),
                Change::Found { line, extra: Extra::Surplus, units } => {
                    *self.counted.entry(line).or_default() -= i64::from(units);
                }
                Change::Closed => self.closings += 1,
                Change::Answered { scope, number, state: State::Reversed } => {
                    // What was taken back before anybody heard that it was paid was never told.
                    let known = before.ledger(scope).and_then(|l| l.instructions().get(&number));
                    let told = known.filter(|known| known.state == State::Refunded);
                    self.reversed += told.map_or(0, |known| known.amount);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn action(&mut self, action: &Action) {
        match *action {
            Action::Receive { line, units, .. } => {
                *self.counted.entry(line).or_default() += i64::from(units);
            }
            Action::Inspect { line, grade, units } => {
                *self.inspected.entry((line, grade)).or_default() += i64::from(units);
            }
            Action::Dispose { units, .. } => self.gone += i64::from(units),
            _ => {}
        }
    }

    fn fact(&mut self, fact: &Fact) -> Result<(), String> {
        let since = |seconds: &Option<i64>| seconds.is_none_or(|seconds| seconds >= 0);
        match fact {
            Fact::Received { line, units, .. } => {
                *self.received.entry(*line).or_default() += i64::from(*units);
            }
            Fact::Graded { line, grade, units, after_receipt } => {
                law(since(after_receipt), "graded after the receipt")?;
                *self.graded.entry((*line, *grade)).or_default() += i64::from(*units);
            }
            Fact::Disposed { units, .. } => self.disposed += i64::from(*units),
            Fact::Restocked { booking, units, .. } => {
                let twice = self.restocked.insert(*booking, *units);
                law(twice.is_none(), "a booking is restocked once")?;
            }
            Fact::Refunded { amount, .. } => self.refunded += amount,
            Fact::Exchanged { units, .. } => self.exchanged += i64::from(*units),
            Fact::Closed { .. } => self.closed += 1,
            _ => {}
        }
        Ok(())
    }

    /// Facts say what happened.
    pub fn check(&self, case: &Case) -> Result<(), String> {
        let some = |all: &BTreeMap<u16, i64>| {
            all.iter().filter(|(_, n)| **n != 0).map(|(l, n)| (*l, *n)).collect::<Vec<_>>()
        };
        law(some(&self.received) == some(&self.counted), "units received are those counted")?;
        law(self.graded == self.inspected, "units graded are those inspected")?;
        law(self.disposed == self.gone, "units disposed are those that left")?;
        law(self.closed == self.closings, "each closing is told once")?;
        let booked = case.stock().iter().filter(|(_, answer)| **answer == Stock::Confirmed);
        let booked: BTreeMap<u32, u32> =
            booked.filter_map(|(n, _)| Some((*n, case.booking(*n)?.1))).collect();
        law(booked == self.restocked, "restocked is what the owner of the stock confirmed")?;
        let paid: i64 = case.ledgers().map(|(_, ledger)| ledger.ordered(State::Refunded)).sum();
        law(self.refunded - self.reversed == paid, "refunded is what is paid and stays paid")?;
        let done = case.exchanges().values().filter(|link| link.state == Exchange::Completed);
        let done: i64 = done.map(|link| i64::from(link.units)).sum();
        law(self.exchanged == done, "exchanged is what was completed")
    }
}
