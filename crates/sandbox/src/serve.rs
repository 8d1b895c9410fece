//! Listeners and connections: HTTP/1.1 on loopback, bounded, stopped in order.

use std::{pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use colibri_carriers::HttpResponse;
use colibri_kit::shutdown::Shutdown;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tracing::{debug, warn};

use crate::{
    admin::{self, Asked},
    answer::{Answer, AnswerBody, plain},
    host::{Arrived, Host},
    payments::Counter,
};

/// Largest request read: a purchase with customs papers is far smaller.
const BODY_MAX: usize = 8 * 1024 * 1024;
/// Connections at one time and port. More wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 1024;
/// After a refused accept, which means that the process has no descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Who answers on a port.
#[derive(Clone)]
pub enum Target {
    /// One carrier, with our own paths beside it.
    Carrier(Arc<Host>),
    /// Our own paths of all carriers, each below its id.
    Admin(Arc<admin::Directory>),
    /// The payment side.
    Payments(Arc<Counter>),
}

/// The connection is closed without a byte.
#[derive(Debug, thiserror::Error)]
#[error("no answer on purpose")]
struct NoAnswer;

/// Accepts until the sandbox stops.
pub async fn listen(listener: TcpListener, target: Target, shutdown: Shutdown) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let accepted = async {
            let slot = Arc::clone(&slots).acquire_owned().await;
            (slot, listener.accept().await)
        };
        let (slot, accepted) = tokio::select! {
            () = shutdown.triggered() => return,
            accepted = accepted => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let (target, inner) = (target.clone(), shutdown.clone());
                shutdown.spawn("connection", async move {
                    let _slot = slot;
                    serve(stream, target, inner).await;
                });
            }
            Err(error) => {
                warn!(%error, "connection not accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, target: Target, shutdown: Shutdown) {
    // Small answers leave at once; without it each waits for the client's acknowledgement.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| handle(&target, &shutdown, request));
    // No time-out for idle connections: one closed under a purchase would be a fault that no
    // profile asked for. No date header: ours would tell real time, not the sandbox's.
    let connection = http1::Builder::new()
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = shutdown.triggered() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        // A fault on purpose, or a client that went away.
        debug!(%error, "connection ended early");
    }
}

async fn handle(
    target: &Target,
    shutdown: &Shutdown,
    request: http::Request<Incoming>,
) -> Result<http::Response<AnswerBody>, NoAnswer> {
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, BODY_MAX).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return reply(Answer::whole(plain(413, "at most 8 MiB\n")));
        }
        // The client went away in the middle of its own request.
        Err(_) => return Err(NoAnswer),
    };
    let host = match (target, head.uri.path().strip_prefix(admin::PREFIX)) {
        (Target::Admin(all), rest) => {
            return reply(ours(&head, body, |asked| {
                rest.map_or_else(admin::nothing, |rest| all.answer(rest, &asked))
            }));
        }
        (Target::Payments(counter), _) => {
            let answer = counter.answer(&head, &body);
            return answer.map_or(Err(NoAnswer), |answer| reply(Answer::whole(answer)));
        }
        (Target::Carrier(host), Some(rest)) => {
            return reply(ours(&head, body, |asked| admin::answer(host, rest, &asked)));
        }
        (Target::Carrier(host), None) => host,
    };
    let outcome = host.answer(arrived(head, body));
    if let Some(delay) = outcome.delay {
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            () = shutdown.triggered() => {}
        }
    }
    outcome.answer.map_or(Err(NoAnswer), reply)
}

fn ours(
    head: &http::request::Parts,
    body: Bytes,
    answer: impl FnOnce(Asked<'_>) -> HttpResponse,
) -> Answer {
    let query = head.uri.query().unwrap_or_default();
    let content_type = head.headers.get(http::header::CONTENT_TYPE);
    let json = content_type.and_then(|kind| kind.to_str().ok()).is_some_and(|k| k.contains("json"));
    Answer::whole(answer(Asked { method: &head.method, query, json, body }))
}

fn arrived(head: http::request::Parts, body: Bytes) -> Arrived {
    let headers = head.headers.iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    Arrived {
        headers: headers.collect(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        method: head.method,
        body,
    }
}

fn reply(answer: Answer) -> Result<http::Response<AnswerBody>, NoAnswer> {
    let Answer { response, cut } = answer;
    let mut builder = http::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(name, value);
    }
    builder.body(AnswerBody::new(response.body, cut)).map_err(|error| {
        warn!(%error, "a simulator's answer is no HTTP and was not sent");
        NoAnswer
    })
}
