//! The lines of a price: freight, then what comes on top, and their rounding.
//!
//! Owns the one rule of sums: a total is always the sum of the lines' rounded amounts.

use colibri_types::Money;
use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};

use super::{
    exact::Exact,
    quote::{Basis, ChargeLine},
    sheet::{RoundingMode, RoundingPer, Sheet, Zone},
};

/// An amount left the range of exact computation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Overflow;

/// Lines of one quote as they grow.
pub(super) struct Lines<'a> {
    sheet: &'a Sheet,
    lines: Vec<ChargeLine>,
}

/// Name and place of a line.
pub(super) struct Head<'a> {
    /// Code of the line.
    pub code: &'a str,
    /// Name for people.
    pub label: &'a str,
    /// Parcel from 1.
    pub parcel: Option<u32>,
}

impl<'a> Head<'a> {
    /// A line for the whole shipment.
    pub(super) const fn new(code: &'a str, label: &'a str) -> Self {
        Self { code, label, parcel: None }
    }
}

impl<'a> Lines<'a> {
    pub(super) const fn new(sheet: &'a Sheet) -> Self {
        Self { sheet, lines: Vec::new() }
    }

    /// Adds a line; answers the amount that percentages count.
    pub(super) fn push(
        &mut self,
        head: &Head<'_>,
        basis: Basis,
        rate: Decimal,
        amount: Decimal,
    ) -> Result<Decimal, Overflow> {
        let rounded = self.round(amount)?;
        self.lines.push(ChargeLine {
            code: head.code.to_owned(),
            label: head.label.to_owned(),
            parcel: head.parcel,
            basis,
            rate: Exact::new(rate),
            amount: Exact::new(amount),
            rounded,
        });
        Ok(match self.sheet.rounding.per {
            RoundingPer::Line => rounded.to_decimal(),
            RoundingPer::Total => amount,
        })
    }

    /// Adds a percentage of an amount.
    pub(super) fn percent(
        &mut self,
        head: &Head<'_>,
        of: Decimal,
        percent: Decimal,
    ) -> Result<Decimal, Overflow> {
        let amount = percent_of(of, percent)?;
        let basis = Basis::Percent { amount: Exact::new(of) };
        self.push(head, basis, percent, amount)
    }

    /// The freight: a price per looked-up weight, the discount, the minimum. Answers their sum.
    pub(super) fn freight(&mut self, prices: Vec<Base>) -> Result<Decimal, Overflow> {
        let mut freight = Decimal::ZERO;
        for base in prices {
            let head = Head { code: "base", label: &self.sheet.label, parcel: base.parcel };
            let counted = self.push(&head, base.basis, base.rate, base.amount)?;
            freight = add(freight, counted)?;
        }
        if let Some(percent) = self.sheet.discount_percent {
            let head = Head::new("discount", "Contract discount");
            let counted = self.percent(&head, freight, -percent.0)?;
            freight = add(freight, counted)?;
        }
        let minimum = self.sheet.minimum.map(|minimum| minimum.0);
        if let Some(minimum) = minimum.filter(|minimum| *minimum > freight) {
            let basis = Basis::UpTo { amount: Exact::new(freight) };
            let head = Head::new("minimum", "Minimum charge");
            let counted = self.push(&head, basis, minimum, minimum - freight)?;
            freight = add(freight, counted)?;
        }
        Ok(freight)
    }

    /// Closes the price: the lines and their sum.
    pub(super) fn finish(mut self) -> Result<(Vec<ChargeLine>, Money), Overflow> {
        let shown = self.shown()?;
        if self.sheet.rounding.per == RoundingPer::Line {
            return Ok((self.lines, shown));
        }
        let mut exact = Decimal::ZERO;
        for line in &self.lines {
            exact = add(exact, line.amount.0)?;
        }
        let total = self.round(exact)?;
        if total != shown {
            let basis = Basis::Remainder { amount: Exact::new(shown.to_decimal()) };
            let rest = total.to_decimal() - shown.to_decimal();
            let head = Head::new("rounding", "Rounding of the total");
            self.push(&head, basis, total.to_decimal(), rest)?;
        }
        Ok((self.lines, total))
    }

    fn shown(&self) -> Result<Money, Overflow> {
        let mut sum = Money::new(0, self.sheet.currency);
        for line in &self.lines {
            sum = sum.checked_add(line.rounded).map_err(|_| Overflow)?;
        }
        Ok(sum)
    }

    fn round(&self, amount: Decimal) -> Result<Money, Overflow> {
        let strategy = match self.sheet.rounding.mode {
            RoundingMode::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            RoundingMode::HalfEven => RoundingStrategy::MidpointNearestEven,
            RoundingMode::Up => RoundingStrategy::AwayFromZero,
            RoundingMode::Down => RoundingStrategy::ToZero,
        };
        let currency = self.sheet.currency;
        let coin = Decimal::new(i64::from(self.sheet.rounding.step_minor), currency.digits());
        let minor = amount
            .checked_div(coin)
            .map(|coins| coins.round_dp_with_strategy(0, strategy))
            .and_then(|coins| coins.to_i64())
            .and_then(|coins| coins.checked_mul(i64::from(self.sheet.rounding.step_minor)));
        minor.map(|minor| Money::new(minor, currency)).ok_or(Overflow)
    }
}

/// Sum of two amounts. A sum that would lose digits is an overflow: amounts are exact or refused.
pub(super) fn add(left: Decimal, right: Decimal) -> Result<Decimal, Overflow> {
    let sum = left.checked_add(right).ok_or(Overflow)?;
    let kept = sum.scale() >= left.scale().max(right.scale());
    if kept || left.is_zero() || right.is_zero() { Ok(sum) } else { Err(Overflow) }
}

/// Product of two numbers, exact or refused like [`add`].
pub(super) fn multiply(left: Decimal, right: Decimal) -> Result<Decimal, Overflow> {
    let product = left.checked_mul(right).ok_or(Overflow)?;
    let kept = product.scale() == left.scale() + right.scale();
    if kept || left.is_zero() || right.is_zero() { Ok(product) } else { Err(Overflow) }
}

/// A percentage of an amount.
pub(super) fn percent_of(amount: Decimal, percent: Decimal) -> Result<Decimal, Overflow> {
    let share = multiply(percent, Decimal::new(1, 2))?;
    multiply(amount, share)
}

/// The price of one looked-up weight.
pub(super) struct Base {
    parcel: Option<u32>,
    basis: Basis,
    rate: Decimal,
    amount: Decimal,
}

impl Base {
    /// Looks a weight up. `None` above the last break of a zone that sells no steps above it.
    pub(super) fn look_up(
        zone: &Zone,
        billable_g: u64,
        parcel: Option<u32>,
    ) -> Option<Result<Self, Overflow>> {
        let at = zone.breaks.partition_point(|entry| u64::from(entry.to_g) < billable_g);
        if let Some(entry) = zone.breaks.get(at) {
            let basis = Basis::Break { billable_g, to_g: entry.to_g };
            return Some(Ok(Self { parcel, basis, rate: entry.price.0, amount: entry.price.0 }));
        }
        let last = zone.breaks.last()?;
        let above = zone.above.as_ref()?;
        let over = billable_g.saturating_sub(u64::from(last.to_g));
        let steps = over.div_ceil(u64::from(above.step_g).max(1));
        let more = multiply(above.price.0, Decimal::from(steps));
        let amount = more.and_then(|more| add(more, last.price.0));
        let basis = Basis::Above {
            billable_g,
            from_g: last.to_g,
            from_price: last.price,
            steps,
            step_g: above.step_g,
        };
        Some(amount.map(|amount| Self { parcel, basis, rate: above.price.0, amount }))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn sums_and_products_keep_every_digit_or_are_refused() {
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        let long = number("12345678901234567890.1234");
        assert_eq!(multiply(long, number("1.5")), Ok(number("18518518351851851835.1851")));
        assert_eq!(multiply(long, number("1.23456789")), Err(Overflow));
        assert_eq!(multiply(long, Decimal::ZERO), Ok(Decimal::ZERO));
        assert_eq!(multiply(Decimal::MAX, Decimal::TWO), Err(Overflow));
        assert_eq!(add(long, number("0.0001")), Ok(number("12345678901234567890.1235")));
        assert_eq!(add(long, number("0.0000000000000001")), Err(Overflow));
        assert_eq!(add(long, Decimal::ZERO), Ok(long));
        assert_eq!(add(Decimal::MAX, Decimal::ONE), Err(Overflow));
    }
}
