//! Parcels of one day to one consignee count together for the export declaration, also when they come
//! at the same moment.

use std::collections::BTreeSet;

use colibri_events::{
    customs::v1::{Declaration, DeclarationReady, DeclarationState, GetPaperRequest, SkuInput},
    orders::v1::{Goods, OrderCancelled},
    types::v1::Money,
    vault::v1::Field,
};
use colibri_testkit::eventually;
use colibri_types::{ShipmentId, SiteId};
use futures::future::join_all;
use serde_json::Value;

use crate::world::{CANARIES, Order, PATIENCE, World, goods, person, profile, shirt};

/// One shirt at this price.
fn worth(sku: &str, amount_minor: i64) -> Vec<Goods> {
    let unit_price = Some(Money { amount_minor, currency: "EUR".into() });
    vec![Goods { unit_price, ..goods(sku, 1) }]
}

/// An order that leaves Germany, where parcels of a day are added up.
pub async fn german((world, site): (&World, SiteId), name: &'static str, minor: i64) -> Order {
    german_of((world, site), name, "TEE", minor).await
}

pub async fn german_of(
    (world, site): (&World, SiteId),
    name: &'static str,
    sku: &str,
    minor: i64,
) -> Order {
    let mut who = person("CH");
    who.insert(Field::Name, name);
    let mut order = world.order_for("CH", &who, worth(sku, minor)).await;
    order.request.origin_country = "DE".into();
    order.request.origin_zone = "50667".into();
    order.request.site_id = site.to_string();
    order
}

pub fn export(declaration: &Declaration) -> Option<String> {
    let papers = declaration.papers.iter().filter(|paper| paper.kind == "export");
    let mut ids: Vec<String> = papers.map(|paper| paper.document_id.clone()).collect();
    assert!(ids.len() <= 1, "{ids:?}");
    ids.pop()
}

pub async fn ready(world: &World, order: &Order) -> Declaration {
    world.tell(order).await;
    world.reaches(order.shipment_id, DeclarationState::Ready).await
}

pub async fn record(world: &World, document_id: String) -> Value {
    let request = GetPaperRequest { document_id, media_type: "application/json".into() };
    let paper = world.client().get_paper(request).await.unwrap().into_inner();
    serde_json::from_slice(&paper.data).unwrap()
}

pub fn covers(record: &Value) -> BTreeSet<String> {
    let ids = record["item_ids"].as_array().unwrap();
    ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

pub fn ids(all: &[ShipmentId]) -> BTreeSet<String> {
    all.iter().map(ToString::to_string).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_parcels_of_a_day_above_the_limit_have_one_export_declaration() {
    let world = World::start().await;
    let site = SiteId::generate();
    world.put_site(site, "DE", "50667").await;
    world.put_skus(&[shirt("TEE"), SkuInput { cn8: String::new(), ..shirt("SIX") }]).await;
    world.put_profile(profile()).await;
    let first = german((&world, site), "Ottokar Canari", 60_000).await;
    let second = german((&world, site), "Ottokar Canari", 40_000).await;
    let other = german((&world, site), "Somebody Else", 60_000).await;
    for order in [&first, &second, &other] {
        let found = ready(&world, order).await;
        assert_eq!(export(&found), None, "EUR 1,000 are not above it: {:?}", found.reasons);
    }
    // The cent above: this one has the declaration, and it covers those that left before.
    let third = german((&world, site), "ottokar  CANARI", 1).await;
    let found = ready(&world, &third).await;
    let document = export(&found).unwrap_or_else(|| panic!("{:?}", found.reasons));
    let said: Vec<DeclarationReady> = world.said(third.shipment_id).await;
    assert!(said[0].document_ids.contains(&document));
    let made = record(&world, document.clone()).await;
    assert_eq!(made["rule"], "de-export-same-day");
    assert_eq!(
        (&made["total"]["amount"], &made["exporter"]),
        (&Value::from("1000.01"), &Value::from("FR12345678200010"),)
    );
    let all = [first.shipment_id, second.shipment_id, third.shipment_id];
    assert_eq!(covers(&made), ids(&all));
    for (id, wanted) in [
        (first.shipment_id, Some(&document)),
        (second.shipment_id, Some(&document)),
        (other.shipment_id, None),
    ] {
        assert_eq!(export(&world.get(id).await.unwrap()).as_ref(), wanted);
    }
    // What is called off counts no more.
    let off = OrderCancelled {
        order_id: other.request.order_id.clone(),
        tenant_id: world.tenant.to_string(),
        shipment_id: other.shipment_id.to_string(),
        version: 2,
        ..OrderCancelled::default()
    };
    world.say("orders", &off, "off").await;
    world.reaches(other.shipment_id, DeclarationState::Cancelled).await;
    let again = german((&world, site), "Somebody Else", 60_000).await;
    assert_eq!(export(&ready(&world, &again).await), None);
    // From France each parcel counts by itself; what is due lacks nothing, or says what.
    let mut french = german((&world, site), "Ottokar Canari", 90_000).await;
    french.request.site_id = world.site.to_string();
    french.request.origin_country = "FR".into();
    french.request.origin_zone = "44000".into();
    assert_eq!(export(&ready(&world, &french).await), None);
    let dear = german_of((&world, site), "Third Person", "SIX", 100_001).await;
    world.tell(&dear).await;
    let found = world.reaches(dear.shipment_id, DeclarationState::Incomplete).await;
    assert_eq!(found.missing[0].field, "skus[SIX].cn8", "{:?}", found.missing);
    world.put_skus(&[shirt("SIX")]).await;
    let found = world.reaches(dear.shipment_id, DeclarationState::Ready).await;
    let made = record(&world, export(&found).unwrap()).await;
    assert_eq!(covers(&made), ids(&[dear.shipment_id]));
    nobody_is_named(&world).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parcels_that_come_at_once_see_each_other() {
    let world = World::start().await;
    let site = SiteId::generate();
    world.put_site(site, "DE", "50667").await;
    world.put_skus(&[shirt("TEE")]).await;
    world.put_profile(profile()).await;
    let mut orders = Vec::new();
    for _ in 0..12 {
        orders.push(german((&world, site), "Ottokar Canari", 30_000).await);
    }
    join_all(orders.iter().map(|order| world.tell(order))).await;
    let all: Vec<ShipmentId> = orders.iter().map(|order| order.shipment_id).collect();
    for id in &all {
        world.reaches(*id, DeclarationState::Ready).await;
    }
    // The last one saw all of them, whichever it was; its declaration is a paper of each.
    let document = eventually("one declaration covers all", PATIENCE, || async {
        let mut found = BTreeSet::new();
        for id in &all {
            found.insert(export(&world.get(*id).await.ok()?)?);
        }
        (found.len() == 1).then(|| found.pop_first()).flatten()
    })
    .await;
    let made = record(&world, document).await;
    assert_eq!((covers(&made), &made["total"]["amount"]), (ids(&all), &Value::from("3600.00")));
    // Up to EUR 900 none was due, from the fourth on it was: no two of them had the same place.
    let places: Vec<i64> = sqlx::query_scalar(
        "select seq from customs.export_member where tenant_id = $1 order by seq",
    )
    .bind(world.tenant.to_uuid())
    .fetch_all(&world.bed.admin)
    .await
    .unwrap();
    assert_eq!(places.len(), 12);
    assert!(places.windows(2).all(|pair| pair[0] < pair[1]), "{places:?}");
    let made: i64 = sqlx::query_scalar("select count(*) from customs.paper where kind = 'export'")
        .fetch_one(&world.bed.admin)
        .await
        .unwrap();
    assert!(made >= 9, "{made} of 12 saw more than EUR 1,000");
    nobody_is_named(&world).await;
    world.stop().await;
}

/// Neither a name nor anything that could be compared with one from outside.
pub async fn nobody_is_named(world: &World) {
    for table in ["export_member", "export_group", "export_record", "export_salt"] {
        for canary in CANARIES {
            let sql = format!("select count(*) from customs.{table} t where t::text ilike $1");
            let query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(format!("%{canary}%"));
            let count: i64 = query.fetch_one(&world.bed.admin).await.unwrap();
            assert_eq!(count, 0, "{canary} in {table}");
        }
    }
}
