//! Parameters of the address.

use http::{StatusCode, Uri};
use url::form_urlencoded;

use crate::{
    error,
    problem::{FieldError, Problem},
};

/// The parameters of the query; each is one of `known` and given once.
///
/// # Errors
/// `GTW0010` naming what is wrong.
pub(crate) fn read(
    uri: &Uri,
    known: &'static [&'static str],
) -> Result<Vec<(&'static str, String)>, Problem> {
    let mut found: Vec<(&'static str, String)> = Vec::new();
    for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        let Some(known) = known.iter().copied().find(|known| *known == name) else {
            let detail = match known {
                [] => "this address has no parameters".to_owned(),
                known => format!("known here: {}", known.join(", ")),
            };
            return Err(wrong("*", "UNKNOWN_PARAMETER", &detail));
        };
        if found.iter().any(|(other, _)| *other == known) {
            return Err(wrong(known, "DUPLICATE_PARAMETER", "a parameter is given once"));
        }
        // What stands for broken UTF-8, and what no text here may hold.
        if value.contains(['\u{FFFD}', '\0']) {
            return Err(wrong(known, "MALFORMED", "the value is no text"));
        }
        found.push((known, value.into_owned()));
    }
    Ok(found)
}

/// `GTW0010` about one parameter.
pub(crate) fn wrong(name: &str, code: &str, detail: &str) -> Problem {
    let text = "a parameter of the address is wrong";
    Problem::new(StatusCode::BAD_REQUEST, error::PARAMETER, text)
        .errors(vec![FieldError::parameter(name, code, detail)])
}

/// The same address with another page.
pub(crate) fn page_link(path: &str, query: &[(&'static str, String)], page: &str) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    for (name, value) in query.iter().filter(|(name, _)| *name != "page") {
        pairs.append_pair(name, value);
    }
    pairs.append_pair("page", page);
    format!("<{path}?{}>; rel=\"next\"", pairs.finish())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const KNOWN: &[&str] = &["state", "page"];

    #[test]
    fn parameters_are_known_single_and_text() {
        let read = |query: &str| read(&format!("/v1/orders{query}").parse().unwrap(), KNOWN);
        assert_eq!(read("").unwrap(), []);
        assert_eq!(read("?state=held").unwrap(), [("state", "held".to_owned())]);
        assert_eq!(read("?page=a%2Bb+c").unwrap(), [("page", "a+b c".to_owned())]);
        for bad in ["?stat=held", "?state=a&state=a", "?state=%FF", "?state=%00", "?=1"] {
            assert_eq!(read(bad).unwrap_err().code, error::PARAMETER, "{bad}");
        }
    }

    #[test]
    fn the_next_page_keeps_the_other_parameters() {
        let query = [("state", "held".to_owned()), ("page", "old".to_owned())];
        let link = page_link("/v1/orders", &query, "a=b>");
        assert_eq!(link, "</v1/orders?state=held&page=a%3Db%3E>; rel=\"next\"");
    }
}
