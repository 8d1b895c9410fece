//! From the order's money to values: shares of discount, carriage and insurance.

use rust_decimal::Decimal;

use super::Missing;
use crate::{
    consignment::{Consignment, Extra},
    rules::{Basis, Effect},
};

/// Most lines of a parcel that are assessed.
const LINES_MAX: usize = 999;
/// Beyond this no parcel goes; far below what decimals can hold through the whole chain.
const VALUE_MAX: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);
/// Decimal places of a share; the rest goes to the last line, so that shares sum exactly.
const SHARE_PLACES: u32 = 12;

/// Values of one line in the destination's currency.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineValues {
    /// Goods less their share of the discount.
    pub goods: Decimal,
    /// From which duties are counted.
    pub customs: Decimal,
    /// Carriage and insurance that are not in the customs value.
    pub outside: Decimal,
}

/// Values of a parcel in the destination's currency.
#[derive(Debug, Clone)]
pub(super) struct Values {
    pub lines: Vec<LineValues>,
    /// In the order's currency: goods, and carriage hidden in their price.
    intrinsic: Decimal,
    /// In the order's currency: carriage and insurance shown apart.
    freight: Decimal,
}

/// The value that thresholds look at: goods as sold, without carriage, insurance and taxes that are
/// shown apart.
#[must_use]
pub fn intrinsic_value(parcel: &Consignment) -> Decimal {
    let goods: Decimal = parcel.lines.iter().map(|line| line.value).sum();
    goods - parcel.discount + hidden(parcel)
}

fn extras(parcel: &Consignment) -> impl Iterator<Item = &Extra> {
    [&parcel.freight, &parcel.insurance].into_iter().flatten()
}

/// Carriage and insurance that stand beside the goods without a line of their own.
fn hidden(parcel: &Consignment) -> Decimal {
    extras(parcel).filter(|extra| !extra.shown_separately).map(|extra| extra.amount).sum()
}

impl Values {
    /// `rate`: units of the destination's currency for one of the order's. `None` on overflow.
    pub(super) fn of(parcel: &Consignment, rate: Decimal, profile: &Effect) -> Option<Self> {
        let Effect::Profile { duty_basis, .. } = profile else { return None };
        let goods: Vec<Decimal> = parcel.lines.iter().map(|line| line.value).collect();
        let discounts = shares(parcel.discount, &goods)?;
        let shown: Decimal =
            extras(parcel).filter(|extra| extra.shown_separately).map(|extra| extra.amount).sum();
        let carriage = shares(shown, &goods)?;
        let inside = shares(hidden(parcel), &goods)?;
        let each = goods.iter().zip(&discounts).zip(carriage.iter().zip(&inside));
        let lines = each.map(|((value, discount), (carriage, inside))| {
            let goods = (value - discount + inside).checked_mul(rate)?;
            let carriage = carriage.checked_mul(rate)?;
            Some(match duty_basis {
                Basis::Fob => LineValues { goods, customs: goods, outside: carriage },
                Basis::Cif => {
                    LineValues { goods, customs: goods + carriage, outside: Decimal::ZERO }
                }
            })
        });
        let lines = lines.collect::<Option<Vec<_>>>()?;
        Some(Self { lines, intrinsic: intrinsic_value(parcel), freight: shown })
    }

    /// What a threshold looks at, in the order's currency.
    pub(super) fn tested(&self, with_freight: bool) -> Decimal {
        if with_freight { self.intrinsic + self.freight } else { self.intrinsic }
    }

    /// The dearest single piece, in the order's currency.
    #[allow(clippy::unused_self, reason = "read beside `tested`")]
    pub(super) fn dearest_item(&self, parcel: &Consignment) -> Decimal {
        let each = parcel.lines.iter();
        let each = each.map(|line| line.value / Decimal::from(line.quantity.max(1)));
        each.max().unwrap_or_default()
    }
}

/// Splits an amount by value; the shares sum exactly to it. Without any value the first line bears
/// it all.
fn shares(amount: Decimal, values: &[Decimal]) -> Option<Vec<Decimal>> {
    if amount.is_zero() {
        return Some(vec![Decimal::ZERO; values.len()]);
    }
    let total: Decimal = values.iter().sum();
    let mut left = amount;
    let mut all = Vec::with_capacity(values.len());
    for value in values {
        let share = match total.is_zero() {
            true => Decimal::ZERO,
            false => amount.checked_mul(*value)?.checked_div(total)?.trunc_with_scale(SHARE_PLACES),
        };
        left -= share;
        all.push(share);
    }
    // The largest line bears the rest: less than a millionth of a millionth a line.
    let largest = (0..values.len()).max_by_key(|at| values.get(*at).copied())?;
    if let Some(share) = all.get_mut(largest) {
        *share += left;
    }
    Some(all)
}

/// Is the question one that can have an answer?
///
/// # Errors
/// Each field that makes no sense, with its line.
pub fn validate(parcel: &Consignment) -> Result<(), Vec<Missing>> {
    let mut faults = Vec::new();
    let mut fault = |line: Option<u32>, field: &str, reason: &str| {
        faults.push(Missing { line, field: field.to_owned(), reason: reason.to_owned() });
    };
    if parcel.lines.is_empty() || parcel.lines.len() > LINES_MAX {
        fault(None, "lines", "1 to 999 lines are assessed");
    }
    let outside = |amount: Decimal| amount.is_sign_negative() || amount > VALUE_MAX;
    for (at, line) in parcel.lines.iter().enumerate() {
        let no = Some(line.no);
        if parcel.lines.iter().take(at).any(|other| other.no == line.no) {
            fault(no, "no", "the number stands twice");
        }
        if line.quantity == 0 {
            fault(no, "quantity", "is at least one");
        }
        if line.value <= Decimal::ZERO || line.value > VALUE_MAX {
            fault(no, "value", "is above zero, also for goods that nobody pays for");
        }
        if line.net_kg.is_some_and(|kg| kg <= Decimal::ZERO || kg > VALUE_MAX) {
            fault(no, "net_kg", "is above zero, or absent");
        }
        if line.litres.is_some_and(|litres| litres <= Decimal::ZERO || litres > VALUE_MAX) {
            fault(no, "litres", "is above zero, or absent");
        }
        if line.description.trim().is_empty() {
            fault(no, "description", "is needed");
        }
        let digits = line.code.bytes().all(|b| b.is_ascii_digit());
        if !digits || !matches!(line.code.len(), 0 | 6 | 8 | 10) {
            fault(no, "code", "has 6, 8 or 10 digits; zeros are never added");
        }
        let stated = line.duty.as_deref().map(crate::tariff::Expression::parse);
        if stated.is_some_and(|read| read.is_err()) {
            fault(no, "duty", "is an expression such as `12 %` or `2 EUR/kg`");
        }
        if line.tax_rate.is_some_and(|rate| rate.is_sign_negative() || rate >= Decimal::ONE) {
            fault(no, "tax_rate", "is a fraction from 0 to 1");
        }
    }
    let goods: Decimal = parcel.lines.iter().map(|line| line.value.min(VALUE_MAX)).sum();
    if outside(parcel.discount) || parcel.discount >= goods.max(Decimal::ONE) {
        fault(None, "discount", "is not below zero and less than the goods");
    }
    for (name, extra) in [("freight", &parcel.freight), ("insurance", &parcel.insurance)] {
        if extra.as_ref().is_some_and(|extra| outside(extra.amount)) {
            fault(None, name, "is not below zero");
        }
    }
    if parcel.carrier_fees.iter().any(|fee| outside(fee.amount)) {
        fault(None, "carrier_fees", "are not below zero");
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}
