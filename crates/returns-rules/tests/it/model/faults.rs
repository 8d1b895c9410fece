//! Faults planted between the rules and the case, to show that the checker notices.

use colibri_returns_rules::{
    Refusal,
    case::{Action, Case, Change, Command, LabelState, Scope, decide},
    exchange::{Difference, Link},
    goods::Place,
    money::{Bucket, Outcome, State},
};

/// One planted fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The call goes out, the instruction's row was never written.
    NoInstructionRow,
    /// The mark before the call is never written.
    NoSentMark,
    /// After a crash everything that has no answer is called again.
    CalledAgain,
    /// No answer is taken for a refusal.
    SilenceIsRefusal,
    /// A count is counted twice.
    CountedTwice,
    /// A repeated command is a new one.
    KeysIgnored,
    /// Nobody asks what was paid.
    ApprovedAboveValue,
    /// Money that came back is not noted.
    ReversalNotCounted,
    /// What the channel paid is not noted.
    ElsewhereIgnored,
    /// Units fund something again.
    FundedTwice,
    /// Orphans go to stock.
    OrphanDisposed,
    /// The goods are at an end, the money is not looked at.
    ClosedByGoodsAlone,
    /// A late scan takes goods from the bench.
    LateScanMoves,
    /// Nobody asks what was shipped.
    AdvisedAboveShipped,
    /// What a return takes from an orphan stays with the orphan, too.
    OrphanInTwoPlaces,
    /// A second replacement for the same units.
    ReplacedTwice,
    /// The replacement leaves, the buyer has not paid what it costs more.
    SentUnpaid,
    /// The buyer paid more for a replacement that never leaves, and nobody knows.
    DifferenceKept,
    /// What others paid is noted beside what is still owed.
    ElsewhereOnTop,
    /// What others paid for is sent as a replacement as well.
    ElsewhereReplaced,
}

impl Fault {
    pub const ALL: [Self; 20] = [
        Self::NoInstructionRow,
        Self::NoSentMark,
        Self::CalledAgain,
        Self::SilenceIsRefusal,
        Self::CountedTwice,
        Self::KeysIgnored,
        Self::ApprovedAboveValue,
        Self::ReversalNotCounted,
        Self::ElsewhereIgnored,
        Self::FundedTwice,
        Self::OrphanDisposed,
        Self::ClosedByGoodsAlone,
        Self::LateScanMoves,
        Self::AdvisedAboveShipped,
        Self::OrphanInTwoPlaces,
        Self::ReplacedTwice,
        Self::SentUnpaid,
        Self::DifferenceKept,
        Self::ElsewhereOnTop,
        Self::ElsewhereReplaced,
    ];
}

/// The shipped rules, or a spoiled copy of them.
pub fn ruled(
    fault: Option<Fault>,
    case: &Case,
    command: &Command,
    fresh: u128,
) -> Result<Vec<Change>, Refusal> {
    let Some(fault) = fault else { return decide(case, command) };
    if fault == Fault::KeysIgnored {
        return decide(case, &Command { key: fresh, ..command.clone() });
    }
    match decide(case, command) {
        Ok(changes) => Ok(spoil(fault, case, command, changes)),
        Err(refusal) => permit(fault, case, command, refusal),
    }
}

fn spoil(fault: Fault, case: &Case, command: &Command, mut changes: Vec<Change>) -> Vec<Change> {
    match fault {
        Fault::NoInstructionRow => {
            changes.retain(|change| !matches!(change, Change::Triggered { .. }));
        }
        Fault::NoSentMark => changes.retain(|change| !matches!(change, Change::Sent { .. })),
        Fault::ReversalNotCounted => changes
            .retain(|change| !matches!(change, Change::Answered { state: State::Reversed, .. })),
        Fault::ElsewhereIgnored => changes.retain(|change| {
            !matches!(
                change,
                Change::Shifted { to: Bucket::Elsewhere, .. } | Change::Exceeded { .. }
            )
        }),
        Fault::ElsewhereOnTop => {
            for change in &mut changes {
                if let Change::Shifted { scope, to: Bucket::Elsewhere, amount, .. } = *change {
                    *change = Change::Exceeded { scope, amount };
                }
            }
        }
        Fault::ElsewhereReplaced if matches!(command.action, Action::Elsewhere { .. }) => {
            changes.retain(|change| !matches!(change, Change::Exchanged { .. }));
        }
        Fault::SilenceIsRefusal => {
            for change in &mut changes {
                if let Change::Answered { state, .. } = change {
                    *state = if *state == State::InDoubt { State::Refused } else { *state };
                }
            }
        }
        Fault::CountedTwice => {
            for change in &mut changes {
                if let Change::Moved { line, from, to: (Place::Received, _), units, .. } = change {
                    let known = case.lines().get(line);
                    let there = known.map_or(0, |line| line.custody().at_in(from.0, from.1));
                    *units = if there >= *units * 2 { *units * 2 } else { *units };
                }
            }
        }
        Fault::ClosedByGoodsAlone => {
            let goods = |line: &colibri_returns_rules::case::Line| line.custody().is_terminal();
            if !changes.is_empty() && !case.lines().is_empty() && case.lines().values().all(goods) {
                changes.push(Change::Closed);
            }
        }
        Fault::LateScanMoves => late_scan(case, command, &mut changes),
        Fault::SentUnpaid => {
            for change in &mut changes {
                if let Change::Exchanged { link, .. } = change {
                    let due = link.difference == Difference::Due;
                    link.difference = if due { Difference::None } else { link.difference };
                }
            }
        }
        Fault::DifferenceKept => {
            for change in &mut changes {
                if let Change::Exchanged { link, .. } = change
                    && link.difference == Difference::Owed
                {
                    link.difference = Difference::None;
                }
            }
        }
        _ => {}
    }
    changes
}

fn late_scan(case: &Case, command: &Command, changes: &mut Vec<Change>) {
    let Action::Scan { label } = command.action else { return };
    let late = case.label(label) == Some(LabelState::Arrived) && !changes.is_empty();
    let found = case.lines().iter().find(|(_, line)| line.custody().at(Place::Received) > 0);
    if let (true, Some((line, _))) = (late, found) {
        let (from, to) = ((Place::Received, None), (Place::InTransit, Some(label)));
        changes.push(Change::Moved { line: *line, from, to, units: 1, at: command.at });
    }
}

fn permit(
    fault: Fault,
    case: &Case,
    command: &Command,
    refusal: Refusal,
) -> Result<Vec<Change>, Refusal> {
    let Command { key, at, ref action, .. } = *command;
    let accepted = Change::Accepted { key, at, action: action.clone() };
    let change = match (fault, refusal, action) {
        (
            Fault::ReplacedTwice,
            Refusal::UnitAlreadyFunded,
            &Action::Exchange { number, line, units, price, mode },
        ) if units > 0 && !case.exchanges().contains_key(&number) => {
            let value = case.lines()[&line].ledger().value_of(units);
            Change::Exchanged { number, link: Link::new(line, units, value, price, mode) }
        }
        (
            Fault::ApprovedAboveValue,
            Refusal::RefundExceedsPaid,
            &Action::Approve { scope, outcome, amount },
        ) if pending(case, scope, outcome) >= amount => {
            Change::Shifted { scope, outcome, from: Bucket::Pending, to: Bucket::Due, amount }
        }
        (
            Fault::FundedTwice,
            Refusal::UnitAlreadyFunded,
            &Action::Assess { scope: scope @ Scope::Line(line), outcome, units },
        ) if free(case, line) >= units && units > 0 => {
            Change::Funded { scope, from: None, to: Some(outcome), units }
        }
        (
            Fault::OrphanDisposed,
            Refusal::OrphanBlocks,
            &Action::Dispose { line, grade, disposition, units, .. },
        ) if case.lines().get(&line).is_some_and(|l| l.custody().inspected(grade) >= units) => {
            Change::Disposed { line, grade, disposition, units, stock: None, at }
        }
        (
            Fault::AdvisedAboveShipped,
            Refusal::QuantityExceedsAdvised,
            &Action::Advise { line, units },
        ) => Change::Advised { line, units, at },
        _ => return Err(refusal),
    };
    Ok(vec![accepted, change])
}

/// Units of the order that fund nothing, announced or not.
fn free(case: &Case, line: u16) -> u32 {
    let facts = &case.order().unwrap().lines[&line];
    facts.shipped - facts.elsewhere - case.lines()[&line].ledger().allocated()
}

fn pending(case: &Case, scope: Scope, outcome: Outcome) -> i64 {
    case.ledger(scope).map_or(0, |ledger| ledger.in_bucket(outcome, Bucket::Pending))
}
