//! Exchanges of a case: at most one replacement for a unit, and never a refund of it as well.

use super::{
    Case,
    change::{Change, Proposal},
    command::{Action, Actor, Command, LineNo, Scope},
    decide::{Answer, person},
    goods::some,
    money::{is_free, ledger, may_move, reached, within},
};
use crate::{
    Refusal,
    exchange::{Difference, Event, Exchange, Link, Mode},
    money::{Bucket, Ledger, Outcome},
    policy::Trigger,
};

pub(super) fn decide(case: &Case, command: &Command) -> Answer {
    match command.action {
        Action::Exchange { number, line, units, price, mode } => {
            start(case, number, (line, units), price, mode)
        }
        Action::ExchangeStep { number, event } => step(case, command, number, event),
        Action::Difference { number, amount, is } => difference(case, command, number, amount, is),
        _ => Err(Refusal::NoWay),
    }
}

/// Units of a line that no exchange has.
pub(super) fn unlinked(case: &Case, line: LineNo) -> u32 {
    let funded = case.lines.get(&line).map_or(0, |line| line.ledger.funded(Outcome::Exchange));
    funded.saturating_sub(linked(case, line))
}

fn linked(case: &Case, line: LineNo) -> u32 {
    let of = case.exchanges.values().filter(|link| link.line == line && link.lives());
    of.map(|link| link.units).sum()
}

/// What is left of the value of exchanged units when their replacements have left: to be paid back.
/// What pays for a replacement that is still to be sent, or to be chosen, is not.
pub(super) fn leftover(case: &Case, scope: Scope) -> i64 {
    let Scope::Line(line) = scope else { return 0 };
    let Some(ledger) = case.lines.get(&line).map(|line| &line.ledger) else { return 0 };
    let all: i64 = ledger.values(Outcome::Exchange).sum();
    let sent = case.exchanges.values().filter(|link| link.line == line && link.is_sent());
    let kept = all - sent.map(|link| link.value).sum::<i64>();
    (ledger.in_bucket(Outcome::Exchange, Bucket::Pending) - kept.max(0)).max(0)
}

fn start(case: &Case, number: u32, (line, units): (LineNo, u32), price: i64, mode: Mode) -> Answer {
    some(units)?;
    if case.exchanges.contains_key(&number) || price < 0 {
        return Err(Refusal::NoWay);
    }
    let ledger = ledger(case, Scope::Line(line))?;
    if units > unlinked(case, line) {
        return Err(Refusal::UnitAlreadyFunded);
    }
    let skip = usize::try_from(linked(case, line)).unwrap_or(usize::MAX);
    let take = usize::try_from(units).unwrap_or(usize::MAX);
    let value = ledger.values(Outcome::Exchange).skip(skip).take(take).sum();
    let link = Link::new(line, units, value, price, mode);
    Ok(vec![Change::Exchanged { number, link }])
}

fn step(case: &Case, command: &Command, number: u32, event: Event) -> Answer {
    let link = *case.exchanges.get(&number).ok_or(Refusal::UnknownInstruction)?;
    let state = link.state.next(event, command.at)?;
    if state == link.state {
        return Ok(Vec::new());
    }
    let mut next = Link { state, ..link };
    let mut changes = match event {
        Event::Reserved(_) | Event::Confirmed => Vec::new(),
        Event::SentInAdvance { covered } => leaves(case, command, &link, covered)?,
        Event::Fulfilled if link.is_sent() => comes(case, command, &link)?,
        Event::Fulfilled => leaves(case, command, &link, false)?,
        Event::Converted => {
            next = given_up(&link);
            convert(case, &link)?
        }
        Event::Overdue => overdue(case, command, &link)?,
    };
    changes.push(Change::Exchanged { number, link: next });
    Ok(changes)
}

/// No replacement leaves any more: what the buyer has paid for it is owed.
fn given_up(link: &Link) -> Link {
    let difference = match link.difference {
        Difference::Paid => Difference::Owed,
        Difference::Due | Difference::Waived => Difference::None,
        other => other,
    };
    Link { state: Exchange::ConvertedToRefund, difference, ..*link }
}

/// Somebody else has paid for units that were to be exchanged: those without a replacement first,
/// then replacements that have not left, the last one first, while more of their value is needed.
pub(super) fn give_up(
    case: &Case,
    line: LineNo,
    ledger: &mut Ledger,
    needed: impl Fn(&Ledger) -> bool,
) -> Answer {
    let scope = Scope::Line(line);
    let (from, to) = (Some(Outcome::Exchange), Some(Outcome::Refund));
    let free = (0..unlinked(case, line)).map(|_| (1, None));
    let waits = |(_, link): &(&u32, &Link)| link.line == line && link.lives() && !link.is_sent();
    let linked = case.exchanges.iter().rev().filter(waits);
    let linked = linked.map(|(number, link)| (link.units, Some((*number, given_up(link)))));
    let mut changes = Vec::new();
    for (units, link) in free.chain(linked) {
        if !needed(ledger) {
            break;
        }
        if !is_free(ledger, from, units) {
            continue;
        }
        ledger.fund(from, to, units).map_err(|_| Refusal::Inconsistent)?;
        changes.push(Change::Funded { scope, from, to, units });
        if let Some((number, link)) = link {
            changes.push(Change::Exchanged { number, link });
        }
    }
    Ok(changes)
}

/// A replacement is worth money: it leaves under the same guards as a refund, and not before the
/// buyer has paid what it costs more.
fn leaves(case: &Case, command: &Command, link: &Link, guarantee: bool) -> Answer {
    may_move(case)?;
    if link.difference == Difference::Due {
        return Err(Refusal::DifferenceDue);
    }
    let (scope, outcome, amount) = (Scope::Line(link.line), Outcome::Exchange, link.covered());
    if let (Some(trigger), false) = (link.mode.trigger(), guarantee) {
        arrived(case, command, link, trigger)?;
    }
    if amount == 0 {
        return Ok(Vec::new());
    }
    if ledger(case, scope)?.in_bucket(outcome, Bucket::Pending) < amount {
        return Err(Refusal::RefundExceedsPaid);
    }
    within(case, scope, amount)?;
    if !guarantee {
        reached(case, command, scope, amount)?;
    }
    let (from, to) = (Bucket::Pending, Bucket::Spent);
    Ok(vec![Change::Shifted { scope, outcome, from, to, amount }])
}

/// Are the goods of all exchanges that need them there, and of this one? A person may say so.
fn arrived(case: &Case, command: &Command, link: &Link, trigger: Trigger) -> Result<(), Refusal> {
    let line = case.lines.get(&link.line).ok_or(Refusal::UnknownLine)?;
    let done = |other: &&Link| other.line == link.line && other.state == Exchange::Completed;
    let before: u32 = case.exchanges.values().filter(done).map(|other| other.units).sum();
    if line.reached(trigger) < before.saturating_add(link.units) && person(command).is_err() {
        return Err(Refusal::TriggerNotReached);
    }
    Ok(())
}

fn comes(case: &Case, command: &Command, link: &Link) -> Answer {
    arrived(case, command, link, Trigger::OnReceipt)?;
    Ok(Vec::new())
}

fn convert(case: &Case, link: &Link) -> Answer {
    let (scope, from) = (Scope::Line(link.line), Some(Outcome::Exchange));
    if !is_free(ledger(case, scope)?, from, link.units) {
        return Err(Refusal::UnitAlreadyFunded);
    }
    let to = Some(Outcome::Refund);
    Ok(vec![Change::Funded { scope, from, to, units: link.units }])
}

fn overdue(case: &Case, command: &Command, link: &Link) -> Answer {
    if command.at <= case.terms.expires_at {
        return Err(Refusal::NotExpired);
    }
    let proposal = Proposal::Recover(Scope::Line(link.line), link.covered());
    Ok(vec![Change::Proposed { proposal }])
}

/// What becomes of the difference, exactly: no other amount is taken for it.
fn difference(case: &Case, command: &Command, number: u32, amount: i64, is: Difference) -> Answer {
    use Difference::{Due, None, Owed, Paid, Returned, Waived};
    let link = *case.exchanges.get(&number).ok_or(Refusal::UnknownInstruction)?;
    if !matches!(command.by, Actor::Provider) || is == Waived {
        person(command)?;
    }
    if amount != link.above() || amount == 0 {
        return Err(Refusal::DifferenceDue);
    }
    let difference = match (link.difference, is) {
        (old, new) if old == new => return Ok(Vec::new()),
        // Told again after the exchange was turned into a refund.
        (Owed | Returned, Paid) => return Ok(Vec::new()),
        (Due | Waived, Paid) => Paid,
        (Due, Waived) => Waived,
        // It was paid while nothing was to be paid any more.
        (None, Paid) if !link.lives() => Owed,
        (Owed, Returned) => Returned,
        _ => return Err(Refusal::NoWay),
    };
    Ok(vec![Change::Exchanged { number, link: Link { difference, ..link } }])
}
