//! Parcel shops: invented ones around any postcode.

use serde_json::{Value, json};

use super::{answer, refuse};
use crate::{
    HttpResponse,
    sim::{http::text, luck},
};

/// Shops of a town.
const SHOPS: u64 = 6;
const HOUR_MS: i64 = 3_600_000;

fn partner(country: &str) -> &'static str {
    match country {
        "DE" => "276",
        "FR" => "250",
        "AT" => "040",
        "BE" => "056",
        "DK" => "208",
        "PL" => "616",
        "LU" => "442",
        _ => "900",
    }
}

/// One shop, decided by the town and its place among the town's.
fn shop(seed: u64, country: &str, zip: &str, city: &str, index: u64) -> Value {
    let draw = luck::draw(seed, &format!("{country}{zip}"), index);
    let names = ["Tabac", "Presse", "Fleurs", "Pressing", "Epicerie", "Librairie"];
    let name = names.get(usize::try_from(index).unwrap_or_default()).unwrap_or(&"Boutique");
    let digits: String = zip.chars().filter(char::is_ascii_digit).collect();
    // Milliseconds since midnight less an hour; a break of no length is none.
    let day = |name: &str, from: i64, to: i64, pause: (i64, i64)| {
        json!({
            "DayOfWeek": name,
            "OpeningHours": { "OpeningHours": [
                { "From": (from - 1) * HOUR_MS, "To": (to - 1) * HOUR_MS }] },
            "Breaks": { "OpeningHours": [
                { "From": (pause.0 - 1) * HOUR_MS, "To": (pause.1 - 1) * HOUR_MS }] },
        })
    };
    let pause = if draw.is_multiple_of(2) { (12, 14) } else { (0, 0) };
    let week = ["MON", "TUE", "WED", "THU", "FRI"];
    let mut days: Vec<Value> = week.iter().map(|name| day(name, 9, 19, pause)).collect();
    days.push(day("SAT", 10, 17, (0, 0)));
    // Kilometres, in an order of their own.
    let metres = 150 + (SHOPS - index) * 310 + draw % 90;
    let holidays = match draw % 3 {
        0 => json!([{ "StartDate": "2026-12-24", "EndDate": "2026-12-27" }]),
        _ => json!([]),
    };
    json!({
        "ParcelShopID": format!("GLS_{country}-{}{digits:0>5}{index:02}", partner(country)),
        "Address": { "Name1": format!("{name} du Modele {index}"), "Name2": "", "Name3": "",
                     "CountryCode": country, "ZIPCode": zip, "City": city,
                     "Street": "rue Fictive", "StreetNumber": (draw % 80 + 1).to_string(),
                     "eMail": null },
        "Location": { "Latitude": format!("48.{:05}", draw % 100_000),
                      "Longitude": format!("-1.{:05}", draw / 7 % 100_000) },
        "Holidays": holidays,
        "WorkingDay": days,
        "AirlineDistance": format!("{}.{:03}", metres / 1_000, metres % 1_000),
    })
}

pub(super) fn near(body: &Value, seed: u64) -> Result<HttpResponse, HttpResponse> {
    let country = text(body, "/CountryCode");
    if country.len() != 2 {
        return Err(refuse::missing("CountryCode"));
    }
    let zip = refuse::zip(body);
    let city = text(body, "/City");
    if zip.is_empty() && city.is_empty() {
        return Err(refuse::missing("City"));
    }
    let city = if city.is_empty() { "Modeleville" } else { city };
    let most = body.get("MaxNumberOfShops").and_then(Value::as_u64).unwrap_or(SHOPS);
    let all: Vec<Value> =
        (0..most.min(SHOPS)).map(|index| shop(seed, country, zip, city, index)).collect();
    Ok(answer(&json!({ "ParcelShop": all })))
}

pub(super) fn of_country(country: &str, seed: u64) -> HttpResponse {
    let all: Vec<Value> =
        (0..SHOPS).map(|index| shop(seed, country, "10000", "Modeleville", index)).collect();
    answer(&json!({ "ParcelShop": all }))
}

pub(super) fn by_id(id: &str, seed: u64) -> Result<HttpResponse, HttpResponse> {
    let unknown = || refuse::said(404, "NOT_FOUND", "ParcelShop was not found.");
    let (partner, local) = id.split_once('-').ok_or_else(unknown)?;
    let country = partner.strip_prefix("GLS_").ok_or_else(unknown)?;
    let zip = local.get(3..8).ok_or_else(unknown)?;
    let index = local.get(8..).and_then(|text| text.parse().ok()).ok_or_else(unknown)?;
    Ok(answer(&shop(seed, country, zip, "Modeleville", index)))
}
