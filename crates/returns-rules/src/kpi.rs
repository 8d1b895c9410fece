//! Facts that key figures are counted from: who counts decides about cohorts and percentiles.
//!
//! Durations are in seconds, amounts in minor units of the payment's currency.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    case::{Case, Change, LineNo, Scope, Stock},
    exchange::Exchange,
    goods::{Disposition, Grade, Place},
    money::{Bucket, State},
};

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are named for what they are; variants say the rest")]
pub enum Fact {
    /// R2: first request to the count at the bench. None: it came before anybody asked.
    Received { line: LineNo, units: u32, after_request: Option<i64> },
    /// R5; grades A and B could be sold. `after_receipt`, here and below, is None where the told time
    /// lies before the receipt.
    Graded { line: LineNo, grade: Grade, units: u32, after_receipt: Option<i64> },
    /// R5.
    Disposed { line: LineNo, disposition: Disposition, units: u32, after_receipt: Option<i64> },
    /// R3: the owner of the stock confirmed, and only then.
    Restocked { booking: u32, line: LineNo, units: u32, after_receipt: Option<i64> },
    /// R3: counts as not restocked.
    RestockBlocked { booking: u32, line: LineNo, units: u32 },
    /// R6; `missed`: after the legal date.
    Refunded { scope: Scope, amount: i64, after_request: Option<i64>, missed: bool },
    /// R4: an appeal was won, the buyer was paid by somebody else, or money was taken back.
    Disputed { scope: Scope, amount: i64 },
    /// R7: granted for goods that are not here, as it is now.
    Exposure { amount: i64 },
    /// R8: a replacement has left and its goods have come.
    Exchanged { line: LineNo, units: u32, after_request: Option<i64> },
    /// R4, R8: the base of shares.
    Closed { after_request: Option<i64> },
}

/// Facts of the changes of one command: the case before it, and the business time.
#[must_use]
pub fn facts(before: &Case, after: &Case, at: OffsetDateTime, changes: &[Change]) -> Vec<Fact> {
    // Told late, of a time before: how long it took is not known, and no average is bent by it.
    let since = |start: Option<OffsetDateTime>| {
        start.map(|start| (at - start).whole_seconds()).filter(|seconds| *seconds >= 0)
    };
    let (after_request, after_receipt) = (since(after.informed_at()), since(after.received_at()));
    let mut facts = Vec::new();
    for change in changes {
        facts.extend(match *change {
            Change::Moved { line, to: (Place::Received, _), units, .. } => {
                Some(Fact::Received { line, units, after_request })
            }
            Change::Graded { line, grade, units, .. } => {
                Some(Fact::Graded { line, grade, units, after_receipt })
            }
            Change::Disposed { line, disposition, units, .. } => {
                Some(Fact::Disposed { line, disposition, units, after_receipt })
            }
            Change::StockIs { number: booking, answer: Stock::Confirmed, .. } => {
                let known = after.booking(booking);
                known.map(|(line, units)| Fact::Restocked { booking, line, units, after_receipt })
            }
            Change::StockIs { number: booking, answer: Stock::Blocked, .. } => {
                let known = after.booking(booking);
                known.map(|(line, units)| Fact::RestockBlocked { booking, line, units })
            }
            Change::Answered { scope, number, state: State::Reversed } => {
                let known = after.ledger(scope).and_then(|all| all.instructions().get(&number));
                known.map(|known| Fact::Disputed { scope, amount: known.amount })
            }
            Change::Exchanged { link, .. } if link.state == Exchange::Completed => {
                let (line, units) = (link.line, link.units);
                Some(Fact::Exchanged { line, units, after_request })
            }
            Change::Answered { scope, number, state: State::Refunded } => {
                let known = after.ledger(scope).and_then(|all| all.instructions().get(&number));
                let due = before.refund_clock(at).and_then(|clock| clock.due_by);
                let missed = due.is_some_and(|due| at > due);
                known.map(|known| Fact::Refunded {
                    scope,
                    amount: known.amount,
                    after_request,
                    missed,
                })
            }
            Change::Shifted {
                scope, from: Bucket::Denied, to: Bucket::Pending, amount, ..
            }
            | Change::Exceeded { scope, amount } => Some(Fact::Disputed { scope, amount }),
            Change::Closed => Some(Fact::Closed { after_request }),
            _ => None,
        });
    }
    if before.exposure() != after.exposure() {
        facts.push(Fact::Exposure { amount: after.exposure() });
    }
    facts
}

/// A cost shared by the units it was for, to the cent: what does not divide lies on the first
/// lines.
#[must_use]
pub fn share(amount: i64, units: &BTreeMap<LineNo, u32>) -> BTreeMap<LineNo, i64> {
    let all: i64 = units.values().map(|units| i64::from(*units)).sum();
    let (mut before, mut shared) = (0, BTreeMap::new());
    let upto = |units: i64| -> i64 {
        // Rounded up, so that the first ones bear what does not divide; the last one ends at the
        // sum.
        let part = i128::from(amount) * i128::from(units);
        let all = i128::from(all.max(1));
        i64::try_from((part + part.signum() * (all - 1)) / all).unwrap_or(amount)
    };
    for (line, count) in units {
        let after = before + i64::from(*count);
        shared.insert(*line, upto(after) - upto(before));
        before = after;
    }
    shared
}
