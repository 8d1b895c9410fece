//! API clients: made, listed, given another secret, revoked; and their tokens.

use std::time::Duration;

use colibri_events::accounts::v1::{
    Client, CreateClientRequest, CreateClientResponse, IssueTokenRequest, IssueTokenResponse,
    RevokeClientRequest, RotateClientSecretRequest, RotateClientSecretResponse,
};
use colibri_kit::{auth::MintRequest, fault::Fault, service::Shell};
use colibri_types::{ClientId, TenantId};
use prost_types::Timestamp;
use time::OffsetDateTime;

use super::room;
use crate::{
    Accounts,
    domain::{names, scopes},
    error::{NO_CLIENT, NO_TOKENS, NOT_ACCEPTED, OVERLAP, REVOKED, fault, refused},
    secrets,
    store::{self, ClientRow, Kind},
};

/// Clients of a tenant: a few for each system that calls us.
const CLIENTS_MAX: i64 = 1_000;
/// Longest overlap of two secrets, seconds: a week is enough to change it everywhere.
const OVERLAP_MAX_S: i32 = 7 * 24 * 3600;
/// Bytes of a secret that is looked at: ours are 54.
const SECRET_BYTES_MAX: usize = 200;

/// Makes a client; its secret is answered here and never again.
///
/// # Errors
/// [`Fault::Reject`] `ACC0001`, `ACC0003`, `ACC0013`.
pub async fn create(
    shell: &Shell<Accounts>,
    tenant: TenantId,
    request: CreateClientRequest,
) -> Result<CreateClientResponse, Fault> {
    let name = names::name(&request.name)?;
    scopes::check(&request.scopes).map_err(refused)?;
    let (client, secret) = (ClientId::generate(), secrets::generate()?);
    let mac = shell.state.pepper.mac(client, &secret);
    let mut cx = shell.begin(tenant).await?;
    let now = cx.now();
    room(&mut cx, tenant, Kind::Client, CLIENTS_MAX).await?;
    let both = (tenant, client);
    store::insert_client(cx.db(), both, name, &request.scopes, &mac, now).await?;
    cx.commit().await?;
    tracing::info!(%client, %tenant, "client {client} made for {tenant}");
    Ok(CreateClientResponse { client_id: client.to_string(), client_secret: secret })
}

/// The tenant's clients.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn list(shell: &Shell<Accounts>, tenant: TenantId) -> Result<Vec<Client>, Fault> {
    let mut cx = shell.begin(tenant).await?;
    let rows = store::clients(cx.db(), tenant).await?;
    cx.commit().await?;
    Ok(rows.into_iter().map(message).collect())
}

/// Takes a client's access away.
///
/// # Errors
/// [`Fault::Reject`] `ACC0016`.
pub async fn revoke(
    shell: &Shell<Accounts>,
    tenant: TenantId,
    request: RevokeClientRequest,
) -> Result<Client, Fault> {
    let client = id(&request.client_id)?;
    let mut cx = shell.begin(tenant).await?;
    let row = store::revoke_client(cx.db(), tenant, client).await?;
    let row = row.ok_or_else(|| fault(NO_CLIENT))?;
    cx.commit().await?;
    tracing::info!(%client, %tenant, "client {client} of {tenant} revoked");
    Ok(message(row))
}

/// Gives a client another secret; it is answered here and never again.
///
/// # Errors
/// [`Fault::Reject`] `ACC0016`, `ACC0017`, `ACC0018`.
pub async fn rotate(
    shell: &Shell<Accounts>,
    tenant: TenantId,
    request: RotateClientSecretRequest,
) -> Result<RotateClientSecretResponse, Fault> {
    let client = id(&request.client_id)?;
    let overlap_s = i32::try_from(request.overlap_s).ok().filter(|s| *s <= OVERLAP_MAX_S);
    let too_long = || fault(OVERLAP).field("overlap_s", "TOO_LONG", "at most 604800 seconds");
    let overlap_s = overlap_s.ok_or_else(too_long)?;
    let secret = secrets::generate()?;
    let mac = shell.state.pepper.mac(client, &secret);
    let mut cx = shell.begin(tenant).await?;
    let Some(row) = store::rotate_client(cx.db(), (tenant, client), &mac, overlap_s).await? else {
        let revoked = store::has_client(cx.db(), tenant, client).await?;
        return Err(fault(if revoked { REVOKED } else { NO_CLIENT }));
    };
    cx.commit().await?;
    tracing::info!(%client, %tenant, overlap_s, "client {client} of {tenant} has another secret");
    Ok(RotateClientSecretResponse {
        client_id: client.to_string(),
        client_secret: secret,
        old_secret_until: row.old_until.map(timestamp),
    })
}

/// What is no id is nobody's.
fn id(text: &str) -> Result<ClientId, Fault> {
    text.parse().map_err(|_| fault(NO_CLIENT))
}

fn timestamp(at: OffsetDateTime) -> Timestamp {
    Timestamp { seconds: at.unix_timestamp(), nanos: i32::try_from(at.nanosecond()).unwrap_or(0) }
}

fn message(row: ClientRow) -> Client {
    Client {
        client_id: ClientId::from_uuid(row.client_id).to_string(),
        name: row.name,
        scopes: row.scopes,
        created_at: Some(timestamp(row.created_at)),
        rotated_at: row.rotated_at.map(timestamp),
        old_secret_until: row.old_until.map(timestamp),
        revoked_at: row.revoked_at.map(timestamp),
    }
}

/// Exchanges id and secret for a token.
///
/// # Errors
/// [`Fault::Reject`] `ACC0004`, whatever was wrong; `ACC0015`.
pub async fn issue(
    shell: &Shell<Accounts>,
    request: IssueTokenRequest,
) -> Result<IssueTokenResponse, Fault> {
    let issuer = shell.host.issuer.as_ref().ok_or_else(|| fault(NO_TOKENS))?;
    let not_accepted = || fault(NOT_ACCEPTED);
    let client: ClientId = request.client_id.parse().map_err(|_| not_accepted())?;
    if request.client_secret.len() > SECRET_BYTES_MAX {
        return Err(not_accepted());
    }
    let mut cx = shell.begin_log().await?;
    let found = store::secrets_of(cx.db(), client).await?;
    cx.commit().await?;
    // An unknown client costs the same hashes: time does not tell which ids exist.
    let found = found.unwrap_or_default();
    let (pepper, secret) = (&shell.state.pepper, &request.client_secret);
    let present = pepper.accepts(client, secret, &found.secret_mac);
    let previous = pepper.accepts(client, secret, &found.previous_mac.unwrap_or_default());
    if !(present | previous) {
        tracing::info!(%client, "token refused to {client}");
        return Err(not_accepted());
    }
    let expires_in_s = shell.state.config.token_ttl_s;
    let access_token = issuer
        .mint(MintRequest {
            subject: client.to_string(),
            tenant: Some(TenantId::from_uuid(found.tenant_id)),
            scopes: found.scopes,
            ttl: Duration::from_secs(expires_in_s.into()),
            service: None,
        })
        .map_err(Fault::bug)?;
    Ok(IssueTokenResponse { access_token, expires_in_s })
}
