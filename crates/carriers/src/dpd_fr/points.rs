//! Relay points: MyPudo, as the carrier's shop modules call it.
//!
//! A plain GET whose parameters must all be named, even the empty ones; the answer is XML whose
//! errors come with HTTP 200.

use colibri_documents::text::{Charset, clean, transliterate};
use colibri_types::{Country, Grams};
use time::Time;

use super::{RELAIS, number, soap};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Method, PointSearch, Rejection, ServicePoint,
    ServicePoints,
    capability::Opening,
    wire::{
        body, when,
        xml::{self, Element},
    },
};

/// Name of DPD France at MyPudo, the same for every shipper.
const CARRIER_ID: &str = "EXA";
/// Heaviest parcel that shops take.
const WEIGHT_MAX: Grams = Grams(20_000);

/// `GetPudoList`.
pub(super) struct MyPudo;

impl ServicePoints for MyPudo {
    fn request(&self, call: &Call<'_>, search: &PointSearch) -> Result<HttpRequest, Rejection> {
        let key = call.account.field("pudo_key").ok_or_else(|| {
            Rejection::new("account.pudo_key", "the relay search needs a key of its own")
        })?;
        if !search.service.is_empty() && search.service != RELAIS {
            return Err(Rejection::new("service", "relays are for RELAIS"));
        }
        if search.near.country != Some(Country::FR) {
            return Err(Rejection::new("near.country", "relays are searched in France only"));
        }
        let postcode = search.near.postcode.trim();
        if postcode.len() != 5 || !postcode.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Rejection::new("near.postcode", "a French postcode has five digits"));
        }
        let city = plain(&search.near.city);
        if city.is_empty() {
            return Err(Rejection::new("near.city", "is required"));
        }
        if search.weight > WEIGHT_MAX {
            return Err(Rejection::new("weight", "relays take at most 20 kg"));
        }
        let day = number::day(search.ship_date);
        let day = day.ok_or_else(|| Rejection::new("ship_date", "is not of four digits"))?;
        let street = plain(search.near.lines.first().map_or("", String::as_str));
        let limit = search.limit.clamp(1, 50).to_string();
        let parameters = [
            ("carrier", CARRIER_ID),
            ("key", key),
            ("address", &street),
            ("zipCode", postcode),
            ("city", &city),
            ("countrycode", "FR"),
            ("requestID", call.call_id),
            ("request_id", call.call_id),
            ("date_from", &day),
            ("max_pudo_number", &limit),
            ("max_distance_search", ""),
            // Its unit is not documented: the limit of 20 kg is kept above.
            ("weight", ""),
            ("category", ""),
            ("holiday_tolerant", ""),
        ];
        let pair = |(name, value): (&str, &str)| format!("{name}={}", body::escape(value));
        let query: Vec<String> = parameters.into_iter().map(pair).collect();
        let base = soap::url(call, "pudo", "/mypudo/mypudo.asmx");
        let url = format!("{base}/GetPudoList?{}", query.join("&"));
        Ok(HttpRequest::new(Method::Get, url).header("accept", "text/xml"))
    }

    fn response(&self, response: &HttpResponse) -> Result<Vec<ServicePoint>, CarrierError> {
        let code = response.status.to_string();
        match response.status {
            200 => {}
            401 | 403 => return Err(CarrierError::Unauthorised { code }),
            429 | 500..=599 => {
                return Err(CarrierError::Later { code, retry_after: body::retry_after(response) });
            }
            _ => return Err(CarrierError::garbled("an HTTP status that is not documented")),
        }
        let content_type = response.header("content-type").unwrap_or_default();
        if !body::media_type(content_type).ends_with("xml") {
            return Err(CarrierError::garbled("no XML"));
        }
        let root = xml::parse(&body::text(&response.body))?;
        let answer =
            root.find("RESPONSE").ok_or_else(|| CarrierError::garbled("no list of relays"))?;
        if let Some(error) = answer.child("ERROR") {
            let code = error.attribute("code").unwrap_or("ERROR").to_owned();
            return Err(CarrierError::Refused { code, message: error.text.clone() });
        }
        let items = answer.child("PUDO_ITEMS").map(|items| items.children.as_slice());
        let open = |item: &&Element| {
            item.name == "PUDO_ITEM"
                && item.attribute("active").is_none_or(|told| !told.eq_ignore_ascii_case("false"))
        };
        let found = items.unwrap_or_default().iter().filter(open);
        let mut points: Vec<ServicePoint> = found.filter_map(point).collect();
        points.sort_by_key(|point| point.distance_m.unwrap_or(u32::MAX));
        Ok(points)
    }
}

/// Searched in capitals without accents, as the modules do.
fn plain(text: &str) -> String {
    transliterate(&clean(text), Charset::Ascii).text.to_ascii_uppercase()
}

/// One relay; `None` for one that could not be sent to.
fn point(item: &Element) -> Option<ServicePoint> {
    let text = |name: &str| item.get(name).unwrap_or_default().to_owned();
    let (id, name) = (item.get("PUDO_ID")?.to_owned(), item.get("NAME")?.to_owned());
    let lines = ["ADDRESS1", "ADDRESS2", "ADDRESS3"].iter().filter_map(|line| item.get(line));
    let at = |name: &str| item.get(name).and_then(micro_degrees);
    let upper = name.to_uppercase();
    Some(ServicePoint {
        lines: lines.map(str::to_owned).collect(),
        postcode: text("ZIPCODE"),
        city: text("CITY"),
        country: Some(Country::FR),
        position: at("LATITUDE").zip(at("LONGITUDE")),
        distance_m: item.get("DISTANCE").and_then(|metres| metres.parse().ok()),
        hours: item.child("OPENING_HOURS_ITEMS").map(hours),
        closures: closures(item),
        weight_max: None,
        // No field tells lockers: their names do.
        locker: upper.contains("CONSIGNE") || upper.contains("LOCKER"),
        id,
        name,
    })
}

/// `48,117300` in millionths of a degree, without a float.
fn micro_degrees(text: &str) -> Option<i32> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, part) = digits.split_once([',', '.']).unwrap_or((digits, ""));
    let part: String = part.chars().chain("000000".chars()).take(6).collect();
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(&part) {
        return None;
    }
    let whole: i32 = whole.parse().ok().filter(|whole| *whole <= 180)?;
    Some(sign * (whole * 1_000_000 + part.parse::<i32>().ok()?))
}

fn hours(items: &Element) -> [Vec<Opening>; 7] {
    let mut week: [Vec<Opening>; 7] = Default::default();
    for item in items.all("OPENING_HOURS_ITEM") {
        let day: Option<usize> = item.get("DAY_ID").and_then(|day| day.parse().ok());
        let time = |name| item.get(name).and_then(when::clock).map(|(time, _): (Time, _)| time);
        let slot = day.and_then(|day| week.get_mut(day.checked_sub(1)?));
        if let (Some(slot), Some(from), Some(to)) = (slot, time("START_TM"), time("END_TM"))
            && from < to
        {
            slot.push((from, to));
        }
    }
    for slot in &mut week {
        slot.sort_unstable();
    }
    week
}

fn closures(item: &Element) -> Vec<(time::Date, time::Date)> {
    let day = |holiday: &Element, name: &str| number::read_day(holiday.get(name)?);
    let items = item.child("HOLIDAY_ITEMS").map(|all| all.children.as_slice());
    let holidays = items.unwrap_or_default().iter();
    let both = |holiday| Some((day(holiday, "START_DTM")?, day(holiday, "END_DTM")?));
    holidays.filter_map(both).filter(|(from, to)| from <= to).collect()
}
