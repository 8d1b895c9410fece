//! The public codes of labels, and the one place where other errors become a [`Fault`].

use std::time::Duration;

use colibri_carrier_client::{CallError, OpenError};
use colibri_kit::fault::Fault;

/// Public codes. A code is for ever; each has a page under `docs/errors`.
pub mod codes {
    /// No such shipment or parcel of this tenant.
    pub const UNKNOWN: &str = "LBL0001";
    /// A field is missing or beyond what the carrier takes.
    pub const FIELD: &str = "LBL0002";
    /// The carrier refused; nothing was bought.
    pub const REFUSED: &str = "LBL0003";
    /// There is no valid label.
    pub const NO_LABEL: &str = "LBL0004";
    /// The state of the shipment forbids it.
    pub const STATE: &str = "LBL0005";
    /// The carrier offers no void.
    pub const NO_VOID: &str = "LBL0006";
    /// The shipment is not in doubt.
    pub const NOT_IN_DOUBT: &str = "LBL0007";
    /// The carrier refused the void.
    pub const VOID_REFUSED: &str = "LBL0008";
    /// The answer to a purchase was lost or cannot be read.
    pub const IN_DOUBT: &str = "LBL0009";
    /// The carrier account cannot be used.
    pub const ACCOUNT: &str = "LBL0010";
    /// Something was away for too long; nothing was bought.
    pub const GIVEN_UP: &str = "LBL0011";
    /// An event that cannot be taken.
    pub const EVENT: &str = "LBL0012";
    /// An address cannot be opened any more.
    pub const ADDRESS: &str = "LBL0013";
    /// Changed or cancelled before anything was bought.
    pub const SUPERSEDED: &str = "LBL0014";
    /// The request id belongs to another purchase.
    pub const REQUEST_ID: &str = "LBL0015";
    /// A person closed the doubt as not bought.
    pub const CLOSED: &str = "LBL0016";
    /// The carrier is busy or cannot be reached for now.
    pub const BUSY: &str = "LBL0017";

    /// The carrier has no such call.
    pub const NOT_OFFERED: &str = "LBL0018";
    /// No such collection or manifest of this tenant.
    pub const NO_ERRAND: &str = "LBL0019";
    /// No parcel of the day is without a manifest.
    pub const NOTHING_TO_CLOSE: &str = "LBL0020";
    /// Some parcels are void and the carrier keeps the others.
    pub const VOIDED_IN_PART: &str = "LBL0021";
    /// What is to come back did not go out, or not as much of it.
    pub const NOT_SENT: &str = "LBL0022";

    /// Every code with one line of meaning.
    pub const ALL: &[(&str, &str)] = &[
        (UNKNOWN, "unknown shipment or parcel"),
        (FIELD, "a field is missing or not accepted"),
        (REFUSED, "refused by the carrier"),
        (NO_LABEL, "there is no label"),
        (STATE, "the state of the shipment forbids it"),
        (NO_VOID, "the carrier offers no void"),
        (NOT_IN_DOUBT, "the shipment is not in doubt"),
        (VOID_REFUSED, "the carrier refused the void"),
        (IN_DOUBT, "the purchase is in doubt"),
        (ACCOUNT, "the carrier account cannot be used"),
        (GIVEN_UP, "tried for as long as allowed"),
        (EVENT, "an event cannot be taken"),
        (ADDRESS, "an address cannot be opened"),
        (SUPERSEDED, "changed or cancelled before it was bought"),
        (REQUEST_ID, "the request id belongs to another purchase"),
        (CLOSED, "closed by a person as not bought"),
        (BUSY, "the carrier is busy or away"),
        (NOT_OFFERED, "the carrier does not offer it"),
        (NO_ERRAND, "unknown collection or manifest"),
        (NOTHING_TO_CLOSE, "no parcel of the day is without a manifest"),
        (VOIDED_IN_PART, "some parcels are void, the carrier keeps the others"),
        (NOT_SENT, "what is to come back did not go out"),
    ];
}

/// A carrier account that is refused is a person's work: asking more often helps nobody.
pub const ACCOUNT_WAIT: Duration = Duration::from_secs(30);

/// An account that could not be opened, before anything was sent.
pub fn not_opened(error: &OpenError) -> Fault {
    let text = colibri_kit::fault::chain(error);
    if error.clears_by_itself() { Fault::retry(text) } else { Fault::reject(codes::ACCOUNT, text) }
}

/// A call that could not be prepared: nothing but a login was sent.
pub fn not_prepared(error: CallError) -> Fault {
    match error {
        CallError::Rejected(no) => rejected(no.field, &no.reason),
        CallError::NotSent { after: Some(after), reason } => Fault::retry_after(after, reason),
        CallError::Later { after: Some(after), code } => Fault::retry_after(after, code),
        CallError::Unauthorised { code } => {
            let text = format!("the carrier does not accept the credentials ({code})");
            Fault::retry_after(ACCOUNT_WAIT, text)
        }
        other => Fault::retry(other),
    }
}

/// What a call that brought no result means for the work that made it.
#[derive(Debug)]
pub enum Ended {
    /// A definite no, with the carrier's code.
    Refused(String),
    /// Nothing happened: again later.
    NotDone {
        /// Not before; `None`: as the intent decides.
        after: Option<Duration>,
        /// Public code.
        code: &'static str,
    },
    /// It may have happened.
    Unclear(String),
}

impl From<CallError> for Ended {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Refused { code } => Self::Refused(code),
            CallError::NotSent { after, .. } | CallError::Later { after, .. } => {
                Self::NotDone { after, code: codes::BUSY }
            }
            CallError::Unauthorised { .. } => {
                Self::NotDone { after: Some(ACCOUNT_WAIT), code: codes::ACCOUNT }
            }
            // Only when a refused token was replaced on the way: nothing was accepted before.
            CallError::Rejected(_) => Self::NotDone { after: None, code: codes::FIELD },
            CallError::Unclear { reason } => Self::Unclear(reason),
        }
    }
}

/// A field that the carrier cannot take. [`rejected_part`] reads it back.
pub fn rejected(field: &str, reason: &str) -> Fault {
    Fault::reject(codes::FIELD, format!("{field}: {reason}"))
}

/// Field and limit in the reason of a rejected intent: the kit hands over the fault as one line.
pub fn rejected_part<'a>(code: &str, reason: &'a str) -> Option<(&'a str, &'a str)> {
    if code != codes::FIELD {
        return None;
    }
    let text = reason.strip_prefix("rejected, ")?.strip_prefix(code)?.strip_prefix(": ")?;
    text.split_once(": ")
}

/// A record that the work cannot do without is not in the vault (any more).
#[must_use]
pub fn gone() -> Fault {
    Fault::reject(codes::ADDRESS, "the record cannot be opened any more")
}

#[cfg(test)]
mod tests {
    use colibri_kit::fault::chain;

    use super::*;

    #[test]
    fn field_and_limit_of_a_rejection_survive_the_kit() {
        let fault = rejected("recipient.phone", "is required: for customs");
        assert_eq!(
            rejected_part(fault.code(), &chain(&fault)),
            Some(("recipient.phone", "is required: for customs"))
        );
        let other = Fault::reject(codes::ACCOUNT, "client_id: is missing");
        assert_eq!(rejected_part(other.code(), &chain(&other)), None);
    }
}
