//! Parcels, out and back, as labels and tracking tell of them in any order.

use colibri_kit::fault::Fault;
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

/// News of a parcel. What is None is not told.
#[derive(Debug, Clone, Default, FromRow)]
pub struct Parcel {
    /// Id.
    pub parcel_id: Uuid,
    /// Whose it is.
    pub tenant_id: Uuid,
    /// Of which order.
    pub order_id: Option<Uuid>,
    /// Of which shipment.
    pub shipment_id: Option<Uuid>,
    /// It comes back.
    pub way_back: Option<bool>,
    /// As declared.
    pub weight_g: Option<i32>,
    /// Handed over.
    pub delivered_at: Option<OffsetDateTime>,
    /// First scan.
    pub scanned_at: Option<OffsetDateTime>,
    /// The carrier says that it is lost.
    pub lost_at: Option<OffsetDateTime>,
    /// Its label is void at the carrier.
    pub voided_at: Option<OffsetDateTime>,
    /// Earliest moment that the carrier states of a scan, where it states an offset.
    pub stated_at: Option<OffsetDateTime>,
    /// Most seconds by which such a moment lay after the one at which it was told.
    pub ahead_s: Option<i64>,
    /// The return it belongs to.
    pub return_id: Option<Uuid>,
    /// Its label there.
    pub label: Option<i16>,
}

const COLUMNS: &str = "parcel_id, tenant_id, order_id, shipment_id, way_back, weight_g, \
     delivered_at, scanned_at, lost_at, voided_at, stated_at, ahead_s, return_id, label";

/// Joins news of distinct parcels to what is known, in the order of their ids: first words stay,
/// times are the earliest. Answers the parcels as they are now.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn join(db: &mut PgConnection, news: &[Parcel]) -> Result<Vec<Parcel>, Fault> {
    let all = || news.iter();
    let sql = format!(
        "insert into returns.parcel as p
                ({COLUMNS})
         select *, null::uuid, null::int2
           from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::bool[], $6::int4[],
                       $7::timestamptz[], $8::timestamptz[], $9::timestamptz[], $10::timestamptz[],
                       $11::timestamptz[], $12::int8[])
          order by 1
         on conflict (parcel_id) do update
            set order_id = coalesce(p.order_id, excluded.order_id),
                shipment_id = coalesce(p.shipment_id, excluded.shipment_id),
                way_back = coalesce(p.way_back, excluded.way_back),
                weight_g = coalesce(p.weight_g, excluded.weight_g),
                delivered_at = least(p.delivered_at, excluded.delivered_at),
                scanned_at = least(p.scanned_at, excluded.scanned_at),
                lost_at = least(p.lost_at, excluded.lost_at),
                voided_at = least(p.voided_at, excluded.voided_at),
                stated_at = least(p.stated_at, excluded.stated_at),
                ahead_s = greatest(p.ahead_s, excluded.ahead_s)
          where p.tenant_id = excluded.tenant_id
         returning {COLUMNS}"
    );
    let rows = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(all().map(|p| p.parcel_id).collect::<Vec<_>>())
        .bind(all().map(|p| p.tenant_id).collect::<Vec<_>>())
        .bind(all().map(|p| p.order_id).collect::<Vec<_>>())
        .bind(all().map(|p| p.shipment_id).collect::<Vec<_>>())
        .bind(all().map(|p| p.way_back).collect::<Vec<_>>())
        .bind(all().map(|p| p.weight_g).collect::<Vec<_>>())
        .bind(all().map(|p| p.delivered_at).collect::<Vec<_>>())
        .bind(all().map(|p| p.scanned_at).collect::<Vec<_>>())
        .bind(all().map(|p| p.lost_at).collect::<Vec<_>>())
        .bind(all().map(|p| p.voided_at).collect::<Vec<_>>())
        .bind(all().map(|p| p.stated_at).collect::<Vec<_>>())
        .bind(all().map(|p| p.ahead_s).collect::<Vec<_>>())
        .fetch_all(db)
        .await?;
    Ok(rows)
}

/// Binds the parcels of a label to its return; answers them with what tracking told before.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn bind(
    db: &mut PgConnection,
    tenant: Uuid,
    (id, label): (Uuid, i16),
    parcels: &[Uuid],
) -> Result<Vec<Parcel>, Fault> {
    let sql = format!(
        "insert into returns.parcel as p (parcel_id, tenant_id, way_back, return_id, label)
         select id, $1, true, $2, $3 from unnest($4::uuid[]) as n(id) order by id
         on conflict (parcel_id) do update
            set way_back = true, return_id = excluded.return_id, label = excluded.label
          where p.tenant_id = excluded.tenant_id
         returning {COLUMNS}"
    );
    let rows = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(tenant)
        .bind(id)
        .bind(label)
        .bind(parcels)
        .fetch_all(db)
        .await?;
    Ok(rows)
}

/// A parcel of a tenant.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn find(db: &mut PgConnection, tenant: Uuid, id: Uuid) -> Result<Option<Parcel>, Fault> {
    let sql =
        format!("select {COLUMNS} from returns.parcel where tenant_id = $1 and parcel_id = $2");
    let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(tenant).bind(id);
    Ok(query.fetch_optional(db).await?)
}

/// Parcels of returns.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn of_returns(
    db: &mut PgConnection,
    tenant: Uuid,
    ids: &[Uuid],
) -> Result<Vec<Parcel>, Fault> {
    let sql = format!(
        "select {COLUMNS} from returns.parcel where tenant_id = $1 and return_id = any($2)
          order by return_id, label, parcel_id"
    );
    let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(tenant).bind(ids);
    Ok(query.fetch_all(db).await?)
}

/// When an order was handed over: its last parcel. None: some parcel was not, or none was sent.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn delivered(
    db: &mut PgConnection,
    tenant: Uuid,
    order: Uuid,
) -> Result<Option<OffsetDateTime>, Fault> {
    let sql = "select case when bool_and(delivered_at is not null) then max(delivered_at) end
                 from returns.parcel where tenant_id = $1 and order_id = $2 and not way_back";
    Ok(sqlx::query_scalar(sql).bind(tenant).bind(order).fetch_one(db).await?)
}
