//! Declarations that wait for a correction are looked at again: at once in this process, by a poll
//! for corrections that another one took. The mark is in the table, so nothing is forgotten.

use std::{collections::BTreeSet, time::Duration};

use colibri_kit::{
    fault::{Fault, chain},
    service::Shell,
    shutdown::Shutdown,
};
use tracing::{info, warn};

use crate::{
    Customs, settle,
    store::{declarations, tenants},
};

/// Declarations of one transaction: some 100 ms, in which corrections of their tenants wait.
const AT_ONCE_MAX: i64 = 200;

/// Looks until shutdown.
pub async fn run(shell: Shell<Customs>, shutdown: Shutdown) {
    let pause = Duration::from_millis(shell.state.config.recheck_poll_ms);
    while !shutdown.is_triggered() {
        match again(&shell).await {
            Ok(0) => {}
            Ok(count) => {
                info!(count, "{count} declarations looked at again after a correction");
                continue;
            }
            Err(fault) => warn!(cause = %chain(&fault), "declarations are not looked at again"),
        }
        tokio::select! {
            () = shell.state.corrected.notified() => {}
            () = tokio::time::sleep(pause) => {}
            () = shutdown.triggered() => {}
        }
    }
}

async fn again(shell: &Shell<Customs>) -> Result<usize, Fault> {
    let mut cx = shell.begin_log().await?;
    let marked = declarations::corrected(cx.db(), AT_ONCE_MAX).await?;
    if marked.is_empty() {
        cx.rollback().await;
        return Ok(0);
    }
    let owners: BTreeSet<_> = marked.iter().map(|(_, tenant)| *tenant).collect();
    tenants::share(cx.db(), &owners).await?;
    let ids: Vec<_> = marked.into_iter().map(|(id, _)| id).collect();
    let mut rows = declarations::lock_known(cx.db(), &ids).await?;
    // Another process may have been here, or the order changed.
    rows.retain(|row| row.recheck);
    let count = rows.len();
    settle::settle(&mut cx, rows).await?;
    cx.commit().await?;
    Ok(count)
}
