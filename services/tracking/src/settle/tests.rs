#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use time::Duration;
use uuid::Uuid;

use super::*;
use crate::domain::{
    testing::{BOUGHT, TOLD, any_scan, scan},
    tests::pace,
    token::Tokens,
};

fn parcel() -> Parcel {
    Parcel {
        parcel_id: Uuid::from_u128(7),
        tenant_id: Uuid::from_u128(1),
        shipment_id: Uuid::from_u128(2),
        order_id: None,
        account_id: Uuid::from_u128(3),
        carrier: "ups".into(),
        subject_ref: Uuid::from_u128(4),
        purchased_at: BOUGHT,
        asked_at: None,
        promised: None,
        voided: false,
        state: State::default(),
        version: 1,
        changed_at: BOUGHT,
        state_at: BOUGHT,
        news_at: BOUGHT,
        next_poll_at: None,
        polls: 0,
        misses: 0,
        pushed_until: None,
        origin: String::new(),
        destination: String::new(),
        alerts: 0,
    }
}

fn facts(scans: &[colibri_carriers::Scan], told_at: OffsetDateTime) -> Vec<Fact> {
    let tokens = Tokens::new(&[7; 32]);
    let read = |scan| Fact::read(&tokens, Uuid::from_u128(7), BOUGHT, scan, told_at).0;
    scans.iter().map(read).collect()
}

/// A parcel and its table of facts.
struct World {
    parcel: Parcel,
    kept: Vec<Kept>,
    told: usize,
}

impl World {
    fn new() -> Self {
        Self { parcel: parcel(), kept: Vec::new(), told: 0 }
    }

    fn hear(&mut self, facts: &[Fact], answer: Answer) -> Settled {
        let before = self.parcel.version;
        let settled = settle(&pace(), &mut self.parcel, &self.kept, facts, answer, true, TOLD);
        for fact in &settled.writes {
            let kept = Kept { fact: fact.clone(), received_at: TOLD, sealed: true };
            match self.kept.iter_mut().find(|kept| kept.fact.dedupe == fact.dedupe) {
                Some(known) => *known = kept,
                None => self.kept.push(kept),
            }
        }
        assert_eq!(settled.changed, self.parcel.version > before);
        self.told += usize::from(settled.told.status);
        settled
    }

    /// Everything that must not depend on how it was told.
    fn essence(&self) -> (State, bool, Vec<Fact>) {
        let mut facts: Vec<Fact> = self.kept.iter().map(|kept| kept.fact.clone()).collect();
        facts.sort_by_key(|fact| fact.dedupe);
        (self.parcel.state.clone(), self.parcel.voided, facts)
    }
}

/// All facts, the answers they were told in, and whether the label is void.
type Tellings = (Vec<Fact>, Vec<(Vec<Fact>, Answer)>, bool);

/// Scans in some answers: each scan in one to three of them, by push or poll, in any order.
fn tellings() -> impl Strategy<Value = Tellings> {
    let answer = prop::sample::select(vec![Answer::Pushed, Answer::Told]);
    let scan = (any_scan(), prop::collection::vec((0_usize..6, -60_i64..200), 1..4));
    let scans = prop::collection::vec(scan, 0..10);
    let answers = prop::collection::vec(answer, 6..7);
    (scans, answers, any::<bool>(), any::<u64>()).prop_map(|(scans, answers, voided, seed)| {
        let mut all = Vec::new();
        let mut split: Vec<(Vec<Fact>, Answer)> =
            answers.into_iter().map(|answer| (Vec::new(), answer)).collect();
        for (scan, times) in scans {
            for (answer, hours) in times {
                // The same scan told at several times: ahead of it, and after it.
                let told = facts(std::slice::from_ref(&scan), BOUGHT + Duration::hours(hours));
                all.extend(told.clone());
                split[answer].0.extend(told);
            }
        }
        let at = usize::try_from(seed % 7).unwrap();
        split.rotate_left(at % 6);
        for (part, _) in &mut split {
            if seed & 8 == 0 {
                part.reverse();
            }
        }
        (all, split, voided)
    })
}

proptest! {
    /// However the same scans are cut into pushes and polls, repeated and shuffled, with the void
    /// of the label anywhere in between: one state, one table.
    #[test]
    fn the_state_is_that_of_the_set((all, split, voided) in tellings(), at in 0_usize..7) {
        let mut once = World::new();
        once.hear(&all, Answer::Told);
        let mut often = World::new();
        for (index, (part, answer)) in split.iter().enumerate() {
            if voided && index == at {
                often.hear(&[], Answer::Voided);
            }
            often.hear(part, *answer);
        }
        if voided {
            once.hear(&[], Answer::Voided);
            often.hear(&[], Answer::Voided);
        }
        prop_assert_eq!(once.essence(), often.essence());
        // Told again as a whole, nothing changes and nothing is told.
        let (version, told) = (often.parcel.version, often.told);
        let again = often.hear(&all, Answer::Pushed);
        prop_assert!(!again.changed && !again.dirty && again.writes.is_empty());
        prop_assert_eq!((often.parcel.version, often.told), (version, told));
    }
}

#[test]
fn a_poll_that_tells_nothing_new_only_sets_the_next_one() {
    let mut world = World::new();
    let told = facts(&[scan("PU", 2), scan("IT", 9)], TOLD);
    let first = world.hear(&told, Answer::Told);
    assert_eq!((first.fresh.len(), first.told.status, first.before), (2, true, Headline::Created));
    let next = world.parcel.next_poll_at.unwrap();
    let again = world.hear(&told, Answer::Told);
    assert!(!again.changed && again.dirty && again.writes.is_empty());
    assert_eq!((world.parcel.polls, world.parcel.misses), (2, 0));
    assert_ne!(world.parcel.next_poll_at.unwrap(), next, "spread anew");
    world.hear(&[], Answer::Nothing);
    world.hear(&[], Answer::Nothing);
    assert_eq!(world.parcel.misses, 2);
    world.hear(&told, Answer::Told);
    assert_eq!(world.parcel.misses, 0);
}

#[test]
fn a_void_label_is_not_asked_for_and_a_scan_brings_it_back() {
    let mut world = World::new();
    world.hear(&[], Answer::Nothing);
    assert!(world.parcel.next_poll_at.is_some());
    let voided = world.hear(&[], Answer::Voided);
    assert!(voided.told.status && voided.changed);
    assert_eq!(world.parcel.next_poll_at, None);
    let again = world.hear(&[], Answer::Voided);
    assert!(!again.changed);
    let used = world.hear(&facts(&[scan("PU", 2)], TOLD), Answer::Pushed);
    assert!(used.told.status && world.parcel.state.reopened);
    assert!(world.parcel.next_poll_at.is_some(), "moving again, asked for again");
}
