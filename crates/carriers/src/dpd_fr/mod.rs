//! DPD France: parcels by EPrint, scans by Webtrace, relay points by MyPudo.
//!
//! Documents: EPrint 1.6 (description and schema of the shipping service, namespace without a
//! trailing slash), Webtrace 4.5 with the fields of 5.0 (schema of the tracking service, namespace
//! with a trailing slash), and the relay search that the carrier's own shop modules call. SOAP 1.1
//! over HTTPS; every call carries user and password. Class B: a lost purchase is looked for in the
//! day's list (`GetShipping`) and then by reference in Webtrace.
//!
//! Known quirks: refusals come as HTTP 500 with `detail/Error`, a 500 without it is a failure that
//! says nothing about the purchase; elements count only in schema order; several parcels are sold
//! without label files, which are fetched one by one; a search by reference returns neighbours; the
//! list of scans has no promised order; only nine status numbers are publicly known, and none of
//! them for the last round, an attempt, a shop or a refusal.
//!
//! Deliberately absent: rates (the contract's grid is not online), a check without purchase,
//! pushes, manifests (the carrier has none of these), the calling off of pickups (no operation
//! takes the number of a pickup), customs data (EPrint has no field for it, hence destinations stay
//! inside the customs union), number ranges (unproven), collections at third parties and the
//! interfaces of DPD in other countries.

mod account;
mod address;
mod labels;
mod lookup;
mod number;
mod order;
mod pickups;
mod points;
mod sim;
mod soap;
mod statuses;
mod trace;
mod tracking;
mod voids;

#[cfg(test)]
mod tests;

use colibri_types::{Country, Grams, Millimetres};

use crate::{
    Account, AccountCheck, AccountError, AccountField, Auth, Carrier, CarrierInfo, LabelFormat,
    Labels, Lookup, OptionKind, Pickups, Polling, ServicePoints, Voids, sim::SimOptions,
    sim::Simulator,
};

pub use sim::DpdFrSim;
pub use statuses::TABLE;
pub use tracking::read_payload;

/// The connector.
pub static CARRIER: DpdFr = DpdFr;

/// DPD France.
#[derive(Debug, Clone, Copy)]
pub struct DpdFr;

/// Parcel to a business or a home, without notice to the addressee.
const CLASSIC: &str = "CLASSIC";
/// To a home, the addressee chooses the hour by SMS.
const PREDICT: &str = "PREDICT";
/// To a shop or locker.
const RELAIS: &str = "RELAIS";
/// From a customer, handed in at a shop, to the merchant.
const RETOUR: &str = "RETOUR";

static INFO: CarrierInfo = CarrierInfo {
    id: "dpd_fr",
    name: "DPD France",
    origins: &[Country::FR],
    formats: &[LabelFormat::Pdf, LabelFormat::Zpl, LabelFormat::Png, LabelFormat::Epl],
    // 31.5 kg, by the service's own refusal.
    weight_max: Grams(31_500),
    // 2 m: remembered from the general terms, the interface has no field that would refuse it.
    length_max: Millimetres(2_000),
    // No limit is documented; two digits are what the service's counts of parcels hold.
    parcels_max: 99,
    options: &[OptionKind::Insurance, OptionKind::ServicePoint],
    // Nothing is published: a polite figure.
    calls_per_second: 5,
    // A base that ends in `.asmx` is taken whole: the test environment has another path.
    hosts: &[
        ("eprint", "https://e-station.cargonet.software"),
        ("webtrace", "https://webtrace.dpd.fr"),
        ("pudo", "https://mypudo.pickup-services.com"),
    ],
    account_fields: &[
        AccountField::new("userid", "User of the web services", "demo"),
        AccountField::new("password", "Password of the web services", "example-password").secret(),
        AccountField::new("center_number", "Agency, up to three digits", "77"),
        AccountField::new("customer_number", "Customer number at the agency", "99999"),
        AccountField::new("pudo_key", "Key of the relay search (MyPudo)", "example-key")
            .secret()
            .optional(),
    ],
    services: &[
        (CLASSIC, "DPD Classic"),
        (PREDICT, "DPD Predict: home, with a time slot told to a mobile"),
        (RELAIS, "DPD Relais: shop or locker"),
        (RETOUR, "DPD Retour: handed in at a shop, back to the sender"),
    ],
};

impl Carrier for DpdFr {
    fn info(&self) -> &'static CarrierInfo {
        &INFO
    }

    fn auth(&self, account: &Account) -> Result<Auth, AccountError> {
        account.required("userid")?;
        account.required("password")?;
        for (field, digits_max) in [("center_number", 3), ("customer_number", 10)] {
            let value = account.required(field)?;
            let digits = value.bytes().all(|byte| byte.is_ascii_digit());
            if !digits || value.len() > digits_max {
                return Err(AccountError { field, reason: "is not a number of the contract" });
            }
        }
        Ok(Auth::PerCall)
    }

    fn labels(&self) -> Option<&dyn Labels> {
        Some(&labels::OUT)
    }

    fn returns(&self) -> Option<&dyn Labels> {
        Some(&labels::BACK)
    }

    fn service_back<'s>(&self, _: &'s str, _: Option<Country>, _: Option<Country>) -> &'s str {
        RETOUR
    }

    fn voids(&self) -> Option<&dyn Voids> {
        Some(&voids::Terminate)
    }

    fn lookup(&self) -> Option<&dyn Lookup> {
        Some(&lookup::DayList)
    }

    fn polling(&self) -> Option<&dyn Polling> {
        Some(&tracking::Webtrace)
    }

    fn pickups(&self) -> Option<&dyn Pickups> {
        Some(&pickups::AtCustomer)
    }

    fn service_points(&self) -> Option<&dyn ServicePoints> {
        Some(&points::MyPudo)
    }

    fn account_check(&self) -> Option<&dyn AccountCheck> {
        Some(&account::Blocked)
    }
}

/// A simulated DPD France.
#[must_use]
pub fn simulator(options: SimOptions) -> Box<dyn Simulator> {
    Box::new(DpdFrSim::new(options))
}
