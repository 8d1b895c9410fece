//! `CreateTenant`.

use colibri_events::accounts::v1::{CreateTenantRequest, Tenant};
use colibri_kit::{fault::Fault, service::Shell};
use colibri_types::TenantId;

use crate::{Accounts, domain::names, store};

/// Makes a tenant.
///
/// # Errors
/// [`Fault::Reject`] `ACC0001`.
pub async fn create(
    shell: &Shell<Accounts>,
    request: CreateTenantRequest,
) -> Result<Tenant, Fault> {
    let name = names::name(&request.name)?;
    let tenant = TenantId::generate();
    let mut cx = shell.begin(tenant).await?;
    let now = cx.now();
    store::insert_tenant(cx.db(), tenant, name, now).await?;
    cx.commit().await?;
    tracing::info!(%tenant, "tenant {tenant} made");
    Ok(Tenant { tenant_id: tenant.to_string(), name: name.to_owned() })
}
