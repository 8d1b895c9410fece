//! What can happen to a case: commands, with who and when.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::{
    exchange::{Difference, Event, Mode},
    goods::{Disposition, Extra, Grade, LabelNo, Place, Spot},
    legal::Basis,
    money::{Method, Outcome, State},
    policy::Trigger,
};

/// Number of a line within its order.
pub type LineNo = u16;

/// Who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The buyer, by the portal.
    Buyer,
    /// A person of the merchant, by an opaque number.
    Person(u64),
    /// A rule of the policy in force.
    Policy,
    /// A carrier or a drop-off network.
    Carrier,
    /// The payment side.
    Provider,
    /// The sales channel.
    Channel,
}

/// Which money: of a line, or the charge for the way to the buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Of a line.
    Line(LineNo),
    /// The delivery charge of the order.
    Delivery,
}

/// Who decides about refunds of this case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// We do.
    Us,
    /// The marketplace does: we mirror, propose and give evidence.
    Marketplace,
    /// Two systems claim to: everything automatic stops.
    Ambiguous,
}

/// What is known of a line of the order. What other returns of the order have used is loaded
/// under the lock of the order, together with the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// Units shipped.
    pub shipped: u32,
    /// Units in other returns of the same line, open or finished, cancelled ones left out.
    pub elsewhere: u32,
    /// Paid for the shipped units, after discounts, in minor units.
    pub paid: i64,
    /// The law forbids destroying such goods without an exemption.
    pub destruction_banned: bool,
}

/// What is known of the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its lines.
    pub lines: BTreeMap<LineNo, OrderLine>,
    /// Paid for delivery and not paid back by another return, in minor units.
    pub delivery: i64,
    /// Everything paid, in minor units of the payment's currency.
    pub paid: i64,
    /// Paid back, or promised, by other returns of the order.
    pub paid_back: i64,
}

/// What was agreed: the policy in force at order time, evaluated for this case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// On what ground it is returned.
    pub basis: Basis,
    /// Where goods must be before money moves.
    pub trigger: Trigger,
    /// Dispositions somebody is there to carry out.
    pub executors: BTreeSet<Disposition>,
    /// Most that may be granted for goods not received, in minor units: what the limits of the
    /// buyer and of the tenant leave to this case.
    pub exposure_limit: i64,
    /// Value of one unit up to which the buyer may keep it, in minor units. None: never.
    pub keep_up_to: Option<i64>,
    /// Last moment to send the goods.
    pub expires_at: OffsetDateTime,
    /// An operator has to agree before a label is issued.
    pub validate_first: bool,
    /// Value above which a correction needs a second person, in minor units.
    pub second_person_above: i64,
    /// Silence of the carrier after which a person may call a parcel lost.
    pub silence: Duration,
    /// Days after the withdrawal within which money must be back. None: no legal clock.
    pub legal_days: Option<u16>,
}

/// Why a parcel is called lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// The carrier says so.
    Statement,
    /// Nothing was heard since the last scan.
    Silence,
}

/// What the owner of the stock says to a keyed booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stock {
    /// Asked, no answer yet.
    Asked,
    /// Booked.
    Confirmed,
    /// Refused or impossible: shown until a person has handled it.
    Blocked,
    /// Done by hand.
    Handled,
}

/// What lies upon a case until somebody takes it away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// A person stopped refunds.
    HoldRefund,
    /// The buyer may be paid twice: refunds stop until a person has looked.
    DoubleRefundRisk,
    /// Goods came after they were given up.
    LateReturn,
    /// Delivered, and not to our site.
    Misdelivered,
    /// A label that was made void is on its way all the same.
    VoidLabelSeen,
}

/// What happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are named for what they are; variants say the rest")]
pub enum Action {
    /// C1.
    Advise { line: LineNo, units: u32 },
    /// An operator agrees.
    Agree,
    /// C2: what travels under the label.
    IssueLabel { label: LabelNo, contents: Vec<(LineNo, u32)> },
    /// The label is void or its price paid back.
    VoidLabel { label: LabelNo },
    /// C3.
    DropOff { label: LabelNo },
    /// C4.
    Scan { label: LabelNo },
    /// C5 and C13.
    Arrive { label: LabelNo, at_site: bool },
    /// C15: the carrier brings back what could not be delivered.
    ReturnToSender { label: LabelNo, contents: Vec<(LineNo, u32)> },
    /// C6: a count at the bench; from which parcel, if that is known.
    Receive { line: LineNo, label: Option<LabelNo>, units: u32 },
    /// G8.
    ReceiveForeign { line: LineNo, units: u32 },
    /// What was found beside is decided about.
    HandleExtra { line: LineNo, extra: Extra, units: u32 },
    /// C7.
    Inspect { line: LineNo, grade: Grade, units: u32 },
    /// Graded units wait for a person, or are let go by one.
    Hold { line: LineNo, grade: Grade, units: u32, on: bool },
    /// C8 and C12. `evidence`: exemption for destruction; reason and photos for a refusal.
    Dispose { line: LineNo, grade: Grade, disposition: Disposition, units: u32, evidence: bool },
    /// The owner of the stock answers.
    StockAnswer { number: u32, answer: Stock },
    /// C9.
    CloseNotReturned { line: LineNo, units: u32 },
    /// The buyer may keep the goods and is paid all the same.
    Keep { line: LineNo, units: u32 },
    /// C10.
    Lose { label: LabelNo, loss: Loss },
    /// C11.
    Cancel { line: LineNo, units: u32 },
    /// C14.
    Correct { line: LineNo, from: Spot, to: Place, units: u32, second: Option<u64> },
    /// An orphan finds its order.
    Match { order: Order },
    /// Who decides.
    Decides { authority: Authority },
    /// A person stops or frees refunds, or takes a flag away.
    SetFlag { flag: Flag, on: bool },
    /// M1.
    Assess { scope: Scope, outcome: Outcome, units: u32 },
    /// M1, taken back: units fund nothing again.
    Release { scope: Scope, outcome: Outcome, units: u32 },
    /// An exchange becomes a refund, a refund a credit: nothing of it has been granted yet.
    Convert { scope: Scope, from: Outcome, to: Outcome, units: u32 },
    /// M2.
    Approve { scope: Scope, outcome: Outcome, amount: i64 },
    /// M7.
    Deny {
        scope: Scope,
        outcome: Outcome,
        amount: i64,
        evidence: bool,
        appeal_until: OffsetDateTime,
    },
    /// M8.
    AppealWon { scope: Scope, outcome: Outcome, amount: i64 },
    /// A return fee that was shown before confirmation.
    Fee { scope: Scope, outcome: Outcome, amount: i64 },
    /// Another article is wanted for units: at what price, and when it may leave.
    Exchange { number: u32, line: LineNo, units: u32, price: i64, mode: Mode },
    /// An exchange goes on.
    ExchangeStep { number: u32, event: Event },
    /// What became of the difference to a dearer replacement.
    Difference { number: u32, amount: i64, is: Difference },
    /// M3: the instruction, committed before any call.
    Trigger { scope: Scope, number: u32, outcome: Outcome, amount: i64, method: Method },
    /// M3: about to be called; committed before the call.
    Send { scope: Scope, number: u32 },
    /// M4 to M6, M10: what the payment side says, or does not say.
    Observe { scope: Scope, number: u32, state: State },
    /// M9, chargebacks too.
    Elsewhere { scope: Scope, amount: i64 },
    /// A reversed amount is to be paid after all (`again`), or the reversal is accepted.
    SettleReversal { scope: Scope, outcome: Outcome, amount: i64, again: bool },
}

/// One thing that happens. The same key with the same action is the same thing: it happens once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Chosen by the sender.
    pub key: u128,
    /// Business time.
    pub at: OffsetDateTime,
    /// Who says so.
    pub by: Actor,
    /// What.
    pub action: Action,
}
