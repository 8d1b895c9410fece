//! `RegisterCarrierAccount` and `ListCarrierAccounts`.

use colibri_events::{
    accounts::v1::{CarrierAccount, CarrierAccountChanged, RegisterCarrierAccountRequest},
    vault::v1::CredentialField,
};
use colibri_kit::{fault::Fault, service::Shell};
use colibri_types::{AccountId, TenantId};

use super::{IDS, id_name, room, seal};
use crate::{
    Accounts,
    domain::{Violation, carrier, names},
    error::{CARRIER, TAKEN, fault, refused},
    store::{self, CarrierRow, Kind},
};

/// Accounts of a tenant: every carrier, from every site, twice over.
const ACCOUNTS_MAX: i64 = 200;

/// Registers or replaces an account; it keeps its id.
///
/// # Errors
/// [`Fault::Reject`] `ACC0005`, `ACC0006`, `ACC0009` to `ACC0013`.
pub async fn register(
    shell: &Shell<Accounts>,
    tenant: TenantId,
    request: RegisterCarrierAccountRequest,
) -> Result<CarrierAccount, Fault> {
    names::code(&request.code, "code")?;
    let mut cx = shell.begin(tenant).await?;
    let known = store::carrier_of(cx.db(), tenant, &request.code).await?;
    if known.is_none() {
        room(&mut cx, tenant, Kind::Carrier, ACCOUNTS_MAX).await?;
    }
    // Nothing is held while the vault is asked.
    cx.commit().await?;
    if known.as_ref().is_some_and(|(_, carrier)| *carrier != request.carrier) {
        return Err(fault(TAKEN));
    }
    check(&request, known.is_some(), shell.state.loopback)?;

    let derived = || AccountId::derived(&IDS, &id_name(tenant, "carrier", &request.code));
    let account = known.map_or_else(derived, |(id, _)| AccountId::from_uuid(id));
    if !request.credentials.is_empty() {
        let field = |c: colibri_events::accounts::v1::Credential| CredentialField {
            name: c.name,
            value: c.value,
        };
        let fields = request.credentials.into_iter().map(field).collect();
        seal(shell, tenant, account, fields).await?;
    }
    let (host_names, host_urls) = request.hosts.into_iter().map(|h| (h.name, h.url)).unzip();
    let row = CarrierRow {
        tenant_id: tenant.to_uuid(),
        account_id: account.to_uuid(),
        code: request.code,
        carrier: request.carrier,
        host_names,
        host_urls,
        origin_countries: request.origin_countries,
        disabled: request.disabled,
    };
    let mut cx = shell.begin(tenant).await?;
    let now = cx.now();
    let version = store::upsert_carrier(cx.db(), &row, now).await?.ok_or_else(|| fault(TAKEN))?;
    let message = row.into_message();
    let event = CarrierAccountChanged {
        account_id: message.account_id.clone(),
        tenant_id: tenant.to_string(),
        account: Some(message.clone()),
        version: u64::try_from(version).unwrap_or_default(),
    };
    cx.publish(&event, &version.to_string());
    cx.commit().await?;
    tracing::info!(%account, %tenant, version, "carrier account {account} changed");
    Ok(message)
}

fn check(
    request: &RegisterCarrierAccountRequest,
    known: bool,
    loopback: carrier::Loopback,
) -> Result<(), Fault> {
    let Some(connector) = colibri_carriers::by_id(&request.carrier) else {
        let ids: Vec<&str> = colibri_carriers::all().iter().map(|c| c.info().id).collect();
        let text = format!("one of {}", ids.join(", "));
        return Err(Violation::new(CARRIER, "carrier", "UNKNOWN", text).into());
    };
    let info = connector.info();
    carrier::hosts(info, &request.hosts, loopback).map_err(refused)?;
    carrier::countries(info, &request.origin_countries).map_err(refused)?;
    // An existing account may be changed without sending its credentials again.
    if known && request.credentials.is_empty() {
        return Ok(());
    }
    carrier::credentials(connector, &request.credentials, &request.hosts).map_err(refused)
}

/// The tenant's accounts, without credentials.
///
/// # Errors
/// [`Fault::Retry`] when the database is away.
pub async fn list(shell: &Shell<Accounts>, tenant: TenantId) -> Result<Vec<CarrierAccount>, Fault> {
    let mut cx = shell.begin(tenant).await?;
    let rows = store::carriers(cx.db(), tenant).await?;
    cx.commit().await?;
    Ok(rows.into_iter().map(CarrierRow::into_message).collect())
}
