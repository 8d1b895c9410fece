//! Gathers answers for some milliseconds and takes them in together: one call to the vault and one
//! commit for all.

use std::{sync::Arc, time::Duration};

use colibri_kit::{
    fault::{Fault, chain},
    service::Shell,
    shutdown::Shutdown,
    telemetry::metrics,
};
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
};
use tracing::{error, warn};

use super::ask::Answered;
use crate::{Tracking, batch, ingest};

/// Batches taken in at once: one waits for the vault while another commits.
const AT_ONCE: usize = 3;
/// Between attempts while the vault or the database is away.
const RETRY_EVERY: Duration = Duration::from_millis(500);
/// ... and how often: leases run out meanwhile, and the parcels are asked for again.
const RETRIES_MAX: u32 = 120;

pub(super) async fn run(
    shell: Shell<Tracking>,
    mut receive: mpsc::Receiver<Answered>,
    shutdown: Shutdown,
) {
    let free = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    while let Some(first) = receive.recv().await {
        let size = |answered: &Answered| answered.heard.len();
        let batch = batch::fill(&shell.state.config, first, &mut receive, size).await;
        let Ok(permit) = free.clone().acquire_owned().await else {
            break;
        };
        let (shell, shutdown) = (shell.clone(), shutdown.clone());
        running.spawn(async move {
            take_in(&shell, batch, &shutdown).await;
            drop(permit);
        });
        while running.try_join_next().is_some() {}
    }
    while running.join_next().await.is_some() {}
}

/// Takes a batch in; when it is refused, in halves, until what is at fault stands alone.
async fn take_in(shell: &Shell<Tracking>, batch: Vec<Answered>, shutdown: &Shutdown) {
    let size = batch.iter().map(|answered| answered.heard.len()).sum::<usize>();
    let size = u64::try_from(size).unwrap_or(u64::MAX);
    metrics::histogram_counts("colibri_tracking_batch_parcels", &[]).record(size);
    let mut open = vec![batch];
    while let Some(mut batch) = open.pop() {
        match patiently(shell, &batch, shutdown).await {
            Ok(()) => {}
            Err(_) if batch.len() > 1 => {
                let half = batch.split_off(batch.len() / 2);
                open.extend([batch, half]);
            }
            Err(fault) => {
                let parcels = batch.iter().flat_map(|a| a.heard.iter().map(|h| h.parcel_id));
                let parcels: Vec<_> = parcels.collect();
                error!(?parcels, cause = chain(&fault), "answers could not be taken in");
            }
        }
    }
}

async fn patiently(
    shell: &Shell<Tracking>,
    batch: &[Answered],
    shutdown: &Shutdown,
) -> Result<(), Fault> {
    let heard: Vec<_> = batch.iter().flat_map(|answered| answered.heard.iter().cloned()).collect();
    let mut tries = 0;
    loop {
        match ingest::ingest(shell, &heard, &[]).await {
            Ok(_) => return Ok(()),
            Err(Fault::Retry { after, source }) => {
                tries += 1;
                warn!(cause = chain(source.as_ref()), tries, "answers wait to be taken in");
                if tries > RETRIES_MAX || shutdown.is_triggered() {
                    // Not at fault: not to be halved, and asked for again after the lease.
                    return Ok(());
                }
                tokio::time::sleep(after.unwrap_or(RETRY_EVERY)).await;
            }
            Err(fault) => return Err(fault),
        }
    }
}
