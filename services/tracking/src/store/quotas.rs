//! What accounts have asked today, where their carriers count.

use colibri_carriers::Quota;
use colibri_kit::fault::Fault;
use sqlx::{PgConnection, Row as _};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// Part of a day's questions that may run ahead of an even pace: a twentieth, an hour's worth and a
/// bit. More would let a morning spend what the evening needs.
const AHEAD: u32 = 20;

/// Part of a day's questions that are taken at once: a thousandth. A process that dies loses the
/// rest of them; a row for each question of a large quota would cost more than it counts.
const TAKEN: u32 = 1_000;

/// What came of asking for questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Booked {
    /// So many may be asked now.
    Some(u32),
    /// None before this.
    Wait(OffsetDateTime),
}

/// Books questions of an account against its quota of a day: never more than that on one day of
/// UTC, whichever processes ask and however often they start, and spread over it.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn book(
    db: &mut PgConnection,
    (account, tenant): (Uuid, Uuid),
    quota: Quota,
    now: OffsetDateTime,
) -> Result<Booked, Fault> {
    let calls = quota.calls.max(1);
    let count = (calls / TAKEN).max(1);
    let every = Duration::DAY / calls;
    let ahead = every * (calls / AHEAD).max(1).saturating_sub(1);
    let micros =
        |duration: Duration| i64::try_from(duration.whole_microseconds()).unwrap_or(i64::MAX);
    let wire = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    let booked = sqlx::query_scalar::<_, i32>(
        "insert into tracking.quota as q (account_id, tenant_id, day, used, due_at)
         values ($1, $2, $3, $4, $5 + $6 * interval '1 microsecond')
         on conflict (account_id) do update
           set day = excluded.day, due_at = greatest(q.due_at, $5) + $6 * interval '1 microsecond',
               used = case when q.day = excluded.day then q.used else 0 end + $4
         where q.tenant_id = excluded.tenant_id and q.due_at <= $7
           and (q.day < excluded.day or (q.day = excluded.day and q.used + $4 <= $8))
         returning used",
    )
    .bind(account)
    .bind(tenant)
    .bind(now.date())
    .bind(wire(count))
    .bind(now)
    .bind(micros(every * count))
    .bind(now.saturating_add(ahead))
    .bind(wire(calls))
    .fetch_optional(&mut *db)
    .await?;
    if booked.is_some() {
        return Ok(Booked::Some(count));
    }
    let row = sqlx::query(
        "select day, used, due_at from tracking.quota where account_id = $1 and tenant_id = $2",
    )
    .bind(account)
    .bind(tenant)
    .fetch_one(db)
    .await?;
    let (day, used): (time::Date, i32) = (row.try_get("day")?, row.try_get("used")?);
    let due: OffsetDateTime = row.try_get("due_at")?;
    let tomorrow = day.next_day().unwrap_or(day).midnight().assume_utc();
    let spent = used.saturating_add(wire(count)) > wire(calls);
    let even = due.saturating_sub(ahead);
    let until = if spent { tomorrow.max(even) } else { even };
    // Somebody else's booking may have moved it past: a moment later is soon enough.
    Ok(Booked::Wait(until.max(now.saturating_add(Duration::seconds(1)))))
}

#[cfg(test)]
mod tests;
