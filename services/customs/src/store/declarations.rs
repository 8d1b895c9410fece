//! The rows that handlers, the worker and the task move.

use colibri_events::{
    customs::v1::{self as pb, DeclarationState},
    orders::v1::FulfilmentRequested,
    pricing::v1::OfferChosen,
};
use colibri_kit::fault::Fault;
use colibri_types::{DeclarationId, DocumentId, OrderId, ShipmentId, TenantId};
use sqlx::{PgConnection, Row as _, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{decode, encode};
use crate::domain::facts::Facts;

/// Where a declaration stands, as the table says it.
const STATES: &[(DeclarationState, &str)] = &[
    (DeclarationState::Waiting, "waiting"),
    (DeclarationState::Incomplete, "incomplete"),
    (DeclarationState::Drawing, "drawing"),
    (DeclarationState::Ready, "ready"),
    (DeclarationState::Cancelled, "cancelled"),
];

/// The word of a state; `None` for `UNSPECIFIED`.
#[must_use]
pub fn word(state: DeclarationState) -> Option<&'static str> {
    STATES.iter().find(|(known, _)| *known == state).map(|(_, word)| *word)
}

/// Which shipment is meant, and of which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The shipment; first, because rows are locked in its order.
    pub shipment_id: ShipmentId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Its order; `None`: none.
    pub order_id: Option<OrderId>,
}

impl Key {
    /// The id of the shipment's declaration. There is one per shipment and they share a number, so
    /// that neither has to be looked up from the other.
    #[must_use]
    pub fn declaration_id(&self) -> DeclarationId {
        DeclarationId::from_uuid(self.shipment_id.to_uuid())
    }
}

/// The shipment that a declaration is of.
#[must_use]
pub fn shipment_of(id: DeclarationId) -> ShipmentId {
    ShipmentId::from_uuid(id.to_uuid())
}

/// A declaration.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Which.
    pub key: Key,
    /// Where it stands.
    pub state: DeclarationState,
    /// Of the order that was decided about.
    pub version: u64,
    /// Of the decision.
    pub revision: u32,
    /// What others said.
    pub facts: Facts,
    /// Articles it depends on.
    pub skus: Vec<String>,
    /// As it was decided.
    pub shown: pb::Declaration,
    /// Something it depends on was corrected.
    pub recheck: bool,
}

const COLUMNS: &str = "shipment_id, tenant_id, order_id, state, version, revision, cancelled,
     request, offer, skus, shown, recheck";

pub(super) fn read(row: &PgRow) -> Result<Row, Fault> {
    let state: &str = row.try_get("state")?;
    let state = STATES.iter().find(|(_, word)| *word == state).map(|(state, _)| *state);
    let order: Option<Uuid> = row.try_get("order_id")?;
    Ok(Row {
        key: Key {
            shipment_id: ShipmentId::from_uuid(row.try_get("shipment_id")?),
            tenant_id: TenantId::from_uuid(row.try_get("tenant_id")?),
            order_id: order.map(OrderId::from_uuid),
        },
        state: state.ok_or_else(|| Fault::bug("a declaration in no state"))?,
        version: u64::try_from(row.try_get::<i64, _>("version")?).unwrap_or_default(),
        revision: u32::try_from(row.try_get::<i32, _>("revision")?).unwrap_or_default(),
        facts: Facts {
            request: decode::<FulfilmentRequested>(row.try_get("request")?)?,
            offer: decode::<OfferChosen>(row.try_get("offer")?)?,
            cancelled: row.try_get("cancelled")?,
        },
        skus: row.try_get("skus")?,
        shown: decode(row.try_get("shown")?)?.unwrap_or_default(),
        recheck: row.try_get("recheck")?,
    })
}

/// Makes rows that are missing and locks all of them, in the order of their ids. Books come first:
/// the order of everybody who locks both.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn lock(
    db: &mut PgConnection,
    keys: &[Key],
    now: OffsetDateTime,
) -> Result<Vec<Row>, Fault> {
    let ids: Vec<Uuid> = keys.iter().map(|key| key.shipment_id.to_uuid()).collect();
    sqlx::query(
        "insert into customs.declaration (shipment_id, tenant_id, order_id, updated_at)
         select shipment_id, tenant_id, order_id, $4
           from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as k(shipment_id, tenant_id, order_id)
          order by shipment_id on conflict (shipment_id) do nothing",
    )
    .bind(&ids)
    .bind(keys.iter().map(|key| key.tenant_id.to_uuid()).collect::<Vec<_>>())
    .bind(keys.iter().map(|key| key.order_id.map(OrderId::to_uuid)).collect::<Vec<_>>())
    .bind(now)
    .execute(&mut *db)
    .await?;
    lock_known(db, &ids).await
}

/// Locks the rows that there are, in the order of their ids.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn lock_known(db: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Row>, Fault> {
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from customs.declaration where shipment_id = any($1)
          order by shipment_id for update"
    )))
    .bind(ids)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

/// The rows that there are, as they are.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn find(db: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Row>, Fault> {
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from customs.declaration where shipment_id = any($1)"
    )))
    .bind(ids)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

/// Which of these shipments have a declaration.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn known(db: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Uuid>, Fault> {
    let query = sqlx::query_scalar(
        "select shipment_id from customs.declaration where shipment_id = any($1)",
    );
    Ok(query.bind(ids).fetch_all(db).await?)
}

/// Writes rows back.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn save(db: &mut PgConnection, rows: &[Row], now: OffsetDateTime) -> Result<(), Fault> {
    if rows.is_empty() {
        return Ok(());
    }
    let all = || rows.iter();
    let versions: Vec<i64> = all()
        .map(|row| i64::try_from(row.version))
        .collect::<Result<_, _>>()
        .map_err(Fault::bug)?;
    let revisions = all().map(|row| i32::try_from(row.revision).unwrap_or(i32::MAX));
    // Arrays of arrays must be rectangular: one text per row, split again by the statement. An
    // article number holds no control character.
    let skus = all().map(|row| row.skus.join("\n"));
    sqlx::query(
        "update customs.declaration d
            set state = n.state, version = n.version, revision = n.revision,
                cancelled = n.cancelled, request = n.request, offer = n.offer,
                skus = coalesce(string_to_array(nullif(n.skus, ''), E'\\n'), '{}'), shown = n.shown,
                recheck = n.recheck, updated_at = $11
           from (select shipment_id, state, version, revision, cancelled, request, offer,
                        coalesce(skus, '') as skus, shown, recheck
                   from unnest($1::uuid[], $2::text[], $3::int8[], $4::int4[], $5::bool[],
                               $6::bytea[], $7::bytea[], $8::text[], $9::bytea[], $10::bool[])
                     as u(shipment_id, state, version, revision, cancelled, request, offer, skus,
                          shown, recheck)) as n
          where d.shipment_id = n.shipment_id",
    )
    .bind(all().map(|row| row.key.shipment_id.to_uuid()).collect::<Vec<_>>())
    .bind(all().map(|row| word(row.state).unwrap_or("waiting")).collect::<Vec<_>>())
    .bind(versions)
    .bind(revisions.collect::<Vec<_>>())
    .bind(all().map(|row| row.facts.cancelled).collect::<Vec<_>>())
    .bind(all().map(|row| encode(row.facts.request.as_ref())).collect::<Vec<_>>())
    .bind(all().map(|row| encode(row.facts.offer.as_ref())).collect::<Vec<_>>())
    .bind(skus.collect::<Vec<_>>())
    .bind(all().map(|row| encode(Some(&row.shown))).collect::<Vec<_>>())
    .bind(all().map(|row| row.recheck).collect::<Vec<_>>())
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// Marks what waits for a correction: of these articles, or with `None` of the whole tenant.
/// Answers how many.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn touch(
    db: &mut PgConnection,
    tenant: TenantId,
    skus: Option<&[String]>,
) -> Result<u32, Fault> {
    let marked = sqlx::query(
        "update customs.declaration set recheck = true
          where tenant_id = $1 and state in ('incomplete', 'drawing') and not recheck
            and ($2::text[] is null or skus && $2)",
    )
    .bind(tenant.to_uuid())
    .bind(skus)
    .execute(db)
    .await?;
    Ok(u32::try_from(marked.rows_affected()).unwrap_or(u32::MAX))
}

/// Declarations to look at again, oldest first, with their tenants.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn corrected(db: &mut PgConnection, limit: i64) -> Result<Vec<(Uuid, TenantId)>, Fault> {
    let rows: Vec<(Uuid, Uuid)> = sqlx::query_as(
        "select shipment_id, tenant_id from customs.declaration
          where recheck and state = 'incomplete' order by ord limit $1",
    )
    .bind(limit)
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|(id, tenant)| (id, TenantId::from_uuid(tenant))).collect())
}

/// A paper in the vault.
#[derive(Debug, Clone)]
pub struct Paper {
    /// Its id there.
    pub document_id: DocumentId,
    /// What it is.
    pub kind: &'static str,
    /// Of the file.
    pub media_type: &'static str,
}

/// Notes the papers of a revision.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn add_papers(
    db: &mut PgConnection,
    row: &Row,
    papers: &[Paper],
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query(
        "insert into customs.paper
                (document_id, tenant_id, shipment_id, revision, kind, media_type, at)
         select id, $1, $2, $3, kind, media_type, $4
           from unnest($5::uuid[], $6::text[], $7::text[]) as p(id, kind, media_type)
         on conflict (document_id) do nothing",
    )
    .bind(row.key.tenant_id.to_uuid())
    .bind(row.key.shipment_id.to_uuid())
    .bind(i32::try_from(row.revision).unwrap_or(i32::MAX))
    .bind(now)
    .bind(papers.iter().map(|paper| paper.document_id.to_uuid()).collect::<Vec<_>>())
    .bind(papers.iter().map(|paper| paper.kind).collect::<Vec<_>>())
    .bind(papers.iter().map(|paper| paper.media_type).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(())
}
