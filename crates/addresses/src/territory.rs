//! Which customs and which VAT territory a place lies in.
//!
//! Status of the special territories is data (`eu_special_territories.json`, dated inside); here
//! are only the few borders outside the EU that decide about papers, and the comparison.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::country::Country;
use crate::text::{clean, compact, fold_words};
use crate::{format, postcode};

const EU: &str = "EU";

/// A place as customs and tax offices see it. Goods only; services follow other rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Territory {
    /// ISO code of the place itself: `RE` for a French address with postcode 97410.
    pub code: String,
    /// English name of the place: `Canary Islands`, `France`.
    pub name: String,
    /// Inside the EU customs territory. Northern Ireland counts, for goods.
    pub eu_customs: bool,
    /// Inside the EU VAT territory. Northern Ireland counts, for goods.
    pub eu_vat: bool,
    /// Places with the same value have no customs border between them.
    pub customs_area: String,
    /// Places with the same value have no VAT border between them.
    pub vat_area: String,
    /// The place differs from the rest of the country written in the address.
    pub special: bool,
    /// The postcode is shared by an ordinary and a special place: a person must say which. The
    /// other fields then describe the ordinary one.
    pub ambiguous: bool,
    /// What the data remarks, if anything.
    pub note: Option<String>,
}

impl Territory {
    /// Inside both the EU customs and the EU VAT territory: goods move without papers.
    #[must_use]
    pub const fn inside_eu(&self) -> bool {
        self.eu_customs && self.eu_vat
    }
}

#[derive(Deserialize)]
struct File {
    territories: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    country: String,
    name: String,
    postcode_prefixes: Vec<String>,
    /// Null: a union of its own kind with the EU; papers are needed.
    eu_customs_territory: Option<bool>,
    eu_vat_territory: Option<bool>,
    own_iso_code: Option<String>,
    note: Option<String>,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let data = include_str!("../data/eu_special_territories.json");
    // Compiled in; a test proves that it parses.
    serde_json::from_str::<File>(data).map(|f| f.territories).unwrap_or_default()
});

/// Places that have an ISO code of their own but are also written under another country, beside
/// those of the data: `(country written, postcode prefix, own code)`.
const OWN_CODES: &[(&str, &str, &str)] = &[
    ("FR", "980", "MC"),
    ("FR", "977", "BL"),
    ("FR", "978", "MF"),
    ("FR", "984", "TF"),
    ("GB", "JE", "JE"),
    ("GB", "GY", "GG"),
    ("GB", "IM", "IM"),
    ("GB", "GX11", "GI"),
    ("IT", "00120", "VA"),
    ("IT", "4789", "SM"),
    ("NO", "917", "SJ"),
    ("CH", "948", "LI"),
    ("CH", "949", "LI"),
    ("AU", "2899", "NF"),
    ("AU", "6798", "CX"),
    ("AU", "6799", "CC"),
    ("US", "006", "PR"),
    ("US", "007", "PR"),
    ("US", "009", "PR"),
    ("US", "008", "VI"),
    ("US", "96799", "AS"),
    ("US", "9691", "GU"),
    ("US", "9692", "GU"),
    ("US", "96931", "GU"),
    ("US", "96932", "GU"),
    ("US", "96939", "PW"),
    ("US", "96940", "PW"),
    ("US", "9694", "FM"),
    ("US", "9695", "MP"),
    ("US", "9696", "MH"),
    ("US", "9697", "MH"),
];

/// Forces post offices of the United States: customs forms are needed although the address is
/// domestic.
const US_FORCES: &[&str] = &["09", "340", "962", "963", "964", "965", "966"];

/// The territory of a place; `None` when the country is unknown.
///
/// Works with a full postcode and with a [`crate::postcode_zone`]. Without a postcode the answer
/// is that of the country's main part.
#[must_use]
pub fn customs_territory<'a>(
    country: &str,
    postcode: impl Into<Option<&'a str>>,
) -> Option<Territory> {
    // `XI` is Northern Ireland in VAT numbers and customs papers: it says more than the country.
    if country.eq_ignore_ascii_case("XI") {
        return customs_territory("GB", "BT");
    }
    let country = crate::country(country)?;
    Some(locate(country, &prefix_text(country, postcode.into().unwrap_or_default())))
}

/// True when customs or tax papers are needed between two places: the border of a customs
/// territory or of a VAT territory lies between them. Unknown countries count as a border,
/// because papers too many do less harm than papers missing.
#[must_use]
pub fn crosses_customs_border<'a, 'b>(
    from: &str,
    from_postcode: impl Into<Option<&'a str>>,
    to: &str,
    to_postcode: impl Into<Option<&'b str>>,
) -> bool {
    let from = customs_territory(from, from_postcode);
    let to = customs_territory(to, to_postcode);
    let (Some(from), Some(to)) = (from, to) else {
        return true;
    };
    // Goods from Northern Ireland enter Great Britain freely; the other way needs papers.
    if from.code == "GB" && from.eu_customs && to.customs_area == "GB" && to.vat_area == "GB" {
        return false;
    }
    from.customs_area != to.customs_area || from.vat_area != to.vat_area
}

/// Letters and digits of the postcode in the country's form; any other text as it is, because
/// zones are no full postcodes.
fn prefix_text(country: &Country, text: &str) -> String {
    // 64 bytes: no postcode with all its spaces is half as long.
    if text.len() > 64 {
        return String::new();
    }
    let (text, _) = clean(text);
    let normal = format::format(&country.alpha2)
        .map(|rules| postcode::normalise(country, rules, &text).0)
        .unwrap_or(text);
    compact(&normal)
}

fn locate(country: &Country, postcode: &str) -> Territory {
    let main = main_part(country);
    if country.alpha2 == "US" && US_FORCES.iter().any(|p| postcode.starts_with(p)) {
        let name = "United States forces post offices".to_owned();
        return border("US", name, "US-forces", main);
    }
    let own = OWN_CODES
        .iter()
        .filter(|(c, prefix, _)| *c == country.alpha2 && postcode.starts_with(prefix))
        .max_by_key(|(_, prefix, _)| prefix.len());
    if let Some(place) = own.and_then(|(_, _, code)| crate::country(code)) {
        return with_special(main_part(place), &main);
    }
    let row = ROWS
        .iter()
        .filter(|r| r.country == country.alpha2 && !whole_country(&r.country))
        .flat_map(|r| r.postcode_prefixes.iter().enumerate().map(move |(i, p)| (r, i, p)))
        .filter(|(_, _, prefix)| postcode.starts_with(prefix.as_str()))
        .max_by_key(|(_, _, prefix)| prefix.len());
    let Some((row, index, prefix)) = row else {
        return main;
    };
    if is_shared(row, prefix) {
        return Territory { ambiguous: true, note: row.note.clone(), ..main };
    }
    let own = row.own_iso_code.as_deref().and_then(|codes| codes.split('/').nth(index));
    match own.and_then(crate::country).filter(|place| place.alpha2 != country.alpha2) {
        Some(place) => with_special(main_part(place), &main),
        None => with_special(from_row(country, row), &main),
    }
}

/// Codes that the data marks as shared with other towns: the marked one follows the place's own.
fn is_shared(row: &Row, prefix: &str) -> bool {
    row.note.as_deref().is_some_and(|n| n.contains(prefix) && n.contains("shared"))
}

/// The country without its special parts, or a place that has a code of its own.
fn main_part(country: &Country) -> Territory {
    let code = country.alpha2.as_str();
    let row = ROWS.iter().find(|r| {
        let own = r.own_iso_code.as_deref().unwrap_or_default();
        own.split('/').any(|c| c == code)
            || (own.is_empty() && r.country == code && whole_country(code))
    });
    let mut territory = build(country, code, row, country.eu);
    territory.name.clone_from(&country.name);
    territory
}

/// Rows of the data that speak of a country as a whole although they give its prefix.
fn whole_country(code: &str) -> bool {
    matches!(code, "MC" | "IM" | "GG" | "JE" | "GI" | "SM" | "AD" | "VA")
}

fn from_row(country: &Country, row: &Row) -> Territory {
    let id = format!("{}-{}", country.alpha2, fold_words(&row.name).replace(' ', "-"));
    build(country, &id, Some(row), country.eu)
}

fn build(country: &Country, id: &str, row: Option<&Row>, eu: bool) -> Territory {
    let eu_customs = row.map_or(eu, |r| r.eu_customs_territory == Some(true));
    let eu_vat = row.map_or(eu, |r| r.eu_vat_territory == Some(true));
    let (customs, vat) = outside_eu(id);
    Territory {
        code: country.alpha2.clone(),
        name: row.map_or_else(|| country.name.clone(), |r| r.name.clone()),
        eu_customs,
        eu_vat,
        customs_area: if eu_customs { EU } else { customs }.to_owned(),
        vat_area: if eu_vat { EU } else { vat }.to_owned(),
        special: false,
        ambiguous: false,
        note: row.and_then(|r| r.note.clone()),
    }
}

/// Customs and VAT unions outside the EU, by place.
fn outside_eu(id: &str) -> (&str, &str) {
    match id {
        // One customs and one VAT territory with Great Britain.
        "IM" => ("GB", "GB"),
        // In the customs union with the United Kingdom, outside its VAT.
        "GG" | "JE" => ("GB", id),
        // Swiss customs territory by treaty, and Swiss VAT.
        "LI" | "DE-buesingen-am-hochrhein" => ("CH", "CH"),
        // Inside the United States customs territory.
        "PR" => ("US", "US"),
        _ => (id, id),
    }
}

fn border(code: &str, name: String, area: &str, main: Territory) -> Territory {
    Territory {
        code: code.to_owned(),
        name,
        customs_area: area.to_owned(),
        vat_area: area.to_owned(),
        special: true,
        ..main
    }
}

fn with_special(place: Territory, main: &Territory) -> Territory {
    let special = place.customs_area != main.customs_area || place.vat_area != main.vat_area;
    Territory { special, ..place }
}
