//! OFAC's own lists: `sdnList/sdnEntry`, and the delimited form.

use super::{name, xml};
use crate::list::{Entry, Kind, List, Quality, ReadError, country, tidy, years};

pub(crate) fn xml(text: &str, list: &mut List) -> Result<(), ReadError> {
    let (mut row, mut known) = (0, false);
    let wanted = ["sdnEntry", "publshInformation", "publishInformation"];
    xml::records(text, &wanted, |node| match node.name.as_str() {
        "sdnList" => known = true,
        "publshInformation" | "publishInformation" => {
            list.published = node.get("Publish_Date").unwrap_or_default().to_owned();
        }
        "sdnEntry" => {
            row += 1;
            list.push(row, entry(&node));
        }
        _ => {}
    })?;
    if known { Ok(()) } else { Err(ReadError::Syntax("no list of OFAC")) }
}

fn kind(text: &str) -> Kind {
    match text.trim().to_ascii_lowercase().as_str() {
        "individual" => Kind::Person,
        "entity" => Kind::Organisation,
        "vessel" | "aircraft" => Kind::Craft,
        _ => Kind::Unknown,
    }
}

fn entry(node: &xml::Node) -> Entry {
    let whole =
        |node: &xml::Node, quality| name([node.get("firstName"), node.get("lastName")], quality);
    let mut names = vec![whole(node, Quality::Primary)];
    for alias in node.child("akaList").into_iter().flat_map(|all| all.all("aka")) {
        let weak = alias.get("category").is_some_and(|c| c.eq_ignore_ascii_case("weak"));
        names.push(whole(alias, if weak { Quality::Weak } else { Quality::Alias }));
    }
    let places = ["nationality", "citizenship", "address"].map(|of| node.below(of));
    let places = places.into_iter().flatten().filter_map(|place| country(place.get("country")?));
    let births = node.below("dateOfBirth").into_iter().filter_map(xml::Node::text);
    Entry {
        id: node.get("uid").unwrap_or_default().to_owned(),
        kind: kind(node.get("sdnType").unwrap_or_default()),
        names,
        countries: tidy(places.collect()),
        birth_years: tidy(births.flat_map(years).collect()),
        programmes: tidy(
            node.below("program")
                .into_iter()
                .filter_map(xml::Node::text)
                .map(str::to_owned)
                .collect(),
        ),
    }
}

/// `SDN.CSV`: number, name, type, programme, .. remarks; `-0-` where there is nothing, a lone
/// control character at the end.
pub(crate) fn delimited(text: &str, list: &mut List) -> Result<(), ReadError> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    for (at, row) in reader.records().enumerate() {
        let row = row.map_err(|_| ReadError::Syntax("no delimited table"))?;
        let cell = |column: usize| {
            row.get(column).map(str::trim).filter(|cell| *cell != "-0-").unwrap_or_default()
        };
        if row.len() < 2 && cell(0).chars().all(char::is_control) {
            continue;
        }
        if row.len() < 12 {
            return Err(ReadError::Syntax("a row has twelve columns"));
        }
        let births: Vec<u16> = cell(11)
            .split(';')
            .filter_map(|part| part.trim().strip_prefix("DOB"))
            .flat_map(years)
            .collect();
        let kind = if cell(2).is_empty() { Kind::Organisation } else { kind(cell(2)) };
        list.push(
            at + 1,
            Entry {
                id: cell(0).to_owned(),
                kind,
                names: vec![name([Some(cell(1))], Quality::Primary)],
                countries: Vec::new(),
                birth_years: tidy(births),
                programmes: vec![cell(3).to_owned()],
            },
        );
    }
    Ok(())
}
