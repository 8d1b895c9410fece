//! Numbers of logistic units: the next serial of each company prefix.

use colibri_kit::fault::Fault;
use colibri_types::TenantId;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Which numbers a request got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// GS1 company prefix.
    pub prefix: String,
    /// First digit.
    pub extension: i32,
    /// First serial.
    pub first: i64,
    /// How many.
    pub count: i32,
}

/// What was issued for a request.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn issued(
    db: &mut PgConnection,
    tenant: TenantId,
    request_id: &str,
) -> Result<Option<Issue>, Fault> {
    let row: Option<(String, i32, i64, i32)> = sqlx::query_as(
        "select prefix, extension, first, count from customs.sscc_issue
          where tenant_id = $1 and request_id = $2",
    )
    .bind(tenant.to_uuid())
    .bind(request_id)
    .fetch_optional(db)
    .await?;
    Ok(row.map(|(prefix, extension, first, count)| Issue { prefix, extension, first, count }))
}

/// Makes the prefix the tenant's, where it is nobody's; `false`: it is somebody else's.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn own(db: &mut PgConnection, tenant: TenantId, prefix: &str) -> Result<bool, Fault> {
    sqlx::query(
        "insert into customs.sscc_prefix (prefix, tenant_id) values ($1, $2) on conflict do nothing",
    )
    .bind(prefix)
    .bind(tenant.to_uuid())
    .execute(&mut *db)
    .await?;
    // A row of somebody else is not seen here.
    let own: Option<bool> =
        sqlx::query_scalar("select tenant_id = $2 from customs.sscc_prefix where prefix = $1")
            .bind(prefix)
            .bind(tenant.to_uuid())
            .fetch_optional(db)
            .await?;
    Ok(own == Some(true))
}

/// Takes serials off a series, under its lock until the commit; `None`: so many are not left.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn take(
    db: &mut PgConnection,
    tenant: TenantId,
    issue: &Issue,
    capacity: i64,
) -> Result<Option<i64>, Fault> {
    sqlx::query(
        "insert into customs.sscc_series (prefix, extension, tenant_id) values ($1, $2, $3)
         on conflict do nothing",
    )
    .bind(&issue.prefix)
    .bind(issue.extension)
    .bind(tenant.to_uuid())
    .execute(&mut *db)
    .await?;
    let first = sqlx::query_scalar(
        "update customs.sscc_series set next = next + $4
          where prefix = $1 and extension = $2 and tenant_id = $3 and next + $4 <= $5
         returning next - $4",
    );
    let first = first.bind(&issue.prefix).bind(issue.extension).bind(tenant.to_uuid());
    Ok(first.bind(i64::from(issue.count)).bind(capacity).fetch_optional(db).await?)
}

/// Keeps what a request got; `false`: the request id has something already.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn keep(
    db: &mut PgConnection,
    tenant: TenantId,
    request_id: &str,
    issue: &Issue,
    now: OffsetDateTime,
) -> Result<bool, Fault> {
    let kept = sqlx::query(
        "insert into customs.sscc_issue (tenant_id, request_id, prefix, extension, first, count, at)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
    )
    .bind(tenant.to_uuid())
    .bind(request_id)
    .bind(&issue.prefix)
    .bind(issue.extension)
    .bind(issue.first)
    .bind(issue.count)
    .bind(now)
    .execute(db)
    .await?;
    Ok(kept.rows_affected() == 1)
}
