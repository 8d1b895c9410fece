//! Selection rules and decisions as data.

use colibri_types::{Currency, Money};
use serde::{Deserialize, Serialize};

use super::{
    code::Code,
    exact::{Day, Exact},
    quote::{Quote, Rating, TariffRef},
};

/// What a tenant wants from a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectionRules {
    /// Prices are compared in this currency.
    pub currency: Currency,
    /// Only these carriers; absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_carriers: Option<Vec<String>>,
    /// Never these carriers, even when allowed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deny_carriers: Vec<String>,
    /// Carriers and services that may cost more, or must cost less, than others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefer: Vec<Preference>,
    /// What to do when no offer meets the wanted date.
    pub when_late: LatePolicy,
}

/// A carrier or service that is favoured, or avoided with a negative bonus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preference {
    /// Carrier.
    pub carrier: String,
    /// Service; absent: all of the carrier's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Taken off the price for the comparison only, in the rules' currency.
    pub bonus: Exact,
}

/// What to do when no offer meets the wanted date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LatePolicy {
    /// Choose nothing; a person decides.
    Hold,
    /// Take the cheapest and flag it late.
    CheapestLate,
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What was decided.
    pub outcome: Outcome,
    /// Every quote: first those compared, best first, then those eliminated.
    pub candidates: Vec<Candidate>,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Outcome {
    /// An offer was taken.
    Chosen {
        /// Carrier.
        carrier: String,
        /// Service.
        service: String,
        /// Tariff that gave the price.
        tariff: TariffRef,
        /// Price.
        total: Money,
        /// Latest delivery date, when one is promised.
        latest: Option<Day>,
        /// Whether the wanted date is not met, or not known to be.
        late: bool,
        /// What made the difference.
        decided_by: DecidedBy,
        /// For people.
        reason: String,
    },
    /// Nothing was taken.
    Held {
        /// PRC0042 to PRC0045.
        code: Code,
        /// For people.
        reason: String,
    },
}

/// What made the difference between the winner and the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecidedBy {
    /// There was no other.
    OnlyCandidate,
    /// The price, after preferences.
    Price,
    /// Equal price, earlier latest delivery.
    Delivery,
    /// All equal: carrier, service and tariff in alphabetical order.
    Name,
}

/// A quote in the comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// Carrier.
    pub carrier: String,
    /// Service.
    pub service: String,
    /// Tariff that gave the price.
    pub tariff: TariffRef,
    /// Price.
    pub total: Money,
    /// Latest delivery date, when one is promised.
    pub latest: Option<Day>,
    /// The price as compared; absent when it could not be.
    pub compared: Option<Compared>,
    /// How it ended.
    pub standing: Standing,
}

/// A price in the currency of the comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compared {
    /// Currency of the comparison.
    pub currency: Currency,
    /// Units of it for one unit of the price's currency.
    pub rate: Exact,
    /// Price in it, exact.
    pub amount: Exact,
    /// Sum of the preferences taken off.
    pub bonus: Exact,
    /// What is compared: amount − bonus.
    pub effective: Exact,
}

/// How a candidate ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Standing {
    /// Taken.
    Won,
    /// Compared and not taken.
    Lost {
        /// Place, from 2.
        rank: u32,
        /// What put it behind the winner.
        by: DecidedBy,
    },
    /// Not compared.
    Eliminated {
        /// PRC0037 to PRC0041.
        code: Code,
        /// For people.
        reason: String,
    },
}

impl Choice {
    /// The chosen quote in the rating that the choice was made from.
    #[must_use]
    pub fn quote<'a>(&self, rating: &'a Rating) -> Option<&'a Quote> {
        let Outcome::Chosen { tariff, .. } = &self.outcome else {
            return None;
        };
        rating.quotes.iter().find(|quote| quote.tariff == *tariff)
    }
}
