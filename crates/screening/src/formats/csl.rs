//! Consolidated Screening List of the United States: JSON (`results`) and CSV with lists in cells.

use serde_json::Value;

use super::name;
use crate::list::{Entry, Kind, List, Quality, ReadError, country, tidy, years};

fn kind(text: &str) -> Kind {
    match text.trim().to_ascii_lowercase().as_str() {
        "individual" => Kind::Person,
        "entity" => Kind::Organisation,
        "vessel" | "aircraft" => Kind::Craft,
        _ => Kind::Unknown,
    }
}

/// Lists of the CSV, and names that the JSON writes in one text.
fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|part| !part.is_empty())
}

/// A text or a list of texts.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(one) => split(one).collect(),
        Value::Array(all) => all.iter().filter_map(Value::as_str).flat_map(split).collect(),
        _ => Vec::new(),
    }
}

pub(crate) fn json(text: &str, list: &mut List) -> Result<(), ReadError> {
    let file: Value = serde_json::from_str(text).map_err(|_| ReadError::Syntax("no JSON"))?;
    let results = file.get("results").and_then(Value::as_array);
    let results = results.ok_or(ReadError::Syntax("no results"))?;
    for (at, row) in results.iter().enumerate() {
        let of = |key: &str| row.get(key).unwrap_or(&Value::Null);
        let addresses = of("addresses").as_array().map(Vec::as_slice).unwrap_or_default();
        let places = addresses.iter().filter_map(|a| a.get("country")?.as_str());
        let nations = ["nationalities", "citizenships", "country"].map(|key| texts(of(key)));
        let nations = nations.into_iter().flatten().chain(places);
        list.push(
            at + 1,
            Entry {
                id: of("id").as_str().or(of("_id").as_str()).unwrap_or_default().to_owned(),
                kind: kind(of("type").as_str().unwrap_or_default()),
                names: names(of("name").as_str().unwrap_or_default(), texts(of("alt_names"))),
                countries: tidy(nations.filter_map(country).collect()),
                birth_years: tidy(
                    texts(of("dates_of_birth")).into_iter().flat_map(years).collect(),
                ),
                programmes: tidy(
                    texts(of("programs"))
                        .into_iter()
                        .chain(of("source").as_str())
                        .map(str::to_owned)
                        .collect(),
                ),
            },
        );
    }
    Ok(())
}

fn names(primary: &str, others: Vec<&str>) -> Vec<crate::list::Name> {
    let others = others.into_iter().map(|text| name([Some(text)], Quality::Alias));
    std::iter::once(name([Some(primary)], Quality::Primary)).chain(others).collect()
}

pub(crate) fn csv(text: &str, list: &mut List) -> Result<(), ReadError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|_| ReadError::Syntax("no CSV"))?.clone();
    let column = |name: &str| header.iter().position(|cell| cell.trim() == name);
    let id = column("_id").or_else(|| column("id")).ok_or(ReadError::Column("_id"))?;
    let primary = column("name").ok_or(ReadError::Column("name"))?;
    let columns = ["type", "alt_names", "nationalities", "citizenships", "dates_of_birth"];
    let columns = columns.map(column);
    let (source, addresses) = (column("source"), column("addresses"));
    for (at, row) in reader.records().enumerate() {
        let row = row.map_err(|_| ReadError::Syntax("no CSV"))?;
        let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).unwrap_or_default();
        let [of_kind, others, nations, citizens, births] = columns.map(cell);
        // An address ends with its country: `.., Sampleton, 12345, XX`.
        let places = split(cell(addresses)).filter_map(|a| a.rsplit(',').next());
        let nations = split(nations).chain(split(citizens)).chain(places);
        list.push(
            at + 1,
            Entry {
                id: cell(Some(id)).to_owned(),
                kind: kind(of_kind),
                names: names(cell(Some(primary)), split(others).collect()),
                countries: tidy(nations.filter_map(country).collect()),
                birth_years: tidy(split(births).flat_map(years).collect()),
                programmes: vec![cell(source).to_owned()],
            },
        );
    }
    Ok(())
}
