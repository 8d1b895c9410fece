//! Where a border runs: customs and tax territories of an address.

use std::sync::LazyLock;

use colibri_types::Country;
use serde::Deserialize;

/// Member states of the European Union.
pub(crate) const UNION: &str =
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK";

/// Is it a member state?
pub(crate) fn in_union(code: &str) -> bool {
    UNION.split_ascii_whitespace().any(|member| member == code)
}

/// An address, as far as borders care.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// ISO 3166-1 alpha-2.
    pub country: Country,
    /// Postcode as written; empty where there is none.
    #[serde(default)]
    pub postcode: String,
    /// ISO 3166-2 subdivision without the country, where taxes depend on it.
    #[serde(default)]
    pub subdivision: String,
}

/// The territories that an address lies in.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Territory {
    /// Customs territory: `EU`, `GB`, `XI`, or the country or territory itself.
    pub customs: String,
    /// Tax territory: the country, or a territory with taxes of its own (`IC` for the Canaries).
    pub tax: String,
    /// Inside the European Union for value added tax.
    pub eu_tax: bool,
    /// Name of the special territory, where it is one.
    pub special: Option<String>,
    /// The postcode is shared with another town: a person should look.
    pub doubtful: bool,
}

#[derive(Debug, Deserialize)]
struct File {
    territories: Vec<Row>,
}

#[derive(Debug, Deserialize)]
struct Row {
    country: String,
    name: String,
    postcode_prefixes: Vec<String>,
    eu_customs_territory: Option<bool>,
    eu_vat_territory: Option<bool>,
    own_iso_code: Option<String>,
    note: Option<String>,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let text = include_str!("../data/eu_special_territories.json");
    serde_json::from_str::<File>(text).map(|file| file.territories).unwrap_or_default()
});

/// Digits and letters of a postcode, upper case.
fn plain(postcode: &str) -> String {
    let kept = postcode.chars().filter(|c| c.is_alphanumeric());
    kept.flat_map(char::to_uppercase).collect()
}

fn special(place: &Place) -> Option<&'static Row> {
    let country = place.country.as_str();
    let own = |row: &&Row| {
        row.own_iso_code.as_ref().is_some_and(|codes| codes.split('/').any(|code| code == country))
    };
    if let Some(row) = ROWS.iter().find(own) {
        return Some(row);
    }
    let postcode = plain(&place.postcode);
    let rows = ROWS.iter().filter(|row| row.country == country);
    let fits = rows.filter_map(|row| {
        // Countries that are one territory as a whole need no prefix.
        let whole = matches!(country, "MC" | "IM" | "GG" | "JE" | "GI" | "SM" | "AD" | "VA");
        let prefixes = row.postcode_prefixes.iter().filter(|p| postcode.starts_with(p.as_str()));
        let longest = prefixes.map(String::len).max().or(whole.then_some(0));
        longest.map(|length| (length, row))
    });
    fits.max_by_key(|(length, _)| *length).map(|(_, row)| row)
}

impl Territory {
    /// The territories of an address.
    #[must_use]
    pub fn of(place: &Place) -> Self {
        let country = place.country.as_str();
        let Some(row) = special(place) else {
            let union = in_union(country);
            let customs = if union { "EU" } else { country };
            return Self {
                customs: customs.to_owned(),
                tax: country.to_owned(),
                eu_tax: union,
                special: None,
                doubtful: false,
            };
        };
        let own = row.own_iso_code.as_deref().and_then(|codes| codes.split('/').next());
        let code = match (row.name.as_str(), own) {
            ("Canary Islands", _) => "IC",
            ("Monaco", _) => "FR",
            ("Isle of Man", _) => "GB",
            // Inside both territories: special by its rates only.
            ("Azores and Madeira", _) => country,
            (_, Some(_)) if country != row.country => country,
            (_, Some(own)) => own,
            ("Ceuta" | "Melilla", None) => "EA",
            _ => country,
        };
        let customs = match row.eu_customs_territory {
            _ if code == "XI" => "XI",
            Some(true) => "EU",
            _ if code == country && row.eu_customs_territory == Some(false) => row.name.as_str(),
            _ => code,
        };
        let tax = if row.eu_vat_territory == Some(true) || code != country || customs != row.name {
            code
        } else {
            row.name.as_str()
        };
        Self {
            customs: customs.to_owned(),
            tax: tax.to_owned(),
            eu_tax: row.eu_vat_territory == Some(true),
            special: Some(row.name.clone()),
            doubtful: row.note.as_ref().is_some_and(|note| note.contains("shared")),
        }
    }

    /// Names that rules may be written for, widest last: `FR`, then `EU`.
    pub(crate) fn names(&self) -> [&str; 2] {
        [&self.tax, &self.customs]
    }

    /// Is there a customs border between the two? Great Britain and Northern Ireland have one for
    /// goods; Northern Ireland and the Union have none.
    #[must_use]
    pub fn customs_border(&self, other: &Self) -> bool {
        let side = |territory: &Self| match territory.customs.as_str() {
            "XI" => "EU".to_owned(),
            other => other.to_owned(),
        };
        side(self) != side(other)
    }

    /// Is there a tax border? Inside the Union's tax territory there is none to declare at.
    #[must_use]
    pub fn tax_border(&self, other: &Self) -> bool {
        if self.eu_tax && other.eu_tax { false } else { self.tax != other.tax }
    }
}
