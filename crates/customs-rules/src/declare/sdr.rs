//! Special drawing rights: the unit of the postal limits, as dated figures.

use colibri_types::Currency;
use rust_decimal::Decimal;
use serde::Serialize;
use time::{Date, Duration};

use crate::{
    day,
    fx::{Fx, FxKind},
};

/// A figure older than this tells nothing about a limit any more.
const AGE_DAYS_MAX: i64 = 366;

/// What one special drawing right is worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SdrRate {
    /// The day of the figure.
    #[serde(serialize_with = "crate::day::serialize")]
    pub date: Date,
    /// In this currency.
    pub currency: Currency,
    /// Units of it for one special drawing right.
    pub per_sdr: Decimal,
    /// Where it was read.
    pub source: String,
}

/// Dated figures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SdrRates {
    rates: Vec<SdrRate>,
}

/// A table of figures cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is no `date,currency,per_sdr,status,source`")]
pub struct SdrError {
    /// From 1.
    pub line: usize,
}

impl SdrRates {
    /// The figures that come with the product: few, and second hand.
    ///
    /// # Errors
    /// [`SdrError`]; a test reads them.
    pub fn shipped() -> Result<Self, SdrError> {
        Self::read(include_str!("../../data/sdr_rates.csv"))
    }

    /// Reads a table `date,currency,per_sdr,status,source`, with a header.
    ///
    /// # Errors
    /// [`SdrError`] names the line.
    pub fn read(csv: &str) -> Result<Self, SdrError> {
        let mut rates = Vec::new();
        for (at, line) in csv.lines().enumerate().skip(1).filter(|(_, l)| !l.trim().is_empty()) {
            let rate = || {
                let mut cells = line.splitn(5, ',').map(|cell| cell.trim().trim_matches('"'));
                let date = day::parse(cells.next()?)?;
                let currency = cells.next()?.parse().ok()?;
                let per_sdr: Decimal = cells.next()?.parse().ok()?;
                let (_, source) = (cells.next()?, cells.next()?.to_owned());
                let above = per_sdr > Decimal::ZERO;
                above.then_some(SdrRate { date, currency, per_sdr, source })
            };
            rates.push(rate().ok_or(SdrError { line: at + 1 })?);
        }
        Ok(Self { rates })
    }

    /// Adds a figure.
    pub fn insert(&mut self, rate: SdrRate) {
        self.rates.push(rate);
    }

    /// An amount in special drawing rights on a day, and the figure it was counted with; `None`
    /// without a figure of the last year or without an exchange rate.
    #[must_use]
    pub fn convert(
        &self,
        amount: Decimal,
        currency: Currency,
        date: Date,
        fx: &Fx,
    ) -> Option<(Decimal, &SdrRate)> {
        let oldest = date.checked_sub(Duration::days(AGE_DAYS_MAX))?;
        let known = self.rates.iter().filter(|rate| (oldest..=date).contains(&rate.date));
        let rate = known.max_by_key(|rate| rate.date)?;
        let exchange = fx.rate(currency, rate.currency, date, FxKind::Daily)?;
        let value = amount.checked_mul(exchange.rate)?.checked_div(rate.per_sdr)?;
        Some((value, rate))
    }
}
