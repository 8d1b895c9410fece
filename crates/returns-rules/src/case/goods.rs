//! C1 to C5, C9 to C11, C13, C15: what may happen to goods on their way.

use time::OffsetDateTime;

use super::{
    Case, LabelState, Line, bench,
    change::{Change, Proposal},
    command::{Action, Actor, Command, Flag, LineNo, Loss, Scope},
    decide::{Answer, ordered, person},
    money,
};
use crate::{
    Refusal,
    goods::{Extra, LabelNo, Place},
};

pub(super) fn decide(case: &Case, command: &Command) -> Answer {
    let at = command.at;
    match &command.action {
        Action::Advise { line, units } => advise(case, *line, *units, at),
        Action::IssueLabel { label, contents } => issue(case, *label, contents, at),
        Action::VoidLabel { label } => void(case, *label, at),
        Action::DropOff { label } => drop_off(case, *label, at),
        Action::Scan { label } => scan(case, *label, at),
        Action::Arrive { label, at_site } => arrive(case, *label, *at_site, at),
        Action::ReturnToSender { label, contents } => return_to_sender(case, *label, contents, at),
        Action::Receive { line, label, units } => bench::receive(case, *line, *label, *units, at),
        Action::ReceiveForeign { line, units } => bench::found(*line, Extra::Foreign, *units),
        Action::HandleExtra { line, extra, units } => {
            bench::handle(case, command, *line, *extra, *units)
        }
        Action::Inspect { line, grade, units } => bench::inspect(case, *line, *grade, *units, at),
        Action::Hold { .. } => bench::hold(case, command),
        Action::Dispose { .. } => bench::dispose(case, command),
        Action::StockAnswer { number, answer } => bench::stock(case, command, *number, *answer),
        Action::CloseNotReturned { line, units } => not_returned(case, command, *line, *units),
        Action::Keep { line, units } => keep(case, *line, *units),
        Action::Lose { label, loss } => lose(case, command, *label, *loss),
        Action::Cancel { line, units } => cancel(case, *line, *units, at),
        Action::Correct { .. } => bench::correct(case, command),
        _ => Err(Refusal::NoWay),
    }
}

pub(super) fn line(case: &Case, line: LineNo) -> Result<&Line, Refusal> {
    case.lines.get(&line).ok_or(Refusal::UnknownLine)
}

pub(super) const fn some(units: u32) -> Result<(), Refusal> {
    if units == 0 { Err(Refusal::Nothing) } else { Ok(()) }
}

fn advise(case: &Case, number: LineNo, units: u32, at: OffsetDateTime) -> Answer {
    some(units)?;
    ordered(case)?;
    if at > case.terms.expires_at {
        return Err(Refusal::PolicyWindowClosed);
    }
    if units > line(case, number)?.open_to_advise() {
        return Err(Refusal::QuantityExceedsAdvised);
    }
    Ok(vec![Change::Advised { line: number, units, at }])
}

fn issue(case: &Case, label: LabelNo, contents: &[(LineNo, u32)], at: OffsetDateTime) -> Answer {
    if case.labels.contains_key(&label) {
        return Err(Refusal::UnknownLabel);
    }
    if case.terms.validate_first && !case.agreed {
        return Err(Refusal::NeedsOperator);
    }
    let mut changes = vec![Change::LabelIssued { label }];
    for (at_line, (number, units)) in contents.iter().enumerate() {
        some(*units)?;
        let twice = contents.iter().take(at_line).any(|(other, _)| other == number);
        if twice || line(case, *number)?.custody.at_in(Place::AtBuyer, None) < *units {
            return Err(Refusal::QuantityExceedsAdvised);
        }
        changes.push(moved(
            *number,
            (Place::AtBuyer, None),
            Place::AtBuyer,
            Some(label),
            *units,
            at,
        ));
    }
    if changes.len() == 1 { Err(Refusal::Nothing) } else { Ok(changes) }
}

pub(super) const fn moved(
    line: LineNo,
    from: (Place, Option<LabelNo>),
    to: Place,
    label: Option<LabelNo>,
    units: u32,
    at: OffsetDateTime,
) -> Change {
    Change::Moved { line, from, to: (to, label), units, at }
}

/// Moves whatever of a label is in one of these places.
fn sweep(
    case: &Case,
    label: LabelNo,
    from: &[Place],
    to: (Place, Option<LabelNo>),
    at: OffsetDateTime,
) -> Vec<Change> {
    let mut changes = Vec::new();
    for (number, line) in &case.lines {
        for place in from {
            let units = line.custody.at_in(*place, Some(label));
            if units > 0 {
                changes.push(moved(*number, (*place, Some(label)), to.0, to.1, units, at));
            }
        }
    }
    changes
}

fn state(case: &Case, label: LabelNo) -> Result<LabelState, Refusal> {
    case.label(label).ok_or(Refusal::UnknownLabel)
}

fn void(case: &Case, label: LabelNo, at: OffsetDateTime) -> Answer {
    match state(case, label)? {
        LabelState::Issued => {}
        LabelState::Voided => return Ok(Vec::new()),
        _ => return Err(Refusal::LabelAlreadyScanned),
    }
    let mut changes = vec![Change::LabelIs { label, state: LabelState::Voided, at }];
    changes.extend(sweep(case, label, &[Place::AtBuyer], (Place::AtBuyer, None), at));
    Ok(changes)
}

/// A late word about something that is further on is no news, except what it proves.
fn drop_off(case: &Case, label: LabelNo, at: OffsetDateTime) -> Answer {
    match state(case, label)? {
        LabelState::Issued => {}
        LabelState::Voided => return Ok(flagged(case, Flag::VoidLabelSeen)),
        _ => return Ok(Vec::new()),
    }
    let mut changes = vec![Change::LabelIs { label, state: LabelState::Dropped, at }];
    changes.extend(sweep(case, label, &[Place::AtBuyer], (Place::Dropped, Some(label)), at));
    Ok(changes)
}

fn scan(case: &Case, label: LabelNo, at: OffsetDateTime) -> Answer {
    match state(case, label)? {
        LabelState::Issued | LabelState::Dropped => {}
        LabelState::Voided => return Ok(flagged(case, Flag::VoidLabelSeen)),
        // Found again: it is on its way, and moves when it arrives.
        LabelState::Lost => return Ok(flagged(case, Flag::LateReturn)),
        LabelState::Scanned | LabelState::Arrived => return Ok(Vec::new()),
    }
    let mut changes = vec![Change::LabelIs { label, state: LabelState::Scanned, at }];
    let from = [Place::AtBuyer, Place::Dropped];
    changes.extend(sweep(case, label, &from, (Place::InTransit, Some(label)), at));
    Ok(changes)
}

pub(super) fn flagged(case: &Case, flag: Flag) -> Vec<Change> {
    if case.flags.contains(&flag) { Vec::new() } else { vec![Change::Flagged { flag, on: true }] }
}

fn arrive(case: &Case, label: LabelNo, at_site: bool, at: OffsetDateTime) -> Answer {
    match state(case, label)? {
        LabelState::Voided => return Ok(flagged(case, Flag::VoidLabelSeen)),
        LabelState::Arrived => return Ok(Vec::new()),
        _ => {}
    }
    let way = [Place::AtBuyer, Place::Dropped, Place::InTransit];
    let (to, mut changes) = if at_site {
        (Place::Arrived, vec![Change::LabelIs { label, state: LabelState::Arrived, at }])
    } else {
        let mut changes = vec![Change::LabelIs { label, state: LabelState::Scanned, at }];
        changes.extend(flagged(case, Flag::Misdelivered));
        (Place::InTransit, changes)
    };
    let way = if at_site { &way[..] } else { &way[..2] };
    changes.extend(sweep(case, label, way, (to, Some(label)), at));
    let given_up = [Place::NotReturned, Place::Lost];
    let late = sweep(case, label, &given_up, (Place::Arrived, Some(label)), at);
    if at_site && !late.is_empty() {
        changes.extend(flagged(case, Flag::LateReturn));
        changes.extend(late);
    }
    Ok(changes)
}

fn return_to_sender(
    case: &Case,
    label: LabelNo,
    contents: &[(LineNo, u32)],
    at: OffsetDateTime,
) -> Answer {
    if case.labels.contains_key(&label) {
        return Err(Refusal::UnknownLabel);
    }
    let mut changes = vec![Change::LabelIssued { label }];
    changes.push(Change::LabelIs { label, state: LabelState::Scanned, at });
    for (place, (number, units)) in contents.iter().enumerate() {
        some(*units)?;
        let twice = contents.iter().take(place).any(|(other, _)| other == number);
        if twice || *units > line(case, *number)?.open_to_advise() {
            return Err(Refusal::QuantityExceedsAdvised);
        }
        changes.push(Change::Advised { line: *number, units: *units, at });
        let from = (Place::AtBuyer, None);
        changes.push(moved(*number, from, Place::InTransit, Some(label), *units, at));
    }
    if contents.is_empty() { Err(Refusal::Nothing) } else { Ok(changes) }
}

fn not_returned(case: &Case, command: &Command, number: LineNo, units: u32) -> Answer {
    some(units)?;
    if command.at < case.terms.expires_at {
        return Err(Refusal::NotExpired);
    }
    if !matches!(command.by, Actor::Policy) || !case.labels.is_empty() {
        person(command)?;
    }
    let line = line(case, number)?;
    let (mut left, mut changes) = (units, Vec::new());
    for (label, there) in line.custody.by_label(Place::AtBuyer) {
        let taken = left.min(there);
        if taken > 0 {
            let from = (Place::AtBuyer, label);
            changes.push(moved(number, from, Place::NotReturned, label, taken, command.at));
        }
        left -= taken;
    }
    if left > 0 {
        return Err(Refusal::QuantityExceedsAdvised);
    }
    let given_up = line.custody.at(Place::NotReturned) - line.custody.kept() + units;
    let stay = line.custody.standing().saturating_sub(given_up);
    changes.extend(money::release_down_to(case, line, number, stay).0);
    let paid = line.ledger.granted() - line.ledger.value_of(stay);
    if paid > 0 {
        let proposal = Proposal::Recover(Scope::Line(number), paid);
        changes.push(Change::Proposed { proposal });
    }
    Ok(changes)
}

fn keep(case: &Case, number: LineNo, units: u32) -> Answer {
    some(units)?;
    let line = line(case, number)?;
    let up_to = case.terms.keep_up_to.ok_or(Refusal::PolicyForbids)?;
    if line.ledger.value_of(1) > up_to {
        return Err(Refusal::PolicyForbids);
    }
    if line.custody.at_in(Place::AtBuyer, None) < units {
        let labelled = line.custody.at(Place::AtBuyer) >= units;
        return Err(if labelled { Refusal::LabelOpen } else { Refusal::QuantityExceedsAdvised });
    }
    Ok(vec![Change::Kept { line: number, units }])
}

fn lose(case: &Case, command: &Command, label: LabelNo, loss: Loss) -> Answer {
    let known = case.labels.get(&label).ok_or(Refusal::UnknownLabel)?;
    match known.state {
        LabelState::Dropped | LabelState::Scanned => {}
        LabelState::Lost => return Ok(Vec::new()),
        _ => return Err(Refusal::NoWay),
    }
    match loss {
        Loss::Statement if matches!(command.by, Actor::Carrier | Actor::Person(_)) => {}
        Loss::Statement => return Err(Refusal::PersonRequired),
        Loss::Silence => {
            person(command)?;
            let quiet = known.last_seen.is_some_and(|seen| command.at - seen > case.terms.silence);
            if !quiet {
                return Err(Refusal::NotExpired);
            }
        }
    }
    let at = command.at;
    let mut changes = vec![Change::LabelIs { label, state: LabelState::Lost, at }];
    let from = [Place::Dropped, Place::InTransit];
    changes.extend(sweep(case, label, &from, (Place::Lost, Some(label)), at));
    changes.push(Change::Proposed { proposal: Proposal::ClaimCarrier(label) });
    Ok(changes)
}

fn cancel(case: &Case, number: LineNo, units: u32, at: OffsetDateTime) -> Answer {
    some(units)?;
    let line = line(case, number)?;
    if line.custody.at_in(Place::AtBuyer, None) < units {
        let labelled = line.custody.at(Place::AtBuyer) >= units;
        let scanned = line.custody.assumed() + line.custody.at(Place::Dropped) >= units;
        return Err(match (labelled, scanned) {
            (true, _) => Refusal::LabelOpen,
            (_, true) => Refusal::LabelAlreadyScanned,
            _ => Refusal::QuantityExceedsAdvised,
        });
    }
    let stay = line.custody.standing() - units;
    let (mut changes, free) = money::release_down_to(case, line, number, stay);
    let payable = line.payable().saturating_sub(units);
    if !free || line.ledger.granted() > line.ledger.value_of(payable) {
        return Err(Refusal::UnitAlreadyFunded);
    }
    changes.push(moved(number, (Place::AtBuyer, None), Place::Cancelled, None, units, at));
    Ok(changes)
}
