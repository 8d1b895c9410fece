//! GLS statuses and event codes in our vocabulary.
//!
//! The headline comes from a parcel's `status`; event codes (two parts with a dot) tell the past.
//! GLS keeps the full list of event codes behind its own call; those that public answers show
//! stand here, any other is unknown until somebody adds it.

use crate::{
    Headline::{self, Created, Delivered, Exception, InTransit, OutForDelivery, PickedUp},
    MappedStatus, StatusRow, SubStatus as S,
};

/// The wording says it.
const STATUS: &str = "D GLS Track and Trace OpenAPI, status";
/// The status is documented; what it means for us is our judgement.
const JUDGED: &str = "D GLS Track and Trace OpenAPI, status; meaning judged by us";
/// An event code of the document.
const EVENT: &str = "D GLS Track and Trace OpenAPI, event codes";
/// An event code of the list that GLS serves at run time.
const SEEN: &str = "O GLS Track and Trace, list of event codes as served";

const fn plain(code: &'static str, headline: Headline, source: &'static str) -> StatusRow {
    StatusRow { code, status: MappedStatus::State(headline, None), source }
}

const fn fine(code: &'static str, headline: Headline, sub: S, source: &'static str) -> StatusRow {
    StatusRow { code, status: MappedStatus::State(headline, Some(sub)), source }
}

/// The parcel was handed over: the only sign of it that GLS gives.
pub(super) const HANDED_OVER: &str = "INTIAL.NORMAL";
/// On its way; also said right after the hand-over.
pub(super) const ON_ITS_WAY: &str = "INTRANSIT";

/// Every row: statuses, then event codes.
#[rustfmt::skip]
pub const TABLE: &[StatusRow] = &[
    plain("PREADVICE",     Created,                               STATUS),
    fine ("PLANNEDPICKUP", Created, S::PickupScheduled,           STATUS),
    fine ("INPICKUP",      Created, S::PickupScheduled,           STATUS),
    plain(ON_ITS_WAY,      InTransit,                             STATUS),
    plain("INWAREHOUSE",   InTransit,                             STATUS),
    plain("INDELIVERY",    OutForDelivery,                        STATUS),
    fine ("DELIVEREDPS",   OutForDelivery, S::AvailableForPickup, STATUS),
    plain("DELIVERED",     Delivered,                             STATUS),
    fine ("CANCELED",      Exception, S::Cancelled,               STATUS),
    fine ("NOTDELIVERED",  Exception, S::FailedAttempt,           STATUS),
    fine ("NOTPICKEDUP",   Exception, S::PickupFailed,            STATUS),
    StatusRow { code: "FINAL", status: MappedStatus::NoChange,    source: JUDGED },

    plain("INTIAL.PREADVICE",    Created,                               EVENT),
    fine ("INTIAL.E48_DATA",     Created, S::PickupScheduled,           EVENT),
    plain(HANDED_OVER,           PickedUp,                              EVENT),
    plain("INBOUD.NORMAL",       InTransit,                             SEEN),
    plain("OUTBOD.NORMAL",       InTransit,                             SEEN),
    plain("OUTDEL.NORMAL",       OutForDelivery,                        SEEN),
    fine ("DELIVD.PARCELSHOP",   OutForDelivery, S::AvailableForPickup, EVENT),
    plain("DELIVD.NORMAL",       Delivered,                             SEEN),
    plain("DELIVD.DEL_BY_PSAPP", Delivered,                             SEEN),
    fine ("CANCEL.NORMAL",       Exception, S::Cancelled,               EVENT),
];

/// What a status or an event code means.
pub(super) fn mapped(code: &str) -> MappedStatus {
    let row = TABLE.iter().find(|row| row.code == code);
    row.map_or(MappedStatus::Unknown, |row| row.status)
}
