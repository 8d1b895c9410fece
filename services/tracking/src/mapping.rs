//! Which table gave a scan its meaning, and what today's table says of a code.
//!
//! Carriers' tables are part of the release. A code that alone decided when it was told can be
//! looked up again later; a meaning that came from words, a direction or the scans around it
//! cannot, since the words are sealed, and stays as it was told.

use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use aws_lc_rs::digest;
use colibri_carriers::{MappedStatus, Scan, StatusRow};

use crate::store::facts::{status_word, sub_word};

/// How a scan got its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mapped {
    /// Fingerprint of the carrier's table; `None` for a carrier without one.
    pub version: Option<i64>,
    /// The table's row of the code says the same, or there is none and the meaning is unknown.
    pub by_code: bool,
}

struct Table {
    version: i64,
    rows: HashMap<String, MappedStatus>,
}

static TABLES: LazyLock<BTreeMap<&'static str, Table>> = LazyLock::new(|| {
    let ids = colibri_carriers::all().iter().map(|carrier| carrier.info().id);
    ids.filter_map(|id| Some((id, Table::new(colibri_carriers::statuses(id)?)))).collect()
});

impl Table {
    fn new(rows: &[StatusRow]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        let mut by_code = HashMap::with_capacity(rows.len());
        for row in rows {
            let sub = sub_word(row.status).unwrap_or_default();
            for part in [row.code, status_word(row.status), sub] {
                context.update(part.as_bytes());
                context.update(b"\n");
            }
            // Tables are read from the top: the first row of a code is the one that counts.
            by_code.entry(row.code.to_ascii_uppercase()).or_insert(row.status);
        }
        let hash = context.finish();
        let head = hash.as_ref().first_chunk::<8>().copied().unwrap_or_default();
        Self { version: i64::from_be_bytes(head), rows: by_code }
    }

    fn status(&self, code: &str) -> MappedStatus {
        let row = self.rows.get(code).or_else(|| self.rows.get(&code.to_ascii_uppercase()));
        row.copied().unwrap_or(MappedStatus::Unknown)
    }
}

/// How a scan that was just read got its meaning.
#[must_use]
pub fn of(carrier: &str, scan: &Scan) -> Mapped {
    let Some(table) = TABLES.get(carrier) else {
        return Mapped { version: None, by_code: false };
    };
    Mapped { version: Some(table.version), by_code: table.status(&scan.code) == scan.status }
}

/// What a code means by today's table, with the table's version; `None` for a carrier that is not
/// installed here.
#[must_use]
pub fn today(carrier: &str, code: &str) -> Option<(MappedStatus, i64)> {
    let table = TABLES.get(carrier)?;
    Some((table.status(code), table.version))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use colibri_carriers::{Headline as H, SubStatus as S};

    use super::*;

    #[test]
    fn a_code_is_looked_up_as_it_was_told() {
        let told = |code: &str, status| {
            let scan = crate::domain::testing::scan("PU", 1);
            of("ups", &Scan { code: code.to_owned(), status, ..scan })
        };
        let delivered = MappedStatus::State(H::Delivered, None);
        assert_eq!(today("ups", "11").unwrap().0, delivered);
        assert!(told("11", delivered).by_code);
        assert!(!told("11", MappedStatus::State(H::Exception, Some(S::Lost))).by_code);
        assert!(told("no such code", MappedStatus::Unknown).by_code);
        assert_eq!(told("11", delivered).version, Some(today("ups", "5").unwrap().1));
        assert_eq!(today("nobody", "11"), None);
        assert!(!of("nobody", &crate::domain::testing::scan("PU", 1)).by_code);
    }

    #[test]
    fn another_table_has_another_version_and_each_carrier_its_own() {
        let rows = colibri_carriers::statuses("ups").unwrap();
        let shorter = Table::new(rows.get(1..).unwrap());
        assert_ne!(shorter.version, Table::new(rows).version);
        let mut versions: Vec<i64> = TABLES.values().map(|table| table.version).collect();
        versions.sort_unstable();
        versions.dedup();
        assert_eq!(versions.len(), colibri_carriers::all().len());
    }
}
