//! What customs are told on the call, when goods cross a customs border.

use colibri_types::{Country, Money};
use serde::Serialize;
use serde_json::value::RawValue;
use time::Date;

use super::{
    common::{amount, kilograms},
    party::{Party, Registration, cut, latin},
};
use crate::{
    Customs, ExportReason, Item, Rejection, Shipment,
    wire::border::{currency, member, returned},
};

/// Member states by the number that an IOSS number begins with (ISO 3166-1 numeric).
const IOSS_ISSUERS: &str = "040AT 056BE 100BG 191HR 196CY 203CZ 208DK 233EE 246FI 250FR 276DE 300GR \
                            348HU 372IE 380IT 428LV 440LT 442LU 470MT 528NL 616PL 620PT 642RO 703SK \
                            705SI 724ES 752SE";
const LINES_MAX: usize = 999;
const DESCRIPTION_MAX: usize = 512;
const INVOICE_MAX: usize = 35;
const NUMBER_MAX: usize = 35;

pub(super) fn in_union(country: Country) -> bool {
    member(country.as_str())
}

/// Do goods cross a customs border between these countries?
pub(super) fn border(from: Country, to: Country) -> bool {
    from != to && !(in_union(from) && in_union(to))
}

/// Must customs be told of this shipment? Papers cross without.
pub(super) fn declarable(shipment: &Shipment) -> bool {
    let papers = shipment.customs.as_ref().is_some_and(|c| c.reason == ExportReason::Documents);
    let pair = shipment.sender.country.zip(shipment.recipient.country);
    !papers && pair.is_some_and(|(from, to)| border(from, to))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Quantity {
    value: u32,
    unit_of_measurement: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Commodity {
    type_code: &'static str,
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Weight {
    net_value: Box<RawValue>,
    gross_value: Box<RawValue>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    number: usize,
    description: String,
    price: Box<RawValue>,
    quantity: Quantity,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    commodity_codes: Vec<Commodity>,
    export_reason_type: &'static str,
    manufacturer_country: String,
    weight: Weight,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invoice {
    number: String,
    date: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExtraCharge {
    value: Box<RawValue>,
    type_code: &'static str,
}

#[derive(Serialize)]
struct Remark {
    value: String,
}

/// `content.exportDeclaration`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Declaration {
    line_items: Vec<Line>,
    invoice: Invoice,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remarks: Vec<Remark>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    additional_charges: Vec<ExtraCharge>,
    export_reason: &'static str,
    shipment_type: &'static str,
}

/// `YYYY-MM-DD`.
pub(super) fn day(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

/// The facts, or the field that lacks them.
pub(super) fn facts(shipment: &Shipment) -> Result<&Customs, Rejection> {
    let reason = "DHL needs the invoice when goods cross a customs border";
    shipment.customs.as_ref().ok_or_else(|| Rejection::new("customs", reason))
}

/// Type of a line, words of the invoice, and the kind of shipment.
const fn reasons(reason: ExportReason) -> (&'static str, &'static str, &'static str) {
    match reason {
        ExportReason::Sale | ExportReason::Documents => ("permanent", "sale", "commercial"),
        ExportReason::Gift => ("gift", "gift", "personal"),
        ExportReason::Sample => ("sample", "sample", "commercial"),
        ExportReason::Return => ("return", "return", "commercial"),
        // Repaired goods come back: they leave for a time.
        ExportReason::Repair => ("temporary", "repair", "commercial"),
    }
}

/// Kind of the invoice that DHL makes.
pub(super) const fn invoice_type(reason: ExportReason) -> &'static str {
    match reason {
        ExportReason::Return => "returns",
        ExportReason::Gift | ExportReason::Sample => "proforma",
        ExportReason::Sale | ExportReason::Repair | ExportReason::Documents => "commercial",
    }
}

/// Value of all articles, in their one currency.
pub(super) fn total(shipment: &Shipment) -> Result<Money, Rejection> {
    let field = "parcels.items.value";
    let currency = currency(shipment)?;
    let mut total: i64 = 0;
    for item in shipment.parcels.iter().flat_map(|parcel| &parcel.items) {
        let line = item.value.amount_minor.checked_mul(i64::from(item.quantity));
        let sum = line.and_then(|line| total.checked_add(line));
        total = sum.ok_or_else(|| Rejection::new(field, "the total is too large"))?;
    }
    Ok(Money::new(total, currency))
}

/// The declaration of a shipment that [`declarable`] says needs one.
pub(super) fn declaration(shipment: &Shipment) -> Result<Declaration, Rejection> {
    let customs = facts(shipment)?;
    let currency = currency(shipment)?;
    let items: Vec<&Item> = shipment.parcels.iter().flat_map(|parcel| &parcel.items).collect();
    if items.len() > LINES_MAX {
        let reason = format!("at most {LINES_MAX} lines on the customs invoice");
        return Err(Rejection::new("parcels.items", reason));
    }
    let (kind, words, shipment_type) = reasons(customs.reason);
    let number = latin(&customs.invoice_number, "customs.invoice_number")?;
    if number.is_empty() || number.chars().count() > INVOICE_MAX {
        let reason = format!("one to {INVOICE_MAX} characters");
        return Err(Rejection::new("customs.invoice_number", reason));
    }
    let additional_charges = match customs.freight {
        Some(freight) if freight.currency != currency => {
            return Err(Rejection::new("customs.freight", "in the currency of the articles"));
        }
        Some(freight) if freight.amount_minor > 0 => {
            vec![ExtraCharge { value: amount(freight), type_code: "freight" }]
        }
        _ => Vec::new(),
    };
    let lines = items.iter().enumerate().map(|(index, item)| line(index + 1, item, kind));
    Ok(Declaration {
        line_items: lines.collect::<Result<_, _>>()?,
        invoice: Invoice { number, date: day(customs.invoice_date) },
        remarks: returned(customs).map(|value| Remark { value }).into_iter().collect(),
        additional_charges,
        export_reason: words,
        shipment_type,
    })
}

fn line(number: usize, item: &Item, kind: &'static str) -> Result<Line, Rejection> {
    let reject = |field, reason: &str| Err(Rejection::new(field, reason));
    let description = latin(&item.description, "parcels.items.description")?;
    if description.is_empty() {
        return reject("parcels.items.description", "is missing");
    }
    if item.quantity == 0 {
        return reject("parcels.items.quantity", "greater than zero");
    }
    if item.value.amount_minor <= 0 {
        return reject("parcels.items.value", "greater than zero on a customs invoice");
    }
    let Some(weight) = item.weight.0.checked_mul(item.quantity).filter(|grams| *grams > 0) else {
        return reject("parcels.items.weight", "greater than zero on a customs invoice");
    };
    let Some(origin) = item.origin else {
        return reject("parcels.items.origin", "DHL needs the country of manufacture");
    };
    if let Some(code) = &item.hs_code
        && !((6..=18).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit()))
    {
        return reject("parcels.items.hs_code", "six to eighteen digits");
    }
    let codes = item.hs_code.iter();
    let codes = codes.map(|code| Commodity { type_code: "outbound", value: code.clone() });
    let grams = colibri_types::Grams(weight);
    Ok(Line {
        number,
        description: cut(&description, DESCRIPTION_MAX),
        price: amount(item.value),
        quantity: Quantity { value: item.quantity, unit_of_measurement: "PCS" },
        commodity_codes: codes.collect(),
        export_reason_type: kind,
        manufacturer_country: origin.to_string(),
        // Packing is not known by line: an article's weight serves for both.
        weight: Weight { net_value: kilograms(grams), gross_value: kilograms(grams) },
    })
}

/// Adds the parties' tax numbers.
pub(super) fn register(
    shipment: &Shipment,
    sender: &mut Party,
    recipient: &mut Party,
) -> Result<(), Rejection> {
    let customs = facts(shipment)?;
    let code = |country: Option<Country>| country.map(|c| c.to_string()).unwrap_or_default();
    let (from, to) = (code(shipment.sender.country), code(shipment.recipient.country));
    let own = |number: &str, fallback: &str| {
        let prefix = number.get(..2).and_then(|two| two.parse::<Country>().ok());
        prefix.map_or_else(|| fallback.to_owned(), |country| country.to_string())
    };
    let sender_numbers = [
        ("EOR", &customs.sender_eori, "customs.sender_eori", own(&customs.sender_eori, &from)),
        ("VAT", &customs.sender_vat, "customs.sender_vat", own(&customs.sender_vat, &from)),
        ("SDT", &customs.ioss, "customs.ioss", ioss_issuer(&customs.ioss, &to)),
    ];
    for (kind, number, field, issuer) in sender_numbers {
        sender.registration_numbers.extend(registration(kind, number, field, issuer)?);
    }
    let field = "customs.recipient_tax_id";
    let issuer = own(&customs.recipient_tax_id, &to);
    let theirs = registration("VAT", &customs.recipient_tax_id, field, issuer)?;
    recipient.registration_numbers.extend(theirs);
    Ok(())
}

fn registration(
    type_code: &'static str,
    number: &str,
    field: &'static str,
    issuer_country_code: String,
) -> Result<Option<Registration>, Rejection> {
    let number = latin(number, field)?;
    if number.chars().count() > NUMBER_MAX {
        return Err(Rejection::new(field, format!("at most {NUMBER_MAX} characters")));
    }
    let some = !number.is_empty();
    Ok(some.then_some(Registration { type_code, number, issuer_country_code }))
}

/// The member state that an IOSS number (`IM250..`) names, else where the goods go.
fn ioss_issuer(number: &str, fallback: &str) -> String {
    let state = number.strip_prefix("IM").and_then(|rest| rest.get(..3));
    let pair = IOSS_ISSUERS.split_ascii_whitespace().find_map(|pair| {
        let (number, country) = pair.split_at_checked(3)?;
        (Some(number) == state).then_some(country)
    });
    pair.unwrap_or(fallback).to_owned()
}
