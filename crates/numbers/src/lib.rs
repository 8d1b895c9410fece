//! Tracking numbers: whose they may be, and whether their check digits are right.
//!
//! Owns formats and check digits as data (`data/`). Gives a ranked list and never one answer: the
//! same digits may belong to several carriers. A wrong check digit is a warning and no refusal,
//! since data lags behind carriers. Deliberately absent: asking anybody.

mod checksum;
mod format;
mod rank;

use serde::Serialize;

/// Longest text that is looked at: twice the longest format of 42 characters, typed with a blank
/// after each, and some.
const TEXT_MAX: usize = 128;

/// What is known beside the number.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'a> {
    /// Ids of the carriers that the asker has contracts with: they come first.
    pub carriers: &'a [&'a str],
    /// Country of the shipment (ISO 3166-1 alpha-2), where known.
    pub country: Option<&'a str>,
}

/// Is the check digit right?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// The format has one and it is right.
    Passed,
    /// The format has one and it is wrong.
    Failed,
    /// The format has none, or none that is known.
    None,
}

/// A format that a number has the shape of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// Id of a carrier that Colibri has a connector for; `None` for others.
    pub carrier: Option<&'static str>,
    /// Name of the courier.
    pub courier: String,
    /// Id of the format.
    pub format: String,
    /// The check digit.
    pub check: Check,
    /// The rule was worked out from few numbers, and documented nowhere.
    pub inferred: bool,
    /// Service or country that the number itself names.
    pub details: Vec<(String, String)>,
    /// The courier's public page, where the data names one.
    pub tracking_url: Option<String>,
    /// Higher is likelier; only its order means something.
    pub score: i32,
}

/// The number as it is compared: upper case, without blanks, dots and hyphens.
#[must_use]
pub fn normalise(text: &str) -> String {
    let kept = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '.'));
    kept.flat_map(char::to_uppercase).collect()
}

/// Whose number this may be, likeliest first; empty when no format fits.
#[must_use]
pub fn detect(text: &str, hints: Hints<'_>) -> Vec<Candidate> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > TEXT_MAX {
        return Vec::new();
    }
    let normal = normalise(text);
    // Ids of eight letters exist on paper; a word without a digit is no number to anybody.
    if !normal.bytes().any(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    let mut found: Vec<Candidate> = format::all()
        .iter()
        .filter_map(|format| format.read(&normal, text))
        .map(|candidate| rank::scored(candidate, &normal, hints))
        .collect();
    found.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.format.cmp(&b.format)));
    found
}
