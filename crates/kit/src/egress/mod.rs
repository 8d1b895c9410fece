//! The one door to the outside: HTTP with time-outs, a rate limit and a circuit breaker per
//! destination account, and a kill switch. Retries are the intent's matter, never this module's.
//!
//! Whether bytes may have left is part of every error: a purchase must know.

mod breaker;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use crate::telemetry::metrics;
use breaker::Lane;

/// A call to the outside.
#[derive(Debug, Clone)]
pub struct Request {
    /// Method.
    pub method: http::Method,
    /// Absolute URL; plain http only on loopback.
    pub url: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Bytes,
    /// Whole call, from the first byte to the last; shorter than the intent's lease.
    pub timeout: Duration,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Bytes,
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    /// Nothing has left: the kill switch, the breaker, the rate limit, or no connection.
    #[error("not sent: {reason}")]
    NotSent {
        /// Why.
        reason: &'static str,
        /// When to try again.
        after: Option<Duration>,
    },
    /// Bytes may have left and no whole answer came.
    #[error("answer lost: {reason}")]
    Lost {
        /// What happened.
        reason: &'static str,
    },
}

/// Limits of one destination account.
#[derive(Debug, Clone, Copy)]
pub struct EgressLimits {
    /// Calls a second, with bursts of as many.
    pub per_second: u32,
    /// Consecutive failures after which the breaker opens.
    pub failures_max: u32,
    /// How long an open breaker refuses before it lets one probe through.
    pub open_for: Duration,
}

impl Default for EgressLimits {
    fn default() -> Self {
        // Generous: carriers publish no figures; an account states its own.
        Self { per_second: 2000, failures_max: 20, open_for: Duration::from_secs(5) }
    }
}

/// Largest answer read: labels are far smaller, and a carrier's mistake must not fill memory.
const ANSWER_MAX: usize = 8 * 1024 * 1024;

/// The door. Cheap to clone.
#[derive(Clone)]
pub struct Egress {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    lanes: Arc<Mutex<HashMap<String, Arc<Lane>>>>,
    limits: EgressLimits,
}

impl std::fmt::Debug for Egress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Egress")
    }
}

impl Egress {
    /// A door with these limits per destination account.
    #[must_use]
    pub fn new(limits: EgressLimits) -> Self {
        let https = hyper_rustls::HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .build();
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(64)
            // A reused connection that was closed under a purchase must not send it twice.
            .retry_canceled_requests(false)
            .build(https);
        Self { client, lanes: Arc::default(), limits }
    }

    fn lane(&self, account: &str) -> Arc<Lane> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = lanes.entry(account.to_owned());
        lane.or_insert_with(|| Arc::new(Lane::new(self.limits))).clone()
    }

    /// Stops or allows all calls of an account, at once.
    pub fn kill(&self, account: &str, stopped: bool) {
        self.lane(account).kill(stopped);
    }

    /// Calls out for an account.
    ///
    /// # Errors
    /// [`EgressError::NotSent`] promises that no byte has left.
    pub async fn send(&self, account: &str, request: Request) -> Result<Response, EgressError> {
        let lane = self.lane(account);
        lane.admit().await?;
        let result = self.exchange(request).await;
        lane.note(match &result {
            Ok(response) => response.status < 500 && response.status != 429,
            Err(_) => false,
        });
        result
    }

    async fn exchange(&self, request: Request) -> Result<Response, EgressError> {
        let uri: http::Uri = request.url.parse().map_err(|_| not_sent("malformed URL"))?;
        let loopback = matches!(uri.host(), Some("127.0.0.1" | "localhost" | "[::1]"));
        if uri.scheme_str() != Some("https") && !loopback {
            return Err(not_sent("plain http is for loopback only"));
        }
        let host = uri.authority().map_or("", http::uri::Authority::as_str);
        let spent = metrics::histogram("egress_seconds", &[("host", host)]);
        let mut builder = http::Request::builder().method(request.method).uri(uri);
        for (name, value) in &request.headers {
            builder = builder.header(name.as_str(), value.as_str());
        }
        let body = Full::new(request.body);
        let message = builder.body(body).map_err(|_| not_sent("malformed header"))?;
        let exchange = async {
            let response = self.client.request(message).await.map_err(|error| {
                if error.is_connect() {
                    not_sent("no connection")
                } else {
                    EgressError::Lost { reason: "connection lost" }
                }
            })?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, ANSWER_MAX)
                .collect()
                .await
                .map_err(|_| EgressError::Lost { reason: "answer cut or too large" })?
                .to_bytes();
            let headers = parts.headers.iter().filter_map(|(name, value)| {
                value.to_str().ok().map(|value| (name.as_str().to_owned(), value.to_owned()))
            });
            Ok(Response { status: parts.status.as_u16(), headers: headers.collect(), body })
        };
        let start = tokio::time::Instant::now();
        let answer = tokio::time::timeout(request.timeout, exchange).await;
        spent.observe(start.elapsed());
        answer.unwrap_or(Err(EgressError::Lost { reason: "time-out" }))
    }
}

const fn not_sent(reason: &'static str) -> EgressError {
    EgressError::NotSent { reason, after: None }
}
