//! Parcels that count together for the export declaration. Nobody is named here: a consignee is a
//! digest, and the secret it was made with is forgotten.

use std::collections::BTreeSet;

use colibri_customs_rules::declare::Parcel;
use colibri_kit::fault::Fault;
use colibri_types::{ShipmentId, TenantId};
use sqlx::{PgConnection, types::Json};
use time::{Date, Duration};
use uuid::Uuid;

/// Days that the secret of a day is kept: nobody joins a day that is over, and a clock that was wrong
/// is noticed by then.
const SALT_DAYS: i64 = 7;

/// Those that count together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// Whose parcels; first, as the rows are locked in this order.
    pub tenant: TenantId,
    /// Of posting.
    pub day: Date,
    /// Digest of what they have in common.
    pub consignee: Vec<u8>,
}

/// A parcel that has joined.
#[derive(Debug, Clone)]
pub struct Joined {
    /// When it came: later is higher.
    pub seq: i64,
    /// All that count together now, in the order they came, itself the last.
    pub members: Vec<(ShipmentId, Parcel)>,
}

/// The secret of a tenant's day; the first who asks makes it and forgets old ones.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn salt(
    db: &mut PgConnection,
    tenant: TenantId,
    day: Date,
    new: &[u8],
) -> Result<Vec<u8>, Fault> {
    let made = sqlx::query(
        "insert into customs.export_salt (tenant_id, day, salt) values ($1, $2, $3)
         on conflict (tenant_id, day) do nothing",
    )
    .bind(tenant.to_uuid())
    .bind(day)
    .bind(new)
    .execute(&mut *db)
    .await?;
    if made.rows_affected() == 1
        && let Some(oldest) = day.checked_sub(Duration::days(SALT_DAYS))
    {
        sqlx::query("delete from customs.export_salt where tenant_id = $1 and day < $2")
            .bind(tenant.to_uuid())
            .bind(oldest)
            .execute(&mut *db)
            .await?;
    }
    let query = sqlx::query_scalar(
        "select salt from customs.export_salt where tenant_id = $1 and day = $2",
    );
    Ok(query.bind(tenant.to_uuid()).bind(day).fetch_one(db).await?)
}

/// Which of these declarations are still drawn under their revision. Their rows are shared until the
/// end: whoever changes one afterwards finds the member and removes it.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn still_drawn(
    db: &mut PgConnection,
    all: &[(ShipmentId, u32)],
) -> Result<BTreeSet<ShipmentId>, Fault> {
    let revisions = all.iter().map(|(_, revision)| i32::try_from(*revision).unwrap_or(i32::MAX));
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "select d.shipment_id from customs.declaration d
           join unnest($1::uuid[], $2::int4[]) as w(shipment_id, revision)
             on w.shipment_id = d.shipment_id and w.revision = d.revision
          where d.state = 'drawing' order by d.shipment_id for share of d",
    )
    .bind(all.iter().map(|(id, _)| id.to_uuid()).collect::<Vec<_>>())
    .bind(revisions.collect::<Vec<_>>())
    .fetch_all(db)
    .await?;
    Ok(ids.into_iter().map(ShipmentId::from_uuid).collect())
}

/// Takes the row of a group alone and joins it, or joins it again: whoever comes at the same time
/// waits, and sees this parcel.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn join(
    db: &mut PgConnection,
    shipment: ShipmentId,
    group: &Group,
    parcel: &Parcel,
) -> Result<Joined, Fault> {
    let of_group = (group.tenant.to_uuid(), group.day, group.consignee.as_slice());
    let seq: i64 = sqlx::query_scalar(
        "insert into customs.export_group as g (tenant_id, day, consignee, joined)
         values ($1, $2, $3, 1)
         on conflict (tenant_id, day, consignee) do update set joined = g.joined + 1
         returning joined",
    )
    .bind(of_group.0)
    .bind(of_group.1)
    .bind(of_group.2)
    .fetch_one(&mut *db)
    .await?;
    sqlx::query(
        "insert into customs.export_member (shipment_id, tenant_id, day, consignee, seq, parcel)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (shipment_id) do update
            set day = excluded.day, consignee = excluded.consignee, seq = excluded.seq,
                parcel = excluded.parcel",
    )
    .bind(shipment.to_uuid())
    .bind(of_group.0)
    .bind(of_group.1)
    .bind(of_group.2)
    .bind(seq)
    .bind(Json(parcel))
    .execute(&mut *db)
    .await?;
    let rows: Vec<(Uuid, Json<Parcel>)> = sqlx::query_as(
        "select shipment_id, parcel from customs.export_member
          where tenant_id = $1 and day = $2 and consignee = $3 order by seq",
    )
    .bind(of_group.0)
    .bind(of_group.1)
    .bind(of_group.2)
    .fetch_all(db)
    .await?;
    let members = rows.into_iter().map(|(id, parcel)| (ShipmentId::from_uuid(id), parcel.0));
    Ok(Joined { seq, members: members.collect() })
}
