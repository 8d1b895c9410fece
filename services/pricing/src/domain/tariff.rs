//! A tariff that passed every check.
//!
//! Owns the only way from data to something that can be rated: whoever holds a [`Tariff`] holds
//! one without contradictions. Cheap to clone.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{areas::Index, code::Code, quote::TariffRef, sheet::Sheet, validate};

/// Largest tariff text in bytes: ten times the largest real one with all remote postcodes.
const TEXT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A checked price table.
#[derive(Clone)]
pub struct Tariff(Arc<Inner>);

struct Inner {
    sheet: Sheet,
    indexes: Indexes,
}

/// Who claims which place, prepared once.
#[derive(Default)]
pub(super) struct Indexes {
    /// Postcodes of origin; unused when the whole country is meant.
    pub origin: Index<()>,
    /// Zones by name, and `None` for places not served.
    pub zones: Index<Option<String>>,
    /// For each surcharge and each of its conditions, the places it names.
    pub surcharges: Vec<Vec<Index<()>>>,
}

/// One thing wrong with a tariff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// For programs.
    pub code: Code,
    /// Where, e.g. `zones.europe.breaks[3].price`.
    pub path: String,
    /// For people.
    pub reason: String,
}

impl Problem {
    /// A problem.
    pub(super) fn new(code: Code, path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { code, path: path.into(), reason: reason.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.code, self.path, self.reason)
    }
}

/// Why a tariff was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseTariffError {
    /// Neither syntax nor keys could be read.
    #[error("{}: {reason}", Code::TariffUnreadable)]
    Unreadable {
        /// The reader's words, with line and column.
        reason: String,
    },
    /// Read, but contradictory: everything that is wrong, not only the first.
    #[error("{}", list(.problems))]
    Invalid {
        /// At least one.
        problems: Vec<Problem>,
    },
}

impl ParseTariffError {
    /// Public code of the first problem.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Unreadable { .. } => Code::TariffUnreadable,
            Self::Invalid { problems } => {
                problems.first().map_or(Code::TariffUnreadable, |problem| problem.code)
            }
        }
    }
}

fn list(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("; ")
}

impl Tariff {
    /// Checks a sheet as a whole.
    ///
    /// # Errors
    /// [`ParseTariffError::Invalid`] with every problem, PRC0002 to PRC0013.
    pub fn new(sheet: Sheet) -> Result<Self, ParseTariffError> {
        let mut problems = Vec::new();
        let indexes = validate::check(&sheet, &mut problems);
        if problems.is_empty() {
            Ok(Self(Arc::new(Inner { sheet, indexes })))
        } else {
            Err(ParseTariffError::Invalid { problems })
        }
    }

    /// Reads and checks TOML.
    ///
    /// # Errors
    /// [`ParseTariffError`], PRC0001 to PRC0013.
    pub fn from_toml(text: &str) -> Result<Self, ParseTariffError> {
        fits(text)?;
        let sheet = toml::from_str(text)
            .map_err(|error| ParseTariffError::Unreadable { reason: error.to_string() })?;
        Self::new(sheet)
    }

    /// Reads and checks JSON.
    ///
    /// # Errors
    /// [`ParseTariffError`], PRC0001 to PRC0013.
    pub fn from_json(text: &str) -> Result<Self, ParseTariffError> {
        fits(text)?;
        let sheet = serde_json::from_str(text)
            .map_err(|error| ParseTariffError::Unreadable { reason: error.to_string() })?;
        Self::new(sheet)
    }

    /// The data.
    #[must_use]
    pub fn sheet(&self) -> &Sheet {
        &self.0.sheet
    }

    /// Id and version.
    #[must_use]
    pub fn reference(&self) -> TariffRef {
        TariffRef { id: self.0.sheet.id.clone(), version: self.0.sheet.version }
    }

    pub(super) fn indexes(&self) -> &Indexes {
        &self.0.indexes
    }
}

fn fits(text: &str) -> Result<(), ParseTariffError> {
    if text.len() <= TEXT_BYTES_MAX {
        return Ok(());
    }
    let reason = format!("{} bytes; at most {TEXT_BYTES_MAX} are read", text.len());
    Err(ParseTariffError::Unreadable { reason })
}

impl PartialEq for Tariff {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.sheet() == other.sheet()
    }
}

impl Eq for Tariff {}

impl fmt::Debug for Tariff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tariff({})", self.reference())
    }
}

impl Serialize for Tariff {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.sheet().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Tariff {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Sheet::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
