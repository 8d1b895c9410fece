//! Who graded what, and what somebody else has paid back.

use colibri_kit::fault::Fault;
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

/// Units that were graded at once.
#[derive(Debug, Clone, Copy)]
pub struct Grading<'a> {
    /// Of which return.
    pub return_id: Uuid,
    /// Of the call: once.
    pub request_id: &'a str,
    /// When.
    pub at: OffsetDateTime,
    /// Opaque number of a person.
    pub inspector: i64,
    /// Where the goods are.
    pub site_id: Option<Uuid>,
    /// Of the article.
    pub category: &'a str,
    /// How many units.
    pub units: i32,
    /// Below B.
    pub low: bool,
    /// Another grade than the criteria give.
    pub overruled: bool,
}

/// Notes it once.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn graded(db: &mut PgConnection, tenant: Uuid, new: Grading<'_>) -> Result<(), Fault> {
    sqlx::query(
        "insert into returns.grading (return_id, request_id, tenant_id, at, inspector, site_id,
                                      category, units, low, overruled)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing",
    )
    .bind(new.return_id)
    .bind(new.request_id)
    .bind(tenant)
    .bind(new.at)
    .bind(new.inspector)
    .bind(new.site_id)
    .bind(new.category)
    .bind(new.units)
    .bind(new.low)
    .bind(new.overruled)
    .execute(db)
    .await?;
    Ok(())
}

/// Units of an inspector or a site in a category, and of all others.
#[derive(Debug, Clone, FromRow)]
pub struct Group {
    /// An inspector; None: a site.
    pub inspector: Option<i64>,
    /// A site; None: an inspector.
    pub site_id: Option<Uuid>,
    /// Of the articles.
    pub category: String,
    /// Graded.
    pub units: i64,
    /// Below B.
    pub low: i64,
    /// Not as the criteria say.
    pub overruled: i64,
    /// Of all in the category, these among them.
    pub all_units: i64,
    /// Of those, below B.
    pub all_low: i64,
}

/// Inspectors and sites by category, since then. A unit without a site counts for its inspector.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn groups(
    db: &mut PgConnection,
    tenant: Uuid,
    since: OffsetDateTime,
    limit: i64,
) -> Result<Vec<Group>, Fault> {
    let sql = "with g as (select inspector, site_id, category, units::int8 as units,
                                 case when low then units::int8 else 0 end as low,
                                 case when overruled then units::int8 else 0 end as over
                            from returns.grading where tenant_id = $1 and at >= $2),
                    every as (select category, sum(units)::int8 as units, sum(low)::int8 as low,
                                     sum(units) filter (where site_id is not null)::int8 as sited,
                                     sum(low) filter (where site_id is not null)::int8 as sited_low
                                from g group by category)
               select inspector, null::uuid as site_id, category, sum(g.units)::int8 as units,
                      sum(g.low)::int8 as low, sum(g.over)::int8 as overruled,
                      every.units as all_units, every.low as all_low
                 from g join every using (category) group by inspector, category, 7, 8
               union all
               select null, site_id, category, sum(g.units)::int8, sum(g.low)::int8,
                      sum(g.over)::int8, every.sited, every.sited_low
                 from g join every using (category) where site_id is not null
                group by site_id, category, 7, 8
                order by 4 desc limit $3";
    Ok(sqlx::query_as(sql).bind(tenant).bind(since).bind(limit).fetch_all(db).await?)
}

/// What somebody else has paid back.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Elsewhere {
    /// Of which return.
    pub return_id: Uuid,
    /// Of the call: once.
    pub request_id: String,
    /// 0: the delivery charge.
    pub line: i32,
    /// In the smallest unit of the order's currency.
    pub amount_minor: i64,
    /// `shop`, `channel` or `chargeback`.
    pub origin: String,
    /// When it was told.
    pub at: OffsetDateTime,
}

/// Notes it; the earlier one where this request id is known.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn paid_elsewhere(
    db: &mut PgConnection,
    tenant: Uuid,
    new: &Elsewhere,
    actor: &str,
) -> Result<Option<Elsewhere>, Fault> {
    let all = elsewhere_of(db, tenant, &[new.return_id]).await?;
    let known = all.into_iter().find(|known| known.request_id == new.request_id);
    if known.is_some() {
        return Ok(known);
    }
    sqlx::query(
        "insert into returns.paid_elsewhere (return_id, request_id, tenant_id, line, amount_minor,
                                             origin, actor, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(new.return_id)
    .bind(&new.request_id)
    .bind(tenant)
    .bind(new.line)
    .bind(new.amount_minor)
    .bind(&new.origin)
    .bind(actor)
    .bind(new.at)
    .execute(db)
    .await?;
    Ok(None)
}

/// What others have paid back for returns, oldest first.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn elsewhere_of(
    db: &mut PgConnection,
    tenant: Uuid,
    ids: &[Uuid],
) -> Result<Vec<Elsewhere>, Fault> {
    let sql = "select return_id, request_id, line, amount_minor, origin, at
                 from returns.paid_elsewhere where tenant_id = $1 and return_id = any($2)
                order by at, request_id";
    Ok(sqlx::query_as(sql).bind(tenant).bind(ids).fetch_all(db).await?)
}
