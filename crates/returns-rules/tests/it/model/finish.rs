//! A diligent person: what it takes to bring a case to its end.

use colibri_returns_rules::{
    case::{Action, Authority, Case, Flag, LineNo, Order, Scope},
    goods::{Disposition, Extra, Grade, Place},
    money::{Bucket, Outcome},
};
use time::{Duration, OffsetDateTime};

use super::swaps;

/// What a person would do next with everything that is open.
pub fn next(case: &Case, order: &Order, now: OffsetDateTime) -> Vec<Action> {
    let mut all = vec![Action::Decides { authority: Authority::Us }];
    if case.is_orphan() {
        all.push(Action::Match { order: order.clone() });
    }
    for flag in [Flag::HoldRefund, Flag::DoubleRefundRisk] {
        all.push(Action::SetFlag { flag, on: false });
    }
    all.extend(swaps::finish(case));
    for line in case.lines().keys() {
        goods(case, *line, &mut all);
    }
    for (scope, ledger) in case.ledgers() {
        for outcome in Outcome::ALL {
            let waits =
                ledger.in_bucket(outcome, Bucket::Pending) + ledger.in_bucket(outcome, Bucket::Due);
            if waits > 0 {
                let (evidence, appeal_until) = (true, now - Duration::days(1));
                all.push(Action::Deny { scope, outcome, amount: waits, evidence, appeal_until });
            }
            let amount = ledger.in_bucket(outcome, Bucket::Reversed);
            if amount > 0 {
                all.push(Action::SettleReversal { scope, outcome, amount, again: false });
            }
        }
    }
    all
}

fn goods(case: &Case, line: LineNo, all: &mut Vec<Action>) {
    let custody = case.lines()[&line].custody();
    let mut push = |units: u32, action: fn(LineNo, u32) -> Action| {
        if units > 0 {
            all.push(action(line, units));
        }
    };
    let way = [Place::Dropped, Place::InTransit, Place::Arrived];
    let way = way.iter().map(|place| custody.at(*place)).sum();
    push(custody.at(Place::AtBuyer), |line, units| Action::CloseNotReturned { line, units });
    push(way, |line, units| Action::Receive { line, label: None, units });
    push(custody.at(Place::Received), |line, units| Action::Inspect {
        line,
        grade: Grade::B,
        units,
    });
    push(custody.extra_open(Extra::Surplus), |line, units| Action::HandleExtra {
        line,
        extra: Extra::Surplus,
        units,
    });
    push(custody.extra_open(Extra::Foreign), |line, units| Action::HandleExtra {
        line,
        extra: Extra::Foreign,
        units,
    });
    let ledger = case.lines()[&line].ledger();
    push(custody.standing().saturating_sub(ledger.allocated()), |line, units| Action::Assess {
        scope: Scope::Line(line),
        outcome: Outcome::Nothing,
        units,
    });
    for grade in Grade::ALL {
        let (held, units) = (custody.held(grade), custody.inspected(grade));
        if held > 0 {
            all.push(Action::Hold { line, grade, units: held, on: false });
        }
        for disposition in Disposition::ALL.into_iter().filter(|_| units > 0) {
            all.push(Action::Dispose { line, grade, disposition, units, evidence: true });
        }
    }
}
