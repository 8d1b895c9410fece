//! Delimited text: records, quotes, and which delimiter it is.
//!
//! Own splitter rather than a library's, because the row where a quote opened and the limits must
//! be known while reading; its results are compared with the `csv` crate's in a property test.
//! A quote opens a quoted cell only at its start, `""` inside is a quote, line ends are LF, CRLF
//! or CR.

use std::borrow::Cow;

use super::{
    Limits, Options, RowError, header,
    table::{Cell, Item, Row, Table},
};
use crate::Code;

/// Delimiters to try.
pub(super) const DELIMITERS: [u8; 4] = *b",;\t|";
/// Rows looked at to choose the delimiter: enough to see ragged rows, cheap four times.
const SNIFFED_ROWS: usize = 100;

/// Finds the delimiter: the one whose header has most known columns, then most even rows. A first
/// line `sep=;`, as spreadsheets write, decides and is no row.
pub(super) fn sniff<'t>(text: &'t str, options: &Options) -> Result<(&'t str, u8), RowError> {
    let mark = text.as_bytes().get(..5);
    if let Some([b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter]) = mark
        && DELIMITERS.contains(delimiter)
        && let Some((_, rest)) = text.split_once('\n')
        && matches!(text.as_bytes().get(5), Some(b'\r' | b'\n'))
    {
        return Ok((rest, *delimiter));
    }
    let best = DELIMITERS
        .into_iter()
        .rev()
        .map(|delimiter| (score(text, delimiter, options), delimiter))
        .max_by_key(|(score, _)| *score);
    match best {
        Some((score, delimiter)) if score.0 > 1 => Ok((text, delimiter)),
        _ => Err(RowError::file(Code::HeaderNotFound)),
    }
}

/// Known columns of the best header row, and rows as wide as it.
fn score(text: &str, delimiter: u8, options: &Options) -> (usize, usize) {
    let rows: Vec<Row<'_>> = Records::new(text, delimiter, options.limits)
        .take(SNIFFED_ROWS)
        .filter_map(|item| match item {
            Item::Row(row) | Item::Bad(_, row) => Some(row),
            Item::Stop(_) => None,
        })
        .collect();
    let head = rows.iter().take(header::SEARCHED_ROWS);
    let best = head.max_by_key(|row| header::known_columns(row));
    let Some(best) = best else {
        return (0, 0);
    };
    let width = best.cells.len();
    let even = rows.iter().filter(|row| row.cells.len() == width).count();
    (header::known_columns(best), even)
}

/// A decoded text file.
pub(super) struct Text<'t> {
    text: &'t str,
    delimiter: u8,
    limits: Limits,
}

impl<'t> Text<'t> {
    pub(super) fn new(text: &'t str, delimiter: u8, limits: Limits) -> Self {
        Self { text, delimiter, limits }
    }
}

impl Table for Text<'_> {
    fn must_be_even(&self) -> bool {
        true
    }

    fn items(&self) -> Box<dyn Iterator<Item = Item<'_>> + '_> {
        Box::new(Records::new(self.text, self.delimiter, self.limits))
    }
}

/// Records of a text, one at a time.
pub(super) struct Records<'t> {
    rest: &'t str,
    delimiter: u8,
    limits: Limits,
    row: u64,
    stopped: bool,
}

/// How a cell ended.
enum End {
    Delimiter,
    Line,
    Text,
}

impl<'t> Records<'t> {
    pub(super) fn new(text: &'t str, delimiter: u8, limits: Limits) -> Self {
        Self { rest: text, delimiter, limits, row: 0, stopped: false }
    }

    fn stop(&mut self, code: Code) -> Item<'t> {
        self.stopped = true;
        Item::Stop(RowError::row(code, self.row))
    }

    fn record(&mut self) -> Item<'t> {
        let before = self.rest.len();
        let mut cells: Vec<Cell<'t>> = Vec::new();
        let mut bad = None;
        loop {
            let (cell, end) = match self.cell(before) {
                Ok(read) => read,
                Err(code) => return self.stop(code),
            };
            if before - self.rest.len() > self.limits.record_bytes {
                return self.stop(Code::CellTooLong);
            }
            let wrong = if cells.len() >= self.limits.columns {
                Some(Code::TooManyColumns)
            } else if cell.len() > self.limits.cell_bytes {
                Some(Code::CellTooLong)
            } else if cell.contains('\0') {
                Some(Code::NulCharacter)
            } else {
                None
            };
            bad = bad.or(wrong);
            if wrong != Some(Code::TooManyColumns) {
                cells.push(Cell::text(if wrong.is_none() { cell } else { "".into() }));
            }
            if !matches!(end, End::Delimiter) {
                break;
            }
        }
        let row = Row { number: self.row, cells };
        match bad {
            Some(code) => Item::Bad(RowError::row(code, self.row), row),
            None => Item::Row(row),
        }
    }

    /// One cell and how it ended; what was read is taken off the rest.
    fn cell(&mut self, before: usize) -> Result<(Cow<'t, str>, End), Code> {
        if !self.rest.starts_with('"') {
            let (cell, end) = self.bare();
            return Ok((Cow::Borrowed(cell), end));
        }
        let mut text = String::new();
        let mut inside = self.rest.get(1..).unwrap_or_default();
        loop {
            let Some((part, after)) = inside.split_once('"') else {
                return Err(Code::OpenQuote);
            };
            text.push_str(part);
            if before - after.len() > self.limits.record_bytes {
                // So long a record is one whose quote was forgotten.
                return Err(Code::OpenQuote);
            }
            match after.strip_prefix('"') {
                Some(next) => {
                    text.push('"');
                    inside = next;
                }
                None => {
                    self.rest = after;
                    break;
                }
            }
        }
        // Text after the closing quote belongs to the cell, as spreadsheets read it.
        let (tail, end) = self.bare();
        text.push_str(tail);
        Ok((Cow::Owned(text), end))
    }

    /// Text up to the next delimiter or line end.
    fn bare(&mut self) -> (&'t str, End) {
        let bytes = self.rest.as_bytes();
        let stop = |b: &u8| *b == self.delimiter || *b == b'\n' || *b == b'\r';
        let Some(at) = bytes.iter().position(stop) else {
            return (std::mem::take(&mut self.rest), End::Text);
        };
        let (cell, rest) = self.rest.split_at(at);
        let (end, skipped) = match rest.as_bytes() {
            [b'\r', b'\n', ..] => (End::Line, 2),
            [b'\r' | b'\n', ..] => (End::Line, 1),
            _ => (End::Delimiter, 1),
        };
        self.rest = rest.get(skipped..).unwrap_or_default();
        (cell, end)
    }
}

impl<'t> Iterator for Records<'t> {
    type Item = Item<'t>;

    fn next(&mut self) -> Option<Item<'t>> {
        if self.stopped || self.rest.is_empty() {
            return None;
        }
        self.row += 1;
        // The header and blank lines count too; the difference does not matter at this size.
        if self.row > self.limits.rows as u64 + 1 {
            return Some(self.stop(Code::TooManyRows));
        }
        Some(self.record())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;

    fn cells(text: &str, delimiter: u8) -> Vec<Vec<String>> {
        Records::new(text, delimiter, Limits::default())
            .map(|item| match item {
                Item::Row(row) => row.cells.iter().map(|c| c.text.to_string()).collect(),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    fn stopped(text: &str, limits: Limits) -> Option<(Code, u64)> {
        Records::new(text, b',', limits).find_map(|item| match item {
            Item::Stop(error) | Item::Bad(error, _) => Some((error.code, error.row)),
            Item::Row(_) => None,
        })
    }

    #[test]
    fn quotes_hold_delimiters_lines_and_quotes() {
        let text = "a,\"b,\"\"c\"\"\nd\",\r\n\r\n\"x\"y,z\re,\"\",f";
        assert_eq!(
            cells(text, b','),
            [vec!["a", "b,\"c\"\nd", ""], vec![""], vec!["xy", "z"], vec!["e", "", "f"],]
        );
    }

    #[test]
    fn an_open_quote_is_reported_where_it_began() {
        let limits = Limits::default();
        let text = "a,b\n1,\"two\nlines\"\n3,\"open\n4,5\n6,7\n";
        assert_eq!(stopped(text, limits), Some((Code::OpenQuote, 3)));
        let small = Limits { record_bytes: 8, ..limits };
        let late = "a,b\n3,\"open\n4,5\n6,7\n8,\"9\"\n";
        assert_eq!(stopped(late, small), Some((Code::OpenQuote, 2)));
    }

    #[test]
    fn limits_hold_at_their_edge() {
        let limits =
            Limits { columns: 2, cell_bytes: 3, record_bytes: 9, rows: 2, ..Limits::default() };
        assert_eq!(stopped("a,b\nabc,d\ne,f\n", limits), None);
        assert_eq!(stopped("a,b\n1,2\n3,4\n5,6\n", limits), Some((Code::TooManyRows, 4)));
        assert_eq!(stopped("a,b,c\n", limits), Some((Code::TooManyColumns, 1)));
        assert_eq!(stopped("a\nabcd\n", limits), Some((Code::CellTooLong, 2)));
        assert_eq!(stopped("a\nab\0\n", limits), Some((Code::NulCharacter, 2)));
        assert_eq!(stopped("abcdefghijkl", limits), Some((Code::CellTooLong, 1)));
    }

    #[test]
    fn the_delimiter_is_found_by_evidence() {
        let options = Options::default();
        for (text, wanted) in [
            ("order number,sku,quantity,price\n1,a,1,2.50\n", b','),
            ("order number;sku;quantity;price\n1;a;1;2,50\n", b';'),
            ("order number\tsku\tquantity\tprice\n1\ta\t1\t2,50\n", b'\t'),
            ("order number|sku|quantity|price\n", b'|'),
            ("sep=;\r\nwhatever;x\n", b';'),
            ("Export, 3 orders, of today\norder number;sku;quantity\n1;a,b,c;1\n", b';'),
        ] {
            assert_eq!(sniff(text, &options).unwrap().1, wanted, "{text}");
        }
        assert_eq!(sniff("just a letter\n", &options).unwrap_err().code, Code::HeaderNotFound);
        assert!(sniff("", &options).is_err());
    }

    proptest::proptest! {
        /// The `csv` crate, which drops empty lines and does not report open quotes.
        #[test]
        fn records_are_those_of_the_csv_crate(text in "([a-c,\"é]|\r\n|\n|\r| ){0,60}") {
            let ours: Vec<Item<'_>> = Records::new(&text, b',', Limits::default()).collect();
            if !ours.iter().any(|item| matches!(item, Item::Stop(_))) {
                let ours: Vec<Vec<String>> = cells(&text, b',').into_iter()
                    .filter(|row| *row != [String::new()]).collect();
                let theirs: Vec<Vec<String>> = ::csv::ReaderBuilder::new()
                    .has_headers(false).flexible(true).from_reader(text.as_bytes())
                    .records().map(|r| r.unwrap().iter().map(str::to_owned).collect())
                    .filter(|row: &Vec<String>| *row != [String::new()]).collect();
                proptest::prop_assert_eq!(ours, theirs);
            }
        }

        #[test]
        fn what_is_written_is_read(rows in proptest::collection::vec(
            proptest::collection::vec("[a-z,;\"\n\r é]{0,6}", 2..4), 1..6)) {
            let mut writer = ::csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for row in &rows { writer.write_record(row).unwrap(); }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            proptest::prop_assert_eq!(cells(&text, b','), rows);
        }
    }
}
