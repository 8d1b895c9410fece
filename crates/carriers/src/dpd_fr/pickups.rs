//! Pickups of labelled parcels at the shipper: `CreatePickupAtCustomerBc`.

use super::{
    address::{ADDRESS, Postal, optional},
    number,
    soap::{self, Service, Stake},
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Pickup, PickupRequest, Pickups, Rejection, Step,
};

/// Longest remark for the driver, in characters.
const REMARK_MAX: usize = 35;

/// `CreatePickupAtCustomerBc` of EPrint.
pub(super) struct AtCustomer;

impl Pickups for AtCustomer {
    fn request(&self, call: &Call<'_>, pickup: &PickupRequest) -> Result<HttpRequest, Rejection> {
        let address = Postal::of(&pickup.address, &ADDRESS)?;
        if address.country != "FR" {
            return Err(Rejection::new(ADDRESS.country, "drivers come in France only"));
        }
        if pickup.date < number::today(call.now) {
            return Err(Rejection::new("date", "is in the past"));
        }
        let day = number::day(pickup.date);
        let day = day.ok_or_else(|| Rejection::new("date", "is not a date of four digits"))?;
        if pickup.ready >= pickup.close {
            return Err(Rejection::new("close", "is not after the time of readiness"));
        }
        if pickup.tracking_numbers.is_empty() {
            let reason = "the carrier fetches labelled parcels: their numbers are required";
            return Err(Rejection::new("tracking_numbers", reason));
        }
        let numbers: Option<Vec<&str>> =
            pickup.tracking_numbers.iter().map(|n| Some(number::unpack(n)?.1)).collect();
        let numbers = numbers
            .ok_or_else(|| Rejection::new("tracking_numbers", "10 to 20 letters and digits"))?;
        let remark = optional(&pickup.instructions, "instructions", REMARK_MAX)?;
        let clock = |time: time::Time| format!("{:02}:{:02}", time.hour(), time.minute());
        Ok(soap::request(call, Service::Eprint, "CreatePickupAtCustomerBc", |operation| {
            operation.nest("request", |request| {
                address.write("shipperaddress", request);
                soap::customer(call, "customer", request);
                request.leaf("pick_date", &day);
                request.nest("data", |data| {
                    data.leaf("time_from", &clock(pickup.ready))
                        .leaf("time_to", &clock(pickup.close))
                        .leaf("remark", &pickup.reference)
                        .some("pick_remark", &remark)
                        .leaf("dayCheckDone", "false");
                });
                request.nest("shipments", |shipments| {
                    for number in numbers {
                        shipments.leaf("string", number);
                    }
                });
            });
        }))
    }

    fn response(
        &self,
        response: &HttpResponse,
        pickup: &PickupRequest,
    ) -> Result<Step<Pickup>, CarrierError> {
        let answer = soap::answer(response, Stake::Money)?;
        let number = answer.child("CreatePickupAtCustomerBcResult").and_then(|r| r.get("Sin"));
        let number = number.filter(|sin| sin.parse::<i64>().is_ok_and(|sin| sin > 0));
        let confirmation =
            number.ok_or_else(|| CarrierError::garbled("a pickup without its number"))?.to_owned();
        // The answer names no day: what was asked for is what was confirmed.
        Ok(Step::Done(Pickup {
            confirmation,
            date: pickup.date,
            location: String::new(),
            service: pickup.service.clone(),
        }))
    }
}
