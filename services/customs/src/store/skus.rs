//! Articles.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use colibri_customs_rules::hs::Nomenclature;
use colibri_events::customs::v1::{Sku, SkuInput};
use colibri_kit::fault::Fault;
use colibri_types::TenantId;
use sqlx::{PgConnection, Row as _, postgres::PgRow};
use time::OffsetDateTime;
use uuid::Uuid;

use super::timestamp;

const COLUMNS: &str = "tenant_id, sku, description, hs6, cn8, hts10, origin, composition, gtin,
     manufacturer_id, excise, confirmed_by, confirmed_at, nomenclature, version, updated_at";

fn read(row: &PgRow) -> Result<Sku, sqlx::Error> {
    let confirmed_by: Option<String> = row.try_get("confirmed_by")?;
    let confirmed_at: Option<OffsetDateTime> = row.try_get("confirmed_at")?;
    let input = SkuInput {
        sku: row.try_get("sku")?,
        description: row.try_get("description")?,
        hs6: row.try_get("hs6")?,
        cn8: row.try_get("cn8")?,
        hts10: row.try_get("hts10")?,
        origin_country: row.try_get("origin")?,
        composition: row.try_get("composition")?,
        gtin: row.try_get("gtin")?,
        manufacturer_id: row.try_get("manufacturer_id")?,
        confirmed: confirmed_by.is_some(),
        excise: row.try_get("excise")?,
    };
    Ok(Sku {
        input: Some(input),
        confirmed_by: confirmed_by.unwrap_or_default(),
        confirmed_at: confirmed_at.map(timestamp),
        nomenclature: row.try_get("nomenclature")?,
        version: u64::try_from(row.try_get::<i64, _>("version")?).unwrap_or_default(),
        updated_at: Some(timestamp(row.try_get("updated_at")?)),
    })
}

/// Keeps articles, of one number the last; answers those that changed. A confirmation stays while
/// the codes stay.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn put(
    db: &mut PgConnection,
    tenant: TenantId,
    skus: &[SkuInput],
    actor: &str,
    now: OffsetDateTime,
) -> Result<Vec<String>, Fault> {
    let last: BTreeMap<&str, &SkuInput> = skus.iter().map(|sku| (sku.sku.as_str(), sku)).collect();
    let texts = |of: fn(&SkuInput) -> &str| -> Vec<&str> { last.values().map(|s| of(s)).collect() };
    let flags = |of: fn(&SkuInput) -> bool| -> Vec<bool> { last.values().map(|s| of(s)).collect() };
    Ok(sqlx::query_scalar(
        "insert into customs.sku as s (tenant_id, sku, description, hs6, cn8, hts10, origin,
                composition, gtin, manufacturer_id, excise, confirmed_by, confirmed_at,
                nomenclature, updated_at)
         select $1, n.sku, n.description, n.hs6, n.cn8, n.hts10, n.origin, n.composition, n.gtin,
                n.manufacturer_id, n.excise, case when n.confirmed then $13 end,
                case when n.confirmed then $14::timestamptz end, $15, $14
           from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                       $8::text[], $9::text[], $10::text[], $11::bool[], $12::bool[])
             as n(sku, description, hs6, cn8, hts10, origin, composition, gtin, manufacturer_id,
                  excise, confirmed)
         on conflict (tenant_id, sku) do update
            set description = excluded.description, hs6 = excluded.hs6, cn8 = excluded.cn8,
                hts10 = excluded.hts10, origin = excluded.origin,
                composition = excluded.composition, gtin = excluded.gtin,
                manufacturer_id = excluded.manufacturer_id, excise = excluded.excise,
                confirmed_by = case
                  when excluded.confirmed_by is not null then excluded.confirmed_by
                  when (s.hs6, s.cn8, s.hts10) = (excluded.hs6, excluded.cn8, excluded.hts10)
                  then s.confirmed_by end,
                confirmed_at = case
                  when excluded.confirmed_by is not null then excluded.confirmed_at
                  when (s.hs6, s.cn8, s.hts10) = (excluded.hs6, excluded.cn8, excluded.hts10)
                  then s.confirmed_at end,
                nomenclature = excluded.nomenclature, version = s.version + 1,
                updated_at = excluded.updated_at
          where (s.description, s.hs6, s.cn8, s.hts10, s.origin, s.composition, s.gtin,
                 s.manufacturer_id, s.excise)
             is distinct from
                (excluded.description, excluded.hs6, excluded.cn8, excluded.hts10,
                 excluded.origin, excluded.composition, excluded.gtin,
                 excluded.manufacturer_id, excluded.excise)
             or (excluded.confirmed_by is not null and s.confirmed_by is null)
         returning sku",
    )
    .bind(tenant.to_uuid())
    .bind(texts(|s| &s.sku))
    .bind(texts(|s| &s.description))
    .bind(texts(|s| &s.hs6))
    .bind(texts(|s| &s.cn8))
    .bind(texts(|s| &s.hts10))
    .bind(texts(|s| &s.origin_country))
    .bind(texts(|s| &s.composition))
    .bind(texts(|s| &s.gtin))
    .bind(texts(|s| &s.manufacturer_id))
    .bind(flags(|s| s.excise))
    .bind(flags(|s| s.confirmed))
    .bind(actor)
    .bind(now)
    .bind(Nomenclature::VERSION)
    .fetch_all(db)
    .await?)
}

/// Articles by tenant and number.
pub type Known = HashMap<TenantId, HashMap<String, Sku>>;

/// Articles that several tenants are asked for.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn find(
    db: &mut PgConnection,
    wanted: &BTreeSet<(TenantId, String)>,
) -> Result<Known, Fault> {
    let mut known = Known::new();
    if wanted.is_empty() {
        return Ok(known);
    }
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from customs.sku
           join unnest($1::uuid[], $2::text[]) as w(tenant_id, sku) using (tenant_id, sku)"
    )))
    .bind(wanted.iter().map(|(tenant, _)| tenant.to_uuid()).collect::<Vec<_>>())
    .bind(wanted.iter().map(|(_, sku)| sku.as_str()).collect::<Vec<_>>())
    .fetch_all(db)
    .await?;
    for row in &rows {
        let tenant = TenantId::from_uuid(row.try_get::<Uuid, _>("tenant_id")?);
        known.entry(tenant).or_default().insert(row.try_get("sku")?, read(row)?);
    }
    Ok(known)
}

/// A page of articles, by their number, after the one given.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn list(
    db: &mut PgConnection,
    tenant: TenantId,
    after: &str,
    unconfirmed: bool,
    limit: i64,
) -> Result<Vec<Sku>, Fault> {
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from customs.sku
          where tenant_id = $1 and sku > $2 and (not $3 or confirmed_by is null)
          order by sku limit $4"
    )))
    .bind(tenant.to_uuid())
    .bind(after)
    .bind(unconfirmed)
    .bind(limit)
    .fetch_all(db)
    .await?;
    Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
}
