//! What may be done to an order in which state.

use crate::domain::facts::State;

/// What somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Let it wait.
    Hold,
    /// Check it again and let it go.
    Release,
    /// Replace what it says.
    Amend,
    /// End it.
    Cancel,
}

/// Whether it may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Do it.
    Go,
    /// It is so already: a repeated call answers the same.
    Unchanged,
    /// It may not; why, for the caller.
    Refused(&'static str),
}

/// The one table of transitions. `labelled`: a label is bought and not void.
#[must_use]
pub const fn step(state: State, labelled: bool, action: Action) -> Step {
    match (state, action) {
        (State::Cancelled, Action::Cancel) | (State::Accepted, Action::Release) => Step::Unchanged,
        (State::Cancelled, _) => Step::Refused("the order is cancelled"),
        (_, Action::Cancel) | (State::Held, Action::Hold | Action::Release) => Step::Go,
        (State::Accepted, Action::Hold) if labelled => {
            Step::Refused("its label is bought: cancel it instead")
        }
        (State::Accepted, Action::Hold) => Step::Go,
        (State::Accepted, Action::Amend) => Step::Refused("only a held order can be amended"),
        (State::Held, Action::Amend) if labelled => {
            Step::Refused("its label is bought: cancel it instead")
        }
        (State::Held, Action::Amend) => Step::Go,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_state_and_action_has_its_answer() {
        use Action::{Amend, Cancel, Hold, Release};
        use State::{Accepted, Cancelled, Held};
        // G: go, U: unchanged, R: refused; without a label, then with one.
        for (state, action, free, labelled) in [
            (Accepted, Hold, 'G', 'R'),
            (Accepted, Release, 'U', 'U'),
            (Accepted, Amend, 'R', 'R'),
            (Accepted, Cancel, 'G', 'G'),
            (Held, Hold, 'G', 'G'),
            (Held, Release, 'G', 'G'),
            (Held, Amend, 'G', 'R'),
            (Held, Cancel, 'G', 'G'),
            (Cancelled, Hold, 'R', 'R'),
            (Cancelled, Release, 'R', 'R'),
            (Cancelled, Amend, 'R', 'R'),
            (Cancelled, Cancel, 'U', 'U'),
        ] {
            for (has_label, wanted) in [(false, free), (true, labelled)] {
                let answer = match step(state, has_label, action) {
                    Step::Go => 'G',
                    Step::Unchanged => 'U',
                    Step::Refused(_) => 'R',
                };
                assert_eq!(answer, wanted, "{state:?} {action:?} label {has_label}");
            }
        }
    }
}
