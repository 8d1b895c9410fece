//! Service points: `GET /servicepoints`.

use std::ops::RangeInclusive;

use colibri_types::Grams;
use time::{Date, Time};

use super::{
    DhlExpress,
    common::{self, Stake},
    party::{self, NEAR, latin},
    wire::{Hours, Limits, Point, Points},
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Method, Opening, PointSearch, Rejection,
    ServicePoint, ServicePoints,
    wire::{lenient::Text, when},
};

/// DHL gives at most 50.
const LIMITS: RangeInclusive<u8> = 1..=50;
/// Codes of *a parcel directed to a service point*.
const CAPABILITY: &str = "86%2C87";
const DAYS: [&str; 7] =
    ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];

impl ServicePoints for DhlExpress {
    fn request(&self, call: &Call<'_>, search: &PointSearch) -> Result<HttpRequest, Rejection> {
        if !LIMITS.contains(&search.limit) {
            return Err(Rejection::new("limit", "1 to 50 points"));
        }
        let place = party::place(&search.near, &NEAR)?;
        let street = search.near.lines.first().map(|line| latin(line, NEAR.lines)).transpose()?;
        let parts = [street.unwrap_or_default(), place.postal_code, place.city_name];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let address = common::escape(&parts.join(", "));
        let (country, limit) = (place.country_code, search.limit);
        let weight = common::kilograms(Grams(search.weight.0.max(1)));
        let path = format!(
            "/servicepoints?address={address}&countryCode={country}&language=eng\
             &servicePointResults={limit}&capability={CAPABILITY}&weight={weight}&weightUom=kg\
             &resultUom=km"
        );
        Ok(common::call(call, Method::Get, &path))
    }

    fn response(&self, response: &HttpResponse) -> Result<Vec<ServicePoint>, CarrierError> {
        if !common::is_success(response) {
            return Err(common::failure(response, Stake::Nothing));
        }
        let text = common::text(&response.body);
        let body: Points<'_> = common::json(&text)?;
        let mut points: Vec<ServicePoint> =
            body.service_points.0.iter().filter_map(point).collect();
        // Points without a distance come last, in DHL's order.
        points.sort_by_key(|point| point.distance_m.unwrap_or(u32::MAX));
        Ok(points)
    }
}

fn point(point: &Point<'_>) -> Option<ServicePoint> {
    // `A` is active; what is not told is taken for open.
    if point.svp_status.get().is_some_and(|status| status != "A") {
        return None;
    }
    let address = point.address.get()?;
    let lines = [&address.address_line1, &address.address_line2, &address.address_line3];
    let names = [&point.local_name, &point.service_point_name_formatted, &point.service_point_name];
    let hours = point.opening_hours.get();
    let closed = hours.and_then(|hours| hours.holidays.get()).map(|holidays| &holidays.closed.0);
    let closures = closed.into_iter().flatten().filter_map(|span| {
        let from = date(span.from.get()?)?;
        Some((from, span.to.get().and_then(date).unwrap_or(from)))
    });
    Some(ServicePoint {
        id: point.facility_id.owned()?,
        name: names.into_iter().find_map(Text::owned)?,
        lines: lines.into_iter().filter_map(Text::owned).collect(),
        postcode: address.zip_code.owned().unwrap_or_default(),
        city: address.city.owned().unwrap_or_default(),
        country: address.country.get().and_then(|code| code.parse().ok()),
        position: position(point),
        distance_m: distance(point),
        hours: hours.and_then(week),
        closures: closures.collect(),
        weight_max: point.shipment_limitations_by_piece.get().and_then(weight),
        locker: point.service_point_type.get().is_some_and(|kind| kind == "TWENTYFOURSEVEN"),
    })
}

/// Millionths of a degree, from decimal text.
fn position(point: &Point<'_>) -> Option<(i32, i32)> {
    let geo = point.geo_location.get()?;
    let both = (scaled(geo.latitude.get()?, 6)?, scaled(geo.longitude.get()?, 6)?);
    Some((i32::try_from(both.0).ok()?, i32::try_from(both.1).ok()?))
}

/// Metres. `0.42 km`, or a bare value in the unit that was asked for.
fn distance(point: &Point<'_>) -> Option<u32> {
    let told = point.distance.get().or_else(|| point.distance_value.get())?;
    let (value, unit) = told.split_once(' ').unwrap_or((told, "km"));
    let metres = match unit.trim().to_ascii_lowercase().as_str() {
        "km" => scaled(value, 3)?,
        "m" => scaled(value, 0)?,
        // A mile is 1609.344 m.
        "mi" => scaled(value, 3)?.checked_mul(1_609_344)? / 1_000_000,
        _ => return None,
    };
    u32::try_from(metres).ok()
}

/// A decimal number times ten to the `digits`, finer digits left out.
fn scaled(text: &str, digits: usize) -> Option<i64> {
    let (negative, plain) = match text.trim().strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.trim()),
    };
    let (whole, fraction) = plain.split_once(['.', ',']).unwrap_or((plain, ""));
    let digit = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || !digit(whole) || !digit(fraction) {
        return None;
    }
    let fraction: String = fraction.chars().chain("000000".chars()).take(digits).collect();
    let value: i64 = format!("{whole}{fraction}").parse().ok()?;
    Some(if negative { -value } else { value })
}

fn week(hours: &Hours<'_>) -> Option<[Vec<Opening>; 7]> {
    let mut week: [Vec<Opening>; 7] = Default::default();
    for day in &hours.opening_hours.0 {
        let index = day
            .day_of_week
            .get()
            .and_then(|name| DAYS.iter().position(|known| known.eq_ignore_ascii_case(name)));
        let opening = day.opening_time.get().and_then(clock);
        let opening = opening.zip(day.closing_time.get().and_then(clock));
        let (Some(index), Some(opening)) = (index, opening) else {
            continue;
        };
        if let Some(day) = week.get_mut(index).filter(|_| opening.0 < opening.1) {
            day.push(opening);
        }
    }
    let told = week.iter().any(|day| !day.is_empty());
    for day in &mut week {
        day.sort_unstable();
    }
    told.then_some(week)
}

/// `16:30`, or `9:00 PM` in countries that count so; midnight at the end of a day is its last
/// minute.
fn clock(text: &str) -> Option<Time> {
    let (time, half) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    let (hour, minute) = time.split_once(':')?;
    let minute = minute.split(':').next().unwrap_or_default();
    let (hour, minute): (u8, u8) = (hour.parse().ok()?, minute.parse().ok()?);
    let hour = match (half.to_ascii_uppercase().as_str(), hour) {
        ("", 24) => return Time::from_hms(23, 59, 0).ok(),
        ("", hour) => hour,
        ("AM", 12) => 0,
        ("PM", 12) => 12,
        ("AM", hour @ 1..=11) => hour,
        ("PM", hour @ 1..=11) => hour + 12,
        _ => return None,
    };
    Time::from_hms(hour, minute, 0).ok()
}

/// `7-4-2026`: day, month, year without zeros; ISO elsewhere.
fn date(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split('-').collect();
    match parts.as_slice() {
        [year, month, day] if year.len() == 4 => when::day(year, month, day),
        [day, month, year] => when::day(year, month, day),
        _ => None,
    }
}

fn weight(limits: &Limits<'_>) -> Option<Grams> {
    let limit = limits.max_piece_weight.get()?;
    let value = limit.value.get()?;
    match limit.uom.get()?.to_ascii_uppercase().as_str() {
        "KG" => u32::try_from(scaled(value, 3)?).ok().map(Grams),
        // A pound is 453.592 g.
        "LB" => u32::try_from(scaled(value, 3)?.checked_mul(453_592)? / 1_000_000).ok().map(Grams),
        _ => None,
    }
}
