//! What persons and the payment side decide about money.

use colibri_events::returns::v1::{
    ConfirmRefundRequest, DecideRefundRequest, Return, SettleDoubtRequest,
    decide_refund_request::Decision,
};
use colibri_kit::{
    fault::Fault,
    intent::{IntentState, settle_in_doubt},
    service::{Cx, Shell},
};
use colibri_returns_rules::{
    case::{Action, Actor, Scope},
    money::{Bucket, State},
};
use serde_json::json;
use time::Duration;

use super::{Who, checks, people, read, return_id};
use crate::{
    Returns,
    domain::words,
    error::{NO_REFUND, NOT_IN_DOUBT, fault, field},
    intents,
    open::{self, Open, command_key},
    store::rest,
};

/// How long a buyer may appeal a denial.
const APPEAL: Duration = Duration::days(30);

/// A person approves, denies or gives back.
///
/// # Errors
/// [`Fault::Reject`] `RET0002`, `RET0006`, `RET0007`, `RET0008`.
pub async fn decide_refund(
    shell: &Shell<Returns>,
    who: &Who,
    request: DecideRefundRequest,
) -> Result<Return, Fault> {
    let id = return_id(&request.return_id)?;
    checks::request_id(&request.request_id)?;
    let scope = words::scope(request.line).ok_or_else(|| field("line", "UNKNOWN", "no line"))?;
    let outcome = words::outcome_of(request.outcome);
    let outcome = outcome.ok_or_else(|| field("outcome", "UNKNOWN", "no outcome"))?;
    let decision = request.decision;
    let decision =
        decision.ok_or_else(|| field("decision", "MISSING", "approve, deny or appeal"))?;
    let photos = checks::photos("photo_ids", &request.photo_ids)?;
    let mut explanation = None;
    if matches!(decision, Decision::DenyMinor(_)) {
        checks::code("code", &request.code)?;
        checks::text("explanation", &request.explanation, checks::NOTE_MAX)?;
        explanation = Some(people::explain(shell, who, id.to_uuid(), &request.explanation).await?);
    }
    let mut cx = shell.begin(who.tenant).await?;
    let mut open = open::lock(&mut cx, who.tenant, id).await?;
    "person".clone_into(&mut open.actor);
    let (now, actor) = (cx.now(), words::person(&who.subject));
    let key = command_key("decide_refund", &request.request_id, 0);
    let ledger = open.case.ledger(scope);
    let (pending, due) = ledger.map_or((0, 0), |ledger| {
        (ledger.in_bucket(outcome, Bucket::Pending), ledger.in_bucket(outcome, Bucket::Due))
    });
    let action = match decision {
        // Approved before, and refused by the payment side: it is ordered again.
        Decision::ApproveMinor(amount) if pending == 0 && due > 0 && amount == due => {
            open.again = true;
            None
        }
        Decision::ApproveMinor(amount) => Some(Action::Approve { scope, outcome, amount }),
        Decision::DenyMinor(amount) => {
            let appeal_until = now + APPEAL;
            // The code and the sealed words are the evidence, and photos where there are some.
            let evidence = explanation.is_some() || !photos.is_empty();
            Some(Action::Deny { scope, outcome, amount, evidence, appeal_until })
        }
        Decision::AppealWonMinor(amount) => Some(Action::AppealWon { scope, outcome, amount }),
    };
    if let Some(action) = action {
        open.must(key, now, actor, action, "decision")?;
    }
    if explanation.is_some() {
        open.row.explanation_id = explanation;
    }
    open.finish(&mut cx).await?;
    cx.commit().await?;
    read::one(shell, who.tenant, id, false).await
}

async fn instruction(
    cx: &mut Cx<Returns>,
    open: &Open,
    key: &str,
) -> Result<(Scope, u32, State), Fault> {
    let found = rest::refund(cx.db(), open.row.tenant_id, open.row.return_id, key).await?;
    let (line, number) = found.ok_or_else(|| fault(NO_REFUND))?;
    let scope = u32::try_from(line).ok().and_then(words::scope);
    let number = u32::try_from(number).map_err(Fault::bug)?;
    let scope = scope.ok_or_else(|| fault(NO_REFUND))?;
    let known = open.case.ledger(scope).and_then(|all| all.instructions().get(&number).copied());
    let known = known.ok_or_else(|| fault(NO_REFUND))?;
    Ok((scope, number, known.state))
}

/// The payment side says what became of a refund.
///
/// # Errors
/// [`Fault::Reject`] `RET0002`, `RET0006`, `RET0008`, `RET0011`.
pub async fn confirm_refund(
    shell: &Shell<Returns>,
    who: &Who,
    request: ConfirmRefundRequest,
) -> Result<Return, Fault> {
    let id = return_id(&request.return_id)?;
    let state = words::instruction_state(&request.state);
    let state = state.ok_or_else(|| field("state", "UNKNOWN", "refunded, refused or reversed"))?;
    let mut cx = shell.begin(who.tenant).await?;
    let mut open = open::lock(&mut cx, who.tenant, id).await?;
    "payment".clone_into(&mut open.actor);
    let (scope, number, before) = instruction(&mut cx, &open, &request.key).await?;
    let what = (scope, number);
    intents::refund::observed(&cx, &mut open, what, Actor::Provider, state)?;
    if before == State::InDoubt {
        settle(&mut cx, &request.key, state, "confirmed by the payment side").await?;
    }
    open.finish(&mut cx).await?;
    cx.commit().await?;
    read::one(shell, who.tenant, id, false).await
}

async fn settle(cx: &mut Cx<Returns>, key: &str, state: State, why: &str) -> Result<(), Fault> {
    let to = if state == State::Refused { IntentState::Failed } else { IntentState::Done };
    let evidence = json!({ "state": words::word(&state), "why": why });
    settle_in_doubt(cx.db(), "returns", intents::REFUND, key, to, &evidence).await.map(drop)
}

/// A person's decision about a refund in doubt.
///
/// # Errors
/// [`Fault::Reject`] `RET0002`, `RET0008`, `RET0011`, `RET0012`.
pub async fn settle_doubt(
    shell: &Shell<Returns>,
    who: &Who,
    request: SettleDoubtRequest,
) -> Result<Return, Fault> {
    let id = return_id(&request.return_id)?;
    checks::text("reason", &request.reason, 500)?;
    let mut cx = shell.begin(who.tenant).await?;
    let mut open = open::lock(&mut cx, who.tenant, id).await?;
    "person".clone_into(&mut open.actor);
    let (scope, number, before) = instruction(&mut cx, &open, &request.key).await?;
    if before != State::InDoubt {
        return Err(fault(NOT_IN_DOUBT));
    }
    let state = if request.happened { State::Refunded } else { State::Refused };
    let person = words::person(&who.subject);
    intents::refund::observed(&cx, &mut open, (scope, number), person, state)?;
    // Who checked that nothing was paid wants it paid.
    open.again = !request.happened;
    settle(&mut cx, &request.key, state, &request.reason).await?;
    let why = json!({ "by": who.subject, "happened": request.happened, "why": request.reason });
    rest::refund_settled(cx.db(), who.tenant.to_uuid(), &request.key, &why).await?;
    open.finish(&mut cx).await?;
    cx.commit().await?;
    read::one(shell, who.tenant, id, false).await
}
