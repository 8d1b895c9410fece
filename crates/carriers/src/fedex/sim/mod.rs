//! A simulated FedEx, written from the documents and not from the connector's types.
//!
//! Real paths, headers, status codes and bodies; only the host differs. Sells to anybody: every
//! client id with a secret gets a token, except with secrets that begin with `wrong`. It does not
//! deduplicate, finds references only after a delay, cancels until the driver has the parcel, and
//! gives some numbers a second, older life, as recycled numbers have.
//!
//! Error codes beyond those of the documents are plausible only; a connector may use their class
//! and never their name.

mod desk;
mod rules;
mod ship;
mod track;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use time::{Date, Duration, OffsetDateTime};

use crate::{
    HttpResponse, Method,
    sim::{
        LedgerEntry, SimOptions, SimRequest, Simulator,
        http::{self, text},
        luck::draw,
    },
};
use desk::Booking;
pub use ship::tracking_number;
use ship::{Job, Sold};

/// Seconds; FedEx's own figure.
const TOKEN_SECONDS: i64 = 3_599;

/// A simulated FedEx.
pub struct FedexSim {
    options: SimOptions,
    /// Tokens and when they end.
    tokens: BTreeMap<String, OffsetDateTime>,
    /// Answers so far, for transaction ids.
    answers: u64,
    /// Serial of the next parcel.
    serial: u64,
    sold: Vec<Sold>,
    /// Shipment and piece by tracking number.
    by_number: BTreeMap<String, (usize, usize)>,
    jobs: Vec<Job>,
    bookings: Vec<Booking>,
    ledger: Vec<LedgerEntry>,
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

    fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }
}

impl FedexSim {
    /// A carrier that has sold nothing yet.
    #[must_use]
    pub fn new(options: SimOptions) -> Self {
        Self {
            options,
            tokens: BTreeMap::new(),
            answers: 0,
            // Numbers differ from seed to seed, so that two worlds can be told apart.
            serial: draw(options.seed, "serial", 0) % 5_000_000_000,
            sold: Vec::new(),
            by_number: BTreeMap::new(),
            jobs: Vec::new(),
            bookings: Vec::new(),
            ledger: Vec::new(),
            last_scan: None,
        }
    }

    fn route(&mut self, request: &SimRequest) -> Result<Value, Failure> {
        self.authorise(request)?;
        let body = body(request)?;
        let now = request.now;
        match (request.method, request.path.as_str()) {
            (Method::Post, "/ship/v1/shipments") => self.ship(&body, now),
            (Method::Post, "/ship/v1/shipments/packages/validate") => self.check(&body, now),
            (Method::Post, "/ship/v1/shipments/results") => self.results(&body),
            (Method::Put, "/ship/v1/shipments/cancel") => self.cancel(&body, now),
            (Method::Post, "/rate/v1/rates/quotes") => self.quote(&body, now),
            (Method::Post, "/track/v1/trackingnumbers") => self.track(&body, now),
            (Method::Post, "/track/v1/referencenumbers") => self.references(&body, now),
            (Method::Post, "/pickup/v1/pickups/availabilities") => self.availability(&body, now),
            (Method::Post, "/pickup/v1/pickups") => self.book(&body, now),
            (Method::Put, "/pickup/v1/pickups/cancel") => self.unbook(&body),
            (Method::Post, "/location/v1/locations") => self.locations(&body),
            _ => Err(Failure::new(404, "NOT.FOUND.ERROR", "No such resource")),
        }
    }

    fn issue_token(&mut self, request: &SimRequest) -> Result<Value, Failure> {
        let wrong = || Failure::new(401, "NOT.AUTHORIZED.ERROR", "Credentials are not valid");
        let form = http::header(request, "content-type").unwrap_or_default();
        let fields = http::pairs(&String::from_utf8_lossy(&request.body));
        let field = |name: &str| {
            let found = fields.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.as_str()).unwrap_or_default()
        };
        if !form.starts_with("application/x-www-form-urlencoded") {
            return Err(Failure::new(400, "BAD.REQUEST.ERROR", "A form is wanted"));
        }
        if field("grant_type") != "client_credentials" {
            return Err(Failure::new(400, "BAD.REQUEST.ERROR", "Unknown grant type"));
        }
        let (id, secret) = (field("client_id"), field("client_secret"));
        if id.is_empty() || secret.is_empty() || secret.starts_with("wrong") {
            return Err(wrong());
        }
        let count = u64::try_from(self.tokens.len()).unwrap_or_default();
        let token = format!("sim-{count}-{:016x}", draw(self.options.seed, id, count));
        self.tokens.insert(token.clone(), request.now + Duration::seconds(TOKEN_SECONDS));
        Ok(json!({
            "access_token": token,
            "token_type": "bearer",
            "expires_in": TOKEN_SECONDS,
            "scope": "CXS",
        }))
    }

    fn authorise(&self, request: &SimRequest) -> Result<(), Failure> {
        let bearer = http::header(request, "authorization");
        let bearer = bearer.and_then(|header| header.strip_prefix("Bearer "));
        match bearer.and_then(|token| self.tokens.get(token)) {
            Some(end) if *end > request.now => Ok(()),
            _ => Err(Failure::new(401, "NOT.AUTHORIZED.ERROR", "Access token invalid or expired")),
        }
    }

    /// The wrapper of every answer, with the caller's own id echoed.
    fn wrap(&mut self, request: &SimRequest, content: (&str, Value)) -> Value {
        self.answers += 1;
        let high = draw(self.options.seed, "transaction", self.answers);
        let id = format!("{:08x}-0000-4000-8000-{:012x}", high >> 32, self.answers);
        let mut answer = serde_json::Map::new();
        answer.insert("transactionId".to_owned(), id.into());
        if let Some(own) = http::header(request, "x-customer-transaction-id") {
            answer.insert("customerTransactionId".to_owned(), own.into());
        }
        answer.insert(content.0.to_owned(), content.1);
        Value::Object(answer)
    }

    /// Scans that a late sale adds move the end of the story.
    fn remember_end(&mut self, at: OffsetDateTime) {
        self.last_scan = Some(self.last_scan.map_or(at, |last| last.max(at)));
    }
}

impl Simulator for FedexSim {
    fn carrier(&self) -> &'static str {
        "fedex"
    }

    fn answer(&mut self, request: &SimRequest) -> HttpResponse {
        let token = request.method == Method::Post && request.path == "/oauth/token";
        let result = if token { self.issue_token(request) } else { self.route(request) };
        match result {
            Ok(answer) if token => http::json(200, &answer),
            Ok(output) => http::json(200, &self.wrap(request, ("output", output))),
            Err(failure) => {
                let error = json!({ "code": failure.code, "message": failure.message });
                let answer = self.wrap(request, ("errors", json!([error])));
                http::json(failure.status, &answer)
            }
        }
    }

    fn buys(&self, request: &SimRequest) -> bool {
        request.method == Method::Post && request.path == "/ship/v1/shipments"
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

/// The body as JSON.
fn body(request: &SimRequest) -> Result<Value, Failure> {
    let kind = http::header(request, "content-type").unwrap_or_default();
    if !kind.starts_with("application/json") {
        return Err(Failure::new(415, "UNSUPPORTED.MEDIA.TYPE", "JSON is wanted"));
    }
    serde_json::from_slice(&request.body)
        .map_err(|_| Failure::new(400, "BAD.REQUEST.ERROR", "The body is no JSON"))
}

/// The members of an array, none for anything else.
fn list<'a>(body: &'a Value, pointer: &str) -> &'a [Value] {
    body.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A day as `YYYY-MM-DD`.
fn day(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

/// Reads `YYYY-MM-DD`, also in front of a time.
fn parse_day(stated: &str) -> Option<Date> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    Date::parse(stated.get(..10)?, &format).ok()
}

/// A number at a pointer in thousandths; `None` when it is no number.
fn thousandths(body: &Value, pointer: &str) -> Option<u64> {
    let stated = match body.pointer(pointer)? {
        Value::Number(number) => number.to_string(),
        Value::String(stated) => stated.clone(),
        _ => return None,
    };
    let (whole, part) = stated.split_once('.').unwrap_or((&stated, ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    format!("{whole}{part}").parse().ok()
}

/// An account's number of nine digits, at its wrapper.
fn account(body: &Value, pointer: &str) -> Result<String, Failure> {
    let number = text(body, pointer);
    let plain = number.bytes().all(|b| b.is_ascii_digit());
    if number.len() == 9 && plain {
        Ok(number.to_owned())
    } else {
        Err(Failure::new(400, "ACCOUNT.NUMBER.MISMATCH", "Account number does not match"))
    }
}
