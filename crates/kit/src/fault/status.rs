//! Faults as `google.rpc.Status`, and back.

use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};
use tracing::{debug, error};

use super::{Fault, FieldViolation, chain, codes};
use crate::telemetry::trace;

/// Domain of `ErrorInfo`: with the reason it names an error world-wide.
pub const DOMAIN: &str = "colibri";

/// How long a caller is told to wait when we do not know better: long enough to spare a database
/// that is coming back, short enough that nobody notices.
const RETRY_AFTER: Duration = Duration::from_secs(1);

impl From<Fault> for Status {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Retry { after, ref source } => {
                debug!(error = chain(source.as_ref()), "answered unavailable");
                let mut details = info(codes::UNAVAILABLE);
                details.set_retry_info(Some(after.unwrap_or(RETRY_AFTER)));
                let text = "temporarily unavailable, try again";
                Self::with_error_details(Code::Unavailable, text, details)
            }
            Fault::Reject { status, code, reason, fields, source } => {
                if let Some(source) = source {
                    debug!(code, error = chain(source.as_ref()), "answered {code}");
                }
                let mut details = info(code);
                if !fields.is_empty() {
                    let fields: Vec<_> = fields.into_iter().map(violation).collect();
                    details.set_bad_request(fields);
                }
                Self::with_error_details(status, reason, details)
            }
            Fault::Bug { ref source } => {
                let id = trace::id();
                error!(trace_id = id, error = chain(source.as_ref()), "bug: {id}");
                internal(&id)
            }
        }
    }
}

/// The answer to a bug: a trace id and nothing else.
pub(crate) fn internal(trace_id: &str) -> Status {
    let metadata = [("trace_id".to_owned(), trace_id.to_owned())];
    let details = ErrorDetails::with_error_info(codes::INTERNAL, DOMAIN, metadata);
    let text = format!("internal error, trace {trace_id}");
    Status::with_error_details(Code::Internal, text, details)
}

fn info(code: &str) -> ErrorDetails {
    ErrorDetails::with_error_info(code, DOMAIN, [])
}

fn violation(violation: FieldViolation) -> tonic_types::FieldViolation {
    let mut out = tonic_types::FieldViolation::new(violation.field, violation.description);
    out.reason = violation.code;
    out
}

/// A gRPC error read back: what a gateway or a calling service needs of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code:?} {}: {message}", reason.as_deref().unwrap_or("without public code"))]
pub struct RpcError {
    /// gRPC code.
    pub code: Code,
    /// Public code, when the answer came from one of our services.
    pub reason: Option<String>,
    /// For developers, in English.
    pub message: String,
    /// Fields at fault.
    pub fields: Vec<FieldViolation>,
    /// When to try again, if it said so.
    pub retry_after: Option<Duration>,
    /// Trace of an internal error.
    pub trace_id: Option<String>,
}

impl RpcError {
    /// Reads the details of a status. Details that do not parse count as absent.
    #[must_use]
    pub fn from_status(status: &Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info().filter(|info| info.domain == DOMAIN);
        let fields = details.bad_request().map(|bad| {
            let one = |violation: &tonic_types::FieldViolation| FieldViolation {
                field: violation.field.clone(),
                code: violation.reason.clone(),
                description: violation.description.clone(),
            };
            bad.field_violations.iter().map(one).collect()
        });
        Self {
            code: status.code(),
            reason: info.map(|info| info.reason.clone()),
            message: status.message().to_owned(),
            fields: fields.unwrap_or_default(),
            retry_after: details.retry_info().and_then(|retry| retry.retry_delay),
            trace_id: info.and_then(|info| info.metadata.get("trace_id").cloned()),
        }
    }

    /// Whether the same call may succeed later without any change.
    #[must_use]
    pub fn clears_by_itself(&self) -> bool {
        matches!(
            self.code,
            Code::Unavailable
                | Code::DeadlineExceeded
                | Code::Cancelled
                | Code::Aborted
                | Code::ResourceExhausted
        )
    }
}

/// What a failed call to another service is by default: retried when it clears by itself or the
/// connection broke, else a bug of ours. A caller that expects a rejection reads [`RpcError`] first.
impl From<Status> for Fault {
    fn from(status: Status) -> Self {
        let error = RpcError::from_status(&status);
        // One with a cause was made on this side of the wire: the connection broke.
        let broke = std::error::Error::source(&status).is_some();
        if error.clears_by_itself() || broke {
            Self::Retry { after: error.retry_after, source: error.into() }
        } else {
            Self::bug(error)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;

    fn over_the_wire(fault: Fault) -> RpcError {
        let (parts, _) = Status::from(fault).into_http::<String>().into_parts();
        RpcError::from_status(&Status::from_header_map(&parts.headers).unwrap())
    }

    #[test]
    fn a_rejection_survives_the_wire() {
        let fault = Fault::not_found("ORD0002", "no such order")
            .field("order_id", "UNKNOWN", "not an order of this tenant")
            .caused_by(std::io::Error::other("select came back empty"));
        let read = over_the_wire(fault);
        assert_eq!(read.code, Code::NotFound);
        assert_eq!(read.reason.as_deref(), Some("ORD0002"));
        assert_eq!(read.message, "no such order");
        assert_eq!(read.fields[0].field, "order_id");
        assert_eq!(read.fields[0].code, "UNKNOWN");
        assert_eq!(read.fields[0].description, "not an order of this tenant");
        assert_eq!(read.retry_after, None);
        assert!(!read.clears_by_itself());
    }

    #[test]
    fn a_bug_tells_a_trace_id_and_nothing_else() {
        let fault = Fault::bug(std::io::Error::other("password=hunter2"));
        let (parts, _) = Status::from(fault).into_http::<String>().into_parts();
        assert!(!format!("{:?}", parts.headers).contains("hunter2"));
        let read = RpcError::from_status(&Status::from_header_map(&parts.headers).unwrap());
        assert_eq!(read.code, Code::Internal);
        assert_eq!(read.reason.as_deref(), Some(codes::INTERNAL));
        let id = read.trace_id.unwrap();
        assert!(!id.is_empty() && read.message.contains(&id));
    }

    #[test]
    fn a_retry_says_when() {
        let wait = Duration::from_secs(7);
        let read = over_the_wire(Fault::retry_after(wait, std::io::Error::other("db away")));
        assert_eq!(read.code, Code::Unavailable);
        assert_eq!(read.retry_after, Some(wait));
        let again = Status::with_error_details(Code::Unavailable, "away", {
            let mut details = ErrorDetails::new();
            details.set_retry_info(Some(wait));
            details
        });
        match Fault::from(again) {
            Fault::Retry { after, .. } => assert_eq!(after, Some(wait)),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_connection_that_broke_is_worth_another_try() {
        let broke = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        let status = Status::from_error(broke.into());
        assert_eq!(status.code(), Code::Unknown);
        assert_eq!(Fault::from(status).kind(), "retry");
    }

    #[test]
    fn a_stranger_s_error_has_no_public_code() {
        let details = ErrorDetails::with_error_info("QUOTA", "elsewhere", []);
        let status = Status::with_error_details(Code::NotFound, "x", details);
        assert_eq!(RpcError::from_status(&status).reason, None);
        assert_eq!(Fault::from(status).kind(), "bug");
    }
}
