//! UPS status codes in our vocabulary.
//!
//! The key is `statusCode` (`descriptionCode` in a push) as an integer; when it is absent or not in
//! the table, the status `type`. The two-letter `code` is never asked: the same letters mean a
//! departure in one table of UPS and a manifest in another. Wordings in comments are ours.

use crate::{
    Headline::{
        self, Created, Delayed, Delivered, Exception, InTransit, OutForDelivery, PickedUp, Returned,
    },
    MappedStatus, StatusRow, SubStatus as S,
};

/// The wording says it.
const DIRECT: &str = "D UPS tracking appendix, status codes";
/// The code is documented; what it means for us is our judgement.
const JUDGED: &str = "D UPS tracking appendix, status codes; meaning judged by us";
/// The type is documented; what it means for us is our judgement.
const TYPE: &str = "D UPS tracking appendix, activity types, and Track Alert v2; meaning judged";

const fn plain(code: &'static str, headline: Headline, source: &'static str) -> StatusRow {
    StatusRow { code, status: MappedStatus::State(headline, None), source }
}

const fn fine(
    code: &'static str,
    headline: Headline,
    sub_status: S,
    source: &'static str,
) -> StatusRow {
    StatusRow { code, status: MappedStatus::State(headline, Some(sub_status)), source }
}

const fn still(code: &'static str, source: &'static str) -> StatusRow {
    StatusRow { code, status: MappedStatus::NoChange, source }
}

/// Every row: first the numbers, then the types. `D` holds only with an actual delivery date,
/// which the callers of `by_type` know.
#[rustfmt::skip]
pub static TABLE: &[StatusRow] = &[
    still("0", DIRECT), // status not available
    plain("3", Created, DIRECT), // shipment ready for UPS
    plain("5", InTransit, DIRECT), // on the way
    plain("6", OutForDelivery, DIRECT), // out for delivery
    fine("7", Exception, S::Cancelled, DIRECT), // shipment information voided
    plain("10", InTransit, DIRECT), // on the way
    plain("11", Delivered, DIRECT), // delivered
    fine("12", InTransit, S::CustomsInProgress, DIRECT), // clearance in progress
    plain("13", Exception, DIRECT), // exception
    fine("14", InTransit, S::CustomsCleared, DIRECT), // clearance completed
    plain("16", InTransit, JUDGED), // in warehouse
    fine("17", OutForDelivery, S::AvailableForPickup, DIRECT), // held for customer pickup
    still("18", DIRECT), // delivery change requested: hold for pickup
    fine("19", InTransit, S::HeldAtRequest, JUDGED), // held for future delivery
    still("20", DIRECT), // held for future delivery requested
    plain("21", OutForDelivery, DIRECT), // out for delivery
    fine("22", Exception, S::FailedAttempt, DIRECT), // first attempt made
    fine("23", Exception, S::FailedAttempt, DIRECT), // second delivery attempted
    fine("24", Exception, S::FailedAttempt, DIRECT), // final attempt made
    plain("25", InTransit, DIRECT), // on the way
    plain("26", Delivered, DIRECT), // delivered by local post office
    still("27", DIRECT), // delivery address change requested
    still("28", JUDGED), // delivery address changed
    fine("29", Exception, S::InfoRequired, DIRECT), // exception: action required
    plain("30", Exception, DIRECT), // local post office exception
    fine("32", Delayed, S::Weather, DIRECT), // bad weather may cause delay
    fine("33", Exception, S::Returning, JUDGED), // return to sender requested
    plain("34", Returned, DIRECT), // returned to sender
    fine("35", Exception, S::Returning, DIRECT), // returning to sender
    fine("36", Exception, S::Returning, DIRECT), // returning to sender: in transit
    plain("37", OutForDelivery, DIRECT), // out for delivery
    plain("38", PickedUp, DIRECT), // picked up by UPS
    plain("39", InTransit, DIRECT), // on the way
    fine("40", OutForDelivery, S::AvailableForPickup, DIRECT), // ready for customer pickup
    still("41", DIRECT), // service upgrade requested
    still("42", DIRECT), // service upgraded
    fine("43", Exception, S::Cancelled, JUDGED), // voided pickup
    plain("44", Created, JUDGED), // on the way to UPS
    plain("45", Created, JUDGED), // on the way to UPS
    plain("46", Delayed, DIRECT), // delay
    plain("47", InTransit, DIRECT), // on the way
    plain("48", Delayed, DIRECT), // delay
    fine("49", Delayed, S::InfoRequired, DIRECT), // delay: action required
    fine("50", Exception, S::AddressProblem, DIRECT), // address information required
    fine("51", Delayed, S::Weather, DIRECT), // delay: emergency or severe weather
    fine("52", Delayed, S::Weather, DIRECT), // delay: severe weather
    fine("53", Delayed, S::Weather, DIRECT), // delay: severe weather
    still("54", DIRECT), // delivery change requested
    fine("55", Delayed, S::Rescheduled, DIRECT), // rescheduled delivery
    still("56", DIRECT), // service upgrade requested
    plain("57", InTransit, DIRECT), // on the way to a local Access Point
    fine("58", Delayed, S::CustomsHold, DIRECT), // clearance information required
    fine("59", Exception, S::Damaged, DIRECT), // damage reported
    fine("60", Exception, S::FailedAttempt, DIRECT), // delivery attempted
    fine("61", Exception, S::FailedAttempt, DIRECT), // delivery attempted: adult signature required
    fine("62", Exception, S::FailedAttempt, DIRECT), // delivery attempted: funds required
    still("63", DIRECT), // delivery change completed
    fine("64", Exception, S::Refused, DIRECT), // delivery refused
    fine("65", Exception, S::PickupFailed, DIRECT), // pickup attempted
    fine("66", Exception, S::FailedAttempt, DIRECT), // post office delivery attempted
    plain("67", Returned, DIRECT), // returned to sender by post office
    fine("68", Exception, S::Lost, DIRECT), // sent to lost and found
    fine("69", Exception, S::Undeliverable, DIRECT), // unable to deliver
    still("70", JUDGED), // package not at the Access Point yet
    plain("71", InTransit, JUDGED), // preparing for delivery
    plain("72", OutForDelivery, DIRECT), // loaded on delivery vehicle
    fine("73", InTransit, S::WithPartner, DIRECT), // in transit to delivery partner
    fine("74", InTransit, S::WithPartner, DIRECT), // delivery partner has the shipment
    still("75", JUDGED), // scheduled for delivery
    plain("76", Exception, DIRECT), // delivery partner exception
    fine("77", Created, S::PickupScheduled, DIRECT), // scheduled for pickup today
    plain("78", OutForDelivery, DIRECT), // driver is arriving soon
    plain("79", Created, JUDGED), // order processed: in transit to UPS
    plain("80", Created, DIRECT), // order processed: ready for UPS
    fine("81", Returned, S::Damaged, DIRECT), // returned, damage reported
    still("82", DIRECT), // delivery instructions received
    plain("83", Delayed, JUDGED), // held
    fine("84", InTransit, S::CustomsCleared, DIRECT), // cleared
    fine("85", Delayed, S::PaymentRequired, DIRECT), // held for cash-on-delivery payment
    plain("86", Delayed, DIRECT), // delay
    plain("87", InTransit, DIRECT), // on the way
    still("88", DIRECT), // test
    plain("89", OutForDelivery, DIRECT), // out for delivery
    plain("90", Delayed, DIRECT), // delay
    plain("91", OutForDelivery, DIRECT), // out for delivery
    fine("92", InTransit, S::CustomsInProgress, DIRECT), // customs clearance in progress
    still("93", JUDGED), // Premier recovery in progress
    still("94", JUDGED), // Premier recovery completed
    still("95", DIRECT), // additional attempt requested
    still("96", DIRECT), // address change confirmed
    still("97", DIRECT), // address change requested
    still("98", DIRECT), // deliver to original address requested
    still("99", DIRECT), // deliver to original address confirmed
    still("100", DIRECT), // hold at Access Point confirmed
    still("101", DIRECT), // hold at Access Point requested
    still("102", DIRECT), // hold for courier requested
    still("103", DIRECT), // hold for courier confirmed
    still("104", DIRECT), // hold for instructions confirmed
    still("105", DIRECT), // hold for instructions requested
    still("106", DIRECT), // hold for pickup confirmed
    still("107", DIRECT), // hold for pickup requested
    still("108", DIRECT), // hold for pickup today confirmed
    still("109", DIRECT), // hold for pickup today requested
    still("110", DIRECT), // refrigeration confirmed
    still("111", DIRECT), // refrigeration requested
    still("112", DIRECT), // re-ice confirmed
    still("113", DIRECT), // re-ice requested
    still("114", DIRECT), // request cancelled
    still("115", DIRECT), // reschedule delivery confirmed
    still("116", DIRECT), // reschedule delivery requested
    still("117", DIRECT), // return by Saturday confirmed
    fine("118", Exception, S::Returning, JUDGED), // return to sender confirmed
    still("119", JUDGED), // return to sender requested
    still("120", DIRECT), // Saturday delivery confirmed
    still("121", DIRECT), // Saturday delivery requested
    still("122", DIRECT), // upgrade confirmed
    fine("123", Delayed, S::CustomsHold, JUDGED), // pending release from a broker who is not UPS
    fine("124", Delayed, S::CustomsHold, DIRECT), // clearance information needed
    fine("125", Delayed, S::CustomsHold, DIRECT), // clearance information needed
    fine("126", Delayed, S::CustomsHold, JUDGED), // pending release by a government agency
    still("127", DIRECT), // investigation closed
    still("128", DIRECT), // investigation cancelled
    fine("129", Exception, S::Investigation, JUDGED), // investigation opened
    fine("130", Exception, S::Investigation, JUDGED), // claim in progress
    fine("131", Exception, S::PickupFailed, DIRECT), // final pickup attempted
    plain("132", Delayed, DIRECT), // airport security delay
    still("133", DIRECT), // return label left with customer
    fine("134", InTransit, S::CustomsCleared, DIRECT), // cleared import customs
    fine("135", Exception, S::PickupFailed, DIRECT), // second pickup attempted
    fine("136", Delayed, S::Rescheduled, DIRECT), // delivery rescheduled for Saturday
    fine("137", InTransit, S::WithPartner, DIRECT), // transferred to delivery partner
    plain("138", InTransit, DIRECT), // awaiting scheduled departure
    fine("139", Exception, S::FailedAttempt, JUDGED), // security access required
    still("140", DIRECT), // claim paid
    fine("141", Exception, S::InfoRequired, JUDGED), // incomplete documentation received
    still("142", DIRECT), // claim voided
    plain("143", Delivered, JUDGED), // delivered to agent
    fine("144", OutForDelivery, S::AvailableForPickup, DIRECT), // at the post office for pickup
    fine("145", Exception, S::FailedAttempt, DIRECT), // delivery attempted
    plain("146", OutForDelivery, DIRECT), // out for delivery
    fine("147", Exception, S::Seized, DIRECT), // seized by law enforcement
    still("148", DIRECT), // package information unavailable
    fine("149", Exception, S::Destroyed, DIRECT), // prohibited contents, destroyed
    still("153", DIRECT), // updated delivery time
    still("154", DIRECT), // updated delivery date
    still("155", DIRECT), // delivery photo
    still("156", JUDGED), // commercial inside release
    plain("157", Created, DIRECT), // shipment ready for UPS
    plain("158", InTransit, DIRECT), // on the way
    plain("159", InTransit, DIRECT), // on the way
    plain("160", PickedUp, DIRECT), // UPS has the package
    fine("161", OutForDelivery, S::AvailableForPickup, DIRECT), // delivered to an Access Point
    plain("162", OutForDelivery, DIRECT), // out for delivery
    still("163", DIRECT), // package information unavailable
    plain("164", InTransit, DIRECT), // on the way
    plain("165", InTransit, DIRECT), // on the way
    plain("166", Created, DIRECT), // shipment ready for Roadie
    fine("167", PickedUp, S::DroppedOff, DIRECT), // dropped off at a UPS store
    fine("168", PickedUp, S::DroppedOff, DIRECT), // dropped off at a retail location
    fine("169", PickedUp, S::DroppedOff, DIRECT), // dropped off at an Access Point
    plain("M", Created, TYPE), // billing information received
    fine("MV", Exception, S::Cancelled, TYPE), // billing information voided
    plain("I", InTransit, TYPE), // in progress
    plain("X", Exception, TYPE), // exception
    still("U", TYPE), // update of the promise, Track Alert only
    plain("D", Delivered, TYPE), // delivery information
    plain("DO", InTransit, TYPE), // delivered to origin freight station
    plain("DD", InTransit, TYPE), // delivered to destination freight station
    still("W", TYPE), // warehousing
    still("NA", TYPE), // not available
];

/// Largest number of the documented table.
const CODE_MAX: usize = 169;

/// Row of each number, so that a scan costs no search.
static BY_NUMBER: [Option<MappedStatus>; CODE_MAX + 1] = by_number();

const fn by_number() -> [Option<MappedStatus>; CODE_MAX + 1] {
    let mut rows = [None; CODE_MAX + 1];
    let mut next = 0;
    while next < TABLE.len() {
        if let Some(number) = number(TABLE[next].code.as_bytes())
            && number <= CODE_MAX
        {
            rows[number] = Some(TABLE[next].status);
        }
        next += 1;
    }
    rows
}

/// An integer of up to nine digits, whatever its leading zeros.
const fn number(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    let (mut value, mut next) = (0, 0);
    while next < digits.len() {
        if !digits[next].is_ascii_digit() {
            return None;
        }
        value = value * 10 + (digits[next] - b'0') as usize;
        next += 1;
    }
    Some(value)
}

/// A status code as UPS writes it (`"11"`, `"011"`), as an integer.
pub(super) fn code_number(text: &str) -> Option<usize> {
    number(text.as_bytes())
}

/// What a number means; `None` when the table does not know it.
pub(super) fn by_code(number: usize) -> Option<MappedStatus> {
    BY_NUMBER.get(number).copied().flatten()
}

/// What a type means. `handed_over`: the answer states an actual delivery date for this scan;
/// without one, `D` also stands for parcels still on the van.
pub(super) fn by_type(kind: &str, handed_over: bool) -> Option<MappedStatus> {
    if kind.eq_ignore_ascii_case("D") && !handed_over {
        return Some(MappedStatus::State(OutForDelivery, None));
    }
    let row = TABLE.iter().rev().find(|row| row.code.eq_ignore_ascii_case(kind));
    row.filter(|row| !row.code.starts_with(|c: char| c.is_ascii_digit())).map(|row| row.status)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// The project's own map of all carriers, cut to UPS.
    const MAP: &str = include_str!("fixtures/statuses/status_map.tsv");

    /// Numbers that the appendix leaves out.
    const GAPS: [usize; 10] = [1, 2, 4, 8, 9, 15, 31, 150, 151, 152];

    #[test]
    fn no_two_rows_share_a_key_and_every_documented_number_has_one() {
        let codes: BTreeSet<_> = TABLE.iter().map(|row| row.code).collect();
        assert_eq!(codes.len(), TABLE.len());
        for number in 0..=CODE_MAX {
            assert_eq!(by_code(number).is_none(), GAPS.contains(&number), "{number}");
        }
        assert_eq!(by_code(CODE_MAX + 1), None);
        assert!(TABLE.iter().all(|row| row.source.starts_with("D ")));
    }

    #[test]
    fn the_table_says_what_the_map_of_all_carriers_says() {
        let table: BTreeMap<_, _> = TABLE.iter().map(|row| (row.code, row.status)).collect();
        let rows: Vec<Vec<&str>> =
            MAP.lines().skip(1).map(|line| line.split('\t').collect()).collect();
        assert_eq!(rows.len(), TABLE.len());
        for row in rows {
            let expected = match row[5] {
                "no_change" => MappedStatus::NoChange,
                headline => MappedStatus::State(
                    Headline::parse(headline).expect(headline),
                    (!row[6].is_empty()).then(|| S::parse(row[6]).expect(row[6])),
                ),
            };
            assert_eq!(table[row[3]], expected, "{}", row[3]);
        }
    }

    #[test]
    fn padding_does_not_matter_and_letters_are_no_number() {
        for text in ["11", "011", "000011"] {
            assert_eq!(by_code(code_number(text).unwrap()), by_code(11));
        }
        for text in ["", "1a", "-1", "9999999999", "OT"] {
            assert_eq!(code_number(text), None, "{text}");
        }
    }

    #[test]
    fn type_d_is_delivered_only_with_a_delivery_date() {
        let state = |headline| Some(MappedStatus::State(headline, None));
        assert_eq!(by_type("D", true), state(Delivered));
        assert_eq!(by_type("D", false), state(OutForDelivery));
        assert_eq!(by_type("I", false), state(InTransit));
        assert_eq!(by_type("U", false), Some(MappedStatus::NoChange));
        assert_eq!(by_type("Q", false), None);
        assert_eq!(by_type("11", false), None, "a number is no type");
    }
}
