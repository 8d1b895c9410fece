//! Webhooks of channels and carriers: bytes and the few headers that prove them, passed on as they
//! are. Accepted means stored: whatever else happens, the sender is told to send again.

use std::str::FromStr as _;

use axum::{body::Body, response::Response};
use colibri_types::AccountId;
use http::{HeaderMap, StatusCode, request::Parts};
use prost_reflect::{DynamicMessage, Value};

use super::{Path, nothing_here, pace};
use crate::{
    app::App,
    call,
    contract::{Method, Operation},
    input::{body, head},
    problem::Problem,
    routes::{Input, Sender},
};

impl Sender {
    /// What is told as the source of a bad delivery.
    const fn word(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::Carrier => "carrier",
        }
    }

    /// Types of bodies. A form is what WooCommerce tries an address out with.
    const fn media(self) -> &'static [&'static str] {
        match self {
            Self::Channel => &["application/json", "application/x-www-form-urlencoded"],
            Self::Carrier => &["application/json", "application/xml", "text/xml"],
        }
    }

    /// Whether a header can be part of the proof or describe the delivery. All others stay here:
    /// they may tell of people (addresses of proxies, cookies).
    fn takes(self, name: &str) -> bool {
        let shared = name == "content-type"
            || ["webhook-id", "webhook-timestamp", "webhook-signature"].contains(&name);
        shared
            || match self {
                Self::Channel => ["x-shopify-", "shopify-", "x-wc-webhook-"]
                    .iter()
                    .any(|prefix| name.starts_with(prefix)),
                // UPS sends what the tenant typed into its portal, in one of these.
                Self::Carrier => ["authorization", "credential", "x-api-key"].contains(&name),
            }
    }
}

/// Passes one delivery on.
pub(super) async fn deliver(
    app: &App,
    operation: &Operation,
    method: &Method,
    path: &Path,
    parts: &Parts,
    body: Body,
) -> Result<Response, Problem> {
    let Input::Delivery(sender) = operation.route.input else {
        return Err(Problem::bug("no delivery"));
    };
    let account = path.first().map(|(_, id)| id.as_str()).unwrap_or_default();
    let account = AccountId::from_str(account).map_err(|_| nothing_here())?;
    app.limits.hooks.check(account)?;
    head::media(&parts.headers, sender.media())?;
    let body = body::read(body, &parts.headers, operation.route.body_max, pace(app)).await?;
    let mut message = DynamicMessage::new(method.input.clone());
    let fields = [
        ("account_id", Value::String(account.to_string())),
        ("headers", headers(sender, method, &parts.headers)?),
        ("body", Value::Bytes(body)),
    ];
    for (field, value) in fields {
        message.try_set_field_by_name(field, value).map_err(Problem::bug)?;
    }
    // For no tenant: whose account it is, the service finds out.
    let peer = app.host.peers.to(&method.service, None);
    let answer = call::unary(peer, method, &message, app.config.request_timeout()).await;
    answer.map_err(|problem| match problem.status.is_client_error() {
        true => problem.errors(Vec::new()).source(sender.word()),
        false => problem,
    })?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::ACCEPTED;
    Ok(response)
}

fn headers(sender: Sender, method: &Method, given: &HeaderMap) -> Result<Value, Problem> {
    let field = method.input.get_field_by_name("headers");
    let kind = field.map(|field| field.kind());
    let of = kind.as_ref().and_then(|kind| kind.as_message());
    let of = of.ok_or_else(|| Problem::bug("a delivery without headers"))?;
    let mut list = Vec::new();
    for (name, value) in given {
        let text = value.to_str().ok().filter(|_| sender.takes(name.as_str()));
        let Some(text) = text else { continue };
        let mut header = DynamicMessage::new(of.clone());
        for (field, text) in [("name", name.as_str()), ("value", text)] {
            let value = Value::String(text.to_owned());
            header.try_set_field_by_name(field, value).map_err(Problem::bug)?;
        }
        list.push(Value::Message(header));
    }
    Ok(Value::List(list))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_proofs_pass() {
        for name in ["x-shopify-hmac-sha256", "x-wc-webhook-signature", "content-type"] {
            assert!(Sender::Channel.takes(name), "{name}");
        }
        for channel in colibri_channels::all() {
            for name in channel.info().signature_headers {
                assert!(Sender::Channel.takes(name), "{name}");
            }
        }
        for name in ["authorization", "cookie", "x-forwarded-for", "user-agent", "x-api-key"] {
            assert!(!Sender::Channel.takes(name), "{name}");
        }
        for name in ["authorization", "credential", "x-api-key"] {
            assert!(Sender::Carrier.takes(name), "{name}");
        }
        for name in ["cookie", "x-forwarded-for", "x-wc-webhook-signature", "proxy-authorization"] {
            assert!(!Sender::Carrier.takes(name), "{name}");
        }
    }
}
