//! Pickup points: `recherchePointChronopostInterParService`.

use colibri_types::Grams;
use time::Date;

use super::{
    Chronopost, address, products,
    shipment::french_day,
    soap::{self, Stake},
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Opening, PointSearch, Rejection, ServicePoint,
    ServicePoints,
    wire::{when, xml::Element},
};

const OPERATION: &str = "recherchePointChronopostInterParService";
/// Most points in one answer.
const POINTS_MAX: u8 = 25;
/// How far points may lie, in kilometres: the most that both documents allow.
const DISTANCE_KM: &str = "40";
/// Longest street of a search, in characters.
const STREET_MAX: usize = 200;
/// Documents disagree on whether a point's limit is in kilograms or grams; no point takes a tonne,
/// and none takes less than a hundred grams.
const KILOGRAMS_MAX: u32 = 100;

impl ServicePoints for Chronopost {
    fn request(&self, call: &Call<'_>, search: &PointSearch) -> Result<HttpRequest, Rejection> {
        let near = &search.near;
        let place = products::place(near, address::NEAR.country)?;
        let postcode = address::postcode(near, &place, address::NEAR.postcode)?;
        if postcode.is_empty() {
            return Err(Rejection::new(address::NEAR.postcode, "is required"));
        }
        let city = address::required(&near.city, address::NEAR.city, 50)?;
        let street = address::optional(&near.lines.join(" "), address::NEAR.lines, usize::MAX)?;
        let product = match search.service.as_str() {
            "" if place.mainland() => "86",
            "" if place.overseas => "4P",
            "" => "49",
            service => {
                let product = products::find(service)?;
                if !product.point {
                    return Err(Rejection::new("service", "does not go to pickup points"));
                }
                product.code
            }
        };
        let date = french_day(search.ship_date)
            .ok_or_else(|| Rejection::new("ship_date", "has a year of four digits"))?;
        Ok(soap::request(call, &soap::POINTS, OPERATION, |w| {
            soap::credentials(call, w);
            w.some("address", &address::cut(&street, STREET_MAX));
            w.leaf("zipCode", &postcode).leaf("city", &city).leaf("countryCode", &place.country);
            // P: shops and lockers; L: to be delivered there.
            w.leaf("type", "P").leaf("productCode", product).leaf("service", "L");
            w.leaf("weight", &search.weight.0.to_string()).leaf("shippingDate", &date);
            w.leaf("maxPointChronopost", &search.limit.clamp(1, POINTS_MAX).to_string());
            w.leaf("maxDistanceSearch", DISTANCE_KM).leaf("holidayTolerant", "1");
            w.leaf("language", "FR").leaf("version", "2.0");
        }))
    }

    fn response(&self, response: &HttpResponse) -> Result<Vec<ServicePoint>, CarrierError> {
        let result = soap::result(response, OPERATION, Stake::Nothing)?;
        let code = soap::code(&result, "errorCode")?;
        match code {
            0 => {}
            // None found.
            601 => return Ok(Vec::new()),
            700 => return Err(CarrierError::Later { code: code.to_string(), retry_after: None }),
            1500 => return Err(CarrierError::Unauthorised { code: code.to_string() }),
            _ => return Err(soap::refused(code, result.get("errorMessage"))),
        }
        // Distances count from the address only when it was found.
        let exact = result.get("qualiteReponse") != Some("0");
        let open = |point: &&Element| point.get("actif") != Some("false");
        let listed = result.all("listePointRelais").filter(open);
        let mut points: Vec<ServicePoint> =
            listed.filter_map(|element| point(element, exact)).collect();
        points.sort_by_key(|point| point.distance_m.unwrap_or(u32::MAX));
        Ok(points)
    }
}

/// One point; `None` without what a parcel needs to be sent there.
fn point(element: &Element, exact: bool) -> Option<ServicePoint> {
    let text = |name| element.get(name).map(str::to_owned);
    let lines = ["adresse1", "adresse2", "adresse3"].into_iter().filter_map(text).collect();
    let hours = hours(element);
    let kind = element.get("typeDePoint");
    let position = |name| micro(element.get(name)?);
    let distance = element.get("distanceEnMetre").and_then(|text| text.parse().ok());
    Some(ServicePoint {
        id: text("identifiant")?,
        name: text("nom")?,
        lines,
        postcode: text("codePostal")?,
        city: text("localite")?,
        country: element.get("codePays").and_then(|code| code.parse().ok()),
        position: position("coordGeolocalisationLatitude")
            .zip(position("coordGeolocalisationLongitude")),
        distance_m: distance.filter(|_| exact),
        // A point without any hours is open always: a locker in the street.
        locker: kind == Some("P") && hours.is_none(),
        hours,
        closures: element.all("listePeriodeFermeture").filter_map(closure).collect(),
        weight_max: element.get("poidsMaxi").and_then(weight),
    })
}

fn weight(text: &str) -> Option<Grams> {
    let number: u32 = text.parse().ok().filter(|number| *number > 0)?;
    Some(Grams(if number <= KILOGRAMS_MAX { number * 1_000 } else { number }))
}

/// Hours by day; `None` when no day has any.
fn hours(element: &Element) -> Option<[Vec<Opening>; 7]> {
    let mut week: [Vec<Opening>; 7] = Default::default();
    for day in element.all("listeHoraireOuverture") {
        let number = day.get("jour").and_then(|text| text.parse::<usize>().ok());
        let Some(slot) = number.and_then(|number| week.get_mut(number.checked_sub(1)?)) else {
            continue;
        };
        let opening = |span: &Element| opening_of(span.get("debut")?, span.get("fin")?);
        let spans: Vec<Opening> = day.all("listeHoraireOuverture").filter_map(opening).collect();
        let written = day.get("horairesAsString").unwrap_or_default();
        let written = written.split(' ').filter_map(|span| {
            let (from, to) = span.split_once('-')?;
            opening_of(from, to)
        });
        *slot = if spans.is_empty() { written.collect() } else { spans };
        slot.sort();
    }
    week.iter().any(|day| !day.is_empty()).then_some(week)
}

/// Two times of one day; midnight to midnight and other empty spans are closed.
fn opening_of(from: &str, to: &str) -> Option<Opening> {
    let (from, to) = (when::clock(from.trim())?.0, when::clock(to.trim())?.0);
    (from < to).then_some((from, to))
}

/// Closed from, to, by the names of the schema and of the document.
fn closure(element: &Element) -> Option<(Date, Date)> {
    let date = |names: [&str; 2]| {
        let text = names.into_iter().find_map(|name| element.get(name))?.get(..10)?;
        let mut parts = text.split('-');
        when::day(parts.next()?, parts.next()?, parts.next()?)
    };
    let from = date(["calendarDeDebut", "dateDeDebut"])?;
    let to = date(["calendarDeFin", "dateDeFin"])?;
    (from <= to).then_some((from, to))
}

/// `48.117266` in millionths, digit by digit.
fn micro(text: &str) -> Option<i32> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let part: String = part.chars().chain("000000".chars()).take(6).collect();
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !(plain(whole) && plain(&part)) {
        return None;
    }
    let micro = whole.parse::<i32>().ok()?.checked_mul(1_000_000)?;
    let value = sign * micro.checked_add(part.parse().ok()?)?;
    (-180_000_000..=180_000_000).contains(&value).then_some(value)
}
