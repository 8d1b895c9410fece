//! A carrier's call: proven, read, matched, and taken in with its fingerprint.

use std::sync::Arc;

use colibri_carrier_client::AccountHandle;
use colibri_events::accounts::v1::{
    ResolveAccountRequest, accounts_service_client::AccountsServiceClient,
};
use colibri_kit::{
    fault::{Fault, RpcError},
    service::Shell,
    telemetry::metrics,
};
use colibri_types::{AccountId, TenantId};
use tonic::Code;
use tracing::debug;

use crate::{
    Tracking, error,
    ingest::{self, Heard, Summary, Webhook},
    settle::Answer,
    store::{accounts, webhooks},
};

/// What a webhook came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Received {
    /// Of the parcels that are ours.
    pub summary: Summary,
    /// Parcels that are not ours.
    pub unmatched: u32,
}

/// Takes a webhook in.
///
/// # Errors
/// [`Fault`] `TRK0002` when the proof is not accepted, `TRK0003` when the body cannot be read.
pub async fn receive(
    shell: &Shell<Tracking>,
    account: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> Result<Received, Fault> {
    let account: AccountId = account.parse().map_err(|_| error::not_proven())?;
    let handle = open(shell, account).await?;
    let push = handle.carrier.push().ok_or_else(error::not_proven)?;
    let carrier = handle.carrier.info().id;
    if !push.verify(&handle.account, headers, body) {
        metrics::counter("colibri_tracking_webhook_refused_total", &[("carrier", carrier)]).inc();
        return Err(error::not_proven());
    }
    let tracks = push.parse(body).map_err(|cause| {
        Fault::reject(error::UNREADABLE, "the body is not what the carrier documents")
            .caused_by(cause)
    })?;
    let (tenant, state) = (handle.tenant_id(), &shell.state);
    let fingerprint = state.tokens.body(account.to_uuid(), body);
    let webhook = Webhook { tenant, account_id: account.to_uuid(), fingerprint };
    let scans = tracks.iter().map(|track| track.scans.len()).sum::<usize>();
    if seen(shell, &webhook).await? {
        let scans = u32::try_from(scans).unwrap_or(u32::MAX);
        let summary = Summary { scans, replayed: true, ..Summary::default() };
        return Ok(Received { summary, unmatched: 0 });
    }
    let numbers: Vec<String> = tracks.iter().map(|track| track.tracking_number.clone()).collect();
    let parcels = state.vault.find(tenant, &numbers).await?;
    let unmatched = parcels.iter().filter(|parcel| parcel.is_none()).count();
    let (tenant_id, told_at) = (tenant.to_uuid(), shell.host.clock.now());
    let heard = tracks.into_iter().zip(parcels).filter_map(|(track, parcel)| {
        let answer = Answer::Pushed;
        Some(Heard { tenant_id, parcel_id: parcel?, scans: track.scans, told_at, answer })
    });
    let mut summary = ingest::ingest(shell, heard.collect(), Some(&webhook)).await?;
    summary.scans = u32::try_from(scans).unwrap_or(u32::MAX);
    let unmatched = u32::try_from(unmatched).unwrap_or(u32::MAX) + summary.unwatched;
    metrics::counter("colibri_tracking_webhook_unmatched_total", &[("carrier", carrier)])
        .add(unmatched.into());
    Ok(Received { summary, unmatched })
}

async fn seen(shell: &Shell<Tracking>, webhook: &Webhook) -> Result<bool, Fault> {
    let mut cx = shell.begin(webhook.tenant).await?;
    let (tenant, account) = (webhook.tenant.to_uuid(), webhook.account_id);
    let seen = webhooks::seen(cx.db(), tenant, account, &webhook.fingerprint).await?;
    cx.rollback().await;
    Ok(seen)
}

/// The account as we were told of it, else as the accounts service knows it.
async fn open(shell: &Shell<Tracking>, account: AccountId) -> Result<Arc<AccountHandle>, Fault> {
    let mut cx = shell.begin_log().await?;
    let known = accounts::load(cx.db(), &[account.to_uuid()]).await?;
    cx.rollback().await;
    let opened = match known.first() {
        Some(facts) => shell.state.carriers.account_of(facts).await,
        None => {
            let tenant = whose(shell, account).await?;
            shell.state.carriers.account(tenant, account).await
        }
    };
    opened.map_err(|cause| {
        if cause.clears_by_itself() {
            Fault::retry(cause)
        } else {
            debug!(%account, %cause, "account of a webhook cannot be opened");
            error::not_proven()
        }
    })
}

async fn whose(shell: &Shell<Tracking>, account: AccountId) -> Result<TenantId, Fault> {
    let mut accounts = AccountsServiceClient::new(shell.host.peers.to("accounts", None));
    let asked = ResolveAccountRequest { account_id: account.to_string() };
    let answer =
        accounts.resolve_account(asked).await.map_err(|status| {
            match RpcError::from_status(&status) {
                error if error.code == Code::NotFound => error::not_proven(),
                _ => status.into(),
            }
        })?;
    answer.get_ref().tenant_id.parse().map_err(Fault::bug)
}
