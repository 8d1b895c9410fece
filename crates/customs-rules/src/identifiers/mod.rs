//! Numbers that customs and trade go by: normalised, then checked for shape, then for the check
//! digit. Never asked online here.
//!
//! Three grades: invalid (cannot be right), suspect (right shape, doubtful), well formed. Only an
//! authority's own answer could confirm a number, so none is ever called valid.

mod codes;
mod eori;
mod gs1;
mod ioss;
mod s10;
mod vat;
#[allow(
    clippy::manual_is_multiple_of,
    reason = "the rules are written as their sources write them"
)]
mod vat_rules;

pub use codes::{CodeLevel, TariffCode, tariff_code};
pub use eori::eori;
pub use gs1::{SsccIssuer, SsccIssuerError, gtin, sscc};
pub use ioss::{OneStopShop, one_stop_shop};
pub use s10::s10;
pub use vat::vat;

/// A number after normalising, and what can be said of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Checked {
    /// As it is stored and compared: upper case, without blanks, dots and hyphens.
    pub normalised: String,
    /// What can be said.
    #[serde(flatten)]
    pub grade: Grade,
}

/// What can be said of a number without asking anybody.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "grade", rename_all = "snake_case")]
pub enum Grade {
    /// Cannot be right.
    Invalid {
        /// What is wrong.
        fault: Fault,
    },
    /// Right shape, but doubtful.
    Suspect {
        /// Why, in words for people.
        doubt: &'static str,
    },
    /// Nothing speaks against it.
    WellFormed,
}

/// Why a number cannot be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Wrong length or characters.
    #[error("has the wrong length or characters")]
    Shape,
    /// The check digit does not fit.
    #[error("has a wrong check digit")]
    CheckDigit,
    /// The country or prefix is not one that issues such numbers.
    #[error("has a prefix that issues no such numbers")]
    Prefix,
    /// A number of another kind.
    #[error("is a number of another kind")]
    Kind,
    /// No such entry in the list of the date.
    #[error("does not exist in the nomenclature")]
    Unknown,
}

impl Checked {
    const fn new(normalised: String, grade: Grade) -> Self {
        Self { normalised, grade }
    }

    const fn invalid(normalised: String, fault: Fault) -> Self {
        Self { normalised, grade: Grade::Invalid { fault } }
    }

    /// Cannot it be right?
    #[must_use]
    pub const fn is_invalid(&self) -> bool {
        matches!(self.grade, Grade::Invalid { .. })
    }

    /// Does nothing speak against it?
    #[must_use]
    pub const fn is_well_formed(&self) -> bool {
        matches!(self.grade, Grade::WellFormed)
    }
}

/// Upper case without blanks, dots, hyphens and slashes at the edges.
fn normalise(text: &str) -> String {
    let kept = text.trim().chars().filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-'));
    kept.flat_map(char::to_uppercase).collect()
}

/// Every character as a digit; `None` when one is none.
fn digits(text: &str) -> Option<Vec<u32>> {
    text.chars().map(|c| c.to_digit(10).filter(|_| c.is_ascii_digit())).collect()
}

/// Sum of each digit times its weight; weights start again when they are used up.
fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights.iter().cycle()).map(|(digit, weight)| digit * weight).sum()
}

/// Luhn's sum modulo ten over a whole number, its check digit included: zero when it fits.
fn luhn(digits: &[u32]) -> u32 {
    let each = digits.iter().rev().enumerate().map(|(at, digit)| {
        let twice = if at % 2 == 1 { digit * 2 } else { *digit };
        if twice > 9 { twice - 9 } else { twice }
    });
    each.sum::<u32>() % 10
}
