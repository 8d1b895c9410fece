//! Prices, collections and locations.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::{
    Failure, FedexSim, account, day, list, parse_day, rules,
    ship::{cents, currency, major},
};
use crate::sim::{
    clock,
    http::text,
    luck::{chance, draw},
};

/// A collection that was booked.
pub(super) struct Booking {
    code: String,
    day: String,
    carrier: String,
    location: String,
    account: String,
}

const ABROAD: [(&str, &str, u64, &str, i64); 3] = [
    ("FEDEX_INTERNATIONAL_PRIORITY", "FedEx International Priority", 100, "TWO_DAYS", 2),
    ("INTERNATIONAL_ECONOMY", "FedEx International Economy", 72, "FOUR_DAYS", 4),
    ("FEDEX_INTERNATIONAL_CONNECT_PLUS", "FedEx International Connect Plus", 64, "FIVE_DAYS", 5),
];
const HOME: [(&str, &str, u64, &str, i64); 4] = [
    ("PRIORITY_OVERNIGHT", "FedEx Priority Overnight", 160, "ONE_DAY", 1),
    ("STANDARD_OVERNIGHT", "FedEx Standard Overnight", 140, "ONE_DAY", 1),
    ("FEDEX_2_DAY", "FedEx 2Day", 110, "TWO_DAYS", 2),
    ("FEDEX_GROUND", "FedEx Ground", 70, "THREE_DAYS", 3),
];

impl FedexSim {
    pub(super) fn quote(&mut self, body: &Value, now: OffsetDateTime) -> Result<Value, Failure> {
        account(body, "/accountNumber/value")?;
        let order = body.pointer("/requestedShipment").unwrap_or(&Value::Null);
        let from = text(order, "/shipper/address/countryCode");
        let to = text(order, "/recipient/address/countryCode");
        if from.len() != 2 || to.len() != 2 {
            return Err(Failure::invalid("RATE.LOCATION.INVALID", "Both countries are wanted"));
        }
        let packages = list(order, "/requestedPackageLineItems");
        let grams: u64 = packages.iter().map(rules::grams).sum();
        if grams == 0 {
            return Err(Failure::invalid("PACKAGE.WEIGHT.INVALID", "A weight is wanted"));
        }
        let wanted = text(order, "/serviceType");
        let stated = text(order, "/shipDateStamp");
        let start = parse_day(stated).unwrap_or(now.date());
        let table: &[_] = if from == to { &HOME } else { &ABROAD };
        let reply = |&(service, name, percent, transit, days): &(&str, &str, u64, &str, i64)| {
            let base = cents(grams, from != to) * percent / 100;
            let fuel = base * 22 / 100;
            let delivery = format!("{}T12:00:00", day(start + Duration::days(days)));
            json!({
                "serviceType": service,
                "serviceName": name,
                "packagingType": "YOUR_PACKAGING",
                "ratedShipmentDetails": [
                    rated("LIST", base * 17 / 10, fuel * 17 / 10, currency(from)),
                    rated("ACCOUNT", base, fuel, currency(from)),
                ],
                "operationalDetail": { "deliveryDate": delivery, "transitTime": transit },
            })
        };
        let offers: Vec<Value> = table
            .iter()
            .filter(|(service, ..)| wanted.is_empty() || *service == wanted)
            .map(reply)
            .collect();
        if offers.is_empty() {
            let message = "The service does not go there";
            return Err(Failure::invalid("SERVICE.PACKAGECOMBINATION.INVALID", message));
        }
        Ok(json!({ "rateReplyDetails": offers, "quoteDate": day(now.date()), "encoded": false }))
    }

    pub(super) fn availability(
        &mut self,
        body: &Value,
        now: OffsetDateTime,
    ) -> Result<Value, Failure> {
        let country = text(body, "/pickupAddress/countryCode");
        if text(body, "/pickupAddress/postalCode").is_empty() && country != "IE" {
            return Err(Failure::invalid("PICKUP.POSTALCODE.MISSING", "A postal code is wanted"));
        }
        let wanted = parse_day(text(body, "/dispatchDate")).unwrap_or(now.date());
        let option = |carrier: &Value| {
            json!({
                "carrier": carrier,
                "available": true,
                "pickupDate": day(wanted),
                "cutOffTime": "16:00:00",
                "accessTime": { "hours": 1, "minutes": 0 },
                "readyTimeOptions": ["08:00:00", "12:00:00", "14:00:00"],
                "latestTimeOptions": ["17:00:00", "18:00:00"],
            })
        };
        let options: Vec<Value> = list(body, "/carriers").iter().map(option).collect();
        Ok(json!({ "options": options }))
    }

    pub(super) fn book(&mut self, body: &Value, now: OffsetDateTime) -> Result<Value, Failure> {
        let account = account(body, "/associatedAccountNumber/value")?;
        let site = body.pointer("/originDetail/pickupLocation").unwrap_or(&Value::Null);
        let country = text(site, "/address/countryCode");
        if text(site, "/address/postalCode").is_empty() && country != "IE" {
            return Err(Failure::invalid("PICKUP.POSTALCODE.MISSING", "A postal code is wanted"));
        }
        let carrier = text(body, "/carrierCode");
        if !matches!(carrier, "FDXE" | "FDXG") {
            return Err(Failure::invalid("PICKUP.CARRIERCODE.INVALID", "FDXE or FDXG"));
        }
        // Local to the site, in spite of its Z.
        let ready = text(body, "/originDetail/readyDateTimestamp");
        let close = text(body, "/originDetail/customerCloseTime");
        let wanted = parse_day(ready).ok_or_else(|| {
            Failure::invalid("PICKUP.READYTIME.INVALID", "A date and time is wanted")
        })?;
        if wanted < clock::local(now, country).date() {
            let message = "The day is over";
            return Err(Failure::invalid("PICKUP.REQUESTED.PREVIOUS.DAY", message));
        }
        if ready.get(11..19).is_none_or(|ready| ready >= close) {
            return Err(Failure::invalid("PICKUP.CLOSETIME.INVALID", "Closed before ready"));
        }
        if text(body, "/remarks").chars().count() > 60 {
            return Err(Failure::invalid("PICKUP.REMARKS.TOOLONG", "At most 60 characters"));
        }
        let day = day(wanted);
        // Codes count within a day, and begin again on the next.
        let today = self.bookings.iter().filter(|booking| booking.day == day).count();
        let code = (3_001 + today).to_string();
        let city = text(site, "/address/city").to_ascii_uppercase();
        let letters: String = city.chars().filter(char::is_ascii_alphabetic).take(3).collect();
        let location = if carrier == "FDXE" { format!("{letters}A") } else { String::new() };
        let mut output = json!({
            "pickupConfirmationCode": code,
            "message": "A driver will come",
            "alerts": [],
        });
        if let (Some(members), false) = (output.as_object_mut(), location.is_empty()) {
            members.insert("location".to_owned(), location.clone().into());
        }
        self.bookings.push(Booking { code, day, carrier: carrier.to_owned(), location, account });
        Ok(output)
    }

    pub(super) fn unbook(&mut self, body: &Value) -> Result<Value, Failure> {
        let account = account(body, "/associatedAccountNumber/value")?;
        let (code, day) = (text(body, "/pickupConfirmationCode"), text(body, "/scheduledDate"));
        let carrier = text(body, "/carrierCode");
        let location = text(body, "/location");
        if carrier == "FDXE" && location.is_empty() {
            return Err(Failure::invalid("PICKUP.LOCATION.MISSING", "Express needs a location"));
        }
        let same = |booking: &Booking| {
            booking.account == account
                && booking.code == code
                && booking.day == day
                && booking.carrier == carrier
                && booking.location == location
        };
        let at = self.bookings.iter().position(same);
        let at = at.ok_or_else(|| Failure::new(404, "NOT.FOUND.ERROR", "No such pickup"))?;
        // Its code stays taken: the day's count must not run into it again.
        if let Some(booking) = self.bookings.get_mut(at) {
            booking.account.clear();
        }
        Ok(json!({
            "pickupConfirmationCode": code,
            "cancelConfirmationMessage": "The driver will not come",
        }))
    }

    pub(super) fn locations(&mut self, body: &Value) -> Result<Value, Failure> {
        let address = body.pointer("/location/address").unwrap_or(&Value::Null);
        let country = text(address, "/countryCode");
        let postcode = text(address, "/postalCode");
        if country.len() != 2 {
            return Err(Failure::invalid("LOCATION.COUNTRYCODE.MISSING", "A country is wanted"));
        }
        let near = format!("{country}{postcode}");
        let most = body.pointer("/locationsSummaryRequestControlParameters/maxResults");
        let most = most.and_then(Value::as_u64).unwrap_or(10).min(75);
        let grams = list(body, "/packageAttributes").first().map(rules::grams).unwrap_or(0);
        let count = 1 + draw(self.options.seed, &near, 0) % 12;
        let mut distance = 0;
        let mut all = Vec::new();
        for index in 0..count {
            distance += 90 + draw(self.options.seed, &near, 10 + index) % 1_400;
            let locker = chance(self.options.seed, &near, 50 + index) < 0.3;
            // A locker holds 25 kg at most.
            if !(locker && grams > 25_000) {
                all.push(self.location(&near, index, distance, locker, address));
            }
        }
        all.truncate(usize::try_from(most).unwrap_or_default());
        Ok(json!({
            "totalResults": all.len(),
            "resultsReturned": all.len(),
            "locationDetailList": all,
        }))
    }

    fn location(
        &self,
        near: &str,
        index: u64,
        distance_m: u64,
        locker: bool,
        address: &Value,
    ) -> Value {
        let id: String = (0..4)
            .map(|at| {
                let letter = draw(self.options.seed, near, 100 + 10 * index + at) % 26;
                char::from(b'A' + u8::try_from(letter).unwrap_or_default())
            })
            .collect();
        let hours = |day: &str| match (locker, day) {
            (true, _) => json!({ "dayofweek": day, "operationalHoursType": "OPEN_ALL_DAY" }),
            (false, "SUNDAY") => {
                json!({ "dayofweek": day, "operationalHoursType": "CLOSED_ALL_DAY" })
            }
            (false, _) => json!({
                "dayofweek": day,
                "operationalHoursType": "OPEN_BY_HOURS",
                "operationalHours": [{ "begins": "09:00:00", "ends": "19:00:00" }],
            }),
        };
        let week = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];
        let place = |text: String| serde_json::from_str(&text).unwrap_or(Value::Null);
        json!({
            "locationId": id,
            "locationType": if locker { "FEDEX_SHIP_AND_GET" } else { "FEDEX_ONSITE" },
            "distance": {
                "units": "KM",
                "value": place(format!("{}.{:03}", distance_m / 1000, distance_m % 1000)),
            },
            "contactAndAddress": {
                "address": {
                    "streetLines": [format!("{} rue Fictive", index + 1)],
                    "city": text(address, "/city"),
                    "stateOrProvinceCode": text(address, "/stateOrProvinceCode"),
                    "postalCode": text(address, "/postalCode"),
                    "countryCode": text(address, "/countryCode"),
                },
                "contact": { "companyName": format!("Point Exemple {}", index + 1) },
            },
            "geoPositionalCoordinates": {
                "latitude": place(format!("48.{:06}", 100_000 + 137 * index)),
                "longitude": place(format!("2.{:06}", 300_000 + 211 * index)),
            },
            "storeHours": week.map(hours),
            "packageMaximumLimits": {
                "weight": { "units": "KG", "value": if locker { 25 } else { 68 } },
            },
        })
    }
}

fn rated(kind: &str, base: u64, fuel: u64, currency: &str) -> Value {
    json!({
        "rateType": kind,
        "totalBaseCharge": major(base),
        "totalNetCharge": major(base + fuel),
        "totalNetFedExCharge": major(base + fuel),
        "currency": currency,
        "shipmentRateDetail": {
            "surCharges": [
                { "type": "FUEL", "description": "Fuel Surcharge", "amount": major(fuel) },
            ],
            "currency": currency,
        },
    })
}
