//! Track and Trace V1: by numbers and by GLS's own references, and its test parcels.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::{GlsSim, Sold, Unit, story};
use crate::{
    HttpResponse, Method,
    sim::{
        SimRequest, clock,
        http::{query, reply, unescape},
        journey::{Happening, Site},
        luck,
    },
};

/// Most numbers of one question.
const BATCH: usize = 10;

/// Statuses of the test parcels, which every environment knows.
const TEST: [&str; 12] = [
    "PLANNEDPICKUP",
    "INPICKUP",
    "NOTPICKEDUP",
    "PREADVICE",
    "INTRANSIT",
    "INDELIVERY",
    "DELIVEREDPS",
    "DELIVERED",
    "INWAREHOUSE",
    "NOTDELIVERED",
    "CANCELED",
    "FINAL",
];

fn problem(status: u16, title: &str, detail: &str) -> HttpResponse {
    let body = json!({ "type": "about:blank", "title": title, "status": status,
                       "detail": detail, "instance": "/tracking" });
    reply(status, "application/problem+json", body.to_string())
}

fn unknown(asked: &str) -> Value {
    json!({ "requested": asked, "errorCode": "E_404_01", "errorMessage": "Resource Not Found" })
}

/// Local time with an offset that has no colon.
fn written(at: OffsetDateTime, country: &str) -> String {
    let local = clock::local(at, country);
    let minutes = local.offset().whole_minutes();
    let sign = if minutes < 0 { '-' } else { '+' };
    let (date, hour, minute, second) = (local.date(), local.hour(), local.minute(), local.second());
    let (ahead, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    format!("{date}T{hour:02}:{minute:02}:{second:02}{sign}{ahead:02}{rest:02}")
}

impl GlsSim {
    pub(super) fn track(
        &self,
        rest: &str,
        request: &SimRequest,
    ) -> Result<HttpResponse, HttpResponse> {
        let parts: Vec<&str> = rest.split('/').collect();
        match (request.method, parts.as_slice()) {
            (Method::Get, ["simple", "trackids", numbers]) => self.batch(numbers, request, false),
            (Method::Get, ["simple", "references", numbers]) => self.batch(numbers, request, true),
            (Method::Get, ["events", "codes"]) => Ok(codes()),
            (Method::Get, ["deliveryinfo", "parcelid", number]) => self.shop(number, request),
            _ => Err(problem(404, "Not Found", "No static resource.")),
        }
    }

    fn batch(
        &self,
        numbers: &str,
        request: &SimRequest,
        references: bool,
    ) -> Result<HttpResponse, HttpResponse> {
        let asked: Vec<String> = numbers.split(',').map(unescape).collect();
        if asked.len() > BATCH {
            return Err(problem(400, "Bad Request", "At most 10 values."));
        }
        let events = query(request, "showEvents") != "false";
        let mut parcels = Vec::new();
        for asked in &asked {
            let prefix = if references { "REF_" } else { "QAS_" };
            if let Some(test) = test_parcel(asked, prefix, request.now) {
                parcels.push(test);
                continue;
            }
            let found = self.units(asked, references);
            if found.is_empty() {
                parcels.push(unknown(asked));
            }
            for (sold, unit) in found {
                parcels.push(self.parcel(asked, sold, unit, request.now, events));
            }
        }
        let body = json!({ "parcels": parcels });
        Ok(crate::sim::http::json(200, &body))
    }

    /// Parcels of a number, or of one of GLS's own references: a notification card of six letters
    /// stands for all parcels of a shipment.
    fn units(&self, asked: &str, references: bool) -> Vec<(&Sold, &Unit)> {
        let mut all = Vec::new();
        for (index, sold) in self.sold.iter().enumerate() {
            let card = references && asked == card(index);
            for unit in &sold.units {
                let number = asked == unit.number || asked == story::barcode(&unit.number);
                let id = references && asked == unit.track_id;
                if card || number || id {
                    all.push((sold, unit));
                }
            }
        }
        all
    }

    fn parcel(
        &self,
        asked: &str,
        sold: &Sold,
        unit: &Unit,
        now: OffsetDateTime,
        events: bool,
    ) -> Value {
        let told = unit.told(now);
        let last = story::newest(&told);
        let at = last.map(|last| written(last.at, country(last, sold)));
        let mut parcel = json!({
            "requested": asked, "unitno": unit.number,
            "status": story::status(&told, now), "statusDateTime": at,
        });
        if events {
            // Newest first.
            let all = told.iter().rev().map(|happening| self.event(happening, sold));
            parcel["events"] = all.collect();
        }
        parcel
    }

    fn event(&self, happening: &Happening, sold: &Sold) -> Value {
        let (_, code, words) = story::told(happening.milestone);
        let consignee = sold.body.pointer("/Shipment/Consignee/Address");
        // The town is mostly kept empty.
        let seconds = happening.at.unix_timestamp().unsigned_abs();
        let named = happening.site == Site::Destination
            && luck::draw(self.options.seed, "town", seconds).is_multiple_of(4);
        let part = |name: &str| {
            let value = consignee.and_then(|address| address.get(name)).filter(|_| named);
            value.and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let country = country(happening, sold);
        json!({
            "code": code, "city": part("City"), "postalCode": part("ZIPCode"),
            "country": country, "description": words,
            "eventDateTime": written(happening.at, country),
        })
    }

    /// The shop a parcel waits at, against the postcode of its address.
    fn shop(&self, number: &str, request: &SimRequest) -> Result<HttpResponse, HttpResponse> {
        let found = self.units(number, false);
        let Some((sold, unit)) = found.first() else {
            return Err(problem(404, "Not Found", "E_404_01"));
        };
        let address = sold.body.pointer("/Shipment/Consignee/Address").unwrap_or(&Value::Null);
        if super::refuse::zip(address) != query(request, "originaldestinationpostalcode") {
            return Err(problem(400, "Bad Request", "E_400_03"));
        }
        if story::status(&unit.told(request.now), request.now) != "DELIVEREDPS" {
            return Err(problem(404, "Not Found", "E_404_02"));
        }
        let id = format!("GLS_{}-2500000001", sold.to);
        let body = json!({ "parcelshopDelivery": { "parcelshopId": id, "partnerId": sold.to } });
        Ok(crate::sim::http::json(200, &body))
    }
}

/// Where it happened.
fn country<'a>(happening: &Happening, sold: &'a Sold) -> &'a str {
    match happening.site {
        Site::Origin => &sold.from,
        Site::Border | Site::Destination => &sold.to,
    }
}

/// Six letters of a shipment.
fn card(index: usize) -> String {
    format!("C{:05}", index % 100_000)
}

fn test_parcel(asked: &str, prefix: &str, now: OffsetDateTime) -> Option<Value> {
    let index: usize = asked.strip_prefix(prefix)?.parse().ok()?;
    let status = TEST.get(index.checked_sub(1)?)?;
    let at = |hours| written(now - Duration::hours(hours), "DE");
    Some(json!({
        "requested": asked, "unitno": asked, "status": status, "statusDateTime": at(1),
        "events": [{ "code": "INTIAL.PREADVICE", "city": "", "postalCode": "", "country": "DE",
                     "description": "GLS has the data of the parcel.", "eventDateTime": at(20) }],
    }))
}

fn codes() -> HttpResponse {
    use crate::sim::journey::Milestone as M;
    let all = [M::Announced, M::Collected, M::Sorted, M::Left, M::OnTheRound, M::AtPoint]
        .into_iter()
        .chain([M::Delivered, M::Absent, M::BadAddress, M::Refused, M::Expired, M::Voided]);
    let list: Vec<Value> = all
        .map(story::told)
        .map(|(_, code, words)| json!({ "code": code, "description": words }))
        .collect();
    crate::sim::http::json(200, &json!({ "eventsCodes": list }))
}
