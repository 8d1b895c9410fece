//! Money that somebody else has paid back, and refunds that a person stops or lets go on.

use colibri_events::returns::v1::{HoldRefundsRequest, RefundedElsewhereRequest, Return};
use colibri_kit::{fault::Fault, service::Shell};
use colibri_returns_rules::{
    case::{Action, Flag},
    fraud,
};

use super::{Who, checks, read, return_id};
use crate::{
    Returns,
    domain::words,
    error::{REQUEST_ID, fault, field},
    open::{self, Open, command_key},
    store::quality::{self, Elsewhere},
};

/// Who else may have paid. A chargeback is a way that the buyer went beside this return.
const ORIGINS: [&str; 3] = ["shop", "channel", CHARGEBACK];
const CHARGEBACK: &str = "chargeback";

/// Takes a payment by somebody else into the money of a return, once.
///
/// # Errors
/// [`Fault::Reject`] `RET0002`, `RET0006`, `RET0007`, `RET0008`.
pub async fn refunded(
    shell: &Shell<Returns>,
    who: &Who,
    request: RefundedElsewhereRequest,
) -> Result<Return, Fault> {
    let id = return_id(&request.return_id)?;
    checks::request_id(&request.request_id)?;
    let scope = words::scope(request.line).ok_or_else(|| field("line", "UNKNOWN", "no line"))?;
    if !ORIGINS.contains(&request.origin.as_str()) {
        return Err(field("origin", "UNKNOWN", "shop, channel or chargeback"));
    }
    let mut cx = shell.begin(who.tenant).await?;
    let mut open = open::lock(&mut cx, who.tenant, id).await?;
    let now = cx.now();
    let amount = request.amount_minor;
    let paid = open.case.order().map_or(0, |order| order.paid);
    if amount <= 0 || amount > paid {
        let text = "above zero, and at most what was paid for the order";
        return Err(field("amount_minor", "RANGE", text));
    }
    let new = Elsewhere {
        return_id: id.to_uuid(),
        request_id: request.request_id.clone(),
        line: i32::try_from(request.line).map_err(Fault::bug)?,
        amount_minor: amount,
        origin: request.origin.clone(),
        at: now,
    };
    let tenant = who.tenant.to_uuid();
    if let Some(known) = quality::paid_elsewhere(cx.db(), tenant, &new, &who.subject).await? {
        cx.rollback().await;
        if known != (Elsewhere { at: known.at, ..new }) {
            return Err(fault(REQUEST_ID).field("request_id", "TAKEN", "used with other content"));
        }
        return read::one(shell, who.tenant, id, false).await;
    }
    "person".clone_into(&mut open.actor);
    let over = |open: &Open| open.case.ledger(scope).map_or(0, |ledger| ledger.excess());
    let before = over(&open);
    let key = command_key("elsewhere", &format!("{id}:{}", request.request_id), 0);
    let action = Action::Elsewhere { scope, amount };
    open.must(key, now, words::person(&who.subject), action, "amount_minor")?;
    // The shop may pay of its own accord. Who asked the bank as well, or got more than was owed,
    // was paid or has asked by two ways.
    let twice = request.origin == CHARGEBACK || over(&open) > before;
    if let Some(signal) = fraud::asked_twice(1 + i64::from(twice), now) {
        open.signal(&mut cx, signal).await?;
    }
    open.finish(&mut cx).await?;
    cx.commit().await?;
    read::one(shell, who.tenant, id, false).await
}

/// A person stops the refunds of a return, or lets them go on after a look.
///
/// # Errors
/// [`Fault::Reject`] `RET0008`.
pub async fn hold(
    shell: &Shell<Returns>,
    who: &Who,
    request: HoldRefundsRequest,
) -> Result<Return, Fault> {
    let id = return_id(&request.return_id)?;
    let mut cx = shell.begin(who.tenant).await?;
    let mut open = open::lock(&mut cx, who.tenant, id).await?;
    "person".clone_into(&mut open.actor);
    let (now, by, on) = (cx.now(), words::person(&who.subject), request.hold);
    let all = [Flag::HoldRefund, Flag::DoubleRefundRisk];
    // What a payment by somebody else has stopped is not stopped by a person, only let go.
    let flags = if on { &all[..1] } else { &all[..] };
    for flag in flags.iter().copied() {
        if open.case.flags().contains(&flag) == on {
            continue;
        }
        let action = Action::SetFlag { flag, on };
        open.must(command_key("", "", 0), now, by, action, "hold")?;
    }
    open.finish(&mut cx).await?;
    cx.commit().await?;
    read::one(shell, who.tenant, id, false).await
}
