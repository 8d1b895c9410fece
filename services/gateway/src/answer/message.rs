//! The request message, from path, query, headers and body.

use axum::body::Body;
use colibri_channels::json::Node;
use http::{StatusCode, header};
use prost_reflect::{DynamicMessage, MessageDescriptor, Value};

use super::{Asked, JSON, Path, pace};
use crate::{
    codec::{Reader, from_text},
    error,
    input::{body, head, json, key, query},
    problem::Problem,
    routes::Input,
};

/// Media types of files of orders, and what `orders.Import` calls them.
const FILES: [(&str, &str); 2] = [
    ("text/csv", "csv"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
];

impl Asked<'_> {
    /// The whole message.
    pub(super) async fn message(
        &self,
        path: &Path,
        query: &[(&'static str, String)],
        body: Body,
    ) -> Result<DynamicMessage, Problem> {
        let route = self.operation.route;
        let request_id = match route.keyed {
            true => Some(key::request_id(&self.parts.headers, route.path)?),
            false => None,
        };
        let mut message = self.bare(body).await?;
        if let Some(id) = request_id {
            put(&mut message, "request_id", Value::String(id))?;
        }
        for (name, text) in path {
            bind(&mut message, name, name, text)?;
        }
        for (name, text) in query {
            bind(&mut message, name, name, text)?;
        }
        Ok(message)
    }

    async fn bare(&self, body: Body) -> Result<DynamicMessage, Problem> {
        let (route, of) = (self.operation.route, &self.method.input);
        match route.input {
            Input::Query(_) => Ok(DynamicMessage::new(of.clone())),
            Input::Message => {
                let bytes = self.json(body).await?;
                self.document(&bytes, of)
            }
            Input::Item(list) => {
                let field = of.get_field_by_name(list);
                let field = field.ok_or_else(|| Problem::bug("no such list"))?;
                let kind = field.kind();
                let item = kind.as_message().ok_or_else(|| Problem::bug("no such list"))?;
                let item = self.document(&self.json(body).await?, item)?;
                let mut message = DynamicMessage::new(of.clone());
                put(&mut message, list, Value::List(vec![Value::Message(item)]))?;
                Ok(message)
            }
            Input::Text(media, field) => {
                let given = head::media(&self.parts.headers, &[media, JSON])?;
                let bytes = self.read(body).await?;
                if given == JSON {
                    return self.document(&bytes, of);
                }
                let text = String::from_utf8(bytes.into()).ok().filter(|t| !t.contains('\0'));
                let text = text.ok_or_else(|| {
                    let text = "the body is no UTF-8 text";
                    Problem::new(StatusCode::BAD_REQUEST, error::MALFORMED, text)
                })?;
                let mut message = DynamicMessage::new(of.clone());
                put(&mut message, field, Value::String(text))?;
                Ok(message)
            }
            Input::File => {
                let given = head::media(&self.parts.headers, &FILES.map(|(media, _)| media))?;
                let format = FILES.iter().find(|(media, _)| *media == given);
                let format = format.map(|(_, format)| *format).unwrap_or_default();
                let data = self.read(body).await?;
                let mut message = DynamicMessage::new(of.clone());
                put(&mut message, "format", Value::String(format.to_owned()))?;
                put(&mut message, "data", Value::Bytes(data))?;
                Ok(message)
            }
            Input::Delivery(_) | Input::Token => Err(Problem::bug("read elsewhere")),
        }
    }

    async fn read(&self, body: Body) -> Result<bytes::Bytes, Problem> {
        let max = self.operation.route.body_max;
        body::read(body, &self.parts.headers, max, pace(self.app)).await
    }

    /// The bytes of a JSON body. Where the address names the resource, none counts as `{}`.
    async fn json(&self, body: Body) -> Result<bytes::Bytes, Problem> {
        let headers = &self.parts.headers;
        let named = self.operation.route.parameters().next().is_some();
        if named && !headers.contains_key(header::CONTENT_TYPE) {
            let bytes = self.read(body).await?;
            return match bytes.is_empty() {
                true => Ok(bytes::Bytes::from_static(b"{}")),
                // Fails: it has no type.
                false => head::media(headers, &[JSON]).map(|_| bytes),
            };
        }
        head::media(headers, &[JSON])?;
        self.read(body).await
    }

    /// Fields that do not come from the body.
    fn bound(&self) -> Vec<&'static str> {
        let route = self.operation.route;
        let from_path = route.parameters().filter_map(|name| name.split('.').next());
        from_path.chain(route.keyed.then_some("request_id")).collect()
    }

    fn document(&self, bytes: &[u8], of: &MessageDescriptor) -> Result<DynamicMessage, Problem> {
        let node: Node<'_> = json::read(bytes)?;
        let mut reader = Reader::default();
        let message = reader.message(&node, of, &self.bound());
        if reader.problems.is_empty() {
            return Ok(message);
        }
        let text = "a field of the body is wrong";
        let problem = Problem::new(StatusCode::BAD_REQUEST, error::FIELD, text);
        Err(problem.errors(reader.problems))
    }
}

fn put(message: &mut DynamicMessage, field: &str, value: Value) -> Result<(), Problem> {
    message.try_set_field_by_name(field, value).map_err(Problem::bug)
}

/// Sets the field at `path` from the text of the parameter `name`.
fn bind(message: &mut DynamicMessage, name: &str, path: &str, text: &str) -> Result<(), Problem> {
    let no_field = || Problem::bug("a parameter without a field");
    if let Some((first, rest)) = path.split_once('.') {
        let inner = message.get_field_by_name_mut(first).and_then(Value::as_message_mut);
        return bind(inner.ok_or_else(no_field)?, name, rest, text);
    }
    let of = prost_reflect::ReflectMessage::descriptor(message);
    let field = of.get_field_by_name(path).ok_or_else(no_field)?;
    let value = from_text(text, &field).filter(|_| !text.contains('\0'));
    let value = value.ok_or_else(|| {
        query::wrong(name, "OUT_OF_RANGE", "not a value that this parameter takes")
    })?;
    message.set_field(&field, value);
    Ok(())
}
