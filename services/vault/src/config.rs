//! The section `[vault]`. Meaning and limits stand beside the defaults.

use std::{collections::BTreeMap, path::PathBuf};

use colibri_events::FLOWS;
use serde::Deserialize;

use crate::domain::budget::Rule;

/// `[vault]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is documented in config.default.toml")]
pub struct Config {
    pub root_key_file: PathBuf,
    pub key_cache_s: u64,
    pub key_cache_max: usize,
    pub budget: Budget,
}

/// `[vault.budget]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each key is documented in config.default.toml")]
pub struct Budget {
    pub base_per_day: u32,
    pub per_person: u32,
    pub flows: BTreeMap<String, u32>,
}

impl Config {
    /// Rules between values that no type can say.
    ///
    /// # Errors
    /// A text that names what is wrong.
    pub fn validate(&self) -> Result<(), String> {
        if self.key_cache_max == 0 {
            return Err("key_cache_max is at least 1".to_owned());
        }
        let unknown = |name: &&String| !FLOWS.iter().any(|flow| flow.name == name.as_str());
        match self.budget.flows.keys().find(unknown) {
            Some(name) => Err(format!("budget.flows.{name} is no flow of the register")),
            None => Ok(()),
        }
    }
}

impl Budget {
    /// The rule of a flow.
    #[must_use]
    pub fn rule(&self, flow: &str) -> Rule {
        let per_person = self.flows.get(flow).copied().unwrap_or(self.per_person);
        Rule { base: self.base_per_day, per_person }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn load(env: &[(&str, &str)]) -> Config {
        let defaults = [("vault", include_str!("../config.default.toml"))];
        let env = env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        colibri_kit::config::Config::load(&defaults, None, env).unwrap().section("vault").unwrap()
    }

    #[test]
    fn defaults_are_valid_and_flows_may_differ() {
        let config = load(&[]);
        assert_eq!(config.validate(), Ok(()));
        assert_eq!(config.budget.rule("order_view"), Rule { base: 200, per_person: 3 });
        assert_eq!(config.budget.rule("tracking_poll").per_person, 250);
        let own = load(&[("COLIBRI_VAULT__BUDGET__FLOWS__TRACKING_VIEW", "9")]);
        assert_eq!(own.budget.rule("tracking_view").per_person, 9);
    }

    #[test]
    fn a_flow_that_is_none_is_refused() {
        let mut config = load(&[]);
        config.budget.flows.insert("label_purchas".to_owned(), 1);
        assert!(config.validate().unwrap_err().contains("label_purchas"));
    }
}
