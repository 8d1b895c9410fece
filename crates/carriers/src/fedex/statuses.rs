//! What FedEx's event codes mean here.
//!
//! Owns the table and its two look-ups. The document that lists the event types also lists custody
//! codes (who holds the parcel) with the same letters and other meanings: those are no key here.

use crate::{Headline as H, MappedStatus, StatusRow, SubStatus as S};

/// FedEx's list of tracking status codes.
const DIRECT: &str = "D: FedEx tracking status codes";
/// As [`DIRECT`]; the state is our judgement.
const JUDGED: &str = "D, judged: FedEx tracking status codes";
/// Seen in public clients, as `derivedCode` only.
const DERIVED: &str = "O: public clients, derivedCode";

/// The one code that exists as `latestStatusDetail.derivedCode` only: label created.
const DERIVED_ONLY: &str = "IN";

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
    // order created
    row("OC", at(H::Created), DIRECT),
    // data sent to the postal operator
    row("OX", at(H::Created), DIRECT),
    // driver on the way to pick up
    row("EP", sub(H::Created, S::PickupScheduled), DIRECT),
    // pickup delay; alert: pickup late
    row("PD", at(H::Created), JUDGED),
    // vehicle provided but not used
    row("DR", NO_CHANGE, JUDGED),
    // picked up
    row("PU", at(H::PickedUp), DIRECT),
    // picked up, see details
    row("PX", at(H::PickedUp), DIRECT),
    // at pickup; driver at the door, no scan of the parcel yet
    row("AP", sub(H::Created, S::PickupScheduled), JUDGED),
    // at the origin facility
    row("OF", at(H::InTransit), JUDGED),
    // at airport
    row("AA", at(H::InTransit), DIRECT),
    // at postal facility (Canada)
    row("AC", at(H::InTransit), DIRECT),
    // at local facility
    row("AF", at(H::InTransit), DIRECT),
    // arriving on time
    row("AO", at(H::InTransit), DIRECT),
    // arrived
    row("AR", at(H::InTransit), DIRECT),
    // at postal facility (US)
    row("AX", at(H::InTransit), DIRECT),
    // location changed
    row("CH", at(H::InTransit), JUDGED),
    // departed
    row("DP", at(H::InTransit), DIRECT),
    // vehicle dispatched
    row("DS", at(H::InTransit), JUDGED),
    // towards the origin airport
    row("EO", at(H::InTransit), DIRECT),
    // at destination facility
    row("FD", at(H::InTransit), DIRECT),
    // in transit
    row("IT", at(H::InTransit), DIRECT),
    // in transit, see details
    row("IX", at(H::InTransit), DIRECT),
    // left origin
    row("LO", at(H::InTransit), DIRECT),
    // on the way
    row("Ow", at(H::InTransit), DIRECT),
    // plane in flight
    row("PF", at(H::InTransit), DIRECT),
    // plane landed
    row("PL", at(H::InTransit), DIRECT),
    // in progress
    row("PM", at(H::InTransit), DIRECT),
    // at sort facility
    row("SF", at(H::InTransit), DIRECT),
    // transfer
    row("TR", at(H::InTransit), DIRECT),
    // split status; pieces differ: follow each piece
    row("SP", NO_CHANGE, JUDGED),
    // towards the airport, or export approved; the table lists EA twice
    row("EA", at(H::InTransit), JUDGED),
    // cleared customs
    row("CC", sub(H::InTransit, S::CustomsCleared), DIRECT),
    // clearance in progress
    row("CP", sub(H::InTransit, S::CustomsInProgress), DIRECT),
    // clearance delay
    row("CD", sub(H::Delayed, S::CustomsHold), DIRECT),
    // delivery delay
    row("DD", at(H::Delayed), DIRECT),
    // delay
    row("DY", at(H::Delayed), DIRECT),
    // out for delivery
    row("OD", at(H::OutForDelivery), DIRECT),
    // on the way to the door
    row("ED", at(H::OutForDelivery), DIRECT),
    // at the door
    row("AD", at(H::OutForDelivery), DIRECT),
    // held at location
    row("HL", sub(H::OutForDelivery, S::AvailableForPickup), DIRECT),
    // ready for the receiver
    row("HP", sub(H::OutForDelivery, S::AvailableForPickup), DIRECT),
    // delivered; on a return leg: returned
    row("DL", at(H::Delivered), DIRECT),
    // delivery exception; exceptionCode refines
    row("DE", sub(H::Exception, S::FailedAttempt), DIRECT),
    // shipment exception
    row("SE", at(H::Exception), DIRECT),
    // going back to the shipper
    row("RS", sub(H::Exception, S::Returning), DIRECT),
    // cancelled
    row("CA", sub(H::Exception, S::Cancelled), DIRECT),
    // delivery option requested, changed, cancelled
    row("RR", NO_CHANGE, DIRECT),
    // delivery option requested, changed, cancelled
    row("RM", NO_CHANGE, DIRECT),
    // delivery option requested, changed, cancelled
    row("RC", NO_CHANGE, DIRECT),
    // return label link sent, cancelled, expiring, expired
    row("RP", NO_CHANGE, DIRECT),
    // return label link sent, cancelled, expiring, expired
    row("LP", NO_CHANGE, DIRECT),
    // return label link sent, cancelled, expiring, expired
    row("RG", NO_CHANGE, DIRECT),
    // return label link sent, cancelled, expiring, expired
    row("RD", NO_CHANGE, DIRECT),
    // label created
    row("IN", at(H::Created), DERIVED),
];

/// What a scan's `eventType`, or `latestStatusDetail.code`, means. Letters as FedEx writes them:
/// one code has a small letter.
pub(super) fn by_event(code: &str) -> MappedStatus {
    if code == DERIVED_ONLY { MappedStatus::Unknown } else { by_derived(code) }
}

/// What `latestStatusDetail.derivedCode` means, where there is nothing better.
pub(super) fn by_derived(code: &str) -> MappedStatus {
    TABLE.iter().find(|row| row.code == code).map_or(MappedStatus::Unknown, |row| row.status)
}

/// A delay that FedEx states beside an ordinary scan (`delayDetail.type`), without a code of delay.
pub(super) fn delayed(kind: &str) -> MappedStatus {
    match kind {
        "WEATHER" => sub(H::Delayed, S::Weather),
        "CLEARANCE" => sub(H::Delayed, S::CustomsHold),
        _ => at(H::Delayed),
    }
}
