//! Collections. Codes are short and come again from day to day: a cancellation repeats the day and,
//! for Express, the location that the booking named.

use serde::Serialize;
use time::{Date, Time};

use super::{
    Fedex,
    common::{self, Stake},
    order,
    party::{self, PICKUP},
    wire::PickupBody,
    wire_out::{Party, Value, Weight},
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Method, Pickup, PickupCancellation,
    PickupRequest, Pickups, Rejection, Step,
};

const REMARKS_MAX: usize = 60;
const PACKAGES_MAX: u32 = 9_999;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Booking<'a> {
    associated_account_number: Value<'a>,
    origin_detail: Origin,
    carrier_code: &'static str,
    total_weight: Weight,
    package_count: u32,
    #[serde(skip_serializing_if = "String::is_empty")]
    remarks: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    country_relationships: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_number: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Origin {
    pickup_address_type: &'static str,
    pickup_location: Party,
    ready_date_timestamp: String,
    customer_close_time: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Cancellation<'a> {
    associated_account_number: Value<'a>,
    pickup_confirmation_code: &'a str,
    scheduled_date: String,
    carrier_code: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    location: &'a str,
}

/// Express and Ground send different drivers.
fn carrier_code(service: &str) -> &'static str {
    match service {
        "FEDEX_GROUND" | "GROUND_HOME_DELIVERY" => "FDXG",
        _ => "FDXE",
    }
}

fn clock(time: Time) -> String {
    format!("{:02}:{:02}:00", time.hour(), time.minute())
}

/// The site's own time. FedEx writes a `Z` behind it and does not mean it.
fn ready(date: Date, time: Time) -> String {
    format!("{}T{}Z", common::day(date), clock(time))
}

impl Pickups for Fedex {
    fn request(&self, call: &Call<'_>, pickup: &PickupRequest) -> Result<HttpRequest, Rejection> {
        let reject = |field, reason: &str| Err(Rejection::new(field, reason));
        let site = party::party(&pickup.address, &PICKUP)?;
        if pickup.close <= pickup.ready {
            return reject("close", "after the time from which parcels are ready");
        }
        // The site's today may be a day behind ours.
        if (pickup.date - call.now.date()).whole_days() < -1 {
            return reject("date", "today or later");
        }
        if pickup.parcels == 0 || pickup.parcels > PACKAGES_MAX {
            return reject("parcels", "one to 9,999 parcels");
        }
        if pickup.weight.0 == 0 {
            return reject("weight", "above zero");
        }
        let from = pickup.address.country;
        let relation = pickup.destination.map(|to| match Some(to) == from {
            true => "DOMESTIC",
            false => "INTERNATIONAL",
        });
        let body = Booking {
            associated_account_number: Value { value: common::account_number(call)? },
            origin_detail: Origin {
                pickup_address_type: "OTHER",
                pickup_location: site,
                ready_date_timestamp: ready(pickup.date, pickup.ready),
                customer_close_time: clock(pickup.close),
            },
            carrier_code: carrier_code(&pickup.service),
            total_weight: order::weight(pickup.weight),
            package_count: pickup.parcels,
            remarks: party::cut(&pickup.instructions, REMARKS_MAX),
            country_relationships: relation,
            tracking_number: match pickup.tracking_numbers.as_slice() {
                [one] => Some(one),
                _ => None,
            },
        };
        Ok(common::call(call, Method::Post, "/pickup/v1/pickups", &body))
    }

    fn response(
        &self,
        response: &HttpResponse,
        pickup: &PickupRequest,
    ) -> Result<Step<Pickup>, CarrierError> {
        if !common::is_success(response) {
            return Err(common::failure(response, Stake::Money));
        }
        let text = common::text(&response.body);
        let body: PickupBody<'_> = common::json(&text)?;
        let output = common::output(body.output.0, &text, Stake::Money)?;
        let code = output.pickup_confirmation_code.owned();
        let confirmation = code.ok_or_else(|| CarrierError::garbled("no confirmation code"))?;
        Ok(Step::Done(Pickup {
            confirmation,
            // FedEx repeats no date: it comes on the day that was asked for, or refuses.
            date: pickup.date,
            location: output.location.owned().unwrap_or_default(),
            service: pickup.service.clone(),
        }))
    }

    fn cancellation(&self) -> Option<&dyn PickupCancellation> {
        Some(self)
    }
}

impl PickupCancellation for Fedex {
    fn request(&self, call: &Call<'_>, pickup: &Pickup) -> HttpRequest {
        let body = Cancellation {
            associated_account_number: Value {
                value: call.account.field("account_number").unwrap_or_default(),
            },
            pickup_confirmation_code: &pickup.confirmation,
            scheduled_date: common::day(pickup.date),
            carrier_code: carrier_code(&pickup.service),
            location: &pickup.location,
        };
        common::call(call, Method::Put, "/pickup/v1/pickups/cancel", &body)
    }

    fn response(&self, response: &HttpResponse) -> Result<(), CarrierError> {
        if !common::is_success(response) {
            return Err(common::failure(response, Stake::Nothing));
        }
        let text = common::text(&response.body);
        let body: PickupBody<'_> = common::json(&text)?;
        let output = common::output(body.output.0, &text, Stake::Nothing)?;
        match output.pickup_confirmation_code.get() {
            Some(_) => Ok(()),
            None => Err(CarrierError::garbled("a cancellation without its code")),
        }
    }
}
