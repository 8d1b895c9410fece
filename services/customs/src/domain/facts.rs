//! What others said about a shipment that crosses a border, gathered in any order.
//!
//! Joining is commutative, associative and idempotent, as it is where labels are bought: the same
//! set of events gives the same facts, however they come.

use colibri_events::{orders::v1::FulfilmentRequested, pricing::v1::OfferChosen};
use prost::Message;

/// The latest request and offer, and whether the order is off.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// What is to be shipped: the latest version of the order.
    pub request: Option<FulfilmentRequested>,
    /// How: the offer for the latest version that has one.
    pub offer: Option<OfferChosen>,
    /// The order is off, or its label is void. Final.
    pub cancelled: bool,
}

/// Later by version and time, equal ones by their bytes.
fn later<T: Message + Default + PartialEq>(
    one: Option<T>,
    other: Option<T>,
    age: impl Fn(&T) -> (u64, Option<(i64, i32)>),
) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => {
            let order = age(&one).cmp(&age(&other));
            let bytes = || one.encode_to_vec() < other.encode_to_vec();
            let wins = order.is_lt() || (order.is_eq() && one != other && bytes());
            Some(if wins { other } else { one })
        }
        (one, other) => one.or(other),
    }
}

impl Facts {
    /// Both together.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        let at = |at: Option<prost_types::Timestamp>| at.map(|at| (at.seconds, at.nanos));
        let (request, offer) = (
            later(self.request, other.request, |r| (r.version, at(r.at))),
            later(self.offer, other.offer, |o| (o.version, at(o.at))),
        );
        Self { request, offer, cancelled: self.cancelled || other.cancelled }
    }

    /// Request and offer of one version, where the order is on and the border is there: it can be
    /// decided about.
    #[must_use]
    pub fn complete(&self) -> Option<(&FulfilmentRequested, &OfferChosen)> {
        let (request, offer) = (self.request.as_ref()?, self.offer.as_ref()?);
        let fits = request.version == offer.version && request.crosses_customs_border;
        (fits && !self.cancelled).then_some((request, offer))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fact() -> impl Strategy<Value = Facts> {
        prop_oneof![
            (1..4_u64, "[A-C]").prop_map(|(version, country)| Facts {
                request: Some(FulfilmentRequested {
                    version,
                    country,
                    crosses_customs_border: true,
                    ..Default::default()
                }),
                ..Facts::default()
            }),
            (1..4_u64, "[A-C]").prop_map(|(version, carrier)| Facts {
                offer: Some(OfferChosen { version, carrier, ..Default::default() }),
                ..Facts::default()
            }),
            Just(Facts { cancelled: true, ..Facts::default() }),
        ]
    }

    proptest! {
        #[test]
        fn neither_order_nor_repetition_matters(
            (facts, shuffled) in prop::collection::vec(fact(), 0..8).prop_flat_map(|facts| {
                let twice = [facts.clone(), facts.clone()].concat();
                (Just(facts), Just(twice).prop_shuffle())
            })
        ) {
            let all = |facts: Vec<Facts>| facts.into_iter().fold(Facts::default(), Facts::join);
            prop_assert_eq!(all(facts), all(shuffled));
        }
    }
}
