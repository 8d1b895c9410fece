//! What must be true whatever was killed: read from the services' answers, the carriers' own
//! ledgers, the logs and the streams. Findings are words, so that one failure shows all of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use async_nats::jetstream;
use colibri_events::{
    labels::v1::{
        self as labels, SettleRequest, Shipment, ShipmentState, settle_request::Decision,
    },
    orders::v1::{self as orders, OrderState, orders_service_client::OrdersServiceClient},
    tracking::v1::{self as tracking, tracking_service_client::TrackingServiceClient},
};
use colibri_kit::bus::{Reconciler, reconcile};
use colibri_testkit::eventually;
use colibri_types::TenantId;
use secrecy::ExposeSecret as _;

use crate::{
    harness::{SERVICES, World},
    merchant::{COLISSIMO, UPS},
};

/// How long an event may be on its way to all who listen.
const PASSING: Duration = Duration::from_secs(20);

/// Everything of a tenant, as the services answer it.
pub struct Seen {
    pub orders: Vec<orders::Order>,
    pub shipments: Vec<Shipment>,
    pub parcels: Vec<tracking::Parcel>,
}

/// Reads page by page.
pub async fn look(world: &World, tenant: TenantId) -> Seen {
    let mut seen = Seen { orders: Vec::new(), shipments: Vec::new(), parcels: Vec::new() };
    let mut client = OrdersServiceClient::new(world.operator(tenant));
    let mut page = String::new();
    loop {
        let request = orders::ListRequest { limit: 500, page, ..Default::default() };
        let answer = client.list(request).await.unwrap().into_inner();
        seen.orders.extend(answer.orders);
        page = answer.next_page;
        if page.is_empty() {
            break;
        }
    }
    seen.shipments = shipments(world, tenant, ShipmentState::Unspecified).await;
    let mut client = TrackingServiceClient::new(world.operator(tenant));
    loop {
        let request = tracking::ListRequest { limit: 500, page, ..Default::default() };
        let answer = client.list(request).await.unwrap().into_inner();
        seen.parcels.extend(answer.parcels);
        page = answer.next_page;
        if page.is_empty() {
            return seen;
        }
    }
}

/// Shipments in a state; unspecified: all.
pub async fn shipments(world: &World, tenant: TenantId, state: ShipmentState) -> Vec<Shipment> {
    let mut client = world.labels(tenant);
    let (mut all, mut page) = (Vec::new(), String::new());
    loop {
        let request = labels::ListRequest { state: state.into(), limit: 500, page };
        let answer = client.list(request).await.unwrap().into_inner();
        all.extend(answer.shipments);
        page = answer.next_page;
        if page.is_empty() {
            return all;
        }
    }
}

/// Tracking numbers that a carrier sold and did not void, by our reference.
pub fn sold(world: &World, carrier: &str) -> BTreeMap<String, Vec<String>> {
    let mut sold: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in world.sandbox.ledger(carrier).unwrap() {
        let numbers = sold.entry(entry.reference).or_default();
        match entry.kind {
            "label" => numbers.push(entry.tracking_number),
            _ => numbers.retain(|number| *number != entry.tracking_number),
        }
    }
    sold.retain(|_, numbers| !numbers.is_empty());
    sold
}

/// Waits until so many shipments are there and each purchase is over, as far as it can be:
/// bought, or in doubt at a carrier that cannot be asked.
pub async fn drained(world: &World, tenant: TenantId, count: usize, limit: Duration) {
    let over = |shipment: &Shipment| match shipment.state() {
        ShipmentState::Bought => true,
        ShipmentState::InDoubt => shipment.carrier == COLISSIMO,
        _ => false,
    };
    eventually("every shipment is bought or in doubt", limit, || async {
        let all = shipments(world, tenant, ShipmentState::Unspecified).await;
        let refused = all.iter().find(|s| s.state() == ShipmentState::Refused);
        assert!(refused.is_none(), "nothing here may be refused: {refused:?}");
        (all.len() == count && all.iter().all(over)).then_some(())
    })
    .await;
    world.settled(limit).await;
}

/// Settles every doubt as a person does who looks into the carrier's own book, and answers how
/// many were bought and how many were not.
pub async fn settle(world: &World, tenant: TenantId) -> (usize, usize) {
    let (mut bought, mut not_bought) = (0, 0);
    for shipment in shipments(world, tenant, ShipmentState::InDoubt).await {
        let book = sold(world, &shipment.carrier);
        let decision = match book.get(&shipment.attempt_ref).and_then(|numbers| numbers.first()) {
            Some(number) => {
                bought += 1;
                Decision::BoughtAs(number.clone())
            }
            None => {
                not_bought += 1;
                Decision::NotBought(true)
            }
        };
        let request = SettleRequest {
            shipment_id: shipment.shipment_id,
            decision: Some(decision),
            reason: "looked it up in the carrier's book".into(),
        };
        world.labels(tenant).settle(request).await.unwrap();
    }
    (bought, not_bought)
}

/// All findings about a drained world. `orders` are the ids that were answered, by external id.
pub async fn findings(
    world: &World,
    tenant: TenantId,
    orders: &BTreeMap<String, String>,
) -> Vec<String> {
    let seen = look(world, tenant).await;
    let mut wrong = order_findings(&seen, orders);
    for carrier in [UPS, COLISSIMO] {
        let of_carrier = seen.shipments.iter().filter(|s| s.carrier == carrier);
        wrong.extend(ledger_findings(carrier, &sold(world, carrier), of_carrier));
    }
    let bought = seen.shipments.iter().filter(|s| s.state() == ShipmentState::Bought);
    let labelled: BTreeSet<&str> =
        bought.flat_map(|s| &s.parcels).map(|p| p.parcel_id.as_str()).collect();
    let followed: BTreeSet<&str> = seen.parcels.iter().map(|p| p.parcel_id.as_str()).collect();
    if labelled != followed || followed.len() != seen.parcels.len() {
        wrong.push(format!(
            "{} parcels are bought, {} followed; only one side has {:?}",
            labelled.len(),
            seen.parcels.len(),
            labelled.symmetric_difference(&followed).collect::<Vec<_>>()
        ));
    }
    wrong.extend(backbone_findings(world).await);
    wrong
}

fn order_findings(seen: &Seen, answered: &BTreeMap<String, String>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for order in &seen.orders {
        found.entry(&order.external_id).or_default().push(&order.order_id);
        if order.state() != OrderState::Accepted {
            wrong.push(format!("order {} is {:?}", order.external_id, order.state()));
        }
    }
    for (external_id, order_id) in answered {
        match found.remove(external_id.as_str()).as_deref() {
            Some([one]) if *one == order_id.as_str() => {}
            other => wrong.push(format!("{external_id} was answered as {order_id}, is {other:?}")),
        }
    }
    wrong.extend(found.keys().map(|id| format!("nobody told of order {id}")));
    let mut shipped: BTreeMap<&str, usize> = BTreeMap::new();
    // What was bought without an order is its buyer's matter.
    for shipment in seen.shipments.iter().filter(|s| !s.order_id.is_empty()) {
        *shipped.entry(&shipment.order_id).or_default() += 1;
    }
    for order in &seen.orders {
        let count = shipped.remove(order.order_id.as_str()).unwrap_or(0);
        if count != 1 {
            wrong.push(format!("order {} has {count} shipments", order.external_id));
        }
    }
    wrong.extend(shipped.keys().map(|id| format!("a shipment is of unknown order {id}")));
    wrong
}

/// One label per shipment, none for nobody; only a shipment in doubt may have none.
fn ledger_findings<'a>(
    carrier: &str,
    book: &BTreeMap<String, Vec<String>>,
    shipments: impl Iterator<Item = &'a Shipment>,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut book = book.clone();
    for shipment in shipments {
        let labels = book.remove(&shipment.attempt_ref).unwrap_or_default().len();
        let allowed = match shipment.state() {
            ShipmentState::Bought => labels == 1,
            ShipmentState::InDoubt => carrier == COLISSIMO && labels <= 1,
            _ => false,
        };
        if !allowed {
            let (state, id) = (shipment.state(), &shipment.shipment_id);
            wrong.push(format!("{carrier} sold {labels} labels for {id}, which is {state:?}"));
        }
    }
    wrong.extend(book.keys().map(|r| format!("{carrier} sold a label for {r}, which is nobody's")));
    wrong
}

/// Logs, streams and positions agree, nothing is parked, nothing waits. Parcels move on meanwhile,
/// so only what is still so after a while counts.
pub async fn backbone_findings(world: &World) -> Vec<String> {
    let end = tokio::time::Instant::now() + PASSING;
    loop {
        let wrong = backbone_now(world).await;
        if wrong.is_empty() || tokio::time::Instant::now() > end {
            return wrong;
        }
    }
}

async fn backbone_now(world: &World) -> Vec<String> {
    let mut wrong = world.waiting().await;
    let client = async_nats::connect(world.kit.nats_url.expose_secret()).await.unwrap();
    let js = jetstream::new(client);
    for service in SERVICES {
        let parked = world.count(&format!("select count(*) from {service}.parked")).await;
        if parked > 0 {
            wrong.push(format!("{service} has parked {parked} events"));
        }
        let twice = "select count(*) - count(distinct event_id) from {svc}.event_log";
        let twice = world.count(&twice.replace("{svc}", service)).await;
        if twice > 0 {
            wrong.push(format!("{service} has {twice} events twice in its log"));
        }
        let consumed = "select count(*) from pg_stat_user_tables where relname = 'event_log'";
        assert!(world.count(consumed).await > 0, "the schemas are not what this test knows");
        if world.count(&format!("select head from {service}.lane")).await == 0 {
            continue; // publishes nothing, or has not yet
        }
        let side = Reconciler { service, db: &world.admin, js: &js, tail: 10_000 };
        let report = reconcile(&side).await.unwrap();
        if !report.agrees() || report.head != i64::try_from(report.stream_last).unwrap() {
            wrong.push(format!("log and stream of {service} differ: {report:?}"));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    //! The checker is checked: planted violations must be found.
    use super::*;

    fn shipment(reference: &str, state: ShipmentState) -> Shipment {
        let attempt_ref = reference.to_owned();
        Shipment { attempt_ref, state: state.into(), ..Shipment::default() }
    }

    fn book(entries: &[(&str, usize)]) -> BTreeMap<String, Vec<String>> {
        let numbers = |count| (0..count).map(|n| format!("N{n}")).collect();
        entries.iter().map(|(reference, count)| ((*reference).into(), numbers(*count))).collect()
    }

    #[test]
    fn duplicate_missing_and_foreign_labels_are_found() {
        use ShipmentState::{Bought, InDoubt};
        let check = |carrier, entries: &[(&str, usize)], state| {
            ledger_findings(carrier, &book(entries), [shipment("A", state)].iter()).len()
        };
        assert_eq!(check(UPS, &[("A", 1)], Bought), 0);
        assert_eq!(check(UPS, &[("A", 2)], Bought), 1, "bought twice");
        assert_eq!(check(UPS, &[], Bought), 1, "never sold");
        assert_eq!(check(UPS, &[("A", 1), ("B", 1)], Bought), 1, "sold for nobody");
        assert_eq!(check(UPS, &[("A", 1)], InDoubt), 1, "a doubt that can be asked about");
        assert_eq!(check(COLISSIMO, &[("A", 1)], InDoubt), 0);
        assert_eq!(check(COLISSIMO, &[("A", 2)], InDoubt), 1);
    }

    #[test]
    fn lost_doubled_and_strange_orders_are_found() {
        let order = |id: &str, state: OrderState| orders::Order {
            order_id: format!("ord_{id}"),
            external_id: id.to_owned(),
            state: state.into(),
            ..Default::default()
        };
        let shipped = |id: &str| Shipment { order_id: format!("ord_{id}"), ..Default::default() };
        let answered: BTreeMap<String, String> = [("a".to_owned(), "ord_a".to_owned())].into();
        let check = |orders: Vec<orders::Order>, shipments: Vec<Shipment>| {
            order_findings(&Seen { orders, shipments, parcels: Vec::new() }, &answered).len()
        };
        let good = order("a", OrderState::Accepted);
        assert_eq!(check(vec![good.clone()], vec![shipped("a")]), 0);
        assert_eq!(check(vec![], vec![]), 1, "lost");
        assert_eq!(check(vec![good.clone(), good.clone()], vec![shipped("a")]), 2, "doubled");
        assert_eq!(check(vec![good.clone()], vec![]), 1, "not shipped");
        assert_eq!(check(vec![good.clone()], vec![shipped("a"), shipped("a")]), 1);
        assert_eq!(check(vec![order("a", OrderState::Held)], vec![shipped("a")]), 1, "held");
        assert_eq!(check(vec![good, order("b", OrderState::Accepted)], vec![shipped("a")]), 2);
    }
}
