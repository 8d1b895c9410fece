//! Facts that key figures are counted from: who counts decides about cohorts and percentiles.
//!
//! Durations are in seconds, amounts in minor units of the payment's currency.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    case::{Case, Change, LineNo, Scope, Stock},
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
    /// R5; grades A and B could be sold.
    Graded { line: LineNo, grade: Grade, units: u32, after_receipt: Option<i64> },
    /// R5.
    Disposed { line: LineNo, disposition: Disposition, units: u32, after_receipt: Option<i64> },
    /// R3: the owner of the stock confirmed, and only then.
    Restocked { booking: u32, after_receipt: Option<i64> },
    /// R3: counts as not restocked.
    RestockBlocked { booking: u32 },
    /// R6; `missed`: after the legal date.
    Refunded { scope: Scope, amount: i64, after_request: Option<i64>, missed: bool },
    /// R4: an appeal was won, or the buyer was paid by somebody else.
    Disputed { scope: Scope, amount: i64 },
    /// R7: granted for goods that are not here, as it is now.
    Exposure { amount: i64 },
    /// R4, R8: the base of shares.
    Closed { after_request: Option<i64> },
}

/// Facts of the changes of one command: the case before it, and the business time.
#[must_use]
pub fn facts(before: &Case, after: &Case, at: OffsetDateTime, changes: &[Change]) -> Vec<Fact> {
    let since = |start: Option<OffsetDateTime>| start.map(|start| (at - start).whole_seconds());
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
                Some(Fact::Restocked { booking, after_receipt })
            }
            Change::StockIs { number: booking, answer: Stock::Blocked, .. } => {
                Some(Fact::RestockBlocked { booking })
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
