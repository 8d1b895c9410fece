//! Scans by code, and new meanings for them.

use colibri_carriers::{MappedStatus, Party, SubStatus, responsible};
use colibri_kit::fault::Fault;
use sqlx::{PgConnection, Row as _, postgres::PgRow};
use uuid::Uuid;

use super::{facts, parcels::Keys};

/// A code of a carrier with the meaning that some scans have.
#[derive(Debug, Clone)]
pub struct Code {
    /// Carrier.
    pub carrier: String,
    /// The carrier's code.
    pub code: String,
    /// What it was taken for.
    pub status: MappedStatus,
    /// Scans like this.
    pub scans: u64,
}

/// Codes with their meanings, of scans whose code alone decided; and how many scans there are.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn codes(db: &mut PgConnection, carrier: &str) -> Result<(Vec<Code>, u64), Fault> {
    let rows = sqlx::query(
        "select p.carrier, s.code, s.headline, s.sub_status, count(*) as scans,
                coalesce(s.by_code, s.headline = 'unknown') as by_code
           from tracking.scan s
           join tracking.parcel p on p.parcel_id = s.parcel_id and p.tenant_id = s.tenant_id
          where $1 = '' or p.carrier = $1
          group by p.carrier, s.code, s.headline, s.sub_status, 6
          order by p.carrier, s.code, s.headline, s.sub_status",
    )
    .bind(carrier)
    .fetch_all(db)
    .await?;
    let scans = |row: &PgRow| row.try_get("scans").map(super::unsigned);
    let mut all = 0;
    let mut codes = Vec::new();
    for row in &rows {
        all += scans(row)?;
        if row.try_get("by_code")? {
            codes.push(Code {
                carrier: row.try_get("carrier")?,
                code: row.try_get("code")?,
                status: facts::status(row)?,
                scans: scans(row)?,
            });
        }
    }
    Ok((codes, all))
}

/// A code that means something else today.
#[derive(Debug, Clone)]
pub struct Changed {
    /// As it was taken.
    pub code: Code,
    /// What it means.
    pub today: MappedStatus,
    /// By the table of this version.
    pub version: i64,
}

fn sub(status: MappedStatus) -> &'static str {
    facts::sub_word(status).unwrap_or_default()
}

/// Sub-statuses, and who must act in each by today's rule.
fn parties() -> (Vec<&'static str>, Vec<Option<&'static str>>) {
    let party = |sub: &SubStatus| responsible(Some(*sub)).map(Party::as_str);
    SubStatus::ALL.iter().map(|sub| (sub.as_str(), party(sub))).unzip()
}

/// Whether there are parcels for which somebody else must act by today's rule.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn misattributed(db: &mut PgConnection, carrier: &str) -> Result<bool, Fault> {
    let (subs, now) = parties();
    Ok(sqlx::query_scalar(
        "select exists (
           select from tracking.parcel p
             left join unnest($2::text[], $3::text[]) w(sub, party) on w.sub = p.sub_status
            where ($1 = '' or p.carrier = $1) and p.party is distinct from w.party)",
    )
    .bind(carrier)
    .bind(subs)
    .bind(now)
    .fetch_one(db)
    .await?)
}

/// The next parcels, in the order of their ids, and those among them that have such scans or whose
/// responsible party is another one today.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn affected(
    db: &mut PgConnection,
    (changed, carrier): (&[Changed], &str),
    after: Uuid,
    limit: i64,
) -> Result<(Option<Uuid>, Keys), Fault> {
    let last: Option<Uuid> = sqlx::query_scalar(
        "select parcel_id from (select parcel_id from tracking.parcel where parcel_id > $1
                                 order by parcel_id limit $2) r
          order by parcel_id desc limit 1",
    )
    .bind(after)
    .bind(limit)
    .fetch_optional(&mut *db)
    .await?;
    let Some(last) = last else {
        return Ok((None, Keys::default()));
    };
    let (subs, now) = parties();
    let affected: Vec<(Uuid, Uuid)> = sqlx::query_as(
        "select p.tenant_id, p.parcel_id
           from tracking.parcel p
           join tracking.scan s on s.parcel_id = p.parcel_id and s.tenant_id = p.tenant_id
           join unnest($3::text[], $4::text[], $5::text[], $6::text[])
                k(carrier, code, headline, sub_status)
             on k.carrier = p.carrier and k.code = s.code and k.headline = s.headline
                and k.sub_status = coalesce(s.sub_status, '')
          where p.parcel_id > $1 and p.parcel_id <= $2
            and s.parcel_id > $1 and s.parcel_id <= $2
            and coalesce(s.by_code, s.headline = 'unknown')
         union
         select p.tenant_id, p.parcel_id
           from tracking.parcel p
           left join unnest($8::text[], $9::text[]) w(sub, party) on w.sub = p.sub_status
          where p.parcel_id > $1 and p.parcel_id <= $2 and ($7 = '' or p.carrier = $7)
            and p.party is distinct from w.party",
    )
    .bind(after)
    .bind(last)
    .bind(changed.iter().map(|c| c.code.carrier.as_str()).collect::<Vec<_>>())
    .bind(changed.iter().map(|c| c.code.code.as_str()).collect::<Vec<_>>())
    .bind(changed.iter().map(|c| facts::status_word(c.code.status)).collect::<Vec<_>>())
    .bind(changed.iter().map(|c| sub(c.code.status)).collect::<Vec<_>>())
    .bind(carrier)
    .bind(subs)
    .bind(now)
    .fetch_all(db)
    .await?;
    Ok((Some(last), affected.into_iter().collect()))
}

/// Gives the scans of these parcels, which are locked, today's meaning.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn apply(
    db: &mut PgConnection,
    changed: &[Changed],
    parcels: &[Uuid],
) -> Result<(), Fault> {
    sqlx::query(
        "update tracking.scan s
            set headline = k.now, sub_status = nullif(k.now_sub, ''), by_code = true,
                mapping_version = k.version
           from tracking.parcel p,
                unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                       $8::int8[]) k(carrier, code, headline, sub_status, now, now_sub, version)
          where p.parcel_id = any($1) and s.parcel_id = p.parcel_id and s.tenant_id = p.tenant_id
            and k.carrier = p.carrier and k.code = s.code and k.headline = s.headline
            and k.sub_status = coalesce(s.sub_status, '')
            and coalesce(s.by_code, s.headline = 'unknown')",
    )
    .bind(parcels)
    .bind(changed.iter().map(|c| c.code.carrier.as_str()).collect::<Vec<_>>())
    .bind(changed.iter().map(|c| c.code.code.as_str()).collect::<Vec<_>>())
    .bind(changed.iter().map(|c| facts::status_word(c.code.status)).collect::<Vec<_>>())
    .bind(changed.iter().map(|c| sub(c.code.status)).collect::<Vec<_>>())
    .bind(changed.iter().map(|c| facts::status_word(c.today)).collect::<Vec<_>>())
    .bind(changed.iter().map(|c| sub(c.today)).collect::<Vec<_>>())
    .bind(changed.iter().map(|c| c.version).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(())
}
