//! What came without a return, on the walk.

use colibri_returns_rules::{
    Refusal,
    case::{Action, Actor, Change, apply},
};
use rand::Rng;

use super::Walk;

impl Walk<'_> {
    /// Something of nobody's: both sides in one transaction, or neither.
    pub(super) fn lost(&mut self) -> Result<(), String> {
        let mut command = self.command(Actor::Policy, Action::Agree);
        let mut step = Err(Refusal::Nothing);
        for _ in 0..6 {
            step = self.lost.next(&mut self.rng, &self.case, self.fault, &mut command);
            if step.is_ok() {
                break;
            }
        }
        match step {
            Ok(step) if self.rng.random_bool(0.98) => {
                let before = self.case.clone();
                for change in &step.changes {
                    self.tally.closed += u64::from(*change == Change::Closed);
                    self.tally.reopened += u64::from(*change == Change::Reopened);
                    apply(&mut self.case, change).map_err(|b| format!("{b}: {change:?}"))?;
                }
                self.figures.note((&before, &self.case), command.at, &step.changes)?;
                if !step.changes.is_empty() {
                    self.note(&command, &step.changes);
                    self.past.push(command);
                }
                self.lost.take(step);
            }
            Ok(_) => self.tally.crashes += 1,
            Err(refusal) => *self.tally.refused.entry(refusal).or_default() += 1,
        }
        Ok(())
    }

    /// Facts say what happened. Some planted faults take commands twice: then they do not.
    pub(super) fn check_figures(&self) -> Result<(), String> {
        if self.fault.is_some() { Ok(()) } else { self.figures.check(&self.case) }
    }
}
