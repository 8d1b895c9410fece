//! Rows of an XLSX workbook whose archive has been inspected.
//!
//! Cells are streamed in file order and counted; the sheet's declared size is not believed.
//! Formulas are never evaluated, their stored values are read. Numbers become the text a
//! spreadsheet shows: 15 significant digits, leading zeros where the cell's format asks for them.

use std::{
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
};

use calamine::{Cell as RawCell, DataRef, ExcelDateTime, Reader, Style, Xlsx};

use super::{
    Limits, Options, RowError, header,
    table::{Cell, Item, Kind, Row, Table},
};
use crate::Code;

type Workbook<'b> = Xlsx<Cursor<&'b [u8]>>;

/// A sheet in memory.
pub(super) struct Sheet {
    rows: Vec<Row<'static>>,
    stopped: Option<RowError>,
}

impl Table for Sheet {
    fn must_be_even(&self) -> bool {
        false
    }

    fn items(&self) -> Box<dyn Iterator<Item = Item<'_>> + '_> {
        let rows = self.rows.iter().cloned().map(Item::Row);
        Box::new(rows.chain(self.stopped.clone().map(Item::Stop)))
    }
}

/// Reads the sheet that holds the orders, with its name.
///
/// # Errors
/// `CHN0036` when the workbook cannot be read, `CHN0039` when no or several sheets fit.
pub(super) fn read(bytes: &[u8], options: &Options) -> Result<(String, Sheet), RowError> {
    // The reader computes cell references unchecked: a hostile one panics where overflow checks
    // are on. That must refuse the file, not end the process.
    let read = catch_unwind(AssertUnwindSafe(|| read_workbook(bytes, options)));
    read.unwrap_or(Err(RowError::file(Code::NotXlsx)))
}

fn read_workbook(bytes: &[u8], options: &Options) -> Result<(String, Sheet), RowError> {
    let broken = |_| RowError::file(Code::NotXlsx);
    let mut workbook: Workbook<'_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let names = workbook.sheet_names();
    let name = match &options.sheet {
        Some(wanted) => names.iter().find(|name| *name == wanted).cloned(),
        None => only_sheet(&mut workbook, &names, options),
    };
    let name = name.ok_or(RowError::file(Code::SheetUnclear))?;
    let sheet = rows(&mut workbook, &name, &options.limits, None)?;
    Ok((name, sheet))
}

/// Every sheet that can be read, in the order of the workbook.
///
/// # Errors
/// `CHN0036` when the workbook cannot be read, or what stopped the reading of a sheet.
pub(super) fn sheets(bytes: &[u8], limits: &Limits) -> Result<Vec<Vec<Row<'static>>>, RowError> {
    let broken = |_| RowError::file(Code::NotXlsx);
    let read = || -> Result<_, RowError> {
        let mut workbook: Workbook<'_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
        let mut sheets = Vec::new();
        for name in workbook.sheet_names() {
            // A chart or a broken sheet is not the one with the table.
            let Ok(sheet) = rows(&mut workbook, &name, limits, None) else { continue };
            match sheet.stopped {
                Some(stopped) => return Err(stopped),
                None => sheets.push(sheet.rows),
            }
        }
        Ok(sheets)
    };
    // As in `read`: a hostile reference refuses the file, not the process.
    let read = catch_unwind(AssertUnwindSafe(read));
    read.unwrap_or(Err(RowError::file(Code::NotXlsx)))
}

/// The only sheet, or the only one with a header of orders.
fn only_sheet(workbook: &mut Workbook<'_>, names: &[String], options: &Options) -> Option<String> {
    if let [only] = names {
        return Some(only.clone());
    }
    let mut found = None;
    for name in names {
        let leading = header::SEARCHED_ROWS;
        // A chart or a broken sheet is not the one with orders.
        let Ok(sheet) = rows(workbook, name, &options.limits, Some(leading)) else {
            continue;
        };
        let fits = |row: &Row<'_>| match header::read(row, options) {
            Ok(_) => true,
            Err(error) => error.code == Code::HeaderDuplicate,
        };
        if sheet.rows.iter().any(fits) {
            if found.is_some() {
                return None;
            }
            found = Some(name.clone());
        }
    }
    found
}

/// Rows that hold cells, up to `most` of them when given.
fn rows(
    workbook: &mut Workbook<'_>,
    name: &str,
    limits: &Limits,
    most: Option<usize>,
) -> Result<Sheet, RowError> {
    let broken = |_| RowError::file(Code::NotXlsx);
    let mut reader = workbook.worksheet_cells_reader(name).map_err(broken)?;
    let styles = reader.styles().to_vec();
    let mut sheet = Sheet { rows: Vec::new(), stopped: None };
    let mut cells = 0_usize;
    while let Some((raw, style)) = reader.next_cell_with_style_id().map_err(broken)? {
        let (row, column) = raw.get_position();
        let number = u64::from(row) + 1;
        cells += 1;
        let last = sheet.rows.last().map(|row| row.number);
        let wrong = if last.is_some_and(|last| number < last) {
            // Rows go down in every file; going back would overwrite what was read.
            Some(Code::NotXlsx)
        } else if cells > limits.cells || (last != Some(number) && sheet.rows.len() > limits.rows) {
            Some(Code::TooManyRows)
        } else if column as usize >= limits.columns {
            Some(Code::TooManyColumns)
        } else {
            None
        };
        if let Some(code) = wrong {
            sheet.stopped = Some(RowError::row(code, number));
            break;
        }
        if last != Some(number) {
            if most.is_some_and(|most| sheet.rows.len() >= most) {
                break;
            }
            sheet.rows.push(Row { number, cells: Vec::new() });
        }
        let cell = cell(&raw, styles.get(style), limits);
        if let (Some(row), Some(cell)) = (sheet.rows.last_mut(), cell)
            && !place(row, column as usize, cell)
        {
            sheet.stopped = Some(RowError::row(Code::NotXlsx, number));
            break;
        }
    }
    Ok(sheet)
}

/// Puts a cell into its column; a column written twice has no value that could be trusted.
fn place(row: &mut Row<'static>, column: usize, cell: Cell<'static>) -> bool {
    if column < row.cells.len() {
        return false;
    }
    row.cells.resize(column, Cell::text(""));
    row.cells.push(cell);
    true
}

fn cell(
    raw: &RawCell<DataRef<'_>>,
    style: Option<&Style>,
    limits: &Limits,
) -> Option<Cell<'static>> {
    let of = |text: String, kind| Some(Cell { text: text.into(), kind });
    let text = |text: &str| match text.len() > limits.cell_bytes || text.contains('\0') {
        // Cannot be cut or cleaned without changing it; the row is refused when it is read.
        true => of(String::new(), Kind::Error),
        false => of(text.to_owned(), Kind::Text),
    };
    match raw.get_value() {
        DataRef::Empty => None,
        DataRef::String(value) => text(value),
        DataRef::SharedString(value) => text(value),
        DataRef::Int(value) => of(padded(value.to_string(), style), Kind::Number),
        DataRef::Float(value) => match number_text(*value) {
            Some(value) => of(padded(value, style), Kind::Number),
            None => of(String::from("?"), Kind::Destroyed),
        },
        DataRef::Bool(value) => text(if *value { "true" } else { "false" }),
        DataRef::DateTime(value) => match date_text(value) {
            Some(value) => of(value, Kind::Date),
            None => of(String::new(), Kind::Error),
        },
        DataRef::DateTimeIso(value) => text(value),
        DataRef::DurationIso(_) | DataRef::Error(_) => of(String::new(), Kind::Error),
    }
}

/// The number as a spreadsheet shows it: 15 significant digits, no exponent. From 10^15 on digits
/// are lost, and none are invented for them.
fn number_text(value: f64) -> Option<String> {
    if !value.is_finite() || value.abs() >= 1e15 {
        return None;
    }
    if value == 0.0 {
        return Some("0".to_owned());
    }
    let scientific = format!("{value:.14e}");
    let (mantissa, exponent) = scientific.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    let sign = if value < 0.0 { "-" } else { "" };
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    // 14 decimals is what an amount may have; anything smaller rounds to nothing.
    if exponent < -14 {
        return Some("0".to_owned());
    }
    let plain = match usize::try_from(exponent + 1) {
        Ok(whole @ 1..) => {
            let (whole, fraction) = digits.split_at_checked(whole)?;
            format!("{whole}.{fraction}")
        }
        _ => format!("0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize - 1)),
    };
    let plain = plain.trim_end_matches('0').trim_end_matches('.');
    Some(format!("{sign}{plain}"))
}

/// Leading zeros that the cell's format shows, `00000` for a postcode.
fn padded(text: String, style: Option<&Style>) -> String {
    let format = style.and_then(|style| style.number_format.as_ref());
    let code = format.map_or("", |format| format.format_code.as_str());
    let zeros = (2..=20).contains(&code.len()) && code.bytes().all(|b| b == b'0');
    if zeros && text.bytes().all(|b| b.is_ascii_digit()) {
        return format!("{text:0>width$}", width = code.len());
    }
    text
}

/// ISO 8601 by the workbook's epoch; a whole day has no time.
fn date_text(value: &ExcelDateTime) -> Option<String> {
    if value.is_duration() {
        return None;
    }
    let (year, month, day, hour, minute, second, _) = value.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    Some(match value.as_f64().fract() == 0.0 {
        true => date,
        false => format!("{date}T{hour:02}:{minute:02}:{second:02}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_the_text_people_see() {
        for (value, wanted) in [
            (14.9, Some("14.9")),
            (0.1 + 0.2, Some("0.3")),
            (-3.1, Some("-3.1")),
            (0.0, Some("0")),
            (1e-7, Some("0.0000001")),
            (69003.0, Some("69003")),
            (2_000_001_035_016.0, Some("2000001035016")),
            (999_999_999_999_999.0, Some("999999999999999")),
            (1e15, None),
            (f64::NAN, None),
            (f64::INFINITY, None),
            (1e-300, Some("0")),
        ] {
            assert_eq!(number_text(value).as_deref(), wanted, "{value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn cents_survive_the_way_through_floats(minor in -99_999_999_999_i64..99_999_999_999) {
            let decimal = rust_decimal::Decimal::new(minor, 2);
            let float: f64 = decimal.to_string().parse().unwrap_or_default();
            let wanted = decimal.normalize().to_string();
            proptest::prop_assert_eq!(number_text(float), Some(wanted));
        }
    }
}
