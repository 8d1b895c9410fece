//! Rules as data: when each holds, and what it does. Adding one is a row in `data/rules.json`.

mod effect;
mod when;

use serde::Deserialize;
use time::Date;

pub use effect::{Basis, Effect, Per, TaxBase};
pub use when::{Scope, ValueTest, When};

use crate::place::Territory;

/// How well a rule is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Read in an official text.
    Documented,
    /// Read in somebody's account of it.
    DocumentedSecondary,
    /// Known to the trade, checked nowhere.
    Remembered,
    /// Sources disagree or are silent: off unless an operator switches it on.
    Unconfirmed,
}

/// One dated rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Id in traces.
    pub id: String,
    /// Destination: a country, a special territory, `EU`, or a side of its own (`EU-export`).
    #[serde(rename = "where")]
    pub place: String,
    /// First day, included; `None`: long ago.
    #[serde(default, with = "crate::day::option")]
    pub from: Option<Date>,
    /// Last day, included; `None`: open.
    #[serde(default, with = "crate::day::option")]
    pub to: Option<Date>,
    /// Off: never looked at unless an operator switches it on.
    pub enabled: bool,
    /// When it holds, beside its days.
    #[serde(default)]
    pub when: When,
    /// What it does.
    pub effect: Effect,
    /// Rules that it stands in for.
    #[serde(default)]
    pub replaces: Vec<String>,
    /// How well it is known.
    pub status: Status,
    /// Where it was read.
    pub source: String,
    /// In words.
    pub text: String,
}

/// All rules, with their version.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Day of the last change.
    pub version: String,
    /// In the order they are looked at.
    pub rules: Vec<Rule>,
}

/// Rules that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// Not the form of rules.
    #[error("not the form of rules: {0}")]
    Form(#[from] serde_json::Error),
    /// Two rules of one id.
    #[error("two rules have the id `{0}`")]
    Twice(String),
    /// A rule replaces one that is not there.
    #[error("`{0}` replaces a rule that does not exist")]
    Replaces(String),
    /// A rule ends before it begins.
    #[error("`{0}` ends before it begins")]
    Days(String),
    /// No rule of that id.
    #[error("there is no rule `{0}`")]
    Unknown(String),
}

impl Rules {
    /// The rules that come with the product.
    ///
    /// # Errors
    /// [`RulesError`]; a test reads them.
    pub fn shipped() -> Result<Self, RulesError> {
        Self::read(include_str!("../../data/rules.json"))
    }

    /// Reads rules.
    ///
    /// # Errors
    /// [`RulesError`] names the rule that is wrong.
    pub fn read(json: &str) -> Result<Self, RulesError> {
        let rules: Self = serde_json::from_str(json)?;
        for (at, rule) in rules.rules.iter().enumerate() {
            if rules.rules.iter().take(at).any(|other| other.id == rule.id) {
                return Err(RulesError::Twice(rule.id.clone()));
            }
            if rule.from.zip(rule.to).is_some_and(|(from, to)| to < from) {
                return Err(RulesError::Days(rule.id.clone()));
            }
            let known = |id: &String| rules.rules.iter().any(|other| &other.id == id);
            if !rule.replaces.iter().all(known) {
                return Err(RulesError::Replaces(rule.id.clone()));
            }
        }
        Ok(rules)
    }

    /// Switches a rule on or off.
    ///
    /// # Errors
    /// [`RulesError::Unknown`].
    pub fn switch(&mut self, id: &str, enabled: bool) -> Result<(), RulesError> {
        let rule = self.rules.iter_mut().find(|rule| rule.id == id);
        rule.ok_or_else(|| RulesError::Unknown(id.to_owned()))?.enabled = enabled;
        Ok(())
    }

    /// Rules for a destination on a day, those of the country before those of its union; replaced
    /// ones left out.
    pub(crate) fn of<'a>(&'a self, territory: &Territory, date: Date) -> Vec<&'a Rule> {
        let names = territory.names();
        let mut found: Vec<&Rule> = Vec::new();
        for name in names {
            let holds = |rule: &&Rule| rule.place == name && rule.enabled && rule.holds(date);
            let new: Vec<&Rule> = self
                .rules
                .iter()
                .filter(holds)
                .filter(|r| !found.iter().any(|o| o.id == r.id))
                .collect();
            found.extend(new);
        }
        let replaced: Vec<&String> = found.iter().flat_map(|rule| &rule.replaces).collect();
        found.retain(|rule| !replaced.contains(&&rule.id));
        found
    }
}

impl Rule {
    /// Does the rule hold on that day, both ends included?
    #[must_use]
    pub fn holds(&self, date: Date) -> bool {
        self.from.is_none_or(|from| from <= date) && self.to.is_none_or(|to| date <= to)
    }
}
