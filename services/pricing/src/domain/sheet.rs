//! A tariff as data: what somebody writes in TOML or JSON, before it is checked.
//!
//! Owns the format and nothing else: [`super::Tariff`] is a sheet that passed every check, and
//! the only form that can be rated. Unknown keys are refused everywhere, so that a misspelt
//! surcharge is an error and never a free one.

mod surcharge;

use std::collections::BTreeMap;

use colibri_types::{Country, Currency};
use serde::{Deserialize, Serialize};

pub use surcharge::{Charge, Condition, Per, PercentOf, Surcharge};

use super::{
    calendar::DayName,
    exact::{Clock, Day, Exact},
    request::ShipOption,
};

/// A price table of one carrier service from one origin. Amounts are major units of `currency`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// Stable name over all versions, `[a-z0-9-]`, at most 64 characters.
    pub id: String,
    /// From 1; within its dates the highest version of an id is the one in force.
    pub version: u32,
    /// Where the figures come from, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Id in the carrier registry.
    pub carrier: String,
    /// The carrier's own service code.
    pub service: String,
    /// Name of the service, for people.
    pub label: String,
    /// Currency of every amount in the sheet.
    pub currency: Currency,
    /// First ship date in force.
    pub valid_from: Day,
    /// Last ship date in force.
    pub valid_to: Day,
    /// Where parcels must leave from.
    pub origin: Origin,
    /// What a parcel may weigh and measure.
    #[serde(default)]
    pub limits: Limits,
    /// Billable weights are rounded up to this many grams; 1 for no rounding.
    pub weight_step_g: u32,
    /// How size counts as weight; absent: it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volumetric: Option<Volumetric>,
    /// What to do with a parcel of unknown size when size matters.
    pub unknown_dimensions: UnknownDimensions,
    /// Whether each parcel or the shipment's whole weight is looked up.
    pub multi_parcel: MultiParcel,
    /// Contract discount on the freight, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_percent: Option<Exact>,
    /// Least freight of a shipment after discount, before fuel and surcharges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Exact>,
    /// How amounts become payable ones.
    pub rounding: Rounding,
    /// Options the service offers; one without a surcharge costs nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<ShipOption>,
    /// Options without which the service makes no sense, such as a pickup point.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required_options: Vec<ShipOption>,
    /// Fuel by period. Empty: none is charged. Otherwise a ship date outside all periods has no
    /// price, because an unknown percentage is not zero.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fuel: Vec<PercentPeriod>,
    /// Working days for the delivery promise; absent: the tariff promises no date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<Calendar>,
    /// Places refused although a zone's country or the rest of the world would cover them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_served: Vec<Area>,
    /// Where it goes and what that costs. The most precise claim on a place wins.
    pub zones: BTreeMap<String, Zone>,
    /// What is charged on top, in the order of the lines on a quote.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub surcharges: Vec<Surcharge>,
}

/// Where parcels must leave from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Country.
    pub country: Country,
    /// Only postcodes with one of these beginnings; empty: the whole country.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<String>,
}

/// What the service takes. Absent: no limit stated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Heaviest parcel, gross, in grams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parcel_weight_g_max: Option<u32>,
    /// Heaviest shipment, gross, in grams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipment_weight_g_max: Option<u32>,
    /// Longest side in millimetres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length_mm_max: Option<u32>,
    /// Longest side + twice the sum of the two others, in millimetres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length_and_girth_mm_max: Option<u32>,
    /// Sum of the three sides, in millimetres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sides_sum_mm_max: Option<u32>,
    /// Most parcels in one shipment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parcels_max: Option<u32>,
    /// Highest value of the goods, in the tariff's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_max: Option<Exact>,
    /// Highest value that can be insured, in the tariff's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insured_value_max: Option<Exact>,
}

/// How size counts as weight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Volumetric {
    /// Cubic centimetres that count as one kilogram, e.g. 5000.
    pub divisor_cm3_per_kg: u32,
    /// Each side is first rounded up to this many millimetres; 1 for no rounding.
    pub side_step_mm: u32,
}

/// What to do with a parcel of unknown size when the price or a limit depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownDimensions {
    /// Give no price.
    Refuse,
    /// Price by weight alone, and say so on the quote.
    WeightOnly,
}

/// What is looked up in the weight breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MultiParcel {
    /// Each parcel by itself; the freight is their sum.
    PerParcel,
    /// The sum of all weights, rounded once.
    PerShipment,
}

/// How amounts become payable ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rounding {
    /// Direction.
    pub mode: RoundingMode,
    /// `line`: each line is rounded, and percentages count the rounded amounts. `total`: the exact
    /// sum is rounded once, and a line `rounding` makes the shown lines add up.
    pub per: RoundingPer,
    /// Amounts are multiples of this many minor units: 1, or 5 where small coins are gone.
    pub step_minor: u32,
}

/// Direction of rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundingMode {
    /// To the nearest, halves away from zero: the commercial rule.
    HalfUp,
    /// To the nearest, halves to the even neighbour.
    HalfEven,
    /// Away from zero.
    Up,
    /// Towards zero.
    Down,
}

/// What is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundingPer {
    /// Each line.
    Line,
    /// The total.
    Total,
}

/// A percentage in force between two days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PercentPeriod {
    /// First ship date.
    pub from: Day,
    /// Last ship date.
    pub to: Day,
    /// Percent.
    pub percent: Exact,
}

/// Days between two days, both included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dates {
    /// First ship date.
    pub from: Day,
    /// Last ship date.
    pub to: Day,
}

/// Working days of the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// What is handed over later than this, local time at the origin, leaves on the next day.
    pub cutoff: Clock,
    /// Days of collection.
    pub collection_days: Vec<DayName>,
    /// Days that count as transit and on which parcels are delivered.
    pub working_days: Vec<DayName>,
    /// Closed days of the network.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<Day>,
    /// Last day whose holidays are known; no date is promised beyond it.
    pub known_to: Day,
}

/// A place claimed by a zone, a refusal or a surcharge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// Country.
    pub country: Country,
    /// Beginnings of postcodes. A final `#` stands for one digit: `G#` is Glasgow and not `GL`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<String>,
    /// Ranges of beginnings. With neither prefixes nor ranges the whole country is meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<PostcodeRange>,
}

impl Area {
    /// A country as a whole.
    #[must_use]
    pub const fn whole(country: Country) -> Self {
        Self { country, prefixes: Vec::new(), ranges: Vec::new() }
    }
}

/// Postcodes whose first characters lie between two texts of equal length, both included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostcodeRange {
    /// First.
    pub from: String,
    /// Last.
    pub to: String,
}

/// Places with one price list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// Whole countries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<Country>,
    /// Parts of countries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<Area>,
    /// Every country that nothing else claims; at most one zone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rest_of_world: bool,
    /// Prices by billable weight, rising.
    pub breaks: Vec<Break>,
    /// Price of weight above the last break; absent: nothing heavier is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<Above>,
    /// Transit time; absent: no date is promised in this zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transit: Option<TransitDays>,
}

/// The price up to a weight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Break {
    /// Heaviest billable weight at this price, in grams, included.
    pub to_g: u32,
    /// Price.
    pub price: Exact,
}

/// The price of each started step above the last break, added to the last break's price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Above {
    /// Size of a step in grams.
    pub step_g: u32,
    /// Price of a started step.
    pub price: Exact,
}

/// Transit time of a zone in working days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransitDays {
    /// Fastest.
    pub days_min: u8,
    /// Slowest that the carrier still calls normal.
    pub days_max: u8,
    /// Closed days at the destination, besides the network's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<Day>,
}
