//! From a table to drafts of lines: header, evidence, then each row alone.

use super::{
    ColumnUse, ImportReport, Options, RowError,
    evidence::Evidence,
    fields::Field,
    group::{self, Draft, Seen},
    header::{self, Header},
    table::{Item, Row, Table},
};
use crate::Code;

mod cells;
use cells::Cells;

/// Reads a whole table.
pub(super) fn read(table: &dyn Table, options: &Options) -> ImportReport {
    let header = match find_header(table, options) {
        Ok(header) => header,
        Err(error) => return ImportReport::stopped(error),
    };
    let evidence = gather(table, &header);
    let mut seen = Vec::new();
    let mut stopped = None;
    for item in table.items() {
        match item {
            Item::Row(row) if row.number <= header.row => {}
            Item::Bad(error, _) if error.row <= header.row => {}
            Item::Row(row) => seen.push(read_row(&row, &header, &evidence, options, table)),
            Item::Bad(error, row) => {
                let key = Cells::new(&row, &header, &evidence, options).key();
                seen.push(Seen::Refused { key, error });
            }
            Item::Stop(error) => {
                seen.push(Seen::Refused { key: None, error: error.clone() });
                stopped = Some(error);
            }
        }
    }
    let (orders, rows) = group::group(seen, options);
    ImportReport {
        header_row: Some(header.row),
        columns: uses(&header, &evidence),
        orders,
        rows,
        stopped,
        ..ImportReport::default()
    }
}

fn uses(header: &Header, evidence: &[Evidence]) -> Vec<ColumnUse> {
    let columns = header.columns.iter().zip(evidence);
    (1..)
        .zip(columns)
        .map(|(position, (column, evidence))| ColumnUse {
            position,
            field: column.map(|c| c.field),
            decimal_mark: evidence.decimal_mark(),
            date_order: evidence.date_order(),
        })
        .collect()
}

/// The first of the leading rows that has every required column. A title above it is no error; a
/// header with a doubled column is.
fn find_header(table: &dyn Table, options: &Options) -> Result<Header, RowError> {
    let mut closest: Option<(usize, RowError)> = None;
    let rows = table.items().take(header::SEARCHED_ROWS * 2);
    for item in rows {
        let row = match item {
            Item::Row(row) => row,
            Item::Stop(error) => return Err(error),
            // A header with a bad cell or too many columns cannot be looked past.
            Item::Bad(error, _) if error.row == 1 => return Err(error),
            Item::Bad(..) => continue,
        };
        if row.number > header::SEARCHED_ROWS as u64 {
            break;
        }
        match header::read(&row, options) {
            Ok(header) => return Ok(header),
            Err(error) if error.code == Code::HeaderDuplicate => return Err(error),
            Err(error) => {
                let known = header::known_columns(&row);
                if closest.as_ref().is_none_or(|(most, _)| known > *most) {
                    closest = Some((known, error));
                }
            }
        }
    }
    Err(closest.map_or(RowError::file(Code::HeaderNotFound), |(_, error)| error))
}

/// What each column's values prove about decimals and dates.
fn gather(table: &dyn Table, header: &Header) -> Vec<Evidence> {
    let mut evidence = vec![Evidence::default(); header.columns.len()];
    for item in table.items() {
        let Item::Row(row) = item else { continue };
        if row.number <= header.row {
            continue;
        }
        let columns = header.columns.iter().zip(&mut evidence);
        for (cell, (column, evidence)) in row.cells.iter().zip(columns) {
            let Some(column) = column else { continue };
            if cell.kind != super::table::Kind::Text {
                continue;
            }
            if column.field.is_number() {
                evidence.see_number(cells::bare_number(column.field, &cell.text).0);
            } else if column.field.is_date() {
                evidence.see_date(&cell.text);
            }
        }
    }
    evidence
}

fn read_row(
    row: &Row<'_>,
    header: &Header,
    evidence: &[Evidence],
    options: &Options,
    table: &dyn Table,
) -> Seen {
    if row.is_empty() {
        return Seen::Skipped { row: row.number };
    }
    let cells = Cells::new(row, header, evidence, options);
    if is_remark(&cells) {
        return Seen::Skipped { row: row.number };
    }
    let key = cells.key();
    let surplus = row.cells.iter().skip(header.columns.len());
    let ragged =
        row.cells.len() < header.columns.len() || surplus.into_iter().any(|c| !c.is_empty());
    if ragged && table.must_be_even() {
        let error = RowError::row(Code::Ragged, row.number);
        return Seen::Refused { key, error };
    }
    match draft(&cells) {
        Ok(draft) => Seen::Draft(draft),
        Err(error) => Seen::Refused { key, error },
    }
}

/// A line of totals or a comment: it names no article.
fn is_remark(cells: &Cells<'_, '_>) -> bool {
    let none = |field| cells.raw(field).is_none();
    if !(none(Field::Sku) && none(Field::ItemName)) {
        return false;
    }
    let first = cells.first_text().unwrap_or_default();
    let word = header::normalise(&first);
    let total = matches!(
        word.split(' ').next(),
        Some(
            "total"
                | "totals"
                | "totaux"
                | "sum"
                | "summe"
                | "gesamt"
                | "gesamtsumme"
                | "suma"
                | "totales"
        )
    );
    total || (first.starts_with('#') && none(Field::Quantity))
}

fn draft(cells: &Cells<'_, '_>) -> Result<Draft, RowError> {
    let key = cells.key().ok_or_else(|| cells.error(Code::FieldMissing, Field::OrderNumber))?;
    let mut draft = Draft::new(cells.row(), key);
    for (field, column) in cells.fields() {
        if let Some(value) = cells.head(field, &mut draft.warnings)? {
            draft.head.push((field, column, value));
        }
    }
    let line = &mut draft.line;
    line.sku = cells.code(Field::Sku)?;
    line.name = cells.long_text(Field::ItemName)?;
    if line.sku.is_none() && line.name.is_none() {
        return Err(cells.error(Code::FieldMissing, Field::Sku));
    }
    line.quantity = cells.quantity()?;
    line.price = cells
        .amount(Field::UnitPrice)?
        .ok_or_else(|| cells.error(Code::FieldMissing, Field::UnitPrice))?;
    line.discount = cells.amount(Field::Discount)?;
    line.tax = cells.amount(Field::Tax)?;
    line.weight = cells.weight()?;
    line.hs_code = cells.hs_code(&mut draft.warnings)?;
    line.origin = cells.country(Field::Origin, &mut draft.warnings)?;
    line.gtin = cells.gtin(&mut draft.warnings)?;
    for sign in cells.currency_signs() {
        draft.head.push(sign);
    }
    Ok(draft)
}
