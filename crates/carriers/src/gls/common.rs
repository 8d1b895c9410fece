//! What all calls share: headers, media type, and what an answer that is not a yes means.

use colibri_types::Country;
use time::{Date, OffsetDateTime, UtcOffset};

use super::{INFO, wire_in::ErrorBody};
pub(super) use crate::wire::body::{Stake, escape, is_success, json, text};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Location, Method,
    wire::{
        body::{retry_after, with_token},
        zone,
    },
};

/// `ShipIT`'s own media type; another is refused.
pub(super) const MEDIA: &str = "application/glsVersion1+json";
/// Path of `ShipIT`.
pub(super) const SHIPIT: &str = "/shipit-farm/v1/backend/rs";
/// "The backend is inactive": the request was not executed.
const INACTIVE: u16 = 490;

fn start(call: &Call<'_>, method: Method, path: &str) -> HttpRequest {
    let url = format!("{}{path}", call.account.host(&INFO, "api"));
    with_token(call, HttpRequest::new(method, url))
}

/// A call of `ShipIT` without a body.
pub(super) fn shipit(call: &Call<'_>, path: &str) -> HttpRequest {
    start(call, Method::Post, &format!("{SHIPIT}{path}"))
        .header("accept", format!("{MEDIA}, application/json"))
}

/// A call of `ShipIT` with a body of one of our own request types.
pub(super) fn shipit_with<T: serde::Serialize>(
    call: &Call<'_>,
    path: &str,
    body: &T,
) -> HttpRequest {
    // Types of text, lists and checked numbers: writing them cannot fail, and an empty body would
    // be refused.
    shipit(call, path).body(MEDIA, serde_json::to_vec(body).unwrap_or_default())
}

/// A question to Track and Trace.
pub(super) fn track(call: &Call<'_>, path: &str) -> HttpRequest {
    start(call, Method::Get, &format!("/track-and-trace-v1{path}"))
        .header("accept", "application/json")
        .header("accept-language", "EN")
}

/// The calendar day at a country, which a UTC clock can miss around midnight.
pub(super) fn day_at(now: OffsetDateTime, country: Option<Country>) -> Date {
    let utc = now.to_offset(UtcOffset::UTC);
    let place = Location { country, ..Location::default() };
    let local = time::PrimitiveDateTime::new(utc.date(), utc.time());
    // Off by the summer hour for one hour twice a year.
    let offset = zone::of(&place).map_or(UtcOffset::UTC, |zone| zone.offset(local));
    utc.to_offset(offset).date()
}

/// The code and the words of an answer that is no yes: headers first, where `ShipIT` puts them
/// over an empty body; then the bodies of the gateway, of the token service and of tracking.
fn reason(response: &HttpResponse) -> Option<(String, String)> {
    let header = |name: &str| response.header(name).map(str::trim).filter(|text| !text.is_empty());
    if let Some(code) = header("error") {
        let words = [header("message"), header("args")];
        let words = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
        return Some((code.to_owned(), words));
    }
    let text = text(&response.body);
    let body: ErrorBody<'_> = json(&text).ok()?;
    if let Some(fault) = body.fault.get() {
        let code = fault.detail.get().and_then(|detail| detail.errorcode.owned());
        return Some((code?, fault.faultstring.owned().unwrap_or_default()));
    }
    if let Some(error) = body.errors.0.first() {
        let code = error.code.owned().or_else(|| error.kind.owned())?;
        return Some((code, error.message.owned().unwrap_or_default()));
    }
    // Problem documents of Track and Trace.
    let title = body.title.owned()?;
    Some((title, body.detail.owned().unwrap_or_default()))
}

/// A refusal of the content, which `ShipIT` sometimes sends with a server's status.
fn about_content(code: &str) -> bool {
    ["INVALID", "VALIDATION", "MANDATORY"].iter().any(|word| code.contains(word))
}

/// What an answer means that is no success.
pub(super) fn failure(response: &HttpResponse, stake: Stake) -> CarrierError {
    let reason = reason(response);
    let code = || reason.as_ref().map_or_else(|| response.status.to_string(), |(c, _)| c.clone());
    match (response.status, &reason) {
        (401 | 403, _) => CarrierError::Unauthorised { code: code() },
        (429 | INACTIVE, _) => {
            CarrierError::Later { code: code(), retry_after: retry_after(response) }
        }
        (400..=499, Some((code, message))) => {
            CarrierError::Refused { code: code.clone(), message: message.clone() }
        }
        (500, Some((code, message))) if about_content(code) => {
            CarrierError::Refused { code: code.clone(), message: message.clone() }
        }
        (500..=599, _) if stake == Stake::Nothing => {
            CarrierError::Later { code: code(), retry_after: retry_after(response) }
        }
        (status, _) => CarrierError::garbled(format!("HTTP {status} without GLS's reason")),
    }
}
