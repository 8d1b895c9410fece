//! Replacements: named, paid for, sent; each unit in at most one, and never paid back as well.

use colibri_events::returns::v1::{
    Exchange as Shown, ExchangeMode, MoveExchangeRequest, Return, SendReplacementRequest,
    SettleDifferenceRequest, StartExchangeRequest,
};
use colibri_kit::{fault::Fault, service::Shell};
use colibri_returns_rules::{
    Refusal,
    case::{Action, Actor, Case},
    exchange::{Difference, Event, Exchange, Link, Mode},
};
use colibri_types::OrderId;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{Who, checks, orphans, read, return_id};
use crate::{
    Returns,
    domain::words::{self, instant, timestamp, word},
    error::{REQUEST_ID, fault, field, refused},
    open::{self, Open, command_key},
    store::{exchanges, rest},
};

/// Name of the method in the idempotency table.
const ROUTE: &str = "exchange";
/// How long what a person sends at once counts as set aside.
const AT_ONCE: Duration = Duration::days(1);

const fn mode_of(mode: ExchangeMode) -> Mode {
    match mode {
        ExchangeMode::Unspecified | ExchangeMode::AfterInspection => Mode::AfterInspection,
        ExchangeMode::AfterReceipt => Mode::AfterReceipt,
        ExchangeMode::AfterScan => Mode::AfterScan,
        ExchangeMode::Advance => Mode::Advance,
    }
}

const fn mode(mode: Mode) -> ExchangeMode {
    match mode {
        Mode::AfterInspection => ExchangeMode::AfterInspection,
        Mode::AfterReceipt => ExchangeMode::AfterReceipt,
        Mode::AfterScan => ExchangeMode::AfterScan,
        Mode::Advance => ExchangeMode::Advance,
    }
}

/// A person names the replacement.
///
/// # Errors
/// [`Fault::Reject`] `RET0002`, `RET0006`, `RET0007`, `RET0008`.
pub async fn start(
    shell: &Shell<Returns>,
    who: &Who,
    request: StartExchangeRequest,
) -> Result<Return, Fault> {
    let id = return_id(&request.return_id)?;
    checks::request_id(&request.request_id)?;
    checks::text("sku", &request.sku, 100)?;
    orphans::sku("sku", &request.sku)?;
    let line = words::line(request.line);
    let line = line.ok_or_else(|| field("line", "UNKNOWN", "no such line of the order"))?;
    let mark = checks::fingerprint(&request);
    let tenant = who.tenant.to_uuid();
    let mut cx = shell.begin(who.tenant).await?;
    let mut open = open::lock(&mut cx, who.tenant, id).await?;
    let request_id = format!("{id}:{}", request.request_id);
    let route = (ROUTE, request_id.as_str());
    if let Some((known, _)) = rest::earlier(cx.db(), tenant, route.0, route.1).await? {
        cx.rollback().await;
        if known != mark {
            return Err(fault(REQUEST_ID).field("request_id", "TAKEN", "used with other content"));
        }
        return read::one(shell, who.tenant, id, false).await;
    }
    let number = open.case.exchanges().keys().next_back().map_or(1, |last| last + 1);
    let action = Action::Exchange {
        number,
        line,
        units: request.units,
        price: request.price_minor,
        mode: mode_of(request.mode()),
    };
    let key = command_key(ROUTE, &request_id, 0);
    open.must(key, cx.now(), words::person(&who.subject), action, "units")?;
    "person".clone_into(&mut open.actor);
    let stored = i32::try_from(number).map_err(Fault::bug)?;
    exchanges::insert(cx.db(), tenant, (id.to_uuid(), stored), &request.sku).await?;
    if !rest::note(cx.db(), tenant, route, &mark, &number.to_string()).await? {
        cx.rollback().await;
        return Err(Fault::retry("another call with this request id is on its way"));
    }
    open.finish(&mut cx).await?;
    cx.commit().await?;
    read::one(shell, who.tenant, id, false).await
}

fn link(open: &Open, number: u32) -> Result<Link, Fault> {
    let known = open.case.exchanges().get(&number).copied();
    known.ok_or_else(|| field("exchange", "UNKNOWN", "the return has no such exchange"))
}

/// An exchange goes on.
///
/// # Errors
/// [`Fault::Reject`] `RET0002`, `RET0006`, `RET0007`, `RET0008`.
pub async fn step(
    shell: &Shell<Returns>,
    who: &Who,
    request: MoveExchangeRequest,
) -> Result<Return, Fault> {
    let id = return_id(&request.return_id)?;
    checks::request_id(&request.request_id)?;
    let mut cx = shell.begin(who.tenant).await?;
    let mut open = open::lock(&mut cx, who.tenant, id).await?;
    let sent = link(&open, request.exchange)?.is_sent();
    let event = match request.step.as_str() {
        "reserve" => {
            let until = instant(request.reserved_until.as_ref());
            let until = until.ok_or_else(|| field("reserved_until", "MISSING", "until when"))?;
            Event::Reserved(until)
        }
        "confirm" => Event::Confirmed,
        "arrived" if sent => Event::Fulfilled,
        "arrived" => return Err(field("step", "NOT_SENT", "the replacement has not left")),
        "convert" => Event::Converted,
        "overdue" => Event::Overdue,
        _ => {
            let text = "reserve, confirm, arrived, convert or overdue";
            return Err(field("step", "UNKNOWN", text));
        }
    };
    let action = Action::ExchangeStep { number: request.exchange, event };
    let key = command_key("move_exchange", &format!("{id}:{}", request.request_id), 0);
    open.must(key, cx.now(), words::person(&who.subject), action, "step")?;
    "person".clone_into(&mut open.actor);
    open.finish(&mut cx).await?;
    cx.commit().await?;
    read::one(shell, who.tenant, id, false).await
}

/// What became of the difference.
///
/// # Errors
/// [`Fault::Reject`] `RET0002`, `RET0006`, `RET0007`, `RET0008`.
pub async fn difference(
    shell: &Shell<Returns>,
    who: &Who,
    request: SettleDifferenceRequest,
) -> Result<Return, Fault> {
    let id = return_id(&request.return_id)?;
    checks::request_id(&request.request_id)?;
    let is = match request.state.as_str() {
        "paid" => Difference::Paid,
        "waived" => Difference::Waived,
        "returned" => Difference::Returned,
        _ => return Err(field("state", "UNKNOWN", "paid, waived or returned")),
    };
    let mut cx = shell.begin(who.tenant).await?;
    let mut open = open::lock(&mut cx, who.tenant, id).await?;
    link(&open, request.exchange)?;
    let (number, amount) = (request.exchange, request.amount_minor);
    let action = Action::Difference { number, amount, is };
    let key = command_key("difference", &format!("{id}:{}", request.request_id), 0);
    open.must(key, cx.now(), words::person(&who.subject), action, "amount_minor")?;
    "person".clone_into(&mut open.actor);
    open.finish(&mut cx).await?;
    cx.commit().await?;
    read::one(shell, who.tenant, id, false).await
}

/// A replacement has left: it is paid by the value of the units. What a person had not reserved or
/// confirmed before is so with that.
///
/// # Errors
/// [`Fault::Reject`] `RET0002`, `RET0006`, `RET0007`, `RET0008`.
pub async fn send_replacement(
    shell: &Shell<Returns>,
    who: &Who,
    request: SendReplacementRequest,
) -> Result<Return, Fault> {
    let id = return_id(&request.return_id)?;
    checks::request_id(&request.request_id)?;
    let order: Result<OrderId, _> = request.replacement_order_id.parse();
    let order =
        order.map_err(|_| field("replacement_order_id", "MALFORMED", "an id of an order"))?;
    let mut cx = shell.begin(who.tenant).await?;
    let mut open = open::lock(&mut cx, who.tenant, id).await?;
    let (now, by) = (cx.now(), words::person(&who.subject));
    let before = link(&open, request.exchange)?.state;
    let reserve = Event::Reserved(now + AT_ONCE);
    let send =
        if request.guarantee { Event::SentInAdvance { covered: true } } else { Event::Fulfilled };
    let mut steps = vec![(2, send)];
    if matches!(before, Exchange::Proposed | Exchange::Reserved(_)) && !request.guarantee {
        steps.insert(0, (1, Event::Confirmed));
    }
    if before == Exchange::Proposed {
        steps.insert(0, (0, reserve));
    }
    let request_id = format!("{id}:{}", request.request_id);
    for (part, event) in steps {
        let action = Action::ExchangeStep { number: request.exchange, event };
        let key = command_key("replacement", &request_id, part);
        open.must(key, now, by, action, "exchange")?;
    }
    if !link(&open, request.exchange)?.is_sent() {
        return Err(refused(Refusal::NoWay, "exchange"));
    }
    let stored = i32::try_from(request.exchange).map_err(Fault::bug)?;
    let place = (id.to_uuid(), stored);
    if !exchanges::replace(cx.db(), who.tenant.to_uuid(), place, order.to_uuid()).await? {
        cx.rollback().await;
        let text = "the order replaces something else, or another one replaces this";
        return Err(field("replacement_order_id", "TAKEN", text));
    }
    "person".clone_into(&mut open.actor);
    open.finish(&mut cx).await?;
    cx.commit().await?;
    read::one(shell, who.tenant, id, false).await
}

/// Replacements that have not left are given up: their units fund a refund, until they are let go.
///
/// # Errors
/// [`Fault::Reject`] `RET0006`.
pub fn give_up(open: &mut Open, by: Actor, now: OffsetDateTime) -> Result<(), Fault> {
    let waiting =
        |(number, link): (&u32, &Link)| (link.lives() && !link.is_sent()).then_some(*number);
    let numbers: Vec<u32> = open.case.exchanges().iter().filter_map(waiting).collect();
    for number in numbers {
        let action = Action::ExchangeStep { number, event: Event::Converted };
        let given_up = open.act(command_key("", "", 0), now, by, action);
        given_up.map_err(|refusal| refused(refusal, "exchanges"))?;
    }
    Ok(())
}

/// The word of where an exchange is.
#[must_use]
pub const fn state(state: Exchange) -> &'static str {
    match state {
        Exchange::Proposed => "proposed",
        Exchange::Reserved(_) => "reserved",
        Exchange::AwaitingReturn => "awaiting_return",
        Exchange::AdvanceSent => "advance_sent",
        Exchange::Completed => "completed",
        Exchange::ConvertedToRefund => "converted_to_refund",
        Exchange::ChargeDue => "charge_due",
    }
}

/// The exchanges of a return.
#[must_use]
pub fn show(id: Uuid, case: &Case, wanted: &[exchanges::Wanted]) -> Vec<Shown> {
    let shown = case.exchanges().iter().map(|(number, link)| {
        let mine = |known: &&exchanges::Wanted| {
            known.return_id == id && u32::try_from(known.number).ok() == Some(*number)
        };
        let known = wanted.iter().find(mine);
        let until = match link.state {
            Exchange::Reserved(until) => Some(timestamp(until)),
            _ => None,
        };
        let order = known.and_then(|known| known.replacement);
        Shown {
            exchange: *number,
            line: u32::from(link.line),
            units: link.units,
            sku: known.map(|known| known.sku.clone()).unwrap_or_default(),
            mode: mode(link.mode).into(),
            state: state(link.state).to_owned(),
            reserved_until: until,
            value_minor: link.value,
            price_minor: link.price,
            difference_minor: link.price - link.value,
            difference: word(&link.difference),
            replacement_order_id: order
                .map(|id| OrderId::from_uuid(id).to_string())
                .unwrap_or_default(),
        }
    });
    shown.collect()
}
