//! The orders of the demo, each by the door its channel has: signed webhooks and file imports.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use bytes::Bytes;
use colibri_kit::{
    egress::{Egress, EgressLimits, Request, Response},
    telemetry::metrics,
};
use serde_json::Value;

use crate::{
    merchant::{Merchant, WEBHOOK_SECRET},
    stack::Stack,
    token::operator,
};

const SHOPIFY: &str = include_str!("../../demo/orders/shopify.jsonl");
const WOOCOMMERCE: &str = include_str!("../../demo/orders/woocommerce.jsonl");
const CSV_FR: &[u8] = include_bytes!("../../demo/orders/orders-fr.csv");
const CSV_UK: &[u8] = include_bytes!("../../demo/orders/orders-uk.csv");

/// How often something is told, and how long after a 503 it is told again.
const TRIES: usize = 20;
const AGAIN: Duration = Duration::from_millis(500);

/// What went in, and what was answered.
#[derive(Debug, Default)]
pub struct Sent {
    /// What was told: webhook bodies, orders of files, and rows of files that were refused.
    pub orders: usize,
    /// Webhooks and rows that were refused with a reason.
    pub refused: Vec<String>,
    /// Webhooks that were taken in and whose order was then refused.
    pub refused_later: usize,
    /// Told twice on purpose, recognised as known.
    pub replayed: usize,
    /// Not about a parcel: only digital goods.
    pub ignored: usize,
}

/// Sends every order.
pub async fn all(stack: &Stack, merchant: &Merchant) -> anyhow::Result<Sent> {
    let egress = Egress::new(EgressLimits::default());
    let mut sent = Sent::default();
    let hooks = [
        (&merchant.shopify, SHOPIFY, shopify_headers as fn(&str, usize) -> Vec<(String, String)>),
        (&merchant.woocommerce, WOOCOMMERCE, woocommerce_headers),
    ];
    for (account, bodies, headers) in hooks {
        for (n, body) in bodies.lines().filter(|line| !line.is_empty()).enumerate() {
            let url = format!("{}/v1/hooks/channels/{account}", stack.rest);
            let response = post(&egress, url, headers(body, n), body.as_bytes().into()).await?;
            sent.orders += 1;
            note_webhook(&mut sent, &response)?;
        }
    }
    let token = stack.token(merchant.tenant, &operator())?;
    for (name, file) in [("orders-fr.csv", CSV_FR), ("orders-uk.csv", CSV_UK)] {
        let headers = vec![
            ("authorization".to_owned(), format!("Bearer {token}")),
            ("content-type".to_owned(), "text/csv".to_owned()),
            ("idempotency-key".to_owned(), format!("demo-{name}")),
        ];
        let url = format!("{}/v1/imports", stack.rest);
        let response = post(&egress, url, headers, Bytes::from_static(file)).await?;
        note_import(&mut sent, name, &response)?;
    }
    note_counters(&mut sent);
    Ok(sent)
}

async fn post(
    egress: &Egress,
    url: String,
    headers: Vec<(String, String)>,
    body: Bytes,
) -> anyhow::Result<Response> {
    let timeout = Duration::from_secs(30);
    let request = Request { method: http::Method::POST, url, headers, body, timeout };
    // As a channel does: 503 means that nothing was taken in, and to come again.
    for _ in 1..TRIES {
        let response = egress.send("demo", request.clone()).await?;
        if response.status != 503 {
            return Ok(response);
        }
        tokio::time::sleep(AGAIN).await;
    }
    Ok(egress.send("demo", request).await?)
}

fn signature(body: &str) -> String {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, WEBHOOK_SECRET.as_bytes());
    let tag = aws_lc_rs::hmac::sign(&key, body.as_bytes());
    base64::engine::general_purpose::STANDARD.encode(tag)
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn shopify_headers(body: &str, n: usize) -> Vec<(String, String)> {
    let delivery = format!("demo-delivery-{n}");
    owned(&[
        ("content-type", "application/json"),
        ("x-shopify-topic", "orders/create"),
        ("x-shopify-shop-domain", "colibri-demo.example"),
        ("x-shopify-webhook-id", &delivery),
        ("x-shopify-event-id", &delivery),
        ("x-shopify-hmac-sha256", &signature(body)),
    ])
}

fn woocommerce_headers(body: &str, n: usize) -> Vec<(String, String)> {
    let delivery = format!("demo-delivery-{n}");
    owned(&[
        ("content-type", "application/json"),
        ("x-wc-webhook-topic", "order.created"),
        ("x-wc-webhook-resource", "order"),
        ("x-wc-webhook-event", "created"),
        ("x-wc-webhook-source", "https://colibri-demo.example/"),
        ("x-wc-webhook-id", "1"),
        ("x-wc-webhook-delivery-id", &delivery),
        ("x-wc-webhook-signature", &signature(body)),
    ])
}

/// A webhook is answered without a body: accepted means stored, whatever it said.
fn note_webhook(sent: &mut Sent, response: &Response) -> anyhow::Result<()> {
    match response.status {
        202 => {}
        400..=422 => {
            let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
            let code = body.get("code").and_then(Value::as_str).unwrap_or("without a code");
            sent.refused.push(code.to_owned());
        }
        status => anyhow::bail!("the edge answered {status} to a webhook"),
    }
    Ok(())
}

/// What the orders service counted: deliveries that it knew already, and those not about parcels.
fn note_counters(sent: &mut Sent) {
    let count = |channel: &str, outcome: &str| {
        let labels = [("channel", channel), ("outcome", outcome)];
        let counted = metrics::counter("colibri_orders_webhooks_total", &labels).get();
        usize::try_from(counted).unwrap_or(0)
    };
    for channel in ["shopify", "woocommerce"] {
        sent.replayed += count(channel, "replayed");
        sent.refused_later += count(channel, "refused");
        sent.ignored += count(channel, "ignored");
    }
}

fn note_import(sent: &mut Sent, name: &str, response: &Response) -> anyhow::Result<()> {
    let body: Value = serde_json::from_slice(&response.body).context("an import's answer")?;
    ensure!((200..300).contains(&response.status), "import of {name}: {}", response.status);
    let count = |key: &str| {
        let value = body.get(key).and_then(Value::as_u64).unwrap_or(0);
        usize::try_from(value).unwrap_or(0)
    };
    sent.orders += count("accepted") + count("held") + count("replayed") + count("refused");
    sent.replayed += count("replayed");
    for report in body.get("reports").and_then(Value::as_array).into_iter().flatten() {
        let told = |key: &str| report.get(key).and_then(Value::as_str).unwrap_or_default();
        if !told("code").is_empty() && told("order_id").is_empty() {
            sent.refused.push(told("code").to_owned());
        }
    }
    Ok(())
}
