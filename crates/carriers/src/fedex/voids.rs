//! Cancelling a shipment, all its parcels at once, until FedEx has the first of them.
//!
//! Whether it happened is said by a flag, not by the HTTP status.

use serde::Serialize;

use super::{
    Fedex,
    common::{self, Stake},
    wire::CancelBody,
    wire_out::Value,
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Method, Purchase, Rejection, Step, Voids,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Cancel<'a> {
    account_number: Value<'a>,
    tracking_number: &'a str,
    deletion_control: &'static str,
}

impl Voids for Fedex {
    fn request(&self, call: &Call<'_>, purchase: &Purchase) -> Result<HttpRequest, Rejection> {
        let number = purchase.shipment_number.as_str();
        if !(12..=34).contains(&number.len()) || !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Rejection::new("shipment_number", "12 to 34 digits"));
        }
        let body = Cancel {
            account_number: Value { value: common::account_number(call)? },
            tracking_number: number,
            deletion_control: "DELETE_ALL_PACKAGES",
        };
        Ok(common::call(call, Method::Put, "/ship/v1/shipments/cancel", &body))
    }

    fn response(&self, response: &HttpResponse) -> Result<Step<()>, CarrierError> {
        if !common::is_success(response) {
            return Err(common::failure(response, Stake::Nothing));
        }
        let text = common::text(&response.body);
        let body: CancelBody<'_> = common::json(&text)?;
        let output = common::output(body.output.0, &text, Stake::Nothing)?;
        match output.cancelled_shipment.0 {
            Some(true) => Ok(Step::Done(())),
            Some(false) => Err(CarrierError::Refused {
                code: "cancelledShipment".to_owned(),
                message: output.message.owned().unwrap_or_default(),
            }),
            None => Err(CarrierError::garbled("no cancelledShipment")),
        }
    }
}
