//! What customs papers have in common: parties, goods, categories, and how figures are written.
//!
//! Owns the plain data that [`crate::cn22`], [`crate::cn23`] and [`crate::invoice`] print, and the
//! arithmetic of a printed page (sums, unit values). Deliberately not here: which paper is needed,
//! rules, exchange rates: whoever fills a form has decided already.

pub(crate) mod sheet;

#[cfg(test)]
mod form_tests;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::barcode::BarcodeError;

/// A finished paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// The file. The same form gives the same bytes.
    pub pdf: Vec<u8>,
    /// Pages in it.
    pub pages: usize,
    /// Some character is outside Windows code page 1252 and is shown by a spelling of it: the
    /// original belongs in the data sent ahead.
    pub lost: bool,
    /// Text was cut, marked with `...`, because it does not fit its field.
    pub cut: bool,
}

/// A form that cannot be printed as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// Nothing to declare.
    #[error("no goods are given")]
    NoGoods,
    /// More lines than the form has: a CN23 takes any number.
    #[error("a CN22 holds {max} lines of goods, {lines} are given; use CN23")]
    TooManyLines {
        /// As given.
        lines: usize,
        /// Of the form.
        max: usize,
    },
    /// Heavier than the form is allowed for.
    #[error("a CN22 is for up to {max} kg, the item has {kg} kg; use CN23")]
    TooHeavy {
        /// As given.
        kg: Decimal,
        /// Of the form.
        max: Decimal,
    },
    /// A field that the form cannot do without.
    #[error("`{field}` is missing")]
    Missing {
        /// Its name.
        field: &'static str,
    },
    /// A sum is too large to be written.
    #[error("the values are too large to be added")]
    Overflow,
    /// The number of the item cannot be a barcode.
    #[error("the number of the item cannot be printed as a barcode: {0}")]
    Barcode(#[from] BarcodeError),
}

/// Somebody on a form. Every text is one line; empty ones are not printed.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Party {
    /// Person.
    pub name: String,
    /// Firm.
    pub business: String,
    /// Street and number, line by line.
    pub street: Vec<String>,
    /// Postcode.
    pub postcode: String,
    /// Town.
    pub city: String,
    /// Province or state, as the country writes it.
    pub region: String,
    /// Country, as printed: in English, with its code where the caller wants it.
    pub country: String,
    /// Telephone, in international form.
    pub phone: String,
    /// E-mail.
    pub email: String,
    /// Numbers with what they are: `("EORI", "FR00000000000000")`.
    pub references: Vec<(String, String)>,
}

/// Names nobody: a person's address is not for logs.
impl std::fmt::Debug for Party {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Party").field("country", &self.country).finish_non_exhaustive()
    }
}

impl Party {
    /// Name and address, a line each.
    pub(crate) fn address(&self) -> Vec<String> {
        let town = [self.postcode.as_str(), &self.city, &self.region];
        let town: Vec<&str> = town.into_iter().filter(|part| !part.trim().is_empty()).collect();
        let mut lines = vec![self.name.clone(), self.business.clone()];
        lines.extend(self.street.iter().cloned());
        lines.extend([town.join(" "), self.country.clone()]);
        lines.retain(|line| !line.trim().is_empty());
        lines
    }

    /// Telephone and e-mail, a line each.
    pub(crate) fn contact(&self) -> Vec<String> {
        let lines = [&self.phone, &self.email].into_iter().filter(|line| !line.trim().is_empty());
        lines.cloned().collect()
    }

    /// Numbers, a line each.
    pub(crate) fn numbers(&self) -> Vec<String> {
        self.references.iter().map(|(kind, number)| format!("{kind} {number}")).collect()
    }
}

/// Goods of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Goods {
    /// What it is, in a language the destination reads, in Latin letters.
    pub description: String,
    /// Pieces, or units of [`Goods::unit`].
    pub quantity: u32,
    /// Unit of the quantity; empty: pieces.
    pub unit: String,
    /// Of the whole line, in kilograms.
    pub net_kg: Option<Decimal>,
    /// Of the whole line, in the currency of the form.
    pub value: Decimal,
    /// Tariff code; empty: not printed.
    pub code: String,
    /// Country where it was made, as printed; empty: not printed.
    pub origin: String,
}

/// What the values are in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Currency {
    /// ISO 4217.
    pub code: String,
    /// Decimal digits of its smallest unit: 2 for EUR, 0 for JPY.
    pub digits: u32,
}

/// Why goods travel: the boxes of the postal forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// From one private person to another.
    Gift,
    /// Papers without goods.
    Documents,
    /// Sold.
    SaleOfGoods,
    /// To show what could be sold.
    CommercialSample,
    /// Going back.
    ReturnedGoods,
    /// Something else, which the explanation names.
    Other,
}

impl Category {
    /// In the order of the boxes, with their words.
    pub(crate) const BOXES: [(Self, &'static str); 6] = [
        (Self::Gift, "Gift / Cadeau"),
        (Self::CommercialSample, "Commercial sample / Échantillon commercial"),
        (Self::Documents, "Documents"),
        (Self::ReturnedGoods, "Returned goods / Retour de marchandise"),
        (Self::SaleOfGoods, "Sale of goods / Vente de marchandises"),
        (Self::Other, "Other / Autre"),
    ];
}

/// An amount with the digits of its currency.
pub(crate) fn money(amount: Decimal, digits: u32) -> String {
    let mut rounded = amount.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(digits);
    rounded.to_string()
}

/// Kilograms with three decimals, the finest that the forms know.
pub(crate) fn kilograms(kg: Decimal) -> String {
    money(kg, 3)
}

/// Most decimals of a unit value that does not divide evenly.
const UNIT_DIGITS_MAX: u32 = 6;

/// The value of one piece: with the digits of the currency where that is exact, else with more.
pub(crate) fn unit_value(value: Decimal, quantity: u32, digits: u32) -> String {
    let Some(each) = value.checked_div(Decimal::from(quantity)) else {
        return String::new();
    };
    let short = each.round_dp(digits);
    if short.checked_mul(Decimal::from(quantity)) == Some(value) {
        return money(short, digits);
    }
    money(each, UNIT_DIGITS_MAX.max(digits))
}

/// Values of all lines.
pub(crate) fn total<'a>(goods: impl IntoIterator<Item = &'a Goods>) -> Result<Decimal, FormError> {
    let mut sum = Decimal::ZERO;
    for line in goods {
        sum = sum.checked_add(line.value).ok_or(FormError::Overflow)?;
    }
    Ok(sum)
}

/// Net weights of all lines; `None` when one has none.
pub(crate) fn net_total<'a>(goods: impl IntoIterator<Item = &'a Goods>) -> Option<Decimal> {
    let mut sum = Decimal::ZERO;
    for line in goods {
        sum = sum.checked_add(line.net_kg?)?;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn three_at_nine_ninety_nine_are_twenty_nine_ninety_seven() {
        assert_eq!(unit_value(Decimal::new(2997, 2), 3, 2), "9.99");
        assert_eq!(unit_value(Decimal::new(1000, 2), 3, 2), "3.333333");
        assert_eq!(unit_value(Decimal::new(900, 0), 3, 0), "300");
        assert_eq!(unit_value(Decimal::ONE, 0, 2), "");
        assert_eq!(kilograms(Decimal::new(3, 1)), "0.300");
    }

    proptest! {
        /// A reader who multiplies gets the value of the line.
        #[test]
        fn unit_values_multiply_back(minor in 1_i64..10_000_000, quantity in 1_u32..=999) {
            let value = Decimal::new(minor, 2);
            let each: Decimal = unit_value(value, quantity, 2).parse().expect("a number");
            let back = each * Decimal::from(quantity);
            prop_assert_eq!(money(back, 2), money(value, 2));
        }
    }
}
