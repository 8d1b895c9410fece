//! The layer around all methods of a server, in the order a call passes it.

use std::{
    convert::Infallible,
    future::Future,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures::FutureExt as _;
use http::{HeaderMap, HeaderValue, Request, Response};
use tonic::{Code, Status, body::Body};
use tower::{Layer, Service};
use tracing::Instrument as _;

use super::{
    PolicyFn, REQUEST_ID_HEADER, RpcConfig, Rules, SharedRules, context, measure::Measure,
};
use crate::{
    auth::{AuthError, TENANT_HEADER, Verifier, bearer},
    fault::{Fault, codes},
    telemetry::trace,
};

/// Services of the protocol itself; they tell nothing of anybody.
const OPEN: &[&str] = &["/grpc.health.v1.Health/", "/grpc.reflection.v1."];

/// The transport watches the same deadline a moment later; being first keeps the public code.
const HEAD_START: Duration = Duration::from_millis(2);

#[derive(Clone, Debug)]
pub(super) struct EdgeLayer(SharedRules);

impl EdgeLayer {
    pub(super) fn new(verifier: Verifier, policy: PolicyFn, config: &RpcConfig) -> Self {
        Self(Arc::new(Rules {
            verifier,
            policy,
            deadline_default: config.deadline_default,
            deadline_max: config.deadline_max,
        }))
    }
}

impl<S> Layer<S> for EdgeLayer {
    type Service = Edge<S>;

    fn layer(&self, inner: S) -> Edge<S> {
        Edge { inner, rules: self.0.clone() }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Edge<S> {
    inner: S,
    rules: SharedRules,
}

impl<S> Service<Request<Body>> for Edge<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // The clone is not ready, this one is: take it and leave the clone.
        let clone = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, clone);
        let rules = self.rules.clone();
        Box::pin(async move { Ok(answer(rules, inner, request).await) })
    }
}

async fn answer<S>(rules: SharedRules, inner: S, request: Request<Body>) -> Response<Body>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let path = request.uri().path().to_owned();
    let id = request_id(request.headers());
    let known = is_open(&path) || (rules.policy)(&path).is_some();
    let method = if known { path.as_str() } else { "unknown" };
    let measure = Measure::begin(method);
    let span = tracing::info_span!(
        "rpc",
        otel.name = method,
        otel.kind = "server",
        rpc.system = "grpc",
        request_id = id,
    );
    trace::set_parent_http(&span, request.headers());
    let time = time_given(&rules, request.headers());
    let work = guarded(&rules, inner, request, time);
    let mut response = context::within(id.clone(), time, work).instrument(span).await;
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID_HEADER, id);
    }
    measure.follow(response)
}

async fn guarded<S>(
    rules: &Rules,
    mut inner: S,
    mut request: Request<Body>,
    time: Duration,
) -> Response<Body>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
{
    let work = async {
        if let Err(fault) = admit(rules, &mut request).await {
            return Status::from(fault).into_http();
        }
        match inner.call(request).await {
            Ok(response) => dress(response),
            Err(never) => match never {},
        }
    };
    let work = AssertUnwindSafe(work).catch_unwind();
    match tokio::time::timeout(time, work).await {
        Ok(Ok(response)) => response,
        // The hook has logged the place.
        Ok(Err(_)) => Status::from(Fault::bug("a method panicked")).into_http(),
        Err(_) => public(Code::DeadlineExceeded, codes::DEADLINE, "the deadline has passed"),
    }
}

/// Lets a call in, or says why not. Scopes are looked at before anything the call names.
async fn admit(rules: &Rules, request: &mut Request<Body>) -> Result<(), Fault> {
    let path = request.uri().path();
    if is_open(path) {
        return Ok(());
    }
    let Some(policy) = (rules.policy)(path) else {
        let text = "no such method is served here";
        return Err(Fault::reject_as(Code::Unimplemented, codes::UNKNOWN_METHOD, text));
    };
    if !policy.public {
        let token = bearer(request.headers())?;
        let caller = rules.verifier.verify(token).await?;
        let tenant = request.headers().get(TENANT_HEADER);
        let tenant = tenant.map(|value| value.to_str().map_err(|_| AuthError::Malformed));
        let caller = (*caller).clone().acting_for(tenant.transpose()?)?;
        let held = policy.scopes.iter().any(|scope| caller.holds(scope));
        if let (false, [first, ..]) = (held, policy.scopes) {
            caller.require(first)?;
        }
        if policy.tenant {
            caller.tenant()?;
        }
        request.extensions_mut().insert(caller);
    }
    // Nothing behind this point needs it, so nothing can log or forward it.
    request.headers_mut().remove(http::header::AUTHORIZATION);
    Ok(())
}

/// Gives the transport's own errors their public codes.
fn dress(response: Response<Body>) -> Response<Body> {
    let headers = response.headers();
    if headers.contains_key("grpc-status-details-bin") {
        return response;
    }
    match headers.get("grpc-status").map(HeaderValue::as_bytes) {
        // What tonic answers to a message beyond the decoding limit. Its wording is not ours to
        // rely on, but no method of ours answers OUT_OF_RANGE without details.
        Some(b"11") => {
            public(Code::ResourceExhausted, codes::TOO_LARGE, "the message is too large")
        }
        Some(b"12") => {
            public(Code::Unimplemented, codes::UNKNOWN_METHOD, "no such method is served here")
        }
        _ => response,
    }
}

fn public(status: Code, code: &'static str, text: &str) -> Response<Body> {
    Status::from(Fault::reject_as(status, code, text)).into_http()
}

fn is_open(path: &str) -> bool {
    OPEN.iter().any(|prefix| path.starts_with(prefix))
}

fn time_given(rules: &Rules, headers: &HeaderMap) -> Duration {
    let asked = headers
        .get("grpc-timeout")
        .and_then(|value| value.to_str().ok())
        .and_then(context::parse_timeout);
    match asked {
        Some(time) => time.saturating_sub(HEAD_START).min(rules.deadline_max),
        None => rules.deadline_default.min(rules.deadline_max),
    }
}

/// The caller's id when it looks like one (it goes to logs), else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID_HEADER).and_then(|v| v.to_str().ok());
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    given
        .filter(|id| (8..=64).contains(&id.len()) && id.chars().all(plain))
        .map_or_else(|| ulid::Ulid::new().to_string(), str::to_owned)
}
