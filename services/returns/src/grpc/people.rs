//! What a person decides about the goods, and what the buyer calls off.

use colibri_events::returns::v1::{
    CancelRequest, CloseNotReturnedRequest, DecideRequest, Identity, KeepRequest, Return,
    SettleSignalRequest,
};
use colibri_kit::{fault::Fault, service::Shell};
use colibri_returns_rules::{
    case::{Action, Actor},
    goods::Place,
};
use colibri_types::DocumentId;
use uuid::Uuid;

use super::{Who, checks, exchange, orders, read, return_id};
use crate::{
    Returns,
    domain::words,
    error::{NO_SIGNAL, UNKNOWN, fault},
    events::Teller,
    open::{self, Open, command_key},
    store::{cases, rest},
    vault,
};

/// Yes or no to a return.
///
/// # Errors
/// [`Fault::Reject`] `RET0002`, `RET0006`, `RET0008`.
pub async fn decide(
    shell: &Shell<Returns>,
    who: &Who,
    request: DecideRequest,
) -> Result<Return, Fault> {
    let id = return_id(&request.return_id)?;
    let actor = words::person(&who.subject);
    let mut explanation = None;
    if !request.approve {
        checks::code("code", &request.code)?;
        checks::text("explanation", &request.explanation, checks::NOTE_MAX)?;
        explanation = Some(explain(shell, who, id.to_uuid(), &request.explanation).await?);
    }
    let mut cx = shell.begin(who.tenant).await?;
    let mut open = open::lock(&mut cx, who.tenant, id).await?;
    let now = cx.now();
    "person".clone_into(&mut open.actor);
    if request.approve {
        let key = words::key(&["agree", &id.to_string()]);
        open.must(key, now, actor, Action::Agree, "approve")?;
    } else {
        if open.row.decision.is_some() {
            cx.rollback().await;
            return read::one(shell, who.tenant, id, false).await;
        }
        call_off(&mut open, actor, now)?;
        open.row.decision = Some(request.code.clone());
        open.row.explanation_id = explanation;
        Teller::new(&open.row, now, open.sale.site_id).rejected(&mut cx, &request.code);
    }
    open.finish(&mut cx).await?;
    cx.commit().await?;
    read::one(shell, who.tenant, id, false).await
}

/// Seals a person's words for the buyer.
pub async fn explain(
    shell: &Shell<Returns>,
    who: &Who,
    id: Uuid,
    text: &str,
) -> Result<Uuid, Fault> {
    let mut cx = shell.begin(who.tenant).await?;
    let row =
        cases::find(cx.db(), who.tenant.to_uuid(), id).await?.ok_or_else(|| fault(UNKNOWN))?;
    let order = row.order_id;
    let sale = crate::store::sales::find(cx.db(), who.tenant.to_uuid(), order).await?;
    cx.rollback().await;
    let sale = sale.ok_or_else(|| fault(UNKNOWN))?;
    let document = DocumentId::generate();
    let bytes = text.as_bytes().to_vec();
    let peers = &shell.state.peers;
    vault::seal(peers, who.tenant, sale.subject_ref, document, "text/plain", bytes).await?;
    Ok(document.to_uuid())
}

/// Cancels everything that has not been sent; labels that nobody used are given up first.
fn call_off(open: &mut Open, actor: Actor, now: time::OffsetDateTime) -> Result<(), Fault> {
    use colibri_returns_rules::case::LabelState;
    exchange::give_up(open, actor, now)?;
    let labels: Vec<u16> =
        (1..=10).filter(|n| open.case.label(*n) == Some(LabelState::Issued)).collect();
    for label in labels {
        let key = command_key("", "", 0);
        open.must(key, now, actor, Action::VoidLabel { label }, "parcels")?;
    }
    let lines: Vec<(u16, u32, u32)> = open
        .case
        .lines()
        .iter()
        .map(|(number, line)| {
            (*number, line.custody().at(Place::AtBuyer), line.custody().advised())
        })
        .filter(|(_, _, advised)| *advised > 0)
        .collect();
    for (line, there, advised) in lines {
        // Nothing is left at the buyer: the refusal says why.
        let units = if there > 0 { there } else { advised };
        let key = command_key("", "", 0);
        open.must(key, now, actor, Action::Cancel { line, units }, "lines")?;
    }
    Ok(())
}

/// The order of whoever says who they are; another's return is unknown to them.
///
/// # Errors
/// [`Fault::Reject`] `RET0008`.
pub async fn owner(
    shell: &Shell<Returns>,
    who: &Who,
    identity: Option<&Identity>,
) -> Result<Option<Uuid>, Fault> {
    let Some(identity) = identity else { return Ok(None) };
    let order = orders::by_identity(shell, who.tenant, identity).await;
    order.map(Some).map_err(|_| fault(UNKNOWN))
}

/// Calls a return off.
///
/// # Errors
/// [`Fault::Reject`] `RET0006`, `RET0008`.
pub async fn cancel(
    shell: &Shell<Returns>,
    who: &Who,
    request: CancelRequest,
) -> Result<Return, Fault> {
    let id = return_id(&request.return_id)?;
    let owner = owner(shell, who, request.identity.as_ref()).await?;
    let mut cx = shell.begin(who.tenant).await?;
    let mut open = open::lock(&mut cx, who.tenant, id).await?;
    if owner.is_some_and(|order| order != open.row.order_id) {
        return Err(fault(UNKNOWN));
    }
    if open.case.is_closed() {
        cx.rollback().await;
        return read::one(shell, who.tenant, id, false).await;
    }
    let buyer = request.buyer || owner.is_some();
    let actor = if buyer { Actor::Buyer } else { words::person(&who.subject) };
    open.actor = if buyer { "buyer".to_owned() } else { "person".to_owned() };
    call_off(&mut open, actor, cx.now())?;
    open.finish(&mut cx).await?;
    cx.commit().await?;
    read::one(shell, who.tenant, id, false).await
}

/// A person's word about a signal.
///
/// # Errors
/// [`Fault::Reject`] `RET0008`, `RET0013`.
pub async fn settle_signal(
    shell: &Shell<Returns>,
    who: &Who,
    request: SettleSignalRequest,
) -> Result<Return, Fault> {
    let id = return_id(&request.return_id)?;
    let mut cx = shell.begin(who.tenant).await?;
    let mut open = open::lock(&mut cx, who.tenant, id).await?;
    let settled = if request.confirmed { "confirmed" } else { "explained" };
    let (tenant, code) = (who.tenant.to_uuid(), request.code.as_str());
    if !rest::settle_signal(cx.db(), tenant, id.to_uuid(), code, settled).await? {
        return Err(fault(NO_SIGNAL));
    }
    open.explained(code, !request.confirmed);
    "person".clone_into(&mut open.actor);
    open.finish(&mut cx).await?;
    cx.commit().await?;
    read::one(shell, who.tenant, id, false).await
}

/// The buyer may keep units.
///
/// # Errors
/// [`Fault::Reject`] `RET0002`, `RET0006`, `RET0008`.
pub async fn keep(
    shell: &Shell<Returns>,
    who: &Who,
    request: KeepRequest,
) -> Result<Return, Fault> {
    let id = return_id(&request.return_id)?;
    checks::request_id(&request.request_id)?;
    let line = words::line(request.line);
    let line = line.ok_or_else(|| crate::error::field("line", "UNKNOWN", "no such line"))?;
    let mut cx = shell.begin(who.tenant).await?;
    let mut open = open::lock(&mut cx, who.tenant, id).await?;
    "person".clone_into(&mut open.actor);
    let key = command_key("keep", &request.request_id, 0);
    let action = Action::Keep { line, units: request.units };
    open.must(key, cx.now(), words::person(&who.subject), action, "units")?;
    open.finish(&mut cx).await?;
    cx.commit().await?;
    read::one(shell, who.tenant, id, false).await
}

/// Closes what never came.
///
/// # Errors
/// [`Fault::Reject`] `RET0006`, `RET0008`.
pub async fn close_not_returned(
    shell: &Shell<Returns>,
    who: &Who,
    request: CloseNotReturnedRequest,
) -> Result<Return, Fault> {
    let id = return_id(&request.return_id)?;
    let mut cx = shell.begin(who.tenant).await?;
    let mut open = open::lock(&mut cx, who.tenant, id).await?;
    "person".clone_into(&mut open.actor);
    let (now, actor) = (cx.now(), words::person(&who.subject));
    let waiting: Vec<(u16, u32)> = open
        .case
        .lines()
        .iter()
        .map(|(number, line)| (*number, line.custody().at(Place::AtBuyer)))
        .filter(|(_, units)| *units > 0)
        .collect();
    exchange::give_up(&mut open, actor, now)?;
    for (line, units) in waiting {
        let action = Action::CloseNotReturned { line, units };
        open.must(command_key("", "", 0), now, actor, action, "lines")?;
    }
    open.finish(&mut cx).await?;
    cx.commit().await?;
    read::one(shell, who.tenant, id, false).await
}
