//! Client credentials for a bearer token (RFC 6749, 4.4), as a form or as JSON.

use axum::{body::Body, response::Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use colibri_channels::json::Node;
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use prost_reflect::{DynamicMessage, Value};
use url::form_urlencoded;

use super::{JSON, json, pace};
use crate::{
    app::App,
    call,
    codec::text_of,
    contract::{Method, Operation},
    error,
    input::{body, head, json as strict},
    problem::{FieldError, Problem},
};

const FORM: &str = "application/x-www-form-urlencoded";
/// Longest id or secret, bytes: ours have 30 and 43.
const TEXT_MAX: usize = 256;

/// What was sent. Not `Debug`: it holds a secret.
#[derive(Default)]
struct Asked {
    grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

impl Asked {
    fn set(&mut self, name: &str, value: String) -> Result<(), Problem> {
        let slot = match name {
            "grant_type" => &mut self.grant_type,
            "client_id" => &mut self.client_id,
            "client_secret" => &mut self.client_secret,
            // Scopes are those of the client; a narrower token is not granted, so not promised.
            _ => {
                return Err(wrong(
                    "*",
                    "UNKNOWN_FIELD",
                    "known: grant_type, client_id, client_secret",
                ));
            }
        };
        if slot.is_some() || value.is_empty() || value.len() > TEXT_MAX {
            return Err(wrong(name, "MALFORMED", "given once, 1 to 256 bytes"));
        }
        *slot = Some(value);
        Ok(())
    }
}

fn wrong(field: &str, code: &str, detail: &str) -> Problem {
    let text = "the request for a token is malformed";
    Problem::new(StatusCode::BAD_REQUEST, error::FIELD, text)
        .errors(vec![FieldError::at(format!("#/{field}"), code, detail)])
        .oauth("invalid_request")
}

#[derive(serde::Serialize)]
struct Granted {
    access_token: String,
    token_type: &'static str,
    expires_in: u32,
}

/// Grants a token.
pub(super) async fn issue(
    app: &App,
    operation: &Operation,
    method: &Method,
    parts: &Parts,
    body: Body,
) -> Result<Response, Problem> {
    let asked = read(app, operation.route.body_max, parts, body).await?;
    if asked.grant_type.as_deref() != Some("client_credentials") {
        let text = "grant_type is client_credentials";
        let problem = Problem::new(StatusCode::BAD_REQUEST, error::GRANT, text);
        return Err(problem.oauth("unsupported_grant_type"));
    }
    let id = asked.client_id.ok_or_else(|| wrong("client_id", "MISSING", "required"))?;
    let secret = asked.client_secret;
    let secret = secret.ok_or_else(|| wrong("client_secret", "MISSING", "required"))?;
    app.limits.tokens.check(&id)?;
    let mut message = DynamicMessage::new(method.input.clone());
    for (field, text) in [("client_id", id), ("client_secret", secret)] {
        message.try_set_field_by_name(field, Value::String(text)).map_err(Problem::bug)?;
    }
    let peer = app.host.peers.to(&method.service, None);
    let answer = call::unary(peer, method, &message, app.config.request_timeout()).await;
    let answer = answer.map_err(|problem| match problem.status {
        StatusCode::UNAUTHORIZED => problem.oauth("invalid_client"),
        // Which part of the credentials is malformed is nobody's business.
        StatusCode::BAD_REQUEST => problem.errors(Vec::new()).oauth("invalid_client"),
        _ => problem,
    })?;
    let expires_in = answer.get_field_by_name("expires_in_s").and_then(|s| s.as_u32());
    let granted = Granted {
        access_token: text_of(&answer, "access_token"),
        token_type: "Bearer",
        expires_in: expires_in.unwrap_or_default(),
    };
    let mut response = json(StatusCode::OK, &granted)?;
    response.headers_mut().insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    Ok(response)
}

async fn read(app: &App, max: usize, parts: &Parts, body: Body) -> Result<Asked, Problem> {
    let mut asked = Asked::default();
    if let Some((id, secret)) = basic(&parts.headers)? {
        asked.set("client_id", id)?;
        asked.set("client_secret", secret)?;
    }
    let media = head::media(&parts.headers, &[FORM, JSON])?;
    let bytes = body::read(body, &parts.headers, max, pace(app)).await?;
    if media == FORM {
        for (name, value) in form_urlencoded::parse(&bytes) {
            asked.set(&name, value.into_owned())?;
        }
        return Ok(asked);
    }
    let Node::Object(fields) = strict::read(&bytes)? else {
        return Err(wrong("", "FIELD_TYPE", "an object is expected"));
    };
    for (name, node) in fields {
        match node {
            Node::Text(text) => asked.set(&name, text)?,
            _ => return Err(wrong("*", "FIELD_TYPE", "texts are expected")),
        }
    }
    Ok(asked)
}

/// Id and secret of `Authorization: Basic`, where it is given: what RFC 6749 prefers.
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, Problem> {
    if !headers.contains_key(header::AUTHORIZATION) {
        return Ok(None);
    }
    let decoded = head::single(headers, &header::AUTHORIZATION)
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, text)| STANDARD.decode(text.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    // Each part is form encoded (RFC 6749, 2.3.1); our ids and secrets need no encoding.
    let pair = decoded.as_deref().and_then(|text| text.split_once(':'));
    let (id, secret) = pair.ok_or_else(|| {
        let text = "Authorization is Basic with client id and secret, or absent";
        Problem::new(StatusCode::BAD_REQUEST, error::FIELD, text).oauth("invalid_request")
    })?;
    Ok(Some((id.to_owned(), secret.to_owned())))
}
