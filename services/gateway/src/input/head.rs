//! The head of a request: its size, and what is sent and accepted.

use http::{HeaderMap, HeaderName, StatusCode, header, request::Parts};

use crate::{error, problem::Problem};

/// Header fields of one request; browsers and proxies send 30.
const FIELDS_MAX: usize = 64;
/// Bytes of all names and values: a token has 8 KiB.
const BYTES_MAX: usize = 16 << 10;
/// Bytes of path and query.
const URI_MAX: usize = 8 << 10;

/// Refuses heads beyond the limits.
///
/// # Errors
/// `GTW0006` and `GTW0007`.
pub(crate) fn check(uri: &http::Uri, headers: &HeaderMap) -> Result<(), Problem> {
    let bytes: usize = headers.iter().map(|(n, v)| n.as_str().len() + v.len()).sum();
    if headers.len() > FIELDS_MAX || bytes > BYTES_MAX {
        let text = "at most 64 header fields of 16 KiB in all are taken";
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        return Err(Problem::new(status, error::HEAD_TOO_LARGE, text));
    }
    if uri.path_and_query().map_or(0, |p| p.as_str().len()) > URI_MAX {
        let text = "an address has at most 8 KiB";
        return Err(Problem::new(StatusCode::URI_TOO_LONG, error::URI_TOO_LONG, text));
    }
    Ok(())
}

/// The only value of a header, when it is text.
pub(crate) fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// The type of the body, in lower case and without parameters, if it is one of `taken`. A charset
/// other than UTF-8 is a type that is not taken.
///
/// # Errors
/// `GTW0005`.
pub(crate) fn media<'t>(headers: &HeaderMap, taken: &[&'t str]) -> Result<&'t str, Problem> {
    let given = single(headers, &header::CONTENT_TYPE).unwrap_or_default();
    let mut parts = given.split(';');
    let essence = parts.next().unwrap_or_default().trim();
    let utf8 = parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    });
    let known = taken.iter().copied().find(|known| known.eq_ignore_ascii_case(essence));
    known.filter(|_| utf8).ok_or_else(|| {
        let text = format!("taken here: {}", taken.join(", "));
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, error::MEDIA_TYPE, &text)
    })
}

/// Which of the `offered` types the caller accepts, dearest first; offers are in our own order.
/// Without a header all are.
pub(crate) fn accepted<'t>(headers: &HeaderMap, offered: &[&'t str]) -> Vec<&'t str> {
    if !headers.contains_key(header::ACCEPT) {
        return offered.to_vec();
    }
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|v| v.to_str().ok());
    let ranges: Vec<(&str, u16)> = values.flat_map(|v| v.split(',')).filter_map(range).collect();
    let mut wanted: Vec<(&str, u16)> =
        offered.iter().map(|offer| (*offer, quality(&ranges, offer))).collect();
    wanted.retain(|(_, quality)| *quality > 0);
    wanted.sort_by_key(|(_, quality)| std::cmp::Reverse(*quality));
    wanted.into_iter().map(|(offer, _)| offer).collect()
}

/// Refuses a caller that does not accept `offered`.
///
/// # Errors
/// `GTW0003`.
pub(crate) fn must_accept(headers: &HeaderMap, offered: &str) -> Result<(), Problem> {
    if accepted(headers, &[offered]).is_empty() { Err(not_acceptable(offered)) } else { Ok(()) }
}

/// `GTW0003`.
pub(crate) fn not_acceptable(offered: &str) -> Problem {
    let text = format!("offered here: {offered}");
    Problem::new(StatusCode::NOT_ACCEPTABLE, error::NOT_ACCEPTABLE, &text)
}

/// `text/*;q=0.5` as its range and thousandths.
fn range(text: &str) -> Option<(&str, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next().filter(|range| range.contains('/'))?;
    let quality = parts.find_map(|p| p.strip_prefix("q=").or_else(|| p.strip_prefix("Q=")));
    Some((range, quality.map_or(1000, thousandths)))
}

/// `0.75` as 750; what is no quality counts as 0.
fn thousandths(text: &str) -> u16 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let plain = fraction.len() <= 3 && fraction.bytes().all(|b| b.is_ascii_digit());
    let fraction: u16 = format!("{fraction:0<3}").parse().unwrap_or_default();
    match whole {
        "1" if plain && fraction == 0 => 1000,
        "0" if plain => fraction,
        _ => 0,
    }
}

/// The quality of the most specific range.
fn quality(ranges: &[(&str, u16)], offer: &str) -> u16 {
    let class = offer.split('/').next().unwrap_or_default();
    let rank = |range: &str| {
        let (kind, sub) = range.split_once('/').unwrap_or((range, ""));
        match (kind, sub) {
            ("*", "*") => Some(0),
            (_, "*") if kind.eq_ignore_ascii_case(class) => Some(1),
            _ => range.eq_ignore_ascii_case(offer).then_some(2),
        }
    };
    let fitting = ranges.iter().filter_map(|(range, q)| rank(range).map(|rank| (rank, *q)));
    fitting.max().map_or(0, |(_, quality)| quality)
}

/// Whether the entity tag is among those of `If-None-Match`.
pub(crate) fn is_known(parts: &Parts, tag: &str) -> bool {
    let values = parts.headers.get_all(header::IF_NONE_MATCH).iter();
    let mut tags = values.filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    tags.any(|known| {
        let known = known.trim();
        known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn the_dearest_accepted_type_comes_first() {
        const OFFERED: &[&str] = &["application/pdf", "application/zpl", "image/png"];
        let cases: &[(&str, &[&str])] = &[
            ("*/*", OFFERED),
            ("application/zpl", &["application/zpl"]),
            ("image/*;q=0.5, application/zpl;q=0.8", &["application/zpl", "image/png"]),
            ("*/*;q=0.1, application/pdf;q=0", &["application/zpl", "image/png"]),
            ("APPLICATION/PDF; q=1.000", &["application/pdf"]),
            ("text/html", &[]),
            ("application/pdf;q=2", &[]),
            ("application/pdf;q=0.0001", &[]),
            ("nonsense", &[]),
        ];
        for (accept, wanted) in cases {
            assert_eq!(&accepted(&headers(header::ACCEPT, accept), OFFERED), wanted, "{accept}");
        }
        assert_eq!(accepted(&HeaderMap::new(), OFFERED), OFFERED);
    }

    #[test]
    fn a_body_has_one_of_the_taken_types_in_utf_8() {
        const JSON: &[&str] = &["application/json"];
        for fine in ["application/json", "Application/JSON; charset=UTF-8", "application/json;x=y"]
        {
            assert!(media(&headers(header::CONTENT_TYPE, fine), JSON).is_ok(), "{fine}");
        }
        for bad in ["", "text/json", "application/json; charset=utf-16", "application/jsonx"] {
            let problem = media(&headers(header::CONTENT_TYPE, bad), JSON).unwrap_err();
            assert_eq!(problem.code, error::MEDIA_TYPE, "{bad}");
        }
        assert!(media(&HeaderMap::new(), JSON).is_err());
    }

    #[test]
    fn heads_have_limits() {
        let uri = "/v1/orders".parse().unwrap();
        let mut many = HeaderMap::new();
        for n in 0..64 {
            many.insert(HeaderName::try_from(format!("x-{n}")).unwrap(), "1".parse().unwrap());
        }
        assert!(check(&uri, &many).is_ok());
        many.insert("x-64", "1".parse().unwrap());
        assert_eq!(check(&uri, &many).unwrap_err().code, error::HEAD_TOO_LARGE);
        let large = headers(header::COOKIE, &"x".repeat(16 << 10));
        assert_eq!(check(&uri, &large).unwrap_err().code, error::HEAD_TOO_LARGE);
        let long = format!("/{}", "x".repeat(8 << 10)).parse().unwrap();
        assert_eq!(check(&long, &HeaderMap::new()).unwrap_err().code, error::URI_TOO_LONG);
    }
}
