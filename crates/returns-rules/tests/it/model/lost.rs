//! What came without a return: found, moved into the case or out of it, settled.

use colibri_returns_rules::{
    Refusal,
    case::{Action, Actor, Case, Change, Command},
    goods::Extra,
    orphan::{End, Found, adopt, expel},
};
use rand::{Rng, rngs::StdRng};

use super::{check::law, faults::Fault, words};

/// What nobody knew, and how often each unit was put somewhere by a count of its own.
#[derive(Debug, Default)]
pub struct Lost {
    all: Vec<Found>,
    units: i64,
    gone: i64,
    adopted: i64,
}

/// What one step changes, to be taken together or not at all.
pub struct Step {
    at: Option<usize>,
    found: Found,
    adopted: i64,
    gone: i64,
    pub changes: Vec<Change>,
}

impl Lost {
    /// Units that were found, and those that went into the case.
    pub const fn tally(&self) -> (i64, i64) {
        (self.units, self.adopted)
    }

    /// Something happens to what nobody knew.
    pub fn next(
        &self,
        rng: &mut StdRng,
        case: &Case,
        fault: Option<Fault>,
        command: &mut Command,
    ) -> Result<Step, Refusal> {
        command.by = words::actor(rng);
        let (units, line) = (rng.random_range(0..3), words::any(rng, &[1, 1, 2]));
        let at = rng.random_range(0..self.all.len().max(1));
        let found = self.all.get(at).cloned();
        let bare = |at, found, gone, changes| Step { at, found, adopted: 0, gone, changes };
        match (rng.random_range(0..10), found) {
            (0..2, _) | (_, None) => Ok(bare(None, Found::new(units)?, 0, Vec::new())),
            (2..4, _) => {
                let extra = words::any(rng, &[Extra::Surplus, Extra::Foreign]);
                command.action = Action::HandleExtra { line, extra, units };
                let (found, changes) = expel(case, command)?;
                Ok(bare(None, found.ok_or(Refusal::NoWay)?, 0, changes))
            }
            (4..8, Some(found)) => {
                command.action = Action::Receive { line, label: None, units };
                let (mut after, changes) = adopt(case, &found, command)?;
                if fault == Some(Fault::OrphanInTwoPlaces) {
                    after = found;
                }
                Ok(Step { at: Some(at), found: after, adopted: units.into(), gone: 0, changes })
            }
            (_, Some(found)) => {
                let end = words::any(rng, &End::ALL);
                let after = found.leave(end, units, command.by, rng.random_bool(0.5))?;
                Ok(bare(Some(at), after, units.into(), Vec::new()))
            }
        }
    }

    /// Takes a step, together with its changes of the case.
    pub fn take(&mut self, step: Step) {
        self.adopted += step.adopted;
        self.gone += step.gone;
        match step.at.and_then(|at| self.all.get_mut(at)) {
            Some(known) => *known = step.found,
            None => {
                self.units += i64::from(step.found.units());
                self.all.push(step.found);
            }
        }
    }

    /// A unit is here, or in the case, or gone: in one of them.
    pub fn check(&self) -> Result<(), String> {
        let held: i64 = self.all.iter().map(|found| i64::from(found.held())).sum();
        law(held + self.adopted + self.gone == self.units, "what was found is in one place")?;
        let at = |end| self.all.iter().map(|found| i64::from(found.at(end))).sum::<i64>();
        law(at(End::Matched) == self.adopted, "matched is what the return took")?;
        let gone = End::ALL.iter().filter(|end| **end != End::Matched);
        law(gone.map(|end| at(*end)).sum::<i64>() == self.gone, "gone is what a person let go")
    }
}

/// Only a person lets go, nothing is destroyed early, and nothing leaves twice.
#[test]
fn an_orphan_is_let_go_by_a_person() {
    let found = Found::new(2).unwrap();
    let person = Actor::Person(1);
    assert_eq!(found.leave(End::SentBack, 1, Actor::Policy, true), Err(Refusal::PersonRequired));
    assert_eq!(found.leave(End::Recycled, 1, person, false), Err(Refusal::NotExpired));
    assert_eq!(found.leave(End::Matched, 1, person, true), Err(Refusal::NoWay));
    let after = found.leave(End::Recycled, 2, person, true).unwrap();
    assert_eq!((after.held(), after.at(End::Recycled)), (0, 2));
    assert_eq!(after.leave(End::SentBack, 1, person, true), Err(Refusal::QuantityExceedsAdvised));
    assert_eq!(Found::new(0), Err(Refusal::Nothing));
}
