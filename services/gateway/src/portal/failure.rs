//! Why a page cannot be shown, and what is shown instead.

use std::time::Duration;

use colibri_kit::fault::{BoxError, RpcError};
use http::StatusCode;
use tonic::{Code, Status};

use crate::problem::Problem;

/// What went wrong, as far as a visitor may know.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nothing at this address, or nothing of this visitor's.
    Nothing,
    /// The visit is over: they say again who they are.
    Over,
    /// The form is not of this visit.
    Form,
    /// What was sent is no form of ours.
    Input,
    /// More bytes or photos than are taken.
    TooLarge,
    /// Too many tries.
    TooMany(Duration),
    /// A service is away.
    Away,
    /// A service refused it, with its public code and fields.
    Refused(Box<RpcError>),
    /// Ours.
    Bug(BoxError),
}

impl Failure {
    /// HTTP status.
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::Nothing => StatusCode::NOT_FOUND,
            Self::Over => StatusCode::SEE_OTHER,
            Self::Form => StatusCode::FORBIDDEN,
            Self::Input => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Away => StatusCode::SERVICE_UNAVAILABLE,
            Self::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Bug(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Public code of a refusal.
    pub(crate) fn reason(&self) -> Option<&str> {
        match self {
            Self::Refused(error) => error.reason.as_deref(),
            _ => None,
        }
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        match status.code() {
            Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted => Self::Away,
            Code::NotFound
            | Code::InvalidArgument
            | Code::FailedPrecondition
            | Code::AlreadyExists
            | Code::OutOfRange => Self::Refused(Box::new(RpcError::from_status(&status))),
            // Ours: a page asks what its visitor may ask.
            _ => Self::Bug(Box::new(RpcError::from_status(&status))),
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        match problem.status {
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::SERVICE_UNAVAILABLE => Self::Away,
            status if status.is_client_error() => Self::Input,
            _ => Self::Bug(problem.code.into()),
        }
    }
}

impl From<BoxError> for Failure {
    fn from(cause: BoxError) -> Self {
        Self::Bug(cause)
    }
}
