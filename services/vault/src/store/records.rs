use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::Act;
use crate::domain::index::INDEX_VERSION;

/// What is known of a record without opening it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Known {
    /// Its ref.
    pub r#ref: String,
    /// Whose.
    pub owner: String,
    /// Mark of its external key.
    pub key_mark: Uuid,
    /// Revision.
    pub rev: i32,
    /// Mark of its content.
    pub content_mark: Uuid,
}

/// Records that have one of these external keys or refs; writes the call down on the way.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn known(
    db: &mut PgConnection,
    tenant: Uuid,
    keys: &[Uuid],
    refs: &[String],
    act: Act<'_>,
) -> Result<Vec<Known>, sqlx::Error> {
    // Two lookups, each by its own index.
    let sql = "with noted as (
          insert into vault.journal
                 (tenant_id, at, actor, flow, item, fields, denied, act, items)
          values ($1, $4, $5, '', '', $6, '', $7, $8))
        select ref, owner, key_mark, rev, content_mark from vault.sealed
         where tenant_id = $1 and key_mark = any($2)
         union
        select ref, owner, key_mark, rev, content_mark from vault.sealed
         where tenant_id = $1 and ref = any($3)";
    let query = sqlx::query_as(sql).bind(tenant).bind(keys).bind(refs).bind(act.now);
    let query = query.bind(act.actor).bind(act.fields).bind(act.act).bind(act.items);
    query.fetch_all(db).await
}

/// A row of the blind index.
#[derive(Debug, Default)]
pub struct MarkRow {
    /// Keyed marks.
    pub marks: Vec<Uuid>,
    /// The record of each.
    pub refs: Vec<String>,
}

/// Records to be written at once, column by column.
#[derive(Debug, Default)]
pub struct NewRecords {
    /// Refs.
    pub refs: Vec<String>,
    /// Owners; the ref itself for a person.
    pub owners: Vec<String>,
    /// Marks of external keys.
    pub keys: Vec<Uuid>,
    /// Marks of contents.
    pub contents: Vec<Uuid>,
    /// Blobs.
    pub blobs: Vec<Vec<u8>>,
    /// New persons among them ...
    pub persons: Vec<String>,
    /// ... with the names of their DEKs ...
    pub dek_ids: Vec<i64>,
    /// ... and the DEKs, wrapped.
    pub deks: Vec<Vec<u8>>,
    /// Their rows in the blind index.
    pub index: MarkRow,
}

/// Writes new records of one class with keys, marks and count in one statement. Answers how many
/// records were new: fewer than given means that another call was faster, and all is rolled back.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn insert(
    db: &mut PgConnection,
    tenant: Uuid,
    class: i16,
    epoch: i32,
    new: &NewRecords,
    now: OffsetDateTime,
) -> Result<usize, sqlx::Error> {
    // 64 shards: more than a pool has connections, so that two rarely share one.
    let sql = "with new as (
          insert into vault.sealed
                 (tenant_id, ref, owner, class, key_mark, rev, content_mark, blob, made_at)
          select $1, i.ref, i.owner, $2, i.key_mark, 1, i.content_mark, i.blob, $3
            from unnest($4::text[], $5::text[], $6::uuid[], $7::uuid[], $8::bytea[])
                 as i (ref, owner, key_mark, content_mark, blob)
          on conflict do nothing
          returning 1),
        keys as (
          insert into vault.dek (tenant_id, owner, class, dek_id, epoch, wrapped)
          select $1, i.owner, $2, i.dek_id, $9, i.wrapped
            from unnest($10::text[], $11::int8[], $12::bytea[]) as i (owner, dek_id, wrapped)),
        marks as (
          insert into vault.blind_index (tenant_id, mark, ref, version, at)
          select $1, i.mark, i.ref, $13, $3
            from unnest($14::uuid[], $15::text[]) as i (mark, ref)
          on conflict do nothing),
        counted as (
          insert into vault.volume as v (tenant_id, shard, persons)
          select $1, pg_backend_pid() % 64, cardinality($10::text[])
           where cardinality($10::text[]) > 0
          on conflict (tenant_id, shard) do update set persons = v.persons + excluded.persons)
        select count(*) from new";
    let written: i64 = sqlx::query_scalar(sql)
        .bind(tenant)
        .bind(class)
        .bind(now)
        .bind(&new.refs)
        .bind(&new.owners)
        .bind(&new.keys)
        .bind(&new.contents)
        .bind(&new.blobs)
        .bind(epoch)
        .bind(&new.persons)
        .bind(&new.dek_ids)
        .bind(&new.deks)
        .bind(INDEX_VERSION)
        .bind(&new.index.marks)
        .bind(&new.index.refs)
        .fetch_one(db)
        .await?;
    Ok(usize::try_from(written).unwrap_or_default())
}

/// New contents of known records, column by column.
#[derive(Debug, Default)]
pub struct Revision {
    /// Refs.
    pub refs: Vec<String>,
    /// The revisions they replace.
    pub revs: Vec<i32>,
    /// Marks of the new contents.
    pub contents: Vec<Uuid>,
    /// New blobs.
    pub blobs: Vec<Vec<u8>>,
    /// Their rows in the blind index; the old ones go.
    pub index: MarkRow,
}

/// Replaces contents. Answers how many were replaced: fewer than given means that another call
/// was faster, and all is rolled back.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn revise(
    db: &mut PgConnection,
    tenant: Uuid,
    revision: &Revision,
    now: OffsetDateTime,
) -> Result<usize, sqlx::Error> {
    let sql = "update vault.sealed s
          set rev = s.rev + 1, content_mark = i.content_mark, blob = i.blob
         from unnest($2::text[], $3::int4[], $4::uuid[], $5::bytea[])
              as i (ref, rev, content_mark, blob)
        where s.tenant_id = $1 and s.ref = i.ref and s.rev = i.rev";
    let done = sqlx::query(sql)
        .bind(tenant)
        .bind(&revision.refs)
        .bind(&revision.revs)
        .bind(&revision.contents)
        .bind(&revision.blobs)
        .execute(&mut *db)
        .await?;
    let sql = "delete from vault.blind_index where tenant_id = $1 and ref = any($2)";
    sqlx::query(sql).bind(tenant).bind(&revision.refs).execute(&mut *db).await?;
    let sql = "insert into vault.blind_index (tenant_id, mark, ref, version, at)
        select $1, i.mark, i.ref, $2, $3 from unnest($4::uuid[], $5::text[]) as i (mark, ref)
        on conflict do nothing";
    let query = sqlx::query(sql).bind(tenant).bind(INDEX_VERSION).bind(now);
    query.bind(&revision.index.marks).bind(&revision.index.refs).execute(db).await?;
    Ok(usize::try_from(done.rows_affected()).unwrap_or_default())
}

/// A sealed record with the key to it.
#[derive(Debug, sqlx::FromRow)]
pub struct SealedRow {
    /// Ref.
    pub r#ref: String,
    /// Whose key.
    pub owner: String,
    /// Revision.
    pub rev: i32,
    /// Content.
    pub blob: Vec<u8>,
    /// Name of the DEK.
    pub dek_id: i64,
    /// Week of its KEK.
    pub epoch: i32,
    /// The DEK, wrapped.
    pub wrapped: Vec<u8>,
}

/// Sealed records by ref, those that exist and whose key does.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn sealed(
    db: &mut PgConnection,
    tenant: Uuid,
    refs: &[String],
) -> Result<Vec<SealedRow>, sqlx::Error> {
    // `offset 0`: a join planned while the tenant was small would read all its keys for each row.
    let sql = "select s.ref, s.owner, s.rev, s.blob, d.dek_id, d.epoch, d.wrapped
          from vault.sealed s
         cross join lateral (select dek_id, epoch, wrapped from vault.dek
                              where tenant_id = $1 and owner = s.owner and class = s.class
                             offset 0) d
         where s.tenant_id = $1 and s.ref = any($2)";
    sqlx::query_as(sql).bind(tenant).bind(refs).fetch_all(db).await
}

/// Refs of the records with a mark, newest first; writes the call down on the way.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn matches_of(
    db: &mut PgConnection,
    tenant: Uuid,
    mark: Uuid,
    limit: i64,
    act: Act<'_>,
) -> Result<Vec<String>, sqlx::Error> {
    let sql = "with noted as (
          insert into vault.journal
                 (tenant_id, at, actor, flow, item, fields, denied, act, items)
          values ($1, $3, $4, '', '', $5, '', $6, $7))
        select ref from vault.blind_index
         where tenant_id = $1 and mark = $2 order by at desc, ref limit $8";
    let query = sqlx::query_scalar(sql).bind(tenant).bind(mark).bind(act.now).bind(act.actor);
    query.bind(act.fields).bind(act.act).bind(act.items).bind(limit).fetch_all(db).await
}

/// Mark and ref of the newest record for each mark; writes the call down on the way.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn matches(
    db: &mut PgConnection,
    tenant: Uuid,
    marks: &[Uuid],
    act: Act<'_>,
) -> Result<Vec<(Uuid, String)>, sqlx::Error> {
    let sql = "with noted as (
          insert into vault.journal
                 (tenant_id, at, actor, flow, item, fields, denied, act, items)
          values ($1, $3, $4, '', '', $5, '', $6, $7))
        select distinct on (mark) mark, ref from vault.blind_index
         where tenant_id = $1 and mark = any($2) order by mark, at desc, ref";
    let query = sqlx::query_as(sql).bind(tenant).bind(marks).bind(act.now).bind(act.actor);
    query.bind(act.fields).bind(act.act).bind(act.items).fetch_all(db).await
}
