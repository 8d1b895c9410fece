#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
use serde_json::{Value, json};

use super::WooCommerce;
use crate::{
    CancelReason, CanonicalOrder, Channel, ChannelError, Code, FinancialStatus, IgnoredReason,
    NoDelivery, OrderState, Parsed, WarningCode, read_text,
};

const ORDER: &str = include_str!("fixtures/order.json");

fn base() -> Value {
    serde_json::from_str(ORDER).unwrap()
}

fn read(value: &Value) -> Result<CanonicalOrder, ChannelError> {
    let mut all = read_text("woocommerce", value.to_string().as_bytes());
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn with(changes: &[(&str, Value)]) -> Value {
    let mut order = base();
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        match order.pointer_mut(parent).unwrap() {
            Value::Object(fields) => {
                fields.insert(key.to_owned(), value.clone());
            }
            Value::Array(items) => items[key.parse::<usize>().unwrap()] = value.clone(),
            _ => panic!("no container at {parent}"),
        }
    }
    order
}

fn codes(order: &CanonicalOrder) -> Vec<WarningCode> {
    order.warnings.iter().map(|w| w.code).collect()
}

#[test]
fn the_example_gives_the_golden_order_without_warning() {
    // Read from the text, so that the number `12.416667` keeps its spelling.
    let order = read_text("woocommerce", ORDER.as_bytes()).remove(0).unwrap();
    crate::golden::check(&order);
    assert_eq!(order.warnings, []);
    assert_eq!((order.external_id.as_str(), order.number.as_str()), ("1042", "1042"));
    assert_eq!(order.placed_at.unwrap().to_string(), "2026-10-05T09:12:31+02:00");
    assert_eq!(order.shipping.code.as_deref(), Some("flat_rate:3"));
    assert_eq!(order.lines[0].unit_weight, None, "the channel states no weight");
    assert_eq!(order.lines[0].variant_ref.as_deref(), Some("94"));
    assert_eq!(order.lines[1].variant_ref.as_deref(), Some("95"));
}

#[test]
fn times_come_from_the_gmt_twin() {
    for (local, gmt, wanted) in [
        (
            json!("2026-10-05T09:12:31"),
            json!("2026-10-05T07:12:31"),
            Some("2026-10-05T09:12:31+02:00"),
        ),
        (
            json!("2026-10-05T02:12:31"),
            json!("2026-10-05T07:12:31"),
            Some("2026-10-05T02:12:31-05:00"),
        ),
        (
            json!("2026-10-05T12:57:31"),
            json!("2026-10-05T07:12:31"),
            Some("2026-10-05T12:57:31+05:45"),
        ),
        (
            json!("2026-10-05T09:12:32"),
            json!("2026-10-05T07:12:31"),
            Some("2026-10-05T07:12:31+00:00"),
        ),
        (Value::Null, json!("2026-10-05T07:12:31"), Some("2026-10-05T07:12:31+00:00")),
        (json!("2026-10-05T09:12:31"), Value::Null, Some("2026-10-05T09:12:31")),
        (
            json!("2026-10-05T09:12:31"),
            json!("2026-10-05T07:12:31Z"),
            Some("2026-10-05T09:12:31+02:00"),
        ),
        (Value::Null, Value::Null, None),
    ] {
        let order = read(&with(&[("/date_created", local), ("/date_created_gmt", gmt)])).unwrap();
        assert_eq!(order.placed_at.map(|t| t.to_string()).as_deref(), wanted);
    }
    let error = read(&with(&[("/date_created_gmt", json!("0000-00-00T00:00:00"))])).unwrap_err();
    assert_eq!(error.code, Code::DateInvalid);
}

#[test]
fn an_empty_shipping_address_means_the_billing_address() {
    let empty = json!({"first_name": "", "last_name": "", "company": "", "address_1": "",
        "address_2": "", "city": "", "state": "", "postcode": "", "country": ""});
    for shipping in [empty, json!([]), Value::Null] {
        let order = read(&with(&[("/shipping", shipping)])).unwrap();
        let to = order.ship_to.as_ref().unwrap();
        assert_eq!(to.company.as_deref(), Some("Atelier Exemple SARL"));
        assert_eq!(to.city.as_deref(), Some("Nantes"));
        assert_eq!(codes(&order), [WarningCode::ShipToFromBilling]);
        assert_eq!(order.no_delivery, None);
    }
    let order = read(&with(&[("/shipping", Value::Null), ("/billing", Value::Null)])).unwrap();
    assert_eq!((order.ship_to, order.no_delivery), (None, Some(NoDelivery::AddressMissing)));
    let pickup = with(&[("/shipping_lines/0/method_id", json!("local_pickup"))]);
    assert_eq!(read(&pickup).unwrap().no_delivery, Some(NoDelivery::Pickup));
    let own = with(&[("/shipping/phone", json!("06 39 98 77 66"))]);
    let to = read(&own).unwrap().ship_to.unwrap();
    assert_eq!(to.phone.as_deref(), Some("06 39 98 77 66"));
    assert_eq!(to.email.as_deref(), Some("camille.exemple@example.org"));
}

#[test]
fn states_are_carried_over_without_a_repeated_country() {
    for (country, state, wanted) in [
        ("US", "CA", Some("CA")),
        ("DE", "DE-BY", Some("BY")),
        ("JP", "JP13", Some("13")),
        ("CN", "CN2", Some("CN2")),
        ("FR", "", None),
    ] {
        let value =
            with(&[("/shipping/country", json!(country)), ("/shipping/state", json!(state))]);
        let to = read(&value).unwrap().ship_to.unwrap();
        assert_eq!(to.subdivision.as_deref(), wanted, "{country} {state}");
    }
}

#[test]
fn every_status_has_a_state_and_unknown_ones_wait_for_a_person() {
    for (status, state, left) in [
        ("pending", OrderState::Open, 2),
        ("processing", OrderState::Open, 2),
        ("on-hold", OrderState::OnHold, 2),
        ("failed", OrderState::OnHold, 2),
        ("completed", OrderState::Closed, 0),
        ("refunded", OrderState::Closed, 0),
        ("cancelled", OrderState::Cancelled, 0),
        ("trash", OrderState::Deleted, 0),
        ("wc-processing", OrderState::Open, 2),
        ("wc-awaiting-glaze", OrderState::Unmapped, 2),
    ] {
        let order = read(&with(&[("/status", json!(status))])).unwrap();
        assert_eq!(order.state, state, "{status}");
        assert_eq!(order.lines[0].fulfillable_quantity, left, "{status}");
        let unmapped = codes(&order).contains(&WarningCode::StatusUnmapped);
        assert_eq!(unmapped, state == OrderState::Unmapped);
    }
    let custom = read(&with(&[("/status", json!("awaiting-glaze"))])).unwrap();
    assert_eq!(custom.channel_status.as_deref(), Some("awaiting-glaze"));
    let prose = read(&with(&[("/status", json!("Camille called, wait"))])).unwrap();
    assert_eq!(prose.channel_status, None, "only a plain word is kept");
}

#[test]
fn payment_is_read_from_facts() {
    let unpaid: &[(&str, Value)] = &[("/date_paid", Value::Null), ("/date_paid_gmt", Value::Null)];
    let also = |more: &[(&'static str, Value)]| with(&[unpaid, more].concat());
    let status = |value: &Value| read(value).unwrap().financial_status;
    assert_eq!(status(&base()), FinancialStatus::Paid);
    assert_eq!(status(&also(&[])), FinancialStatus::Pending);
    let cod = also(&[("/payment_method", json!("cod"))]);
    assert_eq!(status(&cod), FinancialStatus::CashOnDelivery);
    assert_eq!(status(&with(&[("/status", json!("refunded"))])), FinancialStatus::Refunded);
    let partly = with(&[("/refunds", json!([{"id": 9, "total": "-10.00"}]))]);
    assert_eq!(status(&partly), FinancialStatus::PartiallyRefunded);
    assert_eq!(codes(&read(&partly).unwrap()), [WarningCode::RefundLinesUnknown]);
}

#[test]
fn amounts_of_any_precision_are_rounded_once() {
    // Six decimals, three equal lines whose rounded units would not add up.
    let item = |id: u32| {
        json!({"id": id, "name": "Dé", "quantity": 3, "subtotal": "0.833333",
        "subtotal_tax": "0.166667", "total": "0.833333", "total_tax": "0.166667",
        "variation_id": 0, "product_id": 5, "sku": 4711})
    };
    let value = with(&[
        ("/line_items", json!([item(1), item(2), item(3)])),
        ("/total", json!("7.90")),
        ("/total_tax", json!("1.32")),
    ]);
    let order = read(&value).unwrap();
    assert_eq!(order.totals.items.amount_minor, 300);
    assert_eq!(order.lines[0].unit_price.amount_minor, 33);
    assert_eq!(order.lines[0].total.amount_minor, 100);
    assert_eq!(order.lines[0].sku.as_deref(), Some("4711"));
    assert!(!codes(&order).contains(&WarningCode::TotalsMismatch));

    let net = with(&[("/prices_include_tax", json!(false))]);
    let order = read(&net).unwrap();
    assert_eq!(order.taxes_included, Some(false));
    assert_eq!(order.lines[0].total.amount_minor, 2483);
    assert_eq!(order.lines[1].discount.amount_minor, 375);
    assert_eq!(order.shipping.paid.unwrap().amount_minor, 408);
    assert!(!codes(&order).contains(&WarningCode::TotalsMismatch));

    let yen = with(&[
        ("/currency", json!("JPY")),
        (
            "/line_items",
            json!([{"id": 1, "name": "Dé", "quantity": 2, "subtotal": "1000.00",
            "subtotal_tax": "100", "total": "1000.00", "total_tax": "100", "sku": ""}]),
        ),
        ("/shipping_total", json!("0")),
        ("/shipping_tax", json!("0")),
        ("/total", json!("1100")),
        ("/total_tax", json!("100")),
    ]);
    let order = read(&yen).unwrap();
    assert_eq!(order.lines[0].unit_price.amount_minor, 550);
    assert_eq!(order.lines[0].article(), None);
    assert_eq!(order.warnings, []);
}

#[test]
fn fees_may_be_discounts_and_lines_may_not() {
    let fee = json!([{"id": 8, "name": "Remise", "total": "-5.00", "total_tax": "-1.00"}]);
    let value = with(&[("/fee_lines", fee), ("/total", json!("69.20"))]);
    let order = read(&value).unwrap();
    assert_eq!(order.totals.other.unwrap().amount_minor, -600);
    assert!(!codes(&order).contains(&WarningCode::TotalsMismatch));
    let error = read(&with(&[("/line_items/0/total", json!("-9.00"))])).unwrap_err();
    assert_eq!(
        (error.code, error.pointer.as_str()),
        (Code::AmountOutOfRange, "/line_items/0/total")
    );
}

#[test]
fn types_drift_and_are_repaired_or_refused() {
    for value in [json!("2"), json!(2.0), json!("2.00")] {
        let order = read(&with(&[("/line_items/0/quantity", value)])).unwrap();
        assert_eq!(order.lines[0].quantity, 2);
    }
    let error = read(&with(&[("/line_items/0/quantity", json!(1.5))])).unwrap_err();
    assert_eq!(error.code, Code::QuantityInvalid);
    let order = read(&with(&[("/prices_include_tax", json!("1"))])).unwrap();
    assert_eq!(order.totals.items.amount_minor, 7480);
    assert_eq!(codes(&order), [WarningCode::TypeRepaired]);
    for (pointer, wrong) in [
        ("/meta_data", json!({})),
        ("/customer_note", json!([])),
        ("/line_items/0/meta_data", json!("x")),
    ] {
        let order = read(&with(&[(pointer, wrong)])).unwrap();
        assert_eq!(codes(&order), [WarningCode::FieldUnreadable], "{pointer}");
    }
    for (pointer, wrong) in [("/line_items", json!("")), ("/id", json!(0)), ("/total", json!(""))] {
        assert!(read(&with(&[(pointer, wrong)])).is_err(), "{pointer}");
    }
}

#[test]
fn names_lose_their_entities_and_plugins_are_heard() {
    let value = with(&[
        ("/line_items/0/name", json!("Mug &ndash; 35&nbsp;cl &amp; set")),
        ("/line_items/1/meta_data", json!([{"id": 1, "key": "_bundled_by", "value": 501}])),
        ("/customer_note", json!("Sonner deux fois")),
        (
            "/meta_data",
            json!([
                {"id": 1, "key": "_delivery_date", "value": "2026-10-09"},
                {"id": 2, "key": "_pickup_point_id", "value": "FR-EX-001"},
                {"id": 3, "key": "_gift_message", "value": "Pour toi"},
                {"id": 4, "key": "_anything", "value": {"nested": [1, 2]}},
            ]),
        ),
    ]);
    let order = read(&value).unwrap();
    assert_eq!(order.lines[0].name, "Mug – 35 cl & set");
    assert_eq!(order.lines[1].bundle_parent.as_deref(), Some("501"));
    assert_eq!(order.note.as_ref().unwrap().expose(), "Sonner deux fois");
    assert_eq!(order.wanted_delivery.unwrap().to_string(), "2026-10-09");
    assert_eq!(order.service_point_ref.as_deref(), Some("FR-EX-001"));
    assert_eq!(order.gift_message.as_ref().unwrap().expose(), "Pour toi");
}

#[test]
fn deliveries_become_what_they_mean() {
    let parse = |topic: &str, body: &[u8]| WooCommerce.parse(topic, body).unwrap();
    let text = |changes: &[(&str, Value)]| with(changes).to_string().into_bytes();
    assert!(matches!(parse("order.created", ORDER.as_bytes()), Parsed::Order(_)));
    let ping = Parsed::Ignored { reason: IgnoredReason::Ping, external_id: None };
    assert_eq!(parse("order.created", b"webhook_id=12"), ping);
    let deleted = parse("order.deleted", br#"{"id": 7}"#);
    assert!(matches!(deleted, Parsed::Cancelled { ref external_id,
        reason: CancelReason::Deleted, .. } if external_id == "7"));
    let cancelled = parse("order.updated", &text(&[("/status", json!("cancelled"))]));
    assert!(matches!(
        cancelled,
        Parsed::Cancelled { reason: CancelReason::Other, at: None, updated_at: Some(_), .. }
    ));
    let draft = parse("order.updated", &text(&[("/status", json!("checkout-draft"))]));
    assert!(matches!(draft, Parsed::Ignored { reason: IgnoredReason::Draft, .. }));
    let other = parse("customer.created", b"not even json");
    assert!(matches!(other, Parsed::Ignored { reason: IgnoredReason::OtherTopic, .. }));
}
