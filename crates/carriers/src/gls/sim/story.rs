//! Milestones in GLS's words: a status, an event code, a description of our own.

use time::{Duration, OffsetDateTime};

use crate::sim::journey::{Happening, Milestone};

/// After the last scan, until GLS closes a history.
const FINAL_AFTER: Duration = Duration::days(30);

/// Status, event code and words of a milestone.
pub(super) const fn told(milestone: Milestone) -> (&'static str, &'static str, &'static str) {
    use Milestone as M;
    match milestone {
        M::Announced => ("PREADVICE", "INTIAL.PREADVICE", "GLS has the data of the parcel."),
        M::Collected => ("INTRANSIT", "INTIAL.NORMAL", "GLS has the parcel."),
        M::Sorted => ("INTRANSIT", "INBOUD.NORMAL", "The parcel is at the parcel centre."),
        M::Left => ("INTRANSIT", "OUTBOD.NORMAL", "The parcel has left the parcel centre."),
        M::Late => ("INWAREHOUSE", "INBOUD.NORMAL", "The parcel waits at the parcel centre."),
        M::Weather => ("INWAREHOUSE", "INBOUD.NORMAL", "The parcel waits for better weather."),
        M::Customs => ("INTRANSIT", "INBOUD.NORMAL", "The parcel is with customs."),
        M::CustomsHold => ("INWAREHOUSE", "INBOUD.NORMAL", "Customs keep the parcel."),
        M::Cleared => ("INTRANSIT", "OUTBOD.NORMAL", "The parcel is cleared."),
        M::Landed => ("INTRANSIT", "INBOUD.NORMAL", "The parcel is in the country of delivery."),
        M::Arrived => ("INTRANSIT", "INBOUD.NORMAL", "The parcel is at the last parcel centre."),
        M::OnTheRound => ("INDELIVERY", "OUTDEL.NORMAL", "The parcel comes today."),
        M::Absent => ("NOTDELIVERED", "NOTDEL.ABSENT", "Nobody was there."),
        M::BadAddress => ("NOTDELIVERED", "NOTDEL.ADDRESS", "The address was not found."),
        M::Refused => ("NOTDELIVERED", "NOTDEL.REFUSED", "The parcel was not accepted."),
        M::AtPoint => ("DELIVEREDPS", "DELIVD.PARCELSHOP", "The parcel is at the shop."),
        M::Expired => ("NOTDELIVERED", "NOTDEL.EXPIRED", "The parcel was not collected."),
        M::Delivered => ("DELIVERED", "DELIVD.NORMAL", "The parcel is delivered."),
        M::CollectedAtPoint => ("DELIVERED", "DELIVD.NORMAL", "The parcel was collected."),
        // GLS has no status for the way back.
        M::Returning => ("NOTDELIVERED", "NOTDEL.RETURN", "The parcel goes back."),
        M::BackWithSender => ("NOTDELIVERED", "NOTDEL.RETURNED", "The parcel is back."),
        M::Lost => ("NOTDELIVERED", "NOTDEL.SEARCHED", "The parcel was not found."),
        M::Voided => ("CANCELED", "CANCEL.NORMAL", "The data of the parcel were deleted."),
        M::Unheard => ("INTRANSIT", "XXXXXX.UNHEARD", "Something of which nobody wrote."),
    }
}

/// The newest of what is told, by when it happened.
pub(super) fn newest(all: &[Happening]) -> Option<&Happening> {
    // A code that nobody knows stands beside a real scan and has no say.
    let known = all.iter().filter(|happening| happening.milestone != Milestone::Unheard);
    known.max_by_key(|happening| happening.at)
}

/// The status of what is told: closed some time after the end, whatever the end was.
pub(super) fn status(all: &[Happening], now: OffsetDateTime) -> &'static str {
    use Milestone as M;
    let Some(last) = newest(all) else { return "PREADVICE" };
    let ended = matches!(
        last.milestone,
        M::Delivered | M::CollectedAtPoint | M::BackWithSender | M::Lost | M::Voided
    );
    if ended && last.at + FINAL_AFTER <= now { "FINAL" } else { told(last.milestone).0 }
}

/// Six letters and digits of a serial.
pub(super) fn base36(mut serial: u64) -> String {
    const DIGITS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut out = Vec::new();
    for _ in 0..6 {
        let digit = usize::try_from(serial % 36).unwrap_or_default();
        out.push(DIGITS.get(digit).copied().unwrap_or(b'0'));
        serial /= 36;
    }
    out.iter().rev().copied().map(char::from).collect()
}

/// The number with the digit of its barcode. GLS's rule is not published: weights 3 and 1, as many
/// carriers have it.
pub(super) fn barcode(number: &str) -> String {
    let digits = number.bytes().map(|b| u32::from(b.wrapping_sub(b'0')));
    let sum: u32 = digits.zip([3, 1].into_iter().cycle()).map(|(digit, by)| digit * by).sum();
    format!("{number}{}", (10 - sum % 10) % 10)
}
