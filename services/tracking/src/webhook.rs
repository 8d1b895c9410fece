//! A carrier's call: proven, read, matched, and taken in with its fingerprint.

use colibri_kit::{
    fault::{Fault, chain},
    service::Shell,
    telemetry::metrics,
};
use colibri_types::AccountId;
use tracing::debug;

use crate::{
    Tracking,
    accounts::Unusable,
    error,
    ingest::{self, Heard, Summary, Webhook},
    settle::Answer,
    store::webhooks,
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
    let handle = shell.state.account(account).await.map_err(|unusable| match unusable {
        Unusable::Now(fault) => fault,
        Unusable::Never(cause) => {
            debug!(%account, cause = chain(&cause), "account of a webhook cannot be opened");
            error::not_proven()
        }
    })?;
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
