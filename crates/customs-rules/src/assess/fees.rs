//! Fees: of states, of unions, of the carrier.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::{FigureKind, Run, result::Entry};
use crate::rules::{Effect, Per, Rule};

impl Run<'_> {
    pub(super) fn fees(&mut self, customs_border: bool) {
        for &rule in &self.rules.clone() {
            if !customs_border
                || !matches!(rule.effect, Effect::Fee { .. } | Effect::ProcessingFee { .. })
            {
                continue;
            }
            match self.holds(rule, self.scheme) {
                Ok(()) => self.fee(rule),
                Err(reason) => self.book.refused(rule, reason),
            }
        }
        for fee in &self.parcel.carrier_fees {
            match self.convert(fee.amount, fee.currency) {
                Some(amount) => self.book.enter(Entry {
                    kind: FigureKind::CarrierFee,
                    line: None,
                    rule: "carrier".to_owned(),
                    words: fee.name.clone(),
                    heading: String::new(),
                    base: None,
                    amount,
                }),
                None => {
                    self.book.missing(None, "carrier_fees", "no exchange rate for a carrier's fee");
                }
            }
        }
    }

    fn fee(&mut self, rule: &Rule) {
        let entry = |words: String, base: Option<Decimal>, amount: Decimal| Entry {
            kind: FigureKind::Fee,
            line: None,
            rule: rule.id.clone(),
            words,
            heading: String::new(),
            base,
            amount,
        };
        match &rule.effect {
            Effect::Fee { per, amount, currency } => {
                let count = self.count(*per);
                let Some(each) = self.convert(*amount, *currency) else {
                    self.book.missing(None, "currency", "no exchange rate for a fee");
                    return;
                };
                let due = each * Decimal::from(count);
                self.book.used(rule, "a fee");
                self.book.enter(entry(format!("{amount} {currency} x {count}"), None, due));
            }
            Effect::ProcessingFee { informal, informal_up_to, rate, floor, ceiling, .. } => {
                let value: Decimal = self.values.lines.iter().map(|line| line.customs).sum();
                let due = match value <= *informal_up_to {
                    true => *informal,
                    false => (value * rate).max(*floor).min(*ceiling),
                };
                self.book.used(rule, "a processing fee");
                self.book.enter(entry("processing fee".to_owned(), Some(value), due));
            }
            _ => {}
        }
    }

    fn count(&self, per: Per) -> u32 {
        let lines = self.parcel.lines.iter();
        let count = match per {
            Per::Parcel => 1,
            Per::Line => lines.map(|l| self.declaration_key(l)).collect::<BTreeSet<_>>().len(),
            Per::Hs6Line => {
                lines.map(|l| l.code.get(..6).unwrap_or(&l.code)).collect::<BTreeSet<_>>().len()
            }
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}
