//! What belongs to a tenant as a whole: the lock of its book, its profile, its sites, its imports.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use colibri_events::{accounts::v1::SiteChanged, customs::v1::Profile};
use colibri_kit::fault::Fault;
use colibri_types::{SiteId, TenantId};
use prost::Message as _;
use sqlx::{PgConnection, Row as _};
use time::OffsetDateTime;
use uuid::Uuid;

/// Takes the books of tenants together with others who decide; a correction waits, or has been.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn share(db: &mut PgConnection, tenants: &BTreeSet<TenantId>) -> Result<(), Fault> {
    let ids: Vec<Uuid> = tenants.iter().map(|tenant| tenant.to_uuid()).collect();
    sqlx::query(
        "insert into customs.book (tenant_id)
         select id from unnest($1::uuid[]) as t(id) order by id on conflict do nothing",
    )
    .bind(&ids)
    .execute(&mut *db)
    .await?;
    sqlx::query("select from customs.book where tenant_id = any($1) order by tenant_id for share")
        .bind(&ids)
        .execute(db)
        .await?;
    Ok(())
}

/// Takes a tenant's book alone: nobody decides until the correction is committed.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn change(db: &mut PgConnection, tenant: TenantId) -> Result<(), Fault> {
    sqlx::query(
        "insert into customs.book (tenant_id, generation) values ($1, 1)
         on conflict (tenant_id) do update set generation = customs.book.generation + 1",
    )
    .bind(tenant.to_uuid())
    .execute(db)
    .await?;
    Ok(())
}

/// The profiles of tenants, where they have one.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn profiles(
    db: &mut PgConnection,
    tenants: &BTreeSet<TenantId>,
) -> Result<HashMap<TenantId, Profile>, Fault> {
    let ids: Vec<Uuid> = tenants.iter().map(|tenant| tenant.to_uuid()).collect();
    let rows = sqlx::query(
        "select tenant_id, profile, version from customs.profile where tenant_id = any($1)",
    )
    .bind(ids)
    .fetch_all(db)
    .await?;
    let one = |row: &sqlx::postgres::PgRow| {
        let profile = Profile::decode(row.try_get::<&[u8], _>("profile")?).map_err(Fault::bug)?;
        let version = u64::try_from(row.try_get::<i64, _>("version")?).unwrap_or_default();
        let tenant = TenantId::from_uuid(row.try_get("tenant_id")?);
        Ok((tenant, Profile { version, ..profile }))
    };
    rows.iter().map(one).collect()
}

/// Replaces a tenant's profile; answers its version. The same again changes nothing.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn put_profile(
    db: &mut PgConnection,
    tenant: TenantId,
    profile: &Profile,
    now: OffsetDateTime,
) -> Result<u64, Fault> {
    let version: i64 = sqlx::query_scalar(
        "insert into customs.profile (tenant_id, profile, updated_at) values ($1, $2, $3)
         on conflict (tenant_id) do update
            set profile = excluded.profile, updated_at = excluded.updated_at,
                version = customs.profile.version
                        + (customs.profile.profile is distinct from excluded.profile)::int
         returning version",
    )
    .bind(tenant.to_uuid())
    .bind(profile.encode_to_vec())
    .bind(now)
    .fetch_one(db)
    .await?;
    Ok(u64::try_from(version).unwrap_or_default())
}

/// Keeps where sites' addresses lie; of several events about one, the last. `None`: one of them has
/// a malformed id.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn keep_sites(
    db: &mut PgConnection,
    events: &[SiteChanged],
) -> Result<Option<()>, Fault> {
    let mut sites: BTreeMap<SiteId, (TenantId, &str)> = BTreeMap::new();
    for event in events {
        let (Ok(site), Ok(tenant)) = (event.site_id.parse(), event.tenant_id.parse()) else {
            return Ok(None);
        };
        sites.insert(site, (tenant, &event.address_ref));
    }
    sqlx::query(
        "insert into customs.site (site_id, tenant_id, address_ref)
         select * from unnest($1::uuid[], $2::uuid[], $3::text[])
         on conflict (site_id) do update set address_ref = excluded.address_ref
          where customs.site.tenant_id = excluded.tenant_id",
    )
    .bind(sites.keys().map(|site| site.to_uuid()).collect::<Vec<_>>())
    .bind(sites.values().map(|(tenant, _)| tenant.to_uuid()).collect::<Vec<_>>())
    .bind(sites.values().map(|(_, record)| *record).collect::<Vec<_>>())
    .execute(db)
    .await?;
    Ok(Some(()))
}

/// Where the addresses of sites lie in the vault.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn sites(
    db: &mut PgConnection,
    sites: &[(TenantId, SiteId)],
) -> Result<HashMap<SiteId, String>, Fault> {
    let rows = sqlx::query(
        "select s.site_id, s.address_ref from customs.site s
           join unnest($1::uuid[], $2::uuid[]) as w(tenant_id, site_id)
             using (tenant_id, site_id)",
    )
    .bind(sites.iter().map(|(tenant, _)| tenant.to_uuid()).collect::<Vec<_>>())
    .bind(sites.iter().map(|(_, site)| site.to_uuid()).collect::<Vec<_>>())
    .fetch_all(db)
    .await?;
    let one = |row: &sqlx::postgres::PgRow| {
        Ok((SiteId::from_uuid(row.try_get("site_id")?), row.try_get("address_ref")?))
    };
    rows.iter().map(one).collect()
}

/// The import of a request id: fingerprint and report.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn import(
    db: &mut PgConnection,
    tenant: TenantId,
    request_id: &str,
) -> Result<Option<(Vec<u8>, Vec<u8>)>, Fault> {
    let row = sqlx::query_as(
        "select fingerprint, report from customs.import
          where tenant_id = $1 and request_id = $2",
    );
    Ok(row.bind(tenant.to_uuid()).bind(request_id).fetch_optional(db).await?)
}

/// Keeps an import with its articles; `false`: the request id has one already.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn keep_import(
    db: &mut PgConnection,
    tenant: TenantId,
    request_id: &str,
    (fingerprint, report): (&[u8], &[u8]),
    now: OffsetDateTime,
) -> Result<bool, Fault> {
    let kept = sqlx::query(
        "insert into customs.import (tenant_id, request_id, fingerprint, report, at)
         values ($1, $2, $3, $4, $5) on conflict (tenant_id, request_id) do nothing",
    )
    .bind(tenant.to_uuid())
    .bind(request_id)
    .bind(fingerprint)
    .bind(report)
    .bind(now)
    .execute(db)
    .await?;
    Ok(kept.rows_affected() == 1)
}
