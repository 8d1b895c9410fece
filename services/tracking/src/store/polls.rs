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

/// Takes due parcels, oldest first, of every account that may be asked: at most `room` of each, or
/// what its carrier's room is if that is less, without what is in hand already. A parcel that another process took is passed over; one that a
/// killed process took comes back when its lease runs out.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn claim(
    db: &mut PgConnection,
    now: OffsetDateTime,
    lease_s: u32,
    room: i64,
    rooms: &[(&'static str, i64)],
    busy: &[(Uuid, i64)],
) -> Result<Vec<Due>, Fault> {
    let rows = sqlx::query(
        "with due as (
           select d.parcel_id
             from tracking.account a
             left join unnest($4::uuid[], $5::int8[]) b(account_id, busy) using (account_id)
             left join unnest($6::text[], $7::int8[]) c(carrier, room) using (carrier)
             cross join lateral (
               select p.parcel_id from tracking.parcel p
                where p.account_id = a.account_id and p.tenant_id = a.tenant_id
                  and p.next_poll_at <= $1
                  and (p.leased_until is null or p.leased_until < clock_timestamp())
                order by p.next_poll_at
                limit greatest(least($3, coalesce(c.room, $3)) - coalesce(b.busy, 0), 0)
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
    .bind(rooms.iter().map(|(carrier, _)| *carrier).collect::<Vec<_>>())
    .bind(rooms.iter().map(|(_, room)| *room).collect::<Vec<_>>())
    .fetch_all(db)
    .await?;
    let read = |row: &sqlx::postgres::PgRow| {
        Ok(Due { parcel_id: row.try_get("parcel_id")?, account_id: row.try_get("account_id")? })
    };
    rows.iter().map(read).collect()
}

/// Puts parcels back, each until a moment of its own: nothing was asked, through no fault of theirs.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn put_back(
    db: &mut PgConnection,
    parcels: &[Uuid],
    not_before: &[OffsetDateTime],
) -> Result<(), Fault> {
    sqlx::query(
        "update tracking.parcel p
            set leased_until = null, next_poll_at = greatest(p.next_poll_at, c.not_before)
           from (select parcel_id, not_before from tracking.parcel
                   join unnest($1::uuid[], $2::timestamptz[]) b(parcel_id, not_before)
                        using (parcel_id)
                  order by parcel_id for update of parcel) c
          where p.parcel_id = c.parcel_id and p.next_poll_at is not null",
    )
    .bind(parcels)
    .bind(not_before)
    .execute(db)
    .await?;
    Ok(())
}

/// Notes until when the carrier calls us about these parcels, and when to ask it again.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn pushed(
    db: &mut PgConnection,
    tenant: Uuid,
    parcels: &[Uuid],
    until: OffsetDateTime,
    renew_at: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query(
        "update tracking.parcel p set pushed_until = $3, renew_at = $4
           from (select parcel_id from tracking.parcel
                  where parcel_id = any($2) and tenant_id = $1 order by parcel_id for update) c
          where p.parcel_id = c.parcel_id",
    )
    .bind(tenant)
    .bind(parcels)
    .bind(until)
    .bind(renew_at)
    .execute(db)
    .await?;
    Ok(())
}

/// Takes parcels whose subscription is to be renewed, oldest first, each once: they have no date
/// after this until they are subscribed again. Those that nobody asks for any more, or that are at
/// their end, lose their date and are left out.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn take_renewals(
    db: &mut PgConnection,
    now: OffsetDateTime,
    limit: i64,
) -> Result<Vec<Renewal>, Fault> {
    let taken = sqlx::query_as(
        "with due as (
           select parcel_id from tracking.parcel where renew_at <= $1
            order by renew_at limit $2 for update skip locked)
         update tracking.parcel p set renew_at = null
           from due where p.parcel_id = due.parcel_id
         returning p.tenant_id, p.account_id, p.carrier, p.parcel_id,
                   p.next_poll_at is not null and not p.voided
                   and p.headline not in ('delivered', 'returned') as wanted",
    )
    .bind(now)
    .bind(limit)
    .fetch_all(db)
    .await?;
    Ok(taken)
}

/// A parcel whose subscription ends soon.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Renewal {
    /// Tenant.
    pub tenant_id: Uuid,
    /// Account at the carrier.
    pub account_id: Uuid,
    /// Carrier.
    pub carrier: String,
    /// Parcel.
    pub parcel_id: Uuid,
    /// It is still followed.
    pub wanted: bool,
}
