//! Duty expressions: `12 %`, `144.10 GBP/t`, `9 % + 1.2 EUR/100kg MIN 2 EUR/kg MAX 3 EUR/kg`.
//!
//! `MIN x` is *not less than x*, `MAX x` *not more than x*: the words are the tariffs' own and easily
//! taken for the functions of the same name, which do the opposite. Read at the last of them, the
//! left side first.

use std::fmt;

use colibri_types::Currency;
use rust_decimal::Decimal;

/// What a specific duty counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Net kilogram.
    Kg,
    /// A hundred net kilograms (DTN).
    HundredKg,
    /// Net tonne.
    Tonne,
    /// Piece.
    Item,
    /// Litre.
    Litre,
    /// A hundred litres.
    HundredLitres,
    /// A hundred pieces.
    HundredItems,
    /// A thousand pieces.
    ThousandItems,
    /// Twelve pieces.
    Dozen,
}

impl Unit {
    const ALL: [(Self, &'static str); 9] = [
        (Self::HundredKg, "100kg"),
        (Self::Kg, "kg"),
        (Self::Tonne, "t"),
        (Self::Item, "item"),
        (Self::Litre, "l"),
        (Self::HundredLitres, "hl"),
        (Self::HundredItems, "100items"),
        (Self::ThousandItems, "1000items"),
        (Self::Dozen, "dozen"),
    ];

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(unit, _)| *unit == self).map_or("", |(_, word)| word)
    }
}

/// A duty as the tariff writes it.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// Per cent of the customs value, as a fraction.
    AdValorem(Decimal),
    /// An amount per unit.
    Specific {
        /// Of the currency, per unit.
        amount: Decimal,
        /// In which the tariff is written.
        currency: Currency,
        /// What is counted.
        unit: Unit,
    },
    /// Both sides together.
    Sum(Box<Self>, Box<Self>),
    /// The left side less the right.
    Difference(Box<Self>, Box<Self>),
    /// Not less than the right side.
    Floor(Box<Self>, Box<Self>),
    /// Not more than the right side.
    Ceiling(Box<Self>, Box<Self>),
    /// A duty is due, in words that are not counted with: written `? words`. It is never zero and
    /// never left out: what it is due on cannot be computed.
    Unread(String),
}

/// No duty expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no duty expression: {0}")]
pub struct ExpressionError(&'static str);

/// What a line is, for its duties.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quantities {
    /// Customs value in the currency of the result.
    pub value: Decimal,
    /// Net weight of the line in kilograms.
    pub net_kg: Option<Decimal>,
    /// Pieces.
    pub items: Decimal,
    /// Litres.
    pub litres: Option<Decimal>,
}

/// Why a duty has no figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Uncomputed {
    /// The duty goes by weight.
    #[error("net weight is missing")]
    NetWeight,
    /// The duty goes by volume.
    #[error("volume in litres is missing")]
    Litres,
    /// The tariff's currency has no rate on the day.
    #[error("an exchange rate is missing")]
    Rate,
    /// A figure beyond what can be counted.
    #[error("the figure is too large")]
    Overflow,
    /// The tariff says more than is counted with.
    #[error("the tariff has a duty that is not counted here; see the measure")]
    Unread,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// [`ExpressionError`].
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        if let Some(words) = text.trim().strip_prefix('?') {
            return Ok(Self::Unread(words.trim().to_owned()));
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.len() > 64 {
            return Err(ExpressionError("too long"));
        }
        parse(&words)
    }

    /// The duty; `convert` turns an amount of the tariff's currency into the result's.
    ///
    /// # Errors
    /// [`Uncomputed`] names what is missing.
    pub fn evaluate(
        &self,
        quantities: &Quantities,
        convert: &dyn Fn(Decimal, Currency) -> Option<Decimal>,
    ) -> Result<Decimal, Uncomputed> {
        let both = |left: &Self, right: &Self| {
            Ok((left.evaluate(quantities, convert)?, right.evaluate(quantities, convert)?))
        };
        match self {
            Self::AdValorem(rate) => {
                quantities.value.checked_mul(*rate).ok_or(Uncomputed::Overflow)
            }
            Self::Specific { amount, currency, unit } => {
                let count = match unit {
                    Unit::Kg => quantities.net_kg.ok_or(Uncomputed::NetWeight)?,
                    Unit::HundredKg => {
                        quantities.net_kg.ok_or(Uncomputed::NetWeight)? / Decimal::ONE_HUNDRED
                    }
                    Unit::Tonne => {
                        quantities.net_kg.ok_or(Uncomputed::NetWeight)? / Decimal::ONE_THOUSAND
                    }
                    Unit::Item => quantities.items,
                    Unit::HundredItems => quantities.items / Decimal::ONE_HUNDRED,
                    Unit::ThousandItems => quantities.items / Decimal::ONE_THOUSAND,
                    // Twelve is no power of ten: the amount is divided last, below.
                    Unit::Dozen => quantities.items,
                    Unit::Litre => quantities.litres.ok_or(Uncomputed::Litres)?,
                    Unit::HundredLitres => {
                        quantities.litres.ok_or(Uncomputed::Litres)? / Decimal::ONE_HUNDRED
                    }
                };
                let amount = convert(*amount, *currency).ok_or(Uncomputed::Rate)?;
                let due = amount.checked_mul(count).ok_or(Uncomputed::Overflow)?;
                Ok(if *unit == Unit::Dozen { due / Decimal::from(12) } else { due })
            }
            Self::Unread(_) => Err(Uncomputed::Unread),
            Self::Sum(left, right) => {
                let (left, right): (Decimal, Decimal) = both(left, right)?;
                left.checked_add(right).ok_or(Uncomputed::Overflow)
            }
            Self::Difference(left, right) => {
                let (left, right): (Decimal, Decimal) = both(left, right)?;
                Ok((left - right).max(Decimal::ZERO))
            }
            Self::Floor(left, right) => both(left, right).map(|(left, right)| left.max(right)),
            Self::Ceiling(left, right) => both(left, right).map(|(left, right)| left.min(right)),
        }
    }
}

fn parse(words: &[&str]) -> Result<Expression, ExpressionError> {
    let split = |found: usize| -> Result<_, ExpressionError> {
        let (left, right) = words.split_at(found);
        let right = right.get(1..).unwrap_or_default();
        Ok((Box::new(parse(left)?), Box::new(parse(right)?)))
    };
    if let Some(at) = words.iter().rposition(|word| matches!(*word, "MIN" | "MAX")) {
        let (left, right) = split(at)?;
        return Ok(match words.get(at) {
            Some(&"MIN") => Expression::Floor(left, right),
            _ => Expression::Ceiling(left, right),
        });
    }
    if let Some(at) = words.iter().rposition(|word| matches!(*word, "+" | "-")) {
        let (left, right) = split(at)?;
        return Ok(match words.get(at) {
            Some(&"+") => Expression::Sum(left, right),
            _ => Expression::Difference(left, right),
        });
    }
    term(&words.join(" "))
}

fn term(text: &str) -> Result<Expression, ExpressionError> {
    let number = |text: &str| -> Result<Decimal, ExpressionError> {
        let value: Decimal =
            text.trim().parse().map_err(|_| ExpressionError("a number is expected"))?;
        if value.is_sign_negative() { Err(ExpressionError("below zero")) } else { Ok(value) }
    };
    if text.eq_ignore_ascii_case("free") {
        return Ok(Expression::AdValorem(Decimal::ZERO));
    }
    if let Some(percent) = text.strip_suffix('%') {
        return Ok(Expression::AdValorem(number(percent)? / Decimal::ONE_HUNDRED));
    }
    let (amount, per) = text.split_once('/').ok_or(ExpressionError("neither % nor per unit"))?;
    let (amount, currency) =
        amount.trim().rsplit_once(' ').ok_or(ExpressionError("a currency is expected"))?;
    let per = per.replace(' ', "").to_ascii_lowercase();
    let unit = Unit::ALL.iter().find(|(_, word)| *word == per);
    Ok(Expression::Specific {
        amount: number(amount)?,
        currency: currency.parse().map_err(|_| ExpressionError("no currency"))?,
        unit: unit.ok_or(ExpressionError("an unknown unit"))?.0,
    })
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AdValorem(rate) => {
                write!(f, "{} %", (rate * Decimal::ONE_HUNDRED).normalize())
            }
            Self::Specific { amount, currency, unit } => {
                write!(f, "{amount} {currency}/{}", unit.word())
            }
            Self::Sum(left, right) => write!(f, "{left} + {right}"),
            Self::Difference(left, right) => write!(f, "{left} - {right}"),
            Self::Floor(left, right) => write!(f, "{left} MIN {right}"),
            Self::Ceiling(left, right) => write!(f, "{left} MAX {right}"),
            Self::Unread(words) => write!(f, "? {words}"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn duty(text: &str, value: i64, kg: Option<i64>) -> Result<String, Uncomputed> {
        let quantities = Quantities {
            value: value.into(),
            net_kg: kg.map(Decimal::from),
            items: 3.into(),
            litres: None,
        };
        let same =
            |amount: Decimal, currency: Currency| (currency != Currency::USD).then_some(amount);
        let expression = Expression::parse(text).unwrap();
        // What is written reads the same again.
        assert_eq!(Expression::parse(&expression.to_string()).unwrap(), expression, "{text}");
        expression.evaluate(&quantities, &same).map(|duty| duty.normalize().to_string())
    }

    #[test]
    fn floors_and_ceilings_mean_what_tariffs_mean() {
        for (text, expected) in [
            ("12 % MIN 2.00 GBP/kg MAX 3.00 GBP/kg", "20"),
            ("12 % MAX 1.00 GBP/kg", "10"),
            ("12 % MIN 1.00 GBP/kg", "12"),
            ("9 % + 1.2 EUR/100kg", "9.12"),
            ("144.10 GBP/t", "1.441"),
            ("2 EUR/item", "6"),
            ("10 % - 1 EUR/item", "7"),
            ("1 % - 1 EUR/item", "0"),
            ("free", "0"),
            ("600 EUR/1000items", "1.8"),
            ("4 EUR/dozen", "1"),
        ] {
            assert_eq!(duty(text, 100, Some(10)).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(duty("? 12 % with an additional code", 100, None), Err(Uncomputed::Unread));
        assert_eq!(duty("2 EUR/kg", 100, None), Err(Uncomputed::NetWeight));
        assert_eq!(duty("2 EUR/l", 100, None), Err(Uncomputed::Litres));
        assert_eq!(duty("2 USD/item", 100, None), Err(Uncomputed::Rate));
        for broken in ["", "twelve %", "2 EUR/stone", "2/kg", "-3 %", "MIN 3 %", "3 % +", "3"] {
            assert!(Expression::parse(broken).is_err(), "{broken}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "[0-9 .%+A-Z/a-z-]{0,40}") {
            let _ = Expression::parse(&text);
        }
    }
}
