//! Voiding a shipment, all its parcels at once.
//!
//! Repeatable: UPS answers "voided" for what is voided already. After a scan, or after about four
//! weeks, it refuses (190102).

use super::{
    Ups,
    common::{self, Stake},
    wire::{ShippingBody, VoidResult},
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Method, Purchase, Rejection, Step, Voids,
};

/// "Voided", of the whole and of each parcel.
const VOIDED: &str = "1";

impl Voids for Ups {
    fn request(&self, call: &Call<'_>, purchase: &Purchase) -> Result<HttpRequest, Rejection> {
        let number = purchase.shipment_number.as_str();
        let plain = number.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if number.len() != 18 || !number.starts_with("1Z") || !plain {
            return Err(Rejection::new("shipment_number", "1Z and 16 letters and digits"));
        }
        let path = format!("/api/shipments/v2409/void/cancel/{number}");
        Ok(common::call(call, Method::Delete, &path))
    }

    fn response(&self, response: &HttpResponse) -> Result<Step<()>, CarrierError> {
        if !common::is_success(response) {
            return Err(common::failure(response, Stake::Nothing));
        }
        let text = common::text(&response.body);
        let body: ShippingBody<'_> = common::json(&text)?;
        let answer = body.void_shipment_response.get();
        let answer = answer.ok_or_else(|| CarrierError::garbled("no VoidShipmentResponse"))?;
        // Each parcel tells for itself; the summary speaks where no parcel does.
        let packages = &answer.package_level_results.0;
        let told: Vec<&VoidResult<'_>> = if packages.is_empty() {
            answer.summary_result.get().into_iter().collect()
        } else {
            packages.iter().collect()
        };
        let code = |result: &&VoidResult<'_>| {
            result.status.get().and_then(|status| status.code.owned()).unwrap_or_default()
        };
        let codes: Vec<String> = told.iter().map(code).collect();
        if codes.is_empty() {
            return Err(CarrierError::garbled("a void without results"));
        }
        match told.iter().find(|result| code(result) != VOIDED) {
            None => Ok(Step::Done(())),
            Some(result) => Err(CarrierError::Refused {
                code: code(result),
                message: result
                    .status
                    .get()
                    .and_then(|status| status.description.owned())
                    .unwrap_or_default(),
            }),
        }
    }
}

#[cfg(test)]
#[path = "voids_tests.rs"]
mod tests;
