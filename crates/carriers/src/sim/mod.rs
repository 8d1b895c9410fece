//! What a simulated carrier is: pure answers to real requests, decided by a seed.
//!
//! A simulator owns its ledger (what was sold, voided, and when) and nothing else; hosting it over
//! HTTP, virtual time and faults on the wire belong to `colibri-sandbox`.

pub(crate) mod clock;
mod desk;
pub(crate) mod http;
pub(crate) mod journey;
pub(crate) mod label;
pub(crate) mod luck;
pub(crate) mod thermal;

use bytes::Bytes;
use time::OffsetDateTime;

pub use desk::{Desk, DeskError, example_account, plain_abroad, plain_shipment};

use crate::{HttpRequest, HttpResponse, Method};

/// A request as it arrives at a simulated carrier.
#[derive(Clone)]
pub struct SimRequest {
    /// Method.
    pub method: Method,
    /// Path without query, as sent.
    pub path: String,
    /// Query without the question mark, as sent.
    pub query: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Raw body.
    pub body: Bytes,
    /// Now, by the sandbox's clock.
    pub now: OffsetDateTime,
}

impl SimRequest {
    /// A connector's request as it arrives, whatever host it was meant for.
    #[must_use]
    pub fn of(request: &HttpRequest, now: OffsetDateTime) -> Self {
        let path = request.url.splitn(4, '/').nth(3).unwrap_or_default();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        Self {
            method: request.method,
            path: format!("/{path}"),
            query: query.to_owned(),
            headers: request.headers.clone(),
            body: request.body.clone(),
            now,
        }
    }
}

/// A line of the ledger: something sold or voided.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LedgerEntry {
    /// `label` or `void`.
    pub kind: &'static str,
    /// Reference that the buyer sent in the searchable field.
    pub reference: String,
    /// Tracking number of the parcel.
    pub tracking_number: String,
    /// When, by the sandbox's clock.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

/// A webhook that the simulated carrier sends.
#[derive(Clone)]
pub struct SimPush {
    /// When it is due.
    pub due: OffsetDateTime,
    /// Destination URL, as registered through the carrier's own subscription call.
    pub url: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Bytes,
}

/// Faults that change what a carrier says rather than how the wire behaves (the latter are the
/// sandbox's): probabilities from 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScanFaults {
    /// A scan is told twice.
    pub duplicate_scan: f64,
    /// Scans are told in another order than they happened.
    pub out_of_order: f64,
    /// A scan is told hours late.
    pub late_scan: f64,
    /// A code that no table knows appears.
    pub unknown_code: f64,
    /// A parcel is never seen again: its history is closed without a delivery.
    pub lost_parcel: f64,
}

/// A simulated carrier: state and answers, no I/O.
///
/// Deterministic: the same seed and the same sequence of requests give the same answers.
pub trait Simulator: Send {
    /// Id of the carrier.
    fn carrier(&self) -> &'static str;
    /// Answers one request.
    fn answer(&mut self, request: &SimRequest) -> HttpResponse;
    /// Is this request one that spends money? Faults such as "answer lost after purchase" aim at
    /// these.
    fn buys(&self, request: &SimRequest) -> bool;
    /// Everything sold and voided so far, in order.
    fn ledger(&self) -> &[LedgerEntry];
    /// Webhooks due up to `now`; each is handed out once.
    fn pushes(&mut self, _now: OffsetDateTime) -> Vec<SimPush> {
        Vec::new()
    }
    /// Every token given so far is refused from now on, as when credentials were replaced. Nothing
    /// where the carrier has none.
    fn forget_tokens(&mut self) {}
    /// The latest moment at which a parcel sold so far still gets a scan, to let a clock jump.
    fn last_scan_at(&self) -> Option<OffsetDateTime>;
}

/// How a simulator is made.
#[derive(Debug, Clone, Copy)]
pub struct SimOptions {
    /// Decides numbers, lanes and faults.
    pub seed: u64,
    /// Length of one scripted day in real seconds is the sandbox's matter; scripts count in hours
    /// of the shared clock.
    pub faults: ScanFaults,
}
