//! From a command to what follows: who may, in which module it is decided, and whether it ends.

use super::{
    Case,
    change::{Change, apply},
    command::{Action, Actor, Authority, Command, Flag},
    exchange, goods, instruct, money,
};
use crate::Refusal;

pub(super) type Answer = Result<Vec<Change>, Refusal>;

/// What follows from a command. The same command again follows nothing.
///
/// # Errors
/// [`Refusal`] with its public code; nothing changed.
pub fn decide(case: &Case, command: &Command) -> Result<Vec<Change>, Refusal> {
    if let Some(known) = case.seen.get(&command.key) {
        return if *known == command.action { Ok(Vec::new()) } else { Err(Refusal::KeyReused) };
    }
    let Command { key, at, ref action, .. } = *command;
    let mut changes = vec![Change::Accepted { key, at, action: action.clone() }];
    changes.extend(what_follows(case, command)?);
    let mut after = case.clone();
    for change in &changes {
        apply(&mut after, change).map_err(|_| Refusal::Inconsistent)?;
    }
    match (case.is_closed(), after.is_terminal()) {
        (false, true) => changes.push(Change::Closed),
        (true, false) => changes.push(Change::Reopened),
        _ => {}
    }
    Ok(changes)
}

fn what_follows(case: &Case, command: &Command) -> Answer {
    match &command.action {
        Action::Agree => {
            person(command)?;
            Ok(vec![Change::Agreed])
        }
        Action::Decides { authority } => {
            if !matches!(command.by, Actor::Channel) {
                person(command)?;
            }
            Ok(vec![Change::AuthorityIs { authority: *authority }])
        }
        Action::SetFlag { flag, on } => {
            person(command)?;
            Ok(vec![Change::Flagged { flag: *flag, on: *on }])
        }
        Action::Match { order } => match_order(case, command, order),
        Action::Assess { .. }
        | Action::Release { .. }
        | Action::Convert { .. }
        | Action::Approve { .. }
        | Action::Deny { .. }
        | Action::AppealWon { .. }
        | Action::Fee { .. }
        | Action::SettleReversal { .. } => {
            ordered(case)?;
            money::decide(case, command)
        }
        Action::Exchange { .. } | Action::ExchangeStep { .. } | Action::Difference { .. } => {
            ordered(case)?;
            exchange::decide(case, command)
        }
        Action::Trigger { .. }
        | Action::Send { .. }
        | Action::Observe { .. }
        | Action::Elsewhere { .. } => instruct::decide(case, command),
        _ => goods::decide(case, command),
    }
}

fn match_order(case: &Case, command: &Command, order: &super::Order) -> Answer {
    person(command)?;
    if !case.is_orphan() {
        return Err(Refusal::NoWay);
    }
    for (number, line) in &case.lines {
        let facts = order.lines.get(number).ok_or(Refusal::UnknownLine)?;
        if line.custody().standing() > facts.shipped.saturating_sub(facts.elsewhere) {
            return Err(Refusal::QuantityExceedsAdvised);
        }
    }
    Ok(vec![Change::Matched { order: order.clone() }])
}

/// The person who says so.
pub(super) const fn person(command: &Command) -> Result<u64, Refusal> {
    match command.by {
        Actor::Person(person) => Ok(person),
        _ => Err(Refusal::PersonRequired),
    }
}

/// Goods that belong to no order yet are worth nothing to anybody.
pub(super) fn ordered(case: &Case) -> Result<(), Refusal> {
    if case.is_orphan() { Err(Refusal::OrphanBlocks) } else { Ok(()) }
}

/// May money be ordered at all? Asked before an instruction exists and again before it is sent.
pub(super) fn money_moves(case: &Case) -> Result<(), Refusal> {
    ordered(case)?;
    match case.authority {
        Authority::Us => {}
        Authority::Marketplace => return Err(Refusal::AuthorityElsewhere),
        Authority::Ambiguous => return Err(Refusal::AuthorityAmbiguous),
    }
    if case.flags.contains(&Flag::HoldRefund) || case.flags.contains(&Flag::DoubleRefundRisk) {
        return Err(Refusal::RefundHeld);
    }
    Ok(())
}
