//! What channels delivered, how their accounts are named, and imports.

use colibri_kit::fault::Fault;
use colibri_types::{AccountId, ImportId, OrderId, TenantId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// A verified delivery of a channel.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Account.
    pub account: AccountId,
    /// HMAC of the body.
    pub body: Vec<u8>,
    /// Id in the headers, which nobody signs: for people who look for it.
    pub delivery_id: Option<String>,
    /// Order it speaks of.
    pub order: Option<OrderId>,
}

/// Notes a delivery; `false`: the same body was noted before.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn note(
    db: &mut PgConnection,
    tenant: TenantId,
    delivery: &Delivery,
    now: OffsetDateTime,
) -> Result<bool, Fault> {
    let noted = sqlx::query(
        "insert into orders.delivery (tenant_id, account_id, body, delivery_id, order_id, at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (account_id, body) do nothing",
    )
    .bind(tenant.to_uuid())
    .bind(delivery.account.to_uuid())
    .bind(&delivery.body)
    .bind(&delivery.delivery_id)
    .bind(delivery.order.map(OrderId::to_uuid))
    .bind(now)
    .execute(db)
    .await?;
    Ok(noted.rows_affected() == 1)
}

/// Forgets deliveries before `before`, at most 10,000 at once so that no lock is held for long;
/// answers how many.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn forget(db: &mut PgConnection, before: OffsetDateTime) -> Result<u64, Fault> {
    let gone = sqlx::query(
        "delete from orders.delivery where (account_id, body) in (
           select account_id, body from orders.delivery where at < $1 order by at limit 10000)",
    )
    .bind(before)
    .execute(db)
    .await?;
    Ok(gone.rows_affected())
}

/// The account whose orders bear the plain name of a channel: this one, if no other came before.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn first_account(
    db: &mut PgConnection,
    tenant: TenantId,
    channel: &str,
    account: AccountId,
) -> Result<AccountId, Fault> {
    sqlx::query(
        "insert into orders.channel_name (tenant_id, channel, account_id) values ($1, $2, $3)
         on conflict (tenant_id, channel) do nothing",
    )
    .bind(tenant.to_uuid())
    .bind(channel)
    .bind(account.to_uuid())
    .execute(&mut *db)
    .await?;
    let first: Uuid = sqlx::query_scalar(
        "select account_id from orders.channel_name where tenant_id = $1 and channel = $2",
    )
    .bind(tenant.to_uuid())
    .bind(channel)
    .fetch_one(db)
    .await?;
    Ok(AccountId::from_uuid(first))
}

/// An import that was done.
#[derive(Debug, Clone)]
pub struct Import {
    /// Its id.
    pub import_id: ImportId,
    /// HMAC of format and file.
    pub fingerprint: Vec<u8>,
    /// The encoded answer.
    pub report: Vec<u8>,
}

/// The import of a request id.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn import(
    db: &mut PgConnection,
    tenant: TenantId,
    request_id: &str,
) -> Result<Option<Import>, Fault> {
    let row: Option<(Uuid, Vec<u8>, Vec<u8>)> = sqlx::query_as(
        "select import_id, fingerprint, report from orders.import
          where tenant_id = $1 and request_id = $2",
    )
    .bind(tenant.to_uuid())
    .bind(request_id)
    .fetch_optional(db)
    .await?;
    Ok(row.map(|(id, fingerprint, report)| Import {
        import_id: ImportId::from_uuid(id),
        fingerprint,
        report,
    }))
}

/// Keeps an import, unless the request id has one already.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn keep_import(
    db: &mut PgConnection,
    tenant: TenantId,
    request_id: &str,
    import: &Import,
    now: OffsetDateTime,
) -> Result<bool, Fault> {
    let kept = sqlx::query(
        "insert into orders.import (tenant_id, request_id, import_id, fingerprint, report, at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (tenant_id, request_id) do nothing",
    )
    .bind(tenant.to_uuid())
    .bind(request_id)
    .bind(import.import_id.to_uuid())
    .bind(&import.fingerprint)
    .bind(&import.report)
    .bind(now)
    .execute(db)
    .await?;
    Ok(kept.rows_affected() == 1)
}
