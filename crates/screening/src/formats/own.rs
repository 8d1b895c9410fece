//! The operator's own list, a row per name: rows of one id belong together.

use std::collections::BTreeMap;

use crate::list::{Entry, Kind, List, Name, Quality, ReadError, Refused, country, tidy, years};

pub(crate) fn csv(text: &str, list: &mut List) -> Result<(), ReadError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|_| ReadError::Syntax("no CSV"))?.clone();
    let column = |name: &str| header.iter().position(|cell| cell.trim() == name);
    let id = column("id").ok_or(ReadError::Column("id"))?;
    let name = column("name").ok_or(ReadError::Column("name"))?;
    let rest = ["kind", "quality", "countries", "birth_years", "programmes"].map(column);
    let mut entries: BTreeMap<String, (usize, Entry)> = BTreeMap::new();
    for (at, row) in reader.records().enumerate() {
        let row = row.map_err(|_| ReadError::Syntax("no CSV"))?;
        let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).unwrap_or_default().trim();
        let [kind, quality, countries, births, programmes] = rest.map(cell);
        let kind = match kind {
            "person" => Kind::Person,
            "organisation" => Kind::Organisation,
            "craft" => Kind::Craft,
            "" => Kind::Unknown,
            _ => {
                list.refused.push(Refused { row: at + 1, reason: "unknown kind" });
                continue;
            }
        };
        let quality = match quality {
            "" | "primary" => Quality::Primary,
            "alias" => Quality::Alias,
            "weak" => Quality::Weak,
            _ => {
                list.refused.push(Refused { row: at + 1, reason: "unknown quality" });
                continue;
            }
        };
        let many = |text: &str| -> Vec<String> {
            let all = text.split(';').map(str::trim).filter(|part| !part.is_empty());
            all.map(str::to_owned).collect()
        };
        let fresh = || {
            let (names, programmes) = (Vec::new(), Vec::new());
            let (countries, birth_years) = (Vec::new(), Vec::new());
            let id = cell(Some(id)).to_owned();
            (at + 1, Entry { id, kind, names, countries, birth_years, programmes })
        };
        let (_, entry) = entries.entry(cell(Some(id)).to_owned()).or_insert_with(fresh);
        entry.names.push(Name { text: cell(Some(name)).to_owned(), quality });
        entry.countries.extend(many(countries).iter().filter_map(|text| country(text)));
        entry.birth_years.extend(years(births));
        entry.programmes.extend(many(programmes));
    }
    let mut rows: Vec<(usize, Entry)> = entries.into_values().collect();
    rows.sort_by_key(|(row, _)| *row);
    for (row, mut entry) in rows {
        entry.countries = tidy(entry.countries);
        entry.birth_years = tidy(entry.birth_years);
        entry.programmes = tidy(entry.programmes);
        list.push(row, entry);
    }
    Ok(())
}
