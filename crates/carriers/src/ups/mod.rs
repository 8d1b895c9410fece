//! UPS: OAuth, Ship v2409, Rating v2409, Pickup v2409, Locator v3, Void, Label Recovery v1, Track v1
//! and Track Alert v2.
//!
//! Documents: <https://developer.ups.com/api/reference>; test environment:
//! `https://wwwcie.ups.com`, set as the account's `api` host.
//!
//! Class B: a purchase whose answer was lost is found again by our reference ([`crate::Lookup`]).
//!
//! Known quirks: one element is an object and several are an array (below `v2403`); all numbers
//! are text; an unknown tracking number is a success with a warning; a label asked as GIF lies on
//! its side; UPS sells no PDF, only label recovery makes one.
//!
//! Inferred, since UPS documents it outside the interface's description: the kinds of money of cash
//! on delivery (`options`), services by lane (`lanes`).
//!
//! Deliberately not here: a free check (what UPS calls `validate` sells), a day's close (UPS has
//! none in this interface), paperless documents, freight, Mail Innovations, one-day couriers.

mod clock;
mod common;
mod customs;
mod files;
mod labels;
mod lanes;
mod lookup;
mod options;
mod order;
mod parcels;
mod party;
mod pickups;
mod points;
mod push;
mod rates;
pub mod sim;
mod statuses;
mod tracking;
mod voids;
mod wire;
mod wire_extras;
mod wire_ship;

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use colibri_types::{Country, Grams, Millimetres};

pub use push::{subscribe, subscribed};
pub use statuses::TABLE;
pub use tracking::read_payload;

use crate::{
    Account, AccountError, AccountField, Auth, Carrier, CarrierError, CarrierInfo, HttpRequest,
    HttpResponse, LabelFormat, Labels, Lookup, Method, OptionKind, Pickups, Polling, Push, Rates,
    ServicePoints, Token, Voids,
    sim::{SimOptions, Simulator},
    wire::border::countries,
    wire::oauth,
};
use common::Stake;

/// The connector.
#[derive(Debug, Clone, Copy)]
pub struct Ups;

/// The one instance that the registry lists.
pub static CARRIER: Ups = Ups;

/// The simulated UPS, which has sold nothing yet.
#[must_use]
pub fn simulator(options: SimOptions) -> Box<dyn Simulator> {
    Box::new(sim::UpsSim::new(options))
}

/// Countries that UPS collects from and that this connector was written for.
static ORIGINS: LazyLock<Vec<Country>> = LazyLock::new(|| {
    countries(
        "AT BE BG CA CH CZ DE DK EE ES FI FR GB GR HR HU IE IT LT LU LV MC MX NL NO PL PR PT RO SE \
         SI SK US",
    )
});

static INFO: LazyLock<CarrierInfo> = LazyLock::new(|| CarrierInfo {
    id: "ups",
    name: "UPS",
    origins: &ORIGINS,
    // No PDF: UPS sells labels as GIF, PNG and printer programs only.
    formats: &[LabelFormat::Zpl, LabelFormat::Png, LabelFormat::Gif, LabelFormat::Epl],
    weight_max: Grams(70_000),
    length_max: Millimetres(2_700),
    parcels_max: 200,
    options: &[
        OptionKind::Signature,
        OptionKind::Saturday,
        OptionKind::Insurance,
        OptionKind::CashOnDelivery,
        OptionKind::ServicePoint,
    ],
    calls_per_second: 10,
    hosts: &[("api", "https://onlinetools.ups.com")],
    account_fields: const {
        &[
            AccountField::new(
                "client_id",
                "Client ID of the application at developer.ups.com",
                "example-client",
            ),
            AccountField::new(
                "client_secret",
                "Client secret of the application",
                "example-secret",
            )
            .secret(),
            AccountField::new("shipper_number", "Account number, six letters and digits", "A1B2C3"),
            AccountField::new(
                "webhook_secret",
                "Credential that UPS sends with Track Alert events, as set in its portal",
                "example-credential",
            )
            .secret()
            .optional(),
        ]
    },
    services: &[
        ("01", "Next Day Air"),
        ("02", "2nd Day Air"),
        ("03", "Ground"),
        ("07", "Express"),
        ("08", "Expedited"),
        ("11", "Standard"),
        ("12", "3 Day Select"),
        ("13", "Next Day Air Saver"),
        ("14", "Next Day Air Early"),
        ("54", "Express Plus"),
        ("59", "2nd Day Air A.M."),
        ("65", "Saver"),
        ("70", "Access Point Economy"),
        ("74", "Express 12:00"),
    ],
});

/// The account's number, checked.
fn shipper_number(account: &Account) -> Result<&str, AccountError> {
    let number = account.required("shipper_number")?;
    let plain = number.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if number.len() == 6 && plain {
        Ok(number)
    } else {
        let reason = "should be six upper-case letters and digits";
        Err(AccountError { field: "shipper_number", reason })
    }
}

impl Carrier for Ups {
    fn info(&self) -> &'static CarrierInfo {
        &INFO
    }

    fn auth(&self, account: &Account) -> Result<Auth, AccountError> {
        let id = account.required("client_id")?;
        let secret = account.required("client_secret")?;
        let shipper = shipper_number(account)?;
        if id.contains(':') {
            let reason = "cannot hold a colon";
            return Err(AccountError { field: "client_id", reason });
        }
        // The token path has no `/api` before it.
        let url = format!("{}/security/v1/oauth/token", account.host(&INFO, "api"));
        let basic = BASE64.encode(format!("{id}:{secret}"));
        let request = HttpRequest::new(Method::Post, url)
            .header("authorization", format!("Basic {basic}"))
            .header("x-merchant-id", shipper)
            .header("accept", "application/json")
            .body("application/x-www-form-urlencoded", "grant_type=client_credentials");
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
    fn push(&self) -> Option<&dyn Push> {
        Some(self)
    }
    fn rates(&self) -> Option<&dyn Rates> {
        Some(self)
    }
    fn returns(&self) -> Option<&dyn Labels> {
        Some(&labels::RETURNS)
    }
    fn service_back<'s>(&self, out: &'s str, from: Option<Country>, _: Option<Country>) -> &'s str {
        order::back(out, from)
    }
    fn pickups(&self) -> Option<&dyn Pickups> {
        Some(self)
    }
    fn service_points(&self) -> Option<&dyn ServicePoints> {
        Some(self)
    }
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
