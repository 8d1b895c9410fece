//! What is kept for goods that come back: what was told of them, and the paper of each way back.

use colibri_events::customs::v1::DeclarationReady;
use colibri_kit::fault::Fault;
use colibri_types::{DocumentId, ShipmentId, TenantId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{declarations::Paper, decode, encode};

/// Keeps what is told of a declaration that is ready.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn keep_told(
    db: &mut PgConnection,
    shipment: ShipmentId,
    event: &DeclarationReady,
) -> Result<(), Fault> {
    sqlx::query("update customs.declaration set told = $2 where shipment_id = $1")
        .bind(shipment.to_uuid())
        .bind(encode(Some(event)))
        .execute(db)
        .await?;
    Ok(())
}

/// What was told last of a shipment; `None`: nothing, or it is another tenant's.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn told(
    db: &mut PgConnection,
    tenant: TenantId,
    shipment: ShipmentId,
) -> Result<Option<DeclarationReady>, Fault> {
    let sql = "select told from customs.declaration where shipment_id = $1 and tenant_id = $2";
    let query = sqlx::query_scalar(sql).bind(shipment.to_uuid()).bind(tenant.to_uuid());
    let told: Option<Option<Vec<u8>>> = query.fetch_optional(db).await?;
    decode(told.flatten().as_deref())
}

/// Which file a way back has: document, kind and media type.
type Known = (Uuid, String, String);

/// The paper of a way back; `None`: none was drawn.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn paper(
    db: &mut PgConnection,
    tenant: TenantId,
    way_back: ShipmentId,
) -> Result<Option<(DocumentId, String, String)>, Fault> {
    let sql = "select document_id, kind, media_type from customs.paper
                where way_back = $1 and tenant_id = $2";
    let query = sqlx::query_as(sql).bind(way_back.to_uuid()).bind(tenant.to_uuid());
    let known: Option<Known> = query.fetch_optional(db).await?;
    Ok(known.map(|(id, kind, media)| (DocumentId::from_uuid(id), kind, media)))
}

/// Keeps the paper of a way back unless it has one already.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn keep_paper(
    db: &mut PgConnection,
    (tenant, out, way_back): (TenantId, ShipmentId, ShipmentId),
    revision: u32,
    paper: &Paper,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query(
        "insert into customs.paper
                (document_id, tenant_id, shipment_id, revision, kind, media_type, at, way_back)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing",
    )
    .bind(paper.document_id.to_uuid())
    .bind(tenant.to_uuid())
    .bind(out.to_uuid())
    .bind(i32::try_from(revision).unwrap_or(i32::MAX))
    .bind(paper.kind)
    .bind(paper.media_type)
    .bind(now)
    .bind(way_back.to_uuid())
    .execute(db)
    .await?;
    Ok(())
}
