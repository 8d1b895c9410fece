//! Chronopost: SOAP services for labels, prices, scans, collections and pickup points.
//!
//! Documents: the carrier's "Web Services Chronopost" 2.6.3 (2019) and VL3.24.10.14 (2024), and the
//! schemas that each service publishes under `?wsdl`; where they disagree on a name, the schema
//! wins. There is no test host: the carrier gives a test account on the same URLs.
//!
//! Class B: a purchase whose answer was lost is found again by our reference ([`crate::Lookup`]),
//! after a delay; its number is found, its label is not.
//!
//! Known quirks: a refusal is HTTP 200 with a code, a fault means a broken request; element order
//! matters; a label's file stands in `pdfEtiquette` also when it is ZPL; amounts are floats as
//! text, values in cents; a number is unknown to tracking and cannot be cancelled for minutes
//! after its purchase; one event per parcel is marked as the one that tells its state; a parcel
//! has a letter number (`XN123456785FR`) and a Geopost number (`XN1234567852486`).
//!
//! Deliberately not here: fetching a reserved label again (older operations hand a reserved label
//! to anyone who knows its number, so nothing is reserved; and the reservation would have to be
//! kept); validation without buying, end-of-day manifests and webhooks, which the carrier does not
//! have; collections outside mainland France, which want whole addresses of receivers; products
//! that need more than a [`crate::Shipment`] holds (appointments, food with an expiry date, swaps,
//! dangerous goods, freight) and shop-to-shop products. Proof of delivery is personal data and not
//! asked for.

mod address;
mod customs;
mod labels;
mod lookup;
mod numbers;
mod pickups;
mod points;
mod products;
mod rates;
mod shipment;
mod sim;
mod soap;
mod statuses;
mod tracking;
mod voids;

#[cfg(test)]
mod tests;

use colibri_types::{Country, Grams, Millimetres};

use crate::{
    Account, AccountCheck, AccountError, AccountField, Auth, Carrier, CarrierInfo, LabelFormat,
    Labels, Lookup, OptionKind, Pickups, Polling, Rates, ServicePoints, Voids,
    sim::{SimOptions, Simulator},
};

pub use sim::ChronopostSim;
pub use statuses::TABLE;
pub use tracking::read_payload;

/// The connector.
pub static CARRIER: Chronopost = Chronopost;

/// Chronopost.
#[derive(Debug, Clone, Copy)]
pub struct Chronopost;

static INFO: CarrierInfo = CarrierInfo {
    id: "chronopost",
    name: "Chronopost",
    origins: &[Country::FR],
    formats: &[LabelFormat::Pdf, LabelFormat::Zpl],
    // 30 kg: collections refuse more with code 911.
    weight_max: Grams(30_000),
    // 1.5 m: remembered from the general terms, no document of the interface tells it.
    length_max: Millimetres(1_500),
    parcels_max: 100,
    options: &[
        OptionKind::Saturday,
        OptionKind::Insurance,
        OptionKind::CashOnDelivery,
        OptionKind::ServicePoint,
    ],
    // No limit is published: a polite figure.
    calls_per_second: 5,
    hosts: &[("api", "https://ws.chronopost.fr")],
    account_fields: &[
        AccountField::new(
            "account_number",
            "Account number of the contract, eight digits",
            "99999999",
        ),
        AccountField::new("password", "Password of the web services, six digits", "999999")
            .secret(),
        AccountField::new(
            "sub_account",
            "Number of the sub-account, up to three digits; 0 without one",
            "0",
        )
        .optional(),
    ],
    services: products::SERVICES,
};

/// A field of so many digits.
fn digits(text: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Carrier for Chronopost {
    fn info(&self) -> &'static CarrierInfo {
        &INFO
    }

    fn auth(&self, account: &Account) -> Result<Auth, AccountError> {
        if !digits(account.required("account_number")?, 8..=8) {
            return Err(AccountError { field: "account_number", reason: "has eight digits" });
        }
        account.required("password")?;
        if account.field("sub_account").is_some_and(|sub| !digits(sub, 1..=3)) {
            return Err(AccountError { field: "sub_account", reason: "has up to three digits" });
        }
        Ok(Auth::PerCall)
    }

    fn labels(&self) -> Option<&dyn Labels> {
        Some(&labels::OUTBOUND)
    }
    fn returns(&self) -> Option<&dyn Labels> {
        Some(&labels::RETURN)
    }

    fn service_back<'s>(&self, out: &'s str, from: Option<Country>, _: Option<Country>) -> &'s str {
        products::back(out, from)
    }
    fn voids(&self) -> Option<&dyn Voids> {
        Some(self)
    }
    fn lookup(&self) -> Option<&dyn Lookup> {
        Some(self)
    }
    fn polling(&self) -> Option<&dyn Polling> {
        Some(self)
    }
    fn rates(&self) -> Option<&dyn Rates> {
        Some(self)
    }
    fn account_check(&self) -> Option<&dyn AccountCheck> {
        Some(self)
    }
    fn pickups(&self) -> Option<&dyn Pickups> {
        Some(self)
    }
    fn service_points(&self) -> Option<&dyn ServicePoints> {
        Some(self)
    }
}

/// A simulated Chronopost.
#[must_use]
pub fn simulator(options: SimOptions) -> Box<dyn Simulator> {
    Box::new(ChronopostSim::new(options))
}
