//! Webhooks of sales channels.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use colibri_events::orders::v1::*;
use serde_json::{Value, json};
use tonic::Status;

use crate::world::{World, code, codes, order};

const SECRET: &str = "a secret of the shop";

/// An order as Shopify tells it.
fn shop_order(id: u64, updated: &str) -> Value {
    let money = |amount: &str| json!({"shop_money": {"amount": amount, "currency_code": "EUR"}});
    json!({
        "id": id, "name": format!("#{id}"), "test": false, "currency": "EUR",
        "created_at": "2026-10-05T09:12:31+02:00", "updated_at": updated,
        "cancelled_at": null, "financial_status": "paid", "fulfillment_status": null,
        "taxes_included": true, "total_price": "29.80", "total_tax": "4.97",
        "email": "camille.exemple@example.org",
        "shipping_address": {
            "name": "Camille Exemple", "address1": "12 rue des Essais", "zip": "69003",
            "city": "Lyon", "country_code": "FR"},
        "line_items": [{
            "id": 1, "sku": "MUG-35-BLU", "name": "Mug", "quantity": 2, "current_quantity": 2,
            "fulfillable_quantity": 2, "price": "14.90", "price_set": money("14.90"),
            "grams": 420, "requires_shipping": true}],
        "shipping_lines": []
    })
}

struct Shop<'w> {
    world: &'w World,
    account: String,
    secret: String,
}

impl Shop<'_> {
    fn request(&self, topic: &str, id: &str, body: &Value) -> IngestWebhookRequest {
        let body = body.to_string().into_bytes();
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes());
        let signature = STANDARD.encode(hmac::sign(&key, &body));
        let header = |name: &str, value: &str| Header { name: name.into(), value: value.into() };
        IngestWebhookRequest {
            account_id: self.account.clone(),
            headers: vec![
                header("x-shopify-topic", topic),
                header("x-shopify-webhook-id", id),
                header("x-shopify-hmac-sha256", &signature),
            ],
            body: body.into(),
        }
    }

    async fn send(&self, request: IngestWebhookRequest) -> Result<IngestWebhookResponse, Status> {
        let answer = self.world.gateway().ingest_webhook(request).await;
        answer.map(tonic::Response::into_inner)
    }

    async fn tell(&self, topic: &str, id: &str, body: &Value) -> IngestWebhookResponse {
        self.send(self.request(topic, id, body)).await.unwrap()
    }
}

async fn shop(world: &World) -> Shop<'_> {
    let account = world.channel("main", "shopify", SECRET).await;
    Shop { world, account, secret: SECRET.into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_counts_once_and_only_with_its_signature() {
    let world = World::start().await;
    let shop = shop(&world).await;
    let body = shop_order(501, "2026-10-05T09:15:00+02:00");
    let first = shop.tell("orders/create", "d-1", &body).await;
    let result = first.result.unwrap();
    assert_eq!((result.state(), first.replayed), (OrderState::Accepted, false), "{result:?}");
    let stored = world.get(&result.order_id).await;
    assert_eq!((stored.channel.as_str(), stored.external_id.as_str()), ("shopify", "501"));
    assert_eq!((stored.total_minor, stored.site_code.as_str()), (2980, "lyon"));

    // The same delivery, and the same body under another id and topic: headers are not signed.
    for (topic, id) in [("orders/create", "d-1"), ("orders/delete", "d-2")] {
        let again = shop.tell(topic, id, &body).await;
        assert!(again.replayed, "{topic}");
        assert_eq!(again.result.unwrap().state(), OrderState::Accepted);
    }
    assert_eq!(world.told(&result.order_id).await.len(), 2);

    let mut forged = shop.request("orders/create", "d-3", &shop_order(502, "2026-10-05T10:00:00Z"));
    forged.body = forged.body.iter().map(|b| if *b == b'2' { b'3' } else { *b }).collect();
    let refused = shop.send(forged).await.unwrap_err();
    assert_eq!((refused.code(), code(&refused)), (tonic::Code::Unauthenticated, "ORD0006".into()));
    let mut unsigned = shop.request("orders/create", "d-4", &body);
    unsigned.headers.truncate(2);
    assert_eq!(code(&shop.send(unsigned).await.unwrap_err()), "ORD0006");
    let mut nobody = shop.request("orders/create", "d-5", &body);
    nobody.account_id = colibri_types::AccountId::generate().to_string();
    assert_eq!(code(&shop.send(nobody).await.unwrap_err()), "ORD0010");
    let unread = shop.request("orders/create", "d-6", &json!({"id": 1}));
    assert!(code(&shop.send(unread).await.unwrap_err()).starts_with("CHN"));
    let ping = shop.tell("shop/update", "d-7", &json!({"id": 1})).await;
    assert_eq!(ping, IngestWebhookResponse::default());
    // Outside callers have no business here.
    let mut outside = world.client();
    let request = shop.request("orders/create", "d-8", &body);
    let refused = outside.ingest_webhook(request).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::PermissionDenied);
    assert_eq!(world.count("select count(*) from orders.orders").await, 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_decide_and_late_ones_change_nothing() {
    let world = World::start().await;
    let shop = shop(&world).await;
    let told = |minute: u32, status: &str, quantity: u32| {
        let mut body = shop_order(601, &format!("2026-10-05T09:{minute:02}:00+02:00"));
        body["financial_status"] = json!(status);
        body["line_items"][0]["current_quantity"] = json!(quantity);
        body["line_items"][0]["fulfillable_quantity"] = json!(quantity);
        body
    };
    let first = shop.tell("orders/create", "1", &told(10, "pending", 2)).await.result.unwrap();
    assert_eq!(codes(&first.reasons), ["UNPAID"]);
    let stale = shop.tell("orders/updated", "2", &told(5, "paid", 1)).await.result.unwrap();
    assert!(stale.replayed);
    assert_eq!(
        (stale.state(), codes(&stale.reasons)),
        (OrderState::Held, vec!["UNPAID", "ORD0007"])
    );
    let paid = shop.tell("orders/paid", "3", &told(20, "paid", 1)).await.result.unwrap();
    assert_eq!((paid.state(), &paid.order_id), (OrderState::Accepted, &first.order_id));
    let stale = shop.tell("orders/updated", "4", &told(15, "pending", 2)).await.result.unwrap();
    assert_eq!((stale.state(), codes(&stale.reasons)), (OrderState::Accepted, vec!["ORD0007"]));
    let late = shop.tell("orders/updated", "5", &told(30, "paid", 2)).await.result.unwrap();
    assert_eq!(late.refused, "ORD0002");
    let mut off = told(40, "refunded", 1);
    off["cancelled_at"] = json!("2026-10-05T09:40:00+02:00");
    off["cancel_reason"] = json!("customer");
    let end = shop.tell("orders/cancelled", "6", &off).await.result.unwrap();
    assert_eq!((end.state(), end.replayed), (OrderState::Cancelled, false));
    let wanted = [
        "order_held",
        "order_amended",
        "order_released",
        "fulfilment_requested",
        "order_cancelled",
    ];
    assert_eq!(world.told(&first.order_id).await, wanted);

    // A cancellation that comes before its order: the order must not ship.
    let mut early = shop_order(602, "2026-10-05T11:00:00+02:00");
    early["cancelled_at"] = json!("2026-10-05T11:00:00+02:00");
    let end = shop.tell("orders/cancelled", "7", &early).await.result.unwrap();
    assert_eq!(end.state(), OrderState::Cancelled);
    let order = shop_order(602, "2026-10-05T10:00:00+02:00");
    let late = shop.tell("orders/create", "8", &order).await.result.unwrap();
    assert_eq!((late.state(), late.replayed), (OrderState::Cancelled, true));
    assert!(world.told(&late.order_id).await.is_empty());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_order_by_two_doors_and_two_orders_of_two_shops() {
    let world = World::start().await;
    let shop = shop(&world).await;
    let body = shop_order(701, "2026-10-05T09:15:00+02:00");
    let hooked = shop.tell("orders/create", "1", &body).await.result.unwrap();
    let mut input = order("701");
    input.channel = "shopify".into();
    let sent = world.submit_one(input).await;
    // Another content of the same order.
    assert_eq!(sent.refused, "ORD0002");
    assert_eq!(world.count("select count(*) from orders.orders").await, 1);

    let account = world.channel("outlet", "shopify", "another secret").await;
    let outlet = Shop { world: &world, account, secret: "another secret".into() };
    let other = outlet.tell("orders/create", "1", &body).await;
    let other = other.result.unwrap();
    assert!(!other.replayed && other.order_id != hooked.order_id);
    assert_eq!(world.get(&other.order_id).await.channel, "shopify:outlet");
    // One shop's signature is nothing to the other.
    let mut crossed =
        outlet.request("orders/create", "2", &shop_order(702, "2026-10-05T10:00:00Z"));
    crossed.account_id.clone_from(&shop.account);
    assert_eq!(code(&shop.send(crossed).await.unwrap_err()), "ORD0006");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_secret_is_asked_for_when_the_old_one_fails() {
    let world = World::start().await;
    let mut shop = shop(&world).await;
    let first = shop_order(801, "2026-10-05T09:15:00+02:00");
    assert!(shop.tell("orders/create", "1", &first).await.result.is_some());
    world.channel("main", "shopify", "a new secret").await;
    shop.secret = "a new secret".into();
    let second = shop_order(802, "2026-10-05T09:15:00+02:00");
    let answer = shop.tell("orders/create", "2", &second).await;
    assert_eq!(answer.result.unwrap().state(), OrderState::Accepted);
    shop.secret = SECRET.into();
    let old = shop.request("orders/create", "3", &shop_order(803, "2026-10-05T09:15:00+02:00"));
    assert_eq!(code(&shop.send(old).await.unwrap_err()), "ORD0006");
    world.stop().await;
}
