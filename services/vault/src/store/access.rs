use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::domain::budget::Bucket;

/// Who opens by which flow, for whom.
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    /// Tenant.
    pub tenant: Uuid,
    /// Service or client.
    pub actor: &'a str,
    /// Name of the flow; empty when there is none.
    pub flow: &'a str,
}

/// Persons ever put by a tenant.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn total_persons(db: &mut PgConnection, tenant: Uuid) -> Result<i64, sqlx::Error> {
    let sql = "select coalesce(sum(persons), 0)::int8 from vault.volume where tenant_id = $1";
    sqlx::query_scalar(sql).bind(tenant).fetch_one(db).await
}

/// The bucket, locked until the end of the transaction, and the tenant's persons.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn bucket(
    db: &mut PgConnection,
    access: Access<'_>,
) -> Result<Option<(Bucket, i64)>, sqlx::Error> {
    let sql = "select b.remaining, b.persons, b.refilled_at,
               (select coalesce(sum(v.persons), 0)::int8
                  from vault.volume v where v.tenant_id = $1)
          from vault.budget b
         where b.tenant_id = $1 and b.actor = $2 and b.flow = $3 for update of b";
    let row: Option<(i64, i64, OffsetDateTime, i64)> = sqlx::query_as(sql)
        .bind(access.tenant)
        .bind(access.actor)
        .bind(access.flow)
        .fetch_optional(db)
        .await?;
    Ok(row
        .map(|(left, persons, refilled_at, total)| (Bucket { left, persons, refilled_at }, total)))
}

/// Keeps the first bucket; a second one is left out.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn open_bucket(
    db: &mut PgConnection,
    access: Access<'_>,
    bucket: Bucket,
) -> Result<(), sqlx::Error> {
    let sql = "insert into vault.budget
               (tenant_id, actor, flow, remaining, persons, refilled_at)
        values ($1, $2, $3, $4, $5, $6) on conflict do nothing";
    let query = sqlx::query(sql).bind(access.tenant).bind(access.actor).bind(access.flow);
    let query = query.bind(bucket.left).bind(bucket.persons).bind(bucket.refilled_at);
    query.execute(db).await.map(drop)
}

/// Rows of the journal, column by column.
#[derive(Debug, Default)]
pub struct JournalRow {
    /// Refs, ids; empty text where none was given.
    pub items: Vec<String>,
    /// Public code of the denial; empty text: opened.
    pub denied: Vec<&'static str>,
}

impl JournalRow {
    /// Adds one.
    pub fn push(&mut self, item: &str, denied: &'static str) {
        // A text that is no ref could be anything, a name too: it is not written down.
        let item = if crate::domain::record::is_ref(item) { item } else { "" };
        self.items.push(item.to_owned());
        self.denied.push(denied);
    }
}

/// Writes the journal.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn journal(
    db: &mut PgConnection,
    access: Access<'_>,
    fields: i32,
    rows: &JournalRow,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    let sql = "insert into vault.journal (tenant_id, at, actor, flow, item, fields, denied)
        select $1, $2, $3, $4, i.item, $5, i.denied
          from unnest($6::text[], $7::text[]) as i (item, denied)";
    let query = sqlx::query(sql).bind(access.tenant).bind(now).bind(access.actor);
    let query = query.bind(access.flow).bind(fields).bind(&rows.items).bind(&rows.denied);
    query.execute(db).await.map(drop)
}

/// Writes what is left in the bucket, and the journal, in one statement.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn charge(
    db: &mut PgConnection,
    access: Access<'_>,
    bucket: Bucket,
    fields: i32,
    rows: &JournalRow,
    now: OffsetDateTime,
) -> Result<(), sqlx::Error> {
    let sql = "with spent as (
          update vault.budget set remaining = $8, persons = $9, refilled_at = $10
           where tenant_id = $1 and actor = $3 and flow = $4)
        insert into vault.journal (tenant_id, at, actor, flow, item, fields, denied)
        select $1, $2, $3, $4, i.item, $5, i.denied
          from unnest($6::text[], $7::text[]) as i (item, denied)";
    let query = sqlx::query(sql).bind(access.tenant).bind(now).bind(access.actor);
    let query = query.bind(access.flow).bind(fields).bind(&rows.items).bind(&rows.denied);
    let query = query.bind(bucket.left).bind(bucket.persons).bind(bucket.refilled_at);
    query.execute(db).await.map(drop)
}

/// A call that opens nothing: one row, whatever its number of items.
#[derive(Debug, Clone, Copy)]
pub struct Act<'a> {
    /// Tenant.
    pub tenant: Uuid,
    /// Service or client.
    pub actor: &'a str,
    /// What was done.
    pub act: &'static str,
    /// Fields it was about, as in the journal.
    pub fields: i32,
    /// Items it was about.
    pub items: i32,
    /// When.
    pub now: OffsetDateTime,
}

/// Writes a call down, where no other statement does it on the way.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn note_act(db: &mut PgConnection, act: Act<'_>) -> Result<(), sqlx::Error> {
    let sql = "insert into vault.journal
               (tenant_id, at, actor, flow, item, fields, denied, act, items)
        values ($1, $2, $3, '', '', $4, '', $5, $6)";
    let query = sqlx::query(sql).bind(act.tenant).bind(act.now).bind(act.actor);
    query.bind(act.fields).bind(act.act).bind(act.items).execute(db).await.map(drop)
}

/// One row as it was written.
#[derive(Debug, sqlx::FromRow)]
pub struct Entry {
    /// When.
    pub at: OffsetDateTime,
    /// Service or client.
    pub actor: String,
    /// Name of the flow.
    pub flow: String,
    /// Ref, document or account.
    pub item: String,
    /// Bits of fields.
    pub fields: i32,
    /// Public code; empty: it was done.
    pub denied: String,
    /// What was done.
    pub act: String,
    /// Items it was about.
    pub items: i32,
}

/// The newest rows, of one item or all.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn journal_of(
    db: &mut PgConnection,
    tenant: Uuid,
    item: &str,
    limit: i64,
) -> Result<Vec<Entry>, sqlx::Error> {
    let sql = if item.is_empty() {
        "select at, actor, flow, item, fields, denied, act, items from vault.journal
          where tenant_id = $1 and $2 = '' order by id desc limit $3"
    } else {
        "select at, actor, flow, item, fields, denied, act, items from vault.journal
          where tenant_id = $1 and item = $2 order by id desc limit $3"
    };
    sqlx::query_as(sql).bind(tenant).bind(item).bind(limit).fetch_all(db).await
}
