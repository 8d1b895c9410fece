//! The eight headline states and their sub-statuses.

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every value, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// Reads the word on the wire.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text)
            }
        }
    };
}

words! {
    /// Where a parcel is in its life, whatever the carrier. Declared by rank: of two events at the
    /// same time, the later one in this list decides.
    Headline {
        /// The carrier knows of it; nobody has the parcel yet.
        Created = "created",
        /// The carrier, or its shop, has the parcel.
        PickedUp = "picked_up",
        /// Moving, being sorted, or in normal clearance.
        InTransit = "in_transit",
        /// Still expected, later than promised, or held for a known reason.
        Delayed = "delayed",
        /// On the last round, or waiting at a pickup point.
        OutForDelivery = "out_for_delivery",
        /// Somebody must look or decide.
        Exception = "exception",
        /// Handed to the addressee or whoever may take it.
        Delivered = "delivered",
        /// Back in the sender's hands.
        Returned = "returned",
    }
}

words! {
    /// A finer word beside the headline.
    SubStatus {
        /// A driver is due.
        PickupScheduled = "pickup_scheduled",
        /// The driver came, no parcel.
        PickupFailed = "pickup_failed",
        /// Handed in at a shop, locker or counter.
        DroppedOff = "dropped_off",
        /// Normal clearance.
        CustomsInProgress = "customs_in_progress",
        /// Cleared.
        CustomsCleared = "customs_cleared",
        /// Handed to another carrier.
        WithPartner = "with_partner",
        /// New address, or wrong site corrected.
        Rerouted = "rerouted",
        /// Stored because the receiver asked.
        HeldAtRequest = "held_at_request",
        /// Customs wants something.
        CustomsHold = "customs_hold",
        /// Weather.
        Weather = "weather",
        /// Another day fixed.
        Rescheduled = "rescheduled",
        /// Duties or cash on delivery unpaid.
        PaymentRequired = "payment_required",
        /// Data is missing.
        InfoRequired = "info_required",
        /// At a shop, locker or post office.
        AvailableForPickup = "available_for_pickup",
        /// Tried, not handed over.
        FailedAttempt = "failed_attempt",
        /// Not collected in time.
        Expired = "expired",
        /// The receiver does not want it.
        Refused = "refused",
        /// Unknown, incomplete or old address.
        AddressProblem = "address_problem",
        /// The carrier gives up.
        Undeliverable = "undeliverable",
        /// Damaged.
        Damaged = "damaged",
        /// Lost.
        Lost = "lost",
        /// Destroyed.
        Destroyed = "destroyed",
        /// Seized.
        Seized = "seized",
        /// A tracer or claim is open.
        Investigation = "investigation",
        /// On the way back.
        Returning = "returning",
        /// Voided before hand-over.
        Cancelled = "cancelled",
    }
}

words! {
    /// Who must act.
    Party {
        /// The sender.
        Shipper = "shipper",
        /// The addressee.
        Receiver = "receiver",
        /// The carrier.
        Carrier = "carrier",
        /// Customs.
        Customs = "customs",
    }
}

/// What a carrier's code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MappedStatus {
    /// The parcel is now in this state.
    State(Headline, Option<SubStatus>),
    /// Kept in the history; moves nothing.
    NoChange,
    /// Not in the table: kept raw and counted, never taken for movement.
    Unknown,
}

/// One row of a carrier's status table.
#[derive(Debug, Clone, Copy)]
pub struct StatusRow {
    /// The carrier's code, or its documented key made of several fields.
    pub code: &'static str,
    /// What it means here.
    pub status: MappedStatus,
    /// Where the meaning comes from: a mark (D, O, I, R) and the document.
    pub source: &'static str,
}
