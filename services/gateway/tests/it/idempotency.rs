//! The same key again: the same effect once, the same answer again.

use serde_json::json;

use crate::world::{World, key, order};

const ORDERS: &str = "select count(*) from orders.orders";

#[tokio::test(flavor = "multi_thread")]
async fn a_key_makes_a_repetition_harmless() {
    let world = World::for_orders().await;
    let api = world.clerk();
    let first = api.post_with("/v1/orders", &key("k-1"), &order("A-1")).await;
    assert_eq!((first.status.as_u16(), first.header("idempotency-replayed")), (201, ""));
    // Spelled otherwise, it is the same key and the same body.
    let spelled = serde_json::to_string_pretty(&order("A-1")).unwrap();
    let again = api.post_bytes("/v1/orders", &key("\"k-1\""), spelled).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (201, "true"));
    assert_eq!(again.json()["order_id"], first.json()["order_id"]);
    // Any other body under the key is refused, whatever it is.
    let mut other = order("A-1");
    other["note"] = json!("canary of the note");
    for body in [other, order("A-2")] {
        let reused = api.post_with("/v1/orders", &key("k-1"), &body).await;
        assert_eq!(reused.problem(), (422, "ORD0011".to_owned()));
        assert!(!reused.json().to_string().contains("canary"));
    }
    assert_eq!(world.count(ORDERS).await, 1);
    // Without the key the order itself is recognised.
    let known = api.post_with("/v1/orders", &key("k-2"), &order("A-1")).await;
    assert_eq!((known.status.as_u16(), known.header("idempotency-replayed")), (200, "true"));
    // Other routes and tenants have keys of their own.
    let batch = json!({ "orders": [order("A-3")] });
    let batch = api.post_with("/v1/orders/batch", &key("k-1"), &batch).await;
    assert_eq!(batch.status.as_u16(), 200, "{batch:?}");
    assert_eq!(batch.json().get("known_request"), None);
    let tenant = colibri_types::TenantId::generate();
    let neighbour = world.api_of(tenant, &["orders:write"]);
    let neighbour = neighbour.post_with("/v1/orders", &key("k-1"), &order("A-1")).await;
    assert_eq!((neighbour.status.as_u16(), neighbour.header("idempotency-replayed")), (201, ""));

    refused_keys_stay_free(&world).await;
    many_at_once(&world).await;
    files(&world).await;
    world.stop().await;
}

async fn refused_keys_stay_free(world: &World) {
    let api = world.clerk();
    let mut bad = order("C-1");
    bad["lines"] = json!([]);
    bad["ship_to"]["name"] = json!("Camille Canary");
    let refused = api.post_with("/v1/orders", &key("c"), &bad).await;
    assert_eq!(refused.problem(), (422, "ORD0001".to_owned()));
    let problem = refused.json();
    assert_eq!(problem["errors"][0]["pointer"], "#/lines", "{problem}");
    assert!(!problem.to_string().contains("Canary"), "{problem}");
    let fixed = api.post_with("/v1/orders", &key("c"), &order("C-1")).await;
    assert_eq!((fixed.status.as_u16(), fixed.header("idempotency-replayed")), (201, ""));
}

async fn many_at_once(world: &World) {
    let before = world.count(ORDERS).await;
    let answers = (0..16).map(|_| {
        let api = world.clerk();
        async move { api.post_with("/v1/orders", &key("many"), &order("M-1")).await }
    });
    let answers = futures::future::join_all(answers).await;
    let ids: Vec<_> = answers.iter().map(|a| a.json()["order_id"].clone()).collect();
    assert!(ids.iter().all(|id| id.is_string() && *id == ids[0]), "{answers:?}");
    assert!(answers.iter().all(|a| a.status.as_u16() == 201), "{answers:?}");
    let first = answers.iter().filter(|a| a.header("idempotency-replayed").is_empty());
    assert_eq!(first.count(), 1);
    assert_eq!(world.count(ORDERS).await, before + 1);
}

const FILE: &str = "order number,name,address,city,postcode,country,sku,product,quantity,\
    unit price,currency,weight (g)\n\
    F-1,Camille Exemple,12 rue des Essais,Lyon,69003,FR,MUG,Mug,2,14.90,EUR,420\n\
    F-2,Dominique Exemple,14 rue des Essais,Lyon,69003,FR,MUG,Mug,1,14.90,EUR,420\n";

async fn files(world: &World) {
    let api = world.clerk();
    let csv = [("idempotency-key", "file"), ("content-type", "text/csv; charset=utf-8")];
    let before = world.count(ORDERS).await;
    let report = api.post_bytes("/v1/imports", &csv, FILE).await;
    assert_eq!(report.status.as_u16(), 200, "{report:?}");
    assert_eq!((&report.json()["rows"], &report.json()["accepted"]), (&json!(2), &json!(2)));
    assert_eq!(world.count(ORDERS).await, before + 2);
    let again = api.post_bytes("/v1/imports", &csv, FILE).await;
    assert_eq!(again.header("idempotency-replayed"), "true", "{again:?}");
    assert_eq!(again.json()["import_id"], report.json()["import_id"]);
    let other = api.post_bytes("/v1/imports", &csv, FILE.replace("F-2", "F-3")).await;
    assert_eq!(other.problem(), (422, "ORD0011".to_owned()));
    let none = [("content-type", "text/csv")];
    let none = api.post_bytes("/v1/imports", &none, FILE).await;
    assert_eq!(none.problem(), (400, "GTW0011".to_owned()));
    let broken = [("idempotency-key", "broken"), ("content-type", "text/csv")];
    let broken = api.post_bytes("/v1/imports", &broken, "nothing,of,use\n1,2,3\n").await;
    assert_eq!(broken.status.as_u16(), 400, "{broken:?}");
    assert!(broken.problem().1.starts_with("CHN"));
}
