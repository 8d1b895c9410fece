//! GLS: `ShipIT` (farm v1) for parcels, Track and Trace V1 for scans, one OAuth 2 token for both.
//!
//! Documents: <https://dev-portal.gls-group.net> (Authentication v2, `ShipIT` farm v1, Track and
//! Trace V1) and GLS's description of the `ShipIT` REST services; sandbox
//! `https://api-sandbox.gls-group.net`, set as the account's `api` host.
//!
//! Class B: a purchase whose answer was lost is found by our reference. GLS does not deduplicate.
//!
//! Known quirks: a media type of its own; errors stand in headers over an empty body; addresses
//! spell `ZIPCode` and `eMail` whatever the portal's schema says; numbers are weights only, no
//! dimensions; opening hours are milliseconds since midnight less one hour; event times have an
//! offset without colon; `FINAL` closes a history and is no delivery; Track and Trace answers 500
//! requests a day by default.
//!
//! Deliberately not here: prices and webhooks (GLS has neither); calling a collection off (GLS
//! gives it no number); voiding several parcels at once (GLS cancels parcel by parcel, and a void
//! is one call: the numbers are kept, joined by commas, and each is cancelled); customs data
//! (they go to another interface of GLS with an entitlement of its own, keyed by the numbers of
//! the answer; the label call takes the incoterm, and papers travel with the parcel); the older
//! service of GLS France, which new shippers do not get.

mod address;
mod check;
mod common;
mod labels;
mod lookup;
mod manifests;
mod order;
mod pickups;
mod points;
mod services;
mod sim;
mod statuses;
mod tracking;
mod voids;
mod wire;
mod wire_in;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use colibri_types::{Country, Grams, Millimetres};

pub use statuses::TABLE;
pub use tracking::read_payload;

use crate::{
    Account, AccountError, AccountField, Auth, Carrier, CarrierError, CarrierInfo, Check,
    HttpRequest, HttpResponse, LabelFormat, Labels, Lookup, Manifests, Method, OptionKind, Pickups,
    Polling, ServicePoints, Token, Voids,
    sim::{SimOptions, Simulator},
    wire::border::countries,
    wire::oauth,
};

/// The connector.
#[derive(Debug, Clone, Copy)]
pub struct Gls;

/// The one instance that the registry lists.
pub static CARRIER: Gls = Gls;

/// The simulated GLS, which has sold nothing yet.
#[must_use]
pub fn simulator(options: SimOptions) -> Box<dyn Simulator> {
    Box::new(sim::GlsSim::new(options))
}

/// Countries whose GLS companies sell through `ShipIT`: inferred from its hosts and partner ids.
static ORIGINS: LazyLock<Vec<Country>> =
    LazyLock::new(|| countries("AT BE DE DK FI FR IE LU NL PL"));

static INFO: LazyLock<CarrierInfo> = LazyLock::new(|| CarrierInfo {
    id: "gls",
    name: "GLS",
    origins: &ORIGINS,
    formats: &[
        LabelFormat::Pdf,
        LabelFormat::Zpl,
        LabelFormat::Png,
        LabelFormat::Dpl,
        LabelFormat::Ipl,
        LabelFormat::Tpcl,
    ],
    // Some countries take 40 kg, which GLS does not say by its interface: the lower limit holds.
    weight_max: Grams(31_500),
    // General terms; no field of the interface would refuse more.
    length_max: Millimetres(2_000),
    // Not documented: a polite figure of ours.
    parcels_max: 99,
    options: &[
        OptionKind::Signature,
        OptionKind::Saturday,
        OptionKind::Insurance,
        OptionKind::CashOnDelivery,
        OptionKind::ServicePoint,
        OptionKind::SafePlace,
    ],
    // ShipIT's limit is not published.
    calls_per_second: 5,
    hosts: &[("api", "https://api.gls-group.net")],
    account_fields: const {
        &[
            AccountField::new(
                "client_id",
                "Client id of the application at dev-portal.gls-group.net",
                "example-client",
            ),
            AccountField::new(
                "client_secret",
                "Client secret of the application",
                "example-secret",
            )
            .secret(),
            AccountField::new(
                "contact_id",
                "Contact ID of the shipper, given by GLS for each pickup address",
                "250abcDEF1",
            ),
        ]
    },
    services: services::LIST,
});

/// The shipper's id, checked.
fn contact_id(account: &Account) -> Result<&str, AccountError> {
    let id = account.required("contact_id")?;
    let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if plain && id.len() <= 40 {
        Ok(id)
    } else {
        let reason = "at most 40 letters and digits";
        Err(AccountError { field: "contact_id", reason })
    }
}

impl Carrier for Gls {
    fn info(&self) -> &'static CarrierInfo {
        &INFO
    }

    fn auth(&self, account: &Account) -> Result<Auth, AccountError> {
        let id = account.required("client_id")?;
        let secret = account.required("client_secret")?;
        contact_id(account)?;
        if id.contains(':') {
            return Err(AccountError { field: "client_id", reason: "cannot hold a colon" });
        }
        let url = format!("{}/oauth2/v2/token", account.host(&INFO, "api"));
        let basic = BASE64.encode(format!("{id}:{secret}"));
        let request = HttpRequest::new(Method::Post, url)
            .header("authorization", format!("Basic {basic}"))
            .header("accept", "application/json")
            .body("application/x-www-form-urlencoded", "grant_type=client_credentials");
        Ok(Auth::Token(request))
    }

    fn token(&self, response: &HttpResponse) -> Result<Token, CarrierError> {
        oauth::token(response, |answer| match common::failure(answer, common::Stake::Nothing) {
            // Bad credentials come as 400 as well as 401.
            CarrierError::Refused { code, .. } => CarrierError::Unauthorised { code },
            other => other,
        })
    }

    fn labels(&self) -> Option<&dyn Labels> {
        Some(&labels::OUT)
    }
    fn returns(&self) -> Option<&dyn Labels> {
        Some(&labels::BACK)
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
    fn check(&self) -> Option<&dyn Check> {
        Some(self)
    }
    fn pickups(&self) -> Option<&dyn Pickups> {
        Some(self)
    }
    fn manifests(&self) -> Option<&dyn Manifests> {
        Some(self)
    }
    fn service_points(&self) -> Option<&dyn ServicePoints> {
        Some(self)
    }
}
