//! Trace context: W3C `traceparent` in and out of headers, whatever carries them.
//!
//! Without a collector there is no trace; then the request id stands in, so that an internal
//! error can always be found again.

use opentelemetry::{
    Context,
    propagation::{Extractor, Injector, TextMapPropagator as _},
    trace::TraceContextExt as _,
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// Most links of one span: past that a batch's span costs more than it tells.
pub const LINKS_MAX: usize = 64;

struct Pairs(Vec<(String, String)>);

impl Injector for Pairs {
    fn set(&mut self, key: &str, value: String) {
        self.0.push((key.to_owned(), value));
    }
}

struct Slice<'a>(&'a [(String, String)]);

impl Extractor for Slice<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        let found = self.0.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.as_str())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }
}

struct HttpIn<'a>(&'a http::HeaderMap);

impl Extractor for HttpIn<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}

struct HttpOut<'a>(&'a mut http::HeaderMap);

impl Injector for HttpOut<'_> {
    fn set(&mut self, key: &str, value: String) {
        let name = http::HeaderName::from_bytes(key.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value.parse()) {
            self.0.insert(name, value);
        }
    }
}

/// Headers that carry the present span on: stored with an outbox row, sent with a message.
/// Empty when nothing is traced.
#[must_use]
pub fn headers() -> Vec<(String, String)> {
    let mut pairs = Pairs(Vec::new());
    let propagator = TraceContextPropagator::new();
    propagator.inject_context(&Span::current().context(), &mut pairs);
    // An empty `tracestate` says nothing and costs bytes in every message.
    pairs.0.retain(|(_, value)| !value.is_empty());
    pairs.0
}

/// Links `span` to the span whose [`headers`] these are: for batches, where no single message is
/// the parent. Call it for at most [`LINKS_MAX`] messages.
pub fn link(span: &Span, headers: &[(String, String)]) {
    let context = TraceContextPropagator::new().extract(&Slice(headers));
    let remote = context.span().span_context().clone();
    if remote.is_valid() {
        span.add_link(remote);
    }
}

/// Makes the span whose [`headers`] these are the parent of `span`, which must be fresh.
pub fn set_parent(span: &Span, headers: &[(String, String)]) {
    adopt(span, TraceContextPropagator::new().extract(&Slice(headers)));
}

/// The same from HTTP headers, and gRPC metadata, which are HTTP headers.
pub fn set_parent_http(span: &Span, headers: &http::HeaderMap) {
    // Extracting allocates; most calls carry nothing.
    if headers.contains_key("traceparent") {
        adopt(span, TraceContextPropagator::new().extract(&HttpIn(headers)));
    }
}

/// Writes the present span into HTTP headers or gRPC metadata.
pub fn inject_http(headers: &mut http::HeaderMap) {
    let context = Span::current().context();
    if context.span().span_context().is_valid() {
        TraceContextPropagator::new().inject_context(&context, &mut HttpOut(headers));
    }
}

fn adopt(span: &Span, context: Context) {
    if context.span().span_context().is_valid() {
        // Fails only when there is no exporter (nothing to do) or the span has begun already.
        let _ = span.set_parent(context);
    }
}

/// Id by which the present work is found again: of its trace, else of its request, else new.
#[must_use]
pub fn id() -> String {
    let context = Span::current().context();
    let span = context.span();
    if span.span_context().is_valid() {
        return span.span_context().trace_id().to_string();
    }
    crate::rpc::request_id().unwrap_or_else(|| ulid::Ulid::new().to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use opentelemetry::trace::TracerProvider as _;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn traced<T>(run: impl FnOnce() -> T) -> T {
        let tracer = SdkTracerProvider::builder().build().tracer("test");
        let layer = tracing_opentelemetry::layer().with_tracer(tracer);
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, run)
    }

    #[test]
    fn a_parent_is_carried_through_headers_of_both_kinds() {
        traced(|| {
            let span = tracing::info_span!("work");
            set_parent(&span, &[("traceparent".to_owned(), PARENT.to_owned())]);
            let _in = span.enter();
            assert_eq!(id(), "0af7651916cd43dd8448eb211c80319c");
            let out = headers();
            assert_eq!(out.len(), 1, "{out:?}");
            assert!(out[0].1.starts_with("00-0af7651916cd43dd8448eb211c80319c-"));
            assert!(!out[0].1.contains("b7ad6b7169203331"));
            let mut http = http::HeaderMap::new();
            inject_http(&mut http);
            let inner = tracing::info_span!("inner");
            set_parent_http(&inner, &http);
            let trace = inner.context().span().span_context().trace_id();
            assert_eq!(trace.to_string(), "0af7651916cd43dd8448eb211c80319c");
        });
    }

    #[test]
    fn garbage_is_no_parent() {
        traced(|| {
            let span = tracing::info_span!("work");
            let bad = [("traceparent".to_owned(), "00-zz-1".to_owned())];
            set_parent(&span, &bad);
            link(&span, &bad);
            let _in = span.enter();
            assert_eq!(id().len(), 32);
        });
    }

    #[test]
    fn without_a_collector_there_are_no_headers_but_still_an_id() {
        assert!(headers().is_empty());
        assert!(!id().is_empty());
    }
}
