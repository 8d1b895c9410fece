//! `Idempotency-Key`: a structured-field string; the bare form that many clients send is taken too.

use aws_lc_rs::digest;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::{error, problem::Problem};

/// Name of the header.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("idempotency-key");

/// Longest key, characters.
const KEY_MAX: usize = 255;

/// The request id that stands for the key: the same key for another route is another request.
/// Hashed, because services store it and clients put what they like into keys.
///
/// # Errors
/// `GTW0011` without a key, `GTW0012` with a malformed one or two.
pub(crate) fn request_id(headers: &HeaderMap, route: &str) -> Result<String, Problem> {
    let mut values = headers.get_all(&HEADER).iter();
    let Some(value) = values.next() else {
        let text = "send an Idempotency-Key, for example a UUID, and the same one when you retry";
        let link =
            HeaderValue::try_from(format!("</errors/{}>; rel=\"describedby\"", error::KEY_MISSING));
        let problem = Problem::new(StatusCode::BAD_REQUEST, error::KEY_MISSING, text);
        return Err(match link {
            Ok(link) => problem.header(header::LINK, link),
            Err(_) => problem,
        });
    };
    let key = values.next().is_none().then(|| value.to_str().ok().and_then(unquoted)).flatten();
    let key = key.ok_or_else(|| {
        let text = "an Idempotency-Key has 1 to 255 printable ASCII characters and is sent once";
        Problem::new(StatusCode::BAD_REQUEST, error::KEY_INVALID, text)
    })?;
    let mut hash = digest::Context::new(&digest::SHA256);
    hash.update(route.as_bytes());
    hash.update(b"\0");
    hash.update(key.as_bytes());
    Ok(hash.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The key, without quotes and escapes where it has them.
fn unquoted(value: &str) -> Option<String> {
    let value = value.trim();
    let key = match value.strip_prefix('"') {
        None => value.to_owned(),
        Some(rest) => {
            let inner = rest.strip_suffix('"')?;
            let mut key = String::with_capacity(inner.len());
            let mut chars = inner.chars();
            while let Some(c) = chars.next() {
                match c {
                    '\\' => key.push(chars.next().filter(|c| matches!(c, '"' | '\\'))?),
                    '"' => return None,
                    c => key.push(c),
                }
            }
            key
        }
    };
    let printable = key.bytes().all(|b| (0x20..0x7F).contains(&b));
    ((1..=KEY_MAX).contains(&key.len()) && printable).then_some(key)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn id(value: &str) -> Result<String, String> {
        let headers = HeaderMap::from_iter([(HEADER, HeaderValue::from_str(value).unwrap())]);
        request_id(&headers, "/v1/orders").map_err(|problem| problem.code)
    }

    #[test]
    fn quoted_and_bare_keys_are_the_same_and_routes_are_not() {
        assert_eq!(id("\"abc\""), id("abc"));
        assert_eq!(id(r#""a\"b\\c""#), id(r#"a"b\c"#));
        assert_ne!(id("abc"), id("abd"));
        let headers = HeaderMap::from_iter([(HEADER, HeaderValue::from_static("abc"))]);
        let other = request_id(&headers, "/v1/imports").unwrap();
        assert_ne!(id("abc").unwrap(), other);
        assert_eq!(other.len(), 64);
    }

    #[test]
    fn keys_are_printable_and_short() {
        assert!(id(&"k".repeat(255)).is_ok());
        let long = "k".repeat(256);
        for bad in ["", "\"\"", "\"abc", r#""a"b""#, r#""a\b""#, r#""a\""#, long.as_str()] {
            assert_eq!(id(bad), Err(error::KEY_INVALID.to_owned()), "{bad}");
        }
        let none = request_id(&HeaderMap::new(), "/v1/orders").unwrap_err();
        assert_eq!(none.code, error::KEY_MISSING);
        let mut two = HeaderMap::new();
        two.append(HEADER, HeaderValue::from_static("a"));
        two.append(HEADER, HeaderValue::from_static("a"));
        assert_eq!(request_id(&two, "/v1/orders").unwrap_err().code, error::KEY_INVALID);
    }
}
