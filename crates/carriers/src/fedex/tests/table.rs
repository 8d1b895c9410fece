//! The table against the rules that stand beside it.

use crate::{
    Headline, MappedStatus, SubStatus,
    fedex::{
        TABLE,
        statuses::{by_derived, by_event, delayed},
    },
};

#[test]
fn every_code_of_the_list_has_a_row_and_no_custody_code_slipped_in() {
    let all = "OC OX EP PD DR PU PX AP OF AA AC AF AO AR AX CH DP DS EO FD IT IX LO Ow PF PL PM \
               SF TR SP EA CC CP CD DD DY OD ED AD HL HP DL DE SE RS CA RR RM RC RP LP RG RD IN";
    let mut codes: Vec<&str> = all.split_ascii_whitespace().collect();
    let mut rows: Vec<&str> = TABLE.iter().map(|row| row.code).collect();
    codes.sort_unstable();
    rows.sort_unstable();
    assert_eq!(codes, rows);
    for custody in ["SH", "CU", "BR", "TP"] {
        assert_eq!(by_event(custody), MappedStatus::Unknown);
    }
}

#[test]
fn keys_are_not_mixed() {
    let state = MappedStatus::State;
    for (code, expected) in [
        ("OC", state(Headline::Created, None)),
        ("Ow", state(Headline::InTransit, None)),
        ("ow", MappedStatus::Unknown),
        ("OW", MappedStatus::Unknown),
        ("RC", MappedStatus::NoChange),
        ("CA", state(Headline::Exception, Some(SubStatus::Cancelled))),
        ("IN", MappedStatus::Unknown),
        ("", MappedStatus::Unknown),
    ] {
        assert_eq!(by_event(code), expected, "{code}");
    }
    assert_eq!(by_derived("IN"), state(Headline::Created, None));
    assert_eq!(delayed("WEATHER"), state(Headline::Delayed, Some(SubStatus::Weather)));
    assert_eq!(delayed("LOCAL"), state(Headline::Delayed, None));
}
