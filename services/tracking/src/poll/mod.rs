//! The poll loop: takes what is due, asks carriers, hands answers to the gatherer.
//!
//! Any number of processes may run it: a parcel is taken under a lease. Intervals are the
//! business clock's; the loop itself turns in real time.

mod ask;
mod budgets;
mod gather;
mod hand;
mod quotas;

use std::{collections::BTreeMap, time::Duration};

use colibri_kit::{
    fault::{Fault, chain},
    service::Shell,
    shutdown::Shutdown,
};
use tokio::{sync::mpsc, task::JoinSet};
use tracing::warn;
use uuid::Uuid;

use crate::{
    Tracking,
    store::{
        accounts,
        polls::{self, Due},
    },
};
use ask::Asking;
use hand::Hands;

pub use budgets::Budgets;
pub use quotas::Quotas;

/// Answers that wait for the gatherer: more would only grow memory while the database is slow.
const WAITING_MAX: usize = 1_024;

/// Polls until shutdown; what was asked then is still taken in.
pub async fn run(shell: Shell<Tracking>, shutdown: Shutdown) {
    let tick = Duration::from_millis(shell.state.config.poll_tick_ms);
    let (send, receive) = mpsc::channel(WAITING_MAX);
    let gatherer = tokio::spawn(gather::run(shell.clone(), receive, shutdown.clone()));
    let hands = Hands::new(shell.state.config.account_concurrency);
    let mut asking = JoinSet::new();
    while !shutdown.is_triggered() {
        let claimed = match claim(&shell, &hands).await {
            Ok(work) => work,
            Err(fault) => {
                warn!(cause = chain(&fault), "no parcels taken");
                Vec::new()
            }
        };
        let idle = claimed.is_empty();
        for work in claimed {
            asking.spawn(ask::ask(shell.clone(), work, send.clone()));
        }
        while asking.try_join_next().is_some() {}
        // Something was due: more may be by now, but a breath keeps two processes from racing.
        let wait = if idle { tick } else { tick / 4 };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = shutdown.triggered() => {}
        }
    }
    while asking.join_next().await.is_some() {}
    drop(send);
    if let Err(cause) = gatherer.await {
        tracing::error!(%cause, "the gatherer ended badly");
    }
}

/// Parcels that may be in hand per account of each carrier: as many as its pace lets be asked for
/// well within a lease, so that none waits for its turn until another process takes it.
fn rooms(state: &Tracking) -> Vec<(&'static str, i64)> {
    let third = f64::from(state.config.poll_lease_s) / 3.0 * state.budgets.speed();
    // Whole seconds of the business clock; a fast one has room for everything.
    let seconds = Duration::try_from_secs_f64(third).map_or(u64::MAX, |third| third.as_secs());
    let rooms = state.plan.rooms(seconds.max(1));
    rooms.map(|(carrier, room)| (carrier, i64::try_from(room).unwrap_or(i64::MAX))).collect()
}

async fn claim(shell: &Shell<Tracking>, hands: &Hands) -> Result<Vec<Asking>, Fault> {
    let config = &shell.state.config;
    let room = i64::try_from(config.account_parcels_max).unwrap_or(i64::MAX);
    let mut cx = shell.begin_log().await?;
    let (now, busy) = (cx.now(), hands.busy());
    let rooms = rooms(&shell.state);
    let due = polls::claim(cx.db(), now, config.poll_lease_s, room, &rooms, &busy).await?;
    if due.is_empty() {
        cx.rollback().await;
        return Ok(Vec::new());
    }
    let mut by_account: BTreeMap<Uuid, Vec<Due>> = BTreeMap::new();
    for due in due {
        by_account.entry(due.account_id).or_default().push(due);
    }
    let ids: Vec<Uuid> = by_account.keys().copied().collect();
    let known = accounts::load(cx.db(), &ids).await?;
    cx.commit().await?;
    let work = known.into_iter().filter_map(|account| {
        let parcels = by_account.remove(&account.account_id.to_uuid())?;
        let parcels: Vec<Uuid> = parcels.into_iter().map(|due| due.parcel_id).collect();
        let hand = hands.take(account.account_id.to_uuid(), parcels.len());
        Some(Asking { account, parcels, hand })
    });
    Ok(work.collect())
}
