//! General terms that customs refuse, by the day they were added.

use std::{collections::HashMap, sync::OnceLock};

use time::Date;

use super::read::Token;
use crate::{
    day,
    hs::words::{fold, stem},
};

/// A general term.
#[derive(Debug)]
pub(super) struct Term {
    pub(super) text: String,
    /// Named by the law, the Commission's list or the postal forms: only then may it refuse.
    pub(super) documented: bool,
    /// First day; `None`: for as long as anybody knows.
    from: Option<Date>,
}

impl Term {
    fn holds(&self, date: Option<Date>) -> bool {
        match (self.from, date) {
            (Some(from), Some(date)) => from <= date,
            _ => true,
        }
    }
}

#[derive(serde::Deserialize)]
struct Row {
    term: String,
    status: String,
    from: String,
}

/// By first stem: terms with all their stems.
type Terms = HashMap<String, Vec<(Vec<String>, Term)>>;

/// Words a term has at most.
const TERM_WORDS_MAX: usize = 6;

fn terms() -> &'static Terms {
    static TERMS: OnceLock<Terms> = OnceLock::new();
    TERMS.get_or_init(|| {
        let tables = [
            include_str!("../../data/goods_description_stop_words.csv"),
            include_str!("../../data/general_terms.csv"),
        ];
        let mut terms = Terms::new();
        for table in tables {
            // The tables are part of the program: a test reads every row.
            let rows = csv::Reader::from_reader(table.as_bytes()).into_deserialize::<Row>();
            for row in rows.filter_map(Result::ok) {
                let stems = stems(&row.term);
                let Some(first) = stems.first().cloned() else { continue };
                let documented = row.status == "documented";
                let term = Term { text: row.term, documented, from: day::parse(&row.from) };
                terms.entry(first).or_default().push((stems, term));
            }
        }
        terms
    })
}

fn stems(text: &str) -> Vec<String> {
    let folded = fold(text);
    let all = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    all.map(stem).collect()
}

/// The longest term that starts at a place, and how many words it has. Of two terms of one
/// length, the documented one.
pub(super) fn at(
    tokens: &[&Token],
    place: usize,
    date: Option<Date>,
) -> Option<(usize, &'static Term)> {
    let first = tokens.get(place)?;
    let same = terms().get(&first.stem)?.iter().filter(|(stems, term)| {
        let run = tokens.get(place..place + stems.len()).unwrap_or_default();
        term.holds(date)
            && stems.len() <= TERM_WORDS_MAX
            && run.iter().map(|token| &token.stem).eq(stems)
    });
    same.max_by_key(|(stems, term)| (stems.len(), term.documented))
        .map(|(stems, term)| (stems.len(), term))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn every_row_of_the_tables_is_read() {
        let mut counts = (0, 0);
        for (_, term) in terms().values().flatten() {
            if term.documented { counts.0 += 1 } else { counts.1 += 1 }
        }
        let rows = include_str!("../../data/goods_description_stop_words.csv").lines().count()
            + include_str!("../../data/general_terms.csv").lines().count();
        assert_eq!(counts.0 + counts.1, rows - 2);
        assert!(counts.0 > 180 && counts.1 > 100, "{counts:?}");
        assert!(terms().values().flatten().all(|(stems, _)| stems.len() <= TERM_WORDS_MAX));
        let dated = terms().values().flatten().filter(|(_, term)| term.from.is_some()).count();
        assert_eq!(dated, 11, "additions of February 2026");
    }
}
