//! The replacement's own way: reserved, waiting for the goods or sent in advance, and its end.
//!
//! Its money lies in the ledger of the line ([`crate::money::Outcome::Exchange`]): the replacement
//! is paid with the value of the units, what it costs more is asked of the buyer and counted here,
//! what it costs less is paid back like any refund. Deliberately absent: the order of the
//! replacement, its stock, and collecting from the buyer.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{Refusal, case::LineNo, policy::Trigger};

/// When the replacement leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// When the goods were graded.
    AfterInspection,
    /// When they were counted.
    AfterReceipt,
    /// When the carrier scanned them.
    AfterScan,
    /// At once, under an authorisation or a limit.
    Advance,
}

impl Mode {
    /// Where the goods must be before the replacement leaves; None: nowhere.
    #[must_use]
    pub const fn trigger(self) -> Option<Trigger> {
        match self {
            Self::AfterInspection => Some(Trigger::OnInspection),
            Self::AfterReceipt => Some(Trigger::OnReceipt),
            Self::AfterScan => Some(Trigger::OnScan),
            Self::Advance => None,
        }
    }
}

/// Where an exchange is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exchange {
    /// Asked for.
    Proposed,
    /// The replacement is set aside until then; afterwards the buyer chooses again.
    Reserved(OffsetDateTime),
    /// The replacement waits for the goods.
    AwaitingReturn,
    /// The replacement has left before the goods came.
    AdvanceSent,
    /// Both have arrived where they belong.
    Completed,
    /// The buyer is paid back instead.
    ConvertedToRefund,
    /// Sent in advance and nothing came back: proposed to a person, never charged by a rule.
    ChargeDue,
}

/// What happens to an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Stock is set aside until then.
    Reserved(OffsetDateTime),
    /// The buyer confirmed; the goods are awaited.
    Confirmed,
    /// The replacement leaves in advance; `covered` by an authorisation or a limit.
    SentInAdvance {
        /// Whether something covers its value.
        covered: bool,
    },
    /// The goods are where the mode asks, and the replacement has left.
    Fulfilled,
    /// The buyer, or a lack of stock, turns it into a refund.
    Converted,
    /// The last day to send the goods, and the days of grace, are over.
    Overdue,
}

impl Exchange {
    /// What follows. A word about what has ended is no news.
    ///
    /// # Errors
    /// [`Refusal::NoWay`]; [`Refusal::PolicyWindowClosed`] when the reservation is over;
    /// [`Refusal::ExposureExceeded`] when nothing covers an advance.
    pub fn next(self, event: Event, now: OffsetDateTime) -> Result<Self, Refusal> {
        use Event::{Confirmed, Converted, Fulfilled, Overdue, SentInAdvance};
        match (self, event) {
            (Self::Proposed | Self::Reserved(_), Event::Reserved(until)) if until > now => {
                Ok(Self::Reserved(until))
            }
            (Self::Reserved(until), Confirmed | SentInAdvance { .. }) if now > until => {
                Err(Refusal::PolicyWindowClosed)
            }
            (Self::Reserved(_), Confirmed) => Ok(Self::AwaitingReturn),
            (Self::Reserved(_), SentInAdvance { covered: true }) => Ok(Self::AdvanceSent),
            (Self::Reserved(_), SentInAdvance { .. }) => Err(Refusal::ExposureExceeded),
            // Goods that come after the charge was proposed end it as well.
            (Self::AwaitingReturn | Self::AdvanceSent | Self::ChargeDue, Fulfilled) => {
                Ok(Self::Completed)
            }
            // What has left cannot be paid back on top.
            (Self::Proposed | Self::Reserved(_) | Self::AwaitingReturn, Converted) => {
                Ok(Self::ConvertedToRefund)
            }
            (Self::AdvanceSent, Overdue) => Ok(Self::ChargeDue),
            (Self::Completed | Self::ConvertedToRefund, Fulfilled | Converted | Overdue)
            | (Self::ChargeDue, Overdue) => Ok(self),
            _ => Err(Refusal::NoWay),
        }
    }

    /// Nothing more is awaited.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::ConvertedToRefund)
    }
}

/// What the buyer pays beside the value of the units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// Nothing.
    None,
    /// Asked of the buyer: the replacement waits for it.
    Due,
    /// Paid by the buyer.
    Paid,
    /// A person has let it go.
    Waived,
    /// Paid for a replacement that is not sent: to be given back.
    Owed,
    /// Given back.
    Returned,
}

/// Units and what is sent for them. A unit is in at most one that lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Whose value pays.
    pub line: LineNo,
    /// How many units.
    pub units: u32,
    /// What was paid for them, fixed when the exchange began, in minor units.
    pub value: i64,
    /// What the replacement costs, in minor units.
    pub price: i64,
    /// When it leaves.
    pub mode: Mode,
    /// Where it is.
    pub state: Exchange,
    /// What the buyer pays beside.
    pub difference: Difference,
}

impl Link {
    /// An exchange that begins.
    #[must_use]
    pub const fn new(line: LineNo, units: u32, value: i64, price: i64, mode: Mode) -> Self {
        let difference = if price > value { Difference::Due } else { Difference::None };
        Self { line, units, value, price, mode, state: Exchange::Proposed, difference }
    }

    /// What the replacement costs above the value of the units.
    #[must_use]
    pub const fn above(&self) -> i64 {
        if self.price > self.value { self.price - self.value } else { 0 }
    }

    /// What the value of the units pays of it.
    #[must_use]
    pub const fn covered(&self) -> i64 {
        if self.price < self.value { self.price } else { self.value }
    }

    /// Its units are its own: no refund and no other replacement is made of them.
    #[must_use]
    pub const fn lives(&self) -> bool {
        !matches!(self.state, Exchange::ConvertedToRefund)
    }

    /// The replacement has left.
    #[must_use]
    pub const fn is_sent(&self) -> bool {
        matches!(self.state, Exchange::AdvanceSent | Exchange::ChargeDue | Exchange::Completed)
    }

    /// Nothing more is awaited: of the goods, of the replacement, of the buyer's money.
    #[must_use]
    pub const fn is_terminal(&self) -> bool {
        self.state.is_terminal() && !matches!(self.difference, Difference::Owed)
    }
}
