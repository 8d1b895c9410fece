//! The purchase request.
//!
//! On the way back the account's holder stays the shipper and is where the parcel goes; the
//! customer is where it is collected.

use colibri_types::Country;

use super::{
    INFO, customs, files, labels, lanes,
    options::{self, Extras},
    parcels::{self, Lane},
    party::{self, LINE_MAX, RECIPIENT, SENDER},
    wire::{CodeOut, PRESENT},
    wire_ship::{
        BillShipper, LabelSpecification, PackageOut, PaymentInformation, RatingOptions,
        ReferenceNumber, ShipmentCharge, ShipmentOut, ShipmentRequest,
    },
};
use crate::{Call, Incoterm, Parcel, Rejection, Shipment, wire::border};

/// Parcels of one forward shipment, and of one on the way back.
const PARCELS_MAX: usize = 200;
const PARCELS_BACK_MAX: usize = 20;
/// `Description` of the goods, and of a package on its way back.
const DESCRIPTION_MAX: usize = 50;
const PACKAGE_DESCRIPTION_MAX: usize = 35;
/// UPS takes today and up to seven days ahead. The sender's today may be a day off ours.
const DAYS_AHEAD_MAX: i64 = 7 + 1;
/// Print return label: the file comes with the answer.
const PRINT_RETURN_LABEL: &str = "9";
/// Services without a way back.
const NEVER_BACK: &[&str] = &["13", "59", "70"];

/// The service of the way back: as it went out, or by road where UPS does not bring that back.
pub(super) fn back(out: &str, from: Option<Country>) -> &str {
    let states = from.is_some_and(|country| matches!(country.as_str(), "US" | "PR"));
    match (NEVER_BACK.contains(&out), states) {
        (false, _) => out,
        (true, true) => "03",
        (true, false) => "11",
    }
}

/// Which way a shipment goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    There,
    Back,
}

pub(super) fn write<'a>(
    call: &Call<'_>,
    shipment: &'a Shipment,
    number: &'a str,
    way: Way,
) -> Result<ShipmentRequest<'a>, Rejection> {
    check(call, shipment, way)?;
    let lane = Lane::of(shipment);
    let far = abroad(shipment);
    let from = party::party(&shipment.sender, &SENDER, far)?;
    let mut ship_to = party::party(&shipment.recipient, &RECIPIENT, far)?;
    let mut shipper = if way == Way::Back { ship_to.clone() } else { from.clone() };
    shipper.shipper_number = Some(number);
    let mut ship_from = (way == Way::Back).then(|| from.clone());
    if way == Way::There {
        party::mark_home(&mut ship_to, &shipment.recipient);
    }
    let Extras { mut options, packages, point, indication } = match way {
        Way::There => options::extras(shipment, &lane)?,
        Way::Back => options::extras_back(shipment)?,
    };
    let mut charges = vec![charge("01", number)];
    let mut papers = customs::Papers::default();
    if lane.customs {
        papers = customs::declare(shipment, &ship_to, way)?;
        if shipment.incoterm == Some(Incoterm::Ddp) {
            charges.push(charge("02", number));
        }
        if papers.vendor.is_some() {
            ship_from.get_or_insert(from).vendor_info = papers.vendor;
        }
    }
    options.international_forms = papers.forms;
    let used = options.any();
    let total = lane.line_total.then(|| customs::line_total(shipment)).transpose()?;
    let (whole, own) = references(shipment, &lane);
    let goods = description(shipment, way)?;
    let package = |parcel: &Parcel| -> Result<PackageOut, Rejection> {
        let mut package = parcels::package(parcel, &lane, own.clone(), &packages)?;
        if way == Way::Back {
            package.description =
                goods.as_deref().map(|goods| party::cut(goods, PACKAGE_DESCRIPTION_MAX));
        }
        Ok(package)
    };
    let package = shipment.parcels.iter().map(package).collect::<Result<_, _>>()?;
    let back = CodeOut { code: PRINT_RETURN_LABEL };
    Ok(ShipmentRequest {
        request: labels::request(&shipment.attempt_ref, Some("nonvalidate"), Some("2409")),
        label_specification: specification(shipment),
        shipment: ShipmentOut {
            description: goods,
            return_service: (way == Way::Back).then_some(back),
            documents_only_indicator: if papers.documents { PRESENT } else { None },
            shipper,
            ship_to,
            alternate_delivery_address: point,
            ship_from,
            global_tax_information: papers.taxes,
            payment_information: PaymentInformation { shipment_charge: charges },
            service: CodeOut { code: &shipment.service },
            reference_number: whole,
            shipment_date: labels::day(shipment.ship_date),
            // Contract prices, for accounts that have them.
            shipment_rating_options: RatingOptions { negotiated_rates_indicator: PRESENT },
            invoice_line_total: total,
            shipment_indication_type: indication,
            shipment_service_options: used.then_some(options),
            package,
        },
    })
}

fn charge<'a>(kind: &'static str, account_number: &'a str) -> ShipmentCharge<'a> {
    ShipmentCharge { kind, bill_shipper: BillShipper { account_number } }
}

/// What only the shipment as a whole can break.
fn check(call: &Call<'_>, shipment: &Shipment, way: Way) -> Result<(), Rejection> {
    let reject = |field, reason: &str| Err(Rejection::new(field, reason));
    let reference = shipment.attempt_ref.as_str();
    let plain = reference.bytes().all(|b| b.is_ascii_alphanumeric());
    if reference.is_empty() || reference.len() > LINE_MAX || !plain {
        return reject("attempt_ref", "one to 35 letters and digits");
    }
    if !INFO.services.iter().any(|(code, _)| *code == shipment.service) {
        return reject("service", "no UPS service of this connector");
    }
    if way == Way::Back && NEVER_BACK.contains(&shipment.service.as_str()) {
        return reject("service", "UPS does not bring it back");
    }
    if !INFO.formats.contains(&shipment.format) {
        return reject("format", "UPS sells labels as ZPL, PNG or GIF");
    }
    let sender = shipment.sender.country;
    if sender.is_some_and(|country| !INFO.origins.contains(&country)) {
        return reject("sender.country", "UPS does not collect there");
    }
    lanes::check(shipment)?;
    let states = sender.is_some_and(|country| matches!(country.as_str(), "US" | "PR"));
    let most = match way {
        Way::There => PARCELS_MAX,
        Way::Back if states => 1,
        Way::Back => PARCELS_BACK_MAX,
    };
    let count = shipment.parcels.len();
    if count == 0 || count > most {
        return reject("parcels", &format!("one to {most} parcels"));
    }
    let ahead = (shipment.ship_date - call.now.date()).whole_days();
    if !(-1..=DAYS_AHEAD_MAX).contains(&ahead) {
        return reject("ship_date", "today or up to seven days ahead");
    }
    Ok(())
}

fn abroad(shipment: &Shipment) -> bool {
    shipment.sender.country != shipment.recipient.country
}

/// References of the shipment, and of each package: one of the two is empty. Ours first, because
/// it is the one that is searched; the merchant's second, for people.
fn references(shipment: &Shipment, lane: &Lane) -> (Vec<ReferenceNumber>, Vec<ReferenceNumber>) {
    let order = party::cut(&shipment.order_number, LINE_MAX);
    let all = [shipment.attempt_ref.clone(), order]
        .into_iter()
        .filter(|value| !value.is_empty())
        .map(|value| ReferenceNumber { value })
        .collect();
    if lane.package_reference { (Vec::new(), all) } else { (all, Vec::new()) }
}

/// The goods in a few words: wanted when a border is crossed (but for Standard inside the European
/// Union) and on the way back, welcome otherwise.
fn description(shipment: &Shipment, way: Way) -> Result<Option<String>, Rejection> {
    let mut words: Vec<String> = Vec::new();
    for item in shipment.parcels.iter().flat_map(|parcel| &parcel.items) {
        let word = party::clean(&item.description);
        if !word.is_empty() && !words.contains(&word) {
            words.push(word);
        }
    }
    let text = party::cut(&words.join(", "), DESCRIPTION_MAX);
    if !text.is_empty() {
        return Ok(Some(text));
    }
    if way == Way::Back {
        // A return is announced before anybody knows what is in it.
        return Ok(Some("Returned goods".to_owned()));
    }
    let member = |contact: &crate::Contact| {
        contact.country.is_some_and(|country| border::member(country.as_str()))
    };
    let inside = member(&shipment.sender) && member(&shipment.recipient);
    if abroad(shipment) && !(inside && shipment.service == "11") {
        let reason = "UPS needs a description of the goods when a border is crossed";
        return Err(Rejection::new("parcels.items.description", reason));
    }
    Ok(None)
}

fn specification(shipment: &Shipment) -> LabelSpecification {
    let country = shipment.recipient.country.map(|country| country.to_string());
    LabelSpecification {
        character_set: country.as_deref().and_then(files::character_set),
        ..files::format(shipment.format)
    }
}

#[cfg(test)]
#[path = "order_tests.rs"]
mod tests;
