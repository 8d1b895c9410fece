//! What rating answers: prices line by line, and refusals with their reason.

use std::fmt;

use colibri_types::Money;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{
    calendar::Transit,
    code::Code,
    exact::{Day, Exact},
};

/// The version of a tariff that gave a price.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TariffRef {
    /// Stable name over all versions.
    pub id: String,
    /// Version.
    pub version: u32,
}

impl fmt::Display for TariffRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.id, self.version)
    }
}

/// Every answer to one request, in an order that does not depend on the tariffs' order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rating {
    /// When it was asked, in the origin's offset.
    #[serde(with = "time::serde::rfc3339")]
    pub rated_at: OffsetDateTime,
    /// Candidates with a price, by carrier, service and tariff.
    pub quotes: Vec<Quote>,
    /// Candidates without, by carrier, service and tariff.
    pub refused: Vec<Refused>,
}

/// A price for a shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quote {
    /// Id in the carrier registry.
    pub carrier: String,
    /// The carrier's service code.
    pub service: String,
    /// Name of the service, for people.
    pub label: String,
    /// Where the price comes from.
    pub tariff: TariffRef,
    /// Last ship date at this price.
    pub valid_to: Day,
    /// Zone of the destination.
    pub zone: String,
    /// Billable weight of each parcel in grams, in the request's order, rounded by the tariff.
    pub billable_g: Vec<u64>,
    /// What is charged, in order.
    pub lines: Vec<ChargeLine>,
    /// Sum of the lines' rounded amounts.
    pub total: Money,
    /// Delivery dates; absent when none can be promised, and a note says why.
    pub transit: Option<Transit>,
    /// What somebody should know about this price.
    pub notes: Vec<Note>,
}

/// One line of a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChargeLine {
    /// `base`, `discount`, `minimum`, `fuel`, `rounding`, or the code of a surcharge.
    pub code: String,
    /// Name, for people.
    pub label: String,
    /// Parcel the line is for, from 1; absent for the whole shipment.
    pub parcel: Option<u32>,
    /// What the amount is computed from.
    pub basis: Basis,
    /// Price or percentage applied to the basis.
    pub rate: Exact,
    /// Exact amount in major units.
    pub amount: Exact,
    /// Amount by the tariff's rounding rule.
    pub rounded: Money,
}

/// What an amount is computed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Basis {
    /// A weight break: the amount is the rate.
    Break {
        /// Billable weight in grams.
        billable_g: u64,
        /// Upper bound of the break in grams.
        to_g: u32,
    },
    /// Above the last break: its price + steps × rate.
    Above {
        /// Billable weight in grams.
        billable_g: u64,
        /// Last break in grams.
        from_g: u32,
        /// Its price.
        from_price: Exact,
        /// Started steps above it.
        steps: u64,
        /// Size of a step in grams.
        step_g: u32,
    },
    /// A fixed amount: the rate.
    Fixed,
    /// The amount is basis × rate ÷ 100.
    Percent {
        /// Amount that the percentage counts.
        amount: Exact,
    },
    /// A percentage that came to less than its least amount.
    AtLeast {
        /// Amount that the percentage counts.
        amount: Exact,
        /// Least amount, which is the line's.
        least: Exact,
    },
    /// Fills the freight up to the minimum: rate − basis.
    UpTo {
        /// Freight before.
        amount: Exact,
    },
    /// Makes the shown lines add up to the total, which is rounded once: the amount is rate −
    /// basis, where rate is the rounded total.
    Remainder {
        /// Sum of the lines' rounded amounts before this line.
        amount: Exact,
    },
}

/// What somebody should know about a price that was given all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// For programs.
    pub code: NoteCode,
    /// For people.
    pub text: String,
}

impl Note {
    /// A note.
    pub(super) fn new(code: NoteCode, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { code, text }
    }
}

/// Kinds of notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteCode {
    /// A parcel's size is unknown: it was priced by weight and not checked against limits.
    SizeUnknown,
    /// It is not known whether the destination is a private home: that surcharge is left out.
    ResidentialUnknown,
    /// The destination's postcode is unknown: a surcharge by place is left out.
    PostcodeUnknown,
    /// The value of the goods was converted into the tariff's currency.
    ValueConverted,
    /// Handed over on the next day of collection, because the cut-off has passed.
    AfterCutoff,
    /// The tariff promises no delivery date here.
    NoTransit,
    /// The calendar's holidays are not known far enough to promise a date.
    CalendarEnds,
}

/// A candidate without a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// Id in the carrier registry.
    pub carrier: String,
    /// The carrier's service code.
    pub service: String,
    /// Tariff that refused.
    pub tariff: TariffRef,
    /// For programs.
    pub code: Code,
    /// For people.
    pub reason: String,
}
