//! Options of delivery: value-added services, and what is asked of the last metres.

use colibri_types::Money;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    common,
    party::{cut, latin},
};
use crate::{Contact, DeliveryOption, Rejection, Shipment};

/// `onDemandDelivery.location`, `.specialInstructions`, `.authorizerName`.
const LOCATION_MAX: usize = 15;
const INSTRUCTIONS_MAX: usize = 110;
const AUTHORIZER_MAX: usize = 20;
/// `onDemandDelivery.servicePointId`: service area and facility.
const POINT_LEN: usize = 6;

/// A value-added service.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Extra {
    service_code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
}

/// Where the last metres end.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OnDemand {
    delivery_option: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    special_instructions: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_point_id: Option<String>,
}

pub(super) const fn plain(service_code: &'static str) -> Extra {
    Extra { service_code, value: None, currency: None }
}

fn insured(value: Money) -> Extra {
    Extra {
        service_code: "II",
        value: Some(common::amount(value)),
        currency: Some(value.currency.to_string()),
    }
}

/// Adds what the options cost to `extras`; gives what is asked of the last metres.
pub(super) fn apply(
    shipment: &Shipment,
    extras: &mut Vec<Extra>,
) -> Result<Option<OnDemand>, Rejection> {
    let reject = |reason: &str| Err(Rejection::new("options", reason));
    let mut on_demand = None;
    for option in &shipment.options {
        let wish = match option {
            DeliveryOption::Signature => {
                extras.push(plain("SF"));
                continue;
            }
            DeliveryOption::Saturday => {
                extras.push(plain("AA"));
                continue;
            }
            DeliveryOption::Insurance(value) if value.amount_minor <= 0 => {
                return reject("an insured value above zero");
            }
            DeliveryOption::Insurance(value) => {
                extras.push(insured(*value));
                continue;
            }
            DeliveryOption::CashOnDelivery(_) => {
                return reject("DHL Express collects no cash on delivery");
            }
            DeliveryOption::ServicePoint { id, .. } => point(id)?,
            DeliveryOption::SafePlace(place) => safe_place(place, &shipment.recipient)?,
        };
        if on_demand.replace(wish).is_some() {
            return reject("one place of delivery only");
        }
    }
    let signed = shipment.options.contains(&DeliveryOption::Signature);
    if signed && on_demand.as_ref().is_some_and(|wish| wish.delivery_option == "signatureRelease") {
        return reject("a safe place means that nobody signs");
    }
    Ok(on_demand)
}

fn point(id: &str) -> Result<OnDemand, Rejection> {
    if id.len() != POINT_LEN || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(Rejection::new("options", "a service point has six letters and digits"));
    }
    Ok(OnDemand {
        delivery_option: "servicepoint",
        location: None,
        special_instructions: None,
        authorizer_name: None,
        service_point_id: Some(id.to_owned()),
    })
}

fn safe_place(place: &str, recipient: &Contact) -> Result<OnDemand, Rejection> {
    let place = latin(place, "options")?;
    let length = place.chars().count();
    if length == 0 || length > INSTRUCTIONS_MAX {
        let reason = format!("a safe place of one to {INSTRUCTIONS_MAX} characters");
        return Err(Rejection::new("options", reason));
    }
    let name = if recipient.name.is_empty() { &recipient.company } else { &recipient.name };
    Ok(OnDemand {
        delivery_option: "signatureRelease",
        location: Some(cut(&place, LOCATION_MAX)),
        special_instructions: (length > LOCATION_MAX).then_some(place),
        authorizer_name: Some(cut(&latin(name, "recipient.name")?, AUTHORIZER_MAX)),
        service_point_id: None,
    })
}
