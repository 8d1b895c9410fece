//! Options of delivery as special services of the shipment and of its packages.

use colibri_types::Money;

use super::{
    customs,
    order::Lane,
    party::{self, RECIPIENT},
    wire_out::{
        HoldAtLocationDetail, LocationContactAndAddress, PackageCodDetail, PackageSpecialServices,
        ShipmentCodDetail, ShipmentSpecialServices,
    },
};
use crate::{Contact, DeliveryOption, Rejection, Shipment};

/// Services that FedEx delivers on a Saturday.
const SATURDAY: &[&str] = &["PRIORITY_OVERNIGHT", "FEDEX_2_DAY", "FEDEX_INTERNATIONAL_PRIORITY"];
/// Ids of locations are four to six letters and digits today; beyond this it is none.
const LOCATION_MAX: usize = 20;

/// What the options add.
#[derive(Default)]
pub(super) struct Extras {
    pub shipment: ShipmentSpecialServices,
    pub declared_value: Option<Money>,
    signature: bool,
    collect: Option<Money>,
}

impl Extras {
    /// The shipment's part, when there is any.
    pub fn shipment_services(self: &mut Extras) -> Option<ShipmentSpecialServices> {
        let services = std::mem::take(&mut self.shipment);
        (!services.special_service_types.is_empty()).then_some(services)
    }

    /// Each package's part, when there is any.
    pub fn package_services(&self) -> Option<PackageSpecialServices> {
        let mut services = PackageSpecialServices::default();
        if self.signature {
            services.special_service_types.push("SIGNATURE_OPTION");
            services.signature_option_type = Some("DIRECT");
        }
        if let Some(amount) = self.collect {
            services.special_service_types.push("COD");
            services.package_cod_detail =
                Some(PackageCodDetail { cod_collection_amount: customs::amount(amount) });
        }
        (!services.special_service_types.is_empty()).then_some(services)
    }
}

fn reject<T>(reason: &str) -> Result<T, Rejection> {
    Err(Rejection::new("options", reason))
}

pub(super) fn extras(shipment: &Shipment, lane: &Lane) -> Result<Extras, Rejection> {
    let mut extras = Extras::default();
    for option in &shipment.options {
        match option {
            DeliveryOption::Signature => extras.signature = true,
            DeliveryOption::Saturday => saturday(shipment, &mut extras)?,
            DeliveryOption::Insurance(value) => {
                extras.declared_value = Some(declared(*value, shipment)?);
            }
            DeliveryOption::CashOnDelivery(amount) => {
                collect(*amount, shipment, lane, &mut extras)?;
            }
            DeliveryOption::ServicePoint { id, address } => {
                hold(id, address.as_deref(), shipment, &mut extras)?;
            }
            DeliveryOption::SafePlace(_) => {
                return reject("FedEx takes wishes for a safe place from the receiver only");
            }
        }
    }
    Ok(extras)
}

fn saturday(shipment: &Shipment, extras: &mut Extras) -> Result<(), Rejection> {
    if !SATURDAY.contains(&shipment.service.as_str()) {
        return reject("FedEx delivers this service on weekdays only");
    }
    extras.shipment.special_service_types.push("SATURDAY_DELIVERY");
    Ok(())
}

/// The value that FedEx answers for.
fn declared(value: Money, shipment: &Shipment) -> Result<Money, Rejection> {
    if shipment.parcels.len() != 1 {
        return reject("FedEx takes a value for each parcel: buy insured parcels one by one");
    }
    if value.amount_minor <= 0 {
        return reject("an insured value above zero");
    }
    Ok(value)
}

/// Cash on delivery: Ground only, inside the US or Canada.
fn collect(
    amount: Money,
    shipment: &Shipment,
    lane: &Lane,
    extras: &mut Extras,
) -> Result<(), Rejection> {
    let inside = matches!((lane.from, lane.to), ("US", "US") | ("CA", "CA"));
    if shipment.service != "FEDEX_GROUND" || !inside {
        return reject("FedEx collects cash for Ground parcels inside the US or Canada only");
    }
    if shipment.parcels.len() != 1 || amount.amount_minor <= 0 {
        return reject("one parcel, and an amount above zero");
    }
    extras.shipment.special_service_types.push("COD");
    extras.shipment.shipment_cod_detail = Some(ShipmentCodDetail { cod_collection_type: "ANY" });
    extras.collect = Some(amount);
    Ok(())
}

/// Held at a location, where the receiver collects.
fn hold(
    id: &str,
    address: Option<&Contact>,
    shipment: &Shipment,
    extras: &mut Extras,
) -> Result<(), Rejection> {
    if shipment.service == "GROUND_HOME_DELIVERY" {
        return reject("FedEx brings Home Delivery to homes only");
    }
    let plain = id.bytes().all(|b| b.is_ascii_alphanumeric());
    if id.is_empty() || id.len() > LOCATION_MAX || !plain {
        return reject("a location's id is of letters and digits");
    }
    let address = address.map(|contact| party::address(contact, &RECIPIENT)).transpose();
    let Ok(address) = address else {
        return reject("the location's address is incomplete");
    };
    extras.shipment.special_service_types.push("HOLD_AT_LOCATION");
    extras.shipment.hold_at_location_detail = Some(HoldAtLocationDetail {
        location_id: id.to_owned(),
        location_contact_and_address: address.map(|address| LocationContactAndAddress { address }),
    });
    Ok(())
}
