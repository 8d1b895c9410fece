//! Declarations that are ready are compared again when a list has come: whoever is named now holds
//! the shipment while its label is not bought, and is shown where it is. Names are opened before the
//! transaction, compared in it and dropped.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use colibri_events::{customs::v1::DeclarationState, vault::v1::Flow};
use colibri_kit::{
    fault::{Fault, chain},
    service::{Cx, Shell},
    shutdown::Shutdown,
    telemetry::metrics,
};
use colibri_types::TenantId;
use colibri_vault_client::Opened;
use tracing::{info, warn};

use crate::{
    Customs,
    screening::{self, Found, NAMES},
    settle,
    store::{
        declarations::{self, Row},
        rescreen as store,
        screening::{self as screens, Likeness},
        tenants,
    },
};

/// Declarations of one transaction: two names each, some 10 ms with large lists.
const AT_ONCE_MAX: i64 = 50;
/// Pause after a failure: the vault is away or its budget is spent.
const FAILED_PAUSE: Duration = Duration::from_secs(10);

/// Looks until shutdown.
pub async fn run(shell: Shell<Customs>, shutdown: Shutdown) {
    let poll = Duration::from_millis(shell.state.config.recheck_poll_ms);
    while !shutdown.is_triggered() {
        let pause = match again(&shell).await {
            Ok(0) => poll,
            Ok(_) => continue,
            Err(fault) => {
                warn!(cause = %chain(&fault), "declarations are not compared with a new list");
                FAILED_PAUSE
            }
        };
        tokio::select! {
            () = shell.state.listed.notified() => {}
            () = tokio::time::sleep(pause) => {}
            () = shutdown.triggered() => {}
        }
    }
}

/// Records of each declaration's parties.
type Parties = BTreeMap<uuid::Uuid, Vec<(&'static str, String)>>;

async fn again(shell: &Shell<Customs>) -> Result<usize, Fault> {
    let mut cx = shell.begin_log().await?;
    let ids = store::marked(cx.db(), AT_ONCE_MAX).await?;
    let rows = declarations::find(cx.db(), &ids).await?;
    let mut parties = Parties::new();
    let mut refs: BTreeMap<TenantId, Vec<String>> = BTreeMap::new();
    for row in &rows {
        let records = screening::records(cx.db(), row).await?;
        let all = refs.entry(row.key.tenant_id).or_default();
        all.extend(records.iter().map(|(_, record)| record.clone()));
        parties.insert(row.key.shipment_id.to_uuid(), records);
    }
    cx.rollback().await;
    if ids.is_empty() {
        return Ok(0);
    }
    let mut opened: BTreeMap<TenantId, Opened> = BTreeMap::new();
    for (tenant, refs) in &refs {
        let vault = &shell.state.vault;
        let names = vault.reveal(*tenant, Flow::CustomsScreen, NAMES, refs.clone()).await?;
        opened.insert(*tenant, names);
    }
    let mut cx = shell.begin_log().await?;
    tenants::share(cx.db(), &refs.keys().copied().collect::<BTreeSet<_>>()).await?;
    let rows = declarations::lock_known(cx.db(), &ids).await?;
    let mut held = Vec::new();
    for mut row in rows.into_iter().filter(|row| row.state == DeclarationState::Ready) {
        let records = parties.remove(&row.key.shipment_id.to_uuid()).unwrap_or_default();
        let names = opened.get(&row.key.tenant_id);
        let found = compare(&mut cx, &row, &records, names).await?;
        if hold(&mut cx, &mut row, &found).await? {
            held.push(row);
        }
    }
    let now = cx.now();
    declarations::save(cx.db(), &held, now).await?;
    store::done(cx.db(), &ids).await?;
    cx.commit().await?;
    let (count, stopped) = (ids.len(), held.len());
    info!(count, stopped, "{count} ready declarations compared with a new list, {stopped} held");
    Ok(count)
}

async fn compare(
    cx: &mut Cx<Customs>,
    row: &Row,
    records: &[(&'static str, String)],
    names: Option<&Opened>,
) -> Result<Vec<Found>, Fault> {
    let (state, tenant) = (cx.state(), row.key.tenant_id);
    let Some(lists) = state.screening.of(cx.db(), tenant).await? else { return Ok(Vec::new()) };
    let refs: Vec<String> = records.iter().map(|(_, record)| record.clone()).collect();
    let decided = screens::decided(cx.db(), tenant, &refs).await?;
    let mut found = Vec::new();
    for (party, record) in records {
        // Erased meanwhile: nobody is there any more to compare.
        let Some(fields) = names.map_or(Ok(None), |names| names.record(record))? else { continue };
        found.extend(lists.compare(party, record, fields, &decided));
    }
    Ok(found)
}

/// Holds a declaration that somebody on a list is like; the papers it has stay.
async fn hold(cx: &mut Cx<Customs>, row: &mut Row, found: &[Found]) -> Result<bool, Fault> {
    let holds = screening::holds(found);
    if holds.is_empty() {
        return Ok(false);
    }
    let kept: Vec<Likeness> = found.iter().map(|one| one.likeness.clone()).collect();
    let (key, now) = (row.key, cx.now());
    screens::keep(cx.db(), key.tenant_id, key.shipment_id, &kept, now).await?;
    row.revision += 1;
    settle::lacks(row, holds);
    settle::incomplete(cx, row);
    metrics::counter("customs_screening_holds_total", &[]).inc();
    Ok(true)
}
