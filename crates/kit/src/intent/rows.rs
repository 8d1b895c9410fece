//! The rows of intents, and each statement that moves them.

use bytes::Bytes;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Row as _, postgres::PgRow};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::fault::Fault;

/// Work to be done after the commit.
#[derive(Debug, Clone)]
pub struct NewIntent {
    /// Tenant.
    pub tenant_id: Uuid,
    /// Kind of work: names its worker.
    pub kind: &'static str,
    /// Aggregate: intents of one key are done one after the other.
    pub key: String,
    /// Whom it calls, e.g. a carrier account: its own rate limit and breaker.
    pub lane: String,
    /// The same (tenant, kind, dedupe) again is the same intent.
    pub dedupe: String,
    /// What to do, without personal data.
    pub request: Bytes,
    /// Not before, in real time; `None`: at once.
    pub not_before: Option<OffsetDateTime>,
}

/// Where an intent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntentState {
    /// Waits for a worker.
    Ready,
    /// A worker prepares it; nothing has left.
    Claimed,
    /// Bytes may have left.
    Sent,
    /// Outcome recorded.
    Done,
    /// Definitely did not happen.
    Failed,
    /// May have happened.
    InDoubt,
}

/// An intent in a worker's hands.
#[derive(Debug, Clone)]
pub struct Intent {
    /// Id; its attempt reference is derived from it.
    pub id: Uuid,
    /// Tenant.
    pub tenant_id: Uuid,
    /// Aggregate.
    pub key: String,
    /// Whom it calls.
    pub lane: String,
    /// What to do.
    pub request: Bytes,
    /// How often it was claimed, from 1.
    pub attempt: i32,
    /// Fencing token of this claim.
    pub(super) token: Uuid,
}

impl Intent {
    pub(super) fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get("id")?,
            tenant_id: row.try_get("tenant_id")?,
            key: row.try_get("key")?,
            lane: row.try_get("lane")?,
            request: row.try_get::<Vec<u8>, _>("request")?.into(),
            attempt: row.try_get("attempt")?,
            token: row.try_get::<Option<Uuid>, _>("token")?.unwrap_or_default(),
        })
    }

    /// Reference for the outside: 20 characters of `[A-Z0-9]`, the same for the intent's whole
    /// life, so that a lost purchase can be found again.
    #[must_use]
    pub fn reference(&self) -> String {
        reference(self.id)
    }
}

/// The reference that an intent of this id carries outside.
#[must_use]
pub fn reference(id: Uuid) -> String {
    // 100 bits in Crockford's alphabet: the id's random end, where UUIDv7 keeps its entropy.
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut bits = id.as_u128();
    let mut text = [0_u8; 20];
    for place in text.iter_mut().rev() {
        *place = ALPHABET.get((bits & 31) as usize).copied().unwrap_or(b'0');
        bits >>= 5;
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Writes intents; a known (tenant, kind, dedupe) is left as it is.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn insert(
    db: &mut PgConnection,
    service: &str,
    intents: &[NewIntent],
) -> Result<(), Fault> {
    let sql = format!(
        "insert into {service}.intent
           (id, tenant_id, kind, key, lane, dedupe, request, not_before)
         select id, tenant_id, kind, key, lane, dedupe, request, coalesce(not_before, now())
           from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[],
                       $6::text[], $7::bytea[], $8::timestamptz[])
             as i(id, tenant_id, kind, key, lane, dedupe, request, not_before)
         on conflict (tenant_id, kind, dedupe) do nothing"
    );
    sqlx::query(AssertSqlSafe(sql))
        .bind(intents.iter().map(|_| Uuid::now_v7()).collect::<Vec<_>>())
        .bind(intents.iter().map(|i| i.tenant_id).collect::<Vec<_>>())
        .bind(intents.iter().map(|i| i.kind).collect::<Vec<_>>())
        .bind(intents.iter().map(|i| i.key.as_str()).collect::<Vec<_>>())
        .bind(intents.iter().map(|i| i.lane.as_str()).collect::<Vec<_>>())
        .bind(intents.iter().map(|i| i.dedupe.as_str()).collect::<Vec<_>>())
        .bind(intents.iter().map(|i| i.request.as_ref()).collect::<Vec<_>>())
        .bind(intents.iter().map(|i| i.not_before).collect::<Vec<_>>())
        .execute(db)
        .await?;
    Ok(())
}

/// T1: claims the oldest ready intent of each key that has nothing open. In the order in which
/// they came due, so that a claim reads as many rows as it takes, however many wait; the looks at
/// the key are subqueries that cannot become joins: a join planned on a small table reads all of
/// a kind for each row.
pub(super) async fn claim(
    pool: &PgPool,
    service: &str,
    kind: &str,
    limit: i64,
    lease: Duration,
) -> Result<Vec<Intent>, sqlx::Error> {
    let sql = format!(
        "with c as (
           select i.id from {service}.intent i
            where i.state = 'ready' and i.kind = $1 and i.not_before <= now()
              and not exists (select from {service}.intent o
                               where o.kind = $1 and o.key = i.key
                                 and o.state in ('claimed', 'sent', 'in_doubt') offset 0)
              and i.ord = (select o.ord from {service}.intent o
                            where o.kind = $1 and o.key = i.key and o.state = 'ready'
                            order by o.ord limit 1)
            order by i.not_before limit $2 for update skip locked)
         update {service}.intent i
            set state = 'claimed', attempt = attempt + 1, token = gen_random_uuid(),
                lease_until = clock_timestamp() + make_interval(secs => $3), updated_at = now()
           from c where i.id = c.id
         returning i.id, i.tenant_id, i.key, i.lane, i.request, i.attempt, i.token"
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(kind)
        .bind(limit)
        .bind(lease.as_seconds_f64())
        .fetch_all(pool)
        .await?;
    rows.iter().map(Intent::read).collect()
}

/// T2: marks claimed intents as sent, immediately before their bytes leave; answers which still
/// hold their lease. The others must not call.
pub(super) async fn mark_sent(
    pool: &PgPool,
    service: &str,
    intents: &[&Intent],
) -> Result<Vec<Uuid>, sqlx::Error> {
    let sql = format!(
        "update {service}.intent i set state = 'sent', updated_at = now()
           from unnest($1::uuid[], $2::uuid[]) as c(id, token)
          where i.id = c.id and i.token = c.token and i.state = 'claimed'
            and i.lease_until > clock_timestamp()
         returning i.id"
    );
    sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(intents.iter().map(|i| i.id).collect::<Vec<_>>())
        .bind(intents.iter().map(|i| i.token).collect::<Vec<_>>())
        .fetch_all(pool)
        .await
}

/// T3 and its kin: moves an intent that this worker holds. True when it was still ours.
pub(super) async fn finish(
    db: &mut PgConnection,
    service: &str,
    intent: &Intent,
    to: &str,
    not_before: Option<OffsetDateTime>,
    code: Option<&str>,
) -> Result<bool, sqlx::Error> {
    let sql = format!(
        "update {service}.intent
            set state = $3, lease_until = null, token = null, code = $5, updated_at = now(),
                not_before = coalesce($4, not_before)
          where id = $1 and token = $2 and state in ('claimed', 'sent')"
    );
    let moved = sqlx::query(AssertSqlSafe(sql))
        .bind(intent.id)
        .bind(intent.token)
        .bind(to)
        .bind(not_before)
        .bind(code)
        .execute(db)
        .await?;
    Ok(moved.rows_affected() == 1)
}

/// As [`finish`] to `done`, for several: answers those that were still ours.
pub(super) async fn done(
    db: &mut PgConnection,
    service: &str,
    intents: impl Iterator<Item = &Intent>,
) -> Result<Vec<Uuid>, sqlx::Error> {
    let (ids, tokens): (Vec<Uuid>, Vec<Uuid>) = intents.map(|i| (i.id, i.token)).unzip();
    let sql = format!(
        "update {service}.intent i
            set state = 'done', lease_until = null, token = null, code = null, updated_at = now()
           from unnest($1::uuid[], $2::uuid[]) as c(id, token)
          where i.id = c.id and i.token = c.token and i.state in ('claimed', 'sent')
         returning i.id"
    );
    sqlx::query_scalar(AssertSqlSafe(sql)).bind(ids).bind(tokens).fetch_all(db).await
}

/// Evidence of an outcome that came after the lease moved on: kept for whoever settles the doubt.
/// Locks the row; answers whether the intent is in doubt.
pub(super) async fn lock_in_doubt(
    db: &mut PgConnection,
    service: &str,
    id: Uuid,
) -> Result<bool, sqlx::Error> {
    let sql = format!("select state from {service}.intent where id = $1 for update");
    let state: Option<String> =
        sqlx::query_scalar(AssertSqlSafe(sql)).bind(id).fetch_optional(db).await?;
    Ok(state.as_deref() == Some("in_doubt"))
}

/// Leases that ran out: before the bytes left it is safe to do again, after that it is in doubt.
/// Answers the intents that came in doubt.
pub(super) async fn sweep(
    db: &mut PgConnection,
    service: &str,
    kind: &str,
    settle: Duration,
    now: OffsetDateTime,
) -> Result<Vec<Intent>, sqlx::Error> {
    let sql = format!(
        "update {service}.intent
            set state = case when state = 'sent' then 'in_doubt' else 'ready' end,
                not_before = case when state = 'sent' then $2 + make_interval(secs => $3)
                                  else not_before end,
                code = case when state = 'sent' then 'KIT0011' else code end,
                token = null, lease_until = null, updated_at = now()
          where kind = $1 and state in ('claimed', 'sent') and lease_until < clock_timestamp()
         returning id, tenant_id, key, lane, request, attempt, token, state"
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(kind)
        .bind(now)
        .bind(settle.as_seconds_f64())
        .fetch_all(db)
        .await?;
    let mut doubtful = Vec::new();
    for row in &rows {
        if row.try_get::<String, _>("state")? == "in_doubt" {
            doubtful.push(Intent::read(row)?);
        }
    }
    Ok(doubtful)
}

/// Doubts whose settling time has passed: they may be looked up now.
pub(super) async fn doubts_due(
    pool: &PgPool,
    service: &str,
    kind: &str,
    now: OffsetDateTime,
) -> Result<Vec<Intent>, sqlx::Error> {
    let sql = format!(
        "select id, tenant_id, key, lane, request, attempt, token from {service}.intent
          where kind = $1 and state = 'in_doubt' and not_before <= $2 order by ord limit 50"
    );
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(kind).bind(now).fetch_all(pool).await?;
    rows.iter().map(Intent::read).collect()
}

/// Moves the doubt of a key to `done`, `failed` or back to `ready`, in the caller's transaction:
/// by observation or a person's decision, never by time. True when there was one.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn settle_in_doubt(
    db: &mut PgConnection,
    service: &str,
    kind: &str,
    key: &str,
    to: IntentState,
    evidence: &serde_json::Value,
) -> Result<bool, Fault> {
    let to = match to {
        IntentState::Done => "done",
        IntentState::Failed => "failed",
        IntentState::Ready => "ready",
        other => return Err(Fault::bug(format!("a doubt cannot become {other:?}"))),
    };
    let sql = format!(
        "update {service}.intent set state = $3, evidence = $4, not_before = least(not_before, now()),
                token = null, lease_until = null, updated_at = now()
          where kind = $1 and key = $2 and state = 'in_doubt'"
    );
    let moved = sqlx::query(AssertSqlSafe(sql))
        .bind(kind)
        .bind(key)
        .bind(to)
        .bind(evidence)
        .execute(db)
        .await?;
    Ok(moved.rows_affected() == 1)
}

/// Puts off the next look at a doubt.
pub(super) async fn postpone_doubt(
    pool: &PgPool,
    service: &str,
    id: Uuid,
    until: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    let sql = format!(
        "update {service}.intent set not_before = $2, updated_at = now()
          where id = $1 and state = 'in_doubt'"
    );
    sqlx::query(AssertSqlSafe(sql)).bind(id).bind(until).execute(pool).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_fits_every_carriers_field_and_differs_per_intent() {
        let (a, b) = (reference(Uuid::now_v7()), reference(Uuid::now_v7()));
        assert_ne!(a, b);
        for text in [a, b] {
            assert_eq!(text.len(), 20);
            assert!(text.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()));
        }
    }
}
