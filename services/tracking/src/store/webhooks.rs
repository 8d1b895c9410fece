//! Fingerprints of webhooks, and the key of the tokens.

use colibri_kit::fault::Fault;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// Notes a webhook; false when it was noted before.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn note(
    db: &mut PgConnection,
    tenant: Uuid,
    account: Uuid,
    fingerprint: &[u8],
    now: OffsetDateTime,
) -> Result<bool, Fault> {
    let done = sqlx::query(
        "insert into tracking.webhook_seen (tenant_id, account_id, fingerprint, received_at)
         values ($1, $2, $3, $4) on conflict do nothing",
    )
    .bind(tenant)
    .bind(account)
    .bind(fingerprint)
    .bind(now)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Was it noted before?
///
/// # Errors
/// [`Fault`] of the database.
pub async fn seen(
    db: &mut PgConnection,
    tenant: Uuid,
    account: Uuid,
    fingerprint: &[u8],
) -> Result<bool, Fault> {
    let seen = sqlx::query_scalar(
        "select exists (select from tracking.webhook_seen
                         where tenant_id = $1 and account_id = $2 and fingerprint = $3)",
    )
    .bind(tenant)
    .bind(account)
    .bind(fingerprint)
    .fetch_one(db)
    .await?;
    Ok(seen)
}

/// Forgets fingerprints older than `keep`.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn forget(
    db: &mut PgConnection,
    now: OffsetDateTime,
    keep: Duration,
) -> Result<u64, Fault> {
    let done = sqlx::query("delete from tracking.webhook_seen where received_at < $1")
        .bind(now - keep)
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}

/// The installation's own token key: the first process to ask keeps `fresh`, all others get that.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn token_key(db: &mut PgConnection, fresh: &[u8]) -> Result<Vec<u8>, Fault> {
    sqlx::query("insert into tracking.secret values ('token', $1) on conflict do nothing")
        .bind(fresh)
        .execute(&mut *db)
        .await?;
    let key = sqlx::query_scalar("select value from tracking.secret where name = 'token'")
        .fetch_one(db)
        .await?;
    Ok(key)
}
