//! Connector and simulator together: what the common suite does not ask.

use std::collections::BTreeMap;

use time::Duration;

use super::*;
use crate::{
    Carrier, CarrierError, Found, Headline, ParcelTrack, PollReply, Purchase, Step,
    chronopost::CARRIER,
    fold,
    sim::{ScanFaults, SimOptions, Simulator},
};

fn sim(seed: u64, faults: ScanFaults) -> Box<dyn Simulator> {
    crate::chronopost::simulator(SimOptions { seed, faults })
}

fn buy(sim: &mut dyn Simulator, shipment: &Shipment) -> Purchase {
    let (account, labels) = (account(), CARRIER.labels().unwrap());
    let request = labels.request(&call(&account), shipment).unwrap();
    match labels.response(&sim.answer(&SimRequest::of(&request, NOW)), shipment).unwrap() {
        Step::Done(purchase) => purchase,
        Step::Next(_) => panic!("one call buys"),
    }
}

fn track(sim: &mut dyn Simulator, number: &str, now: OffsetDateTime) -> ParcelTrack {
    let (account, polling) = (account(), CARRIER.polling().unwrap());
    let asked = [number.to_owned()];
    let request = polling.request(&call(&account), &asked);
    let mut replies =
        polling.response(&sim.answer(&SimRequest::of(&request, now)), &asked).unwrap();
    match replies.remove(0) {
        PollReply::Track(track) => track,
        other => panic!("{other:?}"),
    }
}

fn void(
    sim: &mut dyn Simulator,
    purchase: &Purchase,
    now: OffsetDateTime,
) -> Result<(), CarrierError> {
    let (account, voids) = (account(), CARRIER.voids().unwrap());
    let request = voids.request(&call(&account), purchase).unwrap();
    voids.response(&sim.answer(&SimRequest::of(&request, now))).map(|_| ())
}

fn look_up(sim: &mut dyn Simulator, shipment: &Shipment, now: OffsetDateTime) -> Found {
    let (account, lookup) = (account(), CARRIER.lookup().unwrap());
    let call = Call { now, ..call(&account) };
    let request = lookup.request(&call, shipment);
    match lookup.response(&call, &sim.answer(&SimRequest::of(&request, now)), shipment).unwrap() {
        Step::Done(found) => found,
        Step::Next(_) => panic!("one question"),
    }
}

#[test]
fn every_lane_and_option_is_sold() {
    let mut sim = sim(1, ScanFaults::default());
    let mut overseas = behind_a_border();
    overseas.recipient.country = Some("FR".parse().unwrap());
    overseas.recipient.postcode = "97400".to_owned();
    let mut near = Shipment { service: "44".to_owned(), ..shipment() };
    near.recipient.country = Some("BE".parse().unwrap());
    near.recipient.postcode = "1000".to_owned();
    for shipment in [shipment(), to_point(), behind_a_border(), overseas, near] {
        let purchase = buy(&mut *sim, &shipment);
        assert!(purchase.labels[0].data.starts_with(b"%PDF-"));
    }
    let (account, returns) = (account(), CARRIER.returns().unwrap());
    let request = returns.request(&call(&account), &back()).unwrap();
    assert!(matches!(
        returns.response(&sim.answer(&SimRequest::of(&request, NOW)), &back()),
        Ok(Step::Done(_))
    ));
    assert_eq!(sim.ledger().len(), 6);
}

#[test]
fn parcels_are_cancelled_together_between_too_early_and_too_late() {
    let mut sim = sim(2, ScanFaults::default());
    let two = Shipment { parcels: vec![parcel(), parcel()], ..shipment() };
    let (first, second) = (buy(&mut *sim, &two), buy(&mut *sim, &shipment()));
    let early = void(&mut *sim, &first, NOW + Duration::minutes(9)).unwrap_err();
    let CarrierError::Later { retry_after: Some(wait), .. } = early else { panic!("{early:?}") };
    assert_eq!(wait.as_secs(), 600);
    void(&mut *sim, &first, NOW + Duration::minutes(10)).unwrap();
    let late = void(&mut *sim, &second, NOW + Duration::days(2)).unwrap_err();
    assert!(matches!(late, CarrierError::Refused { ref code, .. } if code == "3"), "{late:?}");
    let kinds: Vec<_> = sim.ledger().iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, ["label", "label", "label", "void", "void"]);
    let later = NOW + Duration::days(9);
    let told = track(&mut *sim, &first.labels[1].tracking_number, later);
    assert_eq!(fold(&told.scans, Some(later)).1.sub, Some(crate::SubStatus::Cancelled));
}

#[test]
fn references_are_found_after_a_while_and_doubles_are_in_doubt() {
    let mut sim = sim(3, ScanFaults::default());
    let few = shipment();
    let many = Shipment {
        attempt_ref: "ATT0000000002".to_owned(),
        parcels: vec![parcel(); 12],
        ..shipment()
    };
    let later = NOW + CARRIER.lookup().unwrap().settle();
    for asked in [&few, &many] {
        let bought = buy(&mut *sim, asked);
        let early = look_up(&mut *sim, asked, NOW + Duration::minutes(5));
        assert!(matches!(early, Found::Nothing), "not yet known, and so not to be asked yet");
        let Found::Purchase(found) = look_up(&mut *sim, asked, later) else { panic!("found") };
        assert_eq!(found.shipment_number, bought.shipment_number);
        let numbers = |purchase: &Purchase| {
            purchase.labels.iter().map(|l| l.tracking_number.clone()).collect::<Vec<_>>()
        };
        assert_eq!(numbers(&found), numbers(&bought), "in the order of the parcels");
        assert!(found.labels.iter().all(|label| label.data.is_empty()));
    }
    buy(&mut *sim, &few);
    assert!(matches!(look_up(&mut *sim, &few, later), Found::Unclear(_)));
}

#[test]
fn wild_scans_fold_to_the_same_end() {
    let wild = ScanFaults {
        duplicate_scan: 0.4,
        out_of_order: 0.5,
        late_scan: 0.3,
        unknown_code: 0.3,
        lost_parcel: 0.0,
    };
    let (mut calm, mut rough) = (sim(11, ScanFaults::default()), sim(11, wild));
    let mut ends: BTreeMap<_, u32> = BTreeMap::new();
    for serial in 0..120 {
        let lane = if serial % 3 == 0 { behind_a_border() } else { shipment() };
        let number = buy(&mut *calm, &lane).shipment_number;
        assert_eq!(buy(&mut *rough, &lane).shipment_number, number);
        let end = NOW + Duration::days(40);
        let quiet = fold(&track(&mut *calm, &number, end).scans, None).1;
        let noisy = fold(&track(&mut *rough, &number, end).scans, None).1;
        assert_eq!(
            (quiet.headline, quiet.sub, quiet.attempts),
            (noisy.headline, noisy.sub, noisy.attempts)
        );
        *ends.entry(quiet.headline).or_default() += 1;
    }
    assert!(ends[&Headline::Delivered] > 90 && ends[&Headline::Returned] > 0, "{ends:?}");
}

#[test]
fn a_lost_parcel_needs_somebody_to_look() {
    let lost = ScanFaults { lost_parcel: 1.0, ..ScanFaults::default() };
    let mut sim = sim(4, lost);
    let number = buy(&mut *sim, &shipment()).shipment_number;
    let end = sim.last_scan_at().unwrap();
    assert_eq!(
        fold(&track(&mut *sim, &number, end).scans, Some(end)).1.headline,
        Headline::Exception
    );
}

#[test]
fn a_second_request_for_one_collection_books_no_second_driver() {
    let mut sim = sim(5, ScanFaults::default());
    let (account, pickups) = (account(), CARRIER.pickups().unwrap());
    let mut wanted = crate::PickupRequest {
        reference: "PICKUP0001".to_owned(),
        address: shipment().sender,
        date: date!(2026 - 11 - 20),
        ready: time::macros::time!(12:00),
        close: time::macros::time!(18:00),
        service: String::new(),
        destination: None,
        parcels: 1,
        weight: Grams(1_000),
        tracking_numbers: Vec::new(),
        instructions: String::new(),
    };
    let mut ask = |wanted: &crate::PickupRequest, now| {
        let request = pickups.request(&call(&account), wanted).unwrap();
        pickups.response(&sim.answer(&SimRequest::of(&request, now)), wanted)
    };
    assert!(matches!(ask(&wanted, NOW), Ok(Step::Done(_))));
    assert!(matches!(ask(&wanted, NOW), Err(CarrierError::Garbled { .. })));
    "PICKUP0002".clone_into(&mut wanted.reference);
    let late = ask(&wanted, NOW + Duration::hours(5));
    assert!(
        matches!(late, Err(CarrierError::Refused { ref code, .. }) if code == "17"),
        "{late:?}"
    );
    wanted.date = date!(2026 - 11 - 21);
    let saturday = ask(&wanted, NOW);
    assert!(matches!(saturday, Err(CarrierError::Refused { ref code, .. }) if code == "907"));
}

#[test]
fn a_day_is_told_apart_from_the_price() {
    let mut sim = sim(6, ScanFaults::default());
    let (account, rates) = (account(), CARRIER.rates().unwrap());
    let dates = rates.delivery_dates().unwrap();
    let mut ask = |shipment: &Shipment| {
        let request = dates.request(&call(&account), shipment).unwrap();
        let date = dates.response(&sim.answer(&SimRequest::of(&request, NOW)), shipment).unwrap();
        date.map(|date| date.to_string())
    };
    // A Friday: on Monday without the option.
    assert_eq!(ask(&shipment()).as_deref(), Some("2026-11-23T13:00:00+01:00"));
    let options = vec![DeliveryOption::Saturday];
    let saturday = Shipment { options, ..shipment() };
    assert_eq!(ask(&saturday).as_deref(), Some("2026-11-21T13:00:00+01:00"));
    let unpriced = Shipment { service: "2L".to_owned(), ..shipment() };
    assert_eq!(ask(&unpriced), None);
}
