//! Pickup points, lockers and post offices: `findRDVPointRetraitAcheminement`, which speaks SOAP.

use colibri_types::Grams;
use time::{Date, Time};

use super::{
    INFO,
    address::optional,
    labels::{Sls, free},
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Location, Method, Opening, PointSearch,
    Rejection, ServicePoint, ServicePoints,
    wire::{
        body::{is_success, retry_after, text},
        when,
        xml::{self, Element, Writer},
    },
};

const PATH: &str = "/pointretrait-ws-cxf/PointRetraitServiceWS/2.0";
const ENVELOPE: &str = "soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
     xmlns:v2=\"http://v2.pointretrait.geopost.com/\"";
const DAYS: [&str; 7] = ["Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche"];
/// Heaviest parcel of any point.
const WEIGHT_MAX: u32 = 30_000;

impl ServicePoints for Sls {
    fn request(&self, call: &Call<'_>, search: &PointSearch) -> Result<HttpRequest, Rejection> {
        let near = &search.near;
        let country = near.country.ok_or_else(|| Rejection::new("near.country", "is required"))?;
        let postcode = near.postcode.trim();
        if postcode.is_empty() || postcode.len() > 9 {
            return Err(Rejection::new("near.postcode", "one to nine characters"));
        }
        if search.weight.0 == 0 || search.weight.0 > WEIGHT_MAX {
            return Err(Rejection::new("weight", "more than 0 and at most 30 kg"));
        }
        let street = near.lines.first().map(String::as_str).unwrap_or_default();
        let street = optional(street, "near.lines", 200)?;
        let city = optional(&near.city, "near.city", 80)?;
        let day = search.ship_date;
        let date = format!("{:02}/{:02}/{:04}", day.day(), u8::from(day.month()), day.year());
        let abroad = country.as_str() != "FR";
        let mut writer = Writer::default();
        writer.nest(ENVELOPE, |envelope| {
            envelope.nest("soapenv:Body", |body| {
                body.nest("v2:findRDVPointRetraitAcheminement", |ask| {
                    ask.leaf("apikey", call.account.field("api_key").unwrap_or_default())
                        .some("address", &street)
                        .leaf("zipCode", postcode)
                        .some("city", &city)
                        .leaf("countryCode", country.as_str())
                        .leaf("weight", &search.weight.0.to_string())
                        .leaf("shippingDate", &date)
                        .leaf("filterRelay", "1")
                        .leaf("requestId", call.call_id)
                        .leaf("lang", "FR")
                        .leaf("optionInter", if abroad { "1" } else { "0" });
                });
            });
        });
        let url = format!("{}{PATH}", call.account.host(&INFO, "colissimo"));
        Ok(HttpRequest::new(Method::Post, url)
            .header("accept", "text/xml")
            .header("soapaction", "")
            .body("text/xml;charset=UTF-8", writer.finish()))
    }

    fn response(&self, response: &HttpResponse) -> Result<Vec<ServicePoint>, CarrierError> {
        let code = response.status.to_string();
        match response.status {
            401 | 403 => return Err(CarrierError::Unauthorised { code }),
            429 => {
                return Err(CarrierError::Later { code, retry_after: retry_after(response) });
            }
            _ if !is_success(response) => {
                return Err(free(response, CarrierError::garbled(format!("HTTP {code}"))));
            }
            _ => {}
        }
        let root = xml::parse(&text(&response.body))?;
        let answer = root.find("return").ok_or_else(|| CarrierError::garbled("no return"))?;
        match answer.get("errorCode") {
            Some("0") => {}
            // Login, password or key wrong.
            Some(code @ ("201" | "202")) => {
                return Err(CarrierError::Unauthorised { code: code.to_owned() });
            }
            Some(code) => {
                let message = answer.get("errorMessage").unwrap_or_default().to_owned();
                return Err(CarrierError::Refused { code: code.to_owned(), message });
            }
            None => return Err(CarrierError::garbled("no errorCode")),
        }
        let mut points: Vec<ServicePoint> =
            answer.all("listePointRetraitAcheminement").filter_map(point).collect();
        points.sort_by_key(|point| point.distance_m.unwrap_or(u32::MAX));
        Ok(points)
    }
}

/// A point without id, name or town helps nobody and hides nobody.
fn point(element: &Element) -> Option<ServicePoint> {
    let owned = |name: &str| element.get(name).map(str::to_owned);
    let lines = ["adresse1", "adresse2", "adresse3"].map(owned);
    let kind = element.get("typeDePoint").unwrap_or_default();
    let told = DAYS.iter().any(|day| element.child(&hours_of(day)).is_some());
    let position = || {
        let latitude = micro(element.get("coordGeolocalisationLatitude")?)?;
        Some((latitude, micro(element.get("coordGeolocalisationLongitude")?)?))
    };
    Some(ServicePoint {
        id: owned("identifiant")?,
        name: owned("nom")?,
        lines: lines.into_iter().flatten().collect(),
        postcode: owned("codePostal").unwrap_or_default(),
        city: owned("localite")?,
        country: element.get("codePays").and_then(|code| code.parse().ok()),
        position: position(),
        distance_m: element.get("distanceEnMetre").and_then(|text| text.parse().ok()),
        hours: told
            .then(|| DAYS.map(|day| element.get(&hours_of(day)).map(spans).unwrap_or_default())),
        closures: element.all("listeConges").filter_map(closure).collect(),
        weight_max: element.get("poidsMaxi").and_then(|text| text.parse().ok()).map(Grams),
        // Pickup Station: the lockers of the network.
        locker: kind == "PCS",
    })
}

fn hours_of(day: &str) -> String {
    format!("horairesOuverture{day}")
}

/// `09:00-12:00 14:00-19:00`; `00:00-00:00` is closed.
fn spans(text: &str) -> Vec<Opening> {
    let clock = |text: &str| -> Option<Time> { when::clock(text).map(|(time, _)| time) };
    let span = |text: &str| {
        let (from, to) = text.split_once('-')?;
        let (from, to) = (clock(from)?, clock(to)?);
        (from < to).then_some((from, to))
    };
    text.split_whitespace().filter_map(span).collect()
}

fn closure(element: &Element) -> Option<(Date, Date)> {
    let day = |name: &str| {
        let text = element.get(name)?.get(..10)?;
        when::iso(text, &Location::default()).0.map(|time| time.local.date())
    };
    let (from, to) = (day("calendarDeDebut")?, day("calendarDeFin")?);
    (from <= to).then_some((from, to))
}

/// Millionths of a degree, from decimal text.
fn micro(text: &str) -> Option<i32> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 3 || !plain(whole) || !plain(fraction) {
        return None;
    }
    let fraction: String = fraction.chars().chain("000000".chars()).take(6).collect();
    format!("{whole}{fraction}").parse::<i32>().ok().map(|value| sign * value)
}
