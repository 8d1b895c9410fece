//! The country table and the names people write for countries.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::text::fold;

/// One entry of ISO 3166-1, or of the few codes the post uses beside it (AC, TA, XK).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166-1 alpha-2.
    pub alpha2: String,
    /// ISO 3166-1 alpha-3; none for AC and TA.
    pub alpha3: Option<String>,
    /// English short name.
    pub name: String,
    /// One of the 27 member states. Parts with a code of their own (RE, AX...) are false here;
    /// what customs and VAT make of a place is [`crate::customs_territory`].
    pub eu: bool,
}

struct Table {
    countries: Vec<Country>,
    by_name: HashMap<String, usize>,
}

static TABLE: LazyLock<Table> = LazyLock::new(load);

fn load() -> Table {
    let data = include_str!("../data/countries.csv");
    let mut table = Table { countries: Vec::new(), by_name: HashMap::new() };
    // The data is compiled in; a test proves that every row parses, so nothing is lost here.
    for row in csv::Reader::from_reader(data.as_bytes()).into_records().flatten() {
        let cell = |i: usize| row.get(i).unwrap_or_default();
        let index = table.countries.len();
        let alpha3 = Some(cell(1)).filter(|a| !a.is_empty());
        let names = [cell(0), cell(1), cell(2)].into_iter().chain(cell(4).split('~'));
        for key in names.map(fold).filter(|k| !k.is_empty()) {
            table.by_name.entry(key).or_insert(index);
        }
        table.countries.push(Country {
            alpha2: cell(0).to_owned(),
            alpha3: alpha3.map(str::to_owned),
            name: cell(2).to_owned(),
            eu: cell(3) == "Y",
        });
    }
    table
}

/// All countries, by alpha-2.
#[must_use]
pub fn countries() -> &'static [Country] {
    &TABLE.countries
}

/// The country of an alpha-2, alpha-3 or name in use (`UK`, `Deutschland`, `États-Unis`).
#[must_use]
pub fn country(text: &str) -> Option<&'static Country> {
    // 100 bytes: the longest name is under 60; more is no country and not worth folding.
    if text.len() > 100 {
        return None;
    }
    let direct = TABLE.countries.binary_search_by(|c| c.alpha2.as_str().cmp(text)).ok();
    let index = direct.or_else(|| TABLE.by_name.get(&fold(text)).copied())?;
    TABLE.countries.get(index)
}

impl Country {
    /// The name as it stands inside a sentence.
    pub(crate) fn in_sentence(&self) -> String {
        // Names that English never uses without the article.
        const ARTICLE: &[&str] = &[
            "AE", "BS", "CC", "CF", "CG", "CD", "CK", "DO", "FK", "FO", "GB", "KM", "KY", "MH",
            "MP", "MV", "NL", "PH", "SB", "TC", "TF", "UM", "US", "VG", "VI", "AX",
        ];
        let article = if ARTICLE.contains(&self.alpha2.as_str()) { "the " } else { "" };
        format!("{article}{}", self.name)
    }

    /// As [`Self::in_sentence`] with the English genitive.
    pub(crate) fn possessive(&self) -> String {
        let name = self.in_sentence();
        let ending = if name.ends_with('s') { "'" } else { "'s" };
        format!("{name}{ending}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses_and_codes_are_sorted() {
        let rows = include_str!("../data/countries.csv").lines().count() - 1;
        assert_eq!(countries().len(), rows);
        assert!(countries().windows(2).all(|w| matches!(w, [a, b] if a.alpha2 < b.alpha2)));
        assert_eq!(countries().iter().filter(|c| c.eu).count(), 27);
        assert!(countries().iter().all(|c| c.alpha2.len() == 2 && !c.name.is_empty()));
    }

    #[test]
    fn names_in_use_resolve() {
        for (text, code) in [
            ("fr", "FR"),
            ("FRA", "FR"),
            ("France", "FR"),
            ("DEUTSCHLAND", "DE"),
            ("UK", "GB"),
            ("u.k.", "GB"),
            ("England", "GB"),
            ("XI", "GB"),
            ("EL", "GR"),
            ("Etats-Unis", "US"),
            ("U.S.A.", "US"),
            ("The Netherlands", "NL"),
            ("Cote d Ivoire", "CI"),
            ("日本", "JP"),
            ("Korea, Republic of", "KR"),
            ("Turkey", "TR"),
            ("Österreich", "AT"),
        ] {
            assert_eq!(country(text).map(|c| c.alpha2.as_str()), Some(code), "{text}");
        }
        assert_eq!(country("Atlantis"), None);
        assert_eq!(country(""), None);
        assert_eq!(country("ZZ"), None);
    }
}
