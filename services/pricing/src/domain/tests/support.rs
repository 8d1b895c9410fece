//! A small tariff and request to vary.

use std::collections::BTreeSet;

use colibri_types::{Country, Dimensions, Grams, Millimetres};
use time::{OffsetDateTime, macros::datetime};

use crate::domain::{
    Code, Day, FxTable, Parcel, Place, Quote, Rating, Request, SelectionRules, Sheet, ShipOption,
    Surcharge, Tariff, rate,
};

/// Plain tariff: France and Belgium, no extras.
pub(super) const PLAIN: &str = r#"
id = "plain"
version = 1
carrier = "alpha"
service = "S1"
label = "Plain"
currency = "EUR"
valid_from = "2026-01-01"
valid_to = "2026-12-31"
weight_step_g = 1
unknown_dimensions = "weight_only"
multi_parcel = "per_parcel"
rounding = { mode = "half_up", per = "line", step_minor = 1 }
options = ["signature", "insurance", "saturday"]
origin = { country = "FR" }

[calendar]
cutoff = "16:00"
collection_days = ["mon", "tue", "wed", "thu", "fri"]
working_days = ["mon", "tue", "wed", "thu", "fri"]
holidays = ["2026-05-14"]
known_to = "2026-12-31"

[zones.home]
countries = ["FR"]
breaks = [
    { to_g = 1000, price = "5.00" },
    { to_g = 5000, price = "8.00" },
    { to_g = 30000, price = "20.00" },
]
above = { step_g = 1000, price = "0.75" }
transit = { days_min = 1, days_max = 2 }

[zones.near]
countries = ["BE"]
breaks = [{ to_g = 30000, price = "12.00" }]
"#;

/// Monday noon, when nothing is closed.
pub(super) const NOW: OffsetDateTime = datetime!(2026-06-01 12:00 +02:00);

pub(super) fn day(text: &str) -> Day {
    text.parse().unwrap()
}

pub(super) fn sheet() -> Sheet {
    toml::from_str(PLAIN).unwrap()
}

pub(super) fn tariff(change: impl FnOnce(&mut Sheet)) -> Tariff {
    let mut sheet = sheet();
    change(&mut sheet);
    Tariff::new(sheet).unwrap()
}

pub(super) fn place(country: &str, postcode: &str) -> Place {
    Place {
        country: country.parse::<Country>().unwrap(),
        postcode: Some(postcode.to_owned()).filter(|text| !text.is_empty()),
    }
}

pub(super) fn parcel(weight_g: u32) -> Parcel {
    Parcel { weight: Grams(weight_g), dimensions: None }
}

pub(super) fn sized(weight_g: u32, sides_mm: [u32; 3]) -> Parcel {
    let [length, width, height] = sides_mm.map(Millimetres);
    Parcel { weight: Grams(weight_g), dimensions: Some(Dimensions { length, width, height }) }
}

pub(super) fn request(weight_g: u32) -> Request {
    Request {
        origin: place("FR", "69002"),
        destination: place("FR", "75001"),
        residential: None,
        ship_date: day("2026-06-01"),
        parcels: vec![parcel(weight_g)],
        options: BTreeSet::new(),
        value: None,
    }
}

pub(super) fn with_option(mut request: Request, option: ShipOption) -> Request {
    request.options.insert(option);
    request
}

pub(super) fn rates() -> FxTable {
    serde_json::from_str(
        r#"{"base":"EUR","date":"2026-06-01","usable_days":4,
            "rates":{"USD":"1.10","GBP":"0.80"}}"#,
    )
    .unwrap()
}

pub(super) fn rules() -> SelectionRules {
    serde_json::from_str(r#"{"currency":"EUR","when_late":"hold"}"#).unwrap()
}

pub(super) fn rated(tariffs: &[Tariff], request: &Request) -> Rating {
    rate(tariffs, request, Some(&rates()), NOW).unwrap()
}

/// The only answer, which must be a price.
pub(super) fn quote(tariff: &Tariff, request: &Request) -> Quote {
    let rating = rated(std::slice::from_ref(tariff), request);
    assert_eq!(rating.refused, []);
    rating.quotes.into_iter().next().unwrap()
}

/// The only answer, which must be a refusal.
pub(super) fn refusal(tariff: &Tariff, request: &Request) -> Code {
    let rating = rated(std::slice::from_ref(tariff), request);
    assert_eq!(rating.quotes, []);
    rating.refused.first().unwrap().code
}

/// Codes and rounded amounts of a quote's lines, in minor units.
pub(super) fn lines(quote: &Quote) -> Vec<(&str, i64)> {
    let line = |line: &'_ crate::domain::ChargeLine| line.rounded.amount_minor;
    quote.lines.iter().map(|l| (l.code.as_str(), line(l))).collect()
}

pub(super) fn surcharge(toml: &str) -> Surcharge {
    toml::from_str(toml).unwrap()
}
