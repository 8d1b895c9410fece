//! Calls to our other services.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use colibri_types::TenantId;
use http::{HeaderValue, Request, Response, header::AUTHORIZATION};
use tonic::{
    Code, Status,
    body::Body,
    transport::{Channel, ClientTlsConfig, Endpoint},
};
use tower::Service;

use super::{REQUEST_ID_HEADER, context};
use crate::{
    auth::{Issuer, MintError, MintRequest, TENANT_HEADER},
    clock::SharedClock,
    config::RpcSection,
    fault::{BoxError, Fault, codes},
    telemetry::{metrics, trace},
};

/// Why there are no peers.
#[derive(Debug, thiserror::Error)]
pub enum PeersError {
    /// An address is none.
    #[error("address of {service}")]
    Address {
        /// Whose address.
        service: String,
        /// What is wrong.
        source: tonic::transport::Error,
    },
    /// Nobody said where it answers.
    #[error("kit.peers names no address of {0}")]
    Unknown(String),
}

/// Tokens by which this process proves which service it is; signed again at half their life.
#[derive(Clone, Debug)]
pub struct ServiceTokens(Arc<Tokens>);

#[derive(Debug)]
struct Tokens {
    issuer: Issuer,
    clock: SharedClock,
    service: String,
    scopes: Vec<String>,
    ttl: Duration,
    /// The header, and when (seconds since 1970) to make another.
    current: Mutex<Option<(HeaderValue, i64)>>,
}

impl ServiceTokens {
    /// Signs as `service`, with the scopes it needs at others. `clock` must be the issuer's.
    #[must_use]
    pub fn new(
        issuer: Issuer,
        clock: SharedClock,
        service: &str,
        scopes: Vec<String>,
        ttl: Duration,
    ) -> Self {
        Self(Arc::new(Tokens {
            issuer: issuer.clock(clock.clone()),
            clock,
            service: service.to_owned(),
            scopes,
            ttl,
            current: Mutex::new(None),
        }))
    }

    /// The value of `Authorization`.
    ///
    /// # Errors
    /// [`MintError`] when signing fails.
    pub fn bearer(&self) -> Result<HeaderValue, MintError> {
        let tokens = &self.0;
        let now = tokens.clock.now().unix_timestamp();
        let mut current = tokens.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((value, _)) = current.as_ref().filter(|(_, renew)| now < *renew) {
            return Ok(value.clone());
        }
        let token = tokens.issuer.mint(MintRequest {
            subject: tokens.service.clone(),
            tenant: None,
            scopes: tokens.scopes.clone(),
            ttl: tokens.ttl,
            service: Some(tokens.service.clone()),
        })?;
        let value = HeaderValue::from_str(&format!("Bearer {token}"));
        // Base64 and dots: always a header value.
        let mut value = value.unwrap_or_else(|_| HeaderValue::from_static(""));
        value.set_sensitive(true);
        let half = i64::try_from(tokens.ttl.as_secs() / 2).unwrap_or(i64::MAX);
        *current = Some((value.clone(), now.saturating_add(half)));
        Ok(value)
    }
}

/// Where our other services answer. Clones share connections, which open when first used.
#[derive(Clone, Debug)]
pub struct Peers(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    channels: BTreeMap<String, Channel>,
    tokens: ServiceTokens,
    timeout: Duration,
}

impl Peers {
    /// Service names to addresses (`http://vault:7400`, or `https`). Must be called inside the
    /// tokio runtime.
    ///
    /// # Errors
    /// [`PeersError::Address`] for the first that is none.
    pub fn new(
        addresses: &BTreeMap<String, String>,
        tokens: ServiceTokens,
        config: &RpcSection,
    ) -> Result<Self, PeersError> {
        let connect = Duration::from_millis(config.connect_timeout_ms);
        let open = |(service, url): (&String, &String)| {
            let channel = channel(url, connect)
                .map_err(|source| PeersError::Address { service: service.clone(), source })?;
            Ok((service.clone(), channel))
        };
        Ok(Self(Arc::new(Inner {
            channels: addresses.iter().map(open).collect::<Result<_, _>>()?,
            tokens,
            timeout: Duration::from_millis(config.peer_timeout_ms),
        })))
    }

    /// The service of this name, for no tenant yet.
    ///
    /// # Errors
    /// [`PeersError::Unknown`]: ask at start, so that a missing address is found then.
    pub fn channel(&self, service: &str) -> Result<Peer, PeersError> {
        if self.0.channels.contains_key(service) {
            Ok(self.to(service, None))
        } else {
            Err(PeersError::Unknown(service.to_owned()))
        }
    }

    /// The service of this name, on behalf of this tenant, for a generated client:
    /// `VaultClient::new(peers.to("vault", tenant))`. Without an address every call fails as
    /// unavailable.
    #[must_use]
    pub fn to(&self, service: &str, tenant: impl Into<Option<TenantId>>) -> Peer {
        Peer {
            service: service.into(),
            channel: self.0.channels.get(service).cloned(),
            tenant: tenant.into(),
            tokens: self.0.tokens.clone(),
            timeout: self.0.timeout,
        }
    }
}

fn channel(url: &str, connect: Duration) -> Result<Channel, tonic::transport::Error> {
    let mut endpoint = Endpoint::from_shared(url.to_owned())?
        .connect_timeout(connect)
        .tcp_nodelay(true)
        // A server that vanished is noticed within 25 s, also while nothing is asked.
        .http2_keep_alive_interval(Duration::from_secs(15))
        .keep_alive_timeout(Duration::from_secs(10))
        .keep_alive_while_idle(true);
    if endpoint.uri().scheme_str() == Some("https") {
        endpoint = endpoint.tls_config(ClientTlsConfig::new().with_webpki_roots())?;
    }
    Ok(endpoint.connect_lazy())
}

/// One service on behalf of one tenant. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Peer {
    service: Arc<str>,
    channel: Option<Channel>,
    tenant: Option<TenantId>,
    tokens: ServiceTokens,
    timeout: Duration,
}

impl Peer {
    /// The same service on behalf of another tenant.
    #[must_use]
    pub fn tenant(mut self, tenant: TenantId) -> Self {
        self.tenant = Some(tenant);
        self
    }

    /// Gives each call this long, but never more than is left of the call in progress.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    fn prepare(&self, request: &mut Request<Body>) -> Result<Duration, Status> {
        let bearer = self.tokens.bearer().map_err(|e| Status::from(Fault::bug(e)))?;
        let headers = request.headers_mut();
        let asked = headers.get("grpc-timeout").and_then(|v| v.to_str().ok());
        let asked = asked.and_then(context::parse_timeout);
        let left = context::deadline().unwrap_or(Duration::MAX);
        let time = asked.unwrap_or(self.timeout).min(left);
        if time.is_zero() {
            return Err(too_late());
        }
        headers.insert(AUTHORIZATION, bearer);
        headers.remove(TENANT_HEADER);
        let texts = [
            (TENANT_HEADER, self.tenant.map(|t| t.to_string())),
            (REQUEST_ID_HEADER, super::request_id()),
            ("grpc-timeout", Some(context::show_timeout(time))),
        ];
        for (name, text) in texts {
            if let Some(value) = text.and_then(|text| HeaderValue::try_from(text).ok()) {
                headers.insert(name, value);
            }
        }
        trace::inject_http(headers);
        Ok(time)
    }
}

fn too_late() -> Status {
    let text = "the deadline has passed";
    Fault::reject_as(Code::DeadlineExceeded, codes::DEADLINE, text).into()
}

/// The transports on both sides watch the same deadline as we do; whichever is first, it is one
/// and the same error. This is ours ...
fn timed_out(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source())
        .any(|error| error.is::<tonic::TimeoutExpired>())
}

/// ... and this the server's: no method of ours answers CANCELLED.
fn gave_up(response: &Response<Body>) -> bool {
    let headers = response.headers();
    headers.get("grpc-status").is_some_and(|status| status == "1")
        && !headers.contains_key("grpc-status-details-bin")
}

impl Service<Request<Body>> for Peer {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match &mut self.channel {
            Some(channel) => channel.poll_ready(cx).map_err(Into::into),
            None => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let time = match self.prepare(&mut request) {
            Ok(time) => time,
            Err(status) => return Box::pin(async { Err(status.into()) }),
        };
        let Some(channel) = &mut self.channel else {
            let text = format!("no address of {}", self.service);
            let status = Status::from(Fault::unavailable(codes::UNAVAILABLE, text));
            return Box::pin(async { Err(status.into()) });
        };
        let call = channel.call(request);
        let service = self.service.clone();
        Box::pin(async move {
            let begun = std::time::Instant::now();
            let result = match tokio::time::timeout(time, call).await {
                Ok(Ok(response)) if gave_up(&response) => Err(too_late().into()),
                Ok(Err(error)) if timed_out(&error) => Err(too_late().into()),
                Ok(result) => result.map_err(BoxError::from),
                Err(_) => Err(too_late().into()),
            };
            // Whether an answer came, not what it said: that the other side counts.
            let answered = if result.is_ok() { "yes" } else { "no" };
            let labels = [("service", &*service), ("answered", answered)];
            metrics::histogram("colibri_peer_seconds", &labels).observe(begun.elapsed());
            result
        })
    }
}
