//! The rules of a tenant as a document: policies, settings, and what its articles are.

use std::collections::BTreeMap;

use colibri_returns_rules::{
    Refusal,
    fraud::Limits,
    grade::Category,
    legal::Exception,
    policy::{Policy, Version},
};
use colibri_types::Country;
use serde::Deserialize;

/// The rules of a tenant that has put none: every consumer in the EU may withdraw, others have the
/// same as a promise of the merchant.
pub const DEFAULT: &str = include_str!("../data/policy.default.toml");

/// Largest document in bytes: some hundred rules and thousands of articles.
pub const BYTES_MAX: usize = 1 << 20;

/// What a tenant sets beside the rules.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Most that may be granted for goods not received, over all returns, in minor units.
    pub exposure_limit: i64,
    /// Most of that for one buyer, in minor units.
    pub exposure_per_buyer: i64,
    /// Value above which a correction needs a second person, in minor units.
    pub second_person_above: i64,
    /// Value of units above which another inspector looks, in minor units.
    pub second_check_above: i64,
    /// Days of a carrier's silence after which a person may call a parcel lost.
    pub silence_days: u16,
    /// Days for which something without a return is kept before it may be destroyed.
    pub orphan_days: u16,
    /// Share of returned units that 99 of 100 buyers stay below, in thousandths.
    pub peers_p99_per_mille: i64,
    /// Units with visible use (grade C) wait for a person, who may reduce.
    pub reduce_by_person: bool,
    /// Carrier account for the way back; empty: that of the way out.
    pub return_account: String,
    /// Its service; empty: that of the way out, or the one its carrier has for the way back.
    pub return_service: String,
    /// Site that takes returns; empty: where the parcel left.
    pub return_site: String,
    /// Limits of measured signals.
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            exposure_limit: 1_000_000,
            exposure_per_buyer: 50_000,
            second_person_above: 20_000,
            second_check_above: 20_000,
            silence_days: 14,
            orphan_days: 90,
            peers_p99_per_mille: 600,
            reduce_by_person: false,
            return_account: String::new(),
            return_service: String::new(),
            return_site: String::new(),
            limits: Limits::default(),
        }
    }
}

/// What an article is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Good {
    /// Category, as rules name it.
    pub category: String,
    /// Why the law gives no withdrawal.
    pub exception: Option<Exception>,
    /// The law forbids destroying it without an exemption.
    pub destruction_banned: bool,
}

/// A document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Versions of the rules.
    pub versions: Vec<Version>,
    /// Days to withdraw and to pay back, by country of the consumer.
    pub legal_days: BTreeMap<Country, u16>,
    /// Settings.
    #[serde(default)]
    pub settings: Settings,
    /// Articles by SKU.
    #[serde(default)]
    pub goods: BTreeMap<String, Good>,
    /// Grades by category; others have the ones that come with the rules.
    #[serde(default)]
    pub grades: BTreeMap<String, Category>,
}

/// A document in use.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Counts up; 0: the default.
    pub version: u32,
    /// The policies.
    pub policy: Policy,
    /// Settings.
    pub settings: Settings,
    goods: BTreeMap<String, Good>,
    grades: BTreeMap<String, Category>,
}

/// Why a document cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not such a document.
    #[error("not readable: {0}")]
    Form(#[from] toml::de::Error),
    /// Larger than [`BYTES_MAX`].
    #[error("larger than 1 MiB")]
    TooLarge,
    /// It would pay back later than the law allows.
    #[error("undercuts the law")]
    Law(Refusal),
    /// A limit below zero.
    #[error("a limit is below zero")]
    Negative,
}

/// Reads and checks a document.
///
/// # Errors
/// [`ReadError`].
pub fn read(text: &str, version: u32) -> Result<Rules, ReadError> {
    if text.len() > BYTES_MAX {
        return Err(ReadError::TooLarge);
    }
    let Document { versions, legal_days, settings, goods, grades } = toml::from_str(text)?;
    let policy = Policy { versions, legal_days };
    policy.check().map_err(ReadError::Law)?;
    let limits = [
        settings.exposure_limit,
        settings.exposure_per_buyer,
        settings.second_person_above,
        settings.second_check_above,
        settings.peers_p99_per_mille,
    ];
    let fees = policy.versions.iter().flat_map(|v| v.rules.iter().map(|rule| rule.fee));
    if limits.into_iter().chain(fees).any(|limit| limit < 0) {
        return Err(ReadError::Negative);
    }
    Ok(Rules { version, policy, settings, goods, grades })
}

impl Rules {
    /// What an article is; unknown ones are of no category.
    #[must_use]
    pub fn good(&self, sku: &str) -> Good {
        self.goods.get(sku).cloned().unwrap_or_default()
    }

    /// The grades of a category.
    #[must_use]
    pub fn grades(&self, category: &str) -> Option<Category> {
        let own = self.grades.get(category).cloned();
        own.or_else(|| colibri_returns_rules::grade::default_category().ok())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_default_is_readable_and_keeps_the_law() {
        let rules = read(DEFAULT, 0).unwrap();
        assert!(!rules.policy.versions.is_empty());
        assert!(rules.policy.legal_days.len() >= 27);
        assert!(rules.grades("shoes").is_some());
    }

    #[test]
    fn a_rule_that_pays_too_late_is_refused() {
        let late = DEFAULT.replace("refund_days = 14", "refund_days = 30");
        assert!(matches!(read(&late, 1), Err(ReadError::Law(Refusal::LegalDeadlineExceeded))));
        assert!(matches!(read("versions = 1", 1), Err(ReadError::Form(_))));
    }
}
