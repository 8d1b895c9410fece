//! Returns as they are: one, many, and all of them counted.

use std::collections::BTreeMap;

use colibri_events::returns::v1::{
    Answer, Balance, CurrencyFunds, Funds, GetBalanceRequest, GetRequest, Goods, ListRequest,
    ListResponse, Return, ReturnState,
};
use colibri_kit::{
    fault::Fault,
    service::{Cx, Shell},
};
use colibri_returns_rules::money::State;
use colibri_types::{OrderId, ReturnId, TenantId};
use uuid::Uuid;

use super::{
    Who, orders, return_id,
    view::{self, Parts},
};
use crate::{
    Returns,
    error::{NO_ORDER, PAGE, UNKNOWN, fault, field},
    open,
    store::{
        cases::{self, Row},
        exchanges, labels,
        list::{self, Wanted},
        orphans, parcels, quality, rest,
    },
    vault,
};

/// Returns of a page when nobody says, and at most.
const PAGE_SIZE: (u32, u32) = (50, 500);

/// A return.
///
/// # Errors
/// [`Fault::Reject`] `RET0008`; `RET0017` while the vault is away.
pub async fn get(shell: &Shell<Returns>, who: &Who, request: GetRequest) -> Result<Return, Fault> {
    let id = return_id(&request.return_id)?;
    if let Some(identity) = &request.identity {
        let order = orders::by_identity(shell, who.tenant, identity).await;
        let order = order.map_err(|_| fault(UNKNOWN))?;
        let mut cx = shell.begin(who.tenant).await?;
        let of = cases::order_of(cx.db(), who.tenant.to_uuid(), id.to_uuid()).await?;
        cx.rollback().await;
        if of != Some(order) {
            return Err(fault(UNKNOWN));
        }
    }
    one(shell, who.tenant, id, request.reveal).await
}

/// A return as it is now.
///
/// # Errors
/// [`Fault::Reject`] `RET0008`.
pub async fn one(
    shell: &Shell<Returns>,
    tenant: TenantId,
    id: ReturnId,
    reveal: bool,
) -> Result<Return, Fault> {
    let mut cx = shell.read(tenant).await?;
    let row = cases::find(cx.db(), tenant.to_uuid(), id.to_uuid()).await?;
    let row = row.ok_or_else(|| fault(UNKNOWN))?;
    let shown = show(&mut cx, tenant, vec![row.clone()]).await?.pop();
    cx.rollback().await;
    let mut shown = shown.ok_or_else(|| fault(UNKNOWN))?;
    if reveal {
        words_of(shell, tenant, &row, &mut shown).await?;
    }
    Ok(shown)
}

/// Opens what was written.
async fn words_of(
    shell: &Shell<Returns>,
    tenant: TenantId,
    row: &Row,
    shown: &mut Return,
) -> Result<(), Fault> {
    let peers = &shell.state.peers;
    let text = async |id: Option<Uuid>| -> Result<String, Fault> {
        let Some(id) = id else { return Ok(String::new()) };
        let opened = vault::open(peers, tenant, id).await?;
        Ok(opened.map(|d| String::from_utf8_lossy(&d.data).into_owned()).unwrap_or_default())
    };
    shown.note = text(row.note_id).await?;
    shown.explanation = text(row.explanation_id).await?;
    for line in &mut shown.lines {
        let number = u16::try_from(line.line).unwrap_or_default();
        let answers = row.about.lines.get(&number).and_then(|line| line.answers);
        let json = text(answers).await?;
        let all: BTreeMap<String, String> = serde_json::from_str(&json).unwrap_or_default();
        line.answers = all.into_iter().map(|(question, text)| Answer { question, text }).collect();
    }
    Ok(())
}

async fn show(
    cx: &mut Cx<Returns>,
    tenant: TenantId,
    rows: Vec<Row>,
) -> Result<Vec<Return>, Fault> {
    let now = cx.now();
    let id = tenant.to_uuid();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.return_id).collect();
    let mut changes = cases::changes_of(cx.db(), id, &ids).await?;
    let labels = labels::of(cx.db(), id, &ids).await?;
    let parcels = parcels::of_returns(cx.db(), id, &ids).await?;
    let signals = rest::signals(cx.db(), id, &ids).await?;
    let swaps = exchanges::of(cx.db(), id, &ids).await?;
    let keys = rest::refund_keys(cx.db(), id, &ids).await?;
    let elsewhere = quality::elsewhere_of(cx.db(), id, &ids).await?;
    let mut orders: BTreeMap<Uuid, Vec<rest::Photo>> = BTreeMap::new();
    for order in rows.iter().map(|row| row.order_id) {
        if let std::collections::btree_map::Entry::Vacant(free) = orders.entry(order) {
            free.insert(rest::photos(cx.db(), id, order).await?);
        }
    }
    let mut shown = Vec::with_capacity(rows.len());
    for row in rows {
        let case = open::fold(&row, &changes.remove(&row.return_id).unwrap_or_default())?;
        let photos = orders.get(&row.order_id).map(Vec::as_slice).unwrap_or_default();
        let parts = Parts {
            labels: &labels,
            parcels: &parcels,
            signals: &signals,
            swaps: &swaps,
            keys: &keys,
            elsewhere: &elsewhere,
            photos,
        };
        shown.push(view::show(&row, &case, &parts, now));
    }
    Ok(shown)
}

/// Returns, newest first.
///
/// # Errors
/// [`Fault::Reject`] `RET0002`, `RET0016`.
pub async fn list(
    shell: &Shell<Returns>,
    who: &Who,
    request: ListRequest,
) -> Result<ListResponse, Fault> {
    let state = match request.state() {
        ReturnState::Unspecified => None,
        ReturnState::Waiting => Some("waiting"),
        ReturnState::Open => Some("open"),
        ReturnState::Rejected => Some("rejected"),
        ReturnState::Closed => Some("closed"),
    };
    let order = match request.order_id.as_str() {
        "" => None,
        text => {
            let id: Result<OrderId, _> = text.parse();
            Some(id.map_err(|_| field("order_id", "MALFORMED", "an id of an order"))?.to_uuid())
        }
    };
    let before = match request.page.as_str() {
        "" => None,
        page => Some(i64::from_str_radix(page, 16).map_err(|_| fault(PAGE))?),
    };
    let limit = match request.limit {
        0 => PAGE_SIZE.0,
        limit => limit.min(PAGE_SIZE.1),
    };
    let wanted = Wanted { state, order, attention: request.attention, before };
    let mut cx = shell.read(who.tenant).await?;
    // One more than asked: whether there is a next page.
    let rows = list::page(cx.db(), who.tenant.to_uuid(), &wanted, i64::from(limit) + 1).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    let rows: Vec<Row> = rows.into_iter().take(limit).collect();
    let next_page =
        rows.last().filter(|_| more).map(|row| format!("{:x}", row.ord)).unwrap_or_default();
    let returns = show(&mut cx, who.tenant, rows).await?;
    cx.rollback().await;
    Ok(ListResponse { returns, next_page })
}

/// Returns that are folded at once when all of a tenant are counted.
const AT_ONCE: i64 = 500;

/// Goods and money, counted over all returns of an order or of the tenant.
///
/// # Errors
/// [`Fault::Reject`] `RET0001` for a malformed order id.
pub async fn balance(
    shell: &Shell<Returns>,
    who: &Who,
    request: GetBalanceRequest,
) -> Result<Balance, Fault> {
    let order = match request.order_id.as_str() {
        "" => None,
        text => Some(text.parse::<OrderId>().map_err(|_| fault(NO_ORDER))?.to_uuid()),
    };
    let tenant = who.tenant.to_uuid();
    let mut balance = Balance { goods_close: true, money_closes: true, ..Balance::default() };
    let mut goods = Goods::default();
    let mut funds: BTreeMap<String, CurrencyFunds> = BTreeMap::new();
    let mut orders: BTreeMap<Uuid, (i64, i64)> = BTreeMap::new();
    let mut cx = shell.read(who.tenant).await?;
    let mut wanted = Wanted { order, ..Wanted::default() };
    loop {
        let rows = list::page(cx.db(), tenant, &wanted, AT_ONCE).await?;
        let Some(last) = rows.last() else { break };
        wanted.before = Some(last.ord);
        let ids: Vec<Uuid> = rows.iter().map(|row| row.return_id).collect();
        let mut changes = cases::changes_of(cx.db(), tenant, &ids).await?;
        for row in &rows {
            let case = open::fold(row, &changes.remove(&row.return_id).unwrap_or_default())?;
            balance.returns += 1;
            balance.closed += u32::from(row.state == "closed");
            balance.rejected += u32::from(row.state == "rejected");
            for line in case.lines().values() {
                balance.goods_close &= view::add_goods(&mut goods, line.custody());
            }
            let currency = row.about.currency.to_string();
            let entry = funds.entry(currency.clone()).or_insert_with(|| CurrencyFunds {
                currency,
                funds: Some(Funds::default()),
                ..CurrencyFunds::default()
            });
            let sums = entry.funds.get_or_insert_default();
            for (_, ledger) in case.ledgers() {
                balance.money_closes &= view::add_funds(sums, ledger);
                let all = ledger.instructions().values();
                for known in all {
                    entry.refunds += u32::from(known.state == State::Refunded);
                    entry.in_doubt += u32::from(known.state == State::InDoubt);
                }
            }
            entry.exposure_minor += case.exposure();
            let of_order = orders.entry(row.order_id).or_insert_with(|| {
                entry.paid_minor += row.facts.paid;
                (row.facts.paid, 0)
            });
            of_order.1 += case.granted();
        }
    }
    balance.money_closes &= orders.values().all(|(paid, granted)| granted <= paid);
    if order.is_none() {
        let held = orphans::held(cx.db(), tenant).await?;
        balance.orphan_units = u32::try_from(held).unwrap_or(u32::MAX);
    }
    balance.labels = u32::try_from(list::labels(cx.db(), tenant, order).await?).unwrap_or(u32::MAX);
    cx.rollback().await;
    balance.goods = Some(goods);
    balance.funds = funds.into_values().collect();
    Ok(balance)
}
