//! Connections: accepted up to a limit, closed when they say nothing, finished at shutdown.

use std::{
    net::IpAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::Router;
use colibri_kit::shutdown::Shutdown;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

use crate::config::Config;

/// Beyond our own limits on heads, so that those are told as problems and not by a closed
/// connection: this is what memory a head may take at all.
const HEAD_BYTES: usize = 64 << 10;
const HEAD_FIELDS: usize = 256;

/// Requests at once on one HTTP/2 connection.
const STREAMS_MAX: u32 = 128;

/// After a failed accept: it fails when the process has no more file handles, and then trying
/// again at once would burn a core.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Where a connection comes from: a proxy, where there is one before us.
#[derive(Debug, Clone, Copy)]
pub(crate) struct From(pub(crate) IpAddr);

/// Serves until shutdown.
pub(crate) async fn run(listener: TcpListener, router: Router, config: &Config, stop: Shutdown) {
    let places = Arc::new(Semaphore::new(config.connections_max));
    let builder = Arc::new(builder(config));
    let patience = config.header_timeout();
    loop {
        let place = tokio::select! {
            place = places.clone().acquire_owned() => place,
            () = stop.triggered() => return,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.triggered() => return,
        };
        let (stream, from) = match accepted {
            Ok((stream, address)) => (stream, From(address.ip())),
            Err(cause) => {
                tracing::warn!(%cause, "no connection accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let (builder, router, told) = (builder.clone(), router.clone(), stop.clone());
        stop.spawn("gateway connection", async move {
            connection((stream, from), &builder, router, patience, told).await;
            drop(place);
        });
    }
}

fn builder(config: &Config) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(config.header_timeout())
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEAD_FIELDS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(u32::try_from(HEAD_BYTES).unwrap_or(u32::MAX))
        // A peer that vanished is noticed within 40 s instead of hours.
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(10));
    builder
}

async fn connection(
    (stream, from): (TcpStream, From),
    builder: &Builder<TokioExecutor>,
    router: Router,
    patience: Duration,
    stop: Shutdown,
) {
    // Answers are small and whole: waiting to fill a packet helps nobody.
    let _ = stream.set_nodelay(true);
    let spoken = Arc::new(AtomicBool::new(false));
    let heard = spoken.clone();
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        heard.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(from);
        let mut router = router.clone();
        tower_call(&mut router, request)
    });
    let mut served = pin!(builder.serve_connection(TokioIo::new(stream), service));
    // The transport has limits for heads, but none for a peer that does not say which protocol
    // it speaks.
    let mut silence = pin!(tokio::time::sleep(patience));
    let (mut waiting, mut stopping) = (true, false);
    loop {
        tokio::select! {
            ended = served.as_mut() => {
                if let Err(cause) = ended {
                    tracing::debug!(cause = %cause, "a connection broke");
                }
                return;
            }
            () = &mut silence, if waiting => {
                waiting = false;
                if !spoken.load(Ordering::Relaxed) {
                    return;
                }
            }
            () = stop.triggered(), if !stopping => {
                stopping = true;
                served.as_mut().graceful_shutdown();
            }
        }
    }
}

fn tower_call(
    router: &mut Router,
    request: hyper::Request<Incoming>,
) -> impl Future<Output = Result<axum::response::Response, std::convert::Infallible>> + use<> {
    // A router is always ready.
    use tower::Service as _;
    router.call(request)
}
