//! The section `[customs]`. Meaning, units and limits stand beside the defaults.

use std::{collections::BTreeMap, path::PathBuf};

use colibri_customs_rules::declare::PostalProduct;
use colibri_documents::invoice::Language;
use colibri_kit::{fault::BoxError, service::Host};
use colibri_screening::{Thresholds, ThresholdsError};
use serde::Deserialize;

/// The section.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is documented in config.default.toml")]
pub struct Config {
    pub tariffs: Vec<PathBuf>,
    pub rates: String,
    pub sdr: String,
    pub restrictions: String,
    pub rules_on: Vec<String>,
    pub rules_off: Vec<String>,
    pub import_rows_max: usize,
    pub recheck_poll_ms: u64,
    pub drawing: usize,
    pub lease_s: u32,
    pub invoice_language: String,
    pub screening_review: u16,
    pub screening_hold: u16,
    pub screening_age_max_h: u32,
    pub screening_indexes: usize,
    #[serde(default)]
    pub posts: BTreeMap<String, Post>,
}

/// A post, by the carrier that stands for it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Post {
    /// Printed on the form.
    pub operator: String,
    /// Decides between CN22 and CN23.
    pub product: PostalProduct,
    /// Services that are another product, by their code in lower case.
    #[serde(default)]
    pub services: BTreeMap<String, PostalProduct>,
}

impl Post {
    /// The product that a service of the carrier is.
    #[must_use]
    pub fn product_of(&self, service: &str) -> PostalProduct {
        self.services.get(&service.to_ascii_lowercase()).copied().unwrap_or(self.product)
    }
}

/// A value that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("[customs]: {0}")]
pub struct ConfigError(&'static str);

impl Config {
    /// Language beside English on invoices.
    #[must_use]
    pub fn language(&self) -> Language {
        match self.invoice_language.as_str() {
            "fr" => Language::French,
            "de" => Language::German,
            "es" => Language::Spanish,
            _ => Language::English,
        }
    }

    /// Reads and checks the section.
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn read(host: &Host) -> Result<Self, BoxError> {
        let config: Self = host.config.section("customs")?;
        config.validate()?;
        Ok(config)
    }

    /// From which score on a person has to look.
    ///
    /// # Errors
    /// [`ThresholdsError`] when they cannot be.
    pub const fn thresholds(&self) -> Result<Thresholds, ThresholdsError> {
        Thresholds::new(self.screening_review, self.screening_hold)
    }

    fn validate(&self) -> Result<(), ConfigError> {
        let language = ["en", "fr", "de", "es"].contains(&self.invoice_language.as_str());
        let named = |post: &Post| !post.operator.trim().is_empty();
        let rules = [
            ((1..=200_000).contains(&self.import_rows_max), "import_rows_max is 1 to 200000"),
            ((100..=600_000).contains(&self.recheck_poll_ms), "recheck_poll_ms is 100 to 600000"),
            ((1..=1024).contains(&self.drawing), "drawing is 1 to 1024"),
            ((10..=600).contains(&self.lease_s), "lease_s is 10 to 600"),
            (
                self.thresholds().is_ok(),
                "screening_review is 500 to screening_hold, that at most 1000",
            ),
            ((1..=8760).contains(&self.screening_age_max_h), "screening_age_max_h is 1 to 8760"),
            ((1..=1000).contains(&self.screening_indexes), "screening_indexes is 1 to 1000"),
            (language, "invoice_language is en, fr, de or es"),
            (self.posts.values().all(named), "a post needs the operator that its forms name"),
        ];
        match rules.iter().find(|(holds, _)| !holds) {
            None => Ok(()),
            Some((_, rule)) => Err(ConfigError(rule)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use colibri_kit::config::Config as All;

    use super::*;

    fn load(env: &[(&str, &str)]) -> Config {
        let defaults = [("customs", include_str!("../config.default.toml"))];
        let env = env.iter().map(|(k, v)| (format!("COLIBRI_CUSTOMS__{k}"), (*v).to_owned()));
        All::load(&defaults, None, env).unwrap().section("customs").unwrap()
    }

    #[test]
    fn the_defaults_hold_and_what_cannot_be_is_refused() {
        let config = load(&[]);
        assert_eq!(config.validate(), Ok(()));
        assert_eq!(config.posts.len(), 1);
        let post = &load(&[("POSTS__COLISSIMO__SERVICES__PAQ", "letter")]).posts["colissimo"];
        assert_eq!(post.product_of("PAQ"), PostalProduct::Letter);
        assert_eq!(post.product_of("DOS"), PostalProduct::Parcel);
        for wrong in [("INVOICE_LANGUAGE", "tlh"), ("DRAWING", "0"), ("LEASE_S", "1")] {
            assert!(load(&[wrong]).validate().is_err(), "{wrong:?}");
        }
    }
}
