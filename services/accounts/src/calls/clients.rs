//! `CreateClient` and `IssueToken`.

use std::time::Duration;

use colibri_events::accounts::v1::{
    CreateClientRequest, CreateClientResponse, IssueTokenRequest, IssueTokenResponse,
};
use colibri_kit::{auth::MintRequest, fault::Fault, service::Shell};
use colibri_types::{ClientId, TenantId};

use super::room;
use crate::{
    Accounts,
    domain::{names, scopes},
    error::{NO_TOKENS, NOT_ACCEPTED, fault, refused},
    secrets,
    store::{self, Kind},
};

/// Clients of a tenant: a few for each system that calls us.
const CLIENTS_MAX: i64 = 1_000;
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
    let found = store::client(cx.db(), client).await?;
    cx.commit().await?;
    // An unknown client costs the same hash: time does not tell which ids exist.
    let (tenant, scopes, mac) = found.unwrap_or_default();
    if !shell.state.pepper.accepts(client, &request.client_secret, &mac) {
        tracing::info!(%client, "token refused to {client}");
        return Err(not_accepted());
    }
    let expires_in_s = shell.state.config.token_ttl_s;
    let access_token = issuer
        .mint(MintRequest {
            subject: client.to_string(),
            tenant: Some(TenantId::from_uuid(tenant)),
            scopes,
            ttl: Duration::from_secs(expires_in_s.into()),
            service: None,
        })
        .map_err(Fault::bug)?;
    Ok(IssueTokenResponse { access_token, expires_in_s })
}
