#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
use std::sync::LazyLock;

use colibri_channels::json::{Limits, Node, parse};
use colibri_events::{orders::v1 as orders, tracking::v1 as tracking, types::v1 as types};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, Value};
use serde_json::json;

use super::*;
use crate::{problem::FieldError, routes::ROUTES};

fn descriptor(name: &str) -> MessageDescriptor {
    static POOL: LazyLock<DescriptorPool> =
        LazyLock::new(|| DescriptorPool::decode(colibri_events::DESCRIPTORS).unwrap());
    POOL.get_message_by_name(name).unwrap()
}

fn read(name: &str, text: &str) -> (DynamicMessage, Vec<FieldError>) {
    let node: Node<'_> = parse(text.as_bytes(), &Limits::WEBHOOK).unwrap();
    let mut reader = Reader::default();
    let message = reader.message(&node, &descriptor(name), &["order_id"]);
    (message, reader.problems)
}

fn refused(name: &str, text: &str) -> Vec<(String, String)> {
    let (_, problems) = read(name, text);
    problems.into_iter().map(|p| (p.pointer.unwrap(), p.code)).collect()
}

fn order() -> orders::OrderInput {
    orders::OrderInput {
        channel: "api".to_owned(),
        external_id: "A-1".to_owned(),
        placed_at: Some(prost_types(1_790_000_000, 120_000_000)),
        currency: "EUR".to_owned(),
        lines: vec![orders::Line {
            sku: "MUG".to_owned(),
            quantity: 2,
            unit_price: Some(types::Money { amount_minor: -1490, currency: "EUR".to_owned() }),
            ..Default::default()
        }],
        wanted_by: Some(types::Date { year: 2026, month: 2, day: 28 }),
        options: vec!["signature".to_owned()],
        test: true,
        ..Default::default()
    }
}

fn prost_types(seconds: i64, nanos: i32) -> ::prost_types::Timestamp {
    ::prost_types::Timestamp { seconds, nanos }
}

const ORDER: &str = "colibri.orders.v1.OrderInput";

#[test]
fn a_document_becomes_the_message_it_describes_and_back() {
    let text = r#"{"channel":"api","external_id":"A-1","placed_at":"2026-09-21T16:13:20.12+02:00",
        "currency":"EUR","lines":[{"sku":"MUG","quantity":2,
        "unit_price":{"amount_minor":-1490,"currency":"EUR"}}],"wanted_by":"2026-02-28",
        "options":["signature"],"test":true}"#;
    let (message, problems) = read(ORDER, text);
    assert_eq!(problems, []);
    let typed = orders::OrderInput::decode(message.encode_to_vec().as_slice()).unwrap();
    assert_eq!(typed, order());
    let told = serde_json::to_value(Json::new(&message)).unwrap();
    assert_eq!(told["placed_at"], json!("2026-09-21T14:13:20.12Z"));
    assert_eq!(told["wanted_by"], json!("2026-02-28"));
    // Absent texts and messages are left out; numbers and lists are always there.
    assert_eq!(told.get("note"), None);
    assert_eq!(told.get("ship_to"), None);
    assert_eq!(told["parcels"], json!([]));
    assert_eq!(told["lines"][0]["unit_weight_g"], json!(0));
    assert_eq!(told["lines"][0]["unit_price"]["amount_minor"], json!(-1490));
}

#[test]
fn each_wrong_field_is_named_and_its_value_is_not() {
    let cases: &[(&str, &str, &str)] = &[
        (r#"{"chanel": "secret"}"#, "#/chanel", "UNKNOWN_FIELD"),
        (r#"{"jane@example.org": 1}"#, "#/*", "UNKNOWN_FIELD"),
        (r#"{"externalId": "A"}"#, "#/externalId", "UNKNOWN_FIELD"),
        (r#"{"channel": 5}"#, "#/channel", "FIELD_TYPE"),
        (r#"{"channel": null}"#, "#/channel", "FIELD_TYPE"),
        (r#"{"lines": {}}"#, "#/lines", "FIELD_TYPE"),
        (r#"{"lines": [5]}"#, "#/lines/0", "FIELD_TYPE"),
        (r#"{"lines": [{"quantity": -1}]}"#, "#/lines/0/quantity", "OUT_OF_RANGE"),
        (r#"{"lines": [{"quantity": 4294967296}]}"#, "#/lines/0/quantity", "OUT_OF_RANGE"),
        (r#"{"lines": [{"quantity": 1.5}]}"#, "#/lines/0/quantity", "FIELD_TYPE"),
        (r#"{"lines": [{"quantity": 1e2}]}"#, "#/lines/0/quantity", "FIELD_TYPE"),
        (r#"{"lines": [{"quantity": "1"}]}"#, "#/lines/0/quantity", "FIELD_TYPE"),
        (
            r#"{"shipping_paid": {"amount_minor": 9007199254740992}}"#,
            "#/shipping_paid/amount_minor",
            "OUT_OF_RANGE",
        ),
        (
            r#"{"shipping_paid": {"amount_minor": 18446744073709551617}}"#,
            "#/shipping_paid/amount_minor",
            "OUT_OF_RANGE",
        ),
        (r#"{"wanted_by": "2026-02-29"}"#, "#/wanted_by", "MALFORMED"),
        (r#"{"wanted_by": "1999-12-31"}"#, "#/wanted_by", "MALFORMED"),
        (r#"{"wanted_by": {"year": 2026}}"#, "#/wanted_by", "FIELD_TYPE"),
        (r#"{"placed_at": "2026-02-28T10:00:00"}"#, "#/placed_at", "MALFORMED"),
        (r#"{"placed_at": "2101-02-28T10:00:00Z"}"#, "#/placed_at", "MALFORMED"),
        (r#"{"test": "true"}"#, "#/test", "FIELD_TYPE"),
        ("[]", "#", "FIELD_TYPE"),
    ];
    for (text, pointer, code) in cases {
        let wanted = vec![((*pointer).to_owned(), (*code).to_owned())];
        assert_eq!(refused(ORDER, text), wanted, "{text}");
    }
    let (_, problems) = read(ORDER, r#"{"chanel": "hunter2", "currency": 20261005}"#);
    let told = serde_json::to_string(&problems).unwrap();
    assert_eq!(problems.len(), 2);
    assert!(!told.contains("hunter2") && !told.contains("20261005"), "{told}");
}

#[test]
fn fields_of_the_path_and_second_choices_are_refused() {
    let hold = "colibri.orders.v1.HoldRequest";
    assert_eq!(refused(hold, r#"{"order_id": "x"}"#)[0].1, "UNKNOWN_FIELD");
    let settle = "colibri.labels.v1.SettleRequest";
    assert_eq!(refused(settle, r#"{"not_bought": true, "reason": "seen"}"#), []);
    let both = refused(settle, r#"{"not_bought": true, "give_up": true}"#);
    assert_eq!(both, [("#/give_up".to_owned(), "ONE_OF".to_owned())]);
}

#[test]
fn problems_are_gathered_up_to_a_limit() {
    let fields: Vec<String> = (0..200).map(|n| format!("\"f{n}\":1")).collect();
    assert_eq!(refused(ORDER, &format!("{{{}}}", fields.join(","))).len(), 50);
}

#[test]
fn words_lose_their_prefix_and_the_zero_value_is_absent() {
    let of = descriptor("colibri.tracking.v1.Parcel");
    let field = of.get_field_by_name("headline").unwrap();
    let Some(Shape::Word(headline)) = shape(&field) else { panic!("no words") };
    assert_eq!(
        words(&headline),
        [
            "created",
            "picked_up",
            "in_transit",
            "delayed",
            "out_for_delivery",
            "exception",
            "delivered",
            "returned"
        ]
    );
    assert_eq!(from_text("out_for_delivery", &field).unwrap().as_enum_number(), Some(5));
    for bad in ["OUT_FOR_DELIVERY", "unspecified", "5", ""] {
        assert_eq!(from_text(bad, &field), None, "{bad}");
    }
    let parcel = |headline| {
        let parcel = tracking::Parcel { headline, ..Default::default() };
        let bytes = parcel.encode_to_vec();
        let message = DynamicMessage::decode(of.clone(), bytes.as_slice()).unwrap();
        serde_json::to_value(Json::new(&message)).unwrap()
    };
    assert_eq!(parcel(5)["headline"], json!("out_for_delivery"));
    assert_eq!(parcel(0).get("headline"), None);
    // A newer service may know more words.
    assert_eq!(parcel(99)["headline"], json!("value_99"));
}

#[test]
fn json_in_a_text_is_told_as_what_it_is() {
    let of = descriptor("colibri.pricing.v1.ExplainResponse");
    let explain = |text: &str| {
        let mut message = DynamicMessage::new(of.clone());
        message.set_field_by_name("snapshot_json", Value::String(text.to_owned()));
        serde_json::to_value(Json::new(&message))
    };
    let told = explain(r#"{"lines":[1]}"#).unwrap();
    assert_eq!(told, json!({ "snapshot": { "lines": [1] }, "recomputed_equal": false }));
    assert!(explain("{").is_err());
}

#[test]
fn every_message_of_a_json_route_holds_only_what_json_can_show() {
    fn check(of: &MessageDescriptor, seen: &mut Vec<String>, skip: &[&str]) {
        if seen.contains(&of.full_name().to_owned()) {
            return;
        }
        seen.push(of.full_name().to_owned());
        for field in of.fields().filter(|field| !skip.contains(&field.full_name())) {
            match shape(&field) {
                Some(Shape::Message(inner)) => check(&inner, seen, skip),
                Some(_) => {}
                None => panic!("{} cannot be shown", field.full_name()),
            }
        }
    }
    // Read and answered as files.
    let files = [
        "colibri.orders.v1.ImportRequest.data",
        "colibri.labels.v1.Label.data",
        "colibri.customs.v1.ImportSkusRequest.data",
        "colibri.customs.v1.Paper.data",
        "colibri.returns.v1.ReturnLabel.data",
        "colibri.returns.v1.ReturnPaper.data",
        "colibri.orders.v1.IngestWebhookRequest.body",
        "colibri.tracking.v1.IngestWebhookRequest.body",
    ];
    let operations = crate::contract::operations().unwrap();
    let mut seen = Vec::new();
    for method in operations.iter().filter_map(|operation| operation.method.as_ref()) {
        check(&method.input, &mut seen, &files);
        check(&method.output, &mut seen, &files);
    }
    assert!(seen.len() > 40 && ROUTES.len() == operations.len());
}

proptest::proptest! {
    #[test]
    fn what_is_told_is_read_back_as_the_same(
        sku in "\\PC{0,20}", quantity: u32, amount in -INTEGER_MAX..=INTEGER_MAX, test: bool,
        seconds in 946_684_800_i64..4_102_444_800, nanos in 0..1_000_000_000,
    ) {
        let mut input = order();
        input.placed_at = Some(prost_types(seconds, nanos));
        input.test = test;
        let money = types::Money { amount_minor: amount, currency: "EUR".to_owned() };
        input.lines[0].sku = sku;
        input.lines[0].quantity = quantity;
        input.lines[0].unit_price = Some(money);
        let bytes = input.encode_to_vec();
        let message = DynamicMessage::decode(descriptor(ORDER), bytes.as_slice()).unwrap();
        let text = serde_json::to_string(&Json::new(&message)).unwrap();
        let (read, problems) = read(ORDER, &text);
        proptest::prop_assert_eq!(problems, vec![]);
        let read = orders::OrderInput::decode(read.encode_to_vec().as_slice()).unwrap();
        proptest::prop_assert_eq!(read, input);
    }
}
