//! Which declarations that are ready are compared with a list that came afterwards.

use colibri_kit::fault::Fault;
use colibri_types::TenantId;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// Marks what is ready since this instant; answers how many. The caller has the book of the tenant.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn mark(
    db: &mut PgConnection,
    tenant: TenantId,
    since: OffsetDateTime,
) -> Result<u32, Fault> {
    let marked = sqlx::query(
        "update customs.declaration set rescreen = true
          where tenant_id = $1 and state = 'ready' and updated_at >= $2",
    )
    .bind(tenant.to_uuid())
    .bind(since)
    .execute(db)
    .await?;
    Ok(u32::try_from(marked.rows_affected()).unwrap_or(u32::MAX))
}

/// Marked ones, oldest first.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn marked(db: &mut PgConnection, limit: i64) -> Result<Vec<Uuid>, Fault> {
    let query = sqlx::query_scalar(
        "select shipment_id from customs.declaration where rescreen order by ord limit $1",
    );
    Ok(query.bind(limit).fetch_all(db).await?)
}

/// Takes the mark off. The caller shares the book: no list comes in between.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn done(db: &mut PgConnection, ids: &[Uuid]) -> Result<(), Fault> {
    sqlx::query("update customs.declaration set rescreen = false where shipment_id = any($1)")
        .bind(ids)
        .execute(db)
        .await?;
    Ok(())
}
