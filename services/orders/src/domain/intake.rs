//! From what a client or channel tells to a draft of an order, or a refusal.
//!
//! Deliberately not here: whether the order is known already (`known`), and what its site, weight
//! and border mean for it (`holds`), because both depend on more than what was told.

use aws_lc_rs::hmac;
use colibri_events::{
    orders::v1::{Explanation, OrderInput},
    types::v1::Address as PbAddress,
};
use colibri_types::{Currency, OrderId, TenantId};
use prost::Message as _;
use time::OffsetDateTime;

use crate::domain::{
    facts::{self, Facts, Point, Reason},
    person::{self, Person},
    structure::Problems,
};

/// What came in.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// The order.
    pub order: OrderInput,
    /// Reasons for holding that only the channel's connector can see.
    pub channel_holds: Vec<&'static str>,
}

impl From<OrderInput> for Input {
    fn from(order: OrderInput) -> Self {
        Self { order, channel_holds: Vec::new() }
    }
}

/// An order whose form is right.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Follows from tenant, channel and external id.
    pub order_id: OrderId,
    /// Channel.
    pub channel: String,
    /// Id there.
    pub external_id: String,
    /// What is kept in the open.
    pub facts: Facts,
    /// What goes to the vault.
    pub person: Person,
    /// What is wrong with the address.
    pub address: Vec<Explanation>,
    /// HMAC of what was told, without its version.
    pub fingerprint: Vec<u8>,
    /// The channel's version.
    pub updated_at: Option<OffsetDateTime>,
}

/// Bytes of an address in all: a label prints 400, and the vault takes 32 KiB with the note.
const ADDRESS_BYTES_MAX: usize = 8 * 1024;
/// Lines of an address; the check of addresses complains from 10 on.
const ADDRESS_LINES_MAX: usize = 20;
/// Characters of a buyer's note: what shops allow; with the address it fits the vault.
const NOTE_CHARS_MAX: usize = 5000;
/// Characters of a safe place: carriers print fewer.
const SAFE_PLACE_CHARS_MAX: usize = 100;

/// Checks the form.
///
/// # Errors
/// What is wrong with which field; nothing may be stored then.
pub fn draft(tenant: TenantId, input: Input, key: &hmac::Key) -> Result<Draft, Vec<Explanation>> {
    let Input { mut order, channel_holds } = input;
    let mut problems = Problems::default();
    heads(&order, &mut problems);
    if order.number.is_empty() {
        order.number.clone_from(&order.external_id);
    }
    let updated_at = order.updated_at.take().and_then(|at| problems.instant("updated_at", at));
    let fingerprint = fingerprint(&order, &channel_holds, key);
    let Ok(currency) = order.currency.parse::<Currency>() else {
        problems.add("currency", "UNKNOWN_CODE", "is no ISO 4217 code in capitals");
        return problems.none(()).and(Err(Vec::new()));
    };
    let (lines, total_minor) = problems.lines(order.lines, currency);
    let shipping = order.shipping_paid.as_ref();
    let shipping_minor = shipping.map(|m| problems.amount("shipping_paid", m, currency));
    let placed_at = order.placed_at.and_then(|at| problems.instant("placed_at", at));
    let wanted_by = order.wanted_by.and_then(|date| problems.date("wanted_by", date));
    let parcels = problems.parcels(order.parcels);
    let destination = order.ship_to.and_then(|address| destination(address, &mut problems));
    let place = destination.as_ref().map(|d| d.place.clone()).unwrap_or_default();
    let insured = order.insured_value.as_ref();
    let insured_minor = insured.map(|m| problems.amount("insured_value", m, currency));
    let collect = order.cash_on_delivery.as_ref();
    let collect_minor = collect.map(|m| problems.amount("cash_on_delivery", m, currency));
    let service_point = order.service_point.take().map(|point| problems.point(point));
    wishes(&order.options, collect_minor, &service_point, &order.safe_place, &mut problems);
    let facts = Facts {
        country: place.country,
        zone: place.zone,
        residential: place.residential,
        currency,
        total_minor,
        lines,
        parcels,
        shipping_minor,
        wanted_by,
        placed_at,
        site_code: order.site_code,
        payment: order.payment,
        test: order.test,
        options: order.options,
        insured_minor,
        collect_minor,
        service_point,
        channel_holds: channel_holds.iter().map(|code| (*code).to_owned()).collect(),
    };
    let (address, found) = destination.map_or((None, Vec::new()), |d| (Some(d.address), d.found));
    problems.none(Draft {
        order_id: facts::order_id(tenant, &order.channel, &order.external_id),
        channel: order.channel,
        external_id: order.external_id,
        facts,
        person: Person {
            address,
            note: order.note,
            number: order.number,
            safe_place: order.safe_place,
        },
        address: found,
        fingerprint,
        updated_at,
    })
}

fn heads(order: &OrderInput, problems: &mut Problems) {
    problems.channel(&order.channel);
    problems.text("external_id", &order.external_id, 1, 100);
    problems.text("number", &order.number, 0, 100);
    problems.text("note", &order.note, 0, NOTE_CHARS_MAX);
    problems.word("site_code", &order.site_code);
    problems.word("payment", &order.payment);
    problems.options(&order.options);
}

/// An option says what it is about, and nothing is said about an option that is not asked for.
fn wishes(
    options: &[String],
    collect_minor: Option<i64>,
    point: &Option<Point>,
    safe_place: &str,
    problems: &mut Problems,
) {
    problems.text("safe_place", safe_place, 0, SAFE_PLACE_CHARS_MAX);
    let told = [
        ("cash_on_delivery", collect_minor.is_some()),
        ("service_point", point.is_some()),
        ("safe_place", !safe_place.is_empty()),
    ];
    for (option, told) in told {
        match (options.iter().any(|asked| asked == option), told) {
            (true, false) => problems.add(option, "REQUIRED", "belongs to the option"),
            (false, true) => problems.add("options", "REQUIRED", format!("lacks {option}")),
            _ => {}
        }
    }
}

/// Equal exactly for equal content, whatever its version; useless to whoever has no key.
fn fingerprint(order: &OrderInput, channel_holds: &[&str], key: &hmac::Key) -> Vec<u8> {
    let mut context = hmac::Context::with_key(key);
    context.update(&order.encode_to_vec());
    for hold in channel_holds {
        context.update(b"\0");
        context.update(hold.as_bytes());
    }
    context.sign().as_ref().to_vec()
}

/// Where a parcel goes, as business data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Country.
    pub country: Option<colibri_types::Country>,
    /// Postcode zone.
    pub zone: String,
    /// No company in the address.
    pub residential: bool,
}

/// An address that has been checked.
#[derive(Debug)]
pub struct Destination {
    /// After the corrections that are safe to make alone.
    pub address: colibri_addresses::Address,
    /// Its part that is business data.
    pub place: Place,
    /// What keeps it from being shipped to.
    pub found: Vec<Explanation>,
}

/// Checks an address. `None` when its form is wrong, which `problems` then says.
pub fn destination(address: PbAddress, problems: &mut Problems) -> Option<Destination> {
    let address = person::from_proto(address);
    let bytes = bytes(&address);
    if bytes > ADDRESS_BYTES_MAX || address.lines.len() > ADDRESS_LINES_MAX {
        problems.add("ship_to", "TOO_LONG", "is longer than any address");
        return None;
    }
    let verdict = colibri_addresses::check(&address);
    let normalised = verdict.normalised;
    let country = normalised.country.parse().ok();
    if country.is_none() {
        let code = if address.country.is_empty() { "REQUIRED" } else { "UNKNOWN_CODE" };
        problems.add("ship_to.country", code, "is no country: expected a code such as FR");
        return None;
    }
    let postcode = normalised.postcode.as_deref().unwrap_or_default();
    let zone = colibri_addresses::postcode_zone(&normalised.country, postcode);
    let place = Place {
        country,
        zone: zone.unwrap_or_default(),
        residential: normalised.company.is_none(),
    };
    let found = verdict.problems.into_iter().map(|problem| Explanation {
        code: problem.code.as_str().to_owned(),
        field: format!("ship_to.{}", problem.field),
        detail: problem.reason,
    });
    Some(Destination { place, found: found.collect(), address: normalised })
}

fn bytes(address: &colibri_addresses::Address) -> usize {
    let texts = [
        &address.name,
        &address.company,
        &address.city,
        &address.postcode,
        &address.subdivision,
        &address.phone,
        &address.email,
    ];
    let texts = texts.into_iter().flatten().map(String::len).sum::<usize>();
    texts + address.country.len() + address.lines.iter().map(|l| l.len() + 1).sum::<usize>()
}

/// What the address is held for, as it is kept.
#[must_use]
pub fn reasons(found: &[Explanation]) -> Vec<Reason> {
    found.iter().map(|e| Reason::new(e.code.as_str(), e.field.as_str())).collect()
}

#[cfg(test)]
#[path = "intake_tests.rs"]
mod tests;
