//! Cancelling: `cancelSkybill` for one parcel, `cancelListSkybill` for several.
//!
//! A parcel can be cancelled some ten minutes after its purchase, when it has reached the carrier's
//! information system, and until somebody has taken it. The documents do not agree on whether code
//! 2 or 3 tells that it is too early: 2 is asked again later, 3 is a no unless its words say
//! otherwise.

use std::time::Duration;

use super::{
    Chronopost,
    soap::{self, Stake},
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Purchase, Rejection, Step, Voids,
    wire::xml::Element,
};

const ONE: &str = "cancelSkybill";
const SEVERAL: &str = "cancelListSkybill";
/// Until a new parcel is known, by the carrier's document.
const SETTLES: Duration = Duration::from_secs(600);

impl Voids for Chronopost {
    fn request(&self, call: &Call<'_>, purchase: &Purchase) -> Result<HttpRequest, Rejection> {
        let numbers: Vec<&str> =
            purchase.labels.iter().map(|label| label.tracking_number.as_str()).collect();
        let numbers = match numbers.as_slice() {
            [] => purchase.shipment_number.clone(),
            numbers => numbers.join(","),
        };
        if numbers.is_empty() {
            return Err(Rejection::new("shipment_number", "is required"));
        }
        let operation = if numbers.contains(',') { SEVERAL } else { ONE };
        Ok(soap::request(call, &soap::TRACKING, operation, |w| {
            soap::credentials(call, w);
            w.leaf("language", "fr_FR").leaf("skybillNumber", &numbers);
        }))
    }

    fn response(&self, response: &HttpResponse) -> Result<Step<()>, CarrierError> {
        // Asked again, a cancellation does no harm.
        let result = soap::result(response, ONE, Stake::Nothing)
            .or_else(|_| soap::result(response, SEVERAL, Stake::Nothing))?;
        let error = soap::code(&result, "errorCode")?;
        let status = match result.get("statusCode") {
            Some(_) => soap::code(&result, "statusCode")?,
            None => error,
        };
        match if error == 0 { status } else { error } {
            0 => Ok(Step::Done(())),
            code => Err(refusal(code, &result)),
        }
    }
}

fn refusal(code: i64, result: &Element) -> CarrierError {
    let words = result.get("errorMessage");
    let lower = words.unwrap_or_default().to_lowercase();
    let too_early = lower.contains("pas encore") || lower.contains("not yet");
    match code {
        1 => CarrierError::Later { code: code.to_string(), retry_after: None },
        2 => CarrierError::Later { code: code.to_string(), retry_after: Some(SETTLES) },
        _ if too_early => {
            CarrierError::Later { code: code.to_string(), retry_after: Some(SETTLES) }
        }
        30 => CarrierError::Unauthorised { code: code.to_string() },
        _ => soap::refused(code, words),
    }
}
