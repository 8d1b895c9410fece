//! A shipment as `ShipIT` takes it: for buying, for checking, and for the way back.
//!
//! Our attempt reference is the first `ShipmentReference`, by which GLS finds a shipment again;
//! the merchant's order number is the second.

use super::{
    INFO,
    address::{self, LINE_MAX, RECIPIENT, SENDER},
    common::day_at,
    contact_id, services,
    wire::{Consignee, ReturnLabels, ShipmentOut, ShipmentUnit, Shipper},
};
use crate::{
    Call, Contact, Incoterm, LabelFormat, Parcel, Rejection, Shipment, wire::border::crossed,
};

/// Name of the caller. GLS wants one.
const MIDDLEWARE: &str = "Colibri";
/// A parcel weighs at least 0.10 kg for GLS; lighter ones are declared so.
const WEIGHT_MIN_G: u32 = 100;
/// Longest side and twice the other two: general terms.
const GIRTH_MAX_MM: u64 = 3_000;
/// Days ahead that a parcel may be announced. Not documented: beyond, a label is stale.
const DAYS_AHEAD_MAX: i64 = 14;

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Out,
    Back,
}

/// A shipment in GLS's terms.
pub(super) fn order<'a>(
    call: &Call<'a>,
    shipment: &'a Shipment,
    way: Way,
) -> Result<ShipmentOut<'a>, Rejection> {
    check(call, shipment, way)?;
    let contact_id = contact_id(call.account)
        .map_err(|error| Rejection::new("account.contact_id", error.reason))?;
    let mut asked = services::asked(shipment)?;
    let sender = address::address(&shipment.sender, &SENDER)?;
    let recipient = address::address(&shipment.recipient, &RECIPIENT)?;
    let fetched = shipment.service == services::COLLECTED_RETURN;
    if fetched {
        asked.shipment.push(services::collected_return(shipment.ship_date));
    }
    // A fetched return is written from the merchant's side: the consignee is who hands it over.
    let (consignee, alternative, person) = match fetched {
        true => (sender, recipient, &shipment.sender),
        false => (recipient, sender, &shipment.recipient),
    };
    let mut units = Vec::with_capacity(shipment.parcels.len());
    for (index, parcel) in shipment.parcels.iter().enumerate() {
        units.push(unit(parcel, &shipment.attempt_ref, index)?);
    }
    if let [only] = units.as_mut_slice() {
        only.service = asked.unit;
    }
    Ok(ShipmentOut {
        shipment_reference: references(shipment),
        shipping_date: shipment.ship_date.to_string(),
        incoterm_code: incoterm(shipment)?,
        identifier: call.call_id,
        middleware: MIDDLEWARE,
        product: asked.product,
        consignee: Consignee { category: category(person), address: consignee },
        shipper: Shipper { contact_id, alternative },
        shipment_unit: units,
        service: asked.shipment,
    })
}

fn category(contact: &Contact) -> &'static str {
    if contact.company.trim().is_empty() { "PRIVATE" } else { "BUSINESS" }
}

fn references(shipment: &Shipment) -> Vec<String> {
    let order = address::printable(&shipment.order_number, "order_number").unwrap_or_default();
    let order = address::cut(&order, LINE_MAX);
    let mut all = vec![shipment.attempt_ref.clone()];
    if !order.is_empty() && order != shipment.attempt_ref {
        all.push(order);
    }
    all
}

/// The reference of one parcel, one-based.
pub(super) fn unit_reference(attempt_ref: &str, index: usize) -> String {
    format!("{attempt_ref}-{}", index + 1)
}

fn unit(parcel: &Parcel, attempt_ref: &str, index: usize) -> Result<ShipmentUnit, Rejection> {
    let weight = parcel.weight;
    if weight.0 == 0 || weight > INFO.weight_max {
        return Err(Rejection::new("parcels.weight", "more than 0 and at most 31.5 kg"));
    }
    if let Some(sides) = parcel.dimensions {
        let mut sides = [sides.length, sides.width, sides.height].map(|side| side.0);
        sides.sort_unstable();
        let [height, width, length] = sides.map(u64::from);
        if length > u64::from(INFO.length_max.0) || length + 2 * (width + height) > GIRTH_MAX_MM {
            let reason = "at most 200 cm long, and 300 cm with its girth";
            return Err(Rejection::new("parcels.dimensions", reason));
        }
    }
    let kilograms = colibri_types::Grams(weight.0.max(WEIGHT_MIN_G)).to_kg_text();
    let number = services::number(&kilograms);
    Ok(ShipmentUnit {
        shipment_unit_reference: vec![unit_reference(attempt_ref, index)],
        weight: number.ok_or_else(|| Rejection::new("parcels.weight", "is no number"))?,
        service: Vec::new(),
    })
}

/// What only the shipment as a whole can break.
fn check(call: &Call<'_>, shipment: &Shipment, way: Way) -> Result<(), Rejection> {
    let reject = |field, reason: &str| Err(Rejection::new(field, reason));
    let reference = shipment.attempt_ref.as_str();
    let plain = reference.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if reference.is_empty() || reference.len() > LINE_MAX || !plain {
        return reject("attempt_ref", "one to 40 letters, digits and hyphens");
    }
    if !INFO.formats.contains(&shipment.format) {
        return reject("format", "GLS sells PDF, ZPL and PNG");
    }
    let count = shipment.parcels.len();
    if count == 0 || count > usize::from(INFO.parcels_max) {
        return Err(Rejection::new("parcels", format!("1 to {} parcels", INFO.parcels_max)));
    }
    let fetched = shipment.service == services::COLLECTED_RETURN;
    if way == Way::Out && fetched {
        return reject("service", "Pick&Return is for the way back");
    }
    let from = shipment.sender.country;
    if way == Way::Out && from.is_some_and(|country| !INFO.origins.contains(&country)) {
        return reject("sender.country", "no GLS company there sells through this interface");
    }
    if way == Way::Back && !shipment.options.is_empty() {
        return reject("options", "none on the way back");
    }
    let today = day_at(call.now, from);
    let ahead = (shipment.ship_date - today).whole_days();
    if fetched && ahead < 1 {
        return reject("ship_date", "fetched from tomorrow on");
    }
    // The day of the sender may be one off ours.
    if !(-1..=DAYS_AHEAD_MAX).contains(&ahead) {
        return Err(Rejection::new("ship_date", format!("today to {DAYS_AHEAD_MAX} days ahead")));
    }
    Ok(())
}

/// GLS's code for who pays at a border; none where goods cross none.
fn incoterm(shipment: &Shipment) -> Result<Option<&'static str>, Rejection> {
    if !crossed(&shipment.sender, &shipment.recipient) {
        return Ok(None);
    }
    // The papers travel with the parcel: without them it stops at the border.
    if shipment.customs.is_none() {
        return Err(Rejection::new("customs", "an invoice is needed across a customs border"));
    }
    if shipment.parcels.iter().any(|parcel| parcel.items.is_empty()) {
        let reason = "every parcel that crosses a customs border needs its articles";
        return Err(Rejection::new("parcels.items", reason));
    }
    match shipment.incoterm {
        Some(Incoterm::Ddp) => Ok(Some("10")),
        Some(Incoterm::Dap) => Ok(Some("20")),
        None => Err(Rejection::new("incoterm", "GLS wants one across a customs border")),
    }
}

/// Template and format of a label.
pub(super) const fn printing(format: LabelFormat) -> ReturnLabels {
    let (template_set, label_format) = match format {
        LabelFormat::Zpl => ("ZPL_200", "ZEBRA"),
        LabelFormat::Png => ("NONE", "PNG"),
        LabelFormat::Dpl => ("D_200", "DATAMAX"),
        LabelFormat::Ipl => ("PF_4_I_200", "INTERMEC"),
        LabelFormat::Tpcl => ("T_200_BF", "TOSHIBA"),
        LabelFormat::Pdf | LabelFormat::Gif | LabelFormat::Epl => ("NONE", "PDF"),
    };
    ReturnLabels { template_set, label_format }
}
