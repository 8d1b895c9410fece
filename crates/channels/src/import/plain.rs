//! Any table with named columns, from the same files and within the same limits as orders.
//!
//! Owns: which row is the header, by the names that the caller knows, and the cells below it as
//! text. Deliberately does not: know what a column means.

use super::{
    Limits, RowError, archive, csv, encoding, header,
    table::{Item, Kind, Row},
    xlsx,
};
use crate::Code;

/// One row below the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainRow {
    /// As a spreadsheet numbers it, header included.
    pub row: u64,
    /// By known column, in the caller's order; empty where the table has none. The error of a row
    /// that cannot be read.
    pub cells: Result<Vec<String>, RowError>,
}

/// A table with named columns. `names` are the spellings of each known column, lower case, words
/// of letters and digits with one space between; the first column must be there.
///
/// # Errors
/// [`RowError`] of the file as a whole, or where its reading had to stop: nothing should be kept.
pub fn read(
    bytes: &[u8],
    workbook: bool,
    limits: &Limits,
    names: &[&[&str]],
) -> Result<Vec<PlainRow>, RowError> {
    if workbook {
        archive::inspect(bytes, limits)?;
        let sheets = xlsx::sheets(bytes, limits)?;
        let mut found = sheets.iter().filter(|sheet| {
            let known = sheet.iter().take(header::SEARCHED_ROWS).map(|row| score(row, names));
            known.max().unwrap_or_default() > 1
        });
        let sheet = found.next().ok_or(RowError::file(Code::HeaderNotFound))?;
        if found.next().is_some() {
            return Err(RowError::file(Code::SheetUnclear));
        }
        return rows(sheet.iter().cloned().map(Item::Row), names, limits, false);
    }
    if bytes.len() > limits.csv_bytes {
        return Err(RowError::file(Code::FileTooLarge));
    }
    let (text, _) = encoding::decode(bytes)?;
    let records = |delimiter| csv::Records::new(&text, delimiter, *limits);
    let known = |delimiter: u8| {
        let head = records(delimiter).take(header::SEARCHED_ROWS).filter_map(|item| match item {
            Item::Row(row) => Some(score(&row, names)),
            Item::Bad(..) | Item::Stop(_) => None,
        });
        head.max().unwrap_or_default()
    };
    let delimiter = csv::DELIMITERS.into_iter().rev().max_by_key(|delimiter| known(*delimiter));
    let delimiter = delimiter.filter(|delimiter| known(*delimiter) > 1);
    let delimiter = delimiter.ok_or(RowError::file(Code::HeaderNotFound))?;
    rows(records(delimiter), names, limits, true)
}

/// The known column that a cell names.
fn column(text: &str, names: &[&[&str]]) -> Option<usize> {
    let name = header::normalise(text.get(..60).unwrap_or(text));
    names.iter().position(|spellings| spellings.contains(&name.as_str()))
}

/// Known columns of a row.
fn score(row: &Row<'_>, names: &[&[&str]]) -> usize {
    row.cells.iter().filter(|cell| column(&cell.text, names).is_some()).count()
}

fn rows<'a>(
    items: impl Iterator<Item = Item<'a>>,
    names: &[&[&str]],
    limits: &Limits,
    even: bool,
) -> Result<Vec<PlainRow>, RowError> {
    let mut columns: Option<Vec<Option<usize>>> = None;
    let mut found = Vec::new();
    let mut seen = 0;
    for item in items {
        let (row, bad) = match item {
            Item::Row(row) => (row, None),
            Item::Bad(error, row) => (row, Some(error)),
            Item::Stop(error) => return Err(error),
        };
        if row.is_empty() && bad.is_none() {
            continue;
        }
        let Some(places) = &columns else {
            seen += 1;
            let here: Vec<_> = row.cells.iter().map(|cell| column(&cell.text, names)).collect();
            if here.contains(&Some(0)) && here.iter().flatten().count() > 1 {
                unique(&here, row.number)?;
                columns = Some(here);
            } else if seen >= header::SEARCHED_ROWS {
                return Err(RowError::file(Code::HeaderNotFound));
            }
            continue;
        };
        if found.len() >= limits.rows {
            return Err(RowError::row(Code::TooManyRows, row.number));
        }
        let cells = match bad {
            Some(error) => Err(error),
            None => cells(&row, places, names.len(), even),
        };
        found.push(PlainRow { row: row.number, cells });
    }
    if columns.is_none() {
        return Err(RowError::file(Code::HeaderNotFound));
    }
    Ok(found)
}

/// Two columns of one meaning have no value that could be trusted.
fn unique(columns: &[Option<usize>], row: u64) -> Result<(), RowError> {
    for (at, column) in columns.iter().enumerate() {
        if column.is_some() && columns.iter().take(at).any(|earlier| earlier == column) {
            let column = u32::try_from(at + 1).ok();
            return Err(RowError { column, ..RowError::row(Code::HeaderDuplicate, row) });
        }
    }
    Ok(())
}

fn cells(
    row: &Row<'_>,
    places: &[Option<usize>],
    width: usize,
    even: bool,
) -> Result<Vec<String>, RowError> {
    if even && row.cells.len() != places.len() {
        return Err(RowError::row(Code::Ragged, row.number));
    }
    let mut cells = vec![String::new(); width];
    for (at, (cell, place)) in row.cells.iter().zip(places).enumerate() {
        let wrong = match cell.kind {
            Kind::Destroyed => Some(Code::CodeDestroyed),
            Kind::Error => Some(Code::CellError),
            Kind::Text | Kind::Number | Kind::Date => None,
        };
        let Some(to) = place.and_then(|place| cells.get_mut(place)) else { continue };
        if let Some(code) = wrong {
            let column = u32::try_from(at + 1).ok();
            return Err(RowError { column, ..RowError::row(code, row.number) });
        }
        cell.text.trim().clone_into(to);
    }
    Ok(cells)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const NAMES: &[&[&str]] = &[&["sku", "article"], &["hs code", "hs6"], &["origin"]];

    fn read_csv(text: &str) -> Result<Vec<PlainRow>, RowError> {
        read(text.as_bytes(), false, &Limits::default(), NAMES)
    }

    #[test]
    fn columns_are_found_by_name_whatever_the_delimiter() {
        for text in [
            "Articles 2026;;\nArticle;Origin;HS code\nA-1;PT;610910\n",
            "sku,colour,hs6,origin\n\"A-1\",red,610910,PT\n",
        ] {
            let rows = read_csv(text).unwrap();
            assert_eq!(rows.len(), 1, "{text}");
            assert_eq!(
                rows.first().unwrap().cells,
                Ok(vec!["A-1".into(), "610910".into(), "PT".into()])
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_row() {
        assert_eq!(read_csv("name,price\nx,1\n").unwrap_err().code, Code::HeaderNotFound);
        assert_eq!(read_csv("sku,hs6,hs code\nx,1,2\n").unwrap_err().code, Code::HeaderDuplicate);
        let rows = read_csv("sku,hs6\nx,1,2\ny,610910\n").unwrap();
        let (bad, good) = (rows.first().unwrap(), rows.get(1).unwrap());
        assert_eq!((bad.row, bad.cells.clone().unwrap_err().code), (2, Code::Ragged));
        assert_eq!(good.cells.clone().unwrap().first().unwrap(), "y");
    }
}
