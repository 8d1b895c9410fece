//! Tax at the border, or at the sale.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use super::{FigureKind, Run, result::Entry};
use crate::rules::Effect;

impl Run<'_> {
    pub(super) fn taxes(&mut self, relieved: bool) {
        let profile_rule = self.profile.rule;
        let Effect::Profile { tax_base: Some(base), gross_up, base_step, tax_step, floor, .. } =
            &profile_rule.effect
        else {
            return;
        };
        if relieved || self.parcel.lines.is_empty() {
            return;
        }
        let (place, date) = (&self.parcel.to, self.parcel.date);
        let standard = self.world.taxes.standard(&self.to.tax, &place.subdivision, date);
        let Some((standard, source)) = standard else {
            let reason = "no tax rate is known for this territory";
            self.book.missing(None, "to.subdivision", reason);
            return;
        };
        let source = source.to_owned();
        let at_sale = self.rules.iter().find(|rule| match &rule.effect {
            Effect::Scheme { scheme, tax_at_sale, .. } => {
                Some(*scheme) == self.scheme && *tax_at_sale
            }
            _ => false,
        });
        let (kind, rule) = match at_sale {
            Some(rule) => (FigureKind::TaxAtSale, *rule),
            None => (FigureKind::Tax, profile_rule),
        };
        let mut bases: BTreeMap<Decimal, Decimal> = BTreeMap::new();
        for (line, values) in self.parcel.lines.iter().zip(&self.values.lines) {
            let mut value = values.customs;
            match kind {
                // At the sale tax is on the price with its carriage.
                FigureKind::TaxAtSale => {
                    value = values.goods + values.outside.max(value - values.goods)
                }
                _ => {
                    value += if base.freight { values.outside } else { Decimal::ZERO };
                    if base.duty {
                        value += self.book.of_line(line.no);
                    }
                }
            }
            *bases.entry(line.tax_rate.unwrap_or(standard)).or_default() += value;
        }
        let mut whole = Decimal::ZERO;
        if kind == FigureKind::Tax {
            // Duties and fees that belong to no line are taxed with the standard goods.
            whole += if base.duty { self.book.of_no_line() } else { Decimal::ZERO };
            whole += if base.carrier_fees { self.carrier_fees() } else { Decimal::ZERO };
        }
        *bases.entry(standard).or_default() += whole;
        self.book.used(rule, format!("standard rate {standard}, {source}"));
        let mut due = Decimal::ZERO;
        let mut entries = Vec::new();
        for (rate, base) in bases {
            let base = if kind == FigureKind::Tax { step(base, *base_step) } else { base };
            let counted = match gross_up {
                true => base.checked_div(Decimal::ONE - rate).unwrap_or_default(),
                false => base,
            };
            let amount = counted * rate;
            let amount = if kind == FigureKind::Tax { step(amount, *tax_step) } else { amount };
            due += amount;
            entries.push(Entry {
                kind,
                line: None,
                rule: rule.id.clone(),
                words: format!("{} %", (rate * Decimal::ONE_HUNDRED).normalize()),
                heading: String::new(),
                base: Some(base),
                amount,
            });
        }
        if kind == FigureKind::Tax && floor.is_some_and(|floor| due <= floor) {
            self.book.used(profile_rule, format!("tax of {due} is not levied"));
            return;
        }
        for entry in entries.into_iter().filter(|entry| !entry.amount.is_zero()) {
            self.book.enter(entry);
        }
    }

    /// The carrier's fees in the destination's currency.
    fn carrier_fees(&self) -> Decimal {
        let fees = self.parcel.carrier_fees.iter();
        let each =
            fees.filter_map(|fee| self.rate(fee.currency).map(|rate| fee.amount * rate.rate));
        each.sum()
    }
}

/// Rounded half up to a multiple of a step.
fn step(amount: Decimal, step: Option<Decimal>) -> Decimal {
    match step {
        Some(step) if !step.is_zero() => {
            let count = amount / step;
            count.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero) * step
        }
        _ => amount,
    }
}
