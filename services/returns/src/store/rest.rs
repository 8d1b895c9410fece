//! Refunds by key, signals, photos, rules, and requests that may be sent twice.

use std::collections::BTreeMap;

use colibri_kit::fault::Fault;
use colibri_returns_rules::fraud::{Record, Signal};
use sqlx::{FromRow, PgConnection, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

/// The key that an instruction carries outside.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn put_refund(
    db: &mut PgConnection,
    tenant: Uuid,
    key: &str,
    (id, line, number): (Uuid, i32, i32),
) -> Result<(), Fault> {
    sqlx::query(
        "insert into returns.refund (key, tenant_id, return_id, line, number)
         values ($1, $2, $3, $4, $5) on conflict (key) do nothing",
    )
    .bind(key)
    .bind(tenant)
    .bind(id)
    .bind(line)
    .bind(number)
    .execute(db)
    .await?;
    Ok(())
}

/// Line and number of a return's refund.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn refund(
    db: &mut PgConnection,
    tenant: Uuid,
    id: Uuid,
    key: &str,
) -> Result<Option<(i32, i32)>, Fault> {
    let sql = "select line, number from returns.refund
                where tenant_id = $1 and return_id = $2 and key = $3";
    Ok(sqlx::query_as(sql).bind(tenant).bind(id).bind(key).fetch_optional(db).await?)
}

/// Keys of returns' refunds: return, line, number.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn refund_keys(
    db: &mut PgConnection,
    tenant: Uuid,
    ids: &[Uuid],
) -> Result<BTreeMap<(Uuid, i32, i32), String>, Fault> {
    let rows: Vec<(Uuid, i32, i32, String)> = sqlx::query_as(
        "select return_id, line, number, key from returns.refund
          where tenant_id = $1 and return_id = any($2)",
    )
    .bind(tenant)
    .bind(ids)
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|(id, line, number, key)| ((id, line, number), key)).collect())
}

/// Who settled a doubt, and why.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn refund_settled(
    db: &mut PgConnection,
    tenant: Uuid,
    key: &str,
    why: &serde_json::Value,
) -> Result<(), Fault> {
    let sql = "update returns.refund set settled = $3 where tenant_id = $1 and key = $2";
    sqlx::query(sql).bind(tenant).bind(key).bind(why).execute(db).await?;
    Ok(())
}

/// A signal as it is stored.
#[derive(Debug, Clone, FromRow)]
pub struct SignalRow {
    /// Of which return.
    pub return_id: Uuid,
    /// `F01` to `F16`.
    pub code: String,
    /// When.
    pub at: OffsetDateTime,
    /// What was measured.
    pub evidence: Json<BTreeMap<String, i64>>,
    /// `explained` or `confirmed`; None: open.
    pub settled: Option<String>,
}

impl SignalRow {
    /// As the rules weigh it.
    #[must_use]
    pub fn signal(&self) -> Signal {
        Signal {
            code: self.code.clone(),
            at: self.at,
            evidence: self.evidence.0.clone(),
            explained: self.settled.as_deref() == Some("explained"),
        }
    }
}

/// Signals of returns.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn signals(
    db: &mut PgConnection,
    tenant: Uuid,
    ids: &[Uuid],
) -> Result<Vec<SignalRow>, Fault> {
    let sql = "select return_id, code, at, evidence, settled from returns.signal
                where tenant_id = $1 and return_id = any($2) order by return_id, code";
    Ok(sqlx::query_as(sql).bind(tenant).bind(ids).fetch_all(db).await?)
}

/// Raises a signal once per return; false: it was there.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn raise(
    db: &mut PgConnection,
    tenant: Uuid,
    id: Uuid,
    signal: &Signal,
) -> Result<bool, Fault> {
    let done = sqlx::query(
        "insert into returns.signal (return_id, code, tenant_id, at, evidence)
         values ($1, $2, $3, $4, $5) on conflict (return_id, code) do nothing",
    )
    .bind(id)
    .bind(&signal.code)
    .bind(tenant)
    .bind(signal.at)
    .bind(Json(&signal.evidence))
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A person's word about a signal; false: there is none.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn settle_signal(
    db: &mut PgConnection,
    tenant: Uuid,
    id: Uuid,
    code: &str,
    settled: &str,
) -> Result<bool, Fault> {
    let sql = "update returns.signal set settled = $4
                where tenant_id = $1 and return_id = $2 and code = $3";
    let query = sqlx::query(sql).bind(tenant).bind(id).bind(code).bind(settled);
    Ok(query.execute(db).await?.rows_affected() == 1)
}

/// How often the tenant's signals were right.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn records(
    db: &mut PgConnection,
    tenant: Uuid,
) -> Result<BTreeMap<String, Record>, Fault> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "select code, count(*), count(*) filter (where settled = 'confirmed')
           from returns.signal where tenant_id = $1 and settled is not null group by code",
    )
    .bind(tenant)
    .fetch_all(db)
    .await?;
    let number = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    let record = |(code, adverse, confirmed): (String, i64, i64)| {
        let (adverse, confirmed) = (number(adverse), number(confirmed));
        (code, Record { adverse, confirmed, overturned: adverse - confirmed })
    };
    Ok(rows.into_iter().map(record).collect())
}

/// A sealed photo.
#[derive(Debug, Clone, FromRow)]
pub struct Photo {
    /// Id in the vault.
    pub document_id: Uuid,
    /// Of which order.
    pub order_id: Uuid,
    /// Of which return; None: of none yet.
    pub return_id: Option<Uuid>,
    /// `image/jpeg` or `image/png`.
    pub media_type: String,
    /// HMAC of the picture.
    pub digest: Vec<u8>,
    /// When.
    pub at: OffsetDateTime,
}

/// Notes a sealed photo.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn put_photo(db: &mut PgConnection, tenant: Uuid, photo: &Photo) -> Result<(), Fault> {
    sqlx::query(
        "insert into returns.photo (document_id, tenant_id, order_id, media_type, digest, at)
         values ($1, $2, $3, $4, $5, $6) on conflict (document_id) do nothing",
    )
    .bind(photo.document_id)
    .bind(tenant)
    .bind(photo.order_id)
    .bind(&photo.media_type)
    .bind(&photo.digest)
    .bind(photo.at)
    .execute(db)
    .await?;
    Ok(())
}

/// Photos of an order, oldest first.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn photos(db: &mut PgConnection, tenant: Uuid, order: Uuid) -> Result<Vec<Photo>, Fault> {
    let sql = "select document_id, order_id, return_id, media_type, digest, at from returns.photo
                where tenant_id = $1 and order_id = $2 order by at, document_id";
    Ok(sqlx::query_as(sql).bind(tenant).bind(order).fetch_all(db).await?)
}

/// Binds photos to a return; answers how many of them show what a photo of another return shows.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn bind_photos(
    db: &mut PgConnection,
    tenant: Uuid,
    id: Uuid,
    photos: &[Uuid],
) -> Result<i64, Fault> {
    sqlx::query(
        "update returns.photo set return_id = $2
          where tenant_id = $1 and document_id = any($3) and return_id is null",
    )
    .bind(tenant)
    .bind(id)
    .bind(photos)
    .execute(&mut *db)
    .await?;
    let sql = "select count(*) from returns.photo p
                where p.tenant_id = $1 and p.document_id = any($3)
                  and exists (select from returns.photo o
                               where o.tenant_id = $1 and o.digest = p.digest
                                 and o.return_id is not null and o.return_id <> $2)";
    Ok(sqlx::query_scalar(sql).bind(tenant).bind(id).bind(photos).fetch_one(db).await?)
}

/// The rules in use: version and text; None: the default.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn policy(db: &mut PgConnection, tenant: Uuid) -> Result<Option<(i32, String)>, Fault> {
    let sql = "select version, toml from returns.policy
                where tenant_id = $1 order by version desc limit 1";
    Ok(sqlx::query_as(sql).bind(tenant).fetch_optional(db).await?)
}

/// Takes rules into use. Answers their version.
///
/// # Errors
/// [`Fault`] of the database; `Retry` when another set came at the same time.
pub async fn put_policy(
    db: &mut PgConnection,
    tenant: Uuid,
    toml: &str,
    now: OffsetDateTime,
) -> Result<i32, Fault> {
    let version: Option<i32> = sqlx::query_scalar(
        "insert into returns.policy (tenant_id, version, toml, at)
         select $1, coalesce(max(version), 0) + 1, $2, $3 from returns.policy where tenant_id = $1
         on conflict do nothing returning version",
    )
    .bind(tenant)
    .bind(toml)
    .bind(now)
    .fetch_optional(db)
    .await?;
    version.ok_or_else(|| Fault::retry("other rules were put at the same time"))
}

/// What an earlier request with this id made, with the mark of its content.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn earlier(
    db: &mut PgConnection,
    tenant: Uuid,
    route: &str,
    key: &str,
) -> Result<Option<(Vec<u8>, String)>, Fault> {
    let sql = "select fingerprint, resource from returns.idempotency
                where tenant_id = $1 and route = $2 and key = $3";
    Ok(sqlx::query_as(sql).bind(tenant).bind(route).bind(key).fetch_optional(db).await?)
}

/// Notes what a request makes; false: another one was faster.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn note(
    db: &mut PgConnection,
    tenant: Uuid,
    (route, key): (&str, &str),
    fingerprint: &[u8],
    resource: &str,
) -> Result<bool, Fault> {
    let made = sqlx::query(
        "insert into returns.idempotency (tenant_id, route, key, fingerprint, resource)
         values ($1, $2, $3, $4, $5) on conflict do nothing",
    )
    .bind(tenant)
    .bind(route)
    .bind(key)
    .bind(fingerprint)
    .bind(resource)
    .execute(db)
    .await?;
    Ok(made.rows_affected() == 1)
}
