//! Collections: Pickup v2409, on call.
//!
//! UPS answers with the same number (PRN) when a collection for the address exists already, so
//! asking twice sends one driver. A cancellation names the number in a header.

use colibri_types::{Country, Grams};
use serde::{Deserialize, Serialize};
use time::Time;

use super::{
    INFO, Ups,
    common::{self, Stake},
    labels,
    party::{self, PICKUP},
    wire_ship::{Phone, Request},
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Method, Pickup, PickupCancellation,
    PickupRequest, Pickups, Rejection, Step,
    wire::border,
    wire::lenient::{One, Text},
};

const CREATE: &str = "/api/pickupcreation/v2409/pickup";
/// `02`: by the number in the header `Prn`.
const CANCEL: &str = "/api/shipments/v2409/pickup/02";

const COMPANY_MAX: usize = 27;
const CONTACT_MAX: usize = 22;
const LINE_MAX: usize = 73;
const POSTCODE_MAX: usize = 8;
const INSTRUCTION_MAX: usize = 57;
const PIECES_MAX: u32 = 999;
const TRACKING_MAX: usize = 30;
/// Above this a parcel is overweight and needs a second hand.
const OVERWEIGHT: u32 = 32_000;
/// `Weight` has six characters, one decimal.
const WEIGHT_MAX: Grams = Grams(9_999_900);
/// Countries where UPS wants to know how far the parcels go.
const CATEGORISED: &[&str] = &["BE", "FR", "DE", "IT", "MX", "NL", "PL", "ES", "GB"];

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body<'a> {
    pickup_creation_request: Booking<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Booking<'a> {
    request: Request<'a>,
    rate_pickup_indicator: &'static str,
    shipper: Shipper<'a>,
    pickup_date_info: DateInfo,
    pickup_address: Site,
    alternate_address_indicator: &'static str,
    pickup_piece: [Piece; 1],
    total_weight: Weight,
    #[serde(skip_serializing_if = "Option::is_none")]
    overweight_indicator: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tracking_data: Vec<Tracking<'a>>,
    payment_method: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    special_instruction: String,
    reference_number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_category: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Shipper<'a> {
    account: AccountOut<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AccountOut<'a> {
    account_number: &'a str,
    account_country_code: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct DateInfo {
    close_time: String,
    ready_time: String,
    pickup_date: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Site {
    company_name: String,
    contact_name: String,
    address_line: String,
    city: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_province: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    postal_code: Option<String>,
    country_code: String,
    residential_indicator: &'static str,
    phone: Phone,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Piece {
    service_code: String,
    quantity: String,
    destination_country_code: String,
    container_code: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Weight {
    weight: String,
    unit_of_measurement: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Tracking<'a> {
    tracking_number: &'a str,
}

/// Answers of creation and of cancellation.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Answer<'a> {
    #[serde(borrow)]
    pickup_creation_response: One<Created<'a>>,
    pickup_cancel_response: One<Cancelled<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Created<'a> {
    #[serde(borrow, rename = "PRN")]
    prn: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Cancelled<'a> {
    #[serde(borrow)]
    response: One<Outcome<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Outcome<'a> {
    #[serde(borrow)]
    response_status: One<super::wire::Code<'a>>,
}

fn reject<T>(field: &'static str, reason: impl Into<String>) -> Result<T, Rejection> {
    Err(Rejection::new(field, reason))
}

/// `HHmm`.
fn clock(time: Time) -> String {
    format!("{:02}{:02}", time.hour(), time.minute())
}

fn check(call: &Call<'_>, pickup: &PickupRequest) -> Result<(), Rejection> {
    if pickup.close <= pickup.ready {
        return reject("close", "after the time from which parcels are ready");
    }
    // The site's today may be a day behind ours.
    if (pickup.date - call.now.date()).whole_days() < -1 {
        return reject("date", "today or later");
    }
    if pickup.parcels == 0 || pickup.parcels > PIECES_MAX {
        return reject("parcels", format!("one to {PIECES_MAX} parcels"));
    }
    if pickup.weight.0 == 0 || pickup.weight > WEIGHT_MAX {
        return reject("weight", "above zero and below ten tonnes");
    }
    if !INFO.services.iter().any(|(code, _)| *code == pickup.service) {
        return reject("service", "no UPS service of this connector");
    }
    if pickup.reference.is_empty() || pickup.reference.len() > party::LINE_MAX {
        return reject("reference", format!("one to {} characters", party::LINE_MAX));
    }
    Ok(())
}

/// The site: one line for its street, and always a company, a person and a phone.
fn site(pickup: &PickupRequest) -> Result<Site, Rejection> {
    let contact = &pickup.address;
    let party = party::party(contact, &PICKUP, true)?;
    let address = party.address;
    let line = address.address_line.join(", ");
    if line.chars().count() > LINE_MAX {
        return reject("address.lines", format!("at most {LINE_MAX} characters together"));
    }
    let mut postal_code = address.postal_code;
    if matches!(address.country_code.as_str(), "US" | "PR") {
        // Five digits lead to the stop; nine do not fit here.
        postal_code = postal_code.map(|code| code.chars().take(5).collect());
    }
    if postal_code.as_ref().is_some_and(|code| code.len() > POSTCODE_MAX) {
        return reject("address.postcode", format!("at most {POSTCODE_MAX} characters"));
    }
    let phone = party.phone.map_or_else(|| reject("address.phone", "UPS needs a phone"), Ok)?;
    Ok(Site {
        company_name: party::cut(&party.name, COMPANY_MAX),
        contact_name: party::cut(&party.attention_name, CONTACT_MAX),
        address_line: line,
        city: address.city,
        state_province: address.state_province_code,
        postal_code,
        country_code: address.country_code,
        residential_indicator: if contact.company.trim().is_empty() { "Y" } else { "N" },
        phone,
    })
}

/// Domestic, within the European Union, or beyond.
fn category(from: &str, to: &str) -> Option<&'static str> {
    CATEGORISED.contains(&from).then(|| match from == to {
        true => "01",
        false if border::member(from) && border::member(to) => "03",
        false => "02",
    })
}

/// Known only when one parcel, or all together, tell it.
fn overweight(pickup: &PickupRequest) -> Option<&'static str> {
    let heaviest_at_least = pickup.weight.0 / pickup.parcels.max(1);
    if heaviest_at_least > OVERWEIGHT {
        Some("Y")
    } else {
        (pickup.weight.0 <= OVERWEIGHT).then_some("N")
    }
}

impl Pickups for Ups {
    fn request(&self, call: &Call<'_>, pickup: &PickupRequest) -> Result<HttpRequest, Rejection> {
        let shipper = super::shipper_number(call.account)
            .map_err(|error| Rejection::new("account.shipper_number", error.reason))?;
        check(call, pickup)?;
        let site = site(pickup)?;
        let Some(to) = pickup.destination.as_ref().map(Country::as_str) else {
            return reject("destination", "UPS wants the country that most parcels go to");
        };
        let numbers = Some(&pickup.tracking_numbers).filter(|all| all.len() <= TRACKING_MAX);
        let tracking = |number: &'_ String| -> bool { (1..=18).contains(&number.len()) };
        let numbers = numbers.into_iter().flatten().filter(|number| tracking(number));
        let tenths = pickup.weight.0.div_ceil(100);
        let body = Body {
            pickup_creation_request: Booking {
                request: labels::request(&pickup.reference, None, None),
                rate_pickup_indicator: "N",
                shipper: Shipper {
                    account: AccountOut {
                        account_number: shipper,
                        account_country_code: site.country_code.clone(),
                    },
                },
                pickup_date_info: DateInfo {
                    close_time: clock(pickup.close),
                    ready_time: clock(pickup.ready),
                    pickup_date: labels::day(pickup.date),
                },
                // The address is told in full, whatever the account's profile holds.
                alternate_address_indicator: "Y",
                pickup_piece: [Piece {
                    service_code: format!("0{}", pickup.service),
                    quantity: pickup.parcels.to_string(),
                    destination_country_code: to.to_owned(),
                    container_code: "01",
                }],
                total_weight: Weight {
                    weight: format!("{}.{}", tenths / 10, tenths % 10),
                    unit_of_measurement: "KGS",
                },
                overweight_indicator: overweight(pickup),
                tracking_data: numbers.map(|number| Tracking { tracking_number: number }).collect(),
                payment_method: "01",
                special_instruction: party::cut(&pickup.instructions, INSTRUCTION_MAX),
                reference_number: &pickup.reference,
                service_category: category(&site.country_code, to),
                pickup_address: site,
            },
        };
        Ok(common::body(common::call(call, Method::Post, CREATE), &body))
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
        let body: Answer<'_> = common::json(&text)?;
        let number = body.pickup_creation_response.get().and_then(|created| created.prn.owned());
        Ok(Step::Done(Pickup {
            confirmation: number.ok_or_else(|| CarrierError::garbled("no PRN"))?,
            // UPS repeats no date: it comes on the day that was asked for, or refuses.
            date: pickup.date,
            location: String::new(),
            service: pickup.service.clone(),
        }))
    }

    fn cancellation(&self) -> Option<&dyn PickupCancellation> {
        Some(self)
    }
}

impl PickupCancellation for Ups {
    fn request(&self, call: &Call<'_>, pickup: &Pickup) -> HttpRequest {
        common::call(call, Method::Delete, CANCEL).header("Prn", pickup.confirmation.clone())
    }

    fn response(&self, response: &HttpResponse) -> Result<(), CarrierError> {
        if !common::is_success(response) {
            return Err(common::failure(response, Stake::Nothing));
        }
        let text = common::text(&response.body);
        let body: Answer<'_> = common::json(&text)?;
        let answer = body.pickup_cancel_response.get().and_then(|answer| answer.response.get());
        let status = answer.and_then(|outcome| outcome.response_status.get());
        match status.and_then(|status| status.code.get()) {
            Some("1") => Ok(()),
            Some(code) => Err(CarrierError::Refused {
                code: code.to_owned(),
                message: status.and_then(|s| s.description.owned()).unwrap_or_default(),
            }),
            None => Err(CarrierError::garbled("a cancellation without its status")),
        }
    }
}

#[cfg(test)]
#[path = "pickups_tests.rs"]
mod tests;
