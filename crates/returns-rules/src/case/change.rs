//! What follows from a command: facts, and how a case takes them.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{
    Case, Label, LabelState, Line,
    command::{Action, Authority, Flag, LineNo, Order, Scope, Stock},
};
use crate::{
    custody::Uncounted,
    exchange::Link,
    goods::{Disposition, Extra, Grade, LabelNo, Place, Spot},
    money::{Bucket, Instruction, Outcome, State, Unbalanced},
};

/// What is suggested to a person or to another service. It changes nothing here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proposal {
    /// Paid for goods that did not come, or paid twice: a person may ask it back. Minor units.
    Recover(Scope, i64),
    /// The carrier lost what it had: claim it.
    ClaimCarrier(LabelNo),
    /// A refund was confirmed: credit note. Minor units.
    CreditNote(Scope, i64),
    /// The original way is closed: ask the buyer for another.
    OtherMethod(Scope, u32),
    /// A booking in stock was taken back by a correction.
    UndoStock(LineNo, Disposition, u32),
    /// Fewer units than the parcel should have held.
    Shortage(LineNo, u32),
    /// Something came that was not advised.
    ForeignItem(LineNo, u32),
}

/// A fact. A case is the fold of its changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are named for what they are; variants say the rest")]
pub enum Change {
    /// The command was taken; it will not be taken again.
    Accepted { key: u128, at: OffsetDateTime, action: Action },
    /// Units were announced.
    Advised { line: LineNo, units: u32, at: OffsetDateTime },
    /// An operator agreed.
    Agreed,
    /// A label exists.
    LabelIssued { label: LabelNo },
    /// A label is further on.
    LabelIs { label: LabelNo, state: LabelState, at: OffsetDateTime },
    /// Units went from a place to another, in or out of a parcel.
    Moved {
        line: LineNo,
        from: (Place, Option<LabelNo>),
        to: (Place, Option<LabelNo>),
        units: u32,
        at: OffsetDateTime,
    },
    /// Units were graded.
    Graded { line: LineNo, grade: Grade, units: u32, at: OffsetDateTime },
    /// Graded units wait, or wait no longer.
    Held { line: LineNo, grade: Grade, units: u32, on: bool },
    /// Units left for good. `stock` numbers the booking the owner of the stock is asked for.
    Disposed {
        line: LineNo,
        grade: Grade,
        disposition: Disposition,
        units: u32,
        stock: Option<u32>,
        at: OffsetDateTime,
    },
    /// The owner of the stock answered.
    StockIs { number: u32, answer: Stock, at: OffsetDateTime },
    /// The buyer keeps units.
    Kept { line: LineNo, units: u32 },
    /// A person corrected where units are; history stays.
    Corrected { line: LineNo, from: Spot, to: Place, units: u32, by: u64 },
    /// Something came that was not advised.
    Found { line: LineNo, extra: Extra, units: u32 },
    /// It was decided about.
    Handled { line: LineNo, extra: Extra, units: u32 },
    /// The order is known.
    Matched { order: Order },
    /// Who decides.
    AuthorityIs { authority: Authority },
    /// A flag was set or taken away.
    Flagged { flag: Flag, on: bool },
    /// Units fund an outcome, another one, or none again.
    Funded { scope: Scope, from: Option<Outcome>, to: Option<Outcome>, units: u32 },
    /// An amount went from a bucket to another.
    Shifted { scope: Scope, outcome: Outcome, from: Bucket, to: Bucket, amount: i64 },
    /// Somebody denied; who, and until when it can be appealed.
    DeniedBy { person: u64, appeal_until: OffsetDateTime },
    /// An instruction exists. Nobody is called before this is on disk.
    Triggered { scope: Scope, number: u32, instruction: Instruction },
    /// The payment side is about to be called. This is on disk before the call, too.
    Sent { scope: Scope, number: u32 },
    /// An instruction is further on.
    Answered { scope: Scope, number: u32, state: State },
    /// More was paid by others than was left to pay; below zero, that turned out to be owed.
    Exceeded { scope: Scope, amount: i64 },
    /// An exchange begins, or is further on.
    Exchanged { number: u32, link: Link },
    /// To be suggested to somebody.
    Proposed { proposal: Proposal },
    /// Every unit and every amount is at an end.
    Closed,
    /// Something came after all.
    Reopened,
}

/// The change was not made for this state of the case: a defect, never a business case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Goods.
    #[error(transparent)]
    Goods(#[from] Uncounted),
    /// Money.
    #[error(transparent)]
    Money(#[from] Unbalanced),
    /// It names what is not there.
    #[error("the change names what is not there")]
    Missing,
}

/// Takes a change into a case.
///
/// # Errors
/// [`Broken`] when it was not decided on this state.
pub fn apply(case: &mut Case, change: &Change) -> Result<(), Broken> {
    match change {
        Change::Accepted { key, action, .. } => {
            case.seen.insert(*key, action.clone());
        }
        Change::Agreed => case.agreed = true,
        Change::LabelIssued { label } => {
            case.labels.insert(*label, Label { state: LabelState::Issued, last_seen: None });
        }
        Change::LabelIs { label, state, at } => label_is(case, *label, *state, *at)?,
        Change::StockIs { number, answer, .. } => {
            *case.stock.get_mut(number).ok_or(Broken::Missing)? = *answer;
        }
        Change::Matched { order } => match_order(case, order),
        Change::AuthorityIs { authority } => case.authority = *authority,
        Change::Flagged { flag, on: true } => {
            case.flags.insert(*flag);
        }
        Change::Flagged { flag, on: false } => {
            case.flags.remove(flag);
        }
        Change::DeniedBy { person, appeal_until } => {
            case.denied_by = Some(*person);
            case.appeal_until = case.appeal_until.max(Some(*appeal_until));
        }
        Change::Exchanged { number, link } => {
            case.exchanges.insert(*number, *link);
        }
        Change::Proposed { .. } => {}
        Change::Closed => case.closed = true,
        Change::Reopened => case.closed = false,
        Change::Advised { .. }
        | Change::Moved { .. }
        | Change::Graded { .. }
        | Change::Held { .. }
        | Change::Disposed { .. }
        | Change::Kept { .. }
        | Change::Corrected { .. }
        | Change::Found { .. }
        | Change::Handled { .. } => goods(case, change)?,
        Change::Funded { .. }
        | Change::Shifted { .. }
        | Change::Triggered { .. }
        | Change::Sent { .. }
        | Change::Answered { .. }
        | Change::Exceeded { .. } => money(case, change)?,
    }
    Ok(())
}

fn label_is(
    case: &mut Case,
    label: LabelNo,
    state: LabelState,
    at: OffsetDateTime,
) -> Result<(), Broken> {
    let known = case.labels.get_mut(&label).ok_or(Broken::Missing)?;
    known.state = state;
    known.last_seen = known.last_seen.max(Some(at));
    if matches!(state, LabelState::Dropped | LabelState::Scanned | LabelState::Arrived) {
        case.proof_at = Some(case.proof_at.map_or(at, |first| first.min(at)));
    }
    Ok(())
}

fn match_order(case: &mut Case, order: &Order) {
    for (number, facts) in &order.lines {
        let line = case.lines.entry(*number).or_default();
        line.learn(facts);
    }
    case.delivery = super::delivery_ledger(order.delivery);
    case.order = Some(order.clone());
}

fn line_of(case: &mut Case, line: LineNo) -> Result<&mut Line, Broken> {
    case.lines.get_mut(&line).ok_or(Broken::Missing)
}

fn goods(case: &mut Case, change: &Change) -> Result<(), Broken> {
    match *change {
        Change::Advised { line, units, at } => {
            case.informed_at = Some(case.informed_at.map_or(at, |first| first.min(at)));
            // An orphan's line exists once something of it came.
            case.lines.entry(line).or_default().custody.advise(units)?;
        }
        Change::Moved { line, from, to, units, at } => {
            if to.0 == Place::Received {
                case.received_at = Some(case.received_at.map_or(at, |first| first.min(at)));
            }
            line_of(case, line)?.custody.shift(from, to, units)?;
        }
        Change::Graded { line, grade, units, .. } => {
            line_of(case, line)?.custody.grade(grade, units)?;
        }
        Change::Held { line, grade, units, on } => {
            line_of(case, line)?.custody.hold(grade, units, on)?;
        }
        Change::Disposed { line, grade, disposition, units, stock, .. } => {
            line_of(case, line)?.custody.dispose(grade, disposition, units)?;
            if let Some(number) = stock {
                case.stock.insert(number, Stock::Asked);
                case.booked.insert(number, (line, units));
            }
        }
        Change::Kept { line, units } => line_of(case, line)?.custody.keep(None, units)?,
        Change::Corrected { line, from, to, units, .. } => {
            line_of(case, line)?.custody.correct(from, to, units)?;
        }
        Change::Found { line, extra, units } => {
            case.lines.entry(line).or_default().custody.find(extra, units)?;
        }
        Change::Handled { line, extra, units } => {
            line_of(case, line)?.custody.handle(extra, units)?;
        }
        _ => {}
    }
    Ok(())
}

fn money(case: &mut Case, change: &Change) -> Result<(), Broken> {
    match *change {
        Change::Funded { scope, from, to, units } => {
            case.ledger_mut(scope).ok_or(Broken::Missing)?.fund(from, to, units)?;
        }
        Change::Shifted { scope, outcome, from, to, amount } => {
            case.ledger_mut(scope).ok_or(Broken::Missing)?.shift(outcome, from, to, amount)?;
        }
        Change::Triggered { scope, number, instruction } => {
            case.ledger_mut(scope).ok_or(Broken::Missing)?.trigger(number, instruction)?;
        }
        Change::Sent { scope, number } => {
            case.ledger_mut(scope).ok_or(Broken::Missing)?.sent(number)?;
        }
        Change::Answered { scope, number, state } => {
            case.ledger_mut(scope).ok_or(Broken::Missing)?.answered(number, state)?;
        }
        Change::Exceeded { scope, amount } => {
            case.ledger_mut(scope).ok_or(Broken::Missing)?.exceed(amount)?;
        }
        _ => {}
    }
    Ok(())
}
