//! Customs forms: what a parcel holds, and why it crosses a border.

use colibri_types::Country;

use super::{
    address::{optional, required},
    shipment::{kilograms, number},
    wire::{Article, Category, Contents, CustomsDeclarations, Original},
};
use crate::{Customs, ExportReason, Item, Parcel, Rejection, Shipment, wire::border::returned};

/// Currencies of a customs form.
const CUSTOMS_CURRENCIES: &[&str] = &["USD", "EUR", "CHF", "GBP", "CNY", "JPY", "CAD", "AUD"];
/// Most articles on a customs form.
const ARTICLES_MAX: usize = 100;
/// Longest invoice number and tax number. Not documented: the width of the form.
const REF_MAX: usize = 35;
/// The only former consignment of a return.
const ORIGINAL: &str = "A";

/// The declaration of a parcel; none where no border is crossed.
pub(super) fn declarations(
    shipment: &Shipment,
    parcel: &Parcel,
    papers: bool,
    ddp: bool,
) -> Result<Option<CustomsDeclarations>, Rejection> {
    if !papers {
        return Ok(None);
    }
    let currency = parcel.items.first().map(|item| item.value.currency);
    let Some(currency) = currency else {
        return Err(Rejection::new("parcels.items", "customs forms need the contents"));
    };
    if parcel.items.len() > ARTICLES_MAX {
        return Err(Rejection::new("parcels.items", "at most 100 articles on a customs form"));
    }
    if !CUSTOMS_CURRENCIES.contains(&currency.as_str()) {
        return Err(Rejection::new("parcels.items.value", "in a currency no customs form takes"));
    }
    if parcel.items.iter().any(|item| item.value.currency != currency) {
        return Err(Rejection::new("parcels.items.value", "all articles in one currency"));
    }
    let back = shipment.service == "CORI";
    let original = if back { vec![original(shipment)?] } else { Vec::new() };
    let mut articles = Vec::with_capacity(parcel.items.len());
    for item in &parcel.items {
        articles.push(article(item, back)?);
    }
    let article = articles;
    let description = article.first().filter(|_| ddp).map(|first| first.description.clone());
    let facts = shipment.customs.as_ref();
    let text = |part: fn(&Customs) -> &String, field, max| {
        facts.map_or(Ok(String::new()), |facts| optional(part(facts), field, max))
    };
    Ok(Some(CustomsDeclarations {
        include_customs_declarations: true,
        contents: Contents { article, category: Category { value: category(shipment) }, original },
        description,
        comments: facts.and_then(returned),
        importers_reference: text(|f| &f.recipient_tax_id, "customs.recipient_tax_id", REF_MAX)?,
        invoice_number: text(|f| &f.invoice_number, "customs.invoice_number", REF_MAX)?,
    }))
}

/// Commercial goods where nobody said why they travel; a return is returned goods.
fn category(shipment: &Shipment) -> u8 {
    match shipment.customs.as_ref().map(|customs| customs.reason) {
        _ if shipment.service == "CORI" => 6,
        Some(ExportReason::Gift) => 1,
        Some(ExportReason::Sample) => 2,
        Some(ExportReason::Sale) | None => 3,
        Some(ExportReason::Documents) => 4,
        Some(ExportReason::Repair) => 5,
        Some(ExportReason::Return) => 6,
    }
}

/// The way out, by its invoice. The number of that parcel is not known here.
fn original(shipment: &Shipment) -> Result<Original, Rejection> {
    let missing = |field| Rejection::new(field, "a return from abroad names the first invoice");
    let facts = shipment.customs.as_ref().ok_or_else(|| missing("customs"))?;
    if facts.invoice_number.trim().is_empty() {
        return Err(missing("customs.invoice_number"));
    }
    Ok(Original {
        original_ident: ORIGINAL,
        original_invoice_number: optional(
            &facts.invoice_number,
            "customs.invoice_number",
            REF_MAX,
        )?,
        original_invoice_date: facts.invoice_date.to_string(),
    })
}

fn article(item: &Item, back: bool) -> Result<Article, Rejection> {
    let hs_code = item.hs_code.clone().unwrap_or_default();
    let digits = hs_code.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || !matches!(hs_code.len(), 6 | 8 | 10) {
        return Err(Rejection::new("parcels.items.hs_code", "6, 8 or 10 digits"));
    }
    let origin: Option<Country> = item.origin;
    let Some(origin) = origin else {
        return Err(Rejection::new("parcels.items.origin", "is required on customs forms"));
    };
    if item.quantity == 0 {
        return Err(Rejection::new("parcels.items.quantity", "at least one"));
    }
    Ok(Article {
        description: required(&item.description, "parcels.items.description", 64)?,
        quantity: item.quantity,
        weight: kilograms(item.weight),
        value: number(item.value.to_decimal().to_string()),
        hs_code,
        origin_country: origin.to_string(),
        currency: item.value.currency.to_string(),
        artref: match back {
            true => required(&item.sku, "parcels.items.sku", 35)?,
            false => optional(&item.sku, "parcels.items.sku", 35)?,
        },
        original_ident: back.then_some(ORIGINAL),
    })
}
