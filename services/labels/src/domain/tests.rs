//! Laws of the fold and of the steps: order, repetition, at most one purchase.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;

use colibri_events::{
    customs::v1::{DeclarationIncomplete, DeclarationReady},
    orders::v1::FulfilmentRequested,
    pricing::v1::OfferChosen,
};
use colibri_types::{ShipmentId, TenantId};
use proptest::prelude::*;

use super::{Declared, Facts, Shipment, State, Work};

#[derive(Debug, Clone)]
enum Event {
    Request { version: u64, country: u8, border: bool },
    Declare { version: u64, revision: u32, ready: bool },
    Offer { version: u64, service: u8, at: i64 },
    Cancel,
}

fn facts(event: &Event) -> Facts {
    match event {
        Event::Request { version, country, border } => Facts::of_request(FulfilmentRequested {
            version: *version,
            country: country.to_string(),
            crosses_customs_border: *border,
            ..Default::default()
        }),
        Event::Declare { version, revision, ready: true } => {
            let (version, revision) = (*version, *revision);
            let ready = DeclarationReady { version, revision, ..Default::default() };
            Facts::of_declaration(Declared::Ready(Box::new(ready)))
        }
        Event::Declare { version, revision, ready: false } => {
            let (version, revision) = (*version, *revision);
            let lacks = DeclarationIncomplete { version, revision, ..Default::default() };
            Facts::of_declaration(Declared::Incomplete(lacks))
        }
        Event::Offer { version, service, at } => Facts::of_offer(OfferChosen {
            version: *version,
            carrier: "ups".into(),
            service: service.to_string(),
            at: Some(prost_types::Timestamp { seconds: *at, nanos: 0 }),
            ..Default::default()
        }),
        Event::Cancel => Facts::of_cancel(),
    }
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (1..4_u64, 0..2_u8, any::<bool>()).prop_map(|(version, country, border)| {
            Event::Request { version, country, border }
        }),
        3 => (1..4_u64, 1..4_u32, any::<bool>()).prop_map(|(version, revision, ready)| {
            Event::Declare { version, revision, ready }
        }),
        4 => (1..4_u64, 0..2_u8, 0..2_i64)
            .prop_map(|(version, service, at)| Event::Offer { version, service, at }),
        1 => Just(Event::Cancel),
    ]
}

/// Events, and the same ones shuffled with repetitions.
fn twice() -> impl Strategy<Value = (Vec<Event>, Vec<Event>)> {
    proptest::collection::vec(event(), 0..7).prop_flat_map(|events| {
        let repeated = [events.clone(), events.clone()].concat();
        (Just(events), Just(repeated).prop_shuffle())
    })
}

fn shipment() -> Shipment {
    Shipment::unknown(ShipmentId::from_uuid(uuid::Uuid::nil()), TenantId::generate())
}

fn hear(shipment: &mut Shipment, event: &Event, intents: &mut Vec<Work>) {
    shipment.hear(facts(event));
    note(intents, shipment.advance());
}

/// Intents are kept once each, as the table does by its key.
fn note(intents: &mut Vec<Work>, work: Option<Work>) {
    if let Some(work) = work.filter(|work| !intents.contains(work)) {
        intents.push(work);
    }
}

/// What the carrier has sold and voided.
#[derive(Debug, Default, PartialEq)]
struct Ledger {
    bought: Vec<u64>,
    voided: u32,
}

/// Takes the oldest intent, as a worker does: looks again, buys or leaves, notes what it learnt.
fn work(shipment: &mut Shipment, intents: &mut Vec<Work>, done: &mut usize, ledger: &mut Ledger) {
    let Some(next) = intents.get(*done).copied() else {
        return;
    };
    *done += 1;
    let more = match next {
        Work::Purchase { version, .. } if shipment.facts.complete() == Some(version) => {
            ledger.bought.push(version);
            shipment.state = State::Bought;
            shipment.advance()
        }
        Work::Purchase { .. } => shipment.not_bought(),
        Work::Void { .. } => {
            ledger.voided += 1;
            shipment.state = State::Voided;
            None
        }
    };
    note(intents, more);
}

proptest! {
    #[test]
    fn facts_do_not_depend_on_order_or_repetition((events, shuffled) in twice()) {
        let all = |events: &[Event]| {
            events.iter().map(facts).fold(Facts::default(), Facts::join)
        };
        prop_assert_eq!(all(&events), all(&shuffled));
    }

    #[test]
    fn joining_is_associative(a in event(), b in event(), c in event()) {
        let (a, b, c) = (facts(&a), facts(&b), facts(&c));
        let left = a.clone().join(b.clone()).join(c.clone());
        prop_assert_eq!(left, a.join(b.join(c)));
    }

    /// Whatever the order, when the worker is last the same thing is bought, or nothing.
    #[test]
    fn the_end_does_not_depend_on_the_order((events, shuffled) in twice()) {
        let run = |events: &[Event]| {
            let (mut one, mut intents, mut done) = (shipment(), Vec::new(), 0);
            let mut ledger = Ledger::default();
            for event in events {
                hear(&mut one, event, &mut intents);
            }
            for _ in 0..20 {
                work(&mut one, &mut intents, &mut done, &mut ledger);
            }
            (one.state, one.facts, ledger)
        };
        let (first, second) = (run(&events), run(&shuffled));
        prop_assert_eq!(&first, &second);
        let (state, facts, ledger) = first;
        match facts.complete() {
            Some(version) => {
                prop_assert_eq!(state, State::Bought);
                prop_assert_eq!(ledger.bought, vec![version]);
            }
            None => prop_assert_eq!(ledger, Ledger::default()),
        }
        prop_assert_eq!(facts.cancelled, state == State::Cancelled);
    }

    /// However events and the worker alternate: one purchase at most, and a cancelled one is void.
    #[test]
    fn one_purchase_at_most_however_the_worker_comes_between(
        (_, events) in twice(),
        turns in proptest::collection::vec(any::<bool>(), 30),
    ) {
        let (mut one, mut intents, mut done) = (shipment(), Vec::new(), 0);
        let mut ledger = Ledger::default();
        let mut events = events.iter();
        for turn in turns {
            match events.next() {
                Some(event) if turn => hear(&mut one, event, &mut intents),
                _ => work(&mut one, &mut intents, &mut done, &mut ledger),
            }
        }
        for event in events {
            hear(&mut one, event, &mut intents);
        }
        for _ in 0..20 {
            work(&mut one, &mut intents, &mut done, &mut ledger);
        }
        prop_assert!(ledger.bought.len() <= 1, "{:?}", ledger);
        let bought = u32::try_from(ledger.bought.len()).unwrap();
        if one.facts.cancelled {
            prop_assert_eq!(ledger.voided, bought);
        } else {
            prop_assert_eq!(ledger.voided, 0);
            prop_assert_eq!(bought == 1, one.state == State::Bought);
        }
    }
}

#[test]
fn a_carrier_without_voids_leaves_a_note_and_asks_nothing() {
    let mut one = shipment();
    let offer = OfferChosen { version: 1, carrier: "colissimo".into(), ..Default::default() };
    one.hear(Facts::of_offer(offer));
    one.hear(Facts::of_request(FulfilmentRequested { version: 1, ..Default::default() }));
    assert_eq!(one.advance(), Some(Work::Purchase { version: 1, revision: 0 }));
    one.state = State::Bought;
    one.hear(Facts::of_cancel());
    assert_eq!(one.advance(), None);
    assert_eq!((one.state, one.code.as_deref()), (State::Bought, Some("LBL0006")));
}

#[test]
fn a_refused_version_is_bought_again_only_as_a_later_one() {
    let mut one = shipment();
    let mut tell = |version: u64| {
        let offer = OfferChosen { version, carrier: "ups".into(), ..Default::default() };
        one.hear(Facts::of_offer(offer));
        one.hear(Facts::of_request(FulfilmentRequested { version, ..Default::default() }));
        let work = one.advance();
        one.state = State::Refused;
        work
    };
    assert_eq!(tell(1), Some(Work::Purchase { version: 1, revision: 0 }));
    assert_eq!(tell(1), None);
    assert_eq!(tell(2), Some(Work::Purchase { version: 2, revision: 0 }));
}

#[test]
fn what_crosses_a_border_waits_for_its_declaration_of_the_same_version() {
    let mut one = shipment();
    let offer = OfferChosen { version: 2, carrier: "ups".into(), ..Default::default() };
    one.hear(Facts::of_offer(offer));
    let request =
        FulfilmentRequested { version: 2, crosses_customs_border: true, ..Default::default() };
    one.hear(Facts::of_request(request));
    let mut declare = |version: u64, revision: u32, ready: bool| {
        one.hear(facts(&Event::Declare { version, revision, ready }));
        (one.advance(), one.facts.waits_for(), one.facts.lacks().is_some())
    };
    assert_eq!(declare(1, 9, true), (None, vec!["declaration"], false));
    assert_eq!(declare(2, 1, false), (None, vec!["declaration"], true));
    let bought = Some(Work::Purchase { version: 2, revision: 2 });
    assert_eq!(declare(2, 2, true), (bought, vec![], false));
    // What was missing before comes late and changes nothing.
    assert_eq!(declare(2, 1, false), (None, vec![], false));
}

#[test]
fn what_was_bought_is_not_rewritten_by_later_facts() {
    let mut one = shipment();
    one.state = State::Bought;
    one.hear(Facts::of_request(FulfilmentRequested { version: 9, ..Default::default() }));
    assert_eq!(one.facts.request, None);
}

#[test]
fn each_state_has_one_word_and_one_number() {
    use colibri_events::labels::v1::ShipmentState;
    let mut words = BTreeSet::new();
    for number in 1..=8 {
        let state = State::from_proto(ShipmentState::try_from(number).unwrap()).unwrap();
        assert_eq!(State::parse(state.as_str()), Some(state));
        assert_eq!(i32::from(state.to_proto()), number);
        words.insert(state.as_str());
    }
    assert_eq!(words.len(), 8);
    assert_eq!(State::from_proto(ShipmentState::Unspecified), None);
}
