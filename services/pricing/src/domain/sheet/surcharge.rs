//! Surcharges as data: how much, how often, and when.

use serde::{Deserialize, Serialize};

use super::{Area, Dates};
use crate::domain::{
    exact::{Day, Exact},
    request::ShipOption,
};

/// Something charged on top of the freight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Surcharge {
    /// Code on the quote's line, `[a-z0-9_]`; one code is charged once per ship date.
    pub code: String,
    /// Name, for people.
    pub label: String,
    /// First ship date; absent: the tariff's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// Last ship date; absent: the tariff's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Day>,
    /// Charged for each parcel that meets the conditions, or once.
    pub per: Per,
    /// How much.
    pub charge: Charge,
    /// Whether fuel is charged on it.
    pub fuel: bool,
    /// All must hold; empty: always charged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<Condition>,
}

/// How often a surcharge is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// For each parcel that meets the conditions.
    Parcel,
    /// Once, when any parcel does.
    Shipment,
}

/// How much a surcharge is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Charge {
    /// An amount.
    Fixed {
        /// In the tariff's currency.
        amount: Exact,
    },
    /// A percentage, once per shipment.
    Percent {
        /// Percent.
        percent: Exact,
        /// Of what.
        of: PercentOf,
        /// Part of the base that costs nothing, in the tariff's currency.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        free_up_to: Option<Exact>,
        /// Least amount once anything is charged.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_least: Option<Exact>,
    },
}

/// Base of a percentage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PercentOf {
    /// Freight after discount and minimum.
    Freight,
    /// Value of the goods.
    Value,
}

/// When a surcharge is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// The destination lies in one of these places.
    Area {
        /// Places.
        areas: Vec<Area>,
    },
    /// The destination lies in one of these zones.
    Zone {
        /// Names of zones.
        zones: Vec<String>,
    },
    /// A parcel exceeds at least one of the stated measures.
    Parcel {
        /// Gross weight in grams.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        weight_g_over: Option<u32>,
        /// Longest side in millimetres.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        length_mm_over: Option<u32>,
        /// Second longest side in millimetres.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        width_mm_over: Option<u32>,
        /// Longest side + twice the sum of the two others, in millimetres.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        length_and_girth_mm_over: Option<u32>,
        /// Sum of the three sides, in millimetres.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sides_sum_mm_over: Option<u32>,
    },
    /// The destination is a private home.
    Residential,
    /// The ship date lies in one of these periods, such as a peak season.
    Period {
        /// Periods.
        dates: Vec<Dates>,
    },
    /// The option is wanted.
    Option {
        /// Option.
        option: ShipOption,
    },
}
