//! The log has one line for each request and nothing of anybody.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use serde_json::json;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::world::{World, key, order};

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_leaves_one_line_and_nobody_s_data() {
    let written = Written::default();
    let writer = written.clone();
    let all = EnvFilter::new("info,colibri_gateway=trace,colibri_kit=debug,colibri_orders=trace");
    let layer = fmt::layer().with_ansi(false).with_writer(move || writer.clone());
    tracing_subscriber::registry().with(all).with(layer).init();
    let world = World::for_orders().await;
    let api = world.clerk();
    let mut canary = order("CANARY-ID");
    canary["ship_to"]["name"] = json!("Camille Canary");
    canary["ship_to"]["lines"] = json!(["12 canary street"]);
    canary["note"] = json!("canary of a note");
    let id = ("request-id", "request-of-the-log-test");
    let made = api.post_with("/v1/orders", &[key("canary-key")[0], id], &canary).await;
    assert_eq!(made.status.as_u16(), 201, "{made:?}");
    let place = made.header("location").to_owned();
    api.get(&format!("{place}?reveal=true")).await;
    api.get("/v1/orders?page=canary-page").await;
    api.get("/canary/path").await;
    canary["ship_to"]["city"] = json!(["canary"]);
    api.post_with("/v1/orders", &key("canary-key"), &canary).await;
    let hook = format!("/v1/hooks/channels/{}", colibri_types::AccountId::generate());
    api.post_bytes(&hook, &[("x-shopify-topic", "canary")], "{\"canary\": 1}").await;
    world.nobody().post("/v1/token", &json!({ "grant_type": "canary" })).await;
    let (tenant, token) = (world.tenant.to_string(), api.token.clone());
    world.stop().await;

    let log = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    for secret in ["canary", "Canary", "CANARY", "Essais", "69003", token.as_str()] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("duration_ms=")).collect();
    let ours = |text: &str| lines.iter().filter(|line| line.contains(text)).count();
    assert_eq!(ours("POST /v1/orders: 201"), 1, "{log}");
    assert_eq!(ours("GET /v1/orders/{order_id}: 200"), 1, "{log}");
    assert_eq!(ours("GET none: 404"), 1, "{log}");
    assert_eq!(ours("POST /v1/hooks/channels/{account_id}: 404"), 1, "{log}");
    let line = lines.iter().find(|line| line.contains("request-of-the-log-test"));
    assert!(line.is_some_and(|line| line.contains(&tenant)), "{log}");
    // A site was made, then the seven above.
    assert_eq!(lines.len(), 8, "{log}");
}
