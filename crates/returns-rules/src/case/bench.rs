//! C6 to C8, C12, C14, G8: what happens to goods at the bench.

use time::OffsetDateTime;

use super::{
    Case, Line,
    change::{Change, Proposal},
    command::{Action, Authority, Command, Flag, LineNo, Stock},
    decide::{Answer, ordered, person},
    goods::{flagged, line, moved, some},
};
use crate::{
    Refusal,
    goods::{Disposition, Extra, Grade, LabelNo, Place, Spot},
};

pub(super) fn found(line: LineNo, extra: Extra, units: u32) -> Answer {
    some(units)?;
    let proposal = Proposal::ForeignItem(line, units);
    Ok(vec![Change::Found { line, extra, units }, Change::Proposed { proposal }])
}

pub(super) fn handle(
    case: &Case,
    command: &Command,
    number: LineNo,
    extra: Extra,
    units: u32,
) -> Answer {
    some(units)?;
    person(command)?;
    if units > line(case, number)?.custody.extra_open(extra) {
        return Err(Refusal::QuantityExceedsAdvised);
    }
    Ok(vec![Change::Handled { line: number, extra, units }])
}

/// C6 and C13. A count takes the parcel it came in first, then what travels in none, then any
/// other parcel, then what was given up; the rest was not advised.
pub(super) fn receive(
    case: &Case,
    number: LineNo,
    label: Option<LabelNo>,
    units: u32,
    at: OffsetDateTime,
) -> Answer {
    some(units)?;
    if case.is_orphan() {
        let here = Change::Advised { line: number, units, at };
        let from = (Place::AtBuyer, None);
        return Ok(vec![here, moved(number, from, Place::Received, None, units, at)]);
    }
    let line = line(case, number)?;
    let custody = &line.custody;
    let way = [Place::Arrived, Place::InTransit, Place::Dropped, Place::AtBuyer];
    let mut cells = Vec::new();
    for place in way.into_iter().chain([Place::NotReturned, Place::Lost, Place::Cancelled]) {
        for (travels, there) in custody.by_label(place) {
            let far = if travels == label { 0 } else { 1 + u8::from(travels.is_some()) };
            cells.push((place.is_end(), far, place, travels, there));
        }
    }
    cells.sort_by_key(|(given_up, far, ..)| (*given_up, *far));
    let (mut left, mut changes) = (units, Vec::new());
    for (given_up, _, place, travels, there) in cells {
        let most = if place == Place::Cancelled { line.open_to_advise() } else { there };
        let taken = left.min(there).min(most);
        if taken == 0 {
            continue;
        }
        left -= taken;
        let mut from = (place, travels);
        if given_up {
            changes.extend(flagged(case, Flag::LateReturn));
            changes.push(moved(number, from, Place::Arrived, travels, taken, at));
            from = (Place::Arrived, travels);
        }
        changes.push(moved(number, from, Place::Received, None, taken, at));
    }
    if left > 0 {
        changes.extend(found(number, Extra::Surplus, left)?);
    }
    Ok(changes)
}

pub(super) fn inspect(
    case: &Case,
    number: LineNo,
    grade: Grade,
    units: u32,
    at: OffsetDateTime,
) -> Answer {
    some(units)?;
    if line(case, number)?.custody.at(Place::Received) < units {
        return Err(Refusal::QuantityExceedsAdvised);
    }
    Ok(vec![Change::Graded { line: number, grade, units, at }])
}

pub(super) fn hold(case: &Case, command: &Command) -> Answer {
    let Action::Hold { line: number, grade, units, on } = command.action else {
        return Err(Refusal::NoWay);
    };
    some(units)?;
    let custody = &line(case, number)?.custody;
    let held = custody.held(grade);
    let most = if on { custody.inspected(grade).saturating_sub(held) } else { held };
    if !on {
        person(command)?;
    }
    if units > most {
        return Err(Refusal::QuantityExceedsAdvised);
    }
    Ok(vec![Change::Held { line: number, grade, units, on }])
}

pub(super) fn dispose(case: &Case, command: &Command) -> Answer {
    let Action::Dispose { line: number, grade, disposition, units, evidence } = command.action
    else {
        return Err(Refusal::NoWay);
    };
    some(units)?;
    ordered(case)?;
    if case.authority == Authority::Ambiguous {
        person(command).map_err(|_| Refusal::AuthorityAmbiguous)?;
    }
    let line = line(case, number)?;
    let there = line.custody.inspected(grade);
    if there < units {
        let gone = line.custody.graded(grade) >= units;
        return Err(if gone {
            Refusal::UnitAlreadyDisposed
        } else {
            Refusal::QuantityExceedsAdvised
        });
    }
    if there - line.custody.held(grade).min(there) < units {
        return Err(Refusal::UnitsHeld);
    }
    if !disposition.suits(grade) {
        return Err(Refusal::GradeForbids);
    }
    if !case.terms.executors.contains(&disposition) {
        return Err(Refusal::ExecutorMissing);
    }
    if disposition == Disposition::Recycle && line.destruction_banned && !evidence {
        return Err(Refusal::ExemptionMissing);
    }
    if disposition == Disposition::ReturnedToBuyer {
        send_back(case, line, units, evidence, command.at)?;
    }
    let number_of = u32::try_from(case.stock.len()).map_err(|_| Refusal::NoWay)?;
    let stock = disposition.is_restock().then_some(number_of);
    let at = command.at;
    Ok(vec![Change::Disposed { line: number, grade, disposition, units, stock, at }])
}

/// C12: nobody gets both the goods and the money.
fn send_back(
    case: &Case,
    line: &Line,
    units: u32,
    evidence: bool,
    at: OffsetDateTime,
) -> Result<(), Refusal> {
    if !evidence {
        return Err(Refusal::EvidenceMissing);
    }
    if case.appeal_until.is_some_and(|until| at < until) {
        return Err(Refusal::AppealOpen);
    }
    let payable = line.payable().saturating_sub(units);
    if line.ledger.granted() > line.ledger.value_of(payable) {
        return Err(Refusal::UnitAlreadyFunded);
    }
    Ok(())
}

pub(super) fn stock(case: &Case, command: &Command, number: u32, answer: Stock) -> Answer {
    let known = *case.stock.get(&number).ok_or(Refusal::NoWay)?;
    match (known, answer) {
        (old, new) if old == new => return Ok(Vec::new()),
        (Stock::Asked | Stock::Blocked, Stock::Confirmed) | (Stock::Asked, Stock::Blocked) => {}
        (Stock::Blocked, Stock::Handled) => {
            person(command)?;
        }
        // A late refusal of what was booked, or was done by hand, is no news.
        (Stock::Confirmed | Stock::Handled, Stock::Blocked | Stock::Confirmed) => {
            return Ok(Vec::new());
        }
        _ => return Err(Refusal::NoWay),
    }
    Ok(vec![Change::StockIs { number, answer, at: command.at }])
}

/// C14: back, by a person, with another one above a value.
pub(super) fn correct(case: &Case, command: &Command) -> Answer {
    let Action::Correct { line: number, from, to, units, second } = command.action else {
        return Err(Refusal::NoWay);
    };
    some(units)?;
    let by = person(command)?;
    let line = line(case, number)?;
    let custody = &line.custody;
    let there = match from {
        Spot::In(Place::Inspected | Place::Disposed) => return Err(Refusal::NoWay),
        Spot::In(place) => custody.at(place),
        Spot::Graded(grade) => custody.inspected(grade),
        Spot::Disposed(grade, disposition) => custody.disposed_of(grade, disposition),
    };
    let graded = to == Place::Inspected && !matches!(from, Spot::Disposed(..));
    if !from.place().goes_back_to(to) || graded {
        return Err(Refusal::NoWay);
    }
    let eligible = from.place() != Place::Cancelled || units <= line.open_to_advise();
    if there < units || !eligible {
        return Err(Refusal::QuantityExceedsAdvised);
    }
    let value = line.ledger.value_of(units);
    if value > case.terms.second_person_above && second.is_none_or(|other| other == by) {
        return Err(Refusal::OtherPersonRequired);
    }
    let mut changes = vec![Change::Corrected { line: number, from, to, units, by }];
    if let Spot::Disposed(_, disposition) = from {
        let proposal = Proposal::UndoStock(number, disposition, units);
        changes.push(Change::Proposed { proposal });
    }
    Ok(changes)
}
