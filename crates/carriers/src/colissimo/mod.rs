//! Colissimo labels and La Poste tracking: two services with separate credentials.
//!
//! Labels come from Colissimo SLS 2.0 (`generateLabel`), scans from La Poste Suivi v2. Deliberately
//! absent because the carrier has none of it: prices, voiding (an unused label is not handed over and not
//! billed), finding a purchase by our reference (a lost answer stays in doubt until a person looks
//! into the carrier's web tool, where our reference is shown), webhooks, and collections at a
//! merchant (by contract): a pickup is a return fetched from a letter box. Not here: cash on
//! delivery overseas, whose unit no document tells, and returns printed with the way out (CORF).
//!
//! Interface descriptions: the carrier's developer pages at `developer.laposte.fr` and
//! `www.colissimo.entreprise.laposte.fr`. Known quirks: one parcel per call; the answer is a
//! multipart whose files are raw bytes; an incident can come under a harmless tracking code.

mod address;
mod bordereau;
mod customs;
mod labels;
mod multipart;
mod operations;
mod points;
mod shipment;
mod sim;
mod sim_more;
mod sim_rules;
mod sim_script;
mod sim_suivi;
mod statuses;
mod tracking;
mod wire;
mod wording;

#[cfg(test)]
mod tests;

use colibri_types::{Country, Grams, Millimetres};

use crate::{
    Account, AccountCheck, AccountError, AccountField, Auth, Carrier, CarrierInfo, Check,
    LabelFormat, Labels, Manifests, OptionKind, Pickups, Polling, ServicePoints, sim::SimOptions,
    sim::Simulator,
};

pub use sim::ColissimoSim;
pub use statuses::TABLE;
pub use tracking::read_payload;

/// The connector.
pub static CARRIER: Colissimo = Colissimo;

/// Colissimo and La Poste Suivi.
#[derive(Debug, Clone, Copy)]
pub struct Colissimo;

static INFO: CarrierInfo = CarrierInfo {
    id: "colissimo",
    name: "Colissimo",
    origins: &[Country::FR],
    formats: &[LabelFormat::Pdf, LabelFormat::Zpl, LabelFormat::Dpl],
    // 30.00 kg, by the interface description.
    weight_max: Grams(30_000),
    // 2 m: remembered from the general terms, the interface has no field that would refuse it.
    length_max: Millimetres(2_000),
    // One call of the interface sells one parcel.
    parcels_max: 1,
    options: &[OptionKind::Signature, OptionKind::Insurance, OptionKind::ServicePoint],
    calls_per_second: 10,
    hosts: &[("colissimo", "https://ws.colissimo.fr"), ("suivi", "https://api.laposte.fr")],
    account_fields: &[
        AccountField::new(
            "api_key",
            "Key of the Colissimo contract (header apiKey)",
            "example-key",
        )
        .secret(),
        AccountField::new("suivi_key", "Key of La Poste Suivi v2 (X-Okapi-Key)", "example-okapi")
            .secret(),
        AccountField::new("contract_number", "Contract number, to fetch a label again", "123456")
            .optional(),
        AccountField::new("commercial_name", "Name told to addressees; for HD", "Atelier Exemple")
            .optional(),
        AccountField::new("declared_freight_cents", "Carriage declared to customs", "890")
            .optional(),
    ],
    services: &[
        ("DOM", "Colissimo home, without signature"),
        ("DOS", "Colissimo home, against signature"),
        ("HD", "Colissimo out of home: pickup point, locker, post office"),
        ("COM", "Colissimo overseas, without signature"),
        ("CDS", "Colissimo overseas, against signature"),
        ("ECO", "Colissimo overseas economy"),
        ("COLR", "Colissimo Flash, next day"),
        ("CORE", "Colissimo return within France"),
        ("CORI", "Colissimo return from abroad and overseas"),
    ],
};

impl Carrier for Colissimo {
    fn info(&self) -> &'static CarrierInfo {
        &INFO
    }

    fn auth(&self, account: &Account) -> Result<Auth, AccountError> {
        account.required("api_key")?;
        account.required("suivi_key")?;
        let freight = account.field("declared_freight_cents");
        if freight.is_some_and(|cents| cents.parse::<u32>().is_err()) {
            let reason = "is not a whole number of cents";
            return Err(AccountError { field: "declared_freight_cents", reason });
        }
        Ok(Auth::PerCall)
    }

    fn labels(&self) -> Option<&dyn Labels> {
        Some(&labels::OUT)
    }

    fn returns(&self) -> Option<&dyn Labels> {
        Some(&labels::BACK)
    }
    fn service_back<'s>(&self, _: &'s str, from: Option<Country>, _: Option<Country>) -> &'s str {
        if from == Some(Country::FR) { "CORE" } else { "CORI" }
    }
    fn check(&self) -> Option<&dyn Check> {
        Some(&labels::Sls)
    }
    fn account_check(&self) -> Option<&dyn AccountCheck> {
        Some(&labels::Sls)
    }
    fn pickups(&self) -> Option<&dyn Pickups> {
        Some(&labels::Sls)
    }
    fn manifests(&self) -> Option<&dyn Manifests> {
        Some(&labels::Sls)
    }
    fn service_points(&self) -> Option<&dyn ServicePoints> {
        Some(&labels::Sls)
    }

    fn polling(&self) -> Option<&dyn Polling> {
        Some(&tracking::Suivi)
    }
}

/// A simulated Colissimo and La Poste Suivi.
#[must_use]
pub fn simulator(options: SimOptions) -> Box<dyn Simulator> {
    Box::new(ColissimoSim::new(options))
}
