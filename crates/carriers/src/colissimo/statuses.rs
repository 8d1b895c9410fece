//! What La Poste's codes mean here: the tracking service's own three-character codes, and the
//! six-letter codes of the shippers' tracking service, which reach us in exports.
//!
//! Owns the table only; wordings that override a code are in `wording.rs`.

use crate::{Headline as H, MappedStatus, StatusRow, SubStatus as S};

/// Observed in recorded answers and public clients of Suivi v2.
const SUIVI: &str = "O: Suivi v2 event[].code";
/// As [`SUIVI`]; the wording does not decide by itself, the state is our judgement.
const SUIVI_JUDGED: &str = "O, judged: Suivi v2 event[].code";
/// Observed in a public client of the tracking service for shippers.
const SHIPPERS: &str = "O: shippers' tracking eventCode";
/// As [`SHIPPERS`], judged.
const SHIPPERS_JUDGED: &str = "O, judged: shippers' tracking eventCode";

const NO_CHANGE: MappedStatus = MappedStatus::NoChange;

const fn at(headline: H) -> MappedStatus {
    MappedStatus::State(headline, None)
}

const fn sub(headline: H, sub: S) -> MappedStatus {
    MappedStatus::State(headline, Some(sub))
}

const fn row(code: &'static str, status: MappedStatus, source: &'static str) -> StatusRow {
    StatusRow { code, status, source }
}

/// Every code with a known meaning. A code absent here is unknown: kept raw and counted.
pub static TABLE: &[StatusRow] = &[
    row("DR1", at(H::Created), SUIVI), // declared, data received
    row("DR2", sub(H::Exception, S::InfoRequired), SUIVI_JUDGED), // problem while preparing
    row("PC1", at(H::PickedUp), SUIVI), // taken in charge
    row("PC2", at(H::PickedUp), SUIVI), // taken in charge in the country of origin
    row("ET1", at(H::InTransit), SUIVI), // in processing
    row("ET2", at(H::InTransit), SUIVI), // in processing, country of origin
    row("ET3", at(H::InTransit), SUIVI), // in processing, country of destination
    row("ET4", at(H::InTransit), SUIVI), // in processing, transit country
    row("EP1", at(H::InTransit), SUIVI_JUDGED), // waiting for presentation
    row("DO1", sub(H::InTransit, S::CustomsInProgress), SUIVI), // entered customs
    row("DO2", sub(H::InTransit, S::CustomsCleared), SUIVI), // left customs
    row("DO3", sub(H::Delayed, S::CustomsHold), SUIVI), // held by customs
    row("PB1", at(H::Delayed), SUIVI_JUDGED), // problem in progress
    row("PB2", at(H::InTransit), SUIVI), // problem solved
    row("MD1", at(H::OutForDelivery), SUIVI_JUDGED), // out for delivery (older form)
    row("MD2", at(H::OutForDelivery), SUIVI), // out for delivery
    row("MD3", sub(H::Exception, S::FailedAttempt), SUIVI), // delivery round without success
    row("ND1", sub(H::Exception, S::FailedAttempt), SUIVI), // could not be delivered
    // waiting to be collected at a counter or relay
    row("AG1", sub(H::OutForDelivery, S::AvailableForPickup), SUIVI),
    row("RE1", sub(H::Exception, S::Returning), SUIVI), // returned towards the sender
    row("DI0", at(H::Delivered), SUIVI_JUDGED),         // delivered in bulk
    row("DI1", at(H::Delivered), SUIVI),                // delivered to the addressee
    row("DI2", at(H::Returned), SUIVI),                 // delivered to the sender
    row("DI3", NO_CHANGE, SUIVI_JUDGED),                // meaning not established
    row("ID0", NO_CHANGE, SUIVI_JUDGED),                // information
    row("ID1", NO_CHANGE, SUIVI_JUDGED),                // proof or information
    row("COMCFM", at(H::Created), SHIPPERS), // ready to be shipped, not yet with La Poste
    row("PCHMQT", at(H::Created), SHIPPERS), // ready to be shipped, not yet with La Poste
    // will be fetched from the letter box today
    row("EMLCFM", sub(H::Created, S::PickupScheduled), SHIPPERS),
    row("PCHCFM", at(H::PickedUp), SHIPPERS), // taken in charge
    row("PCHCEX", at(H::PickedUp), SHIPPERS), // taken in charge
    // deposited after the cut-off, leaves next working day
    row("PCHTAR", sub(H::PickedUp, S::DroppedOff), SHIPPERS),
    row("ECHCFM", at(H::PickedUp), SHIPPERS), // fetched from the letter box
    row("DEPGUI", sub(H::PickedUp, S::DroppedOff), SHIPPERS), // deposited at a postal point
    row("AARCFM", at(H::InTransit), SHIPPERS), // arrived at the delivery site
    row("AARDVY", sub(H::InTransit, S::Rerouted), SHIPPERS), // arrived at a wrong site, rerouted
    row("EXPCFM", at(H::InTransit), SHIPPERS), // about to leave the country of origin
    row("CHGCFM", at(H::InTransit), SHIPPERS), // arrived in France
    row("CHGRCA", at(H::InTransit), SHIPPERS), // packaging reinforced, goes on
    row("DCHCFM", at(H::InTransit), SHIPPERS), // arrived in the destination country
    row("DCHDDT", at(H::InTransit), SHIPPERS), // left the exchange office
    // forwarded to the address the addressee asked for
    row("RENLNA", sub(H::InTransit, S::Rerouted), SHIPPERS),
    row("QDICFM", at(H::InTransit), SHIPPERS_JUDGED), // will be presented the next working day
    row("RSTNCG", at(H::InTransit), SHIPPERS_JUDGED), // waiting for delivery
    row("RSTDIL", sub(H::InTransit, S::HeldAtRequest), SHIPPERS_JUDGED), // delivery by appointment
    // delivery postponed: absent or force majeure
    row("RENACP", sub(H::Delayed, S::Rescheduled), SHIPPERS),
    // no access today, presented again soon
    row("RSTFHB", sub(H::Delayed, S::Rescheduled), SHIPPERS_JUDGED),
    // no access today, presented again soon
    row("RSTFMA", sub(H::Delayed, S::Rescheduled), SHIPPERS_JUDGED),
    // address incomplete, search in progress
    row("RENCAD", sub(H::Exception, S::AddressProblem), SHIPPERS),
    // not found in the letter box at pickup
    row("ENEMQT", sub(H::Exception, S::PickupFailed), SHIPPERS),
    row("MLVCFM", at(H::OutForDelivery), SHIPPERS), // on its way to the pickup point
    // available at the chosen pickup point
    row("MLVARS", sub(H::OutForDelivery, S::AvailableForPickup), SHIPPERS),
    // available at the post office
    row("RENAVI", sub(H::OutForDelivery, S::AvailableForPickup), SHIPPERS),
    // available at the post office
    row("RSTBRT", sub(H::OutForDelivery, S::AvailableForPickup), SHIPPERS),
    // addressee absent, presented again
    row("RENNRV", sub(H::Exception, S::FailedAttempt), SHIPPERS),
    // addressee absent, presented again
    row("RENARV", sub(H::Exception, S::FailedAttempt), SHIPPERS),
    // information missing for delivery
    row("RENAIN", sub(H::Exception, S::AddressProblem), SHIPPERS),
    row("LIVCFM", at(H::Delivered), SHIPPERS), // delivered (addressee, caretaker, neighbour)
    row("LIVGAR", at(H::Delivered), SHIPPERS), // delivered (addressee, caretaker, neighbour)
    row("LIVRTI", at(H::Delivered), SHIPPERS), // delivered (addressee, caretaker, neighbour)
    row("LIVVOI", at(H::Delivered), SHIPPERS), // delivered (addressee, caretaker, neighbour)
    row("RENAVA", sub(H::Exception, S::Returning), SHIPPERS), // refused, going back
    row("RENDIV", sub(H::Exception, S::Returning), SHIPPERS), // refused, going back
    row("RENSNC", sub(H::Exception, S::Returning), SHIPPERS), // refused, going back
    row("RENTAR", sub(H::Exception, S::Returning), SHIPPERS), // refused, going back
    // cash on delivery refused, going back
    row("RENSRB", sub(H::Exception, S::Returning), SHIPPERS),
    row("RENDIA", sub(H::Exception, S::Returning), SHIPPERS), // unknown at the address, going back
    row("SOLREO", sub(H::Exception, S::Returning), SHIPPERS), // going back to the sender
    row("SOLREI", sub(H::Exception, S::Returning), SHIPPERS), // going back to the sender
    row("LIVREO", at(H::Returned), SHIPPERS),                 // delivered back to the sender
    // held by customs: customs form missing
    row("DOUAGV", sub(H::Delayed, S::CustomsHold), SHIPPERS),
    // held by customs: certificate of origin wrong
    row("DOUCOI", sub(H::Delayed, S::CustomsHold), SHIPPERS),
    // held by customs: certificate of origin missing
    row("DOUCOM", sub(H::Delayed, S::CustomsHold), SHIPPERS),
    // held by customs: certificate of origin missing
    row("DOUCRR", sub(H::Delayed, S::CustomsHold), SHIPPERS),
    row("DOUDDI", sub(H::Delayed, S::CustomsHold), SHIPPERS), // held by customs: CN23 wrong
    row("DOUDDM", sub(H::Delayed, S::CustomsHold), SHIPPERS), // held by customs: CN23 missing
    row("DOUDOU", sub(H::Delayed, S::CustomsHold), SHIPPERS), // held by customs: held for clearance
    // held by customs: payment data asked for
    row("DOUDVR", sub(H::Delayed, S::CustomsHold), SHIPPERS),
    // held by customs: number of parcels differs from the declaration
    row("DOUEXI", sub(H::Delayed, S::CustomsHold), SHIPPERS),
    row("DOUFCI", sub(H::Delayed, S::CustomsHold), SHIPPERS), // held by customs: invoice wrong
    row("DOUFCM", sub(H::Delayed, S::CustomsHold), SHIPPERS), // held by customs: invoice missing
    // held by customs: contents being identified
    row("DOUIDD", sub(H::Delayed, S::CustomsHold), SHIPPERS),
    // held by customs: clearance information required
    row("DOUIIR", sub(H::Delayed, S::CustomsHold), SHIPPERS),
    // held by customs: VAT or import number awaited
    row("DOUNIR", sub(H::Delayed, S::CustomsHold), SHIPPERS),
    // held by customs: contents prohibited at destination
    row("DOUPRO", sub(H::Delayed, S::CustomsHold), SHIPPERS),
    // held by customs: import licence required
    row("DOURES", sub(H::Delayed, S::CustomsHold), SHIPPERS),
];

/// The meaning of a code, [`MappedStatus::Unknown`] when the table has none.
pub(super) fn of(code: &str) -> MappedStatus {
    let row = TABLE.iter().find(|row| row.code.eq_ignore_ascii_case(code));
    row.map_or(MappedStatus::Unknown, |row| row.status)
}
