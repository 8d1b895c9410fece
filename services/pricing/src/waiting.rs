//! Deciding in bulk, and shipments that wait for an offer.
//!
//! Owns when a waiting shipment is decided again: with the change that may release it, then by a
//! task until all were tried, and after some hours anyway. One that still has no offer stays
//! silent; it was told once.

use std::{collections::HashMap, sync::Arc, time::Duration};

use colibri_events::{
    pricing::v1::{OfferChosen, OfferUnavailable},
    types::v1 as types,
};
use colibri_kit::{
    fault::{Fault, chain},
    service::{Cx, Shell},
    shutdown::Shutdown,
    telemetry::metrics,
};
use colibri_types::TenantId;
use time::OffsetDateTime;
use tracing::{info, warn};

use crate::{
    Pricing, book,
    book::Book,
    decision::{Ask, Reason, Verdict, decide},
    store::{self, Decided},
    wire,
};

/// Shipments decided again in one transaction: some 100 ms, in which the tenant's other decisions
/// wait. The task does the rest.
const AT_ONCE_MAX: usize = 500;

/// Decides on a thread of its own: hundreds of decisions would hold up everybody else's requests.
///
/// # Errors
/// [`Fault::Bug`] when one cannot be recorded.
pub async fn decide_all(
    asks: Vec<Ask>,
    books: HashMap<TenantId, Arc<Book>>,
    now: OffsetDateTime,
) -> Result<Vec<Decided>, Fault> {
    let all = move || {
        let one = |ask: Ask| {
            let book = books.get(&ask.tenant);
            let book = book.ok_or_else(|| Fault::bug("a tenant without a book"))?;
            let decision = decide(&ask, book, now)?;
            Ok(Decided { ask, decision, generation: book.generation })
        };
        asks.into_iter().map(one).collect()
    };
    tokio::task::spawn_blocking(all).await.map_err(Fault::bug)?
}

/// Tells a decision.
pub fn publish(cx: &mut Cx<Pricing>, decided: &Decided) {
    let ask = &decided.ask;
    let at = Some(wire::timestamp(cx.now()));
    let version = ask.event.version;
    let unavailable = |reasons: &[Reason]| OfferUnavailable {
        tenant_id: ask.tenant.to_string(),
        order_id: ask.order.to_string(),
        shipment_id: ask.shipment.to_string(),
        reasons: reasons
            .iter()
            .map(|r| types::Reason { code: r.code.clone(), field: r.field.clone() })
            .collect(),
        version,
        at,
    };
    let outcome = match &decided.decision.verdict {
        Verdict::Chosen(chosen) => {
            let event = OfferChosen {
                offer_id: ask.offer().to_string(),
                tenant_id: ask.tenant.to_string(),
                order_id: ask.order.to_string(),
                shipment_id: ask.shipment.to_string(),
                carrier: chosen.carrier.clone(),
                service: chosen.service.clone(),
                account_id: chosen.account.to_string(),
                amount: Some(wire::amount(chosen.amount)),
                promised_earliest: chosen.promised.map(|(first, _)| wire::date(first)),
                promised_latest: chosen.promised.map(|(_, last)| wire::date(last)),
                late: chosen.late,
                version,
                at,
                crosses_customs_border: ask.event.crosses_customs_border,
            };
            cx.publish(&event, &version.to_string());
            "chosen"
        }
        Verdict::Waiting(reasons) => {
            cx.publish(&unavailable(reasons), &format!("{version}:waiting"));
            "waiting"
        }
        Verdict::Refused(reasons) => {
            cx.publish(&unavailable(reasons), &format!("{version}:refused"));
            "refused"
        }
    };
    metrics::counter("pricing_decisions_total", &[("outcome", outcome)]).inc();
}

/// Writes decisions.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn write(cx: &mut Cx<Pricing>, decided: Vec<Decided>) -> Result<(), Fault> {
    let now = cx.now();
    let retry = time::Duration::hours(i64::from(cx.state().config.retry_h));
    store::write(cx.db(), decided, now, retry).await
}

/// Decides waiting shipments again inside the transaction that changed something of their tenant.
/// What is more than one transaction should do is left to the task; whether there may be more is
/// answered, so that it can be woken after the commit.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn release_changed(cx: &mut Cx<Pricing>, tenant: TenantId) -> Result<bool, Fault> {
    let state = cx.state();
    let generation = store::generation(cx.db(), tenant).await?;
    let now = cx.now();
    let asks = store::lock_waiting(cx.db(), tenant, generation, now, AT_ONCE_MAX).await?;
    if asks.is_empty() {
        return Ok(false);
    }
    // Not from the cache and not into it: this generation may be rolled back.
    let book = store::load(cx.db(), tenant, generation, state.config.rules()).await?;
    Ok(release(cx, tenant, asks, Arc::new(book)).await? >= AT_ONCE_MAX)
}

/// Decides locked shipments again; answers how many were tried.
async fn release(
    cx: &mut Cx<Pricing>,
    tenant: TenantId,
    asks: Vec<Ask>,
    book: Arc<Book>,
) -> Result<usize, Fault> {
    let tried = asks.len();
    let decided = decide_all(asks, [(tenant, book)].into(), cx.now()).await?;
    let mut released = 0;
    for one in &decided {
        if !matches!(one.decision.verdict, Verdict::Waiting(_)) {
            publish(cx, one);
            released += 1;
        }
    }
    write(cx, decided).await?;
    info!(%tenant, tried, released, "{released} of {tried} waiting shipments have an answer");
    Ok(tried)
}

/// The task: tries what a change left over, and what has waited for long.
pub async fn run(shell: Shell<Pricing>, shutdown: Shutdown) {
    let poll = Duration::from_millis(shell.state.config.retry_poll_ms);
    loop {
        if let Err(fault) = pass(&shell, &shutdown).await {
            warn!(error = %chain(&fault), "waiting shipments could not be tried again");
        }
        tokio::select! {
            () = shutdown.triggered() => return,
            () = shell.state.more_waiting.notified() => {}
            () = tokio::time::sleep(poll) => {}
        }
    }
}

async fn pass(shell: &Shell<Pricing>, shutdown: &Shutdown) -> Result<(), Fault> {
    let mut cx = shell.begin_log().await?;
    let now = cx.now();
    let tenants = store::tenants_with_waiting(cx.db(), now).await?;
    cx.rollback().await;
    for tenant in tenants {
        while !shutdown.is_triggered() {
            let mut cx = shell.begin_log().await?;
            let generations = store::share_generations(cx.db(), &[tenant]).await?;
            let generation = generations.get(&tenant).copied().unwrap_or_default();
            let now = cx.now();
            let asks = store::lock_waiting(cx.db(), tenant, generation, now, AT_ONCE_MAX).await?;
            if asks.is_empty() {
                cx.rollback().await;
                break;
            }
            let book = book(&mut cx, tenant, generation).await?;
            release(&mut cx, tenant, asks, book).await?;
            cx.commit().await?;
        }
    }
    Ok(())
}
