//! Bodies and headers of answers, and the parts of URLs.

use std::{borrow::Cow, time::Duration};

use secrecy::ExposeSecret;
use serde::de::Deserialize;

use super::lenient::{Many, One};
use crate::{Call, CarrierError, HttpRequest, HttpResponse};

/// Longest wait that is believed: a day. Beyond it the header is broken rather than patient.
const RETRY_AFTER_MAX_S: u64 = 24 * 3600;

/// What is at stake when an answer is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stake {
    /// A question: asking again is harmless.
    Nothing,
    /// Something may have been bought or booked: only a documented refusal counts as a no.
    Money,
}

/// The first code of a list of errors, and all of them as text; `None` when none has a code.
pub(crate) fn all_errors<'a>(
    errors: impl Iterator<Item = (Option<&'a str>, Option<&'a str>)>,
) -> Option<(String, String)> {
    let mut first = None;
    let mut messages = Vec::new();
    for (code, message) in errors {
        first = first.or(code);
        messages.push(format!("{}: {}", code.unwrap_or("-"), message.unwrap_or("-")));
    }
    Some((first?.to_owned(), messages.join("; ")))
}

/// A request with the token of the call, where there is one.
pub(crate) fn with_token(call: &Call<'_>, request: HttpRequest) -> HttpRequest {
    match call.token {
        Some(token) => {
            request.header("authorization", format!("Bearer {}", token.value.expose_secret()))
        }
        None => request,
    }
}

/// `Retry-After` in seconds, when the answer has one.
pub(crate) fn retry_after(response: &HttpResponse) -> Option<Duration> {
    let seconds: u64 = response.header("retry-after")?.trim().parse().ok()?;
    (seconds <= RETRY_AFTER_MAX_S).then(|| Duration::from_secs(seconds))
}

/// Is this a success by its status line?
pub(crate) fn is_success(response: &HttpResponse) -> bool {
    (200..300).contains(&response.status)
}

/// Media type in lower case, without parameters; empty when there is none.
pub(crate) fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// A body as text: without byte order mark; UTF-8, or Latin-1 where a gateway answered in its own
/// way.
pub(crate) fn text(body: &[u8]) -> Cow<'_, str> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    match std::str::from_utf8(body) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(body.iter().copied().map(char::from).collect()),
    }
}

/// A path segment or query value, escaped as RFC 3986 wants.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Reads one JSON object; the error tells where it broke and never what stood there.
pub(crate) fn json<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, CarrierError> {
    let One(object) = any(text)?;
    object.ok_or_else(|| CarrierError::garbled("JSON, but no object"))
}

/// Reads one JSON object or a list of them.
pub(crate) fn json_many<'a, T: Deserialize<'a>>(text: &'a str) -> Result<Vec<T>, CarrierError> {
    any(text).map(|Many(objects)| objects)
}

fn any<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, CarrierError> {
    if text.trim_start().is_empty() {
        return Err(CarrierError::garbled("empty body"));
    }
    if text.trim_start().starts_with('<') {
        return Err(CarrierError::garbled("markup instead of JSON"));
    }
    serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        CarrierError::garbled(format!("no JSON as documented: line {line} column {column}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_escaped_and_bodies_are_read_in_two_encodings() {
        assert_eq!(escape("1ZA1/..?é"), "1ZA1%2F..%3F%C3%A9");
        assert_eq!(text(b"\xEF\xBB\xBF{}"), "{}");
        assert_eq!(text(b"Li\xE8ge"), "Liège");
    }

    #[test]
    fn waits_beyond_a_day_are_not_believed() {
        let wait = |text: &str| {
            let headers = vec![("retry-after".to_owned(), text.to_owned())];
            retry_after(&HttpResponse { status: 429, headers, body: "".into() })
        };
        assert_eq!(wait(" 30 "), Some(Duration::from_secs(30)));
        assert_eq!(wait("86400"), Some(Duration::from_secs(86_400)));
        assert_eq!((wait("86401"), wait("soon"), wait("-1")), (None, None, None));
    }
}
