//! Answers of the Track API.

use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime, UtcOffset};

use super::{
    Failure, UpsSim, clock, day, header, query, reply,
    script::{Gmt, Happening, Place, Site},
    ship::{Piece, Sold},
    unescape,
};
use crate::{HttpResponse, sim::SimRequest};

/// UPS forgets a parcel after this time.
const KEPT: Duration = Duration::days(120);

impl UpsSim {
    pub(super) fn track(
        &mut self,
        number: &str,
        request: &SimRequest,
    ) -> Result<HttpResponse, Failure> {
        let number = inquiry(number, request)?;
        let Some((sold, position)) = self.known(&number, request.now) else {
            return Ok(reply(200, &not_found(&number)));
        };
        // The whole shipment answers, and not in the order that was asked for.
        let mut packages: Vec<Value> = Vec::new();
        for (index, piece) in sold.pieces.iter().enumerate().rev() {
            if index == position || sold.pieces.len() <= 3 {
                packages.push(package(sold, piece, request.now));
            }
        }
        Ok(reply(200, &shipment(&number, packages)))
    }

    pub(super) fn track_shipment(
        &mut self,
        number: &str,
        request: &SimRequest,
    ) -> Result<HttpResponse, Failure> {
        let number = inquiry(number, request)?;
        let Some((sold, _)) = self.known(&number, request.now) else {
            return Ok(reply(200, &not_found(&number)));
        };
        let parameter = |name, default| {
            query(request, name).and_then(|text| text.parse().ok()).unwrap_or(default)
        };
        let pieces = sold.pieces.iter().skip(parameter("offset", 0)).take(parameter("count", 50));
        let packages = pieces.map(|piece| package(sold, piece, request.now)).collect();
        Ok(reply(200, &shipment(&number, packages)))
    }

    pub(super) fn track_reference(
        &mut self,
        reference: &str,
        request: &SimRequest,
    ) -> Result<HttpResponse, Failure> {
        required(request)?;
        let reference = unescape(reference);
        let shipper = query(request, "shipperNum").unwrap_or_default();
        let now = request.now;
        let from =
            query(request, "fromPickUpDate").unwrap_or_else(|| day(now - Duration::days(14)));
        let to = query(request, "toPickUpDate").unwrap_or_else(|| day(now));
        let mut shipments: Vec<usize> =
            self.carrying(&reference, &shipper, request).into_iter().map(|(at, _)| at).collect();
        shipments.dedup();
        let told = |index: usize| {
            let sold = self.sold.get(index)?;
            let announced = day(sold.at);
            (from <= announced && announced <= to).then_some(())?;
            let packages = sold.pieces.iter().map(|piece| package(sold, piece, now));
            let packages: Vec<Value> = packages.collect();
            Some(json!({ "inquiryNumber": sold.number, "package": packages }))
        };
        let all: Vec<Value> = shipments.into_iter().filter_map(told).collect();
        if all.is_empty() {
            return Err(Failure::new(404, "TW0001", "Tracking Information Not Found"));
        }
        Ok(reply(200, &json!({ "trackResponse": { "shipment": all } })))
    }

    pub(super) fn known(&self, number: &str, now: OffsetDateTime) -> Option<(&Sold, usize)> {
        let &(index, position) = self.by_number.get(number)?;
        let sold = self.sold.get(index)?;
        (now - sold.at <= KEPT).then_some((sold, position))
    }
}

/// Both headers are required here.
fn required(request: &SimRequest) -> Result<(), Failure> {
    for name in ["transid", "transactionsrc"] {
        if header(request, name).unwrap_or_default().is_empty() {
            return Err(Failure::new(400, "400", format!("Missing {name}")));
        }
    }
    Ok(())
}

fn inquiry(number: &str, request: &SimRequest) -> Result<String, Failure> {
    required(request)?;
    let number = unescape(number);
    if (7..=34).contains(&number.chars().count()) {
        Ok(number)
    } else {
        Err(Failure::new(400, "TV1002", "Inquiry number is too short or too long"))
    }
}

fn shipment(number: &str, packages: Vec<Value>) -> Value {
    let shipment = json!({ "inquiryNumber": number, "package": packages });
    json!({ "trackResponse": { "shipment": [shipment] } })
}

fn not_found(number: &str) -> Value {
    let warning = json!({ "code": "TW0001", "message": "Tracking Information Not Found" });
    let shipment = json!({ "inquiryNumber": number, "warnings": [warning] });
    json!({ "trackResponse": { "shipment": [shipment] } })
}

fn package(sold: &Sold, piece: &Piece, now: OffsetDateTime) -> Value {
    let known = piece.scans.iter().rev().filter(|scan| scan.told <= now);
    let mut told: Vec<&Happening> = known.collect();
    // Newest first; a scan that was told late stands where it happened.
    told.sort_by_key(|scan| std::cmp::Reverse(scan.at));
    let newest = told.first().copied();
    for index in 1..told.len() {
        if told.get(index).is_some_and(|scan| scan.misplaced) {
            told.swap(index - 1, index);
        }
    }
    let mut activity: Vec<Value> = Vec::new();
    for scan in &told {
        for _ in 0..=usize::from(scan.twice) {
            activity.push(event(scan, sold));
        }
    }
    let reference = |number: &String| json!({ "type": "SHIPMENT", "number": number });
    let references: Vec<Value> = sold.references.iter().map(reference).collect();
    let mut package = json!({
        "trackingNumber": piece.number,
        "packageCount": sold.pieces.len(),
        "activity": activity,
        "packageAddress": [address("ORIGIN", &sold.from), address("DESTINATION", &sold.to)],
        "referenceNumber": references,
        "service": { "code": sold.service, "levelCode": format!("0{}", sold.service) },
        "weight": {
            "unitOfMeasurement": "KGS",
            "weight": format!("{}.{:02}", piece.weight_g / 1000, piece.weight_g % 1000 / 10),
        },
    });
    if let (Some(members), Some(newest)) = (package.as_object_mut(), newest) {
        members.insert("currentStatus".to_owned(), status(newest));
        promise(members, sold, piece, newest);
    }
    package
}

/// Delivered on a day, or promised for one.
fn promise(members: &mut Map<String, Value>, sold: &Sold, piece: &Piece, newest: &Happening) {
    let end = piece.scans.iter().rev().find(|scan| scan.kind == "D");
    let local = |scan: &Happening| scan.at.to_offset(place(scan, sold).offset(scan.at).0);
    let (dates, time) = match (end, newest.kind) {
        (_, "D") => {
            let at = local(newest);
            (
                json!([{ "type": "DEL", "date": day(at) }]),
                json!({ "type": "DEL", "endTime": clock(at) }),
            )
        }
        (Some(end), "X") => {
            let scheduled = day(local(end) - Duration::days(1));
            (
                json!([
                    { "type": "SDD", "date": scheduled },
                    { "type": "RDD", "date": day(local(end)) },
                ]),
                json!({ "type": "EOD" }),
            )
        }
        (Some(end), _) => {
            (json!([{ "type": "SDD", "date": day(local(end)) }]), json!({ "type": "EOD" }))
        }
        (None, _) => return,
    };
    members.insert("deliveryDate".to_owned(), dates);
    members.insert("deliveryTime".to_owned(), time);
    if newest.kind == "D" {
        let who = json!({ "receivedBy": "EXEMPLE", "location": "Reception" });
        members.insert("deliveryInformation".to_owned(), who);
    }
}

fn address(kind: &str, place: &Place) -> Value {
    json!({
        "type": kind,
        "address": {
            "city": place.city,
            "stateProvince": place.state,
            "postalCode": place.postcode,
            "countryCode": place.country,
            "country": place.country,
        },
    })
}

fn status(scan: &Happening) -> Value {
    json!({
        "type": scan.kind,
        "code": scan.letters,
        "statusCode": format!("{:03}", scan.code),
        "description": scan.words,
        "simplifiedTextDescription": scan.words,
    })
}

/// Where a scan happened.
pub(super) fn place<'a>(scan: &Happening, sold: &'a Sold) -> &'a Place {
    if scan.site == Site::Origin { &sold.from } else { &sold.to }
}

fn event(scan: &Happening, sold: &Sold) -> Value {
    let place = place(scan, sold);
    let (offset, _) = place.offset(scan.at);
    let local = scan.at.to_offset(offset);
    let gmt = scan.at.to_offset(UtcOffset::UTC);
    let city = if scan.site == Site::Border { "" } else { place.city.as_str() };
    let postcode = if scan.site == Site::Door { place.postcode.as_str() } else { "" };
    let mut event = json!({
        "location": { "address": {
            "city": city,
            "stateProvince": place.state,
            "postalCode": postcode,
            "countryCode": place.country,
            "country": place.country,
        }, "slic": "1000" },
        "status": status(scan),
        "date": day(local),
        "time": clock(local),
        "logicalScan": !scan.is_physical(),
    });
    if let (Some(members), true) = (event.as_object_mut(), scan.gmt != Gmt::Absent) {
        let time = clock(gmt);
        let unpadded = time.trim_start_matches('0');
        let time = if scan.gmt == Gmt::Unpadded { unpadded } else { &time };
        members.insert("gmtDate".to_owned(), day(gmt).into());
        members.insert("gmtTime".to_owned(), time.into());
        members.insert("gmtOffset".to_owned(), offset_text(offset, ':').into());
    }
    event
}

/// `+01:00`, with the separator of the interface.
pub(super) fn offset_text(offset: UtcOffset, separator: char) -> String {
    let (hours, minutes, _) = offset.as_hms();
    let sign = if offset.is_negative() { '-' } else { '+' };
    format!("{sign}{:02}{separator}{:02}", hours.unsigned_abs(), minutes.unsigned_abs())
}
