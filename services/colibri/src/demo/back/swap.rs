//! Replacements: an article is exchanged for a cheaper and for a dearer one. The replacement is an
//! order like any other, with a label of its own; the difference is settled to the cent.

use anyhow::Context as _;
use colibri_events::{
    labels::v1::ShipmentState,
    orders::v1::{
        GetRequest, Line, OrderInput, OrderState, SubmitRequest, get_request::By,
        orders_service_client::OrdersServiceClient,
    },
    returns::v1::*,
    tracking::v1::Headline,
    types::v1::Money,
};
use colibri_types::TenantId;
use serde_json::{Value, json};

use super::{Client, Kind, Seen};
use crate::stack::Stack;

/// What became of replacements, counted.
#[derive(Debug, Default)]
pub struct Swaps {
    /// Exchanges asked for.
    asked: usize,
    /// Of those, at their end: goods and replacement are where they belong.
    completed: usize,
    /// Labels of the orders that replace, as the labels service has them.
    pub labels: usize,
    /// Replacements at their buyers, as tracking has them.
    arrived: usize,
    /// What the replacements took of the value of the units, in minor units.
    covered_minor: i64,
    /// Told by the service: to be paid back because the replacement costs less.
    cheaper_minor: i64,
    /// Found in the payment side's ledger under the keys of these differences.
    paid_back_minor: i64,
    /// Asked of the buyers because the replacement costs more, and settled as paid.
    from_buyers_minor: i64,
    /// Asked of the buyers, whatever became of it.
    dearer_minor: i64,
}

impl Swaps {
    /// Each exchange has one replacement with one label that arrived, and both sides have the same
    /// sums. `spent` is what the service says of all returns.
    pub fn is_good(&self, spent: i64) -> bool {
        self.asked > 0
            && self.completed == self.asked
            && self.labels == self.asked
            && self.arrived == self.asked
            && self.covered_minor == spent
            && self.cheaper_minor == self.paid_back_minor
            && self.dearer_minor == self.from_buyers_minor
    }

    pub fn json(&self) -> Value {
        json!({
            "asked": self.asked,
            "completed": self.completed,
            "replacement_labels": self.labels,
            "replacements_arrived": self.arrived,
            "covered_by_goods_minor": self.covered_minor,
            "paid_back_minor": self.paid_back_minor,
            "paid_by_buyers_minor": self.from_buyers_minor,
        })
    }

    pub fn lines(&self) -> Vec<(String, String)> {
        vec![
            ("exchanges".to_owned(), self.asked.to_string()),
            ("  replacements with a label".to_owned(), self.labels.to_string()),
            ("  replacements arrived".to_owned(), self.arrived.to_string()),
            ("  difference paid back, cents".to_owned(), self.paid_back_minor.to_string()),
            ("  difference from buyers, cents".to_owned(), self.from_buyers_minor.to_string()),
        ]
    }

    /// Adds a return with the sums of its exchanges, and what others say of its replacements.
    /// `ledger` answers what the payment side paid under a key.
    pub fn add(&mut self, known: &Return, tracked: &Seen, ledger: impl Fn(&str) -> i64) {
        for swap in &known.exchanges {
            self.asked += 1;
            self.completed += usize::from(swap.state == "completed");
            self.covered_minor += swap.price_minor.min(swap.value_minor);
            self.cheaper_minor += (-swap.difference_minor).max(0);
            self.dearer_minor += swap.difference_minor.max(0);
            if swap.difference == "paid" {
                self.from_buyers_minor += swap.difference_minor;
            }
            let order = &swap.replacement_order_id;
            self.labels += labels(tracked, order);
            let there = |parcel: &&colibri_events::tracking::v1::Parcel| {
                parcel.order_id == *order && ended(parcel.headline())
            };
            self.arrived += usize::from(tracked.parcels.iter().any(|parcel| there(&parcel)));
        }
        let back = known.refunds.iter().filter(|refund| refund.outcome() == Outcome::Exchange);
        self.paid_back_minor += back.map(|refund| ledger(&refund.key)).sum::<i64>();
    }
}

fn ended(headline: Headline) -> bool {
    matches!(headline, Headline::Delivered | Headline::Returned)
}

fn labels(tracked: &Seen, order: &str) -> usize {
    let bought = |s: &&colibri_events::labels::v1::Shipment| {
        s.order_id == order && s.state() == ShipmentState::Bought
    };
    tracked.shipments.iter().filter(bought).map(|shipment| shipment.parcels.len()).sum()
}

/// The next step of an exchange; true: its replacement is where it belongs.
pub async fn step(
    client: &mut Client,
    place: (&Stack, TenantId),
    (kind, known): (Kind, &Return),
    tracked: &Seen,
) -> anyhow::Result<bool> {
    let Some(line) = known.lines.first() else { return Ok(false) };
    let key = |part: &str| format!("demo-{}-{part}", known.return_id);
    let Some(swap) = known.exchanges.first() else {
        // A little less or a little more than what was paid for the goods.
        let value = line.funds.unwrap_or_default().value_minor / i64::from(line.units.max(1));
        let each = if kind == Kind::Dearer { value + 250 } else { (value - 150).max(1) };
        let start = StartExchangeRequest {
            return_id: known.return_id.clone(),
            request_id: key("exchange"),
            line: line.line,
            units: line.units,
            sku: line.sku.clone(),
            price_minor: each * i64::from(line.units),
            mode: ExchangeMode::AfterReceipt.into(),
        };
        call!(client, start_exchange, start).context("name the replacement")?;
        return Ok(false);
    };
    if swap.difference == "due" {
        let paid = SettleDifferenceRequest {
            return_id: known.return_id.clone(),
            request_id: key("difference"),
            exchange: swap.exchange,
            amount_minor: swap.difference_minor,
            state: "paid".to_owned(),
        };
        call!(client, settle_difference, paid).context("the buyer pays the difference")?;
        return Ok(false);
    }
    let goods = line.goods.unwrap_or_default();
    if goods.received + goods.inspected + goods.disposed < swap.units {
        return Ok(false);
    }
    if swap.replacement_order_id.is_empty() {
        let order = order(place, known, swap).await?;
        let left = |parcel: &&colibri_events::tracking::v1::Parcel| {
            parcel.order_id == order && parcel.headline() > Headline::Created
        };
        if tracked.parcels.iter().any(|parcel| left(&parcel)) {
            let sent = SendReplacementRequest {
                return_id: known.return_id.clone(),
                request_id: key("replacement"),
                exchange: swap.exchange,
                replacement_order_id: order,
                guarantee: false,
            };
            call!(client, send_replacement, sent).context("the replacement has left")?;
        }
        return Ok(false);
    }
    let mine = |p: &&colibri_events::tracking::v1::Parcel| p.order_id == swap.replacement_order_id;
    Ok(tracked.parcels.iter().filter(mine).any(|parcel| ended(parcel.headline())))
}

/// The order that replaces, to the same person; the same one however often it is told.
async fn order(
    (stack, tenant): (&Stack, TenantId),
    known: &Return,
    swap: &Exchange,
) -> anyhow::Result<String> {
    let mut client = OrdersServiceClient::new(stack.peer("orders", tenant));
    let by = Some(By::OrderId(known.order_id.clone()));
    let request = GetRequest { by, reveal: true };
    let first = call!(client, get, request).context("whom it goes to")?.into_inner();
    let at = usize::try_from(swap.line)?.checked_sub(1).context("lines count from 1")?;
    let bought = first.lines.get(at).context("a line of the order")?.clone();
    let currency = known.currency.clone();
    let each = swap.price_minor / i64::from(swap.units.max(1));
    let line = Line {
        sku: swap.sku.clone(),
        quantity: swap.units,
        unit_price: Some(Money { amount_minor: each, currency: currency.clone() }),
        ..bought
    };
    let name = format!("exchange-{}-{}", known.return_id, swap.exchange);
    let input = OrderInput {
        channel: "api".to_owned(),
        external_id: name.clone(),
        number: name,
        currency: currency.clone(),
        lines: vec![line],
        ship_to: first.ship_to,
        shipping_paid: Some(Money { amount_minor: 0, currency }),
        site_code: first.site_code,
        payment: "paid".to_owned(),
        ..OrderInput::default()
    };
    let request = SubmitRequest { orders: vec![input], ..SubmitRequest::default() };
    let answer = call!(client, submit, request).context("order the replacement")?.into_inner();
    let result = answer.results.into_iter().next().context("an answer for the order")?;
    let accepted = result.state() == OrderState::Accepted;
    anyhow::ensure!(accepted, "a replacement: {} {:?}", result.refused, result.reasons);
    Ok(result.order_id)
}
