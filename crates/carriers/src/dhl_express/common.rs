//! What all calls share: headers, numbers in JSON, and what an answer that is no yes means.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use colibri_types::{Currency, Grams, Millimetres, Money};
use rust_decimal::Decimal;
use serde_json::{Value, value::RawValue};

use super::INFO;
pub(super) use crate::wire::body::{Stake, escape, is_success, json, json_many, text};
use crate::{Call, CarrierError, HttpRequest, HttpResponse, Method, wire::body::retry_after};

/// Interface version this connector was written for.
const VERSION: &str = "3.1.1";
/// `Message-Reference` takes 28 to 36 characters.
const REFERENCE_MIN: usize = 28;
const REFERENCE_MAX: usize = 36;

/// A call to MyDHL. `path` begins with a slash.
pub(super) fn call(call: &Call<'_>, method: Method, path: &str) -> HttpRequest {
    let account = call.account;
    let (key, secret) = (account.field("api_key"), account.field("api_secret"));
    let basic = format!("{}:{}", key.unwrap_or_default(), secret.unwrap_or_default());
    let reference: String = call.call_id.chars().take(REFERENCE_MAX).collect();
    HttpRequest::new(method, format!("{}{path}", account.host(&INFO, "api")))
        .header("authorization", format!("Basic {}", BASE64.encode(basic)))
        .header("accept", "application/json")
        .header("x-version", VERSION)
        .header("message-reference", format!("{reference:0>REFERENCE_MIN$}"))
}

/// A call to unified tracking or its push.
pub(super) fn unified(call: &Call<'_>, method: Method, path: &str) -> HttpRequest {
    let key = call.account.field("unified_key").unwrap_or_default();
    HttpRequest::new(method, format!("{}{path}", call.account.host(&INFO, "unified")))
        .header("dhl-api-key", key)
        .header("accept", "application/json")
}

/// A body of one of our own request types.
pub(super) fn body<T: serde::Serialize>(request: HttpRequest, body: &T) -> HttpRequest {
    // Types of text, lists and checked numbers only: writing them cannot fail.
    request.body("application/json", serde_json::to_vec(body).unwrap_or_default())
}

/// A number of JSON from its decimal text, so that no float ever holds it.
pub(super) fn number(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// `2.4`, `70`: thousandths without the zeros at the end.
fn thousandths(value: u64) -> String {
    let text = format!("{}.{:03}", value / 1000, value % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Kilograms; MyDHL takes three decimals, so grams are exact.
pub(super) fn kilograms(weight: Grams) -> Box<RawValue> {
    number(&thousandths(u64::from(weight.0)))
}

/// Centimetres, exact.
pub(super) fn centimetres(side: Millimetres) -> Box<RawValue> {
    number(&thousandths(u64::from(side.0) * 100))
}

/// An amount in major units.
pub(super) fn amount(money: Money) -> Box<RawValue> {
    number(&money.to_decimal().normalize().to_string())
}

/// A price as told, rounded by the commercial rule where it has more digits than its currency.
pub(super) fn money(amount: Option<&str>, currency: Option<&str>) -> Option<Money> {
    let currency: Currency = currency?.parse().ok()?;
    let amount = Decimal::from_str_exact(amount?).ok()?;
    Money::from_decimal(amount, currency).ok()
}

/// An error body of DHL: its number (or `None`) and its words.
pub(super) struct Problem {
    /// Of `detail`, else of the first of several problems that has one.
    pub number: Option<String>,
    /// All of it in one line.
    pub words: String,
    /// DHL cannot say whether it did it.
    unsure: bool,
}

/// The number before the first colon.
fn leading(text: &str) -> Option<&str> {
    let number = text.split_once(':')?.0.trim();
    (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some(number)
}

/// Reads an error body; `None` when it is none.
pub(super) fn problem(body: &str) -> Option<Problem> {
    let root: Value = serde_json::from_str(body).ok()?;
    let member = |name: &str| root.get(name).and_then(Value::as_str).map(str::trim);
    let named = |name: &str| member(name).filter(|text| !text.is_empty());
    let detail = named("detail").or_else(|| named("message")).or_else(|| named("title"))?;
    let more = root.get("additionalDetails").and_then(Value::as_array);
    let more: Vec<&str> = more.into_iter().flatten().filter_map(Value::as_str).collect();
    let own = leading(detail);
    // 999: process failure. 7008: service unavailable, but also a value-added service that the lane
    // lacks, which is a plain no.
    let unsure = match own {
        Some("999") => true,
        Some("7008") => !detail.to_ascii_lowercase().contains("special service"),
        _ => false,
    };
    let number = own.or_else(|| more.iter().find_map(|text| leading(text))).map(str::to_owned);
    let words = std::iter::once(detail).chain(more).collect::<Vec<_>>().join("; ");
    Some(Problem { number, words, unsure })
}

/// What an answer means that is no success.
pub(super) fn failure(response: &HttpResponse, stake: Stake) -> CarrierError {
    let text = text(&response.body);
    let problem = problem(&text);
    let number = problem.as_ref().and_then(|problem| problem.number.clone());
    let code = number.clone().unwrap_or_else(|| response.status.to_string());
    let later = |code| CarrierError::Later { code, retry_after: retry_after(response) };
    match (response.status, number.as_deref()) {
        // 8003: the account is not one of this user's.
        (401 | 403, _) | (400..=499, Some("8003")) => CarrierError::Unauthorised { code },
        (429, _) => later(code),
        (400..=499, _) if problem.as_ref().is_some_and(|problem| problem.unsure) => match stake {
            Stake::Nothing => later(code),
            Stake::Money => CarrierError::garbled(format!("DHL is not sure ({code})")),
        },
        (400..=499, _) => match problem {
            Some(problem) => CarrierError::Refused { code, message: problem.words },
            None => CarrierError::garbled(format!("HTTP {code} without DHL's error body")),
        },
        (500..=599, _) if stake == Stake::Nothing => later(code),
        (status, _) => CarrierError::garbled(format!("HTTP {status} ({code})")),
    }
}

/// Compares all bytes of the secret whatever was given; only the given length shows in the time.
pub(super) fn equal(secret: &[u8], given: &[u8]) -> bool {
    let mut difference = usize::from(secret.len() != given.len());
    for (index, byte) in given.iter().enumerate() {
        let expected = secret.get(index % secret.len().max(1)).copied().unwrap_or_default();
        difference |= usize::from(std::hint::black_box(expected ^ byte));
    }
    difference == 0 && !secret.is_empty()
}
