//! Connector and simulator together: from the purchase to the last scan.

use colibri_carriers::{
    Auth, CarrierError, Headline, HttpResponse, PollReply, Shipment, Step, all, fold,
    sim::{Desk, DeskError, ScanFaults},
};
use time::Duration;

use crate::world::{NOW, Suite, open, stranger, worlds};

#[test]
fn parcels_are_bought_and_followed_to_an_end() {
    for mut world in worlds(21) {
        let shipment = world.shipment();
        let mut numbers = Vec::new();
        for serial in 0..40 {
            let attempt_ref = format!("ATT{serial:010}");
            let purchase = world.sold(&Shipment { attempt_ref, ..shipment.clone() });
            assert_eq!(purchase.labels.len(), 1);
            numbers.push(purchase.labels[0].tracking_number.clone());
        }
        assert_eq!(world.sim.ledger().len(), 40, "{}", world.id());
        let end = world.sim.last_scan_at().expect("scans to come");
        world.wait_until(end).unwrap();
        let batch = world.carrier.polling().unwrap().batch_max();
        let mut delivered = 0;
        for batch in numbers.chunks(batch.min(7)) {
            for reply in world.poll(batch).unwrap().1 {
                let PollReply::Track(track) = reply else { panic!("{}: {reply:?}", world.id()) };
                let (_, folded) = fold(&track.scans, Some(end));
                let ended = matches!(
                    folded.headline,
                    Headline::Delivered | Headline::Returned | Headline::Exception
                );
                assert!(ended, "{} {folded:?}", world.id());
                delivered += u32::from(folded.delivered);
            }
        }
        assert!(delivered >= 20, "{}: {delivered} of 40 delivered", world.id());
    }
}

/// The log of a session: what the simulator answered to a fixed course of requests.
fn session(mut world: Desk) -> Vec<HttpResponse> {
    let shipment = world.shipment();
    let mut log = Vec::new();
    let mut numbers = Vec::new();
    for serial in 0..12 {
        let attempt_ref = format!("ATT{serial:010}");
        let shipment = Shipment { attempt_ref, ..shipment.clone() };
        let mut request = world.labels().request(&world.call(), &shipment).unwrap();
        loop {
            let answer = world.send(&request);
            let read = world.labels().response(&answer, &shipment);
            log.push(answer);
            match read {
                Ok(Step::Next(next)) => request = next,
                Ok(Step::Done(purchase)) => break numbers.push(purchase.shipment_number),
                Err(_) => break,
            }
        }
    }
    let polling = world.carrier.polling().unwrap();
    for hours in [0, 8, 30, 60, 120] {
        world.wait_until(NOW + Duration::hours(hours)).unwrap();
        for batch in numbers.chunks(polling.batch_max()) {
            let request = polling.request(&world.call(), batch);
            log.push(world.send(&request));
        }
    }
    log
}

#[test]
fn the_same_seed_gives_the_same_answers() {
    let faults = ScanFaults {
        duplicate_scan: 0.3,
        out_of_order: 0.3,
        late_scan: 0.3,
        unknown_code: 0.3,
        lost_parcel: 0.0,
    };
    for carrier in all() {
        let run = |seed| session(open(*carrier, seed, faults));
        let id = carrier.info().id;
        let (first, second) = (run(5), run(5));
        assert!(first.len() > 12 && first == second, "{id}: two answers to one question");
        assert!(first != run(6), "{id}: the seed decides nothing");
    }
}

#[test]
fn nobody_gets_in_with_wrong_credentials() {
    for mut world in worlds(23) {
        world.account = stranger(world.carrier);
        let shipment = world.shipment();
        let refused = match world.carrier.auth(&world.account).unwrap() {
            Auth::Token(request) => {
                let answer = world.send(&request);
                world.carrier.token(&answer).map(|_| ()).unwrap_err()
            }
            Auth::PerCall => match world.buy(&shipment) {
                Err(DeskError::Carrier(no)) => no,
                other => panic!("{}: {other:?}", world.id()),
            },
        };
        let told =
            matches!(refused, CarrierError::Unauthorised { .. } | CarrierError::Refused { .. });
        assert!(told, "{} {refused:?}", world.id());
        assert!(world.sim.ledger().is_empty(), "{}", world.id());
    }
}
