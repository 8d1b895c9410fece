//! What FedEx wants when goods cross a customs border: duties, goods, and the invoice that it makes
//! itself and hands to customs electronically.

use colibri_types::Money;

use super::{
    common,
    order::{self, payment},
    party,
    wire_out::{
        Amount, CommercialInvoice, CommercialInvoiceDetail, Commodity, CustomerReference,
        CustomsClearanceDetail, DocumentFormat, EtdDetail, Party, ShipmentSpecialServices,
        ShippingDocumentSpecification, Tin,
    },
};
use crate::{Customs, ExportReason, Incoterm, Item, Rejection, Shipment, wire::border};

/// Lines of one invoice. FedEx documents 999; more is not seen from a shop.
const LINES_MAX: usize = 999;
const QUANTITY_MAX: u32 = 9_999;
const DESCRIPTION: std::ops::RangeInclusive<usize> = 3..=450;
const PART_NUMBER_MAX: usize = 30;
const INVOICE_MAX: usize = 30;
const TAX_NUMBER_MAX: usize = 18;
/// Grams of one line that fit our arithmetic: far above any parcel.
const LINE_GRAMS_MAX: u64 = 1_000_000;

fn reject<T>(field: &'static str, reason: &str) -> Result<T, Rejection> {
    Err(Rejection::new(field, reason))
}

/// The declaration. Tax numbers are added to the parties.
pub(super) fn declare<'a>(
    shipment: &Shipment,
    account: &'a str,
    shipper: &mut Party,
    recipient: &mut Party,
) -> Result<CustomsClearanceDetail<'a>, Rejection> {
    let Some(customs) = &shipment.customs else {
        return reject("customs", "FedEx needs the reason and the invoice across this border");
    };
    let duties_payment = match shipment.incoterm {
        Some(Incoterm::Dap) => payment("RECIPIENT", None),
        Some(Incoterm::Ddp) => payment("SENDER", Some(account)),
        None => return reject("incoterm", "FedEx needs to know who pays duties"),
    };
    let currency = border::currency(shipment)?;
    let mut total = Money::new(0, currency);
    let mut commodities = Vec::new();
    for item in shipment.parcels.iter().flat_map(|parcel| &parcel.items) {
        let line = line_value(item)?;
        let sum = total.checked_add(line);
        total = sum.or_else(|_| reject("parcels.items.value", "too large"))?;
        commodities.push(commodity(item, line)?);
    }
    if commodities.len() > LINES_MAX {
        return reject("parcels.items", "at most 999 lines on the invoice");
    }
    tax_numbers(customs, shipper, recipient)?;
    let documents = customs.reason == ExportReason::Documents;
    Ok(CustomsClearanceDetail {
        duties_payment,
        total_customs_value: amount(total),
        is_document_only: documents,
        commodities,
        commercial_invoice: if documents { None } else { Some(invoice(customs, shipment)?) },
    })
}

/// Asks FedEx to make the invoice and to hand it to customs itself.
pub(super) fn invoice_paper(
    services: &mut ShipmentSpecialServices,
) -> ShippingDocumentSpecification {
    services.special_service_types.push("ELECTRONIC_TRADE_DOCUMENTS");
    services.etd_detail = Some(EtdDetail { requested_document_types: ["COMMERCIAL_INVOICE"] });
    ShippingDocumentSpecification {
        shipping_document_types: ["COMMERCIAL_INVOICE"],
        commercial_invoice_detail: CommercialInvoiceDetail {
            document_format: DocumentFormat { doc_type: "PDF", stock_type: "PAPER_LETTER" },
        },
    }
}

fn line_value(item: &Item) -> Result<Money, Rejection> {
    if item.quantity == 0 || item.quantity > QUANTITY_MAX {
        return reject("parcels.items.quantity", "one to 9,999 pieces");
    }
    if item.value.amount_minor <= 0 {
        return reject("parcels.items.value", "greater than zero on a customs invoice");
    }
    match item.value.amount_minor.checked_mul(i64::from(item.quantity)) {
        Some(minor) => Ok(Money::new(minor, item.value.currency)),
        None => reject("parcels.items.value", "too large"),
    }
}

fn commodity(item: &Item, line: Money) -> Result<Commodity, Rejection> {
    let description = party::cut(&item.description, *DESCRIPTION.end());
    if !DESCRIPTION.contains(&description.len()) {
        return reject("parcels.items.description", "at least three Latin letters");
    }
    let Some(origin) = item.origin else {
        return reject("parcels.items.origin", "FedEx needs the country of origin");
    };
    if let Some(code) = &item.hs_code
        && !((6..=14).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit()))
    {
        return reject("parcels.items.hs_code", "six to fourteen digits");
    }
    let grams = u64::from(item.weight.0) * u64::from(item.quantity);
    let grams = u32::try_from(grams.min(LINE_GRAMS_MAX)).unwrap_or(u32::MAX);
    if grams == 0 {
        return reject("parcels.items.weight", "above zero on a customs invoice");
    }
    Ok(Commodity {
        description,
        country_of_manufacture: Some(origin.to_string()),
        harmonized_code: item.hs_code.clone(),
        part_number: party::cut(&item.sku, PART_NUMBER_MAX),
        quantity: item.quantity,
        quantity_units: "PCS",
        unit_price: amount(item.value),
        customs_value: amount(line),
        weight: order::weight(colibri_types::Grams(grams)),
    })
}

fn invoice(customs: &Customs, shipment: &Shipment) -> Result<CommercialInvoice, Rejection> {
    let number = party::plain(&customs.invoice_number);
    if number.len() > INVOICE_MAX {
        return reject("customs.invoice_number", "at most 30 characters");
    }
    let shipment_purpose = match customs.reason {
        ExportReason::Sale => "SOLD",
        ExportReason::Gift => "GIFT",
        ExportReason::Sample => "SAMPLE",
        ExportReason::Repair => "REPAIR_AND_RETURN",
        ExportReason::Return | ExportReason::Documents => "NOT_SOLD",
    };
    let numbered = (!number.is_empty())
        .then_some(CustomerReference { customer_reference_type: "INVOICE_NUMBER", value: number });
    Ok(CommercialInvoice {
        shipment_purpose,
        terms_of_sale: shipment.incoterm.map(|incoterm| match incoterm {
            Incoterm::Dap => "DAP",
            Incoterm::Ddp => "DDP",
        }),
        freight_charge: customs.freight.map(amount),
        comments: border::returned(customs).into_iter().collect(),
        customer_references: numbered.into_iter().collect(),
    })
}

/// Tax numbers of both sides, those that are known.
fn tax_numbers(
    customs: &Customs,
    shipper: &mut Party,
    recipient: &mut Party,
) -> Result<(), Rejection> {
    let tin = |field, number: &str, tin_type, usage| -> Result<Option<Tin>, Rejection> {
        let plain: String = number.chars().filter(|c| !c.is_whitespace()).collect();
        if plain.is_empty() {
            return Ok(None);
        }
        if plain.len() > TAX_NUMBER_MAX || !plain.is_ascii() {
            return reject(field, "at most 18 letters and digits");
        }
        Ok(Some(Tin { number: plain, tin_type, usage }))
    };
    let sent = [
        tin("customs.sender_eori", &customs.sender_eori, "BUSINESS_UNION", None)?,
        tin("customs.sender_vat", &customs.sender_vat, "BUSINESS_NATIONAL", None)?,
        tin("customs.ioss", &customs.ioss, "BUSINESS_UNION", Some("IOSS"))?,
    ];
    shipper.tins.extend(sent.into_iter().flatten());
    let tax = &customs.recipient_tax_id;
    let received = tin("customs.recipient_tax_id", tax, "BUSINESS_NATIONAL", None)?;
    recipient.tins.extend(received);
    Ok(())
}

/// Money as FedEx writes it: a number, the currency apart.
pub(super) fn amount(money: Money) -> Amount {
    Amount { amount: common::decimal(money), currency: money.currency.to_string() }
}
