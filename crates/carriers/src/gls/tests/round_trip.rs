//! Connector and simulator together: quirks of the reference.
#![allow(clippy::indexing_slicing, reason = "tests")]

use serde_json::Value;
use time::{Duration, OffsetDateTime};

use super::{NOW, account, shipment};
use crate::{
    Account, Auth, Call, Carrier, CarrierError, Found, Headline, HttpRequest, HttpResponse, Labels,
    Lookup, ManifestRequest, Manifests, Method, PollReply, Polling, Purchase, Shipment, Step,
    SubStatus, Token, Voids, fold,
    gls::{CARRIER, Gls, labels::OUT, simulator},
    sim::{ScanFaults, SimOptions, SimRequest, Simulator},
};

struct World {
    sim: Box<dyn Simulator>,
    account: Account,
    token: Option<Token>,
    now: OffsetDateTime,
}

impl World {
    fn new(seed: u64, faults: ScanFaults) -> Self {
        let sim = simulator(SimOptions { seed, faults });
        let mut world = Self { sim, account: account(), token: None, now: NOW };
        world.sign_in();
        world
    }

    fn sign_in(&mut self) {
        let Ok(Auth::Token(request)) = CARRIER.auth(&self.account) else { panic!("a token") };
        self.token = Some(CARRIER.token(&self.send(&request)).unwrap());
    }

    fn send(&mut self, request: &HttpRequest) -> HttpResponse {
        self.sim.answer(&SimRequest::of(request, self.now))
    }

    fn get(&mut self, path: &str) -> HttpResponse {
        let request = self.call(|call| crate::gls::common::track(call, path));
        self.send(&request)
    }

    fn call<T>(&self, run: impl FnOnce(&Call<'_>) -> T) -> T {
        let token = self.token.as_ref();
        run(&Call { account: &self.account, token, now: self.now, call_id: "call-1" })
    }

    fn buy(&mut self, shipment: &Shipment) -> Purchase {
        let request = self.call(|call| OUT.request(call, shipment)).unwrap();
        let response = self.send(&request);
        match OUT.response(&response, shipment) {
            Ok(Step::Done(purchase)) => purchase,
            other => panic!("{other:?}"),
        }
    }

    fn void(&mut self, purchase: &Purchase) -> Result<(), CarrierError> {
        let request = self.call(|call| Voids::request(&Gls, call, purchase)).unwrap();
        let response = self.send(&request);
        Voids::response(&Gls, &response).map(|_| ())
    }

    fn find(&mut self, shipment: &Shipment) -> Found {
        let mut request = self.call(|call| Lookup::request(&Gls, call, shipment));
        for _ in 0..3 {
            let response = self.send(&request);
            let step = self.call(|call| Lookup::response(&Gls, call, &response, shipment));
            match step.unwrap() {
                Step::Done(found) => return found,
                Step::Next(next) => request = next,
            }
        }
        panic!("two questions are enough")
    }

    fn poll(&mut self, numbers: &[String]) -> Vec<PollReply> {
        let request = self.call(|call| Polling::request(&Gls, call, numbers));
        let response = self.send(&request);
        Polling::response(&Gls, &response, numbers).unwrap()
    }

    fn state(&mut self, number: &str) -> (Headline, Option<SubStatus>) {
        match self.poll(&[number.to_owned()]).remove(0) {
            PollReply::Track(track) => {
                let folded = fold(&track.scans, Some(self.now)).1;
                (folded.headline, folded.sub)
            }
            other => panic!("{other:?}"),
        }
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        self.sign_in();
    }
}

fn numbered(serial: u32) -> Shipment {
    Shipment { attempt_ref: format!("ATT{serial:010}"), ..shipment(1) }
}

#[test]
fn a_reference_is_found_after_a_while_and_twice_when_bought_twice() {
    let mut world = World::new(1, ScanFaults::default());
    let one = shipment(2);
    let bought = world.buy(&one);
    assert_eq!(bought.labels.len(), 2);
    assert!(matches!(world.find(&one), Found::Nothing), "too early");
    world.pass(Gls.settle());
    let Found::Purchase(found) = world.find(&one) else { panic!("found") };
    assert_eq!(found.shipment_number, bought.shipment_number);
    world.buy(&one);
    world.pass(Gls.settle());
    assert!(matches!(world.find(&one), Found::Unclear(_)), "two under one reference");
    assert_eq!(world.sim.ledger().len(), 4);
}

#[test]
fn a_parcel_is_cancelled_until_scanned_or_the_day_is_closed() {
    let mut world = World::new(2, ScanFaults::default());
    let (early, late, closed) =
        (world.buy(&numbered(1)), world.buy(&numbered(2)), world.buy(&numbered(3)));
    world.void(&early).unwrap();
    world.void(&early).unwrap();
    let number = early.labels[0].tracking_number.clone();
    assert_eq!(world.state(&number), (Headline::Exception, Some(SubStatus::Cancelled)));
    let day = ManifestRequest {
        reference: "M1".to_owned(),
        site: super::lyon(),
        date: NOW.date(),
        tracking_numbers: vec![closed.labels[0].tracking_number.clone()],
    };
    let request = world.call(|call| Manifests::request(&Gls, call, &day)).unwrap();
    let response = world.send(&request);
    assert!(matches!(Manifests::response(&Gls, &response), Ok(Step::Done(_))));
    let no = world.void(&closed).unwrap_err();
    assert!(matches!(no, CarrierError::Refused { ref code, .. } if code == "ERROR"), "{no:?}");
    world.pass(Duration::days(2));
    let no = world.void(&late).unwrap_err();
    assert!(matches!(no, CarrierError::Refused { ref code, .. } if code == "SCANNED"), "{no:?}");
    let voids = world.sim.ledger().iter().filter(|entry| entry.kind == "void").count();
    assert_eq!(voids, 1, "a second cancel is not a second void");
}

#[test]
fn histories_are_closed_after_every_end() {
    let mut world = World::new(3, ScanFaults::default());
    let mut purchases = Vec::new();
    for serial in 0..20 {
        purchases.push(world.buy(&numbered(serial)));
    }
    world.void(&purchases[0]).unwrap();
    let end = world.sim.last_scan_at().unwrap();
    let states = |world: &mut World| -> Vec<_> {
        let numbers = purchases.iter().map(|bought| bought.labels[0].tracking_number.clone());
        numbers.collect::<Vec<_>>().iter().map(|number| world.state(number)).collect()
    };
    world.pass(end - NOW);
    let at_end = states(&mut world);
    world.pass(Duration::days(31));
    let number = purchases[1].labels[0].tracking_number.clone();
    let body = world.get(&format!("/tracking/simple/trackids/{number}")).body;
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["parcels"][0]["status"], "FINAL");
    // Closing adds nothing: delivered stays delivered, cancelled cancelled. What failed at the very
    // end shows its last known event instead, since GLS no longer says it.
    let delivered = |state: &&(Headline, Option<SubStatus>)| state.0 == Headline::Delivered;
    let closed = states(&mut world);
    assert_eq!(at_end[0], closed[0]);
    let (before, after) = (at_end.iter().filter(delivered), closed.iter().filter(delivered));
    assert_eq!(before.count(), after.count());
}

#[test]
fn tracking_has_its_limits_and_its_test_parcels() {
    let mut world = World::new(4, ScanFaults::default());
    let purchase = world.buy(&shipment(2));
    let eleven = ["1"; 11].join(",");
    assert_eq!(world.get(&format!("/tracking/simple/trackids/{eleven}")).status, 400);
    for (number, headline) in [
        ("QAS_0000001", Headline::Created),
        ("QAS_0000005", Headline::InTransit),
        ("QAS_0000008", Headline::Delivered),
        ("QAS_0000010", Headline::Exception),
        ("QAS_0000012", Headline::Created),
    ] {
        assert_eq!(world.state(number).0, headline, "{number}");
    }
    // A notification card stands for both parcels; the number may carry its barcode's digit.
    let body = world.get("/tracking/simple/references/C00000").body;
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["parcels"].as_array().unwrap().len(), 2);
    let time = body["parcels"][0]["statusDateTime"].as_str().unwrap();
    assert!(time.ends_with("+0100"), "{time}");
    let mixed = [purchase.labels[0].tracking_number.clone(), "90000000000".to_owned()];
    let replies = world.poll(&mixed);
    assert!(matches!(replies[0], PollReply::Track(_)));
    assert!(matches!(replies[1], PollReply::NotFound { .. }));
    let mut last = 200;
    for _ in 0..500 {
        last = world.get("/tracking/events/codes").status;
    }
    assert_eq!(last, 429);
    world.pass(Duration::days(1));
    assert_eq!(world.get("/tracking/events/codes").status, 200);
}

#[test]
fn tokens_end_and_the_media_type_counts() {
    let mut world = World::new(5, ScanFaults::default());
    let request = world.call(|call| OUT.request(call, &shipment(1))).unwrap();
    let mut plain = request.clone();
    for (name, value) in &mut plain.headers {
        if name == "content-type" {
            "application/json".clone_into(value);
        }
    }
    assert_eq!(world.send(&plain).status, 415);
    world.now += Duration::hours(4);
    let late = world.send(&request);
    let no = OUT.response(&late, &shipment(1)).map(|_| ()).unwrap_err();
    assert!(matches!(no, CarrierError::Unauthorised { .. }), "{no:?}");
    assert!(world.sim.ledger().is_empty());
    let form = HttpRequest::new(Method::Post, "https://api.gls-group.net/oauth2/v2/token".into())
        .body(
            "application/x-www-form-urlencoded",
            "grant_type=client_credentials&client_id=a&client_secret=b",
        );
    assert_eq!(world.send(&form).status, 200);
}

#[test]
fn faults_show_and_every_parcel_still_has_an_answer() {
    let faults = ScanFaults {
        duplicate_scan: 0.3,
        out_of_order: 0.3,
        late_scan: 0.3,
        unknown_code: 0.3,
        lost_parcel: 0.1,
    };
    let mut world = World::new(6, faults);
    let mut numbers = Vec::new();
    for serial in 0..60 {
        numbers.push(world.buy(&numbered(serial)).labels[0].tracking_number.clone());
    }
    let end = world.sim.last_scan_at().unwrap();
    let (mut unknown, mut delivered) = (0, 0);
    world.pass(end - NOW);
    for batch in numbers.chunks(10) {
        for reply in world.poll(batch) {
            let PollReply::Track(track) = reply else { panic!("{reply:?}") };
            let folded = fold(&track.scans, Some(end)).1;
            unknown += folded.unknown;
            delivered += u32::from(folded.delivered);
            let ended = matches!(
                folded.headline,
                Headline::Delivered | Headline::Exception | Headline::OutForDelivery
            );
            assert!(ended, "{folded:?}");
        }
    }
    assert!(unknown > 20 && delivered > 30, "{unknown} unknown, {delivered} delivered");
}
