//! Connector and simulator together.

use std::collections::HashSet;

use time::Duration;

use super::*;
use crate::{
    CarrierError, DeliveryOption, Found, Headline, Labels, Lookup, ParcelTrack, PollReply, Polling,
    Purchase, Push, Step, SubStatus,
    dhl_express::{CARRIER, read_payload, simulator},
    fold,
    sim::{ScanFaults, SimOptions, SimRequest, Simulator},
};

pub fn sim(seed: u64, faults: ScanFaults) -> Box<dyn Simulator> {
    simulator(SimOptions { seed, faults })
}

pub fn send(sim: &mut dyn Simulator, request: &HttpRequest, now: OffsetDateTime) -> HttpResponse {
    sim.answer(&SimRequest::of(request, now))
}

pub fn buy(sim: &mut dyn Simulator, shipment: &Shipment) -> Result<Purchase, CarrierError> {
    let account = account();
    let request = Labels::request(&CARRIER, &call(&account), shipment).expect("expressible");
    match Labels::response(&CARRIER, &send(sim, &request, NOW), shipment)? {
        Step::Done(purchase) => Ok(purchase),
        Step::Next(_) => panic!("one answer is enough"),
    }
}

pub fn track(sim: &mut dyn Simulator, number: &str, now: OffsetDateTime) -> ParcelTrack {
    let account = account();
    let numbers = [number.to_owned()];
    let request = Polling::request(&CARRIER, &call(&account), &numbers);
    match Polling::response(&CARRIER, &send(sim, &request, now), &numbers).unwrap().remove(0) {
        PollReply::Track(track) => track,
        other => panic!("{other:?}"),
    }
}

#[test]
fn shipments_of_every_lane_are_sold_and_end() {
    let mut sim = sim(7, ScanFaults::default());
    let mut ends = HashSet::new();
    for (from, to) in [("FR", "FR"), ("FR", "DE"), ("FR", "CH"), ("FR", "US")] {
        for _ in 0..60 {
            let number = buy(sim.as_mut(), &shipment(from, to)).unwrap().shipment_number;
            let end = NOW + Duration::days(40);
            let folded = fold(&track(sim.as_mut(), &number, end).scans, Some(end)).1;
            ends.insert((folded.headline, folded.sub));
            assert_eq!(folded.unknown, 0);
        }
    }
    assert!(ends.contains(&(Headline::Delivered, None)));
    assert!(ends.contains(&(Headline::Returned, None)));
    assert!(ends.iter().all(|(end, _)| matches!(end, Headline::Delivered | Headline::Returned)));
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
    let mut unknown = 0;
    for _ in 0..60 {
        let number = buy(calm.as_mut(), &shipment("FR", "CH")).unwrap().shipment_number;
        let same = buy(rough.as_mut(), &shipment("FR", "CH")).unwrap().shipment_number;
        assert_eq!(number, same);
        let end = NOW + Duration::days(40);
        let quiet = fold(&track(calm.as_mut(), &number, end).scans, None).1;
        let noisy = fold(&track(rough.as_mut(), &number, end).scans, None).1;
        unknown += noisy.unknown;
        assert_eq!(
            (quiet.headline, quiet.sub, quiet.attempts),
            (noisy.headline, noisy.sub, noisy.attempts)
        );
    }
    assert!(unknown > 20, "{unknown}");
}

#[test]
fn several_pieces_have_labels_and_stories_of_their_own() {
    let mut sim = sim(3, ScanFaults::default());
    let mut wanted = shipment("FR", "DE");
    wanted.parcels = vec![parcel(); 3];
    for format in [LabelFormat::Pdf, LabelFormat::Zpl] {
        let purchase = buy(sim.as_mut(), &Shipment { format, ..wanted.clone() }).unwrap();
        assert!(purchase.labels.iter().all(|label| !label.data.is_empty()));
        assert!(purchase.labels.iter().all(|label| label.tracking_number.starts_with("JD0146")));
        let end = NOW + Duration::days(40);
        for label in &purchase.labels {
            let folded = fold(&track(sim.as_mut(), &label.tracking_number, end).scans, None).1;
            assert!(folded.delivered || folded.headline == Headline::Returned);
        }
    }
    assert_eq!(sim.ledger().len(), 6);
}

#[test]
fn a_point_parcel_waits_there() {
    let mut sim = sim(1, ScanFaults::default());
    let mut wanted = shipment("FR", "FR");
    wanted.options = vec![DeliveryOption::ServicePoint { id: "RNS001".into(), address: None }];
    let number = buy(sim.as_mut(), &wanted).unwrap().shipment_number;
    let now = NOW + Duration::hours(40);
    let folded = fold(&track(sim.as_mut(), &number, now).scans, Some(now)).1;
    assert_eq!(folded.sub, Some(SubStatus::AvailableForPickup));
}

#[test]
fn a_reference_is_found_after_a_while_and_doubles_are_doubt() {
    let mut sim = sim(2, ScanFaults::default());
    let account = account();
    let wanted = shipment("FR", "DE");
    let bought = buy(sim.as_mut(), &wanted).unwrap();
    let ask = |sim: &mut dyn Simulator, minutes| {
        let now = NOW + Duration::minutes(minutes);
        let call = Call { now, ..call(&account) };
        let answer = send(sim, &Lookup::request(&CARRIER, &call, &wanted), now);
        match Lookup::response(&CARRIER, &call, &answer, &wanted).unwrap() {
            Step::Done(found) => found,
            Step::Next(_) => panic!("one answer is enough"),
        }
    };
    // Too early, DHL says no: that is why the settling delay exists.
    assert!(matches!(ask(sim.as_mut(), 1), Found::Nothing));
    let settled = Lookup::settle(&CARRIER).whole_minutes();
    let Found::Purchase(found) = ask(sim.as_mut(), settled) else { panic!("not found") };
    assert_eq!(found.shipment_number, bought.shipment_number);
    buy(sim.as_mut(), &wanted).unwrap();
    assert!(matches!(ask(sim.as_mut(), settled), Found::Unclear(_)));
}

#[test]
fn pushes_tell_the_same_story_as_polls() {
    let mut sim = sim(9, ScanFaults::default());
    let account = account();
    let number = buy(sim.as_mut(), &shipment("FR", "DE")).unwrap().shipment_number;
    let offer = Push::subscriptions(&CARRIER).unwrap();
    let numbers = [number.clone()];
    let request = offer.request(&call(&account), &numbers, "https://hooks.example/in/a");
    let created = send(sim.as_mut(), &request, NOW);
    let end = NOW + Duration::days(40);
    // Dormant until it is activated.
    assert!(sim.pushes(NOW + Duration::HOUR).is_empty());
    let second = offer.confirm(&call(&account), &created).unwrap();
    let active = send(sim.as_mut(), &second, NOW);
    assert_eq!(offer.response(&active), Ok(Vec::new()));
    assert!(offer.confirm(&call(&account), &active).is_none());
    let mut scans = Vec::new();
    for push in sim.pushes(end) {
        assert!(Push::verify(&CARRIER, &account, &push.headers, &push.body));
        for track in Push::parse(&CARRIER, &push.body).unwrap() {
            assert_eq!(track.tracking_number, number);
            scans.extend(track.scans);
        }
        assert_eq!(read_payload(&push.body).unwrap().len(), 1);
    }
    let pushed = fold(&scans, Some(end));
    let polled = fold(&track(sim.as_mut(), &number, end).scans, Some(end));
    assert_eq!((pushed.1.headline, pushed.1.sub), (polled.1.headline, polled.1.sub));
    assert!(sim.pushes(end).is_empty(), "each is handed out once");
}
