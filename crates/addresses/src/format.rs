//! What each country requires of an address: the rows of the address format table.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use regex::{Regex, RegexBuilder};

/// One country's rules.
pub struct Format {
    /// Letters of the required parts: `A` street, `C` town, `S` subdivision, `Z` postcode.
    require: String,
    /// Some rule of writing mentions a subdivision.
    pub uses_subdivision: bool,
    pattern: Option<String>,
    compiled: OnceLock<Option<Regex>>,
    /// Postcodes that have the right form.
    pub examples: Vec<String>,
    /// What the country calls its subdivisions: `state`, `province`...
    pub subdivision_word: &'static str,
    /// `(code, name)`; the code is the name where the data has none.
    pub subdivisions: Vec<(String, String)>,
}

/// The parts an address may be required to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Street,
    City,
    Subdivision,
    Postcode,
}

impl Format {
    pub fn requires(&self, part: Part) -> bool {
        self.require.contains(match part {
            Part::Street => 'A',
            Part::City => 'C',
            Part::Subdivision => 'S',
            Part::Postcode => 'Z',
        })
    }

    /// False where the country has no postcodes.
    pub const fn has_postcodes(&self) -> bool {
        self.pattern.is_some()
    }

    pub fn pattern(&self) -> Option<&str> {
        self.pattern.as_deref()
    }

    /// True when the whole text has the country's form. Compiled at first use: most deployments
    /// ship to a handful of countries.
    pub fn matches(&self, postcode: &str) -> bool {
        let Some(pattern) = &self.pattern else {
            return false;
        };
        let compiled = self.compiled.get_or_init(|| {
            RegexBuilder::new(&format!("^(?:{pattern})$")).unicode(false).build().ok()
        });
        // ASCII only: `$` and `\d` are byte-wise here.
        postcode.is_ascii() && compiled.as_ref().is_some_and(|r| r.is_match(postcode))
    }
}

static FORMATS: LazyLock<HashMap<String, Format>> = LazyLock::new(load);

/// The rules of an alpha-2 country.
pub fn format(country: &str) -> Option<&'static Format> {
    FORMATS.get(country)
}

fn load() -> HashMap<String, Format> {
    let data = include_str!("../data/country_address_formats.csv");
    // Compiled in; a test proves that every row parses.
    csv::Reader::from_reader(data.as_bytes())
        .into_records()
        .flatten()
        .map(|row| (row.get(0).unwrap_or_default().to_owned(), read(&row)))
        .collect()
}

fn read(row: &csv::StringRecord) -> Format {
    let cell = |i: usize| row.get(i).unwrap_or_default();
    let country = cell(0);
    // The data's own default for a country without rules: street and town.
    let require = if cell(3).is_empty() { "AC" } else { cell(3) };
    let ids: Vec<&str> = cell(10).split('~').collect();
    let subdivisions = cell(9)
        .split('~')
        .enumerate()
        .filter(|(_, name)| !name.is_empty())
        .map(|(i, name)| {
            let code = ids.get(i).copied().filter(|id| !id.is_empty()).unwrap_or(name);
            (code.to_owned(), name.to_owned())
        })
        .collect();
    Format {
        require: require.to_owned(),
        uses_subdivision: cell(2).contains("%S"),
        pattern: Some(cell(5)).filter(|p| !p.is_empty()).map(str::to_owned),
        compiled: OnceLock::new(),
        examples: cell(6).split(',').filter(|e| !e.is_empty()).map(str::to_owned).collect(),
        subdivision_word: word(country, cell(8)),
        subdivisions,
    }
}

fn word(country: &str, data: &str) -> &'static str {
    match (country, data) {
        ("HK", _) => "area",
        ("CA" | "CN" | "ES" | "IT" | "KR" | "AR" | "BE" | "NL", _) => "province",
        (_, "state") => "state",
        (_, "county") => "county",
        (_, "emirate") => "emirate",
        (_, "prefecture") => "prefecture",
        (_, "parish") => "parish",
        (_, "island") => "island",
        (_, "department") => "department",
        (_, "district") => "district",
        _ => "region",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn every_country_has_rules_and_every_pattern_compiles_and_takes_its_examples() {
        for c in crate::countries() {
            let rules = format(&c.alpha2).unwrap_or_else(|| panic!("{} has no row", c.alpha2));
            for example in &rules.examples {
                // Monaco to Saint Martin: the source's examples are exact.
                assert!(rules.matches(example), "{} {example}", c.alpha2);
            }
            if rules.has_postcodes() {
                rules.matches("x");
                assert!(rules.compiled.get().is_some_and(Option::is_some), "{}", c.alpha2);
            }
        }
    }

    #[test]
    fn a_pattern_is_anchored_at_both_ends() {
        let france = format("FR").expect("row");
        assert!(france.matches("75008"));
        assert!(
            !france.matches("750081") && !france.matches("x75008") && !france.matches("75008\n")
        );
    }

    #[test]
    fn countries_without_rules_ask_for_street_and_town() {
        let angola = format("AO").expect("row");
        assert!(angola.requires(Part::Street) && angola.requires(Part::City));
        assert!(!angola.requires(Part::Postcode) && !angola.has_postcodes());
    }
}
