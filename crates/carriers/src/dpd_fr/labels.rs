//! Buying labels: one parcel with its file, several without, and the way back.
//!
//! Owns the reading of the answer, above all whether something was bought. A parcel number in a
//! whole answer means yes, even when the file beside it is none: it can be asked for again. Only an
//! error stated by its id means no. Everything else stays in doubt.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;

use super::{
    number,
    order::{self, Order},
    soap::{self, Service, Stake},
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Label, LabelFormat, Labels, Purchase, Rejection,
    Shipment, Step, wire::xml::Element,
};

/// Labels of one way.
pub(super) struct Parcels {
    back: bool,
}

/// The way out.
pub(super) const OUT: Parcels = Parcels { back: false };

/// The way from a customer to the merchant.
pub(super) const BACK: Parcels = Parcels { back: true };

impl Labels for Parcels {
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection> {
        buy(call, shipment, self.back)
    }

    fn response(
        &self,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Step<Purchase>, CarrierError> {
        read(response, shipment)
    }

    fn label_request(&self, call: &Call<'_>, tracking_number: &str) -> Option<HttpRequest> {
        again(call, tracking_number)
    }
}

fn buy(call: &Call<'_>, shipment: &Shipment, back: bool) -> Result<HttpRequest, Rejection> {
    let order = Order::of(call, shipment, back)?;
    let write = |operation: &mut _| order.write(call, operation);
    Ok(soap::request(call, Service::Eprint, order.operation(), write))
}

/// A label once more, by its number; the asker's format is not known here, PDF prints anywhere.
fn again(call: &Call<'_>, tracking_number: &str) -> Option<HttpRequest> {
    let (_, id) = number::unpack(tracking_number)?;
    let kind = order::label_type(LabelFormat::Pdf).ok()?;
    Some(soap::request(call, Service::Eprint, "GetLabelBc", |operation| {
        operation.nest("request", |request| {
            request.nest("labelType", |label| {
                label.leaf("type", kind);
            });
            request.leaf("shipmentNumber", id);
            soap::customer(call, "customer", request);
        });
    }))
}

/// A parcel as an answer names it.
struct Sold<'a> {
    id: &'a str,
    source: Option<&'a str>,
    /// `EPRINT`, `REVERSE`, `MASTER`; absent in some answers.
    kind: Option<&'a str>,
}

fn read(response: &HttpResponse, shipment: &Shipment) -> Result<Step<Purchase>, CarrierError> {
    let answer = soap::answer(response, Stake::Money)?;
    let mut sold = Vec::new();
    parcels(&answer, &mut sold);
    if sold.iter().any(|parcel| !number::believable(parcel.id)) {
        return Err(CarrierError::garbled("a parcel number of another form"));
    }
    let wanted: &[&str] = match answer.name.as_str() {
        "CreateShipmentWithLabelsBcResponse" | "CreateMultiShipmentBcResponse" => &["EPRINT"],
        // One parcel, whatever it is called.
        "GetLabelBcResponse" | "CreateReverseInverseShipmentWithLabelsBcResponse" => {
            &["EPRINT", "REVERSE"]
        }
        _ => return Err(CarrierError::garbled("the answer to another question")),
    };
    let mine = |kind: Option<&str>| kind.is_none_or(|kind| wanted.contains(&kind));
    let parcels: Vec<&Sold<'_>> = sold.iter().filter(|parcel| mine(parcel.kind)).collect();
    let expected = match answer.name.as_str() {
        "GetLabelBcResponse" => 1,
        _ => shipment.parcels.len(),
    };
    let Some(first) = parcels.first().filter(|_| parcels.len() == expected) else {
        let got = parcels.len();
        return Err(CarrierError::garbled(format!("{got} parcels where {expected} were asked")));
    };
    let master = sold.iter().find(|parcel| parcel.kind == Some("MASTER")).unwrap_or(first);
    let shipment_number = number::pack(master.source, master.id);
    let file = file(&answer, mine).filter(|_| parcels.len() == 1);
    let label = |parcel: &&Sold<'_>| {
        let (format, data) = file.clone().unwrap_or((shipment.format, Bytes::new()));
        Label { tracking_number: parcel.id.to_owned(), format, data }
    };
    let labels = parcels.iter().map(label).collect();
    Ok(Step::Done(Purchase { shipment_number, labels, charge: None }))
}

/// Every element with a number, wherever it stands: answers differ in how they nest it.
fn parcels<'a>(parent: &'a Element, sold: &mut Vec<Sold<'a>>) {
    for child in &parent.children {
        match child.get("BarcodeId") {
            Some(id) => {
                sold.push(Sold { id, source: child.get("BarcodeSource"), kind: parent.get("Type") })
            }
            None => parcels(child, sold),
        }
    }
}

/// The first printable file of the wanted kinds.
fn file(
    parent: &Element,
    mine: impl Fn(Option<&str>) -> bool + Copy,
) -> Option<(LabelFormat, Bytes)> {
    let own = parent.get("label").filter(|_| mine(parent.get("type"))).and_then(decoded);
    own.or_else(|| parent.children.iter().find_map(|child| file(child, mine)))
}

fn decoded(text: &str) -> Option<(LabelFormat, Bytes)> {
    let packed: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let file = STANDARD.decode(packed).ok()?;
    // A label asked for again comes as PDF whatever was asked first.
    Some((LabelFormat::of_bytes(&file)?, file.into()))
}
