//! Answers of the Track API.

use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};

use super::{Failure, FedexSim, account, list, parse_day, ship};
use crate::sim::{
    clock,
    http::text,
    journey::{self, Happening, Milestone, Site},
    luck::chance,
};
use ship::{Piece, Place, Sold};

/// After a purchase, until its reference can be searched.
const REFERENCE_DELAY: Duration = Duration::minutes(4);
const NUMBERS_MAX: usize = 30;

impl FedexSim {
    pub(super) fn track(&mut self, body: &Value, now: OffsetDateTime) -> Result<Value, Failure> {
        let asked = list(body, "/trackingInfo");
        let numbers = asked.iter().map(|each| text(each, "/trackingNumberInfo/trackingNumber"));
        let numbers: Vec<&str> = numbers.collect();
        if numbers.is_empty() || numbers.iter().all(|number| number.is_empty()) {
            let message = "Please provide a tracking number";
            return Err(Failure::invalid("TRACKING.TRACKINGNUMBER.EMPTY", message));
        }
        if numbers.len() > NUMBERS_MAX {
            let message = "At most 30 tracking numbers";
            return Err(Failure::invalid("TRACKING.TRACKINGINFO.TOOMANY", message));
        }
        let detailed = body.pointer("/includeDetailedScans") == Some(&Value::Bool(true));
        let each = |number: &&str| {
            let results = match self.by_number.get(*number) {
                Some(&(index, position)) => self.lives(index, position, now, detailed),
                None => vec![unknown(number, "TRACKING.TRACKINGNUMBER.NOTFOUND")],
            };
            json!({ "trackingNumber": number, "trackResults": results })
        };
        let all: Vec<Value> = numbers.iter().map(each).collect();
        Ok(json!({ "completeTrackResults": all }))
    }

    /// This journey, and for a recycled number an older one, in either order.
    fn lives(
        &self,
        index: usize,
        position: usize,
        now: OffsetDateTime,
        detailed: bool,
    ) -> Vec<Value> {
        let Some(sold) = self.sold.get(index) else {
            return Vec::new();
        };
        let Some(piece) = sold.pieces.get(position) else {
            return Vec::new();
        };
        let mut lives = vec![result(sold, piece, position, now, detailed)];
        let luck = chance(self.options.seed, &piece.number, 77);
        if luck < 0.06 {
            let at = usize::from(luck < 0.03);
            lives.insert(at, former(sold, piece));
        }
        lives
    }

    pub(super) fn references(
        &mut self,
        body: &Value,
        now: OffsetDateTime,
    ) -> Result<Value, Failure> {
        let asked = body.pointer("/referencesInformation").unwrap_or(&Value::Null);
        let (kind, value) = (text(asked, "/type"), text(asked, "/value"));
        if kind.is_empty() || value.is_empty() {
            let message = "Please provide a reference";
            return Err(Failure::invalid("TRACKING.REFERENCEVALUE.EMPTY", message));
        }
        let account = account(asked, "/accountNumber")?;
        let from = parse_day(text(asked, "/shipDateBegin"));
        let to = parse_day(text(asked, "/shipDateEndDate"));
        let mut results = Vec::new();
        for sold in &self.sold {
            let day = parse_day(&sold.day);
            let within =
                from.is_none_or(|from| day >= Some(from)) && to.is_none_or(|to| day <= Some(to));
            if !within || sold.account != account || now - sold.at < REFERENCE_DELAY {
                continue;
            }
            for (position, piece) in sold.pieces.iter().enumerate() {
                if piece.references.iter().any(|(k, v)| k == kind && v == value) {
                    results.push(result(sold, piece, position, now, true));
                }
            }
        }
        if results.is_empty() {
            results.push(unknown("", "TRACKING.REFERENCENUMBER.NOTFOUND"));
        }
        // One entry per number, in no promised order.
        let entry = |result: Value| {
            let number = text(&result, "/trackingNumberInfo/trackingNumber").to_owned();
            json!({ "trackingNumber": number, "trackResults": [result] })
        };
        let all: Vec<Value> = results.into_iter().rev().map(entry).collect();
        Ok(json!({ "completeTrackResults": all }))
    }
}

fn unknown(number: &str, code: &str) -> Value {
    json!({
        "trackingNumberInfo": { "trackingNumber": number },
        "error": { "code": code, "message": "It cannot be found." },
    })
}

/// FedEx's code of an event, its coarse state, its words here, and an exception's code.
const fn told(milestone: Milestone) -> (&'static str, &'static str, &'static str, &'static str) {
    use Milestone as M;
    match milestone {
        M::Announced => ("OC", "IN", "Label made, parcel expected", ""),
        M::Collected => ("PU", "PU", "Taken by the driver", ""),
        M::Sorted => ("AR", "IT", "At the first site", ""),
        M::Left => ("DP", "IT", "Left the first site", ""),
        M::Late => ("DY", "DY", "Running late", ""),
        // No code of delay: only the detail beside it tells.
        M::Weather => ("IT", "IT", "On the way", ""),
        M::Customs => ("CP", "IT", "Customs are looking at it", ""),
        M::CustomsHold => ("CD", "CD", "Customs want something", "71"),
        M::Cleared => ("CC", "IT", "Cleared", ""),
        M::Landed => ("AR", "IT", "Reached the country", ""),
        M::Arrived => ("FD", "IT", "At the last site", ""),
        M::OnTheRound => ("OD", "IT", "On the van", ""),
        M::Absent => ("DE", "DE", "Could not be handed over", "08"),
        M::BadAddress => ("DE", "DE", "Could not be handed over", "03"),
        M::Refused => ("DE", "DE", "Could not be handed over", "07"),
        M::AtPoint => ("HL", "HL", "Waits at the counter", ""),
        M::Expired => ("SE", "SE", "Was not collected", ""),
        M::Delivered => ("DL", "DL", "Handed over", ""),
        M::CollectedAtPoint => ("DL", "DL", "Handed over at the counter", ""),
        M::Returning => ("RS", "RS", "Going back", ""),
        M::BackWithSender => ("DL", "DL", "Handed to the sender", ""),
        M::Lost => ("SE", "SE", "Searched for and not found", ""),
        M::Voided => ("CA", "CA", "Label cancelled", ""),
        M::Unheard => ("QZ", "IT", "Something happened", ""),
    }
}

const fn exception(code: &str) -> &'static str {
    match code.as_bytes() {
        b"08" => "Nobody there",
        b"03" => "Address unknown",
        b"07" => "Not wanted",
        b"71" => "Papers missing",
        _ => "",
    }
}

fn place<'a>(scan: &Happening, sold: &'a Sold) -> &'a Place {
    if scan.site == Site::Origin { &sold.from } else { &sold.to }
}

/// With the offset of the place, which FedEx states in scans.
fn stamp(at: OffsetDateTime, country: &str) -> String {
    let local = clock::local(at, country);
    let (hours, minutes, _) = local.offset().as_hms();
    let sign = if local.offset().is_negative() { '-' } else { '+' };
    let offset = format!("{sign}{:02}:{:02}", hours.unsigned_abs(), minutes.unsigned_abs());
    format!("{}{offset}", plain(local))
}

fn plain(local: OffsetDateTime) -> String {
    let time = local.time();
    let day = super::day(local.date());
    format!("{day}T{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}

fn late(milestone: Milestone) -> Option<Value> {
    let kind = match milestone {
        Milestone::Weather => "WEATHER",
        Milestone::CustomsHold => "CLEARANCE",
        Milestone::Late => "GENERAL",
        _ => return None,
    };
    Some(json!({ "type": kind, "status": "DELAYED" }))
}

fn event(scan: &Happening, sold: &Sold) -> Value {
    let (code, derived, words, reason) = told(scan.milestone);
    let place = place(scan, sold);
    let border = scan.site == Site::Border;
    let mut event = json!({
        "date": stamp(scan.at, &place.country),
        "eventType": code,
        "eventDescription": words,
        "exceptionCode": reason,
        "exceptionDescription": exception(reason),
        "scanLocation": {
            "city": if border { "" } else { &place.city },
            "stateOrProvinceCode": if border { "" } else { &place.state },
            "postalCode": if border { "" } else { &place.postcode },
            "countryCode": place.country,
        },
        "derivedStatusCode": derived,
    });
    if let (Some(members), Some(late)) = (event.as_object_mut(), late(scan.milestone)) {
        members.insert("delayDetail".to_owned(), late);
    }
    event
}

fn result(
    sold: &Sold,
    piece: &Piece,
    position: usize,
    now: OffsetDateTime,
    detailed: bool,
) -> Value {
    let told_now = journey::told(&piece.journey, now);
    let newest = told_now.iter().max_by_key(|scan| scan.at);
    let events: Vec<Value> = told_now.iter().rev().map(|scan| event(scan, sold)).collect();
    let mut members = Map::new();
    let mut insert = |name: &str, value: Value| members.insert(name.to_owned(), value);
    insert("trackingNumberInfo", number_info(&piece.number, &sold.day));
    insert(
        "packageDetails",
        json!({ "sequenceNumber": (position + 1).to_string(), "count": sold.pieces.len() }),
    );
    if let Some(newest) = newest {
        let (code, derived, words, _) = told(newest.milestone);
        let mut latest = json!({ "code": code, "derivedCode": derived, "description": words });
        if let (Some(latest), Some(late)) = (latest.as_object_mut(), late(newest.milestone)) {
            latest.insert("delayDetail".to_owned(), late);
        }
        insert("latestStatusDetail", latest);
    }
    insert("dateAndTimes", dates(sold, piece, newest).into());
    insert("scanEvents", if detailed { events.into() } else { json!([]) });
    let back =
        piece.journey.iter().any(|scan| scan.milestone == Milestone::Returning && scan.told <= now);
    if back {
        let reason = json!({ "type": "RETURN", "description": "Sent back" });
        insert("returnDetail", json!({ "reasonDetail": [reason] }));
    }
    if newest.is_some_and(|scan| told(scan.milestone).0 == "DL") {
        insert("deliveryDetails", json!({ "receivedByName": "E.EXEMPLE", "deliveryAttempts": 1 }));
    }
    Value::Object(members)
}

fn number_info(number: &str, day: &str) -> Value {
    let julian = parse_day(day).map(|day| day.to_julian_day()).unwrap_or_default();
    json!({
        "trackingNumber": number,
        "trackingNumberUniqueId": format!("{julian}000~{number}~FX"),
        "carrierCode": "FDXE",
    })
}

/// Without offsets, unlike the scans.
fn dates(sold: &Sold, piece: &Piece, newest: Option<&Happening>) -> Vec<Value> {
    let date = |kind: &str, text: String| json!({ "type": kind, "dateTime": text });
    let mut dates = vec![date("SHIP", format!("{}T00:00:00", sold.day))];
    let ends = |scan: &&Happening| told(scan.milestone).0 == "DL";
    let end = piece.journey.iter().find(ends);
    let local = |scan: &Happening| clock::local(scan.at, &place(scan, sold).country);
    match (newest.filter(ends), end) {
        (Some(done), _) => dates.push(date("ACTUAL_DELIVERY", plain(local(done)))),
        (None, Some(end)) => {
            let day = super::day(local(end).date());
            dates.push(date("ESTIMATED_DELIVERY", format!("{day}T18:00:00")));
        }
        (None, None) => {}
    }
    dates
}

/// The number's life before it was recycled.
fn former(sold: &Sold, piece: &Piece) -> Value {
    let at = sold.at - Duration::days(500);
    let scan = |days: i64, code: &str, words: &str| {
        json!({
            "date": stamp(at + Duration::days(days), "US"),
            "eventType": code,
            "eventDescription": words,
            "scanLocation": {
                "city": "SPRINGFIELD",
                "stateOrProvinceCode": "IL",
                "countryCode": "US",
            },
        })
    };
    let day = ship::utc_day(at);
    json!({
        "trackingNumberInfo": number_info(&piece.number, &day),
        "latestStatusDetail": { "code": "DL", "derivedCode": "DL", "description": "Handed over" },
        "dateAndTimes": [{ "type": "SHIP", "dateTime": format!("{day}T00:00:00") }],
        "scanEvents": [scan(3, "DL", "Handed over"), scan(0, "PU", "Taken by the driver")],
    })
}
