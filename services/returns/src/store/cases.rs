//! Rows of returns and their changes.

use std::collections::BTreeMap;

use colibri_kit::fault::Fault;
use colibri_returns_rules::case::{Change, LineNo, Order, Terms};
use sqlx::{AssertSqlSafe, FromRow, PgConnection, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::domain::about::About;

/// A return as it is stored, without its changes.
#[derive(Debug, Clone, FromRow)]
pub struct Row {
    /// Id.
    pub return_id: Uuid,
    /// Age: newest first in lists.
    pub ord: i64,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Of which order.
    pub order_id: Uuid,
    /// Word of its life.
    pub state: String,
    /// Changes so far.
    pub version: i64,
    /// What was agreed.
    pub terms: Json<Terms>,
    /// The order, as it was known when the return began.
    pub facts: Json<Order>,
    /// Articles, reasons, wishes.
    pub about: Json<About>,
    /// Why a person is waited for.
    pub attention: Vec<String>,
    /// What was told of the legal date of the refund: `near`, `missed`; empty: nothing.
    pub told: String,
    /// Code of a rejection.
    pub decision: Option<String>,
    /// Sealed note of the buyer.
    pub note_id: Option<Uuid>,
    /// Sealed explanation of a person.
    pub explanation_id: Option<Uuid>,
    /// When it was asked for.
    pub requested_at: OffsetDateTime,
}

/// The columns of [`Row`].
pub const COLUMNS: &str = "return_id, ord, tenant_id, order_id, state, version, terms, facts, \
     about, attention, told, decision, note_id, explanation_id, requested_at";

/// What other returns of the order, and lists, need of a return.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Word of its life.
    pub state: &'static str,
    /// Units by line that other returns cannot have.
    pub standing: BTreeMap<LineNo, u32>,
    /// Paid back or promised, in minor units, as the rest.
    pub granted: i64,
    /// The charge for the way out, as far as it funds something here.
    pub delivery: i64,
    /// Granted for goods that have not come.
    pub exposure: i64,
    /// Why a person is waited for.
    pub attention: Vec<String>,
    /// Legal date of the refund.
    pub due_by: Option<OffsetDateTime>,
    /// When time alone may change something.
    pub next_look_at: Option<OffsetDateTime>,
}

/// What the other returns of an order use.
#[derive(Debug, Clone, Default)]
pub struct Others {
    /// Units by line.
    pub standing: BTreeMap<LineNo, u32>,
    /// Paid back or promised, in minor units.
    pub granted: i64,
    /// The charge for the way out, as far as it funds something.
    pub delivery: i64,
}

/// Reads it, under the lock of the order.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn others(
    db: &mut PgConnection,
    tenant: Uuid,
    order: Uuid,
    but: Option<Uuid>,
) -> Result<Others, Fault> {
    type Used = (Json<BTreeMap<LineNo, u32>>, i64, i64);
    let rows: Vec<Used> = sqlx::query_as(
        "select standing, granted_minor, delivery_minor from returns.return_case
          where tenant_id = $1 and order_id = $2 and return_id is distinct from $3",
    )
    .bind(tenant)
    .bind(order)
    .bind(but)
    .fetch_all(db)
    .await?;
    let mut others = Others::default();
    for (standing, granted, delivery) in rows {
        for (line, units) in standing.0 {
            *others.standing.entry(line).or_default() += units;
        }
        others.granted += granted;
        others.delivery += delivery;
    }
    Ok(others)
}

/// Order of a return.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn order_of(
    db: &mut PgConnection,
    tenant: Uuid,
    id: Uuid,
) -> Result<Option<Uuid>, Fault> {
    let sql = "select order_id from returns.return_case where tenant_id = $1 and return_id = $2";
    Ok(sqlx::query_scalar(sql).bind(tenant).bind(id).fetch_optional(db).await?)
}

/// A return's row.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn find(db: &mut PgConnection, tenant: Uuid, id: Uuid) -> Result<Option<Row>, Fault> {
    let sql = format!(
        "select {COLUMNS} from returns.return_case where tenant_id = $1 and return_id = $2"
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql)).bind(tenant).bind(id).fetch_optional(db).await?)
}

/// Its changes, oldest first.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn changes(db: &mut PgConnection, tenant: Uuid, id: Uuid) -> Result<Vec<Change>, Fault> {
    let rows: Vec<Json<Change>> = sqlx::query_scalar(
        "select change from returns.change where tenant_id = $1 and return_id = $2 order by seq",
    )
    .bind(tenant)
    .bind(id)
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|change| change.0).collect())
}

/// Changes of several returns, by return, oldest first.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn changes_of(
    db: &mut PgConnection,
    tenant: Uuid,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, Vec<Change>>, Fault> {
    let rows: Vec<(Uuid, Json<Change>)> = sqlx::query_as(
        "select return_id, change from returns.change
          where tenant_id = $1 and return_id = any($2) order by return_id, seq",
    )
    .bind(tenant)
    .bind(ids)
    .fetch_all(db)
    .await?;
    let mut by_return: BTreeMap<Uuid, Vec<Change>> = BTreeMap::new();
    for (id, change) in rows {
        by_return.entry(id).or_default().push(change.0);
    }
    Ok(by_return)
}

/// Makes a return's row.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn insert(
    db: &mut PgConnection,
    row: &Row,
    summary: &Summary,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query(
        "insert into returns.return_case
            (return_id, tenant_id, order_id, state, version, terms, facts, about, standing,
             granted_minor, delivery_minor, exposure_minor, attention, note_id, requested_at,
             updated_at)
         values ($1, $2, $3, $4, 0, $5, $6, $7, $8, 0, 0, 0, '{}', $9, $10, $10)",
    )
    .bind(row.return_id)
    .bind(row.tenant_id)
    .bind(row.order_id)
    .bind(summary.state)
    .bind(&row.terms)
    .bind(&row.facts)
    .bind(&row.about)
    .bind(Json(&summary.standing))
    .bind(row.note_id)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// Appends changes and writes what follows for the row.
///
/// # Errors
/// [`Fault::Retry`] when somebody else has appended: the lock of the order was not held.
pub async fn save(
    db: &mut PgConnection,
    row: &Row,
    changes: &[Change],
    actor: &str,
    summary: &Summary,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    let count = i64::try_from(changes.len()).unwrap_or(i64::MAX);
    let moved = sqlx::query(
        "update returns.return_case
            set version = $3 + $4, state = $5, standing = $6, granted_minor = $7,
                delivery_minor = $8, exposure_minor = $9, attention = $10, due_by = $11,
                next_look_at = $12, told = $13, decision = $14, explanation_id = $15,
                about = $16, updated_at = $17
          where tenant_id = $1 and return_id = $2 and version = $3",
    )
    .bind(row.tenant_id)
    .bind(row.return_id)
    .bind(row.version)
    .bind(count)
    .bind(summary.state)
    .bind(Json(&summary.standing))
    .bind(summary.granted)
    .bind(summary.delivery)
    .bind(summary.exposure)
    .bind(&summary.attention)
    .bind(summary.due_by)
    .bind(summary.next_look_at)
    .bind(&row.told)
    .bind(&row.decision)
    .bind(row.explanation_id)
    .bind(&row.about)
    .bind(now)
    .execute(&mut *db)
    .await?;
    if moved.rows_affected() != 1 {
        return Err(Fault::retry("the return was changed by somebody else"));
    }
    insert_changes(db, row, changes, actor, now).await
}

/// Appends changes that leave everything else of the row as it is.
///
/// # Errors
/// [`Fault::Retry`] when somebody else has appended.
pub async fn append(
    db: &mut PgConnection,
    row: &Row,
    changes: &[Change],
    actor: &str,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    let moved = sqlx::query(
        "update returns.return_case set version = $3 + $4, updated_at = $5
          where tenant_id = $1 and return_id = $2 and version = $3",
    )
    .bind(row.tenant_id)
    .bind(row.return_id)
    .bind(row.version)
    .bind(i64::try_from(changes.len()).unwrap_or(i64::MAX))
    .bind(now)
    .execute(&mut *db)
    .await?;
    if moved.rows_affected() != 1 {
        return Err(Fault::retry("the return was changed by somebody else"));
    }
    insert_changes(db, row, changes, actor, now).await
}

async fn insert_changes(
    db: &mut PgConnection,
    row: &Row,
    changes: &[Change],
    actor: &str,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    if changes.is_empty() {
        return Ok(());
    }
    let count = i64::try_from(changes.len()).unwrap_or(i64::MAX);
    let seqs: Vec<i64> = (row.version + 1..=row.version + count).collect();
    sqlx::query(
        "insert into returns.change (return_id, seq, tenant_id, at, actor, change)
         select $1, seq, $2, $3, $4, change from unnest($5::int8[], $6::jsonb[]) as c(seq, change)",
    )
    .bind(row.return_id)
    .bind(row.tenant_id)
    .bind(now)
    .bind(actor)
    .bind(seqs)
    .bind(changes.iter().map(Json).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(())
}

/// Granted for goods not received: over all returns of the tenant, and over those of one buyer; in
/// minor units.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn exposure(
    db: &mut PgConnection,
    tenant: Uuid,
    subject: Uuid,
) -> Result<(i64, i64), Fault> {
    let row: (i64, i64) = sqlx::query_as(
        "select coalesce(sum(r.exposure_minor), 0)::int8,
                coalesce(sum(r.exposure_minor) filter (where s.subject_ref = $2), 0)::int8
           from returns.return_case r join returns.sale s using (order_id)
          where r.tenant_id = $1 and s.tenant_id = $1 and r.exposure_minor > 0",
    )
    .bind(tenant)
    .bind(subject)
    .fetch_one(db)
    .await?;
    Ok(row)
}
