//! `ShipIT`: selling, cancelling, printing again, closing a day, finding, collecting.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value, json};
use time::{Date, OffsetDateTime, Weekday};

use super::{GlsSim, REFERENCE_DELAY, Sold, Unit, answer, refuse, story};
use crate::{
    HttpResponse, LabelFormat, Location,
    sim::{
        LedgerEntry, SimRequest,
        http::{query, text},
        journey::{self, Lane, Milestone},
        label::Printed,
        luck,
    },
    wire::when,
};

/// What is wrong, as issues; nothing is bought.
pub(super) fn validate(body: &Value) -> HttpResponse {
    let issues = match refuse::shipment(body) {
        Ok(()) => Vec::new(),
        Err(refusal) => {
            let told = |name: &str| refusal.header(name).unwrap_or_default().to_owned();
            vec![json!({ "Rule": told("error"), "Location": "Shipment",
                         "Parameters": [told("message")] })]
        }
    };
    answer(&json!({ "Success": issues.is_empty(), "ValidationResult": { "Issues": issues } }))
}

pub(super) fn allowed(body: &Value) -> Result<HttpResponse, HttpResponse> {
    for side in ["Source", "Destination"] {
        if text(body, &format!("/{side}/CountryCode")).is_empty() {
            return Err(refuse::missing(&format!("{side}.CountryCode")));
        }
    }
    if text(body, "/ContactID").is_empty() {
        return Err(refuse::missing("ContactID"));
    }
    let names = ["service_flexdelivery", "service_guaranteed24", "service_shopdelivery"];
    let mut all: Vec<Value> = vec![json!({ "ProductName": "PARCEL" })];
    all.extend(names.iter().map(|name| json!({ "ServiceName": name })));
    Ok(answer(&json!({ "AllowedServices": all })))
}

fn day_of(text: &str) -> Option<Date> {
    when::iso(text.get(..10)?, &Location::default()).0.map(|time| time.local.date())
}

/// A collection comes on a working day, the asked one or the next.
pub(super) fn collection(body: &Value, now: OffsetDateTime) -> Result<HttpResponse, HttpResponse> {
    if text(body, "/ContactID").is_empty() {
        return Err(refuse::missing("ContactID"));
    }
    let day = day_of(text(body, "/PreferredPickUpDate"));
    let mut day = day.ok_or_else(|| refuse::missing("PreferredPickUpDate"))?;
    if day < now.date() {
        return Err(refuse::invalid("PreferredPickUpDate", "The day is over."));
    }
    let count = body.get("NumberOfParcels").and_then(Value::as_u64).unwrap_or_default();
    if count == 0 {
        return Err(refuse::missing("NumberOfParcels"));
    }
    while matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
        day = day.next_day().unwrap_or(day);
    }
    Ok(answer(&json!({ "EstimatedPickUpDate": day.to_string() })))
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let all = value.and_then(Value::as_array).into_iter().flatten();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

impl GlsSim {
    pub(super) fn create(
        &mut self,
        body: &Value,
        request: &SimRequest,
    ) -> Result<HttpResponse, HttpResponse> {
        refuse::shipment(body)?;
        let shipment = body.get("Shipment").unwrap_or(&Value::Null);
        let consignee = text(shipment, "/Consignee/Address/CountryCode").to_owned();
        let own = text(shipment, "/Shipper/AlternativeShipperAddress/CountryCode").to_owned();
        let own = if own.is_empty() { consignee.clone() } else { own };
        let services = shipment.get("Service").and_then(Value::as_array);
        let has = |kind: &str| services.into_iter().flatten().any(|s| s.get(kind).is_some());
        // A fetched return starts at the consignee.
        let (from, to) = if has("PickAndReturn") { (consignee, own) } else { (own, consignee) };
        let lane = Lane::between(&from, &to, has("ShopDelivery")).one_way();
        let ready = day_of(text(shipment, "/ShippingDate"));
        let ready = ready.map(|day| day.midnight().assume_utc());
        let references = strings(shipment.get("ShipmentReference"));
        let mut units = Vec::new();
        for unit in shipment.get("ShipmentUnit").and_then(Value::as_array).into_iter().flatten() {
            let unit = self.unit(unit, lane, request.now, ready);
            self.ledger.push(LedgerEntry {
                kind: "label",
                reference: references.first().cloned().unwrap_or_default(),
                tracking_number: unit.number.clone(),
                at: request.now,
            });
            units.push(unit);
        }
        let at = request.now;
        let body = body.clone();
        let sold = Sold { at, body, references, from, to, units, closed: false };
        let all: Vec<usize> = (0..sold.units.len()).collect();
        let reply = answer(&self.created(&sold, &all, &sold.body));
        self.sold.push(sold);
        Ok(reply)
    }

    fn unit(
        &mut self,
        unit: &Value,
        lane: Lane,
        now: OffsetDateTime,
        ready: Option<OffsetDateTime>,
    ) -> Unit {
        self.serial += 1;
        let number = format!("{:011}", 90_000_000_000 + self.serial);
        let story = journey::journey(&self.options, &number, lane, now, ready);
        if let Some(end) = journey::ends(&story) {
            self.remember_end(end);
        }
        Unit {
            track_id: format!("ZA{}", story::base36(self.serial)),
            reference: strings(unit.get("ShipmentUnitReference"))
                .into_iter()
                .next()
                .unwrap_or_default(),
            kilograms: unit.get("Weight").and_then(Value::as_f64).unwrap_or_default(),
            voided: None,
            number,
            story,
        }
    }

    /// `CreatedShipment` with the labels of some units, printed as `options` asks.
    fn created(&self, sold: &Sold, which: &[usize], options: &Value) -> Value {
        let asked = text(options, "/PrintingOptions/ReturnLabels/LabelFormat");
        let format = match asked {
            "ZEBRA" => LabelFormat::Zpl,
            "DATAMAX" => LabelFormat::Dpl,
            "INTERMEC" => LabelFormat::Ipl,
            "TOSHIBA" => LabelFormat::Tpcl,
            "PNG" => LabelFormat::Png,
            _ => LabelFormat::Pdf,
        };
        let asked = if asked.is_empty() { "PDF" } else { asked };
        let mut data = Vec::new();
        let mut files: Vec<Vec<u8>> = Vec::new();
        for (index, unit) in sold.units.iter().enumerate().filter(|(i, _)| which.contains(i)) {
            files.push(print(sold, index, unit, format));
            data.push(json!({
                "TrackID": unit.track_id,
                "ParcelNumber": unit.number,
                "ShipmentUnitReference": [unit.reference],
                "Barcodes": { "Primary1D": story::barcode(&unit.number), "Primary1DPrint": false },
                "RoutingInfo": { "Tour": "1234", "InboundSortingFlag": "1",
                                 "FinalLocationCode": format!("{}100", sold.to),
                                 "HubLocation": "HUB",
                                 "LastRoutingDate": sold.at.date().to_string() },
            }));
        }
        let first = sold.units.first().map(|unit| unit.number.as_str()).unwrap_or_default();
        let draw = luck::draw(self.options.seed, first, 7) % 3;
        // Labels for a printer may come in one piece; else one entry each, or one entry for all.
        let print_data = match (format, draw) {
            (LabelFormat::Zpl, 0) => {
                json!([{ "Data": [BASE64.encode(files.concat())], "LabelFormat": asked }])
            }
            (_, 1) => files
                .iter()
                .map(|file| json!({ "Data": [BASE64.encode(file)], "LabelFormat": asked }))
                .collect(),
            _ => {
                let all: Vec<String> = files.iter().map(|file| BASE64.encode(file)).collect();
                json!([{ "Data": all, "LabelFormat": asked }])
            }
        };
        json!({ "CreatedShipment": {
            "ShipmentReference": sold.references, "ParcelData": data, "PrintData": print_data,
            "CustomerID": "2500000001", "PickupLocation": format!("{}069", sold.from), "Gdpr": [],
        } })
    }

    pub(super) fn cancel(
        &mut self,
        track_id: &str,
        now: OffsetDateTime,
    ) -> Result<HttpResponse, HttpResponse> {
        let seed = self.options.seed;
        let mut found = None;
        for sold in &mut self.sold {
            let closed = sold.closed;
            let reference = sold.references.first().cloned().unwrap_or_default();
            let unit = sold.units.iter_mut().find(|unit| unit.track_id == track_id);
            found = unit.map(|unit| (unit, closed, reference));
            if found.is_some() {
                break;
            }
        }
        let Some((unit, closed, reference)) = found else {
            return Err(refuse::said(404, "NOT_FOUND", "Parcel was not found."));
        };
        let scanned = unit.told(now).iter().any(|happening| {
            !matches!(happening.milestone, Milestone::Announced | Milestone::Voided)
        });
        let result = match (unit.voided, scanned, closed) {
            (Some(_), ..) => "CANCELLED",
            (None, true, _) => "SCANNED",
            (None, false, true) => "ERROR",
            (None, false, false) => {
                unit.voided = Some(now);
                let (kind, tracking_number) = ("void", unit.number.clone());
                self.ledger.push(LedgerEntry { kind, reference, tracking_number, at: now });
                match luck::draw(seed, track_id, 8) % 4 {
                    0 => "CANCELLATION_PENDING",
                    _ => "CANCELLED",
                }
            }
        };
        Ok(answer(&json!({ "TrackID": track_id, "Result": result })))
    }

    pub(super) fn end_of_day(
        &mut self,
        request: &SimRequest,
    ) -> Result<HttpResponse, HttpResponse> {
        let day = day_of(&query(request, "date"));
        let day = day.ok_or_else(|| refuse::missing("date"))?.to_string();
        let mut all = Vec::new();
        for sold in &mut self.sold {
            if text(&sold.body, "/Shipment/ShippingDate") != day {
                continue;
            }
            sold.closed = true;
            let live = sold.units.iter().filter(|unit| unit.voided.is_none());
            let units: Vec<Value> = live
                .map(|unit| {
                    json!({ "TrackID": unit.track_id, "ParcelNumber": unit.number,
                                    "Weight": unit.kilograms })
                })
                .collect();
            if !units.is_empty() {
                all.push(json!({ "ShippingDate": day, "ShipmentReference": sold.references,
                                 "ShipmentUnit": units }));
            }
        }
        Ok(answer(&json!({ "Shipments": all })))
    }

    /// Shipments and units that a question names, once they can be searched.
    fn named(&self, body: &Value, now: OffsetDateTime) -> Vec<(&Sold, Vec<usize>)> {
        let part = |name: &str| match body.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let (id, number) = (part("TrackID"), part("ParcelNumber"));
        let (reference, unit) = (part("ShipmentReference"), part("ShipmentUnitReference"));
        let named = |value: &str, asked: &str| !asked.is_empty() && value == asked;
        let mut all = Vec::new();
        for sold in self.sold.iter().filter(|sold| sold.at + REFERENCE_DELAY <= now) {
            let whole = sold.references.iter().any(|known| named(known, &reference));
            let mut which = Vec::new();
            for (index, known) in sold.units.iter().enumerate() {
                let one = named(&known.track_id, &id)
                    || named(&known.number, &number)
                    || named(&known.reference, &unit);
                if whole || one {
                    which.push(index);
                }
            }
            if !which.is_empty() {
                all.push((sold, which));
            }
        }
        all
    }

    /// The newest shipment of that name: the real one does not tell that there are two.
    pub(super) fn reprint(
        &self,
        body: &Value,
        now: OffsetDateTime,
    ) -> Result<HttpResponse, HttpResponse> {
        day_of(text(body, "/CreationDate")).ok_or_else(|| refuse::missing("CreationDate"))?;
        match self.named(body, now).last() {
            Some((sold, which)) => Ok(answer(&self.created(sold, which, body))),
            None => Err(refuse::said(404, "NO_PARCELS_FOUND", "No parcel was found.")),
        }
    }

    pub(super) fn reweigh(&mut self, body: &Value) -> Result<HttpResponse, HttpResponse> {
        let weight = body.get("Weight").and_then(Value::as_f64);
        let weight = weight.ok_or_else(|| refuse::missing("Weight"))?;
        let id = text(body, "/TrackID");
        let unit = self.sold.iter_mut().flat_map(|sold| &mut sold.units);
        let unit = unit.into_iter().find(|unit| unit.track_id == id);
        let unit = unit.ok_or_else(|| refuse::said(404, "NOT_FOUND", "Parcel was not found."))?;
        unit.kilograms = weight;
        Ok(answer(&json!({ "UpdatedWeight": weight.to_string() })))
    }

    pub(super) fn find(
        &self,
        body: &Value,
        now: OffsetDateTime,
    ) -> Result<HttpResponse, HttpResponse> {
        let from = day_of(text(body, "/DateFrom")).ok_or_else(|| refuse::missing("DateFrom"))?;
        let to = day_of(text(body, "/DateTo")).ok_or_else(|| refuse::missing("DateTo"))?;
        let mut items = Vec::new();
        for (sold, which) in self.named(body, now) {
            if !(from..=to).contains(&sold.at.date()) {
                continue;
            }
            for unit in which.iter().filter_map(|index| sold.units.get(*index)) {
                items.push(json!({
                    "TrackID": unit.track_id, "ParcelNumber": unit.number,
                    "ShipmentReference": sold.references,
                    "ShipmentUnitReference": [unit.reference],
                    "InitialDate": sold.at.date().to_string(),
                    "Status": story::status(&unit.told(now), now),
                }));
            }
        }
        Ok(answer(&json!({ "UnitItems": items })))
    }
}

fn print(sold: &Sold, index: usize, unit: &Unit, format: LabelFormat) -> Vec<u8> {
    let lines = |pointer: &str| -> Vec<String> {
        let address = sold.body.pointer(pointer).unwrap_or(&Value::Null);
        let town = format!("{} {}", refuse::zip(address), text(address, "/City"));
        vec![text(address, "/Name1").to_owned(), text(address, "/Street").to_owned(), town]
    };
    Printed {
        carrier: "GLS",
        service: text(&sold.body, "/Shipment/Product").to_owned(),
        number: unit.number.clone(),
        sender: lines("/Shipment/Shipper/AlternativeShipperAddress"),
        recipient: lines("/Shipment/Consignee/Address"),
        weight_g: grams_of(unit.kilograms),
        reference: sold.references.first().cloned().unwrap_or_default(),
        index: u32::try_from(index + 1).unwrap_or(1),
        count: u32::try_from(sold.units.len()).unwrap_or(1),
    }
    .file(format)
}

/// For print only.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0.1 to 40 kg")]
fn grams_of(kilograms: f64) -> u32 {
    (kilograms * 1_000.0).round() as u32
}
