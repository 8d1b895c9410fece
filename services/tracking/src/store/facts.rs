//! Facts about parcels.

use std::collections::HashMap;

use colibri_carriers::{
    Headline, Location, MappedStatus, Party, Scan, SubStatus, ZoneSource, responsible,
};
use colibri_kit::fault::Fault;
use sqlx::{PgConnection, Row as _, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;

use super::parcels::Keys;
use crate::{
    domain::fact::{Fact, Source},
    mapping::Mapped,
};

/// A fact with what is known of its first telling.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The fact.
    pub fact: Fact,
    /// When it reached us first.
    pub received_at: OffsetDateTime,
    /// The vault holds its words or place.
    pub sealed: bool,
}

/// A fact to be written.
#[derive(Debug, Clone)]
pub struct Write {
    /// Tenant.
    pub tenant_id: Uuid,
    /// Parcel.
    pub parcel_id: Uuid,
    /// The fact as it is now.
    pub fact: Fact,
    /// The vault holds its words or place.
    pub sealed: bool,
    /// Who told it.
    pub source: Source,
    /// When.
    pub told_at: OffsetDateTime,
    /// Which table gave its meaning, and how.
    pub mapped: Mapped,
}

const NO_CHANGE: &str = "no_change";
const UNKNOWN: &str = "unknown";

/// The word of what a code means.
#[must_use]
pub const fn status_word(status: MappedStatus) -> &'static str {
    match status {
        MappedStatus::State(headline, _) => headline.as_str(),
        MappedStatus::NoChange => NO_CHANGE,
        MappedStatus::Unknown => UNKNOWN,
    }
}

/// The finer word.
#[must_use]
pub fn sub_word(status: MappedStatus) -> Option<&'static str> {
    match status {
        MappedStatus::State(_, sub) => sub.map(SubStatus::as_str),
        MappedStatus::NoChange | MappedStatus::Unknown => None,
    }
}

/// Who must act on it by default.
#[must_use]
pub const fn status_party(status: MappedStatus) -> Option<Party> {
    match status {
        MappedStatus::State(_, sub) => responsible(sub),
        MappedStatus::NoChange | MappedStatus::Unknown => None,
    }
}

pub(super) fn status(row: &PgRow) -> Result<MappedStatus, Fault> {
    let sub = super::sub_status(row)?;
    super::word(row, "headline", |text| match text {
        NO_CHANGE => Some(MappedStatus::NoChange),
        UNKNOWN => Some(MappedStatus::Unknown),
        other => Headline::parse(other).map(|headline| MappedStatus::State(headline, sub)),
    })
}

const fn zone_word(source: ZoneSource) -> &'static str {
    match source {
        ZoneSource::Stated => "stated",
        ZoneSource::GmtFields => "gmt_fields",
        ZoneSource::Place => "place",
        ZoneSource::None => "none",
    }
}

fn zone(text: &str) -> Option<ZoneSource> {
    use ZoneSource as Z;
    [Z::Stated, Z::GmtFields, Z::Place, Z::None].into_iter().find(|zone| zone_word(*zone) == text)
}

fn read(row: &PgRow) -> Result<(Uuid, Kept), Fault> {
    let dedupe: Vec<u8> = row.try_get("dedupe")?;
    let country: Option<&str> = row.try_get("country")?;
    let sequence: i64 = row.try_get("sequence")?;
    let scan = Scan {
        code: row.try_get("code")?,
        description: row.try_get::<Option<String>, _>("words")?.unwrap_or_default(),
        status: status(row)?,
        time: super::civil(row.try_get("local_time")?, row.try_get("utc_offset")?)?,
        zone_source: super::word(row, "zone_source", zone)?,
        location: Location {
            city: row.try_get("city")?,
            postcode: row.try_get("area")?,
            subdivision: None,
            country: country.map(str::parse).transpose().map_err(Fault::bug)?,
        },
        sequence: u32::try_from(sequence).map_err(Fault::bug)?,
        return_leg: row.try_get("return_leg")?,
    };
    let fact = Fact {
        dedupe: dedupe.try_into().map_err(|_| Fault::bug("a dedupe key is 32 bytes long"))?,
        scan,
        future: row.try_get("future")?,
        before_label: row.try_get("before_label")?,
    };
    let kept =
        Kept { fact, received_at: row.try_get("received_at")?, sealed: row.try_get("sealed")? };
    Ok((row.try_get("parcel_id")?, kept))
}

/// The facts of these parcels.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn load(db: &mut PgConnection, keys: &Keys) -> Result<HashMap<Uuid, Vec<Kept>>, Fault> {
    let rows = sqlx::query(
        "select s.* from tracking.scan s
           join unnest($1::uuid[], $2::uuid[]) k(tenant_id, parcel_id)
             on s.parcel_id = k.parcel_id and s.tenant_id = k.tenant_id",
    )
    .bind(&keys.tenants)
    .bind(&keys.parcels)
    .fetch_all(db)
    .await?;
    let mut facts: HashMap<Uuid, Vec<Kept>> = HashMap::new();
    for row in &rows {
        let (parcel, kept) = read(row)?;
        facts.entry(parcel).or_default().push(kept);
    }
    Ok(facts)
}

/// Writes facts, new ones and richer copies of known ones. Their parcels are locked.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn save(db: &mut PgConnection, writes: &[Write]) -> Result<(), Fault> {
    if writes.is_empty() {
        return Ok(());
    }
    let of = |pick: fn(&Write) -> Option<String>| writes.iter().map(pick).collect::<Vec<_>>();
    let scan_id = |w: &Write| w.fact.scan_id(w.parcel_id).to_uuid();
    let words = |w: &Write| Some(w.fact.scan.description.clone()).filter(|text| !text.is_empty());
    let offset = |w: &Write| w.fact.scan.time.and_then(|time| time.offset_text());
    sqlx::query(SAVE)
        .bind(writes.iter().map(|w| w.parcel_id).collect::<Vec<_>>())
        .bind(writes.iter().map(|w| w.fact.dedupe.as_slice()).collect::<Vec<_>>())
        .bind(writes.iter().map(|w| w.tenant_id).collect::<Vec<_>>())
        .bind(writes.iter().map(scan_id).collect::<Vec<_>>())
        .bind(writes.iter().map(|w| w.fact.scan.code.as_str()).collect::<Vec<_>>())
        .bind(writes.iter().map(|w| status_word(w.fact.scan.status)).collect::<Vec<_>>())
        .bind(writes.iter().map(|w| sub_word(w.fact.scan.status)).collect::<Vec<_>>())
        .bind(of(|w| w.fact.scan.time.map(stated)))
        .bind(of(offset))
        .bind(writes.iter().map(|w| w.fact.scan.utc()).collect::<Vec<_>>())
        .bind(writes.iter().map(|w| zone_word(w.fact.scan.zone_source)).collect::<Vec<_>>())
        .bind(of(|w| w.fact.scan.location.country.map(|country| country.to_string())))
        .bind(writes.iter().map(|w| i64::from(w.fact.scan.sequence)).collect::<Vec<_>>())
        .bind(writes.iter().map(|w| w.fact.scan.return_leg).collect::<Vec<_>>())
        .bind(of(words))
        .bind(of(|w| w.fact.scan.location.city.clone()))
        .bind(of(|w| w.fact.scan.location.postcode.clone()))
        .bind(writes.iter().map(|w| w.fact.future).collect::<Vec<_>>())
        .bind(writes.iter().map(|w| w.fact.before_label).collect::<Vec<_>>())
        .bind(writes.iter().map(|w| w.sealed).collect::<Vec<_>>())
        .bind(writes.iter().map(|w| w.source.as_str()).collect::<Vec<_>>())
        .bind(writes.iter().map(|w| w.told_at).collect::<Vec<_>>())
        .bind(writes.iter().map(|w| w.mapped.version).collect::<Vec<_>>())
        .bind(writes.iter().map(|w| w.mapped.by_code).collect::<Vec<_>>())
        .execute(db)
        .await?;
    Ok(())
}

/// The local time as finely as it was stated, without offset.
#[must_use]
pub fn stated(time: colibri_types::CivilTime) -> String {
    colibri_types::CivilTime { offset: None, ..time }.to_string()
}

const SAVE: &str = "
insert into tracking.scan as s
  (parcel_id, dedupe, tenant_id, scan_id, code, headline, sub_status, local_time, utc_offset, utc,
   zone_source, country, sequence, return_leg, words, city, area, future, before_label, sealed,
   source, received_at, mapping_version, by_code)
select * from unnest($1::uuid[], $2::bytea[], $3::uuid[], $4::uuid[], $5::text[], $6::text[],
   $7::text[], $8::text[], $9::text[], $10::timestamptz[], $11::text[], $12::text[], $13::int8[],
   $14::bool[], $15::text[], $16::text[], $17::text[], $18::bool[], $19::bool[], $20::bool[],
   $21::text[], $22::timestamptz[], $23::int8[], $24::bool[])
on conflict (parcel_id, dedupe) do update
  set headline = excluded.headline, sub_status = excluded.sub_status,
      local_time = excluded.local_time, utc_offset = excluded.utc_offset, utc = excluded.utc,
      zone_source = excluded.zone_source, sequence = excluded.sequence,
      return_leg = excluded.return_leg, future = excluded.future,
      before_label = excluded.before_label, mapping_version = excluded.mapping_version,
      by_code = excluded.by_code, sealed = s.sealed or excluded.sealed";
