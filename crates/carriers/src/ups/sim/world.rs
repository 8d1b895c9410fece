//! A simulator and a tenant that talk through nothing but requests and answers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
use super::*;
use crate::{
    Account, Auth, Call, Carrier, CarrierError, Found, HttpRequest, Labels, Lookup, ParcelTrack,
    PollReply, Polling, Purchase, Shipment, Step, Token, Voids,
    sim::ScanFaults,
    ups::{
        CARRIER, Ups,
        testing::{NOW, account},
    },
};

pub struct World {
    pub sim: UpsSim,
    pub account: Account,
    pub token: Option<Token>,
    pub now: OffsetDateTime,
}

impl World {
    pub fn new(seed: u64, faults: ScanFaults) -> Self {
        let sim = UpsSim::new(SimOptions { seed, faults });
        let mut world = Self { sim, account: account(), token: None, now: NOW };
        world.sign_in();
        world
    }

    pub fn sign_in(&mut self) {
        let Ok(Auth::Token(request)) = CARRIER.auth(&self.account) else { panic!("a token") };
        let response = self.send(&request);
        self.token = Some(CARRIER.token(&response).unwrap());
    }

    pub fn send(&mut self, request: &HttpRequest) -> HttpResponse {
        self.sim.answer(&SimRequest::of(request, self.now))
    }

    pub fn call<T>(&self, run: impl FnOnce(&Call<'_>) -> T) -> T {
        let token = self.token.as_ref();
        run(&Call { account: &self.account, token, now: self.now, call_id: "call-1" })
    }

    pub fn buy(&mut self, shipment: &Shipment) -> Purchase {
        let request = self.call(|call| Labels::request(&Ups, call, shipment)).unwrap();
        let response = self.send(&request);
        match Labels::response(&Ups, &response, shipment) {
            Ok(Step::Done(purchase)) => purchase,
            other => panic!("{other:?} {:?}", std::str::from_utf8(&response.body)),
        }
    }

    pub fn void(&mut self, purchase: &Purchase) -> Result<(), CarrierError> {
        let request = self.call(|call| Voids::request(&Ups, call, purchase)).unwrap();
        let response = self.send(&request);
        Voids::response(&Ups, &response).map(|_| ())
    }

    pub fn find(&mut self, shipment: &Shipment) -> Found {
        let mut request = self.call(|call| Lookup::request(&Ups, call, shipment));
        for _ in 0..3 {
            let response = self.send(&request);
            let step = self.call(|call| Lookup::response(&Ups, call, &response, shipment));
            match step.unwrap() {
                Step::Done(found) => return found,
                Step::Next(next) => request = next,
            }
        }
        panic!("two questions are enough")
    }

    pub fn poll(&mut self, number: &str) -> PollReply {
        let numbers = [number.to_owned()];
        let request = self.call(|call| Polling::request(&Ups, call, &numbers));
        let response = self.send(&request);
        Polling::response(&Ups, &response, &numbers).unwrap().remove(0)
    }

    pub fn track(&mut self, number: &str) -> ParcelTrack {
        match self.poll(number) {
            PollReply::Track(track) => track,
            other => panic!("{other:?}"),
        }
    }

    pub fn portal(&mut self) {
        let request = HttpRequest::new(
            Method::Post,
            "https://onlinetools.ups.com/portal/track-alert-webhook".to_owned(),
        )
        .body("application/json", r#"{"url":"https://hook.example/x","apiKey":"hook-credential"}"#);
        assert_eq!(self.send(&request).status, 200);
    }
}
