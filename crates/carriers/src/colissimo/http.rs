//! What both of La Poste's services need to read an answer.

use std::{borrow::Cow, time::Duration};

use crate::HttpResponse;

/// Longest wait that is believed: a day. Beyond it the header is broken rather than patient.
const RETRY_AFTER_MAX_S: u64 = 24 * 3600;

/// `Retry-After` in seconds, when the answer has one.
pub(super) fn retry_after(response: &HttpResponse) -> Option<Duration> {
    let seconds: u64 = response.header("retry-after")?.trim().parse().ok()?;
    (seconds <= RETRY_AFTER_MAX_S).then(|| Duration::from_secs(seconds))
}

/// Media type in lower case, without parameters; empty when there is none.
pub(super) fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The body as text: without byte order mark, and as Latin-1 where it is no UTF-8, which gateways
/// that declare the wrong charset send.
pub(super) fn text(body: &[u8]) -> Cow<'_, str> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    match std::str::from_utf8(body) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(body.iter().map(|byte| char::from(*byte)).collect()),
    }
}
