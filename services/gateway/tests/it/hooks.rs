//! Webhooks: proved by the sender, stored before they are accepted, refused when anything is away.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use colibri_testkit::eventually;
use serde_json::{Value, json};

use crate::{
    door::Door,
    http::{Answer, Api},
    world::{World, key, order},
};

const SECRET: &str = "a secret of the shop";

fn shop_order(id: u64) -> Value {
    json!({
        "id": id, "name": format!("#{id}"), "test": false, "currency": "EUR",
        "created_at": "2026-10-05T09:12:31+02:00", "updated_at": "2026-10-05T09:12:31+02:00",
        "cancelled_at": null, "financial_status": "paid", "fulfillment_status": null,
        "taxes_included": true, "total_price": "29.80", "total_tax": "4.97",
        "shipping_address": {
            "name": "Camille Exemple", "address1": "12 rue des Essais", "zip": "69003",
            "city": "Lyon", "country_code": "FR"},
        "line_items": [{
            "id": 1, "sku": "MUG-35-BLU", "name": "Mug", "quantity": 2, "current_quantity": 2,
            "fulfillable_quantity": 2, "price": "14.90", "grams": 420,
            "requires_shipping": true}],
        "shipping_lines": []
    })
}

async fn deliver(api: &Api, account: &str, secret: &str, body: &str, topic: &str) -> Answer {
    let signing = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signature = STANDARD.encode(hmac::sign(&signing, body.as_bytes()));
    let headers = [
        ("X-Shopify-Topic", topic),
        ("X-Shopify-Webhook-Id", "d-1"),
        ("X-Shopify-Hmac-Sha256", signature.as_str()),
        ("Cookie", "a=canary-of-the-cookie"),
    ];
    api.post_bytes(&format!("/v1/hooks/channels/{account}"), &headers, body.to_owned()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_are_stored_once_or_refused() {
    let vault = Door::make().await;
    let address = format!("http://{}", vault.address);
    let services =
        vec![colibri_vault::service(), colibri_accounts::service(), colibri_orders::service()];
    let world = World::with(services, &[("KIT__PEERS__VAULT", &address)]).await;
    vault.lead_to(world.bed.runtime.grpc);
    world.site().await;
    let shop = json!({ "code": "shop", "channel": "shopify", "webhook_secret": SECRET });
    let made = world.api(&["accounts:write"]).post("/v1/channel-accounts", &shop).await;
    assert_eq!(made.status.as_u16(), 200, "{made:?}");
    assert!(!made.json().to_string().contains(SECRET));
    let account = made.json()["account_id"].as_str().unwrap().to_owned();

    away(&world, &vault, &account).await;

    let api = world.nobody();
    let body = shop_order(7001).to_string();
    let taken = deliver(&api, &account, SECRET, &body, "orders/create").await;
    assert_eq!((taken.status.as_u16(), taken.body.len()), (202, 0), "{taken:?}");
    taken.dressed();
    let again = deliver(&api, &account, SECRET, &body, "orders/create").await;
    assert_eq!(again.status.as_u16(), 202);
    assert_eq!(world.count("select count(*) from orders.orders").await, 2);

    let wrong = deliver(&api, &account, "another secret", &body, "orders/create").await;
    assert_eq!(wrong.problem(), (401, "ORD0006".to_owned()));
    assert_eq!(wrong.json()["error_source"], "channel");
    let path = format!("/v1/hooks/channels/{account}");
    let unsigned =
        api.post_bytes(&path, &[("x-shopify-topic", "orders/create")], body.clone()).await;
    assert_eq!(unsigned.problem(), (401, "ORD0006".to_owned()));
    // A token is no proof, and a good one does not help.
    let bearer =
        world.api(&["orders:write", "internal"]).post_bytes(&path, &[], body.clone()).await;
    assert_eq!(bearer.problem(), (401, "ORD0006".to_owned()));
    let garbage = deliver(&api, &account, SECRET, "{\"id\": 1, \"id\": 2}", "orders/create").await;
    assert_eq!(garbage.problem(), (400, "CHN0004".to_owned()));

    let nobody = colibri_types::AccountId::generate().to_string();
    let unknown = deliver(&api, &nobody, SECRET, &body, "orders/create").await;
    assert_eq!(unknown.problem(), (404, "ORD0010".to_owned()));
    let no_id = deliver(&api, "acc_x", SECRET, &body, "orders/create").await;
    assert_eq!(no_id.problem(), (404, "GTW0001".to_owned()));
    let huge = api.post_bytes(&path, &[], vec![b' '; (1 << 20) + 1]).await;
    assert_eq!(huge.problem(), (413, "GTW0004".to_owned()));
    let typed = api.post_bytes(&path, &[("content-type", "text/plain")], body).await;
    assert_eq!(typed.problem(), (415, "GTW0005".to_owned()));
    let read = api.get(&path).await;
    assert_eq!(read.problem(), (405, "GTW0002".to_owned()));
    assert_eq!(world.count("select count(*) from orders.orders").await, 2);
    world.stop().await;
}

/// The vault is gone: nothing is accepted, nothing is kept, and the same again succeeds later.
async fn away(world: &World, vault: &Door, account: &str) {
    vault.shut();
    let body = shop_order(6001).to_string();
    let hook = deliver(&world.nobody(), account, SECRET, &body, "orders/create").await;
    assert_eq!(hook.problem(), (503, "KIT0008".to_owned()));
    let submit = world.clerk().post_with("/v1/orders", &key("away"), &order("A-1")).await;
    assert_eq!(submit.problem(), (503, "KIT0008".to_owned()));
    assert!(!submit.header("retry-after").is_empty() && !hook.header("retry-after").is_empty());
    for (table, rows) in [
        ("orders", world.count("select count(*) from orders.orders").await),
        ("delivery", world.count("select count(*) from orders.delivery").await),
        ("idempotency", world.count("select count(*) from orders.idempotency").await),
        ("event_log", world.count("select count(*) from orders.event_log").await),
    ] {
        assert_eq!(rows, 0, "{table}");
    }
    vault.open();
    let submit = eventually("the vault answers again", Duration::from_secs(20), || async {
        let again = world.clerk().post_with("/v1/orders", &key("away"), &order("A-1")).await;
        (again.status.as_u16() != 503).then_some(again)
    })
    .await;
    assert_eq!((submit.status.as_u16(), submit.header("idempotency-replayed")), (201, ""));
}
