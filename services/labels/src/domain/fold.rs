//! The facts that a shipment needs before its label can be bought, gathered in any order.
//!
//! Joining facts is commutative, associative and idempotent: whatever the order of the events and
//! however often each comes, the same set of events gives the same facts.

use colibri_events::{orders::v1::FulfilmentRequested, pricing::v1::OfferChosen};
use prost_types::Timestamp;

/// What other services said about a shipment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// What is to be shipped: the latest version of the order.
    pub request: Option<FulfilmentRequested>,
    /// How: the offer for the latest version that has one.
    pub offer: Option<OfferChosen>,
    /// The order is off. Final.
    pub cancelled: bool,
}

/// A fact of which a later version replaces an earlier one.
trait Versioned: prost::Message + PartialEq + Sized {
    fn version(&self) -> u64;
    fn at(&self) -> Option<Timestamp>;

    /// Later by version, then by time; equal ones by their bytes, so that two processes that hear
    /// them in different orders keep the same one.
    fn later(self, other: Self) -> Self {
        let key = |fact: &Self| {
            let at = fact.at().map(|at| (at.seconds, at.nanos));
            (fact.version(), at)
        };
        let order = key(&self).cmp(&key(&other));
        let other_wins = order.is_lt()
            || (order.is_eq() && self != other && self.encode_to_vec() < other.encode_to_vec());
        if other_wins { other } else { self }
    }
}

impl Versioned for FulfilmentRequested {
    fn version(&self) -> u64 {
        self.version
    }
    fn at(&self) -> Option<Timestamp> {
        self.at
    }
}

impl Versioned for OfferChosen {
    fn version(&self) -> u64 {
        self.version
    }
    fn at(&self) -> Option<Timestamp> {
        self.at
    }
}

fn latest<T: Versioned>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.later(other)),
        (one, other) => one.or(other),
    }
}

impl Facts {
    /// A shipment was asked for.
    #[must_use]
    pub fn of_request(event: FulfilmentRequested) -> Self {
        Self { request: Some(event), ..Self::default() }
    }

    /// A carrier was chosen.
    #[must_use]
    pub fn of_offer(event: OfferChosen) -> Self {
        Self { offer: Some(event), ..Self::default() }
    }

    /// The order is off.
    #[must_use]
    pub fn of_cancel() -> Self {
        Self { cancelled: true, ..Self::default() }
    }

    /// Both together.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self {
            request: latest(self.request, other.request),
            offer: latest(self.offer, other.offer),
            cancelled: self.cancelled || other.cancelled,
        }
    }

    /// The version that can be bought: nothing is missing, and the offer was made for exactly what
    /// is to be shipped.
    #[must_use]
    pub fn complete(&self) -> Option<u64> {
        let (request, offer) = (self.request.as_ref()?, self.offer.as_ref()?);
        let usable = !self.cancelled && request.version == offer.version;
        usable.then_some(request.version)
    }

    /// Both halves, when they belong to this version; a cancelled order has them too.
    #[must_use]
    pub fn of_version(&self, version: u64) -> Option<(&FulfilmentRequested, &OfferChosen)> {
        let (request, offer) = (self.request.as_ref()?, self.offer.as_ref()?);
        (request.version == version && offer.version == version).then_some((request, offer))
    }
}
