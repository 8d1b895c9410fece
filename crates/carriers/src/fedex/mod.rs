//! FedEx: OAuth, Ship v1, Rate v1, Track v1, Pickup v1 and Location v1.
//!
//! Documents: <https://developer.fedex.com/api/en-us/catalog.html>; test environment:
//! `https://apis-sandbox.fedex.com`, set as the account's `api` host.
//!
//! Class B: a purchase whose answer was lost is found again by our reference ([`crate::Lookup`]),
//! but a label cannot be fetched again: then cancel and buy anew. FedEx does not deduplicate; its
//! customer transaction id is only echoed.
//!
//! Known quirks: a bad tracking number is an error inside a success, one by one; numbers are
//! recycled, so that one number may have several results; a cancellation says in a flag whether it
//! happened; a pickup's ready time is local in spite of its `Z`; delays stand beside ordinary
//! scans.
//!
//! Deliberately not here: push (Advanced Integrated Visibility is a product on its own bill, and
//! its body is not published), shipments of more than 40 parcels (they are answered by a job that
//! is asked for later), pickup availability (a booking says the same), the end of day of Ground (in
//! none of the documents this was written from), document upload, freight.

mod common;
mod customs;
mod labels;
mod lookup;
mod options;
mod order;
mod party;
mod pickups;
mod points;
mod rates;
pub mod sim;
mod statuses;
mod tracking;
mod voids;
mod wire;
mod wire_out;

use std::sync::LazyLock;

use colibri_types::{Country, Grams, Millimetres};

pub use statuses::TABLE;
pub use tracking::read_payload;

use crate::{
    Account, AccountError, AccountField, Auth, Carrier, CarrierError, CarrierInfo, Check,
    HttpRequest, HttpResponse, LabelFormat, Labels, Lookup, Method, OptionKind, Pickups, Polling,
    Rates, ServicePoints, Token, Voids,
    sim::{SimOptions, Simulator},
    wire::border::countries,
    wire::oauth,
};
use common::Stake;

/// The connector.
#[derive(Debug, Clone, Copy)]
pub struct Fedex;

/// The one instance that the registry lists.
pub static CARRIER: Fedex = Fedex;

/// The simulated FedEx, which has sold nothing yet.
#[must_use]
pub fn simulator(options: SimOptions) -> Box<dyn Simulator> {
    Box::new(sim::FedexSim::new(options))
}

/// Countries that this connector was written for.
static ORIGINS: LazyLock<Vec<Country>> = LazyLock::new(|| {
    countries(
        "AT BE BG CA CH CZ DE DK EE ES FI FR GB GR HR HU IE IT LT LU LV NL NO PL PT RO SE SI SK US",
    )
});

static INFO: LazyLock<CarrierInfo> = LazyLock::new(|| CarrierInfo {
    id: "fedex",
    name: "FedEx",
    origins: &ORIGINS,
    formats: &[LabelFormat::Pdf, LabelFormat::Zpl, LabelFormat::Png, LabelFormat::Epl],
    // 150 lb and, across borders, 274 cm: the smallest limits of the services below.
    weight_max: Grams(68_000),
    length_max: Millimetres(2_740),
    // Above 40 FedEx answers with a job instead of labels.
    parcels_max: 40,
    options: &[
        OptionKind::Signature,
        OptionKind::Saturday,
        OptionKind::Insurance,
        OptionKind::CashOnDelivery,
        OptionKind::ServicePoint,
    ],
    // 1,400 in ten seconds are allowed to a project, which may hold several accounts.
    calls_per_second: 100,
    hosts: &[("api", "https://apis.fedex.com")],
    account_fields: ACCOUNT_FIELDS,
    services: &[
        ("FEDEX_INTERNATIONAL_PRIORITY", "International Priority"),
        ("INTERNATIONAL_ECONOMY", "International Economy"),
        ("FEDEX_INTERNATIONAL_CONNECT_PLUS", "International Connect Plus"),
        ("FEDEX_REGIONAL_ECONOMY", "Regional Economy"),
        ("PRIORITY_OVERNIGHT", "Priority Overnight"),
        ("STANDARD_OVERNIGHT", "Standard Overnight"),
        ("FEDEX_2_DAY", "2Day"),
        ("FEDEX_GROUND", "Ground"),
        ("GROUND_HOME_DELIVERY", "Home Delivery"),
    ],
});

const ACCOUNT_FIELDS: &[AccountField] = &[
    AccountField::new(
        "client_id",
        "API key of the project at developer.fedex.com",
        "example-client",
    ),
    AccountField::new("client_secret", "Secret key of the project", "example-secret").secret(),
    AccountField::new("account_number", "Account number, nine digits", "123456789"),
    AccountField::new(
        "pickup_type",
        "How FedEx gets the parcels: USE_SCHEDULED_PICKUP (a driver comes every day; \
                  meant when empty), CONTACT_FEDEX_TO_SCHEDULE or DROPOFF_AT_FEDEX_LOCATION",
        "USE_SCHEDULED_PICKUP",
    )
    .optional(),
];

/// The account's number, checked.
fn account_number(account: &Account) -> Result<&str, AccountError> {
    let number = account.required("account_number")?;
    if number.len() == 9 && number.bytes().all(|b| b.is_ascii_digit()) {
        Ok(number)
    } else {
        Err(AccountError { field: "account_number", reason: "should be nine digits" })
    }
}

/// How the parcels get to FedEx, checked.
fn pickup_type(account: &Account) -> Result<&str, AccountError> {
    match account.field("pickup_type").unwrap_or("USE_SCHEDULED_PICKUP") {
        known @ ("USE_SCHEDULED_PICKUP"
        | "CONTACT_FEDEX_TO_SCHEDULE"
        | "DROPOFF_AT_FEDEX_LOCATION") => Ok(known),
        _ => {
            let reason = "should be one of FedEx's three pickup types";
            Err(AccountError { field: "pickup_type", reason })
        }
    }
}

impl Carrier for Fedex {
    fn info(&self) -> &'static CarrierInfo {
        &INFO
    }

    fn auth(&self, account: &Account) -> Result<Auth, AccountError> {
        let id = account.required("client_id")?;
        let secret = account.required("client_secret")?;
        account_number(account)?;
        pickup_type(account)?;
        let url = format!("{}/oauth/token", account.host(&INFO, "api"));
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            common::escape(id),
            common::escape(secret)
        );
        let request = HttpRequest::new(Method::Post, url)
            .header("accept", "application/json")
            .body("application/x-www-form-urlencoded", form);
        Ok(Auth::Token(request))
    }

    fn token(&self, response: &HttpResponse) -> Result<Token, CarrierError> {
        oauth::token(response, |answer| common::failure(answer, Stake::Nothing))
    }

    fn labels(&self) -> Option<&dyn Labels> {
        Some(self)
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
    fn returns(&self) -> Option<&dyn Labels> {
        Some(&labels::RETURNS)
    }
    fn check(&self) -> Option<&dyn Check> {
        Some(self)
    }
    fn rates(&self) -> Option<&dyn Rates> {
        Some(self)
    }
    fn pickups(&self) -> Option<&dyn Pickups> {
        Some(self)
    }
    fn service_points(&self) -> Option<&dyn ServicePoints> {
        Some(self)
    }
}

#[cfg(test)]
mod tests;
