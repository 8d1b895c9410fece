//! Health of a process, for orchestrators and people.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use serde_json::json;
use tokio::net::TcpListener;

use super::metrics;
use crate::shutdown::Shutdown;

/// Named conditions that must all hold before work is accepted. Clones share them.
///
/// A condition is named before it is tried, so that a process that hangs while starting is not
/// taken for ready.
#[derive(Debug, Clone, Default)]
pub struct Ready(Arc<Mutex<BTreeMap<String, Result<(), String>>>>);

impl Ready {
    /// No condition yet, which counts as ready.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that `condition` holds, or why it does not. Reasons are for operators: no secrets.
    pub fn set(&self, condition: &str, state: Result<(), String>) {
        let mut all = self.all();
        match all.get_mut(condition) {
            Some(known) => *known = state,
            None => {
                all.insert(condition.to_owned(), state);
            }
        }
    }

    /// Forgets a condition: its lane went to somebody else.
    pub fn remove(&self, condition: &str) {
        self.all().remove(condition);
    }

    /// Whether all conditions hold.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.all().values().all(Result::is_ok)
    }

    /// The conditions that do not hold, with reasons.
    #[must_use]
    pub fn reasons(&self) -> Vec<(String, String)> {
        let all = self.all();
        all.iter()
            .filter_map(|(name, state)| Some((name.clone(), state.as_ref().err()?.clone())))
            .collect()
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Result<(), String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves `/metrics`, `/healthz` and `/readyz` until shutdown. While draining `/readyz` says so:
/// a load balancer must look elsewhere before calls are refused.
///
/// # Errors
/// When the listener breaks.
pub async fn http(
    listener: TcpListener,
    ready: Ready,
    shutdown: Shutdown,
) -> Result<(), std::io::Error> {
    let stop = shutdown.clone();
    axum::serve(listener, routes(ready, shutdown))
        .with_graceful_shutdown(async move { stop.triggered().await })
        .await
}

fn routes(ready: Ready, shutdown: Shutdown) -> Router {
    Router::new()
        .route("/metrics", get(text))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(readyz))
        .with_state((ready, shutdown))
}

async fn text() -> ([(http::HeaderName, &'static str); 1], String) {
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(http::header::CONTENT_TYPE, kind)], metrics::render())
}

async fn readyz(
    State((ready, shutdown)): State<(Ready, Shutdown)>,
) -> (StatusCode, Json<serde_json::Value>) {
    let mut reasons: BTreeMap<String, String> = ready.reasons().into_iter().collect();
    if shutdown.is_triggered() {
        reasons.insert("process".to_owned(), "stopping".to_owned());
    }
    let status = if reasons.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({ "ready": reasons.is_empty(), "reasons": reasons });
    (status, Json(body))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use axum::body::Body;
    use http::Request;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    async fn get_path(routes: &Router, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = routes.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn readiness_tells_what_is_missing() {
        let (ready, shutdown) = (Ready::new(), Shutdown::new());
        let routes = routes(ready.clone(), shutdown.clone());
        ready.set("db", Err("connecting".to_owned()));
        ready.set("relay.labels.0", Ok(()));
        let (status, body) = get_path(&routes, "/readyz").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(body, r#"{"ready":false,"reasons":{"db":"connecting"}}"#);
        ready.set("db", Ok(()));
        assert_eq!(get_path(&routes, "/readyz").await.0, StatusCode::OK);
        shutdown.trigger();
        let (status, body) = get_path(&routes, "/readyz").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(body.contains("stopping"), "{body}");
        assert_eq!(get_path(&routes, "/healthz").await.0, StatusCode::OK);
    }

    #[tokio::test]
    async fn metrics_are_served_as_text() {
        metrics::counter("colibri_ready_test_total", &[]).inc();
        let routes = routes(Ready::new(), Shutdown::new());
        let (status, body) = get_path(&routes, "/metrics").await;
        assert_eq!(status, StatusCode::OK);
        assert!(body.contains("colibri_ready_test_total 1\n"), "{body}");
    }

    #[test]
    fn a_forgotten_condition_no_longer_counts() {
        let ready = Ready::new();
        ready.set("relay.labels.0", Err("elsewhere".to_owned()));
        assert!(!ready.is_ready());
        ready.remove("relay.labels.0");
        assert!(ready.is_ready() && ready.reasons().is_empty());
    }
}
