use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// Sealed credentials with the key to them.
#[derive(Debug, sqlx::FromRow)]
pub struct CredentialRow {
    /// Revision.
    pub rev: i32,
    /// Mark of the content.
    pub content_mark: Uuid,
    /// Content.
    pub blob: Vec<u8>,
    /// Name of the DEK.
    pub dek_id: i64,
    /// Week of its KEK.
    pub epoch: i32,
    /// The DEK, wrapped.
    pub wrapped: Vec<u8>,
}

/// The credentials of an account.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn credential(
    db: &mut PgConnection,
    tenant: Uuid,
    class: i16,
    account: &str,
) -> Result<Option<CredentialRow>, sqlx::Error> {
    let sql = "select c.rev, c.content_mark, c.blob, d.dek_id, d.epoch, d.wrapped
          from vault.credential c
         cross join lateral (select dek_id, epoch, wrapped from vault.dek
                              where tenant_id = $1 and owner = c.account and class = $2
                             offset 0) d
         where c.tenant_id = $1 and c.account = $3";
    sqlx::query_as(sql).bind(tenant).bind(class).bind(account).fetch_optional(db).await
}

/// Keeps an account's first credentials. False: there are some already.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn insert_credential(
    db: &mut PgConnection,
    tenant: Uuid,
    account: &str,
    content: Uuid,
    blob: &[u8],
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let sql = "insert into vault.credential
               (tenant_id, account, rev, content_mark, blob, changed_at)
        values ($1, $2, 1, $3, $4, $5) on conflict do nothing";
    let query = sqlx::query(sql).bind(tenant).bind(account).bind(content).bind(blob).bind(now);
    Ok(query.execute(db).await?.rows_affected() == 1)
}

/// Replaces revision `rev`. False: somebody else did.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn update_credential(
    db: &mut PgConnection,
    tenant: Uuid,
    account: &str,
    rev: i32,
    content: Uuid,
    blob: &[u8],
    now: OffsetDateTime,
) -> Result<bool, sqlx::Error> {
    let sql = "update vault.credential
          set rev = rev + 1, content_mark = $4, blob = $5, changed_at = $6
        where tenant_id = $1 and account = $2 and rev = $3";
    let query = sqlx::query(sql).bind(tenant).bind(account).bind(rev).bind(content);
    Ok(query.bind(blob).bind(now).execute(db).await?.rows_affected() == 1)
}
