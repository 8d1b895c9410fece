//! Our own paths below `/_sandbox/`: what was sold and asked, as counted here, and the faults.
//!
//! Never faulty, never logged, and not in any count.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use bytes::Bytes;
use colibri_carriers::HttpResponse;
use serde::Serialize;
use serde_json::json;
use time::format_description::well_known::Rfc3339;

use crate::{
    FaultProfile, SetFaultsError,
    answer::{plain, typed},
    host::Host,
};

/// No carrier's path begins so.
pub const PREFIX: &str = "/_sandbox/";

/// A request to us.
pub struct Asked<'a> {
    pub method: &'a http::Method,
    pub query: &'a str,
    /// Is the body said to be JSON?
    pub json: bool,
    pub body: Bytes,
}

/// Every carrier of a sandbox with its URL.
pub struct Directory {
    pub carriers: BTreeMap<String, (Arc<Host>, String)>,
}

impl Directory {
    /// `carriers`, or `<carrier>/<what>`.
    pub fn answer(&self, rest: &str, asked: &Asked<'_>) -> HttpResponse {
        match rest.split_once('/') {
            None if rest == "carriers" && asked.method == http::Method::GET => {
                let lines =
                    self.carriers.iter().map(|(id, (_, url))| json!({"id": id, "url": url}));
                lines_of(lines)
            }
            None => nothing(),
            Some((id, rest)) => match self.carriers.get(id) {
                Some((host, _)) => answer(host, rest, asked),
                None => plain(404, "no such carrier here\n"),
            },
        }
    }
}

/// One carrier's `ledger`, `requests`, `log`, `faults`, `clock` or `revoked`.
pub fn answer(host: &Host, rest: &str, asked: &Asked<'_>) -> HttpResponse {
    let get = asked.method == http::Method::GET;
    match rest {
        "ledger" if get => match from(asked.query) {
            Some(skip) => lines_of(host.ledger(skip).into_iter()),
            None => plain(400, "from is a number of lines to skip\n"),
        },
        "requests" if get => object(&host.totals()),
        "log" if get => lines_of(host.log().into_iter()),
        "clock" if get => clock(host),
        "faults" if get && asked.query == "as=text" => plain(200, &format!("{}\n", host.faults())),
        "faults" if get => object(&host.faults()),
        "faults" if asked.method == http::Method::PUT => set_faults(host, asked),
        "revoked" if asked.method == http::Method::POST => revoke(host, &asked.body),
        "ledger" | "requests" | "log" | "clock" | "faults" | "revoked" => {
            plain(405, "method not allowed\n")
        }
        _ => nothing(),
    }
}

/// Nothing is at this path.
pub fn nothing() -> HttpResponse {
    plain(404, "not here: ledger, requests, log, faults, clock, revoked\n")
}

fn set_faults(host: &Host, asked: &Asked<'_>) -> HttpResponse {
    let profile: Result<FaultProfile, String> = if asked.json {
        serde_json::from_slice(&asked.body).map_err(|error| error.to_string())
    } else {
        let text = std::str::from_utf8(&asked.body).map_err(|error| error.to_string());
        text.and_then(|text| text.parse().map_err(|error| format!("{error}")))
    };
    let profile = match profile {
        Ok(profile) => profile,
        Err(reason) => return plain(400, &format!("{reason}\n")),
    };
    match host.set_faults(profile) {
        Ok(()) => object(&profile),
        Err(error @ SetFaultsError::ScansFixed(_)) => plain(409, &format!("{error}\n")),
        Err(error) => plain(400, &format!("{error}\n")),
    }
}

/// The body is a secret that the carrier takes no more.
fn revoke(host: &Host, body: &Bytes) -> HttpResponse {
    match std::str::from_utf8(body).map(str::trim) {
        Ok(secret) if !secret.is_empty() => {
            host.revoke(secret);
            plain(200, "refused from now on\n")
        }
        _ => plain(400, "the body is the secret, as text\n"),
    }
}

fn clock(host: &Host) -> HttpResponse {
    let text = |at: time::OffsetDateTime| at.format(&Rfc3339).ok();
    let last = host.last_scan_at().and_then(text);
    object(&json!({ "now": text(host.now()), "last_scan_at": last }))
}

/// `from=<lines to skip>`, so that a long ledger can be followed.
fn from(query: &str) -> Option<usize> {
    if query.is_empty() { Some(0) } else { query.strip_prefix("from=")?.parse().ok() }
}

fn object(value: &impl Serialize) -> HttpResponse {
    match serde_json::to_string(value) {
        Ok(body) => typed(200, "application/json", &body),
        Err(error) => plain(500, &format!("{error}\n")),
    }
}

fn lines_of(values: impl Iterator<Item = impl Serialize>) -> HttpResponse {
    let mut body = String::new();
    for value in values {
        match serde_json::to_string(&value) {
            Ok(line) => {
                let _ = writeln!(body, "{line}");
            }
            Err(error) => return plain(500, &format!("{error}\n")),
        }
    }
    typed(200, "application/x-ndjson", &body)
}
