//! The connector against the simulator: two readings of the same documents.

use std::collections::BTreeMap;

use time::Duration;

use super::*;
use crate::{
    CarrierError, Headline, Labels, Method, ParcelTrack, PointSearch, PollReply, Purchase, Step,
    SubStatus, fold,
    mondial_relay::MondialRelaySim,
    sim::{ScanFaults, SimOptions, SimRequest, Simulator},
};

/// Knows the key, and so checks what is signed and in which order.
fn sim(seed: u64, faults: ScanFaults) -> MondialRelaySim {
    MondialRelaySim::strict(SimOptions { seed, faults }, KEY)
}

fn calm(seed: u64) -> MondialRelaySim {
    sim(seed, ScanFaults::default())
}

fn buy_by(
    labels: &dyn Labels,
    sim: &mut MondialRelaySim,
    account: &Account,
    shipment: &Shipment,
) -> Result<Purchase, CarrierError> {
    let request = SimRequest::of(&labels.request(&call(account), shipment).unwrap(), NOW);
    assert!(sim.buys(&request));
    match labels.response(&sim.answer(&request), shipment)? {
        Step::Done(purchase) => Ok(purchase),
        Step::Next(_) => panic!("one call buys"),
    }
}

fn buy(sim: &mut MondialRelaySim, shipment: &Shipment) -> Result<Purchase, CarrierError> {
    buy_by(CARRIER.labels().unwrap(), sim, &account(), shipment)
}

fn track(sim: &mut MondialRelaySim, number: &str, now: OffsetDateTime) -> ParcelTrack {
    let (polling, account, numbers) = (CARRIER.polling().unwrap(), account(), [number.to_owned()]);
    let request = SimRequest::of(&polling.request(&call(&account), &numbers), now);
    assert!(!sim.buys(&request));
    match polling.response(&sim.answer(&request), &numbers).unwrap().remove(0) {
        PollReply::Track(track) => track,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_service_and_format_is_sold_to_the_right_signature() {
    let mut sim = calm(1);
    for (service, point, zpl) in [
        ("24R", true, true),
        ("24L", true, true),
        ("24X", true, false),
        ("DRI", true, false),
        ("HOM", false, true),
        ("LD1", false, false),
        ("LDS", false, false),
    ] {
        let base = if point { to_relay() } else { shipment() };
        let mut shipment = Shipment { service: service.to_owned(), ..base };
        shipment.options.push(DeliveryOption::Insurance(euros(10_000)));
        buy(&mut sim, &shipment).unwrap();
        shipment.format = LabelFormat::Zpl;
        if zpl {
            let bought = buy(&mut sim, &shipment).unwrap();
            assert!(bought.labels[0].data.starts_with(b"^XA"), "{service}");
        }
    }
    let mut cash = to_relay();
    cash.options.push(DeliveryOption::CashOnDelivery(euros(4_990)));
    buy(&mut sim, &cash).unwrap();
    let ledger = sim.ledger();
    assert_eq!(ledger.len(), 11);
    assert!(ledger.iter().all(|line| line.reference == shipment().attempt_ref));
}

#[test]
fn the_wrong_key_brand_or_login_is_refused() {
    let labels = CARRIER.labels().unwrap();
    let thermal = Shipment { format: LabelFormat::Zpl, ..shipment() };
    let mut sim = calm(2);
    for (name, value, shipment) in [
        ("private_key", "AutreCle", shipment()),
        ("connect_password", "wrong", thermal.clone()),
        ("connect_password", "wrong-again", thermal),
    ] {
        let bought = buy_by(labels, &mut sim, &with_field(name, value), &shipment);
        assert!(matches!(bought, Err(CarrierError::Unauthorised { .. })), "{name} {bought:?}");
    }
    assert!(sim.ledger().is_empty());
    let short = with_field("brand", "BDTEST");
    assert!(buy_by(labels, &mut sim, &short, &shipment()).is_ok(), "signed with its spaces");
}

#[test]
fn files_are_printed_again_by_number_and_fetched_without_credentials() {
    let mut sim = calm(3);
    let (labels, account) = (CARRIER.labels().unwrap(), account());
    let number = buy(&mut sim, &shipment()).unwrap().shipment_number;
    let read = |answer: &HttpResponse| {
        labels.label_response(&call(&account), answer, &shipment(), &number)
    };
    let first = labels.label_request(&call(&account), &number).unwrap();
    let Ok(Step::Next(next)) = read(&sim.answer(&SimRequest::of(&first, NOW))) else {
        panic!("an address")
    };
    assert_eq!((next.method, next.body.len()), (Method::Get, 0));
    let Ok(Step::Done(bought)) = read(&sim.answer(&SimRequest::of(&next, NOW))) else {
        panic!("a file")
    };
    let label = &bought.labels[0];
    assert!(label.tracking_number == number && label.data.starts_with(b"%PDF-"));
    let mut guessed = next;
    guessed.url = guessed.url.replace("crc=", "crc=0");
    assert!(read(&sim.answer(&SimRequest::of(&guessed, NOW))).is_err());
    let other = labels.label_request(&call(&account), "11111111").unwrap();
    let unknown = read(&sim.answer(&SimRequest::of(&other, NOW)));
    assert!(matches!(unknown, Err(CarrierError::Refused { .. })), "{unknown:?}");
    assert_eq!(sim.ledger().len(), 1);
}

#[test]
fn refusals_are_definite_and_failures_are_doubts() {
    let mut sim = calm(4);
    let closed = DeliveryOption::ServicePoint { id: "042999".to_owned(), address: None };
    for format in [LabelFormat::Pdf, LabelFormat::Zpl] {
        let shipment = Shipment { options: vec![closed.clone()], format, ..to_relay() };
        let refused = buy(&mut sim, &shipment);
        assert!(matches!(refused, Err(CarrierError::Refused { .. })), "{refused:?}");
        for (name, sold) in [("Panne avant", 0), ("Panne après", 1)] {
            let before = sim.ledger().len();
            let mut broken = Shipment { format, ..super::shipment() };
            broken.recipient.name = name.to_owned();
            let doubt = buy(&mut sim, &broken);
            assert!(matches!(doubt, Err(CarrierError::Garbled { .. })), "{doubt:?}");
            assert_eq!(sim.ledger().len() - before, sold, "{name}");
        }
    }
}

#[test]
fn a_prepaid_brand_pays_for_every_creation_until_nothing_is_left() {
    let mut sim = calm(5);
    let account = with_field("brand", "PPCOLIBR");
    let labels = CARRIER.labels().unwrap();
    let mut sold = 0;
    let refused = loop {
        match buy_by(labels, &mut sim, &account, &shipment()) {
            Ok(_) => sold += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, CarrierError::Refused { ref code, .. } if code == "25"));
    assert_eq!((sold, sim.ledger().len()), (11, 11));
}

#[test]
fn without_accept_the_answer_is_json_and_the_purchase_in_doubt() {
    let mut sim = calm(6);
    let thermal = Shipment { format: LabelFormat::Zpl, ..shipment() };
    let mut request = SimRequest::of(&request(&thermal).unwrap(), NOW);
    let whole = request.body.clone();
    request.headers.retain(|(name, _)| name != "accept");
    let answer = sim.answer(&request);
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    let number = &body["shipmentsListField"][0]["shipmentNumberField"];
    assert_eq!(number, &sim.ledger()[0].tracking_number);
    let read = CARRIER.labels().unwrap().response(&answer, &thermal);
    assert!(matches!(read, Err(CarrierError::Garbled { .. })), "{read:?}");
    // A byte order mark is refused.
    request.headers.push(("accept".to_owned(), "application/xml".to_owned()));
    request.body = [b"\xEF\xBB\xBF".as_slice(), &whole].concat().into();
    let read = CARRIER.labels().unwrap().response(&sim.answer(&request), &thermal);
    assert!(matches!(read, Err(CarrierError::Refused { ref code, .. }) if code == "99998"));
}

#[test]
fn parcels_are_followed_to_their_end() {
    let mut sim = sim(7, ScanFaults { lost_parcel: 0.05, ..ScanFaults::default() });
    let mut numbers = Vec::new();
    for serial in 0..200 {
        let shipment = if serial % 2 == 0 { shipment() } else { to_relay() };
        numbers.push(buy(&mut sim, &shipment).unwrap().shipment_number);
    }
    let first = fold(&track(&mut sim, &numbers[0], NOW).scans, Some(NOW)).1;
    assert_eq!(first.headline, Headline::Created);
    let end = sim.last_scan_at().unwrap();
    let mut ends = BTreeMap::new();
    for number in &numbers {
        let folded = fold(&track(&mut sim, number, end).scans, Some(end)).1;
        assert_eq!(folded.unknown, 0);
        *ends.entry((folded.headline, folded.sub)).or_insert(0) += 1;
    }
    let count = |headline, sub| ends.get(&(headline, sub)).copied().unwrap_or(0);
    let lost = count(Headline::Exception, Some(SubStatus::Lost));
    assert!(count(Headline::Delivered, None) > 150, "{ends:?}");
    assert!(count(Headline::Returned, None) > 0 && lost > 0, "{ends:?}");
    assert_eq!(count(Headline::Delivered, None) + count(Headline::Returned, None) + lost, 200);
}

#[test]
fn a_relay_parcel_waits_and_is_not_called_delivered() {
    let mut sim = calm(8);
    let number = buy(&mut sim, &to_relay()).unwrap().shipment_number;
    let mut seen = Vec::new();
    let end = sim.last_scan_at().unwrap();
    let mut now = NOW;
    while now <= end {
        let folded = fold(&track(&mut sim, &number, now).scans, Some(now)).1;
        if seen.last() != Some(&folded.headline) {
            seen.push(folded.headline);
        }
        now += Duration::HOUR;
    }
    let expected = [
        Headline::Created,
        Headline::PickedUp,
        Headline::InTransit,
        Headline::OutForDelivery,
        Headline::Delivered,
    ];
    assert_eq!(seen, expected);
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
    let (mut quiet, mut rough) = (calm(11), sim(11, wild));
    for _ in 0..60 {
        let number = buy(&mut quiet, &shipment()).unwrap().shipment_number;
        assert_eq!(buy(&mut rough, &shipment()).unwrap().shipment_number, number);
        let end = NOW + Duration::hours(500);
        let calm = fold(&track(&mut quiet, &number, end).scans, None).1;
        let noisy = fold(&track(&mut rough, &number, end).scans, None).1;
        let told = |folded: crate::Folded| (folded.headline, folded.sub, folded.attempts);
        assert_eq!(told(calm), told(noisy));
    }
}

#[test]
fn a_return_travels_to_the_merchant() {
    let mut sim = calm(12);
    let returns = CARRIER.returns().unwrap();
    let number = buy_by(returns, &mut sim, &account(), &back()).unwrap().shipment_number;
    let end = sim.last_scan_at().unwrap();
    let folded = fold(&track(&mut sim, &number, end).scans, Some(end)).1;
    assert_eq!((folded.headline, folded.return_leg), (Headline::Delivered, false));
    let thermal = Shipment { format: LabelFormat::Zpl, ..back() };
    assert!(buy_by(returns, &mut sim, &account(), &thermal).is_ok());
}

#[test]
fn points_found_are_points_that_can_be_sent_to() {
    let mut sim = calm(13);
    let (points, account) = (CARRIER.service_points().unwrap(), account());
    let search = PointSearch {
        near: shipment().recipient,
        ship_date: NOW.date(),
        weight: Grams(40),
        service: "24L".to_owned(),
        limit: 7,
    };
    let request = points.request(&call(&account), &search).unwrap();
    let found = points.response(&sim.answer(&SimRequest::of(&request, NOW))).unwrap();
    assert_eq!(found.len(), 7);
    assert!(found.iter().any(|point| point.locker) && found.iter().any(|point| !point.locker));
    assert!(found.iter().any(|point| !point.closures.is_empty()));
    assert!(found.iter().all(|point| point.hours.is_some() && point.position.is_some()));
    for point in found {
        let option = DeliveryOption::ServicePoint { id: point.id, address: None };
        buy(&mut sim, &Shipment { options: vec![option], ..to_relay() }).unwrap();
    }
}

#[test]
fn another_brands_number_is_unknown() {
    let mut sim = calm(14);
    let number = buy(&mut sim, &shipment()).unwrap().shipment_number;
    let polling = CARRIER.polling().unwrap();
    let (account, numbers) = (with_field("brand", "ZZAUTRE1"), [number]);
    let request = SimRequest::of(&polling.request(&call(&account), &numbers), NOW);
    let replies = polling.response(&sim.answer(&request), &numbers).unwrap();
    assert!(matches!(replies.as_slice(), [PollReply::NotFound { .. }]), "{replies:?}");
}
