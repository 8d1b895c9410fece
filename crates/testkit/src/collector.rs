//! A collector of traces and metrics that keeps every byte it is sent.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use futures::future::BoxFuture;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use tonic::{body::Body, server::NamedService, service::Routes};
use tower::Service;

type Seen = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// Takes whatever is exported over OTLP/gRPC, until the test's runtime ends.
#[derive(Debug, Clone)]
pub struct Collector {
    seen: Seen,
    address: SocketAddr,
}

impl Collector {
    /// Listens on loopback.
    pub async fn start() -> Self {
        let seen = Seen::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Routes::new(Sink::<true>(seen.clone()));
        let routes = routes.add_service(Sink::<false>(seen.clone()));
        let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
        let server = tonic::transport::Server::builder().add_routes(routes);
        tokio::spawn(server.serve_with_incoming(incoming));
        Self { seen, address }
    }

    /// For `kit.otlp_endpoint`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything so far: path of the call, bytes of the message.
    #[must_use]
    pub fn seen(&self) -> Vec<(String, Vec<u8>)> {
        self.seen.lock().unwrap().clone()
    }

    /// Whether a call whose path holds `path` brought this text.
    #[must_use]
    pub fn holds(&self, path: &str, text: &str) -> bool {
        self.seen.lock().unwrap().iter().any(|(to, body)| {
            to.contains(path) && body.windows(text.len()).any(|w| w == text.as_bytes())
        })
    }
}

/// One of the two services, which answers with an empty message.
#[derive(Clone)]
struct Sink<const TRACES: bool>(Seen);

impl NamedService for Sink<true> {
    const NAME: &'static str = "opentelemetry.proto.collector.trace.v1.TraceService";
}

impl NamedService for Sink<false> {
    const NAME: &'static str = "opentelemetry.proto.collector.metrics.v1.MetricsService";
}

impl<const TRACES: bool> Service<Request<Body>> for Sink<TRACES> {
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
