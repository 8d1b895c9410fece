#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
use std::collections::BTreeSet;

use super::*;
use crate::routes::ROUTES;

fn made() -> Value {
    let operations: Vec<Arc<Operation>> =
        crate::contract::operations().unwrap().into_iter().map(Arc::new).collect();
    document(&operations, "https://api.example.org")
}

/// Every value of a key, anywhere in the document.
fn all<'v>(value: &'v Value, key: &str, found: &mut Vec<&'v Value>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if name == key {
                    found.push(value);
                }
                all(value, key, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| all(item, key, found)),
        _ => {}
    }
}

#[test]
fn every_route_is_described_and_nothing_else_is() {
    let document = made();
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, verbs)| {
            verbs.as_object().unwrap().keys().map(|verb| (path.clone(), verb.clone()))
        })
        .collect();
    let served: BTreeSet<(String, String)> = ROUTES
        .iter()
        .map(|route| (route.path.to_owned(), format!("{:?}", route.verb).to_lowercase()))
        .collect();
    assert_eq!(described, served);
}

#[test]
fn the_document_is_whole() {
    let document = made();
    assert_eq!(document["openapi"], "3.1.0");
    let mut references = Vec::new();
    all(&document, "$ref", &mut references);
    assert!(references.len() > 50);
    for reference in references {
        let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
        let target = document.pointer(pointer);
        assert!(target.is_some_and(Value::is_object), "{pointer}");
    }
    let plain = |name: &str| {
        name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
    };
    assert!(document["components"]["schemas"].as_object().unwrap().keys().all(|k| plain(k)));
    let mut ids = BTreeSet::new();
    for (path, verbs) in document["paths"].as_object().unwrap() {
        for (verb, operation) in verbs.as_object().unwrap() {
            let at = format!("{verb} {path}");
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{at}");
            assert!(!operation["summary"].as_str().unwrap().is_empty(), "{at}");
            let named: BTreeSet<&str> = operation["parameters"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|p| p["in"] == "path")
                .map(|p| p["name"].as_str().unwrap())
                .collect();
            let braces: BTreeSet<&str> =
                path.split('{').skip(1).map(|rest| rest.split_once('}').unwrap().0).collect();
            assert_eq!(named, braces, "{at}");
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.contains_key("default"), "{at}");
            assert!(responses.keys().any(|status| status.starts_with('2')), "{at}");
            for (status, response) in responses {
                let told = response.get("description").or_else(|| response.get("$ref"));
                assert!(told.is_some(), "{at} {status}");
            }
            assert_eq!(verb == "get", operation.get("requestBody").is_none(), "{at}");
        }
    }
}

#[test]
fn scopes_are_those_of_the_contracts() {
    let document = made();
    let hold = &document["paths"]["/v1/orders/{order_id}/hold"]["post"];
    assert_eq!(hold["security"], json!([{ "bearer": ["orders:write"] }]));
    let list = &document["paths"]["/v1/orders"]["get"];
    let either = json!([{ "bearer": ["orders:read"] }, { "bearer": ["orders:write"] }]);
    assert_eq!(list["security"], either);
    assert_eq!(document["paths"]["/v1/token"]["post"]["security"], json!([]));
    let scheme = &document["components"]["securitySchemes"]["bearer"];
    let scopes = scheme["flows"]["clientCredentials"]["scopes"].as_object().unwrap();
    let mut used = Vec::new();
    all(&document["paths"], "bearer", &mut used);
    assert!(used.len() > 20);
    for ways in used {
        assert!(ways.as_array().unwrap().iter().all(|s| scopes.contains_key(s.as_str().unwrap())));
    }
    assert!(!scopes.contains_key("internal"));
}

#[test]
fn schemas_say_what_is_taken() {
    let document = made();
    let schemas = &document["components"]["schemas"];
    let order = &schemas["orders.OrderInput"];
    assert_eq!(order["additionalProperties"], false);
    assert_eq!(order["properties"]["wanted_by"]["format"], "date");
    assert_eq!(order["properties"]["lines"]["items"]["$ref"], "#/components/schemas/orders.Line");
    let headline = &schemas["tracking.Parcel"]["properties"]["headline"];
    assert!(headline["enum"].as_array().unwrap().contains(&json!("out_for_delivery")));
    // What comes from the path or a header is not in the body.
    assert!(schemas["amend_order.body"]["properties"].get("order_id").is_none());
    assert!(schemas["submit_orders.body"]["properties"].get("request_id").is_none());
    assert!(schemas["orders.SubmitResponse"]["properties"].get("known_request").is_none());
    assert!(schemas["pricing.ExplainResponse"]["properties"].get("snapshot").is_some());
    let sku = &schemas["orders.Line"]["properties"]["sku"];
    assert!(sku["description"].as_str().unwrap().contains("1 to 100 characters"));
}

#[test]
fn the_example_is_an_order_we_would_read() {
    let text = example("submit_order").to_string();
    let node = crate::input::json::read(text.as_bytes()).unwrap();
    let operations = crate::contract::operations().unwrap();
    let submit = operations.iter().find(|operation| operation.route.id == "submit_order").unwrap();
    let list = submit.method.as_ref().unwrap().input.get_field_by_name("orders").unwrap();
    let mut reader = crate::codec::Reader::default();
    reader.message(&node, list.kind().as_message().unwrap(), &[]);
    assert_eq!(reader.problems, []);
}
