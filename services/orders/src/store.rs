//! The SQL of orders. Nothing personal passes here.

pub mod channel;
pub mod request;
pub mod site;

use colibri_kit::fault::Fault;
use colibri_types::{OrderId, ShipmentId, SiteId, SubjectRef, TenantId};
use sqlx::{AssertSqlSafe, FromRow, PgConnection, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::domain::facts::{Facts, Reason, State};

/// An order as it is stored.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Id.
    pub order_id: OrderId,
    /// Channel.
    pub channel: String,
    /// Id there.
    pub external_id: String,
    /// State.
    pub state: State,
    /// Grows with each change.
    pub version: i64,
    /// Why it is held.
    pub reasons: Vec<Reason>,
    /// Codes that a person took responsibility for.
    pub overruled: Vec<String>,
    /// What it says; `None`: only its cancellation is known.
    pub facts: Option<Facts>,
    /// Addressee in the vault.
    pub subject: Option<SubjectRef>,
    /// Where it leaves from.
    pub site: Option<SiteId>,
    /// Set once fulfilment was requested.
    pub shipment: Option<ShipmentId>,
    /// HMAC of what the channel told last.
    pub fingerprint: Vec<u8>,
    /// The channel's version of it.
    pub updated_at: Option<OffsetDateTime>,
    /// When it came first.
    pub received_at: OffsetDateTime,
    /// A label is bought and not void.
    pub labelled: bool,
}

#[derive(FromRow)]
struct Row {
    order_id: Uuid,
    channel: String,
    external_id: String,
    state: String,
    version: i64,
    reasons: Json<Vec<Reason>>,
    overruled: Vec<String>,
    facts: Option<Json<Facts>>,
    subject_ref: Option<Uuid>,
    site_id: Option<Uuid>,
    shipment_id: Option<Uuid>,
    fingerprint: Vec<u8>,
    source_updated_at: Option<OffsetDateTime>,
    received_at: OffsetDateTime,
    labelled: bool,
}

const COLUMNS: &str = "order_id, channel, external_id, state, version, reasons, overruled, facts, \
     subject_ref, site_id, shipment_id, fingerprint, source_updated_at, received_at, \
     labelled_at is not null as labelled";

impl TryFrom<Row> for Stored {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        let state = State::from_name(&row.state).ok_or_else(|| Fault::bug("unknown state"))?;
        Ok(Self {
            order_id: OrderId::from_uuid(row.order_id),
            channel: row.channel,
            external_id: row.external_id,
            state,
            version: row.version,
            reasons: row.reasons.0,
            overruled: row.overruled,
            facts: row.facts.map(|facts| facts.0),
            subject: row.subject_ref.map(SubjectRef),
            site: row.site_id.map(SiteId::from_uuid),
            shipment: row.shipment_id.map(ShipmentId::from_uuid),
            fingerprint: row.fingerprint,
            updated_at: row.source_updated_at,
            received_at: row.received_at,
            labelled: row.labelled,
        })
    }
}

fn stored(rows: Vec<Row>) -> Result<Vec<Stored>, Fault> {
    rows.into_iter().map(Stored::try_from).collect()
}

fn uuids(ids: &[OrderId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.to_uuid()).collect()
}

/// Orders of a tenant by id, in no particular order; unknown ones are left out.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn find(
    db: &mut PgConnection,
    tenant: TenantId,
    ids: &[OrderId],
) -> Result<Vec<Stored>, Fault> {
    let sql =
        format!("select {COLUMNS} from orders.orders where tenant_id = $1 and order_id = any($2)");
    let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(tenant.to_uuid())
        .bind(uuids(ids))
        .fetch_all(db)
        .await?;
    stored(rows)
}

/// One order, locked until the transaction ends.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn lock(
    db: &mut PgConnection,
    tenant: TenantId,
    id: OrderId,
) -> Result<Option<Stored>, Fault> {
    let sql = format!(
        "select {COLUMNS} from orders.orders where tenant_id = $1 and order_id = $2 for update"
    );
    let row: Option<Row> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(tenant.to_uuid())
        .bind(id.to_uuid())
        .fetch_optional(db)
        .await?;
    row.map(Stored::try_from).transpose()
}

/// Where a page of a list begins: after this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    /// When it came first.
    pub received_at: OffsetDateTime,
    /// Its id.
    pub order_id: OrderId,
}

/// Orders of a tenant, newest first.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn list(
    db: &mut PgConnection,
    tenant: TenantId,
    state: Option<State>,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Stored>, Fault> {
    // The state is a constant of ours and stands in the text, so that held ones use their index.
    let only = state.map_or(String::new(), |state| format!("and state = '{}'", state.as_str()));
    let page = if after.is_some() { "and (received_at, order_id) < ($3, $4)" } else { "" };
    let sql = format!(
        "select {COLUMNS} from orders.orders where tenant_id = $1 {only} {page}
          order by received_at desc, order_id desc limit $2"
    );
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(tenant.to_uuid()).bind(limit);
    let query = match after {
        Some(after) => query.bind(after.received_at).bind(after.order_id.to_uuid()),
        None => query,
    };
    let rows: Vec<Row> = query.fetch_all(db).await?;
    stored(rows)
}

/// Inserts orders in one statement and answers which were new. Rows are taken in the order of
/// their ids, so that two batches with the same orders wait for each other instead of dying.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn insert(
    db: &mut PgConnection,
    tenant: TenantId,
    orders: &[Stored],
) -> Result<Vec<OrderId>, Fault> {
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let column = |pick: fn(&Stored) -> Option<Uuid>| orders.iter().map(pick).collect::<Vec<_>>();
    let inserted: Vec<Uuid> = sqlx::query_scalar(
        "insert into orders.orders (order_id, tenant_id, channel, external_id, state, version,
                reasons, facts, subject_ref, site_id, shipment_id, fingerprint, source_updated_at,
                received_at, changed_at)
         select order_id, $1, channel, external_id, state, 1, reasons, facts, subject_ref, site_id,
                shipment_id, fingerprint, source_updated_at, received_at, received_at
           from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::jsonb[],
                       $8::uuid[], $9::uuid[], $10::uuid[], $11::bytea[], $12::timestamptz[],
                       $13::timestamptz[])
             as n(order_id, channel, external_id, state, reasons, facts, subject_ref, site_id,
                  shipment_id, fingerprint, source_updated_at, received_at)
          order by order_id
         on conflict (order_id) do nothing
         returning order_id",
    )
    .bind(tenant.to_uuid())
    .bind(orders.iter().map(|o| o.order_id.to_uuid()).collect::<Vec<_>>())
    .bind(orders.iter().map(|o| o.channel.as_str()).collect::<Vec<_>>())
    .bind(orders.iter().map(|o| o.external_id.as_str()).collect::<Vec<_>>())
    .bind(orders.iter().map(|o| o.state.as_str()).collect::<Vec<_>>())
    .bind(orders.iter().map(|o| Json(&o.reasons)).collect::<Vec<_>>())
    .bind(orders.iter().map(|o| o.facts.as_ref().map(Json)).collect::<Vec<_>>())
    .bind(column(|o| o.subject.map(|subject| subject.0)))
    .bind(column(|o| o.site.map(SiteId::to_uuid)))
    .bind(column(|o| o.shipment.map(ShipmentId::to_uuid)))
    .bind(orders.iter().map(|o| o.fingerprint.as_slice()).collect::<Vec<_>>())
    .bind(orders.iter().map(|o| o.updated_at).collect::<Vec<_>>())
    .bind(orders.iter().map(|o| o.received_at).collect::<Vec<_>>())
    .fetch_all(db)
    .await?;
    Ok(inserted.into_iter().map(OrderId::from_uuid).collect())
}

/// Replaces orders whose stored version is one less than the given one, and answers which were.
/// Locks them in the order of their ids first.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn update(
    db: &mut PgConnection,
    tenant: TenantId,
    orders: &[Stored],
    now: OffsetDateTime,
) -> Result<Vec<OrderId>, Fault> {
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = orders.iter().map(|o| o.order_id.to_uuid()).collect();
    sqlx::query(
        "select 1 from orders.orders where tenant_id = $1 and order_id = any($2)
          order by order_id for update",
    )
    .bind(tenant.to_uuid())
    .bind(&ids)
    .execute(&mut *db)
    .await?;
    let column = |pick: fn(&Stored) -> Option<Uuid>| orders.iter().map(pick).collect::<Vec<_>>();
    let updated: Vec<Uuid> = sqlx::query_scalar(
        "update orders.orders o
            set state = n.state, version = n.version, reasons = n.reasons, facts = n.facts,
                overruled = array(select jsonb_array_elements_text(n.overruled)),
                former_refs = case when o.subject_ref <> coalesce(n.subject_ref, o.order_id)
                                   then o.former_refs || o.subject_ref else o.former_refs end,
                subject_ref = n.subject_ref, site_id = n.site_id, shipment_id = n.shipment_id,
                fingerprint = n.fingerprint, source_updated_at = n.source_updated_at,
                changed_at = $12
           from unnest($2::uuid[], $3::text[], $4::int8[], $5::jsonb[], $6::jsonb[], $7::uuid[],
                       $8::uuid[], $9::uuid[], $10::bytea[], $11::timestamptz[], $13::jsonb[])
             as n(order_id, state, version, reasons, facts, subject_ref, site_id, shipment_id,
                  fingerprint, source_updated_at, overruled)
          where o.tenant_id = $1 and o.order_id = n.order_id and o.version = n.version - 1
         returning o.order_id",
    )
    .bind(tenant.to_uuid())
    .bind(&ids)
    .bind(orders.iter().map(|o| o.state.as_str()).collect::<Vec<_>>())
    .bind(orders.iter().map(|o| o.version).collect::<Vec<_>>())
    .bind(orders.iter().map(|o| Json(&o.reasons)).collect::<Vec<_>>())
    .bind(orders.iter().map(|o| o.facts.as_ref().map(Json)).collect::<Vec<_>>())
    .bind(column(|o| o.subject.map(|subject| subject.0)))
    .bind(column(|o| o.site.map(SiteId::to_uuid)))
    .bind(column(|o| o.shipment.map(ShipmentId::to_uuid)))
    .bind(orders.iter().map(|o| o.fingerprint.as_slice()).collect::<Vec<_>>())
    .bind(orders.iter().map(|o| o.updated_at).collect::<Vec<_>>())
    .bind(now)
    .bind(orders.iter().map(|o| Json(&o.overruled)).collect::<Vec<_>>())
    .fetch_all(db)
    .await?;
    Ok(updated.into_iter().map(OrderId::from_uuid).collect())
}

/// Remembers newer versions of contents that have not changed.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn touch(
    db: &mut PgConnection,
    tenant: TenantId,
    newer: &[(OrderId, OffsetDateTime)],
) -> Result<(), Fault> {
    if newer.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "with locked as (
           select order_id from orders.orders where tenant_id = $1 and order_id = any($2)
            order by order_id for update)
         update orders.orders o
            set source_updated_at = greatest(o.source_updated_at, n.at)
           from unnest($2::uuid[], $3::timestamptz[]) as n(order_id, at), locked
          where o.tenant_id = $1 and o.order_id = n.order_id and locked.order_id = o.order_id",
    )
    .bind(tenant.to_uuid())
    .bind(newer.iter().map(|(id, _)| id.to_uuid()).collect::<Vec<_>>())
    .bind(newer.iter().map(|(_, at)| *at).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(())
}

/// Notes that labels were bought, or are void again (`at` is `None`).
///
/// # Errors
/// [`Fault`] of the database.
pub async fn labelled(
    db: &mut PgConnection,
    orders: &[(TenantId, OrderId)],
    at: Option<OffsetDateTime>,
) -> Result<(), Fault> {
    if orders.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "with locked as (
           select o.order_id from orders.orders o
             join unnest($1::uuid[], $2::uuid[]) as n(tenant_id, order_id)
               on n.tenant_id = o.tenant_id and n.order_id = o.order_id
            order by o.order_id for update of o)
         update orders.orders o set labelled_at = $3
           from locked where locked.order_id = o.order_id",
    )
    .bind(orders.iter().map(|(tenant, _)| tenant.to_uuid()).collect::<Vec<_>>())
    .bind(orders.iter().map(|(_, order)| order.to_uuid()).collect::<Vec<_>>())
    .bind(at)
    .execute(db)
    .await?;
    Ok(())
}
