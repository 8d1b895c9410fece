//! Sums of money over an order, and whether they add up.

use colibri_types::Money;

use crate::{
    error::{ChannelError, Code},
    order::{CanonicalOrder, Line, Totals},
};

/// Adds amounts of one currency; the first is the zero they start from.
pub(crate) fn sum(
    zero: Money,
    amounts: impl IntoIterator<Item = Money>,
    place: &str,
) -> Result<Money, ChannelError> {
    amounts.into_iter().try_fold(zero, |total, amount| {
        total.checked_add(amount).map_err(|_| ChannelError::at(Code::AmountOutOfRange, place))
    })
}

/// Price of all units of a line.
pub(crate) fn times(price: Money, quantity: u32, place: &str) -> Result<Money, ChannelError> {
    price
        .amount_minor
        .checked_mul(i64::from(quantity))
        .map(|minor| Money::new(minor, price.currency))
        .ok_or_else(|| ChannelError::at(Code::AmountOutOfRange, place))
}

/// Sum of the taxes of the lines, when every line states one.
pub(crate) fn tax_of(
    lines: &[Line],
    zero: Money,
    place: &str,
) -> Result<Option<Money>, ChannelError> {
    let stated: Option<Vec<Money>> = lines.iter().map(|line| line.tax).collect();
    match stated {
        Some(taxes) if !taxes.is_empty() => sum(zero, taxes, place).map(Some),
        _ => Ok(None),
    }
}

/// Whether the stated grand total follows from the parts, within one minor unit per line: each
/// line may have been rounded once. Not decidable without all parts, and then not a mismatch.
pub(crate) fn add_up(order: &CanonicalOrder) -> bool {
    let Totals { items, discount, shipping, other, tax, grand } = order.totals;
    let (Some(grand), Some(included)) = (grand, order.taxes_included) else {
        return true;
    };
    let tax = match (included, tax) {
        (true, _) => 0,
        (false, Some(tax)) => tax.amount_minor,
        (false, None) => return true,
    };
    let minor = |money: Option<Money>| i128::from(money.map_or(0, |m| m.amount_minor));
    let expected = i128::from(items.amount_minor) - i128::from(discount.amount_minor)
        + minor(shipping)
        + minor(other)
        + i128::from(tax);
    let tolerance = order.lines.len().max(1) as u128;
    expected.abs_diff(i128::from(grand.amount_minor)) <= tolerance
}
