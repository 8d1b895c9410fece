//! What the simulated label service refuses, by the field rules of the carrier's documents.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::sim_script;

/// The carrier's full list of input errors is not public: one number of ours stands for those
/// whose number is not known.
const OTHER_INPUT: &str = "30999";
const PRODUCTS: &[&str] = &[
    "DOM", "DOS", "HD", "COM", "CDS", "ECO", "ECOS", "CECO", "COLR", "J+1", "CORE", "CORF", "CORI",
    "ACCI",
];
const OVERSEAS: &str = "GP MQ GF RE PM YT BL MF TF WF PF NC";
const WITHOUT_CUSTOMS: &str =
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK";

/// One refused field.
pub(super) struct Fault {
    id: &'static str,
    field: &'static str,
    message: &'static str,
}

impl Fault {
    pub(super) const fn new(id: &'static str, field: &'static str, message: &'static str) -> Self {
        Self { id, field, message }
    }

    pub(super) const fn other(field: &'static str, message: &'static str) -> Self {
        Self::new(OTHER_INPUT, field, message)
    }

    /// As the carrier writes it into `messages`.
    pub(super) fn message(&self) -> Value {
        json!({
            "id": self.id,
            "type": "ERROR",
            "messageContent": self.message,
            "replacementValues": [{ "field": self.field, "value": null, "key": null }],
        })
    }
}

/// Text at a JSON pointer, empty when it is absent or no text.
pub(super) fn text<'a>(body: &'a Value, pointer: &str) -> &'a str {
    body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn is_overseas(country: &str) -> bool {
    OVERSEAS.split(' ').any(|code| code == country)
}

/// Grams, from kilograms with at most two decimals; 0 when absent or finer than that.
pub(super) fn weight_g(body: &Value) -> u64 {
    let weight = match body.pointer("/letter/parcel/weight") {
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => text.clone(),
        _ => String::new(),
    };
    let (whole, part) = weight.split_once('.').unwrap_or((&weight, ""));
    let digits = format!("{whole}{part:0<2}");
    match part.len() <= 2 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        true => digits.parse::<u64>().map_or(0, |centi| centi.saturating_mul(10)),
        false => 0,
    }
}

/// Everything wrong with a label request; empty when it would be sold.
pub(super) fn check(body: &Value, now: OffsetDateTime) -> Vec<Fault> {
    let mut faults = Vec::new();
    let product = text(body, "/letter/service/productCode");
    if !PRODUCTS.contains(&product) {
        faults.push(Fault::new("30109", "productCode", "product code unknown or not allowed"));
    }
    let format = text(body, "/outputFormat/outputPrintingType");
    if !["PDF_", "ZPL_", "DPL_"].iter().any(|kind| format.starts_with(kind)) {
        faults.push(Fault::other("outputPrintingType", "printing type not allowed"));
    }
    let today = sim_script::paris(now).date().to_string();
    let deposit = text(body, "/letter/service/depositDate");
    if deposit.len() != 10 || deposit < today.as_str() {
        faults.push(Fault::other("depositDate", "deposit date missing or in the past"));
    }
    if !(10..=30_000).contains(&weight_g(body)) {
        faults.push(Fault::other("weight", "weight missing or out of range"));
    }
    if text(body, "/letter/service/orderNumber").chars().count() > 30 {
        faults.push(Fault::other("orderNumber", "order number too long"));
    }
    address(body, "sender", &mut faults);
    address(body, "addressee", &mut faults);
    out_of_home(body, product, &mut faults);
    mobile(body, product, &mut faults);
    customs(body, product, &mut faults);
    faults
}

fn address(body: &Value, side: &'static str, faults: &mut Vec<Fault>) {
    let field = |name: &str| text(body, &format!("/letter/{side}/address/{name}"));
    for (name, max) in [
        ("companyName", 35),
        ("lastName", 35),
        ("firstName", 29),
        ("line0", 35),
        ("line1", 35),
        ("line2", 35),
        ("line3", 35),
        ("city", 35),
        ("phoneNumber", 15),
        ("mobileNumber", 15),
        ("email", 80),
    ] {
        let value = field(name);
        if value.chars().count() > max {
            faults.push(Fault::other(side, "address field too long"));
        }
        if value.chars().any(|c| c > '\u{ff}') {
            faults.push(Fault::other(side, "character not allowed in address"));
        }
    }
    for name in ["line2", "city", "zipCode", "countryCode", "lastName"] {
        if field(name).is_empty() && !(name == "lastName" && field("city").contains("CEDEX")) {
            faults.push(Fault::other(side, "address field missing"));
        }
    }
    let zip = field("zipCode");
    if field("countryCode") == "FR" && (zip.len() != 5 || !zip.bytes().all(|b| b.is_ascii_digit()))
    {
        faults.push(Fault::other("zipCode", "postcode malformed"));
    }
}

fn out_of_home(body: &Value, product: &str, faults: &mut Vec<Fault>) {
    let point = text(body, "/letter/parcel/pickupLocationId");
    let is_point = point.len() == 6 && point.bytes().all(|byte| byte.is_ascii_digit());
    match product {
        "HD" if !is_point => {
            faults.push(Fault::other("pickupLocationId", "pickup point missing or unknown"));
        }
        "HD" => {
            if text(body, "/letter/service/commercialName").is_empty() {
                faults.push(Fault::other("commercialName", "commercial name missing"));
            }
            if text(body, "/letter/addressee/address/email").is_empty() {
                faults.push(Fault::other("email", "e-mail missing"));
            }
        }
        _ if !point.is_empty() => {
            faults.push(Fault::other("pickupLocationId", "pickup point not allowed"));
        }
        _ => {}
    }
}

fn mobile(body: &Value, product: &str, faults: &mut Vec<Fault>) {
    let number = text(body, "/letter/addressee/address/mobileNumber");
    let country = text(body, "/letter/addressee/address/countryCode");
    let ddp = body.pointer("/letter/parcel/ddp") == Some(&Value::Bool(true));
    if number.is_empty() {
        if product == "HD" || ddp || country == "US" {
            faults.push(Fault::new("30220", "mobileNumber", "mobile number missing"));
        }
        return;
    }
    let digits = number.strip_prefix('+').unwrap_or(number);
    let well_formed = digits.len() >= 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let belgian = country != "BE" || (number.starts_with("+324") && number.len() == 12);
    if !well_formed || !belgian || digits.contains("12345678") {
        faults.push(Fault::new("30221", "mobileNumber", "mobile number malformed"));
    }
}

fn customs(body: &Value, product: &str, faults: &mut Vec<Fault>) {
    let country = text(body, "/letter/addressee/address/countryCode");
    let sender = text(body, "/letter/sender/address/countryCode");
    if (product == "CORI") == (sender == "FR") && matches!(product, "CORI" | "CORE") {
        faults.push(Fault::new("30109", "productCode", "return product not allowed from there"));
    }
    if matches!(product, "CORE" | "CORI")
        && text(body, "/letter/addressee/address/companyName").is_empty()
    {
        faults.push(Fault::other("companyName", "company of the addressee missing"));
    }
    let overseas = is_overseas(country);
    if matches!(product, "COM" | "CDS" | "ECO" | "ECOS" | "CECO") != overseas {
        faults.push(Fault::new("30109", "productCode", "product not allowed for this country"));
    }
    if overseas && body.pointer("/letter/parcel/ftd") != Some(&Value::Bool(true)) {
        faults.push(Fault::other("ftd", "ftd required overseas"));
    }
    let inside = |place: &str| WITHOUT_CUSTOMS.split(' ').any(|code| code == place);
    if inside(country) && inside(sender) {
        return;
    }
    let former = body.pointer("/letter/customsDeclarations/contents/original/0");
    let former = former.map(|one| text(one, "/originalInvoiceNumber")).unwrap_or_default();
    if product == "CORI" && former.is_empty() {
        faults.push(Fault::other("original", "invoice of the way out missing"));
    }
    let articles = body.pointer("/letter/customsDeclarations/contents/article");
    let articles = articles.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if articles.is_empty() || articles.len() > 100 {
        faults.push(Fault::other("article", "customs articles missing"));
    }
    if body.pointer("/letter/service/totalAmount").and_then(Value::as_u64).is_none() {
        faults.push(Fault::other("totalAmount", "amount of carriage missing"));
    }
    for article in articles {
        let hs_code = text(article, "/hsCode");
        let described = (1..=64).contains(&text(article, "/description").chars().count());
        if !matches!(hs_code.len(), 6 | 8 | 10)
            || text(article, "/originCountry").len() != 2
            || text(article, "/currency").len() != 3
            || !described
        {
            faults.push(Fault::other("article", "customs article incomplete"));
        }
    }
}
