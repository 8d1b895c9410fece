//! Consolidated list of the Security Council: `CONSOLIDATED_LIST/INDIVIDUALS/INDIVIDUAL` and
//! `ENTITIES/ENTITY`.

use super::{name, xml};
use crate::list::{Entry, Kind, List, Quality, ReadError, country, tidy, years};

pub(crate) fn xml(text: &str, list: &mut List) -> Result<(), ReadError> {
    let (mut row, mut known) = (0, false);
    xml::records(text, &["INDIVIDUAL", "ENTITY"], |node| match node.name.as_str() {
        "CONSOLIDATED_LIST" => {
            known = true;
            list.published = node.attribute("dateGenerated").unwrap_or_default().to_owned();
        }
        "INDIVIDUAL" => {
            row += 1;
            list.push(row, entry(&node, Kind::Person, "INDIVIDUAL"));
        }
        "ENTITY" => {
            row += 1;
            list.push(row, entry(&node, Kind::Organisation, "ENTITY"));
        }
        _ => {}
    })?;
    if known { Ok(()) } else { Err(ReadError::Syntax("no list of the Security Council")) }
}

fn entry(node: &xml::Node, kind: Kind, prefix: &str) -> Entry {
    let id = node.get("REFERENCE_NUMBER").or_else(|| node.get("DATAID"));
    let parts = ["FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"];
    let mut names = vec![name(parts.map(|part| node.get(part)), Quality::Primary)];
    if let Some(original) = node.get("NAME_ORIGINAL_SCRIPT") {
        names.push(name([Some(original)], Quality::Alias));
    }
    for alias in node.all(&format!("{prefix}_ALIAS")) {
        let weak = alias.get("QUALITY").is_some_and(|q| q.eq_ignore_ascii_case("low"));
        let quality = if weak { Quality::Weak } else { Quality::Alias };
        names.push(name([alias.get("ALIAS_NAME")], quality));
    }
    let nations = node.all("NATIONALITY").filter_map(|n| n.get("VALUE"));
    let addresses = format!("{prefix}_ADDRESS");
    let places = node.all(&addresses).filter_map(|place| place.get("COUNTRY"));
    let births = node.all("INDIVIDUAL_DATE_OF_BIRTH").flat_map(|birth| {
        let between = birth.get("FROM_YEAR").zip(birth.get("TO_YEAR"));
        match between.and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?))) {
            Some((from, to)) if from <= to && to - from < 30_u16 => (from..=to).collect(),
            _ => years(birth.get("YEAR").or_else(|| birth.get("DATE")).unwrap_or_default()),
        }
    });
    Entry {
        id: id.unwrap_or_default().to_owned(),
        kind,
        names,
        countries: tidy(nations.chain(places).filter_map(country).collect()),
        birth_years: tidy(births.collect()),
        programmes: node.get("UN_LIST_TYPE").map(str::to_owned).into_iter().collect(),
    }
}
