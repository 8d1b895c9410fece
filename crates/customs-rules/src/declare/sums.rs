//! Sums of a parcel, checked before anything is printed: the same on every paper and record.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;

use super::{facts::Parcel, needs::Needs};
use crate::{
    assess::{Missing, validate},
    consignment::{Extra, Flow, Terms},
};

/// Terms of delivery that exist; `DDU` and `DAT` went with earlier editions.
const INCOTERMS: &str = "EXW FCA CPT CIP DAP DPU DDP FAS FOB CFR CIF";

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineSum {
    /// Its number.
    pub no: u32,
    /// As on the invoice: goods, with carriage that is hidden in their price.
    pub invoiced: Decimal,
    /// As declared: less its share of the discount.
    pub declared: Decimal,
}

/// Sums of a parcel, in the order's currency, each with that currency's decimals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// By line.
    pub lines: Vec<LineSum>,
    /// All lines as invoiced.
    pub invoiced: Decimal,
    /// Taken off.
    pub discount: Decimal,
    /// Goods as declared: invoiced less the discount.
    pub goods: Decimal,
    /// Carriage shown apart.
    pub freight: Decimal,
    /// Insurance shown apart.
    pub insurance: Decimal,
    /// Other charges.
    pub other: Decimal,
    /// Tax shown.
    pub tax: Decimal,
    /// Goods and everything beside them.
    pub grand: Decimal,
    /// Net weights of the lines that have one, in kilograms.
    pub net_kg: Decimal,
    /// With the packing, in kilograms.
    pub gross_kg: Decimal,
}

impl Sums {
    /// What a line is declared with.
    #[must_use]
    pub fn declared(&self, no: u32) -> Decimal {
        let line = self.lines.iter().find(|line| line.no == no);
        line.map(|line| line.declared).unwrap_or_default()
    }
}

/// Half up, as invoices round.
pub(super) fn round(amount: Decimal, digits: u32) -> Decimal {
    amount.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}

/// Splits an amount by value into whole units of `digits` decimals that sum exactly to it: shares
/// are cut, and the units that are left go to the first lines that were cut most.
fn spread(amount: Decimal, values: &[Decimal], digits: u32) -> Vec<Decimal> {
    let total: Decimal = values.iter().sum();
    let cut = |value: &Decimal| {
        let exact = amount.checked_mul(*value).and_then(|part| part.checked_div(total));
        let exact = exact.unwrap_or_default();
        let share = exact.trunc_with_scale(digits);
        (share, exact - share)
    };
    let cuts: Vec<(Decimal, Decimal)> = values.iter().map(cut).collect();
    let mut shares: Vec<Decimal> = cuts.iter().map(|(share, _)| *share).collect();
    let mut left = amount - shares.iter().sum::<Decimal>();
    let unit = Decimal::new(1, digits);
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(cuts.get(*at).map(|(_, rest)| *rest)));
    for at in order {
        if left < unit {
            break;
        }
        if let Some(share) = shares.get_mut(at) {
            *share += unit;
            left -= unit;
        }
    }
    shares
}

fn shown(extra: Option<&Extra>) -> Decimal {
    extra.filter(|extra| extra.shown_separately).map(|extra| extra.amount).unwrap_or_default()
}

/// Checks that the figures of a parcel agree, and sums them.
///
/// # Errors
/// Every figure that contradicts another, and every one that is missing for a sum.
pub fn check(parcel: &Parcel) -> Result<Sums, Vec<Missing>> {
    validate(&parcel.consignment)?;
    let mut needs = Needs::default();
    let (consignment, facts) = (&parcel.consignment, &parcel.facts);
    let digits = consignment.currency.digits();
    figures(parcel, &mut needs);
    words(parcel, &mut needs);
    let values: Vec<Decimal> = consignment.lines.iter().map(|line| line.value).collect();
    let extras = [&consignment.freight, &consignment.insurance];
    let hidden = extras.into_iter().flatten().filter(|extra| !extra.shown_separately);
    let hidden: Decimal = hidden.map(|extra| extra.amount).sum();
    let hidden = spread(hidden, &values, digits);
    let invoiced: Vec<Decimal> = values.iter().zip(&hidden).map(|(a, b)| a + b).collect();
    let less = spread(consignment.discount, &invoiced, digits);
    let each = consignment.lines.iter().zip(invoiced.iter().zip(&less));
    let lines: Vec<LineSum> = each
        .map(|(line, (invoiced, less))| LineSum {
            no: line.no,
            invoiced: *invoiced,
            declared: invoiced - less,
        })
        .collect();
    for line in lines.iter().filter(|line| line.declared <= Decimal::ZERO) {
        needs.fault(Some(line.no), "value", "the discount leaves no value to declare");
    }
    let net_kg: Decimal = consignment.lines.iter().filter_map(|line| line.net_kg).sum();
    let gross_kg = facts.gross_kg.unwrap_or_default();
    needs.want(gross_kg > Decimal::ZERO, "facts.gross_kg", "the gross weight is needed");
    if gross_kg > Decimal::ZERO && net_kg > gross_kg {
        needs.fault(None, "facts.gross_kg", "is less than the net weights of the lines");
    }
    let invoiced: Decimal = invoiced.iter().sum();
    let goods = invoiced - consignment.discount;
    let freight = shown(consignment.freight.as_ref());
    let insurance = shown(consignment.insurance.as_ref());
    let other = facts.other_charges.unwrap_or_default();
    let tax = facts.tax_shown.unwrap_or_default();
    let grand = goods + freight + insurance + other + tax;
    let discount = consignment.discount;
    needs.finish(Some(Sums {
        lines,
        invoiced,
        discount,
        goods,
        freight,
        insurance,
        other,
        tax,
        grand,
        net_kg,
        gross_kg,
    }))
}

/// Amounts that must be of one currency and its decimals.
fn figures(parcel: &Parcel, needs: &mut Needs) {
    let (consignment, facts) = (&parcel.consignment, &parcel.facts);
    let digits = consignment.currency.digits();
    let whole = |amount: Decimal| amount.normalize().scale() <= digits;
    let reason = "has more decimals than the currency";
    for line in &consignment.lines {
        needs.want_of(line.no, whole(line.value), "value", reason);
        let Some(unit) = parcel.line_facts(line.no).and_then(|facts| facts.unit_value) else {
            continue;
        };
        let product = unit.checked_mul(Decimal::from(line.quantity));
        let agrees = product.is_some_and(|product| round(product, digits) == line.value);
        let reason = "is not the quantity times the unit value: is it the value of one piece?";
        needs.want_of(line.no, agrees, "value", reason);
    }
    for no in facts.lines.keys() {
        let known = consignment.lines.iter().any(|line| line.no == *no);
        needs.want_of(*no, known, "facts.lines", "there is no line of this number");
    }
    needs.want(whole(consignment.discount), "discount", reason);
    for (name, extra) in [("freight", &consignment.freight), ("insurance", &consignment.insurance)]
    {
        let good = extra.as_ref().is_none_or(|extra| whole(extra.amount));
        needs.want(good, name, reason);
    }
    let amounts =
        [("facts.tax_shown", facts.tax_shown), ("facts.other_charges", facts.other_charges)];
    for (name, amount) in amounts {
        let amount = amount.unwrap_or_default();
        needs.want(whole(amount), name, reason);
        let limits = Decimal::ZERO..=Decimal::from(1_000_000_000);
        needs.want(limits.contains(&amount), name, "is not below zero, nor above a milliard");
    }
    let one = facts.tax_paid.is_none_or(|paid| paid.currency == consignment.currency);
    needs.want(one, "facts.tax_paid", "is in another currency than the order");
}

/// Words that contradict each other.
fn words(parcel: &Parcel, needs: &mut Needs) {
    let (consignment, facts) = (&parcel.consignment, &parcel.facts);
    let sold = matches!(consignment.flow, Flow::B2c | Flow::B2b);
    let gift = parcel.category() == super::Category::Gift;
    needs.want(!(sold && gift), "facts.category", "a sale is never a gift");
    let term = facts.incoterm.trim().to_ascii_uppercase();
    if !term.is_empty() {
        let known = INCOTERMS.split(' ').any(|known| known == term);
        needs.want(known, "facts.incoterm", "is no Incoterm 2020: DAP or DDP for parcels");
        let paid = (term == "DDP") == (consignment.terms == Terms::Ddp);
        needs.want(paid, "facts.incoterm", "says another payer than the terms");
    }
    for line in &consignment.lines {
        let text = line.description.to_lowercase();
        let remark = text.contains("customs purposes only") || text.contains("no commercial value");
        let reason = "a remark on the value belongs to the terms, not to the description";
        needs.want_of(line.no, !remark, "description", reason);
    }
    let sides = [
        ("seller.country", parcel.sender().country, consignment.from.country),
        ("buyer.country", parcel.addressee().country, consignment.to.country),
    ];
    for (field, party, place) in sides {
        let agrees = party.is_none_or(|country| country == place);
        needs.want(agrees, field, "is another country than that of the way");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// A discount is spread to the last cent, each share within a cent of its part.
        #[test]
        fn shares_sum_exactly(minor in prop::collection::vec(1_i64..1_000_000, 1..40), part in 0_i64..100) {
            let values: Vec<Decimal> = minor.iter().map(|m| Decimal::new(*m, 2)).collect();
            let total: Decimal = values.iter().sum();
            let amount = round(total * Decimal::new(part, 2), 2);
            let shares = spread(amount, &values, 2);
            prop_assert_eq!(shares.iter().sum::<Decimal>(), amount);
            for (share, value) in shares.iter().zip(&values) {
                let exact = amount * value / total;
                prop_assert!((share - exact).abs() <= Decimal::new(1, 2));
            }
        }
    }
}
