//! Orders over REST.

use colibri_types::TenantId;
use serde_json::json;

use crate::world::{World, key, order};

#[tokio::test(flavor = "multi_thread")]
async fn an_order_lives_over_rest() {
    let world = World::for_orders().await;
    let api = world.clerk();
    let made = api.post_with("/v1/orders", &key("one"), &order("A-1")).await;
    assert_eq!(made.status.as_u16(), 201, "{made:?}");
    assert_eq!(made.json()["state"], "accepted");
    let place = made.header("location").to_owned();
    let id = made.json()["order_id"].as_str().unwrap().to_owned();
    assert_eq!(place, format!("/v1/orders/{id}"));
    made.dressed();

    let read = api.get(&place).await.json();
    assert_eq!((&read["external_id"], &read["total_minor"]), (&json!("A-1"), &json!(2980)));
    assert_eq!((&read["country"], &read["site_code"]), (&json!("FR"), &json!("lyon")));
    assert!(read.get("ship_to").is_none() && read["received_at"].is_string());
    let open = api.get(&format!("{place}?reveal=true")).await.json();
    assert_eq!(open["ship_to"]["name"], "Camille Exemple");
    let named = api.get("/v1/channels/api/orders/A-1").await.json();
    assert_eq!(named["order_id"], id.as_str());

    // Somebody else's, nobody's and no id at all look alike.
    let other = world.api_of(TenantId::generate(), &["orders:read", "orders:write"]);
    let unknown = format!("/v1/orders/{}", colibri_types::OrderId::generate());
    for path in [place.as_str(), unknown.as_str(), "/v1/orders/ord_x", "/v1/orders/a%20b"] {
        assert_eq!(other.get(path).await.problem(), (404, "ORD0004".to_owned()), "{path}");
    }
    let hold = other.post(&format!("{place}/hold"), &json!({})).await;
    assert_eq!(hold.problem(), (404, "ORD0004".to_owned()));

    // Without a body, with an empty one, with fields: all the same call.
    let held = api.send(http::Method::POST, &format!("{place}/hold"), &[], "".into()).await;
    assert_eq!((held.status.as_u16(), &held.json()["state"]), (200, &json!("held")));
    let amended = json!({ "parcels": [{ "weight_g": 1200 }] });
    let amended = api.post(&format!("{place}/amend"), &amended).await;
    assert_eq!(amended.status.as_u16(), 200, "{amended:?}");
    let released = api.post(&format!("{place}/release"), &json!({ "overrule": [] })).await;
    assert_eq!(released.json()["state"], "accepted", "{released:?}");
    let cancelled = api.post(&format!("{place}/cancel"), &json!({})).await;
    assert_eq!(cancelled.json()["state"], "cancelled");
    let late = api.post(&format!("{place}/release"), &json!({})).await;
    assert_eq!(late.problem(), (409, "ORD0005".to_owned()));

    pages(&world).await;
    world.stop().await;
}

async fn pages(world: &World) {
    let api = world.clerk();
    let orders: Vec<_> = (0..5).map(|n| order(&format!("B-{n}"))).collect();
    let batch =
        api.post_with("/v1/orders/batch", &key("batch"), &json!({ "orders": orders })).await;
    assert_eq!(batch.status.as_u16(), 200, "{batch:?}");
    assert_eq!(batch.json()["results"].as_array().unwrap().len(), 5);
    let (mut seen, mut next) = (Vec::new(), "/v1/orders?state=accepted&limit=2".to_owned());
    while !next.is_empty() {
        let page = api.get(&next).await;
        assert_eq!(page.status.as_u16(), 200, "{page:?}");
        let orders = page.json()["orders"].as_array().unwrap().clone();
        assert!(orders.len() <= 2);
        seen.extend(orders.iter().map(|o| o["external_id"].as_str().unwrap().to_owned()));
        let link = page.header("link").to_owned();
        assert_eq!(link.is_empty(), page.json().get("next_page").is_none());
        next = match link.strip_suffix(">; rel=\"next\"") {
            Some(link) => link.strip_prefix('<').unwrap().to_owned(),
            None => String::new(),
        };
    }
    // Taken in at the same instant, they have no order among them; none is lost or told twice.
    seen.sort();
    assert_eq!(seen, ["B-0", "B-1", "B-2", "B-3", "B-4"]);
    let page = api.get("/v1/orders?page=nonsense").await;
    assert_eq!(page.problem(), (400, "ORD0008".to_owned()));
    let many: Vec<_> = (0..501).map(|n| json!({ "external_id": n.to_string() })).collect();
    let many = api.post_with("/v1/orders/batch", &key("many"), &json!({ "orders": many })).await;
    assert_eq!(many.problem(), (413, "ORD0003".to_owned()));
    assert_eq!(many.json()["errors"][0]["pointer"], "#/orders");
}
