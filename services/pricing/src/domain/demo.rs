//! Invented tariffs, so that a demonstration has prices.

use super::tariff::{ParseTariffError, Tariff};

pub const DEMO: &[(&str, &str)] = &[];
/// x
pub fn demo_tariffs() -> Result<Vec<Tariff>, ParseTariffError> {
    DEMO.iter()
        .map(|(_, text)| Tariff::from_toml(text))
        .collect()
}
