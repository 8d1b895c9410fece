#![allow(clippy::unwrap_used, reason = "tests")]

use colibri_carriers::Scan;
use proptest::prelude::*;
use time::macros::{date, datetime};
use uuid::Uuid;

use super::*;
use crate::domain::{
    fact::Fact,
    testing::{BOUGHT, TOLD, any_scan, scan},
    token::Tokens,
};

fn state(scans: &[Scan]) -> State {
    let read = |s| Fact::read(&Tokens::new(&[7; 32]), Uuid::from_u128(7), BOUGHT, s, TOLD).0;
    let facts: Vec<Fact> = scans.iter().map(read).collect();
    State::of(&facts, false)
}

fn of(state: &State) -> Situation<'_> {
    Situation {
        state,
        promised: Some(date!(2026 - 11 - 25)),
        state_at: BOUGHT,
        news_at: BOUGHT,
        given_up_at: BOUGHT + Duration::days(120),
        usual: Duration::days(5),
        late_after: Duration::hours(24),
        closes_after: Duration::days(14),
    }
}

/// Applies a decision, as the tables would.
fn apply(known: &mut Vec<Known>, decision: &Decision) {
    for (kind, occurrence) in &decision.clear {
        let held = known.iter_mut().find(|k| k.kind == *kind).unwrap();
        assert!(held.open && held.occurrence == *occurrence, "only what is open is cleared");
        held.open = false;
    }
    for (kind, occurrence) in &decision.raise {
        known.retain(|k| k.kind != *kind);
        known.push(Known { kind: *kind, occurrence: *occurrence, open: true });
    }
}

#[test]
fn late_is_raised_once_the_patience_is_over_and_cleared_by_the_end() {
    let moving = state(&[scan("PU", 2), scan("IT", 20)]);
    let situation = Situation { usual: Duration::days(99), ..of(&moving) };
    let before = datetime!(2026-11-26 23:59 UTC);
    assert_eq!(situation.decide(&[], before), Decision::default());
    let due = datetime!(2026-11-27 00:00 UTC);
    assert_eq!(situation.next_look(before), Some(due));
    let raised = situation.decide(&[], due);
    assert_eq!(raised.raise, [(Kind::Late, 1)]);
    let mut known = Vec::new();
    apply(&mut known, &raised);
    assert_eq!(situation.decide(&known, due), Decision::default());
    let home = state(&[scan("PU", 2), scan("DL", 130)]);
    let cleared = of(&home).decide(&known, datetime!(2026-11-28 00:00 UTC));
    assert_eq!(cleared, Decision { raise: vec![], clear: vec![(Kind::Late, 1)] });
    apply(&mut known, &cleared);
    assert_eq!(situation.decide(&known, due), Decision::default(), "broken once");
}

#[test]
fn each_failed_attempt_is_an_alert_of_its_own() {
    let now = BOUGHT + Duration::hours(60);
    let mut known = Vec::new();
    let mut scans = vec![scan("PU", 2), scan("OD", 20), scan("NH", 25)];
    let one = of(&state(&scans)).decide(&known, now);
    assert_eq!(one.raise, [(Kind::DeliveryFailed, 1)]);
    apply(&mut known, &one);
    // Straight to the next attempt.
    scans.push(scan("NH", 50));
    let two = of(&state(&scans)).decide(&known, now);
    assert_eq!(two.raise, [(Kind::DeliveryFailed, 2)]);
    assert_eq!(two.clear, [(Kind::DeliveryFailed, 1)]);
    apply(&mut known, &two);
    scans.push(scan("OD", 55));
    let on = of(&state(&scans)).decide(&known, now);
    assert_eq!(on, Decision { raise: vec![], clear: vec![(Kind::DeliveryFailed, 2)] });
}

#[test]
fn silence_is_stuck_again_after_news_and_waiting_is_not_silence() {
    let moving = state(&[scan("PU", 2)]);
    let situation = Situation { promised: None, ..of(&moving) };
    let due = BOUGHT + Duration::days(5);
    assert_eq!(situation.next_look(BOUGHT), Some(due));
    let mut known = Vec::new();
    let raised = situation.decide(&known, due);
    assert_eq!(raised.raise, [(Kind::Stuck, 1)]);
    apply(&mut known, &raised);
    let spoke = Situation { news_at: due, ..situation };
    let cleared = spoke.decide(&known, due);
    assert_eq!(cleared.clear, [(Kind::Stuck, 1)]);
    apply(&mut known, &cleared);
    let again = spoke.decide(&known, due + Duration::days(5));
    assert_eq!(again.raise, [(Kind::Stuck, 2)]);
    let at_shop = State { sub: Some(SubStatus::AvailableForPickup), ..State::default() };
    assert!(!of(&at_shop).holds(Kind::Stuck, due));
    // Given up, it needs nobody.
    assert_eq!(situation.decide(&known, BOUGHT + Duration::days(120)).raise, []);
}

#[test]
fn a_return_is_open_from_its_turn_until_some_days_after_its_end() {
    let back = state(&[scan("PU", 2), scan("RF", 20), scan("RT", 30)]);
    let now = BOUGHT + Duration::hours(31);
    let raised = of(&back).decide(&[], now);
    assert_eq!(raised.raise, [(Kind::Returned, 1)]);
    let home = state(&[scan("PU", 2), scan("RF", 20), scan("RT", 30), scan("DL", 90)]);
    assert_eq!(home.headline, Headline::Returned);
    let ended = Situation { state_at: now, ..of(&home) };
    let known = [Known { kind: Kind::Returned, occurrence: 1, open: true }];
    assert_eq!(ended.decide(&known, now), Decision::default());
    let closed = ended.next_look(now).unwrap();
    assert_eq!(closed, now + Duration::days(14));
    assert_eq!(ended.decide(&known, closed).clear, [(Kind::Returned, 1)]);
    assert_eq!(ended.next_look(closed), None);
}

proptest! {
    /// However often one looks, each occurrence is raised once, and what is open holds.
    #[test]
    fn looking_again_says_nothing_new(
        scans in prop::collection::vec(any_scan(), 0..10),
        looks in prop::collection::vec(0_i64..200, 1..20),
    ) {
        let mut known: Vec<Known> = Vec::new();
        let mut raised = std::collections::HashSet::new();
        let mut hours = looks;
        hours.sort_unstable();
        for (at, hour) in hours.iter().enumerate() {
            let told = scans.len().min(at);
            let state = state(&scans[..told]);
            let now = BOUGHT + Duration::hours(*hour);
            let situation = Situation { usual: Duration::hours(30), ..of(&state) };
            let decision = situation.decide(&known, now);
            for alert in &decision.raise {
                prop_assert!(raised.insert(*alert), "{alert:?} twice");
            }
            apply(&mut known, &decision);
            prop_assert_eq!(situation.decide(&known, now), Decision::default());
            for kind in Kind::ALL {
                let open = known.iter().any(|k| k.kind == *kind && k.open);
                prop_assert!(!open || situation.holds(*kind, now));
            }
            // Nothing changes by time alone before the next look.
            if let Some(next) = situation.next_look(now) {
                let just_before = next - Duration::nanoseconds(1);
                prop_assert_eq!(situation.decide(&known, just_before), Decision::default());
            }
        }
    }
}
