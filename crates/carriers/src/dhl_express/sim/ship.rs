//! Selling: waybill with its check digit, pieces, documents.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{DhlSim, Failure, body, hundredths, validate};
use crate::{
    HttpResponse, LabelFormat,
    sim::{
        LedgerEntry, SimRequest,
        http::{self, text},
        journey::{Happening, Lane, ends, journey},
        label::Printed,
    },
};

/// A town.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    pub city: String,
    pub country: String,
}

/// One piece and what happens to it.
pub(super) struct Piece {
    pub number: String,
    pub scans: Vec<Happening>,
}

/// A sold shipment.
pub(super) struct Sold {
    pub waybill: String,
    pub pieces: Vec<Piece>,
    pub references: Vec<String>,
    pub account: String,
    pub from: Place,
    pub to: Place,
    pub product: String,
    pub description: String,
    pub at: OffsetDateTime,
}

fn place(root: &Value, side: &str) -> Place {
    let address = |key: &str| text(root, &format!("/customerDetails/{side}/postalAddress/{key}"));
    Place { city: address("cityName").to_owned(), country: address("countryCode").to_owned() }
}

fn lines(root: &Value, side: &str) -> Vec<String> {
    let part = |key: &str| text(root, &format!("/customerDetails/{side}/{key}")).to_owned();
    vec![
        part("contactInformation/fullName"),
        part("postalAddress/addressLine1"),
        format!("{} {}", part("postalAddress/postalCode"), part("postalAddress/cityName")),
        part("postalAddress/countryCode"),
    ]
}

impl DhlSim {
    pub(super) fn ship(&mut self, request: &SimRequest) -> Result<HttpResponse, Failure> {
        let root = body(request)?;
        validate::shipment(&root, request.now)?;
        if http::query(request, "validateDataOnly") == "true" {
            return Ok(http::json(200, &json!({ "status": "OK", "warnings": [] })));
        }
        let index = self.sell(&root, request);
        let sold = self.sold.get(index).ok_or_else(|| {
            Failure::new(500, "Internal Server Error", "999: Process failure occurred")
        })?;
        Ok(http::json(201, &answer(sold, &root, request)))
    }

    fn sell(&mut self, root: &Value, request: &SimRequest) -> usize {
        self.waybills += 1;
        let waybill = waybill(self.waybills);
        let (from, to) = (place(root, "shipperDetails"), place(root, "receiverDetails"));
        let to_point = text(root, "/onDemandDelivery/deliveryOption") == "servicepoint";
        let lane = Lane::between(&from.country, &to.country, to_point);
        let ready = ready(text(root, "/plannedShippingDateAndTime"));
        let count = root.pointer("/content/packages").and_then(Value::as_array).map_or(1, Vec::len);
        let index = self.sold.len();
        let mut pieces = Vec::new();
        for position in 0..count {
            self.pieces += 1;
            let number = format!("JD0146{:014}", self.pieces);
            let name = if count == 1 { &waybill } else { &number };
            let scans = journey(&self.options, name, lane, request.now, ready);
            self.last_scan = self.last_scan.max(ends(&scans));
            self.by_number.insert(number.clone(), (index, position));
            pieces.push(Piece { number, scans });
        }
        self.by_number.insert(waybill.clone(), (index, 0));
        let references = root.pointer("/customerReferences").and_then(Value::as_array);
        let references: Vec<String> = references
            .into_iter()
            .flatten()
            .map(|reference| text(reference, "/value").to_owned())
            .collect();
        for piece in &pieces {
            self.ledger.push(LedgerEntry {
                kind: "label",
                reference: references.first().cloned().unwrap_or_default(),
                tracking_number: if count == 1 { waybill.clone() } else { piece.number.clone() },
                at: request.now,
            });
        }
        self.sold.push(Sold {
            waybill,
            pieces,
            references,
            account: text(root, "/accounts/0/number").to_owned(),
            from,
            to,
            product: text(root, "/productCode").to_owned(),
            description: text(root, "/content/description").to_owned(),
            at: request.now,
        });
        index
    }
}

/// Nine digits and their remainder by seven.
pub(super) fn waybill(serial: u64) -> String {
    let serial = serial % 1_000_000_000;
    format!("{serial:09}{}", serial % 7)
}

/// The day that begins the journey.
fn ready(planned: &str) -> Option<OffsetDateTime> {
    let day = format!("{}T00:00:00Z", planned.get(..10)?);
    OffsetDateTime::parse(&day, &time::format_description::well_known::Rfc3339).ok()
}

fn answer(sold: &Sold, root: &Value, request: &SimRequest) -> Value {
    let base = "https://express.api.dhl.com/mydhlapi";
    let packages: Vec<Value> = sold
        .pieces
        .iter()
        .zip(1..)
        .map(|(piece, reference)| {
            let url = format!("{base}/tracking?pieceTrackingNumber={}", piece.number);
            json!({
                "referenceNumber": reference,
                "trackingNumber": piece.number,
                "trackingUrl": url,
                "volumetricWeight": 1.8,
            })
        })
        .collect();
    let cents = 3_200 + 640 * u64::try_from(sold.pieces.len()).unwrap_or(1);
    let price = |kind: &str| json!({ "currencyType": kind, "priceCurrency": "EUR", "price": hundredths(cents) });
    json!({
        "url": format!("{base}{}", super::own_path(&request.path).0),
        "shipmentTrackingNumber": sold.waybill,
        "trackingUrl": format!("{base}/shipments/{}/tracking", sold.waybill),
        "packages": packages,
        "documents": documents(sold, root),
        "shipmentCharges": [price("BILLC"), price("PULCL"), price("BASEC")],
        "warnings": [],
    })
}

/// One label document for all pieces, unless pages are to be split; then the other papers.
fn documents(sold: &Sold, root: &Value) -> Vec<Value> {
    let split = root.pointer("/outputImageProperties/splitDocumentsByPages");
    let split = split == Some(&Value::Bool(true));
    let (format, name) = match text(root, "/outputImageProperties/encodingFormat") {
        "zpl" => (LabelFormat::Zpl, "ZPL"),
        "epl" => (LabelFormat::Epl, "EPL"),
        _ => (LabelFormat::Pdf, "PDF"),
    };
    let count = sold.pieces.len();
    let printed = |index: usize| Printed {
        carrier: "DHL Express",
        service: sold.product.clone(),
        number: sold.waybill.clone(),
        sender: lines(root, "shipperDetails"),
        recipient: lines(root, "receiverDetails"),
        weight_g: grams(root, index),
        reference: sold.references.first().cloned().unwrap_or_default(),
        index: u32::try_from(index + 1).unwrap_or(u32::MAX),
        count: u32::try_from(count).unwrap_or(u32::MAX),
    };
    let file = |index: usize, format| BASE64.encode(printed(index).file(format));
    let mut documents: Vec<Value> = (0..if split { count } else { 1 })
        .map(|index| {
            let mut document =
                json!({ "imageFormat": name, "content": file(index, format), "typeCode": "label" });
            if let Some(document) = document.as_object_mut().filter(|_| split) {
                document.insert("packageReferenceNumber".to_owned(), json!(index + 1));
            }
            document
        })
        .collect();
    let images = root.pointer("/outputImageProperties/imageOptions").and_then(Value::as_array);
    let invoice = images.into_iter().flatten().any(|image| text(image, "/typeCode") == "invoice");
    if invoice {
        let content = file(0, LabelFormat::Pdf);
        documents.push(json!({ "imageFormat": "PDF", "content": content, "typeCode": "invoice" }));
    }
    documents
}

/// Weight of a piece; the schema has been checked.
fn grams(root: &Value, index: usize) -> u32 {
    let weight = root.pointer(&format!("/content/packages/{index}/weight"));
    let text = weight.map(Value::to_string).unwrap_or_default();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
    format!("{whole}{fraction}").parse().unwrap_or_default()
}
