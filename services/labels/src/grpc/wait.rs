//! Waiting for a shipment to be settled, as long as the caller has time.

use std::time::Duration;

use colibri_events::labels::v1::{ErrandState, Shipment, ShipmentState};
use colibri_kit::{fault::Fault, rpc, service::Shell};
use colibri_types::{ShipmentId, TenantId};
use tokio::time::Instant;

use super::show;
use crate::{
    Labels,
    store::{errands, read::Which},
};

/// Kept of the caller's time for the last look and the way back.
const RESERVE: Duration = Duration::from_millis(200);
/// Between looks when nobody wakes: another process may do the work.
const POLL: Duration = Duration::from_millis(250);
/// For callers without a deadline.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for the first news of a shipment that was just made, or until it is time to look: a look
/// before that comes in vain.
pub async fn first_news(news: impl Future<Output = ()>) {
    let left = rpc::deadline().unwrap_or(PATIENCE).saturating_sub(RESERVE);
    // Woken or not, the shipment is looked at next.
    let _ = tokio::time::timeout(left.min(POLL), news).await;
}

/// Answers the shipment once nothing is on its way any more, or as it is when the time is over.
pub async fn settled(
    shell: &Shell<Labels>,
    tenant: TenantId,
    shipment_id: ShipmentId,
) -> Result<Shipment, Fault> {
    let left = rpc::deadline().unwrap_or(PATIENCE).saturating_sub(RESERVE);
    let until = Instant::now() + left;
    let waiter = shell.state.waiters.join(shipment_id);
    loop {
        let woken = waiter.woken();
        tokio::pin!(woken);
        // Enabled before the look: what happens in between is not missed.
        woken.as_mut().enable();
        let mut cx = shell.read(tenant).await?;
        let shipment = show(&mut cx, tenant, Which::Id(shipment_id)).await?;
        cx.rollback().await;
        let moving = [ShipmentState::Waiting, ShipmentState::Buying, ShipmentState::Voiding];
        let now = Instant::now();
        if !moving.contains(&shipment.state()) || now >= until {
            return Ok(shipment);
        }
        tokio::select! {
            () = woken => {}
            () = tokio::time::sleep_until(until.min(now + POLL)) => {}
        }
    }
}

/// Answers a collection or a manifest once the carrier has answered, or as it is when the time is
/// over; `None` when there is none. Its id stands in the place of a shipment's.
pub async fn errand(
    shell: &Shell<Labels>,
    tenant: TenantId,
    errand_id: uuid::Uuid,
) -> Result<Option<errands::Errand>, Fault> {
    let left = rpc::deadline().unwrap_or(PATIENCE).saturating_sub(RESERVE);
    let until = Instant::now() + left;
    let waiter = shell.state.waiters.join(ShipmentId::from_uuid(errand_id));
    loop {
        let woken = waiter.woken();
        tokio::pin!(woken);
        woken.as_mut().enable();
        let mut cx = shell.begin(tenant).await?;
        let found = errands::find(cx.db(), errand_id, tenant).await?;
        cx.rollback().await;
        let moving = |errand: &errands::Errand| {
            matches!(errand.state, ErrandState::Asking | ErrandState::Cancelling)
        };
        let now = Instant::now();
        if !found.as_ref().is_some_and(moving) || now >= until {
            return Ok(found);
        }
        tokio::select! {
            () = woken => {}
            () = tokio::time::sleep_until(until.min(now + POLL)) => {}
        }
    }
}
