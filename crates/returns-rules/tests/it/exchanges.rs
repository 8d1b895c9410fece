//! Exchanges, and the facts that figures are counted from.

use colibri_returns_rules::{
    Refusal,
    case::{Action, Actor, Case, Command, Order, OrderLine, Terms, apply, decide},
    exchange::{Event, Exchange, Mode},
    goods::{Disposition, Grade},
    kpi::{Fact, facts, share},
    legal::Basis,
    policy::Trigger,
};
use proptest::prelude::*;
use time::{Duration, OffsetDateTime, macros::datetime};

const NOW: OffsetDateTime = datetime!(2026-09-01 10:00 UTC);

#[test]
fn a_replacement_that_left_is_not_paid_back_on_top() {
    let until = NOW + Duration::days(2);
    let reserved = Exchange::Proposed.next(Event::Reserved(until), NOW).unwrap();
    let bare = Event::SentInAdvance { covered: false };
    assert_eq!(reserved.next(bare, NOW), Err(Refusal::ExposureExceeded));
    let late = until + Duration::HOUR;
    assert_eq!(reserved.next(Event::Confirmed, late), Err(Refusal::PolicyWindowClosed));
    assert_eq!(reserved.next(Event::Converted, late), Ok(Exchange::ConvertedToRefund));
    let sent = reserved.next(Event::SentInAdvance { covered: true }, NOW).unwrap();
    assert_eq!(sent.next(Event::Converted, NOW), Err(Refusal::NoWay));
    let due = sent.next(Event::Overdue, late).unwrap();
    assert_eq!(due, Exchange::ChargeDue);
    assert!(due.next(Event::Fulfilled, late).unwrap().is_terminal(), "it came after all");
    assert_eq!(Mode::AfterScan.trigger(), Some(Trigger::OnScan));
    assert_eq!(Mode::Advance.trigger(), None);
}

#[test]
fn facts_tell_how_long_it_took() {
    let facts_of_line =
        OrderLine { shipped: 1, elsewhere: 0, paid: 500, destruction_banned: false };
    let order = Order { lines: [(1, facts_of_line)].into(), delivery: 0, paid: 500, paid_back: 0 };
    let terms = Terms {
        basis: Basis::Withdrawal,
        trigger: Trigger::OnReceipt,
        executors: [Disposition::Restock].into(),
        exposure_limit: 0,
        keep_up_to: None,
        expires_at: NOW + Duration::days(14),
        validate_first: false,
        second_person_above: 0,
        silence: Duration::days(7),
        legal_days: Some(14),
    };
    let (line, units, grade) = (1, 1, Grade::A);
    let (disposition, evidence) = (Disposition::Restock, false);
    let story = [
        Action::Advise { line, units },
        Action::Receive { line, label: None, units },
        Action::Inspect { line, grade, units },
        Action::Dispose { line, grade, disposition, units, evidence },
    ];
    let (mut case, mut seen) = (Case::new(terms, Some(order)), Vec::new());
    for (hour, action) in story.into_iter().enumerate() {
        let at = NOW + Duration::hours(i64::try_from(hour).unwrap());
        let command = Command { key: hour as u128, at, by: Actor::Person(1), action };
        let changes = decide(&case, &command).unwrap();
        let before = case.clone();
        for change in &changes {
            apply(&mut case, change).unwrap();
        }
        seen.extend(facts(&before, &case, at, &changes));
        let early = facts(&before, &case, NOW - Duration::DAY, &changes);
        let unknown = !early.iter().any(|fact| format!("{fact:?}").contains("Some("));
        assert!(unknown, "told of a time before: {early:?}");
    }
    assert_eq!(
        seen,
        [
            Fact::Received { line, units, after_request: Some(3_600) },
            Fact::Graded { line, grade, units, after_receipt: Some(3_600) },
            Fact::Disposed { line, disposition, units, after_receipt: Some(7_200) },
        ]
    );
}

proptest! {
    #[test]
    fn a_cost_is_shared_to_the_cent(
        amount in -1_000_000_i64..1_000_000,
        units in proptest::collection::btree_map(1_u16..9, 1_u32..50, 1..6),
    ) {
        let shared = share(amount, &units);
        prop_assert_eq!(shared.values().sum::<i64>(), amount);
        let all: i64 = units.values().map(|units| i64::from(*units)).sum();
        for (line, part) in shared {
            let exact = amount * i64::from(units[&line]);
            prop_assert!((part * all - exact).abs() <= all);
        }
    }
}
