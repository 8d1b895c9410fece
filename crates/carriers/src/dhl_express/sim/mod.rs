//! A simulated DHL Express with DHL's unified tracking, written from the documents and not from the
//! connector's types.
//!
//! Real paths, headers, status codes and bodies; only the host differs, so both hosts may be one.
//! Sells to anybody except with a secret that begins with `wrong`. It does not deduplicate, finds
//! references only after a delay, prints no label twice, and tells parcels along a story chosen by
//! the seed. Accounts that end in `7008` and `0999` get DHL's two unsure errors.

mod field;
mod push;
mod rates;
mod ship;
mod story;
mod track;
mod unified;
mod validate;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use time::{Date, Duration, OffsetDateTime};

use crate::{
    HttpResponse, Method,
    sim::{LedgerEntry, SimOptions, SimPush, SimRequest, Simulator, http, luck::draw},
};
use push::Subscription;
use ship::Sold;

/// After a purchase, until its reference can be searched.
const REFERENCE_DELAY: Duration = Duration::minutes(10);

/// A simulated DHL.
pub(super) struct DhlSim {
    options: SimOptions,
    /// Serial of the next waybill, and of the next piece.
    waybills: u64,
    pieces: u64,
    sold: Vec<Sold>,
    /// Sale and piece by number; a waybill names the first piece.
    by_number: BTreeMap<String, (usize, usize)>,
    ledger: Vec<LedgerEntry>,
    /// Open pickups.
    pickups: BTreeMap<String, OffsetDateTime>,
    booked: u32,
    subscriptions: BTreeMap<String, Subscription>,
    /// Calls to unified tracking by key and day.
    calls: BTreeMap<(String, Date), u32>,
    last_scan: Option<OffsetDateTime>,
}

/// An answer with an error body.
struct Failure {
    status: u16,
    title: &'static str,
    detail: String,
    more: Vec<String>,
    path: String,
}

impl Failure {
    fn new(status: u16, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, title, detail: detail.into(), more: Vec::new(), path: String::new() }
    }

    fn many(status: u16, title: &'static str, mut problems: Vec<String>) -> Self {
        if problems.len() == 1 && status == 400 {
            return Self::new(status, title, problems.remove(0));
        }
        let detail = "Multiple problems found, see Additional Details";
        Self { more: problems, ..Self::new(status, title, detail) }
    }

    fn answer(&self) -> HttpResponse {
        let body = json!({
            "instance": format!("/expressapi{}", self.path),
            "detail": self.detail,
            "title": self.title,
            "message": self.title,
            "additionalDetails": self.more,
            "status": self.status,
        });
        http::reply(self.status, "application/problem+json", body.to_string())
    }
}

impl DhlSim {
    /// A carrier that has sold nothing yet.
    pub(super) fn new(options: SimOptions) -> Self {
        // Numbers differ from seed to seed, so that two worlds can be told apart.
        let waybills = 100_000_000 + draw(options.seed, "waybill", 0) % 800_000_000;
        let pieces = draw(options.seed, "piece", 0) % 10_000_000_000;
        Self {
            options,
            waybills,
            pieces,
            sold: Vec::new(),
            by_number: BTreeMap::new(),
            ledger: Vec::new(),
            pickups: BTreeMap::new(),
            booked: 0,
            subscriptions: BTreeMap::new(),
            calls: BTreeMap::new(),
            last_scan: None,
        }
    }

    fn route(&mut self, request: &SimRequest) -> Result<HttpResponse, Failure> {
        let (path, test) = own_path(&request.path);
        let segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
        match (request.method, segments.as_slice()) {
            (Method::Get, ["track", "shipments"]) => self.unified(request),
            (method, ["tracking", "push", "v1", rest @ ..]) => self.push(method, rest, request),
            (method, rest) => {
                authorise(request)?;
                self.mydhl(method, rest, request, test)
            }
        }
    }

    fn mydhl(
        &mut self,
        method: Method,
        path: &[&str],
        request: &SimRequest,
        test: bool,
    ) -> Result<HttpResponse, Failure> {
        match (method, path) {
            (Method::Post, ["shipments"]) => self.ship(request),
            (Method::Get, ["shipments", number, "tracking"]) => {
                self.track_one(number, request, test)
            }
            (Method::Get, ["tracking"]) => self.track_many(request),
            (Method::Get | Method::Post, ["rates"]) => rates::rates(method, request),
            (Method::Post, ["pickups"]) => self.book(request),
            (Method::Delete, ["pickups", number]) => self.call_off(number, request),
            (Method::Get, ["servicepoints"]) => field::points(self.options.seed, request),
            (Method::Get, ["address-validate"]) => field::address(request),
            _ => Err(Failure::new(404, "Not Found", "Resource not found")),
        }
    }
}

/// The path below the interface's base, and whether it is that of the test environment.
fn own_path(path: &str) -> (&str, bool) {
    let rest = path.strip_prefix("/mydhlapi").unwrap_or(path);
    match rest.strip_prefix("/test/") {
        Some(_) => (rest.strip_prefix("/test").unwrap_or(rest), true),
        None => (rest, false),
    }
}

/// Basic credentials, and the headers that the interface demands.
fn authorise(request: &SimRequest) -> Result<(), Failure> {
    let known = http::basic(request)
        .is_some_and(|(user, secret)| !user.is_empty() && !secret.starts_with("wrong"));
    if !known {
        return Err(Failure::new(401, "Unauthorized", "Invalid Credentials"));
    }
    if http::header(request, "x-version").is_none() {
        return Err(Failure::new(400, "Bad request", "Missing mandatory parameters: x-version"));
    }
    let reference = http::header(request, "message-reference").map_or(30, str::len);
    if !(28..=36).contains(&reference) {
        let detail = "Parameters not having correct format: Message-Reference (minLength=28)";
        return Err(Failure::new(400, "Bad request", detail));
    }
    Ok(())
}

/// The body as JSON.
fn body(request: &SimRequest) -> Result<Value, Failure> {
    let kind = http::header(request, "content-type").unwrap_or_default();
    if !kind.contains("json") {
        return Err(Failure::new(415, "Unsupported Media Type", "Content-Type not supported"));
    }
    serde_json::from_slice(&request.body)
        .map_err(|_| Failure::new(400, "Bad request", "The request is no valid JSON"))
}

/// A decimal of hundredths as a JSON number.
fn hundredths(value: u64) -> Value {
    let text = format!("{}.{:02}", value / 100, value % 100);
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

impl Simulator for DhlSim {
    fn carrier(&self) -> &'static str {
        "dhl_express"
    }

    fn answer(&mut self, request: &SimRequest) -> HttpResponse {
        self.route(request).unwrap_or_else(|mut failure| {
            own_path(&request.path).0.clone_into(&mut failure.path);
            failure.answer()
        })
    }

    fn buys(&self, request: &SimRequest) -> bool {
        request.method == Method::Post
            && own_path(&request.path).0 == "/shipments"
            && http::query(request, "validateDataOnly") != "true"
    }

    fn ledger(&self) -> &[LedgerEntry] {
        &self.ledger
    }

    fn pushes(&mut self, now: OffsetDateTime) -> Vec<SimPush> {
        self.due(now)
    }

    fn last_scan_at(&self) -> Option<OffsetDateTime> {
        self.last_scan
    }
}
