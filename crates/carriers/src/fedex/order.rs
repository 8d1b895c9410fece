//! A shipment as `requestedShipment`, the same for purchases, returns and checks.
//!
//! Our attempt reference is each package's `CUSTOMER_REFERENCE`, which tracking can search; the
//! merchant's order number is the `P_O_NUMBER` beside it. FedEx deduplicates on neither.

use colibri_types::Grams;

use super::{
    INFO, common, customs,
    options::{self, Extras},
    party::{self, RECIPIENT, SENDER},
    wire_out::{
        CustomerReference, Dimensions, LabelSpecification, LineItem, Party, Payment, Payor,
        RequestedShipment, ResponsibleParty, ReturnShipmentDetail, ShipBody, Value, Weight,
    },
};
use crate::{Call, LabelFormat, Parcel, Rejection, Shipment, wire::border};

/// FedEx takes today and up to ten days ahead. The sender's today may be a day off ours.
const DAYS_AHEAD_MAX: i64 = 10 + 1;
/// Printed on labels; Ground cuts earlier than Express, this fits both.
const REFERENCE_MAX: usize = 30;
const DESCRIPTION_MAX: usize = 50;
/// Length and girth of an express parcel: length plus twice width and height, in millimetres.
const GIRTH_MAX_MM: u64 = 3_300;

/// Which way the parcel goes, seen from the merchant who pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Out,
    Back,
}

/// What follows from the pair of addresses.
pub(super) struct Lane {
    pub from: &'static str,
    pub to: &'static str,
    pub domestic: bool,
    pub customs: bool,
}

impl Lane {
    pub fn of(shipment: &Shipment) -> Result<Self, Rejection> {
        let from = party::country(&shipment.sender, &SENDER)?;
        let to = party::country(&shipment.recipient, &RECIPIENT)?;
        Ok(Self {
            from: group(from.as_str()),
            to: group(to.as_str()),
            domestic: from == to,
            customs: border::crossed(&shipment.sender, &shipment.recipient),
        })
    }
}

/// Markets whose services differ.
fn group(country: &str) -> &'static str {
    match country {
        "US" | "PR" => "US",
        "CA" => "CA",
        code if INFO.origins.iter().any(|origin| origin.as_str() == code) => "EUROPE",
        _ => "OTHER",
    }
}

/// Services differ by origin, and FedEx publishes no whole table: these are the pairs that its
/// guides name.
fn serves(shipment: &Shipment, lane: &Lane) -> Result<(), Rejection> {
    let domestic = lane.domestic;
    let american = matches!((lane.from, lane.to), ("US", "US") | ("CA", "CA"));
    let overland = american || matches!((lane.from, lane.to), ("US", "CA") | ("CA", "US"));
    let fits = match shipment.service.as_str() {
        "FEDEX_INTERNATIONAL_PRIORITY"
        | "INTERNATIONAL_ECONOMY"
        | "FEDEX_INTERNATIONAL_CONNECT_PLUS" => !domestic,
        "FEDEX_REGIONAL_ECONOMY" => !domestic && (lane.from, lane.to) == ("EUROPE", "EUROPE"),
        "PRIORITY_OVERNIGHT" | "STANDARD_OVERNIGHT" | "FEDEX_2_DAY" => domestic && american,
        "FEDEX_GROUND" => overland,
        "GROUND_HOME_DELIVERY" => american && shipment.recipient.company.trim().is_empty(),
        _ => return Err(Rejection::new("service", "no FedEx service of this connector")),
    };
    let reason = "FedEx does not offer this service between these addresses";
    if fits { Ok(()) } else { Err(Rejection::new("service", reason)) }
}

/// The body of a purchase.
pub(super) fn body<'a>(
    call: &Call<'a>,
    shipment: &'a Shipment,
    way: Way,
) -> Result<ShipBody<'a>, Rejection> {
    let account = common::account_number(call)?;
    check(call, shipment)?;
    let (mut shipper, mut recipient) = parties(shipment)?;
    let lane = Lane::of(shipment)?;
    serves(shipment, &lane)?;
    let mut extras = options::extras(shipment, &lane)?;
    if way == Way::Back {
        extras.shipment.special_service_types.push("RETURN_SHIPMENT");
        extras.shipment.return_shipment_detail =
            Some(ReturnShipmentDetail { return_type: "PRINT_RETURN_LABEL" });
    }
    let customs = match lane.customs {
        true => Some(customs::declare(shipment, account, &mut shipper, &mut recipient)?),
        false => None,
    };
    let papers = customs.as_ref().filter(|detail| !detail.is_document_only);
    let papers = papers.map(|_| customs::invoice_paper(&mut extras.shipment));
    Ok(ShipBody {
        label_response_options: "LABEL",
        account_number: Value { value: account },
        ship_action: "CONFIRM",
        processing_option_type: "SYNCHRONOUS_ONLY",
        merge_label_doc_option: "NONE",
        requested_shipment: RequestedShipment {
            ship_datestamp: common::day(shipment.ship_date),
            // A customer brings the parcel; a driver would not come to a home for it.
            pickup_type: match way {
                Way::Out => pickup_type(call)?,
                Way::Back => "DROPOFF_AT_FEDEX_LOCATION",
            },
            service_type: &shipment.service,
            packaging_type: "YOUR_PACKAGING",
            total_weight: (!lane.domestic).then(|| common::number(pounds(shipment))),
            total_package_count: shipment.parcels.len(),
            shipper,
            recipients: vec![recipient],
            shipping_charges_payment: payment("SENDER", (way == Way::Back).then_some(account)),
            shipment_special_services: extras.shipment_services(),
            customs_clearance_detail: customs,
            shipping_document_specification: papers,
            label_specification: label_specification(shipment.format),
            requested_package_line_items: items(shipment, &extras)?,
        },
    })
}

/// How the parcels get to FedEx.
pub(super) fn pickup_type<'a>(call: &Call<'a>) -> Result<&'a str, Rejection> {
    super::pickup_type(call.account)
        .map_err(|error| Rejection::new("account.pickup_type", error.reason))
}

/// Who pays; the account is named where it is not the sender's own by itself.
pub(super) fn payment<'a>(kind: &'static str, account: Option<&'a str>) -> Payment<'a> {
    let payor =
        |value| Payor { responsible_party: ResponsibleParty { account_number: Value { value } } };
    Payment { payment_type: kind, payor: account.map(payor) }
}

/// Shipper and recipient. A recipient without a company is a home: FedEx prices the stop by it.
pub(super) fn parties(shipment: &Shipment) -> Result<(Party, Party), Rejection> {
    let shipper = party::party(&shipment.sender, &SENDER)?;
    let mut recipient = party::party(&shipment.recipient, &RECIPIENT)?;
    if shipment.recipient.company.trim().is_empty() {
        recipient.address.residential = Some(true);
    }
    Ok((shipper, recipient))
}

/// What only the shipment as a whole can break.
fn check(call: &Call<'_>, shipment: &Shipment) -> Result<(), Rejection> {
    let reject = |field, reason: &str| Err(Rejection::new(field, reason));
    let reference = shipment.attempt_ref.as_str();
    let plain = reference.bytes().all(|b| b.is_ascii_alphanumeric());
    if reference.is_empty() || reference.len() > REFERENCE_MAX || !plain {
        return reject("attempt_ref", "one to 30 letters and digits");
    }
    if !INFO.formats.contains(&shipment.format) {
        return reject("format", "FedEx sells labels as PDF, ZPL or PNG");
    }
    let sender = shipment.sender.country;
    if sender.is_some_and(|country| !INFO.origins.contains(&country)) {
        return reject("sender.country", "this connector does not ship from there");
    }
    parcels(shipment)?;
    let ahead = (shipment.ship_date - call.now.date()).whole_days();
    if !(-1..=DAYS_AHEAD_MAX).contains(&ahead) {
        return reject("ship_date", "today or up to ten days ahead");
    }
    Ok(())
}

/// Number, weights and sizes of the parcels, which prices want too.
pub(super) fn parcels(shipment: &Shipment) -> Result<(), Rejection> {
    let reject = |field, reason: String| Err(Rejection::new(field, reason));
    let most = usize::from(INFO.parcels_max);
    if shipment.parcels.is_empty() || shipment.parcels.len() > most {
        return reject("parcels", format!("one to {most} parcels"));
    }
    for parcel in &shipment.parcels {
        if parcel.weight.0 == 0 || parcel.weight > INFO.weight_max {
            let kilograms = INFO.weight_max.0 / 1000;
            return reject("parcels.weight", format!("above 0 and at most {kilograms} kg"));
        }
        let Some(sides) = parcel.dimensions else { continue };
        let mut mm = [sides.length.0, sides.width.0, sides.height.0];
        mm.sort_unstable_by(|a, b| b.cmp(a));
        let [length, width, height] = mm.map(u64::from);
        if height == 0 || length > u64::from(INFO.length_max.0) {
            let reason = format!("each side above 0 and at most {} cm", INFO.length_max.0 / 10);
            return reject("parcels.dimensions", reason);
        }
        if length + 2 * (width + height) > GIRTH_MAX_MM {
            let reason = format!("length and girth at most {} cm", GIRTH_MAX_MM / 10);
            return reject("parcels.dimensions", reason);
        }
    }
    Ok(())
}

/// All parcels in pounds, tenths rounded up: 1 lb is 453.59237 g.
fn pounds(shipment: &Shipment) -> String {
    let grams: u64 = shipment.parcels.iter().map(|parcel| u64::from(parcel.weight.0)).sum();
    let tenths = (grams * 1_000_000).div_ceil(45_359_237);
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn items(shipment: &Shipment, extras: &Extras) -> Result<Vec<LineItem>, Rejection> {
    let order = party::cut(&shipment.order_number, REFERENCE_MAX);
    let named = |customer_reference_type, value: &str| CustomerReference {
        customer_reference_type,
        value: value.to_owned(),
    };
    let mut references = vec![named("CUSTOMER_REFERENCE", &shipment.attempt_ref)];
    if !order.is_empty() {
        references.push(named("P_O_NUMBER", &order));
    }
    let several = shipment.parcels.len() > 1;
    let item = |(index, parcel): (usize, &Parcel)| LineItem {
        sequence_number: several.then_some(index + 1),
        declared_value: extras.declared_value.map(customs::amount),
        item_description: description(parcel),
        package_special_services: extras.package_services(),
        customer_references: references.clone(),
        ..bare_item(parcel)
    };
    Ok(shipment.parcels.iter().enumerate().map(item).collect())
}

/// Weight and size only: what a price needs.
pub(super) fn bare_item(parcel: &Parcel) -> LineItem {
    let dimensions = parcel.dimensions.map(|sides| Dimensions {
        length: sides.length.to_cm_ceil(),
        width: sides.width.to_cm_ceil(),
        height: sides.height.to_cm_ceil(),
        units: "CM",
    });
    LineItem {
        sequence_number: None,
        weight: weight(parcel.weight),
        dimensions,
        customer_references: Vec::new(),
        declared_value: None,
        item_description: String::new(),
        package_special_services: None,
    }
}

pub(super) fn weight(weight: Grams) -> Weight {
    Weight { units: "KG", value: common::kilograms(weight) }
}

/// The goods in a few words.
fn description(parcel: &Parcel) -> String {
    let mut words: Vec<String> = Vec::new();
    for item in &parcel.items {
        let word = party::plain(&item.description);
        if !word.is_empty() && !words.contains(&word) {
            words.push(word);
        }
    }
    party::cut(&words.join(", "), DESCRIPTION_MAX)
}

fn label_specification(format: LabelFormat) -> LabelSpecification {
    let (image_type, label_stock_type) = match format {
        LabelFormat::Zpl => ("ZPLII", "STOCK_4X6"),
        LabelFormat::Png => ("PNG", "PAPER_4X6"),
        LabelFormat::Epl => ("EPL2", "STOCK_4X6"),
        // What FedEx does not draw is rejected before.
        _ => ("PDF", "PAPER_4X6"),
    };
    LabelSpecification { image_type, label_stock_type, label_format_type: "COMMON2D" }
}
