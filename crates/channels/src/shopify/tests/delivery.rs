//! Webhook topics and headers.
use serde_json::json;

use super::{base, read, set, with};
use crate::{CancelReason, Channel, IgnoredReason, OrderState, Parsed, shopify::Shopify};

use serde_json::Value;

#[test]
fn deliveries_become_what_they_mean() {
    let parse = |topic: &str, value: &Value| Shopify.parse(topic, value.to_string().as_bytes());
    assert!(matches!(parse("orders/create", &base()), Ok(Parsed::Order(_))));
    let mut cancelled = with("/cancelled_at", json!("2026-10-05T11:00:00+02:00"));
    set(&mut cancelled, "/cancel_reason", json!("inventory"));
    for topic in ["orders/cancelled", "orders/updated"] {
        let Ok(Parsed::Cancelled { external_id, reason, at, .. }) = parse(topic, &cancelled) else {
            panic!("{topic}");
        };
        assert_eq!((external_id.as_str(), reason), ("5987000000101", CancelReason::Inventory));
        assert!(at.is_some());
    }
    let order = read(&cancelled).unwrap();
    assert_eq!(order.state, OrderState::Cancelled);
    assert!(order.lines.iter().all(|line| line.fulfillable_quantity == 0));
    let deleted = parse("orders/delete", &json!({"id": 7})).unwrap();
    assert!(matches!(deleted, Parsed::Cancelled { reason: CancelReason::Deleted, .. }));
    for (topic, body, reason, id) in [
        ("refunds/create", json!({"id": 1, "order_id": 7}), IgnoredReason::FetchNeeded, Some("7")),
        (
            "orders/edited",
            json!({"order_edit": {"order_id": 7}}),
            IgnoredReason::FetchNeeded,
            Some("7"),
        ),
        ("customers/redact", json!({}), IgnoredReason::Privacy, None),
        ("inventory_levels/update", json!({}), IgnoredReason::OtherTopic, None),
    ] {
        let external_id = id.map(str::to_owned);
        assert_eq!(parse(topic, &body).unwrap(), Parsed::Ignored { reason, external_id });
    }
}

#[test]
fn headers_are_read_with_and_without_prefix() {
    let delivery = Shopify.delivery(&[
        ("x-shopify-topic", "orders/create"),
        ("shopify-webhook-id", "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"),
        ("x-shopify-shop-domain", "atelier-exemple.example"),
        ("x-shopify-api-version", "2026-07"),
        ("x-shopify-triggered-at", "2026-10-05T07:12:32.123456789Z"),
    ]);
    assert_eq!(delivery.topic.as_deref(), Some("orders/create"));
    assert!(delivery.id.is_some() && delivery.shop.is_some());
    assert_eq!(delivery.api_version.as_deref(), Some("2026-07"));
    assert_eq!(delivery.triggered_at.unwrap().to_string(), "2026-10-05T07:12:32+00:00");
    let doubled = [("x-shopify-webhook-id", "a"), ("shopify-webhook-id", "b")];
    assert_eq!(Shopify.delivery(&doubled).id, None);
    assert_eq!(Shopify.delivery(&[("x-shopify-webhook-id", "a.b")]).id, None);
}
