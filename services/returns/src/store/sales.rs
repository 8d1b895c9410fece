//! Orders that were asked to be fulfilled, and the lock of their returns.

use colibri_kit::fault::Fault;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

/// What is known of an order.
#[derive(Debug, Clone, FromRow)]
pub struct Sale {
    /// The order.
    pub order_id: Uuid,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Its shipment.
    pub shipment_id: Uuid,
    /// The buyer in the vault.
    pub subject_ref: Uuid,
    /// Where it left.
    pub site_id: Option<Uuid>,
    /// Country it left from.
    pub origin_country: String,
    /// Country it went to.
    pub country: String,
    /// Of the order.
    pub version: i64,
}

/// Takes orders in; a later version replaces an earlier one.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn put(db: &mut PgConnection, sales: &[Sale]) -> Result<(), Fault> {
    let all = || sales.iter();
    sqlx::query(
        "insert into returns.sale as s (order_id, tenant_id, shipment_id, subject_ref, site_id,
                                        origin_country, country, version)
         select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[],
                              $6::text[], $7::text[], $8::int8[])
          order by 1
         on conflict (order_id) do update
            set shipment_id = excluded.shipment_id, subject_ref = excluded.subject_ref,
                site_id = excluded.site_id, origin_country = excluded.origin_country,
                country = excluded.country, version = excluded.version
          where s.tenant_id = excluded.tenant_id and s.version < excluded.version",
    )
    .bind(all().map(|s| s.order_id).collect::<Vec<_>>())
    .bind(all().map(|s| s.tenant_id).collect::<Vec<_>>())
    .bind(all().map(|s| s.shipment_id).collect::<Vec<_>>())
    .bind(all().map(|s| s.subject_ref).collect::<Vec<_>>())
    .bind(all().map(|s| s.site_id).collect::<Vec<_>>())
    .bind(all().map(|s| s.origin_country.as_str()).collect::<Vec<_>>())
    .bind(all().map(|s| s.country.as_str()).collect::<Vec<_>>())
    .bind(all().map(|s| s.version).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(())
}

/// An order of a tenant, not locked.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn find(db: &mut PgConnection, tenant: Uuid, order: Uuid) -> Result<Option<Sale>, Fault> {
    let sql = "select * from returns.sale where tenant_id = $1 and order_id = $2";
    Ok(sqlx::query_as(sql).bind(tenant).bind(order).fetch_optional(db).await?)
}

/// The order of a buyer's record.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn of_subject(
    db: &mut PgConnection,
    tenant: Uuid,
    subject: Uuid,
) -> Result<Option<Uuid>, Fault> {
    let sql = "select order_id from returns.sale where tenant_id = $1 and subject_ref = $2
                order by order_id desc limit 1";
    Ok(sqlx::query_scalar(sql).bind(tenant).bind(subject).fetch_optional(db).await?)
}

/// Locks an order: all that happens to its returns happens one after the other.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn lock(db: &mut PgConnection, tenant: Uuid, order: Uuid) -> Result<Option<Sale>, Fault> {
    let sql = "select * from returns.sale where tenant_id = $1 and order_id = $2 for update";
    Ok(sqlx::query_as(sql).bind(tenant).bind(order).fetch_optional(db).await?)
}

/// Locks the orders of returns, in the order of their ids: two transactions that want the same ones
/// never wait for each other in a circle.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn lock_of_returns(db: &mut PgConnection, returns: &[Uuid]) -> Result<(), Fault> {
    sqlx::query(
        "select order_id from returns.sale
          where order_id in (select order_id from returns.return_case
                              where return_id = any($1))
          order by order_id for update",
    )
    .bind(returns)
    .fetch_all(db)
    .await?;
    Ok(())
}
