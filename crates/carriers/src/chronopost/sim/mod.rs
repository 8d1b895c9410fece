//! A simulated Chronopost, written from the carrier's documents and never from the connector's
//! types, so that the two can disagree.
//!
//! Owns the ledger, the numbers and who may ask what; the form of requests is in `soap.rs` and
//! `schema.rs`, each service in a file of its own. As the real one it never deduplicates purchases,
//! knows a parcel's reference only after some minutes, and refuses in HTTP 200.

mod number;
mod pickup;
mod points;
mod quick;
mod schema;
mod ship;
mod ship_rules;
mod soap;
mod track;

use std::collections::HashMap;

use time::{Duration, OffsetDateTime};

use self::soap::{Asked, Service};
use crate::{
    HttpResponse,
    sim::{
        LedgerEntry, SimOptions, SimRequest, Simulator, journey::Happening, label::Printed, luck,
    },
    wire::xml::Element,
};

/// Until a new parcel is known to the tracking service by its reference.
const KNOWN_AFTER: Duration = Duration::minutes(15);
/// Until a new parcel can be cancelled.
const CANCELLED_FROM: Duration = Duration::minutes(10);

/// A town, as events tell it.
#[derive(Debug, Clone, Default)]
struct Town {
    name: String,
    postcode: String,
    country: String,
}

/// One parcel sold.
struct Piece {
    number: String,
    account: String,
    reference: String,
    recipient_ref: String,
    recipient: String,
    from: Town,
    to: Town,
    to_point: bool,
    bought: OffsetDateTime,
    story: Vec<Happening>,
    voided: bool,
    printed: Printed,
}

/// A collection booked.
struct Booked {
    account: String,
    reference: String,
    day: String,
    number: String,
    off: bool,
}

/// The simulated carrier.
pub struct ChronopostSim {
    options: SimOptions,
    serial: u64,
    pieces: Vec<Piece>,
    by_number: HashMap<String, usize>,
    /// Reserved labels: which parcels, in which format they were bought.
    reserved: HashMap<String, Vec<usize>>,
    booked: Vec<Booked>,
    ledger: Vec<LedgerEntry>,
    last_scan_at: Option<OffsetDateTime>,
}

impl ChronopostSim {
    /// A carrier that has sold nothing yet.
    #[must_use]
    pub fn new(options: SimOptions) -> Self {
        Self {
            options,
            // Two seeds give two ranges of numbers.
            serial: luck::draw(options.seed, "serial", 0) % 90_000_000,
            pieces: Vec::new(),
            by_number: HashMap::new(),
            reserved: HashMap::new(),
            booked: Vec::new(),
            ledger: Vec::new(),
            last_scan_at: None,
        }
    }

    fn answered(&mut self, asked: &Asked, now: OffsetDateTime) -> HttpResponse {
        let body = &asked.body;
        let result = match (asked.service, asked.operation.as_str()) {
            (Service::Shipping, "shippingMultiParcelV5") => self.ship(body, now),
            (Service::Shipping, "getReservedSkybillWithTypeAndModeAuth") => self.again(body),
            (Service::Shipping, "creerEnlevementNational") => self.book(body, now),
            (Service::Shipping, "annulerEnlevements") => self.call_off(body),
            (Service::Tracking, "trackSkybillV2") => self.track(body, now),
            (Service::Tracking, "trackWithSenderRef") => self.by_reference(body, now),
            (Service::Tracking, "trackSearch") => self.search(body, now),
            (Service::Tracking, "cancelSkybill" | "cancelListSkybill") => self.cancel(body, now),
            (Service::Quickcost, "quickCost") => quick::cost(body),
            (Service::Quickcost, "calculateProducts") => quick::products(body),
            (Service::Quickcost, "calculateDeliveryTime") => quick::time(body),
            (Service::Points, "recherchePointChronopostInterParService") => {
                points::search(self.options.seed, body)
            }
            _ => return soap::fault("no such operation"),
        };
        soap::answer(asked, &result)
    }
}

/// Does the carrier know the account? Passwords that begin with `wrong` are wrong.
fn let_in(account: &str, password: &str) -> bool {
    let known = account.len() == 8 && account.bytes().all(|byte| byte.is_ascii_digit());
    known && !password.is_empty() && !password.starts_with("wrong")
}

/// Text of a child, empty when there is none.
fn text<'a>(element: &'a Element, name: &str) -> &'a str {
    element.get(name).unwrap_or_default()
}

impl Simulator for ChronopostSim {
    fn carrier(&self) -> &'static str {
        "chronopost"
    }

    fn answer(&mut self, request: &SimRequest) -> HttpResponse {
        match soap::read(request) {
            Ok(asked) => self.answered(&asked, request.now),
            Err(answer) => answer,
        }
    }

    fn buys(&self, request: &SimRequest) -> bool {
        soap::read(request).is_ok_and(|asked| {
            asked.service == Service::Shipping && asked.operation.starts_with("shipping")
        })
    }

    fn ledger(&self) -> &[LedgerEntry] {
        &self.ledger
    }

    fn last_scan_at(&self) -> Option<OffsetDateTime> {
        self.last_scan_at
    }
}
