//! Which codes exist, and what they mean.

use std::collections::BTreeMap;

use time::{Date, macros::date};

/// Chapters, headings and subheadings of the Harmonized System of 2022.
///
/// Texts are English and some are shortened from the legal text: good to search and to show, no
/// ground for a decision.
#[derive(Debug, Clone, Default)]
pub struct Nomenclature {
    entries: BTreeMap<String, String>,
}

/// One code with its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Entry<'a> {
    /// Two, four or six digits.
    pub code: &'a str,
    /// English text.
    pub text: &'a str,
}

/// Why a table of codes cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum NomenclatureError {
    /// Not a table, or no such columns.
    #[error("read the table of codes")]
    Table(#[source] csv::Error),
    /// Nothing in it.
    #[error("the table of codes has no six-digit code")]
    Empty,
}

#[derive(serde::Deserialize)]
struct Row {
    hscode: String,
    description: String,
}

impl Nomenclature {
    /// The edition.
    pub const VERSION: &'static str = "HS 2022";
    /// Last day of the edition: the next one starts on 1 January 2028.
    pub const VALID_UNTIL: Date = date!(2027 - 12 - 31);

    /// The table that is part of this program.
    ///
    /// # Errors
    /// [`NomenclatureError`] when it cannot be read.
    pub fn shipped() -> Result<Self, NomenclatureError> {
        Self::read(include_str!("../../data/harmonized-system.csv"))
    }

    /// A table with the columns `hscode` and `description`.
    ///
    /// # Errors
    /// [`NomenclatureError`] when it cannot be read or holds no code.
    pub fn read(table: &str) -> Result<Self, NomenclatureError> {
        let mut entries = BTreeMap::new();
        for row in csv::Reader::from_reader(table.as_bytes()).deserialize::<Row>() {
            let row = row.map_err(NomenclatureError::Table)?;
            let digits = row.hscode.bytes().all(|b| b.is_ascii_digit());
            // 99 is a bucket of trade statistics and nothing that can be declared.
            if digits && matches!(row.hscode.len(), 2 | 4 | 6) && !row.hscode.starts_with("99") {
                entries.insert(row.hscode, row.description);
            }
        }
        match entries.keys().any(|code| code.len() == 6) {
            true => Ok(Self { entries }),
            false => Err(NomenclatureError::Empty),
        }
    }

    /// Is that a six-digit code of the edition?
    #[must_use]
    pub fn exists(&self, hs6: &str) -> bool {
        hs6.len() == 6 && self.entries.contains_key(hs6)
    }

    /// Text of a code of two, four or six digits.
    #[must_use]
    pub fn text(&self, code: &str) -> Option<&str> {
        self.entries.get(code).map(String::as_str)
    }

    /// Text of the heading (four digits) that a code belongs to.
    #[must_use]
    pub fn heading(&self, code: &str) -> Option<&str> {
        self.text(code.get(..4)?)
    }

    /// Text of the chapter (two digits) that a code belongs to.
    #[must_use]
    pub fn chapter(&self, code: &str) -> Option<&str> {
        self.text(code.get(..2)?)
    }

    /// Six-digit codes in order.
    pub fn subheadings(&self) -> impl Iterator<Item = Entry<'_>> {
        let all = self.entries.iter().filter(|(code, _)| code.len() == 6);
        all.map(|(code, text)| Entry { code, text })
    }

    /// What stands one level below a code of two or four digits.
    pub fn below<'a>(&'a self, code: &'a str) -> impl Iterator<Item = Entry<'a>> {
        let longer = code.len() + 2;
        self.entries
            .range(code.to_owned()..)
            .take_while(move |(found, _)| found.starts_with(code))
            .filter(move |(found, _)| found.len() == longer)
            .map(|(code, text)| Entry { code, text })
    }
}
