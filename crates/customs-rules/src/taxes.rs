//! Standard rates of value added tax and the like.

use rust_decimal::Decimal;
use time::Date;

use crate::day;

/// A rate with its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    territory: String,
    subdivision: String,
    from: Date,
    rate: Decimal,
    source: String,
}

/// Rates by territory and day.
#[derive(Debug, Clone, Default)]
pub struct Taxes(Vec<Row>);

/// A table of rates cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {0} of the tax rates cannot be read")]
pub struct TaxesError(usize);

impl Taxes {
    /// The rates that come with the product.
    ///
    /// # Errors
    /// [`TaxesError`]; a test reads them.
    pub fn shipped() -> Result<Self, TaxesError> {
        Self::read(include_str!("../data/tax_rates.csv"))
    }

    /// Reads `territory,subdivision,from,rate,source` lines.
    ///
    /// # Errors
    /// [`TaxesError`] names the line.
    pub fn read(csv: &str) -> Result<Self, TaxesError> {
        let lines = csv.lines().enumerate();
        let lines = lines.filter(|(_, l)| !l.starts_with('#') && !l.starts_with("territory,"));
        let rows = lines.map(|(at, line)| {
            let cells: Vec<&str> = line.splitn(5, ',').collect();
            let &[territory, subdivision, from, rate, source] = cells.as_slice() else {
                return Err(TaxesError(at + 1));
            };
            let from = day::parse(from).ok_or(TaxesError(at + 1))?;
            let rate = rate.parse().map_err(|_| TaxesError(at + 1))?;
            let (territory, subdivision) = (territory.to_owned(), subdivision.to_owned());
            Ok(Row { territory, subdivision, from, rate, source: source.to_owned() })
        });
        rows.collect::<Result<_, _>>().map(Self)
    }

    /// The standard rate on a day, with its source. Where rates go by subdivision, none without.
    #[must_use]
    pub fn standard(
        &self,
        territory: &str,
        subdivision: &str,
        date: Date,
    ) -> Option<(Decimal, &str)> {
        let rows = self.0.iter().filter(|row| row.territory == territory && row.from <= date);
        let rows = rows.filter(|row| row.subdivision.is_empty() || row.subdivision == subdivision);
        let newest = rows.max_by_key(|row| row.from);
        newest.map(|row| (row.rate, row.source.as_str()))
    }
}
