//! Import of orders from CSV and XLSX files.
//!
//! Owns: finding out encoding, delimiter, header and spellings of numbers and dates from evidence
//! in the file, reading each row alone, and grouping the rows of one order number into one order.
//! What evidence does not decide is refused, never guessed. Deliberately does not: keep or commit
//! anything, compare with orders already known, or isolate itself: XLSX belongs in a child process
//! with a memory limit, which is its caller's to start. Cells that look like formulas are text.

mod archive;
mod countries;
mod csv;
mod encoding;
mod evidence;
mod fields;
mod group;
mod header;
pub mod plain;
mod rows;
mod table;
mod xlsx;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_xlsx;

use colibri_types::Currency;
use serde::{Deserialize, Serialize};

use crate::{Code, order::CanonicalOrder};

pub use encoding::Encoding;
pub use evidence::{DateOrder, DecimalMark};
pub use fields::{Field, WeightUnit};

/// What the file's owner has declared. Everything left out is found from the file or refused.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Currency of rows that name none.
    pub currency: Option<Currency>,
    /// Whether prices include tax; files do not say.
    pub taxes_included: Option<bool>,
    /// Unit of weights that name none.
    pub weight_unit: Option<WeightUnit>,
    /// Mark before decimals, for columns whose values do not decide.
    pub decimal_mark: Option<DecimalMark>,
    /// Order of day and month, for columns whose values do not decide.
    pub date_order: Option<DateOrder>,
    /// Sheet of a workbook, when several look like orders.
    pub sheet: Option<String>,
    /// Channel id of the orders; `csv` when absent.
    pub channel: Option<String>,
    /// What a file may cost.
    pub limits: Limits,
}

/// What a file may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a CSV file: 50 MiB, since it is read in memory; 200,000 rows are about 40 MB.
    pub csv_bytes: usize,
    /// Bytes of an XLSX file: 20 MiB, which inflates to the next limit at usual ratios.
    pub xlsx_bytes: usize,
    /// Bytes of a workbook inflated: 64 MiB, a third of the memory the reader then needs.
    pub inflated_bytes: u64,
    /// Inflated to packed: 100, where real workbooks stay below 30.
    pub ratio: u64,
    /// Entries of the workbook's archive: 200, where real ones have dozens.
    pub entries: usize,
    /// Rows of either kind: 200,000, a day of the largest sender known.
    pub rows: usize,
    /// Columns: 512, where the widest export known has 80.
    pub columns: usize,
    /// Cells of a workbook: 2 million.
    pub cells: usize,
    /// Bytes of one record of a CSV file: 1 MiB.
    pub record_bytes: usize,
    /// Bytes of one cell: 32 KiB, what a spreadsheet holds.
    pub cell_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            csv_bytes: 50 << 20,
            xlsx_bytes: 20 << 20,
            inflated_bytes: 64 << 20,
            ratio: 100,
            entries: 200,
            rows: 200_000,
            columns: 512,
            cells: 2_000_000,
            record_bytes: 1 << 20,
            cell_bytes: 32 << 10,
        }
    }
}

/// Why a row, or the file from there on, was refused. Holds no content of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code} in {place}: {meaning}", place = self.place(), meaning = code.meaning())]
pub struct RowError {
    /// Public code.
    pub code: Code,
    /// Row as a spreadsheet numbers it, header included; 0 for the file as a whole.
    pub row: u64,
    /// Column, counted from 1.
    pub column: Option<u32>,
    /// Meaning of that column.
    pub field: Option<Field>,
    /// Row that this one depends on or contradicts.
    pub other_row: Option<u64>,
}

impl RowError {
    pub(crate) fn file(code: Code) -> Self {
        Self::row(code, 0)
    }

    pub(crate) fn row(code: Code, row: u64) -> Self {
        Self { code, row, column: None, field: None, other_row: None }
    }

    fn place(&self) -> String {
        let mut place = match self.row {
            0 => "the file".to_owned(),
            row => format!("row {row}"),
        };
        if let Some(column) = self.column {
            place += &format!(", column {column}");
        }
        if let Some(field) = self.field {
            place += &format!(" ({})", field.as_str());
        }
        if let Some(other) = self.other_row {
            place += &format!(", with row {other}");
        }
        place
    }
}

/// What happened to a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    /// Part of the order at this index of the report.
    Accepted {
        /// Index into [`ImportReport::orders`].
        order: usize,
    },
    /// Not imported.
    Refused(RowError),
    /// Empty, a comment or a line of totals.
    Skipped,
}

/// One row and its fate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowResult {
    /// Row as a spreadsheet numbers it, header included.
    pub row: u64,
    /// What happened to it.
    pub outcome: RowOutcome,
}

/// An order and the rows it was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedOrder {
    /// The order; warnings name rows and fields.
    pub order: CanonicalOrder,
    /// Its rows, in the file's order.
    pub rows: Vec<u64>,
}

/// How a column was understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnUse {
    /// Position, counted from 1.
    pub position: u32,
    /// Meaning; absent for columns that are not used.
    pub field: Option<Field>,
    /// Decimal mark its values prove.
    pub decimal_mark: Option<DecimalMark>,
    /// Order of day and month its values prove.
    pub date_order: Option<DateOrder>,
}

/// Everything found in a file. Every row below the header has exactly one outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Encoding of a text file; shown back because it may be an assumption.
    pub encoding: Option<Encoding>,
    /// Delimiter of a text file.
    pub delimiter: Option<char>,
    /// Sheet of a workbook.
    pub sheet: Option<String>,
    /// Row of the header.
    pub header_row: Option<u64>,
    /// How the columns were understood.
    pub columns: Vec<ColumnUse>,
    /// Orders, in the order of their first rows.
    pub orders: Vec<ImportedOrder>,
    /// Fate of each row below the header.
    pub rows: Vec<RowResult>,
    /// What ended the reading early. Rows after it were not seen, so orders may lack some: nothing
    /// of the report should then be committed.
    pub stopped: Option<RowError>,
}

impl ImportReport {
    fn stopped(error: RowError) -> Self {
        Self { stopped: Some(error), ..Self::default() }
    }

    /// The refused rows.
    pub fn refused(&self) -> impl Iterator<Item = &RowError> {
        self.rows.iter().filter_map(|row| match &row.outcome {
            RowOutcome::Refused(error) => Some(error),
            RowOutcome::Accepted { .. } | RowOutcome::Skipped => None,
        })
    }
}

/// Reads orders from delimited text.
#[must_use]
pub fn read_csv(bytes: &[u8], options: &Options) -> ImportReport {
    if bytes.len() > options.limits.csv_bytes {
        return ImportReport::stopped(RowError::file(Code::FileTooLarge));
    }
    let (text, encoding) = match encoding::decode(bytes) {
        Ok(decoded) => decoded,
        Err(error) => return ImportReport::stopped(error),
    };
    let (text, delimiter) = match csv::sniff(&text, options) {
        Ok(found) => found,
        Err(error) => return ImportReport::stopped(error),
    };
    let table = csv::Text::new(text, delimiter, options.limits);
    let mut report = rows::read(&table, options);
    report.encoding = Some(encoding);
    report.delimiter = Some(char::from(delimiter));
    if encoding == Encoding::Windows1252 {
        for imported in &mut report.orders {
            imported.order.warnings.push(crate::Warning {
                code: crate::WarningCode::EncodingAssumed,
                place: "file".to_owned(),
            });
        }
    }
    report
}

/// Reads orders from an XLSX workbook. To be called in a child process with limited memory.
#[must_use]
pub fn read_xlsx(bytes: &[u8], options: &Options) -> ImportReport {
    let read = archive::inspect(bytes, &options.limits).and_then(|()| xlsx::read(bytes, options));
    match read {
        Ok((sheet, table)) => {
            let mut report = rows::read(&table, options);
            report.sheet = Some(sheet);
            report
        }
        Err(error) => ImportReport::stopped(error),
    }
}
