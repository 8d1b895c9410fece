//! What all calls share: headers, JSON, and what an answer that is not a yes means.

use super::{INFO, wire::ErrorBody};
pub(super) use crate::wire::body::{Stake, escape, is_success, json, json_many, text};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Method,
    wire::body::{all_errors, retry_after, with_token},
};

/// Name of the calling application, for UPS's logs.
const SOURCE: &str = "colibri";

/// `transId` holds at most 32 characters.
const TRANS_ID_MAX: usize = 32;

/// A call with the headers that every UPS interface wants.
pub(super) fn call(call: &Call<'_>, method: Method, path: &str) -> HttpRequest {
    let url = format!("{}{path}", call.account.host(&INFO, "api"));
    let trans_id: String = call.call_id.chars().take(TRANS_ID_MAX).collect();
    let request = HttpRequest::new(method, url)
        .header("transId", trans_id)
        .header("transactionSrc", SOURCE)
        .header("accept", "application/json");
    with_token(call, request)
}

/// A body of one of our own request types.
pub(super) fn body<T: serde::Serialize>(request: HttpRequest, body: &T) -> HttpRequest {
    // Types of text and lists only: writing them cannot fail, and an empty body would be refused.
    request.body("application/json", serde_json::to_vec(body).unwrap_or_default())
}

/// All errors of an answer: the first code, and all messages.
pub(super) fn errors(text: &str) -> Option<(String, String)> {
    let body: ErrorBody<'_> = json(text).ok()?;
    let errors = &body.response.get()?.errors.0;
    all_errors(errors.iter().map(|error| (error.code.get(), error.message.get())))
}

/// What an answer means that is no success.
pub(super) fn failure(response: &HttpResponse, stake: Stake) -> CarrierError {
    let text = text(&response.body);
    let errors = errors(&text);
    let code = errors.as_ref().map(|(code, _)| code.as_str());
    let shown = code.map_or_else(|| response.status.to_string(), str::to_owned);
    match (response.status, code) {
        (401, _) | (400..=499, Some("250002" | "250003" | "251004" | "UJ0001")) => {
            CarrierError::Unauthorised { code: shown }
        }
        (429, _) | (400..=499, Some("10429")) => {
            CarrierError::Later { code: shown, retry_after: retry_after(response) }
        }
        (500..=599, _) if stake == Stake::Nothing => {
            CarrierError::Later { code: shown, retry_after: retry_after(response) }
        }
        (400..=499, _) => match errors {
            Some((code, message)) => CarrierError::Refused { code, message },
            None => CarrierError::garbled(format!("HTTP {shown} without UPS's error body")),
        },
        (status, _) => CarrierError::garbled(format!("HTTP {status} ({shown})")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "tests")]
    use std::time::Duration;

    use super::*;

    fn answer(status: u16, body: &str) -> HttpResponse {
        HttpResponse { status, headers: Vec::new(), body: body.to_owned().into() }
    }

    const TWO: &str = r#"{"response":{"errors":[{"code":"120100","message":"a"},
        {"code":"9","message":"b"}]}}"#;

    #[test]
    fn every_error_of_the_list_is_kept() {
        let expected = ("120100".to_owned(), "120100: a; 9: b".to_owned());
        assert_eq!(errors(TWO), Some(expected));
        assert_eq!(errors(r#"{"response":{"errors":{"code":1}}}"#).map(|e| e.0), Some("1".into()));
        for none in ["", "{}", "<html>", r#"{"response":{"errors":[]}}"#, "[1]"] {
            assert_eq!(errors(none), None, "{none}");
        }
    }

    #[test]
    fn statuses_fall_into_their_classes() {
        use CarrierError::{Garbled, Later, Refused, Unauthorised};
        let expired = r#"{"response":{"errors":[{"code":"251004"}]}}"#;
        let quota = r#"{"response":{"errors":[{"code":"10429"}]}}"#;
        for stake in [Stake::Nothing, Stake::Money] {
            for status in [400, 403, 404] {
                assert!(matches!(failure(&answer(status, TWO), stake), Refused { .. }));
                assert!(matches!(failure(&answer(status, "<p>"), stake), Garbled { .. }));
            }
            assert!(matches!(failure(&answer(401, ""), stake), Unauthorised { .. }));
            assert!(matches!(failure(&answer(400, expired), stake), Unauthorised { .. }));
            assert!(matches!(failure(&answer(429, quota), stake), Later { .. }));
            assert!(matches!(failure(&answer(302, ""), stake), Garbled { .. }));
        }
        for status in [500, 502, 503] {
            let read = failure(&answer(status, quota), Stake::Nothing);
            assert!(matches!(read, Later { .. }));
            let bought = failure(&answer(status, quota), Stake::Money);
            assert!(matches!(bought, Garbled { .. }), "{status} after a purchase is in doubt");
        }
    }

    #[test]
    fn a_wait_that_a_gateway_states_is_kept() {
        let mut busy = answer(503, "");
        busy.headers.push(("retry-after".to_owned(), "30".to_owned()));
        let CarrierError::Later { retry_after, code } = failure(&busy, Stake::Nothing) else {
            panic!("503 is busy");
        };
        assert_eq!((retry_after, code.as_str()), (Some(Duration::from_secs(30)), "503"));
    }
}
