//! What the generated code must keep.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod contract;
mod golden;

use super::*;
use prost_reflect::DescriptorPool;

#[test]
fn no_event_reaches_personal_data() {
    let pool = DescriptorPool::decode(DESCRIPTORS).unwrap();
    assert_eq!(lint::personal_data_in_events(&pool), Vec::<String>::new());
}

#[test]
fn a_planted_street_a_map_and_an_unmarked_text_are_found() {
    let planted = r#"
        syntax = "proto3";
        package colibri.planted.v1;
        import "colibri/options/v1/options.proto";
        import "colibri/types/v1/types.proto";
        message Leaky {
          option (colibri.options.v1.event) = {subject: "planted.leaky" key: "id"};
          string id = 1 [(colibri.options.v1.category) = CATEGORY_PSEUDONYM];
          colibri.types.v1.Address ship_to = 2;
          map<string, string> anything = 3;
          string unmarked = 4;
        }"#;
    let folder = std::env::temp_dir().join(format!("colibri-lint-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("planted.proto"), planted).unwrap();
    let proto = concat!(env!("CARGO_MANIFEST_DIR"), "/../../proto");
    let mut compiler =
        protox::Compiler::new([folder.as_path(), std::path::Path::new(proto)]).unwrap();
    compiler.include_imports(true).open_file("planted.proto").unwrap();
    let raw = compiler.encode_file_descriptor_set();
    let pool = DescriptorPool::decode(raw.as_slice()).unwrap();
    let findings = lint::personal_data_in_events(&pool).join("\n");
    std::fs::remove_dir_all(&folder).unwrap();
    for part in ["ship_to.name", "ship_to.lines", "anything: a map", "unmarked: text without"] {
        assert!(findings.contains(part), "{part} not in\n{findings}");
    }
}

#[test]
fn each_event_names_its_service_key_and_tenant() {
    let event = labels::v1::LabelPurchased {
        shipment_id: "shp_1".into(),
        tenant_id: "ten_1".into(),
        ..Default::default()
    };
    assert_eq!((event.key(), event.tenant_id()), ("shp_1", "ten_1"));
    assert_eq!(labels::v1::LabelPurchased::NAME, "label_purchased");
    assert!(EVENTS.len() >= 15);
}

#[test]
fn policies_are_found_by_path() {
    let submit = method_policy("/colibri.orders.v1.OrdersService/Submit").unwrap();
    assert_eq!((submit.scopes, submit.tenant), (["orders:write"].as_slice(), true));
    assert_eq!(method_policy("/colibri.orders.v1.OrdersService/Nothing"), None);
}
