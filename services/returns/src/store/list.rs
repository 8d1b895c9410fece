//! Many returns at once: pages, counts, what time alone may change.

use colibri_kit::fault::Fault;
use sqlx::{AssertSqlSafe, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use super::cases::{COLUMNS, Row};

/// What is listed.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Word of the state; None: all.
    pub state: Option<&'static str>,
    /// Of which order; None: all.
    pub order: Option<Uuid>,
    /// Only those that wait for a person.
    pub attention: bool,
    /// Older than this one.
    pub before: Option<i64>,
}

/// Returns of a tenant, newest first.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn page(
    db: &mut PgConnection,
    tenant: Uuid,
    wanted: &Wanted,
    limit: i64,
) -> Result<Vec<Row>, Fault> {
    let sql = format!(
        "select {COLUMNS} from returns.return_case
          where tenant_id = $1 and ($2::text is null or state = $2)
            and ($3::uuid is null or order_id = $3) and (not $4 or attention <> '{{}}')
            and ($5::int8 is null or ord < $5)
          order by ord desc limit $6"
    );
    let rows = sqlx::query_as(AssertSqlSafe(sql))
        .bind(tenant)
        .bind(wanted.state)
        .bind(wanted.order)
        .bind(wanted.attention)
        .bind(wanted.before)
        .bind(limit)
        .fetch_all(db)
        .await?;
    Ok(rows)
}

/// Labels bought for the way back.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn labels(
    db: &mut PgConnection,
    tenant: Uuid,
    order: Option<Uuid>,
) -> Result<i64, Fault> {
    let sql = "select count(*) from returns.label l join returns.return_case r using (return_id)
                where l.tenant_id = $1 and r.tenant_id = $1 and l.shipment_id is not null
                  and ($2::uuid is null or r.order_id = $2)";
    Ok(sqlx::query_scalar(sql).bind(tenant).bind(order).fetch_one(db).await?)
}

/// Returns of all tenants that time alone may change: tenant and id.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn due(
    db: &mut PgConnection,
    now: OffsetDateTime,
    limit: i64,
) -> Result<Vec<(Uuid, Uuid)>, Fault> {
    let sql = "select tenant_id, return_id from returns.return_case
                where next_look_at <= $1 order by next_look_at limit $2";
    Ok(sqlx::query_as(sql).bind(now).bind(limit).fetch_all(db).await?)
}

/// Units returned and bought, and orders, of a buyer: what a share is counted from. Bought units
/// are those of orders that have a return.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn share(
    db: &mut PgConnection,
    tenant: Uuid,
    subject: Uuid,
) -> Result<(i64, i64, i64), Fault> {
    let sql = "with mine as (select order_id from returns.sale
                              where tenant_id = $1 and subject_ref = $2),
                    back as (select distinct on (r.order_id) r.order_id, r.facts
                               from returns.return_case r join mine using (order_id)
                              where r.tenant_id = $1 order by r.order_id, r.ord),
                    units as (select coalesce(sum((l.value ->> 'shipped')::int8), 0)::int8 as n
                                from back, jsonb_each(back.facts -> 'lines') l),
                    returned as (select coalesce(sum(s.value::int8), 0)::int8 as n
                                   from returns.return_case r join mine using (order_id),
                                        jsonb_each_text(r.standing) s
                                  where r.tenant_id = $1)
               select returned.n, units.n, (select count(*) from mine) from returned, units";
    Ok(sqlx::query_as(sql).bind(tenant).bind(subject).fetch_one(db).await?)
}
