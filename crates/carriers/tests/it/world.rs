//! One carrier with an account, a shipment it can sell, and its simulator.

use colibri_carriers::{
    Account, Carrier, HttpRequest, Labels, PickupRequest, Purchase, Shipment, all,
    sim::{Desk, ScanFaults, SimOptions, SimRequest, example_account},
};
use colibri_types::Grams;
use time::{
    Duration, OffsetDateTime,
    macros::{datetime, time},
};

pub const NOW: OffsetDateTime = datetime!(2026-11-20 10:00 UTC);
/// In every secret field, and nowhere else.
pub const CANARY: &str = "CANARY7731";

/// The counter of a carrier.
pub fn open(carrier: &'static dyn Carrier, seed: u64, faults: ScanFaults) -> Desk {
    Desk::open(carrier, account(carrier), SimOptions { seed, faults }, NOW).expect("a counter")
}

/// The counter of every carrier.
pub fn worlds(seed: u64) -> Vec<Desk> {
    all().iter().map(|carrier| open(*carrier, seed, ScanFaults::default())).collect()
}

/// Every field with its example, every secret with the same value.
fn secretive(carrier: &dyn Carrier, secret: &str) -> Account {
    let mut account = example_account(carrier);
    for field in carrier.info().account_fields.iter().filter(|field| field.secret) {
        account.fields.insert(field.name.to_owned(), secret.to_owned().into());
    }
    account
}

/// An account whose every secret is the canary.
pub fn account(carrier: &dyn Carrier) -> Account {
    secretive(carrier, CANARY)
}

/// An account whose every secret is one that no simulator takes.
pub fn stranger(carrier: &dyn Carrier) -> Account {
    secretive(carrier, "wrong")
}

/// What the suite asks of a counter beside what any user of one asks.
pub trait Suite {
    fn id(&self) -> &'static str;
    /// Every carrier sells labels.
    fn labels(&self) -> &'static dyn Labels;
    /// A plain parcel by the first service and lane that can carry it.
    fn shipment(&self) -> Shipment;
    /// Sells it, or the test ends.
    fn sold(&mut self, shipment: &Shipment) -> Purchase;
    /// Does this spend money?
    fn buys(&self, request: &HttpRequest) -> bool;
}

impl Suite for Desk {
    fn id(&self) -> &'static str {
        self.carrier.info().id
    }

    fn labels(&self) -> &'static dyn Labels {
        self.carrier.labels().expect("every carrier sells labels")
    }

    fn shipment(&self) -> Shipment {
        self.plain().expect("a service for a plain parcel")
    }

    fn sold(&mut self, shipment: &Shipment) -> Purchase {
        self.buy(shipment).expect("sold")
    }

    fn buys(&self, request: &HttpRequest) -> bool {
        self.sim.buys(&SimRequest::of(request, self.now))
    }
}

/// A collection of one parcel in the afternoon, three days ahead.
pub fn collection(shipment: &Shipment, number: &str) -> PickupRequest {
    PickupRequest {
        reference: "PICKUP0001".to_owned(),
        address: shipment.sender.clone(),
        date: NOW.date() + Duration::days(3),
        ready: time!(14:00),
        close: time!(18:00),
        service: shipment.service.clone(),
        destination: shipment.recipient.country,
        parcels: 1,
        weight: Grams(1_250),
        tracking_numbers: vec![number.to_owned()],
        instructions: String::new(),
    }
}
