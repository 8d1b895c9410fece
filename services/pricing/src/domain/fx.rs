//! Exchange rates of one day.
//!
//! Owns conversion and its one rounding. Deliberately fetches nothing and guesses nothing: a
//! currency without a rate, or a table too old, converts into nothing.

use std::collections::BTreeMap;

use colibri_types::{Currency, Money};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use super::{
    charges::multiply,
    exact::{Day, Exact},
};

/// Decimal places of a rate between two currencies: far below the smallest coin for any amount
/// that fits a parcel.
const RATE_PLACES: u32 = 12;

/// Rates against one reference currency, as central banks publish them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FxTable {
    /// Reference currency.
    pub base: Currency,
    /// Day of the rates.
    pub date: Day,
    /// Days after `date` on which the table may still be used: 4 bridges Easter.
    pub usable_days: u16,
    /// Units of a currency for one unit of `base`.
    pub rates: BTreeMap<Currency, Exact>,
}

/// An amount in another currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Converted {
    /// Exact product of amount and `rate`.
    pub amount: Decimal,
    /// Units of the target for one unit of the source, at 12 decimal places.
    pub rate: Decimal,
}

impl FxTable {
    /// Whether the table may be used on a day. One day of lead allows for time zones.
    #[must_use]
    pub fn usable_on(&self, day: Day) -> bool {
        let age = (day.0 - self.date.0).whole_days();
        (-1..=i64::from(self.usable_days)).contains(&age)
    }

    /// Converts an amount; `None` when a rate is missing, not positive, or out of range.
    #[must_use]
    pub fn convert(&self, money: Money, to: Currency) -> Option<Converted> {
        let rate = self.rate(money.currency, to)?;
        let amount = multiply(money.to_decimal(), rate).ok()?;
        Some(Converted { amount, rate })
    }

    fn rate(&self, from: Currency, to: Currency) -> Option<Decimal> {
        if from == to {
            return Some(Decimal::ONE);
        }
        let rate = self.per_base(to)?.checked_div(self.per_base(from)?)?;
        let even = RoundingStrategy::MidpointNearestEven;
        let rate = rate.round_dp_with_strategy(RATE_PLACES, even).normalize();
        Some(rate).filter(|rate| *rate > Decimal::ZERO)
    }

    fn per_base(&self, currency: Currency) -> Option<Decimal> {
        if currency == self.base {
            return Some(Decimal::ONE);
        }
        let rate = self.rates.get(&currency)?.0;
        Some(rate).filter(|rate| *rate > Decimal::ZERO)
    }
}

/// Converts with a table that may be absent or too old. Within one currency none is needed.
pub(super) fn convert(
    fx: Option<&FxTable>,
    day: Day,
    money: Money,
    to: Currency,
) -> Option<Converted> {
    if money.currency == to {
        return Some(Converted { amount: money.to_decimal(), rate: Decimal::ONE });
    }
    fx.filter(|table| table.usable_on(day))?.convert(money, to)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn table() -> FxTable {
        FxTable {
            base: Currency::EUR,
            date: "2026-11-20".parse().unwrap(),
            usable_days: 4,
            rates: [
                (Currency::USD, "1.08".parse().unwrap()),
                (Currency::GBP, "0.84".parse().unwrap()),
            ]
            .into(),
        }
    }

    #[test]
    fn amounts_cross_over_the_reference_currency() {
        let fx = table();
        for (minor, from, to, amount) in [
            (1000, Currency::EUR, Currency::USD, "10.80"),
            (1080, Currency::USD, Currency::EUR, "10.0000000000008"),
            (1000, Currency::GBP, Currency::USD, "12.85714285714"),
            (1000, Currency::GBP, Currency::GBP, "10.00"),
        ] {
            let converted = fx.convert(Money::new(minor, from), to).unwrap();
            let wanted: Decimal = amount.parse().unwrap();
            assert_eq!(converted.amount, wanted, "{from} to {to}");
        }
        let yen: Currency = "JPY".parse().unwrap();
        assert_eq!(fx.convert(Money::new(1, Currency::EUR), yen), None);
        assert_eq!(fx.convert(Money::new(1, yen), Currency::EUR), None);
    }

    #[test]
    fn a_table_is_used_only_while_it_is_fresh() {
        let fx = table();
        for (day, usable) in [
            ("2026-11-18", false),
            ("2026-11-19", true),
            ("2026-11-20", true),
            ("2026-11-24", true),
            ("2026-11-25", false),
        ] {
            assert_eq!(fx.usable_on(day.parse().unwrap()), usable, "{day}");
        }
    }

    #[test]
    fn rates_that_are_not_positive_convert_nothing() {
        let mut fx = table();
        for rate in ["0", "-1"] {
            fx.rates.insert(Currency::USD, rate.parse().unwrap());
            let euro = Money::new(100, Currency::EUR);
            let dollar = Money::new(100, Currency::USD);
            assert_eq!(fx.convert(euro, Currency::USD), None);
            assert_eq!(fx.convert(dollar, Currency::EUR), None);
        }
        // Rounded to twelve places nothing is left of it.
        fx.rates.insert(Currency::USD, "0.0000000000001".parse().unwrap());
        let euro = Money::new(100, Currency::EUR);
        assert_eq!(fx.convert(euro, Currency::USD), None);
    }
}
