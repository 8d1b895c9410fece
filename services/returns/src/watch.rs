//! What time alone changes: the legal date of a refund, and goods that never came. Time tells and
//! asks; it moves nothing but what the policy may move by itself.

use colibri_events::returns::v1::RefundDateNear;
use colibri_kit::{
    fault::{Fault, chain},
    service::Shell,
    shutdown::Shutdown,
};
use colibri_returns_rules::{
    case::{Action, Actor},
    fraud,
    goods::Place,
    legal::Alert,
};
use colibri_types::{ReturnId, TenantId};
use tracing::warn;
use uuid::Uuid;

use crate::{Returns, domain::words, events::Teller, grpc, open, store::list};

/// Returns of one look: each is a transaction of its own.
const BATCH: i64 = 100;

/// Looks until shutdown.
pub async fn run(shell: Shell<Returns>, shutdown: Shutdown) {
    let pause = std::time::Duration::from_millis(u64::from(shell.state.config.watch_tick_ms));
    while !shutdown.is_triggered() {
        match look(&shell).await {
            Ok(full) if full => continue,
            Ok(_) => {}
            Err(fault) => warn!(cause = %chain(&fault), "a look for due returns failed"),
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shutdown.triggered() => {}
        }
    }
}

async fn look(shell: &Shell<Returns>) -> Result<bool, Fault> {
    let mut cx = shell.begin_log().await?;
    let now = cx.now();
    let due = list::due(cx.db(), now, BATCH).await?;
    cx.rollback().await;
    let full = i64::try_from(due.len()).unwrap_or(BATCH) == BATCH;
    for (tenant, id) in due {
        one(shell, tenant, id).await?;
    }
    Ok(full)
}

async fn one(shell: &Shell<Returns>, tenant: Uuid, id: Uuid) -> Result<(), Fault> {
    let mut cx = shell.begin_log().await?;
    let now = cx.now();
    let (tenant, id) = (TenantId::from_uuid(tenant), ReturnId::from_uuid(id));
    let mut open = open::lock(&mut cx, tenant, id).await?;
    let clock = open.case.refund_clock(now);
    let alert = clock.as_ref().and_then(|clock| clock.alert(now));
    let told = match alert {
        None => "",
        Some(Alert::Near) => "near",
        Some(Alert::Missed) => "missed",
    };
    if !told.is_empty() && told != open.row.told && open.row.told != "missed" {
        open.row.told = told.to_owned();
        let teller = Teller::new(&open.row, now, open.sale.site_id);
        let (return_id, tenant_id, order_id) = teller.ids();
        let due_by = clock.and_then(|clock| clock.due_by).map(words::timestamp);
        let missed = alert == Some(Alert::Missed);
        let at = teller.at();
        let event = RefundDateNear { return_id, tenant_id, order_id, due_by, missed, at };
        teller.publish(&mut cx, &event, told);
    }
    let last_day = open.case.terms().expires_at;
    if let Some(signal) = fraud::unsent(open.case.exposure(), last_day, now) {
        open.signal(&mut cx, signal).await?;
    }
    if now > last_day {
        let waiting: Vec<(u16, u32)> = open
            .case
            .lines()
            .iter()
            .map(|(number, line)| (*number, line.custody().at(Place::AtBuyer)))
            .filter(|(_, units)| *units > 0)
            .collect();
        for (line, units) in waiting {
            grpc::exchange::give_up(&mut open, Actor::Policy, now)?;
            let key = words::key(&["expired", &id.to_string(), &line.to_string()]);
            let action = Action::CloseNotReturned { line, units };
            // With a label in the buyer's hands only a person closes.
            if let Err(refusal) = open.act(key, now, Actor::Policy, action) {
                tracing::debug!(return_id = %id, %refusal, "waits for a person to close it");
            }
        }
    }
    open.finish(&mut cx).await?;
    cx.commit().await
}
