//! Random orders, terms and commands: mostly sensible, often not.

use std::collections::BTreeMap;

use colibri_returns_rules::{
    case::{
        Action, Actor, Authority, Case, Flag, LineNo, Loss, Order, OrderLine, Scope, Stock, Terms,
    },
    goods::{Disposition, Extra, Grade, Place, Spot},
    legal::Basis,
    money::{Bucket, Method, Outcome},
    policy::Trigger,
};
use rand::{Rng, rngs::StdRng, seq::IndexedRandom};
use time::{Duration, OffsetDateTime};

use super::swaps;

const TRIGGERS: [Trigger; 7] = [
    Trigger::OnRequest,
    Trigger::OnDropOff,
    Trigger::OnScan,
    Trigger::OnArrival,
    Trigger::OnReceipt,
    Trigger::OnInspection,
    Trigger::Manual,
];

pub fn any<T: Copy>(rng: &mut StdRng, all: &[T]) -> T {
    *all.choose(rng).unwrap()
}

pub fn terms(rng: &mut StdRng, now: OffsetDateTime) -> Terms {
    let withdrawal = rng.random_bool(0.5);
    Terms {
        basis: if withdrawal { Basis::Withdrawal } else { Basis::Commercial },
        trigger: any(rng, &TRIGGERS),
        executors: Disposition::ALL.into_iter().filter(|_| rng.random_bool(0.8)).collect(),
        exposure_limit: any(rng, &[0, 3_000, 1_000_000]),
        keep_up_to: any(rng, &[None, Some(2_000)]),
        expires_at: now + Duration::days(rng.random_range(5..30)),
        validate_first: rng.random_bool(0.1),
        second_person_above: any(rng, &[0, 10_000]),
        silence: Duration::days(5),
        legal_days: withdrawal.then_some(14),
    }
}

pub fn order(rng: &mut StdRng) -> Order {
    let mut lines = BTreeMap::new();
    for line in 1..=rng.random_range(1..=2) {
        let shipped = rng.random_range(1..=6);
        let elsewhere = if rng.random_bool(0.2) { rng.random_range(0..shipped) } else { 0 };
        let paid = rng.random_range(0..20_000);
        let destruction_banned = rng.random_bool(0.3);
        lines.insert(line, OrderLine { shipped, elsewhere, paid, destruction_banned });
    }
    let delivery = any(rng, &[0, 490, 990]);
    let goods: i64 = lines.values().map(|line| line.paid).sum();
    let voucher = if rng.random_bool(0.2) { rng.random_range(0..=goods / 2) } else { 0 };
    let paid = goods + delivery - voucher;
    let others: i64 = if lines.values().any(|line| line.elsewhere > 0) { paid / 5 } else { 0 };
    Order { lines, delivery, paid, paid_back: others }
}

pub fn actor(rng: &mut StdRng) -> Actor {
    let person = Actor::Person(rng.random_range(1..4));
    let all = [Actor::Buyer, person, person, Actor::Policy, Actor::Carrier, Actor::Channel];
    any(rng, &all)
}

fn line(rng: &mut StdRng) -> LineNo {
    any(rng, &[1, 1, 1, 2, 2, 3])
}

fn scope(rng: &mut StdRng) -> Scope {
    any(rng, &[Scope::Line(1), Scope::Line(1), Scope::Line(2), Scope::Delivery])
}

fn outcome(rng: &mut StdRng) -> Outcome {
    let refund = Outcome::Refund;
    any(rng, &[refund, refund, Outcome::Credit, Outcome::Exchange, Outcome::Nothing])
}

/// About what is there; sometimes one more, or a part.
fn some_of(rng: &mut StdRng, there: i64) -> i64 {
    match rng.random_range(0..10) {
        0 => there + 1,
        1..4 => there / 2,
        4 => rng.random_range(0..30_000),
        _ => there,
    }
}

fn contents(rng: &mut StdRng, case: &Case) -> Vec<(LineNo, u32)> {
    let mut all = Vec::new();
    for (number, line) in case.lines() {
        let there = line.custody().at_in(Place::AtBuyer, None);
        if there > 0 && rng.random_bool(0.7) {
            all.push((*number, rng.random_range(1..=there)));
        }
    }
    if all.is_empty() { vec![(1, rng.random_range(0..3))] } else { all }
}

/// What may happen to goods.
pub fn goods(rng: &mut StdRng, case: &Case) -> Action {
    let (line, units) = (line(rng), rng.random_range(0..4));
    let label = rng.random_range(1..4);
    let grade = any(rng, &Grade::ALL);
    match rng.random_range(0..100) {
        0..12 => Action::Advise { line, units },
        12..20 => Action::IssueLabel { label, contents: contents(rng, case) },
        20..22 => Action::VoidLabel { label },
        22..26 => Action::DropOff { label },
        26..34 => Action::Scan { label },
        34..42 => Action::Arrive { label, at_site: rng.random_bool(0.9) },
        42..43 => Action::ReturnToSender { label: label + 3, contents: vec![(line, units)] },
        43..57 => Action::Receive { line, label: any(rng, &[None, Some(label)]), units },
        57..58 => Action::ReceiveForeign { line, units },
        58..61 => {
            let extra = any(rng, &[Extra::Surplus, Extra::Surplus, Extra::Foreign]);
            Action::HandleExtra { line, extra, units }
        }
        61..71 => Action::Inspect { line, grade, units },
        71..74 => Action::Hold { line, grade, units, on: rng.random_bool(0.3) },
        74..86 => {
            let disposition = any(rng, &Disposition::ALL);
            Action::Dispose { line, grade, disposition, units, evidence: rng.random_bool(0.7) }
        }
        86..88 => {
            let all = [Stock::Confirmed, Stock::Blocked, Stock::Handled, Stock::Asked];
            Action::StockAnswer { number: rng.random_range(0..4), answer: any(rng, &all) }
        }
        88..91 => Action::CloseNotReturned { line, units },
        91..92 => Action::Keep { line, units },
        92..95 => Action::Lose { label, loss: any(rng, &[Loss::Statement, Loss::Silence]) },
        95..97 => Action::Cancel { line, units },
        _ => correct(rng, line, units),
    }
}

fn correct(rng: &mut StdRng, line: LineNo, units: u32) -> Action {
    let grade = any(rng, &Grade::ALL);
    let from = match rng.random_range(0..3) {
        0 => Spot::In(any(rng, &Place::ALL)),
        1 => Spot::Graded(grade),
        _ => Spot::Disposed(grade, any(rng, &Disposition::ALL)),
    };
    let second = any(rng, &[None, Some(1), Some(2)]);
    Action::Correct { line, from, to: any(rng, &Place::ALL), units, second }
}

/// What may happen to money.
pub fn money(rng: &mut StdRng, case: &Case, now: OffsetDateTime) -> Action {
    let (scope, outcome) = (scope(rng), outcome(rng));
    let units = if scope == Scope::Delivery { 1 } else { rng.random_range(0..4) };
    let of = |bucket| case.ledger(scope).map_or(0, |ledger| ledger.in_bucket(outcome, bucket));
    let (pending, due) = (of(Bucket::Pending), of(Bucket::Due));
    match rng.random_range(0..100) {
        0..22 => Action::Assess { scope, outcome, units },
        22..24 => Action::Release { scope, outcome, units },
        24..27 => Action::Convert { scope, from: outcome, to: self::outcome(rng), units },
        27..52 => Action::Approve { scope, outcome, amount: some_of(rng, pending) },
        52..57 => {
            let there = any(rng, &[pending, due]);
            let amount = some_of(rng, there);
            let (evidence, appeal_until) = (rng.random_bool(0.9), now + Duration::days(5));
            Action::Deny { scope, outcome, amount, evidence, appeal_until }
        }
        57..60 => {
            let amount = some_of(rng, of(Bucket::Denied));
            Action::AppealWon { scope, outcome, amount }
        }
        60..61 => Action::Fee { scope, outcome, amount: rng.random_range(0..500) },
        61..72 => swaps::any(rng, case, now),
        72..92 => {
            let credit = (outcome == Outcome::Credit) != rng.random_bool(0.05);
            let method = if credit { Method::StoreCredit } else { Method::OriginalPayment };
            let number = rng.random_range(1..8);
            Action::Trigger { scope, number, outcome, amount: some_of(rng, due), method }
        }
        92..95 => {
            let there = any(rng, &[pending, due, 500]);
            let amount = some_of(rng, there);
            Action::Elsewhere { scope, amount }
        }
        _ => {
            let amount = some_of(rng, of(Bucket::Reversed));
            Action::SettleReversal { scope, outcome, amount, again: rng.random_bool(0.6) }
        }
    }
}

/// What is decided about the case as a whole.
pub fn whole(rng: &mut StdRng, order: &Order) -> Action {
    match rng.random_range(0..10) {
        0..2 => Action::Agree,
        2..4 => {
            let others = [Authority::Ambiguous, Authority::Marketplace];
            let us = rng.random_bool(0.8);
            Action::Decides { authority: if us { Authority::Us } else { any(rng, &others) } }
        }
        4..7 => {
            let all = [Flag::HoldRefund, Flag::DoubleRefundRisk, Flag::LateReturn];
            Action::SetFlag { flag: any(rng, &all), on: rng.random_bool(0.1) }
        }
        _ => Action::Match { order: order.clone() },
    }
}
