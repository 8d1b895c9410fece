//! Where units without a return go: into a return, which counts them from then on, or away for
//! good. Both sides are written in one transaction, under the lock of the order and then of the
//! orphan.

use colibri_events::returns::v1::{
    Orphan, OrphanEnd, OrphanSettled, SettleExtraRequest, SettleOrphanRequest,
    settle_orphan_request::Way,
};
use colibri_kit::{
    crash_point,
    fault::Fault,
    service::{Cx, Shell},
};
use colibri_returns_rules::{
    case::{Action, Command, LineNo},
    goods::Extra,
    orphan::{self, End, Found},
};
use colibri_types::{OrderId, OrphanId, ReturnId};

use super::{
    Who, checks,
    orphans::{self as shown, New, orphan_id},
    return_id,
};
use crate::{
    Returns,
    domain::words::{self, timestamp, word},
    error::{NO_ORPHAN, REQUEST_ID, fault, field, refused},
    open,
    store::{
        orphans::{self, Move},
        rest,
    },
};

/// Name of the method in the idempotency table.
const ROUTE: &str = "extra";

/// A person says where units go.
///
/// # Errors
/// [`Fault::Reject`] `RET0002`, `RET0006`, `RET0007`, `RET0008`, `RET0020`.
pub async fn orphan(
    shell: &Shell<Returns>,
    who: &Who,
    request: SettleOrphanRequest,
) -> Result<Orphan, Fault> {
    let id = orphan_id(&request.orphan_id)?;
    checks::request_id(&request.request_id)?;
    checks::code("reason", &request.reason)?;
    let way = request.way.clone();
    let way = way.ok_or_else(|| field("way", "MISSING", "to_return or end"))?;
    let item = i16::try_from(request.item).ok().filter(|item| *item > 0);
    let item = item.ok_or_else(|| field("item", "UNKNOWN", "no such item"))?;
    let mut cx = shell.begin(who.tenant).await?;
    let mut gone = Move {
        orphan_id: id.to_uuid(),
        request_id: request.request_id.clone(),
        item,
        units: i32::try_from(request.units).unwrap_or(i32::MAX),
        way: String::new(),
        return_id: None,
        line: None,
        reason: request.reason.clone(),
        at: cx.now(),
    };
    match way {
        Way::ToReturn(to) => {
            gone.way = word(&End::Matched);
            let line = words::line(to.line);
            let line = line.ok_or_else(|| field("to_return.line", "UNKNOWN", "no such line"))?;
            let into = return_id(&to.return_id)?;
            gone.return_id = Some(into.to_uuid());
            gone.line = Some(i32::from(line));
            adopt(&mut cx, who, &gone, (into, line)).await?;
        }
        Way::End(number) => {
            let end = match OrphanEnd::try_from(number) {
                Ok(OrphanEnd::SentBack) => End::SentBack,
                Ok(OrphanEnd::HandedOver) => End::HandedOver,
                Ok(OrphanEnd::Recycled) => End::Recycled,
                _ => return Err(field("end", "UNKNOWN", "sent_back, handed_over or recycled")),
            };
            gone.way = word(&end);
            leave(&mut cx, who, &gone, end).await?;
        }
    }
    cx.commit().await?;
    shown::one(shell, who.tenant, id).await
}

/// The units of an item, under the lock of its orphan; None: this request was done.
async fn here(
    cx: &mut Cx<Returns>,
    who: &Who,
    gone: &Move,
) -> Result<Option<(orphans::Orphan, orphans::Item)>, Fault> {
    let tenant = who.tenant.to_uuid();
    let row = orphans::find(cx.db(), tenant, gone.orphan_id, true).await?;
    let row = row.ok_or_else(|| fault(NO_ORPHAN))?;
    let earlier = orphans::moves(cx.db(), tenant, &[gone.orphan_id]).await?;
    if let Some(known) = earlier.iter().find(|known| known.request_id == gone.request_id) {
        let mark =
            |m: &Move| (m.item, m.units, m.way.clone(), m.return_id, m.line, m.reason.clone());
        return if mark(known) == mark(gone) { Ok(None) } else { Err(fault(REQUEST_ID)) };
    }
    let items = orphans::items(cx.db(), tenant, &[gone.orphan_id]).await?;
    let item = items.into_iter().find(|item| item.number == gone.item);
    let item = item.ok_or_else(|| field("item", "UNKNOWN", "no such item"))?;
    Ok(Some((row, item)))
}

async fn adopt(
    cx: &mut Cx<Returns>,
    who: &Who,
    gone: &Move,
    (to, line): (ReturnId, LineNo),
) -> Result<(), Fault> {
    let mut open = open::lock(cx, who.tenant, to).await?;
    let Some((row, item)) = here(cx, who, gone).await? else { return Ok(()) };
    let (now, by) = (cx.now(), words::person(&who.subject));
    let id = OrphanId::from_uuid(gone.orphan_id).to_string();
    let key = words::key(&["orphan", &id, &gone.request_id]);
    let units = u32::try_from(gone.units).unwrap_or_default();
    let action = Action::Receive { line, label: None, units };
    let command = Command { key, at: now, by, action };
    let path = "units";
    let (found, changes) = orphan::adopt(&open.case, &item.found, &command)
        .map_err(|refusal| refused(refusal, path))?;
    open.take(by, changes).map_err(|refusal| refused(refusal, path))?;
    "bench".clone_into(&mut open.actor);
    let value = open.case.lines().get(&line).map_or(0, |line| line.ledger().value_of(units));
    if let Some(signal) = open.rules.settings.limits.orphan(value, now) {
        open.signal(cx, signal).await?;
    }
    let order = OrderId::from_uuid(open.row.order_id).to_string();
    open.finish(cx).await?;
    write(cx, who, gone, (&row, &item), &found, order).await
}

async fn leave(cx: &mut Cx<Returns>, who: &Who, gone: &Move, end: End) -> Result<(), Fault> {
    let Some((row, item)) = here(cx, who, gone).await? else { return Ok(()) };
    let (units, by) = (u32::try_from(gone.units).unwrap_or_default(), words::person(&who.subject));
    let waited = shown::waited(&row, cx.now());
    let found = item.found.leave(end, units, by, waited);
    let found = found.map_err(|refusal| refused(refusal, "units"))?;
    let order = row.order_id.map(|id| OrderId::from_uuid(id).to_string()).unwrap_or_default();
    write(cx, who, gone, (&row, &item), &found, order).await
}

async fn write(
    cx: &mut Cx<Returns>,
    who: &Who,
    gone: &Move,
    (row, item): (&orphans::Orphan, &orphans::Item),
    found: &Found,
    order_id: String,
) -> Result<(), Fault> {
    orphans::left(cx.db(), who.tenant.to_uuid(), (gone, &who.subject), found).await?;
    let end = End::ALL.into_iter().find(|end| word(end) == gone.way);
    let event = OrphanSettled {
        orphan_id: OrphanId::from_uuid(row.orphan_id).to_string(),
        tenant_id: who.tenant.to_string(),
        order_id,
        return_id: gone.return_id.map(|id| ReturnId::from_uuid(id).to_string()).unwrap_or_default(),
        sku: item.sku.clone(),
        units: u32::try_from(gone.units).unwrap_or_default(),
        end: end.map_or(OrphanEnd::Unspecified, shown::end).into(),
        at: Some(timestamp(gone.at)),
    };
    cx.publish(&event, &format!("settled:{}", gone.request_id));
    crash_point!("returns.orphan_settled");
    Ok(())
}

/// What came beside the advised goods leaves the return, and waits as an orphan of its own.
///
/// # Errors
/// [`Fault::Reject`] `RET0002`, `RET0006`, `RET0007`, `RET0008`.
pub async fn extra(
    shell: &Shell<Returns>,
    who: &Who,
    request: SettleExtraRequest,
) -> Result<Orphan, Fault> {
    let to = return_id(&request.return_id)?;
    checks::request_id(&request.request_id)?;
    shown::sku("sku", &request.sku)?;
    let (extra, why) = match request.extra.as_str() {
        "surplus" => (Extra::Surplus, "surplus"),
        "foreign" => (Extra::Foreign, "wrong_goods"),
        _ => return Err(field("extra", "UNKNOWN", "surplus or foreign")),
    };
    let tenant = who.tenant.to_uuid();
    let mark = checks::fingerprint(&request);
    let mut cx = shell.begin(who.tenant).await?;
    let mut open = open::lock(&mut cx, who.tenant, to).await?;
    let request_id = format!("{to}:{}", request.request_id);
    let earlier = rest::earlier(cx.db(), tenant, ROUTE, &request_id).await?;
    if let Some((known, resource)) = earlier {
        cx.rollback().await;
        if known != mark {
            return Err(fault(REQUEST_ID).field("request_id", "TAKEN", "used with other content"));
        }
        return shown::one(shell, who.tenant, orphan_id(&resource)?).await;
    }
    // Another article lies beside the first line.
    let line = words::line(request.line).or_else(|| open.row.about.lines.keys().next().copied());
    let line = line.ok_or_else(|| field("line", "UNKNOWN", "no such line of the order"))?;
    let (now, by) = (cx.now(), words::person(&who.subject));
    let key = words::key(&["extra", &to.to_string(), &request.request_id]);
    let action = Action::HandleExtra { line, extra, units: request.units };
    let command = Command { key, at: now, by, action };
    let (found, changes) =
        orphan::expel(&open.case, &command).map_err(|refusal| refused(refusal, "units"))?;
    let found = found.ok_or_else(|| Fault::bug("a request that is known, and not noted"))?;
    open.take(by, changes).map_err(|refusal| refused(refusal, "units"))?;
    "bench".clone_into(&mut open.actor);
    let id = OrphanId::generate();
    let route = (ROUTE, request_id.as_str());
    if !rest::note(cx.db(), tenant, route, &mark, &id.to_string()).await? {
        cx.rollback().await;
        return Err(Fault::retry("another call with this request id is on its way"));
    }
    let sku = match extra {
        Extra::Surplus => open.row.about.sku(line).to_owned(),
        Extra::Foreign => request.sku,
    };
    let (order, site) = (open.row.order_id, open.sale.site_id);
    open.finish(&mut cx).await?;
    let place = (None, Some(order), Some(to.to_uuid()));
    let new = New { id, why, place, site, weight_g: None };
    shown::insert(&mut cx, who.tenant, new, &[(sku, found)]).await?;
    cx.commit().await?;
    shown::one(shell, who.tenant, id).await
}
