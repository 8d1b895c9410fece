//! A carrier account came, changed or was switched off.

use std::collections::{BTreeMap, BTreeSet};

use colibri_events::accounts::v1::CarrierAccountChanged;
use colibri_kit::{fault::Fault, service::Cx};
use colibri_types::{AccountId, Country, TenantId};

use crate::{Pricing, error, store, waiting};

/// Notes the account; shipments of the tenant that wait are decided again. The latest version of
/// an account wins.
///
/// # Errors
/// [`Fault::Reject`] `PRC0101` when the event cannot be read.
pub async fn carrier_account_changed(
    cx: &mut Cx<Pricing>,
    events: &[CarrierAccountChanged],
) -> Result<(), Fault> {
    let mut latest: BTreeMap<AccountId, (TenantId, &CarrierAccountChanged)> = BTreeMap::new();
    for event in events {
        let (id, tenant) = read(event)?;
        let held = latest.entry(id).or_insert((tenant, event));
        if held.1.version < event.version {
            *held = (tenant, event);
        }
    }
    let tenants: BTreeSet<TenantId> = latest.values().map(|(tenant, _)| *tenant).collect();
    let tenants: Vec<TenantId> = tenants.into_iter().collect();
    store::change(cx.db(), &tenants).await?;
    let latest: Vec<_> =
        latest.into_iter().map(|(id, (tenant, event))| (id, tenant, event)).collect();
    store::change_accounts(cx.db(), &latest).await?;
    for tenant in tenants {
        // If more wait, the task finds them at its next poll: the commit comes later than this.
        let _more = waiting::release_changed(cx, tenant).await?;
    }
    Ok(())
}

fn read(event: &CarrierAccountChanged) -> Result<(AccountId, TenantId), Fault> {
    let wrong = |what: &str| Fault::reject(error::FIELD, format!("{what} cannot be read"));
    let id = event.account_id.parse().map_err(|_| wrong("account_id"))?;
    let tenant = event.tenant_id.parse().map_err(|_| wrong("tenant_id"))?;
    let account = event.account.as_ref().ok_or_else(|| wrong("account"))?;
    if account.origin_countries.iter().any(|code| code.parse::<Country>().is_err()) {
        return Err(wrong("account.origin_countries"));
    }
    i64::try_from(event.version).map_err(|_| wrong("version"))?;
    Ok((id, tenant))
}
