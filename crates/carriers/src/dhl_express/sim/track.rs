//! MyDHL tracking: by waybill, by piece, by reference.

use serde_json::{Value, json};
use time::{OffsetDateTime, macros::datetime};

use super::{
    DhlSim, Failure, REFERENCE_DELAY,
    ship::{Piece, Place, Sold},
    story::{self, area, date},
};
use crate::{
    HttpResponse,
    sim::{
        SimRequest,
        http::{self, queries, query},
        journey::{Happening, Lane, journey, told},
        luck::draw,
    },
};

/// Most numbers of one question.
const NUMBERS_MAX: usize = 200;
/// The only numbers that the test environment tracks.
const TEST_WAYBILLS: [&str; 15] = [
    "9356579890",
    "4818240420",
    "5584773180",
    "5786694550",
    "2449648740",
    "5980622760",
    "5980622970",
    "5980623180",
    "5980770460",
    "6781059250",
    "9077880070",
    "5786694760",
    "7957673080",
    "5786696720",
    "8066924740",
];
/// Their stories are old and do not move.
const TEST_SOLD: OffsetDateTime = datetime!(2026-10-05 09:00 UTC);

fn unknown() -> Failure {
    Failure::new(404, "Not data found", "7163: No Shipments Found")
}

impl DhlSim {
    pub(super) fn track_one(
        &self,
        number: &str,
        request: &SimRequest,
        test: bool,
    ) -> Result<HttpResponse, Failure> {
        if test && TEST_WAYBILLS.contains(&number) {
            let sold = self.test_shipment(number);
            return Ok(answer(vec![self.shipment(&sold, request, offsets(request))]));
        }
        // By waybill only: pieces have their own question.
        let sold = self.sold.iter().find(|sold| sold.waybill == number).ok_or_else(unknown)?;
        Ok(answer(vec![self.shipment(sold, request, offsets(request))]))
    }

    pub(super) fn track_many(&self, request: &SimRequest) -> Result<HttpResponse, Failure> {
        if !query(request, "shipmentReference").is_empty() {
            return self.by_reference(request);
        }
        let (waybills, pieces) =
            (queries(request, "shipmentTrackingNumber"), queries(request, "pieceTrackingNumber"));
        if waybills.len() + pieces.len() > NUMBERS_MAX {
            return Err(Failure::new(400, "Bad request", "998: At most 200 numbers"));
        }
        if waybills.is_empty() && pieces.is_empty() {
            let detail = "Missing mandatory parameters: shipmentTrackingNumber";
            return Err(Failure::new(400, "Missing parameters", detail));
        }
        let mut found: Vec<usize> = Vec::new();
        for number in waybills.iter().chain(&pieces) {
            let index = self.by_number.get(number).map(|(index, _)| *index);
            found.extend(index.filter(|index| !found.contains(index)));
        }
        let sold = found.iter().filter_map(|index| self.sold.get(*index));
        // The offset is told to questions about one number only.
        let one = waybills.len() + pieces.len() == 1 && offsets(request);
        let shipments: Vec<Value> = sold.map(|sold| self.shipment(sold, request, one)).collect();
        if shipments.is_empty() { Err(unknown()) } else { Ok(answer(shipments)) }
    }

    fn by_reference(&self, request: &SimRequest) -> Result<HttpResponse, Failure> {
        let part = |name: &str| query(request, name);
        for name in
            ["shipmentReferenceType", "shipperAccountNumber", "dateRangeFrom", "dateRangeTo"]
        {
            if part(name).is_empty() {
                let detail = format!("Missing mandatory parameters: {name}");
                return Err(Failure::new(400, "Missing parameters", detail));
            }
        }
        let (from, to) = (part("dateRangeFrom"), part("dateRangeTo"));
        let (reference, account) = (part("shipmentReference"), part("shipperAccountNumber"));
        let fits = |sold: &&Sold| {
            let day = date(sold.at);
            sold.references.contains(&reference)
                && sold.account == account
                && from <= day
                && day <= to
                && sold.at + REFERENCE_DELAY <= request.now
        };
        let found = self.sold.iter().filter(fits);
        let shipments: Vec<Value> =
            found.map(|sold| self.shipment(sold, request, offsets(request))).collect();
        if shipments.is_empty() {
            let detail = format!("No Shipments Found for ReferenceID | {reference}");
            return Err(Failure::new(404, "Not data found", detail));
        }
        Ok(answer(shipments))
    }

    /// Names and places of the parties are blank, as they are for privacy.
    fn shipment(&self, sold: &Sold, request: &SimRequest, with_offset: bool) -> Value {
        let level = query(request, "levelOfDetail");
        let scans = |piece: &Piece| self.scans(sold, piece, request.now, with_offset);
        let mut shipment = json!({
            "shipmentTrackingNumber": sold.waybill,
            "status": "Success",
            "shipmentTimestamp": format!("{}T17:00:00", date(sold.at)),
            "productCode": sold.product,
            "description": sold.description,
            "shipperDetails": party(&sold.from),
            "receiverDetails": party(&sold.to),
            "unitOfMeasurements": "metric",
            "shipperReferences": sold.references.iter()
                .map(|value| json!({ "value": value, "typeCode": "CU" })).collect::<Vec<_>>(),
            "events": if level == "piece" { Vec::new() } else {
                sold.pieces.first().map(scans).unwrap_or_default()
            },
            "numberOfPieces": sold.pieces.len(),
        });
        if level == "all" || level == "piece" {
            let piece = |piece: &Piece| {
                let events = if sold.pieces.len() == 1 { Vec::new() } else { scans(piece) };
                json!({ "trackingNumber": piece.number, "typeCode": "box", "events": events })
            };
            let pieces: Vec<Value> = sold.pieces.iter().map(piece).collect();
            if let Some(shipment) = shipment.as_object_mut() {
                shipment.insert("pieces".to_owned(), Value::Array(pieces));
            }
        }
        shipment
    }

    /// In no particular order: the seed decides whether the newest or the oldest comes first.
    fn scans(&self, sold: &Sold, piece: &Piece, now: OffsetDateTime, offset: bool) -> Vec<Value> {
        let told = told(&piece.scans, now);
        let event = |scan: &Happening| story::event(sold, scan, offset);
        let mut events: Vec<Value> = told.iter().filter_map(event).collect();
        if draw(self.options.seed, &piece.number, 7).is_multiple_of(2) {
            events.reverse();
        }
        events
    }

    /// One of the test environment's own numbers, the same for every seed.
    fn test_shipment(&self, number: &str) -> Sold {
        let options = crate::sim::SimOptions { seed: 15, ..self.options };
        let place = |city: &str, country: &str| Place {
            city: city.to_owned(),
            country: country.to_owned(),
        };
        let lane = Lane::between("DE", "FR", false);
        let scans = journey(&options, number, lane, TEST_SOLD, None);
        Sold {
            waybill: number.to_owned(),
            pieces: vec![Piece { number: format!("JD0146{number:0>14}"), scans }],
            references: vec!["TEST".to_owned()],
            account: String::new(),
            from: place("Bonn", "DE"),
            to: place("Lyon", "FR"),
            product: "U".to_owned(),
            description: "Test".to_owned(),
            at: TEST_SOLD,
        }
    }
}

fn offsets(request: &SimRequest) -> bool {
    query(request, "requestGMTOffsetPerEvent") == "true"
}

fn party(place: &Place) -> Value {
    json!({
        "name": "",
        "postalAddress": {
            "cityName": "", "countyName": "", "postalCode": "", "countryCode": place.country,
        },
        "serviceArea": [{
            "code": area(&place.city),
            "description": format!("{}-{}", place.city, place.country),
        }],
    })
}

fn answer(shipments: Vec<Value>) -> HttpResponse {
    http::json(200, &json!({ "shipments": shipments }))
}

#[cfg(test)]
mod tests {
    use crate::dhl_express::sim::ship::waybill;

    #[test]
    fn a_waybill_ends_in_its_remainder_by_seven() {
        assert_eq!(waybill(123_456_789), "1234567891");
    }
}
