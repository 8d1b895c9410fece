#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn source() -> Source {
    Source { channel: "shopify:outlet".into(), site_code: "lyon".into(), ..Source::default() }
}

/// An order as the channel's connector reads it.
fn shop_order(change: impl FnOnce(&mut Value)) -> CanonicalOrder {
    let mut order = json!({
        "id": 501, "name": "#501", "test": false, "currency": "EUR",
        "created_at": "2026-10-05T09:12:31+02:00", "updated_at": "2026-10-05T09:15:00+02:00",
        "cancelled_at": null, "financial_status": "paid", "fulfillment_status": null,
        "taxes_included": true, "total_price": "44.70",
        "shipping_address": {
            "name": "Camille Exemple", "address1": "12 rue des Essais", "zip": "69003",
            "city": "Lyon", "country_code": "FR"},
        "line_items": [{
            "id": 1, "sku": "MUG", "name": "Mug", "quantity": 3, "current_quantity": 3,
            "fulfillable_quantity": 3, "price": "14.90", "grams": 420,
            "requires_shipping": true}],
        "shipping_lines": []
    });
    change(&mut order);
    let mut read = colibri_channels::read_text("shopify", order.to_string().as_bytes());
    read.remove(0).unwrap()
}

fn input(change: impl FnOnce(&mut Value)) -> Input {
    match read(shop_order(change), &source()) {
        Meaning::Order(input) => *input,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_shops_order_becomes_ours() {
    let Input { order, channel_holds } = input(|_| {});
    assert_eq!(channel_holds, Vec::<&str>::new());
    assert_eq!((order.channel.as_str(), order.site_code.as_str()), ("shopify:outlet", "lyon"));
    assert_eq!((order.external_id.as_str(), order.number.as_str()), ("501", "#501"));
    assert_eq!(order.updated_at.unwrap().seconds, 1_791_184_500);
    assert_eq!(order.payment, "paid");
    let line = &order.lines[0];
    assert_eq!((line.quantity, line.unit_weight_g), (3, 420));
    assert_eq!(line.unit_price.as_ref().unwrap().amount_minor, 1490);
    assert_eq!(order.ship_to.unwrap().lines, ["12 rue des Essais"]);
}

#[test]
fn only_what_is_left_to_ship_is_taken() {
    let partly = input(|order| {
        order["line_items"][0]["fulfillable_quantity"] = json!(1);
        order["line_items"].as_array_mut().unwrap().push(json!({
            "id": 2, "sku": "CARD", "name": "Gift card", "quantity": 1, "current_quantity": 1,
            "fulfillable_quantity": 0, "price": "20.00", "grams": 0,
            "requires_shipping": false}));
    });
    let lines: Vec<(&str, u32)> =
        partly.order.lines.iter().map(|l| (l.sku.as_str(), l.quantity)).collect();
    assert_eq!(lines, [("MUG", 1)]);
}

#[test]
fn an_unknown_weight_is_that_of_the_account() {
    let mut order = shop_order(|order| order["line_items"][0]["grams"] = json!(0));
    let of = |order: CanonicalOrder, unit_weight_g| match read(
        order,
        &Source { unit_weight_g, ..source() },
    ) {
        Meaning::Order(input) => input.order.lines[0].unit_weight_g,
        other => panic!("{other:?}"),
    };
    assert_eq!((of(order.clone(), 0), of(order.clone(), 250)), (0, 250));
    order.lines[0].unit_weight = Some(colibri_types::Grams(420));
    assert_eq!(of(order, 250), 420);
}

#[test]
fn payments_and_states_have_their_meaning() {
    let paid = |status: FinancialStatus, file: bool| {
        let mut order = shop_order(|_| {});
        order.financial_status = status;
        match read(order, &Source { file, ..source() }) {
            Meaning::Order(input) => input.order.payment,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(paid(FinancialStatus::Unknown, true), "");
    assert_eq!(paid(FinancialStatus::Unknown, false), "unknown");
    assert_eq!(paid(FinancialStatus::CashOnDelivery, true), "cash_on_delivery");
    for (state, wanted) in [
        (OrderState::Open, "order"),
        (OrderState::OnHold, "order CHANNEL_HOLD"),
        (OrderState::Unmapped, "order CHANNEL_HOLD"),
        (OrderState::Closed, "not ours"),
        (OrderState::Cancelled, "gone"),
        (OrderState::Deleted, "gone"),
    ] {
        let mut order = shop_order(|_| {});
        order.state = state;
        let meaning = match read(order, &source()) {
            Meaning::Order(input) => {
                let holds = input.channel_holds.join(" ");
                format!("order {holds}").trim_end().to_owned()
            }
            Meaning::Gone { external_id, .. } if external_id == "501" => "gone".to_owned(),
            Meaning::Gone { .. } => "another".to_owned(),
            Meaning::NotOurs => "not ours".to_owned(),
        };
        assert_eq!(meaning, wanted, "{state:?}");
    }
    let mut order = shop_order(|_| {});
    order.service_point_ref = Some("12345".into());
    let Meaning::Order(input) = read(order, &source()) else { panic!("an order") };
    assert_eq!(input.channel_holds, [holds::PICKUP_POINT]);
    for (reason, gone) in [
        (NoDelivery::Digital, false),
        (NoDelivery::Pickup, false),
        (NoDelivery::PointOfSale, false),
        (NoDelivery::NothingLeft, true),
    ] {
        let mut order = shop_order(|_| {});
        order.no_delivery = Some(reason);
        let meaning = read(order, &source());
        assert_eq!(matches!(meaning, Meaning::Gone { .. }), gone, "{reason:?}");
        assert_eq!(matches!(meaning, Meaning::NotOurs), !gone, "{reason:?}");
    }
}

proptest! {
    /// What was paid for a discounted line is neither more nor less in ours.
    #[test]
    fn a_discounted_line_keeps_its_sum(
        quantity in 1_u32..200, price in 0_i64..100_000, percent in 1_i64..100,
    ) {
        let mut order = shop_order(|_| {});
        let zero = order.lines[0].discount;
        let sum = price * i64::from(quantity);
        let line = &mut order.lines[0];
        (line.quantity, line.fulfillable_quantity) = (quantity, quantity);
        line.unit_price.amount_minor = price;
        line.discount = colibri_types::Money::new((sum * percent / 100).max(1), zero.currency);
        let left = (sum - line.discount.amount_minor).max(0);
        line.total = colibri_types::Money::new(left, zero.currency);
        let total = line.total.amount_minor;
        let lines = super::line(&order.lines[0], 0);
        let ours: i64 = lines
            .iter()
            .map(|l| i64::from(l.quantity) * l.unit_price.as_ref().map_or(0, |m| m.amount_minor))
            .sum();
        prop_assert_eq!(ours, total);
        prop_assert_eq!(lines.iter().map(|l| l.quantity).sum::<u32>(), quantity);
    }
}
