//! Connector and simulator together, in what the shared suite does not ask.

use std::collections::BTreeSet;

use time::macros::time;

use super::*;
use crate::{
    Auth, Carrier, CarrierError, Found, Headline, Labels, Lookup, Method, PickupCancellation,
    PickupRequest, Pickups, PollReply, Polling, Purchase, Step, Voids,
    fedex::{
        CARRIER,
        sim::{FedexSim, tracking_number},
    },
    fold,
    sim::{ScanFaults, SimOptions, SimRequest, Simulator},
};

struct World {
    sim: FedexSim,
    account: Account,
    token: Option<Token>,
    now: OffsetDateTime,
}

impl World {
    fn new(seed: u64, faults: ScanFaults) -> Self {
        let sim = FedexSim::new(SimOptions { seed, faults });
        let mut world = Self { sim, account: account(), token: None, now: NOW };
        world.log_in();
        world
    }

    fn log_in(&mut self) {
        let Ok(Auth::Token(request)) = CARRIER.auth(&self.account) else { panic!("a token") };
        self.token = Some(CARRIER.token(&self.send(&request)).unwrap());
    }

    fn send(&mut self, request: &HttpRequest) -> HttpResponse {
        self.sim.answer(&self.sent(request))
    }

    fn sent(&self, request: &HttpRequest) -> SimRequest {
        SimRequest::of(request, self.now)
    }

    fn call<T>(&self, run: impl FnOnce(&Call<'_>) -> T) -> T {
        let token = self.token.as_ref();
        run(&Call { account: &self.account, token, now: self.now, call_id: "call-1" })
    }

    fn buy(&mut self, shipment: &Shipment) -> Result<Purchase, CarrierError> {
        let request = self.call(|call| Labels::request(&CARRIER, call, shipment)).unwrap();
        let answer = self.send(&request);
        match Labels::response(&CARRIER, &answer, shipment)? {
            Step::Done(purchase) => Ok(purchase),
            Step::Next(_) => panic!("one call buys"),
        }
    }

    fn void(&mut self, purchase: &Purchase) -> Result<(), CarrierError> {
        let request = self.call(|call| Voids::request(&CARRIER, call, purchase)).unwrap();
        Voids::response(&CARRIER, &self.send(&request)).map(|_| ())
    }

    fn find(&mut self, shipment: &Shipment) -> Found {
        let request = self.call(|call| Lookup::request(&CARRIER, call, shipment));
        let answer = self.send(&request);
        let step = self.call(|call| Lookup::response(&CARRIER, call, &answer, shipment)).unwrap();
        let Step::Done(found) = step else { panic!("one question") };
        found
    }

    fn poll(&mut self, numbers: &[String]) -> Vec<PollReply> {
        let request = self.call(|call| Polling::request(&CARRIER, call, numbers));
        Polling::response(&CARRIER, &self.send(&request), numbers).unwrap()
    }
}

#[test]
fn numbers_have_the_weighted_digit() {
    assert_eq!(tracking_number(12_345_678_901), "123456789012");
    assert_eq!(tracking_number(98_657_878_885), "986578788855");
    let distinct: BTreeSet<String> = (0..1_000).map(tracking_number).collect();
    assert_eq!(distinct.len(), 1_000);
}

#[test]
fn everything_that_the_connector_can_say_is_sold() {
    let mut world = World::new(1, ScanFaults::default());
    let mut lanes = vec![union_lane(), customs_lane()];
    for service in ["PRIORITY_OVERNIGHT", "STANDARD_OVERNIGHT", "FEDEX_2_DAY", "FEDEX_GROUND"] {
        lanes.push(shipment(portland(), springfield(), service, 3));
    }
    for shipment in &lanes {
        let purchase = world.buy(shipment).unwrap();
        assert_eq!(purchase.labels.len(), shipment.parcels.len());
        assert!(purchase.charge.is_some());
        assert_eq!(purchase.shipment_number, purchase.labels[0].tracking_number);
        let numbers: Vec<_> = purchase.labels.iter().map(|l| &l.tracking_number).collect();
        assert!(numbers.is_sorted(), "pieces in the order of the parcels");
    }
    assert_eq!(world.sim.ledger().len(), 14);
    assert!(world.sim.ledger().iter().all(|entry| entry.reference == "COL202611200001"));
}

#[test]
fn a_token_ends_after_an_hour_and_two_purchases_are_two() {
    let mut world = World::new(2, ScanFaults::default());
    world.buy(&union_lane()).unwrap();
    world.buy(&union_lane()).unwrap();
    assert_eq!(world.sim.ledger().len(), 2, "nothing is deduplicated");
    world.now += Duration::hours(1);
    let late = world.buy(&union_lane()).unwrap_err();
    assert_eq!(late, CarrierError::Unauthorised { code: "NOT.AUTHORIZED.ERROR".into() });
    world.log_in();
    world.buy(&union_lane()).unwrap();
}

#[test]
fn a_label_is_void_once_and_not_after_the_driver_came() {
    let mut world = World::new(3, ScanFaults::default());
    let first = world.buy(&union_lane()).unwrap();
    let second = world.buy(&union_lane()).unwrap();
    world.void(&first).unwrap();
    assert!(matches!(world.void(&first), Err(CarrierError::Refused { .. })));
    world.now += Duration::days(2);
    world.log_in();
    assert!(matches!(world.void(&second), Err(CarrierError::Refused { .. })));
    let PollReply::Track(track) = world.poll(&[first.shipment_number]).remove(0) else {
        panic!("a track")
    };
    assert_eq!(fold(&track.scans, None).1.headline, Headline::Exception);
    assert_eq!(world.sim.ledger().len(), 3);
}

#[test]
fn a_lost_purchase_is_found_after_the_delay_with_every_piece() {
    let mut world = World::new(4, ScanFaults::default());
    let shipment = shipment(portland(), springfield(), "FEDEX_GROUND", 3);
    let bought = world.buy(&shipment).unwrap();
    assert!(matches!(world.find(&shipment), Found::Nothing), "too early to be trusted");
    world.now += Lookup::settle(&CARRIER);
    let Found::Purchase(found) = world.find(&shipment) else { panic!("found") };
    assert_eq!(found.shipment_number, bought.shipment_number);
    assert_eq!(found.labels.len(), 3);
    world.buy(&shipment).unwrap();
    world.now += Lookup::settle(&CARRIER);
    assert!(matches!(world.find(&shipment), Found::Unclear(_)), "sold twice");
}

#[test]
fn parcels_end_under_every_fault_and_recycled_numbers_confuse_nobody() {
    let faults = ScanFaults {
        duplicate_scan: 0.2,
        out_of_order: 0.2,
        late_scan: 0.2,
        unknown_code: 0.2,
        lost_parcel: 0.1,
    };
    let mut world = World::new(5, faults);
    let mut numbers = Vec::new();
    for _ in 0..200 {
        numbers.push(world.buy(&customs_lane()).unwrap().shipment_number);
    }
    world.now = world.sim.last_scan_at().unwrap();
    world.log_in();
    let (mut ends, mut unknown, mut old) = (BTreeSet::new(), 0, 0);
    for batch in numbers.chunks(Polling::batch_max(&CARRIER)) {
        for reply in world.poll(batch) {
            let PollReply::Track(track) = reply else { panic!("{reply:?}") };
            let (_, folded) = fold(&track.scans, Some(world.now));
            ends.insert(folded.headline);
            unknown += folded.unknown;
            let year = |scan: &crate::Scan| scan.time.map(|time| time.local.year());
            old += track.scans.iter().filter(|scan| year(scan) == Some(2025)).count();
        }
    }
    let all = [Headline::Exception, Headline::Delivered, Headline::Returned];
    assert_eq!(ends, BTreeSet::from(all));
    assert!(unknown > 50 && old == 0, "{unknown} {old}");
}

#[test]
fn codes_of_collections_repeat_and_the_location_is_wanted_back() {
    let mut world = World::new(6, ScanFaults::default());
    let wanted = |days: i64, service: &str| PickupRequest {
        reference: "P1".into(),
        address: lyon(),
        date: NOW.date() + Duration::days(days),
        ready: time!(14:00),
        close: time!(18:00),
        service: service.into(),
        destination: None,
        parcels: 1,
        weight: Grams(1_000),
        tracking_numbers: vec![],
        instructions: String::new(),
    };
    let mut book = |wanted: &PickupRequest| {
        let request = world.call(|call| Pickups::request(&CARRIER, call, wanted)).unwrap();
        let answer = world.send(&request);
        let Ok(Step::Done(pickup)) = Pickups::response(&CARRIER, &answer, wanted) else {
            panic!("booked")
        };
        pickup
    };
    let express = book(&wanted(1, "FEDEX_INTERNATIONAL_PRIORITY"));
    let next = book(&wanted(2, "FEDEX_INTERNATIONAL_PRIORITY"));
    let ground = book(&wanted(1, "FEDEX_GROUND"));
    assert_eq!(express.confirmation, next.confirmation);
    assert!(ground.location.is_empty() && express.location == "LYOA");
    let mut call_off = |pickup: &crate::Pickup| {
        let request = world.call(|call| PickupCancellation::request(&CARRIER, call, pickup));
        assert_eq!(request.method, Method::Put);
        PickupCancellation::response(&CARRIER, &world.send(&request))
    };
    let blind = crate::Pickup { location: String::new(), ..express.clone() };
    assert!(matches!(call_off(&blind), Err(CarrierError::Refused { .. })));
    for pickup in [&express, &next, &ground] {
        call_off(pickup).unwrap();
        assert!(call_off(pickup).is_err(), "once");
    }
}

#[test]
fn many_packages_are_a_job_and_links_are_no_files() {
    let mut world = World::new(7, ScanFaults::default());
    let two = shipment(portland(), springfield(), "FEDEX_GROUND", 2);
    let mut request = world.call(|call| Labels::request(&CARRIER, call, &two)).unwrap();
    let mut body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    body["labelResponseOptions"] = "URL_ONLY".into();
    request.body = body.to_string().into();
    let Ok(Step::Done(linked)) = Labels::response(&CARRIER, &world.send(&request), &two) else {
        panic!("bought")
    };
    assert!(linked.labels.iter().all(|label| label.data.is_empty()));
    let items = &mut body["requestedShipment"]["requestedPackageLineItems"];
    *items = vec![items[0].clone(); 41].into();
    request.body = body.to_string().into();
    assert_eq!(world.send(&request).status, 400, "not at once");
    body["processingOptionType"] = "ALLOW_ASYNCHRONOUS".into();
    request.body = body.to_string().into();
    let answer: serde_json::Value = serde_json::from_slice(&world.send(&request).body).unwrap();
    let job = answer["output"]["jobId"].as_str().unwrap();
    let question = serde_json::json!({ "accountNumber": { "value": "123456789" }, "jobId": job });
    request.url = "https://apis.fedex.com/ship/v1/shipments/results".into();
    request.body = question.to_string().into();
    let later: serde_json::Value = serde_json::from_slice(&world.send(&request).body).unwrap();
    let pieces = &later["output"]["transactionShipments"][0]["pieceResponses"];
    assert_eq!(pieces.as_array().unwrap().len(), 41);
}
