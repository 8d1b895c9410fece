use sqlx::PgConnection;
use uuid::Uuid;

use super::Act;

/// Documents to be kept at once, column by column.
#[derive(Debug, Default)]
pub struct NewDocuments {
    /// Ids.
    pub ids: Vec<String>,
    /// Whose key.
    pub owners: Vec<String>,
    /// Marks of contents.
    pub contents: Vec<Uuid>,
    /// Blobs.
    pub blobs: Vec<Vec<u8>>,
}

/// A sealed document with the key to it.
#[derive(Debug, sqlx::FromRow)]
pub struct DocumentRow {
    /// Whose key.
    pub owner: String,
    /// Content.
    pub blob: Vec<u8>,
    /// Name of the DEK.
    pub dek_id: i64,
    /// Week of its KEK.
    pub epoch: i32,
    /// The DEK, wrapped.
    pub wrapped: Vec<u8>,
}

/// Keeps documents and writes the call down. Answers the ids that were new.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn insert_documents(
    db: &mut PgConnection,
    tenant: Uuid,
    class: i16,
    new: &NewDocuments,
    act: Act<'_>,
) -> Result<Vec<String>, sqlx::Error> {
    let sql = "with noted as (
          insert into vault.journal
                 (tenant_id, at, actor, flow, item, fields, denied, act, items)
          values ($1, $3, $8, '', '', $9, '', $10, $11))
        insert into vault.document
               (tenant_id, document_id, owner, class, content_mark, blob, made_at)
        select $1, i.id, i.owner, $2, i.content_mark, i.blob, $3
          from unnest($4::text[], $5::text[], $6::uuid[], $7::bytea[])
               as i (id, owner, content_mark, blob)
        on conflict do nothing
        returning document_id";
    sqlx::query_scalar(sql)
        .bind(tenant)
        .bind(class)
        .bind(act.now)
        .bind(&new.ids)
        .bind(&new.owners)
        .bind(&new.contents)
        .bind(&new.blobs)
        .bind(act.actor)
        .bind(act.fields)
        .bind(act.act)
        .bind(act.items)
        .fetch_all(db)
        .await
}

/// Id and mark of documents that exist.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn content_marks(
    db: &mut PgConnection,
    tenant: Uuid,
    ids: &[String],
) -> Result<Vec<(String, Uuid)>, sqlx::Error> {
    let sql = "select document_id, content_mark from vault.document
                where tenant_id = $1 and document_id = any($2)";
    sqlx::query_as(sql).bind(tenant).bind(ids).fetch_all(db).await
}

/// A sealed document with the key to it.
///
/// # Errors
/// [`sqlx::Error`].
pub async fn document(
    db: &mut PgConnection,
    tenant: Uuid,
    id: &str,
) -> Result<Option<DocumentRow>, sqlx::Error> {
    let sql = "select t.owner, t.blob, d.dek_id, d.epoch, d.wrapped
          from vault.document t
         cross join lateral (select dek_id, epoch, wrapped from vault.dek
                              where tenant_id = $1 and owner = t.owner and class = t.class
                             offset 0) d
         where t.tenant_id = $1 and t.document_id = $2";
    sqlx::query_as(sql).bind(tenant).bind(id).fetch_optional(db).await
}
