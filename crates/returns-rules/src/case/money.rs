//! M1, M2, M7, M8: what is assessed, approved, denied. Nobody is called here.

use super::{
    Case, Line,
    change::Change,
    command::{Action, Actor, Command, LineNo, Scope},
    decide::{Answer, money_moves, person},
    exchange::{leftover, unlinked},
};
use crate::{
    Refusal,
    legal::Basis,
    money::{Bucket, Ledger, Outcome},
    policy::Trigger,
};

pub(super) fn decide(case: &Case, command: &Command) -> Answer {
    match command.action {
        Action::Assess { scope, outcome, units } => assess(case, scope, outcome, units),
        Action::Release { scope, outcome, units } => {
            release(case, scope, Some(outcome), None, units)
        }
        Action::Convert { scope, from, to, units } => {
            convert(case, command, scope, from, to, units)
        }
        Action::Approve { scope, outcome, amount } => {
            approve(case, command, scope, outcome, amount)
        }
        Action::Deny { .. } => deny(case, command),
        Action::AppealWon { scope, outcome, amount } => {
            let by = person(command)?;
            if case.denied_by == Some(by) {
                return Err(Refusal::OtherPersonRequired);
            }
            shift(case, scope, outcome, (Bucket::Denied, Bucket::Pending), amount)
        }
        Action::Fee { scope, outcome, amount } => {
            if case.terms.basis != Basis::Commercial {
                return Err(Refusal::WithdrawalRight);
            }
            shift(case, scope, outcome, (Bucket::Pending, Bucket::Fees), amount)
        }
        Action::SettleReversal { scope, outcome, amount, again } => {
            person(command)?;
            let to = if again { Bucket::Pending } else { Bucket::Settled };
            shift(case, scope, outcome, (Bucket::Reversed, to), amount)
        }
        _ => Err(Refusal::NoWay),
    }
}

pub(super) fn ledger(case: &Case, scope: Scope) -> Result<&Ledger, Refusal> {
    case.ledger(scope).ok_or(Refusal::UnknownLine)
}

fn shift(
    case: &Case,
    scope: Scope,
    outcome: Outcome,
    (from, to): (Bucket, Bucket),
    amount: i64,
) -> Answer {
    if amount <= 0 {
        return Err(Refusal::Nothing);
    }
    if ledger(case, scope)?.in_bucket(outcome, from) < amount {
        return Err(Refusal::RefundExceedsPaid);
    }
    Ok(vec![Change::Shifted { scope, outcome, from, to, amount }])
}

/// Units that may be given an outcome: those that stand, each once.
fn assessable(case: &Case, scope: Scope) -> u32 {
    match scope {
        Scope::Line(line) => case.lines.get(&line).map_or(0, |line| line.custody.standing()),
        Scope::Delivery => 1,
    }
}

fn assess(case: &Case, scope: Scope, outcome: Outcome, units: u32) -> Answer {
    if units == 0 {
        return Err(Refusal::Nothing);
    }
    let ledger = ledger(case, scope)?;
    let after = ledger.allocated().checked_add(units).ok_or(Refusal::QuantityExceedsAdvised)?;
    if after > assessable(case, scope) || ledger.next_units(None, units).is_none() {
        return Err(Refusal::UnitAlreadyFunded);
    }
    Ok(vec![Change::Funded { scope, from: None, to: Some(outcome), units }])
}

fn release(
    case: &Case,
    scope: Scope,
    from: Option<Outcome>,
    to: Option<Outcome>,
    units: u32,
) -> Answer {
    if units == 0 {
        return Err(Refusal::Nothing);
    }
    let linked = match (scope, from) {
        (Scope::Line(line), Some(Outcome::Exchange)) => units > unlinked(case, line),
        _ => false,
    };
    if linked || !is_free(ledger(case, scope)?, from, units) {
        return Err(Refusal::UnitAlreadyFunded);
    }
    Ok(vec![Change::Funded { scope, from, to, units }])
}

/// Nothing of the value of these units has been decided.
pub(super) fn is_free(ledger: &Ledger, from: Option<Outcome>, units: u32) -> bool {
    let Some(value) = ledger.next_units(from, units) else { return false };
    match from {
        None => false,
        Some(Outcome::Nothing) => true,
        Some(outcome) => ledger.in_bucket(outcome, Bucket::Pending) >= value,
    }
}

/// Gives back what is not decided until no more units fund something than stay; and whether that
/// is reached.
pub(super) fn release_down_to(
    case: &Case,
    line: &Line,
    number: LineNo,
    stay: u32,
) -> (Vec<Change>, bool) {
    let ledger = &line.ledger;
    let mut over = ledger.allocated().saturating_sub(stay);
    let mut changes = Vec::new();
    for outcome in [Outcome::Nothing, Outcome::Refund, Outcome::Credit, Outcome::Exchange] {
        let most = match outcome {
            Outcome::Exchange => over.min(unlinked(case, number)),
            other => over.min(ledger.funded(other)),
        };
        let free = (1..=most).rev().find(|units| is_free(ledger, Some(outcome), *units));
        if let Some(units) = free {
            let (scope, from) = (Scope::Line(number), Some(outcome));
            changes.push(Change::Funded { scope, from, to: None, units });
            over -= units;
        }
    }
    (changes, over == 0)
}

fn convert(
    case: &Case,
    command: &Command,
    scope: Scope,
    from: Outcome,
    to: Outcome,
    units: u32,
) -> Answer {
    // Credit is the buyer's choice and nobody else's.
    if to == Outcome::Credit && command.by != Actor::Buyer {
        return Err(Refusal::WithdrawalRight);
    }
    if from == to {
        return Err(Refusal::NoWay);
    }
    release(case, scope, Some(from), Some(to), units)
}

/// Does the sum stay within what was paid: for the units that may be paid, and for the order?
pub(super) fn within(case: &Case, scope: Scope, amount: i64) -> Result<(), Refusal> {
    let order = case.order.as_ref().ok_or(Refusal::OrphanBlocks)?;
    let ledger = ledger(case, scope)?;
    let most = match scope {
        Scope::Line(line) => {
            ledger.value_of(case.lines.get(&line).ok_or(Refusal::UnknownLine)?.payable())
        }
        Scope::Delivery => ledger.value_of(1),
    };
    let line = ledger.granted().checked_add(amount).ok_or(Refusal::RefundExceedsPaid)?;
    let all = case.granted().checked_add(order.paid_back).and_then(|sum| sum.checked_add(amount));
    if line > most || all.is_none_or(|sum| sum > order.paid) {
        return Err(Refusal::RefundExceedsPaid);
    }
    Ok(())
}

fn approve(case: &Case, command: &Command, scope: Scope, outcome: Outcome, amount: i64) -> Answer {
    may_move(case)?;
    let changes = shift(case, scope, outcome, (Bucket::Pending, Bucket::Due), amount)?;
    if outcome == Outcome::Exchange && amount > leftover(case, scope) {
        return Err(Refusal::UnitAlreadyFunded);
    }
    within(case, scope, amount)?;
    reached(case, command, scope, amount)?;
    Ok(changes)
}

/// A marketplace's refunds are approved here as well: the approval is what we propose there.
pub(super) fn may_move(case: &Case) -> Result<(), Refusal> {
    match money_moves(case) {
        Err(Refusal::AuthorityElsewhere) => Ok(()),
        other => other,
    }
}

/// G1 and the refund trigger. After the legal date, proof of sending is enough, whatever the
/// policy says.
pub(super) fn reached(
    case: &Case,
    command: &Command,
    scope: Scope,
    amount: i64,
) -> Result<(), Refusal> {
    let clock = case.refund_clock(command.at);
    let overdue = clock.is_some_and(|clock| clock.waiting_is_over(command.at));
    let trigger = if overdue { Trigger::OnDropOff } else { case.terms.trigger };
    let by_person = matches!(command.by, Actor::Person(_));
    let Scope::Line(number) = scope else {
        let any = case.lines.values().any(|line| line.reached(trigger) > 0);
        return if any || by_person { Ok(()) } else { Err(Refusal::TriggerNotReached) };
    };
    let line = case.lines.get(&number).ok_or(Refusal::UnknownLine)?;
    let granted = line.ledger.granted() + amount;
    let proved = granted <= line.ledger.value_of(line.reached(trigger));
    if !proved && !by_person {
        return Err(Refusal::TriggerNotReached);
    }
    if overdue && proved {
        return Ok(());
    }
    let come = line.ledger.value_of(line.reached(Trigger::OnReceipt));
    let exposed = (granted - come).max(0) - line.exposure();
    if exposed > 0 && case.exposure() + exposed > case.terms.exposure_limit {
        return Err(Refusal::ExposureExceeded);
    }
    Ok(())
}

fn deny(case: &Case, command: &Command) -> Answer {
    let Action::Deny { scope, outcome, amount, evidence, appeal_until } = command.action else {
        return Err(Refusal::NoWay);
    };
    let person = person(command)?;
    if !evidence {
        return Err(Refusal::EvidenceMissing);
    }
    let ledger = ledger(case, scope)?;
    let pending = ledger.in_bucket(outcome, Bucket::Pending);
    let due = ledger.in_bucket(outcome, Bucket::Due);
    if amount <= 0 || pending.checked_add(due).is_none_or(|sum| sum < amount) {
        return Err(if amount <= 0 { Refusal::Nothing } else { Refusal::RefundExceedsPaid });
    }
    let mut changes = vec![Change::DeniedBy { person, appeal_until }];
    let first = amount.min(pending);
    for (from, amount) in [(Bucket::Pending, first), (Bucket::Due, amount - first)] {
        if amount > 0 {
            changes.push(Change::Shifted { scope, outcome, from, to: Bucket::Denied, amount });
        }
    }
    Ok(changes)
}
