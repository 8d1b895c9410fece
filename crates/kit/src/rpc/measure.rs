//! Counts a call once, when its last byte is known to be on its way, or when it is dropped.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};

use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tonic::{Code, Status, body::Body};

use crate::telemetry::metrics;

/// A call in progress.
#[derive(Debug)]
pub(super) struct Measure {
    /// The path when it is a known one: labels must be few.
    method: String,
    begun: Instant,
    /// Until anything else is known: whoever asked has gone away.
    code: Code,
}

impl Measure {
    pub(super) fn begin(method: &str) -> Self {
        metrics::gauge("colibri_rpc_in_flight", &[]).add(1);
        Self { method: method.to_owned(), begun: Instant::now(), code: Code::Cancelled }
    }

    /// Follows the answer to its end.
    pub(super) fn follow(mut self, response: http::Response<Body>) -> http::Response<Body> {
        if let Some(code) = code(response.headers()) {
            self.code = code;
        }
        response.map(|inner| Body::new(Followed { inner, measure: self }))
    }
}

impl Drop for Measure {
    fn drop(&mut self) {
        let code = name(self.code);
        let took = self.begun.elapsed();
        metrics::gauge("colibri_rpc_in_flight", &[]).add(-1);
        let labels = [("method", self.method.as_str()), ("code", code)];
        metrics::histogram("colibri_rpc_seconds", &labels).observe(took);
        let duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        tracing::debug!(method = self.method, code, duration_us, "call answered");
    }
}

struct Followed {
    inner: Body,
    measure: Measure,
}

impl HttpBody for Followed {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(code) = frame.trailers_ref().and_then(code) {
                    self.measure.code = code;
                }
            }
            Poll::Ready(Some(Err(status))) => self.measure.code = status.code(),
            _ => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

fn code(headers: &http::HeaderMap) -> Option<Code> {
    let value = headers.get("grpc-status")?;
    Some(Code::from_bytes(value.as_bytes()))
}

/// As the specification spells it.
fn name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
