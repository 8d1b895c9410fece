//! Proving an account: asks whether the customer is blocked, which needs working credentials.

use super::soap::{self, Service, Stake};
use crate::{AccountCheck, Call, CarrierError, HttpRequest, HttpResponse};

/// `IsCustomerBlocked` of EPrint.
pub(super) struct Blocked;

impl AccountCheck for Blocked {
    fn request(&self, call: &Call<'_>) -> HttpRequest {
        soap::request(call, Service::Eprint, "IsCustomerBlocked", |operation| {
            soap::customer(call, "customer", operation);
        })
    }

    fn response(&self, response: &HttpResponse) -> Result<(), CarrierError> {
        let answer = soap::answer(response, Stake::Nothing)?;
        match answer.get("IsCustomerBlockedResult") {
            Some("false" | "0") => Ok(()),
            Some("true" | "1") => Err(CarrierError::Refused {
                code: "IsCustomerBlocked".to_owned(),
                message: "the carrier has blocked this customer number".to_owned(),
            }),
            _ => Err(CarrierError::garbled("neither blocked nor free")),
        }
    }
}
