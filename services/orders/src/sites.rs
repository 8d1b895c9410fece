//! Sites of a tenant, also those whose event has not come yet.

use colibri_events::accounts::v1::{
    ListSitesRequest, accounts_service_client::AccountsServiceClient,
};
use colibri_kit::{
    fault::{Fault, RpcError},
    service::Shell,
};
use colibri_types::TenantId;
use tracing::warn;

use crate::{Orders, domain::facts::Site, store};

/// Asks accounts for the tenant's sites and keeps them, when a needed one is not known: somebody
/// who makes a site and then sends an order must not wait for an event. `None`: not asked, because
/// it was a moment ago, or accounts is away; the order is then held for want of a site.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn ask(shell: &Shell<Orders>, tenant: TenantId) -> Result<Option<Vec<Site>>, Fault> {
    if shell.state.sites_asked.get(&tenant).is_some() {
        return Ok(None);
    }
    shell.state.sites_asked.put(tenant, ());
    let mut accounts = AccountsServiceClient::new(shell.host.peers.to("accounts", tenant));
    let answer = match accounts.list_sites(ListSitesRequest {}).await {
        Ok(answer) => answer.into_inner(),
        Err(status) => {
            let cause = RpcError::from_status(&status);
            warn!(%cause, "sites are not asked for: {cause}");
            return Ok(None);
        }
    };
    let mut sites = Vec::with_capacity(answer.sites.len());
    for site in answer.sites {
        let address = site.address.unwrap_or_default();
        let zone = colibri_addresses::postcode_zone(&address.country, &address.postcode);
        let site_id = site.site_id.parse().map_err(Fault::bug)?;
        let (code, country) = (site.code, address.country);
        sites.push((tenant, Site { site_id, code, country, zone: zone.unwrap_or_default() }));
    }
    let mut cx = shell.begin(tenant).await?;
    store::site::save(cx.db(), &sites, None).await?;
    let known = store::site::of_tenant(cx.db(), tenant).await?;
    cx.commit().await?;
    Ok(Some(known))
}
