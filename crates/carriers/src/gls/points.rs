//! Parcel shops near an address: `parcelshop/address`.

use colibri_types::Country;
use time::{Date, Time};

use super::{
    Gls, address,
    common::{self, Stake},
    wire::NearAddress,
    wire_in::{Hours, Shop, ShopsBody, WorkingDay},
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Location, Opening, PointSearch, Rejection,
    ServicePoint, ServicePoints,
    wire::{lenient::Text, when},
};

/// Hours count from one o'clock: GLS writes 28,800,000 for nine.
const SHIFT_S: i64 = 3_600;
const DAYS: [&str; 7] = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];

impl ServicePoints for Gls {
    fn request(&self, call: &Call<'_>, search: &PointSearch) -> Result<HttpRequest, Rejection> {
        let near = &search.near;
        let fields = &address::NEAR;
        let country = near.country.ok_or_else(|| Rejection::new(fields.country, "is missing"))?;
        if !(1..=50).contains(&search.limit) {
            return Err(Rejection::new("limit", "1 to 50"));
        }
        let street = near.lines.first().map(String::as_str).unwrap_or_default();
        let street = address::printable(street, fields.lines)?;
        let zip_code = address::postcode(&near.postcode, country, fields)?.unwrap_or_default();
        let body = NearAddress {
            street: address::cut(&street, address::LINE_MAX),
            country_code: country.to_string(),
            city: address::cut(&address::printable(&near.city, fields.city)?, address::LINE_MAX),
            zip_code,
            max_number_of_shops: search.limit,
        };
        Ok(common::shipit_with(call, "/parcelshop/address", &body))
    }

    fn response(&self, response: &HttpResponse) -> Result<Vec<ServicePoint>, CarrierError> {
        if !common::is_success(response) {
            return Err(common::failure(response, Stake::Nothing));
        }
        let text = common::text(&response.body);
        let body: ShopsBody<'_> = common::json(&text)?;
        let shops = body.parcel_shop.ok_or_else(|| CarrierError::garbled("no ParcelShop"))?;
        let mut points: Vec<ServicePoint> = shops.0.iter().filter_map(point).collect();
        points.sort_by_key(|point| point.distance_m.unwrap_or(u32::MAX));
        Ok(points)
    }
}

/// A shop without id or address helps nobody and hides nobody.
fn point(shop: &Shop<'_>) -> Option<ServicePoint> {
    let address = shop.address.get()?;
    let street = [address.street.get(), address.street_number.get()];
    let street = street.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let more = [address.name2.owned(), address.name3.owned()];
    let mut lines = vec![street];
    lines.extend(more.into_iter().flatten());
    lines.retain(|line| !line.is_empty());
    let days = shop.working_day.as_ref().filter(|days| !days.0.is_empty());
    Some(ServicePoint {
        id: shop.parcel_shop_id.owned()?,
        name: address.name1.owned()?,
        lines,
        postcode: address.zip_code.owned().unwrap_or_default(),
        city: address.city.owned()?,
        country: address.country_code.get().and_then(|code| code.parse::<Country>().ok()),
        position: shop.location.get().and_then(|place| {
            Some((micro(place.latitude.get()?)?, micro(place.longitude.get()?)?))
        }),
        distance_m: shop.airline_distance.get().and_then(metres),
        hours: days.map(|days| week(&days.0)),
        closures: shop.holidays.0.iter().filter_map(closure).collect(),
        weight_max: None,
        locker: false,
    })
}

/// Millionths of a degree, from decimal text.
fn micro(text: &str) -> Option<i32> {
    let value = decimal(text, 6)?;
    let value = i32::try_from(value).ok()?;
    (-180_000_000..=180_000_000).contains(&value).then_some(value)
}

/// GLS tells kilometres.
fn metres(text: &str) -> Option<u32> {
    u32::try_from(decimal(text, 3)?).ok()
}

/// Decimal text times ten to the power of `places`, cut there.
fn decimal(text: &str, places: usize) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || !plain(whole) || !plain(fraction) {
        return None;
    }
    let fraction: String = fraction.chars().chain("000000".chars()).take(places).collect();
    format!("{whole}{fraction}").parse::<i64>().ok().map(|value| sign * value)
}

/// Monday first. Breaks are taken out of the hours around them.
fn week(days: &[WorkingDay<'_>]) -> [Vec<Opening>; 7] {
    let mut week: [Vec<Opening>; 7] = std::array::from_fn(|_| Vec::new());
    for (name, slot) in DAYS.iter().zip(week.iter_mut()) {
        for day in days.iter().filter(|day| day.day_of_week.get() == Some(*name)) {
            let open = spans(day.opening_hours.get());
            let breaks = spans(day.breaks.get());
            slot.extend(open.into_iter().flat_map(|span| without(span, &breaks)));
        }
        slot.sort_unstable();
    }
    week
}

fn spans(hours: Option<&Hours<'_>>) -> Vec<Opening> {
    let all = hours.map(|hours| hours.opening_hours.0.as_slice()).unwrap_or_default();
    let span = |from: &Text<'_>, to: &Text<'_>| {
        let (from, to) = (clock(from.get()?)?, clock(to.get()?)?);
        // An empty span is how GLS writes none.
        (from < to).then_some((from, to))
    };
    all.iter().filter_map(|hours| span(&hours.from, &hours.to)).collect()
}

fn without(span: Opening, breaks: &[Opening]) -> Vec<Opening> {
    let mut rest = vec![span];
    for (from, to) in breaks {
        let cut = |(open, close): Opening| {
            let before = (open, close.min(*from));
            let after = (open.max(*to), close);
            [before, after].into_iter().filter(|(open, close)| open < close)
        };
        rest = rest.into_iter().flat_map(cut).collect();
    }
    rest
}

/// `09:00`, or milliseconds since midnight less one hour.
fn clock(text: &str) -> Option<Time> {
    if text.contains(':') {
        return when::clock(text).map(|(time, _)| time);
    }
    let seconds = text.parse::<i64>().ok()?.checked_div(1_000)?.checked_add(SHIFT_S)?;
    let (hour, minute) = (seconds.div_euclid(3_600), seconds.rem_euclid(3_600) / 60);
    match hour {
        // Open to the end of the day.
        24 => Time::from_hms(23, 59, 59).ok(),
        _ => Time::from_hms(u8::try_from(hour).ok()?, u8::try_from(minute).ok()?, 0).ok(),
    }
}

fn closure(holiday: &crate::gls::wire_in::Holiday<'_>) -> Option<(Date, Date)> {
    let day = |text: &Text<'_>| {
        let text = text.get()?.get(..10)?;
        when::iso(text, &Location::default()).0.map(|time| time.local.date())
    };
    let from = day(&holiday.start_date)?;
    let to = day(&holiday.end_date).unwrap_or(from);
    (from <= to).then_some((from, to))
}
