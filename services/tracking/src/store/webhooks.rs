//! Fingerprints of webhooks, and the key of the tokens.

use std::collections::HashSet;

use colibri_kit::fault::Fault;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// A webhook, known by the keyed hash of its raw body.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fingerprint {
    /// Whose.
    pub tenant_id: Uuid,
    /// Account it names.
    pub account_id: Uuid,
    /// The hash.
    pub hash: Vec<u8>,
}

/// Notes webhooks, each given once; false when one was noted before: roll back then.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn note(
    db: &mut PgConnection,
    webhooks: &[Fingerprint],
    now: OffsetDateTime,
) -> Result<bool, Fault> {
    // In order, so that two processes with the same ones do not wait for each other crosswise.
    let done = sqlx::query(
        "insert into tracking.webhook_seen (tenant_id, account_id, fingerprint, received_at)
         select tenant_id, account_id, fingerprint, $4
           from unnest($1::uuid[], $2::uuid[], $3::bytea[]) w(tenant_id, account_id, fingerprint)
          order by account_id, fingerprint
         on conflict do nothing",
    )
    .bind(webhooks.iter().map(|webhook| webhook.tenant_id).collect::<Vec<_>>())
    .bind(webhooks.iter().map(|webhook| webhook.account_id).collect::<Vec<_>>())
    .bind(webhooks.iter().map(|webhook| webhook.hash.as_slice()).collect::<Vec<_>>())
    .bind(now)
    .execute(db)
    .await?;
    Ok(usize::try_from(done.rows_affected()).is_ok_and(|noted| noted == webhooks.len()))
}

/// Those that were noted before.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn seen(
    db: &mut PgConnection,
    webhooks: &[Fingerprint],
) -> Result<HashSet<Fingerprint>, Fault> {
    let rows: Vec<(Uuid, Uuid, Vec<u8>)> = sqlx::query_as(
        "select s.tenant_id, s.account_id, s.fingerprint from tracking.webhook_seen s
           join unnest($1::uuid[], $2::uuid[], $3::bytea[]) w(tenant_id, account_id, fingerprint)
             using (tenant_id, account_id, fingerprint)",
    )
    .bind(webhooks.iter().map(|webhook| webhook.tenant_id).collect::<Vec<_>>())
    .bind(webhooks.iter().map(|webhook| webhook.account_id).collect::<Vec<_>>())
    .bind(webhooks.iter().map(|webhook| webhook.hash.as_slice()).collect::<Vec<_>>())
    .fetch_all(db)
    .await?;
    let read = |(tenant_id, account_id, hash)| Fingerprint { tenant_id, account_id, hash };
    Ok(rows.into_iter().map(read).collect())
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
