//! What changes mean to others, in their words.

mod figures;

use std::collections::BTreeMap;

use colibri_events::{
    Event,
    returns::v1::{
        ExchangeChanged, Measured, MovedLine, RefundOrdered, RefundSettled, ReturnApproved,
        ReturnClosed, ReturnDisposed, ReturnGraded, ReturnReceived, ReturnRejected,
        ReturnRequested, SignalRaised,
    },
    types::v1::Money,
};
use colibri_kit::service::Cx;
use colibri_returns_rules::{
    case::{Case, Change, LineNo, Scope},
    exchange::Link,
    fraud::{self, Signal},
    goods::{Extra, Place},
    kpi,
};
use colibri_types::{OrderId, ReturnId, SiteId, TenantId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    Returns,
    domain::words::{self, line_of, timestamp, word},
    grpc::exchange,
    store::cases::Row,
};

/// Who and when.
pub struct Teller<'a> {
    row: &'a Row,
    at: OffsetDateTime,
    site: Option<Uuid>,
    return_id: String,
    tenant_id: String,
    order_id: String,
}

/// The key under which the payment side knows an instruction.
#[must_use]
pub fn refund_key(id: Uuid, scope: Scope, number: u32) -> String {
    format!("{}-{}-{number}", ReturnId::from_uuid(id), line_of(scope))
}

impl<'a> Teller<'a> {
    /// Tells of a return.
    #[must_use]
    pub fn new(row: &'a Row, at: OffsetDateTime, site: Option<Uuid>) -> Self {
        Self {
            row,
            at,
            site,
            return_id: ReturnId::from_uuid(row.return_id).to_string(),
            tenant_id: TenantId::from_uuid(row.tenant_id).to_string(),
            order_id: OrderId::from_uuid(row.order_id).to_string(),
        }
    }

    /// Units of a line, in words.
    #[must_use]
    pub fn line(&self, line: LineNo, units: u32) -> MovedLine {
        let about = &self.row.about.0;
        let reason = about.lines.get(&line).map(|line| line.reason.clone()).unwrap_or_default();
        MovedLine { line: u32::from(line), sku: about.sku(line).to_owned(), units, reason }
    }

    fn money(&self, amount_minor: i64) -> Option<Money> {
        Some(Money { amount_minor, currency: self.row.about.currency.to_string() })
    }

    /// Tells everything that the changes of one transaction mean. `version` is that of the first.
    pub fn tell(
        &self,
        cx: &mut Cx<Returns>,
        before: &Case,
        after: &Case,
        changes: &[Change],
        by_person: bool,
    ) {
        let first = u64::try_from(self.row.version).unwrap_or_default();
        for (version, change) in (first + 1..).zip(changes) {
            self.one(cx, after, change, version, by_person);
        }
        self.received(cx, changes, first + u64::try_from(changes.len()).unwrap_or_default());
        for (n, fact) in (0_u32..).zip(kpi::facts(before, after, self.at, changes)) {
            self.figure(cx, fact, first + 1, n);
        }
    }

    fn one(
        &self,
        cx: &mut Cx<Returns>,
        after: &Case,
        change: &Change,
        version: u64,
        by_person: bool,
    ) {
        let (return_id, tenant_id) = (self.return_id.clone(), self.tenant_id.clone());
        let order_id = self.order_id.clone();
        let at = Some(timestamp(self.at));
        let fact = version.to_string();
        match *change {
            Change::Agreed => {
                let send_until = Some(timestamp(after.terms().expires_at));
                let event = ReturnApproved {
                    return_id,
                    tenant_id,
                    order_id,
                    by_person,
                    send_until,
                    version,
                    at,
                };
                cx.publish(&event, &fact);
            }
            Change::Graded { line, grade, units, .. } => {
                let (line, grade) = (Some(self.line(line, units)), word(&grade));
                let event =
                    ReturnGraded { return_id, tenant_id, order_id, line, grade, version, at };
                cx.publish(&event, &fact);
            }
            Change::Disposed { line, grade, disposition, units, stock, .. } => {
                let event = ReturnDisposed {
                    return_id,
                    tenant_id,
                    order_id,
                    line: Some(self.line(line, units)),
                    grade: word(&grade),
                    disposition: word(&disposition),
                    booking: stock,
                    site_id: self
                        .site
                        .map(|site| SiteId::from_uuid(site).to_string())
                        .unwrap_or_default(),
                    version,
                    at,
                };
                cx.publish(&event, &fact);
            }
            Change::Triggered { .. } | Change::Answered { .. } => {
                self.refund(cx, after, change, version);
            }
            Change::Exchanged { number, link } => self.exchanged(cx, number, link, version),
            Change::Closed | Change::Reopened => {
                let reopened = *change == Change::Reopened;
                let event = ReturnClosed { return_id, tenant_id, order_id, reopened, version, at };
                cx.publish(&event, &fact);
            }
            _ => {}
        }
    }

    /// A replacement is further on.
    fn exchanged(&self, cx: &mut Cx<Returns>, number: u32, link: Link, version: u64) {
        let event = ExchangeChanged {
            return_id: self.return_id.clone(),
            tenant_id: self.tenant_id.clone(),
            order_id: self.order_id.clone(),
            exchange: number,
            line: Some(self.line(link.line, link.units)),
            state: exchange::state(link.state).to_owned(),
            value: self.money(link.value),
            price: self.money(link.price),
            difference: word(&link.difference),
            version,
            at: Some(timestamp(self.at)),
        };
        cx.publish(&event, &version.to_string());
    }

    /// What becomes of an instruction.
    fn refund(&self, cx: &mut Cx<Returns>, after: &Case, change: &Change, version: u64) {
        let (return_id, tenant_id) = (self.return_id.clone(), self.tenant_id.clone());
        let order_id = self.order_id.clone();
        let at = Some(timestamp(self.at));
        let fact = version.to_string();
        match *change {
            Change::Triggered { scope, number, instruction } => {
                let event = RefundOrdered {
                    return_id,
                    tenant_id,
                    order_id,
                    line: line_of(scope),
                    number,
                    key: refund_key(self.row.return_id, scope, number),
                    amount: self.money(instruction.amount),
                    method: word(&instruction.method),
                    version,
                    at,
                };
                cx.publish(&event, &fact);
            }
            Change::Answered { scope, number, state } => {
                let all = after.ledger(scope).map(|ledger| ledger.instructions());
                let known = all.and_then(|all| all.get(&number));
                let event = RefundSettled {
                    return_id,
                    tenant_id,
                    order_id,
                    line: line_of(scope),
                    number,
                    key: refund_key(self.row.return_id, scope, number),
                    amount: known.and_then(|known| self.money(known.amount)),
                    state: word(&state),
                    version,
                    at,
                };
                cx.publish(&event, &fact);
            }
            _ => {}
        }
    }

    /// Counts of one transaction are one event.
    fn received(&self, cx: &mut Cx<Returns>, changes: &[Change], version: u64) {
        let mut counted: BTreeMap<LineNo, u32> = BTreeMap::new();
        let (mut surplus, mut foreign) = (0, 0);
        for change in changes {
            match *change {
                Change::Moved { line, to: (Place::Received, _), units, .. } => {
                    *counted.entry(line).or_default() += units;
                }
                Change::Found { extra: Extra::Surplus, units, .. } => surplus += units,
                Change::Found { extra: Extra::Foreign, units, .. } => foreign += units,
                _ => {}
            }
        }
        if counted.is_empty() && surplus + foreign == 0 {
            return;
        }
        let event = ReturnReceived {
            return_id: self.return_id.clone(),
            tenant_id: self.tenant_id.clone(),
            order_id: self.order_id.clone(),
            lines: counted.into_iter().map(|(line, units)| self.line(line, units)).collect(),
            surplus,
            foreign,
            version,
            at: Some(timestamp(self.at)),
        };
        cx.publish(&event, &version.to_string());
    }

    /// A return was asked for.
    pub fn requested(&self, cx: &mut Cx<Returns>) {
        let about = &self.row.about.0;
        let lines = about.lines.iter().map(|(number, line)| self.line(*number, line.units));
        let event = ReturnRequested {
            return_id: self.return_id.clone(),
            tenant_id: self.tenant_id.clone(),
            order_id: self.order_id.clone(),
            channel: about.channel.clone(),
            country: about.country.clone(),
            withdrawal: about.withdrawal,
            lines: lines.collect(),
            version: 1,
            at: Some(timestamp(self.at)),
        };
        cx.publish(&event, "requested");
    }

    /// Approved by the rules, without a person.
    pub fn approved_by_rule(&self, cx: &mut Cx<Returns>) {
        let event = ReturnApproved {
            return_id: self.return_id.clone(),
            tenant_id: self.tenant_id.clone(),
            order_id: self.order_id.clone(),
            by_person: false,
            send_until: Some(timestamp(self.row.terms.expires_at)),
            version: 1,
            at: Some(timestamp(self.at)),
        };
        cx.publish(&event, "approved");
    }

    /// A person said no.
    pub fn rejected(&self, cx: &mut Cx<Returns>, code: &str) {
        let event = ReturnRejected {
            return_id: self.return_id.clone(),
            tenant_id: self.tenant_id.clone(),
            order_id: self.order_id.clone(),
            code: code.to_owned(),
            version: u64::try_from(self.row.version).unwrap_or_default(),
            at: Some(timestamp(self.at)),
        };
        cx.publish(&event, "rejected");
    }

    /// A signal, with what else it may be.
    pub fn signal(&self, cx: &mut Cx<Returns>, signal: &Signal) {
        let meaning = fraud::all().get(&signal.code);
        let evidence = signal.evidence.iter();
        let event = SignalRaised {
            return_id: self.return_id.clone(),
            tenant_id: self.tenant_id.clone(),
            order_id: self.order_id.clone(),
            code: signal.code.clone(),
            strength: meaning.map(|known| word(&known.strength)).unwrap_or_default(),
            step: meaning.map(|known| word(&known.step)).unwrap_or_default(),
            evidence: evidence
                .map(|(name, value)| Measured { name: name.clone(), value: *value })
                .collect(),
            version: u64::try_from(self.row.version).unwrap_or_default(),
            at: Some(timestamp(self.at)),
        };
        cx.publish(&event, &format!("signal:{}", signal.code));
    }

    /// An event of another shape, about the same return.
    pub fn publish<E: Event>(&self, cx: &mut Cx<Returns>, event: &E, fact: &str) {
        cx.publish(event, fact);
    }

    /// Ids as texts: return, tenant, order.
    #[must_use]
    pub fn ids(&self) -> (String, String, String) {
        (self.return_id.clone(), self.tenant_id.clone(), self.order_id.clone())
    }

    /// The time on the wire.
    #[must_use]
    pub fn at(&self) -> Option<prost_types::Timestamp> {
        Some(words::timestamp(self.at))
    }
}
