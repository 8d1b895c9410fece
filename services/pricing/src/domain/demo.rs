//! Invented tariffs, so that a demonstration has prices.
//!
//! Owns no figures that anybody charges: see the head of each file under `data/demo`.

use super::tariff::{ParseTariffError, Tariff};

macro_rules! demo {
    ($name:literal) => {
        ($name, include_str!(concat!("../../data/demo/", $name, ".toml")))
    };
}

/// Name and text of every demonstration tariff.
pub const DEMO: &[(&str, &str)] = &[
    demo!("colissimo-fr-CDS"),
    demo!("colissimo-fr-COM"),
    demo!("colissimo-fr-DOM"),
    demo!("colissimo-fr-DOS"),
    demo!("colissimo-fr-HD"),
    demo!("ups-de-07"),
    demo!("ups-de-11"),
    demo!("ups-de-65"),
    demo!("ups-es-07"),
    demo!("ups-es-11"),
    demo!("ups-es-65"),
    demo!("ups-fr-07"),
    demo!("ups-fr-11"),
    demo!("ups-fr-65"),
    demo!("ups-gb-07"),
    demo!("ups-gb-11"),
    demo!("ups-gb-65"),
    demo!("ups-us-01"),
    demo!("ups-us-02"),
    demo!("ups-us-03"),
    demo!("ups-us-07"),
    demo!("ups-us-08"),
    demo!("ups-us-11"),
    demo!("ups-us-65"),
];

/// Prices of a few towns, so that a demonstration shows every carrier.
pub const DEMO_TOWNS: &[(&str, &str)] = &[
    ("chronopost-fr-16", include_str!("../../data/towns/chronopost-fr-16.toml")),
    ("dhl_express-de-N", include_str!("../../data/towns/dhl_express-de-N.toml")),
    ("dhl_express-es-N", include_str!("../../data/towns/dhl_express-es-N.toml")),
    ("dpd_fr-fr-CLASSIC", include_str!("../../data/towns/dpd_fr-fr-CLASSIC.toml")),
    ("fedex-us-FEDEX_GROUND", include_str!("../../data/towns/fedex-us-FEDEX_GROUND.toml")),
    ("gls-de-PARCEL", include_str!("../../data/towns/gls-de-PARCEL.toml")),
    ("gls-fr-PARCEL", include_str!("../../data/towns/gls-fr-PARCEL.toml")),
    ("mondial_relay-fr-HOM", include_str!("../../data/towns/mondial_relay-fr-HOM.toml")),
];

/// The demonstration tariffs, checked.
///
/// # Errors
/// [`ParseTariffError`] of the first file that does not hold.
pub fn demo_tariffs() -> Result<Vec<Tariff>, ParseTariffError> {
    DEMO.iter().map(|(_, text)| Tariff::from_toml(text)).collect()
}
