//! Public codes. A code is for ever; each has a page under `docs/errors`.

use colibri_kit::fault::Fault;

/// No such parcel, or not the caller's.
pub const UNKNOWN_PARCEL: &str = "TRK0001";
/// A webhook's proof was not accepted.
pub const NOT_PROVEN: &str = "TRK0002";
/// A webhook's body is not what the carrier documents.
pub const UNREADABLE: &str = "TRK0003";
/// A limit or page token that is none.
pub const BAD_PAGE: &str = "TRK0004";
/// The vault's budget for showing words and places is spent.
pub const BUDGET_SPENT: &str = "TRK0005";
/// An event names something by an id that is none.
pub const MALFORMED_EVENT: &str = "TRK0006";
/// A carrier will not push the events of these parcels.
pub const NOT_SUBSCRIBED: &str = "TRK0007";
/// A carrier that is not installed here.
pub const UNKNOWN_CARRIER: &str = "TRK0008";

/// Every code, in order.
pub const CODES: &[&str] = &[
    UNKNOWN_PARCEL,
    NOT_PROVEN,
    UNREADABLE,
    BAD_PAGE,
    BUDGET_SPENT,
    MALFORMED_EVENT,
    NOT_SUBSCRIBED,
    UNKNOWN_CARRIER,
];

/// An event that cannot be applied as it is.
#[must_use]
pub fn malformed(field: &str) -> Fault {
    Fault::reject(MALFORMED_EVENT, format!("{field} is missing or malformed"))
}

/// The parcel does not exist for this caller.
#[must_use]
pub fn unknown_parcel() -> Fault {
    Fault::not_found(UNKNOWN_PARCEL, "no such parcel")
}

/// The webhook's sender has not proven who it is. One answer for an unknown account, a carrier
/// without pushes and a wrong proof: nobody learns which accounts exist.
#[must_use]
pub fn not_proven() -> Fault {
    Fault::unauthenticated(NOT_PROVEN, "the proof of the webhook was not accepted")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::CODES;

    #[test]
    fn every_code_has_a_page_and_every_page_a_code() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors");
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut pages: Vec<String> = names
            .filter_map(|name| name.to_str()?.strip_suffix(".md").map(str::to_owned))
            .filter(|name| name.starts_with("TRK"))
            .collect();
        pages.sort();
        assert_eq!(pages, CODES);
        for code in CODES {
            let page = std::fs::read_to_string(format!("{folder}/{code}.md")).unwrap();
            assert!(page.starts_with(&format!("# {code}: ")), "{code}");
            for part in ["## Meaning", "## Cause", "## What to do", "## On the wire"] {
                assert!(page.contains(part), "{code} lacks {part}");
            }
        }
    }
}
