//! Unified tracking: all divisions under one roof, each with its habits.
//!
//! Express tells what was sold here. Of the other divisions there is one canned parcel each, which
//! answers to any number: enough to show what their codes and coarse statuses are like.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{
    DhlSim, Failure,
    ship::{Piece, Sold},
    story::{self, date, time_of_day},
};
use crate::{
    HttpResponse,
    sim::{
        SimRequest, clock,
        http::{self, query},
        journey::{Happening, told},
        luck::draw,
    },
};

/// Calls of one key a day, until a customer asks for more.
const CALLS_PER_DAY: u32 = 250;
/// One event in so many lacks its coarse status.
const COARSE_MISSING: u64 = 9;

/// Division, its code, the coarse status beside it, words.
const OTHERS: [(&str, &str, &str, &str); 5] = [
    ("parcel-nl", "DELIVERED_AT_SHIPPER", "transit", ""),
    ("svb", "RETURNED_TO_SENDER", "delivered", "Back with the sender"),
    ("ecommerce-europe", "43", "delivered", "Handed to a shop"),
    ("parcel-de", "The parcel is on its way to the depot", "transit", "On its way"),
    ("ecommerce-ppl", "343", "transit", "Ready at the counter"),
];

/// An error as this interface writes it, without MyDHL's extra members.
fn refuse(status: u16, title: &str, detail: &str) -> HttpResponse {
    http::json(status, &json!({ "title": title, "status": status, "detail": detail }))
}

impl DhlSim {
    pub(super) fn unified(&mut self, request: &SimRequest) -> Result<HttpResponse, Failure> {
        let key = http::header(request, "dhl-api-key").unwrap_or_default().to_owned();
        if key.is_empty() || key.starts_with("wrong") {
            return Ok(refuse(401, "Unauthorized", "Unauthorized for given resource."));
        }
        // The counter starts again at midnight, GMT.
        let calls = self.calls.entry((key, request.now.date())).or_default();
        *calls += 1;
        if *calls > CALLS_PER_DAY {
            let detail = "Too many requests within defined time period, please try again later.";
            return Ok(refuse(429, "Too many requests", detail));
        }
        let (number, service) = (query(request, "trackingNumber"), query(request, "service"));
        if number.is_empty() {
            return Ok(refuse(400, "Bad Request", "trackingNumber is required"));
        }
        let mut shipments = Vec::new();
        if service.is_empty() || service == "express" {
            let found = self.by_number.get(&number);
            let sold = found.and_then(|(index, _)| self.sold.get(*index));
            shipments.extend(sold.map(|sold| self.express(sold, request.now)));
        }
        // Without a division, somebody else's parcel of the same number comes along.
        let strangers = OTHERS.iter().filter(|(division, ..)| match service.as_str() {
            "" => *division == "parcel-nl",
            asked => *division == asked,
        });
        shipments.extend(strangers.map(|other| stranger(&number, other, request.now)));
        if shipments.is_empty() {
            let detail = "No shipment with given tracking number found.";
            return Ok(refuse(404, "No result found", detail));
        }
        let page = json!({
            "url": "", "prevUrl": "", "nextUrl": "", "firstUrl": "", "lastUrl": "",
            "shipments": shipments,
        });
        Ok(http::json(200, &page))
    }

    /// A shipment of Express, newest event first as a rule and not always.
    pub(super) fn express(&self, sold: &Sold, now: OffsetDateTime) -> Value {
        let scans = sold.pieces.first().map(|piece| self.unified_scans(sold, piece, now));
        let events = scans.unwrap_or_default();
        let ids: Vec<&str> = sold.pieces.iter().map(|piece| piece.number.as_str()).collect();
        let announced = json!({
            "timestamp": stamp(sold.at, &sold.from.country),
            "statusCode": "pre-transit",
            "description": "The shipment was announced",
        });
        let address = |place: &super::ship::Place| {
            let locality = format!("{} - {}", place.city.to_uppercase(), place.country);
            json!({ "address": { "addressLocality": locality } })
        };
        json!({
            "id": sold.waybill,
            "service": "express",
            "origin": address(&sold.from),
            "destination": address(&sold.to),
            "status": events.first().cloned().unwrap_or(announced),
            "details": {
                "proofOfDeliverySignedAvailable": false,
                "totalNumberOfPieces": ids.len(),
                "pieceIds": ids,
            },
            "events": events,
        })
    }

    fn unified_scans(&self, sold: &Sold, piece: &Piece, now: OffsetDateTime) -> Vec<Value> {
        let told = told(&piece.scans, now);
        let mut events: Vec<Value> = Vec::new();
        for (scan, position) in told.iter().zip(0..) {
            let missing = draw(self.options.seed, &piece.number, 90 + position)
                .is_multiple_of(COARSE_MISSING);
            events.extend(unified_event(sold, scan, missing));
        }
        events.reverse();
        let swapped = draw(self.options.seed, &piece.number, 8).is_multiple_of(3);
        if swapped && events.len() > 2 {
            events.swap(1, 2);
        }
        events
    }
}

fn stamp(at: OffsetDateTime, country: &str) -> String {
    let local = clock::local(at, country);
    let offset = story::offset(local.offset());
    format!("{}T{}{offset}", date(local), time_of_day(local))
}

/// A scan as unified tracking tells it.
pub(super) fn unified_event(sold: &Sold, scan: &Happening, without_coarse: bool) -> Option<Value> {
    let (code, words) = story::told_as(scan.milestone)?;
    let place = story::place(sold, scan.site);
    let locality = format!("{} - {}", place.city.to_uppercase(), place.country);
    let mut event = json!({
        "timestamp": stamp(scan.at, &place.country),
        "location": { "address": { "addressLocality": locality } },
        "statusCode": story::coarse(code),
        "status": code,
        "description": words,
    });
    if let Some(event) = event.as_object_mut().filter(|_| without_coarse) {
        event.remove("statusCode");
    }
    Some(event)
}

/// Another division's parcel, with a time without zone.
fn stranger(number: &str, other: &(&str, &str, &str, &str), now: OffsetDateTime) -> Value {
    let (service, status, coarse, words) = other;
    let event = json!({
        "timestamp": format!("{}T{}", date(now), "08:15:00"),
        "statusCode": coarse,
        "status": status,
        "description": words,
    });
    json!({
        "id": number,
        "service": service,
        "status": event,
        "details": {},
        "events": [event],
    })
}
