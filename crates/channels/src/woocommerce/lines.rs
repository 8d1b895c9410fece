//! The lines of a WooCommerce order.

use colibri_types::{Currency, Money};
use rust_decimal::Decimal;

use super::html;
use crate::{ChannelError, Code, Line, json::Obj, number};

/// How this order's amounts are told: WooCommerce states everything without tax, with the tax
/// beside it; the canonical order follows the mode in which the shop enters its prices.
#[derive(Clone, Copy)]
pub(super) struct Book {
    pub(super) currency: Currency,
    pub(super) taxes_included: bool,
}

impl Book {
    /// Amount in the order's tax mode, exact, from a net field and its tax. May be negative: fees.
    pub(super) fn exact(
        self,
        obj: &Obj<'_>,
        net: &str,
        tax: &str,
    ) -> Result<Option<Decimal>, ChannelError> {
        let Some(amount) = obj.amount(net)? else {
            return Ok(None);
        };
        if !self.taxes_included {
            return Ok(Some(amount));
        }
        let tax_amount = obj.amount(tax)?.unwrap_or_default();
        amount
            .checked_add(tax_amount)
            .map(Some)
            .ok_or_else(|| obj.error(Code::AmountOutOfRange, net))
    }

    /// Rounded once, at the end.
    pub(super) fn round(
        self,
        obj: &Obj<'_>,
        key: &str,
        amount: Decimal,
    ) -> Result<Money, ChannelError> {
        number::money(amount, self.currency, || obj.place(key))
    }
}

/// A mapped line and its exact amount before discount, for sums without rounding.
pub(super) struct Mapped {
    pub(super) line: Line,
    pub(super) gross: Decimal,
}

/// All lines. `settled` orders have nothing left to ship.
pub(super) fn read(
    order: &Obj<'_>,
    book: Book,
    settled: bool,
) -> Result<Vec<Mapped>, ChannelError> {
    if !order.has("line_items") {
        return Err(order.error(Code::FieldMissing, "line_items"));
    }
    let items = order.list("line_items")?;
    items.iter().map(|item| line(item, book, settled)).collect()
}

fn line(item: &Obj<'_>, book: Book, settled: bool) -> Result<Mapped, ChannelError> {
    let required = |value: Option<Decimal>, key| {
        let amount = value.ok_or_else(|| item.error(Code::FieldMissing, key))?;
        if amount.is_sign_negative() && !amount.is_zero() {
            return Err(item.error(Code::AmountOutOfRange, key));
        }
        Ok(amount)
    };
    let quantity =
        item.quantity("quantity")?.ok_or_else(|| item.error(Code::FieldMissing, "quantity"))?;
    let total = required(book.exact(item, "total", "total_tax")?, "total")?;
    let gross = match book.exact(item, "subtotal", "subtotal_tax")? {
        Some(gross) => required(Some(gross), "subtotal")?,
        None => total,
    };
    // A line without units has no unit price; its amount then stands for it and is 0 in practice.
    let units = Decimal::from(quantity.max(1));
    let unit_price =
        gross.checked_div(units).ok_or_else(|| item.error(Code::AmountOutOfRange, "subtotal"))?;
    let gross_money = book.round(item, "subtotal", gross)?;
    let total_money = book.round(item, "total", total)?;
    let discount = Money::new(gross_money.amount_minor - total_money.amount_minor, book.currency);
    let meta = Meta::read(item)?;
    let tax = item.amount("total_tax")?;
    let line = Line {
        line_id: item.id("id")?.ok_or_else(|| item.error(Code::FieldMissing, "id"))?,
        line_id_derived: false,
        sku: item.text("sku")?,
        variant_ref: variant(item)?,
        name: name(item)?,
        quantity,
        fulfillable_quantity: if settled { 0 } else { quantity },
        unit_price: book.round(item, "subtotal", unit_price)?,
        discount,
        total: total_money,
        tax: match tax {
            Some(tax) => Some(book.round(item, "total_tax", tax)?),
            None => None,
        },
        // Orders of this channel state neither weights nor customs facts nor what is digital.
        unit_weight: None,
        requires_shipping: true,
        hs_code: None,
        origin: None,
        gtin: item.text("global_unique_id")?.and_then(|text| number::gtin(&text)),
        bundle_parent: meta.bundle_parent,
        customisation: None,
    };
    Ok(Mapped { line, gross })
}

/// The variation, else the product; 0 means none.
fn variant(item: &Obj<'_>) -> Result<Option<String>, ChannelError> {
    for key in ["variation_id", "product_id"] {
        if let Some(id) = item.id(key)?.filter(|id| id != "0") {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

fn name(item: &Obj<'_>) -> Result<String, ChannelError> {
    for key in ["name", "sku"] {
        if let Some(name) = item.long_text(key)? {
            return Ok(crate::json::clean(&html::decode(&name)));
        }
    }
    Err(item.error(Code::FieldMissing, "name"))
}

/// What plugins add to a line, as far as it is known here.
struct Meta {
    bundle_parent: Option<String>,
}

impl Meta {
    fn read(item: &Obj<'_>) -> Result<Self, ChannelError> {
        let mut bundle_parent = None;
        for entry in item.optional_list("meta_data") {
            let key = entry.person("key")?;
            if matches!(key.as_deref(), Some("bundled_by" | "_bundled_by")) {
                bundle_parent = entry.text("value")?;
            }
        }
        Ok(Self { bundle_parent })
    }
}
