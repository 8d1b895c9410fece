use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// A wrapped DEK.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct DekRow {
    /// Whose.
    pub owner: String,
    /// Its name in blobs.
    pub dek_id: i64,
    /// Week of the KEK it is wrapped under.
    pub epoch: i32,
    /// The key, sealed.
    pub wrapped: Vec<u8>,
}

/// A tenant's wrapped secret.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn tenant_secret(
    db: &mut PgConnection,
    tenant: Uuid,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    let sql = "select wrapped from vault.tenant_secret where tenant_id = $1";
    sqlx::query_scalar(sql).bind(tenant).fetch_optional(db).await
}

/// Keeps a tenant's first secret; a second one is left out.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn insert_tenant_secret(
    db: &mut PgConnection,
    tenant: Uuid,
    wrapped: &[u8],
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    let sql = "insert into vault.tenant_secret (tenant_id, wrapped, made_at)
               values ($1, $2, $3) on conflict do nothing";
    sqlx::query(sql).bind(tenant).bind(wrapped).bind(now).execute(db).await.map(drop)
}

/// A tenant's wrapped KEK of a week.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn kek(
    db: &mut PgConnection,
    tenant: Uuid,
    epoch: i32,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    let sql = "select wrapped from vault.kek where tenant_id = $1 and epoch = $2";
    sqlx::query_scalar(sql).bind(tenant).bind(epoch).fetch_optional(db).await
}

/// Keeps the first KEK of a week; a second one is left out.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn insert_kek(
    db: &mut PgConnection,
    tenant: Uuid,
    epoch: i32,
    wrapped: &[u8],
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    let sql = "insert into vault.kek (tenant_id, epoch, wrapped, made_at)
               values ($1, $2, $3, $4) on conflict do nothing";
    let query = sqlx::query(sql).bind(tenant).bind(epoch).bind(wrapped).bind(now);
    query.execute(db).await.map(drop)
}

/// The DEKs of these owners, as far as there are any.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn deks(
    db: &mut PgConnection,
    tenant: Uuid,
    class: i16,
    owners: &[String],
) -> Result<Vec<DekRow>, sqlx::Error> {
    let sql = "select owner, dek_id, epoch, wrapped from vault.dek
                where tenant_id = $1 and class = $2 and owner = any($3)";
    sqlx::query_as(sql).bind(tenant).bind(class).bind(owners).fetch_all(db).await
}

/// Keeps an owner's first DEK. False: there is one already.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn insert_dek(
    db: &mut PgConnection,
    tenant: Uuid,
    class: i16,
    row: &DekRow,
) -> Result<bool, sqlx::Error> {
    let sql = "insert into vault.dek (tenant_id, owner, class, dek_id, epoch, wrapped)
               values ($1, $2, $3, $4, $5, $6) on conflict do nothing";
    let query = sqlx::query(sql).bind(tenant).bind(&row.owner).bind(class).bind(row.dek_id);
    let done = query.bind(row.epoch).bind(&row.wrapped).execute(db).await?;
    Ok(done.rows_affected() == 1)
}
