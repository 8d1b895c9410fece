//! A label that nobody needs any more is voided at the carrier, by labels. The intent is written
//! with the change that makes the label void here, so that a crash between leaves it to be done;
//! labels answers the same question with the same end, so that asking again is harmless.

use std::{sync::Arc, time::Duration as StdDuration};

use bytes::Bytes;
use colibri_events::labels::v1::{
    ShipmentState, VoidRequest, labels_service_client::LabelsServiceClient,
};
use colibri_kit::{
    crash_point, db,
    fault::{Fault, RpcError},
    intent::{Attempt, Intent, Outcome, Resolution, Worker, WorkerOptions},
    service::Cx,
};
use colibri_types::{ReturnId, ShipmentId, TenantId};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use tracing::warn;
use uuid::Uuid;

use crate::{
    Returns,
    error::BUSY,
    events::Teller,
    open::{self, Open},
    store::labels,
};

/// The worker that asks labels.
#[derive(Debug)]
pub struct VoidLabel;

/// What labels said.
#[derive(Debug)]
pub enum Said {
    /// Void at the carrier.
    Void,
    /// It stays bought, with the code of labels.
    Kept(String),
}

#[derive(Debug, Serialize, Deserialize)]
struct Wanted {
    return_id: Uuid,
    number: i16,
}

/// While labels or a carrier are away.
const LATER: StdDuration = StdDuration::from_secs(2);

/// The request of an intent.
#[must_use]
pub fn request(return_id: Uuid, number: i16) -> Bytes {
    serde_json::to_vec(&Wanted { return_id, number }).unwrap_or_default().into()
}

fn wanted(intent: &Intent) -> Result<(ReturnId, i16), Fault> {
    let wanted: Wanted = serde_json::from_slice(&intent.request).map_err(Fault::bug)?;
    Ok((ReturnId::from_uuid(wanted.return_id), wanted.number))
}

impl Worker<Returns> for VoidLabel {
    type Prepared = VoidRequest;
    type Output = Said;

    const KIND: &'static str = super::VOID;

    fn options(&self, state: &Returns) -> WorkerOptions {
        WorkerOptions {
            concurrency: state.config.concurrency,
            lease: Duration::seconds(i64::from(state.config.lease_s)),
            settle: Duration::seconds(1),
            attempts_max: i32::MAX,
        }
    }

    async fn prepare(
        &self,
        state: &Arc<Returns>,
        intents: &[Intent],
    ) -> Vec<Result<VoidRequest, Fault>> {
        let mut prepared = Vec::with_capacity(intents.len());
        for intent in intents {
            prepared.push(build(state, intent).await);
        }
        prepared
    }

    async fn call(&self, state: &Arc<Returns>, attempt: Attempt<VoidRequest>) -> Outcome<Said> {
        let tenant = TenantId::from_uuid(attempt.intent.tenant_id);
        let mut client = LabelsServiceClient::new(state.peers.to("labels", tenant));
        match client.void(attempt.prepared).await {
            Ok(answer) => {
                let shipment = answer.into_inner();
                match shipment.state() {
                    ShipmentState::Voided => Outcome::Known(Said::Void),
                    ShipmentState::Bought if !shipment.code.is_empty() => {
                        Outcome::Known(Said::Kept(shipment.code))
                    }
                    _ => Outcome::NotDone { after: Some(LATER), code: BUSY },
                }
            }
            Err(status) => {
                let error = RpcError::from_status(&status);
                let broke = std::error::Error::source(&status).is_some();
                match error.reason {
                    Some(code) if !error.clears_by_itself() && !broke => {
                        Outcome::Known(Said::Kept(code))
                    }
                    _ => Outcome::NotDone { after: Some(LATER), code: BUSY },
                }
            }
        }
    }

    async fn record(
        &self,
        cx: &mut Cx<Returns>,
        intent: &Intent,
        said: &Said,
    ) -> Result<(), Fault> {
        let (id, number) = wanted(intent)?;
        let open = open::lock(cx, TenantId::from_uuid(intent.tenant_id), id).await?;
        match said {
            Said::Void => {
                let now = cx.now();
                done(cx, &open, number, now).await?;
            }
            Said::Kept(code) => {
                labels::kept(cx.db(), intent.tenant_id, id.to_uuid(), number, code).await?;
            }
        }
        crash_point!("returns.void_answered");
        open.finish(cx).await
    }

    async fn failed(
        &self,
        cx: &mut Cx<Returns>,
        intent: &Intent,
        code: &str,
        reason: &str,
    ) -> Result<(), Fault> {
        warn!(key = intent.key, code, reason, "label {} cannot be voided", intent.key);
        let (id, number) = wanted(intent)?;
        labels::kept(cx.db(), intent.tenant_id, id.to_uuid(), number, code).await
    }

    /// A lease ran out while labels was asked: asking again is a look-up.
    async fn in_doubt(&self, _: &mut Cx<Returns>, _: &Intent, _: &str) -> Result<(), Fault> {
        Ok(())
    }

    async fn resolve(&self, _: &Arc<Returns>, _: &Intent) -> Result<Resolution<Said>, Fault> {
        Ok(Resolution::NotDone)
    }
}

async fn build(state: &Arc<Returns>, intent: &Intent) -> Result<VoidRequest, Fault> {
    let (id, number) = wanted(intent)?;
    let mut tx = db::begin(&state.db.log).await?;
    let all = labels::of(&mut tx, intent.tenant_id, &[id.to_uuid()]).await?;
    let label = all.into_iter().find(|label| label.number == number);
    let shipment = label.and_then(|label| label.shipment_id);
    let shipment = shipment.ok_or_else(|| Fault::bug("a void of no label"))?;
    Ok(VoidRequest { shipment_id: ShipmentId::from_uuid(shipment).to_string() })
}

/// Notes that a label is void at the carrier, and that it costs nothing then. Noted before, nothing
/// happens.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn done(
    cx: &mut Cx<Returns>,
    open: &Open,
    number: i16,
    at: OffsetDateTime,
) -> Result<(), Fault> {
    let (tenant, id) = (open.row.tenant_id, open.row.return_id);
    let Some(label) = labels::voided(cx.db(), tenant, id, number, at).await? else {
        return Ok(());
    };
    let teller = Teller::new(&open.row, cx.now(), open.sale.site_id);
    let fact = format!("label_void:{number}");
    let cost = label.cost.map(|cost| cost.0.money());
    teller.cost(cx, ("label_void", &fact), (cost.as_ref(), &label.carrier), &label.contents.0);
    Ok(())
}
