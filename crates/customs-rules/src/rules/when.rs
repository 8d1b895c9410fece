//! When a rule holds, beside its days.

use colibri_types::Currency;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::consignment::{Channel, Dataset, Flow, Scheme};

/// What a value test looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The parcel.
    #[default]
    Consignment,
    /// A single piece of goods.
    Item,
}

/// A limit of value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueTest {
    /// Up to and with.
    #[serde(default)]
    pub up_to: Option<Decimal>,
    /// Above, without.
    #[serde(default)]
    pub over: Option<Decimal>,
    /// Of both.
    pub currency: Currency,
    /// Of what.
    #[serde(default)]
    pub scope: Scope,
    /// Carriage and insurance count in, shown apart or not.
    #[serde(default)]
    pub with_freight: bool,
}

impl ValueTest {
    /// Does a value pass?
    #[must_use]
    pub fn passes(&self, value: Decimal) -> bool {
        self.up_to.is_none_or(|limit| value <= limit) && self.over.is_none_or(|limit| value > limit)
    }
}

/// Conditions; an empty list asks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct When {
    /// One of these flows.
    pub flow: Vec<Flow>,
    /// One of these channels.
    pub channel: Vec<Channel>,
    /// One of these schemes.
    pub scheme: Vec<Scheme>,
    /// One of these declarations.
    pub dataset: Vec<Dataset>,
    /// Leaves from one of these countries.
    pub dispatched_from: Vec<String>,
    /// The value.
    pub value: Option<ValueTest>,
    /// Chapters of the tariff, first and last, both included: looked at line by line.
    pub chapters: Option<(u8, u8)>,
    /// Not with excise goods.
    pub no_excise: bool,
    /// Into the Union's tax territory: the Canary Islands and others lie in its customs territory
    /// and outside of that one.
    pub into_eu_tax: bool,
    /// Over a border of customs, not of taxes alone.
    pub customs_border: bool,
}
