//! What all calls share: headers, JSON, numbers, and what an answer that is not a yes means.

use colibri_types::{Currency, Grams, Money};
use serde_json::value::RawValue;
use time::Date;

use super::{INFO, wire::ErrorBody};
pub(super) use crate::wire::body::{Stake, escape, is_success, json, text};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Method, Rejection,
    wire::body::{all_errors, retry_after, with_token},
    wire::lenient::Text,
};

/// `x-customer-transaction-id` holds at most 40 characters.
const TRANSACTION_MAX: usize = 40;

/// A call with the headers that every FedEx interface wants, and a body of our own types.
pub(super) fn call<T: serde::Serialize>(
    call: &Call<'_>,
    method: Method,
    path: &str,
    body: &T,
) -> HttpRequest {
    let url = format!("{}{path}", call.account.host(&INFO, "api"));
    let transaction: String = call.call_id.chars().take(TRANSACTION_MAX).collect();
    let request = HttpRequest::new(method, url)
        .header("accept", "application/json")
        .header("x-locale", "en_US")
        .header("x-customer-transaction-id", transaction);
    let request = with_token(call, request);
    // Types of text, lists and numbers only: writing them cannot fail, and an empty body would be
    // refused.
    request.body("application/json", serde_json::to_vec(body).unwrap_or_default())
}

/// `2026-11-20`.
pub(super) fn day(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

/// Decimal text as a JSON number. `text` comes from exact decimals of ours, never from outside.
pub(super) fn number(text: String) -> Box<RawValue> {
    RawValue::from_string(text).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// Kilograms, rounded up to the next ten grams.
pub(super) fn kilograms(weight: Grams) -> Box<RawValue> {
    number(weight.to_kg_text())
}

/// An amount as a JSON number.
pub(super) fn decimal(money: Money) -> Box<RawValue> {
    number(money.to_decimal().to_string())
}

/// Money from an amount and a currency as FedEx writes them, which is apart.
pub(super) fn money(amount: &Text<'_>, currency: Option<&str>) -> Option<Money> {
    let currency: Currency = currency?.parse().ok()?;
    Money::parse(amount.get()?, currency).ok()
}

/// All errors of an answer: the first code, and all messages.
pub(super) fn errors(text: &str) -> Option<(String, String)> {
    let body: ErrorBody<'_> = json(text).ok()?;
    let errors = &body.errors.0;
    all_errors(errors.iter().map(|error| (error.code.get(), error.message.get())))
}

/// What an answer means that is no success.
pub(super) fn failure(response: &HttpResponse, stake: Stake) -> CarrierError {
    let text = text(&response.body);
    let errors = errors(&text);
    let code = errors.as_ref().map(|(code, _)| code.as_str());
    let shown = code.map_or_else(|| response.status.to_string(), str::to_owned);
    match (response.status, code) {
        (401, _) | (403, Some("FORBIDDEN.ERROR")) => CarrierError::Unauthorised { code: shown },
        (429, _) => CarrierError::Later { code: shown, retry_after: retry_after(response) },
        (500..=599, _) if stake == Stake::Nothing => {
            CarrierError::Later { code: shown, retry_after: retry_after(response) }
        }
        (400..=499, _) => match errors {
            Some((code, message)) => CarrierError::Refused { code, message },
            None => CarrierError::garbled(format!("HTTP {shown} without FedEx's error body")),
        },
        (status, _) => CarrierError::garbled(format!("HTTP {status} ({shown})")),
    }
}

/// The wrapper of a success: `output`. A body of errors under a success's status line was seen too:
/// a no to a question, and no proof of anything after a purchase.
pub(super) fn output<T>(output: Option<T>, text: &str, stake: Stake) -> Result<T, CarrierError> {
    match (output, stake) {
        (Some(output), _) => Ok(output),
        (None, Stake::Money) => Err(CarrierError::garbled("no output")),
        (None, Stake::Nothing) => Err(match errors(text) {
            Some((code, message)) => CarrierError::Refused { code, message },
            None => CarrierError::garbled("no output"),
        }),
    }
}

/// The account's number, checked, for requests that may reject.
pub(super) fn account_number<'a>(call: &Call<'a>) -> Result<&'a str, Rejection> {
    super::account_number(call.account)
        .map_err(|error| Rejection::new("account.account_number", error.reason))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "tests")]
    use std::time::Duration;

    use super::*;

    fn answer(status: u16, body: &str) -> HttpResponse {
        HttpResponse { status, headers: Vec::new(), body: body.to_owned().into() }
    }

    const TWO: &str = r#"{"transactionId":"t","errors":[{"code":"A.B","message":"a"},
        {"code":"C","message":"b"}]}"#;

    #[test]
    fn every_error_of_the_list_is_kept() {
        assert_eq!(errors(TWO), Some(("A.B".to_owned(), "A.B: a; C: b".to_owned())));
        for none in ["", "{}", "<html>", r#"{"errors":[]}"#, "[1]"] {
            assert_eq!(errors(none), None, "{none}");
        }
    }

    #[test]
    fn statuses_fall_into_their_classes() {
        use CarrierError::{Garbled, Later, Refused, Unauthorised};
        let forbidden = r#"{"errors":[{"code":"FORBIDDEN.ERROR"}]}"#;
        for stake in [Stake::Nothing, Stake::Money] {
            for status in [400, 403, 404, 422] {
                assert!(matches!(failure(&answer(status, TWO), stake), Refused { .. }));
                assert!(matches!(failure(&answer(status, "<p>"), stake), Garbled { .. }));
            }
            assert!(matches!(failure(&answer(401, ""), stake), Unauthorised { .. }));
            assert!(matches!(failure(&answer(403, forbidden), stake), Unauthorised { .. }));
            assert!(matches!(failure(&answer(429, TWO), stake), Later { .. }));
            assert!(matches!(failure(&answer(302, ""), stake), Garbled { .. }));
        }
        for status in [500, 502, 503] {
            assert!(matches!(failure(&answer(status, TWO), Stake::Nothing), Later { .. }));
            assert!(matches!(failure(&answer(status, TWO), Stake::Money), Garbled { .. }));
        }
    }

    #[test]
    fn a_stated_wait_is_kept() {
        let mut busy = answer(429, "");
        busy.headers.push(("retry-after".to_owned(), "10".to_owned()));
        let CarrierError::Later { retry_after, .. } = failure(&busy, Stake::Money) else {
            panic!("429 is busy");
        };
        assert_eq!(retry_after, Some(Duration::from_secs(10)));
    }
}
