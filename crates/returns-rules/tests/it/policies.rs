//! Policies, reasons, grades, signals and facts: what is data, and what no data may change.

use std::collections::BTreeMap;

use colibri_returns_rules::{
    Refusal,
    fraud::{self, Limits, Record, Step},
    goods::Grade,
    grade::{self, NotGraded, SecondCheck},
    legal::{Alert, Basis, Exception, clock},
    money::Outcome,
    policy::{NotOffered, Policy, Question, ReturnCost, Trigger},
    reason,
};
use colibri_types::Country;
use proptest::prelude::*;
use time::{Duration, OffsetDateTime, macros::datetime};

const ORDERED: OffsetDateTime = datetime!(2026-09-01 10:00 UTC);
const DELIVERED: OffsetDateTime = datetime!(2026-09-04 10:00 UTC);

fn policy() -> Policy {
    serde_json::from_str(
        r#"{
        "versions": [
          {"from": "2026-01-01T00:00:00Z", "rules": [
            {"window_days": 30, "send_days": 14, "return_cost": "buyer", "fee": 490,
             "trigger": "on_scan", "refund_days": 14, "inspect_above": 50000,
             "keep_up_to": 1500, "outcomes": ["exchange", "credit"],
             "questions": {"size_small": ["which_size"]}},
            {"categories": ["swimwear"], "window_days": 7, "send_days": 7, "final_sale": true,
             "return_cost": "buyer", "trigger": "on_inspection", "refund_days": 14}]},
          {"from": "2026-10-01T00:00:00Z", "rules": [
            {"window_days": 5, "send_days": 5, "return_cost": "merchant",
             "trigger": "on_receipt", "refund_days": 10}]}],
        "legal_days": {"FR": 14, "DE": 14}
        }"#,
    )
    .unwrap()
}

fn question() -> Question {
    Question {
        ordered: ORDERED,
        delivered: Some(DELIVERED),
        asked: DELIVERED + Duration::days(3),
        channel: "shop".to_owned(),
        country: Country::FR,
        category: "shoes".to_owned(),
        value: 4_000,
        withdrawal: false,
        reason: Some("size_small".to_owned()),
        exception: None,
        whole_order: true,
        no_comfort: false,
    }
}

#[test]
fn the_version_at_order_time_decides() {
    let policy = policy();
    let old = policy.offer(&question()).unwrap();
    assert_eq!((old.basis, old.fee, old.trigger), (Basis::Commercial, 490, Trigger::OnScan));
    assert_eq!(old.questions, ["which_size"]);
    assert!(old.outcomes.contains(&Outcome::Refund) && old.outcomes.contains(&Outcome::Exchange));
    let ordered = datetime!(2026-10-02 10:00 UTC);
    let delivered = Some(ordered + Duration::days(2));
    let new = Question { ordered, delivered, asked: ordered + Duration::days(3), ..question() };
    assert_eq!(policy.offer(&new).unwrap().return_cost, Some(ReturnCost::Merchant));
    let before = Question { ordered: datetime!(2025-12-01 10:00 UTC), ..question() };
    assert_eq!(policy.offer(&before), Err(NotOffered::NeedsOperator));
}

#[test]
fn our_fault_costs_the_buyer_nothing() {
    let broken = Question { reason: Some("defective_on_arrival".into()), ..question() };
    let offer = policy().offer(&broken).unwrap();
    assert_eq!((offer.basis, offer.fee), (Basis::Conformity, 0));
    assert_eq!(offer.return_cost, Some(ReturnCost::Merchant));
    assert_eq!(offer.outbound_refunded, Some(true));
    let late = Question { asked: DELIVERED + Duration::days(90), ..broken };
    assert_eq!(policy().offer(&late), Err(NotOffered::NeedsOperator), "a person looks");
}

#[test]
fn exceptions_close_what_the_law_closes() {
    let swimwear = Question { category: "swimwear".into(), ..question() };
    assert_eq!(policy().offer(&swimwear), Err(NotOffered::FinalSale));
    let withdrawn = Question { withdrawal: true, reason: None, ..swimwear.clone() };
    assert_eq!(policy().offer(&withdrawn).unwrap().basis, Basis::Withdrawal);
    let opened = Question { exception: Some(Exception::UnsealedHygiene), ..withdrawn };
    assert_eq!(policy().offer(&opened), Err(NotOffered::HygieneSealed));
    let nowhere = Question { delivered: None, ..question() };
    assert_eq!(policy().offer(&nowhere), Err(NotOffered::NotShippedYet));
}

#[test]
fn lost_comfort_is_no_lost_right() {
    let small = Question { value: 1_000, ..question() };
    assert!(policy().offer(&small).unwrap().keep);
    let blocked = Question { no_comfort: true, withdrawal: true, ..small };
    let offer = policy().offer(&blocked).unwrap();
    assert_eq!((offer.keep, offer.trigger), (false, Trigger::OnReceipt));
    assert_eq!(offer.legal_days, Some(14));
}

#[test]
fn a_policy_that_pays_too_late_is_refused() {
    let mut policy = policy();
    assert_eq!(policy.check(), Ok(()));
    policy.versions[0].rules[0].refund_days = 15;
    assert_eq!(policy.check(), Err(Refusal::LegalDeadlineExceeded));
}

proptest! {
    /// Whatever a rule says: fourteen days from delivery, no fee, no question, no reason.
    #[test]
    fn no_policy_undercuts_the_withdrawal(
        window in 0u16..40, fee in 0i64..2_000, sale: bool, days in 0i64..=14, block: bool,
        validate: bool, value in 0i64..100_000,
    ) {
        let mut policy = policy();
        for rule in &mut policy.versions[0].rules {
            rule.window_days = window;
            rule.fee = fee;
            rule.final_sale = sale;
            rule.validate_first = validate;
        }
        let asked = DELIVERED + Duration::days(days);
        let question = Question {
            asked, value, withdrawal: true, reason: None, no_comfort: block, ..question()
        };
        let offer = policy.offer(&question).unwrap();
        prop_assert_eq!(offer.basis, Basis::Withdrawal);
        prop_assert_eq!((offer.fee, offer.questions.len(), offer.validate_first), (0, 0, false));
        prop_assert!(offer.ask_until >= DELIVERED + Duration::days(14));
        prop_assert!(offer.send_until >= asked + Duration::days(14));
        prop_assert_eq!(offer.outbound_refunded, Some(true));
        prop_assert!(offer.outcomes.contains(&Outcome::Refund));
    }

    /// The date is never before the legal days, never before goods or proof, and never unwarned.
    #[test]
    fn the_refund_clock_keeps_its_formula(
        proof in proptest::option::of(0i64..60), receipt in proptest::option::of(0i64..60),
    ) {
        let now = ORDERED + Duration::days(100);
        let on = |days: i64| ORDERED + Duration::days(days);
        let clock = clock(ORDERED, proof.map(on), receipt.map(on), 14, now);
        let first = [proof, receipt].into_iter().flatten().min();
        prop_assert_eq!(clock.due_by, first.map(|first| on(first.max(14))));
        if let Some(due) = clock.due_by {
            prop_assert_eq!(clock.alert(due + Duration::SECOND), Some(Alert::Missed));
            prop_assert_eq!(clock.alert(due - Duration::days(3)), Some(Alert::Near));
            prop_assert_eq!(clock.alert(due - Duration::days(4)), None);
        }
    }
}

#[test]
fn reasons_have_two_levels() {
    assert_eq!(reason::all().len(), 30);
    let (code, _) = reason::find("wrong_item/colour_mixed_up").unwrap();
    assert_eq!(code, "wrong_item");
    assert_eq!(reason::find("because"), None);
}

fn answers(yes: &[&str]) -> BTreeMap<String, bool> {
    let category = grade::default_category().unwrap();
    let all = category.criteria().into_iter();
    all.map(|asked| (asked.to_owned(), yes.contains(&asked))).collect()
}

#[test]
fn a_grade_is_computed_from_answers() {
    let category = grade::default_category().unwrap();
    let graded = |yes: &[&str]| category.grade(&answers(yes)).unwrap().definition.grade;
    let new = [
        "seal_intact",
        "no_sign_of_use",
        "complete",
        "packaging_sellable",
        "works",
        "no_use_beyond_trying",
        "clean",
    ];
    assert_eq!(graded(&new), Grade::A);
    assert_eq!(graded(&new[2..]), Grade::B);
    assert_eq!(graded(&["works", "clean"]), Grade::C);
    assert_eq!(graded(&["complete"]), Grade::D);
    assert_eq!(graded(&["works", "other_article"]), Grade::E);
    assert_eq!(graded(&["other_article", "leaks"]), Grade::Q);
    let mut gaps = answers(&new);
    gaps.remove("works");
    let missing = [String::from("works")].into_iter().collect();
    assert_eq!(category.grade(&gaps), Err(NotGraded::Unanswered(missing)));
    let used = answers(&["works", "clean"]);
    let because = category.grade(&used).unwrap().because;
    assert!(because.contains("complete"), "what kept it from B: {because:?}");
}

#[test]
fn inspectors_are_checked() {
    assert_eq!(grade::second_check(Grade::E, false, 1, 9, 50), Some(SecondCheck::NotTheItem));
    assert_eq!(grade::second_check(Grade::D, false, 1, 9, 50), None);
    assert_eq!(grade::second_check(Grade::D, true, 1, 9, 50), Some(SecondCheck::Reduced));
    assert_eq!(grade::second_check(Grade::A, false, 1, 9, 4), Some(SecondCheck::Lot));
    use Grade::{A, B, D};
    assert_eq!(grade::agreement(&[(A, A), (D, D), (B, B)]), Some(1_000));
    assert_eq!(grade::agreement(&[(A, D), (D, A)]), Some(-1_000));
    assert_eq!(grade::agreement(&[(A, A)]), None);
}

#[test]
fn signals_ask_a_person_at_most() {
    let limits = Limits::default();
    let now = DELIVERED;
    assert_eq!(limits.weight(1_000, 901, now), None);
    assert_eq!(limits.weight(2_000, 1_800, now), None, "ten in a hundred may be missing");
    let light = limits.weight(1_000, 899, now).unwrap();
    assert_eq!(fraud::serial(Some("ab-12"), Some("AB 12"), now), None);
    assert_eq!(fraud::serial(None, Some("x"), now), None, "not recorded says nothing");
    let serial = fraud::serial(Some("a"), Some("b"), now).unwrap();
    assert_eq!(limits.share(9, 10, 9, 500, now), None, "too few orders");
    assert!(limits.share(9, 10, 10, 500, now).is_some());
    assert!(limits.unseen(now - Duration::days(5), false, false, now).is_some());
    let day = |hours| Some(now - Duration::hours(hours));
    assert_eq!(limits.clock(now, day(24), Some(86_400), now), None, "a wrong time zone");
    assert_eq!(limits.clock(now, None, None, now), None, "without an offset nothing is known");
    let early = limits.clock(now, day(25), None, now).unwrap();
    assert_eq!(early.evidence["hours_before_request"], 25);
    assert_eq!(limits.clock(now, None, Some(25 * 3_600), now).unwrap().code, "F14");
    assert!(limits.drifts((50, 30), (50, 15)), "60 % beside 30 %");
    assert!(limits.drifts((50, 15), (50, 30)), "too kind is as far");
    assert!(!limits.drifts((50, 20), (50, 15)) && !limits.drifts((49, 49), (500, 0)));

    let none = BTreeMap::new();
    let (step, because) = fraud::step(std::slice::from_ref(&light), &none, now);
    assert_eq!((step, because.len()), (Step::AfterInspection, 1));
    assert_eq!(step.trigger(Trigger::OnScan), Trigger::OnInspection);
    let mut all: Vec<_> = fraud::all()
        .keys()
        .map(|code| fraud::Signal { code: code.clone(), ..serial.clone() })
        .collect();
    assert_eq!(all.len(), 16);
    assert_eq!(fraud::step(&all, &none, now).0, Step::Person, "all of them, and no refusal");
    assert_eq!(fraud::step(&all, &none, now + Duration::days(365)).0, Step::None, "forgotten");
    all.iter_mut().for_each(|signal| signal.explained = true);
    assert_eq!(fraud::step(&all, &none, now).0, Step::None, "our own errors explain them");
    let wrong = Record { adverse: 200, confirmed: 99, overturned: 2 };
    let records = BTreeMap::from([("F01".to_owned(), wrong)]);
    assert_eq!(fraud::step(&[light], &records, now).0, Step::None, "wrong too often");
    assert_eq!(wrong.false_accusation(), Some(10));
    assert!(fraud::all().values().all(|known| !known.innocent.is_empty()));
}
