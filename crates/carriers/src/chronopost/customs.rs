//! What customs are told of one parcel that crosses a border.
//!
//! Values of the declaration are decimals of the currency, weights are kilograms; the same value is
//! repeated on the parcel itself in cents. The structure has no place for the commercial invoice.

use colibri_types::{Currency, Grams, Money};

use super::address;
use crate::{
    Customs, ExportReason, Incoterm, Item, Parcel, Rejection, Shipment, wire::xml::Writer,
};

/// Most articles on one declaration: the list of contents beside it has five lines, the
/// declaration itself no stated limit; a hundred keeps the request small.
const ARTICLES_MAX: usize = 100;
/// Longest line of contents, in characters.
const CONTENT_MAX: usize = 45;
/// Lines of contents on the parcel.
const CONTENTS_MAX: usize = 5;
/// Longest description of an article, in characters: the length of a line of contents, since the
/// declaration states none.
const DESCRIPTION_MAX: usize = 100;
/// Currencies of a parcel's declared value.
const CURRENCIES: &[&str] = &["EUR", "USD", "GBP"];

/// One article line.
#[derive(Debug, Clone)]
struct Article {
    content: String,
    hs_code: String,
    origin: String,
    quantity: u32,
    weight: Grams,
    value: Money,
}

/// The declaration of one parcel.
#[derive(Debug, Clone)]
pub(super) struct Declaration {
    articles: Vec<Article>,
    total: Money,
    pieces: u64,
    incoterm: &'static str,
    eori: String,
    vat: String,
}

/// Papers only: nothing is declared.
pub(super) fn documents(shipment: &Shipment) -> bool {
    let reason = shipment.customs.as_ref().map(|customs| customs.reason);
    reason == Some(ExportReason::Documents)
}

/// # Errors
/// [`Rejection`] of what customs demand and the shipment does not tell.
pub(super) fn declaration(shipment: &Shipment, parcel: &Parcel) -> Result<Declaration, Rejection> {
    let reject = |field, reason: &str| Rejection::new(field, reason);
    let Some(first) = parcel.items.first() else {
        return Err(reject(
            "parcels.items",
            "behind a customs border every parcel needs its items",
        ));
    };
    if parcel.items.len() > ARTICLES_MAX {
        return Err(reject("parcels.items", "at most 100 articles in a parcel"));
    }
    let currency = first.value.currency;
    if !CURRENCIES.contains(&currency.as_str()) {
        return Err(reject("parcels.items.value", "declared in EUR, USD or GBP"));
    }
    let incoterm = match shipment.incoterm {
        Some(Incoterm::Dap) => "06",
        Some(Incoterm::Ddp) => "03",
        None => return Err(reject("incoterm", "behind a customs border it must be told who pays")),
    };
    let articles = parcel.items.iter().map(|item| article(item, currency));
    let articles = articles.collect::<Result<Vec<_>, _>>()?;
    let mut total = Money::new(0, currency);
    for article in &articles {
        let sum = total.checked_add(article.value);
        total = sum.map_err(|_| reject("parcels.items.value", "too large"))?;
    }
    let text = |get: fn(&Customs) -> &String, field| {
        let text = shipment.customs.as_ref().map(get);
        address::optional(text.map_or("", String::as_str), field, 35)
    };
    Ok(Declaration {
        pieces: articles.iter().map(|article| u64::from(article.quantity)).sum(),
        articles,
        total,
        incoterm,
        eori: text(|customs| &customs.sender_eori, "customs.sender_eori")?,
        vat: text(|customs| &customs.sender_vat, "customs.sender_vat")?,
    })
}

fn article(item: &Item, currency: Currency) -> Result<Article, Rejection> {
    let reject = |field, reason: &str| Rejection::new(field, reason);
    let field = "parcels.items.description";
    let content = address::required(&item.description, field, DESCRIPTION_MAX)?;
    let hs_code = item.hs_code.clone().unwrap_or_default();
    if !super::digits(&hs_code, 6..=10) {
        return Err(reject("parcels.items.hs_code", "six to ten digits on a declaration"));
    }
    let Some(origin) = item.origin else {
        return Err(reject("parcels.items.origin", "is required on a declaration"));
    };
    if item.quantity == 0 {
        return Err(reject("parcels.items.quantity", "at least one"));
    }
    if item.value.currency != currency {
        return Err(reject("parcels.items.value", "all articles in one currency"));
    }
    let minor = item.value.amount_minor.checked_mul(i64::from(item.quantity));
    let Some(minor) = minor.filter(|minor| *minor > 0) else {
        return Err(reject("parcels.items.value", "above zero, and not too large"));
    };
    let Some(grams) = item.weight.0.checked_mul(item.quantity) else {
        return Err(reject("parcels.items.weight", "too large"));
    };
    Ok(Article {
        content,
        hs_code,
        origin: origin.to_string(),
        quantity: item.quantity,
        weight: Grams(grams),
        value: Money::new(minor, currency),
    })
}

impl Declaration {
    /// Contents and value on the parcel: letters, digits and blanks only.
    pub(super) fn write_contents(&self, writer: &mut Writer) {
        for (index, article) in self.articles.iter().take(CONTENTS_MAX).enumerate() {
            let plain: String = article
                .content
                .chars()
                .map(|c| if c.is_alphanumeric() { c } else { ' ' })
                .collect();
            let line = address::cut(&colibri_documents::text::clean(&plain), CONTENT_MAX);
            writer.some(&format!("content{}", index + 1), &line);
        }
        writer.leaf("customsCurrency", self.total.currency.as_str());
        writer.leaf("customsValue", &self.total.amount_minor.to_string());
    }

    /// The declaration itself, in the schema's order.
    pub(super) fn write(&self, writer: &mut Writer) {
        // N: the goods leave uncleared, the carrier clears them.
        writer.leaf("clearanceCleared", "N").leaf("currency", self.total.currency.as_str());
        let first = self.articles.first().map(|article| article.content.as_str());
        writer.some("description", first.unwrap_or_default());
        writer.some("eori", &self.eori).leaf("incoterm", self.incoterm);
        writer.leaf("numberOfItems", &self.pieces.to_string());
        writer.leaf("value", &self.total.to_decimal().to_string()).some("vatNumber", &self.vat);
        for (index, article) in self.articles.iter().enumerate() {
            writer.nest("articlesValue", |w| article.write(w, index + 1));
        }
    }
}

impl Article {
    fn write(&self, writer: &mut Writer, position: usize) {
        let weight = self.weight.to_kg_text();
        writer.leaf("content", &self.content).leaf("grossWeight", &weight);
        writer.leaf("hscode", &self.hs_code).leaf("netWeight", &weight);
        writer.leaf("origin", &self.origin).leaf("position", &position.to_string());
        writer.leaf("quantity", &self.quantity.to_string());
        writer.leaf("value", &self.value.to_decimal().to_string());
    }
}
