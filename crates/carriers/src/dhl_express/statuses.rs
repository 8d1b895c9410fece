//! What DHL's codes mean.
//!
//! The letters of DHL Express are the same in MyDHL tracking (`typeCode`) and in unified tracking
//! (`status` of the service `express`), and stand here as they are. Other divisions reuse the same
//! letters for other things, so their rows begin with the division: `parcel-de/DD` is no damage.
//! `unified/..` is the coarse status that all divisions share, and the last resort: it is wrong at
//! times (a customs hold told as `pre-transit`).

use crate::{Headline as H, MappedStatus, StatusRow, SubStatus as S};

const GUIDE: &str = "D DHL unified tracking guide";
const EXPRESS: &str = "D DHL unified tracking code list (service express)";
const PARCEL_DE: &str = "D DHL unified tracking code list (service parcel-de)";
const PPL: &str = "D DHL unified tracking code list (service ecommerce-ppl)";
const DGF: &str = "D DHL unified tracking code list (service dgf)";
const SVB: &str = "D DHL unified tracking code list (service svb)";
const EUROPE: &str = "D DHL unified tracking code list (service ecommerce-europe)";
const SEEN_NL: &str = "O recorded answer of parcel-nl";

const NO: MappedStatus = MappedStatus::NoChange;

const fn to(headline: H, sub: Option<S>) -> MappedStatus {
    MappedStatus::State(headline, sub)
}

const fn row(code: &'static str, status: MappedStatus, source: &'static str) -> StatusRow {
    StatusRow { code, status, source }
}

/// Every code this connector knows, with the source of its meaning.
#[rustfmt::skip]
pub const TABLE: &[StatusRow] = &[
    row("unified/pre-transit", to(H::Created, None), GUIDE),
    row("unified/transit", to(H::InTransit, None), GUIDE),
    row("unified/delivered", to(H::Delivered, None), GUIDE),
    row("unified/failure", to(H::Exception, Some(S::FailedAttempt)), GUIDE),
    row("unified/unknown", NO, GUIDE),
    row("PU", to(H::PickedUp, None), EXPRESS),
    row("SA", to(H::PickedUp, Some(S::DroppedOff)), EXPRESS),
    row("AF", to(H::InTransit, None), EXPRESS),
    row("AR", to(H::InTransit, None), EXPRESS),
    row("DF", to(H::InTransit, None), EXPRESS),
    row("PL", to(H::InTransit, None), EXPRESS),
    row("TR", to(H::InTransit, None), EXPRESS),
    row("FD", to(H::InTransit, None), EXPRESS),
    row("SM", to(H::InTransit, None), EXPRESS),
    row("TP", to(H::InTransit, Some(S::WithPartner)), EXPRESS),
    row("IC", to(H::InTransit, Some(S::CustomsInProgress)), EXPRESS),
    row("BN", to(H::InTransit, Some(S::CustomsInProgress)), EXPRESS),
    row("BR", to(H::InTransit, Some(S::CustomsCleared)), EXPRESS),
    row("CR", to(H::InTransit, Some(S::CustomsCleared)), EXPRESS),
    row("RR", NO, EXPRESS),
    row("SC", NO, EXPRESS),
    row("PY", NO, EXPRESS),
    row("AD", NO, EXPRESS),
    row("CD", to(H::Delayed, Some(S::CustomsHold)), EXPRESS),
    row("UD", to(H::Delayed, Some(S::CustomsHold)), EXPRESS),
    row("OH", to(H::Delayed, None), EXPRESS),
    row("HP", to(H::Delayed, Some(S::PaymentRequired)), EXPRESS),
    row("MC", to(H::Delayed, None), EXPRESS),
    row("MD", to(H::Delayed, Some(S::Rescheduled)), EXPRESS),
    row("MS", to(H::Delayed, None), EXPRESS),
    row("WC", to(H::OutForDelivery, None), EXPRESS),
    row("CC", to(H::OutForDelivery, Some(S::AvailableForPickup)), EXPRESS),
    row("NH", to(H::Exception, Some(S::FailedAttempt)), EXPRESS),
    row("CA", to(H::Exception, Some(S::FailedAttempt)), EXPRESS),
    row("ND", to(H::Exception, Some(S::FailedAttempt)), EXPRESS),
    row("BA", to(H::Exception, Some(S::AddressProblem)), EXPRESS),
    row("CM", to(H::Exception, Some(S::AddressProblem)), EXPRESS),
    row("RD", to(H::Exception, Some(S::Refused)), EXPRESS),
    row("OK", to(H::Delivered, None), EXPRESS),
    row("PD", to(H::Delivered, None), EXPRESS),
    row("DD", to(H::Delivered, Some(S::Damaged)), EXPRESS),
    row("RT", to(H::Returned, None), EXPRESS),
    row("SS", to(H::Exception, None), EXPRESS),
    row("DS", to(H::Exception, Some(S::Destroyed)), EXPRESS),
    row("CS", to(H::Exception, None), EXPRESS),
    row("101", to(H::Delivered, None), EXPRESS),
    row("102", to(H::InTransit, None), EXPRESS),
    row("103", to(H::Exception, Some(S::FailedAttempt)), EXPRESS),
    row("104", to(H::Created, None), EXPRESS),
    row("parcel-de/VA", to(H::Created, None), PARCEL_DE),
    row("parcel-de/AE", to(H::PickedUp, None), PARCEL_DE),
    row("parcel-de/ES", to(H::PickedUp, Some(S::DroppedOff)), PARCEL_DE),
    row("parcel-de/AA", to(H::InTransit, None), PARCEL_DE),
    row("parcel-de/EE", to(H::InTransit, None), PARCEL_DE),
    row("parcel-de/NB", to(H::InTransit, None), PARCEL_DE),
    row("parcel-de/ZO", to(H::InTransit, Some(S::CustomsInProgress)), PARCEL_DE),
    row("parcel-de/PO", to(H::OutForDelivery, None), PARCEL_DE),
    row("parcel-de/LA", to(H::OutForDelivery, Some(S::AvailableForPickup)), PARCEL_DE),
    row("parcel-de/ZF", to(H::OutForDelivery, Some(S::AvailableForPickup)), PARCEL_DE),
    row("parcel-de/AN", to(H::Exception, Some(S::PickupFailed)), PARCEL_DE),
    row("parcel-de/ZN", to(H::Exception, Some(S::FailedAttempt)), PARCEL_DE),
    row("parcel-de/BV", to(H::Delayed, None), PARCEL_DE),
    row("parcel-de/ZU", to(H::Delivered, None), PARCEL_DE),
    row("parcel-de/DD", NO, PARCEL_DE),
    row("parcel-de/GT", NO, PARCEL_DE),
    row("ecommerce-ppl/900", to(H::Created, None), PPL),
    row("ecommerce-ppl/150", to(H::PickedUp, None), PPL),
    row("ecommerce-ppl/500", to(H::InTransit, None), PPL),
    row("ecommerce-ppl/300", to(H::InTransit, None), PPL),
    row("ecommerce-ppl/400", to(H::InTransit, None), PPL),
    row("ecommerce-ppl/343", to(H::OutForDelivery, Some(S::AvailableForPickup)), PPL),
    row("ecommerce-ppl/450", to(H::Delivered, None), PPL),
    row("ecommerce-ppl/460", to(H::Delayed, Some(S::Rescheduled)), PPL),
    row("ecommerce-ppl/464", to(H::Exception, Some(S::Refused)), PPL),
    row("ecommerce-ppl/997", to(H::Exception, Some(S::Lost)), PPL),
    row("ecommerce-ppl/999", to(H::Exception, Some(S::Cancelled)), PPL),
    row("dgf/DATA_SUBMITTED", to(H::Created, None), DGF),
    row("dgf/PICKUP_SUCCESSFUL", to(H::PickedUp, None), DGF),
    row("dgf/ARRIVED_AT_ORIGIN_FACILITY", to(H::InTransit, None), DGF),
    row("dgf/PROCESSED_AT_ORIGIN_FACILITY", to(H::InTransit, None), DGF),
    row("dgf/DEPARTED_FROM_ORIGIN_FACILITY", to(H::InTransit, None), DGF),
    row("dgf/READY_FOR_DEPARTURE", to(H::InTransit, None), DGF),
    row("dgf/DEPARTED", to(H::InTransit, None), DGF),
    row("dgf/ARRIVED", to(H::InTransit, None), DGF),
    row("dgf/ARRIVED_PROCESSED_AT_FACILITY", to(H::InTransit, None), DGF),
    row("dgf/ARRIVED_AT_CUSTOMS", to(H::InTransit, Some(S::CustomsInProgress)), DGF),
    row("dgf/CLEARED_BY_CUSTOMS", to(H::InTransit, Some(S::CustomsCleared)), DGF),
    row("dgf/HELD_AT_CUSTOMS", to(H::Delayed, Some(S::CustomsHold)), DGF),
    row("dgf/OUT_FOR_DELIVERY", to(H::OutForDelivery, None), DGF),
    row("dgf/DELIVERED", to(H::Delivered, None), DGF),
    row("dgf/DELIVERY_EXCEPTION", to(H::Exception, Some(S::FailedAttempt)), DGF),
    row("parcel-nl/DELIVERED_AT_SHIPPER", to(H::Returned, None), SEEN_NL),
    row("svb/RETURNED_TO_SENDER", to(H::Returned, None), SVB),
    row("svb/SENT_BACK", to(H::Exception, Some(S::Returning)), SVB),
    row("svb/SENT_BACK_ABROAD", to(H::Exception, Some(S::Returning)), SVB),
    row("ecommerce-europe/43", to(H::OutForDelivery, Some(S::AvailableForPickup)), EUROPE),
    row("ecommerce-europe/44", to(H::OutForDelivery, Some(S::AvailableForPickup)), EUROPE),
    row("ecommerce-europe/45", to(H::OutForDelivery, Some(S::AvailableForPickup)), EUROPE),
    row("ecommerce-europe/46", to(H::OutForDelivery, Some(S::AvailableForPickup)), EUROPE),
];

/// A code of DHL Express.
pub(super) fn express(code: &str) -> Option<&'static StatusRow> {
    TABLE.iter().find(|row| row.code.eq_ignore_ascii_case(code))
}

/// A code of a division, or of all of them when the division is `unified`.
pub(super) fn division(service: &str, code: &str) -> Option<&'static StatusRow> {
    TABLE.iter().find(|row| {
        row.code.split_once('/').is_some_and(|(division, own)| division == service && own == code)
    })
}
