//! What is usual on a way: gaps between news, counted by class.

use std::collections::HashMap;

use colibri_kit::fault::Fault;
use sqlx::{PgConnection, Row as _};

use crate::domain::lane::Lane;

/// Gaps of a lane above which all its counts are halved: habits of last year fade.
const GAPS_MAX: i64 = 20_000;

/// Counted gaps: by lane and class.
pub type Gaps = HashMap<(Lane, u16), u32>;

/// Adds what was seen.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn add(db: &mut PgConnection, gaps: &Gaps) -> Result<(), Fault> {
    if gaps.is_empty() {
        return Ok(());
    }
    let mut rows: Vec<(&Lane, u16, u32)> =
        gaps.iter().map(|((lane, class), count)| (lane, *class, *count)).collect();
    // In order, so that two processes do not wait for each other crosswise.
    rows.sort_unstable();
    sqlx::query(
        "insert into tracking.lane_gap as g (carrier, origin, destination, headline, hours, gaps)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int4[],
                              $6::int8[])
         on conflict (carrier, origin, destination, headline, hours)
         do update set gaps = g.gaps + excluded.gaps",
    )
    .bind(rows.iter().map(|row| row.0.carrier.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.0.origin.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.0.destination.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.0.headline.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| i32::from(row.1)).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| i64::from(row.2)).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(())
}

/// Halves the counts of lanes that have many.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn fade(db: &mut PgConnection) -> Result<(), Fault> {
    sqlx::query(
        "update tracking.lane_gap g set gaps = g.gaps / 2
           from (select carrier, origin, destination, headline from tracking.lane_gap
                  group by 1, 2, 3, 4 having sum(gaps) > $1) m
          where (g.carrier, g.origin, g.destination, g.headline)
              = (m.carrier, m.origin, m.destination, m.headline)",
    )
    .bind(GAPS_MAX)
    .execute(db)
    .await?;
    Ok(())
}

/// Hours within which this many per cent of the gaps of each lane lay, of lanes with enough gaps.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn usual(
    db: &mut PgConnection,
    percentile: u32,
    gaps_min: u32,
) -> Result<HashMap<Lane, u16>, Fault> {
    let rows = sqlx::query(
        "select carrier, origin, destination, headline, min(hours) as hours
           from (select *, sum(gaps) over (w order by hours) as so_far, sum(gaps) over w as total
                   from tracking.lane_gap
                 window w as (partition by carrier, origin, destination, headline)) g
          where total >= $2 and so_far * 100 >= total * $1
          group by carrier, origin, destination, headline",
    )
    .bind(i64::from(percentile))
    .bind(i64::from(gaps_min))
    .fetch_all(db)
    .await?;
    let mut usual = HashMap::with_capacity(rows.len());
    for row in &rows {
        let lane = Lane {
            carrier: row.try_get("carrier")?,
            origin: row.try_get("origin")?,
            destination: row.try_get("destination")?,
            headline: super::headline(row)?,
        };
        let hours = u16::try_from(row.try_get::<i32, _>("hours")?).map_err(Fault::bug)?;
        usual.insert(lane, hours);
    }
    Ok(usual)
}
