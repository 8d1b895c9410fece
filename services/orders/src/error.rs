//! Public codes of this service. A code is for ever; each has a page `docs/errors/ORD….md`, and a
//! test compares the two. Reasons for holding an order are words of their own: `domain::holds`.

use colibri_kit::fault::Fault;

/// A field of the order is wrong; it was not taken in.
pub const FIELD: &str = "ORD0001";
/// The order is known with other content and goes its way already.
pub const OTHER_CONTENT: &str = "ORD0002";
/// More than one call takes.
pub const LIMIT: &str = "ORD0003";
/// No such order of this tenant.
pub const UNKNOWN: &str = "ORD0004";
/// The order's state does not allow it.
pub const STATE: &str = "ORD0005";
/// The signature of a webhook does not hold.
pub const SIGNATURE: &str = "ORD0006";
/// What came is older than what is known.
pub const STALE: &str = "ORD0007";
/// The page is none of an earlier answer.
pub const PAGE: &str = "ORD0008";
/// The request itself is malformed.
pub const REQUEST: &str = "ORD0009";
/// No sales channel account of that id.
pub const ACCOUNT: &str = "ORD0010";
/// The request id was used for other orders or another file.
pub const REQUEST_REUSED: &str = "ORD0011";

/// Every code with one line of meaning.
pub const ALL: &[(&str, &str)] = &[
    (FIELD, "a field of the order is wrong"),
    (OTHER_CONTENT, "the order is known with other content"),
    (LIMIT, "more than one call takes"),
    (UNKNOWN, "no such order"),
    (STATE, "the order's state does not allow it"),
    (SIGNATURE, "the signature of the webhook does not hold"),
    (STALE, "older than what is known"),
    (PAGE, "not a page of an earlier answer"),
    (REQUEST, "the request is malformed"),
    (ACCOUNT, "no sales channel account of that id"),
    (REQUEST_REUSED, "the request id was used for something else"),
];

/// `ORD0004`, the same whether nobody has the order or somebody else does.
#[must_use]
pub fn unknown() -> Fault {
    Fault::not_found(UNKNOWN, "no such order")
}

/// `ORD0009` about one field.
#[must_use]
pub fn request(field: &str, description: &str) -> Fault {
    Fault::reject(REQUEST, "the request is malformed").field(field, "MALFORMED", description)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::{collections::BTreeSet, path::Path};

    use super::*;

    fn docs() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
    }

    #[test]
    fn each_code_has_a_page_and_each_page_a_code() {
        let pages: BTreeSet<String> = std::fs::read_dir(docs().join("errors"))
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
            .filter(|name| name.starts_with("ORD"))
            .collect();
        let codes: BTreeSet<String> = ALL.iter().map(|(code, _)| format!("{code}.md")).collect();
        assert_eq!(pages, codes);
    }

    #[test]
    fn each_reason_for_holding_is_described_and_nothing_else_is() {
        let text = std::fs::read_to_string(docs().join("holds.md")).unwrap();
        let described: BTreeSet<&str> =
            text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        let codes: BTreeSet<&str> =
            crate::domain::holds::ALL.iter().map(|hold| hold.code).collect();
        assert_eq!(described, codes);
    }
}
