//! What was wanted instead of money, and the orders that replace it.

use colibri_kit::fault::Fault;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

/// A replacement that was named.
#[derive(Debug, Clone, FromRow)]
pub struct Wanted {
    /// Of which return.
    pub return_id: Uuid,
    /// From 1.
    pub number: i32,
    /// Article.
    pub sku: String,
    /// Order that sends it; None: not sent.
    pub replacement: Option<Uuid>,
}

/// Names a replacement.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn insert(
    db: &mut PgConnection,
    tenant: Uuid,
    (id, number): (Uuid, i32),
    sku: &str,
) -> Result<(), Fault> {
    let sql = "insert into returns.exchange (return_id, number, tenant_id, sku)
               values ($1, $2, $3, $4)";
    sqlx::query(sql).bind(id).bind(number).bind(tenant).bind(sku).execute(db).await?;
    Ok(())
}

/// Replacements of returns.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn of(db: &mut PgConnection, tenant: Uuid, ids: &[Uuid]) -> Result<Vec<Wanted>, Fault> {
    let sql = "select e.return_id, e.number, e.sku, r.order_id as replacement
                 from returns.exchange e
                 left join returns.replacement r
                   on r.return_id = e.return_id and r.number = e.number and r.tenant_id = $1
                where e.tenant_id = $1 and e.return_id = any($2) order by e.return_id, e.number";
    Ok(sqlx::query_as(sql).bind(tenant).bind(ids).fetch_all(db).await?)
}

/// An order replaces the units of an exchange; false: it replaces others, or others do.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn replace(
    db: &mut PgConnection,
    tenant: Uuid,
    (id, number): (Uuid, i32),
    order: Uuid,
) -> Result<bool, Fault> {
    sqlx::query(
        "insert into returns.replacement (order_id, tenant_id, return_id, number)
         values ($1, $2, $3, $4) on conflict do nothing",
    )
    .bind(order)
    .bind(tenant)
    .bind(id)
    .bind(number)
    .execute(&mut *db)
    .await?;
    let sql = "select count(*) = 1 from returns.replacement
                where tenant_id = $1 and order_id = $2 and return_id = $3 and number = $4";
    let query = sqlx::query_scalar(sql).bind(tenant).bind(order).bind(id).bind(number);
    Ok(query.fetch_one(db).await?)
}
