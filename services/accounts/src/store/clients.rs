//! API clients and the hashes of their secrets.

use colibri_types::{ClientId, TenantId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// Keeps a client with the hash of its secret.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn insert_client(
    db: &mut PgConnection,
    (tenant, client): (TenantId, ClientId),
    name: &str,
    scopes: &[String],
    secret_mac: &[u8],
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    let sql = "insert into accounts.client
               (tenant_id, client_id, name, scopes, secret_mac, created_at)
        values ($1, $2, $3, $4, $5, $6)";
    let query = sqlx::query(sql).bind(tenant.to_uuid()).bind(client.to_uuid()).bind(name);
    query.bind(scopes).bind(secret_mac).bind(now).execute(db).await.map(drop)
}

/// What decides about a token.
#[derive(Debug, Clone, Default, sqlx::FromRow)]
pub struct Secrets {
    /// Whose client.
    pub tenant_id: Uuid,
    /// What it may.
    pub scopes: Vec<String>,
    /// Hash of its secret.
    pub secret_mac: Vec<u8>,
    /// Hash of the one before, while that is accepted.
    pub previous_mac: Option<Vec<u8>>,
}

/// Secrets of a client that is not revoked, whosever it is: it asks before anybody is known.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn secrets_of(
    db: &mut PgConnection,
    client: ClientId,
) -> Result<Option<Secrets>, sqlx::Error> {
    let sql = "select tenant_id, scopes, secret_mac,
               case when previous_until > now() then previous_mac end as previous_mac
          from accounts.client where client_id = $1 and revoked_at is null";
    sqlx::query_as(sql).bind(client.to_uuid()).fetch_optional(db).await
}

/// A client without its secrets.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ClientRow {
    /// Id.
    pub client_id: Uuid,
    /// The tenant's word for it.
    pub name: String,
    /// What it may.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it got its present secret; `None`: it is the first.
    pub rotated_at: Option<OffsetDateTime>,
    /// Until when the secret before is accepted.
    pub old_until: Option<OffsetDateTime>,
    /// When its access was taken away.
    pub revoked_at: Option<OffsetDateTime>,
}

/// Clients in a list: those that live all fit, and as many revoked ones beside them.
const LIST_MAX: i64 = 2_000;

/// A tenant's clients, those that live first, each newest first.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn clients(
    db: &mut PgConnection,
    tenant: TenantId,
) -> Result<Vec<ClientRow>, sqlx::Error> {
    let sql = "select client_id, name, scopes, created_at, rotated_at, revoked_at,
               case when previous_until > now() then previous_until end as old_until
          from accounts.client where tenant_id = $1
         order by revoked_at is not null, created_at desc, client_id desc limit $2";
    sqlx::query_as(sql).bind(tenant.to_uuid()).bind(LIST_MAX).fetch_all(db).await
}

/// Takes a client's secrets away; `None`: the tenant has no such client.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn revoke_client(
    db: &mut PgConnection,
    tenant: TenantId,
    client: ClientId,
) -> Result<Option<ClientRow>, sqlx::Error> {
    let sql = "update accounts.client
           set revoked_at = coalesce(revoked_at, now()), secret_mac = '',
               previous_mac = null, previous_until = null
         where tenant_id = $1 and client_id = $2
        returning client_id, name, scopes, created_at, rotated_at, revoked_at,
                  previous_until as old_until";
    sqlx::query_as(sql).bind(tenant.to_uuid()).bind(client.to_uuid()).fetch_optional(db).await
}

/// Gives a client another secret; the one before is accepted for so many seconds more. `None`: the
/// tenant has no such client, or it is revoked.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn rotate_client(
    db: &mut PgConnection,
    (tenant, client): (TenantId, ClientId),
    secret_mac: &[u8],
    overlap_s: i32,
) -> Result<Option<ClientRow>, sqlx::Error> {
    let sql = "update accounts.client
           set secret_mac = $3, rotated_at = now(),
               previous_mac = case when $4 > 0 then secret_mac end,
               previous_until = case when $4 > 0 then now() + make_interval(secs => $4) end
         where tenant_id = $1 and client_id = $2 and revoked_at is null
        returning client_id, name, scopes, created_at, rotated_at, revoked_at,
                  previous_until as old_until";
    let query = sqlx::query_as(sql).bind(tenant.to_uuid()).bind(client.to_uuid());
    query.bind(secret_mac).bind(overlap_s).fetch_optional(db).await
}

/// Whether the tenant has this client, revoked or not.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn has_client(
    db: &mut PgConnection,
    tenant: TenantId,
    client: ClientId,
) -> Result<bool, sqlx::Error> {
    let sql = "select exists (
        select from accounts.client where tenant_id = $1 and client_id = $2)";
    sqlx::query_scalar(sql).bind(tenant.to_uuid()).bind(client.to_uuid()).fetch_one(db).await
}
