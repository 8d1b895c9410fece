//! Versions of tariffs.

use colibri_kit::fault::Fault;
use colibri_types::TenantId;
use sqlx::{PgConnection, Row as _};
use time::{Date, OffsetDateTime};

use crate::domain::{Sheet, Tariff, TariffRef};

/// What became of an activation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// It takes part from now on.
    New,
    /// It was there, with the same content.
    Known,
    /// The version was there, with other content.
    Differs,
}

/// Stores a version. Earlier versions whose days it covers take no part any more; neither does it
/// when a later one covers its own. The caller holds the tenant's generation.
///
/// # Errors
/// [`Fault`] of the database, `Bug` when a stored tariff cannot be read.
pub async fn activate(
    db: &mut PgConnection,
    tenant: TenantId,
    tariff: &Tariff,
    text: &str,
    now: OffsetDateTime,
) -> Result<Activation, Fault> {
    let sheet = tariff.sheet();
    let known: Option<String> = sqlx::query_scalar(
        "select toml from pricing.tariff
          where tenant_id = $1 and tariff_id = $2 and version = $3",
    )
    .bind(tenant.to_uuid())
    .bind(&sheet.id)
    .bind(i64::from(sheet.version))
    .fetch_optional(&mut *db)
    .await?;
    if let Some(known) = known {
        // Comments and layout may differ, figures may not.
        let same = known == text || Tariff::from_toml(&known).is_ok_and(|known| known == *tariff);
        return Ok(if same { Activation::Known } else { Activation::Differs });
    }
    insert(db, tenant, sheet, text, now).await?;
    Ok(Activation::New)
}

async fn insert(
    db: &mut PgConnection,
    tenant: TenantId,
    sheet: &Sheet,
    text: &str,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query(
        "insert into pricing.tariff
           (tenant_id, tariff_id, version, carrier, service, valid_from, valid_to, active, toml,
            activated_at)
         select $1, $2, $3, $4, $5, $6, $7,
                not exists (select from pricing.tariff later
                             where later.tenant_id = $1 and later.tariff_id = $2
                               and later.version > $3 and later.valid_from <= $6
                               and later.valid_to >= $7),
                $8, $9",
    )
    .bind(tenant.to_uuid())
    .bind(&sheet.id)
    .bind(i64::from(sheet.version))
    .bind(&sheet.carrier)
    .bind(&sheet.service)
    .bind(sheet.valid_from.0)
    .bind(sheet.valid_to.0)
    .bind(text)
    .bind(now)
    .execute(&mut *db)
    .await?;
    sqlx::query(
        "update pricing.tariff set active = false
          where tenant_id = $1 and tariff_id = $2 and version < $3 and active
            and valid_from >= $4 and valid_to <= $5",
    )
    .bind(tenant.to_uuid())
    .bind(&sheet.id)
    .bind(i64::from(sheet.version))
    .bind(sheet.valid_from.0)
    .bind(sheet.valid_to.0)
    .execute(db)
    .await?;
    Ok(())
}

/// A tariff that takes part, without its figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Id and version.
    pub tariff: TariffRef,
    /// Id in the carrier registry.
    pub carrier: String,
    /// The carrier's service code.
    pub service: String,
    /// First and last day of shipping.
    pub valid: (Date, Date),
}

/// The tariffs that take part, by id and version.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn list(db: &mut PgConnection, tenant: TenantId) -> Result<Vec<Listed>, Fault> {
    let rows = sqlx::query(
        "select tariff_id, version, carrier, service, valid_from, valid_to from pricing.tariff
          where tenant_id = $1 and active order by tariff_id, version",
    )
    .bind(tenant.to_uuid())
    .fetch_all(db)
    .await?;
    let mut listed = Vec::with_capacity(rows.len());
    for row in rows {
        let version: i64 = row.try_get(1)?;
        listed.push(Listed {
            tariff: TariffRef {
                id: row.try_get(0)?,
                version: u32::try_from(version).map_err(Fault::bug)?,
            },
            carrier: row.try_get(2)?,
            service: row.try_get(3)?,
            valid: (row.try_get(4)?, row.try_get(5)?),
        });
    }
    Ok(listed)
}

/// The tariffs of these names, whether they take part or not.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn named(
    db: &mut PgConnection,
    tenant: TenantId,
    names: &[TariffRef],
) -> Result<Vec<Tariff>, Fault> {
    let texts: Vec<String> = sqlx::query_scalar(
        "select t.toml from pricing.tariff t
           join unnest($2::text[], $3::int8[]) as n(id, version)
             on t.tariff_id = n.id and t.version = n.version
          where t.tenant_id = $1",
    )
    .bind(tenant.to_uuid())
    .bind(names.iter().map(|name| name.id.as_str()).collect::<Vec<_>>())
    .bind(names.iter().map(|name| i64::from(name.version)).collect::<Vec<_>>())
    .fetch_all(db)
    .await?;
    // One that cannot be read any more is missing, and the caller says so.
    Ok(texts.iter().filter_map(|text| Tariff::from_toml(text).ok()).collect())
}
