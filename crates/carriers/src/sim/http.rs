//! What simulated carriers share in reading requests and answering them.

use crate::{HttpResponse, sim::SimRequest};

/// An answer with one content type.
pub(crate) fn reply(
    status: u16,
    content_type: &str,
    body: impl Into<bytes::Bytes>,
) -> HttpResponse {
    HttpResponse {
        status,
        headers: vec![("content-type".to_owned(), content_type.to_owned())],
        body: body.into(),
    }
}

/// An answer in JSON.
pub(crate) fn json(status: u16, body: &serde_json::Value) -> HttpResponse {
    reply(status, "application/json", body.to_string())
}

/// A header, when it has a value.
pub(crate) fn header<'a>(request: &'a SimRequest, name: &str) -> Option<&'a str> {
    let found = request.headers.iter().find(|(key, _)| key == name)?;
    (!found.1.is_empty()).then_some(found.1.as_str())
}

/// A parameter of the query, decoded; empty when it is absent.
pub(crate) fn query(request: &SimRequest, name: &str) -> String {
    queries(request, name).into_iter().next().unwrap_or_default()
}

/// Every value of a repeated parameter of the query.
pub(crate) fn queries(request: &SimRequest, name: &str) -> Vec<String> {
    pairs(&request.query).into_iter().filter(|(key, _)| key == name).map(|(_, v)| v).collect()
}

/// Fields of a query or of a form body, decoded.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(key, value)| (unescape(key), unescape(value))).collect()
}

/// Undoes percent-encoding, and `+` for a blank.
pub(crate) fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = tail.get(..2).filter(|_| first == b'%');
        let code = code.and_then(|two| std::str::from_utf8(two).ok());
        match code.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(if first == b'+' { b' ' } else { first });
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The user and password of HTTP Basic.
pub(crate) fn basic(request: &SimRequest) -> Option<(String, String)> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let text = header(request, "authorization")?.strip_prefix("Basic ")?;
    let bytes = STANDARD.decode(text).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
}

/// Text at a JSON pointer, empty when it is absent or no text.
pub(crate) fn text<'a>(body: &'a serde_json::Value, pointer: &str) -> &'a str {
    body.pointer(pointer).and_then(serde_json::Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_decoded_and_may_repeat() {
        assert_eq!(
            pairs("a=1%2B1&b=x+y&a=%C3%A9&c"),
            [
                ("a".to_owned(), "1+1".to_owned()),
                ("b".to_owned(), "x y".to_owned()),
                ("a".to_owned(), "é".to_owned()),
            ]
        );
        assert_eq!(unescape("100%"), "100%");
    }
}
