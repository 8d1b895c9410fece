//! Pickups, service points, and whether DHL comes to an address.

use serde_json::{Value, json};

use super::{
    DhlSim, Failure, body,
    story::{area, date},
};
use crate::{
    HttpResponse,
    sim::{
        SimRequest,
        http::{self, query, text},
        luck::draw,
    },
};

impl DhlSim {
    pub(super) fn book(&mut self, request: &SimRequest) -> Result<HttpResponse, Failure> {
        let root = body(request)?;
        let city = text(&root, "/customerDetails/shipperDetails/postalAddress/cityName");
        let planned = text(&root, "/plannedPickupDateAndTime");
        let mut problems = Vec::new();
        for (known, place) in [
            (!city.is_empty(), "/customerDetails/shipperDetails/postalAddress"),
            (planned.contains("GMT"), "/plannedPickupDateAndTime"),
            (!text(&root, "/accounts/0/number").is_empty(), "/accounts"),
            (!text(&root, "/shipmentDetails/0/productCode").is_empty(), "/shipmentDetails"),
            (root.pointer("/shipmentDetails/0/packages/0").is_some(), "/shipmentDetails"),
        ] {
            if !known {
                problems.push(format!("#{place}: required key not found"));
            }
        }
        let details = root.pointer("/customerDetails/shipperDetails").and_then(Value::as_object);
        for key in details.into_iter().flatten().map(|(key, _)| key.as_str()) {
            if !matches!(key, "postalAddress" | "contactInformation") {
                problems.push(format!("#/customerDetails/shipperDetails: extraneous key [{key}]"));
            }
        }
        if !problems.is_empty() {
            return Err(Failure::many(422, "Validation error", problems));
        }
        let day: String = planned.chars().take(10).collect();
        let digits: String = day.chars().filter(char::is_ascii_digit).skip(2).collect();
        if day < date(request.now) {
            return Err(Failure::new(400, "Bad request", "3501: The pickup date is past"));
        }
        self.booked += 1;
        let number = format!("{}{digits}{:06}", area(city), self.booked);
        self.pickups.insert(number.clone(), request.now);
        let answer = json!({
            "dispatchConfirmationNumbers": [number],
            "readyByTime": planned.chars().skip(11).take(5).collect::<String>(),
            "nextPickupDate": day,
            "warnings": [],
        });
        Ok(http::json(201, &answer))
    }

    pub(super) fn call_off(
        &mut self,
        number: &str,
        request: &SimRequest,
    ) -> Result<HttpResponse, Failure> {
        for name in ["requestorName", "reason"] {
            if query(request, name).is_empty() {
                let detail = format!("Missing mandatory parameters: {name}");
                return Err(Failure::new(400, "Missing parameters", detail));
            }
        }
        match self.pickups.remove(number) {
            Some(_) => Ok(http::reply(200, "application/json", "")),
            None => Err(Failure::new(404, "Pickup not found", "The pickup was not found")),
        }
    }
}

fn day(name: &str, from: &str, to: &str) -> Value {
    json!({ "dayOfWeek": name, "openingTime": from, "closingTime": to })
}

/// Points in no order; Britain counts its hours and distances in its own way.
pub(super) fn points(seed: u64, request: &SimRequest) -> Result<HttpResponse, Failure> {
    let (address, country) = (query(request, "address"), query(request, "countryCode"));
    let wanted = query(request, "servicePointResults").parse::<u64>().unwrap_or_default();
    if address.is_empty() || country.len() != 2 || !(1..=50).contains(&wanted) {
        let detail = "Missing mandatory parameters: address, countryCode, servicePointResults";
        return Err(Failure::new(400, "Missing parameters", detail));
    }
    let city = address.rsplit(',').next().unwrap_or_default().trim();
    let postcode = address.rsplit(',').nth(1).unwrap_or_default().trim();
    let british = country == "GB" && query(request, "resultUom").is_empty();
    let (unit, morning, evening) =
        if country == "GB" { ("km", "9:00 AM", "5:30 PM") } else { ("km", "09:00", "17:30") };
    let unit = if british { "mi" } else { unit };
    let points: Vec<Value> = (1..=wanted.min(6))
        .map(|serial| {
            let away = 1 + draw(seed, &address, serial) % 900;
            let distance = format!("{}.{:02}", away / 100, away % 100);
            let mut hours: Vec<Value> = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"]
                .iter()
                .map(|name| day(name, morning, evening))
                .collect();
            if serial == 1 {
                hours.push(day("SATURDAY", morning, "12:00"));
            }
            json!({
                "facilityId": format!("{}{serial:03}", area(city)),
                "serviceAreaCode": area(city),
                "servicePointName": "DHL Service Point",
                "servicePointNameFormatted": "DHL Service Point",
                "localName": format!("Kiosk Exemple {serial}"),
                "servicePointType": if serial == 3 { "TWENTYFOURSEVEN" } else { "PARTNER" },
                "address": {
                    "addressLine1": format!("{serial} place Inventee"), "addressLine2": null,
                    "city": city.to_uppercase(), "zipCode": postcode, "country": country,
                },
                "geoLocation": { "latitude": 48.117, "longitude": -1.677 },
                "distance": format!("{distance} {unit}"),
                "distanceValue": distance,
                "openingHours": {
                    "holidays": { "open": [], "closed": [{ "from": "25-12-2026", "to": "26-12-2026" }] },
                    "openingHours": hours,
                },
                "shipmentLimitationsByPiece": { "maxPieceWeight": { "value": 25, "uom": "KG" } },
                "svpStatus": "A",
            })
        })
        .collect();
    Ok(http::json(200, &json!({ "mapCulture": "en-GB", "servicePoints": points })))
}

pub(super) fn address(request: &SimRequest) -> Result<HttpResponse, Failure> {
    let country = query(request, "countryCode");
    let kind = query(request, "type");
    if country.len() != 2 || !matches!(kind.as_str(), "pickup" | "delivery") {
        let detail = "Missing mandatory parameters: type, countryCode";
        return Err(Failure::new(400, "Missing parameters", detail));
    }
    let city = query(request, "cityName");
    let answer = json!({
        "warnings": [],
        "address": [{
            "countryCode": country,
            "postalCode": query(request, "postalCode"),
            "cityName": city.to_uppercase(),
            "serviceArea": { "code": area(&city), "description": city, "GMTOffset": "+01:00" },
        }],
    });
    Ok(http::json(200, &answer))
}
