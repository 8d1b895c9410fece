//! Paying back: an instruction is on disk, then it is marked as sent, then the payment side is
//! called, in this order. What may have happened is looked up by its key and never called again
//! without an answer or a person.

use std::sync::Arc;

use bytes::Bytes;
use colibri_kit::{
    crash_point, db,
    egress::{EgressError, Request},
    fault::Fault,
    intent::{Attempt, Intent, Outcome, Resolution, Worker, WorkerOptions},
    service::Cx,
};
use colibri_returns_rules::{
    Refusal,
    case::{Action, Actor, Scope},
    money::State,
};
use colibri_types::{ReturnId, TenantId};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use time::Duration;
use tracing::{info, warn};
use uuid::Uuid;

use crate::{
    Returns,
    domain::words::{self, word},
    error::{BUSY, IN_DOUBT, NO_REFUND},
    events::refund_key,
    open::{self, Open},
};

/// The worker that pays back.
#[derive(Debug)]
pub struct Refund;

/// What is paid back. No person: an amount, a key and the order's id.
#[derive(Debug, Clone, Serialize)]
pub struct Prepared {
    key: String,
    order_id: String,
    amount_minor: i64,
    currency: String,
    method: String,
}

/// What the payment side said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Paid back.
    Refunded,
    /// Definitely not.
    Refused,
    /// Nobody is called here: whoever hears of it tells.
    Told,
}

#[derive(Debug, Serialize, Deserialize)]
struct Wanted {
    return_id: Uuid,
    line: u32,
    number: u32,
}

/// The request of an intent.
#[must_use]
pub fn request(return_id: Uuid, line: u32, number: u32) -> Bytes {
    serde_json::to_vec(&Wanted { return_id, line, number }).unwrap_or_default().into()
}

fn wanted(intent: &Intent) -> Result<(ReturnId, Scope, u32), Fault> {
    let wanted: Wanted = serde_json::from_slice(&intent.request).map_err(Fault::bug)?;
    let scope = words::scope(wanted.line).ok_or_else(|| Fault::bug("a refund of no line"))?;
    Ok((ReturnId::from_uuid(wanted.return_id), scope, wanted.number))
}

#[derive(Debug, Deserialize)]
struct Answer {
    state: String,
}

impl Worker<Returns> for Refund {
    type Prepared = Prepared;
    type Output = Said;

    const KIND: &'static str = super::REFUND;

    fn options(&self, state: &Returns) -> WorkerOptions {
        WorkerOptions {
            concurrency: state.config.concurrency,
            lease: Duration::seconds(i64::from(state.config.lease_s)),
            settle: Duration::seconds(i64::from(state.config.look_up_s)),
            attempts_max: i32::MAX,
        }
    }

    async fn prepare(
        &self,
        state: &Arc<Returns>,
        intents: &[Intent],
    ) -> Vec<Result<Prepared, Fault>> {
        let mut prepared = Vec::with_capacity(intents.len());
        for intent in intents {
            prepared.push(send(state, intent).await);
        }
        prepared
    }

    async fn call(&self, state: &Arc<Returns>, attempt: Attempt<Prepared>) -> Outcome<Said> {
        let url = &state.config.payment_url;
        if url.is_empty() {
            return Outcome::Known(Said::Told);
        }
        let Ok(body) = serde_json::to_vec(&attempt.prepared) else {
            return Outcome::NotDone { after: None, code: BUSY };
        };
        let request = Request {
            method: http::Method::POST,
            url: format!("{url}/refunds"),
            headers: headers(
                state,
                &[("content-type", "application/json"), ("idempotency-key", &attempt.prepared.key)],
            ),
            body: body.into(),
            timeout: state.config.payment_timeout(),
        };
        let key = &attempt.prepared.key;
        match state.egress.send("payment", request).await {
            Ok(answer) => match (answer.status, read(&answer.body)) {
                (200 | 201, Some(said)) => {
                    info!(key, ?said, "the payment side answered for {key}");
                    Outcome::Known(said)
                }
                (429, _) => Outcome::NotDone { after: None, code: BUSY },
                // Who is not let in is not served: the token is to be renewed, then it goes on.
                (status @ (401 | 403), _) => {
                    warn!(key, status, "refund {key} waits: the payment side's token is refused");
                    Outcome::NotDone { after: None, code: BUSY }
                }
                (status, _) => {
                    warn!(key, status, "refund {key} in doubt: status {status}");
                    Outcome::Unknown { code: IN_DOUBT }
                }
            },
            Err(EgressError::NotSent { after, .. }) => Outcome::NotDone { after, code: BUSY },
            Err(EgressError::Lost { reason }) => {
                warn!(key, reason, "refund {key} in doubt: {reason}");
                Outcome::Unknown { code: IN_DOUBT }
            }
        }
    }

    async fn record(
        &self,
        cx: &mut Cx<Returns>,
        intent: &Intent,
        said: &Said,
    ) -> Result<(), Fault> {
        let state = match said {
            Said::Refunded => State::Refunded,
            Said::Refused => State::Refused,
            Said::Told => return Ok(()),
        };
        observe(cx, intent, Actor::Provider, state).await
    }

    async fn failed(
        &self,
        _: &mut Cx<Returns>,
        intent: &Intent,
        code: &str,
        reason: &str,
    ) -> Result<(), Fault> {
        // Nothing has left: the instruction is not open any more, or refunds are held.
        warn!(key = intent.key, code, reason, "refund {} was not sent: {reason}", intent.key);
        Ok(())
    }

    async fn in_doubt(
        &self,
        cx: &mut Cx<Returns>,
        intent: &Intent,
        _code: &str,
    ) -> Result<(), Fault> {
        observe(cx, intent, Actor::Provider, State::InDoubt).await
    }

    async fn resolve(
        &self,
        state: &Arc<Returns>,
        intent: &Intent,
    ) -> Result<Resolution<Said>, Fault> {
        let again = Some(Duration::seconds(i64::from(state.config.look_up_s)));
        let request = Request {
            method: http::Method::GET,
            url: format!("{}/refunds/{}", state.config.payment_url, intent.key),
            headers: headers(state, &[]),
            body: Bytes::new(),
            timeout: state.config.payment_timeout(),
        };
        match state.egress.send("payment", request).await {
            Ok(answer) if answer.status == 200 => {
                Ok(read(&answer.body).map_or(Resolution::Unclear(again), Resolution::Known))
            }
            // "Not known" is no answer: the call may still be on its way.
            Ok(_) | Err(_) => Ok(Resolution::Unclear(again)),
        }
    }
}

/// Headers of a call, and who calls.
fn headers(state: &Returns, told: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> =
        told.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let token = state.config.payment_token.expose_secret();
    if !token.is_empty() {
        headers.push(("authorization".to_owned(), format!("Bearer {token}")));
    }
    headers
}

fn read(body: &[u8]) -> Option<Said> {
    match serde_json::from_slice::<Answer>(body).ok()?.state.as_str() {
        "refunded" => Some(Said::Refunded),
        "refused" => Some(Said::Refused),
        _ => None,
    }
}

/// Marks an instruction as sent, on disk, before anybody is called.
async fn send(state: &Arc<Returns>, intent: &Intent) -> Result<Prepared, Fault> {
    let (id, scope, number) = wanted(intent)?;
    let mut tx = db::begin(&state.db.log).await?;
    let tenant = TenantId::from_uuid(intent.tenant_id);
    let mut open = open::lock_on(&mut tx, state, tenant, id).await?;
    let known = open.case.ledger(scope).and_then(|all| all.instructions().get(&number).copied());
    let known = known.ok_or_else(|| Fault::bug("an intent without its instruction"))?;
    if known.state != State::Triggered {
        return Err(Fault::reject(NO_REFUND, "the refund is settled"));
    }
    let prepared = Prepared {
        key: refund_key(id.to_uuid(), scope, number),
        order_id: open::order_text(open.row.order_id),
        amount_minor: known.amount,
        currency: open.row.about.currency.to_string(),
        method: word(&known.method),
    };
    // Marked by an earlier claim that died before its intent was marked: nobody was called.
    if known.sent {
        return Ok(prepared);
    }
    let key = words::key(&["send", &prepared.key]);
    let now = state.clock.now();
    match open.act(key, now, Actor::Policy, Action::Send { scope, number }) {
        Ok(()) => {}
        Err(Refusal::InstructionPast) => {
            return Err(Fault::reject(NO_REFUND, "the refund is settled"));
        }
        // Held by a person: it waits, and is asked again.
        Err(refusal) => return Err(Fault::retry(refusal)),
    }
    open.append(&mut tx, now).await?;
    tx.commit().await?;
    crash_point!("returns.refund_marked");
    Ok(prepared)
}

/// What the payment side said, or did not say.
async fn observe(
    cx: &mut Cx<Returns>,
    intent: &Intent,
    by: Actor,
    state: State,
) -> Result<(), Fault> {
    let (id, scope, number) = wanted(intent)?;
    let tenant = TenantId::from_uuid(intent.tenant_id);
    let mut open = open::lock(cx, tenant, id).await?;
    observed(cx, &mut open, (scope, number), by, state)?;
    open.finish(cx).await
}

/// Takes what became of an instruction into its return. The same word again is no news.
///
/// # Errors
/// [`Fault::Reject`] `RET0006`.
pub fn observed(
    cx: &Cx<Returns>,
    open: &mut Open,
    (scope, number): (Scope, u32),
    by: Actor,
    state: State,
) -> Result<(), Fault> {
    let key = Uuid::now_v7().as_u128();
    open.must(key, cx.now(), by, Action::Observe { scope, number, state }, "state")
}
