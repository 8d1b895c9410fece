//! JSON Schemas of messages.

use std::collections::BTreeMap;

use prost_reflect::{FieldDescriptor, MessageDescriptor};
use serde_json::{Map, Value, json};

use crate::{
    answer::KNOWN_REQUEST,
    codec::{JSON_ENDING, Shape, shape, words},
    contract::comment,
};

/// Schemas that were referred to, by name.
#[derive(Default)]
pub(super) struct Schemas(BTreeMap<String, Value>);

impl Schemas {
    /// A reference to the schema of a message, which is made when it is new.
    pub(super) fn reference(&mut self, of: &MessageDescriptor) -> Value {
        let name = name(of);
        if !self.0.contains_key(&name) {
            // First the name, then the fields: messages may hold themselves.
            self.0.insert(name.clone(), Value::Null);
            let schema = self.object(of, &[]);
            self.0.insert(name.clone(), schema);
        }
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    /// The schema of a body: the message without the fields that come from elsewhere.
    pub(super) fn body(&mut self, of: &MessageDescriptor, without: &[&str], id: &str) -> Value {
        if without.is_empty() {
            return self.reference(of);
        }
        let schema = self.object(of, without);
        let name = format!("{id}.body");
        self.0.insert(name.clone(), schema);
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    /// The schema of an answer: without what is told in headers.
    pub(super) fn answer(&mut self, of: &MessageDescriptor) -> Value {
        if of.get_field_by_name(KNOWN_REQUEST).is_none() {
            return self.reference(of);
        }
        let schema = self.object(of, &[KNOWN_REQUEST]);
        self.0.insert(name(of), schema);
        json!({ "$ref": format!("#/components/schemas/{}", name(of)) })
    }

    fn object(&mut self, of: &MessageDescriptor, without: &[&str]) -> Value {
        let mut properties = Map::new();
        for field in of.fields().filter(|field| !without.contains(&field.name())) {
            let (name, schema) = match field.name().strip_suffix(JSON_ENDING) {
                Some(name) => (name, json!({ "description": told(&field) })),
                None => (field.name(), self.field(&field)),
            };
            properties.insert(name.to_owned(), schema);
        }
        let text = comment(&of.parent_file(), of.path());
        let mut schema = json!({
            "type": "object", "additionalProperties": false, "properties": properties,
        });
        if !text.is_empty() {
            schema["description"] = Value::String(text);
        }
        schema
    }

    fn field(&mut self, field: &FieldDescriptor) -> Value {
        let one = match shape(field) {
            Some(Shape::Message(of)) => self.reference(&of),
            _ => plain(field),
        };
        let mut schema =
            if field.is_list() { json!({ "type": "array", "items": one }) } else { one };
        let text = told(field);
        if !text.is_empty() {
            schema["description"] = Value::String(text);
        }
        schema
    }

    /// All of them, with those that no contract has.
    pub(super) fn finish(mut self) -> Value {
        self.0.insert("Problem".to_owned(), problem());
        let text = |description: &str| json!({ "type": "string", "description": description });
        let request = json!({
            "type": "object",
            "required": ["grant_type"],
            "properties": {
                "grant_type": { "const": "client_credentials" },
                "client_id": text("Here, or as the user of `Authorization: Basic`."),
                "client_secret": text("Here, or as the password of `Authorization: Basic`."),
            },
        });
        self.0.insert("TokenRequest".to_owned(), request);
        let token = json!({
            "type": "object",
            "required": ["access_token", "token_type", "expires_in"],
            "properties": {
                "access_token": text("Send it as `Authorization: Bearer`."),
                "token_type": { "const": "Bearer" },
                "expires_in": { "type": "integer", "description": "Seconds." },
            },
        });
        self.0.insert("Token".to_owned(), token);
        Value::Object(self.0.into_iter().collect())
    }
}

/// `colibri.orders.v1.Order` as `orders.Order`.
fn name(of: &MessageDescriptor) -> String {
    let service = of.package_name().split('.').nth(1).unwrap_or_default();
    format!("{service}.{}", of.name())
}

fn told(field: &FieldDescriptor) -> String {
    comment(&field.parent_message().parent_file(), field.path())
}

/// The schema of one value that is no message.
pub(super) fn plain(field: &FieldDescriptor) -> Value {
    match shape(field) {
        Some(Shape::Bool) => json!({ "type": "boolean" }),
        Some(Shape::Integer(width)) => {
            let (min, max) = width.limits();
            json!({ "type": "integer", "minimum": min, "maximum": max })
        }
        Some(Shape::Word(of)) => json!({ "type": "string", "enum": words(&of) }),
        Some(Shape::Instant(_)) => json!({ "type": "string", "format": "date-time" }),
        Some(Shape::Day(_)) => json!({ "type": "string", "format": "date" }),
        Some(Shape::Text | Shape::Message(_)) | None => json!({ "type": "string" }),
    }
}

fn problem() -> Value {
    let text = |description: &str| json!({ "type": "string", "description": description });
    json!({
        "type": "object",
        "required": ["type", "title", "status", "code", "error_source", "retry"],
        "properties": {
            "type": text("Address of a page about it."),
            "title": text("What it means; the same for each occurrence."),
            "status": { "type": "integer" },
            "detail": text("What helps to repair it; for people."),
            "code": text("Public code, for ever."),
            "error_source": { "enum": ["carrier", "channel", "customer", "colibri"] },
            "retry": { "enum": ["never", "same_key", "after"] },
            "request_id": text("Quote it when you ask us."),
            "trace_id": text("Of an error of ours."),
            "error": text("Word of RFC 6749, from the token endpoint only."),
            "errors": { "type": "array", "items": {
                "type": "object",
                "required": ["code"],
                "properties": {
                    "code": text("Word or public code."),
                    "detail": text("For people."),
                    "pointer": text("JSON Pointer into the body, as a fragment."),
                    "parameter": text("Parameter of the address."),
                },
            } },
        },
    })
}
