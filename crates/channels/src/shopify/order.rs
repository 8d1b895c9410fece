//! A Shopify order document → [`CanonicalOrder`].

use colibri_types::{Currency, Money};

use super::lines::{self, Book};
use crate::{
    CancelReason, CanonicalOrder, ChannelError, Code, FinancialStatus, Incoterm, NoDelivery,
    OrderState, Party, Shipping, Totals, WarningCode,
    json::{Obj, clean, is_word},
    number, place, totals,
};

/// Names under which widespread apps keep the day the buyer chose.
const WANTED_DAY: &[&str] = &["delivery_date", "delivery-date", "wanted_delivery_date"];
/// Names under which widespread apps keep the text of a gift.
const GIFT_TEXT: &[&str] = &["gift_message", "gift-message", "gift_note"];
/// Names under which widespread apps keep the chosen pick-up point.
const SERVICE_POINT: &[&str] = &["service_point_id", "pickup_point_id", "relay_id"];

/// Maps one order. Warnings go to the notes of `order`.
pub(super) fn read(order: &Obj<'_>) -> Result<CanonicalOrder, ChannelError> {
    let external_id = external_id(order)?;
    let currency = required_currency(order)?;
    let book = Book { currency };
    let cancelled_at = order.time("cancelled_at")?;
    let closed =
        cancelled_at.is_some() || order.text("fulfillment_status")?.as_deref() == Some("fulfilled");
    let lines = lines::read(order, book, closed)?;
    let shipping = shipping(order, book)?;
    let totals = sums(order, book, &lines, &shipping)?;
    let ship_to = party(order)?;
    let (financial_status, channel_status) = financial_status(order)?;
    let attributes = Attributes::read(order)?;
    let mapped = CanonicalOrder {
        channel: super::INFO.id.to_owned(),
        number: number_for_people(order)?.unwrap_or_else(|| external_id.clone()),
        external_id,
        // `processed_at` is when the buyer ordered; imported orders are created here later.
        placed_at: match order.time("processed_at")? {
            Some(time) => Some(time),
            None => order.time("created_at")?,
        },
        updated_at: order.time("updated_at")?,
        currency,
        presentment_currency: presentment(order, currency)?,
        taxes_included: order.flag("taxes_included"),
        no_delivery: no_delivery(order, &lines, ship_to.as_ref())?,
        ship_to,
        bill_to_country: match order.object("billing_address") {
            Some(address) => place::country_of(&address, "country_code")?.0,
            None => None,
        },
        shipping,
        incoterm: incoterm(order, book)?,
        totals,
        financial_status,
        state: match (cancelled_at, closed) {
            (Some(_), _) => OrderState::Cancelled,
            (None, true) => OrderState::Closed,
            (None, false) => OrderState::Open,
        },
        channel_status,
        cancelled_at,
        tags: tags(order)?,
        note: order.note("note"),
        gift_message: attributes.gift_message,
        wanted_delivery: attributes.wanted_delivery,
        service_point_ref: attributes.service_point_ref,
        test: order.flag("test").unwrap_or(false),
        warnings: Vec::new(),
        lines,
    };
    if !totals::add_up(&mapped) {
        order.warn(WarningCode::TotalsMismatch, "total_price");
    }
    Ok(mapped)
}

/// The 64-bit id, or the end of the global id when a client dropped the first.
pub(super) fn external_id(order: &Obj<'_>) -> Result<String, ChannelError> {
    if let Some(id) = order.id("id")? {
        return Ok(id);
    }
    let global = order.text("admin_graphql_api_id")?;
    global
        .as_deref()
        .and_then(|text| text.strip_prefix("gid://shopify/Order/"))
        .filter(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()))
        .map(str::to_owned)
        .ok_or_else(|| order.error(Code::FieldMissing, "id"))
}

/// Why the shop cancelled.
pub(super) fn cancel_reason(order: &Obj<'_>) -> Result<CancelReason, ChannelError> {
    Ok(match order.text("cancel_reason")?.as_deref() {
        Some("customer") => CancelReason::Customer,
        Some("inventory") => CancelReason::Inventory,
        Some("fraud") => CancelReason::Fraud,
        Some("declined") => CancelReason::Declined,
        Some("staff") => CancelReason::Staff,
        _ => CancelReason::Other,
    })
}

/// `name` is what people see (`#1042`); the counters are a last resort.
fn number_for_people(order: &Obj<'_>) -> Result<Option<String>, ChannelError> {
    match order.text("name")? {
        Some(name) => Ok(Some(name)),
        None => order.id("order_number"),
    }
}

fn required_currency(order: &Obj<'_>) -> Result<Currency, ChannelError> {
    let text =
        order.text("currency")?.ok_or_else(|| order.error(Code::FieldMissing, "currency"))?;
    text.parse().map_err(|_| order.error(Code::CurrencyUnknown, "currency"))
}

fn presentment(order: &Obj<'_>, shop: Currency) -> Result<Option<Currency>, ChannelError> {
    let Some(text) = order.text("presentment_currency")? else {
        return Ok(None);
    };
    match text.parse::<Currency>() {
        Ok(currency) => Ok((currency != shop).then_some(currency)),
        Err(_) => {
            order.warn(WarningCode::FieldUnreadable, "presentment_currency");
            Ok(None)
        }
    }
}

fn financial_status(order: &Obj<'_>) -> Result<(FinancialStatus, Option<String>), ChannelError> {
    let word = order.text("financial_status")?;
    let status = match word.as_deref() {
        Some("pending" | "unpaid") => FinancialStatus::Pending,
        Some("authorized") => FinancialStatus::Authorized,
        Some("partially_paid") => FinancialStatus::PartiallyPaid,
        Some("paid") => FinancialStatus::Paid,
        Some("partially_refunded") => FinancialStatus::PartiallyRefunded,
        Some("refunded") => FinancialStatus::Refunded,
        Some("voided" | "expired") => FinancialStatus::Voided,
        Some(_) => {
            order.warn(WarningCode::StatusUnmapped, "financial_status");
            FinancialStatus::Unknown
        }
        None => FinancialStatus::Unknown,
    };
    Ok((status, word.filter(|w| is_word(w))))
}

fn tags(order: &Obj<'_>) -> Result<Vec<String>, ChannelError> {
    // A long list is one text; 2,000 code points are more tags than anybody reads.
    let text = order.long_text("tags")?.unwrap_or_default();
    let tags = text.split(',').map(clean).filter(|tag| !tag.is_empty());
    Ok(tags.collect())
}

/// The shipping address with the contact data that Shopify keeps elsewhere.
fn party(order: &Obj<'_>) -> Result<Option<Party>, ChannelError> {
    let Some(address) = order.object("shipping_address") else {
        return Ok(None);
    };
    let customer = order.object("customer");
    let name = match address.person("name")? {
        Some(name) => Some(name),
        None => place::joined(address.person("first_name")?, address.person("last_name")?),
    };
    let (country, country_text) = place::country_of(&address, "country_code")?;
    let subdivision = match address.text("province_code")? {
        Some(code) => Some(code),
        None => address.text("province")?,
    };
    let contact = |key: &str| -> Result<Option<String>, ChannelError> {
        if let Some(text) = order.person(key)? {
            return Ok(Some(text));
        }
        match &customer {
            Some(customer) => customer.person(key),
            None => Ok(None),
        }
    };
    let party = Party {
        name,
        company: address.person("company")?,
        lines: [address.person("address1")?, address.person("address2")?]
            .into_iter()
            .flatten()
            .collect(),
        city: address.person("city")?,
        postcode: address.person("zip")?,
        subdivision: subdivision.map(|text| place::subdivision(country, &text)),
        country,
        country_text,
        phone: match address.person("phone")? {
            Some(phone) => Some(phone),
            None => contact("phone")?,
        },
        email: match order.person("contact_email")? {
            Some(email) => Some(email),
            None => contact("email")?,
        },
    };
    Ok((!party.has_no_address()).then_some(party))
}

fn no_delivery(
    order: &Obj<'_>,
    lines: &[crate::Line],
    ship_to: Option<&Party>,
) -> Result<Option<NoDelivery>, ChannelError> {
    if !lines.is_empty() && lines.iter().all(|line| line.quantity == 0) {
        return Ok(Some(NoDelivery::NothingLeft));
    }
    if !lines.iter().any(|line| line.requires_shipping && line.quantity > 0) {
        return Ok(Some(NoDelivery::Digital));
    }
    let methods = order.list("shipping_lines")?;
    for method in &methods {
        let category = method.text("delivery_category")?;
        if matches!(category.as_deref(), Some("pickup" | "pick_up" | "pick-up")) {
            return Ok(Some(NoDelivery::Pickup));
        }
    }
    if ship_to.is_some() {
        return Ok(None);
    }
    let counter = order.text("source_name")?.as_deref() == Some("pos") && methods.is_empty();
    Ok(Some(if counter { NoDelivery::PointOfSale } else { NoDelivery::AddressMissing }))
}

fn shipping(order: &Obj<'_>, book: Book) -> Result<Shipping, ChannelError> {
    let mut shipping = Shipping::default();
    for method in order.list("shipping_lines")? {
        if method.flag("is_removed") == Some(true) {
            continue;
        }
        if shipping.paid.is_none() {
            shipping.title = method.text("title")?;
            shipping.code = method.text("code")?;
        }
        let discounted = book.money(&method, "discounted_price", "discounted_price_set")?;
        let paid = match discounted {
            Some(paid) => Some(paid),
            None => book.money(&method, "price", "price_set")?,
        };
        let paid = paid.ok_or_else(|| method.error(Code::FieldMissing, "price"))?;
        let so_far = shipping.paid.unwrap_or(book.zero());
        shipping.paid = Some(totals::sum(so_far, [paid], &method.place("price"))?);
    }
    Ok(shipping)
}

fn sums(
    order: &Obj<'_>,
    book: Book,
    lines: &[crate::Line],
    shipping: &Shipping,
) -> Result<Totals, ChannelError> {
    let place = order.place("line_items");
    let mut items = book.zero();
    for line in lines {
        let amount = totals::times(line.unit_price, line.quantity, &place)?;
        items = totals::sum(items, [amount], &place)?;
    }
    let grand = match book.money(order, "current_total_price", "current_total_price_set")? {
        Some(grand) => Some(grand),
        None => book.money(order, "total_price", "total_price_set")?,
    };
    let tax = match book.money(order, "current_total_tax", "current_total_tax_set")? {
        Some(tax) => Some(tax),
        None => book.money(order, "total_tax", "total_tax_set")?,
    };
    let mut other = Vec::new();
    other.extend(book.money(order, "total_tip_received", "total_tip_received_set")?);
    other.extend(book.set(order, "current_total_duties_set")?);
    other.extend(book.set(order, "current_total_additional_fees_set")?);
    Ok(Totals {
        items,
        discount: totals::sum(book.zero(), lines.iter().map(|line| line.discount), &place)?,
        shipping: shipping.paid,
        other: match other.as_slice() {
            [] => None,
            amounts => Some(totals::sum(
                book.zero(),
                amounts.iter().copied(),
                &order.place("total_price"),
            )?),
        },
        tax,
        grand: Some(grand.ok_or_else(|| order.error(Code::FieldMissing, "total_price"))?),
    })
}

/// Duties taken at the checkout mean that the shop promised to pay them.
fn incoterm(order: &Obj<'_>, book: Book) -> Result<Option<Incoterm>, ChannelError> {
    let duties: Option<Money> = book.set(order, "current_total_duties_set")?;
    Ok(duties.filter(|duties| duties.amount_minor > 0).map(|_| Incoterm::Ddp))
}

/// What apps keep in the free attributes of the cart, as far as it concerns delivery.
#[derive(Default)]
struct Attributes {
    gift_message: Option<colibri_types::Pii<String>>,
    wanted_delivery: Option<colibri_types::CivilTime>,
    service_point_ref: Option<String>,
}

impl Attributes {
    fn read(order: &Obj<'_>) -> Result<Self, ChannelError> {
        let mut found = Self::default();
        for attribute in order.optional_list("note_attributes") {
            let name = attribute.person("name")?.unwrap_or_default();
            let name = name.to_ascii_lowercase().replace(' ', "_");
            let name = name.as_str();
            if GIFT_TEXT.contains(&name) {
                found.gift_message = attribute.note("value");
            } else if WANTED_DAY.contains(&name) {
                let text = attribute.person("value")?.unwrap_or_default();
                found.wanted_delivery = number::time(&text.replace('/', "-"));
                if found.wanted_delivery.is_none() && !text.is_empty() {
                    attribute.warn(WarningCode::FieldUnreadable, "value");
                }
            } else if SERVICE_POINT.contains(&name) {
                found.service_point_ref = attribute.text("value")?;
            }
        }
        Ok(found)
    }
}
