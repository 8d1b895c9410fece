//! States, provinces, counties: codes, names, and what people write for them.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::format::{self, Part};
use crate::text::fold;

/// One subdivision of a country.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subdivision {
    /// The part of ISO 3166-2 after the hyphen; where none is known, the name.
    pub code: String,
    /// A name in use, in Latin script where we have one.
    pub name: String,
}

#[derive(Default)]
struct List {
    all: Vec<Subdivision>,
    by_code: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
    /// Every name people may write is covered: an unknown one is a mistake.
    complete: bool,
}

impl List {
    fn add<'a>(&mut self, code: &str, name: &'a str, aliases: impl Iterator<Item = &'a str>) {
        let index = self.all.len();
        self.by_code.entry(fold(code)).or_insert(index);
        for alias in std::iter::once(name).chain(aliases) {
            self.by_name.entry(fold(alias)).or_insert(index);
        }
        self.all.push(Subdivision { code: code.to_owned(), name: name.to_owned() });
    }

    /// Codes before names: that makes resolving a resolved code change nothing.
    fn find(&self, folded: &str) -> Option<&Subdivision> {
        let index = self.by_code.get(folded).or_else(|| self.by_name.get(folded))?;
        self.all.get(*index)
    }
}

static LISTS: LazyLock<HashMap<String, List>> = LazyLock::new(load);

fn load() -> HashMap<String, List> {
    let mut lists: HashMap<String, List> = HashMap::new();
    let own = include_str!("../data/subdivisions.csv");
    // Compiled in; a test proves that every row parses.
    for row in csv::Reader::from_reader(own.as_bytes()).into_records().flatten() {
        let cell = |i: usize| row.get(i).unwrap_or_default();
        let list = lists.entry(cell(0).to_owned()).or_default();
        list.complete = true;
        list.add(cell(1), cell(2), cell(3).split('~').filter(|a| !a.is_empty()));
    }
    for country in crate::countries() {
        if lists.contains_key(&country.alpha2) {
            continue;
        }
        let Some(rules) = format::format(&country.alpha2) else {
            continue;
        };
        let mut list = List::default();
        for (code, name) in &rules.subdivisions {
            list.add(code, name, std::iter::empty());
        }
        // A list in another script has no Latin names: what is not found may still be right.
        list.complete = !list.all.is_empty()
            && rules.requires(Part::Subdivision)
            && rules.subdivisions.iter().all(|(_, n)| n.chars().all(|c| c < '\u{0250}'));
        lists.insert(country.alpha2.clone(), list);
    }
    lists
}

/// The subdivisions we know of an alpha-2 country; empty where we have no list.
#[must_use]
pub fn subdivisions(country: &str) -> &'static [Subdivision] {
    LISTS.get(country).map_or(&[], |l| l.all.as_slice())
}

/// Finds `California`, `CA`, `US-CA` or `JP13` in a country's list.
#[must_use]
pub fn resolve_subdivision(country: &str, text: &str) -> Option<&'static Subdivision> {
    // 200 bytes: the longest name is under 60; more is no subdivision.
    if text.len() > 200 {
        return None;
    }
    let list = LISTS.get(country)?;
    let folded = fold(text);
    list.find(&folded).or_else(|| {
        let rest = folded.strip_prefix(&country.to_lowercase())?;
        let index = list.by_code.get(rest)?;
        list.all.get(*index)
    })
}

/// True when a subdivision that is not in the list is certainly wrong.
pub fn is_complete(country: &str) -> bool {
    LISTS.get(country).is_some_and(|l| l.complete)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(country: &str, text: &str) -> Option<&'static str> {
        resolve_subdivision(country, text).map(|s| s.code.as_str())
    }

    #[test]
    fn every_row_of_our_table_is_loaded() {
        let rows = include_str!("../data/subdivisions.csv").lines().count() - 1;
        let own: usize = ["US", "CA", "AU", "IT", "ES", "BR", "MX", "IE", "IN", "JP", "AE", "HK"]
            .iter()
            .chain(&["CN", "KR", "TW"])
            .map(|c| subdivisions(c).len())
            .sum();
        assert_eq!(own, rows);
    }

    #[test]
    fn codes_names_and_long_codes_resolve() {
        for (country, text, expected) in [
            ("US", "California", "CA"),
            ("US", "ca", "CA"),
            ("US", "US-CA", "CA"),
            ("US", "D.C.", "DC"),
            ("US", "Puerto Rico", "PR"),
            ("US", "AE", "AE"),
            ("CA", "Québec", "QC"),
            ("CA", "CA-ON", "ON"),
            ("AU", "new south wales", "NSW"),
            ("IT", "Reggio nell'Emilia", "RE"),
            ("IT", "FO", "FC"),
            ("ES", "Vizcaya", "BI"),
            ("ES", "Barcelona", "B"),
            ("BR", "Sao Paulo", "SP"),
            ("MX", "CDMX", "CMX"),
            ("MX", "Edo. Méx.", "MEX"),
            ("JP", "JP13", "13"),
            ("JP", "東京都", "13"),
            ("JP", "Osaka-fu", "27"),
            ("AE", "Dubai", "DU"),
            ("AE", "إمارة دبيّ", "DU"),
            ("IE", "Co. Dublin", "D"),
            ("IE", "County Cork", "CO"),
            ("CN", "广东省", "GD"),
            ("CN", "Guangdong", "GD"),
            ("IN", "Telangana", "TS"),
            ("KR", "서울특별시", "11"),
            ("AR", "Córdoba", "X"),
            ("CO", "Bogota", "DC"),
        ] {
            assert_eq!(code(country, text), Some(expected), "{country} {text}");
        }
        assert_eq!(code("US", "Bavaria"), None);
        assert_eq!(code("FR", "Bretagne"), None);
    }

    #[test]
    fn resolving_a_code_gives_itself_in_every_country() {
        for country in crate::countries() {
            for s in subdivisions(&country.alpha2) {
                assert_eq!(
                    code(&country.alpha2, &s.code),
                    Some(s.code.as_str()),
                    "{} {}",
                    country.alpha2,
                    s.name
                );
            }
        }
    }
}
