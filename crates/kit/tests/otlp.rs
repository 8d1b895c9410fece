//! Traces and metrics reach a collector, also the last ones before the process ends.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use colibri_kit::telemetry::{self, LogFormat, TelemetryConfig, metrics, trace};
use futures::future::BoxFuture;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use tonic::{body::Body, server::NamedService, service::Routes};
use tower::Service;

type Seen = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// Takes whatever is exported and answers with an empty message.
#[derive(Clone)]
struct Collector<const TRACES: bool>(Seen);

impl NamedService for Collector<true> {
    const NAME: &'static str = "opentelemetry.proto.collector.trace.v1.TraceService";
}

impl NamedService for Collector<false> {
    const NAME: &'static str = "opentelemetry.proto.collector.metrics.v1.MetricsService";
}

impl<const TRACES: bool> Service<Request<Body>> for Collector<TRACES> {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let seen = self.0.clone();
        Box::pin(async move {
            let path = request.uri().path().to_owned();
            let body = request.into_body().collect().await.unwrap().to_bytes();
            seen.lock().unwrap().push((path, body.to_vec()));
            let empty = http_body_util::Full::from(&[0u8; 5][..]);
            let mut trailers = http::HeaderMap::new();
            trailers.insert("grpc-status", "0".parse().unwrap());
            let body = empty.with_trailers(std::future::ready(Some(Ok(trailers))));
            let response = Response::builder().header("content-type", "application/grpc");
            Ok(response.body(Body::new(body)).unwrap())
        })
    }
}

fn holds(seen: &Seen, path: &str, text: &str) -> bool {
    seen.lock().unwrap().iter().any(|(to, body)| {
        to.contains(path) && body.windows(text.len()).any(|w| w == text.as_bytes())
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_traces_and_metrics_are_exported() {
    let seen = Seen::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let routes = Routes::new(Collector::<true>(seen.clone()));
    let routes = routes.add_service(Collector::<false>(seen.clone()));
    let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
    let server = tonic::transport::Server::builder().add_routes(routes);
    tokio::spawn(server.serve_with_incoming(incoming));

    let config = TelemetryConfig {
        service: "labels".to_owned(),
        format: LogFormat::Json,
        level: "info".to_owned(),
        otlp_endpoint: Some(endpoint),
        trace_sample_percent: 100,
        metrics_export: Duration::from_secs(3600),
        panic_messages: false,
    };
    metrics::counter("colibri_before_total", &[("lane", "a-lane")]).inc();
    let guard = telemetry::init(&config).unwrap();
    metrics::histogram("colibri_after_seconds", &[]).observe(Duration::from_millis(3));
    let span = tracing::info_span!("a-span-of-work");
    let headers = span.in_scope(trace::headers);
    assert_eq!(headers.len(), 1, "{headers:?}");
    drop(span);
    assert!(telemetry::init(&config).is_err(), "one subscriber a process");
    drop(guard);

    for text in ["a-span-of-work", "labels"] {
        assert!(holds(&seen, "TraceService/Export", text), "{text}");
    }
    for text in ["colibri_before_total", "a-lane", "colibri_after_seconds_bucket"] {
        assert!(holds(&seen, "MetricsService/Export", text), "{text}");
    }
}
