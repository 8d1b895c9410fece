//! The edge with everything behind it: the document tells the truth, other services answer.

use std::collections::BTreeSet;

use colibri_types::{AccountId, ParcelId, ShipmentId};
use http::Method;
use serde_json::{Value, json};

use crate::world::{World, key};

const ALL: &[&str] = &[
    "orders:read",
    "orders:write",
    "labels:read",
    "labels:write",
    "tracking:read",
    "tracking:write",
    "pricing:read",
    "pricing:write",
    "accounts:read",
    "accounts:write",
];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_described_is_served() {
    let world = World::whole().await;
    let document = world.nobody().get("/openapi.json").await;
    assert_eq!(document.status.as_u16(), 200);
    assert_eq!(document.header("cache-control"), "public, max-age=3600");
    let document = document.json();
    every_operation_answers(&world, &document).await;
    // The document's own example is an order.
    let submit = &document["paths"]["/v1/orders"]["post"]["requestBody"];
    let example = &submit["content"]["application/json"]["example"];
    let made = world.api(ALL).post_with("/v1/orders", &key("example"), example).await;
    assert_eq!(made.status.as_u16(), 201, "{made:?}");
    let page = world.nobody().get("/errors/GTW0011").await;
    assert_eq!(page.header("content-type"), "text/markdown; charset=utf-8");
    assert!(page.body.starts_with(b"# GTW0011: "));
    services(&world).await;
    labels(&world).await;
    world.stop().await;
}

/// Each described operation is there, asks for a token where it says so, and gets through to its
/// service: nothing answers 404 by the edge, 405, 500 or 501.
async fn every_operation_answers(world: &World, document: &Value) {
    let mut tried = BTreeSet::new();
    for (path, verbs) in document["paths"].as_object().unwrap() {
        for (verb, operation) in verbs.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            let address = path
                .replace("{account_id}", &AccountId::generate().to_string())
                .replace("{parcel_id}", &ParcelId::generate().to_string())
                .replace("{shipment_id}", &ShipmentId::generate().to_string())
                .replace("{code}", "GTW0001");
            let method = Method::from_bytes(verb.to_uppercase().as_bytes()).unwrap();
            let media = operation["requestBody"]["content"].as_object();
            let media = media.and_then(|all| all.keys().find(|m| *m != "*/*")).cloned();
            let media = media.unwrap_or_else(|| "application/json".to_owned());
            let headers = [("content-type", media.as_str()), ("idempotency-key", id)];
            let body = if method == Method::POST { "{}" } else { "" };
            let send = |api: crate::http::Api| {
                let (method, address) = (method.clone(), address.clone());
                async move { api.send(method, &address, &headers, body.into()).await }
            };
            let open = operation["security"] == json!([]);
            let anonymous = send(world.nobody()).await;
            let unknown_token =
                anonymous.status.as_u16() == 401 && anonymous.json()["code"] == "KIT0001";
            assert_eq!(unknown_token, !open, "{id}: {anonymous:?}");
            let answer = send(world.api(ALL)).await;
            let status = answer.status.as_u16();
            assert!(![405, 500, 501, 503].contains(&status), "{id}: {answer:?}");
            if status >= 400 {
                assert_ne!(answer.problem().1, "GTW0001", "{id}");
            }
            tried.insert(id.to_owned());
        }
    }
    assert!(tried.len() > 30, "{tried:?}");
}

async fn services(world: &World) {
    let api = world.api(ALL);
    for (path, list) in [
        ("/v1/shipments?state=in_doubt", "shipments"),
        ("/v1/parcels?headline=out_for_delivery", "parcels"),
        ("/v1/tariffs", "tariffs"),
        ("/v1/carrier-accounts", "accounts"),
    ] {
        let answer = api.get(path).await;
        assert_eq!(answer.status.as_u16(), 200, "{answer:?}");
        assert_eq!(answer.json()[list], json!([]), "{path}");
    }
    let sites = api.get("/v1/sites").await.json();
    assert_eq!(sites["sites"][0]["code"], "lyon");
    let tariff = [("content-type", "application/toml")];
    let tariff = api.post_bytes("/v1/tariffs", &tariff, "no = tariff").await;
    assert!(tariff.problem().1.starts_with("PRC"), "{tariff:?}");
    let rates = json!({
        "origin_country": "FR", "origin_zone": "69003", "country": "FR", "postcode_zone": "75011",
        "parcels": [{ "weight_g": 1000 }],
    });
    let rates = api.post("/v1/rates", &rates).await;
    assert_eq!(rates.status.as_u16(), 200, "{rates:?}");
    assert_eq!(rates.json()["quotes"], json!([]));
    let bad = json!({ "origin_country": "FR", "country": "FR", "parcels": [{ "weight_g": 0 }] });
    let bad = api.post("/v1/choices", &bad).await;
    assert_eq!(bad.status.as_u16(), 400, "{bad:?}");
    let carrier = json!({ "code": "main", "carrier": "no-such-carrier" });
    let carrier = api.post("/v1/carrier-accounts", &carrier).await;
    assert_eq!(carrier.problem(), (400, "ACC0005".to_owned()));
}

async fn labels(world: &World) {
    let api = world.api(ALL);
    let parcel = ParcelId::generate();
    let label = format!("/v1/parcels/{parcel}/label");
    for accept in ["application/pdf", "*/*", "application/zpl;q=0.5, image/png"] {
        let none = api.get_with(&label, &[("accept", accept)]).await;
        assert_eq!(none.problem(), (404, "LBL0001".to_owned()), "{accept}");
    }
    let html = api.get_with(&label, &[("accept", "text/html")]).await;
    assert_eq!(html.problem(), (406, "GTW0003".to_owned()));
    let stream = format!("/v1/parcels/{parcel}/tracking/stream");
    let none = api.get(&stream).await;
    assert_eq!(none.problem(), (404, "TRK0001".to_owned()));
    let json = api.get_with(&stream, &[("accept", "application/json")]).await;
    assert_eq!(json.problem(), (406, "GTW0003".to_owned()));
    let settle = json!({ "not_bought": true, "give_up": true, "reason": "seen" });
    let settle =
        api.post(&format!("/v1/shipments/{}/settle", ShipmentId::generate()), &settle).await;
    assert_eq!(settle.problem(), (400, "GTW0009".to_owned()));
}
