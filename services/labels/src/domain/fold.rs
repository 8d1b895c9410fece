//! The facts that a shipment needs before its label can be bought, gathered in any order.
//!
//! Joining facts is commutative, associative and idempotent: whatever the order of the events and
//! however often each comes, the same set of events gives the same facts.

use colibri_events::{
    customs::v1::{DeclarationIncomplete, DeclarationReady},
    orders::v1::FulfilmentRequested,
    pricing::v1::OfferChosen,
};
use prost_types::Timestamp;

/// What other services said about a shipment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// What is to be shipped: the latest version of the order.
    pub request: Option<FulfilmentRequested>,
    /// How: the offer for the latest version that has one.
    pub offer: Option<OfferChosen>,
    /// What customs said last: of the latest version the latest revision.
    pub declared: Option<Declared>,
    /// The order is off. Final.
    pub cancelled: bool,
}

/// What customs say about goods that cross a border.
#[derive(Debug, Clone, PartialEq)]
pub enum Declared {
    /// They may: what the carrier is told.
    Ready(Box<DeclarationReady>),
    /// They may not yet: what is missing.
    Incomplete(DeclarationIncomplete),
}

impl Declared {
    /// Version of the order, revision of the declaration. Of one revision there is one event; were
    /// there two, that goods may leave would count.
    fn age(&self) -> (u64, u32, bool) {
        match self {
            Self::Ready(ready) => (ready.version, ready.revision, true),
            Self::Incomplete(lacks) => (lacks.version, lacks.revision, false),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        use prost::Message as _;
        match self {
            Self::Ready(ready) => ready.encode_to_vec(),
            Self::Incomplete(lacks) => lacks.encode_to_vec(),
        }
    }

    fn later(self, other: Self) -> Self {
        let order = self.age().cmp(&other.age());
        let bytes = || self != other && self.bytes() < other.bytes();
        if order.is_lt() || (order.is_eq() && bytes()) { other } else { self }
    }
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

    /// Customs decided.
    #[must_use]
    pub fn of_declaration(declared: Declared) -> Self {
        Self { declared: Some(declared), ..Self::default() }
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
            declared: match (self.declared, other.declared) {
                (Some(one), Some(other)) => Some(one.later(other)),
                (one, other) => one.or(other),
            },
            cancelled: self.cancelled || other.cancelled,
        }
    }

    /// The version that can be bought: nothing is missing, the offer was made for exactly what is to
    /// be shipped, and where it crosses a border customs have said that it may.
    #[must_use]
    pub fn complete(&self) -> Option<u64> {
        let (request, offer) = (self.request.as_ref()?, self.offer.as_ref()?);
        let usable = !self.cancelled && request.version == offer.version;
        let declared = !Self::needs_declaration(request) || self.ready(request.version).is_some();
        (usable && declared).then_some(request.version)
    }

    /// The way back is declared by whoever sends it back.
    const fn needs_declaration(request: &FulfilmentRequested) -> bool {
        request.crosses_customs_border && !request.way_back
    }

    /// What the carrier is told for customs about this version.
    #[must_use]
    pub fn ready(&self, version: u64) -> Option<&DeclarationReady> {
        match &self.declared {
            Some(Declared::Ready(ready)) if ready.version == version => Some(ready),
            _ => None,
        }
    }

    /// What a shipment that is not bought yet waits for, by the names of its facts.
    #[must_use]
    pub fn waits_for(&self) -> Vec<&'static str> {
        let Some(request) = &self.request else { return vec!["request"] };
        let offer = self.offer.as_ref().is_some_and(|offer| offer.version == request.version);
        let declared = !Self::needs_declaration(request) || self.ready(request.version).is_some();
        let facts = [("offer", offer), ("declaration", declared)];
        facts.into_iter().filter(|(_, there)| !there).map(|(name, _)| name).collect()
    }

    /// What the declaration of this version lacks, as far as customs said.
    #[must_use]
    pub fn lacks(&self) -> Option<&DeclarationIncomplete> {
        let version = self.request.as_ref()?.version;
        match &self.declared {
            Some(Declared::Incomplete(lacks)) if lacks.version == version => Some(lacks),
            _ => None,
        }
    }

    /// Both halves, when they belong to this version; a cancelled order has them too.
    #[must_use]
    pub fn of_version(&self, version: u64) -> Option<(&FulfilmentRequested, &OfferChosen)> {
        let (request, offer) = (self.request.as_ref()?, self.offer.as_ref()?);
        (request.version == version && offer.version == version).then_some((request, offer))
    }
}
