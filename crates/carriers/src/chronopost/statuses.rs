//! What the codes of events mean.
//!
//! The key is the code and, where the carrier uses one code with two wordings, a part of the French
//! wording: such rows stand as `code/part`. Codes of the carrier's own list whose meaning is
//! unclear (`AR`, `CC`, `LR`, `NC`, `RO`) have no row: they stay raw and are counted.

use crate::{Headline as H, MappedStatus, StatusRow, SubStatus as S};

/// The carrier's list of events, in its document of 2024.
const LIST: &str = "D: Web Services Chronopost VL3.24.10.14, 4.1";
/// Seen before that list was.
const SEEN: &str = "O: recorded response and public client";

const fn row(code: &'static str, status: MappedStatus, source: &'static str) -> StatusRow {
    StatusRow { code, status, source }
}

const fn state(code: &'static str, headline: H, sub: Option<S>) -> StatusRow {
    row(code, MappedStatus::State(headline, sub), LIST)
}

const fn seen(code: &'static str, headline: H, sub: Option<S>) -> StatusRow {
    row(code, MappedStatus::State(headline, sub), SEEN)
}

const fn note(code: &'static str) -> StatusRow {
    row(code, MappedStatus::NoChange, LIST)
}

/// Delivered on the way back. The part is no wording: the event before it tells the direction.
pub(super) const AFTER_RETURN: &str = "D/after R";

/// Codes of events.
pub const TABLE: &[StatusRow] = &[
    // With the sender.
    seen("DC", H::Created, None),
    seen("EA", H::Created, None),
    state("DE", H::Created, Some(S::PickupScheduled)),
    state("AN", H::Exception, Some(S::Cancelled)),
    // Handed over.
    seen("TT", H::PickedUp, None),
    state("TT/transitaire", H::InTransit, Some(S::WithPartner)),
    state("PC", H::PickedUp, None),
    state("PE", H::PickedUp, None),
    seen("DB", H::PickedUp, Some(S::DroppedOff)),
    seen("DY", H::PickedUp, Some(S::DroppedOff)),
    state("DV", H::PickedUp, Some(S::DroppedOff)),
    // On the way.
    seen("SC", H::InTransit, None),
    seen("EC", H::InTransit, None),
    seen("TS", H::InTransit, None),
    seen("O", H::InTransit, None),
    seen("TP", H::InTransit, None),
    seen("T", H::InTransit, None),
    seen("EI", H::InTransit, None),
    seen("SJ", H::InTransit, None),
    seen("SD", H::InTransit, None),
    seen("SD/24h", H::Delayed, Some(S::Rescheduled)),
    state("A", H::InTransit, Some(S::WithPartner)),
    state("AS", H::InTransit, None),
    state("AT", H::InTransit, None),
    state("BA", H::InTransit, None),
    state("ED", H::InTransit, None),
    state("EE", H::InTransit, None),
    state("FC", H::InTransit, None),
    state("G", H::InTransit, Some(S::WithPartner)),
    state("I1", H::InTransit, None),
    state("I2", H::InTransit, None),
    state("I9", H::InTransit, None),
    state("IX", H::InTransit, None),
    state("L", H::InTransit, None),
    state("SR", H::InTransit, Some(S::Rerouted)),
    state("SV", H::InTransit, None),
    state("TI", H::InTransit, None),
    state("TO", H::InTransit, None),
    state("TR", H::InTransit, None),
    state("Z", H::InTransit, None),
    // At the border.
    state("DT", H::InTransit, Some(S::CustomsInProgress)),
    state("E", H::InTransit, Some(S::CustomsCleared)),
    state("SI", H::InTransit, Some(S::CustomsCleared)),
    state("ST", H::InTransit, Some(S::CustomsCleared)),
    state("DF", H::Delayed, Some(S::CustomsHold)),
    state("DO", H::Delayed, Some(S::CustomsHold)),
    state("EJ", H::Delayed, Some(S::CustomsHold)),
    state("AP", H::Delayed, Some(S::PaymentRequired)),
    // Late.
    seen("A2", H::Delayed, Some(S::Rescheduled)),
    seen("IS", H::Delayed, Some(S::Rescheduled)),
    seen("IA", H::Delayed, Some(S::Rescheduled)),
    state("A1", H::Delayed, Some(S::Rescheduled)),
    state("DI", H::Delayed, Some(S::Rescheduled)),
    state("RA", H::Delayed, Some(S::Rescheduled)),
    state("RT", H::Delayed, Some(S::Rescheduled)),
    state("ZA", H::Delayed, Some(S::Rescheduled)),
    state("ZC", H::Delayed, Some(S::Rescheduled)),
    state("ZI", H::Delayed, Some(S::Rescheduled)),
    state("ZS", H::Delayed, Some(S::Rescheduled)),
    state("ZT", H::Delayed, Some(S::Rescheduled)),
    state("BW", H::Delayed, Some(S::Weather)),
    state("LW", H::Delayed, Some(S::Weather)),
    state("M", H::Delayed, Some(S::InfoRequired)),
    state("BD", H::Delayed, None),
    state("BL", H::Delayed, None),
    state("CR", H::Delayed, None),
    state("DS", H::Delayed, None),
    state("F", H::Delayed, None),
    state("FD", H::Delayed, None),
    state("HD", H::Delayed, None),
    state("I", H::Delayed, None),
    state("LC", H::Delayed, None),
    state("LT", H::Delayed, None),
    state("RD", H::Delayed, None),
    state("VD", H::Delayed, None),
    state("W", H::Delayed, None),
    // The last leg.
    seen("TA", H::OutForDelivery, None),
    seen("RB", H::OutForDelivery, None),
    state("J", H::OutForDelivery, None),
    state("X", H::OutForDelivery, None),
    seen("AB", H::OutForDelivery, Some(S::AvailableForPickup)),
    state("B", H::OutForDelivery, Some(S::AvailableForPickup)),
    state("IP", H::OutForDelivery, Some(S::AvailableForPickup)),
    state("MD", H::OutForDelivery, Some(S::AvailableForPickup)),
    state("ZD", H::OutForDelivery, Some(S::AvailableForPickup)),
    // Delivered.
    seen("D", H::Delivered, None),
    state("D1", H::Delivered, None),
    state("D2", H::Delivered, None),
    state("D6", H::Delivered, None),
    state("D7", H::Delivered, None),
    state("DD", H::Delivered, Some(S::Damaged)),
    state("RG", H::Delivered, None),
    state("RI", H::Delivered, None),
    state("U", H::Delivered, None),
    state("VC", H::Delivered, None),
    state("Y", H::Delivered, None),
    // Not delivered.
    seen("P", H::Exception, Some(S::FailedAttempt)),
    state("CO", H::Exception, Some(S::FailedAttempt)),
    state("IN", H::Exception, Some(S::FailedAttempt)),
    state("N", H::Exception, Some(S::FailedAttempt)),
    state("NA", H::Exception, Some(S::FailedAttempt)),
    state("NL", H::Exception, Some(S::FailedAttempt)),
    state("PA", H::Exception, Some(S::FailedAttempt)),
    state("RC", H::Exception, Some(S::FailedAttempt)),
    seen("SK", H::Exception, Some(S::InfoRequired)),
    state("AV", H::Exception, Some(S::InfoRequired)),
    state("IV", H::Exception, Some(S::InfoRequired)),
    state("RV", H::Exception, Some(S::InfoRequired)),
    state("CA", H::Exception, Some(S::AddressProblem)),
    state("FI", H::Exception, Some(S::Expired)),
    state("PR", H::Exception, Some(S::Refused)),
    state("KC", H::Exception, Some(S::Damaged)),
    state("RR", H::Exception, Some(S::Damaged)),
    state("DR", H::Exception, Some(S::Destroyed)),
    state("ER", H::Exception, Some(S::Investigation)),
    state("RL", H::Exception, Some(S::Undeliverable)),
    state("DP", H::Exception, None),
    state("PT", H::Exception, None),
    state("RF", H::Exception, None),
    state("S", H::Exception, None),
    state("UN", H::Exception, None),
    state("VO", H::Exception, None),
    state("WD", H::Exception, None),
    // Back.
    seen("R", H::Exception, Some(S::Returning)),
    state("Q", H::Exception, Some(S::Returning)),
    seen(AFTER_RETURN, H::Returned, None),
    // Nothing moves.
    row("SM", MappedStatus::NoChange, SEEN),
    row("CL", MappedStatus::NoChange, SEEN),
    note("AC"),
    note("CD"),
    note("CP"),
    note("CT"),
    note("CV"),
    note("FA"),
    note("GC"),
    note("H"),
    note("IC"),
    note("IM"),
    note("K"),
    note("NN"),
    note("OD"),
    note("PH"),
    note("SE"),
    note("SF"),
    note("SO"),
    note("TE"),
    note("V"),
];

/// What a code means with its French wording.
pub(super) fn status(code: &str, wording: &str) -> MappedStatus {
    let mut plain = MappedStatus::Unknown;
    for row in TABLE {
        match row.code.split_once('/') {
            None if row.code.eq_ignore_ascii_case(code) => plain = row.status,
            Some((start, part)) if start.eq_ignore_ascii_case(code) && says(wording, part) => {
                return row.status;
            }
            _ => {}
        }
    }
    plain
}

/// Does a wording hold this part, whatever the case and the blanks in it?
fn says(wording: &str, part: &str) -> bool {
    let squeeze = wording.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase);
    squeeze.collect::<String>().contains(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wordings_decide_where_a_code_has_two() {
        let state = |headline, sub| MappedStatus::State(headline, sub);
        for (code, wording, expected) in [
            ("SD", "Tri en agence de livraison", state(H::InTransit, None)),
            ("SD", "Livraison reportée de 24 h", state(H::Delayed, Some(S::Rescheduled))),
            ("sd", "REPORT DE 24H", state(H::Delayed, Some(S::Rescheduled))),
            ("TT", "Remis par le relais", state(H::PickedUp, None)),
            ("TT", "Envoi livré au transitaire", state(H::InTransit, Some(S::WithPartner))),
            ("D", "Livré", state(H::Delivered, None)),
            ("D", "D after R", state(H::Delivered, None)),
            ("SM", "", MappedStatus::NoChange),
            ("ZQ", "Livré", MappedStatus::Unknown),
            ("", "Livré", MappedStatus::Unknown),
            ("SD/24h", "", MappedStatus::Unknown),
        ] {
            assert_eq!(status(code, wording), expected, "{code} {wording}");
        }
    }
}
