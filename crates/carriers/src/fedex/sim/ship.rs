//! Selling, checking and cancelling.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Map, Value, json};
use time::{OffsetDateTime, Time};

use super::{Failure, FedexSim, account, day, list, parse_day, rules};
use crate::{
    LabelFormat,
    sim::{
        LedgerEntry,
        http::text,
        journey::{self, Happening, Lane, Milestone},
        label::Printed,
        luck::chance,
    },
};

/// Above this number of packages the answer is a job.
const SYNCHRONOUS_MAX: usize = 40;

/// A place as the buyer wrote it.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    pub city: String,
    pub state: String,
    pub postcode: String,
    pub country: String,
    lines: Vec<String>,
}

impl Place {
    pub fn of(party: &Value) -> Self {
        let own = |pointer| text(party, pointer).to_owned();
        let street = list(party, "/address/streetLines").iter().filter_map(Value::as_str);
        let mut lines = vec![own("/contact/personName"), own("/contact/companyName")];
        lines.extend(street.map(str::to_owned));
        let (postcode, city) = (own("/address/postalCode"), own("/address/city"));
        lines.push(format!("{postcode} {city}"));
        let country = own("/address/countryCode");
        lines.push(country.clone());
        Self { city, state: own("/address/stateOrProvinceCode"), postcode, country, lines }
    }
}

/// A shipment that was bought.
pub(super) struct Sold {
    pub account: String,
    pub at: OffsetDateTime,
    pub day: String,
    pub service: String,
    pub from: Place,
    pub to: Place,
    pub pieces: Vec<Piece>,
    pub voided: bool,
}

/// A package.
pub(super) struct Piece {
    pub number: String,
    pub weight_g: u32,
    /// Type and value.
    pub references: Vec<(String, String)>,
    pub journey: Vec<Happening>,
}

impl Piece {
    /// The reference that the ledger shows.
    fn reference(&self) -> String {
        let own = self.references.iter().find(|(kind, _)| kind == "CUSTOMER_REFERENCE");
        own.map(|(_, value)| value.clone()).unwrap_or_default()
    }
}

/// A purchase whose answer is asked for later.
pub(super) struct Job {
    id: String,
    account: String,
    output: Value,
}

/// The tracking number of a serial: eleven digits and the weighted one.
#[must_use]
pub fn tracking_number(serial: u64) -> String {
    let digits = format!("{:011}", serial % 100_000_000_000);
    let weighted = digits.bytes().zip([3, 1, 7].into_iter().cycle());
    let sum: u32 = weighted.map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{digits}{}", sum % 11 % 10)
}

impl FedexSim {
    pub(super) fn check(&mut self, body: &Value, now: OffsetDateTime) -> Result<Value, Failure> {
        rules::shipment(body, now)?;
        let note = json!({ "code": "NOTE", "alertType": "NOTE", "message": "It would be sold" });
        Ok(json!({ "alerts": [note] }))
    }

    pub(super) fn ship(&mut self, body: &Value, now: OffsetDateTime) -> Result<Value, Failure> {
        rules::shipment(body, now)?;
        let count = list(body, "/requestedShipment/requestedPackageLineItems").len();
        let later = text(body, "/processingOptionType") == "ALLOW_ASYNCHRONOUS";
        if count > SYNCHRONOUS_MAX && !later {
            let message = "More than 40 packages are answered by a job";
            return Err(Failure::invalid("PACKAGE.COUNT.EXCEEDED", message));
        }
        let sold = self.sell(body, now);
        let links = text(body, "/labelResponseOptions") == "URL_ONLY";
        let image = text(body, "/requestedShipment/labelSpecification/imageType");
        let output = json!({ "transactionShipments": [answer(&sold, image, links)] });
        let account = sold.account.clone();
        self.enter(sold);
        if count <= SYNCHRONOUS_MAX {
            return Ok(output);
        }
        let id = format!("job-{}", self.jobs.len() + 1);
        self.jobs.push(Job { id: id.clone(), account, output });
        Ok(json!({ "jobId": id }))
    }

    pub(super) fn results(&mut self, body: &Value) -> Result<Value, Failure> {
        let account = account(body, "/accountNumber/value")?;
        let id = text(body, "/jobId");
        let found = self.jobs.iter().find(|job| job.id == id && job.account == account);
        let none = || Failure::new(404, "NOT.FOUND.ERROR", "No such job");
        found.map(|job| job.output.clone()).ok_or_else(none)
    }

    fn sell(&mut self, body: &Value, now: OffsetDateTime) -> Sold {
        let order = body.pointer("/requestedShipment").unwrap_or(&Value::Null);
        let from = Place::of(order.pointer("/shipper").unwrap_or(&Value::Null));
        let to = Place::of(order.pointer("/recipients/0").unwrap_or(&Value::Null));
        let special = list(order, "/shipmentSpecialServices/specialServiceTypes");
        let held = special.iter().any(|each| each.as_str() == Some("HOLD_AT_LOCATION"));
        let lane = Lane::between(&from.country, &to.country, held);
        let stated = text(order, "/shipDatestamp");
        let ready = parse_day(stated).map(|day| day.with_time(Time::MIDNIGHT).assume_utc());
        let piece = |package: &Value| {
            self.serial += 1;
            let number = tracking_number(self.serial);
            let reference = |each: &Value| {
                let kind = text(each, "/customerReferenceType").to_owned();
                (kind, text(each, "/value").to_owned())
            };
            Piece {
                weight_g: u32::try_from(rules::grams(package)).unwrap_or(u32::MAX),
                references: list(package, "/customerReferences").iter().map(reference).collect(),
                journey: journey::journey(&self.options, &number, lane, now, ready),
                number,
            }
        };
        let pieces = list(order, "/requestedPackageLineItems").iter().map(piece).collect();
        Sold {
            account: text(body, "/accountNumber/value").to_owned(),
            at: now,
            day: stated.to_owned(),
            service: text(order, "/serviceType").to_owned(),
            from,
            to,
            pieces,
            voided: false,
        }
    }

    fn enter(&mut self, sold: Sold) {
        let index = self.sold.len();
        for (position, piece) in sold.pieces.iter().enumerate() {
            self.by_number.insert(piece.number.clone(), (index, position));
            self.ledger.push(LedgerEntry {
                kind: "label",
                reference: piece.reference(),
                tracking_number: piece.number.clone(),
                at: sold.at,
            });
            if let Some(end) = journey::ends(&piece.journey) {
                self.remember_end(end);
            }
        }
        self.sold.push(sold);
    }

    pub(super) fn cancel(&mut self, body: &Value, now: OffsetDateTime) -> Result<Value, Failure> {
        let account = account(body, "/accountNumber/value")?;
        let unknown = || Failure::new(404, "TRACKING.TRACKINGNUMBER.NOTFOUND", "No such shipment");
        let found = self.by_number.get(text(body, "/trackingNumber")).ok_or_else(unknown)?;
        let sold = self.sold.get_mut(found.0).ok_or_else(unknown)?;
        if sold.account != account {
            return Err(Failure::new(403, "SHIPMENT.USER.UNAUTHORIZED", "Another's shipment"));
        }
        if sold.voided {
            let message = "The shipment was cancelled before";
            let history = sold.pieces.len();
            return Ok(json!({
                "cancelledShipment": false,
                "cancelledHistory": history > 0,
                "message": message,
            }));
        }
        let has = |piece: &Piece| {
            let mut scans = piece.journey.iter();
            scans.any(|scan| scan.milestone != Milestone::Announced && scan.at <= now)
        };
        if sold.pieces.iter().any(has) {
            return Err(Failure::invalid("SHIPMENT.CANCEL.NOTALLOWED", "FedEx has the parcel"));
        }
        sold.voided = true;
        for piece in &mut sold.pieces {
            piece.journey.retain(|scan| scan.at <= now);
            piece.journey.push(journey::voided(now));
            self.ledger.push(LedgerEntry {
                kind: "void",
                reference: piece.reference(),
                tracking_number: piece.number.clone(),
                at: now,
            });
        }
        Ok(json!({
            "cancelledShipment": true,
            "cancelledHistory": true,
            "message": "Shipment is cancelled",
            "alerts": [],
        }))
    }
}

/// Cents of a whole shipment: a base, and a part by the started half kilogram.
pub(super) fn cents(grams: u64, abroad: bool) -> u64 {
    let base = if abroad { 1_890 } else { 790 };
    base + grams.div_ceil(500) * 85
}

pub(super) fn currency(country: &str) -> &'static str {
    match country {
        "US" | "PR" => "USD",
        "CA" => "CAD",
        "GB" => "GBP",
        "CH" => "CHF",
        _ => "EUR",
    }
}

/// An amount as a JSON number. Binary fractions show their cents as FedEx's do.
pub(super) fn major(cents: u64) -> Value {
    let digits = format!("{}.{:02}", cents / 100, cents % 100);
    serde_json::from_str(&digits).unwrap_or(Value::Null)
}

fn answer(sold: &Sold, image: &str, links: bool) -> Value {
    let grams: u64 = sold.pieces.iter().map(|piece| u64::from(piece.weight_g)).sum();
    let net = cents(grams, sold.from.country != sold.to.country);
    let currency = currency(&sold.from.country);
    let master = sold.pieces.first().map(|piece| piece.number.as_str()).unwrap_or_default();
    let piece = |(index, piece): (usize, &Piece)| {
        let mut told = json!({
            "masterTrackingNumber": master,
            "trackingNumber": piece.number,
            "packageSequenceNumber": index + 1,
            "currency": currency,
            "packageDocuments": [document(sold, index, image, links)],
        });
        // All is charged on the first piece.
        let own = if index == 0 { net } else { 0 };
        if let Some(members) = told.as_object_mut() {
            members.insert("netChargeAmount".to_owned(), major(own));
        }
        told
    };
    let mut pieces: Vec<Value> = sold.pieces.iter().enumerate().map(piece).collect();
    // The order of pieces is not promised: some answers turn it.
    if chance(0, master, 9) < 0.3 {
        pieces.reverse();
    }
    let rate = |kind: &str, cents: u64| {
        json!({
            "rateType": kind,
            "totalNetCharge": major(cents),
            "totalNetFedExCharge": major(cents),
            "currency": currency,
        })
    };
    let rates = [rate("LIST", net * 17 / 10), rate("ACCOUNT", net)];
    let mut told = Map::new();
    let mut insert = |name: &str, value: Value| told.insert(name.to_owned(), value);
    insert("masterTrackingNumber", master.into());
    insert("serviceType", sold.service.clone().into());
    insert("shipDatestamp", sold.day.clone().into());
    insert("pieceResponses", pieces.into());
    let rating = json!({ "actualRateType": "ACCOUNT", "shipmentRateDetails": rates });
    insert("completedShipmentDetail", json!({ "shipmentRating": rating }));
    if chance(0, master, 8) < 0.2 {
        let alert =
            json!({ "code": "SHIP.NOTE", "alertType": "NOTE", "message": "Sold with a remark" });
        insert("alerts", json!([alert]));
    }
    Value::Object(told)
}

fn document(sold: &Sold, index: usize, image: &str, links: bool) -> Value {
    let number = sold.pieces.get(index).map(|piece| piece.number.as_str()).unwrap_or_default();
    let mut document = json!({ "contentType": "LABEL", "docType": image, "copiesToPrint": 1 });
    let (name, value) = match links {
        true => ("url", format!("https://labels.example/{number}")),
        false => ("encodedLabel", BASE64.encode(file(sold, index, image))),
    };
    if let Some(members) = document.as_object_mut() {
        members.insert(name.to_owned(), value.into());
    }
    document
}

fn file(sold: &Sold, index: usize, image: &str) -> Vec<u8> {
    let Some(piece) = sold.pieces.get(index) else {
        return Vec::new();
    };
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let printed = Printed {
        carrier: "FedEx",
        service: sold.service.clone(),
        number: piece.number.clone(),
        sender: sold.from.lines.clone(),
        recipient: sold.to.lines.clone(),
        weight_g: piece.weight_g,
        reference: piece.reference(),
        index: count(index + 1),
        count: count(sold.pieces.len()),
    };
    match image {
        "PDF" => printed.file(LabelFormat::Pdf),
        "PNG" => printed.file(LabelFormat::Png),
        "ZPLII" => printed.file(LabelFormat::Zpl),
        _ => printed.file(LabelFormat::Epl),
    }
}

/// The day of an instant, by UTC.
pub(super) fn utc_day(at: OffsetDateTime) -> String {
    day(at.to_offset(time::UtcOffset::UTC).date())
}
