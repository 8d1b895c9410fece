//! OFAC's advanced XML: `Sanctions/DistinctParties/DistinctParty/Profile`, kinds by reference.

use std::collections::BTreeMap;

use super::{name, xml};
use crate::list::{Entry, Kind, List, Quality, ReadError, tidy, years};

/// The type of feature that is a date of birth.
const BIRTH: &str = "8";

pub(crate) fn xml(text: &str, list: &mut List) -> Result<(), ReadError> {
    let (mut row, mut known) = (0, false);
    let mut kinds: BTreeMap<String, Kind> = BTreeMap::new();
    let wanted = ["DateOfIssue", "PartySubType", "DistinctParty"];
    xml::records(text, &wanted, |node| match node.name.as_str() {
        "Sanctions" => known = true,
        "DateOfIssue" => {
            let parts = ["Year", "Month", "Day"].map(|part| node.get(part).unwrap_or_default());
            list.published = parts.join("-");
        }
        "PartySubType" => {
            if let Some(id) = node.attribute("ID") {
                kinds.insert(id.to_owned(), kind(&node));
            }
        }
        "DistinctParty" => {
            row += 1;
            list.push(row, entry(&node, &kinds));
        }
        _ => {}
    })?;
    if known { Ok(()) } else { Err(ReadError::Syntax("no advanced list of OFAC")) }
}

/// Types of parties: 1 individual, 2 entity, 4 transport; vessels and aircraft are named so.
fn kind(node: &xml::Node) -> Kind {
    match (node.text(), node.attribute("PartyTypeID")) {
        (Some("Vessel" | "Aircraft"), _) | (_, Some("4")) => Kind::Craft,
        (_, Some("1")) => Kind::Person,
        (_, Some("2")) => Kind::Organisation,
        _ => Kind::Unknown,
    }
}

fn entry(node: &xml::Node, kinds: &BTreeMap<String, Kind>) -> Entry {
    let profile = node.child("Profile");
    let sub_type = profile.and_then(|p| p.attribute("PartySubTypeID")).unwrap_or_default();
    let mut names = Vec::new();
    for alias in node.below("Alias") {
        let quality = match (alias.attribute("LowQuality"), alias.attribute("Primary")) {
            (Some("true"), _) => Quality::Weak,
            (_, Some("true")) => Quality::Primary,
            _ => Quality::Alias,
        };
        for documented in alias.all("DocumentedName") {
            let parts = documented.below("NamePartValue");
            names.push(name(parts.into_iter().map(xml::Node::text), quality));
        }
    }
    names.sort_by_key(|name| name.quality != Quality::Primary);
    let features = node.below("Feature").into_iter();
    let births = features.filter(|f| f.attribute("FeatureTypeID") == Some(BIRTH));
    let births = births.flat_map(|feature| feature.below("Year"));
    let births = births.filter_map(xml::Node::text).flat_map(years);
    Entry {
        id: node.attribute("FixedRef").unwrap_or_default().to_owned(),
        kind: kinds.get(sub_type).copied().unwrap_or(Kind::Unknown),
        names,
        countries: Vec::new(),
        birth_years: tidy(births.collect()),
        programmes: Vec::new(),
    }
}
