//! What went wrong, as RFC 9457 says it.
//!
//! Owns the mapping of gRPC errors to HTTP. Never repeats what was submitted, and tells nothing
//! of the inside: a failure of ours has a constant text and an id to ask us about.

use std::time::Duration;

use axum::response::Response;
use colibri_kit::fault::{Fault, RpcError, codes};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use tonic::{Code, Status};

use crate::pages;

/// Media type of every error.
pub(crate) const MEDIA: &str = "application/problem+json";

/// One thing that is wrong with the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FieldError {
    /// Stable word in capitals, or a public code.
    pub(crate) code: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) detail: String,
    /// JSON Pointer into the body, as a fragment: `#/parcels/0/weight_g`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pointer: Option<String>,
    /// Parameter of the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parameter: Option<String>,
}

impl FieldError {
    /// In the body.
    pub(crate) fn at(pointer: String, code: &str, detail: &str) -> Self {
        let (code, detail) = (code.to_owned(), detail.to_owned());
        Self { code, detail, pointer: Some(pointer), parameter: None }
    }

    /// In the address.
    pub(crate) fn parameter(name: &str, code: &str, detail: &str) -> Self {
        let (code, detail) = (code.to_owned(), detail.to_owned());
        Self { code, detail, pointer: None, parameter: Some(name.to_owned()) }
    }
}

/// An error answer.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) code: String,
    /// Apart, so that results without a problem stay small.
    told: Box<Told>,
}

#[derive(Debug, Default)]
struct Told {
    detail: String,
    errors: Vec<FieldError>,
    retry_after: Option<Duration>,
    trace_id: Option<String>,
    source: Option<&'static str>,
    /// RFC 6749's word, for the token endpoint only.
    oauth: Option<&'static str>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

#[derive(Serialize)]
struct Wire<'p> {
    r#type: String,
    title: &'p str,
    status: u16,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'p str,
    code: &'p str,
    error_source: &'static str,
    retry: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'p [FieldError],
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'p str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
}

impl Problem {
    /// One of the edge itself.
    pub(crate) fn new(status: StatusCode, code: &str, detail: &str) -> Self {
        Self {
            status,
            code: code.to_owned(),
            told: Box::new(Told { detail: detail.to_owned(), ..Told::default() }),
        }
    }

    /// With the places at fault.
    pub(crate) fn errors(mut self, errors: Vec<FieldError>) -> Self {
        self.told.errors = errors;
        self
    }

    /// With a time after which the same may succeed.
    pub(crate) fn after(mut self, wait: Duration) -> Self {
        self.told.retry_after = Some(wait);
        self
    }

    /// With a header.
    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.told.headers.push((name, value));
        self
    }

    /// Whose fault it is, where the code alone does not tell.
    pub(crate) fn source(mut self, source: &'static str) -> Self {
        self.told.source = Some(source);
        self
    }

    /// With RFC 6749's word for it.
    pub(crate) fn oauth(mut self, word: &'static str) -> Self {
        self.told.oauth = Some(word);
        self
    }

    /// A failure of the edge itself; the cause goes to the log only.
    pub(crate) fn bug(cause: impl Into<colibri_kit::fault::BoxError>) -> Self {
        Self::of_fault(Fault::bug(cause))
    }

    /// What the edge itself found about the caller.
    pub(crate) fn of_fault(fault: Fault) -> Self {
        Self::of_error(RpcError::from_status(&Status::from(fault)))
    }

    /// What a service behind answered.
    pub(crate) fn of_status(status: &Status) -> Self {
        let error = RpcError::from_status(status);
        let reason = error.reason.as_deref().unwrap_or_default();
        // The edge has let the caller in; a service that does not trust the edge is our mistake.
        if [codes::TOKEN_MISSING, codes::TOKEN_EXPIRED, codes::TOKEN_REFUSED].contains(&reason)
            || [codes::NO_TENANT, codes::SCOPE_MISSING].contains(&reason)
        {
            return Self::bug(error);
        }
        let broke = std::error::Error::source(status).is_some();
        if error.reason.is_none() && (broke || error.code != Code::Internal) {
            // No service of ours answers without a code: it was not reached, or died meanwhile.
            tracing::warn!(code = ?error.code, "a service is not reached");
            let text = "temporarily unavailable, try again";
            let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, codes::UNAVAILABLE, text);
            return problem.after(Duration::from_secs(1));
        }
        Self::of_error(error)
    }

    fn of_error(error: RpcError) -> Self {
        let code = error.reason.unwrap_or_else(|| codes::INTERNAL.to_owned());
        let status = status_of(error.code, &code);
        let detail = match status.as_u16() {
            503 => "temporarily unavailable, try again".to_owned(),
            500 => "an internal error".to_owned(),
            _ => error.message,
        };
        let mut problem = Self::new(status, &code, &detail);
        problem.told.errors = error.fields.into_iter().map(violation).collect();
        // Long enough to spare a service that is coming back, short enough that nobody notices.
        let soon = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(Duration::from_secs(1));
        problem.told.retry_after = error.retry_after.or(soon);
        problem.told.trace_id = error.trace_id;
        if status == StatusCode::UNAUTHORIZED {
            let bearer = HeaderValue::from_static("Bearer realm=\"colibri\"");
            problem = problem.header(header::WWW_AUTHENTICATE, bearer);
        }
        problem
    }

    /// Turns places in the request message (`orders[0].ship_to.city`) into places in what the
    /// caller sent.
    pub(crate) fn relocate(
        mut self,
        place: impl Fn(&str) -> (Option<String>, Option<String>),
    ) -> Self {
        for error in &mut self.told.errors {
            if let Some(path) = error.pointer.take() {
                (error.pointer, error.parameter) = place(&path);
            }
        }
        self
    }

    fn wire(&self, base: &str, keyed: bool) -> Wire<'_> {
        let title = pages::title(&self.code)
            .or_else(|| self.status.canonical_reason())
            .unwrap_or("an error");
        Wire {
            r#type: format!("{base}/errors/{}", self.code),
            title,
            status: self.status.as_u16(),
            detail: &self.told.detail,
            code: &self.code,
            error_source: self.told.source.unwrap_or_else(|| source_of(self.status, &self.code)),
            retry: retry_of(self.status, keyed),
            errors: &self.told.errors,
            request_id: colibri_kit::rpc::request_id(),
            trace_id: self.told.trace_id.as_deref(),
            error: self.told.oauth,
        }
    }

    /// As one line of JSON, for a stream that has begun.
    pub(crate) fn line(&self, base: &str) -> String {
        // Texts and numbers only: cannot fail, and an empty line is better than none.
        serde_json::to_string(&self.wire(base, false)).unwrap_or_default()
    }

    /// The answer. `base` is how the world addresses us, empty for relative links; `keyed` says
    /// that the request may be sent again under its key.
    pub(crate) fn answer(self, base: &str, keyed: bool) -> Response {
        let body = serde_json::to_vec(&self.wire(base, keyed)).unwrap_or_default();
        let mut response = Response::new(body.into());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static("en"));
        if let Some(wait) = self.told.retry_after {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, seconds.max(1).into());
        }
        for (name, value) in self.told.headers {
            headers.insert(name, value);
        }
        response
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::of_fault(fault)
    }
}

fn violation(violation: colibri_kit::fault::FieldViolation) -> FieldError {
    // Not a pointer yet: `relocate` makes it one.
    FieldError {
        code: violation.code,
        detail: violation.description,
        pointer: Some(violation.field),
        parameter: None,
    }
}

/// Codes whose HTTP status is not that of their gRPC code.
const STATUSES: &[(&str, StatusCode)] = &[
    (codes::TOO_LARGE, StatusCode::PAYLOAD_TOO_LARGE),
    // A field of the order is wrong; known with other content; limits; state; reused request id.
    ("ORD0001", StatusCode::UNPROCESSABLE_ENTITY),
    ("ORD0002", StatusCode::CONFLICT),
    ("ORD0003", StatusCode::PAYLOAD_TOO_LARGE),
    ("ORD0005", StatusCode::CONFLICT),
    ("ORD0011", StatusCode::UNPROCESSABLE_ENTITY),
    // A shipment's state; no void at this carrier; not in doubt.
    ("LBL0005", StatusCode::CONFLICT),
    ("LBL0006", StatusCode::CONFLICT),
    ("LBL0007", StatusCode::CONFLICT),
];

pub(crate) fn status_of(code: Code, reason: &str) -> StatusCode {
    if let Some((_, status)) = STATUSES.iter().find(|(known, _)| *known == reason) {
        return *status;
    }
    match code {
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => {
            StatusCode::BAD_REQUEST
        }
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        // 499, which the standard list does not name.
        Code::Cancelled => StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST),
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Ok | Code::Unknown | Code::Internal | Code::DataLoss => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

/// Whose fault it is.
fn source_of(status: StatusCode, code: &str) -> &'static str {
    match code {
        // Refused by the carrier; it offers no void.
        "LBL0003" | "LBL0006" => "carrier",
        _ if status.is_server_error() => "colibri",
        _ => "customer",
    }
}

/// What trying again is good for.
fn retry_of(status: StatusCode, keyed: bool) -> &'static str {
    match status.as_u16() {
        408 | 500..=599 if keyed => "same_key",
        408 | 429 | 503 | 504 => "after",
        _ => "never",
    }
}
