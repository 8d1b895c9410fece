//! Alerts, and when to look at a parcel next. Parcels are locked by whoever writes here.

use std::collections::HashMap;

use colibri_kit::fault::Fault;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row as _};
use time::OffsetDateTime;
use uuid::Uuid;

use super::parcels::{Keys, Parcel};
use crate::domain::{
    alert::{Kind, Known},
    page::Cursor,
};

/// The last occurrence of each kind, by parcel.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn known(db: &mut PgConnection, keys: &Keys) -> Result<HashMap<Uuid, Vec<Known>>, Fault> {
    let rows = sqlx::query(
        "select distinct on (a.parcel_id, a.kind)
                a.parcel_id, a.kind, a.occurrence, a.cleared_at is null as open
           from tracking.alert a
           join unnest($1::uuid[], $2::uuid[]) k(tenant_id, parcel_id)
             on a.parcel_id = k.parcel_id and a.tenant_id = k.tenant_id
          order by a.parcel_id, a.kind, a.occurrence desc",
    )
    .bind(&keys.tenants)
    .bind(&keys.parcels)
    .fetch_all(db)
    .await?;
    let mut known: HashMap<Uuid, Vec<Known>> = HashMap::new();
    for row in &rows {
        let occurrence = u32::try_from(row.try_get::<i32, _>("occurrence")?).map_err(Fault::bug)?;
        let kind = super::word(row, "kind", Kind::parse)?;
        let open = row.try_get("open")?;
        let parcel = row.try_get("parcel_id")?;
        known.entry(parcel).or_default().push(Known { kind, occurrence, open });
    }
    Ok(known)
}

/// An alert that begins or ends.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// Tenant.
    pub tenant_id: Uuid,
    /// Parcel.
    pub parcel_id: Uuid,
    /// Kind.
    pub kind: Kind,
    /// Occurrence.
    pub occurrence: u32,
    /// It begins; else it ends.
    pub begins: bool,
}

/// Writes beginnings and ends, and how many are open now.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn save(
    db: &mut PgConnection,
    changes: &[Change],
    now: OffsetDateTime,
) -> Result<(), Fault> {
    let occurrence = |c: &Change| i32::try_from(c.occurrence).unwrap_or(i32::MAX);
    let parcels: Vec<Uuid> = changes.iter().map(|c| c.parcel_id).collect();
    let tenants: Vec<Uuid> = changes.iter().map(|c| c.tenant_id).collect();
    sqlx::query(
        "insert into tracking.alert
           (parcel_id, kind, occurrence, tenant_id, raised_at, cleared_at)
         select parcel_id, kind, occurrence, tenant_id, $6, case when begins then null else $6 end
           from unnest($1::uuid[], $2::text[], $3::int4[], $4::uuid[], $5::bool[])
                n(parcel_id, kind, occurrence, tenant_id, begins)
         on conflict (parcel_id, kind, occurrence) do update set cleared_at = excluded.cleared_at",
    )
    .bind(&parcels)
    .bind(changes.iter().map(|c| c.kind.as_str()).collect::<Vec<_>>())
    .bind(changes.iter().map(occurrence).collect::<Vec<_>>())
    .bind(&tenants)
    .bind(changes.iter().map(|c| c.begins).collect::<Vec<_>>())
    .bind(now)
    .execute(&mut *db)
    .await?;
    sqlx::query(
        "update tracking.parcel p
            set alerts = (select count(*) from tracking.alert a
                           where a.parcel_id = p.parcel_id and a.cleared_at is null)
           from (select distinct * from unnest($1::uuid[], $2::uuid[]) k(tenant_id, parcel_id)) k
          where p.parcel_id = k.parcel_id and p.tenant_id = k.tenant_id",
    )
    .bind(&tenants)
    .bind(&parcels)
    .execute(db)
    .await?;
    Ok(())
}

/// A parcel with the moment of its next look; `None`: none.
pub type Look = (Uuid, Uuid, Option<OffsetDateTime>);

/// Sets when to look at parcels (tenant, parcel, when).
///
/// # Errors
/// [`Fault`] of the database.
pub async fn look(db: &mut PgConnection, looks: &[Look]) -> Result<(), Fault> {
    let none: Vec<Uuid> = looks.iter().filter(|l| l.2.is_none()).map(|l| l.1).collect();
    if !none.is_empty() {
        sqlx::query("delete from tracking.alert_look where parcel_id = any($1)")
            .bind(none)
            .execute(&mut *db)
            .await?;
    }
    let some: Vec<&Look> = looks.iter().filter(|l| l.2.is_some()).collect();
    if some.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into tracking.alert_look (parcel_id, tenant_id, due_at)
         select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) n(p, t, d) order by p
         on conflict (parcel_id) do update set due_at = excluded.due_at",
    )
    .bind(some.iter().map(|l| l.1).collect::<Vec<_>>())
    .bind(some.iter().map(|l| l.0).collect::<Vec<_>>())
    .bind(some.iter().filter_map(|l| l.2).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(())
}

/// Parcels to look at, longest due first. Nothing is locked: two processes that take the same ones
/// meet at the parcels' locks, and the second one finds nothing left to say.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn due(db: &mut PgConnection, now: OffsetDateTime, limit: i64) -> Result<Keys, Fault> {
    let due: Vec<(Uuid, Uuid)> = sqlx::query_as(
        "select tenant_id, parcel_id from tracking.alert_look
          where due_at <= $1 order by due_at limit $2",
    )
    .bind(now)
    .bind(limit)
    .fetch_all(db)
    .await?;
    Ok(due.into_iter().collect())
}

/// An open alert of a list.
pub struct Open {
    /// Parcel.
    pub parcel: Parcel,
    /// Kind.
    pub kind: Kind,
    /// Occurrence.
    pub occurrence: u32,
    /// Since.
    pub raised_at: OffsetDateTime,
}

/// Open alerts of a tenant, newest first: a parcel has one of a kind at most.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn list(
    db: &mut PgConnection,
    tenant: Uuid,
    kind: Option<Kind>,
    after: Option<(Cursor, Kind)>,
    limit: i64,
) -> Result<Vec<Open>, Fault> {
    let mut query = QueryBuilder::<Postgres>::new(
        "select p.*, a.kind, a.occurrence, a.raised_at
           from tracking.alert a
           join tracking.parcel p on p.parcel_id = a.parcel_id and p.tenant_id = a.tenant_id
          where a.cleared_at is null and a.tenant_id = ",
    );
    query.push_bind(tenant);
    if let Some(kind) = kind {
        query.push(" and a.kind = ").push_bind(kind.as_str());
    }
    if let Some((after, kind)) = after {
        query.push(" and (a.raised_at, a.parcel_id, a.kind) < (").push_bind(after.at);
        query.push(", ").push_bind(after.parcel_id);
        query.push(", ").push_bind(kind.as_str()).push(")");
    }
    query.push(" order by a.raised_at desc, a.parcel_id desc, a.kind desc limit ");
    query.push_bind(limit);
    let rows = query.build().fetch_all(db).await?;
    let read = |row: &sqlx::postgres::PgRow| {
        Ok(Open {
            parcel: Parcel::read(row)?,
            kind: super::word(row, "kind", Kind::parse)?,
            occurrence: u32::try_from(row.try_get::<i32, _>("occurrence")?).map_err(Fault::bug)?,
            raised_at: row.try_get("raised_at")?,
        })
    };
    rows.iter().map(read).collect()
}
