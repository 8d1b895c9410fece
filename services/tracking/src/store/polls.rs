//! Which parcels are due, and who asks for them.

use colibri_kit::fault::Fault;
use sqlx::{PgConnection, Row as _};
use time::OffsetDateTime;
use uuid::Uuid;

/// A parcel to ask the carrier for.
#[derive(Debug, Clone)]
pub struct Due {
    /// Parcel.
    pub parcel_id: Uuid,
    /// Account at the carrier.
    pub account_id: Uuid,
}

/// Takes due parcels, oldest first, of every account that may be asked: at most `room` of each,
/// less what is in hand already. A parcel that another process took is passed over; one that a
/// killed process took comes back when its lease runs out.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn claim(
    db: &mut PgConnection,
    now: OffsetDateTime,
    lease_s: u32,
    room: i64,
    busy: &[(Uuid, i64)],
) -> Result<Vec<Due>, Fault> {
    let rows = sqlx::query(
        "with due as (
           select d.parcel_id
             from tracking.account a
             left join unnest($4::uuid[], $5::int8[]) b(account_id, busy) using (account_id)
             cross join lateral (
               select p.parcel_id from tracking.parcel p
                where p.account_id = a.account_id and p.tenant_id = a.tenant_id
                  and p.next_poll_at <= $1
                  and (p.leased_until is null or p.leased_until < clock_timestamp())
                order by p.next_poll_at
                limit greatest($3 - coalesce(b.busy, 0), 0)
                for update of p skip locked) d
            where not a.disabled)
         update tracking.parcel p
            set leased_until = clock_timestamp() + make_interval(secs => $2)
           from due where p.parcel_id = due.parcel_id
         returning p.parcel_id, p.account_id",
    )
    .bind(now)
    .bind(f64::from(lease_s))
    .bind(room)
    .bind(busy.iter().map(|(account, _)| *account).collect::<Vec<_>>())
    .bind(busy.iter().map(|(_, count)| *count).collect::<Vec<_>>())
    .fetch_all(db)
    .await?;
    let read = |row: &sqlx::postgres::PgRow| {
        Ok(Due { parcel_id: row.try_get("parcel_id")?, account_id: row.try_get("account_id")? })
    };
    rows.iter().map(read).collect()
}

/// Puts parcels back: nothing was asked, through no fault of theirs.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn put_back(
    db: &mut PgConnection,
    parcels: &[Uuid],
    not_before: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query(
        "update tracking.parcel p
            set leased_until = null, next_poll_at = greatest(p.next_poll_at, $2)
           from (select parcel_id from tracking.parcel where parcel_id = any($1)
                  order by parcel_id for update) c
          where p.parcel_id = c.parcel_id and p.next_poll_at is not null",
    )
    .bind(parcels)
    .bind(not_before)
    .execute(db)
    .await?;
    Ok(())
}

/// Notes until when the carrier calls us about these parcels.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn pushed(
    db: &mut PgConnection,
    tenant: Uuid,
    parcels: &[Uuid],
    until: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query(
        "update tracking.parcel p set pushed_until = $3
           from (select parcel_id from tracking.parcel
                  where parcel_id = any($2) and tenant_id = $1 order by parcel_id for update) c
          where p.parcel_id = c.parcel_id",
    )
    .bind(tenant)
    .bind(parcels)
    .bind(until)
    .execute(db)
    .await?;
    Ok(())
}
