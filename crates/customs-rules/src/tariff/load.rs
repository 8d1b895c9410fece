//! Loading a tariff from a table of one measure a line.
//!
//! Columns by name: `territory`, `code`, `kind`, `expression`, and optionally `origin`, `from`, `to`,
//! `heading`, `source`, `except` (origins it is not for, `|` between them). Lines that cannot be read are reported, each with its reason, and loaded
//! tariffs never hold half a line.

use time::Date;

use super::{Expression, Measure, MeasureKind, Tariff};

/// A line that was not loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct LoadError {
    /// From 1, the header included.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

/// What became of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LoadReport {
    /// Measures loaded.
    pub loaded: usize,
    /// Lines that were not.
    pub refused: Vec<LoadError>,
}

/// The columns that are known.
const COLUMNS: [&str; 10] = [
    "territory",
    "code",
    "kind",
    "expression",
    "origin",
    "from",
    "to",
    "heading",
    "source",
    "except",
];

impl Tariff {
    /// Loads a table. `separator` is `,` or a tab; cells are not quoted.
    pub fn load(&mut self, text: &str, separator: char, name: &str) -> LoadReport {
        let mut report = LoadReport::default();
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
        let header: Vec<&str> = match lines.next() {
            Some((_, line)) => line.split(separator).map(str::trim).collect(),
            None => return report,
        };
        let place = COLUMNS.map(|column| header.iter().position(|name| *name == column));
        if place.iter().take(4).any(Option::is_none) {
            let reason = format!("the header needs {}", COLUMNS[..4].join(", "));
            report.refused.push(LoadError { line: 1, reason });
            return report;
        }
        for (at, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            let cells: Vec<&str> = line.split(separator).map(str::trim).collect();
            let cell = |column: usize| {
                let found = place.get(column).copied().flatten();
                found.and_then(|at| cells.get(at)).copied().unwrap_or_default()
            };
            match measure(&cell, &format!("{name}:{}", at + 1)) {
                Ok((territory, code, measure)) => {
                    self.insert(&territory, &code, measure);
                    report.loaded += 1;
                }
                Err(reason) => report.refused.push(LoadError { line: at + 1, reason }),
            }
        }
        if self.version.is_empty() {
            name.clone_into(&mut self.version);
        } else {
            self.version = format!("{}+{name}", self.version);
        }
        report
    }
}

fn measure<'a>(
    cell: &dyn Fn(usize) -> &'a str,
    id: &str,
) -> Result<(String, String, Measure), String> {
    let territory = cell(0);
    if territory.is_empty() {
        return Err("no territory".to_owned());
    }
    let code: String = cell(1).chars().filter(|c| !matches!(c, '.' | ' ')).collect();
    if !code.bytes().all(|b| b.is_ascii_digit()) || code.len() > 10 {
        return Err("a code has up to ten digits".to_owned());
    }
    let kind = MeasureKind::ALL.into_iter().find(|kind| kind.as_str() == cell(2));
    let kind = kind.ok_or_else(|| format!("unknown kind `{}`", cell(2)))?;
    let expression = Expression::parse(cell(3)).map_err(|error| error.to_string())?;
    let origin = (!cell(4).is_empty()).then(|| cell(4).to_owned());
    if kind == MeasureKind::Preference && origin.is_none() {
        return Err("a preference needs an origin".to_owned());
    }
    let (from, to) = (day(cell(5))?, day(cell(6))?);
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        return Err("ends before it begins".to_owned());
    }
    let (heading, source) = (cell(7).to_owned(), cell(8).to_owned());
    let id = id.to_owned();
    let except = cell(9).split('|').map(str::trim).filter(|text| !text.is_empty());
    let except = except.map(str::to_owned).collect();
    let measure = Measure { kind, origin, except, expression, from, to, heading, id, source };
    Ok((territory.to_owned(), code, measure))
}

fn day(text: &str) -> Result<Option<Date>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    crate::day::parse(text).map(Some).ok_or_else(|| format!("`{text}` is no day"))
}
