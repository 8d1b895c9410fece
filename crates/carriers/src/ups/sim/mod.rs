//! A simulated UPS, written from the documents and not from the connector's types.
//!
//! Real paths, headers, status codes and bodies; only the host differs. Sells to anybody: every
//! client id with a secret gets a token, except with secrets that begin with `wrong`. It does not
//! deduplicate purchases, books one driver for one stop, finds references only after a delay, voids
//! until the first scan, and tells parcels along the shared journey that the seed decides.
//!
//! UPS keeps a webhook's URL and credential in its portal, outside its interface. The portal is
//! stood in for by `POST /portal/track-alert-webhook` with `{"url":..,"apiKey":..}`; the older
//! subscription `v1`, which carries its destination, works too.
//!
//! Error codes beyond those of the documents are plausible only; a connector may use their class
//! and never their number.

mod alert;
mod extras;
mod files;
mod label_api;
mod lanes;
mod locator;
mod number;
mod oauth;
mod pickup;
mod rate;
mod script;
mod ship;
mod track;
mod validate;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

pub use number::{check_digit, tracking_number};

use crate::{
    HttpResponse, Method,
    sim::{
        LedgerEntry, SimOptions, SimPush, SimRequest, Simulator,
        http::{header, unescape},
        luck::{chance, draw},
    },
};
use alert::Watches;
use pickup::Booking;
use ship::Sold;

/// After a purchase, until its reference can be searched.
const REFERENCE_DELAY: Duration = Duration::seconds(30);

/// How long purchases stay in label recovery.
const RECOVERY_DAYS: Duration = Duration::days(30);

/// A simulated UPS.
pub struct UpsSim {
    options: SimOptions,
    /// Tokens and when they end.
    tokens: BTreeMap<String, OffsetDateTime>,
    /// Serial of the next parcel.
    serial: u32,
    sold: Vec<Sold>,
    /// Shipment and piece by tracking number.
    by_number: BTreeMap<String, (usize, usize)>,
    /// Shipments by reference.
    by_reference: BTreeMap<String, Vec<usize>>,
    bookings: Vec<Booking>,
    ledger: Vec<LedgerEntry>,
    watches: Watches,
    last_scan: Option<OffsetDateTime>,
}

/// An answer with an error body.
struct Failure {
    status: u16,
    code: &'static str,
    message: String,
}

impl Failure {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    fn answer(&self) -> HttpResponse {
        let error = json!({ "code": self.code, "message": self.message });
        reply(self.status, &json!({ "response": { "errors": [error] } }))
    }
}

fn reply(status: u16, body: &Value) -> HttpResponse {
    HttpResponse {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.to_string().into(),
    }
}

impl UpsSim {
    /// A carrier that has sold nothing yet.
    #[must_use]
    pub fn new(options: SimOptions) -> Self {
        // Numbers differ from seed to seed, so that two worlds can be told apart.
        let start = draw(options.seed, "serial", 0) % 5_000_000;
        Self {
            options,
            tokens: BTreeMap::new(),
            serial: u32::try_from(start).unwrap_or_default(),
            sold: Vec::new(),
            by_number: BTreeMap::new(),
            by_reference: BTreeMap::new(),
            bookings: Vec::new(),
            ledger: Vec::new(),
            watches: Watches::default(),
            last_scan: None,
        }
    }

    fn route(&mut self, request: &SimRequest) -> Result<HttpResponse, Failure> {
        let segments: Vec<&str> = request.path.split('/').filter(|s| !s.is_empty()).collect();
        match (request.method, segments.as_slice()) {
            (Method::Post, ["security", "v1", "oauth", "token"]) => self.issue_token(request),
            (Method::Post, ["portal", "track-alert-webhook"]) => self.portal(request),
            (method, ["api", rest @ ..]) => {
                self.authorise(request)?;
                self.api(method, rest, request)
            }
            _ => Err(Failure::new(404, "404", "The requested resource was not found.")),
        }
    }

    fn api(
        &mut self,
        method: Method,
        path: &[&str],
        request: &SimRequest,
    ) -> Result<HttpResponse, Failure> {
        match (method, path) {
            (Method::Post, ["shipments", version, "ship"]) => self.ship(version, request),
            (Method::Delete, ["shipments", version, "void", "cancel", number]) => {
                self.void(version, number, request)
            }
            (Method::Post, ["pickupcreation", _, "pickup"]) => self.book(request),
            (Method::Delete, ["shipments", _, "pickup", by]) => self.unbook(by, request),
            (Method::Get, ["shipments", _, "pickup", kind]) => self.pending(kind, request),
            (Method::Post, ["locations", _, "search", "availabilities", option]) => {
                self.locate(option, request)
            }
            (Method::Post, ["rating", _, option]) => self.rate(option, request),
            (Method::Post, ["labels", version, "recovery"]) => self.recover(version, request),
            (Method::Get, ["track", "v1", "details", number]) => self.track(number, request),
            (Method::Get, ["track", "v1", "shipment", "details", number]) => {
                self.track_shipment(number, request)
            }
            (Method::Get, ["track", "v1", "reference", "details", reference]) => {
                self.track_reference(reference, request)
            }
            (Method::Post, ["track", version, "subscription", kind, "package"]) => {
                self.subscribe(version, kind, request)
            }
            _ => Err(Failure::new(404, "404", "The requested resource was not found.")),
        }
    }

    /// Scans that a late sale, void or fault adds move the end of the story.
    fn remember_end(&mut self, at: OffsetDateTime) {
        self.last_scan = Some(self.last_scan.map_or(at, |last| last.max(at)));
    }
}

impl Simulator for UpsSim {
    fn carrier(&self) -> &'static str {
        "ups"
    }

    fn answer(&mut self, request: &SimRequest) -> HttpResponse {
        self.route(request).unwrap_or_else(|failure| failure.answer())
    }

    fn buys(&self, request: &SimRequest) -> bool {
        request.method == Method::Post
            && request.path.starts_with("/api/shipments/")
            && request.path.ends_with("/ship")
    }

    fn ledger(&self) -> &[LedgerEntry] {
        &self.ledger
    }

    fn pushes(&mut self, now: OffsetDateTime) -> Vec<SimPush> {
        self.due(now)
    }

    fn forget_tokens(&mut self) {
        // They stay in the count that makes the next ones different.
        self.tokens.values_mut().for_each(|until| *until = OffsetDateTime::UNIX_EPOCH);
    }

    fn last_scan_at(&self) -> Option<OffsetDateTime> {
        self.last_scan
    }
}

/// A member of nested objects, or null.
fn at<'a>(value: &'a Value, path: &[&str]) -> &'a Value {
    path.iter().fold(value, |value, key| value.get(key).unwrap_or(&Value::Null))
}

/// Text of a member of nested objects, empty when absent.
fn text<'a>(value: &'a Value, path: &[&str]) -> &'a str {
    at(value, path).as_str().unwrap_or_default()
}

/// The members of an array; one object counts as an array of one.
fn list(value: &Value) -> &[Value] {
    match value {
        Value::Array(all) => all,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}

/// UPS's array rule: from version 2403 on always an array, below it an object when there is one.
fn array_rule(version: &str, mut all: Vec<Value>) -> Value {
    let number = version.trim_start_matches('v').parse::<u32>().unwrap_or_default();
    if number < 2403 && all.len() == 1 { all.remove(0) } else { Value::Array(all) }
}

/// A parameter of the query, percent-decoded.
fn query(request: &SimRequest, name: &str) -> Option<String> {
    let pairs = request.query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| unescape(value))
}

/// The body as JSON.
fn body(request: &SimRequest) -> Result<Value, Failure> {
    if header(request, "content-type").is_some_and(|kind| !kind.contains("json")) {
        return Err(Failure::new(400, "10007", "Requested Content Type is not supported"));
    }
    serde_json::from_slice(&request.body)
        .map_err(|_| Failure::new(400, "10002", "The request is not well-formed"))
}

/// `YYYYMMDD`.
fn day(at: OffsetDateTime) -> String {
    format!("{:04}{:02}{:02}", at.year(), u8::from(at.month()), at.day())
}

/// `HHMMSS`.
fn clock(at: OffsetDateTime) -> String {
    format!("{:02}{:02}{:02}", at.hour(), at.minute(), at.second())
}

#[cfg(test)]
mod desk_tests;
#[cfg(test)]
mod story_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod world;
