//! Server-sent events: one for each message of a stream.

use std::{convert::Infallible, time::Duration};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use colibri_kit::shutdown::Shutdown;
use futures::stream;
use http::StatusCode;
use prost_reflect::DynamicMessage;
use tokio::{sync::OwnedSemaphorePermit, time::Instant};

use super::Asked;
use crate::{
    call::{self, Messages},
    codec::Json,
    input::head,
    problem::Problem,
};

/// Media type.
pub(super) const MEDIA: &str = "text/event-stream";

/// Between two signs of life: proxies close what is silent for 30 s or more.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// Header by which a client that connects again says what it has seen.
const LAST_SEEN: http::HeaderName = http::HeaderName::from_static("last-event-id");

struct Open {
    messages: Messages,
    until: Instant,
    shutdown: Shutdown,
    base: String,
    /// Version that the client has seen.
    seen: u64,
    ended: bool,
    _place: OwnedSemaphorePermit,
}

/// The stream. It ends with the parcel's journey, at shutdown, or when its time is over; clients
/// connect again by themselves.
pub(super) async fn answer(
    asked: &Asked<'_>,
    message: &DynamicMessage,
) -> Result<Response, Problem> {
    let app = asked.app;
    let place = app.limits.stream()?;
    let seen = head::single(&asked.parts.headers, &LAST_SEEN);
    let time = app.config.request_timeout();
    let open = Open {
        messages: call::streaming(asked.peer(), asked.method, message, time).await?,
        until: Instant::now() + app.config.stream_max(),
        shutdown: app.shutdown.clone(),
        base: app.base().to_owned(),
        seen: seen.and_then(|text| text.parse().ok()).unwrap_or_default(),
        ended: false,
        _place: place,
    };
    let events = stream::unfold(open, |mut open| async move {
        let event = open.next().await?;
        Some((Ok::<_, Infallible>(event), open))
    });
    Ok(super::with_type(StatusCode::OK, MEDIA, Body::from_stream(events)))
}

impl Open {
    /// The next piece of the stream; `None` at its end.
    async fn next(&mut self) -> Option<Bytes> {
        while !self.ended {
            let next = tokio::select! {
                next = self.messages.next() => next,
                () = tokio::time::sleep(SIGN_OF_LIFE) => return Some(Bytes::from_static(b":\n\n")),
                () = tokio::time::sleep_until(self.until) => return None,
                () = self.shutdown.triggered() => return None,
            };
            match next {
                Ok(Some(message)) => {
                    let version = message.get_field_by_name("version");
                    let version = version.and_then(|v| v.as_u64()).unwrap_or_default();
                    if version > self.seen || version == 0 {
                        return Some(self.event(&message, version));
                    }
                }
                Ok(None) => return None,
                Err(problem) => {
                    self.ended = true;
                    return Some(self.problem(&problem));
                }
            }
        }
        None
    }

    fn event(&mut self, message: &DynamicMessage, version: u64) -> Bytes {
        match serde_json::to_string(&Json::new(message)) {
            Ok(text) => Bytes::from(format!("event: parcel\nid: {version}\ndata: {text}\n\n")),
            Err(cause) => {
                self.ended = true;
                self.problem(&Problem::bug(cause))
            }
        }
    }

    fn problem(&self, problem: &Problem) -> Bytes {
        let data = problem.line(&self.base);
        Bytes::from(format!("event: problem\ndata: {data}\n\n"))
    }
}
