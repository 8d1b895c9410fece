//! The OpenAPI document, from the table of routes and the contracts: it cannot say anything else
//! than what is served.

mod schema;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, sync::Arc};

use serde_json::{Map, Value, json};

use crate::{
    codec::shape,
    contract::{Method, Operation},
    problem::MEDIA,
    routes::{Answer, Input, Verb},
};
use schema::Schemas;

/// The document. `base` is how the world addresses us, empty for relative addresses.
pub(crate) fn document(operations: &[Arc<Operation>], base: &str) -> Value {
    let mut schemas = Schemas::default();
    let mut paths: Map<String, Value> = Map::new();
    let mut scopes: BTreeSet<&'static str> = BTreeSet::new();
    for operation in operations {
        let verb = match operation.route.verb {
            Verb::Get => "get",
            Verb::Post => "post",
        };
        let entry = paths.entry(operation.route.path).or_insert_with(|| json!({}));
        if let Some(entry) = entry.as_object_mut() {
            entry.insert(verb.to_owned(), described(operation, &mut schemas));
        }
        if let Some(method) = operation.method.as_ref().filter(|_| !operation.route.open()) {
            scopes.extend(method.policy.scopes);
            scopes.extend(operation.route.reveal);
        }
    }
    let scopes: Map<String, Value> =
        scopes.into_iter().map(|scope| (scope.to_owned(), json!(""))).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Colibri",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache 2.0", "identifier": "Apache-2.0" },
            "description": "Orders, prices, labels and tracking of parcels. Amounts are whole \
                numbers of minor units, instants RFC 3339, unknown fields are refused. Clients \
                ignore fields and words they do not know.",
        },
        "servers": [{ "url": if base.is_empty() { "/" } else { base } }],
        "paths": paths,
        "components": {
            "schemas": schemas.finish(),
            "responses": { "Problem": problem() },
            "securitySchemes": {
                "bearer": {
                    "type": "oauth2",
                    "flows": { "clientCredentials": {
                        "tokenUrl": format!("{base}/v1/token"), "scopes": scopes,
                    } },
                },
            },
        },
    })
}

fn problem() -> Value {
    json!({
        "description": "What went wrong (RFC 9457).",
        "content": { MEDIA: { "schema": { "$ref": "#/components/schemas/Problem" } } },
    })
}

fn described(operation: &Operation, schemas: &mut Schemas) -> Value {
    let route = operation.route;
    let method = operation.method.as_ref();
    let text = method.map_or(route.summary, |method| method.comment.as_str());
    let summary = text.split(". ").next().unwrap_or_default().trim_end_matches('.');
    let mut out = json!({
        "operationId": route.id,
        "tags": [method.map_or("gateway", |method| method.service.as_str())],
        "summary": summary,
        "description": text,
        "parameters": parameters(operation),
        "responses": responses(operation, schemas),
        "security": [],
    });
    if let (Some(method), false) = (method, route.open()) {
        // One scope of several suffices: each alone is one way to be let in.
        let ways = method.policy.scopes.iter().map(|scope| json!({ "bearer": [scope] }));
        out["security"] = Value::Array(ways.collect());
    }
    if let Some(scope) = route.reveal {
        out["x-scope-of-reveal"] = json!(scope);
    }
    if let Some(body) = body(operation, schemas) {
        out["requestBody"] = body;
    }
    out
}

fn parameters(operation: &Operation) -> Vec<Value> {
    let route = operation.route;
    let mut list: Vec<Value> = Vec::new();
    for name in route.parameters() {
        let schema = parameter(operation.method.as_ref(), name);
        list.push(json!({ "name": name, "in": "path", "required": true, "schema": schema }));
    }
    for name in route.query_names() {
        let schema = parameter(operation.method.as_ref(), name);
        list.push(json!({ "name": name, "in": "query", "required": false, "schema": schema }));
    }
    if route.keyed {
        list.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": true,
            "description": "Names this request: send the same one when you repeat it.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255 },
        }));
    }
    list
}

/// The schema of a parameter: that of the field it sets.
fn parameter(method: Option<&Method>, name: &str) -> Value {
    let mut message = method.map(|method| method.input.clone());
    let mut steps = name.split('.').peekable();
    while let (Some(of), Some(step)) = (message.take(), steps.next()) {
        let Some(field) = of.get_field_by_name(step) else { break };
        match (shape(&field), steps.peek()) {
            (Some(crate::codec::Shape::Message(inner)), Some(_)) => message = Some(inner),
            _ => return schema::plain(&field),
        }
    }
    json!({ "type": "string" })
}

fn body(operation: &Operation, schemas: &mut Schemas) -> Option<Value> {
    let (route, method) = (operation.route, operation.method.as_ref()?);
    let bound: Vec<&str> = route
        .parameters()
        .filter_map(|name| name.split('.').next())
        .chain(route.keyed.then_some("request_id"))
        .collect();
    let of_message = |schemas: &mut Schemas| schemas.body(&method.input, &bound, route.id);
    let binary = json!({ "schema": { "type": "string", "format": "binary" } });
    let content = match route.input {
        Input::Query(_) => return None,
        Input::Message => json!({ "application/json": { "schema": of_message(schemas) } }),
        Input::Item(list) => {
            let field = method.input.get_field_by_name(list)?;
            let kind = field.kind();
            let reference = schemas.reference(kind.as_message()?);
            json!({ "application/json": { "schema": reference, "example": example(route.id) } })
        }
        Input::Text(media, _) => json!({
            media: { "schema": { "type": "string" } },
            "application/json": { "schema": of_message(schemas) },
        }),
        Input::File => json!({
            "text/csv": binary,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": binary,
        }),
        Input::Delivery(_) => json!({ "*/*": binary }),
        Input::Token => {
            let schema = json!({ "$ref": "#/components/schemas/TokenRequest" });
            json!({
                "application/x-www-form-urlencoded": { "schema": schema },
                "application/json": { "schema": schema },
            })
        }
    };
    let required = route.parameters().next().is_none() || route.input != Input::Message;
    Some(json!({
        "required": required,
        "description": format!("At most {} bytes.", route.body_max),
        "content": content,
    }))
}

/// An order that the service takes in.
pub(crate) fn example(id: &str) -> Value {
    match id {
        "submit_order" => json!({
            "channel": "api",
            "external_id": "example-1001",
            "currency": "EUR",
            "lines": [{
                "sku": "MUG-35-BLU", "name": "Mug 35 cl", "quantity": 2,
                "unit_price": { "amount_minor": 1490, "currency": "EUR" },
                "unit_weight_g": 420,
            }],
            "ship_to": {
                "name": "Camille Exemple", "lines": ["12 rue des Essais"],
                "city": "Lyon", "postcode": "69003", "country": "FR",
            },
        }),
        _ => Value::Null,
    }
}

fn responses(operation: &Operation, schemas: &mut Schemas) -> Value {
    let route = operation.route;
    let mut list = Map::new();
    let mut told = |status: &str, description: &str, content: Value| {
        let mut response = json!({ "description": description });
        if !content.is_null() {
            response["content"] = content;
        }
        list.insert(status.to_owned(), response);
    };
    let output = operation.method.as_ref().map(|method| &method.output);
    let json_of = |schema: Value| json!({ "application/json": { "schema": schema } });
    let file = json!({ "schema": { "type": "string", "format": "binary" } });
    match route.answer {
        Answer::Message(status) => {
            let schema = output.map_or(Value::Null, |of| schemas.answer(of));
            told(&status.to_string(), "Done.", json_of(schema));
        }
        Answer::Submitted => {
            let of = output.and_then(|of| of.get_field_by_name("results")).map(|f| f.kind());
            let of = of.as_ref().and_then(|kind| kind.as_message());
            let schema = of.map_or(Value::Null, |of| schemas.reference(of));
            told("201", "Taken in; `Location` names it.", json_of(schema.clone()));
            told("200", "Known already, with the same content.", json_of(schema));
        }
        Answer::Label => {
            let programs = ["zpl", "epl", "dpl", "ipl", "tpcl"].map(|l| format!("application/{l}"));
            let types = ["application/pdf", "image/png", "image/gif"].map(str::to_owned);
            let types: Vec<String> = types.into_iter().chain(programs).collect();
            let content = types.into_iter().map(|media| (media, file.clone())).collect();
            told("200", "The file, in the type that `Accept` prefers.", Value::Object(content));
            told("304", "As the caller has it (`If-None-Match`).", Value::Null);
        }
        Answer::Events => {
            let schema = output.map_or(Value::Null, |of| schemas.reference(of));
            let text = "Events named `parcel`, each with this message as its data.";
            told("200", text, json!({ "text/event-stream": { "schema": schema } }));
        }
        Answer::Accepted => told("202", "Stored; a repetition has no effect.", Value::Null),
        Answer::Token => {
            let schema = json!({ "$ref": "#/components/schemas/Token" });
            told("200", "A bearer token.", json_of(schema));
        }
        Answer::Document => told("200", "The document.", json_of(json!({ "type": "object" }))),
        Answer::Page => {
            told(
                "200",
                "The page.",
                json!({ "text/markdown": { "schema": { "type": "string" } } }),
            );
        }
        Answer::Health => {
            told("200", "It does.", json!({ "text/plain": { "schema": { "type": "string" } } }));
        }
    }
    list.insert("default".to_owned(), json!({ "$ref": "#/components/responses/Problem" }));
    Value::Object(list)
}
