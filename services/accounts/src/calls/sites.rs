//! `CreateSite` and `ListSites`.

use colibri_events::{
    accounts::v1::{CreateSiteRequest, Site, SiteChanged},
    types::v1::Address,
    vault::v1::{Flow, Record},
};
use colibri_kit::{fault::Fault, service::Shell};
use colibri_types::{SiteId, TenantId};
use colibri_vault_client::{ADDRESS, VaultClient};

use super::{IDS, id_name, room};
use crate::{
    Accounts,
    domain::{address, names},
    error::refused,
    store::{self, Kind, SiteRow},
};

/// Sites of a tenant: as many as one reveal opens, and more than a large retailer ships from.
const SITES_MAX: i64 = 500;

/// Makes a site, or changes the address of the one of this code.
///
/// # Errors
/// [`Fault::Reject`] `ACC0002`, `ACC0009`, `ACC0013`.
pub async fn create(
    shell: &Shell<Accounts>,
    tenant: TenantId,
    request: CreateSiteRequest,
) -> Result<Site, Fault> {
    names::code(&request.code, "code")?;
    let checked = address::check(request.address).map_err(refused)?;
    let (country, postcode_zone) = (checked.country.clone(), checked.postcode_zone.clone());
    let fields = checked.into_fields();
    let opened = address::from_fields(&fields);

    let mut cx = shell.begin(tenant).await?;
    if !store::has_site(cx.db(), tenant, &request.code).await? {
        room(&mut cx, tenant, Kind::Site, SITES_MAX).await?;
    }
    // Nothing is held while the vault is asked.
    cx.commit().await?;
    let address_ref = seal(shell, tenant, &request.code, fields).await?;

    let site = SiteId::derived(&IDS, &id_name(tenant, "site", &request.code));
    let row = SiteRow {
        site_id: site.to_uuid(),
        code: request.code,
        country,
        postcode_zone,
        address_ref,
    };
    let mut cx = shell.begin(tenant).await?;
    let now = cx.now();
    let version = store::upsert_site(cx.db(), tenant, &row, now).await?;
    let event = SiteChanged {
        site_id: site.to_string(),
        tenant_id: tenant.to_string(),
        code: row.code.clone(),
        country: row.country.clone(),
        postcode_zone: row.postcode_zone.clone().unwrap_or_default(),
        address_ref: row.address_ref.clone(),
    };
    cx.publish(&event, &version.to_string());
    cx.commit().await?;
    tracing::info!(%site, %tenant, version, "site {site} changed");
    Ok(message(row, Some(opened)))
}

/// The ref of the address in the vault, the same for the same site.
async fn seal(
    shell: &Shell<Accounts>,
    tenant: TenantId,
    code: &str,
    fields: Vec<colibri_events::vault::v1::FieldValue>,
) -> Result<String, Fault> {
    let record = Record { external_key: format!("site:{code}"), fields, ..Record::default() };
    let vault = VaultClient::new(shell.host.peers.clone());
    let address_ref = vault.put(tenant, &[record]).await?.pop();
    address_ref.ok_or_else(|| Fault::bug("the vault answered no ref"))
}

fn message(row: SiteRow, address: Option<Address>) -> Site {
    Site {
        site_id: SiteId::from_uuid(row.site_id).to_string(),
        code: row.code,
        address,
        address_ref: row.address_ref,
    }
}

/// The tenant's sites. One whose address the vault does not open has none in the answer.
///
/// # Errors
/// [`Fault::Retry`] when database or vault are away.
pub async fn list(shell: &Shell<Accounts>, tenant: TenantId) -> Result<Vec<Site>, Fault> {
    let mut cx = shell.begin(tenant).await?;
    let rows = store::sites(cx.db(), tenant).await?;
    cx.commit().await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let vault = VaultClient::new(shell.host.peers.clone());
    let refs = rows.iter().map(|row| row.address_ref.clone());
    let opened = vault.reveal(tenant, Flow::SiteView, ADDRESS, refs).await?;
    let site = |row: SiteRow| {
        let fields = opened.get(&row.address_ref).and_then(Result::ok);
        let address = fields.map(address::from_fields);
        message(row, address)
    };
    Ok(rows.into_iter().map(site).collect())
}
