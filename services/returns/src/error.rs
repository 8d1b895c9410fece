//! What returns refuse, as faults with public codes.

use colibri_kit::fault::Fault;
use colibri_returns_rules::Refusal;
use tonic::Code;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:ident, $meaning:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $code;)*

        /// Every public code with its gRPC code and a line of meaning.
        pub const ALL: &[(&str, Code, &str)] = &[$(($code, Code::$status, $meaning)),*];
    };
}

codes! {
    /// Order, or the buyer's word for it. One answer, whatever is wrong.
    NO_ORDER = "RET0001", NotFound, "no order matches what was given";
    /// A field.
    FIELD = "RET0002", InvalidArgument, "a field is missing or not accepted";
    /// Rules that the law forbids.
    LAW = "RET0003", InvalidArgument, "the rules undercut the law";
    /// A photo.
    PHOTO = "RET0004", InvalidArgument, "not a photo that is taken";
    /// A line that may not come back, or not so.
    NOT_OFFERED = "RET0005", FailedPrecondition, "the return is not offered";
    /// The rules of goods and money.
    REFUSED = "RET0006", FailedPrecondition, "the rules of goods and money refuse it";
    /// Request id that is taken.
    REQUEST_ID = "RET0007", AlreadyExists, "the request id belongs to another request";
    /// A return.
    UNKNOWN = "RET0008", NotFound, "no return has this id";
    /// A label.
    NO_LABEL = "RET0009", FailedPrecondition, "there is no label";
    /// A code at a counter.
    CODE = "RET0010", NotFound, "the code is unknown, spent or expired";
    /// A refund.
    NO_REFUND = "RET0011", NotFound, "no refund has this key";
    /// A refund that is certain.
    NOT_IN_DOUBT = "RET0012", FailedPrecondition, "the refund is not in doubt";
    /// A fraud signal.
    NO_SIGNAL = "RET0013", NotFound, "the return has no such signal";
    /// A photo that is not there.
    NO_PHOTO = "RET0014", NotFound, "the return has no such photo";
    /// An event.
    EVENT = "RET0015", InvalidArgument, "an event cannot be taken";
    /// A page of a list.
    PAGE = "RET0016", InvalidArgument, "the page is none of an earlier answer";
    /// A refund whose answer was lost.
    IN_DOUBT = "RET0018", FailedPrecondition, "the refund is in doubt";
    /// The payment side, or labels, for now.
    BUSY = "RET0019", Unavailable, "the payment side or labels are busy or away";
    /// Something without a return.
    NO_ORPHAN = "RET0020", NotFound, "no orphan has this id";
    /// A parcel that a return awaits.
    OPEN_RETURN = "RET0021", FailedPrecondition, "the parcel belongs to an open return";
    /// A customs paper.
    NO_PAPER = "RET0022", FailedPrecondition, "no customs paper is due, or something is missing for it";
    /// A service behind.
    AWAY = "RET0017", Unavailable, "orders, labels or the vault are away";
}

/// The fault of a code of [`ALL`].
#[must_use]
pub fn fault(code: &'static str) -> Fault {
    match ALL.iter().find(|(known, ..)| *known == code) {
        Some((_, status, meaning)) => Fault::reject_as(*status, code, *meaning),
        None => Fault::bug(format!("{code} is no public code")),
    }
}

/// A field at fault.
#[must_use]
pub fn field(path: impl Into<String>, code: &str, text: &str) -> Fault {
    fault(FIELD).field(path, code, text)
}

/// The rules' refusal: its own code stands with the field.
#[must_use]
pub fn refused(refusal: Refusal, path: impl Into<String>) -> Fault {
    match refusal {
        Refusal::Inconsistent => Fault::bug("a change that the case does not hold"),
        Refusal::KeyReused => fault(REQUEST_ID),
        other => fault(REFUSED).field(path, other.code(), refusal_text(other)),
    }
}

const fn refusal_text(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::QuantityExceedsAdvised => "more units than are there or may come back",
        Refusal::UnitAlreadyDisposed => "the units have left for good",
        Refusal::UnitAlreadyFunded => "the units fund something already",
        Refusal::RefundExceedsPaid => "more than was paid, or than is left of it",
        Refusal::RefundInDoubt => "an earlier refund may have happened",
        Refusal::PolicyWindowClosed => "the last day is over",
        Refusal::LabelAlreadyScanned => "the carrier has the parcel",
        Refusal::PersonRequired => "only a person may decide that",
        Refusal::OtherPersonRequired => "another person must decide that",
        _ => "the rules refuse it",
    }
}

/// An id in an event that is none.
#[must_use]
pub fn malformed(field: &'static str) -> Fault {
    Fault::reject(EVENT, format!("{field} is malformed"))
}

/// A failed call to a service behind: whoever asked may ask again.
#[must_use]
pub fn away(status: tonic::Status) -> Fault {
    let fault = Fault::from(status);
    match fault {
        Fault::Retry { source, .. } => {
            Fault::unavailable(AWAY, "orders, labels or the vault are away").caused_by(source)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::{collections::BTreeSet, path::Path};

    use super::*;

    #[test]
    fn each_code_has_a_page_and_each_page_a_code() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors");
        let pages: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
            .filter(|name| name.starts_with("RET"))
            .collect();
        let codes: BTreeSet<String> = ALL.iter().map(|(code, ..)| format!("{code}.md")).collect();
        assert_eq!(pages, codes);
    }

    #[test]
    fn each_code_is_unique_and_a_fault() {
        for (at, (code, ..)) in ALL.iter().enumerate() {
            assert!(!ALL.iter().skip(at + 1).any(|(other, ..)| other == code), "{code}");
            assert_eq!(fault(code).code(), *code);
        }
    }
}
