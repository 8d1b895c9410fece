//! The connector against the simulator: two readings of the same documents.

use time::Duration;

use super::*;
use crate::{
    Carrier, CarrierError, DeliveryOption, Headline, Label, ParcelTrack, PollReply, Step,
    SubStatus,
    colissimo::{CARRIER, ColissimoSim},
    fold,
    sim::{ScanFaults, SimOptions, SimRequest, Simulator},
};

fn sim(seed: u64, faults: ScanFaults) -> ColissimoSim {
    ColissimoSim::new(SimOptions { seed, faults })
}

fn buy(sim: &mut ColissimoSim, shipment: &Shipment) -> Result<Label, CarrierError> {
    let account = account();
    let labels = CARRIER.labels().unwrap();
    let request = SimRequest::of(&labels.request(&call(&account), shipment).unwrap(), NOW);
    assert!(sim.buys(&request));
    match labels.response(&sim.answer(&request), shipment)? {
        Step::Done(purchase) => Ok(purchase.labels[0].clone()),
        Step::Next(_) => panic!("one call buys"),
    }
}

fn poll(sim: &mut ColissimoSim, numbers: &[String], now: OffsetDateTime) -> Vec<PollReply> {
    let account = account();
    let polling = CARRIER.polling().unwrap();
    let request = SimRequest::of(&polling.request(&call(&account), numbers), now);
    assert!(!sim.buys(&request));
    polling.response(&sim.answer(&request), numbers).unwrap()
}

fn track(sim: &mut ColissimoSim, number: &str, now: OffsetDateTime) -> ParcelTrack {
    match poll(sim, &[number.to_owned()], now).remove(0) {
        PollReply::Track(track) => track,
        other => panic!("{other:?}"),
    }
}

#[test]
fn parcels_are_bought_and_followed_to_their_end() {
    let mut sim = sim(7, ScanFaults { lost_parcel: 0.05, ..ScanFaults::default() });
    let numbers: Vec<String> =
        (0..200).map(|_| buy(&mut sim, &shipment()).unwrap().tracking_number).collect();
    assert_eq!(sim.ledger().len(), 200);
    let first = &numbers[0];
    assert!(first.starts_with("6A") && first.len() == 13);
    let state = |sim: &mut ColissimoSim, hours| {
        let now = NOW + Duration::hours(hours);
        fold(&track(sim, first, now).scans, Some(now)).1.headline
    };
    assert_eq!(state(&mut sim, 0), Headline::Created);
    assert_eq!(state(&mut sim, 6), Headline::PickedUp);
    let end = sim.last_scan_at().unwrap();
    let mut ends = std::collections::BTreeMap::new();
    for ten in numbers.chunks(10) {
        for reply in poll(&mut sim, ten, end) {
            let PollReply::Track(track) = reply else { panic!("{reply:?}") };
            let folded = fold(&track.scans, Some(end)).1;
            *ends.entry((folded.headline, folded.sub)).or_insert(0) += 1;
        }
    }
    let count = |headline, sub| ends.get(&(headline, sub)).copied().unwrap_or(0);
    assert!(count(Headline::Delivered, None) > 150, "{ends:?}");
    assert!(count(Headline::Returned, None) > 0, "{ends:?}");
    let lost = count(Headline::Exception, Some(SubStatus::Lost));
    assert!(lost > 0, "{ends:?}");
    assert_eq!(count(Headline::Delivered, None) + count(Headline::Returned, None) + lost, 200);
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
    for _ in 0..60 {
        let number = buy(&mut calm, &shipment()).unwrap().tracking_number;
        assert_eq!(buy(&mut rough, &shipment()).unwrap().tracking_number, number);
        let end = NOW + Duration::hours(300);
        let quiet = fold(&track(&mut calm, &number, end).scans, None).1;
        let noisy = fold(&track(&mut rough, &number, end).scans, None).1;
        assert_eq!(
            (quiet.headline, quiet.sub, quiet.attempts),
            (noisy.headline, noisy.sub, noisy.attempts)
        );
    }
}

#[test]
fn a_pickup_point_parcel_waits_there() {
    let mut sim = sim(1, ScanFaults::default());
    let options = vec![DeliveryOption::ServicePoint { id: "012345".to_owned(), address: None }];
    let shipment = Shipment { service: "HD".to_owned(), options, ..shipment() };
    let number = buy(&mut sim, &shipment).unwrap().tracking_number;
    let now = NOW + Duration::hours(32);
    let folded = fold(&track(&mut sim, &number, now).scans, Some(now)).1;
    assert_eq!(folded.sub, Some(SubStatus::AvailableForPickup));
}

#[test]
fn labels_are_files_of_the_wanted_format_and_come_again() {
    let mut sim = sim(1, ScanFaults::default());
    for (format, start) in [(LabelFormat::Pdf, "%PDF-"), (LabelFormat::Zpl, "^XA")] {
        let label = buy(&mut sim, &Shipment { format, ..shipment() }).unwrap();
        assert_eq!(label.format, format);
        assert!(String::from_utf8_lossy(&label.data).contains(start));
        let account = account();
        let labels = CARRIER.labels().unwrap();
        let again = labels.label_request(&call(&account), &label.tracking_number).unwrap();
        let answer = sim.answer(&SimRequest::of(&again, NOW));
        let Ok(Step::Done(purchase)) = labels.response(&answer, &shipment()) else {
            panic!("the label again")
        };
        assert_eq!(purchase.shipment_number, label.tracking_number);
        assert_eq!(purchase.labels[0].format, LabelFormat::Pdf);
    }
    assert_eq!(sim.ledger().len(), 2);
}

#[test]
fn unknown_numbers_are_not_found_in_every_shape() {
    let mut sim = sim(3, ScanFaults::default());
    for serial in 0..40 {
        let number = format!("6A{serial:011}");
        let reply = poll(&mut sim, &[number], NOW).remove(0);
        assert!(matches!(reply, PollReply::NotFound { .. }), "{reply:?}");
    }
    let known = buy(&mut sim, &shipment()).unwrap().tracking_number;
    let mixed = poll(&mut sim, &["short".to_owned(), known, "6A00000000000".to_owned()], NOW);
    assert!(matches!(
        mixed.as_slice(),
        [PollReply::NotFound { .. }, PollReply::Track(_), PollReply::NotFound { .. }]
    ));
}

/// The simulator checks by itself what the connector checks before: here it is asked directly.
#[test]
fn the_simulator_refuses_in_the_carriers_shapes() {
    let account = account();
    let labels = CARRIER.labels().unwrap();
    let mut good = SimRequest::of(&labels.request(&call(&account), &shipment()).unwrap(), NOW);
    let mut sim = sim(5, ScanFaults::default());
    let whole: serde_json::Value = serde_json::from_slice(&good.body).unwrap();
    let mut shapes = std::collections::BTreeSet::new();
    for (pointer, value, code) in [
        ("/letter/service/productCode", "XYZ".into(), "30109"),
        ("/letter/parcel/weight", 31.into(), "30999"),
        ("/letter/parcel/weight", serde_json::Value::Null, "30999"),
        ("/letter/service/depositDate", "2026-11-19".into(), "30999"),
        ("/letter/addressee/address/line2", "".into(), "30999"),
        ("/letter/addressee/address/mobileNumber", "0612345678".into(), "30221"),
        ("/letter/addressee/address/countryCode", "US".into(), "30999"),
        ("/letter/addressee/address/countryCode", "RE".into(), "30109"),
        ("/letter/sender/address/city", "\u{141}".into(), "30999"),
    ] {
        let mut body = whole.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        good.body = body.to_string().into();
        let answer = sim.answer(&good);
        shapes
            .insert((answer.status, answer.header("content-type").map(|t| t.starts_with("multi"))));
        match labels.response(&answer, &shipment()) {
            Err(CarrierError::Refused { code: told, .. }) => assert_eq!(told, code, "{pointer}"),
            other => panic!("{pointer}: {other:?}"),
        }
    }
    assert!(shapes.len() >= 2, "{shapes:?}");
    assert!(sim.ledger().is_empty());
    good.body = "{".into();
    assert_eq!(sim.answer(&good).status, 422);
    good.headers.retain(|(name, _)| name != "apikey");
    good.body = whole.to_string().into();
    assert_eq!(sim.answer(&good).status, 403);
}

#[test]
fn a_check_creates_nothing() {
    let account = account();
    let mut request = SimRequest::of(
        &CARRIER.labels().unwrap().request(&call(&account), &shipment()).unwrap(),
        NOW,
    );
    request.path = request.path.replace("generateLabel", "checkGenerateLabel");
    let mut sim = sim(5, ScanFaults::default());
    assert!(!sim.buys(&request));
    assert_eq!(sim.answer(&request).status, 200);
    assert!(sim.ledger().is_empty() && sim.last_scan_at().is_none());
}
