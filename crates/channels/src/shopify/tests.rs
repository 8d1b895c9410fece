#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
use serde_json::{Value, json};

use crate::{
    CanonicalOrder, ChannelError, Code, FinancialStatus, Incoterm, NoDelivery, WarningCode,
    read_text,
};

mod delivery;

const ORDER: &str = include_str!("fixtures/order.json");

fn base() -> Value {
    serde_json::from_str(ORDER).unwrap()
}

fn read(value: &Value) -> Result<CanonicalOrder, ChannelError> {
    let mut all = read_text("shopify", value.to_string().as_bytes());
    assert_eq!(all.len(), 1);
    all.remove(0)
}

/// The fixture with one value replaced; `Null` at a missing place adds it.
fn with(pointer: &str, value: Value) -> Value {
    let mut order = base();
    set(&mut order, pointer, value);
    order
}

fn set(order: &mut Value, pointer: &str, value: Value) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match order.pointer_mut(parent).unwrap() {
        Value::Object(fields) => {
            fields.insert(key.to_owned(), value);
        }
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = value,
        _ => panic!("no container at {parent}"),
    }
}

fn codes(order: &CanonicalOrder) -> Vec<WarningCode> {
    order.warnings.iter().map(|w| w.code).collect()
}

#[test]
fn the_example_gives_the_golden_order_without_warning() {
    let order = read(&base()).unwrap();
    crate::golden::check(&order);
    assert_eq!(order.warnings, []);
    assert_eq!(order.external_id, "5987000000101");
    assert_eq!(order.number, "#1042");
    assert_eq!(order.placed_at.unwrap().to_string(), "2026-10-05T09:12:30+02:00");
    assert_eq!(order.shipping.code.as_deref(), Some("COLISSIMO_DOM"));
    assert_eq!(order.lines[0].unit_weight.unwrap().0, 420);
    assert_eq!(order.lines[1].unit_weight.unwrap().0, 2050);
    assert_eq!(order.lines[0].line_id, "15100000000001");
}

#[test]
fn ids_beyond_the_floats_stay_exact() {
    let text = ORDER.replace("5987000000101,", "9007199254740993001234567,");
    let order = read_text("shopify", text.as_bytes()).remove(0).unwrap();
    assert_eq!(order.external_id, "9007199254740993001234567");
    let order = read(&with("/id", json!("5987000000101"))).unwrap();
    assert_eq!(order.external_id, "5987000000101");
    assert_eq!(codes(&order), [WarningCode::TypeRepaired]);
    let order = read(&with("/id", Value::Null)).unwrap();
    assert_eq!(order.external_id, "5987000000101", "from the global id");
    let float = ORDER.replace("5987000000101,", "5.987e12,");
    let error = read_text("shopify", float.as_bytes()).remove(0).unwrap_err();
    assert_eq!((error.code, error.pointer.as_str()), (Code::FieldType, "/id"));
}

#[test]
fn the_books_are_in_shop_money() {
    let mut value = with("/presentment_currency", json!("USD"));
    let money = |amount: &str| {
        json!({
            "shop_money": {"amount": amount, "currency_code": "EUR"},
            "presentment_money": {"amount": "999.00", "currency_code": "USD"},
        })
    };
    set(&mut value, "/total_price_set", money("75.20"));
    set(&mut value, "/line_items/0/price_set", money("14.90"));
    set(&mut value, "/shipping_lines/0/discounted_price_set", money("4.90"));
    let order = read(&value).unwrap();
    crate::golden::check(&order);
    assert_eq!(order.presentment_currency.unwrap().as_str(), "USD");
    assert_eq!(order.warnings, []);

    set(&mut value, "/line_items/0/price", json!("16.20"));
    let order = read(&value).unwrap();
    assert_eq!(order.lines[0].unit_price.amount_minor, 1490);
    assert_eq!(codes(&order), [WarningCode::AmountConflict]);

    set(&mut value, "/line_items/0/price_set/shop_money/currency_code", json!("USD"));
    let error = read(&value).unwrap_err();
    assert_eq!(error.code, Code::CurrencyMixed);
    assert_eq!(error.pointer, "/line_items/0/price_set/shop_money/currency_code");
}

#[test]
fn current_fields_follow_edits() {
    let mut value = with("/line_items/0/current_quantity", json!(0));
    set(&mut value, "/line_items/0/fulfillable_quantity", json!(0));
    set(&mut value, "/current_total_price", json!("45.40"));
    let order = read(&value).unwrap();
    assert_eq!(order.lines.len(), 2, "a removed line stays");
    assert_eq!((order.lines[0].quantity, order.lines[0].fulfillable_quantity), (0, 0));
    assert_eq!(order.lines[0].total.amount_minor, 0);
    assert_eq!(order.totals.grand.unwrap().amount_minor, 4540);
    assert!(!codes(&order).contains(&WarningCode::TotalsMismatch));
}

#[test]
fn discount_and_tax_of_removed_units_go_with_them() {
    let mut value = with("/line_items/0/current_quantity", json!(1));
    set(&mut value, "/line_items/0/discount_allocations", json!([{"amount": "3.01"}]));
    let order = read(&value).unwrap();
    let line = &order.lines[0];
    assert_eq!(line.discount.amount_minor, 151, "half of 3.01, half up");
    assert_eq!(line.tax.unwrap().amount_minor, 249, "half of 4.97, half up");
    assert_eq!(line.total.amount_minor, 1490 - 151);
    assert_eq!(line.fulfillable_quantity, 1);
    let found = codes(&order);
    assert!(found.contains(&WarningCode::SharedByQuantity));
    assert!(found.contains(&WarningCode::QuantityReduced));
}

#[test]
fn old_payloads_tell_removed_units_by_refunds() {
    let mut value = base();
    for line in value["line_items"].as_array_mut().unwrap() {
        line.as_object_mut().unwrap().remove("current_quantity");
        line.as_object_mut().unwrap().remove("fulfillable_quantity");
    }
    let line = 15_100_000_000_001_u64;
    set(
        &mut value,
        "/refunds",
        json!([
            {"refund_line_items": [{"line_item_id": line, "quantity": 1}]},
        ]),
    );
    let order = read(&value).unwrap();
    assert_eq!((order.lines[0].quantity, order.lines[0].fulfillable_quantity), (1, 1));
    assert_eq!(order.lines[1].quantity, 1);
}

#[test]
fn line_discounts_are_not_added_to_allocations() {
    let order = read(&with("/line_items/1/total_discount", json!("4.50"))).unwrap();
    assert_eq!(order.lines[1].discount.amount_minor, 450);
    let mut value = with("/line_items/1/total_discount", json!("4.50"));
    value["line_items"][1].as_object_mut().unwrap().remove("discount_allocations");
    assert_eq!(read(&value).unwrap().lines[1].discount.amount_minor, 450);
}

#[test]
fn what_is_not_shipped_is_not_to_be_shipped() {
    let mut value = with("/line_items/0/gift_card", json!(true));
    let order = read(&value).unwrap();
    assert!(!order.lines[0].requires_shipping);
    assert_eq!(order.lines[0].fulfillable_quantity, 0);
    assert_eq!(order.no_delivery, None, "the other line still ships");
    set(&mut value, "/line_items/1/requires_shipping", json!(false));
    set(&mut value, "/shipping_address", Value::Null);
    let order = read(&value).unwrap();
    assert_eq!((order.no_delivery, order.ship_to), (Some(NoDelivery::Digital), None));
}

#[test]
fn a_missing_address_has_a_reason() {
    let none = with("/shipping_address", Value::Null);
    assert_eq!(read(&none).unwrap().no_delivery, Some(NoDelivery::AddressMissing));

    let mut counter = none.clone();
    set(&mut counter, "/source_name", json!("pos"));
    set(&mut counter, "/shipping_lines", json!([]));
    assert_eq!(read(&counter).unwrap().no_delivery, Some(NoDelivery::PointOfSale));

    let mut pickup = none.clone();
    set(&mut pickup, "/shipping_lines/0/delivery_category", json!("pick_up"));
    assert_eq!(read(&pickup).unwrap().no_delivery, Some(NoDelivery::Pickup));

    let mut gone = none;
    set(&mut gone, "/line_items/0/current_quantity", json!(0));
    set(&mut gone, "/line_items/1/current_quantity", json!(0));
    assert_eq!(read(&gone).unwrap().no_delivery, Some(NoDelivery::NothingLeft));

    // Without the approval for personal data every field of the address is null.
    let fields = [
        "name",
        "first_name",
        "last_name",
        "address1",
        "address2",
        "zip",
        "city",
        "country_code",
        "phone",
    ];
    let mut withheld = base();
    for field in fields {
        set(&mut withheld, &format!("/shipping_address/{field}"), Value::Null);
    }
    let order = read(&withheld).unwrap();
    assert_eq!((order.no_delivery, order.ship_to), (Some(NoDelivery::AddressMissing), None));
}

#[test]
fn places_are_carried_over_as_written() {
    let mut value = with("/shipping_address/country_code", json!("UK"));
    set(&mut value, "/shipping_address/province_code", json!("KEN"));
    let order = read(&value).unwrap();
    let to = order.ship_to.as_ref().unwrap();
    assert_eq!(to.country.unwrap().as_str(), "GB");
    assert_eq!(to.subdivision.as_deref(), Some("KEN"));
    assert_eq!(codes(&order), [WarningCode::CountryRepaired]);

    let order = read(&with("/shipping_address/country_code", json!("QZ"))).unwrap();
    let to = order.ship_to.as_ref().unwrap();
    assert_eq!((to.country, to.country_text.as_deref()), (None, Some("QZ")));
    assert_eq!(codes(&order), [WarningCode::CountryUnknown]);

    let mut value = with("/shipping_address/province", json!("Kentucky"));
    set(&mut value, "/shipping_address/name", Value::Null);
    set(&mut value, "/shipping_address/phone", Value::Null);
    set(&mut value, "/phone", json!("+33 6 39 98 01 23"));
    let to = read(&value).unwrap().ship_to.unwrap();
    assert_eq!(to.subdivision.as_deref(), Some("Kentucky"));
    assert_eq!(to.name.as_deref(), Some("Camille Exemple"));
    assert_eq!(to.phone.as_deref(), Some("+33 6 39 98 01 23"));
}

#[test]
fn amounts_follow_their_currency() {
    let mut yen = base();
    for (pointer, text) in [
        ("/currency", "JPY"),
        ("/total_price", "4980"),
        ("/current_total_price", "4980"),
        ("/total_tax", "0"),
        ("/line_items/0/price", "1490"),
        ("/line_items/1/price", "2000.00"),
        ("/line_items/1/discount_allocations", ""),
        ("/shipping_lines/0/discounted_price", "0"),
    ] {
        set(&mut yen, pointer, json!(text));
    }
    set(&mut yen, "/line_items/1/discount_allocations", json!([]));
    let order = read(&yen).unwrap();
    assert_eq!(order.totals.grand.unwrap().amount_minor, 4980);
    assert_eq!(order.lines[1].unit_price.amount_minor, 2000);
    let cases = [
        ("1e3", Code::AmountUnreadable),
        ("1,490", Code::AmountUnreadable),
        ("-1", Code::AmountOutOfRange),
        ("NaN", Code::AmountUnreadable),
    ];
    for (text, code) in cases {
        let error = read(&with("/line_items/0/price", json!(text))).unwrap_err();
        assert_eq!((error.code, error.pointer.as_str()), (code, "/line_items/0/price"), "{text}");
    }
    let order = read(&with("/line_items/0/price", json!(14.90))).unwrap();
    assert_eq!(order.lines[0].unit_price.amount_minor, 1490);
    assert_eq!(codes(&order), [WarningCode::TypeRepaired]);
    let order = read(&with("/line_items/0/price", json!("14.904"))).unwrap();
    assert_eq!(codes(&order), [WarningCode::AmountRounded]);
    for (pointer, wrong, code) in [
        ("/currency", json!("eur"), Code::CurrencyUnknown),
        ("/currency", Value::Null, Code::FieldMissing),
        ("/line_items/0/quantity", json!(1.5), Code::QuantityInvalid),
        ("/line_items", json!({"0": {}}), Code::FieldType),
        ("/updated_at", json!("yesterday"), Code::DateInvalid),
    ] {
        assert_eq!(read(&with(pointer, wrong)).unwrap_err().code, code, "{pointer}");
    }
}

#[test]
fn totals_are_checked_with_a_cent_per_line() {
    for (text, wrong) in [("75.22", false), ("75.18", false), ("75.23", true), ("75.17", true)] {
        let order = read(&with("/current_total_price", json!(text))).unwrap();
        assert_eq!(codes(&order).contains(&WarningCode::TotalsMismatch), wrong, "{text}");
    }
    // Without included taxes they are added; a tip is a charge, not a good.
    let mut value = with("/taxes_included", json!(false));
    set(&mut value, "/current_total_price", json!("89.74"));
    set(&mut value, "/total_tip_received", json!("2.00"));
    let tip = json!({"id": 9, "title": "Tip", "quantity": 1, "price": "2.00",
        "requires_shipping": false, "tip": {"payment_method": "x"}});
    value["line_items"].as_array_mut().unwrap().push(tip);
    let order = read(&value).unwrap();
    assert_eq!(order.lines.len(), 2);
    assert_eq!(order.totals.other.unwrap().amount_minor, 200);
    assert!(!codes(&order).contains(&WarningCode::TotalsMismatch));
}

#[test]
fn statuses_tests_and_terms_are_read() {
    for (word, status) in [
        ("pending", FinancialStatus::Pending),
        ("authorized", FinancialStatus::Authorized),
        ("partially_paid", FinancialStatus::PartiallyPaid),
        ("paid", FinancialStatus::Paid),
        ("partially_refunded", FinancialStatus::PartiallyRefunded),
        ("refunded", FinancialStatus::Refunded),
        ("voided", FinancialStatus::Voided),
        ("fresh_word", FinancialStatus::Unknown),
    ] {
        let order = read(&with("/financial_status", json!(word))).unwrap();
        assert_eq!(order.financial_status, status);
        assert_eq!(order.channel_status.as_deref(), Some(word));
    }
    let mut value = with("/test", json!(true));
    let set_of = json!({"shop_money": {"amount": "7.00", "currency_code": "EUR"}});
    set(&mut value, "/current_total_duties_set", set_of);
    set(&mut value, "/tags", json!("wholesale, , fragile "));
    set(
        &mut value,
        "/note_attributes",
        json!([
            {"name": "Delivery Date", "value": "2026/10/09"},
            {"name": "gift_message", "value": "Bonne fête"},
        ]),
    );
    set(
        &mut value,
        "/line_items/0/duties",
        json!([
            {"harmonized_system_code": "691200", "country_code_of_origin": "PT"},
        ]),
    );
    set(
        &mut value,
        "/line_items/0/properties",
        json!([
            {"name": "Gravure", "value": "Zoé"}, {"name": "_internal", "value": "x"},
        ]),
    );
    let order = read(&value).unwrap();
    assert!(order.test);
    assert_eq!(order.incoterm, Some(Incoterm::Ddp));
    assert_eq!(order.tags, ["wholesale", "fragile"]);
    assert_eq!(order.wanted_delivery.unwrap().to_string(), "2026-10-09");
    assert_eq!(order.gift_message.as_ref().unwrap().expose(), "Bonne fête");
    assert_eq!(order.lines[0].hs_code.as_deref(), Some("691200"));
    assert_eq!(order.lines[0].origin.unwrap().as_str(), "PT");
    assert_eq!(order.lines[0].customisation.as_ref().unwrap().expose(), "Gravure: Zoé");
}
