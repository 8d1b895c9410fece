//! A shipment in the carrier's words, or the field that keeps it from being one.
//!
//! Owns the carrier's limits and which destination needs which product and papers.

use colibri_types::{Currency, Grams, Millimetres, Money};
use serde_json::value::RawValue;
use time::{Duration, format_description::BorrowedFormatItem, macros::format_description};

use super::{
    INFO,
    address::{Demands, RECIPIENT, SENDER, address, country_field, optional, required},
    customs,
    wire::{
        Addressee, Field, Fields, GenerateLabel, Letter, OutputFormat, ParcelOut, Sender, Service,
    },
};
use crate::{
    Call, DeliveryOption, Incoterm, LabelFormat, Parcel, Rejection, Shipment,
    wire::border::{Territory, territory},
};

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
/// Steps that an insured value is raised to, in cents; nothing above the last is insured.
const INSURED_CENTS: &[i64] = &[15_000, 30_000, 50_000, 100_000, 200_000, 500_000];
/// Longest reference of the sender that is printed, in characters.
const SENDER_REF_MAX: usize = 17;

/// Which way a parcel goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Out,
    /// From the customer, by `CORE` within France and `CORI` from anywhere else.
    Back,
}

/// The body of `generateLabel` and `checkGenerateLabel`.
///
/// # Errors
/// [`Rejection`] of the first field that this carrier cannot take.
pub(super) fn body(
    call: &Call<'_>,
    shipment: &Shipment,
    way: Way,
) -> Result<GenerateLabel, Rejection> {
    let [parcel] = shipment.parcels.as_slice() else {
        let reason = "Colissimo sells one parcel per call: make one shipment per parcel";
        return Err(Rejection::new("parcels", reason));
    };
    let product = product(&shipment.service)?;
    let from = territory(&shipment.sender, country_field(&SENDER))?;
    let to = territory(&shipment.recipient, country_field(&RECIPIENT))?;
    match way {
        Way::Out => lane(product, &from, &to)?,
        Way::Back => lane_back(product, &from, &to)?,
    }
    let options = options(product, shipment)?;
    let papers = to.outside || from.outside;
    let ddp = to.outside && shipment.incoterm == Some(Incoterm::Ddp);
    let hd = product == "HD";
    let company = matches!(product, "CORE" | "CORI");
    let demands = Demands { mobile: hd || ddp || to.country == "US", email: hd, company };
    // Printed for people: an order number that is longer is cut rather than refused.
    let order_number = optional(&shipment.order_number, "order_number", usize::MAX)?;
    let commercial_name = call.account.field("commercial_name").map(str::to_owned);
    if hd && commercial_name.is_none() {
        return Err(Rejection::new("service", "HD needs the account field commercial_name"));
    }
    Ok(GenerateLabel {
        output_format: OutputFormat {
            x: 0,
            y: 0,
            output_printing_type: printing_type(shipment.format, papers)?,
        },
        letter: Letter {
            service: Service {
                product_code: product.to_owned(),
                deposit_date: deposit_date(call, shipment)?,
                total_amount: freight(call, shipment, papers)?,
                order_number: required(&shipment.attempt_ref, "attempt_ref", 30)?,
                commercial_name,
                // 2: brought back; goods are never abandoned unasked.
                return_type_choice: to.outside.then_some(2),
            },
            parcel: ParcelOut {
                weight: kilograms(parcel_weight(parcel)?),
                insurance_value: options.insured_cents,
                pickup_location_id: options.pickup_point,
                ftd: to.overseas.then_some(true),
                ddp: ddp.then_some(true),
            },
            customs_declarations: customs::declarations(shipment, parcel, papers, ddp)?,
            sender: Sender {
                sender_parcel_ref: order_number.chars().take(SENDER_REF_MAX).collect(),
                address: address(&shipment.sender, &from.country, &SENDER, Demands::default())?,
            },
            addressee: Addressee {
                address: address(&shipment.recipient, &to.country, &RECIPIENT, demands)?,
            },
        },
        fields: fields(parcel, shipment)?,
    })
}

fn product(service: &str) -> Result<&'static str, Rejection> {
    let known = INFO.services.iter().find(|(code, _)| *code == service);
    known.map(|(code, _)| *code).ok_or_else(|| Rejection::new("service", "is not sold here"))
}

/// Products are tied to where they go.
fn lane(product: &str, from: &Territory, to: &Territory) -> Result<(), Rejection> {
    let field = country_field(&RECIPIENT);
    if from.country != "FR" {
        return Err(Rejection::new(country_field(&SENDER), "parcels leave from mainland France"));
    }
    match product {
        "COM" | "CDS" | "ECO" if !to.overseas => {
            Err(Rejection::new(field, "this service goes to French overseas territories only"))
        }
        "DOM" | "DOS" | "HD" | "COLR" | "CORE" if to.overseas => {
            Err(Rejection::new(field, "overseas territories need COM, CDS or ECO"))
        }
        "CORI" => Err(Rejection::new("service", "is for the way back from abroad")),
        "COLR" | "CORE" if to.country != "FR" => {
            Err(Rejection::new(field, "this service stays within mainland France"))
        }
        _ => Ok(()),
    }
}

/// Returns end at a merchant in mainland France.
fn lane_back(product: &str, from: &Territory, to: &Territory) -> Result<(), Rejection> {
    if to.country != "FR" {
        return Err(Rejection::new(country_field(&RECIPIENT), "returns go to mainland France"));
    }
    match (product, from.country == "FR") {
        ("CORE", true) | ("CORI", false) => Ok(()),
        ("CORE", false) => Err(Rejection::new("service", "from abroad the return is CORI")),
        ("CORI", true) => Err(Rejection::new("service", "within France the return is CORE")),
        _ => Err(Rejection::new("service", "the way back is CORE or CORI")),
    }
}

#[derive(Default)]
struct Options {
    insured_cents: Option<i64>,
    pickup_point: Option<String>,
}

fn options(product: &str, shipment: &Shipment) -> Result<Options, Rejection> {
    let reject = |reason: &str| Err(Rejection::new("options", reason));
    let mut options = Options::default();
    for option in &shipment.options {
        match option {
            DeliveryOption::Signature if matches!(product, "DOS" | "CDS") => {}
            DeliveryOption::Signature => return reject("signature needs DOS or CDS"),
            DeliveryOption::Saturday => return reject("Saturday delivery cannot be asked for"),
            DeliveryOption::CashOnDelivery(_) => return reject("cash on delivery is not offered"),
            DeliveryOption::SafePlace(_) => return reject("a safe place cannot be named"),
            DeliveryOption::Insurance(value) => options.insured_cents = insured_cents(*value)?,
            DeliveryOption::ServicePoint { .. } if product != "HD" => {
                return reject("a pickup point needs service HD");
            }
            DeliveryOption::ServicePoint { id, .. } => {
                if id.len() != 6 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
                    return reject("a pickup point has six digits");
                }
                options.pickup_point = Some(id.clone());
            }
        }
    }
    match (product, &options.pickup_point) {
        ("HD", None) => reject("service HD needs a pickup point"),
        _ => Ok(options),
    }
}

fn insured_cents(value: Money) -> Result<Option<i64>, Rejection> {
    if value.currency != Currency::EUR || value.amount_minor < 0 {
        return Err(Rejection::new("options", "insurance is stated in euros"));
    }
    if value.amount_minor == 0 {
        return Ok(None);
    }
    let step = INSURED_CENTS.iter().copied().find(|step| value.amount_minor <= *step);
    step.map(Some).ok_or_else(|| Rejection::new("options", "insured up to 5000 EUR"))
}

/// With customs papers they come on the label's own sheet: a purchase has one file.
pub(super) fn printing_type(format: LabelFormat, customs: bool) -> Result<&'static str, Rejection> {
    match (format, customs) {
        (LabelFormat::Pdf, false) => Ok("PDF_10x15_300dpi"),
        (LabelFormat::Pdf, true) => Ok("PDF_10x15_300dpi_UL"),
        (LabelFormat::Zpl, false) => Ok("ZPL_10x15_203dpi"),
        (LabelFormat::Zpl, true) => Ok("ZPL_10x15_203dpi_UL"),
        (LabelFormat::Dpl, false) => Ok("DPL_10x15_203dpi"),
        // The one sheet of label and form is documented for PDF and ZPL only.
        (LabelFormat::Dpl, true) => {
            Err(Rejection::new("format", "with customs forms labels come as PDF or ZPL"))
        }
        _ => Err(Rejection::new("format", "labels come as PDF, ZPL or DPL")),
    }
}

fn deposit_date(call: &Call<'_>, shipment: &Shipment) -> Result<String, Rejection> {
    // France is one or two hours ahead of UTC: with one, no day is refused that may be today.
    let today = call.now.checked_add(Duration::hours(1)).unwrap_or(call.now).date();
    if shipment.ship_date < today {
        return Err(Rejection::new("ship_date", "is in the past"));
    }
    let text = shipment.ship_date.format(DAY);
    text.map_err(|_| Rejection::new("ship_date", "is not a date of four digits"))
}

/// What the form calls "frais de port": told with the shipment, else as the account declares.
fn freight(call: &Call<'_>, shipment: &Shipment, papers: bool) -> Result<Option<u64>, Rejection> {
    if !papers {
        return Ok(None);
    }
    if let Some(freight) = shipment.customs.as_ref().and_then(|customs| customs.freight) {
        let cents = u64::try_from(freight.amount_minor).ok();
        let cents = cents.filter(|_| freight.currency == Currency::EUR);
        let reason = "carriage is declared in euros, zero or more";
        return cents.map(Some).ok_or_else(|| Rejection::new("customs.freight", reason));
    }
    let cents = call.account.field("declared_freight_cents").and_then(|text| text.parse().ok());
    cents.map(Some).ok_or_else(|| {
        let reason = "customs forms need it, or the account field declared_freight_cents";
        Rejection::new("customs.freight", reason)
    })
}

fn parcel_weight(parcel: &Parcel) -> Result<Grams, Rejection> {
    match parcel.weight.0 {
        0 => Err(Rejection::new("parcels.weight", "more than 0 and at most 30 kg")),
        weight if weight > INFO.weight_max.0 => {
            Err(Rejection::new("parcels.weight", "at most 30 kg"))
        }
        _ => Ok(parcel.weight),
    }
}

fn fields(parcel: &Parcel, shipment: &Shipment) -> Result<Fields, Rejection> {
    let mut field = vec![Field { key: "CUSER_INFO_TEXT", value: shipment.attempt_ref.clone() }];
    let eori = shipment.customs.as_ref().map(|customs| customs.sender_eori.trim());
    if let Some(eori) = eori.filter(|eori| !eori.is_empty()) {
        field.push(Field { key: "EORI", value: eori.to_owned() });
    }
    if let Some(size) = parcel.dimensions {
        let sides = [size.length, size.width, size.height];
        if sides.iter().any(|side| side.0 == 0 || *side > INFO.length_max) {
            return Err(Rejection::new("parcels.dimensions", "each side is 1 mm to 2 m"));
        }
        let keys = ["LENGTH", "WIDTH", "HEIGHT"];
        let cm = sides.map(Millimetres::to_cm_ceil);
        let sized = keys.into_iter().zip(cm);
        field.extend(sized.map(|(key, cm)| Field { key, value: cm.to_string() }));
    }
    Ok(Fields { field })
}

pub(super) fn kilograms(weight: Grams) -> Box<RawValue> {
    number(weight.to_kg_text())
}

/// A decimal as a JSON number, digit by digit: no float touches it.
pub(super) fn number(text: String) -> Box<RawValue> {
    RawValue::from_string(text).unwrap_or_default()
}
