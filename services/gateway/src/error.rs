//! Public codes of the HTTP edge itself; all others are passed on from the services behind it.
//! A code is for ever: each has a page `docs/errors/GTW….md`, and a test compares the two.

/// No such address.
pub(crate) const NO_PATH: &str = "GTW0001";
/// The address does not take this method.
pub(crate) const METHOD: &str = "GTW0002";
/// Nothing that the caller accepts can be answered.
pub(crate) const NOT_ACCEPTABLE: &str = "GTW0003";
/// The body is larger than the address takes.
pub(crate) const BODY_TOO_LARGE: &str = "GTW0004";
/// The body's type or encoding is none the address takes.
pub(crate) const MEDIA_TYPE: &str = "GTW0005";
/// The head of the request is too large.
pub(crate) const HEAD_TOO_LARGE: &str = "GTW0006";
/// The address is too long.
pub(crate) const URI_TOO_LONG: &str = "GTW0007";
/// The body is no JSON we would read.
pub(crate) const MALFORMED: &str = "GTW0008";
/// A field of the body is unknown, of a wrong type or out of range.
pub(crate) const FIELD: &str = "GTW0009";
/// A parameter of the address is unknown, given twice or out of range.
pub(crate) const PARAMETER: &str = "GTW0010";
/// The header `Idempotency-Key` is required.
pub(crate) const KEY_MISSING: &str = "GTW0011";
/// The header `Idempotency-Key` is none.
pub(crate) const KEY_INVALID: &str = "GTW0012";
/// Too many requests of one caller.
pub(crate) const RATE: &str = "GTW0013";
/// Too many requests of everybody.
pub(crate) const OVERLOADED: &str = "GTW0014";
/// The body comes too slowly, or stopped coming.
pub(crate) const BODY_SLOW: &str = "GTW0015";
/// The token endpoint grants nothing but client credentials.
pub(crate) const GRANT: &str = "GTW0016";
/// A form of the public pages is none of this visit.
pub(crate) const FORM: &str = "GTW0017";

/// Every code with one line of meaning: what its page is compared with.
#[cfg(test)]
pub(crate) const ALL: &[(&str, &str)] = &[
    (NO_PATH, "there is nothing at this address"),
    (METHOD, "the address does not take this method"),
    (NOT_ACCEPTABLE, "nothing the caller accepts can be answered"),
    (BODY_TOO_LARGE, "the body is too large"),
    (MEDIA_TYPE, "the type of the body is not taken here"),
    (HEAD_TOO_LARGE, "the header fields are too large"),
    (URI_TOO_LONG, "the address is too long"),
    (MALFORMED, "the body is malformed"),
    (FIELD, "a field of the body is wrong"),
    (PARAMETER, "a parameter of the address is wrong"),
    (KEY_MISSING, "an Idempotency-Key is required"),
    (KEY_INVALID, "the Idempotency-Key is malformed"),
    (RATE, "too many requests"),
    (OVERLOADED, "the gateway is at its limit"),
    (BODY_SLOW, "the body came too slowly"),
    (GRANT, "the grant type is not supported"),
    (FORM, "the form is not of this visit"),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::{collections::BTreeSet, path::Path};

    use super::*;

    #[test]
    fn each_code_has_a_page_that_says_the_same_and_each_page_a_code() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors");
        let pages: BTreeSet<String> = std::fs::read_dir(&folder)
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
            .filter(|name| name.starts_with("GTW"))
            .collect();
        let codes: BTreeSet<String> = ALL.iter().map(|(code, _)| format!("{code}.md")).collect();
        assert_eq!(pages, codes);
        for (code, meaning) in ALL {
            let text = std::fs::read_to_string(folder.join(format!("{code}.md"))).unwrap();
            assert_eq!(text.lines().next(), Some(format!("# {code}: {meaning}").as_str()));
        }
    }
}
