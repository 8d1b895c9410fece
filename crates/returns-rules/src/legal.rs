//! What the law sets and no policy undercuts: the withdrawal period and the date of the refund.
//!
//! Figures of Directive 2011/83/EU; other countries are data of the policy. Not legal advice.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::Refusal;

/// Days to withdraw, from delivery, and days to pay back, from being informed.
pub const EU_DAYS: u16 = 14;
/// Before the date of the refund a person is told; from then on proof of sending is enough.
pub const ALERT_BEFORE: Duration = Duration::days(3);

/// On what ground goods come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The legal withdrawal: no reason may be demanded.
    Withdrawal,
    /// Not what was agreed.
    Conformity,
    /// A promise of the merchant.
    Commercial,
    /// Called back.
    Recall,
    /// Could not be delivered.
    Undelivered,
}

/// Why the law gives no withdrawal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exception {
    /// Made to the consumer's measure.
    MadeToMeasure,
    /// Perishes or expires fast.
    Perishable,
    /// Sealed for hygiene, and unsealed since.
    UnsealedHygiene,
    /// Sealed recordings or software, and unsealed since.
    UnsealedMedia,
}

/// When money must be back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// None while the trader may wait: neither the goods nor proof of sending exist.
    pub due_by: Option<OffsetDateTime>,
}

/// How near the date is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Alert {
    /// Less than [`ALERT_BEFORE`] is left.
    Near,
    /// The date is over.
    Missed,
}

impl Clock {
    /// Waiting for the inspection would miss the date: proof of sending is enough now.
    #[must_use]
    pub fn waiting_is_over(&self, now: OffsetDateTime) -> bool {
        self.due_by.is_some_and(|due| now >= due - ALERT_BEFORE)
    }

    /// Does a person have to be told?
    #[must_use]
    pub fn alert(&self, now: OffsetDateTime) -> Option<Alert> {
        let due = self.due_by?;
        match now {
            now if now > due => Some(Alert::Missed),
            now if now >= due - ALERT_BEFORE => Some(Alert::Near),
            _ => None,
        }
    }
}

/// The date of the refund: `max(informed + days, first of (proof of sending, receipt))`.
#[must_use]
pub fn clock(
    informed: OffsetDateTime,
    proof: Option<OffsetDateTime>,
    receipt: Option<OffsetDateTime>,
    days: u16,
    now: OffsetDateTime,
) -> Clock {
    let first = [proof, receipt].into_iter().flatten().filter(|at| *at <= now).min();
    Clock { due_by: first.map(|first| first.max(informed + Duration::days(i64::from(days)))) }
}

/// May a policy wait so long for the goods? Days are counted from being informed.
///
/// # Errors
/// [`Refusal::LegalDeadlineExceeded`] when it would pay later than the law allows.
pub const fn allows(refund_days: u16, legal_days: Option<u16>) -> Result<(), Refusal> {
    match legal_days {
        Some(legal) if refund_days > legal => Err(Refusal::LegalDeadlineExceeded),
        _ => Ok(()),
    }
}

/// Last moment to withdraw: the longer of the law and the policy, from delivery.
#[must_use]
pub fn withdraw_until(
    delivered: OffsetDateTime,
    legal_days: u16,
    policy_days: u16,
) -> OffsetDateTime {
    delivered + Duration::days(i64::from(legal_days.max(policy_days)))
}
