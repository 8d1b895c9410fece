//! Takes proven calls in together: one look for numbers per tenant, one sealing, one commit.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use colibri_kit::{
    fault::{Fault, chain},
    service::Shell,
    shutdown::Shutdown,
    telemetry::metrics,
};
use colibri_types::TenantId;
use tokio::{sync::Semaphore, task::JoinSet};
use uuid::Uuid;

use super::{Call, Received};
use crate::{
    Tracking, batch,
    ingest::{Heard, ingest},
    settle::Answer,
    store::webhooks::{self, Fingerprint},
};

/// Batches taken in at once: one waits for the vault while another commits.
const AT_ONCE: usize = 2;
/// A body that another process notes between our look and our commit begins the batch again; more
/// often than this in a row is no coincidence.
const AGAIN_MAX: usize = 5;

/// Takes calls in until shutdown; those that are in are finished.
pub async fn run(shell: Shell<Tracking>, shutdown: Shutdown) {
    let Some(mut receive) = shell.state.take_intake() else {
        return;
    };
    let free = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    loop {
        let first = tokio::select! {
            first = receive.recv() => first,
            () = shutdown.triggered() => {
                // Whoever is in was promised an answer.
                receive.close();
                receive.recv().await
            }
        };
        let Some(first) = first else {
            break;
        };
        let size = |call: &Call| call.tracks.len();
        let calls = batch::fill(&shell.state.config, first, &mut receive, size).await;
        let Ok(permit) = free.clone().acquire_owned().await else {
            break;
        };
        let shell = shell.clone();
        running.spawn(async move {
            answer(&shell, calls).await;
            drop(permit);
        });
        while running.try_join_next().is_some() {}
    }
    while running.join_next().await.is_some() {}
}

/// Takes calls in together; when that is refused, one by one, so that a bad one stands alone.
async fn answer(shell: &Shell<Tracking>, calls: Vec<Call>) {
    let size = u64::try_from(calls.len()).unwrap_or(u64::MAX);
    metrics::histogram_counts("colibri_tracking_batch_webhooks", &[]).record(size);
    match take_in(shell, &calls).await {
        Ok(received) => {
            for (call, received) in calls.into_iter().zip(received) {
                // Who does not wait any more asks again, and finds a replay.
                let _ = call.reply.send(Ok(received));
            }
        }
        Err(Fault::Retry { after, source }) => {
            let cause = chain(source.as_ref());
            for call in calls {
                let source = cause.clone().into();
                let _ = call.reply.send(Err(Fault::Retry { after, source }));
            }
        }
        Err(fault) if calls.len() == 1 => {
            for call in calls {
                let source = chain(&fault);
                let _ = call.reply.send(Err(Fault::bug(source)));
            }
        }
        Err(_) => {
            for call in calls {
                let alone = take_in(shell, std::slice::from_ref(&call)).await;
                let _ = call.reply.send(alone.map(|mut all| all.pop().unwrap_or_default()));
            }
        }
    }
}

async fn take_in(shell: &Shell<Tracking>, calls: &[Call]) -> Result<Vec<Received>, Fault> {
    for _ in 0..AGAIN_MAX {
        let known = known(shell, calls).await?;
        if let Some(received) = attempt(shell, calls, known).await? {
            return Ok(received);
        }
    }
    Err(Fault::retry("the same bodies are taken in elsewhere"))
}

/// Fingerprints that were noted before.
async fn known(shell: &Shell<Tracking>, calls: &[Call]) -> Result<HashSet<Fingerprint>, Fault> {
    let all: Vec<Fingerprint> = calls.iter().map(|call| call.fingerprint.clone()).collect();
    let mut db = shell.state.db.acquire().await?;
    webhooks::seen(&mut db, &all).await
}

/// `None` when a body was noted meanwhile.
async fn attempt(
    shell: &Shell<Tracking>,
    calls: &[Call],
    mut known: HashSet<Fingerprint>,
) -> Result<Option<Vec<Received>>, Fault> {
    let mut received: Vec<Received> = calls
        .iter()
        .map(|call| {
            // Twice in one batch, the second one is the replay.
            let replayed = !known.insert(call.fingerprint.clone());
            Received { scans: call.scans(), replayed, ..Received::default() }
        })
        .collect();
    let new: Vec<(usize, &Call)> =
        calls.iter().enumerate().filter(|(at, _)| !is_replay(&received, *at)).collect();
    if new.is_empty() {
        return Ok(Some(received));
    }
    let parcels = find(shell, &new).await?;
    let (mut heard, mut callers) = (Vec::new(), Vec::new());
    for (at, call) in &new {
        for track in &call.tracks {
            let Some(parcel_id) = parcels.get(&(*at, track.tracking_number.as_str())) else {
                unmatched(&mut received, *at);
                continue;
            };
            callers.push(*at);
            heard.push(Heard {
                tenant_id: call.fingerprint.tenant_id,
                parcel_id: *parcel_id,
                scans: track.scans.clone(),
                told_at: call.told_at,
                answer: Answer::Pushed,
            });
        }
    }
    let fingerprints: Vec<Fingerprint> =
        new.iter().map(|(_, call)| call.fingerprint.clone()).collect();
    let Some(ingested) = ingest(shell, &heard, &fingerprints).await? else {
        return Ok(None);
    };
    let each = ingested.fresh.into_iter().zip(ingested.unwatched);
    for (at, (fresh, unwatched)) in callers.into_iter().zip(each) {
        if let Some(received) = received.get_mut(at) {
            received.fresh += fresh;
        }
        if unwatched {
            unmatched(&mut received, at);
        }
    }
    Ok(Some(received))
}

fn is_replay(received: &[Received], at: usize) -> bool {
    received.get(at).is_some_and(|received| received.replayed)
}

fn unmatched(received: &mut [Received], at: usize) {
    if let Some(received) = received.get_mut(at) {
        received.unmatched += 1;
    }
}

/// Parcels by call and number; numbers of nobody's are left out.
async fn find<'a>(
    shell: &Shell<Tracking>,
    calls: &[(usize, &'a Call)],
) -> Result<BTreeMap<(usize, &'a str), Uuid>, Fault> {
    let mut by_tenant: BTreeMap<Uuid, Vec<(usize, &'a str)>> = BTreeMap::new();
    for (at, call) in calls {
        let numbers = call.tracks.iter().map(|track| (*at, track.tracking_number.as_str()));
        by_tenant.entry(call.fingerprint.tenant_id).or_default().extend(numbers);
    }
    let mut parcels = BTreeMap::new();
    for (tenant, asked) in by_tenant {
        let numbers: Vec<String> = asked.iter().map(|(_, number)| (*number).to_owned()).collect();
        let found = shell.state.vault.find(TenantId::from_uuid(tenant), &numbers).await?;
        let found = asked.into_iter().zip(found);
        parcels.extend(found.filter_map(|(asked, parcel)| Some((asked, parcel?))));
    }
    Ok(parcels)
}
