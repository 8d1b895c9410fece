//! A carrier's call: proven and read by itself, taken in together with others.

mod gather;

use colibri_carriers::ParcelTrack;
use colibri_kit::{
    fault::{Fault, chain},
    service::Shell,
    telemetry::metrics,
};
use colibri_types::AccountId;
use time::OffsetDateTime;
use tokio::sync::{mpsc, oneshot};
use tracing::debug;

use crate::{Tracking, accounts::Unusable, error, store::webhooks::Fingerprint};

pub use gather::run;

/// Calls that wait to be taken in: more would only grow memory while the database is slow.
pub const WAITING_MAX: usize = 1_024;

/// What a webhook came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Received {
    /// Scans read.
    pub scans: u32,
    /// Facts not known before.
    pub fresh: u32,
    /// Parcels that are not ours, or not watched yet.
    pub unmatched: u32,
    /// This very body was known.
    pub replayed: bool,
}

/// A proven call on its way in.
pub struct Call {
    fingerprint: Fingerprint,
    tracks: Vec<ParcelTrack>,
    told_at: OffsetDateTime,
    reply: oneshot::Sender<Result<Received, Fault>>,
}

/// Where calls go in.
pub type Intake = mpsc::Sender<Call>;

impl Call {
    fn scans(&self) -> u32 {
        count(self.tracks.iter().map(|track| track.scans.len()).sum())
    }
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
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
    let state = &shell.state;
    let handle = state.account(account).await.map_err(|unusable| match unusable {
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
    let fingerprint = Fingerprint {
        tenant_id: handle.tenant_id().to_uuid(),
        account_id: account.to_uuid(),
        hash: state.tokens.body(account.to_uuid(), body),
    };
    let (reply, answer) = oneshot::channel();
    let call = Call { fingerprint, tracks, told_at: shell.host.clock.now(), reply };
    let stopping = || Fault::retry("the service stops");
    state.intake.send(call).await.map_err(|_| stopping())?;
    let received = answer.await.map_err(|_| stopping())??;
    metrics::counter("colibri_tracking_webhook_unmatched_total", &[("carrier", carrier)])
        .add(received.unmatched.into());
    Ok(received)
}
