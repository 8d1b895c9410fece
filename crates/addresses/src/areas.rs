//! Which leading characters of a postcode lie in which subdivision.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::text::compact;

struct Area {
    from: String,
    to: String,
    subdivisions: Vec<String>,
}

/// Where a postcode lies.
#[derive(Debug, PartialEq, Eq)]
pub enum Place {
    /// We have no table for the country.
    NoTable,
    /// No place uses this range.
    Unassigned,
    /// In one of these subdivisions; empty when the range says nothing about it.
    In {
        /// As many leading characters as decide.
        prefix: String,
        /// Codes.
        subdivisions: &'static [String],
    },
}

static AREAS: LazyLock<HashMap<String, Vec<Area>>> = LazyLock::new(load);

fn load() -> HashMap<String, Vec<Area>> {
    let mut areas: HashMap<String, Vec<Area>> = HashMap::new();
    let data = include_str!("../data/postcode_areas.csv");
    // Compiled in; a test proves that every row parses.
    for row in csv::Reader::from_reader(data.as_bytes()).into_records().flatten() {
        let cell = |i: usize| row.get(i).unwrap_or_default();
        let subdivisions = cell(3).split('~').filter(|s| !s.is_empty()).map(str::to_owned);
        areas.entry(cell(0).to_owned()).or_default().push(Area {
            from: cell(1).to_owned(),
            to: cell(2).to_owned(),
            subdivisions: subdivisions.collect(),
        });
    }
    areas
}

/// The longest range that holds the postcode decides.
pub fn place(country: &str, postcode: &str) -> Place {
    let Some(areas) = AREAS.get(country) else {
        return Place::NoTable;
    };
    let compact = compact(postcode);
    let holds = |area: &&Area| {
        compact
            .get(..area.from.len())
            .is_some_and(|p| area.from.as_str() <= p && p <= area.to.as_str())
    };
    match areas.iter().filter(holds).max_by_key(|a| a.from.len()) {
        None => Place::Unassigned,
        Some(area) => Place::In {
            prefix: compact.get(..area.from.len()).unwrap_or_default().to_owned(),
            subdivisions: &area.subdivisions,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(country: &str, postcode: &str) -> String {
        match place(country, postcode) {
            Place::NoTable => "no table".into(),
            Place::Unassigned => "unassigned".into(),
            Place::In { subdivisions, .. } => subdivisions.join("/"),
        }
    }

    #[test]
    fn every_row_is_loaded_and_names_known_subdivisions() {
        let rows = include_str!("../data/postcode_areas.csv").lines().count() - 1;
        assert_eq!(AREAS.values().map(Vec::len).sum::<usize>(), rows);
        for (country, areas) in AREAS.iter() {
            for area in areas {
                assert_eq!(area.from.len(), area.to.len());
                for code in &area.subdivisions {
                    let known = crate::resolve_subdivision(country, code);
                    assert_eq!(known.map(|s| s.code.as_str()), Some(code.as_str()), "{country}");
                }
            }
        }
    }

    #[test]
    fn the_longest_range_decides() {
        for (country, postcode, expected) in [
            ("US", "90210", "CA"),
            ("US", "06390", "NY"),
            ("US", "06380", "CT"),
            ("US", "09012", "AE"),
            ("US", "00000", "unassigned"),
            ("US", "00907", "PR"),
            ("CA", "H3Z 2Y7", "QC"),
            ("CA", "X0A 0H0", "NU"),
            ("AU", "2600", "ACT/NSW"),
            ("AU", "6000", "WA"),
            ("AU", "0800", "NT"),
            ("ES", "28013", "M"),
            ("ES", "53000", "unassigned"),
            ("FR", "96000", "unassigned"),
            ("FR", "97410", ""),
            ("BR", "70002-900", "DF"),
            ("MX", "64000", "NLE"),
            ("DE", "10115", "no table"),
        ] {
            assert_eq!(at(country, postcode), expected, "{country} {postcode}");
        }
    }
}
