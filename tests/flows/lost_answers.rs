//! The carrier took the money and the answer was lost: a purchase at UPS is looked up and ends as
//! exactly one label, one at Colissimo stays in doubt until a person has looked.

use std::{collections::BTreeMap, time::Duration};

use colibri_events::{
    Event as _,
    labels::v1::{LabelInDoubt, ShipmentState},
    orders::v1::{SubmitRequest, orders_service_client::OrdersServiceClient},
};
use colibri_sandbox::{Fault, FaultProfile};
use prost::Message as _;

use crate::{
    check,
    harness::{Options, World},
    merchant::{COLISSIMO, UPS, merchant, order},
};

/// Decides which purchases are hit; another one must do as well.
const SEED: u64 = 20_261;
const ORDERS: usize = 40;
const FAULTS: &str = "buy.lost-answer=0.2,buy.5xx-after-commit=0.15,buy.truncated=0.15,buy.5xx=0.1";
const DRAIN: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_never_buy_twice_and_never_hide() {
    let faults: FaultProfile = FAULTS.parse().unwrap();
    let settings = vec![("LABELS__SETTLE_NO_S", "60".into())];
    let world = World::start(Options { faults, seed: SEED, settings, ..Options::default() }).await;
    let merchant = merchant(&world, "Irrlicht").await;
    let tenant = merchant.tenant;
    let inputs = (0..ORDERS).map(|n| {
        let carrier = if n % 2 == 0 { UPS } else { COLISSIMO };
        order(&format!("lost-{n}"), carrier, "Irrlicht")
    });
    let request = SubmitRequest { orders: inputs.collect(), ..Default::default() };
    let results = OrdersServiceClient::new(world.operator(tenant)).submit(request).await.unwrap();
    let results = results.into_inner().results;
    let ids = results.iter().enumerate().map(|(n, r)| (format!("lost-{n}"), r.order_id.clone()));
    let ids: BTreeMap<String, String> = ids.collect();

    check::drained(&world, tenant, ORDERS, DRAIN).await;
    let wrong = check::findings(&world, tenant, &ids).await;
    assert_eq!(wrong, Vec::<String>::new(), "seed {SEED}");
    // The faults were there, or nothing was proved.
    let hit = [UPS, COLISSIMO].map(|carrier| world.sandbox.totals(carrier).unwrap().faults);
    for fault in [Fault::LostAnswer, Fault::ServerErrorAfterCommit, Fault::Truncated] {
        assert!(hit.iter().any(|hit| hit.contains_key(&fault)), "nobody had {}", fault.name());
    }

    // UPS: doubts there were, and each ended by itself as one label.
    let doubted = doubts(&world).await;
    let of = |carrier: &str| doubted.get(carrier).copied().unwrap_or(0);
    assert!(of(UPS) > 0, "no purchase at UPS came in doubt");
    let (all, labels) = (check::look(&world, tenant).await.shipments, check::sold(&world, UPS));
    let ups: Vec<_> = all.iter().filter(|s| s.carrier == UPS).collect();
    assert!(ups.iter().all(|s| s.state() == ShipmentState::Bought));
    assert_eq!(labels.values().map(Vec::len).sum::<usize>(), ups.len());

    // Colissimo: every doubt is listed, none was bought again, and the book adds up.
    let listed = check::shipments(&world, tenant, ShipmentState::InDoubt).await;
    assert!(!listed.is_empty() && listed.len() == of(COLISSIMO), "{} listed", listed.len());
    assert!(listed.iter().all(|s| s.carrier == COLISSIMO && !s.code.is_empty()));
    let book = check::sold(&world, COLISSIMO);
    let held = listed.iter().filter(|s| book.contains_key(&s.attempt_ref)).count();
    let bought = all.iter().filter(|s| s.carrier == COLISSIMO);
    let bought = bought.filter(|s| s.state() == ShipmentState::Bought).count();
    assert!(held > 0, "no doubt of a purchase that had happened");
    assert_eq!(book.values().map(Vec::len).sum::<usize>(), bought + held);

    // A person decides; the carrier is itself again.
    world.sandbox.set_faults(COLISSIMO, FaultProfile::default()).unwrap();
    let (found, missing) = check::settle(&world, tenant).await;
    assert_eq!((found, missing), (held, listed.len() - held));
    check::drained(&world, tenant, ORDERS, DRAIN).await;
    assert_eq!(check::findings(&world, tenant, &ids).await, Vec::<String>::new());
    let sold: usize = check::sold(&world, COLISSIMO).values().map(Vec::len).sum();
    assert_eq!(sold, bought + listed.len(), "one label per shipment, those not bought once more");
    world.stop().await;
}

/// Shipments that were ever in doubt, by carrier.
async fn doubts(world: &World) -> BTreeMap<String, usize> {
    let payloads: Vec<Vec<u8>> = sqlx::query_scalar(
        "select payload from labels.event_log where subject like 'colibri.labels.v1.label_in_doubt.%'",
    )
    .fetch_all(&world.admin)
    .await
    .unwrap();
    let mut shipments = BTreeMap::new();
    for payload in payloads {
        let event = LabelInDoubt::decode(payload.as_slice()).unwrap();
        assert_eq!(event.key(), event.shipment_id);
        shipments.insert(event.shipment_id, event.carrier);
    }
    let mut carriers = BTreeMap::new();
    for carrier in shipments.into_values() {
        *carriers.entry(carrier).or_default() += 1;
    }
    carriers
}
