//! Connector and simulator together, beyond what holds for every carrier.

use time::Duration;

use super::*;
use crate::{
    Headline, Labels, PollReply, dpd_fr, fold,
    sim::{ScanFaults, SimOptions, SimRequest, Simulator},
};

fn sim(faults: ScanFaults) -> Box<dyn Simulator> {
    dpd_fr::simulator(SimOptions { seed: 11, faults })
}

fn buy(sim: &mut dyn Simulator, labels: &dyn Labels, shipment: &Shipment) -> Purchase {
    let account = account();
    let request = labels.request(&call(&account), shipment).unwrap();
    let answer = sim.answer(&SimRequest::of(&request, NOW));
    match labels.response(&answer, shipment) {
        Ok(Step::Done(purchase)) => purchase,
        other => panic!("{other:?}: {}", String::from_utf8_lossy(&answer.body)),
    }
}

fn ask(sim: &mut dyn Simulator, number: &str, now: OffsetDateTime) -> PollReply {
    let account = account();
    let polling = CARRIER.polling().unwrap();
    let numbers = [number.to_owned()];
    let request = polling.request(&call(&account), &numbers);
    polling.response(&sim.answer(&SimRequest::of(&request, now)), &numbers).unwrap().remove(0)
}

fn look(sim: &mut dyn Simulator, shipment: &Shipment, now: OffsetDateTime) -> Found {
    let account = account();
    let call = Call { now, ..call(&account) };
    let lookup = CARRIER.lookup().unwrap();
    let mut request = lookup.request(&call, shipment);
    loop {
        let answer = sim.answer(&SimRequest::of(&request, now));
        match lookup.response(&call, &answer, shipment).unwrap() {
            Step::Next(next) => request = next,
            Step::Done(found) => return found,
        }
    }
}

#[test]
fn several_parcels_are_bought_without_files_and_each_file_is_fetched() {
    let mut sim = sim(ScanFaults::default());
    let labels = CARRIER.labels().unwrap();
    let shipment = several(3);
    let bought = buy(&mut *sim, labels, &shipment);
    assert_eq!(bought.labels.len(), 3);
    assert!(bought.labels.iter().all(|label| label.data.is_empty()));
    assert!(bought.labels.iter().all(|label| label.tracking_number != bought.shipment_number));
    let account = account();
    for label in &bought.labels {
        let request = labels.label_request(&call(&account), &label.tracking_number).unwrap();
        assert!(!sim.buys(&SimRequest::of(&request, NOW)));
        let answer = sim.answer(&SimRequest::of(&request, NOW));
        let Ok(Step::Done(again)) = labels.response(&answer, &shipment) else { panic!("again") };
        assert_eq!(again.labels[0].tracking_number, label.tracking_number);
        assert!(again.labels[0].data.starts_with(b"%PDF-"));
    }
    let found = look(&mut *sim, &shipment, NOW + Duration::minutes(20));
    let Found::Purchase(found) = found else { panic!("{found:?}") };
    let numbers = |purchase: &Purchase| {
        purchase.labels.iter().map(|label| label.tracking_number.clone()).collect::<Vec<_>>()
    };
    assert_eq!(numbers(&found), numbers(&bought));
}

#[test]
fn a_second_purchase_under_one_reference_is_unclear() {
    let mut sim = sim(ScanFaults::default());
    let labels = CARRIER.labels().unwrap();
    let _ = (buy(&mut *sim, labels, &shipment()), buy(&mut *sim, labels, &shipment()));
    let found = look(&mut *sim, &shipment(), NOW + Duration::minutes(20));
    assert!(matches!(found, Found::Unclear(_)), "{found:?}");
}

#[test]
fn neighbours_of_a_reference_are_not_ours() {
    let mut sim = sim(ScanFaults::default());
    let labels = CARRIER.labels().unwrap();
    buy(&mut *sim, labels, &shipment());
    let other = Shipment { attempt_ref: "ATT0000000002".to_owned(), ..shipment() };
    let found = look(&mut *sim, &other, NOW + Duration::minutes(20));
    assert!(matches!(found, Found::Nothing), "{found:?}");
    // A parcel that the list of the asked day does not have is found by its reference.
    let tomorrow = Shipment { ship_date: date!(2026 - 11 - 21), ..shipment() };
    let found = look(&mut *sim, &tomorrow, NOW + Duration::minutes(20));
    assert!(matches!(found, Found::Purchase(_)), "{found:?}");
}

#[test]
fn a_parcel_is_voided_once_and_not_after_a_scan() {
    let mut sim = sim(ScanFaults::default());
    let labels = CARRIER.labels().unwrap();
    let voids = CARRIER.voids().unwrap();
    let account = account();
    let bought = [buy(&mut *sim, labels, &shipment()), buy(&mut *sim, labels, &shipment())];
    let mut void = |purchase: &Purchase, now| {
        let request = voids.request(&call(&account), purchase).unwrap();
        voids.response(&sim.answer(&SimRequest::of(&request, now)))
    };
    assert!(void(&bought[0], NOW).is_ok());
    let again = void(&bought[0], NOW);
    assert!(matches!(again, Err(CarrierError::Refused { .. })), "{again:?}");
    let late = void(&bought[1], NOW + Duration::days(2));
    assert!(matches!(late, Err(CarrierError::Refused { .. })), "{late:?}");
    assert_eq!(sim.ledger().iter().filter(|entry| entry.kind == "void").count(), 1);
    // What was voided never moves.
    let end = sim.last_scan_at().unwrap();
    let PollReply::Track(track) = ask(&mut *sim, &bought[0].labels[0].tracking_number, end) else {
        panic!("known")
    };
    assert_eq!(fold(&track.scans, Some(end)).1.headline, Headline::Created);
}

#[test]
fn relays_and_ways_back_end_where_they_should() {
    let mut sim = sim(ScanFaults::default());
    let to_relay: Vec<Purchase> =
        (0..20).map(|_| buy(&mut *sim, CARRIER.labels().unwrap(), &relais())).collect();
    let back: Vec<Purchase> =
        (0..20).map(|_| buy(&mut *sim, CARRIER.returns().unwrap(), &retour())).collect();
    assert!(back.iter().all(|p| p.labels[0].data.starts_with(b"^XA")));
    let end = sim.last_scan_at().unwrap();
    let mut codes = std::collections::BTreeSet::new();
    let mut ended = |purchase: &Purchase| {
        let PollReply::Track(track) = ask(&mut *sim, &purchase.labels[0].tracking_number, end)
        else {
            panic!("known")
        };
        codes.extend(track.scans.iter().map(|scan| scan.code.clone()));
        fold(&track.scans, Some(end)).1.headline
    };
    let delivered = to_relay.iter().filter(|p| ended(p) == Headline::Delivered).count();
    assert!(delivered >= 15, "{delivered}");
    assert!(back.iter().all(|p| ended(p) == Headline::Returned));
    for code in ["8", "28", "44", "10", "40", "271", "400"] {
        assert!(codes.contains(code), "{code} in {codes:?}");
    }
}

#[test]
fn faults_of_scans_never_change_the_end() {
    let faults = ScanFaults {
        duplicate_scan: 0.4,
        out_of_order: 0.4,
        late_scan: 0.4,
        unknown_code: 0.4,
        lost_parcel: 0.0,
    };
    let mut sim = sim(faults);
    let labels = CARRIER.labels().unwrap();
    let bought: Vec<Purchase> = (0..60).map(|_| buy(&mut *sim, labels, &shipment())).collect();
    let end = sim.last_scan_at().unwrap();
    let mut unknown = 0;
    for purchase in &bought {
        let number = &purchase.labels[0].tracking_number;
        // At any time the answer is read; in the end the parcel is somewhere.
        for hours in [0, 9, 26, 50] {
            let reply = ask(&mut *sim, number, NOW + Duration::hours(hours));
            assert!(matches!(reply, PollReply::Track(_)), "{reply:?}");
        }
        let PollReply::Track(track) = ask(&mut *sim, number, end) else { panic!("known") };
        let (_, folded) = fold(&track.scans, Some(end));
        unknown += folded.unknown;
        assert!(matches!(folded.headline, Headline::Delivered | Headline::Returned), "{folded:?}");
    }
    assert!(unknown > 20, "{unknown}");
}

#[test]
fn numbers_nobody_sold_are_not_found() {
    let mut sim = sim(ScanFaults::default());
    let reply = ask(&mut *sim, "10999999999999", NOW);
    assert!(matches!(reply, PollReply::NotFound { .. }), "{reply:?}");
    let number = buy(&mut *sim, CARRIER.labels().unwrap(), &shipment()).labels.remove(0);
    // Typed from the label, with its check character.
    let reply = ask(&mut *sim, &format!("{}P", number.tracking_number), NOW);
    assert!(matches!(reply, PollReply::Track(_)), "{reply:?}");
}
