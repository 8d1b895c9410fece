//! Waits until every accepted order's parcels reached their end, with a progress bar.

use std::{
    collections::BTreeMap,
    io::{IsTerminal as _, Write as _},
    time::{Duration, Instant},
};

use colibri_events::{
    labels::v1::{self as labels, ShipmentState, labels_service_client::LabelsServiceClient},
    orders::v1::{self as orders, OrderState, orders_service_client::OrdersServiceClient},
    tracking::v1::{self as tracking, Headline, tracking_service_client::TrackingServiceClient},
};
use colibri_types::TenantId;

use super::send::Sent;
use crate::stack::Stack;

/// Everything of the tenant, as the services answer it.
#[derive(Debug, Default)]
pub struct Seen {
    /// Orders.
    pub orders: Vec<orders::Order>,
    /// Shipments.
    pub shipments: Vec<labels::Shipment>,
    /// Parcels, without scans.
    pub parcels: Vec<tracking::Parcel>,
    /// Everything that should end has ended.
    pub complete: bool,
}

impl Seen {
    /// Orders in a state.
    pub fn in_state(&self, state: OrderState) -> usize {
        self.orders.iter().filter(|o| o.state() == state).count()
    }

    /// Parcels that were bought: they are followed.
    pub fn labels(&self) -> usize {
        let bought = |s: &&labels::Shipment| s.state() == ShipmentState::Bought;
        self.shipments.iter().filter(bought).map(|s| s.parcels.len()).sum()
    }

    /// Parcels in a headline.
    pub fn with(&self, headline: Headline) -> usize {
        self.parcels.iter().filter(|p| p.headline() == headline).count()
    }

    /// Delivered or returned.
    pub fn ended(&self) -> usize {
        self.with(Headline::Delivered) + self.with(Headline::Returned)
    }

    /// Reasons of held orders, counted.
    pub fn held_for(&self) -> BTreeMap<String, usize> {
        let mut reasons = BTreeMap::new();
        for order in self.orders.iter().filter(|o| o.state() == OrderState::Held) {
            for reason in &order.reasons {
                *reasons.entry(reason.code.clone()).or_default() += 1;
            }
        }
        reasons
    }
}

/// Looks until everything ended or patience is over.
pub async fn until_final(
    stack: &Stack,
    tenant: TenantId,
    sent: &Sent,
    patience_s: u64,
) -> anyhow::Result<Seen> {
    let end = Instant::now() + Duration::from_secs(patience_s);
    let mut steps = 0_usize;
    loop {
        let mut seen = look(stack, tenant).await?;
        let accepted = seen.in_state(OrderState::Accepted);
        let (labels, ended) = (seen.labels(), seen.ended());
        seen.complete =
            accepted > 0 && labels >= accepted && ended == labels && seen.parcels.len() == labels;
        bar(steps, sent.orders, &seen, accepted, labels, ended);
        steps += 1;
        if seen.complete || Instant::now() > end {
            println!();
            return Ok(seen);
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

fn bar(steps: usize, told: usize, seen: &Seen, accepted: usize, labels: usize, ended: usize) {
    const WIDTH: usize = 30;
    let filled = if accepted == 0 { 0 } else { (ended * WIDTH / accepted.max(labels)).min(WIDTH) };
    let line = format!(
        "[{}{}] {told} orders told, {accepted} accepted, {} held, {labels} labels, {} moving, {ended} ended",
        "#".repeat(filled),
        "-".repeat(WIDTH - filled),
        seen.in_state(OrderState::Held),
        seen.parcels.len().saturating_sub(ended),
    );
    if std::io::stdout().is_terminal() {
        print!("\r{line}\x1b[K");
        let _ = std::io::stdout().flush();
    } else if steps.is_multiple_of(20) || seen.complete {
        println!("{line}");
    }
}

/// Shipments that customs must decide about: asked for, and waiting for a declaration or past it.
pub async fn crossing(stack: &Stack, tenant: TenantId) -> anyhow::Result<usize> {
    let seen = look(stack, tenant).await?;
    let accepted = seen.in_state(OrderState::Accepted);
    let heard = seen.shipments.iter().filter(|s| !s.waits_for.contains(&"request".to_owned()));
    anyhow::ensure!(heard.clone().count() <= accepted, "more shipments than orders");
    let waits = |s: &&labels::Shipment| s.waits_for.contains(&"declaration".to_owned());
    // While labels has not heard of all of them, more may come.
    Ok(match heard.clone().count() == accepted {
        true => heard.filter(waits).count(),
        false => usize::MAX,
    })
}

/// Reads everything of the tenant, page by page.
pub async fn look(stack: &Stack, tenant: TenantId) -> anyhow::Result<Seen> {
    let mut seen = Seen::default();
    let mut client = OrdersServiceClient::new(stack.peer("orders", tenant));
    let mut page = String::new();
    loop {
        let request = orders::ListRequest { limit: 500, page, ..Default::default() };
        let answer = client.list(request).await?.into_inner();
        seen.orders.extend(answer.orders);
        page = answer.next_page;
        if page.is_empty() {
            break;
        }
    }
    let mut client = LabelsServiceClient::new(stack.peer("labels", tenant));
    loop {
        let request = labels::ListRequest { limit: 500, page, ..Default::default() };
        let answer = client.list(request).await?.into_inner();
        seen.shipments.extend(answer.shipments);
        page = answer.next_page;
        if page.is_empty() {
            break;
        }
    }
    let mut client = TrackingServiceClient::new(stack.peer("tracking", tenant));
    loop {
        let request = tracking::ListRequest { limit: 500, page, ..Default::default() };
        let answer = client.list(request).await?.into_inner();
        seen.parcels.extend(answer.parcels);
        page = answer.next_page;
        if page.is_empty() {
            return Ok(seen);
        }
    }
}
