//! Facts that key figures are counted from, as events.

use std::collections::BTreeMap;

use colibri_events::{
    returns::v1::{FigureNoted, MovedLine},
    types::v1::Money,
};
use colibri_kit::service::Cx;
use colibri_returns_rules::{
    case::{LineNo, Scope},
    kpi::{self, Fact},
};

use super::Teller;
use crate::{
    Returns,
    domain::words::{timestamp, word},
};

impl Teller<'_> {
    pub(super) fn figure(&self, cx: &mut Cx<Returns>, fact: Fact, version: u64, n: u32) {
        let (figure, line, seconds, amount, said, missed) = self.figure_of(fact);
        let event = FigureNoted {
            return_id: self.return_id.clone(),
            tenant_id: self.tenant_id.clone(),
            order_id: self.order_id.clone(),
            figure: figure.to_owned(),
            line,
            seconds,
            amount: amount.and_then(|amount| self.money(amount)),
            word: said,
            missed,
            version,
            at: Some(timestamp(self.at)),
            country: self.row.about.country.clone(),
            channel: self.row.about.channel.clone(),
        };
        cx.publish(&event, &format!("{version}:{n}"));
    }

    fn figure_of(&self, fact: Fact) -> Figure {
        let line = |line, units| Some(self.line(line, units));
        let of = |scope| match scope {
            Scope::Line(number) => line(number, 0),
            Scope::Delivery => None,
        };
        let none = String::new;
        match fact {
            Fact::Received { line: number, units, after_request } => {
                ("received", line(number, units), after_request, None, none(), false)
            }
            Fact::Graded { line: number, grade, units, after_receipt } => {
                ("graded", line(number, units), after_receipt, None, word(&grade), false)
            }
            Fact::Disposed { line: number, disposition, units, after_receipt } => {
                ("disposed", line(number, units), after_receipt, None, word(&disposition), false)
            }
            Fact::Restocked { booking, line: number, units, after_receipt } => {
                ("restocked", line(number, units), after_receipt, None, booking.to_string(), false)
            }
            Fact::RestockBlocked { booking, line: number, units } => {
                ("restock_blocked", line(number, units), None, None, booking.to_string(), false)
            }
            Fact::Exchanged { line: number, units, after_request } => {
                ("exchanged", line(number, units), after_request, None, none(), false)
            }
            Fact::Refunded { scope, amount, after_request, missed } => {
                ("refunded", of(scope), after_request, Some(amount), none(), missed)
            }
            Fact::Disputed { scope, amount } => {
                ("disputed", of(scope), None, Some(amount), none(), false)
            }
            Fact::Exposure { amount } => ("exposure", None, None, Some(amount), none(), false),
            Fact::Closed { after_request } => ("closed", None, after_request, None, none(), false),
        }
    }

    /// A cost of a label, shared by the units that travel under it; told once per line.
    pub fn cost(
        &self,
        cx: &mut Cx<Returns>,
        (figure, fact): (&str, &str),
        (cost, carrier): (Option<&Money>, &str),
        contents: &BTreeMap<LineNo, u32>,
    ) {
        let Some(cost) = cost else { return };
        for (number, amount) in kpi::share(cost.amount_minor, contents) {
            let units = contents.get(&number).copied().unwrap_or_default();
            let event = FigureNoted {
                return_id: self.return_id.clone(),
                tenant_id: self.tenant_id.clone(),
                order_id: self.order_id.clone(),
                figure: figure.to_owned(),
                line: Some(self.line(number, units)),
                amount: Some(Money { amount_minor: amount, currency: cost.currency.clone() }),
                word: carrier.to_owned(),
                version: u64::try_from(self.row.version).unwrap_or_default() + 1,
                at: Some(timestamp(self.at)),
                country: self.row.about.country.clone(),
                channel: self.row.about.channel.clone(),
                ..FigureNoted::default()
            };
            cx.publish(&event, &format!("{fact}:{number}"));
        }
    }
}

type Figure = (&'static str, Option<MovedLine>, Option<i64>, Option<i64>, String, bool);
