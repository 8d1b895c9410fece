//! Prices and times in transit.

use serde_json::{Value, json};
use time::Duration;

use super::{
    Failure, UpsSim, at, body, day, lanes, list, reply,
    ship::{self, envelope},
    text, validate,
};
use crate::{HttpResponse, sim::SimRequest};

/// Code, part of the base price in percent, working days.
const SERVICES: [(&str, u64, i64); 5] =
    [("11", 100, 2), ("07", 260, 1), ("65", 210, 1), ("54", 320, 1), ("08", 150, 4)];
const AMERICAN: [(&str, u64, i64); 4] =
    [("03", 100, 3), ("02", 220, 2), ("01", 380, 1), ("12", 160, 3)];

impl UpsSim {
    pub(super) fn rate(
        &mut self,
        option: &str,
        request: &SimRequest,
    ) -> Result<HttpResponse, Failure> {
        let root = body(request)?;
        let order = at(&root, &["RateRequest"]);
        let shipment = at(order, &["Shipment"]);
        let option = option.to_ascii_lowercase();
        let (all, timed) = match option.as_str() {
            "rate" => (false, false),
            "shop" => (true, false),
            "ratetimeintransit" => (false, true),
            "shoptimeintransit" => (true, true),
            _ => return Err(Failure::new(400, "110003", "Unknown request option")),
        };
        if text(shipment, &["Shipper", "ShipperNumber"]).len() != 6 {
            return Err(Failure::new(400, "111580", "Missing or invalid shipper number"));
        }
        let from = text(shipment, &["Shipper", "Address", "CountryCode"]);
        let to = text(shipment, &["ShipTo", "Address", "CountryCode"]);
        if from.len() != 2 || to.len() != 2 {
            return Err(Failure::new(400, "110208", "Missing country"));
        }
        let start = text(shipment, &["DeliveryTimeInformation", "Pickup", "Date"]);
        let start = validate::parse_day(start);
        if timed && start.is_none() {
            return Err(Failure::new(400, "111546", "Missing delivery time information"));
        }
        let packages = list(at(shipment, &["Package"]));
        let grams: u64 = packages.iter().map(|package| u64::from(ship::grams(package))).sum();
        if grams == 0 || packages.iter().any(|p| text(p, &["PackagingType", "Code"]).is_empty()) {
            return Err(Failure::new(400, "110602", "Missing packaging or weight"));
        }
        let wanted = text(shipment, &["Service", "Code"]);
        let table: &[_] = if (from, to) == ("US", "US") { &AMERICAN } else { &SERVICES };
        let border = if from == to { 0 } else { 900 };
        let base = 640 + border + grams.div_ceil(500) * 55;
        let contract =
            !at(shipment, &["ShipmentRatingOptions", "NegotiatedRatesIndicator"]).is_null();
        let rated = |&(code, percent, days): &(&str, u64, i64)| {
            let own = base * percent / 100;
            let mut rated = json!({
                "Service": { "Code": code, "Description": "" },
                "TransportationCharges": ship::amount_of(from, own * 17 / 10),
                "ServiceOptionsCharges": ship::amount_of(from, 0),
                "TotalCharges": ship::amount_of(from, own * 17 / 10),
            });
            let mut put = |name: &str, value: Value| {
                if let Some(members) = rated.as_object_mut() {
                    members.insert(name.to_owned(), value);
                }
            };
            if contract {
                let charge = ship::amount_of(from, own);
                put("NegotiatedRateCharges", json!({ "TotalCharge": charge }));
            }
            if let Some(start) = start.filter(|_| timed) {
                let end = (start + Duration::days(days)).midnight().assume_utc();
                put(
                    "TimeInTransit",
                    json!({ "ServiceSummary": { "EstimatedArrival": {
                        "Arrival": { "Date": day(end), "Time": "230000" },
                        "BusinessDaysInTransit": days.to_string(),
                    }}}),
                );
            }
            rated
        };
        let mut asked: Vec<(&str, u64, i64)> = table
            .iter()
            .filter(|(code, ..)| (all || *code == wanted) && lanes::sold(code, from, to))
            .copied()
            .collect();
        // Services that no price list names are priced alike.
        if asked.is_empty() && lanes::sold(wanted, from, to) {
            asked.push((wanted, 200, 2));
        }
        let offers: Vec<Value> = asked.iter().map(rated).collect();
        if offers.is_empty() {
            let message = "The requested service is unavailable between the selected locations";
            return Err(Failure::new(400, "111210", message));
        }
        let context = at(order, &["Request", "TransactionReference", "CustomerContext"]);
        Ok(reply(
            200,
            &json!({ "RateResponse": {
                "Response": envelope(context),
                "RatedShipment": offers,
            }}),
        ))
    }
}
