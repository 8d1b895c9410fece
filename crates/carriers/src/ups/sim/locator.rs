//! Access points around an address, made up from the seed.

use serde_json::{Value, json};

use super::{Failure, UpsSim, at, body, chance, draw, reply, text, validate::refuse};
use crate::{HttpResponse, sim::SimRequest};

impl UpsSim {
    pub(super) fn locate(
        &mut self,
        option: &str,
        request: &SimRequest,
    ) -> Result<HttpResponse, Failure> {
        let root = body(request)?;
        let order = at(&root, &["LocatorRequest"]);
        if option != "64" {
            return refuse("350030", "Only access points are told here");
        }
        if text(order, &["Request", "RequestAction"]) != "Locator" {
            return refuse("350001", "Missing or invalid request action");
        }
        let around = at(order, &["OriginAddress", "AddressKeyFormat"]);
        let country = text(around, &["CountryCode"]);
        let postcode = text(around, &["PostcodePrimaryLow"]);
        let city = text(around, &["PoliticalDivision2"]);
        if country.len() != 2 || postcode.is_empty() && city.is_empty() {
            return refuse("350010", "Missing or invalid origin address");
        }
        let criteria = at(order, &["LocationSearchCriteria"]);
        let most = text(criteria, &["MaximumListSize"]).parse::<u64>().unwrap_or(5);
        let radius = text(criteria, &["SearchRadius"]).parse::<u64>().unwrap_or(150);
        if !(1..=50).contains(&most) || !(5..=150).contains(&radius) {
            return refuse("350020", "Invalid list size or radius");
        }
        // Far places have no points: told as a success that says no.
        if postcode.starts_with("000") {
            return Ok(reply(200, &nothing()));
        }
        let near = format!("{country}{postcode}{city}");
        let count = (2 + draw(self.options.seed, &near, 0) % 10).min(most);
        let mut tenths = 0;
        let mut all: Vec<Value> = Vec::new();
        for index in 0..count {
            tenths += 1 + draw(self.options.seed, &near, 10 + index) % 14;
            all.push(self.location(&near, index, tenths, around));
        }
        Ok(reply(
            200,
            &json!({ "LocatorResponse": {
                "Response": { "ResponseStatusCode": "1", "ResponseStatusDescription": "Success" },
                "Geocode": { "Latitude": "0", "Longitude": "0" },
                "SearchResults": { "DropLocation": all },
                "AllowAllConfidenceLevels": "false",
            }}),
        ))
    }

    /// The number is of the place and not of the question's order.
    fn location(&self, near: &str, index: u64, tenths: u64, around: &Value) -> Value {
        let number = draw(self.options.seed, near, 100 + index) % 100_000_000;
        let early = if chance(self.options.seed, near, 200 + index) < 0.5 { "800" } else { "930" };
        let day = |day: u8| match day {
            1 => json!({ "Day": "1", "ClosedIndicator": "" }),
            7 => json!({ "Day": "7", "OpenHours": "900", "CloseHours": "1230" }),
            5 if index == 1 => json!({ "Day": "5", "OpenHours": early, "CloseHours": "0" }),
            _ => json!({ "Day": day.to_string(), "OpenHours": early, "CloseHours": "1900" }),
        };
        let week: Vec<Value> = (1..=7).map(day).collect();
        let thousandths = 47_000 + draw(self.options.seed, near, 300 + index) % 1_000;
        let city = match text(around, &["PoliticalDivision2"]) {
            "" => "Modelville",
            city => city,
        };
        json!({
            "LocationID": (100_000 + number % 900_000).to_string(),
            "Geocode": {
                "Latitude": format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000),
                "Longitude": format!("-1.{:03}", thousandths % 1_000),
            },
            "AddressKeyFormat": {
                "ConsigneeName": format!("Tabac du Modele {}", index + 1),
                "AddressLine": format!("{} rue de l'Exemple", 3 * index + 1),
                "PoliticalDivision2": city,
                "PoliticalDivision1": text(around, &["PoliticalDivision1"]),
                "PostcodePrimaryLow": match text(around, &["PostcodePrimaryLow"]) {
                    "" => "10000",
                    code => code,
                },
                "CountryCode": text(around, &["CountryCode"]),
            },
            "Distance": {
                "Value": format!("{}.{}", tenths / 10, tenths % 10),
                "UnitOfMeasurement": { "Code": "KM", "Description": "Kilometers" },
            },
            "OperatingHours": { "StandardHours": [{ "HoursType": "10", "DayOfWeek": week }] },
            "AccessPointInformation": {
                "PublicAccessPointID": format!("U{number:08}"),
                "AccessPointStatus": { "Code": "01", "Description": "ACTIVE-AVAILABLE" },
            },
        })
    }
}

fn nothing() -> Value {
    json!({ "LocatorResponse": { "Response": {
        "ResponseStatusCode": "0",
        "ResponseStatusDescription": "Failure",
        "Error": {
            "ErrorSeverity": "Hard",
            "ErrorCode": "350201",
            "ErrorDescription": "No locations found",
        },
    }}})
}
