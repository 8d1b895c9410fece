//! Relays, lockers and drives by `WSI4_PointRelais_Recherche`, which also proves an account.

use time::{Date, Time};

use super::soap::{self, Stake};
use crate::{
    AccountCheck, Call, CarrierError, HttpRequest, HttpResponse, Opening, PointSearch, Rejection,
    ServicePoint, ServicePoints,
    wire::{when, xml::Element},
};

const OPERATION: &str = "WSI4_PointRelais_Recherche";
/// Most points in one answer.
const POINTS_MAX: u8 = 30;
/// How far is looked, in kilometres: farther nobody fetches a parcel.
const RADIUS_KM: &str = "50";
/// Least weight that the pattern of three digits can say, in grams.
const WEIGHT_MIN_G: u32 = 100;
/// Heaviest parcel that the pattern of seven digits can say, in grams.
const WEIGHT_MAX_G: u32 = 9_999_999;
/// Longest wait before the parcel is handed in that is told, in days: two digits.
const DELAY_MAX_DAYS: i64 = 99;
/// The seven fields of hours.
const DAYS: [&str; 7] = [
    "Horaires_Lundi",
    "Horaires_Mardi",
    "Horaires_Mercredi",
    "Horaires_Jeudi",
    "Horaires_Vendredi",
    "Horaires_Samedi",
    "Horaires_Dimanche",
];

/// The search of API 1.
pub(super) struct Relays;

/// What is looked for, in the order of the WSDL.
struct Wanted<'a> {
    country: &'a str,
    city: &'a str,
    postcode: &'a str,
    weight_g: u32,
    action: &'a str,
    delay_days: i64,
    count: u8,
}

fn search(call: &Call<'_>, wanted: &Wanted<'_>) -> HttpRequest {
    let weight = wanted.weight_g.clamp(WEIGHT_MIN_G, WEIGHT_MAX_G).to_string();
    let delay = wanted.delay_days.clamp(0, DELAY_MAX_DAYS).to_string();
    let count = wanted.count.clamp(1, POINTS_MAX).to_string();
    let fields = [
        ("Pays", wanted.country),
        ("Ville", wanted.city),
        ("CP", wanted.postcode),
        ("Poids", &weight),
        ("Action", wanted.action),
        ("DelaiEnvoi", &delay),
        ("RayonRecherche", RADIUS_KM),
        ("NombreResultats", &count),
    ];
    soap::request(call, OPERATION, &fields)
}

impl ServicePoints for Relays {
    fn request(&self, call: &Call<'_>, wanted: &PointSearch) -> Result<HttpRequest, Rejection> {
        let country = wanted.near.country;
        let country = country.ok_or_else(|| Rejection::new("near.country", "is required"))?;
        let action = match wanted.service.as_str() {
            "" => "24R",
            code @ ("24R" | "24L" | "24X" | "DRI") => code,
            _ => return Err(Rejection::new("service", "goes to no relay")),
        };
        let postcode = wanted.near.postcode.trim().to_ascii_uppercase();
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b' ' || b == b'-';
        if postcode.len() > 10 || !postcode.bytes().all(plain) {
            let reason = "at most 10 letters, digits, blanks and hyphens";
            return Err(Rejection::new("near.postcode", reason));
        }
        // A postcode finds without the city, whose spelling the carrier may not share.
        let city = match postcode.is_empty() {
            true => super::address::printable(&wanted.near.city, "near.city")?,
            false => String::new(),
        };
        if postcode.is_empty() && city.len() < 2 {
            return Err(Rejection::new("near.postcode", "a postcode or a city is required"));
        }
        let wanted = Wanted {
            country: country.as_str(),
            city: &city,
            postcode: &postcode,
            weight_g: wanted.weight.0,
            action,
            delay_days: (wanted.ship_date - call.now.date()).whole_days(),
            count: wanted.limit,
        };
        Ok(search(call, &wanted))
    }

    fn response(&self, response: &HttpResponse) -> Result<Vec<ServicePoint>, CarrierError> {
        let result = soap::result(response, OPERATION, Stake::Nothing)?;
        match result.get("STAT").unwrap_or_default() {
            "0" => {}
            // The sorting plan has nothing there.
            "93" => return Ok(Vec::new()),
            stat => return Err(soap::failure(stat, Stake::Nothing)),
        }
        let list = result.child("PointsRelais").into_iter();
        let mut points: Vec<ServicePoint> =
            list.flat_map(|list| list.all("PointRelais_Details")).filter_map(point).collect();
        points.sort_by_key(|point| point.distance_m.unwrap_or(u32::MAX));
        Ok(points)
    }
}

impl AccountCheck for Relays {
    fn request(&self, call: &Call<'_>) -> HttpRequest {
        let (country, city, postcode) = ("FR", "", "75001");
        let (weight_g, action, delay_days, count) = (1_000, "24R", 0, 1);
        let wanted = Wanted { country, city, postcode, weight_g, action, delay_days, count };
        search(call, &wanted)
    }

    fn response(&self, response: &HttpResponse) -> Result<(), CarrierError> {
        ServicePoints::response(self, response).map(|_| ())
    }
}

/// One point; `None` when it has no number or an error of its own.
fn point(details: &Element) -> Option<ServicePoint> {
    let id = details.get("Num")?;
    let fine = details.get("STAT").is_none_or(|stat| stat == "0");
    if !fine || id.len() != 6 || !id.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let text = |name: &str| details.get(name).map(str::to_owned);
    let mut names = ["LgAdr1", "LgAdr2"].into_iter().filter_map(text);
    let name = names.next()?;
    // The second line goes on with the name, the third is the street, the fourth adds to it.
    let lines = ["LgAdr3", "LgAdr4"].into_iter().filter_map(text).collect();
    let latitude = details.get("Latitude").and_then(millionths);
    let position = latitude.zip(details.get("Longitude").and_then(millionths));
    let all =
        [Some(name.clone()), names.next()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    Some(ServicePoint {
        id: id.to_owned(),
        locker: all.to_uppercase().contains("LOCKER"),
        name: all,
        lines,
        postcode: text("CP").unwrap_or_default(),
        city: text("Ville").unwrap_or_default(),
        country: details.get("Pays").and_then(|code| code.parse().ok()),
        position,
        distance_m: details.get("Distance").and_then(|metres| metres.parse().ok()),
        hours: hours(details),
        closures: closures(details),
        weight_max: None,
    })
}

/// `48,1170000`: degrees with a decimal comma.
fn millionths(text: &str) -> Option<i32> {
    let (whole, part) = text.split_once([',', '.']).unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (sign, whole) = match whole.strip_prefix('-') {
        Some(whole) => (-1, whole),
        None => (1, whole),
    };
    if whole.is_empty() || whole.len() > 3 || !digits(whole) || !digits(part) {
        return None;
    }
    let part: String = part.chars().chain("000000".chars()).take(6).collect();
    let degrees = whole.parse::<i32>().ok().filter(|degrees| *degrees <= 180)?;
    Some(sign * (degrees * 1_000_000 + part.parse::<i32>().ok()?))
}

/// Up to two openings a day in four fields, `0900 1200 1400 1900`; `0000` is no time. `None` when
/// a day is missing.
fn hours(details: &Element) -> Option<[Vec<Opening>; 7]> {
    let mut week = [const { Vec::new() }; 7];
    for (day, name) in week.iter_mut().zip(DAYS) {
        let times: Vec<Option<Time>> =
            details.child(name)?.all("string").map(|text| clock(&text.text)).collect();
        for pair in times.chunks(2) {
            if let [Some(from), Some(to)] = pair
                && from < to
            {
                day.push((*from, *to));
            }
        }
    }
    Some(week)
}

/// `0900`; the end of the day may be `2400`.
fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_at_checked(2)?;
    match (hour, minute) {
        ("24", "00") => Time::from_hms(23, 59, 0).ok(),
        (hour, minute) if minute.len() == 2 => {
            Time::from_hms(hour.parse().ok()?, minute.parse().ok()?, 0).ok()
        }
        _ => None,
    }
}

fn closures(details: &Element) -> Vec<(Date, Date)> {
    let list = details.child("Informations_Dispo").into_iter();
    let periods = list.flat_map(|list| list.all("Periode"));
    let dates = periods.filter_map(|one| date(one.get("Debut")?).zip(date(one.get("Fin")?)));
    dates.filter(|(from, to)| from <= to).collect()
}

/// `24/12/2026` or `2026-12-24`, whatever time follows.
fn date(text: &str) -> Option<Date> {
    let day = text.split([' ', 'T']).next()?;
    let mut parts = day.split(['/', '-']);
    match (day.contains('/'), parts.next()?, parts.next()?, parts.next()?) {
        (true, day, month, year) => when::day(year, month, day),
        (false, year, month, day) => when::day(year, month, day),
    }
}
