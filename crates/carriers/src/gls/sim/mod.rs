//! A simulated GLS, written from the documents and not from the connector's types.
//!
//! Real paths, media types, statuses and bodies; only the host differs. Sells to anybody with a
//! secret, except one that begins with `wrong`. It does not deduplicate, finds references only
//! after a delay, cancels until the first scan or the end of the day, and answers 500 tracking
//! requests a day.
//!
//! Error codes in headers are those that GLS shows in its examples; texts are ours. Event codes of
//! a failed delivery are plausible only: GLS serves the list at run time.

mod refuse;
mod shipit;
mod shops;
mod story;
mod track;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use time::{Date, Duration, OffsetDateTime};

use crate::{
    HttpResponse, Method,
    sim::{
        LedgerEntry, SimOptions, SimRequest, Simulator,
        http::{basic, header, pairs, reply},
        journey::{self, Happening},
        luck,
    },
};

/// Of a token, in seconds.
const TOKEN_S: i64 = 14_400;
/// Tokens an application may ask for in a day.
const TOKENS_A_DAY: u32 = 100_000;
/// Tracking requests in a day, by default.
const TRACKS_A_DAY: u32 = 500;
/// After a purchase, until its reference can be searched.
const REFERENCE_DELAY: Duration = Duration::seconds(30);
const SHIPIT: &str = "/shipit-farm/v1/backend/rs";

/// One parcel.
struct Unit {
    track_id: String,
    number: String,
    reference: String,
    kilograms: f64,
    story: Vec<Happening>,
    voided: Option<OffsetDateTime>,
}

/// One shipment.
struct Sold {
    at: OffsetDateTime,
    /// As it was sent.
    body: Value,
    references: Vec<String>,
    from: String,
    to: String,
    units: Vec<Unit>,
    /// The end of the day was told.
    closed: bool,
}

/// A simulated GLS.
pub(crate) struct GlsSim {
    options: SimOptions,
    tokens: BTreeMap<String, OffsetDateTime>,
    issued: BTreeMap<Date, u32>,
    tracked: BTreeMap<Date, u32>,
    serial: u64,
    sold: Vec<Sold>,
    ledger: Vec<LedgerEntry>,
    last_scan: Option<OffsetDateTime>,
}

/// A fault of the gateway in front of everything.
fn fault(status: u16, code: &str, words: &str) -> HttpResponse {
    let body = json!({ "fault": { "faultstring": words, "detail": { "errorcode": code } } });
    crate::sim::http::json(status, &body)
}

impl GlsSim {
    pub(super) fn new(options: SimOptions) -> Self {
        Self {
            options,
            tokens: BTreeMap::new(),
            issued: BTreeMap::new(),
            tracked: BTreeMap::new(),
            // Numbers differ from seed to seed, so that two worlds can be told apart.
            serial: luck::draw(options.seed, "serial", 0) % 5_000_000,
            sold: Vec::new(),
            ledger: Vec::new(),
            last_scan: None,
        }
    }

    fn issue_token(&mut self, request: &SimRequest) -> HttpResponse {
        let form = pairs(&String::from_utf8_lossy(&request.body));
        let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, v)| v.clone());
        let in_form = || field("client_id").zip(field("client_secret"));
        let refuse = |words: &str| {
            let error = json!({ "message": words, "type": "400" });
            crate::sim::http::json(400, &json!({ "errors": [error] }))
        };
        let Some((id, secret)) = basic(request).or_else(in_form) else {
            return refuse("Invalid client identifier");
        };
        if id.is_empty() || secret.is_empty() || secret.starts_with("wrong") {
            return refuse("Invalid client identifier");
        }
        if field("grant_type").as_deref() != Some("client_credentials") {
            return refuse("Invalid grant_type");
        }
        let today = self.issued.entry(request.now.date()).or_default();
        if *today >= TOKENS_A_DAY {
            return quota();
        }
        *today += 1;
        let count = u64::try_from(self.tokens.len()).unwrap_or_default();
        let token = format!("sim-{count}-{:016x}", luck::draw(self.options.seed, &id, count));
        self.tokens.insert(token.clone(), request.now + Duration::seconds(TOKEN_S));
        let body = json!({ "access_token": token, "token_type": "Bearer", "expires_in": TOKEN_S });
        crate::sim::http::json(200, &body)
    }

    fn authorise(&self, request: &SimRequest) -> Result<(), HttpResponse> {
        let bearer = header(request, "authorization").and_then(|h| h.strip_prefix("Bearer "));
        match bearer.and_then(|token| self.tokens.get(token)) {
            None => Err(fault(401, "steps.jwt.FailedToDecode", "Failed to Decode Token")),
            Some(end) if *end <= request.now => {
                let words = "The Token has expired: policy(Verify-JWT)";
                Err(fault(401, "steps.jwt.TokenExpired", words))
            }
            Some(_) => Ok(()),
        }
    }

    fn route(&mut self, request: &SimRequest) -> Result<HttpResponse, HttpResponse> {
        if request.method == Method::Post && request.path == "/oauth2/v2/token" {
            return Ok(self.issue_token(request));
        }
        self.authorise(request)?;
        if let Some(rest) = request.path.strip_prefix(SHIPIT) {
            return self.shipit(rest, request);
        }
        if let Some(rest) = request.path.strip_prefix("/track-and-trace-v1/tracking/") {
            let today = self.tracked.entry(request.now.date()).or_default();
            if *today >= TRACKS_A_DAY {
                return Err(quota());
            }
            *today += 1;
            return self.track(rest, request);
        }
        Err(fault(404, "messaging.adaptors.http.flow.ApplicationNotFound", "Unable to identify"))
    }

    fn shipit(&mut self, rest: &str, request: &SimRequest) -> Result<HttpResponse, HttpResponse> {
        let parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
        let body = match request.method {
            Method::Post if !request.body.is_empty() => refuse::body(request)?,
            _ => Value::Null,
        };
        match (request.method, parts.as_slice()) {
            (Method::Post, ["shipments"]) => self.create(&body, request),
            (Method::Post, ["shipments", "validate"]) => Ok(shipit::validate(&body)),
            (Method::Post, ["shipments", "allowedservices"]) => shipit::allowed(&body),
            (Method::Post, ["shipments", "cancel", id]) => self.cancel(id, request.now),
            (Method::Post, ["shipments", "endofday"]) => self.end_of_day(request),
            (Method::Post, ["shipments", "reprintparcel"]) => self.reprint(&body, request.now),
            (Method::Post, ["shipments", "updateparcelweight"]) => self.reweigh(&body),
            (Method::Post, ["tracking", "parcels"]) => self.find(&body, request.now),
            (Method::Post, ["sporadiccollection"]) => shipit::collection(&body, request.now),
            (Method::Post, ["parcelshop", "address" | "distance"]) => {
                shops::near(&body, self.options.seed)
            }
            (Method::Get, ["parcelshop", "country", code]) => {
                Ok(shops::of_country(code, self.options.seed))
            }
            (Method::Get, ["parcelshop", id]) => shops::by_id(id, self.options.seed),
            _ => Err(refuse::said(404, "NOT_FOUND", "No such operation.")),
        }
    }

    /// Scans that a sale or a void adds move the end of the story.
    fn remember_end(&mut self, at: OffsetDateTime) {
        self.last_scan = Some(self.last_scan.map_or(at, |last| last.max(at)));
    }
}

fn quota() -> HttpResponse {
    let words = "Rate limit quota violation. Quota limit exceeded. Identifier : simulated";
    fault(429, "policies.ratelimit.QuotaViolation", words)
}

/// An answer of `ShipIT`.
fn answer(body: &Value) -> HttpResponse {
    reply(200, "application/glsVersion1+json", body.to_string())
}

impl Simulator for GlsSim {
    fn carrier(&self) -> &'static str {
        "gls"
    }

    fn answer(&mut self, request: &SimRequest) -> HttpResponse {
        self.route(request).unwrap_or_else(|refusal| refusal)
    }

    fn buys(&self, request: &SimRequest) -> bool {
        request.method == Method::Post
            && request.path.strip_prefix(SHIPIT).is_some_and(|rest| rest == "/shipments")
    }

    fn ledger(&self) -> &[LedgerEntry] {
        &self.ledger
    }

    fn forget_tokens(&mut self) {
        // They stay in the count that makes the next ones different.
        self.tokens.values_mut().for_each(|until| *until = OffsetDateTime::UNIX_EPOCH);
    }

    fn last_scan_at(&self) -> Option<OffsetDateTime> {
        self.last_scan
    }
}

impl Unit {
    /// The story, cut short by a void.
    fn told(&self, now: OffsetDateTime) -> Vec<Happening> {
        let mut all = self.story.clone();
        if let Some(at) = self.voided {
            all.retain(|happening| happening.at <= at);
            all.push(journey::voided(at));
        }
        journey::told(&all, now)
    }
}
