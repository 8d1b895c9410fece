//! The order that is meant, and what was bought and paid.

use std::collections::BTreeMap;

use colibri_events::{
    orders::v1::{
        GetRequest, Order as Bought, get_request::By, orders_service_client::OrdersServiceClient,
    },
    returns::v1::{Identity, OrderRef, order_ref::By as Ref},
};
use colibri_kit::{
    fault::{Fault, RpcError},
    service::Shell,
};
use colibri_returns_rules::case::{LineNo, Order, OrderLine};
use colibri_types::{Currency, OrderId, TenantId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    Returns,
    domain::words::instant,
    error::{NO_ORDER, away, fault},
    policies::Rules,
    store::{
        cases::{self, Others},
        parcels,
        sales::{self, Sale},
    },
    vault,
};

/// Everything a return is decided on, as it is now.
pub struct Known {
    /// The order here.
    pub sale: Sale,
    /// The order as it was bought.
    pub bought: Bought,
    /// Of every amount.
    pub currency: Currency,
    /// When it was placed.
    pub ordered: OffsetDateTime,
    /// When its last parcel was handed over.
    pub delivered: Option<OffsetDateTime>,
    /// What other returns use.
    pub others: Others,
}

/// Finds the order; by an identity in a time that tells nothing.
///
/// # Errors
/// [`Fault::Reject`] `RET0001`, whatever is wrong.
pub async fn find(
    shell: &Shell<Returns>,
    tenant: TenantId,
    wanted: Option<OrderRef>,
) -> Result<Uuid, Fault> {
    match wanted.and_then(|wanted| wanted.by) {
        Some(Ref::OrderId(id)) => {
            let id: OrderId = id.parse().map_err(|_| fault(NO_ORDER))?;
            Ok(id.to_uuid())
        }
        Some(Ref::Identity(identity)) => by_identity(shell, tenant, &identity).await,
        None => Err(fault(NO_ORDER)),
    }
}

/// The order of a buyer.
///
/// # Errors
/// [`Fault::Reject`] `RET0001`.
pub async fn by_identity(
    shell: &Shell<Returns>,
    tenant: TenantId,
    identity: &Identity,
) -> Result<Uuid, Fault> {
    let floor = std::time::Duration::from_millis(u64::from(shell.state.config.identity_floor_ms));
    let end = tokio::time::Instant::now() + floor;
    let found = looked_up(shell, tenant, identity).await;
    tokio::time::sleep_until(end).await;
    found
}

async fn looked_up(
    shell: &Shell<Returns>,
    tenant: TenantId,
    identity: &Identity,
) -> Result<Uuid, Fault> {
    let Identity { order_number, email, postcode } = identity;
    let found = vault::find(&shell.state.peers, tenant, order_number, email, postcode).await?;
    // Asked even where nobody was found: one way for both.
    let subject = found.map_or_else(Uuid::nil, |subject| subject.0);
    let mut cx = shell.begin(tenant).await?;
    let order = sales::of_subject(cx.db(), tenant.to_uuid(), subject).await?;
    cx.rollback().await;
    order.ok_or_else(|| fault(NO_ORDER))
}

/// What was bought, asked of orders.
///
/// # Errors
/// [`Fault::Reject`] `RET0001`; `RET0017` while orders is away.
pub async fn bought(
    shell: &Shell<Returns>,
    tenant: TenantId,
    order: Uuid,
) -> Result<Bought, Fault> {
    let mut client = OrdersServiceClient::new(shell.state.peers.to("orders", tenant));
    let by = Some(By::OrderId(OrderId::from_uuid(order).to_string()));
    match client.get(GetRequest { by, reveal: false }).await {
        Ok(answer) => Ok(answer.into_inner()),
        Err(status) => match RpcError::from_status(&status).reason.as_deref() {
            Some("ORD0004") => Err(fault(NO_ORDER)),
            _ => Err(away(status)),
        },
    }
}

/// Reads the rest in a transaction; `lock`: under the lock of the order.
///
/// # Errors
/// [`Fault::Reject`] `RET0001`.
pub async fn known(
    cx: &mut colibri_kit::service::Cx<Returns>,
    tenant: TenantId,
    order: Uuid,
    bought: Bought,
    lock: bool,
) -> Result<Known, Fault> {
    let id = tenant.to_uuid();
    let sale = if lock {
        sales::lock(cx.db(), id, order).await?
    } else {
        sales::find(cx.db(), id, order).await?
    };
    let sale = sale.ok_or_else(|| fault(NO_ORDER))?;
    let delivered = parcels::delivered(cx.db(), id, order).await?;
    let others = cases::others(cx.db(), id, order, None).await?;
    let currency = bought.currency.parse().map_err(|_| fault(NO_ORDER))?;
    let placed = instant(bought.placed_at.as_ref());
    let ordered = placed.or_else(|| instant(bought.received_at.as_ref()));
    let ordered = ordered.ok_or_else(|| Fault::bug("an order without a time"))?;
    Ok(Known { sale, bought, currency, ordered, delivered, others })
}

impl Known {
    /// Lines with their numbers, from 1.
    pub fn lines(&self) -> impl Iterator<Item = (LineNo, &colibri_events::orders::v1::Line)> {
        (1..).zip(&self.bought.lines)
    }

    /// Price of one unit, in minor units.
    pub fn price(line: &colibri_events::orders::v1::Line) -> i64 {
        line.unit_price.as_ref().map_or(0, |price| price.amount_minor)
    }

    /// Units that may still be asked for.
    pub fn open(&self, number: LineNo, line: &colibri_events::orders::v1::Line) -> u32 {
        let used = self.others.standing.get(&number).copied().unwrap_or_default();
        line.quantity.saturating_sub(used)
    }

    /// What the rules count with.
    ///
    /// # Errors
    /// [`Fault::Bug`] when the amounts of an accepted order overflow.
    pub fn facts(&self, rules: &Rules) -> Result<Order, Fault> {
        let overflow = || Fault::bug("the amounts of an order overflow");
        let mut lines = BTreeMap::new();
        let mut paid = 0_i64;
        for (number, line) in self.lines() {
            let sum = Self::price(line).checked_mul(i64::from(line.quantity));
            let sum = sum.ok_or_else(overflow)?;
            paid = paid.checked_add(sum).ok_or_else(overflow)?;
            let elsewhere = self.others.standing.get(&number).copied().unwrap_or_default();
            let facts = OrderLine {
                shipped: line.quantity,
                elsewhere: elsewhere.min(line.quantity),
                paid: sum,
                destruction_banned: rules.good(&line.sku).destruction_banned,
            };
            lines.insert(number, facts);
        }
        let shipping = self.bought.shipping_paid.as_ref().map_or(0, |paid| paid.amount_minor);
        let paid = paid.checked_add(shipping).ok_or_else(overflow)?;
        Ok(Order {
            lines,
            delivery: shipping.saturating_sub(self.others.delivery).max(0),
            paid,
            paid_back: self.others.granted,
        })
    }
}
