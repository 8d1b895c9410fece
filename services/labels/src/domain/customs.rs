//! What customs declared, as a connector is told it.

use colibri_carriers::{Customs, ExportReason, Incoterm, Item, Rejection};
use colibri_events::customs::v1::{DeclarationReady, Item as Declared};
use colibri_types::{Currency, Grams, Money};
use time::{Date, Month};

use super::build::money;

/// The articles of one parcel.
#[must_use]
pub fn items(declared: &DeclarationReady, parcel: usize) -> Vec<Item> {
    let contents = declared.parcels.get(parcel).map(|parcel| parcel.items.as_slice());
    contents.unwrap_or_default().iter().map(item).collect()
}

fn item(declared: &Declared) -> Item {
    // Customs declare no article without a value.
    let value = declared.unit_value.as_ref().and_then(money);
    Item {
        sku: declared.sku.clone(),
        description: declared.description.clone(),
        quantity: declared.quantity,
        weight: Grams(declared.unit_weight_g),
        value: value.unwrap_or(Money::new(0, Currency::EUR)),
        hs_code: (!declared.hs_code.is_empty()).then(|| declared.hs_code.clone()),
        origin: declared.origin_country.parse().ok(),
    }
}

/// Who pays at the border.
#[must_use]
pub fn incoterm(declared: &DeclarationReady) -> Incoterm {
    if declared.incoterm == "DDP" { Incoterm::Ddp } else { Incoterm::Dap }
}

/// Facts beside the articles.
///
/// # Errors
/// [`Rejection`] when the day of the invoice is no day.
pub fn facts(declared: &DeclarationReady) -> Result<Customs, Rejection> {
    let day = declared.invoice_date.and_then(|date| {
        let month = Month::try_from(u8::try_from(date.month).ok()?).ok()?;
        Date::from_calendar_date(date.year, month, u8::try_from(date.day).ok()?).ok()
    });
    let invoice_date = day.ok_or_else(|| Rejection::new("customs.invoice_date", "is no day"))?;
    let ioss = match declared.scheme.as_str() {
        "ioss" | "voec" => declared.scheme_id.clone(),
        _ => String::new(),
    };
    // Below the limit of the destination its own VAT number of the seller is on the record.
    let sender_vat = match declared.scheme.as_str() {
        "supply_vat" => declared.scheme_id.clone(),
        _ => declared.sender_vat.clone(),
    };
    Ok(Customs {
        invoice_number: declared.invoice_number.clone(),
        invoice_date,
        reason: match declared.reason.as_str() {
            "gift" => ExportReason::Gift,
            "sample" => ExportReason::Sample,
            "return" => ExportReason::Return,
            "documents" => ExportReason::Documents,
            _ => ExportReason::Sale,
        },
        sender_eori: declared.sender_eori.clone(),
        sender_vat,
        ioss,
        recipient_tax_id: String::new(),
        freight: declared.freight.as_ref().and_then(money),
    })
}
