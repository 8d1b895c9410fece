//! What the vault refuses and denies, as faults with public codes.

use colibri_kit::fault::Fault;
use tonic::Code;

use crate::domain::{policy::Denied, record::Refused};

/// A ref that another record has.
pub const REF_TAKEN: &str = "VLT0007";
/// A document that is sealed with other content.
pub const DOCUMENT_DIFFERS: &str = "VLT0008";
/// Sealed bytes that do not open.
pub const DAMAGED: &str = "VLT0010";

/// Every public code with its gRPC code and a line of meaning.
pub const ALL: &[(&str, Code, &str)] = &[
    ("VLT0001", Code::InvalidArgument, "a field is not allowed here"),
    ("VLT0002", Code::InvalidArgument, "a size is over the limit"),
    ("VLT0003", Code::PermissionDenied, "the caller may not use the flow"),
    ("VLT0004", Code::PermissionDenied, "a field is not in the flow"),
    ("VLT0005", Code::NotFound, "nothing is known by this ref"),
    ("VLT0006", Code::ResourceExhausted, "the budget of the flow is spent"),
    (REF_TAKEN, Code::AlreadyExists, "the ref belongs to another record"),
    (DOCUMENT_DIFFERS, Code::AlreadyExists, "the document is sealed with other content"),
    ("VLT0009", Code::InvalidArgument, "a ref or key is malformed"),
    (DAMAGED, Code::DataLoss, "the sealed bytes do not open"),
];

/// The fault of a code of [`ALL`].
#[must_use]
pub fn fault(code: &'static str) -> Fault {
    match ALL.iter().find(|(known, ..)| *known == code) {
        Some((_, status, meaning)) => Fault::reject_as(*status, code, *meaning),
        None => Fault::bug(format!("{code} is no code of the vault")),
    }
}

impl From<Denied> for Fault {
    fn from(denied: Denied) -> Self {
        fault(denied.code())
    }
}

/// A refusal of the field at `path`.
#[must_use]
pub fn refused(refused: Refused, path: impl Into<String>) -> Fault {
    let why = match refused {
        Refused::Field => "NOT_ALLOWED",
        Refused::Size => "OVER_LIMIT",
        Refused::Malformed => "MALFORMED",
    };
    fault(refused.code()).field(path, why, refused.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_denial_and_refusal_has_a_code() {
        for denied in [Denied::Actor, Denied::Field, Denied::Unknown, Denied::Budget] {
            assert_eq!(Fault::from(denied).kind(), "reject");
        }
        for one in [Refused::Field, Refused::Size, Refused::Malformed] {
            assert_eq!(refused(one, "x").kind(), "reject");
        }
        assert_eq!(fault("VLT9999").kind(), "bug");
    }
}
