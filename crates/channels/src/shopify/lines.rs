//! The lines of a Shopify order.

use std::collections::HashMap;

use colibri_types::{Country, Currency, Grams, Money, Pii};
use rust_decimal::Decimal;

use crate::{ChannelError, Code, Line, WarningCode, json::Obj, number, totals};

/// The currency an order is kept in.
#[derive(Clone, Copy)]
pub(super) struct Book {
    pub(super) currency: Currency,
}

impl Book {
    pub(super) fn zero(self) -> Money {
        Money::new(0, self.currency)
    }

    /// An amount in the shop's books: from `…_set.shop_money` when there, else from the plain
    /// field, which states the same.
    pub(super) fn money(
        self,
        obj: &Obj<'_>,
        key: &str,
        set_key: &str,
    ) -> Result<Option<Money>, ChannelError> {
        let plain = match obj.amount_positive(key)? {
            Some(amount) => Some(self.rounded(obj, key, amount)?),
            None => None,
        };
        let set = self.set(obj, set_key)?;
        if let (Some(plain), Some(set)) = (plain, set)
            && plain != set
        {
            obj.warn(WarningCode::AmountConflict, key);
        }
        Ok(set.or(plain))
    }

    /// The shop's amount of a pair of shop and presentment money.
    pub(super) fn set(self, obj: &Obj<'_>, key: &str) -> Result<Option<Money>, ChannelError> {
        let Some(shop) = obj.object(key).and_then(|set| set.object("shop_money")) else {
            return Ok(None);
        };
        let Some(amount) = shop.amount_positive("amount")? else {
            return Ok(None);
        };
        if let Some(code) = shop.text("currency_code")?
            && code != self.currency.as_str()
        {
            return Err(shop.error(Code::CurrencyMixed, "currency_code"));
        }
        self.rounded(&shop, "amount", amount).map(Some)
    }

    fn rounded(self, obj: &Obj<'_>, key: &str, amount: Decimal) -> Result<Money, ChannelError> {
        if !number::fits(amount, self.currency) {
            obj.warn(WarningCode::AmountRounded, key);
        }
        number::money(amount, self.currency, || obj.place(key))
    }
}

/// All lines that are goods. `settled` orders have nothing left to ship.
pub(super) fn read(order: &Obj<'_>, book: Book, settled: bool) -> Result<Vec<Line>, ChannelError> {
    if !order.has("line_items") {
        return Err(order.error(Code::FieldMissing, "line_items"));
    }
    let refunds = refunded(order)?;
    let mut lines = Vec::new();
    for item in order.list("line_items")? {
        // A tip is listed among the goods but counted as a charge.
        if item.object("tip").is_some() {
            continue;
        }
        lines.push(line(&item, book, settled, &refunds)?);
    }
    Ok(lines)
}

/// Units given back per line, for old payloads without `current_quantity`.
fn refunded(order: &Obj<'_>) -> Result<HashMap<String, u32>, ChannelError> {
    let mut units: HashMap<String, u32> = HashMap::new();
    for refund in order.optional_list("refunds") {
        for item in refund.optional_list("refund_line_items") {
            let given_back = item.quantity("quantity")?;
            if let (Some(line), Some(given_back)) = (item.id("line_item_id")?, given_back) {
                let sum = units.entry(line).or_default();
                *sum = sum.saturating_add(given_back);
            }
        }
    }
    Ok(units)
}

fn line(
    item: &Obj<'_>,
    book: Book,
    settled: bool,
    refunds: &HashMap<String, u32>,
) -> Result<Line, ChannelError> {
    let line_id = item.id("id")?.ok_or_else(|| item.error(Code::FieldMissing, "id"))?;
    let ordered =
        item.quantity("quantity")?.ok_or_else(|| item.error(Code::FieldMissing, "quantity"))?;
    let quantity = match item.quantity("current_quantity")? {
        Some(current) => current,
        None => ordered.saturating_sub(refunds.get(&line_id).copied().unwrap_or_default()),
    };
    let gift_card = item.flag("gift_card") == Some(true);
    let requires_shipping = !gift_card && item.flag("requires_shipping").unwrap_or(true);
    let unit_price = book
        .money(item, "price", "price_set")?
        .ok_or_else(|| item.error(Code::FieldMissing, "price"))?;
    let share = Share { ordered, quantity };
    let discount = share.of(item, discount(item, book)?)?;
    let tax = match tax(item, book)? {
        Some(tax) => Some(share.of(item, tax)?),
        None => None,
    };
    if quantity != ordered && (discount.amount_minor != 0 || tax.is_some()) {
        item.warn(WarningCode::SharedByQuantity, "current_quantity");
    }
    let price = item.place("price");
    let gross = totals::times(unit_price, quantity, &price)?;
    let duty = item.optional_list("duties").into_iter().next();
    let (hs_code, origin) = match &duty {
        Some(duty) => customs(duty)?,
        None => (None, None),
    };
    Ok(Line {
        line_id_derived: false,
        sku: item.text("sku")?,
        variant_ref: item.id("variant_id")?,
        name: name(item)?,
        quantity,
        fulfillable_quantity: fulfillable(item, quantity, requires_shipping && !settled)?,
        unit_price,
        total: totals::sum(gross, [Money::new(-discount.amount_minor, book.currency)], &price)?,
        discount,
        tax,
        unit_weight: weight(item),
        requires_shipping,
        hs_code,
        origin,
        gtin: None,
        bundle_parent: None,
        customisation: customisation(item)?,
        line_id,
    })
}

fn name(item: &Obj<'_>) -> Result<String, ChannelError> {
    for key in ["name", "title", "sku"] {
        if let Some(name) = item.long_text(key)? {
            return Ok(name);
        }
    }
    Err(item.error(Code::FieldMissing, "name"))
}

/// Units we still have to ship: what the channel says, never more than is sold.
fn fulfillable(item: &Obj<'_>, quantity: u32, ships: bool) -> Result<u32, ChannelError> {
    if !ships {
        return Ok(0);
    }
    match item.quantity("fulfillable_quantity")? {
        Some(units) if units > quantity => {
            item.warn(WarningCode::QuantityReduced, "fulfillable_quantity");
            Ok(quantity)
        }
        Some(units) => Ok(units),
        None if item.text("fulfillment_status")?.as_deref() == Some("fulfilled") => Ok(0),
        None => Ok(quantity),
    }
}

/// Allocations hold every discount on the line; `total_discount` only those made on the line
/// itself, so the two are never added.
fn discount(item: &Obj<'_>, book: Book) -> Result<Money, ChannelError> {
    if item.get("discount_allocations").is_none() {
        let own = book.money(item, "total_discount", "total_discount_set")?;
        return Ok(own.unwrap_or(book.zero()));
    }
    let mut discount = book.zero();
    for allocation in item.list("discount_allocations")? {
        let amount = book.money(&allocation, "amount", "amount_set")?;
        let amount = amount.ok_or_else(|| allocation.error(Code::FieldMissing, "amount"))?;
        discount = totals::sum(discount, [amount], &allocation.place("amount"))?;
    }
    Ok(discount)
}

fn tax(item: &Obj<'_>, book: Book) -> Result<Option<Money>, ChannelError> {
    if item.get("tax_lines").is_none() {
        return Ok(None);
    }
    let mut tax = book.zero();
    for part in item.list("tax_lines")? {
        let Some(amount) = book.money(&part, "price", "price_set")? else {
            return Ok(None);
        };
        tax = totals::sum(tax, [amount], &part.place("price"))?;
    }
    Ok(Some(tax))
}

/// Discounts and taxes are stated for the units ordered; what was removed takes its share along.
struct Share {
    ordered: u32,
    quantity: u32,
}

impl Share {
    fn of(&self, item: &Obj<'_>, amount: Money) -> Result<Money, ChannelError> {
        if self.quantity == self.ordered || self.ordered == 0 {
            return Ok(amount);
        }
        let share = amount
            .to_decimal()
            .checked_mul(Decimal::from(self.quantity))
            .and_then(|part| part.checked_div(Decimal::from(self.ordered)))
            .ok_or_else(|| item.error(Code::AmountOutOfRange, "price"))?;
        number::money(share, amount.currency, || item.place("price"))
    }
}

/// `grams` is the weight of one unit; 0 means that nobody entered one.
fn weight(item: &Obj<'_>) -> Option<Grams> {
    match item.quantity("grams") {
        Ok(Some(0) | None) => None,
        Ok(Some(grams)) if grams <= Grams::MAX.0 => Some(Grams(grams)),
        _ => {
            item.warn(WarningCode::FieldUnreadable, "grams");
            None
        }
    }
}

/// Customs facts of a line sold with duties. `origin_location` is where goods leave from and is
/// not their origin.
fn customs(duty: &Obj<'_>) -> Result<(Option<String>, Option<Country>), ChannelError> {
    let hs_code = match duty.text("harmonized_system_code")? {
        Some(text) => {
            let code = number::hs_code(&text);
            if code.is_none() {
                duty.warn(WarningCode::FieldUnreadable, "harmonized_system_code");
            }
            code
        }
        None => None,
    };
    let (origin, _) = crate::place::country_of(duty, "country_code_of_origin")?;
    Ok((hs_code, origin))
}

/// What the buyer wrote or chose for this article. Names that start with `_` are the shop's own.
fn customisation(item: &Obj<'_>) -> Result<Option<Pii<String>>, ChannelError> {
    let mut texts = Vec::new();
    for property in item.optional_list("properties") {
        let name = property.person("name")?.unwrap_or_default();
        if name.starts_with('_') {
            continue;
        }
        if let Some(value) = property.note("value") {
            texts.push(format!("{name}: {}", value.expose()));
        }
    }
    Ok((!texts.is_empty()).then(|| Pii::new(texts.join("\n"))))
}
