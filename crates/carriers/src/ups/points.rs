//! Access points: Locator v3, option 64.
//!
//! Deliberately not read: special hours, which are free text, and whether a point is a locker,
//! which UPS does not say. Points that take no parcels now are left out by UPS (the filter on
//! availability). UPS documents no heaviest parcel of a point.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use time::{Time, macros::time};

use super::{
    Ups,
    common::{self, Stake},
    lanes,
    party::{self, NEAR},
    wire::Code,
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Method, Opening, PointSearch, Rejection,
    ServicePoint, ServicePoints,
    wire::{
        decimal::scaled,
        lenient::{Many, One, Text},
    },
};

const PATH: &str = "/api/locations/v3/search/availabilities/64";
const LIMIT_MAX: u8 = 50;
/// Kilometres; UPS takes 5 to 150, and a receiver goes less far.
const RADIUS: &str = "50";
const LINE_MAX: usize = 100;
const CITY_MAX: usize = 50;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Body<'a> {
    #[serde(borrow)]
    locator_response: One<Answer<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Answer<'a> {
    #[serde(borrow)]
    response: One<Outcome<'a>>,
    search_results: One<Results<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Outcome<'a> {
    #[serde(borrow)]
    response_status_code: Text<'a>,
    error: One<Failure<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Failure<'a> {
    #[serde(borrow)]
    error_severity: Text<'a>,
    error_code: Text<'a>,
    error_description: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Results<'a> {
    #[serde(borrow)]
    drop_location: Many<Location<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Location<'a> {
    #[serde(borrow)]
    geocode: One<Geocode<'a>>,
    address_key_format: One<Address<'a>>,
    distance: One<Distance<'a>>,
    operating_hours: One<Hours<'a>>,
    access_point_information: One<Point<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Geocode<'a> {
    #[serde(borrow)]
    latitude: Text<'a>,
    longitude: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Address<'a> {
    #[serde(borrow)]
    consignee_name: Text<'a>,
    address_line: Text<'a>,
    political_division2: Text<'a>,
    postcode_primary_low: Text<'a>,
    country_code: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Distance<'a> {
    #[serde(borrow)]
    value: Text<'a>,
    unit_of_measurement: One<Code<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Hours<'a> {
    #[serde(borrow)]
    standard_hours: Many<Week<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Week<'a> {
    #[serde(borrow)]
    hours_type: Text<'a>,
    day_of_week: Many<Day<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Day<'a> {
    #[serde(borrow)]
    day: Text<'a>,
    open_hours: Text<'a>,
    close_hours: Text<'a>,
    /// Presence flags: any value, empty text too, means yes.
    closed_indicator: Option<Value>,
    open24_hours_indicator: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Point<'a> {
    #[serde(borrow, rename = "PublicAccessPointID")]
    id: Text<'a>,
}

/// Members that hold something: UPS reads an empty one as a wish.
fn filled(members: &[(&str, String)]) -> Map<String, Value> {
    let filled = members.iter().filter(|(_, text)| !text.is_empty());
    filled.map(|(name, text)| ((*name).to_owned(), Value::from(text.as_str()))).collect()
}

impl ServicePoints for Ups {
    fn request(&self, call: &Call<'_>, search: &PointSearch) -> Result<HttpRequest, Rejection> {
        let near = &search.near;
        let Some(country) = near.country else {
            return Err(Rejection::new("near.country", "is missing"));
        };
        if search.limit == 0 || search.limit > LIMIT_MAX {
            return Err(Rejection::new("limit", "1 to 50 access points"));
        }
        let postcode = party::postcode(near, country.as_str(), &NEAR)?.unwrap_or_default();
        let city = party::cut(&near.city, CITY_MAX);
        if postcode.is_empty() && city.is_empty() {
            return Err(Rejection::new("near.postcode", "a postcode or a town"));
        }
        // From access point to access point, or from anywhere to one.
        let economy = search.service == lanes::ECONOMY_TO_POINTS;
        let offering = if economy { "004" } else { "001" };
        let around = filled(&[
            ("AddressLine", party::cut(&near.lines.join(" "), LINE_MAX)),
            ("PoliticalDivision2", city),
            ("PoliticalDivision1", party::cut(&near.subdivision, CITY_MAX)),
            ("PostcodePrimaryLow", postcode),
            ("CountryCode", country.to_string()),
        ]);
        let body = json!({ "LocatorRequest": {
            "Request": { "RequestAction": "Locator" },
            "OriginAddress": { "AddressKeyFormat": around },
            "Translate": { "Locale": "en_US" },
            "UnitOfMeasurement": { "Code": "KM" },
            "LocationSearchCriteria": {
                "MaximumListSize": search.limit.to_string(),
                "SearchRadius": RADIUS,
                "AccessPointSearch": {
                    "AccessPointStatus": "01",
                    "IncludeCriteria": {
                        "SearchFilter": { "ShippingAvailabilityIndicator": "" },
                        "ServiceOfferingList": { "ServiceOffering": [{ "Code": offering }] },
                    },
                },
            },
            "SortCriteria": { "SortType": "01" },
        }});
        Ok(common::body(common::call(call, Method::Post, PATH), &body))
    }

    fn response(&self, response: &HttpResponse) -> Result<Vec<ServicePoint>, CarrierError> {
        if !common::is_success(response) {
            return Err(common::failure(response, Stake::Nothing));
        }
        let text = common::text(&response.body);
        let body: Body<'_> = common::json(&text)?;
        let answer = body.locator_response.get();
        let answer = answer.ok_or_else(|| CarrierError::garbled("no LocatorResponse"))?;
        let outcome = answer.response.get();
        if outcome.and_then(|outcome| outcome.response_status_code.get()) == Some("0") {
            return Err(refused(outcome.and_then(|outcome| outcome.error.get())));
        }
        let results = answer.search_results.get();
        let results = results.ok_or_else(|| CarrierError::garbled("no SearchResults"))?;
        let mut points: Vec<ServicePoint> =
            results.drop_location.0.iter().filter_map(point).collect();
        // Stable, and those of unknown distance last.
        points.sort_by_key(|point| point.distance_m.unwrap_or(u32::MAX));
        Ok(points)
    }
}

/// A no that comes as a success: the envelope of older interfaces.
fn refused(failure: Option<&Failure<'_>>) -> CarrierError {
    let told = |text: Option<String>| text.unwrap_or_else(|| "0".to_owned());
    let code = told(failure.and_then(|failure| failure.error_code.owned()));
    let severity = failure.and_then(|failure| failure.error_severity.get());
    if severity.is_some_and(|severity| severity.eq_ignore_ascii_case("transient")) {
        return CarrierError::Later { code, retry_after: None };
    }
    let message = failure.and_then(|failure| failure.error_description.owned());
    CarrierError::Refused { code, message: message.unwrap_or_default() }
}

/// One access point; without its public id nothing can be sent there.
fn point(location: &Location<'_>) -> Option<ServicePoint> {
    let id = location.access_point_information.get()?.id.owned()?;
    let address = location.address_key_format.get();
    let part = |get: fn(&Address<'_>) -> Option<String>| address.and_then(get).unwrap_or_default();
    let lines = part(|address| address.address_line.owned());
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    let country = part(|address| address.country_code.owned());
    let position = location.geocode.get().and_then(|at| {
        let degree = |text: Option<&str>| i32::try_from(scaled(text?, 6)?).ok();
        Some((degree(at.latitude.get())?, degree(at.longitude.get())?))
    });
    Some(ServicePoint {
        id,
        name: part(|address| address.consignee_name.owned()),
        lines: lines.map(str::to_owned).collect(),
        postcode: part(|address| address.postcode_primary_low.owned()),
        city: part(|address| address.political_division2.owned()),
        country: country.to_ascii_uppercase().parse().ok(),
        position,
        distance_m: location.distance.get().and_then(metres),
        hours: location.operating_hours.get().and_then(hours),
        closures: Vec::new(),
        weight_max: None,
        locker: false,
    })
}

/// Thousandths of a kilometre, or of a mile of 1609.344 m.
fn metres(distance: &Distance<'_>) -> Option<u32> {
    let thousandths = scaled(distance.value.get()?, 3)?;
    let metres = match distance.unit_of_measurement.get()?.code.get() {
        Some("KM") => thousandths,
        Some("MI") => thousandths.checked_mul(1_609_344)? / 1_000_000,
        _ => return None,
    };
    u32::try_from(metres).ok()
}

/// The week, Monday first; UPS counts from Sunday as 1. `None` when no day is told.
fn hours(hours: &Hours<'_>) -> Option<[Vec<Opening>; 7]> {
    let regular = |week: &&Week<'_>| week.hours_type.get().is_none_or(|kind| kind == "10");
    let mut all: [Vec<Opening>; 7] = Default::default();
    let mut told = false;
    for day in hours.standard_hours.0.iter().filter(regular).flat_map(|week| &week.day_of_week.0) {
        let number = day.day.get().and_then(|day| day.parse::<usize>().ok());
        let number = number.filter(|number| (1..=7).contains(number));
        let Some(slot) = number.and_then(|number| all.get_mut((number + 5) % 7)) else { continue };
        told = true;
        if day.closed_indicator.is_some() {
            continue;
        }
        if day.open24_hours_indicator.is_some() {
            slot.push((Time::MIDNIGHT, time!(23:59)));
            continue;
        }
        let (from, to) = (day.open_hours.get().and_then(clock), day.close_hours.get());
        // Midnight is written 0: at the end of a day it is its last minute.
        let to = to.and_then(clock).map(|to| if to == Time::MIDNIGHT { time!(23:59) } else { to });
        slot.extend(from.zip(to).filter(|(from, to)| from < to));
    }
    told.then_some(all)
}

/// `930`, `1845`, `0`.
fn clock(text: &str) -> Option<Time> {
    let number: u16 = text.parse().ok().filter(|_| text.len() <= 4)?;
    let (hour, minute) = (u8::try_from(number / 100).ok()?, u8::try_from(number % 100).ok()?);
    Time::from_hms(hour, minute, 0).ok()
}

#[cfg(test)]
#[path = "points_tests.rs"]
mod tests;
