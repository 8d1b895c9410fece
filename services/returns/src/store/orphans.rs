//! What came and belongs to no open return.

use colibri_kit::fault::Fault;
use colibri_returns_rules::orphan::Found;
use sqlx::{AssertSqlSafe, FromRow, PgConnection, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

/// An orphan without its items.
#[derive(Debug, Clone, FromRow)]
pub struct Orphan {
    /// Id.
    pub orphan_id: Uuid,
    /// Age: newest first in lists.
    pub ord: i64,
    /// `unknown_parcel`, `wrong_goods`, `surplus`.
    pub why: String,
    /// Nothing of it is here any more.
    pub settled: bool,
    /// By its tracking number.
    pub parcel_id: Option<Uuid>,
    /// By its parcel, its number, or a person.
    pub order_id: Option<Uuid>,
    /// That it was found in.
    pub return_id: Option<Uuid>,
    /// Where it lies.
    pub site_id: Option<Uuid>,
    /// As it came.
    pub weight_g: Option<i32>,
    /// When.
    pub found_at: OffsetDateTime,
    /// Nothing is destroyed before.
    pub keep_until: OffsetDateTime,
}

/// Units of one article.
#[derive(Debug, Clone, FromRow)]
pub struct Item {
    /// Of which orphan.
    pub orphan_id: Uuid,
    /// From 1.
    pub number: i16,
    /// Article; empty: nobody knows it.
    pub sku: String,
    /// Units found, and where they went.
    pub found: Json<Found>,
}

/// Units that left.
#[derive(Debug, Clone, FromRow)]
pub struct Move {
    /// Of which orphan.
    pub orphan_id: Uuid,
    /// Chosen by the caller.
    pub request_id: String,
    /// Which item.
    pub item: i16,
    /// How many.
    pub units: i32,
    /// The end, as a word.
    pub way: String,
    /// That counts them from then on.
    pub return_id: Option<Uuid>,
    /// Line there.
    pub line: Option<i32>,
    /// Code.
    pub reason: String,
    /// When.
    pub at: OffsetDateTime,
}

const COLUMNS: &str = "orphan_id, ord, why, settled, parcel_id, order_id, return_id, site_id, \
     weight_g, found_at, keep_until";

/// Writes a new one down, with its items.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn insert(
    db: &mut PgConnection,
    tenant: Uuid,
    orphan: &Orphan,
    items: &[(String, Found)],
) -> Result<(), Fault> {
    sqlx::query(
        "insert into returns.orphan (orphan_id, tenant_id, why, parcel_id, order_id, return_id,
                                     site_id, weight_g, found_at, keep_until)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(orphan.orphan_id)
    .bind(tenant)
    .bind(&orphan.why)
    .bind(orphan.parcel_id)
    .bind(orphan.order_id)
    .bind(orphan.return_id)
    .bind(orphan.site_id)
    .bind(orphan.weight_g)
    .bind(orphan.found_at)
    .bind(orphan.keep_until)
    .execute(&mut *db)
    .await?;
    let held = |found: &Found| i32::try_from(found.held()).unwrap_or(i32::MAX);
    sqlx::query(
        "insert into returns.orphan_item (orphan_id, number, tenant_id, sku, found, held)
         select $1, number, $2, sku, found, held
           from unnest($3::text[], $4::jsonb[], $5::int4[])
                with ordinality as i(sku, found, held, number)",
    )
    .bind(orphan.orphan_id)
    .bind(tenant)
    .bind(items.iter().map(|(sku, _)| sku.as_str()).collect::<Vec<_>>())
    .bind(items.iter().map(|(_, found)| Json(found)).collect::<Vec<_>>())
    .bind(items.iter().map(|(_, found)| held(found)).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(())
}

/// An orphan; `lock`: nobody else settles it meanwhile.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn find(
    db: &mut PgConnection,
    tenant: Uuid,
    id: Uuid,
    lock: bool,
) -> Result<Option<Orphan>, Fault> {
    let sql = format!(
        "select {COLUMNS} from returns.orphan where tenant_id = $1 and orphan_id = $2 {}",
        if lock { "for update" } else { "" }
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql)).bind(tenant).bind(id).fetch_optional(db).await?)
}

/// Orphans of a tenant, newest first.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn page(
    db: &mut PgConnection,
    tenant: Uuid,
    (settled, before): (Option<bool>, Option<i64>),
    limit: i64,
) -> Result<Vec<Orphan>, Fault> {
    let sql = format!(
        "select {COLUMNS} from returns.orphan
          where tenant_id = $1 and ($2::bool is null or settled = $2)
            and ($3::int8 is null or ord < $3) order by ord desc limit $4"
    );
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(tenant).bind(settled).bind(before);
    Ok(query.bind(limit).fetch_all(db).await?)
}

/// Items of orphans.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn items(db: &mut PgConnection, tenant: Uuid, ids: &[Uuid]) -> Result<Vec<Item>, Fault> {
    let sql = "select orphan_id, number, sku, found from returns.orphan_item
                where tenant_id = $1 and orphan_id = any($2) order by orphan_id, number";
    Ok(sqlx::query_as(sql).bind(tenant).bind(ids).fetch_all(db).await?)
}

/// What left orphans, oldest first.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn moves(db: &mut PgConnection, tenant: Uuid, ids: &[Uuid]) -> Result<Vec<Move>, Fault> {
    let sql = "select orphan_id, request_id, item, units, way, return_id, line, reason, at
                 from returns.orphan_move
                where tenant_id = $1 and orphan_id = any($2) order by orphan_id, at, request_id";
    Ok(sqlx::query_as(sql).bind(tenant).bind(ids).fetch_all(db).await?)
}

/// Where an orphan belongs: what is known first stays.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn matched(
    db: &mut PgConnection,
    tenant: Uuid,
    id: Uuid,
    (parcel, order): (Option<Uuid>, Option<Uuid>),
) -> Result<(), Fault> {
    sqlx::query(
        "update returns.orphan set parcel_id = coalesce($3, parcel_id),
                order_id = coalesce($4, order_id)
          where tenant_id = $1 and orphan_id = $2",
    )
    .bind(tenant)
    .bind(id)
    .bind(parcel)
    .bind(order)
    .execute(db)
    .await?;
    Ok(())
}

/// Writes down that units left, and what stays.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn left(
    db: &mut PgConnection,
    tenant: Uuid,
    (gone, actor): (&Move, &str),
    after: &Found,
) -> Result<(), Fault> {
    sqlx::query(
        "insert into returns.orphan_move (orphan_id, request_id, tenant_id, item, units, way,
                                          return_id, line, reason, actor, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(gone.orphan_id)
    .bind(&gone.request_id)
    .bind(tenant)
    .bind(gone.item)
    .bind(gone.units)
    .bind(&gone.way)
    .bind(gone.return_id)
    .bind(gone.line)
    .bind(&gone.reason)
    .bind(actor)
    .bind(gone.at)
    .execute(&mut *db)
    .await?;
    sqlx::query(
        "update returns.orphan_item set found = $4, held = $5
          where tenant_id = $1 and orphan_id = $2 and number = $3",
    )
    .bind(tenant)
    .bind(gone.orphan_id)
    .bind(gone.item)
    .bind(Json(after))
    .bind(i32::try_from(after.held()).unwrap_or(i32::MAX))
    .execute(&mut *db)
    .await?;
    sqlx::query(
        "update returns.orphan o
            set settled = not exists (select from returns.orphan_item i
                                       where i.orphan_id = o.orphan_id and i.tenant_id = $1
                                         and i.held > 0)
          where o.tenant_id = $1 and o.orphan_id = $2",
    )
    .bind(tenant)
    .bind(gone.orphan_id)
    .execute(db)
    .await?;
    Ok(())
}

/// Units that are held without a return.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn held(db: &mut PgConnection, tenant: Uuid) -> Result<i64, Fault> {
    let sql = "select coalesce(sum(held), 0)::int8 from returns.orphan_item where tenant_id = $1";
    Ok(sqlx::query_scalar(sql).bind(tenant).fetch_one(db).await?)
}

/// Returns of an order that await something or have given something up, newest first.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn candidates(
    db: &mut PgConnection,
    tenant: Uuid,
    orders: &[Uuid],
) -> Result<Vec<(Uuid, Uuid)>, Fault> {
    let sql = "select order_id, return_id from returns.return_case
                where tenant_id = $1 and order_id = any($2) and state <> 'rejected'
                order by ord desc limit 1000";
    Ok(sqlx::query_as(sql).bind(tenant).bind(orders).fetch_all(db).await?)
}
