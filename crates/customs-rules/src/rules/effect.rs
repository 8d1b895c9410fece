//! What a rule does.

use std::collections::BTreeMap;

use colibri_types::Currency;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::{consignment::Scheme, fx::FxKind};

/// From which value duties are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Goods alone.
    Fob,
    /// Goods with carriage and insurance to the border.
    Cif,
}

/// What tax is counted from beside the customs value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxBase {
    /// Duties.
    pub duty: bool,
    /// Carriage and insurance that are not yet inside.
    pub freight: bool,
    /// The carrier's fees for the border.
    pub carrier_fees: bool,
}

/// What a fee counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// The parcel.
    Parcel,
    /// A line of the declaration.
    Line,
    /// A six-digit code.
    Hs6Line,
}

/// What a rule does.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// How the destination counts.
    Profile {
        /// Currency of its figures.
        currency: Currency,
        /// Tariff that duties are looked up in.
        tariff: String,
        /// Which exchange rate.
        #[serde(default)]
        fx: FxKind,
        /// From which value duties are counted.
        duty_basis: Basis,
        /// From what tax is counted; `None`: no tax at import.
        tax_base: Option<TaxBase>,
        /// Tax is part of its own base.
        #[serde(default)]
        gross_up: bool,
        /// The tax base is rounded to a multiple of this.
        #[serde(default)]
        base_step: Option<Decimal>,
        /// The tax is rounded to a multiple of this.
        #[serde(default)]
        tax_step: Option<Decimal>,
        /// Tax up to this amount is not levied.
        #[serde(default)]
        floor: Option<Decimal>,
    },
    /// A scheme may be used.
    Scheme {
        /// Which.
        scheme: Scheme,
        /// Tax is taken at the sale and not at the border.
        tax_at_sale: bool,
        /// No duty under it.
        #[serde(default)]
        no_duty: bool,
        /// Holds whether asked for or not.
        #[serde(default)]
        automatic: bool,
    },
    /// Nothing is levied.
    Relief {
        /// No duty.
        duty: bool,
        /// No tax.
        tax: bool,
    },
    /// A fixed duty for each line of the declaration, in place of the tariff.
    DutyPerLine {
        /// Of the currency.
        amount: Decimal,
        /// Its currency.
        currency: Currency,
    },
    /// A duty in parts of the value.
    AdValorem {
        /// For every origin.
        #[serde(default)]
        rate: Option<Decimal>,
        /// By origin (a country, or `EU`); null: due, and not known.
        #[serde(default)]
        rates: BTreeMap<String, Option<Decimal>>,
        /// In place of the tariff, rather than on top.
        #[serde(default)]
        replaces_tariff: bool,
        /// Taken off once per parcel.
        #[serde(default)]
        deduction: Option<Decimal>,
        /// Currency of the deduction.
        #[serde(default)]
        currency: Option<Currency>,
        /// Heading to declare.
        #[serde(default)]
        heading: String,
    },
    /// Of two tariffs the second, unless the duties differ by no more than three per cent of the
    /// value.
    ThreePercent {
        /// Taken when the difference is small.
        near: String,
        /// Taken otherwise.
        far: String,
    },
    /// A fee.
    Fee {
        /// What it counts.
        per: Per,
        /// Of the currency.
        amount: Decimal,
        /// Its currency.
        currency: Currency,
    },
    /// A fee in parts of the value, with a floor and a ceiling, above a value; a fixed one below.
    ProcessingFee {
        /// For informal entries.
        informal: Decimal,
        /// Highest value of an informal entry.
        informal_up_to: Decimal,
        /// For formal entries.
        rate: Decimal,
        /// At least.
        floor: Decimal,
        /// At most.
        ceiling: Decimal,
        /// Currency of all.
        currency: Currency,
    },
    /// What a declaration needs.
    Needs {
        /// Digits of the tariff code.
        #[serde(default)]
        code_digits: Option<usize>,
        /// The origin of goods.
        #[serde(default)]
        origin: bool,
        /// Identifiers of the product.
        #[serde(default)]
        product_ids: bool,
    },
    /// Codes of the declaration by what they mean.
    Codes {
        /// Meaning to code.
        codes: BTreeMap<String, String>,
    },
    /// An export declaration is due above this value.
    ExportDeclaration {
        /// Up to which none is due.
        up_to: Decimal,
        /// Its currency.
        currency: Currency,
        /// Parcels of one day to one consignee count together.
        #[serde(default)]
        same_day: bool,
    },
    /// Words only: nothing is computed from it.
    Note {},
}
