//! Free questions and the letter box: checking a shipment, proving an account, and having a return
//! fetched from the customer's letter box.

use serde_json::json;

use super::{
    address::optional,
    labels::{JSON, Sls, free, generate, messages, operation},
    shipment::Way,
    tracking::Suivi,
};
use crate::{
    AccountCheck, Call, CarrierError, Check, HttpRequest, HttpResponse, Pickup, PickupRequest,
    Pickups, Polling, Rejection, Shipment, Step,
};

impl Check for Sls {
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection> {
        generate(call, shipment, Way::Out, "checkGenerateLabel")
    }

    fn response(&self, response: &HttpResponse) -> Result<Step<()>, CarrierError> {
        messages(response).map(Step::Done).map_err(|error| free(response, error))
    }
}

/// A number of the form of a parcel's that no parcel has.
const UNSOLD: &str = "6A00000000000";

impl AccountCheck for Sls {
    /// What may be sent home within France: any contract has an answer.
    fn request(&self, call: &Call<'_>) -> HttpRequest {
        let body = json!({
            "productCode": "DOM", "insurance": false, "nonMachinable": false,
            "returnReceipt": false, "countryCode": "FR", "zipCode": "75001",
        });
        operation(call, "getProductInter", "application/json").body(JSON, body.to_string())
    }

    fn response(&self, response: &HttpResponse) -> Result<(), CarrierError> {
        messages(response).map_err(|error| free(response, error))
    }

    /// La Poste Suivi has a key of its own: a number that nobody has is asked for with it.
    fn second(&self, call: &Call<'_>) -> Option<HttpRequest> {
        call.account.field("suivi_key")?;
        Some(Polling::request(&Suivi, call, &[UNSOLD.to_owned()]))
    }

    fn second_response(&self, response: &HttpResponse) -> Result<(), CarrierError> {
        Polling::response(&Suivi, response, &[UNSOLD.to_owned()]).map(|_| ())
    }
}

/// Returns fetched from a letter box, one parcel each. Collections at a merchant are by contract.
impl Pickups for Sls {
    fn request(&self, call: &Call<'_>, pickup: &PickupRequest) -> Result<HttpRequest, Rejection> {
        let reject = |field, reason: &str| Err(Rejection::new(field, reason));
        let address = &pickup.address;
        if address.country.is_none_or(|country| country.as_str() != "FR") {
            return reject("address.country", "letter boxes are in France");
        }
        let postcode = address.postcode.trim();
        if postcode.len() != 5 || !postcode.bytes().all(|b| b.is_ascii_digit()) {
            return reject("address.postcode", "a French postcode has five digits");
        }
        let street = address.lines.first().map(String::as_str).unwrap_or_default();
        let street = optional(street, "address.lines", 35)?;
        let city = optional(&address.city, "address.city", 35)?;
        let name = if address.name.is_empty() { &address.company } else { &address.name };
        let name = optional(name, "address.name", 35)?;
        for (field, text) in
            [("address.lines", &street), ("address.city", &city), ("address.name", &name)]
        {
            if text.is_empty() {
                return reject(field, "is required");
            }
        }
        if pickup.close <= pickup.ready {
            return reject("close", "later than the parcel is ready");
        }
        // The evening before is the last moment; France is an hour or two ahead of UTC.
        if pickup.date <= call.now.date() {
            return reject("date", "tomorrow or later");
        }
        let [number] = pickup.tracking_numbers.as_slice() else {
            return reject("tracking_numbers", "one return at a time");
        };
        if !number.starts_with("8R") {
            return reject("tracking_numbers", "a return within France: its number begins with 8R");
        }
        let body = json!({
            "parcelNumber": number,
            "mailBoxPickingDate": pickup.date.to_string(),
            "sender": {
                "lastName": name, "line2": street, "city": city, "zipCode": postcode,
                "countryCode": "FR", "email": optional(&address.email, "address.email", 80)?,
            },
        });
        Ok(operation(call, "planPickup", "application/json").body(JSON, body.to_string()))
    }

    fn response(
        &self,
        response: &HttpResponse,
        pickup: &PickupRequest,
    ) -> Result<Step<Pickup>, CarrierError> {
        messages(response)?;
        Ok(Step::Done(Pickup {
            confirmation: pickup.tracking_numbers.first().cloned().unwrap_or_default(),
            date: pickup.date,
            location: String::new(),
            service: pickup.service.clone(),
        }))
    }
}
