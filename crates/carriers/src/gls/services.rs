//! What can be bought: GLS's two products, each with the services of the shipment that make a
//! level of service of it, and what options add.

use colibri_types::Money;
use serde_json::value::RawValue;
use time::Date;

use super::{
    address::{RECIPIENT, notified, printable},
    wire::{
        AddonLiability, Cash, Deposit, Named, Number, PickAndReturn, ShipmentService, ShopDelivery,
        UnitService,
    },
};
use crate::{DeliveryOption, Rejection, Shipment};

/// Services by code and name.
pub(super) const LIST: &[(&str, &str)] = &[
    ("PARCEL", "BusinessParcel, EuroBusinessParcel"),
    ("PARCEL_FLEX", "Parcel with FlexDelivery: the receiver is asked"),
    ("PARCEL_24", "Parcel with Guaranteed24: the next working day"),
    ("EXPRESS", "ExpressParcel"),
    ("EXPRESS_0800", "ExpressParcel by 08:00"),
    ("EXPRESS_0900", "ExpressParcel by 09:00"),
    ("EXPRESS_1000", "ExpressParcel by 10:00"),
    ("EXPRESS_1200", "ExpressParcel by 12:00"),
    ("EXPRESS_1300", "ExpressParcel by 13:00"),
    (COLLECTED_RETURN, "Pick&Return: fetched at the sender, for the way back only"),
];

/// The way back that GLS fetches itself.
pub(super) const COLLECTED_RETURN: &str = "PICK_RETURN";

/// `PlaceOfDeposit`.
const DEPOSIT_MAX: usize = 60;
/// `Cash.Reason`.
const REASON_MAX: usize = 160;
/// `AddonLiability.ParcelContent`.
const CONTENT_MAX: usize = 255;
/// `ParcelShopID`, with its partner: `GLS_FR-2500000001`.
const SHOP_MAX: usize = 50;

/// The product of a service code, and its plain service where it is made by one.
pub(super) fn product(code: &str) -> Option<(&'static str, Option<&'static str>)> {
    Some(match code {
        "PARCEL" | COLLECTED_RETURN => ("PARCEL", None),
        "PARCEL_FLEX" => ("PARCEL", Some("service_flexdelivery")),
        "PARCEL_24" => ("PARCEL", Some("service_guaranteed24")),
        "EXPRESS" => ("EXPRESS", None),
        "EXPRESS_0800" => ("EXPRESS", Some("service_0800")),
        "EXPRESS_0900" => ("EXPRESS", Some("service_0900")),
        "EXPRESS_1000" => ("EXPRESS", Some("service_1000")),
        "EXPRESS_1200" => ("EXPRESS", Some("service_1200")),
        "EXPRESS_1300" => ("EXPRESS", Some("service_1300")),
        _ => return None,
    })
}

/// What a shipment asks of GLS.
pub(super) struct Asked {
    pub product: &'static str,
    pub shipment: Vec<ShipmentService>,
    /// Of the only parcel.
    pub unit: Vec<UnitService>,
}

fn reject(reason: &str) -> Rejection {
    Rejection::new("options", reason)
}

/// Service and options of a shipment.
pub(super) fn asked(shipment: &Shipment) -> Result<Asked, Rejection> {
    let unknown = || Rejection::new("service", "no GLS service of this connector");
    let (product, service) = product(&shipment.service).ok_or_else(unknown)?;
    let mut asked = Asked { product, shipment: Vec::new(), unit: Vec::new() };
    compatible(shipment)?;
    let saturday = shipment.options.contains(&DeliveryOption::Saturday);
    if let Some(name) = service.filter(|_| !saturday) {
        asked.shipment.push(named(name));
    }
    for option in &shipment.options {
        apply(option, shipment, &mut asked)?;
    }
    if shipment.service == "PARCEL_FLEX" {
        notified(&shipment.recipient, &RECIPIENT)?;
    }
    Ok(asked)
}

const fn named(service_name: &'static str) -> ShipmentService {
    ShipmentService::Service(Named { service_name })
}

/// Combinations that GLS refuses, as seen.
fn compatible(shipment: &Shipment) -> Result<(), Rejection> {
    let has = |wanted: fn(&DeliveryOption) -> bool| shipment.options.iter().any(wanted);
    let flex = shipment.service == "PARCEL_FLEX";
    let signature = has(|option| matches!(option, DeliveryOption::Signature));
    let saturday = has(|option| matches!(option, DeliveryOption::Saturday));
    let shop = has(|option| matches!(option, DeliveryOption::ServicePoint { .. }));
    let deposit = has(|option| matches!(option, DeliveryOption::SafePlace(_)));
    let cash = has(|option| matches!(option, DeliveryOption::CashOnDelivery(_)));
    if flex && (signature || saturday || shop || deposit) {
        return Err(reject("FlexDelivery leaves the place and the day to the receiver"));
    }
    if deposit && (signature || shop || cash) {
        return Err(reject("a place of deposit excludes signature, shop and cash"));
    }
    if shop && !shipment.service.starts_with("PARCEL") {
        return Err(reject("only the product PARCEL goes to shops"));
    }
    if shop && saturday || signature && saturday && shipment.service.starts_with("PARCEL") {
        return Err(reject("a Saturday delivery of PARCEL takes no shop and no signature"));
    }
    Ok(())
}

fn apply(option: &DeliveryOption, shipment: &Shipment, asked: &mut Asked) -> Result<(), Rejection> {
    match option {
        DeliveryOption::Signature => asked.shipment.push(named("service_signature")),
        DeliveryOption::Saturday => asked.shipment.push(named(saturday(&shipment.service)?)),
        DeliveryOption::Insurance(value) => {
            asked.unit.push(UnitService::AddonLiability(AddonLiability {
                service_name: "service_addonliability",
                amount: amount(*value, shipment)?,
                currency: value.currency.to_string(),
                parcel_content: content(shipment)?,
            }));
        }
        DeliveryOption::CashOnDelivery(value) => asked.unit.push(UnitService::Cash(Cash {
            service_name: "service_cash",
            reason: super::address::cut(&reference(shipment), REASON_MAX),
            amount: amount(*value, shipment)?,
            currency: value.currency.to_string(),
        })),
        DeliveryOption::ServicePoint { id, .. } => {
            let sign = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
            if id.is_empty() || id.len() > SHOP_MAX || !id.bytes().all(sign) {
                let reason = format!("a shop id has up to {SHOP_MAX} letters, digits, _ and -");
                return Err(Rejection::new("options", reason));
            }
            notified(&shipment.recipient, &RECIPIENT)?;
            asked.shipment.push(ShipmentService::ShopDelivery(ShopDelivery {
                service_name: "service_shopdelivery",
                parcel_shop_id: id.clone(),
            }));
        }
        DeliveryOption::SafePlace(place) => {
            let place = printable(place, "options")?;
            if place.is_empty() || place.chars().count() > DEPOSIT_MAX {
                let reason = format!("a place of deposit has 1 to {DEPOSIT_MAX} characters");
                return Err(Rejection::new("options", reason));
            }
            asked.shipment.push(ShipmentService::Deposit(Deposit {
                service_name: "service_deposit",
                place_of_deposit: place,
            }));
        }
    }
    Ok(())
}

/// The Saturday service that keeps the promised hour.
fn saturday(service: &str) -> Result<&'static str, Rejection> {
    Ok(match service {
        // The capital letter is GLS's.
        "PARCEL" => "service_Saturday",
        "EXPRESS" | "EXPRESS_1200" => "service_saturday_1200",
        "EXPRESS_1000" => "service_saturday_1000",
        "EXPRESS_0900" => "service_saturday_0900",
        _ => return Err(reject("no Saturday delivery with this service")),
    })
}

/// Money of a parcel's service. GLS takes it per parcel, and how a sum is to be split over several
/// is not ours to decide.
fn amount(value: Money, shipment: &Shipment) -> Result<Number, Rejection> {
    if shipment.parcels.len() != 1 {
        return Err(reject("an amount belongs to one parcel: ship each alone"));
    }
    if value.amount_minor <= 0 {
        return Err(reject("an amount is greater than zero"));
    }
    number(&value.to_decimal().to_string()).ok_or_else(|| reject("an amount is a decimal number"))
}

/// A JSON number from decimal text.
pub(super) fn number(text: &str) -> Option<Number> {
    RawValue::from_string(text.to_owned()).ok()
}

fn reference(shipment: &Shipment) -> String {
    let text = printable(&shipment.order_number, "order_number").unwrap_or_default();
    if text.is_empty() { shipment.attempt_ref.clone() } else { text }
}

fn content(shipment: &Shipment) -> Result<String, Rejection> {
    let items = shipment.parcels.iter().flat_map(|parcel| &parcel.items);
    let words: Vec<&str> = items.map(|item| item.description.trim()).collect();
    let text = printable(&words.join(" "), "parcels.items.description")?;
    let text = if text.is_empty() { reference(shipment) } else { text };
    Ok(super::address::cut(&text, CONTENT_MAX))
}

/// The way back that GLS fetches, on a day to come.
pub(super) fn collected_return(day: Date) -> ShipmentService {
    ShipmentService::PickAndReturn(PickAndReturn {
        service_name: "service_pickandreturn",
        pickup_date: day.to_string(),
    })
}
