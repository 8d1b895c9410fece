//! Locations that hold parcels for their receivers: shops, counters and lockers.
//!
//! Deliberately not read: exceptional hours, which concern the current week and not the day on
//! which a parcel arrives.

use colibri_types::Grams;
use serde::Serialize;

use super::{
    Fedex,
    common::{self, Stake},
    order,
    party::{self, NEAR},
    wire::{LocationDetail, Measure, PointsBody, StoreHours},
    wire_out::{Address, Weight},
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Method, Opening, PointSearch, Rejection,
    ServicePoint, ServicePoints,
    wire::{decimal::scaled, when},
};

/// FedEx looks within 50 miles at most; a receiver goes less far.
const RADIUS_KM: u32 = 50;
const LIMIT_MAX: u8 = 50;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Search {
    locations_summary_request_control_parameters: Control,
    location_search_criterion: &'static str,
    location: Around,
    sort: Sort,
    location_capabilities: [Capability; 1],
    package_attributes: [Package; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Control {
    distance: Distance,
    max_results: u8,
}

#[derive(Serialize)]
struct Distance {
    units: &'static str,
    value: u32,
}

#[derive(Serialize)]
struct Around {
    address: Address,
}

#[derive(Serialize)]
struct Sort {
    criteria: &'static str,
    order: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Capability {
    carrier_code: &'static str,
    transfer_of_possession_type: &'static str,
}

#[derive(Serialize)]
struct Package {
    weight: Weight,
}

impl ServicePoints for Fedex {
    fn request(&self, call: &Call<'_>, search: &PointSearch) -> Result<HttpRequest, Rejection> {
        let near = &search.near;
        let country = party::country(near, &NEAR)?;
        if search.limit == 0 || search.limit > LIMIT_MAX {
            return Err(Rejection::new("limit", "1 to 50 locations"));
        }
        let mut address = party::place(near, country.as_str(), &NEAR)?;
        // Street and town narrow the search; FedEx finds by the postcode without them.
        address.city = party::plain(&near.city);
        let lines = near.lines.iter().map(|line| party::plain(line));
        address.street_lines = lines.filter(|line| !line.is_empty()).collect();
        let ground = matches!(search.service.as_str(), "FEDEX_GROUND" | "GROUND_HOME_DELIVERY");
        let body = Search {
            locations_summary_request_control_parameters: Control {
                distance: Distance { units: "KM", value: RADIUS_KM },
                max_results: search.limit,
            },
            location_search_criterion: "ADDRESS",
            location: Around { address },
            sort: Sort { criteria: "DISTANCE", order: "ASCENDING" },
            location_capabilities: [Capability {
                carrier_code: if ground { "FDXG" } else { "FDXE" },
                transfer_of_possession_type: "HOLD_AT_LOCATION",
            }],
            package_attributes: [Package { weight: order::weight(search.weight) }],
        };
        Ok(common::call(call, Method::Post, "/location/v1/locations", &body))
    }

    fn response(&self, response: &HttpResponse) -> Result<Vec<ServicePoint>, CarrierError> {
        if !common::is_success(response) {
            return Err(common::failure(response, Stake::Nothing));
        }
        let text = common::text(&response.body);
        let body: PointsBody<'_> = common::json(&text)?;
        let output = common::output(body.output.0, &text, Stake::Nothing)?;
        let mut points: Vec<ServicePoint> =
            output.location_detail_list.0.iter().filter_map(point).collect();
        // Stable, and those of unknown distance last.
        points.sort_by_key(|point| point.distance_m.unwrap_or(u32::MAX));
        Ok(points)
    }
}

/// One location; without an id nothing can be sent there.
fn point(detail: &LocationDetail<'_>) -> Option<ServicePoint> {
    let place = detail.contact_and_address.get();
    let address = place.and_then(|place| place.address.get());
    let contact = place.and_then(|place| place.contact.get());
    let company = contact.and_then(|contact| contact.company_name.owned());
    let code = address.and_then(|address| address.country_code.get());
    let limits = detail.package_maximum_limits.get().and_then(|limits| limits.weight.get());
    let position = detail.geo_positional_coordinates.get().and_then(|at| {
        let degree = |text: Option<&str>| i32::try_from(scaled(text?, 6)?).ok();
        Some((degree(at.latitude.get())?, degree(at.longitude.get())?))
    });
    Some(ServicePoint {
        id: detail.location_id.owned()?,
        name: company
            .or_else(|| place.and_then(|place| place.display_name.owned()))
            .unwrap_or_default(),
        lines: address.map(|address| address.street_lines.0.clone()).unwrap_or_default(),
        postcode: address.and_then(|a| a.postal_code.owned()).unwrap_or_default(),
        city: address.and_then(|a| a.city.owned()).unwrap_or_default(),
        country: code.and_then(|code| code.to_ascii_uppercase().parse().ok()),
        position,
        distance_m: detail.distance.get().and_then(metres),
        hours: hours(&detail.store_hours.0),
        closures: Vec::new(),
        weight_max: limits.and_then(grams),
        locker: detail.location_type.get() == Some("FEDEX_SHIP_AND_GET"),
    })
}

/// Thousandths of a kilometre or a mile, of 1609.344 m.
fn metres(distance: &Measure<'_>) -> Option<u32> {
    let thousandths = scaled(distance.value.get()?, 3)?;
    let metres = match distance.units.get() {
        Some("KM") => thousandths,
        Some("MI") => thousandths.checked_mul(1_609_344)? / 1_000_000,
        _ => return None,
    };
    u32::try_from(metres).ok()
}

/// Grams of thousandths of a kilogram or a pound, of 453.59237 g.
fn grams(weight: &Measure<'_>) -> Option<Grams> {
    let thousandths = scaled(weight.value.get()?, 3)?;
    let grams = match weight.units.get() {
        Some("KG") => thousandths,
        Some("LB") => thousandths.checked_mul(45_359_237)? / 100_000_000,
        _ => return None,
    };
    u32::try_from(grams).ok().map(Grams)
}

/// The week, Monday first; `None` when no day is told.
fn hours(days: &[StoreHours<'_>]) -> Option<[Vec<Opening>; 7]> {
    const DAYS: [&str; 7] = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];
    let mut week: [Vec<Opening>; 7] = Default::default();
    let mut told = false;
    for day in days {
        let name = day.dayofweek.get().unwrap_or_default().to_ascii_uppercase();
        let index = DAYS.iter().position(|known| name.starts_with(known));
        let Some(slot) = index.and_then(|index| week.get_mut(index)) else { continue };
        told = true;
        match day.operational_hours_type.get() {
            Some("CLOSED_ALL_DAY") => {}
            Some("OPEN_ALL_DAY") => slot.push((time::Time::MIDNIGHT, time::macros::time!(23:59))),
            _ => slot.extend(day.operational_hours.0.iter().filter_map(|hours| {
                let (from, _) = when::clock(hours.begins.get()?)?;
                let (to, _) = when::clock(hours.ends.get()?)?;
                (from < to).then_some((from, to))
            })),
        }
    }
    told.then_some(week)
}
