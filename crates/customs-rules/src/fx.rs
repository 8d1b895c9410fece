//! Exchange rates: units of a currency per euro, by day, with their source.

use std::collections::BTreeMap;

use colibri_types::Currency;
use rust_decimal::Decimal;
use time::{Date, Duration, Weekday};

use crate::day;

/// A rate is not older than this many days: weekends and feasts have none of their own.
const DAYS_BACK: i64 = 10;

/// Which rate the law wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FxKind {
    /// Of the day, or the last published before it.
    #[default]
    Daily,
    /// The customs rate of the month: that of the last but one Wednesday of the month before.
    Monthly,
}

/// A rate as it was used.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FxUsed {
    /// From.
    pub from: Currency,
    /// To.
    pub to: Currency,
    /// Units of `to` for one of `from`.
    pub rate: Decimal,
    /// The day it was published for.
    #[serde(serialize_with = "crate::day::serialize")]
    pub published: Date,
    /// Whose figures.
    pub source: String,
}

/// Published rates.
#[derive(Debug, Clone, Default)]
pub struct Fx {
    source: String,
    /// Units per euro, by currency and day.
    rates: BTreeMap<(Currency, Date), Decimal>,
}

/// A file of rates cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct FxError {
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub reason: &'static str,
}

impl Fx {
    /// No rates, of this source.
    #[must_use]
    pub fn new(source: &str) -> Self {
        Self { source: source.to_owned(), rates: BTreeMap::new() }
    }

    /// Adds a rate.
    pub fn insert(&mut self, currency: Currency, date: Date, per_euro: Decimal) {
        self.rates.insert((currency, date), per_euro);
    }

    /// Reads the European Central Bank's table: a header of currencies, then a line per day.
    ///
    /// # Errors
    /// [`FxError`] names the line. `N/A` and empty cells are no rates.
    pub fn read(source: &str, csv: &str) -> Result<Self, FxError> {
        let mut fx = Self::new(source);
        let mut lines = csv.lines().enumerate();
        let header = lines.next().map(|(_, line)| line).unwrap_or_default();
        let currencies: Vec<Option<Currency>> =
            header.split(',').skip(1).map(|code| code.trim().parse().ok()).collect();
        for (at, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            let fail = |reason| FxError { line: at + 1, reason };
            let mut cells = line.split(',');
            let date = cells.next().and_then(day::parse).ok_or_else(|| fail("no date"))?;
            for (currency, cell) in currencies.iter().zip(cells) {
                let cell = cell.trim();
                if cell.is_empty() || cell == "N/A" {
                    continue;
                }
                let rate: Decimal = cell.parse().map_err(|_| fail("no number"))?;
                if rate <= Decimal::ZERO {
                    return Err(fail("a rate is above zero"));
                }
                if let Some(currency) = currency {
                    fx.insert(*currency, date, rate);
                }
            }
        }
        Ok(fx)
    }

    fn per_euro(&self, currency: Currency, date: Date) -> Option<(Decimal, Date)> {
        if currency == Currency::EUR {
            return Some((Decimal::ONE, date));
        }
        let oldest = date.checked_sub(Duration::days(DAYS_BACK))?;
        let mut found = self.rates.range((currency, oldest)..=(currency, date));
        found.next_back().map(|((_, day), rate)| (*rate, *day))
    }

    /// The rate from one currency to another; `None` when one of them has none.
    #[must_use]
    pub fn rate(&self, from: Currency, to: Currency, date: Date, kind: FxKind) -> Option<FxUsed> {
        let wanted = match kind {
            FxKind::Daily => date,
            FxKind::Monthly => monthly(date)?,
        };
        let ((from_rate, from_day), (to_rate, to_day)) =
            (self.per_euro(from, wanted)?, self.per_euro(to, wanted)?);
        let rate = if from == to { Decimal::ONE } else { to_rate.checked_div(from_rate)? };
        let published = if from == Currency::EUR { to_day } else { from_day };
        Some(FxUsed { from, to, rate, published, source: self.source.clone() })
    }
}

/// The last but one Wednesday of the month before.
fn monthly(date: Date) -> Option<Date> {
    let mut day = date.replace_day(1).ok()?.previous_day()?;
    while day.weekday() != Weekday::Wednesday {
        day = day.previous_day()?;
    }
    day.checked_sub(Duration::WEEK)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use time::macros::date;

    use super::*;

    #[test]
    fn gaps_are_filled_from_before_and_absent_rates_stay_absent() {
        let table = "Date,USD,GBP,BGN,\n2026-10-30,1.1172,0.8338,N/A,\n2026-10-29,1.1,0.83,,\n";
        let fx = Fx::read("ECB", table).unwrap();
        let (usd, gbp) = (Currency::USD, Currency::GBP);
        let used = fx.rate(Currency::EUR, usd, date!(2026 - 11 - 01), FxKind::Daily).unwrap();
        assert_eq!(
            (used.rate.to_string(), used.published),
            ("1.1172".into(), date!(2026 - 10 - 30))
        );
        let cross = fx.rate(usd, gbp, date!(2026 - 10 - 29), FxKind::Daily).unwrap();
        assert_eq!(cross.rate.round_dp(6).to_string(), "0.754545");
        assert_eq!(fx.rate(usd, gbp, date!(2026 - 11 - 20), FxKind::Daily), None);
        let bgn = "BGN".parse().unwrap();
        assert_eq!(fx.rate(bgn, usd, date!(2026 - 10 - 30), FxKind::Daily), None);
        assert!(Fx::read("ECB", "Date,USD\nyesterday,1\n").is_err());
        assert!(Fx::read("ECB", "Date,USD\n2026-10-30,0\n").is_err());
    }

    #[test]
    fn the_customs_rate_is_of_the_last_but_one_wednesday_before() {
        assert_eq!(monthly(date!(2026 - 11 - 20)), Some(date!(2026 - 10 - 21)));
        assert_eq!(monthly(date!(2026 - 01 - 01)), Some(date!(2025 - 12 - 24)));
    }
}
