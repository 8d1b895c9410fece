//! Options of delivery: what they add to the shipment and to its packages.
//!
//! UPS collects money on delivery in three ways: for the whole shipment from the European Union,
//! at the package inside North America, and at an access point with a field of its own.

use colibri_types::Money;

use super::{
    customs, lanes,
    parcels::{Lane, PackageOption},
    party::{self, LINE_MAX, POINT},
    wire::{CodeOut, PRESENT},
    wire_extras::{AlternateDeliveryAddress, Cod},
    wire_ship::{Amount, DeliveryConfirmation, ShipmentServiceOptions},
};
use crate::{Contact, DeliveryOption, Rejection, Shipment, wire::border};

/// `UPSAccessPointID`.
const POINT_ID: usize = 9;
/// `MonetaryValue` of money on delivery, with its point and cents: 99999.99.
const COLLECT_MAX: usize = 8;
/// Cents: 50,000 is the most that UPS collects at a package.
const COLLECT_PACKAGE_MAX: i64 = 5_000_000;
/// Kinds of money. The appendix that lists them is not part of the interface's description: these
/// are the values that clients of UPS are seen to send for cash.
const CASH_OF_SHIPMENT: &str = "1";
const ANY_OF_PACKAGE: &str = "0";

/// What the options add.
#[derive(Default)]
pub(super) struct Extras {
    pub options: ShipmentServiceOptions,
    pub packages: Vec<PackageOption>,
    pub point: Option<AlternateDeliveryAddress>,
    /// `01` hold at an access point, `02` from access point to access point.
    pub indication: Vec<CodeOut<'static>>,
}

fn reject<T>(reason: &str) -> Result<T, Rejection> {
    Err(Rejection::new("options", reason))
}

pub(super) fn extras(shipment: &Shipment, lane: &Lane) -> Result<Extras, Rejection> {
    let mut extras = Extras::default();
    let to_point =
        shipment.options.iter().any(|option| matches!(option, DeliveryOption::ServicePoint { .. }));
    if shipment.service == lanes::ECONOMY_TO_POINTS && !to_point {
        let reason = "UPS takes it to access points only: name one";
        return Err(Rejection::new("service", reason));
    }
    for option in &shipment.options {
        match option {
            DeliveryOption::Signature if lane.package_signature => {
                extras.packages.push(PackageOption::Signature);
            }
            DeliveryOption::Signature => {
                let signed = DeliveryConfirmation { dcis_type: "1" };
                extras.options.delivery_confirmation = Some(signed);
            }
            DeliveryOption::Saturday => extras.options.saturday_delivery_indicator = PRESENT,
            DeliveryOption::Insurance(value) => insure(*value, shipment, &mut extras)?,
            DeliveryOption::CashOnDelivery(amount) => {
                collect(*amount, shipment, to_point, lane, &mut extras)?;
            }
            DeliveryOption::ServicePoint { id, address } => {
                point(id, address.as_deref(), shipment, &mut extras)?;
            }
            DeliveryOption::SafePlace(_) => {
                return reject("UPS takes wishes for a safe place from the receiver only");
            }
        }
    }
    Ok(extras)
}

/// On the way back UPS neither collects money nor goes to a point.
pub(super) fn extras_back(shipment: &Shipment) -> Result<Extras, Rejection> {
    let mut extras = Extras::default();
    for option in &shipment.options {
        match option {
            DeliveryOption::Insurance(value) => insure(*value, shipment, &mut extras)?,
            _ => return reject("on the way back UPS offers insurance only"),
        }
    }
    Ok(extras)
}

fn insure(value: Money, shipment: &Shipment, extras: &mut Extras) -> Result<(), Rejection> {
    if shipment.parcels.len() != 1 {
        return reject("UPS insures each parcel by itself: buy insured parcels one by one");
    }
    if value.amount_minor <= 0 {
        return reject("an insured value above zero");
    }
    extras.packages.push(PackageOption::Value(value));
    Ok(())
}

/// Money on delivery, in the way that the lane has.
fn collect(
    money: Money,
    shipment: &Shipment,
    to_point: bool,
    lane: &Lane,
    extras: &mut Extras,
) -> Result<(), Rejection> {
    let amount: Amount = customs::amount(money);
    if money.amount_minor <= 0 || amount.monetary_value.len() > COLLECT_MAX {
        return reject("an amount to collect above zero and of at most eight characters");
    }
    if to_point && shipment.service == lanes::ECONOMY_TO_POINTS {
        return reject("UPS collects no money for Access Point Economy");
    }
    let code = |country: Option<colibri_types::Country>| country.map(|country| country.to_string());
    let pair = (code(shipment.sender.country), code(shipment.recipient.country));
    let (from, to) = (pair.0.as_deref().unwrap_or(""), pair.1.as_deref().unwrap_or(""));
    if border::member(from) {
        if to_point && border::member(to) {
            extras.options.access_point_cod = Some(amount);
        } else if to_point {
            return reject("UPS collects money at access points within the European Union only");
        } else {
            extras.options.cod = Some(Cod { funds_code: CASH_OF_SHIPMENT, amount });
        }
        return Ok(());
    }
    // To points UPS collects inside the US and inside Canada, at doors from Canada to the US too.
    let near = lane.package_signature || !to_point && (from, to) == ("CA", "US");
    if !near {
        return reject("UPS collects money from the EU and inside North America only");
    }
    if shipment.parcels.len() != 1 || money.amount_minor > COLLECT_PACKAGE_MAX {
        return reject("UPS collects at each package here: one parcel, at most 50,000");
    }
    extras.packages.push(match to_point {
        true => PackageOption::CollectAtPoint(money),
        false => PackageOption::Collect(ANY_OF_PACKAGE, money),
    });
    Ok(())
}

/// Delivery to an access point, whose address UPS wants repeated.
fn point(
    id: &str,
    address: Option<&Contact>,
    shipment: &Shipment,
    extras: &mut Extras,
) -> Result<(), Rejection> {
    if id.len() != POINT_ID || !id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
        return reject("an access point's id has nine letters and digits");
    }
    if extras.point.is_some() {
        return reject("one access point");
    }
    let Some(address) = address else {
        return reject("UPS needs the access point's address");
    };
    let Ok(place) = party::address(address, &POINT) else {
        return reject("the access point's address is incomplete");
    };
    let shop = if address.company.trim().is_empty() { &address.name } else { &address.company };
    let name = party::cut(shop, LINE_MAX);
    if name.is_empty() {
        return reject("UPS needs the access point's name");
    }
    // Who collects; the label shows it under the shop.
    let receiver = party::cut(&shipment.recipient.name, LINE_MAX);
    let attention_name = if receiver.is_empty() { name.clone() } else { receiver };
    extras.point = Some(AlternateDeliveryAddress {
        name,
        attention_name,
        ups_access_point_id: id.to_owned(),
        address: place,
    });
    let economy = shipment.service == lanes::ECONOMY_TO_POINTS;
    extras.indication = vec![CodeOut { code: if economy { "02" } else { "01" } }];
    Ok(())
}
