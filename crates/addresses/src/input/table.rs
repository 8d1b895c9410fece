//! CSV with a header line.

use std::collections::HashSet;

use csv::{ReaderBuilder, StringRecord};

use super::record::{Value, verdict};
use super::{COLUMNS_MAX, LineVerdict, RECORD_BYTES_MAX, RECORDS_MAX, VALUE_BYTES_MAX, keys};
use crate::Code;
use crate::text::fold;

/// 1,000 fresh starts after a lost quote: each may read the rest once more, so they are bounded.
const RESTARTS_MAX: usize = 1000;

struct Header {
    delimiter: u8,
    names: Vec<String>,
    /// Bytes up to the first record.
    end: usize,
}

/// What the text at some place holds.
struct Row {
    start: usize,
    end: usize,
    cells: StringRecord,
}

/// A verdict for every row after the header.
pub fn rows(text: &str) -> Vec<LineVerdict> {
    let header = match read_header(text) {
        Ok(header) => header,
        Err(reason) => {
            return vec![LineVerdict::unreadable(1, Some(1), Code::InputUnreadable, reason)];
        }
    };
    let mut scan = Scan { text, header: &header, verdicts: Vec::new(), line: 1, counted: 0 };
    let mut offset = header.end;
    for _ in 0..RESTARTS_MAX {
        match scan.run(offset) {
            Some(next) => offset = next,
            None => return scan.finish(),
        }
    }
    let reason = format!("more than {RESTARTS_MAX} rows with a lost quote: the rest was not read");
    scan.refuse(offset, Code::InputUnreadable, reason);
    scan.finish()
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes())
}

/// The delimiter that makes most column names known is the one in use.
fn read_header(text: &str) -> Result<Header, String> {
    let mut best: Option<(usize, Header)> = None;
    // The header ends within the limit of a record, lost quotes or not.
    let cut = text.floor_char_boundary(RECORD_BYTES_MAX.min(text.len()));
    let head = text.get(..cut).unwrap_or(text);
    for delimiter in [b',', b';', b'\t', b'|'] {
        let mut reader = reader(head, delimiter);
        let mut record = StringRecord::new();
        if !matches!(reader.read_record(&mut record), Ok(true)) {
            continue;
        }
        let names: Vec<String> = record.iter().map(str::to_owned).collect();
        let known = names.iter().filter(|n| keys::target(n).is_some()).count();
        if best.as_ref().is_none_or(|(most, _)| known > *most) {
            let end = usize::try_from(reader.position().byte()).unwrap_or(text.len());
            best = Some((known, Header { delimiter, names, end }));
        }
    }
    let Some((known @ 1.., header)) = best else {
        return Err("the first line names no column we know: expected a header such as \
                    name,address1,city,postcode,country"
            .to_owned());
    };
    let _ = known;
    if header.names.len() > COLUMNS_MAX {
        return Err(format!("more than {COLUMNS_MAX} columns: no address list has"));
    }
    let mut seen = HashSet::new();
    for (i, name) in header.names.iter().enumerate() {
        if keys::target(name).is_some() && !seen.insert(fold(name)) {
            return Err(format!("column {} has the name of an earlier one: keep one", i + 1));
        }
    }
    Ok(header)
}

struct Scan<'a> {
    text: &'a str,
    header: &'a Header,
    verdicts: Vec<LineVerdict>,
    /// Line number at byte `counted`.
    line: usize,
    counted: usize,
}

impl Scan<'_> {
    /// Reads rows from `offset`. After a row that swallowed others, gives the offset of the line
    /// after the one where it began.
    fn run(&mut self, offset: usize) -> Option<usize> {
        let rest = self.text.get(offset..)?;
        let mut reader = reader(rest, self.header.delimiter);
        let mut cells = StringRecord::new();
        loop {
            let before = position(&reader);
            if !reader.read_record(&mut cells).unwrap_or(false) {
                return None;
            }
            if self.verdicts.len() >= RECORDS_MAX {
                let reason = format!("more than {RECORDS_MAX} rows: send the rest apart");
                self.refuse(offset + before, Code::InputUnreadable, reason);
                return None;
            }
            let raw = rest.get(before..position(&reader)).unwrap_or_default();
            // Empty lines before the row belong to nothing.
            let blank = raw.len() - raw.trim_start_matches(['\n', '\r']).len();
            let start = offset + before + blank;
            let row = Row { start, end: offset + position(&reader), cells: cells.clone() };
            if let Some(next) = self.take(&row) {
                return Some(next);
            }
        }
    }

    fn take(&mut self, row: &Row) -> Option<usize> {
        let raw = self.text.get(row.start..row.end).unwrap_or_default().trim_end();
        let Some(reason) = self.fault(row, raw) else {
            // A row of empty cells is what spreadsheets leave behind.
            if row.cells.iter().any(|c| !c.trim().is_empty()) {
                let names = self.header.names.iter().cloned();
                let values = row.cells.iter().map(|c| Value::Text(c.to_owned()));
                let (record, line) = (self.verdicts.len() + 1, self.line_at(row.start));
                self.verdicts.push(verdict(record, Some(line), names.zip(values)));
            }
            return None;
        };
        self.refuse(row.start, Code::RecordUnreadable, reason);
        raw.find('\n').map(|at| row.start + at + 1)
    }

    fn fault(&self, row: &Row, raw: &str) -> Option<String> {
        let columns = self.header.names.len();
        let extra = row.cells.iter().skip(columns).any(|c| !c.trim().is_empty());
        if row.cells.len() < columns || extra {
            return Some(format!(
                "the row has {} cells, the header {columns}: a delimiter or a quote is lost or \
                 superfluous",
                row.cells.len()
            ));
        }
        let lost = raw.contains('\n') && !quotes_pair(raw, self.header.delimiter);
        let large = row.cells.iter().any(|c| c.len() > VALUE_BYTES_MAX);
        (lost || large || raw.len() > RECORD_BYTES_MAX)
            .then(|| "a quote is opened and never closed".to_owned())
    }

    fn refuse(&mut self, start: usize, code: Code, reason: String) {
        let (record, line) = (self.verdicts.len() + 1, self.line_at(start));
        self.verdicts.push(LineVerdict::unreadable(record, Some(line), code, reason));
    }

    /// Rows come in order, so the lines are counted once.
    fn line_at(&mut self, offset: usize) -> usize {
        let passed = self.text.get(self.counted..offset).unwrap_or_default();
        self.line += passed.matches('\n').count();
        self.counted = self.counted.max(offset);
        self.line
    }

    fn finish(self) -> Vec<LineVerdict> {
        if !self.verdicts.is_empty() {
            return self.verdicts;
        }
        let reason = "there is a header and no row: expected at least one address".to_owned();
        vec![LineVerdict::unreadable(1, None, Code::InputUnreadable, reason)]
    }
}

fn position(reader: &csv::Reader<&[u8]>) -> usize {
    usize::try_from(reader.position().byte()).unwrap_or(usize::MAX)
}

/// In a whole row a quoted cell ends at a delimiter or a line end. A row over several lines where
/// one ends elsewhere, or not at all, has swallowed what follows it.
fn quotes_pair(raw: &str, delimiter: u8) -> bool {
    let mut bytes = raw.bytes().peekable();
    let mut at_start = true;
    let mut quoted = false;
    while let Some(byte) = bytes.next() {
        if quoted && byte == b'"' {
            match bytes.peek().copied() {
                Some(b'"') => {
                    bytes.next();
                }
                Some(b'\r' | b'\n') | None => quoted = false,
                Some(next) if next == delimiter => quoted = false,
                Some(_) => return false,
            }
        } else if !quoted {
            quoted = at_start && byte == b'"';
            at_start = byte == delimiter || byte == b'\n';
        }
    }
    !quoted
}
