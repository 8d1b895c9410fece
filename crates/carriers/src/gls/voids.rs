//! Cancelling a parcel by its track id, until the day is closed or the parcel is scanned.

use super::{
    Gls,
    common::{self, Stake},
    wire_in::CancelBody,
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Label, Purchase, Rejection, Step, Voids,
};

/// Letters and digits of a track id.
const TRACK_ID_LEN: usize = 8;

impl Voids for Gls {
    /// A shipment's number is the track ids of its parcels, in their order.
    fn parts(&self, purchase: &Purchase) -> Vec<Purchase> {
        let ids: Vec<&str> = purchase.shipment_number.split(',').collect();
        if ids.len() != purchase.labels.len() {
            return vec![purchase.clone()];
        }
        let part = |(id, label): (&str, &Label)| Purchase {
            shipment_number: id.to_owned(),
            labels: vec![label.clone()],
            charge: None,
        };
        ids.into_iter().zip(&purchase.labels).map(part).collect()
    }

    fn request(&self, call: &Call<'_>, purchase: &Purchase) -> Result<HttpRequest, Rejection> {
        let id = purchase.shipment_number.as_str();
        let plain = id.bytes().all(|b| b.is_ascii_alphanumeric());
        if id.len() != TRACK_ID_LEN || !plain {
            let reason = format!("GLS cancels by a track id of {TRACK_ID_LEN} letters and digits");
            return Err(Rejection::new("shipment_number", reason));
        }
        Ok(common::shipit(call, &format!("/shipments/cancel/{id}")))
    }

    fn response(&self, response: &HttpResponse) -> Result<Step<()>, CarrierError> {
        if !common::is_success(response) {
            return Err(common::failure(response, Stake::Nothing));
        }
        let text = common::text(&response.body);
        let body: CancelBody<'_> = common::json(&text)?;
        match body.result.get().map(str::to_ascii_uppercase).as_deref() {
            // Pending: accepted, and sent on with the end of the day.
            Some("CANCELLED" | "CANCELED" | "CANCELLATION_PENDING") => Ok(Step::Done(())),
            Some(code @ ("SCANNED" | "ERROR")) => Err(CarrierError::Refused {
                code: code.to_owned(),
                message: "the parcel was not cancelled".to_owned(),
            }),
            Some(_) => Err(CarrierError::garbled("a Result that is not documented")),
            None => Err(CarrierError::garbled("no Result")),
        }
    }
}
