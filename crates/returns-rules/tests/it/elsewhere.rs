//! Somebody else has paid: what we owe becomes less, and what was on its way to be paid or sent is
//! taken back.

use std::collections::BTreeMap;

use colibri_returns_rules::{
    Refusal,
    case::{Action, Actor, Case, Command, Order, OrderLine, Scope, Terms, apply, decide},
    exchange::{Difference, Event, Exchange, Mode},
    goods::{Disposition, Grade},
    legal::Basis,
    money::{Bucket, Method, Outcome, State},
    policy::Trigger,
};
use time::{Duration, OffsetDateTime};

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;
const LINE: Scope = Scope::Line(1);

/// Two units of 1000 each.
fn case() -> Case {
    let facts = OrderLine { shipped: 2, elsewhere: 0, paid: 2_000, destruction_banned: false };
    let lines = BTreeMap::from([(1, facts)]);
    let terms = Terms {
        basis: Basis::Commercial,
        trigger: Trigger::OnReceipt,
        executors: [Disposition::Restock].into(),
        exposure_limit: 0,
        keep_up_to: None,
        expires_at: NOW + Duration::days(14),
        validate_first: false,
        second_person_above: 0,
        silence: Duration::days(5),
        legal_days: None,
    };
    Case::new(terms, Some(Order { lines, delivery: 0, paid: 2_000, paid_back: 0 }))
}

fn act(case: &mut Case, key: &mut u128, action: Action) -> Result<(), Refusal> {
    *key += 1;
    let changes = decide(case, &Command { key: *key, at: NOW, by: Actor::Person(1), action })?;
    changes.iter().for_each(|change| apply(case, change).unwrap());
    Ok(())
}

fn all(case: &mut Case, key: &mut u128, actions: Vec<Action>) {
    for action in actions {
        act(case, key, action.clone()).unwrap_or_else(|refusal| panic!("{action:?}: {refusal}"));
    }
}

fn bench(units: u32) -> Vec<Action> {
    let (line, grade, disposition) = (1, Grade::A, Disposition::Restock);
    vec![
        Action::Receive { line, label: None, units },
        Action::Inspect { line, grade, units },
        Action::Dispose { line, grade, disposition, units, evidence: false },
    ]
}

fn funded(outcome: Outcome, units: u32) -> Vec<Action> {
    vec![Action::Advise { line: 1, units }, Action::Assess { scope: LINE, outcome, units }]
}

#[test]
fn an_instruction_that_nobody_was_called_for_is_taken_back() {
    let (mut case, mut key) = (case(), 0);
    let (scope, outcome) = (LINE, Outcome::Refund);
    all(&mut case, &mut key, funded(outcome, 2));
    all(&mut case, &mut key, bench(2));
    let (amount, method) = (2_000, Method::OriginalPayment);
    let ordered = vec![
        Action::Approve { scope, outcome, amount },
        Action::Trigger { scope, number: 1, outcome, amount, method },
    ];
    all(&mut case, &mut key, ordered);
    act(&mut case, &mut key, Action::Elsewhere { scope, amount: 1_500 }).unwrap();
    let ledger = case.ledger(scope).unwrap();
    assert_eq!(ledger.instructions()[&1].state, State::Refused);
    assert_eq!((ledger.total(Bucket::Elsewhere), ledger.total(Bucket::Due)), (1_500, 500));
    assert_eq!((ledger.excess(), case.flags().len()), (0, 0), "nobody is paid twice");
    let send = act(&mut case, &mut key, Action::Send { scope, number: 1 });
    assert_eq!(send, Err(Refusal::InstructionPast));
    let again = Action::Trigger { scope, number: 2, outcome, amount, method };
    assert_eq!(act(&mut case, &mut key, again), Err(Refusal::RefundExceedsApproved));
    let rest = vec![
        Action::Trigger { scope, number: 2, outcome, amount: 500, method },
        Action::Send { scope, number: 2 },
        Action::Observe { scope, number: 2, state: State::Refunded },
    ];
    all(&mut case, &mut key, rest);
    assert!(case.is_closed());
}

#[test]
fn what_was_called_stays_ordered_and_what_is_over_stops_refunds() {
    let (mut case, mut key) = (case(), 0);
    let (scope, outcome, amount) = (LINE, Outcome::Refund, 2_000);
    all(&mut case, &mut key, funded(outcome, 2));
    all(&mut case, &mut key, bench(2));
    let method = Method::OriginalPayment;
    let called = vec![
        Action::Approve { scope, outcome, amount },
        Action::Trigger { scope, number: 1, outcome, amount, method },
        Action::Send { scope, number: 1 },
        Action::Elsewhere { scope, amount: 300 },
    ];
    all(&mut case, &mut key, called);
    assert_eq!(case.ledger(scope).unwrap().excess(), 300);
    assert_eq!(case.flags().len(), 1);
}

#[test]
fn replacements_are_given_up_for_as_much_as_was_paid_and_no_more() {
    let (mut case, mut key) = (case(), 0);
    let (scope, line, mode) = (LINE, 1, Mode::AfterReceipt);
    all(&mut case, &mut key, funded(Outcome::Exchange, 2));
    let begun = vec![
        Action::Exchange { number: 1, line, units: 1, price: 900, mode },
        Action::Exchange { number: 2, line, units: 1, price: 1_200, mode },
        Action::Difference { number: 2, amount: 200, is: Difference::Paid },
        Action::Elsewhere { scope, amount: 1_000 },
    ];
    all(&mut case, &mut key, begun);
    let states: Vec<_> = case.exchanges().values().map(|link| link.state).collect();
    assert_eq!(states, [Exchange::Proposed, Exchange::ConvertedToRefund]);
    assert_eq!(case.exchanges()[&2].difference, Difference::Owed);
    let ledger = case.ledger(scope).unwrap();
    assert_eq!((ledger.funded(Outcome::Refund), ledger.funded(Outcome::Exchange)), (1, 1));
    all(&mut case, &mut key, bench(2));
    let until = NOW + Duration::days(1);
    let step = |number, event| Action::ExchangeStep { number, event };
    let sent =
        vec![step(1, Event::Reserved(until)), step(1, Event::Confirmed), step(1, Event::Fulfilled)];
    all(&mut case, &mut key, sent);
    let late = act(&mut case, &mut key, step(2, Event::Reserved(until)));
    assert_eq!(late, Err(Refusal::NoWay));
    // What the sent one costs less is owed to the buyer, and so is what was paid for the other.
    let ledger = case.ledger(scope).unwrap();
    assert_eq!((ledger.total(Bucket::Spent), ledger.total(Bucket::Elsewhere)), (900, 1_000));
    assert_eq!(ledger.total(Bucket::Pending), 100);
    assert!(!case.is_closed());
}
