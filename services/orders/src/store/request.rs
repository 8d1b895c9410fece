//! Calls of `Submit` that have an id, in the table that the kit lays for repeated requests.

use colibri_kit::fault::Fault;
use colibri_types::TenantId;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Id and content of a call.
#[derive(Debug, Clone)]
pub struct SubmitId {
    /// As the caller gave it.
    pub id: String,
    /// HMAC of its orders.
    pub fingerprint: Vec<u8>,
}

const ROUTE: &str = "Submit";

/// The content that a request id was used for.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn find(
    db: &mut PgConnection,
    tenant: TenantId,
    id: &str,
) -> Result<Option<Vec<u8>>, Fault> {
    let known = sqlx::query_scalar(
        "select fingerprint from orders.idempotency
          where tenant_id = $1 and route = $2 and key = $3",
    )
    .bind(tenant.to_uuid())
    .bind(ROUTE)
    .bind(id)
    .fetch_optional(db)
    .await?;
    Ok(known)
}

/// Notes a call; `false`: its id was noted before. Its answer is made again from its orders, so no
/// resource is named.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn note(
    db: &mut PgConnection,
    tenant: TenantId,
    request: &SubmitId,
    now: OffsetDateTime,
) -> Result<bool, Fault> {
    let noted = sqlx::query(
        "insert into orders.idempotency (tenant_id, route, key, fingerprint, resource, created_at)
         values ($1, $2, $3, $4, '', $5)
         on conflict (tenant_id, route, key) do nothing",
    )
    .bind(tenant.to_uuid())
    .bind(ROUTE)
    .bind(&request.id)
    .bind(&request.fingerprint)
    .bind(now)
    .execute(db)
    .await?;
    Ok(noted.rows_affected() == 1)
}
