//! The three ways an operation can fail, and what each becomes at the gRPC edge.
//!
//! Services have one error enum per operation; at handlers, workers and RPC methods those become
//! a [`Fault`] in one match. The kit acts on the fault alone: retry, park, or alert.

pub mod codes;
mod status;

use std::{error::Error, fmt, time::Duration};

pub use status::RpcError;
use tonic::Code;

/// Any error that may cross tasks.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// One field of a request that was not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldViolation {
    /// Dotted path in the request message, e.g. `parcels[0].weight_g`.
    pub field: String,
    /// Stable reason in capitals, e.g. `WEIGHT_OVER_LIMIT`.
    pub code: String,
    /// For developers, in English; never repeats the value.
    pub description: String,
}

/// Why an operation did not happen, sorted by what must be done about it.
#[derive(Debug)]
pub enum Fault {
    /// Clears by itself: a lost connection, a deadlock.
    Retry {
        /// How long to wait; `None` when nobody knows.
        after: Option<Duration>,
        /// What happened.
        source: BoxError,
    },
    /// Never succeeds as it is: the request or event is at fault.
    Reject {
        /// gRPC code at the edge.
        status: Code,
        /// Public code, for ever: `LBL0004`.
        code: &'static str,
        /// Told to the caller, so: English, no personal data, no internals.
        reason: String,
        /// The fields at fault, when it is about fields.
        fields: Vec<FieldViolation>,
        /// For our log only.
        source: Option<BoxError>,
    },
    /// An assumption of ours is broken. The caller learns a trace id and nothing else.
    Bug {
        /// What happened.
        source: BoxError,
    },
}

impl Fault {
    /// Clears by itself.
    pub fn retry(source: impl Into<BoxError>) -> Self {
        Self::Retry { after: None, source: source.into() }
    }

    /// Clears by itself, not before `after`.
    pub fn retry_after(after: Duration, source: impl Into<BoxError>) -> Self {
        Self::Retry { after: Some(after), source: source.into() }
    }

    /// Ours to repair.
    pub fn bug(source: impl Into<BoxError>) -> Self {
        Self::Bug { source: source.into() }
    }

    /// The request itself is wrong: `INVALID_ARGUMENT`.
    pub fn reject(code: &'static str, reason: impl Into<String>) -> Self {
        Self::reject_as(Code::InvalidArgument, code, reason)
    }

    /// What was asked for is not there, or not the caller's to see.
    pub fn not_found(code: &'static str, reason: impl Into<String>) -> Self {
        Self::reject_as(Code::NotFound, code, reason)
    }

    /// The request is right, the state of things forbids it.
    pub fn failed_precondition(code: &'static str, reason: impl Into<String>) -> Self {
        Self::reject_as(Code::FailedPrecondition, code, reason)
    }

    /// The caller may not.
    pub fn permission_denied(code: &'static str, reason: impl Into<String>) -> Self {
        Self::reject_as(Code::PermissionDenied, code, reason)
    }

    /// The caller is not known.
    pub fn unauthenticated(code: &'static str, reason: impl Into<String>) -> Self {
        Self::reject_as(Code::Unauthenticated, code, reason)
    }

    /// There is one already, and it is another.
    pub fn already_exists(code: &'static str, reason: impl Into<String>) -> Self {
        Self::reject_as(Code::AlreadyExists, code, reason)
    }

    /// A quota or size limit.
    pub fn resource_exhausted(code: &'static str, reason: impl Into<String>) -> Self {
        Self::reject_as(Code::ResourceExhausted, code, reason)
    }

    /// Somebody else changed it meanwhile.
    pub fn aborted(code: &'static str, reason: impl Into<String>) -> Self {
        Self::reject_as(Code::Aborted, code, reason)
    }

    /// Something this needs is away, and a public code says what.
    pub fn unavailable(code: &'static str, reason: impl Into<String>) -> Self {
        Self::reject_as(Code::Unavailable, code, reason)
    }

    /// A rejection with a gRPC code of one's choice.
    pub fn reject_as(status: Code, code: &'static str, reason: impl Into<String>) -> Self {
        Self::Reject { status, code, reason: reason.into(), fields: Vec::new(), source: None }
    }

    /// Names a field at fault. Without effect on other faults than rejections.
    #[must_use]
    pub fn field(
        mut self,
        path: impl Into<String>,
        why: impl Into<String>,
        description: impl Into<String>,
    ) -> Self {
        if let Self::Reject { fields, .. } = &mut self {
            fields.push(FieldViolation {
                field: path.into(),
                code: why.into(),
                description: description.into(),
            });
        }
        self
    }

    /// Notes the cause for our log. Without effect on other faults than rejections.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<BoxError>) -> Self {
        if let Self::Reject { source, .. } = &mut self {
            *source = Some(cause.into());
        }
        self
    }

    /// The public code: the rejection's own, else the kit's for this kind.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Retry { .. } => codes::UNAVAILABLE,
            Self::Reject { code, .. } => code,
            Self::Bug { .. } => codes::INTERNAL,
        }
    }

    /// `retry`, `reject` or `bug`: for metrics and parked events.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Retry { .. } => "retry",
            Self::Reject { .. } => "reject",
            Self::Bug { .. } => "bug",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Retry { .. } => f.write_str("failed for now"),
            Self::Reject { code, reason, .. } => write!(f, "rejected, {code}: {reason}"),
            Self::Bug { .. } => f.write_str("failed by a bug"),
        }
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Retry { source, .. } | Self::Bug { source } => Some(source.as_ref()),
            Self::Reject { source, .. } => source.as_deref().map(|e| e as _),
        }
    }
}

/// SQLSTATE classes and codes after which the same statement may succeed: 08 connection, 53
/// resources, 57 operator intervention (statement timeout too), serialisation failure, deadlock,
/// lock not available.
fn clears_by_itself(state: &str) -> bool {
    let class = state.get(..2).unwrap_or_default();
    matches!(class, "08" | "53" | "57") || matches!(state, "40001" | "40P01" | "55P03")
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        let retry = match &error {
            sqlx::Error::Database(database) => {
                database.code().is_some_and(|state| clears_by_itself(&state))
            }
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => true,
            _ => false,
        };
        if retry { Self::retry(error) } else { Self::bug(error) }
    }
}

/// An error and its causes on one line: `insert label: connection lost: broken pipe`.
#[must_use]
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let more = cause.to_string();
        // Wrappers that print their source would say everything twice.
        if !text.ends_with(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_that_clear_by_themselves_are_told_apart() {
        for state in ["08006", "53300", "57014", "57P01", "40001", "40P01", "55P03"] {
            assert!(clears_by_itself(state), "{state}");
        }
        for state in ["23505", "42P01", "22001", "40002", "", "5"] {
            assert!(!clears_by_itself(state), "{state}");
        }
    }

    #[test]
    fn database_errors_are_sorted() {
        let lost = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        assert_eq!(Fault::from(sqlx::Error::Io(lost)).kind(), "retry");
        assert_eq!(Fault::from(sqlx::Error::PoolTimedOut).kind(), "retry");
        assert_eq!(Fault::from(sqlx::Error::RowNotFound).kind(), "bug");
    }

    #[test]
    fn a_chain_says_each_cause_once() {
        let fault = Fault::reject("LBL0004", "no such carrier")
            .caused_by(std::io::Error::other("disk is full"));
        assert_eq!(chain(&fault), "rejected, LBL0004: no such carrier: disk is full");
        assert_eq!(fault.code(), "LBL0004");
    }
}
