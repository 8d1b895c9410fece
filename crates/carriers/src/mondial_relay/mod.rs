//! Mondial Relay (InPost group): parcels to relays, lockers and doors.
//!
//! Documents: WSDL of API 1 (`Web_Services.asmx`, SOAP, each call signed by MD5), and "Web Service
//! Dual Carrier" 2.7.1 of June 2024 for API 2 ("Connect"), as restated in public clients.
//!
//! Which interface does what:
//!
//! | capability | interface | why |
//! |---|---|---|
//! | PDF labels, returns | API 1 | tracking needs it anyway; cash, appointments, XXL, print again |
//! | ZPL labels, returns | API 2 | API 1 has no ZPL; needs the account's `connect_` fields |
//! | tracking, points, account check | API 1 | API 2 has none of them |
//!
//! Class C: there is no idempotency key, no search by reference, no void, and prepaid accounts are
//! debited at creation. After a lost answer a person looks into the carrier's web tool, which shows
//! our reference: its last 15 characters as order number, what is before them as customer number.
//!
//! Known quirks: API 1 answers HTTP 200 to everything, `STAT` tells; the file lies behind an
//! address without authentication. It is asked for after the purchase is known (print again by
//! number, then the file), never as a step of the purchase: a lost PDF must not put a paid label in
//! doubt. API 2 answers JSON unless `Accept` asks for XML; a warning there is still a purchase; the
//! ZPL comes as base64. Tracking has one coarse state and French wordings, see `statuses.rs`.
//!
//! Deliberately not here: several parcels in one shipment (the carrier gives and tracks one number
//! per shipment, and takes several parcels only on three services: sell one shipment per parcel);
//! codes for label-less returns (form of the answer not established); next-day XOH (needs data
//! exchange by files); customs (neither interface can declare goods: destinations outside the
//! fiscal territory of the Union are rejected); rates, voids, collections, manifests, push and
//! lookup, which the carrier does not have. The account check proves API 1 only: API 2 has no call
//! that costs nothing.

mod account;
mod address;
mod connect;
mod labels;
mod phone;
mod points;
mod shipment;
mod sim;
mod soap;
mod statuses;
mod stickers;
mod tracking;

#[cfg(test)]
mod tests;

use colibri_types::{Country, Grams, Millimetres};

use crate::{
    Account, AccountCheck, AccountError, AccountField, Auth, Carrier, CarrierInfo, LabelFormat,
    Labels, OptionKind, Polling, ServicePoints,
    sim::{SimOptions, Simulator},
};

pub use sim::MondialRelaySim;
pub use statuses::TABLE;
pub use tracking::read_payload;

/// The connector.
pub static CARRIER: MondialRelay = MondialRelay;

/// Mondial Relay, by both of its interfaces.
#[derive(Debug, Clone, Copy)]
pub struct MondialRelay;

static INFO: CarrierInfo = CarrierInfo {
    id: "mondial_relay",
    name: "Mondial Relay",
    // The documented patterns of senders (postcode, phone) are French.
    origins: &[Country::FR],
    formats: &[LabelFormat::Pdf, LabelFormat::Zpl, LabelFormat::Ipl],
    // 130 kg for XXL and two-man delivery; other services carry less, see `shipment.rs`.
    weight_max: Grams(130_000),
    // 2 m: remembered from the general terms, the interfaces have no field that would refuse it.
    length_max: Millimetres(2_000),
    // One number per shipment, however many parcels: see the module's text.
    parcels_max: 1,
    options: &[OptionKind::Insurance, OptionKind::CashOnDelivery, OptionKind::ServicePoint],
    // No figure is published, bursts are unwelcome; one PDF label takes three calls.
    calls_per_second: 3,
    hosts: &[
        ("api", "https://api.mondialrelay.com"),
        ("connect", "https://connect-api.mondialrelay.com"),
        ("files", "https://www.mondialrelay.com"),
    ],
    account_fields: &[
        AccountField::new("brand", "Brand code (Enseigne) of API 1, eight characters", "ZZCOLIBR"),
        AccountField::new("private_key", "Private key of API 1", "CleInventee1").secret(),
        AccountField::new(
            "collection_mode",
            "How parcels enter: CCC (hub or regular collection) or REL (dropped at a relay)",
            "REL",
        ),
        AccountField::new("connect_login", "Login of API 2, for ZPL", "demo@example.org")
            .optional(),
        AccountField::new("connect_password", "Password of API 2, for ZPL", "example-password")
            .secret()
            .optional(),
        AccountField::new(
            "connect_customer_id",
            "Customer id of API 2, when it is not the brand code",
            "ZZCOLIBR",
        )
        .optional(),
        AccountField::new(
            "insurance_ceilings_cents",
            "Insured value in cents of the levels 1 to 5 of the contract, by commas",
            "5000,12500,25000,37500,50000",
        )
        .optional(),
    ],
    services: &[
        ("24R", "Relay or locker"),
        ("24L", "Relay, XL"),
        ("24X", "Relay, XXL"),
        ("DRI", "Drive"),
        ("HOM", "Home, without appointment"),
        ("LD1", "Home by one person, with appointment"),
        ("LDS", "Home by two persons, with appointment"),
        ("LCC", "Return to the merchant, dropped at a relay"),
    ],
};

impl Carrier for MondialRelay {
    fn info(&self) -> &'static CarrierInfo {
        &INFO
    }

    fn auth(&self, account: &Account) -> Result<Auth, AccountError> {
        account::check(account)?;
        Ok(Auth::PerCall)
    }

    fn labels(&self) -> Option<&dyn Labels> {
        Some(&labels::OUTBOUND)
    }

    fn returns(&self) -> Option<&dyn Labels> {
        Some(&labels::RETURNS)
    }

    fn service_back<'s>(&self, _: &'s str, _: Option<Country>, _: Option<Country>) -> &'s str {
        shipment::BACK
    }

    fn names_drop_off(&self) -> bool {
        true
    }

    fn polling(&self) -> Option<&dyn Polling> {
        Some(&tracking::Tracing)
    }

    fn service_points(&self) -> Option<&dyn ServicePoints> {
        Some(&points::Relays)
    }

    fn account_check(&self) -> Option<&dyn AccountCheck> {
        Some(&points::Relays)
    }
}

/// A simulated Mondial Relay, which has sold nothing yet.
#[must_use]
pub fn simulator(options: SimOptions) -> Box<dyn Simulator> {
    Box::new(MondialRelaySim::new(options))
}
