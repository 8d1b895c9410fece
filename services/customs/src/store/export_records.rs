//! Export declarations of several parcels: kept, outdated when one of the parcels does not leave, made
//! anew or withdrawn. Whoever changes who counts together, and whoever keeps a declaration of them, has
//! the row of the group alone: a declaration never names a parcel that left unseen.

use std::collections::{BTreeSet, HashMap};

use colibri_customs_rules::declare::Parcel;
use colibri_kit::fault::Fault;
use colibri_types::{DocumentId, ShipmentId, TenantId};
use sqlx::{PgConnection, Row as _, postgres::PgRow, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::exports::Group;

/// An export declaration that is not true any more.
#[derive(Debug, Clone)]
pub struct Outdated {
    /// Whose.
    pub group: Group,
    /// The declaration.
    pub document: DocumentId,
    /// Shipments that it covers and that do not leave under it, in the order they went.
    pub left: Vec<ShipmentId>,
    /// All that count together now, in the order they came.
    pub members: Vec<(ShipmentId, Parcel)>,
}

/// What became of the declaration that covers a shipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It stands.
    Stands(DocumentId),
    /// A parcel of it does not leave: it is being made anew.
    Outdated,
    /// None is due any more.
    NotDue,
    /// One is due, and something is missing for it.
    Lacking,
}

fn group(row: &PgRow) -> Result<Group, Fault> {
    Ok(Group {
        tenant: TenantId::from_uuid(row.try_get("tenant_id")?),
        day: row.try_get("day")?,
        consignee: row.try_get("consignee")?,
    })
}

/// Takes the row of a group alone, until the end.
async fn lock(db: &mut PgConnection, group: &Group) -> Result<(), Fault> {
    sqlx::query(
        "select joined from customs.export_group
          where tenant_id = $1 and day = $2 and consignee = $3 for update",
    )
    .bind(group.tenant.to_uuid())
    .bind(group.day)
    .bind(&group.consignee)
    .execute(db)
    .await?;
    Ok(())
}

/// Removes shipments from those they count with: they do not leave, or not like that. A declaration
/// that covers them is outdated from here on. Answers who counted with others, and how many
/// declarations are outdated.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn leave(
    db: &mut PgConnection,
    shipments: &[Uuid],
    now: OffsetDateTime,
) -> Result<(BTreeSet<Uuid>, u64), Fault> {
    if shipments.is_empty() {
        return Ok((BTreeSet::new(), 0));
    }
    let locked = sqlx::query(
        "select g.joined from customs.export_group g
          where (g.tenant_id, g.day, g.consignee) in
                (select m.tenant_id, m.day, m.consignee from customs.export_member m
                  where m.shipment_id = any($1))
          order by g.tenant_id, g.day, g.consignee for update",
    )
    .bind(shipments)
    .execute(&mut *db)
    .await?;
    if locked.rows_affected() == 0 {
        return Ok((BTreeSet::new(), 0));
    }
    let outdated = sqlx::query(
        "with by_group as (
           select m.tenant_id, m.day, m.consignee, array_agg(m.shipment_id order by m.seq) as ids
             from customs.export_member m
             join customs.export_record r using (tenant_id, day, consignee)
            where m.shipment_id = any($1) and m.shipment_id = any(r.covers)
              and r.withdrawn_at is null
            group by m.tenant_id, m.day, m.consignee)
         update customs.export_record r
            set outdated_at = coalesce(r.outdated_at, $2), left_by = r.left_by || g.ids
           from by_group g
          where r.tenant_id = g.tenant_id and r.day = g.day and r.consignee = g.consignee",
    )
    .bind(shipments)
    .bind(now)
    .execute(&mut *db)
    .await?;
    let gone: Vec<Uuid> = sqlx::query_scalar(
        "delete from customs.export_member where shipment_id = any($1) returning shipment_id",
    )
    .bind(shipments)
    .fetch_all(db)
    .await?;
    Ok((gone.into_iter().collect(), outdated.rows_affected()))
}

/// Keeps the declaration of a group; of two, the one of the later parcel covers more. Answers whether
/// it is outdated already: a parcel left while it was drawn.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn put(
    db: &mut PgConnection,
    (group, seq): (&Group, i64),
    document: DocumentId,
    covers: &[ShipmentId],
    now: OffsetDateTime,
) -> Result<bool, Fault> {
    lock(db, group).await?;
    let covers: Vec<Uuid> = covers.iter().map(|id| id.to_uuid()).collect();
    let outdated: Option<bool> = sqlx::query_scalar(
        "with gone as (
           select coalesce(array_agg(c.id), '{}') as ids from unnest($6::uuid[]) as c(id)
            where not exists (select from customs.export_member m
                               where m.shipment_id = c.id and m.tenant_id = $1 and m.day = $2
                                 and m.consignee = $3 and m.seq <= $4))
         insert into customs.export_record as r
                (tenant_id, day, consignee, seq, document_id, covers, outdated_at, left_by)
         select $1, $2, $3, $4, $5, $6, case when ids <> '{}' then $7 end, ids from gone
         on conflict (tenant_id, day, consignee) do update
            set seq = excluded.seq, document_id = excluded.document_id, covers = excluded.covers,
                outdated_at = excluded.outdated_at, left_by = excluded.left_by,
                withdrawn_at = null, lacking = false
          where r.seq <= excluded.seq
         returning r.outdated_at is not null",
    )
    .bind(group.tenant.to_uuid())
    .bind(group.day)
    .bind(&group.consignee)
    .bind(seq)
    .bind(document.to_uuid())
    .bind(covers)
    .bind(now)
    .fetch_optional(db)
    .await?;
    Ok(outdated.unwrap_or_default())
}

/// Declarations that are not true any more, oldest first, with who counts together now.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn outdated(db: &mut PgConnection, limit: i64) -> Result<Vec<Outdated>, Fault> {
    let rows = sqlx::query(
        "select tenant_id, day, consignee, document_id, left_by from customs.export_record
          where outdated_at is not null order by outdated_at limit $1",
    )
    .bind(limit)
    .fetch_all(&mut *db)
    .await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in &rows {
        let group = group(row)?;
        let left: Vec<Uuid> = row.try_get("left_by")?;
        let members = members(db, &group).await?;
        all.push(Outdated {
            document: DocumentId::from_uuid(row.try_get("document_id")?),
            left: left.into_iter().map(ShipmentId::from_uuid).collect(),
            group,
            members,
        });
    }
    Ok(all)
}

async fn members(db: &mut PgConnection, group: &Group) -> Result<Vec<(ShipmentId, Parcel)>, Fault> {
    let rows: Vec<(Uuid, Json<Parcel>)> = sqlx::query_as(
        "select shipment_id, parcel from customs.export_member
          where tenant_id = $1 and day = $2 and consignee = $3 order by seq",
    )
    .bind(group.tenant.to_uuid())
    .bind(group.day)
    .bind(&group.consignee)
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|(id, parcel)| (ShipmentId::from_uuid(id), parcel.0)).collect())
}

/// Takes the group alone; is everything as it was read? Nobody came or left meanwhile, and the same
/// declaration waits.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn same(db: &mut PgConnection, one: &Outdated) -> Result<bool, Fault> {
    lock(db, &one.group).await?;
    let members = one.members.iter().map(|(id, _)| id.to_uuid());
    let same: Option<bool> = sqlx::query_scalar(
        "select r.document_id = $4 and r.outdated_at is not null and r.left_by = $5
                and $6 = (select coalesce(array_agg(m.shipment_id order by m.seq), '{}')
                            from customs.export_member m
                           where m.tenant_id = $1 and m.day = $2 and m.consignee = $3)
           from customs.export_record r
          where r.tenant_id = $1 and r.day = $2 and r.consignee = $3",
    )
    .bind(one.group.tenant.to_uuid())
    .bind(one.group.day)
    .bind(&one.group.consignee)
    .bind(one.document.to_uuid())
    .bind(one.left.iter().map(|id| id.to_uuid()).collect::<Vec<_>>())
    .bind(members.collect::<Vec<_>>())
    .fetch_optional(db)
    .await?;
    Ok(same.unwrap_or_default())
}

/// Puts a declaration in the place of an outdated one, or with `None` withdraws it. The caller has the
/// group alone.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn settle(
    db: &mut PgConnection,
    one: &Outdated,
    document: Option<DocumentId>,
    lacking: bool,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    let covers = one.members.iter().map(|(id, _)| id.to_uuid()).collect::<Vec<_>>();
    sqlx::query(
        "update customs.export_record
            set document_id = coalesce($4, document_id), covers = $5, outdated_at = null,
                left_by = '{}', withdrawn_at = case when $4::uuid is null then $6 end, lacking = $7
          where tenant_id = $1 and day = $2 and consignee = $3",
    )
    .bind(one.group.tenant.to_uuid())
    .bind(one.group.day)
    .bind(&one.group.consignee)
    .bind(document.map(DocumentId::to_uuid))
    .bind(covers)
    .bind(now)
    .bind(lacking)
    .execute(db)
    .await?;
    Ok(())
}

/// What became of the export declarations that cover these shipments together with others of their day.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn standing(
    db: &mut PgConnection,
    shipments: &[Uuid],
) -> Result<HashMap<Uuid, Standing>, Fault> {
    type Found = (Uuid, Uuid, bool, bool, bool);
    let rows: Vec<Found> = sqlx::query_as(
        "select m.shipment_id, r.document_id, r.outdated_at is not null, r.withdrawn_at is not null,
                r.lacking
           from customs.export_member m
           join customs.export_record r using (tenant_id, day, consignee)
          where m.shipment_id = any($1) and m.shipment_id = any(r.covers)",
    )
    .bind(shipments)
    .fetch_all(db)
    .await?;
    let one = |(id, document, outdated, withdrawn, lacking)| {
        let standing = match (outdated, withdrawn, lacking) {
            (true, ..) => Standing::Outdated,
            (_, true, true) => Standing::Lacking,
            (_, true, false) => Standing::NotDue,
            _ => Standing::Stands(DocumentId::from_uuid(document)),
        };
        (id, standing)
    };
    Ok(rows.into_iter().map(one).collect())
}
