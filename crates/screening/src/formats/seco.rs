//! Swiss list: `swiss-sanctions-list/target`, names as ordered parts with spelling variants.

use super::xml;
use crate::list::{Entry, Kind, List, Name, Quality, ReadError, country, tidy, years};

pub(crate) fn xml(text: &str, list: &mut List) -> Result<(), ReadError> {
    let (mut row, mut known) = (0, false);
    // Countries of addresses stand with their places, which targets refer to.
    let mut places: Vec<(String, String)> = Vec::new();
    let mut waiting = Vec::new();
    xml::records(text, &["place", "target"], |node| match node.name.as_str() {
        "swiss-sanctions-list" => {
            known = true;
            list.published = node.attribute("date").unwrap_or_default().to_owned();
        }
        "place" => {
            let code = node.child("country").and_then(of_country);
            if let Some((id, code)) = node.attribute("ssid").zip(code) {
                places.push((id.to_owned(), code));
            }
        }
        "target" => {
            row += 1;
            waiting.push((row, node));
        }
        _ => {}
    })?;
    if !known {
        return Err(ReadError::Syntax("no Swiss list"));
    }
    places.sort();
    for (row, node) in waiting {
        // Somebody who was struck off stays in the file.
        let last = node.all("modification").filter(|m| m.attribute("effective-date").is_some());
        let last = last.max_by_key(|m| m.attribute("effective-date"));
        if last.is_some_and(|m| m.attribute("modification-type") == Some("de-listed")) {
            continue;
        }
        list.push(row, entry(&node, &places));
    }
    Ok(())
}

fn of_country(node: &xml::Node) -> Option<String> {
    country(node.attribute("iso-code").or_else(|| node.text())?)
}

fn entry(node: &xml::Node, places: &[(String, String)]) -> Entry {
    let who =
        [("individual", Kind::Person), ("entity", Kind::Organisation), ("object", Kind::Craft)];
    let found = who.into_iter().find_map(|(name, kind)| Some((node.child(name)?, kind)));
    let id = node.attribute("ssid").unwrap_or_default().to_owned();
    let Some((body, kind)) = found else {
        let (names, countries, programmes) = (Vec::new(), Vec::new(), Vec::new());
        return Entry {
            id,
            kind: Kind::Unknown,
            names,
            countries,
            birth_years: vec![],
            programmes,
        };
    };
    let mut names: Vec<Name> = body.below("name").into_iter().flat_map(spellings).collect();
    names.sort_by_key(|name| name.quality != Quality::Primary);
    let nations =
        body.below("nationality").into_iter().filter_map(|n| of_country(n.child("country")?));
    let addresses = body.below("address").into_iter().filter_map(|address| {
        let place = address.attribute("place-id")?;
        let at = places.binary_search_by(|(id, _)| id.as_str().cmp(place)).ok()?;
        places.get(at).map(|(_, code)| code.clone())
    });
    let births = body.below("day-month-year");
    let births = births.into_iter().filter_map(|birth| birth.attribute("year"));
    Entry {
        id,
        kind,
        names,
        countries: tidy(nations.chain(addresses).collect()),
        birth_years: tidy(births.flat_map(years).collect()),
        programmes: node.attribute("sanctions-set-id").map(str::to_owned).into_iter().collect(),
    }
}

/// The name of its parts in order, and once more in each other script or language that has parts.
fn spellings(node: &xml::Node) -> Vec<Name> {
    let quality = match (node.attribute("quality"), node.attribute("name-type")) {
        (Some("low"), _) => Quality::Weak,
        (_, Some("primary-name")) => Quality::Primary,
        _ => Quality::Alias,
    };
    let mut parts: Vec<(u32, &xml::Node)> = node
        .all("name-part")
        .filter(|part| part.attribute("name-part-type") != Some("title"))
        .map(|part| (part.attribute("order").and_then(|n| n.parse().ok()).unwrap_or(0), part))
        .collect();
    parts.sort_by_key(|(order, _)| *order);
    let variant = |part: &xml::Node| -> Vec<(String, String)> {
        let all = part.all("spelling-variant").filter_map(|variant| {
            let of = |name| variant.attribute(name).unwrap_or_default();
            Some((format!("{}/{}", of("lang"), of("script")), variant.text()?.to_owned()))
        });
        all.collect()
    };
    let scripts = tidy(parts.iter().flat_map(|(_, p)| variant(p)).map(|(s, _)| s).collect());
    let plain: Vec<&str> = parts.iter().filter_map(|(_, part)| part.get("value")).collect();
    let mut all = vec![Name { text: plain.join(" "), quality }];
    for script in scripts {
        let words = parts.iter().filter_map(|(_, part)| {
            let own = variant(part).into_iter().find(|(s, _)| *s == script).map(|(_, text)| text);
            own.or_else(|| part.get("value").map(str::to_owned))
        });
        let quality = if quality == Quality::Weak { quality } else { Quality::Alias };
        all.push(Name { text: words.collect::<Vec<_>>().join(" "), quality });
    }
    all
}
