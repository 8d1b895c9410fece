//! A WooCommerce order document → [`CanonicalOrder`].

use colibri_types::{CivilTime, Currency, Pii};
use rust_decimal::Decimal;
use time::UtcOffset;

use super::{
    html,
    lines::{self, Book, Mapped},
};
use crate::{
    CanonicalOrder, ChannelError, Code, FinancialStatus, Line, NoDelivery, OrderState, Party,
    Shipping, Totals, WarningCode,
    json::{Obj, clean, is_word},
    number, place, totals,
};

/// Maps one order. Warnings go to the notes of `order`.
pub(super) fn read(order: &Obj<'_>) -> Result<CanonicalOrder, ChannelError> {
    let external_id = external_id(order)?;
    let status = status(order)?;
    let state = state(status.as_deref());
    if state == OrderState::Unmapped {
        order.warn(WarningCode::StatusUnmapped, "status");
    }
    let book = Book {
        currency: currency(order)?,
        taxes_included: order.flag("prices_include_tax").unwrap_or(false),
    };
    let settled = matches!(state, OrderState::Closed | OrderState::Cancelled | OrderState::Deleted);
    let mapped = lines::read(order, book, settled)?;
    let (shipping, pickup) = shipping(order, book)?;
    let totals = sums(order, book, &mapped, &shipping)?;
    let lines: Vec<Line> = mapped.into_iter().map(|mapped| mapped.line).collect();
    let ship_to = ship_to(order)?;
    let meta = Meta::read(order)?;
    let mapped = CanonicalOrder {
        channel: super::INFO.id.to_owned(),
        // Plugins replace `number`; without one the id is what people see.
        number: order.text("number")?.unwrap_or_else(|| external_id.clone()),
        external_id,
        placed_at: time_of(order, "date_created", "date_created_gmt")?,
        updated_at: time_of(order, "date_modified", "date_modified_gmt")?,
        currency: book.currency,
        presentment_currency: None,
        taxes_included: Some(book.taxes_included),
        no_delivery: no_delivery(&lines, pickup, ship_to.as_ref()),
        ship_to,
        bill_to_country: match order.object("billing") {
            Some(billing) => place::country_of(&billing, "country")?.0,
            None => None,
        },
        shipping,
        totals,
        financial_status: financial_status(order, state)?,
        state,
        channel_status: status.filter(|word| is_word(word)),
        // The channel does not say when: `updated_at` moves with every later change.
        cancelled_at: None,
        tags: Vec::new(),
        note: order.note("customer_note"),
        gift_message: meta.gift_message,
        wanted_delivery: meta.wanted_delivery,
        service_point_ref: meta.service_point_ref,
        incoterm: None,
        test: false,
        warnings: Vec::new(),
        lines,
    };
    if !totals::add_up(&mapped) {
        order.warn(WarningCode::TotalsMismatch, "total");
    }
    Ok(mapped)
}

/// The id, which stays when a shop moves its orders to new storage.
pub(super) fn external_id(order: &Obj<'_>) -> Result<String, ChannelError> {
    order.id("id")?.filter(|id| id != "0").ok_or_else(|| order.error(Code::FieldMissing, "id"))
}

/// A cart that was never ordered.
pub(super) fn is_draft(order: &Obj<'_>) -> Result<bool, ChannelError> {
    let status = status(order)?;
    Ok(matches!(status.as_deref(), Some("checkout-draft" | "auto-draft" | "draft")))
}

/// The status word without the prefix of the database.
fn status(order: &Obj<'_>) -> Result<Option<String>, ChannelError> {
    let word = order.text("status")?;
    Ok(word.map(|word| word.strip_prefix("wc-").map(str::to_owned).unwrap_or(word)))
}

fn state(status: Option<&str>) -> OrderState {
    match status {
        Some("pending" | "processing") => OrderState::Open,
        Some("on-hold" | "failed") => OrderState::OnHold,
        Some("completed" | "refunded") => OrderState::Closed,
        Some("cancelled") => OrderState::Cancelled,
        Some("trash") => OrderState::Deleted,
        _ => OrderState::Unmapped,
    }
}

fn financial_status(order: &Obj<'_>, state: OrderState) -> Result<FinancialStatus, ChannelError> {
    if status(order)?.as_deref() == Some("refunded") {
        return Ok(FinancialStatus::Refunded);
    }
    let paid = time_of(order, "date_paid", "date_paid_gmt")?.is_some();
    if !order.optional_list("refunds").is_empty() {
        order.warn(WarningCode::RefundLinesUnknown, "refunds");
        return Ok(FinancialStatus::PartiallyRefunded);
    }
    Ok(if paid {
        FinancialStatus::Paid
    } else if order.text("payment_method")?.as_deref() == Some("cod") {
        FinancialStatus::CashOnDelivery
    } else if matches!(state, OrderState::Unmapped) {
        FinancialStatus::Unknown
    } else {
        FinancialStatus::Pending
    })
}

fn currency(order: &Obj<'_>) -> Result<Currency, ChannelError> {
    let text =
        order.text("currency")?.ok_or_else(|| order.error(Code::FieldMissing, "currency"))?;
    text.parse().map_err(|_| order.error(Code::CurrencyUnknown, "currency"))
}

/// The local time with the offset that its GMT twin implies; with only one of the two, that one.
/// Neither is ever read as the other.
fn time_of(order: &Obj<'_>, local: &str, gmt: &str) -> Result<Option<CivilTime>, ChannelError> {
    let here = order.time(local)?;
    let Some(there) = order.time(gmt)? else {
        return Ok(here);
    };
    let utc = CivilTime::at(there.local, UtcOffset::UTC, there.precision);
    let Some(here) = here.filter(|time| time.offset.is_none()) else {
        return Ok(Some(utc));
    };
    let ahead = (here.local - there.local).whole_seconds();
    // Zones lie on quarters of an hour, from −12 to +14 h; anything else is no offset.
    let zone = ahead % 900 == 0 && (-12 * 3600..=14 * 3600).contains(&ahead);
    let offset = i32::try_from(ahead)
        .ok()
        .filter(|_| zone)
        .and_then(|seconds| UtcOffset::from_whole_seconds(seconds).ok());
    Ok(Some(match offset {
        Some(offset) => CivilTime::at(here.local, offset, here.precision),
        None => utc,
    }))
}

/// The shipping address, or the billing address when the former is empty.
fn ship_to(order: &Obj<'_>) -> Result<Option<Party>, ChannelError> {
    let billing = order.object("billing");
    if let Some(shipping) = order.object("shipping") {
        let mut party = party(&shipping)?;
        if !party.has_no_address() {
            // The mail is only with the payer, the phone too before version 5.6.
            if let Some(billing) = &billing {
                party.email = match party.email {
                    None => billing.person("email")?,
                    email => email,
                };
                party.phone = match party.phone {
                    None => billing.person("phone")?,
                    phone => phone,
                };
            }
            return Ok(Some(party));
        }
    }
    let Some(billing) = billing else {
        return Ok(None);
    };
    let party = party(&billing)?;
    if party.has_no_address() {
        return Ok(None);
    }
    order.warn(WarningCode::ShipToFromBilling, "shipping");
    Ok(Some(party))
}

fn party(address: &Obj<'_>) -> Result<Party, ChannelError> {
    let (country, country_text) = place::country_of(address, "country")?;
    let state = address.text("state")?;
    Ok(Party {
        name: place::joined(address.person("first_name")?, address.person("last_name")?),
        company: address.person("company")?,
        lines: [address.person("address_1")?, address.person("address_2")?]
            .into_iter()
            .flatten()
            .collect(),
        city: address.person("city")?,
        postcode: address.person("postcode")?,
        subdivision: state.map(|text| place::subdivision(country, &text)),
        country,
        country_text,
        phone: address.person("phone")?,
        email: address.person("email")?,
    })
}

fn no_delivery(lines: &[Line], pickup: bool, ship_to: Option<&Party>) -> Option<NoDelivery> {
    if lines.is_empty() {
        Some(NoDelivery::Digital)
    } else if lines.iter().all(|line| line.quantity == 0) {
        Some(NoDelivery::NothingLeft)
    } else if pickup {
        Some(NoDelivery::Pickup)
    } else if ship_to.is_none() {
        Some(NoDelivery::AddressMissing)
    } else {
        None
    }
}

/// Shipping as paid, and whether the buyer collects the goods.
fn shipping(order: &Obj<'_>, book: Book) -> Result<(Shipping, bool), ChannelError> {
    let mut shipping = Shipping::default();
    let mut pickup = false;
    for (index, method) in order.list("shipping_lines")?.iter().enumerate() {
        let id = method.text("method_id")?;
        pickup |= matches!(id.as_deref(), Some("local_pickup" | "pickup_location"));
        if index == 0 {
            let title = method.long_text("method_title")?;
            shipping.title = title.map(|title| clean(&html::decode(&title)));
            let instance = method.text("instance_id")?.filter(|i| i != "0");
            shipping.code = match (id, instance) {
                (Some(id), Some(instance)) => Some(format!("{id}:{instance}")),
                (id, _) => id,
            };
        }
    }
    if let Some(paid) = book.exact(order, "shipping_total", "shipping_tax")? {
        shipping.paid = Some(book.round(order, "shipping_total", paid)?);
    }
    Ok((shipping, pickup))
}

fn sums(
    order: &Obj<'_>,
    book: Book,
    lines: &[Mapped],
    shipping: &Shipping,
) -> Result<Totals, ChannelError> {
    let too_large = || order.error(Code::AmountOutOfRange, "line_items");
    let add = |total: Decimal, amount: Decimal| total.checked_add(amount).ok_or_else(too_large);
    let items = lines.iter().try_fold(Decimal::ZERO, |total, mapped| add(total, mapped.gross))?;
    let mut fees = Decimal::ZERO;
    let fee_lines = order.list("fee_lines")?;
    for fee in &fee_lines {
        let amount = book.exact(fee, "total", "total_tax")?;
        fees = add(fees, amount.ok_or_else(|| fee.error(Code::FieldMissing, "total"))?)?;
    }
    let zero = book.round(order, "total", Decimal::ZERO)?;
    let discounts = lines.iter().map(|mapped| mapped.line.discount);
    let optional = |key: &str| match order.amount(key)? {
        Some(amount) => book.round(order, key, amount).map(Some),
        None => Ok(None),
    };
    let grand = optional("total")?.ok_or_else(|| order.error(Code::FieldMissing, "total"))?;
    Ok(Totals {
        items: book.round(order, "line_items", items)?,
        discount: totals::sum(zero, discounts, &order.place("line_items"))?,
        shipping: shipping.paid,
        other: match fee_lines.is_empty() {
            true => None,
            false => Some(book.round(order, "fee_lines", fees)?),
        },
        tax: optional("total_tax")?,
        grand: Some(grand),
    })
}

/// What widespread plugins keep beside the order, as far as it concerns delivery.
#[derive(Default)]
struct Meta {
    gift_message: Option<Pii<String>>,
    wanted_delivery: Option<CivilTime>,
    service_point_ref: Option<String>,
}

impl Meta {
    fn read(order: &Obj<'_>) -> Result<Self, ChannelError> {
        let mut found = Self::default();
        for entry in order.optional_list("meta_data") {
            let key = entry.person("key")?.unwrap_or_default();
            match key.trim_start_matches('_') {
                "gift_message" => found.gift_message = entry.note("value"),
                "delivery_date" | "wanted_delivery_date" => {
                    let text = entry.person("value")?.unwrap_or_default();
                    found.wanted_delivery = number::time(&text.replace('/', "-"));
                    if found.wanted_delivery.is_none() && !text.is_empty() {
                        entry.warn(WarningCode::FieldUnreadable, "value");
                    }
                }
                "pickup_point_id" | "service_point_id" => {
                    found.service_point_ref = entry.text("value")?;
                }
                _ => {}
            }
        }
        Ok(found)
    }
}
