//! UK Sanctions List: `Designations/Designation`.

use super::{name, xml};
use crate::list::{Entry, Kind, List, Quality, ReadError, country, tidy, years};

pub(crate) fn xml(text: &str, list: &mut List) -> Result<(), ReadError> {
    let (mut row, mut known) = (0, false);
    xml::records(text, &["Designation", "DateGenerated"], |node| match node.name.as_str() {
        "Designations" => known = true,
        "DateGenerated" => list.published = node.text().unwrap_or_default().to_owned(),
        "Designation" => {
            row += 1;
            list.push(row, entry(&node));
        }
        _ => {}
    })?;
    if known { Ok(()) } else { Err(ReadError::Syntax("no UK Sanctions List")) }
}

fn entry(node: &xml::Node) -> Entry {
    let kind = match node.get("IndividualEntityShip") {
        Some("Individual") => Kind::Person,
        Some("Entity") => Kind::Organisation,
        Some("Ship") => Kind::Craft,
        _ => Kind::Unknown,
    };
    let mut names = Vec::new();
    for given in node.child("Names").into_iter().flat_map(|all| all.all("Name")) {
        let written = given.get("NameType").unwrap_or_default().to_lowercase();
        let strength = given.get("AliasStrength").unwrap_or_default().to_lowercase();
        let quality = match written.as_str() {
            _ if strength.contains("low") => Quality::Weak,
            "primary name" => Quality::Primary,
            _ => Quality::Alias,
        };
        let parts = ["Name1", "Name2", "Name3", "Name4", "Name5", "Name6"];
        names.push(name(parts.map(|part| given.get(part)), quality));
    }
    names.sort_by_key(|name| name.quality != Quality::Primary);
    for original in node.below("NameNonLatinScript") {
        names.push(name([original.text()], Quality::Alias));
    }
    let texts = |of: &str| -> Vec<String> {
        let all = node.below(of).into_iter().filter_map(xml::Node::text);
        all.map(str::to_owned).collect()
    };
    let nations = [texts("Nationality"), texts("AddressCountry")].concat();
    Entry {
        id: node.get("UniqueID").unwrap_or_default().to_owned(),
        kind,
        names,
        countries: tidy(nations.iter().filter_map(|text| country(text)).collect()),
        // Unknown days and months are written `dd/mm/1945`.
        birth_years: tidy(texts("DOB").iter().flat_map(|text| years(text)).collect()),
        programmes: tidy(texts("RegimeName")),
    }
}
