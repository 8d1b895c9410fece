//! Reading many addresses from text: JSON object, JSON array, JSON lines, or CSV with a header.
//!
//! Every record gets its own verdict; a bad one never stops the others.

mod json;
mod keys;
mod record;
mod table;

use serde::Serialize;

use crate::{Address, Code, Notice, Problem};

/// 1 MiB: a record larger than this is no address but a lost quote or another document.
const RECORD_BYTES_MAX: usize = 1 << 20;
/// 32 KiB: as above, for one value.
const VALUE_BYTES_MAX: usize = 32 << 10;
/// 512 columns: wide shop exports have about 80.
const COLUMNS_MAX: usize = 512;
/// 1,000,000 records: a month of a large shop; more is to be sent in parts.
const RECORDS_MAX: usize = 1_000_000;

/// What the text is, if the caller knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FormatHint {
    /// Look at the first character.
    #[default]
    Auto,
    /// One JSON object or one JSON array.
    Json,
    /// One JSON object per line.
    JsonLines,
    /// Comma, semicolon, tab or bar between the cells; the first line names the columns.
    Csv,
}

impl FormatHint {
    /// By the ending of a file name; [`FormatHint::Auto`] when it says nothing.
    #[must_use]
    pub fn from_file_name(name: &str) -> Self {
        match name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).as_deref() {
            Some("jsonl" | "ndjson") => Self::JsonLines,
            Some("json") => Self::Json,
            Some("csv" | "tsv") => Self::Csv,
            _ => Self::Auto,
        }
    }
}

/// The fate of one record. Its serialised form holds personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineVerdict {
    /// 1 for the first record.
    pub record: usize,
    /// Line of the text where the record starts, 1 for the first; absent inside a JSON document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// No problem was found.
    pub valid: bool,
    /// Absent when the record could not be read.
    pub normalised: Option<Address>,
    /// Empty when valid.
    pub problems: Vec<Problem>,
    /// Corrections and observations.
    pub notices: Vec<Notice>,
}

impl LineVerdict {
    fn unreadable(record: usize, line: Option<usize>, code: Code, reason: String) -> Self {
        let field = if code == Code::InputUnreadable { "input" } else { "record" };
        let problems = vec![Problem::new(code, field, reason)];
        Self { record, line, valid: false, normalised: None, problems, notices: Vec::new() }
    }
}

/// Reads every address of a text and checks each. Never fails as a whole: what cannot be read is
/// a verdict with `ADR0016` (a record) or `ADR0018` (the text).
#[must_use]
pub fn check_text(input: &str, hint: FormatHint) -> Vec<LineVerdict> {
    let text = input.trim_start_matches('\u{FEFF}');
    if text.trim().is_empty() {
        let reason = "the input is empty: expected JSON or CSV with at least one address";
        let code = Code::InputUnreadable;
        return vec![LineVerdict::unreadable(1, None, code, reason.to_owned())];
    }
    let json = text.trim_start().starts_with(['{', '[']);
    match hint {
        FormatHint::JsonLines => json::lines(text),
        FormatHint::Json => json::document(text),
        FormatHint::Auto if json => json::document(text),
        FormatHint::Csv | FormatHint::Auto => table::rows(text),
    }
}
