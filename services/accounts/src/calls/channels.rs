//! `RegisterChannelAccount`.

use colibri_events::{
    accounts::v1::{ChannelAccount, RegisterChannelAccountRequest},
    vault::v1::CredentialField,
};
use colibri_kit::{fault::Fault, service::Shell};
use colibri_types::{AccountId, TenantId};

use super::{IDS, id_name, room, seal};
use crate::{
    Accounts,
    domain::{Violation, names},
    error::{CHANNEL, FIELD, SITE, TAKEN, fault},
    store::{self, ChannelRow, Kind},
};

/// Accounts of a tenant: a shop per country and brand.
const ACCOUNTS_MAX: i64 = 200;
/// Bytes of a webhook secret: channels give 32 to 64 characters.
const SECRET_BYTES_MAX: usize = 1_000;
/// Grams of a piece: more is freight, not sold here.
const WEIGHT_G_MAX: i32 = 1_000_000;
/// Name of the secret among the account's credentials in the vault.
const WEBHOOK_SECRET: &str = "webhook_secret";

/// Registers or replaces an account; it keeps its id.
///
/// # Errors
/// [`Fault::Reject`] `ACC0006`, `ACC0007`, `ACC0009`, `ACC0010`, `ACC0013`, `ACC0014`.
pub async fn register(
    shell: &Shell<Accounts>,
    tenant: TenantId,
    request: RegisterChannelAccountRequest,
) -> Result<ChannelAccount, Fault> {
    names::code(&request.code, "code")?;
    if colibri_channels::find(&request.channel).is_none() {
        let ids: Vec<&str> = colibri_channels::all().iter().map(|c| c.info().id).collect();
        let text = format!("one of {}", ids.join(", "));
        return Err(Violation::new(CHANNEL, "channel", "UNKNOWN", text).into());
    }
    let mut cx = shell.begin(tenant).await?;
    let known = store::channel_of(cx.db(), tenant, &request.code).await?;
    if known.is_none() {
        room(&mut cx, tenant, Kind::Channel, ACCOUNTS_MAX).await?;
    }
    let site = &request.site_code;
    if !site.is_empty() && !store::has_site(cx.db(), tenant, site).await? {
        let text = "code of a site of this tenant, or empty";
        return Err(Violation::new(SITE, "site_code", "UNKNOWN", text).into());
    }
    // Nothing is held while the vault is asked.
    cx.commit().await?;
    if known.as_ref().is_some_and(|(_, channel)| *channel != request.channel) {
        return Err(fault(TAKEN));
    }
    check_secret(&request.webhook_secret, known.is_some())?;
    let weight = weight(request.default_unit_weight_g)?;

    let derived = || AccountId::derived(&IDS, &id_name(tenant, "channel", &request.code));
    let account = known.map_or_else(derived, |(id, _)| AccountId::from_uuid(id));
    if !request.webhook_secret.is_empty() {
        let field =
            CredentialField { name: WEBHOOK_SECRET.to_owned(), value: request.webhook_secret };
        seal(shell, tenant, account, vec![field]).await?;
    }
    let row = ChannelRow {
        tenant_id: tenant.to_uuid(),
        account_id: account.to_uuid(),
        code: request.code,
        channel: request.channel,
        site_code: request.site_code,
        default_unit_weight_g: weight,
    };
    let mut cx = shell.begin(tenant).await?;
    let now = cx.now();
    if !store::upsert_channel(cx.db(), &row, now).await? {
        return Err(fault(TAKEN));
    }
    cx.commit().await?;
    tracing::info!(%account, %tenant, "channel account {account} changed");
    Ok(row.into_message())
}

fn weight(grams: u32) -> Result<i32, Violation> {
    let known = i32::try_from(grams).ok().filter(|grams| *grams <= WEIGHT_G_MAX);
    let text = "at most 1 000 000 g: more is freight";
    known.ok_or_else(|| Violation::new(FIELD, "default_unit_weight_g", "OVER_LIMIT", text))
}

fn check_secret(secret: &str, known: bool) -> Result<(), Violation> {
    let why = match secret.len() {
        0 if known => return Ok(()),
        0 => "MISSING",
        over if over > SECRET_BYTES_MAX => "OVER_LIMIT",
        _ => return Ok(()),
    };
    let text = "secret with which the channel signs its webhooks, at most 1 000 bytes";
    Err(Violation::new(FIELD, WEBHOOK_SECRET, why, text))
}
