//! Voiding a parcel: `TerminateShipment`, until it is scanned.
//!
//! The operation ends one parcel. Whether that of a master ends its slaves is not documented, hence
//! each parcel of a shipment is ended by its own number.

use super::{
    number,
    soap::{self, Service, Stake},
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Label, Purchase, Rejection, Step, Voids,
};

/// What the carrier reads as the reason.
const REASON: &str = "cancelled order";

/// `TerminateShipment` of EPrint.
pub(super) struct Terminate;

impl Voids for Terminate {
    fn parts(&self, purchase: &Purchase) -> Vec<Purchase> {
        if purchase.labels.len() < 2 {
            return vec![purchase.clone()];
        }
        let source = number::unpack(&purchase.shipment_number).map(|(source, _)| source);
        let part = |label: &Label| Purchase {
            shipment_number: number::pack(source, &label.tracking_number),
            labels: vec![label.clone()],
            charge: None,
        };
        purchase.labels.iter().map(part).collect()
    }

    fn request(&self, call: &Call<'_>, purchase: &Purchase) -> Result<HttpRequest, Rejection> {
        if purchase.labels.len() > 1 {
            return Err(Rejection::new("labels", "parcels are voided one by one"));
        }
        let number = number::unpack(&purchase.shipment_number);
        let (source, id) = number
            .ok_or_else(|| Rejection::new("shipment_number", "10 to 20 letters and digits"))?;
        Ok(soap::request(call, Service::Eprint, "TerminateShipment", |operation| {
            operation.nest("request", |request| {
                soap::customer(call, "customer", request);
                request.leaf("BarcodeSource", source).leaf("BarcodeId", id).leaf("Reason", REASON);
            });
        }))
    }

    fn response(&self, response: &HttpResponse) -> Result<Step<()>, CarrierError> {
        // A second void of a voided parcel is refused: an unclear answer must stay one.
        let answer = soap::answer(response, Stake::Money)?;
        match answer.name.as_str() {
            // Empty means done.
            "TerminateShipmentResponse" => Ok(Step::Done(())),
            _ => Err(CarrierError::garbled("the answer to another question")),
        }
    }
}
