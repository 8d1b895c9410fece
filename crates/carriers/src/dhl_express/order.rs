//! The body of `POST /shipments`, for the way there and the way back.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    INFO, common, customs,
    customs::{Declaration, declarable},
    moment,
    options::{self, Extra, OnDemand},
    party::{self, Party, RECIPIENT, SENDER, cut, latin},
};
use crate::{Call, ExportReason, Incoterm, LabelFormat, Parcel, Rejection, Shipment};

/// `customerReferences[].value`.
const REFERENCE_MAX: usize = 35;
/// `content.description`.
const DESCRIPTION_MAX: usize = 70;
/// For labels of 4 by 8 inches, in PDF and in printer programs.
const TEMPLATE: &str = "ECOM26_84_001";

/// Which way the parcels go, and so who pays how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// From the account's holder.
    There,
    /// To the account's holder, who pays as importer.
    Back,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Pickup {
    is_requested: bool,
}

/// An account that pays for something.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payer<'a> {
    pub type_code: &'static str,
    pub number: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Image {
    type_code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    template_name: Option<&'static str>,
    is_requested: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice_type: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Output {
    #[serde(rename = "printerDPI")]
    printer_dpi: u16,
    encoding_format: &'static str,
    image_options: Vec<Image>,
    split_transport_and_waybill_doc_labels: bool,
    split_documents_by_pages: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    value: String,
    type_code: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    shipper_details: Party,
    receiver_details: Party,
}

#[derive(Serialize)]
struct Sides {
    length: Box<RawValue>,
    width: Box<RawValue>,
    height: Box<RawValue>,
}

/// A piece.
#[derive(Serialize)]
pub(super) struct Package {
    weight: Box<RawValue>,
    dimensions: Sides,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    packages: Vec<Package>,
    is_customs_declarable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    declared_value: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    declared_value_currency: Option<String>,
    description: String,
    incoterm: &'static str,
    unit_of_measurement: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    export_declaration: Option<Declaration>,
}

impl Package {
    /// Weight and sides as they stand in a query.
    pub(super) fn texts(&self) -> [&str; 4] {
        let sides = &self.dimensions;
        [&self.weight, &sides.length, &sides.width, &sides.height].map(|number| number.get())
    }
}

/// The whole body.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Order<'a> {
    planned_shipping_date_and_time: String,
    pickup: Pickup,
    product_code: &'a str,
    accounts: Vec<Payer<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    value_added_services: Vec<Extra>,
    output_image_properties: Output,
    customer_references: Vec<Reference>,
    customer_details: Details,
    content: Content,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_demand_delivery: Option<OnDemand>,
}

/// The body, or what it lacks.
pub(super) fn order<'a>(
    call: &Call<'a>,
    shipment: &'a Shipment,
    way: Way,
) -> Result<Order<'a>, Rejection> {
    let number = account(call)?;
    check(shipment)?;
    lane(shipment)?;
    let mut sender = party::party(&shipment.sender, &SENDER)?;
    let mut recipient = party::party(&shipment.recipient, &RECIPIENT)?;
    let declarable = declarable(shipment);
    let mut accounts = vec![Payer { type_code: payer(way), number }];
    let mut extras = Vec::new();
    let on_demand = options::apply(shipment, &mut extras)?;
    let mut images = vec![Image {
        type_code: "label",
        template_name: Some(TEMPLATE),
        is_requested: true,
        invoice_type: None,
    }];
    if declarable {
        let reason = customs::facts(shipment)?.reason;
        customs::register(shipment, &mut sender, &mut recipient)?;
        extras.push(options::plain("WY"));
        images.push(Image {
            type_code: "invoice",
            template_name: None,
            is_requested: true,
            invoice_type: Some(customs::invoice_type(reason)),
        });
        if shipment.incoterm == Some(Incoterm::Ddp) {
            extras.push(options::plain("DD"));
            accounts.push(Payer { type_code: "duties-taxes", number });
        }
    }
    Ok(Order {
        planned_shipping_date_and_time: moment::planned(call.now, shipment)?,
        pickup: Pickup { is_requested: false },
        product_code: &shipment.service,
        accounts,
        value_added_services: extras,
        output_image_properties: Output {
            printer_dpi: 300,
            encoding_format: encoding(shipment.format),
            image_options: images,
            split_transport_and_waybill_doc_labels: true,
            split_documents_by_pages: shipment.parcels.len() > 1,
        },
        customer_references: references(shipment)?,
        customer_details: Details { shipper_details: sender, receiver_details: recipient },
        content: content(shipment, declarable)?,
        on_demand_delivery: on_demand,
    })
}

pub(super) fn account<'a>(call: &Call<'a>) -> Result<&'a str, Rejection> {
    super::account_number(call.account)
        .map_err(|error| Rejection::new("account.account_number", error.reason))
}

const fn payer(way: Way) -> &'static str {
    match way {
        Way::There => "shipper",
        Way::Back => "payer",
    }
}

/// What only the shipment as a whole can break.
/// The carrier's word for a format; what it does not draw is rejected before.
const fn encoding(format: LabelFormat) -> &'static str {
    match format {
        LabelFormat::Zpl => "zpl",
        LabelFormat::Epl => "epl",
        _ => "pdf",
    }
}

fn check(shipment: &Shipment) -> Result<(), Rejection> {
    let reject = |field, reason: &str| Err(Rejection::new(field, reason));
    let reference = shipment.attempt_ref.as_str();
    let plain = reference.bytes().all(|b| b.is_ascii_alphanumeric());
    if reference.is_empty() || reference.len() > REFERENCE_MAX || !plain {
        return reject("attempt_ref", "one to 35 letters and digits");
    }
    if !INFO.services.iter().any(|(code, _)| *code == shipment.service) {
        return reject("service", "no DHL Express product of this connector");
    }
    if !INFO.formats.contains(&shipment.format) {
        return reject("format", "DHL makes labels as PDF or ZPL");
    }
    if shipment.sender.country.is_some_and(|country| !INFO.origins.contains(&country)) {
        return reject("sender.country", "no origin of this connector");
    }
    count(shipment)
}

pub(super) fn count(shipment: &Shipment) -> Result<(), Rejection> {
    let max = usize::from(INFO.parcels_max);
    if shipment.parcels.is_empty() || shipment.parcels.len() > max {
        return Err(Rejection::new("parcels", format!("one to {max} parcels")));
    }
    Ok(())
}

/// Which product goes where: each letter is for one kind of border.
pub(super) fn lane(shipment: &Shipment) -> Result<(), Rejection> {
    let (Some(from), Some(to)) = (shipment.sender.country, shipment.recipient.country) else {
        return Ok(());
    };
    let papers = shipment.customs.as_ref().is_some_and(|c| c.reason == ExportReason::Documents);
    let border = customs::border(from, to);
    let reject = |reason: &str| Err(Rejection::new("service", reason));
    match shipment.service.as_str() {
        "N" if from != to => reject("domestic only"),
        "U" if from == to || border => reject("between countries of the EU only"),
        "P" | "E" | "M" | "Y" | "H" if !border => reject("for goods across a customs border only"),
        "D" | "X" | "K" | "L" | "T" | "W" if border && !papers => {
            reject("across a customs border for documents only")
        }
        "D" | "P" if from == to => reject("international only"),
        _ => Ok(()),
    }
}

/// Ours first, because it is the one that is searched; the merchant's for people.
fn references(shipment: &Shipment) -> Result<Vec<Reference>, Rejection> {
    let ours = Reference { value: shipment.attempt_ref.clone(), type_code: "CU" };
    let order = cut(&latin(&shipment.order_number, "order_number")?, REFERENCE_MAX);
    let theirs = (!order.is_empty()).then_some(Reference { value: order, type_code: "CO" });
    Ok(std::iter::once(ours).chain(theirs).collect())
}

fn content(shipment: &Shipment, declarable: bool) -> Result<Content, Rejection> {
    let total = declarable.then(|| customs::total(shipment)).transpose()?;
    let incoterm = match shipment.incoterm {
        Some(Incoterm::Ddp) => "DDP",
        Some(Incoterm::Dap) => "DAP",
        None if declarable => {
            let reason = "DHL needs it when goods cross a customs border";
            return Err(Rejection::new("incoterm", reason));
        }
        // DHL wants the word everywhere; where no duties arise it moves nothing.
        None => "DAP",
    };
    Ok(Content {
        packages: packages(&shipment.parcels)?,
        is_customs_declarable: declarable,
        declared_value: total.map(common::amount),
        declared_value_currency: total.map(|total| total.currency.to_string()),
        description: description(shipment)?,
        incoterm,
        unit_of_measurement: "metric",
        export_declaration: declarable.then(|| customs::declaration(shipment)).transpose()?,
    })
}

/// The goods in a few words; DHL demands some everywhere.
fn description(shipment: &Shipment) -> Result<String, Rejection> {
    let mut words: Vec<String> = Vec::new();
    for item in shipment.parcels.iter().flat_map(|parcel| &parcel.items) {
        let word = latin(&item.description, "parcels.items.description")?;
        if !word.is_empty() && !words.contains(&word) {
            words.push(word);
        }
    }
    let text = cut(&words.join(", "), DESCRIPTION_MAX);
    Ok(if text.is_empty() { "Goods".to_owned() } else { text })
}

pub(super) fn packages(parcels: &[Parcel]) -> Result<Vec<Package>, Rejection> {
    parcels.iter().map(package).collect()
}

fn package(parcel: &Parcel) -> Result<Package, Rejection> {
    if parcel.weight.0 == 0 || parcel.weight > INFO.weight_max {
        let reason = format!("more than 0 and at most {} kg", INFO.weight_max.0 / 1000);
        return Err(Rejection::new("parcels.weight", reason));
    }
    let Some(sides) = parcel.dimensions else {
        return Err(Rejection::new("parcels.dimensions", "DHL needs the three sides"));
    };
    let all = [sides.length, sides.width, sides.height];
    if all.iter().any(|side| side.0 == 0 || *side > INFO.length_max) {
        let reason = format!("each side above 0 and at most {} cm", INFO.length_max.0 / 10);
        return Err(Rejection::new("parcels.dimensions", reason));
    }
    Ok(Package {
        weight: common::kilograms(parcel.weight),
        dimensions: Sides {
            length: common::centimetres(sides.length),
            width: common::centimetres(sides.width),
            height: common::centimetres(sides.height),
        },
    })
}
