//! Grades as definitions: criteria answered yes or no, a grade that is computed, no opinions.
//!
//! Definitions are data with a version, by category of goods. An inspector may set another grade,
//! with a reason; that is recorded as such and never changes what was computed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::goods::{Disposition, Grade};

/// What a grade means for the money, before the reason of the return is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// All of it.
    Full,
    /// A reduction is allowed for handling beyond what is needed to see and try, by table.
    ReductionAllowed,
    /// All of it where the merchant or the carrier is at fault.
    ByReason,
    /// A person decides.
    Stop,
}

/// One grade of a category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// The grade.
    pub grade: Grade,
    /// Every one of these is answered yes.
    #[serde(default)]
    pub all: BTreeSet<String>,
    /// Or one of these is: a sign that puts a unit here whatever else is answered.
    #[serde(default)]
    pub signs: BTreeSet<String>,
    /// Fewest photos.
    pub photos: u8,
    /// What is proposed to be done with it.
    pub dispositions: Vec<Disposition>,
    /// What it means for the money.
    pub effect: Effect,
}

/// The definitions of one category, best grade first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Counts up whenever a definition changes.
    pub version: u32,
    /// Best first; the last one takes what no other did.
    pub grades: Vec<Definition>,
}

/// What was computed, and from what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computed<'a> {
    /// The definition that fits.
    pub definition: &'a Definition,
    /// Version of the definitions.
    pub version: u32,
    /// Criteria that kept it from the grade above, or the sign that put it here.
    pub because: BTreeSet<String>,
}

/// A grade cannot be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotGraded {
    /// Criteria nobody has answered.
    #[error("not answered: {0:?}")]
    Unanswered(BTreeSet<String>),
    /// No definition takes it.
    #[error("no definition fits")]
    Undefined,
}

/// Definitions of goods that have none of their own.
///
/// # Errors
/// The error of the parser, if the data that ships with this crate were broken.
pub fn default_category() -> Result<Category, serde_json::Error> {
    serde_json::from_str(include_str!("../data/grades.json"))
}

impl Category {
    /// Everything that is asked at the bench.
    #[must_use]
    pub fn criteria(&self) -> BTreeSet<&str> {
        let all = self.grades.iter().flat_map(|grade| grade.all.iter().chain(&grade.signs));
        all.map(String::as_str).collect()
    }

    /// The grade of a unit, by the answers.
    ///
    /// # Errors
    /// [`NotGraded::Unanswered`] names what is missing; nothing is assumed.
    pub fn grade(&self, answers: &BTreeMap<String, bool>) -> Result<Computed<'_>, NotGraded> {
        let missing = self.criteria().into_iter().filter(|asked| !answers.contains_key(*asked));
        let missing: BTreeSet<String> = missing.map(str::to_owned).collect();
        if !missing.is_empty() {
            return Err(NotGraded::Unanswered(missing));
        }
        let yes = |asked: &&String| answers.get(*asked).copied().unwrap_or_default();
        let version = self.version;
        // The worst sign counts: what leaks is kept apart even if it is another article.
        for definition in self.grades.iter().rev() {
            let because: BTreeSet<String> = definition.signs.iter().filter(yes).cloned().collect();
            if !because.is_empty() {
                return Ok(Computed { definition, version, because });
            }
        }
        let mut because = BTreeSet::new();
        for definition in self.grades.iter().filter(|definition| definition.signs.is_empty()) {
            let failed: BTreeSet<String> =
                definition.all.iter().filter(|asked| !yes(asked)).cloned().collect();
            if failed.is_empty() {
                return Ok(Computed { definition, version, because });
            }
            because = failed;
        }
        Err(NotGraded::Undefined)
    }
}

/// Why another inspector looks as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondCheck {
    /// Not the article.
    NotTheItem,
    /// Defective, and the buyer would get less.
    Reduced,
    /// Worth more than the limit.
    Value,
    /// Drawn by lot: five in a hundred.
    Lot,
}

/// Does another inspector look? `lot` is drawn by the caller from 0 to 99.
#[must_use]
pub fn second_check(
    grade: Grade,
    reduced: bool,
    value: i64,
    limit: i64,
    lot: u8,
) -> Option<SecondCheck> {
    match grade {
        Grade::E => Some(SecondCheck::NotTheItem),
        Grade::D if reduced => Some(SecondCheck::Reduced),
        _ if value > limit => Some(SecondCheck::Value),
        _ if lot < 5 => Some(SecondCheck::Lot),
        _ => None,
    }
}

/// Agreement of two inspectors in thousandths (weighted kappa, squared distance), from pairs of
/// grades A to D. None when chance alone cannot be told from agreement.
#[must_use]
pub fn agreement(pairs: &[(Grade, Grade)]) -> Option<i64> {
    let rank = |grade| Grade::ALL.iter().take(4).position(|known| *known == grade);
    let ranked = pairs.iter().filter_map(|(a, b)| Some((rank(*a)?, rank(*b)?)));
    let ranked: Vec<(usize, usize)> = ranked.collect();
    let far = |a: usize, b: usize| i64::try_from(a.abs_diff(b).pow(2)).unwrap_or(i64::MAX);
    let seen: i64 = ranked.iter().map(|(a, b)| far(*a, *b)).sum();
    let crossed = ranked.iter().flat_map(|(a, _)| ranked.iter().map(|(_, b)| far(*a, *b)));
    let chance: i64 = crossed.sum();
    let count = i64::try_from(ranked.len()).ok()?;
    (chance > 0).then(|| 1_000 - 1_000 * seen * count / chance)
}
