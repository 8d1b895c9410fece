//! Single rules of the two machines and of what binds them, each told as a story.

use std::collections::BTreeMap;

use colibri_returns_rules::{
    Refusal,
    case::{
        Action, Actor, Authority, Case, Change, Command, Flag, Loss, Order, OrderLine, Proposal,
        Scope, Terms, apply, decide,
    },
    goods::{Disposition, Extra, Grade, Place, Spot},
    legal::{Alert, Basis},
    money::{Bucket, Method, Outcome, State},
    policy::Trigger,
};
use time::{Duration, OffsetDateTime, macros::datetime};

const START: OffsetDateTime = datetime!(2026-09-01 10:00 UTC);
const LINE: Scope = Scope::Line(1);
const CLERK: Actor = Actor::Person(1);

struct Story {
    case: Case,
    key: u128,
    now: OffsetDateTime,
}

fn terms() -> Terms {
    Terms {
        basis: Basis::Withdrawal,
        trigger: Trigger::OnInspection,
        executors: Disposition::ALL.into_iter().collect(),
        exposure_limit: 0,
        keep_up_to: None,
        expires_at: START + Duration::days(14),
        validate_first: false,
        second_person_above: 100_000,
        silence: Duration::days(7),
        legal_days: Some(14),
    }
}

fn order() -> Order {
    let facts = OrderLine { shipped: 3, elsewhere: 0, paid: 10_000, destruction_banned: true };
    Order { lines: BTreeMap::from([(1, facts)]), delivery: 490, paid: 10_490, paid_back: 0 }
}

impl Story {
    fn new(terms: Terms) -> Self {
        Self { case: Case::new(terms, Some(order())), key: 0, now: START }
    }

    fn by(&mut self, by: Actor, action: Action) -> Result<Vec<Change>, Refusal> {
        self.key += 1;
        let changes = decide(&self.case, &Command { key: self.key, at: self.now, by, action })?;
        for change in &changes {
            apply(&mut self.case, change).unwrap();
        }
        Ok(changes)
    }

    fn does(&mut self, action: Action) -> Result<Vec<Change>, Refusal> {
        self.by(CLERK, action)
    }

    fn all(&mut self, actions: impl IntoIterator<Item = Action>) {
        for action in actions {
            self.does(action).unwrap();
        }
    }

    /// Units announced, in one parcel.
    fn on_the_way(&mut self, units: u32) {
        self.all([
            Action::Advise { line: 1, units },
            Action::IssueLabel { label: 1, contents: vec![(1, units)] },
            Action::Scan { label: 1 },
        ]);
    }

    fn graded(&mut self, units: u32, grade: Grade) {
        self.on_the_way(units);
        self.all([
            Action::Receive { line: 1, label: Some(1), units },
            Action::Inspect { line: 1, grade, units },
            Action::Assess { scope: LINE, outcome: Outcome::Refund, units },
        ]);
    }

    fn at(&self, place: Place) -> u32 {
        self.case.lines()[&1].custody().at(place)
    }

    fn approve(&mut self, amount: i64) -> Result<Vec<Change>, Refusal> {
        let outcome = Outcome::Refund;
        self.by(Actor::Policy, Action::Approve { scope: LINE, outcome, amount })
    }

    fn trigger(&mut self, number: u32, amount: i64) -> Result<Vec<Change>, Refusal> {
        let (outcome, method) = (Outcome::Refund, Method::OriginalPayment);
        self.does(Action::Trigger { scope: LINE, number, outcome, amount, method })
    }

    fn observe(&mut self, number: u32, state: State) -> Result<Vec<Change>, Refusal> {
        self.by(Actor::Provider, Action::Observe { scope: LINE, number, state })
    }
}

#[test]
fn a_return_goes_from_the_buyer_to_stock_and_the_money_back() {
    let mut story = Story::new(terms());
    story.graded(3, Grade::A);
    assert_eq!(story.trigger(1, 10_000), Err(Refusal::RefundExceedsApproved));
    story.approve(10_000).unwrap();
    story.trigger(1, 10_000).unwrap();
    story.does(Action::Send { scope: LINE, number: 1 }).unwrap();
    story.observe(1, State::Refunded).unwrap();
    assert!(!story.case.is_closed(), "the goods are still on the bench");
    let (line, grade, units, evidence) = (1, Grade::A, 3, false);
    let restock =
        Action::Dispose { line, grade, disposition: Disposition::Restock, units, evidence };
    assert!(story.does(restock.clone()).unwrap().contains(&Change::Closed));
    assert_eq!(story.does(restock), Err(Refusal::UnitAlreadyDisposed));
    let reversed = story.observe(1, State::Reversed).unwrap();
    assert!(reversed.contains(&Change::Reopened));
}

#[test]
fn the_same_key_is_the_same_command() {
    let mut story = Story::new(terms());
    let action = Action::Advise { line: 1, units: 1 };
    let command = Command { key: 7, at: START, by: Actor::Buyer, action };
    for change in decide(&story.case, &command).unwrap() {
        apply(&mut story.case, &change).unwrap();
    }
    assert_eq!(decide(&story.case, &command), Ok(Vec::new()));
    let other = Command { action: Action::Agree, ..command };
    assert_eq!(decide(&story.case, &other), Err(Refusal::KeyReused));
}

#[test]
fn no_more_is_announced_than_was_shipped_and_a_cancelled_unit_is_free_again() {
    let mut story = Story::new(terms());
    story.does(Action::Advise { line: 1, units: 3 }).unwrap();
    let more = Action::Advise { line: 1, units: 1 };
    assert_eq!(story.does(more.clone()), Err(Refusal::QuantityExceedsAdvised));
    story.does(Action::Cancel { line: 1, units: 1 }).unwrap();
    story.does(more).unwrap();
    // The cancelled one comes all the same: it has no place left, so it is surplus.
    story.does(Action::Receive { line: 1, label: None, units: 4 }).unwrap();
    assert_eq!(story.case.lines()[&1].custody().extra(Extra::Surplus), 1);
    assert_eq!(story.at(Place::Cancelled), 1);
}

#[test]
fn a_late_scan_moves_only_what_is_still_in_that_parcel() {
    let mut story = Story::new(terms());
    story.all([
        Action::Advise { line: 1, units: 3 },
        Action::IssueLabel { label: 1, contents: vec![(1, 1)] },
        Action::IssueLabel { label: 2, contents: vec![(1, 2)] },
        Action::Receive { line: 1, label: Some(1), units: 1 },
        Action::Scan { label: 1 },
    ]);
    assert_eq!((story.at(Place::AtBuyer), story.at(Place::Received)), (2, 1));
    let again = story.does(Action::Scan { label: 1 }).unwrap();
    assert_eq!(again.len(), 1, "the second scan is no news");
    assert_eq!(story.does(Action::VoidLabel { label: 1 }), Err(Refusal::LabelAlreadyScanned));
    assert_eq!(story.does(Action::Cancel { line: 1, units: 2 }), Err(Refusal::LabelOpen));
}

#[test]
fn what_is_given_up_reopens_when_it_comes() {
    let mut story = Story::new(terms());
    story.does(Action::Advise { line: 1, units: 1 }).unwrap();
    story.does(Action::IssueLabel { label: 1, contents: vec![(1, 1)] }).unwrap();
    let close = Action::CloseNotReturned { line: 1, units: 1 };
    assert_eq!(story.does(close.clone()), Err(Refusal::NotExpired));
    story.now += Duration::days(15);
    assert_eq!(story.by(Actor::Policy, close.clone()), Err(Refusal::PersonRequired));
    assert!(story.does(close).unwrap().contains(&Change::Closed));
    let late = story.does(Action::Arrive { label: 1, at_site: true }).unwrap();
    assert!(late.contains(&Change::Reopened));
    assert!(story.case.flags().contains(&Flag::LateReturn));
    assert_eq!(story.at(Place::Arrived), 1);
}

#[test]
fn a_correction_only_goes_back_the_way_goods_can_have_come() {
    let mut story = Story::new(terms());
    story.on_the_way(2);
    story.by(Actor::Carrier, Action::Lose { label: 1, loss: Loss::Statement }).unwrap();
    let correct =
        |to| Action::Correct { line: 1, from: Spot::In(Place::Lost), to, units: 1, second: None };
    assert_eq!(story.does(correct(Place::Received)), Err(Refusal::NoWay), "nobody counted it");
    story.does(correct(Place::InTransit)).unwrap();
    let lawful = |from: Place| Place::ALL.into_iter().filter(move |to| from.goes_back_to(*to));
    assert_eq!(lawful(Place::Cancelled).collect::<Vec<_>>(), [Place::AtBuyer]);
    assert_eq!(lawful(Place::AtBuyer).count(), 0);
    assert_eq!(lawful(Place::Disposed).count(), 6);
}

#[test]
fn lost_after_proof_is_owed_and_the_carrier_is_claimed() {
    let mut story = Story::new(terms());
    story.on_the_way(3);
    story.does(Action::Assess { scope: LINE, outcome: Outcome::Refund, units: 3 }).unwrap();
    assert_eq!(story.approve(10_000), Err(Refusal::TriggerNotReached));
    let silence = Action::Lose { label: 1, loss: Loss::Silence };
    assert_eq!(story.does(silence.clone()), Err(Refusal::NotExpired));
    story.now += Duration::days(8);
    let lost = story.does(silence).unwrap();
    assert!(lost.contains(&Change::Proposed { proposal: Proposal::ClaimCarrier(1) }));
    story.approve(10_000).unwrap();
    assert_eq!(story.case.exposure(), 0, "owed, not exposed");
}

#[test]
fn exposure_has_a_limit_before_the_goods_are_here() {
    let early = Terms { trigger: Trigger::OnScan, exposure_limit: 5_000, ..terms() };
    let mut story = Story::new(early);
    story.on_the_way(3);
    story.does(Action::Assess { scope: LINE, outcome: Outcome::Refund, units: 3 }).unwrap();
    assert_eq!(story.approve(5_001), Err(Refusal::ExposureExceeded));
    story.approve(5_000).unwrap();
    assert_eq!(story.case.exposure(), 5_000);
    story.does(Action::Receive { line: 1, label: Some(1), units: 2 }).unwrap();
    assert_eq!(story.case.exposure(), 0);
}

#[test]
fn the_legal_date_does_not_wait_for_an_inspection() {
    let mut story = Story::new(terms());
    story.on_the_way(3);
    story.does(Action::Assess { scope: LINE, outcome: Outcome::Refund, units: 3 }).unwrap();
    assert_eq!(story.approve(10_000), Err(Refusal::TriggerNotReached));
    story.now += Duration::days(11);
    let alert = |story: &Story| story.case.refund_clock(story.now).unwrap().alert(story.now);
    assert_eq!(alert(&story), Some(Alert::Near));
    story.approve(10_000).unwrap();
    story.now += Duration::days(4);
    assert_eq!(alert(&story), Some(Alert::Missed), "approved is not paid");
}

#[test]
fn silence_is_a_doubt_and_a_doubt_blocks() {
    let mut story = Story::new(terms());
    story.graded(3, Grade::A);
    story.approve(10_000).unwrap();
    story.trigger(1, 4_000).unwrap();
    assert_eq!(story.observe(1, State::InDoubt), Err(Refusal::InstructionPast), "never called");
    story.does(Action::Send { scope: LINE, number: 1 }).unwrap();
    let twice = story.does(Action::Send { scope: LINE, number: 1 });
    assert_eq!(twice, Err(Refusal::InstructionPast));
    story
        .by(Actor::Policy, Action::Observe { scope: LINE, number: 1, state: State::InDoubt })
        .unwrap();
    assert_eq!(story.trigger(2, 6_000), Err(Refusal::RefundInDoubt));
    let assumed = Action::Observe { scope: LINE, number: 1, state: State::Refused };
    assert_eq!(story.by(Actor::Policy, assumed), Err(Refusal::PersonRequired));
    story.observe(1, State::Refused).unwrap();
    story.trigger(2, 10_000).unwrap();
}

#[test]
fn paid_by_the_channel_stops_ours() {
    let mut story = Story::new(terms());
    story.graded(3, Grade::A);
    story.approve(10_000).unwrap();
    story.trigger(1, 4_000).unwrap();
    story.trigger(2, 6_000).unwrap();
    let send = |number| Action::Send { scope: LINE, number };
    story.does(send(1)).unwrap();
    story.by(Actor::Channel, Action::Elsewhere { scope: LINE, amount: 8_000 }).unwrap();
    assert!(story.case.flags().contains(&Flag::DoubleRefundRisk), "the first is on its way");
    assert_eq!(story.does(send(2)), Err(Refusal::InstructionPast), "the second never was");
    assert_eq!(story.case.ledger(LINE).unwrap().excess(), 2_000);
    assert_eq!(story.trigger(3, 2_000), Err(Refusal::RefundHeld));
    story.does(Action::SetFlag { flag: Flag::DoubleRefundRisk, on: false }).unwrap();
    let insists = story.trigger(3, 2_000);
    assert_eq!(insists, Err(Refusal::RefundExceedsApproved), "even if a person insists");
    story.observe(1, State::Refused).unwrap();
    let ledger = story.case.ledger(LINE).unwrap();
    assert_eq!((ledger.excess(), ledger.total(Bucket::Elsewhere)), (0, 8_000));
    story.trigger(3, 2_000).unwrap();
}

#[test]
fn nobody_gets_the_goods_and_the_money() {
    let mut story = Story::new(terms());
    story.graded(3, Grade::D);
    story.approve(10_000).unwrap();
    let (line, grade, units, evidence) = (1, Grade::D, 1, true);
    let disposition = Disposition::ReturnedToBuyer;
    let back = Action::Dispose { line, grade, disposition, units, evidence };
    assert_eq!(story.does(back.clone()), Err(Refusal::UnitAlreadyFunded));
    let (outcome, appeal_until) = (Outcome::Refund, story.now + Duration::days(5));
    let deny = |by| Action::Deny { scope: LINE, outcome, amount: by, evidence, appeal_until };
    assert_eq!(story.by(Actor::Policy, deny(3_334)), Err(Refusal::PersonRequired));
    story.does(deny(3_334)).unwrap();
    assert_eq!(story.does(back.clone()), Err(Refusal::AppealOpen));
    let appeal = Action::AppealWon { scope: LINE, outcome, amount: 3_334 };
    assert_eq!(story.does(appeal), Err(Refusal::OtherPersonRequired));
    story.now += Duration::days(6);
    story.does(back).unwrap();
}

#[test]
fn one_unit_funds_one_outcome() {
    let mut story = Story::new(terms());
    story.does(Action::Advise { line: 1, units: 2 }).unwrap();
    let assess = |outcome, units| Action::Assess { scope: LINE, outcome, units };
    story.does(assess(Outcome::Exchange, 1)).unwrap();
    assert_eq!(story.does(assess(Outcome::Refund, 2)), Err(Refusal::UnitAlreadyFunded));
    story.does(assess(Outcome::Refund, 1)).unwrap();
    let (from, to) = (Outcome::Refund, Outcome::Credit);
    let credit = Action::Convert { scope: LINE, from, to, units: 1 };
    assert_eq!(story.does(credit.clone()), Err(Refusal::WithdrawalRight), "never imposed");
    story.by(Actor::Buyer, credit).unwrap();
    let fee = Action::Fee { scope: LINE, outcome: to, amount: 1 };
    assert_eq!(story.does(fee), Err(Refusal::WithdrawalRight));
}

#[test]
fn an_orphan_is_counted_and_waits() {
    let mut story = Story { case: Case::new(terms(), None), key: 0, now: START };
    story.does(Action::Receive { line: 1, label: None, units: 2 }).unwrap();
    story.does(Action::Inspect { line: 1, grade: Grade::A, units: 2 }).unwrap();
    let (line, grade, units, evidence) = (1, Grade::A, 2, false);
    let restock =
        Action::Dispose { line, grade, disposition: Disposition::Restock, units, evidence };
    assert_eq!(story.does(restock.clone()), Err(Refusal::OrphanBlocks));
    let assess = Action::Assess { scope: LINE, outcome: Outcome::Refund, units: 2 };
    assert_eq!(story.does(assess.clone()), Err(Refusal::OrphanBlocks));
    story.does(Action::Match { order: order() }).unwrap();
    story.all([restock, assess]);
}

#[test]
fn two_deciders_stop_what_is_automatic() {
    let mut story = Story::new(terms());
    story.graded(3, Grade::A);
    story.approve(5_000).unwrap();
    story.does(Action::Decides { authority: Authority::Ambiguous }).unwrap();
    assert_eq!(story.trigger(1, 5_000), Err(Refusal::AuthorityAmbiguous));
    let (line, grade, units, evidence) = (1, Grade::A, 1, false);
    let restock =
        Action::Dispose { line, grade, disposition: Disposition::Restock, units, evidence };
    assert_eq!(story.by(Actor::Policy, restock.clone()), Err(Refusal::AuthorityAmbiguous));
    story.does(restock).unwrap();
    story.does(Action::Decides { authority: Authority::Marketplace }).unwrap();
    story.approve(5_000).unwrap();
    assert_eq!(story.trigger(1, 5_000), Err(Refusal::AuthorityElsewhere));
}

#[test]
fn dispositions_need_hands_a_fitting_grade_and_the_law() {
    let hands = [Disposition::Recycle, Disposition::Restock].into_iter().collect();
    let mut story = Story::new(Terms { executors: hands, ..terms() });
    story.graded(2, Grade::Q);
    let recycle = |evidence| Action::Dispose {
        line: 1,
        grade: Grade::Q,
        disposition: Disposition::Recycle,
        units: 2,
        evidence,
    };
    assert_eq!(story.does(recycle(true)), Err(Refusal::UnitsHeld));
    story.does(Action::Hold { line: 1, grade: Grade::Q, units: 2, on: false }).unwrap();
    assert_eq!(story.does(recycle(false)), Err(Refusal::ExemptionMissing));
    let of = |disposition| Action::Dispose {
        line: 1,
        grade: Grade::Q,
        disposition,
        units: 2,
        evidence: true,
    };
    assert_eq!(story.does(of(Disposition::Restock)), Err(Refusal::GradeForbids));
    story.does(recycle(true)).unwrap();
    let (from, to) = (Spot::Disposed(Grade::Q, Disposition::Recycle), Place::Received);
    let correct = Action::Correct { line: 1, from, to, units: 1, second: None };
    assert_eq!(story.by(Actor::Policy, correct.clone()), Err(Refusal::PersonRequired));
    story.does(correct).unwrap();
    assert_eq!((story.at(Place::Received), story.at(Place::Disposed)), (1, 1));
    assert_eq!(story.case.lines()[&1].custody().graded(Grade::Q), 1);
}

#[test]
fn the_value_of_a_unit_is_exact_to_the_cent() {
    let mut story = Story::new(terms());
    story.graded(3, Grade::A);
    let ledger = story.case.ledger(LINE).unwrap();
    assert_eq!([1, 2, 3].map(|units| ledger.value_of(units)), [3_334, 6_667, 10_000]);
    assert_eq!(ledger.in_bucket(Outcome::Refund, Bucket::Pending), 10_000);
}
