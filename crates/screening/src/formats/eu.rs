//! Financial sanctions of the European Union: `export/sanctionEntity`, nearly all in attributes.

use super::{name, xml};
use crate::list::{Entry, Kind, List, Quality, ReadError, country, tidy, years};

pub(crate) fn xml(text: &str, list: &mut List) -> Result<(), ReadError> {
    let (mut row, mut known) = (0, false);
    xml::records(text, &["sanctionEntity"], |node| {
        if node.name == "export" {
            known = true;
            list.published = node.attribute("generationDate").unwrap_or_default().to_owned();
        } else if node.name == "sanctionEntity" {
            row += 1;
            list.push(row, entry(&node));
        }
    })?;
    if known { Ok(()) } else { Err(ReadError::Syntax("no export of the European Commission")) }
}

fn entry(node: &xml::Node) -> Entry {
    let id = node.attribute("euReferenceNumber").or_else(|| node.attribute("logicalId"));
    let subject = node.child("subjectType");
    let code = subject.and_then(|s| s.attribute("code").or(s.attribute("classificationCode")));
    let kind = match code {
        Some("person" | "P") => Kind::Person,
        Some("enterprise" | "E") => Kind::Organisation,
        _ => Kind::Unknown,
    };
    let mut names = Vec::new();
    for (at, alias) in node.all("nameAlias").enumerate() {
        let low = alias.get("remark").is_some_and(|r| r.to_lowercase().contains("low quality"));
        let quality = match alias.attribute("strong") {
            _ if low => Quality::Weak,
            Some("false") => Quality::Weak,
            _ if at == 0 => Quality::Primary,
            _ => Quality::Alias,
        };
        match alias.attribute("wholeName") {
            Some(whole) => names.push(name([Some(whole)], quality)),
            None => {
                let parts = ["firstName", "middleName", "lastName"];
                names.push(name(parts.map(|part| alias.attribute(part)), quality));
            }
        }
    }
    let places = node.all("citizenship").chain(node.all("address"));
    let countries = places.filter_map(|place| country(place.attribute("countryIso2Code")?));
    let births = node.all("birthdate").flat_map(|birth| {
        let written = birth.attribute("year").or_else(|| birth.attribute("birthdate"));
        years(written.unwrap_or_default())
    });
    let acts = node.all("regulation").filter_map(|act| act.attribute("programme"));
    Entry {
        id: id.unwrap_or_default().to_owned(),
        kind,
        names,
        countries: tidy(countries.collect()),
        birth_years: tidy(births.collect()),
        programmes: tidy(acts.map(str::to_owned).collect()),
    }
}
