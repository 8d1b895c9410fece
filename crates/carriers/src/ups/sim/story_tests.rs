//! Scans as told, polled and pushed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
use time::Duration;

use super::{world::World, *};
use crate::{
    Headline, MappedStatus, PollReply, Push,
    sim::ScanFaults,
    ups::{
        Ups, subscribe, subscribed,
        testing::{NOW, berlin, lyon, shipment, zurich},
    },
};

#[test]
fn every_parcel_is_followed_to_its_end() {
    let mut world = World::new(4, ScanFaults::default());
    let mut numbers = Vec::new();
    for recipient in [lyon(), berlin(), zurich()] {
        for _ in 0..40 {
            numbers.push(world.buy(&shipment(lyon(), recipient.clone(), 1)).shipment_number);
        }
    }
    let first = world.track(&numbers[0]);
    assert_eq!(first.scans.len(), 1);
    assert_eq!(first.scans[0].status, MappedStatus::State(Headline::Created, None));
    world.now = world.sim.last_scan_at().unwrap();
    world.sign_in();
    let mut ends = std::collections::BTreeMap::new();
    for number in &numbers {
        let track = world.track(number);
        assert_eq!(&track.tracking_number, number);
        let times: Vec<_> =
            track.scans.iter().map(|scan| scan.utc().expect("an instant")).collect();
        assert!(times.is_sorted(), "{times:?}");
        assert!(track.scans.iter().all(|scan| scan.status != MappedStatus::Unknown));
        assert_eq!(track.promised, None, "delivered parcels promise nothing");
        let MappedStatus::State(end, _) = track.scans.last().unwrap().status else { panic!() };
        *ends.entry(end).or_insert(0) += 1;
    }
    assert!(ends[&Headline::Delivered] > 100, "{ends:?}");
    assert_eq!(ends.values().sum::<i32>(), 120);
    assert!(ends.keys().all(|end| matches!(end, Headline::Delivered | Headline::Returned)));
}

#[test]
fn promises_are_told_while_a_parcel_moves() {
    let mut world = World::new(4, ScanFaults::default());
    let number = world.buy(&shipment(lyon(), berlin(), 1)).shipment_number;
    world.now += Duration::hours(10);
    world.sign_in();
    assert!(world.track(&number).promised.is_some());
}

#[test]
fn unknown_numbers_are_not_found_and_short_ones_are_refused() {
    let mut world = World::new(5, ScanFaults::default());
    assert!(matches!(world.poll("1ZA1B2C30310000002"), PollReply::NotFound { .. }));
    assert!(matches!(world.poll("1Z"), PollReply::Broken { .. }));
    let number = world.buy(&shipment(lyon(), berlin(), 1)).shipment_number;
    world.now += Duration::days(121);
    world.sign_in();
    assert!(matches!(world.poll(&number), PollReply::NotFound { .. }), "forgotten");
}

#[test]
fn watched_parcels_are_pushed_for_fourteen_days_and_without_history() {
    let mut world = World::new(9, ScanFaults::default());
    let numbers: Vec<String> =
        (0..5).map(|_| world.buy(&shipment(lyon(), berlin(), 1)).shipment_number).collect();
    let mut asked = numbers.clone();
    asked.push("1Z1234567$8".to_owned());
    let request = world.call(|call| subscribe(call, &asked));
    assert!(subscribed(&world.send(&request)).is_err(), "the portal holds no webhook yet");
    world.portal();
    world.now += Duration::HOUR;
    let response = world.send(&request);
    assert_eq!(subscribed(&response), Ok(vec!["1Z1234567$8".to_owned()]));
    assert!(world.sim.pushes(world.now).is_empty());
    let end = world.sim.last_scan_at().unwrap();
    let pushes = world.sim.pushes(end);
    assert!(world.sim.pushes(end).is_empty(), "each is handed out once");
    assert!(pushes.is_sorted_by_key(|push| push.due));
    world.now = end;
    world.sign_in();
    for number in &numbers {
        let mut pushed = Vec::new();
        for push in &pushes {
            assert_eq!(push.url, "https://hook.example/x");
            assert!(Ups.verify(&world.account, &push.headers, &push.body));
            let track = Ups.parse(&push.body).unwrap().remove(0);
            if track.tracking_number == *number {
                pushed.extend(track.scans);
            }
        }
        let polled = world.track(number).scans;
        let facts = |scans: &[crate::Scan]| {
            scans.iter().map(|s| (s.code.clone(), s.utc())).collect::<Vec<_>>()
        };
        // The label's own event lies before the subscription.
        assert_eq!(facts(&pushed), facts(&polled[1..]));
    }
}

#[test]
fn a_watch_ends_after_fourteen_days() {
    let mut world = World::new(9, ScanFaults::default());
    world.portal();
    let mut later = shipment(lyon(), berlin(), 1);
    later.ship_date += Duration::days(7);
    let number = world.buy(&later).shipment_number;
    let request = world.call(|call| subscribe(call, std::slice::from_ref(&number)));
    subscribed(&world.send(&request)).unwrap();
    let watched = world.sim.pushes(NOW + Duration::days(60)).len();
    assert!(watched > 3);
    let mut other = World::new(9, ScanFaults::default());
    other.portal();
    let again = other.buy(&later).shipment_number;
    assert_eq!(number, again, "the same seed tells the same story");
    let number = std::slice::from_ref(&number);
    other.now -= Duration::days(10);
    let request = other.call(|call| subscribe(call, number));
    subscribed(&other.send(&request)).unwrap();
    assert!(other.sim.pushes(NOW + Duration::days(60)).len() < watched);
}

#[test]
fn faults_show_in_what_is_told() {
    let told = |faults: ScanFaults| {
        let mut world = World::new(10, faults);
        let number = world.buy(&shipment(lyon(), berlin(), 1)).shipment_number;
        world.now = world.sim.last_scan_at().unwrap() + Duration::DAY;
        world.sign_in();
        world.track(&number).scans
    };
    let plain = told(ScanFaults::default());
    let twice = told(ScanFaults { duplicate_scan: 1.0, ..ScanFaults::default() });
    assert_eq!(twice.len(), 2 * plain.len());
    let mixed = told(ScanFaults { out_of_order: 1.0, ..ScanFaults::default() });
    assert!(!mixed.is_sorted_by_key(|scan| scan.utc()));
    assert_eq!(mixed.len(), plain.len());
    let strange = told(ScanFaults { unknown_code: 1.0, ..ScanFaults::default() });
    let unknown = strange.iter().filter(|scan| scan.status == MappedStatus::Unknown).count();
    assert_eq!(unknown, plain.len() - 1);

    let mut late = World::new(10, ScanFaults { late_scan: 1.0, ..ScanFaults::default() });
    let number = late.buy(&shipment(lyon(), berlin(), 1)).shipment_number;
    let end = late.sim.last_scan_at().unwrap();
    late.now = end - Duration::hours(1);
    late.sign_in();
    assert!(late.track(&number).scans.len() < plain.len(), "told six hours late");
}
