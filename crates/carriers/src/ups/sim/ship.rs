//! Selling and voiding.

use base64::Engine;
use serde_json::{Value, json};
use time::{OffsetDateTime, Time};

use super::{
    Failure, UpsSim, array_rule, at, body, chance, files, list, number, query, reply,
    script::{self, Happening, Place},
    text, validate,
};
use crate::{
    HttpResponse,
    sim::{LedgerEntry, SimRequest},
    ups::BASE64,
};

/// A shipment that was bought.
pub(super) struct Sold {
    /// Number of the first package.
    pub number: String,
    pub shipper: String,
    /// First reference, which the ledger shows.
    pub reference: String,
    pub references: Vec<String>,
    pub at: OffsetDateTime,
    pub service: String,
    pub from: Place,
    pub to: Place,
    pub sender: Vec<String>,
    pub recipient: Vec<String>,
    pub pieces: Vec<Piece>,
    pub voided: Option<OffsetDateTime>,
}

/// A package.
pub(super) struct Piece {
    pub number: String,
    pub weight_g: u32,
    pub scans: Vec<Happening>,
}

impl UpsSim {
    pub(super) fn ship(
        &mut self,
        version: &str,
        request: &SimRequest,
    ) -> Result<HttpResponse, Failure> {
        let root = body(request)?;
        let order = at(&root, &["ShipmentRequest"]);
        validate::shipment(order, request)?;
        let sold = self.sell(order, request.now);
        let code = text(order, &["LabelSpecification", "LabelImageFormat", "Code"]).to_owned();
        let results = results(&sold, order, version, &code);
        let context = at(order, &["Request", "TransactionReference", "CustomerContext"]);
        let answer = json!({ "ShipmentResponse": {
            "Response": envelope(context),
            "ShipmentResults": results,
        }});
        self.enter(sold);
        Ok(reply(200, &answer))
    }

    fn sell(&mut self, order: &Value, now: OffsetDateTime) -> Sold {
        let shipment = at(order, &["Shipment"]);
        let shipper = text(shipment, &["Shipper", "ShipperNumber"]).to_owned();
        let to = at(shipment, &["ShipTo"]);
        // A parcel starts where it is collected, which on the way back is the customer's.
        let from = match at(shipment, &["ShipFrom"]) {
            Value::Null => at(shipment, &["Shipper"]),
            elsewhere => elsewhere,
        };
        let to_point = !at(shipment, &["AlternateDeliveryAddress"]).is_null();
        let packages = list(at(shipment, &["Package"]));
        let mut references: Vec<String> = Vec::new();
        let whole = list(at(shipment, &["ReferenceNumber"])).iter();
        let parts = packages.iter().flat_map(|package| list(at(package, &["ReferenceNumber"])));
        for value in whole.chain(parts).map(|one| text(one, &["Value"]).to_owned()) {
            if !references.contains(&value) {
                references.push(value);
            }
        }
        let (origin, destination) = (Place::of(from), Place::of(to));
        let day = validate::parse_day(text(shipment, &["ShipmentDate"]));
        let ready = day.map(|day| day.with_time(Time::MIDNIGHT).assume_utc());
        let pieces: Vec<Piece> = packages
            .iter()
            .map(|package| {
                self.serial = (self.serial + 1) % 10_000_000;
                let number = number::tracking_number(&shipper, self.serial);
                let lane = script::Lane { from: &origin, to: &destination, to_point };
                let scans = script::write(&self.options, &number, &lane, now, ready);
                Piece { weight_g: grams(package), number, scans }
            })
            .collect();
        Sold {
            number: pieces.first().map(|piece| piece.number.clone()).unwrap_or_default(),
            shipper,
            reference: references.first().cloned().unwrap_or_default(),
            references,
            at: now,
            service: text(shipment, &["Service", "Code"]).to_owned(),
            from: origin,
            to: destination,
            sender: files::address(from),
            recipient: files::address(to),
            pieces,
            voided: None,
        }
    }

    fn enter(&mut self, sold: Sold) {
        let index = self.sold.len();
        for (position, piece) in sold.pieces.iter().enumerate() {
            self.by_number.insert(piece.number.clone(), (index, position));
            self.ledger.push(LedgerEntry {
                kind: "label",
                reference: sold.reference.clone(),
                tracking_number: piece.number.clone(),
                at: sold.at,
            });
            if let Some(end) = piece.scans.iter().map(|scan| scan.told).max() {
                self.remember_end(end);
            }
        }
        for reference in &sold.references {
            self.by_reference.entry(reference.clone()).or_default().push(index);
        }
        self.sold.push(sold);
    }

    pub(super) fn void(
        &mut self,
        version: &str,
        number: &str,
        request: &SimRequest,
    ) -> Result<HttpResponse, Failure> {
        let late =
            || Failure::new(400, "190102", "No shipment found within the allowed void period");
        let &(index, position) = self.by_number.get(number).ok_or_else(late)?;
        if position != 0 {
            return Err(Failure::new(400, "190101", "Not a shipment identification number"));
        }
        let sold = self.sold.get(index).ok_or_else(late)?;
        let now = request.now;
        let age_days = (now - sold.at).whole_days();
        let scanned =
            |piece: &Piece| piece.scans.iter().any(|scan| scan.is_physical() && scan.at <= now);
        if sold.voided.is_none() && (age_days > 28 || sold.pieces.iter().any(scanned)) {
            return Err(late());
        }
        let numbers: Vec<String> = sold.pieces.iter().map(|piece| piece.number.clone()).collect();
        if query(request, "trackingnumber").is_some_and(|asked| {
            numbers.len() > 1 || !numbers.iter().any(|number| asked.contains(number.as_str()))
        }) {
            return Err(Failure::new(400, "190103", "Parcels are voided with their shipment"));
        }
        if sold.voided.is_none() {
            self.cancel(index, now);
        }
        let status = json!({ "Code": "1", "Description": "Voided" });
        let each = |number: &String| json!({ "TrackingNumber": number, "Status": status });
        let packages = array_rule(version, numbers.iter().map(each).collect());
        let answer = json!({ "VoidShipmentResponse": {
            "Response": envelope(&Value::Null),
            "SummaryResult": { "Status": status },
            "PackageLevelResults": packages,
        }});
        Ok(reply(200, &answer))
    }

    fn cancel(&mut self, index: usize, now: OffsetDateTime) {
        let Some(sold) = self.sold.get_mut(index) else {
            return;
        };
        sold.voided = Some(now);
        for piece in &mut sold.pieces {
            piece.scans.retain(|scan| scan.at <= now);
            piece.scans.push(script::voided(now));
            self.ledger.push(LedgerEntry {
                kind: "void",
                reference: sold.reference.clone(),
                tracking_number: piece.number.clone(),
                at: now,
            });
        }
        let numbers = sold.pieces.iter().map(|piece| piece.number.clone());
        for number in numbers.collect::<Vec<_>>() {
            self.watch_again(&number, now);
        }
    }
}

/// The part of every answer that says it went well and returns the caller's context.
pub(super) fn envelope(context: &Value) -> Value {
    let mut envelope = json!({ "ResponseStatus": { "Code": "1", "Description": "Success" } });
    if let (Some(members), false) = (envelope.as_object_mut(), context.is_null()) {
        members.insert("TransactionReference".to_owned(), json!({ "CustomerContext": context }));
    }
    envelope
}

pub(super) fn grams(package: &Value) -> u32 {
    let weight = at(package, &["PackageWeight"]);
    let stated = validate::thousandths(text(weight, &["Weight"])).unwrap_or_default();
    let grams = match text(weight, &["UnitOfMeasurement", "Code"]) {
        "LBS" => stated * 45_359 / 100_000,
        _ => stated,
    };
    u32::try_from(grams).unwrap_or(u32::MAX)
}

fn results(sold: &Sold, order: &Value, version: &str, code: &str) -> Value {
    let grams: u64 = sold.pieces.iter().map(|piece| u64::from(piece.weight_g)).sum();
    let border = if sold.from.country == sold.to.country { 0 } else { 900 };
    let contract = 640 + border + grams.div_ceil(500) * 55;
    // The price of the public list, before the contract's discount of about four tenths.
    let public = contract * 17 / 10;
    let amount = |cents| amount(sold, cents);
    let packages =
        sold.pieces.iter().enumerate().map(|(index, piece)| package(sold, index, piece, code));
    let mut results = json!({
        "ShipmentCharges": {
            "TransportationCharges": amount(public),
            "ServiceOptionsCharges": amount(0),
            "TotalCharges": amount(public),
        },
        "BillingWeight": {
            "UnitOfMeasurement": { "Code": "KGS", "Description": "Kilograms" },
            "Weight": cents_text(grams.div_ceil(500) * 50),
        },
        "ShipmentIdentificationNumber": sold.number,
        "PackageResults": array_rule(version, packages.collect()),
    });
    let shipment = at(order, &["Shipment"]);
    if let Some(members) = results.as_object_mut() {
        let asked = at(shipment, &["ShipmentRatingOptions", "NegotiatedRatesIndicator"]);
        // Some accounts have no contract, whatever they ask for.
        if !asked.is_null() && chance(0, &sold.shipper, 0) < 0.9 {
            let charge = json!({ "TotalCharge": amount(contract) });
            members.insert("NegotiatedRateCharges".to_owned(), charge);
        }
        if !at(shipment, &["ShipmentServiceOptions", "InternationalForms"]).is_null() {
            let paper = BASE64.encode(files::invoice(sold));
            let image = json!({ "ImageFormat": { "Code": "PDF" }, "GraphicImage": paper });
            members.insert("Form".to_owned(), json!({ "Code": "01", "Image": image }));
        }
    }
    results
}

fn amount(sold: &Sold, cents: u64) -> Value {
    amount_of(&sold.from.country, cents)
}

/// Money in the currency of a country.
pub(super) fn amount_of(country: &str, cents: u64) -> Value {
    let currency = match country {
        "US" | "PR" => "USD",
        "GB" => "GBP",
        "CH" => "CHF",
        _ => "EUR",
    };
    json!({ "CurrencyCode": currency, "MonetaryValue": cents_text(cents) })
}

fn package(sold: &Sold, index: usize, piece: &Piece, code: &str) -> Value {
    let mut label = json!({
        "ImageFormat": { "Code": code, "Description": code },
        "GraphicImage": BASE64.encode(files::label(sold, index, code)),
    });
    if let (Some(label), "GIF" | "PNG") = (label.as_object_mut(), code) {
        let page = format!("<html><body>{}</body></html>", piece.number);
        label.insert("HTMLImage".to_owned(), BASE64.encode(page).into());
    }
    json!({
        "TrackingNumber": piece.number,
        "ServiceOptionsCharges": amount(sold, 0),
        "ShippingLabel": label,
    })
}

fn cents_text(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
