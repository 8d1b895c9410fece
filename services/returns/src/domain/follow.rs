//! What follows from what happened without anybody's command: assessment, approval by rule, the
//! instruction. Each is a command of the policy, decided by the same rules as a person's.

use std::collections::BTreeSet;

use colibri_returns_rules::{
    Refusal,
    case::{Action, Actor, Case, Change, Command, Line, Scope, Stock, apply, decide},
    exchange::{Difference, Exchange},
    fraud::Step,
    goods::{Extra, Grade, Place},
    money::{Bucket, Outcome, State},
    policy::Trigger,
};
use time::OffsetDateTime;

use super::{
    about::{About, Grades, payable},
    words,
};

/// What is looked at.
pub struct View<'a> {
    /// Articles and wishes.
    pub about: &'a About,
    /// Definitions of grades.
    pub grades: &'a Grades,
    /// The most that live signals do.
    pub step: Step,
    /// Now.
    pub now: OffsetDateTime,
    /// A refund that the payment side refused is ordered again: a person said so.
    pub again: bool,
}

/// Steps that one event may have: two for each line and outcome, far below this.
const STEPS_MAX: usize = 2_000;

/// Decides what follows until nothing does; the case is after it.
///
/// # Errors
/// [`Refusal::Inconsistent`] for a defect of ours.
pub fn follow(case: &mut Case, view: &View<'_>, salt: &str) -> Result<Vec<Change>, Refusal> {
    let mut all = Vec::new();
    let mut refused = BTreeSet::new();
    for n in 0..STEPS_MAX {
        let Some((name, action)) = next(case, view, &refused) else { return Ok(all) };
        let key = words::key(&[salt, &n.to_string()]);
        let command = Command { key, at: view.now, by: Actor::Policy, action };
        match decide(case, &command) {
            Ok(changes) => {
                for change in &changes {
                    apply(case, change).map_err(|_| Refusal::Inconsistent)?;
                }
                all.extend(changes);
            }
            Err(Refusal::Inconsistent) => return Err(Refusal::Inconsistent),
            // It waits: for goods, for a person, for an earlier answer.
            Err(_) => {
                refused.insert(name);
            }
        }
    }
    Err(Refusal::Inconsistent)
}

type Name = (u8, Scope, u8);

fn next(case: &Case, view: &View<'_>, refused: &BTreeSet<Name>) -> Option<(Name, Action)> {
    let steps = [hold, assess, let_go, fee, approve, trigger];
    for (kind, step) in (0_u8..).zip(steps) {
        for (scope, _) in case.ledgers() {
            let outcomes = [Outcome::Refund, Outcome::Credit, Outcome::Exchange];
            for (rank, outcome) in (0_u8..).zip(outcomes) {
                let name = (kind, scope, rank);
                if refused.contains(&name) {
                    continue;
                }
                if let Some(action) = step(case, view, scope, outcome) {
                    return Some((name, action));
                }
            }
        }
    }
    None
}

/// What is not the article, or has to be kept apart, waits for a person.
fn hold(case: &Case, _: &View<'_>, scope: Scope, _: Outcome) -> Option<Action> {
    let Scope::Line(number) = scope else { return None };
    let custody = case.lines().get(&number)?.custody();
    let open = |grade: &Grade| custody.inspected(*grade) > 0 && custody.held(*grade) == 0;
    // Units that a person let go are disposed of at once, in the same transaction.
    let grade = Grade::ALL.into_iter().filter(|grade| grade.is_held()).find(open)?;
    Some(Action::Hold { line: number, grade, units: custody.inspected(grade), on: true })
}

/// Units that may still come, or have come.
fn expected(line: &Line) -> u32 {
    let custody = line.custody();
    let gone = custody.at(Place::NotReturned).saturating_sub(custody.kept());
    custody.standing().saturating_sub(gone)
}

/// Units that are announced or have come fund what was wanted.
fn assess(case: &Case, view: &View<'_>, scope: Scope, outcome: Outcome) -> Option<Action> {
    if outcome != Outcome::Refund {
        return None;
    }
    match scope {
        Scope::Line(number) => {
            let line = case.lines().get(&number)?;
            let units = expected(line).checked_sub(line.ledger().allocated());
            let units = units.filter(|units| *units > 0)?;
            Some(Action::Assess { scope, outcome: view.about.outcome(number), units })
        }
        Scope::Delivery => {
            let free = view.about.delivery && case.ledger(scope)?.allocated() == 0;
            let value = case.ledger(scope)?.value_of(1);
            let stands = case.lines().values().any(|line| expected(line) > 0);
            (free && value > 0 && stands).then_some(Action::Assess {
                scope,
                outcome: Outcome::Refund,
                units: 1,
            })
        }
    }
}

/// Nothing comes any more: the charge for the way out funds nothing.
fn let_go(case: &Case, _: &View<'_>, scope: Scope, outcome: Outcome) -> Option<Action> {
    let nothing = case.lines().values().all(|line| expected(line) == 0);
    let pending = case.ledger(scope)?.in_bucket(outcome, Bucket::Pending) > 0;
    (nothing && pending && scope == Scope::Delivery).then_some(Action::Release {
        scope,
        outcome,
        units: 1,
    })
}

/// The fee that was shown, once, from the first line that can bear it.
fn fee(case: &Case, view: &View<'_>, scope: Scope, outcome: Outcome) -> Option<Action> {
    let fee = view.about.fee;
    let taken: i64 = case.ledgers().map(|(_, ledger)| ledger.total(Bucket::Fees)).sum();
    let come = case.received_at().is_some();
    // The value of exchanged units pays for the replacement.
    let swapped = outcome == Outcome::Exchange;
    if fee <= 0 || taken > 0 || !come || swapped || !matches!(scope, Scope::Line(_)) {
        return None;
    }
    let pending = case.ledger(scope)?.in_bucket(outcome, Bucket::Pending);
    (pending >= fee).then_some(Action::Fee { scope, outcome, amount: fee })
}

/// Where goods have to be now before money moves.
#[must_use]
pub fn trigger_now(case: &Case, step: Step, now: OffsetDateTime) -> Trigger {
    let overdue = case.refund_clock(now).is_some_and(|clock| clock.waiting_is_over(now));
    if overdue { Trigger::OnDropOff } else { step.trigger(case.terms().trigger) }
}

fn approve(case: &Case, view: &View<'_>, scope: Scope, outcome: Outcome) -> Option<Action> {
    let ledger = case.ledger(scope)?;
    let pending = match outcome {
        Outcome::Exchange => case.exchange_leftover(scope),
        other => ledger.in_bucket(other, Bucket::Pending),
    };
    if pending <= 0 {
        return None;
    }
    let trigger = trigger_now(case, view.step, view.now);
    let amount = match scope {
        Scope::Line(number) => {
            let for_person = view.about.for_person(case, number, view.grades);
            let units = payable(case, number, trigger, for_person);
            let free = ledger.value_of(units) - ledger.granted() - ended(ledger);
            pending.min(free)
        }
        Scope::Delivery => {
            let come = case.lines().iter().any(|(number, line)| {
                let for_person = view.about.for_person(case, *number, view.grades);
                line.reached(trigger) > for_person
            });
            if come { pending } else { 0 }
        }
    };
    (amount > 0).then_some(Action::Approve { scope, outcome, amount })
}

/// What was denied or kept as a fee is not granted a second time.
fn ended(ledger: &colibri_returns_rules::money::Ledger) -> i64 {
    ledger.total(Bucket::Denied) + ledger.total(Bucket::Fees)
}

fn trigger(case: &Case, view: &View<'_>, scope: Scope, outcome: Outcome) -> Option<Action> {
    let ledger = case.ledger(scope)?;
    let amount = ledger.in_bucket(outcome, Bucket::Due);
    let all = ledger.instructions();
    let open = all.values().any(|known| known.state.is_open());
    // The provider refused that way: the buyer is asked for another, by a person.
    let last = all.values().next_back();
    let refused = last.is_some_and(|known| known.state == State::Refused) && !view.again;
    if amount <= 0 || open || refused {
        return None;
    }
    let number = all.keys().next_back().map_or(1, |last| last + 1);
    Some(Action::Trigger { scope, number, outcome, amount, method: words::method(outcome) })
}

/// Why a person is waited for, as codes.
#[must_use]
pub fn attention(case: &Case, view: &View<'_>) -> BTreeSet<&'static str> {
    let mut codes = BTreeSet::new();
    for (scope, ledger) in case.ledgers() {
        if ledger.in_doubt() {
            codes.insert("REFUND_IN_DOUBT");
        }
        let last = ledger.instructions().values().next_back();
        if last.is_some_and(|known| known.state == State::Refused) && ledger.total(Bucket::Due) > 0
        {
            codes.insert("REFUND_REFUSED");
        }
        if ledger.total(Bucket::Reversed) > 0 {
            codes.insert("REFUND_REVERSED");
        }
        if ledger.excess() > 0 {
            codes.insert("PAID_TWICE");
        }
        let Scope::Line(number) = scope else { continue };
        let Some(line) = case.lines().get(&number) else { continue };
        if view.about.for_person(case, number, view.grades) > 0 && ledger.total(Bucket::Pending) > 0
        {
            codes.insert("GRADE_NEEDS_DECISION");
        }
        if Grade::ALL.into_iter().any(|grade| line.custody().held(grade) > 0) {
            codes.insert("UNITS_HELD");
        }
        if [Extra::Surplus, Extra::Foreign].into_iter().any(|e| line.custody().extra_open(e) > 0) {
            codes.insert("EXTRA_FOUND");
        }
    }
    codes.extend(swaps(case, view.now));
    if case.stock().values().any(|known| *known == Stock::Blocked) {
        codes.insert("RESTOCK_BLOCKED");
    }
    if !case.flags().is_empty() {
        codes.insert("FLAGGED");
    }
    if view.step == Step::Person {
        codes.insert("SIGNAL");
    }
    codes
}

/// Exchanges that wait for a person, or for the buyer's money.
fn swaps(case: &Case, now: OffsetDateTime) -> BTreeSet<&'static str> {
    let mut codes = BTreeSet::new();
    if case.lines().keys().any(|line| case.exchange_unlinked(*line) > 0) {
        codes.insert("EXCHANGE_WANTED");
    }
    for link in case.exchanges().values() {
        match link.difference {
            Difference::Due if link.lives() => {
                codes.insert("DIFFERENCE_DUE");
            }
            Difference::Owed => {
                codes.insert("DIFFERENCE_OWED");
            }
            _ => {}
        }
        match link.state {
            Exchange::Reserved(until) if now > until => {
                codes.insert("RESERVATION_OVER");
            }
            Exchange::ChargeDue => {
                codes.insert("EXCHANGE_CHARGE_DUE");
            }
            _ => {}
        }
    }
    codes
}
