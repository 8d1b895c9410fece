//! A parcel that does not leave after all leaves the export declaration of its day: made anew without
//! it, or withdrawn where what still leaves is not above the limit.

use std::collections::BTreeSet;

use colibri_events::{
    customs::v1::{
        Declaration, DeclarationState, ExportChange, ExportDeclarationChanged as Changed,
    },
    labels::v1::LabelVoided,
    orders::v1::OrderCancelled,
};
use colibri_testkit::eventually;
use colibri_types::{ShipmentId, SiteId};
use futures::future::join_all;
use serde_json::Value;

use crate::{
    export::{covers, export, german, german_of, ids, nobody_is_named, ready, record},
    world::{Order, PATIENCE, World, profile, shirt},
};

async fn start() -> (World, SiteId) {
    let world = World::start().await;
    let site = SiteId::generate();
    world.put_site(site, "DE", "50667").await;
    world.put_skus(&[shirt("TEE")]).await;
    world.put_profile(profile()).await;
    (world, site)
}

async fn cancel(world: &World, order: &Order) {
    let off = OrderCancelled {
        order_id: order.request.order_id.clone(),
        tenant_id: world.tenant.to_string(),
        shipment_id: order.shipment_id.to_string(),
        version: 2,
        ..OrderCancelled::default()
    };
    world.say("orders", &off, "off").await;
}

/// What is told about a shipment that left its declaration.
async fn changed(world: &World, id: ShipmentId) -> Changed {
    eventually(&format!("{id} leaves its export declaration"), PATIENCE, || async {
        let mut said: Vec<Changed> = world.said(id).await;
        assert!(said.len() <= 1, "{said:?}");
        said.pop()
    })
    .await
}

fn why(declaration: &Declaration) -> Option<&str> {
    let mut reasons = declaration.reasons.iter().map(String::as_str);
    reasons.rfind(|reason| reason.starts_with("export declaration: "))
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_leave_is_taken_out_and_below_the_limit_nothing_is_declared() {
    let (world, site) = start().await;
    let first = german((&world, site), "Ottokar Canari", 60_000).await;
    let second = german((&world, site), "Ottokar Canari", 50_000).await;
    let third = german((&world, site), "Ottokar Canari", 10_000).await;
    assert_eq!(export(&ready(&world, &first).await), None);
    ready(&world, &second).await;
    let all = export(&ready(&world, &third).await).unwrap();
    let made = record(&world, all.clone()).await;
    assert_eq!(made["total"]["amount"], Value::from("1200.00"));

    // Still above the limit: the others have another one, under which they are shown.
    cancel(&world, &third).await;
    let told = changed(&world, third.shipment_id).await;
    assert_eq!((told.change(), &told.withdrawn_document_id), (ExportChange::Replaced, &all));
    let left = [first.shipment_id, second.shipment_id];
    assert_eq!(told.covers.iter().cloned().collect::<BTreeSet<_>>(), ids(&left));
    let made = record(&world, told.document_id.clone()).await;
    assert_eq!((covers(&made), &made["total"]["amount"]), (ids(&left), &Value::from("1100.00")));
    for id in left {
        let shown = world.get(id).await.unwrap();
        assert_eq!((export(&shown), why(&shown)), (Some(told.document_id.clone()), None));
    }

    // The label of the second is void: what is left is below it, and says so.
    let void = LabelVoided {
        shipment_id: second.shipment_id.to_string(),
        tenant_id: world.tenant.to_string(),
        order_id: second.request.order_id.clone(),
        ..LabelVoided::default()
    };
    world.say("labels", &void, "voided").await;
    world.reaches(second.shipment_id, DeclarationState::Cancelled).await;
    let last = changed(&world, second.shipment_id).await;
    assert_eq!(
        (last.change(), last.withdrawn_document_id),
        (ExportChange::NotDue, told.document_id)
    );
    assert_eq!((last.document_id.as_str(), last.covers), ("", Vec::new()));
    let shown = world.get(first.shipment_id).await.unwrap();
    assert_eq!((shown.state(), export(&shown)), (DeclarationState::Ready, None));
    let wanted =
        "export declaration: withdrawn: a parcel of it does not leave, and none is due now";
    assert_eq!(why(&shown), Some(wanted));

    // The day goes on: what comes counts with the one that leaves, and with nobody else.
    let next = german((&world, site), "Ottokar Canari", 40_001).await;
    let found = ready(&world, &next).await;
    let made = record(&world, export(&found).unwrap()).await;
    assert_eq!(covers(&made), ids(&[first.shipment_id, next.shipment_id]));
    assert_eq!(made["total"]["amount"], Value::from("1000.01"));
    let shown = world.get(first.shipment_id).await.unwrap();
    assert_eq!((export(&shown), why(&shown)), (export(&found), None));

    // A parcel that is declared alone says so itself.
    let mut alone = german_of((&world, site), "Third Person", "TEE", 100_001).await;
    alone.request.site_id = world.site.to_string();
    alone.request.origin_country = "FR".into();
    alone.request.origin_zone = "44000".into();
    let document = export(&ready(&world, &alone).await).unwrap();
    cancel(&world, &alone).await;
    let told = changed(&world, alone.shipment_id).await;
    assert_eq!((told.change(), told.withdrawn_document_id), (ExportChange::NotDue, document));
    nobody_is_named(&world).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parcels_that_come_and_go_at_once_leave_a_declaration_of_those_that_stay() {
    let (world, site) = start().await;
    let mut orders = Vec::new();
    for _ in 0..12 {
        orders.push(german((&world, site), "Ottokar Canari", 30_000).await);
    }
    let (stay, go) = orders.split_at(6);
    let come = join_all(orders.iter().map(|order| world.tell(order)));
    let leave = join_all(go.iter().map(|order| async {
        // Somewhere on its way: not heard of, being drawn, or ready.
        eventually("it is known", PATIENCE, || async { world.get(order.shipment_id).await.ok() })
            .await;
        cancel(&world, order).await;
    }));
    tokio::join!(come, leave);
    for order in go {
        world.reaches(order.shipment_id, DeclarationState::Cancelled).await;
    }
    let all: Vec<ShipmentId> = stay.iter().map(|order| order.shipment_id).collect();
    for id in &all {
        world.reaches(*id, DeclarationState::Ready).await;
    }
    eventually("one declaration covers who stays, and nobody else", PATIENCE, || async {
        let mut found = BTreeSet::new();
        for id in &all {
            found.insert(export(&world.get(*id).await.ok()?)?);
        }
        let document = found.pop_first().filter(|_| found.is_empty())?;
        let made = record(&world, document).await;
        let whole = covers(&made) == ids(&all) && made["total"]["amount"] == "1800.00";
        whole.then_some(())
    })
    .await;
    nobody_is_named(&world).await;
    world.stop().await;
}
