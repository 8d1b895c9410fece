//! Events that cannot be applied: put aside with their key, looked at, released or discarded.
//!
//! A person asks for a release; the consumer, which alone has the handlers, does it between two
//! batches. A discarded event is kept with who decided it and why.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};
use time::OffsetDateTime;

use super::apply::{EventMeta, Handlers, RawEvent};
use crate::{
    fault::{Fault, chain},
    service::Cx,
};

/// Keys parked within a minute that are no accident of single events: the consumer waits for a
/// person instead of putting aside whatever comes.
const KEYS_A_MINUTE: i64 = 20;

/// Which of these keys have a parked event.
pub(super) async fn parked_keys(
    db: &mut PgConnection,
    service: &str,
    producer: &str,
    keys: &[&str],
) -> Result<Vec<String>, Fault> {
    let sql = format!("select key from {service}.parked_key where consumer = $1 and key = any($2)");
    Ok(sqlx::query_scalar(AssertSqlSafe(sql)).bind(producer).bind(keys).fetch_all(db).await?)
}

/// Holds back what follows of a key.
pub(super) async fn hold_key(
    db: &mut PgConnection,
    service: &str,
    producer: &str,
    key: &str,
) -> Result<(), Fault> {
    let sql = format!(
        "insert into {service}.parked_key (consumer, key) values ($1, $2) on conflict do nothing"
    );
    sqlx::query(AssertSqlSafe(sql)).bind(producer).bind(key).execute(db).await?;
    Ok(())
}

/// Puts an event aside.
pub(super) async fn park(
    db: &mut PgConnection,
    service: &str,
    producer: &str,
    event: &RawEvent,
    code: &str,
    reason: &str,
) -> Result<(), Fault> {
    let sql = format!(
        "insert into {service}.parked
           (consumer, lane, seq, gen, key, code, reason, subject, headers, payload)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing"
    );
    sqlx::query(AssertSqlSafe(sql))
        .bind(producer)
        .bind(event.meta.lane)
        .bind(event.meta.seq)
        .bind(event.meta.gen_)
        .bind(&event.meta.key)
        .bind(code)
        .bind(reason.chars().take(1000).collect::<String>())
        .bind(&event.subject)
        .bind(&event.headers)
        .bind(event.payload.as_ref())
        .execute(db)
        .await?;
    Ok(())
}

/// What a consumer looks at between two batches.
#[derive(Debug)]
pub(super) struct Look {
    /// Keys whose release was asked for.
    pub asked: Vec<String>,
    /// So many keys were parked at once that it must be us.
    pub too_many: bool,
    /// Whether anything is parked.
    pub any: bool,
}

/// Looks for what was asked.
pub(super) async fn look(
    db: &mut PgConnection,
    service: &str,
    producer: &str,
) -> Result<Look, sqlx::Error> {
    let sql = format!(
        "with k as (select key, since, asked_at from {service}.parked_key where consumer = $1)
         select array(select key from k where asked_at is not null order by asked_at limit 64),
                (select count(*) from k
                  where since > (select max(since) from k) - interval '1 minute'),
                exists (select from k)"
    );
    let row = sqlx::query(AssertSqlSafe(sql)).bind(producer).fetch_one(db).await?;
    let recent: i64 = row.try_get(1)?;
    Ok(Look { asked: row.try_get(0)?, too_many: recent > KEYS_A_MINUTE, any: row.try_get(2)? })
}

/// Applies the parked events of a key again, in order, and frees the key: all or nothing. Locks
/// the position row first, so that it is serial with the consumer's batches.
///
/// # Errors
/// The [`Fault`] of the first event that still fails; nothing is changed then.
pub(super) async fn release_key<S: Send + Sync + 'static>(
    handlers: &Handlers<S>,
    cx: &mut Cx<S>,
    service: &str,
    producer: &str,
    key: &str,
) -> Result<usize, Fault> {
    let sql = format!("select 1 from {service}.position where consumer = $1 for update");
    sqlx::query(AssertSqlSafe(sql)).bind(producer).execute(cx.db()).await?;
    let sql = format!(
        "delete from {service}.parked where consumer = $1 and key = $2
         returning lane, seq, gen, key, subject, headers, payload"
    );
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(producer).bind(key).fetch_all(cx.db()).await?;
    let mut events = Vec::with_capacity(rows.len());
    for row in &rows {
        events.push(RawEvent {
            meta: EventMeta {
                lane: row.try_get(0)?,
                seq: row.try_get(1)?,
                gen_: row.try_get(2)?,
                key: row.try_get(3)?,
            },
            subject: row.try_get(4)?,
            headers: row.try_get(5)?,
            payload: row.try_get::<Vec<u8>, _>(6)?.into(),
        });
    }
    events.sort_by_key(|e| e.meta.seq);
    handlers.apply_all(cx, producer, &events).await?;
    let sql = format!("delete from {service}.parked_key where consumer = $1 and key = $2");
    sqlx::query(AssertSqlSafe(sql)).bind(producer).bind(key).execute(cx.db()).await?;
    Ok(events.len())
}

/// Notes why a release did not come about; the key stays parked until it is asked for again.
pub(super) async fn not_released(
    db: &mut PgConnection,
    service: &str,
    producer: &str,
    key: &str,
    fault: &Fault,
) -> Result<(), sqlx::Error> {
    let sql = format!(
        "with k as (
           update {service}.parked_key set asked_at = null where consumer = $1 and key = $2)
         update {service}.parked set attempts = attempts + 1, code = $3, reason = $4
          where consumer = $1 and seq = (select min(seq) from {service}.parked
                                          where consumer = $1 and key = $2)"
    );
    let reason: String = chain(fault).chars().take(1000).collect();
    let query = sqlx::query(AssertSqlSafe(sql)).bind(producer).bind(key);
    query.bind(fault.code()).bind(reason).execute(db).await.map(drop)
}

/// A key that is held back, with the event in front.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ParkedKey {
    /// Whose events.
    pub producer: String,
    /// Key of the aggregate.
    pub key: String,
    /// Number of the event in front.
    pub seq: i64,
    /// Public code of what is wrong with it.
    pub code: String,
    /// In words.
    pub reason: String,
    /// How often its release was tried.
    pub attempts: i32,
    /// Events that wait, this one among them.
    pub events: i64,
    /// Since when.
    pub since: OffsetDateTime,
    /// When a release was asked for that was not tried yet.
    pub asked_at: Option<OffsetDateTime>,
}

/// The parked keys of a service, oldest first.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn parked(db: &mut PgConnection, service: &str) -> Result<Vec<ParkedKey>, sqlx::Error> {
    let sql = format!(
        "select distinct on (k.since, k.consumer, k.key) k.consumer as producer, k.key, p.seq,
                p.code, p.reason, p.attempts, k.since, k.asked_at,
                count(*) over (partition by k.consumer, k.key) as events
           from {service}.parked_key k join {service}.parked p using (consumer, key)
          order by k.since, k.consumer, k.key, p.seq"
    );
    sqlx::query_as(AssertSqlSafe(sql)).fetch_all(db).await
}

/// Asks the consumer to apply the parked events of a key again. False when the key is not parked.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn ask_release(
    db: &mut PgConnection,
    service: &str,
    producer: &str,
    key: &str,
    by: &str,
) -> Result<bool, sqlx::Error> {
    let sql = format!(
        "update {service}.parked_key set asked_at = now(), asked_by = $3
          where consumer = $1 and key = $2"
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(producer).bind(key).bind(by);
    Ok(query.execute(db).await?.rows_affected() == 1)
}

/// Decides that a parked event is never applied. It is kept with who decided it and why; what
/// waits behind it is released like any other. False when no such event is parked.
///
/// # Errors
/// [`sqlx::Error`]; nothing is decided then.
pub async fn discard(
    db: &mut PgConnection,
    service: &str,
    producer: &str,
    seq: i64,
    by: &str,
    why: &str,
) -> Result<bool, sqlx::Error> {
    let mut tx = db.begin().await?;
    // Serial with the batches of the consumer.
    let sql = format!("select 1 from {service}.position where consumer = $1 for update");
    sqlx::query(AssertSqlSafe(sql)).bind(producer).execute(&mut *tx).await?;
    let sql = format!(
        "with gone as (delete from {service}.parked where consumer = $1 and seq = $2 returning *)
         insert into {service}.discarded
                (consumer, lane, seq, gen, key, code, reason, subject, headers, payload,
                 parked_at, decided_by, why)
         select consumer, lane, seq, gen, key, code, reason, subject, headers, payload, at, $3, $4
           from gone
         returning key"
    );
    let query = sqlx::query_scalar(AssertSqlSafe(sql)).bind(producer).bind(seq).bind(by).bind(why);
    let Some(key) = query.fetch_optional(&mut *tx).await? else {
        return Ok(false);
    };
    let key: String = key;
    let sql = format!(
        "delete from {service}.parked_key k where consumer = $1 and key = $2 and not exists
           (select from {service}.parked p where p.consumer = k.consumer and p.key = k.key)"
    );
    sqlx::query(AssertSqlSafe(sql)).bind(producer).bind(key).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(true)
}
