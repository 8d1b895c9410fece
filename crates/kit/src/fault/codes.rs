//! Public codes of the kit itself. A code is for ever; each has a page under `docs/errors`.

use tonic::Code;

/// No bearer token, or a text that is none.
pub const TOKEN_MISSING: &str = "KIT0001";
/// The token was good once.
pub const TOKEN_EXPIRED: &str = "KIT0002";
/// The caller acts for no tenant.
pub const NO_TENANT: &str = "KIT0003";
/// The caller lacks the scope.
pub const SCOPE_MISSING: &str = "KIT0004";
/// The time given was not enough.
pub const DEADLINE: &str = "KIT0005";
/// The message is larger than accepted.
pub const TOO_LARGE: &str = "KIT0006";
/// Our fault; a trace id is given.
pub const INTERNAL: &str = "KIT0007";
/// Something needed is away.
pub const UNAVAILABLE: &str = "KIT0008";
/// No such method here.
pub const UNKNOWN_METHOD: &str = "KIT0009";
/// A well-formed token that is not accepted here.
pub const TOKEN_REFUSED: &str = "KIT0010";
/// A worker died or stood still while a call to the outside was under way.
pub const CALL_ABANDONED: &str = "KIT0011";

/// Every code of the kit with its gRPC code and one line of meaning.
pub const ALL: &[(&str, Code, &str)] = &[
    (TOKEN_MISSING, Code::Unauthenticated, "no or malformed bearer token"),
    (TOKEN_EXPIRED, Code::Unauthenticated, "the token has expired"),
    (NO_TENANT, Code::PermissionDenied, "the caller acts for no tenant"),
    (SCOPE_MISSING, Code::PermissionDenied, "the caller lacks a scope"),
    (DEADLINE, Code::DeadlineExceeded, "the deadline has passed"),
    (TOO_LARGE, Code::ResourceExhausted, "the message is too large"),
    (INTERNAL, Code::Internal, "an internal error"),
    (UNAVAILABLE, Code::Unavailable, "unavailable for now"),
    (UNKNOWN_METHOD, Code::Unimplemented, "no such method is served here"),
    (TOKEN_REFUSED, Code::Unauthenticated, "the token is not accepted"),
    (CALL_ABANDONED, Code::Unavailable, "a call to the outside was abandoned under way"),
];
