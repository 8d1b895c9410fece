//! What accounts refuse, as faults with public codes.

use colibri_kit::fault::Fault;
use tonic::Code;

use crate::domain::Violation;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:ident, $meaning:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $code;)*

        /// Every public code with its gRPC code and a line of meaning.
        pub const ALL: &[(&str, Code, &str)] = &[$(($code, Code::$status, $meaning)),*];
    };
}

codes! {
    /// Name of a tenant or client.
    NAME = "ACC0001", InvalidArgument, "a name has 1 to 100 characters";
    /// Address of a site.
    ADDRESS = "ACC0002", InvalidArgument, "parcels cannot leave from this address";
    /// Scope of a client.
    SCOPE = "ACC0003", InvalidArgument, "a client cannot have these scopes";
    /// Client id and secret.
    NOT_ACCEPTED = "ACC0004", Unauthenticated, "client id or secret are not accepted";
    /// Carrier id.
    CARRIER = "ACC0005", InvalidArgument, "the carrier is not installed here";
    /// Field of an account's form.
    FIELD = "ACC0006", InvalidArgument, "a field of the account is missing or unknown";
    /// Channel id.
    CHANNEL = "ACC0007", InvalidArgument, "the channel is not installed here";
    /// Account id.
    UNKNOWN = "ACC0008", NotFound, "no account has this id";
    /// Code of a site or account.
    CODE = "ACC0009", InvalidArgument, "a code is 1 to 32 of a-z, 0-9, _ and -";
    /// Code that is taken.
    TAKEN = "ACC0010", AlreadyExists, "the code is of an account at another carrier or channel";
    /// Host of a carrier account.
    HOST = "ACC0011", InvalidArgument, "a host is not accepted";
    /// Origin country.
    COUNTRY = "ACC0012", InvalidArgument, "the carrier takes no parcels from a country";
    /// Too many of something.
    TOO_MANY = "ACC0013", ResourceExhausted, "the tenant has as many of these as one may have";
    /// Site of a channel account.
    SITE = "ACC0014", InvalidArgument, "the tenant has no site of this code";
    /// No key to sign with.
    NO_TOKENS = "ACC0015", FailedPrecondition, "this installation issues no tokens";
    /// Client id.
    NO_CLIENT = "ACC0016", NotFound, "no client has this id";
    /// Client without access.
    REVOKED = "ACC0017", FailedPrecondition, "the client is revoked";
    /// Overlap of two secrets.
    OVERLAP = "ACC0018", InvalidArgument, "two secrets overlap for a week at most";
    /// Carrier without a proof.
    NO_CHECK = "ACC0019", FailedPrecondition, "the carrier has nothing that proves an account";
    /// Account with its kill switch on.
    DISABLED = "ACC0020", FailedPrecondition, "the account is disabled: nothing is sent";
}

/// The fault of a code of [`ALL`].
#[must_use]
pub fn fault(code: &'static str) -> Fault {
    match ALL.iter().find(|(known, ..)| *known == code) {
        Some((_, status, meaning)) => Fault::reject_as(*status, code, *meaning),
        None => Fault::bug(format!("{code} is no code of accounts")),
    }
}

/// Fields named in one answer: it travels in a header, and nobody corrects more at a time.
const FIELDS_MAX: usize = 20;

/// Violations as one fault, with the code of the first.
#[must_use]
pub fn refused(violations: Vec<Violation>) -> Fault {
    let code = violations.first().map_or(FIELD, |first| first.code);
    let add = |fault: Fault, v: Violation| fault.field(v.field, v.why, v.description);
    violations.into_iter().take(FIELDS_MAX).fold(fault(code), add)
}

impl From<Violation> for Fault {
    fn from(violation: Violation) -> Self {
        refused(vec![violation])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_a_refusal() {
        assert!(ALL.iter().all(|(code, ..)| fault(code).kind() == "reject"));
    }
}
