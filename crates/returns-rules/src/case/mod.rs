//! A return: lines of goods and money, one delivery charge, and what binds them.
//!
//! [`decide`] says what follows from a command, [`apply`] takes it. Both are total and pure; a
//! refused command changes nothing. Timeouts never move goods and never settle money: they ask.

mod bench;
mod change;
mod command;
mod decide;
mod exchange;
mod goods;
mod instruct;
mod money;

use std::collections::{BTreeMap, BTreeSet};

pub use change::{Broken, Change, Proposal, apply};
pub use command::{
    Action, Actor, Authority, Command, Flag, LineNo, Loss, Order, OrderLine, Scope, Stock, Terms,
};
pub use decide::decide;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    custody::Custody,
    exchange::Link,
    goods::{Disposition, LabelNo, Place},
    legal,
    money::{Ledger, unit_values},
    policy::Trigger,
};

/// How far a label is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelState {
    /// Printed or shown.
    Issued,
    /// Handed in under it.
    Dropped,
    /// The carrier has it.
    Scanned,
    /// Delivered to us.
    Arrived,
    /// Called lost.
    Lost,
    /// Not to be used any more.
    Voided,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Label {
    state: LabelState,
    last_seen: Option<OffsetDateTime>,
}

/// One line of a return.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    custody: Custody,
    ledger: Ledger,
    /// Units that may be announced at all: shipped and not in another return.
    eligible: u32,
    destruction_banned: bool,
}

impl Line {
    /// Where its goods are.
    #[must_use]
    pub const fn custody(&self) -> &Custody {
        &self.custody
    }

    /// Where its money is.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Units that may still be announced.
    #[must_use]
    pub fn open_to_advise(&self) -> u32 {
        self.eligible.saturating_sub(self.custody.standing())
    }

    fn learn(&mut self, facts: &OrderLine) {
        self.eligible = facts.shipped.saturating_sub(facts.elsewhere);
        let skip = usize::try_from(facts.elsewhere).unwrap_or(usize::MAX);
        self.ledger = Ledger::new(unit_values(facts.shipped, facts.paid).into_iter().skip(skip));
        self.destruction_banned = facts.destruction_banned;
    }

    /// Units that are, or have proved to be, where the trigger asks. Lost ones were proved sent.
    #[must_use]
    pub fn reached(&self, trigger: Trigger) -> u32 {
        let custody = &self.custody;
        let bench = custody.received_so_far() + custody.at(Place::Lost) + custody.kept();
        match trigger {
            Trigger::OnRequest => {
                custody.standing() - custody.at(Place::NotReturned) + custody.kept()
            }
            Trigger::OnDropOff => bench + custody.assumed() + custody.at(Place::Dropped),
            Trigger::OnScan => bench + custody.assumed(),
            Trigger::OnArrival => bench + custody.at(Place::Arrived),
            Trigger::OnReceipt => bench,
            Trigger::OnInspection => bench - custody.at(Place::Received),
            Trigger::Manual => 0,
        }
    }

    /// Units whose value may be granted at all: not called off, not sent back to the buyer.
    #[must_use]
    pub fn payable(&self) -> u32 {
        let back = self.custody.disposed(Disposition::ReturnedToBuyer);
        self.custody.standing().saturating_sub(back)
    }

    /// Granted for goods that have not come, in minor units; what was proved sent and then lost
    /// is owed and therefore not counted.
    #[must_use]
    pub fn exposure(&self) -> i64 {
        let custody = &self.custody;
        let come = custody.received_so_far() + custody.at(Place::Lost) + custody.kept();
        (self.ledger.granted() - self.ledger.value_of(come)).max(0)
    }
}

/// A return of one order, or of one nobody knows yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    terms: Terms,
    order: Option<Order>,
    lines: BTreeMap<LineNo, Line>,
    delivery: Ledger,
    labels: BTreeMap<LabelNo, Label>,
    authority: Authority,
    agreed: bool,
    flags: BTreeSet<Flag>,
    stock: BTreeMap<u32, Stock>,
    booked: BTreeMap<u32, (LineNo, u32)>,
    exchanges: BTreeMap<u32, Link>,
    seen: BTreeMap<u128, Action>,
    informed_at: Option<OffsetDateTime>,
    proof_at: Option<OffsetDateTime>,
    received_at: Option<OffsetDateTime>,
    denied_by: Option<u64>,
    appeal_until: Option<OffsetDateTime>,
    closed: bool,
}

fn delivery_ledger(paid: i64) -> Ledger {
    Ledger::new((paid > 0).then_some(paid))
}

impl Case {
    /// A case before anything has happened. Without an order it is an orphan.
    #[must_use]
    pub fn new(terms: Terms, order: Option<Order>) -> Self {
        let mut case = Self {
            terms,
            order: None,
            lines: BTreeMap::new(),
            delivery: Ledger::default(),
            labels: BTreeMap::new(),
            authority: Authority::Us,
            agreed: false,
            flags: BTreeSet::new(),
            stock: BTreeMap::new(),
            booked: BTreeMap::new(),
            exchanges: BTreeMap::new(),
            seen: BTreeMap::new(),
            informed_at: None,
            proof_at: None,
            received_at: None,
            denied_by: None,
            appeal_until: None,
            closed: false,
        };
        if let Some(order) = order {
            for (number, facts) in &order.lines {
                case.lines.entry(*number).or_default().learn(facts);
            }
            case.delivery = delivery_ledger(order.delivery);
            case.order = Some(order);
        }
        case
    }

    /// Learns, under the lock of the order, what its other returns use by now: units by line, and
    /// what was paid back or promised, in minor units. A case is folded with what was known when it
    /// began, since the values of its units were fixed then; this comes after the fold.
    pub fn learn_others(&mut self, elsewhere: &BTreeMap<LineNo, u32>, paid_back: i64) {
        let Some(order) = &mut self.order else { return };
        order.paid_back = paid_back;
        for (number, facts) in &mut order.lines {
            facts.elsewhere = elsewhere.get(number).copied().unwrap_or_default();
            if let Some(line) = self.lines.get_mut(number) {
                line.eligible = facts.shipped.saturating_sub(facts.elsewhere);
            }
        }
    }

    /// Its lines.
    #[must_use]
    pub const fn lines(&self) -> &BTreeMap<LineNo, Line> {
        &self.lines
    }

    /// What was agreed.
    #[must_use]
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The order, if it is known.
    #[must_use]
    pub const fn order(&self) -> Option<&Order> {
        self.order.as_ref()
    }

    /// Nobody knows which order it belongs to.
    #[must_use]
    pub const fn is_orphan(&self) -> bool {
        self.order.is_none()
    }

    /// Every unit and every amount is at an end, and nothing has come since.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.closed
    }

    /// When the buyer told that goods come back.
    #[must_use]
    pub const fn informed_at(&self) -> Option<OffsetDateTime> {
        self.informed_at
    }

    /// When something of it was first counted.
    #[must_use]
    pub const fn received_at(&self) -> Option<OffsetDateTime> {
        self.received_at
    }

    /// Who decides.
    #[must_use]
    pub const fn authority(&self) -> Authority {
        self.authority
    }

    /// What lies upon it.
    #[must_use]
    pub const fn flags(&self) -> &BTreeSet<Flag> {
        &self.flags
    }

    /// Bookings asked of the owner of the stock.
    #[must_use]
    pub const fn stock(&self) -> &BTreeMap<u32, Stock> {
        &self.stock
    }

    /// Line and units of a booking.
    #[must_use]
    pub fn booking(&self, number: u32) -> Option<(LineNo, u32)> {
        self.booked.get(&number).copied()
    }

    /// Exchanges by number.
    #[must_use]
    pub const fn exchanges(&self) -> &BTreeMap<u32, Link> {
        &self.exchanges
    }

    /// What is to be paid back of exchanged units, because their replacements cost less.
    #[must_use]
    pub fn exchange_leftover(&self, scope: Scope) -> i64 {
        exchange::leftover(self, scope)
    }

    /// Units whose value is for a replacement that nobody has named.
    #[must_use]
    pub fn exchange_unlinked(&self, line: LineNo) -> u32 {
        exchange::unlinked(self, line)
    }

    /// How far a label is.
    #[must_use]
    pub fn label(&self, label: LabelNo) -> Option<LabelState> {
        self.labels.get(&label).map(|known| known.state)
    }

    /// The money of a line or of the delivery charge.
    #[must_use]
    pub fn ledger(&self, scope: Scope) -> Option<&Ledger> {
        match scope {
            Scope::Line(line) => self.lines.get(&line).map(|line| &line.ledger),
            Scope::Delivery => Some(&self.delivery),
        }
    }

    fn ledger_mut(&mut self, scope: Scope) -> Option<&mut Ledger> {
        match scope {
            Scope::Line(line) => self.lines.get_mut(&line).map(|line| &mut line.ledger),
            Scope::Delivery => Some(&mut self.delivery),
        }
    }

    /// Every ledger of the case.
    pub fn ledgers(&self) -> impl Iterator<Item = (Scope, &Ledger)> {
        let lines = self.lines.iter().map(|(number, line)| (Scope::Line(*number), &line.ledger));
        lines.chain([(Scope::Delivery, &self.delivery)])
    }

    /// What the buyer has, or will get, from this case, in minor units.
    #[must_use]
    pub fn granted(&self) -> i64 {
        self.ledgers().map(|(_, ledger)| ledger.granted()).sum()
    }

    /// Granted for goods that have not come, in minor units.
    #[must_use]
    pub fn exposure(&self) -> i64 {
        self.lines.values().map(Line::exposure).sum()
    }

    /// When the money must be back, and whether that is near or over.
    #[must_use]
    pub fn refund_clock(&self, now: OffsetDateTime) -> Option<legal::Clock> {
        let days = self.terms.legal_days?;
        let informed = self.informed_at?;
        let owed = self.lines.values().any(|line| {
            let sent = line.reached(Trigger::OnDropOff);
            let allocated = line.ledger.allocated();
            let not_sent = line.ledger.value_of(allocated.saturating_sub(sent));
            sent > 0 && (allocated < sent || line.ledger.open() > not_sent)
        });
        owed.then(|| legal::clock(informed, self.proof_at, self.received_at, days, now))
    }

    /// Is every unit and every amount at an end?
    fn is_terminal(&self) -> bool {
        let moved = self.lines.values().any(|line| line.custody.advised() > 0);
        let done = |line: &Line| {
            let custody = &line.custody;
            let come = custody.received_so_far() + custody.at(Place::Lost) + custody.kept();
            custody.is_terminal() && line.ledger.allocated() >= come
        };
        moved
            && !self.is_orphan()
            && self.lines.values().all(done)
            && self.exchanges.values().all(Link::is_terminal)
            && self.ledgers().all(|(_, ledger)| ledger.is_terminal())
    }
}
