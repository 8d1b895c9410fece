//! Closing a day: `shipments/endofday`.
//!
//! GLS closes all that the account announced for the day, listed here or not, and answers with
//! those shipments: no number, no paper. Afterwards nothing of the day can be cancelled.

use serde_json::Value;

use super::{
    Gls,
    common::{self, Stake},
    wire_in::EndOfDayBody,
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Manifest, ManifestRequest, Manifests, Rejection,
    Step,
};

/// A day has no limit at GLS; this bounds what a caller holds in memory.
const PARCELS_MAX: usize = 100_000;

impl Manifests for Gls {
    fn parcels_max(&self) -> usize {
        PARCELS_MAX
    }

    fn request(
        &self,
        call: &Call<'_>,
        manifest: &ManifestRequest,
    ) -> Result<HttpRequest, Rejection> {
        if manifest.tracking_numbers.is_empty() {
            return Err(Rejection::new("tracking_numbers", "at least one"));
        }
        let path = format!("/shipments/endofday?date={}", manifest.date);
        Ok(common::shipit(call, &path))
    }

    fn response(&self, response: &HttpResponse) -> Result<Step<Manifest>, CarrierError> {
        if !common::is_success(response) {
            return Err(common::failure(response, Stake::Nothing));
        }
        let text = common::text(&response.body);
        let body: EndOfDayBody = common::json(&text)?;
        match body.shipments {
            Value::Array(all) if all.is_empty() => Err(CarrierError::Refused {
                code: "NO_SHIPMENTS".to_owned(),
                message: "GLS knows no shipment of that day".to_owned(),
            }),
            Value::Array(_) => Ok(Step::Done(Manifest { number: String::new(), document: None })),
            _ => Err(CarrierError::garbled("no Shipments")),
        }
    }
}
