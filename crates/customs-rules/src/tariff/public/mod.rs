//! Tariffs as authorities publish them, brought to the form that is counted with.
//!
//! A row that is a duty but is written in words that are not counted with, or for a group of
//! countries whose members are not loaded, becomes a measure that cannot be computed: never zero,
//! never left out. Everything else that is not loaded is in the report with its row and reason.

mod duty_text;
mod hts;
mod measures;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fmt, str::FromStr};

use super::{LoadError, Tariff};

/// The published forms that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// Measures of the United Kingdom's tariff, the table of the data service of its Department for
    /// Business and Trade (`commodity__code`, `measure__type__id`, ..).
    UkMeasures,
    /// Duties of the European Union's TARIC, the Commission's sheet (`Goods code`, `Duty`, ..) saved
    /// as a table.
    EuTaric,
    /// The Harmonized Tariff Schedule of the United States, its CSV.
    UsHtsCsv,
    /// The same as JSON.
    UsHtsJson,
}

/// No form of that name is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no published form of a tariff: uk-measures, eu-taric, us-hts-csv or us-hts-json")]
pub struct UnknownPublished;

impl Published {
    /// Every form.
    pub const ALL: [Self; 4] = [Self::UkMeasures, Self::EuTaric, Self::UsHtsCsv, Self::UsHtsJson];

    /// Its name in calls.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UkMeasures => "uk-measures",
            Self::EuTaric => "eu-taric",
            Self::UsHtsCsv => "us-hts-csv",
            Self::UsHtsJson => "us-hts-json",
        }
    }

    /// The tariff's name in the rules.
    const fn territory(self) -> &'static str {
        match self {
            Self::UkMeasures => "UK",
            Self::EuTaric => "EU",
            Self::UsHtsCsv | Self::UsHtsJson => "US",
        }
    }
}

impl fmt::Display for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Published {
    type Err = UnknownPublished;

    fn from_str(text: &str) -> Result<Self, UnknownPublished> {
        Self::ALL.into_iter().find(|form| form.as_str() == text).ok_or(UnknownPublished)
    }
}

/// Countries of the groups that measures are for (`2020` and the like).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Areas {
    members: BTreeMap<String, Vec<String>>,
}

impl Areas {
    /// Reads a table of `group,country`, a row per member.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut members: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in text.lines().skip(1) {
            if let Some((group, country)) = line.split_once(',') {
                let all = members.entry(group.trim().to_owned()).or_default();
                all.push(country.trim().to_owned());
            }
        }
        Self { members }
    }

    fn of(&self, group: &str) -> Option<&[String]> {
        self.members.get(group).map(Vec::as_slice)
    }
}

/// What became of a published file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Rows that were read.
    pub rows: usize,
    /// Measures that are counted with.
    pub loaded: usize,
    /// Measures that exist and cannot be computed, with the reason. They are in the tariff.
    pub unread: Vec<LoadError>,
    /// Rows that are not in the tariff, with the reason.
    pub refused: Vec<LoadError>,
    /// Rows that are no duty, by what they are: controls, statistics, quotas that nobody claims.
    pub other: BTreeMap<String, usize>,
}

impl Imported {
    fn refuse(&mut self, line: usize, reason: impl Into<String>) {
        self.refused.push(LoadError { line, reason: reason.into() });
    }

    fn pass(&mut self, what: impl Into<String>) {
        *self.other.entry(what.into()).or_default() += 1;
    }
}

impl Tariff {
    /// Adds the measures of a published file. `name` stands in ids and sources; a file that is not
    /// of the form at all is one refused row.
    pub fn import(&mut self, form: Published, text: &str, areas: &Areas, name: &str) -> Imported {
        let mut report = Imported::default();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match form {
            Published::UkMeasures | Published::EuTaric => {
                measures::read(self, form, text, areas, name, &mut report);
            }
            Published::UsHtsCsv => hts::csv(self, text, name, &mut report),
            Published::UsHtsJson => hts::json(self, text, name, &mut report),
        }
        if self.version.is_empty() {
            name.clone_into(&mut self.version);
        } else {
            self.version = format!("{}+{name}", self.version);
        }
        report
    }
}
