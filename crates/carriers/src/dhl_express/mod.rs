//! DHL Express: MyDHL API 3.1.1, and DHL's unified tracking with its push.
//!
//! Documents: <https://developer.dhl.com/api-reference/dhl-express-mydhl-api>,
//! <https://developer.dhl.com/api-reference/shipment-tracking>,
//! <https://developer.dhl.com/api-reference/shipment-tracking-unified-push> (1.2.5). Test
//! environment: `https://express.api.dhl.com/mydhlapi/test`, set as the account's `api` host.
//!
//! Class B: a purchase whose answer was lost is found again by our reference, in tracking, with a
//! delay of some minutes. Its label is lost all the same: MyDHL prints no label twice.
//!
//! Known quirks: errors carry their number as text before a colon; one price comes in up to three
//! currencies, zero where it could not be computed; the offset of a scan is told only to a question
//! about one number that asks for it, so one number is asked at a time; names and places are blank
//! in some answers; the letters of codes mean something else in each of DHL's divisions, and the
//! coarse status beside them is wrong at times; push bodies differ by division.
//!
//! A shipment of one parcel is tracked by its waybill (ten digits); of several, each by its piece
//! number (`JD..`).
//!
//! Deliberately not here: voids (DHL bills a waybill when it is used, there is nothing to cancel);
//! asking for a label again (impossible); manifests (none); changing a pickup; cash on delivery
//! (no longer sold); landed cost; number allocation; own customs papers. Goods that cross a customs
//! border travel with paperless trade: DHL makes the invoice of what it is told, and refuses lanes
//! that need it on paper, because a purchase here carries labels only.

mod common;
mod customs;
mod labels;
mod lookup;
mod moment;
mod options;
mod order;
mod party;
mod pickups;
mod points;
mod push;
mod rates;
mod sim;
mod statuses;
mod tracking;
mod unified;
mod wire;

use std::sync::LazyLock;

use colibri_types::{Country, Grams, Millimetres};

pub use statuses::TABLE;
pub use tracking::read_payload;

use crate::{
    Account, AccountCheck, AccountError, AccountField, Auth, Carrier, CarrierInfo, Check,
    LabelFormat, Labels, Lookup, OptionKind, Pickups, Polling, Push, Rates, ServicePoints,
    sim::{SimOptions, Simulator},
    wire::border::countries,
};

/// The connector.
#[derive(Debug, Clone, Copy)]
pub struct DhlExpress;

/// The one instance that the registry lists.
pub static CARRIER: DhlExpress = DhlExpress;

/// The simulated DHL, which has sold nothing yet.
#[must_use]
pub fn simulator(options: SimOptions) -> Box<dyn Simulator> {
    Box::new(sim::DhlSim::new(options))
}

/// Countries that this connector was written for; DHL collects in more.
static ORIGINS: LazyLock<Vec<Country>> = LazyLock::new(|| {
    countries(
        "AT BE BG CA CH CZ DE DK EE ES FI FR GB GR HR HU IE IT LT LU LV MC MX NL NO PL PT RO SE \
         SI SK US",
    )
});

const FIELDS: &[AccountField] = &[
    AccountField::new("api_key", "User name of the MyDHL API", "apF2invented"),
    AccountField::new("api_secret", "Password of the MyDHL API", "invented-secret").secret(),
    AccountField::new("account_number", "Account number, nine digits", "123456789"),
    AccountField::new(
        "unified_key",
        "Key of Shipment Tracking Unified and its push, from developer.dhl.com",
        "invented-unified-key",
    )
    .secret()
    .optional(),
    AccountField::new(
        "unified_service",
        "Division asked in unified tracking for numbers that are not Express's",
        "parcel-de",
    )
    .optional(),
    AccountField::new(
        "webhook_secret",
        "Secret of your choice that DHL sends with each push",
        "invented-hook-secret",
    )
    .secret()
    .optional(),
];

static INFO: LazyLock<CarrierInfo> = LazyLock::new(|| CarrierInfo {
    id: "dhl_express",
    name: "DHL Express",
    origins: &ORIGINS,
    formats: &[LabelFormat::Pdf, LabelFormat::Zpl, LabelFormat::Epl],
    // Heavier or longer pieces go on pallets, which are not sold here.
    weight_max: Grams(70_000),
    length_max: Millimetres(3_000),
    parcels_max: 999,
    options: &[
        OptionKind::Signature,
        OptionKind::Saturday,
        OptionKind::Insurance,
        OptionKind::ServicePoint,
        OptionKind::SafePlace,
    ],
    // Not published; a polite figure.
    calls_per_second: 5,
    hosts: &[
        ("api", "https://express.api.dhl.com/mydhlapi"),
        ("unified", "https://api-eu.dhl.com"),
    ],
    account_fields: FIELDS,
    services: &[
        ("N", "Express Domestic"),
        ("U", "Express Worldwide (EU)"),
        ("P", "Express Worldwide (goods)"),
        ("D", "Express Worldwide (documents)"),
        ("K", "Express 9:00"),
        ("E", "Express 9:00 (goods)"),
        ("L", "Express 10:30"),
        ("M", "Express 10:30 (goods)"),
        ("T", "Express 12:00"),
        ("Y", "Express 12:00 (goods)"),
        ("W", "Economy Select"),
        ("H", "Economy Select (goods)"),
        ("X", "Express Envelope"),
    ],
});

/// The account's number, checked.
fn account_number(account: &Account) -> Result<&str, AccountError> {
    let number = account.required("account_number")?;
    let plain = number.bytes().all(|b| b.is_ascii_digit());
    if plain && (8..=12).contains(&number.len()) {
        return Ok(number);
    }
    Err(AccountError { field: "account_number", reason: "should be eight to twelve digits" })
}

impl Carrier for DhlExpress {
    fn info(&self) -> &'static CarrierInfo {
        &INFO
    }

    fn auth(&self, account: &Account) -> Result<Auth, AccountError> {
        let key = account.required("api_key")?;
        account.required("api_secret")?;
        account_number(account)?;
        if key.contains(':') {
            return Err(AccountError { field: "api_key", reason: "cannot hold a colon" });
        }
        Ok(Auth::PerCall)
    }

    fn labels(&self) -> Option<&dyn Labels> {
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
    fn returns(&self) -> Option<&dyn Labels> {
        Some(&labels::Returns)
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
    fn account_check(&self) -> Option<&dyn AccountCheck> {
        Some(self)
    }
}

#[cfg(test)]
mod tests;
