//! What the simulated EPrint accepts.

use time::{Date, Month, OffsetDateTime};

use super::soap::Fault;
use crate::{sim::clock, wire::xml::Element};

/// Elements of a creating request in the order of the schema, over all three operations.
const ORDER: &[&str] = &[
    "receiveraddress",
    "receiverinfo",
    "shipperaddress",
    "shipperinfo",
    "retourAddress",
    "customer_countrycode",
    "customer_centernumber",
    "customer_number",
    "shippingdate",
];
const AFTER_SINGLE: &[&str] = &[
    "services",
    "weight",
    "referencenumber",
    "reference2",
    "reference3",
    "reference4",
    "customLabelText",
    "labelType",
    "bic3data",
    "overrideShipperLabelAddress",
    "injectionHub",
    "refnrasbarcode",
    "referenceInBarcode",
];
const AFTER_MULTI: &[&str] = &["services", "slaves"];
const AFTER_RETOUR: &[&str] = &[
    "weight",
    "expire_offset",
    "referencenumber",
    "services",
    "receiver_contact_name",
    "customLabelText",
    "labelType",
    "refasbarcode",
];
const SERVICES: &[&str] =
    &["contact", "extraInsurance", "parcelshop", "reverse", "reverseInverseReturn"];
/// Countries the network reaches by itself; `F` is an older spelling.
const REACHED: &str = "F FR MC AT BE BG CH CY CZ DE DK EE ES FI GB GR HR HU IE IT LT LU LV MT NL \
                       NO PL PT RO SE SI SK";
const LABELS: &[&str] =
    &["Default", "PDF", "PDF_A6", "ZPL", "ZPL300", "ZPL_A6", "ZPL300_A6", "EPL"];

/// Are the children in that order, and nothing else among them?
fn ordered(parent: &Element, order: impl Iterator<Item = &'static str> + Clone) -> bool {
    let mut rest = order;
    parent.children.iter().all(|child| rest.any(|name| name == child.name))
}

/// Checks a creating request.
pub(super) fn create(operation: &str, request: &Element, now: OffsetDateTime) -> Result<(), Fault> {
    let after = match operation {
        "CreateMultiShipmentBc" => AFTER_MULTI,
        "CreateReverseInverseShipmentWithLabelsBc" => AFTER_RETOUR,
        _ => AFTER_SINGLE,
    };
    if !ordered(request, ORDER.iter().chain(after).copied()) {
        return Err(Fault::invalid("an element out of its place"));
    }
    let contract = ["customer_centernumber", "customer_number"];
    let number = |name: &str| request.get(name).is_some_and(|text| text.parse::<u32>().is_ok());
    if request.get("customer_countrycode") != Some("250") || !contract.iter().all(|c| number(c)) {
        return Err(Fault::Stated("PermissionDenied", "customer not allowed".into()));
    }
    for side in ["receiveraddress", "shipperaddress"] {
        address(request, side)?;
    }
    for info in ["receiverinfo", "shipperinfo"].iter().filter_map(|name| request.child(name)) {
        if info.children.iter().any(|line| line.text.chars().count() > 35) {
            return Err(Fault::invalid("further information of at most 35 characters"));
        }
    }
    let day = request.get("shippingdate").and_then(day);
    if day.is_none_or(|day| day < clock::local(now, "FR").date()) {
        return Err(Fault::invalid("shippingdate"));
    }
    if operation != "CreateMultiShipmentBc" {
        weight(request)?;
        let kind = request.child("labelType").and_then(|label| label.get("type"));
        // An unknown word of an enumeration is no request at all.
        if kind.is_some_and(|kind| !LABELS.contains(&kind)) {
            return Err(Fault::Plain("the request cannot be read"));
        }
    }
    services(request)
}

pub(super) fn weight(parent: &Element) -> Result<(), Fault> {
    let text = parent.get("weight").unwrap_or_default();
    let grams = grams(text).unwrap_or_default();
    match (1..=31_500).contains(&grams) {
        true => Ok(()),
        false => Err(Fault::Stated("InvalidWeight", "Weight must not exceed 31,5".into())),
    }
}

/// `1.25` kilograms in grams.
pub(super) fn grams(text: &str) -> Option<u32> {
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    whole.parse::<u32>().ok()?.checked_mul(1_000)?.checked_add(part.parse().ok()?)
}

fn address(request: &Element, side: &str) -> Result<(), Fault> {
    let address = request.child(side).ok_or_else(|| Fault::invalid(side))?;
    let order = ["countryPrefix", "zipCode", "city", "street", "name", "phoneNumber", "faxNumber"];
    if !ordered(address, order.into_iter()) {
        return Err(Fault::invalid("an element out of its place"));
    }
    let country = address.get("countryPrefix").unwrap_or_default();
    if !REACHED.split(' ').any(|reached| reached == country) {
        return Err(Fault::Stated("InvalidCountryPrefix", "unknown country prefix".into()));
    }
    for (name, max) in [("zipCode", 10), ("city", 35), ("street", 70), ("name", 35)] {
        let text = address.get(name).unwrap_or_default();
        let missing = text.is_empty() && !(name == "zipCode" && country == "IE");
        if missing || text.chars().count() > max {
            return Err(Fault::invalid(format!("{side}: {name}")));
        }
    }
    Ok(())
}

fn services(request: &Element) -> Result<(), Fault> {
    let Some(services) = request.child("services") else { return Ok(()) };
    if !ordered(services, SERVICES.iter().copied()) {
        return Err(Fault::invalid("an unknown service, or out of its place"));
    }
    if let Some(contact) = services.child("contact") {
        let given = |name| contact.get(name).is_some();
        let enough = match contact.get("type") {
            Some("Predict" | "AutomaticSMS") => given("sms"),
            Some("AutomaticMail") => given("email"),
            Some("No") => true,
            _ => return Err(Fault::Plain("the request cannot be read")),
        };
        if !enough {
            return Err(Fault::invalid("a mobile number or an address to write to"));
        }
    }
    let shop = services.child("parcelshop");
    let id = shop.and_then(|shop| shop.child("shopaddress")?.get("shopid")).unwrap_or_default();
    let digits = id.strip_prefix('P').unwrap_or_default();
    let known = digits.len() == 5 && digits.bytes().all(|byte| byte.is_ascii_digit());
    match shop.is_some() && !known {
        true => Err(Fault::invalid("shopid")),
        false => Ok(()),
    }
}

/// `20/11/2026`.
pub(super) fn day(text: &str) -> Option<Date> {
    let mut parts = text.split('/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
}
