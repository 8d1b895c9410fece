//! All SQL of the service. Every statement takes many rows at once; ids go down in order, so that
//! two transactions never wait for each other crosswise.

pub mod accounts;
pub mod alerts;
pub mod facts;
pub mod lanes;
pub mod parcels;
pub mod polls;
pub mod quotas;
pub mod remap;
pub mod webhooks;

use colibri_carriers::{Headline, Party, SubStatus};
use colibri_kit::fault::Fault;
use sqlx::{Row as _, postgres::PgRow};

/// A stored word of a closed list; another word is a bug of ours.
fn word<T>(row: &PgRow, column: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, Fault> {
    let text: &str = row.try_get(column)?;
    parse(text).ok_or_else(|| Fault::bug(format!("column {column} holds no known word")))
}

fn headline(row: &PgRow) -> Result<Headline, Fault> {
    word(row, "headline", Headline::parse)
}

fn sub_status(row: &PgRow) -> Result<Option<SubStatus>, Fault> {
    match row.try_get::<Option<&str>, _>("sub_status")? {
        None => Ok(None),
        Some(text) => SubStatus::parse(text)
            .map(Some)
            .ok_or_else(|| Fault::bug("column sub_status holds no known word")),
    }
}

fn party(row: &PgRow) -> Result<Option<Party>, Fault> {
    match row.try_get::<Option<&str>, _>("party")? {
        None => Ok(None),
        Some(text) => Party::parse(text)
            .map(Some)
            .ok_or_else(|| Fault::bug("column party holds no known word")),
    }
}

/// A stored time as it was stated. What was stored was read before, so failure is a bug.
fn civil(
    local: Option<&str>,
    offset: Option<&str>,
) -> Result<Option<colibri_types::CivilTime>, Fault> {
    let Some(local) = local else {
        return Ok(None);
    };
    let text = format!("{local}{}", offset.unwrap_or_default());
    text.parse().map(Some).map_err(Fault::bug)
}

/// A count that grows by one; the database's integers are signed.
fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
