//! Collections: `POST /pickups`, and calling one off.
//!
//! DHL keeps no list of open pickups: the number must be kept.

use colibri_types::Grams;
use serde::Serialize;
use serde_json::value::RawValue;
use time::PrimitiveDateTime;

use super::{
    DhlExpress, INFO,
    common::{self, Stake},
    customs, moment,
    order::{self, Payer},
    party::{self, PICKUP, Party, latin},
    wire::Booked,
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Method, Pickup, PickupCancellation,
    PickupRequest, Pickups, Rejection, Step, wire::lenient::Text, wire::when,
};

/// `specialInstructions[].value`, and how many of them.
const INSTRUCTION_MAX: usize = 80;
const INSTRUCTIONS_MAX: usize = 4;
/// `shipmentDetails[].packages`.
const PARCELS_MAX: u32 = 999;
const DAYS_AHEAD_MAX: i64 = 10;

#[derive(Serialize)]
struct Instruction {
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Site {
    shipper_details: Party,
}

#[derive(Serialize)]
struct Cube {
    length: u32,
    width: u32,
    height: u32,
}

#[derive(Serialize)]
struct Package {
    weight: Box<RawValue>,
    dimensions: Cube,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Goods<'a> {
    product_code: &'a str,
    is_customs_declarable: bool,
    unit_of_measurement: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipment_tracking_number: Option<&'a str>,
    packages: Vec<Package>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Booking<'a> {
    planned_pickup_date_and_time: String,
    close_time: String,
    location_type: &'static str,
    accounts: [Payer<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    special_instructions: Vec<Instruction>,
    remark: &'a str,
    customer_details: Site,
    shipment_details: [Goods<'a>; 1],
}

impl Pickups for DhlExpress {
    fn request(&self, call: &Call<'_>, pickup: &PickupRequest) -> Result<HttpRequest, Rejection> {
        let reject = |field, reason: &str| Err(Rejection::new(field, reason));
        let number = order::account(call)?;
        let site = party::party(&pickup.address, &PICKUP)?.bare();
        if pickup.close <= pickup.ready {
            return reject("close", "later than the parcels are ready");
        }
        if !INFO.services.iter().any(|(code, _)| *code == pickup.service) {
            return reject("service", "no DHL Express product of this connector");
        }
        if pickup.parcels == 0 || pickup.parcels > PARCELS_MAX {
            return Err(Rejection::new("parcels", format!("one to {PARCELS_MAX} parcels")));
        }
        if pickup.weight.0 == 0 {
            return reject("weight", "more than 0 kg");
        }
        let local = PrimitiveDateTime::new(pickup.date, pickup.ready);
        let offset = moment::offset(&pickup.address, local);
        let ahead = (pickup.date - call.now.to_offset(offset).date()).whole_days();
        if !(0..=DAYS_AHEAD_MAX).contains(&ahead) {
            return reject("date", "today or up to ten days ahead");
        }
        let pair = pickup.address.country.zip(pickup.destination);
        let booking = Booking {
            planned_pickup_date_and_time: moment::moment(local, offset),
            close_time: format!("{:02}:{:02}", pickup.close.hour(), pickup.close.minute()),
            location_type: match pickup.address.company.trim().is_empty() {
                true => "residence",
                false => "business",
            },
            accounts: [Payer { type_code: "shipper", number }],
            special_instructions: instructions(&pickup.instructions)?,
            remark: &pickup.reference,
            customer_details: Site { shipper_details: site },
            shipment_details: [Goods {
                product_code: &pickup.service,
                is_customs_declarable: pair.is_some_and(|(from, to)| customs::border(from, to)),
                unit_of_measurement: "metric",
                shipment_tracking_number: waybill(&pickup.tracking_numbers),
                packages: packages(pickup),
            }],
        };
        Ok(common::body(common::call(call, Method::Post, "/pickups"), &booking))
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
        let body: Booked<'_> = common::json(&text)?;
        let confirmation = body.dispatch_confirmation_numbers.0.iter().find_map(Text::owned);
        let confirmation =
            confirmation.ok_or_else(|| CarrierError::garbled("no dispatch confirmation number"))?;
        let place = crate::Location::default();
        let date = body.next_pickup_date.get().and_then(|date| when::iso(date, &place).0);
        Ok(Step::Done(Pickup {
            confirmation,
            date: date.map_or(pickup.date, |date| date.local.date()),
            // DHL wants the name of whoever calls it off.
            location: requestor(pickup),
            service: pickup.service.clone(),
        }))
    }

    fn cancellation(&self) -> Option<&dyn PickupCancellation> {
        Some(self)
    }
}

impl PickupCancellation for DhlExpress {
    fn request(&self, call: &Call<'_>, pickup: &Pickup) -> HttpRequest {
        let number = common::escape(&pickup.confirmation);
        let name = common::escape(&pickup.location);
        let path = format!("/pickups/{number}?requestorName={name}&reason=not%20needed");
        common::call(call, Method::Delete, &path)
    }

    fn response(&self, response: &HttpResponse) -> Result<(), CarrierError> {
        match common::is_success(response) {
            true => Ok(()),
            false => Err(common::failure(response, Stake::Money)),
        }
    }
}

/// A word for whoever calls a pickup off: the company, never a person.
fn requestor(pickup: &PickupRequest) -> String {
    let company = party::cut(&pickup.address.company, 45);
    if company.is_empty() { "Shipper".to_owned() } else { company }
}

/// One shipment only can be named, and by its waybill.
fn waybill(numbers: &[String]) -> Option<&str> {
    match numbers {
        [number] if number.len() == 10 && number.bytes().all(|b| b.is_ascii_digit()) => {
            Some(number)
        }
        _ => None,
    }
}

/// Centimetres of a cube whose volume weighs as much, at DHL's 5000 cubic centimetres to the
/// kilogram: DHL wants sides, and a pickup has none.
fn side(weight: Grams) -> u32 {
    let volume = u64::from(weight.0) * 5;
    (1_u32..).find(|side| u64::from(*side).pow(3) >= volume).unwrap_or(1)
}

/// The weight in equal parts, rounded up to the gram: a courier plans the van by it.
fn packages(pickup: &PickupRequest) -> Vec<Package> {
    let each = Grams(pickup.weight.0.div_ceil(pickup.parcels.max(1)));
    let side = side(each);
    let package = |_| Package {
        weight: common::kilograms(each),
        dimensions: Cube { length: side, width: side, height: side },
    };
    (0..pickup.parcels).map(package).collect()
}

/// In up to four lines, cut at words.
fn instructions(text: &str) -> Result<Vec<Instruction>, Rejection> {
    let text = latin(text, "instructions")?;
    let (mut rest, mut lines) = (text.as_str(), Vec::new());
    while !rest.is_empty() {
        let value = party::cut(rest, INSTRUCTION_MAX);
        rest = rest.strip_prefix(value.as_str()).unwrap_or_default().trim_start();
        lines.push(Instruction { value });
    }
    if lines.len() > INSTRUCTIONS_MAX {
        let reason = format!("at most {INSTRUCTIONS_MAX} lines of {INSTRUCTION_MAX} characters");
        return Err(Rejection::new("instructions", reason));
    }
    Ok(lines)
}
