//! The sites orders may leave from.

use colibri_kit::fault::Fault;
use colibri_types::{SiteId, TenantId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::domain::facts::Site;

/// A tenant's sites, the first made first.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn of_tenant(db: &mut PgConnection, tenant: TenantId) -> Result<Vec<Site>, Fault> {
    let rows: Vec<(Uuid, String, String, String)> = sqlx::query_as(
        "select site_id, code, country, postcode_zone from orders.site
          where tenant_id = $1 order by heard_at nulls last, ord",
    )
    .bind(tenant.to_uuid())
    .fetch_all(db)
    .await?;
    let site = |(id, code, country, zone): (Uuid, String, String, String)| Site {
        site_id: SiteId::from_uuid(id),
        code,
        country,
        zone,
    };
    Ok(rows.into_iter().map(site).collect())
}

/// Notes sites as they are now; each at most once. `heard_at`: their events came now, in this
/// order, which is that of their making. `None`: accounts was asked, and lists them in another.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn save(
    db: &mut PgConnection,
    sites: &[(TenantId, Site)],
    heard_at: Option<OffsetDateTime>,
) -> Result<(), Fault> {
    if sites.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into orders.site (site_id, tenant_id, code, country, postcode_zone, heard_at)
         select site_id, tenant_id, code, country, zone, $6 + place * interval '1 microsecond'
           from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[])
                with ordinality as n(site_id, tenant_id, code, country, zone, place)
          order by place
         on conflict (site_id) do update
            set code = excluded.code, country = excluded.country,
                postcode_zone = excluded.postcode_zone,
                heard_at = coalesce(site.heard_at, excluded.heard_at)
          where site.tenant_id = excluded.tenant_id",
    )
    .bind(sites.iter().map(|(_, site)| site.site_id.to_uuid()).collect::<Vec<_>>())
    .bind(sites.iter().map(|(tenant, _)| tenant.to_uuid()).collect::<Vec<_>>())
    .bind(sites.iter().map(|(_, site)| site.code.as_str()).collect::<Vec<_>>())
    .bind(sites.iter().map(|(_, site)| site.country.as_str()).collect::<Vec<_>>())
    .bind(sites.iter().map(|(_, site)| site.zone.as_str()).collect::<Vec<_>>())
    .bind(heard_at)
    .execute(db)
    .await?;
    Ok(())
}
