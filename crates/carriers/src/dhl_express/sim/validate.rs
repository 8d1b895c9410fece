//! What the schema and the business rules of `POST /shipments` refuse.

use serde_json::Value;
use time::{Duration, OffsetDateTime};

use super::Failure;
use crate::sim::{http::text, journey::Lane};

const PRODUCTS: &str = "N U P D K E L M T Y W H X";
const INCOTERMS: &str = "EXW FCA CPT CIP DPU DAP DDP FAS FOB CFR CIF DAF DAT DDU DEQ DES";
const EXTRAS: &str = "SF AA II DD WY SX";

/// Required texts with their lengths, by JSON pointer under a party.
const PARTY: [(&str, &str, usize, bool); 6] = [
    ("/postalAddress/cityName", "cityName", 45, true),
    ("/postalAddress/countryCode", "countryCode", 2, true),
    ("/postalAddress/addressLine1", "addressLine1", 45, true),
    ("/contactInformation/phone", "phone", 70, true),
    ("/contactInformation/companyName", "companyName", 100, true),
    ("/contactInformation/fullName", "fullName", 255, true),
];

fn number(value: &Value, pointer: &str) -> f64 {
    value.pointer(pointer).and_then(Value::as_f64).unwrap_or_default()
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn knows(words: &str, word: &str) -> bool {
    words.split(' ').any(|known| known == word)
}

/// All that the schema finds wrong.
fn schema(root: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    let mut need = |ok: bool, place: &str, what: &str| {
        if !ok {
            problems.push(format!("#{place}: {what}"));
        }
    };
    for pointer in ["/productCode", "/plannedShippingDateAndTime", "/content/description"] {
        let (parent, key) = pointer.rsplit_once('/').unwrap_or_default();
        need(!text(root, pointer).is_empty(), parent, &format!("required key [{key}] not found"));
    }
    let requested = root.pointer("/pickup/isRequested").is_some_and(Value::is_boolean);
    need(requested, "/pickup", "required key [isRequested] not found");
    let accounts = list(root, "/accounts");
    need((1..=3).contains(&accounts.len()), "/accounts", "expected minimum item count: 1");
    let description = text(root, "/content/description").chars().count();
    need(description <= 70, "/content/description", "expected maxLength: 70");
    let incoterm = knows(INCOTERMS, text(root, "/content/incoterm"));
    need(incoterm, "/content/incoterm", "is not a valid enum value");
    let unit = matches!(text(root, "/content/unitOfMeasurement"), "metric" | "imperial");
    need(unit, "/content/unitOfMeasurement", "is not a valid enum value");
    let declarable = root.pointer("/content/isCustomsDeclarable").is_some_and(Value::is_boolean);
    need(declarable, "/content", "required key [isCustomsDeclarable] not found");
    for reference in list(root, "/customerReferences") {
        let length = text(reference, "/value").chars().count();
        need((1..=35).contains(&length), "/customerReferences", "expected maxLength: 35");
    }
    let packages = list(root, "/content/packages");
    need((1..=999).contains(&packages.len()), "/content/packages", "expected 1 to 999 items");
    for package in packages {
        let sides = ["/dimensions/length", "/dimensions/width", "/dimensions/height", "/weight"];
        let all = sides.iter().all(|side| number(package, side) > 0.0);
        need(all, "/content/packages", "weight and dimensions are required");
    }
    for side in ["shipperDetails", "receiverDetails"] {
        let place = format!("/customerDetails/{side}");
        for (pointer, key, max, required) in PARTY {
            let length = text(root, &format!("{place}{pointer}")).chars().count();
            let missing = required && length == 0;
            need(!missing, &place, &format!("required key [{key}] not found"));
            need(length <= max, &place, &format!("{key}: expected maxLength: {max}"));
        }
        let length = text(root, &format!("{place}/postalAddress/postalCode")).chars().count();
        need(length <= 12, &place, "postalCode: expected maxLength: 12");
    }
    problems
}

/// Is this moment, `2026-11-20T17:00:00GMT+01:00`, one on which DHL may be asked?
fn planned(text: &str, now: OffsetDateTime) -> bool {
    let Some((local, zone)) = text.split_once("GMT") else {
        return false;
    };
    let stated = format!("{}{zone}", local.trim_end());
    let format = &time::format_description::well_known::Rfc3339;
    OffsetDateTime::parse(&stated, format)
        .is_ok_and(|at| at >= now - Duration::HOUR && at <= now + Duration::days(11))
}

/// All that DHL's rules find wrong with a body that fits the schema.
fn rules(root: &Value, now: OffsetDateTime) -> Vec<String> {
    let mut problems = Vec::new();
    let product = text(root, "/productCode");
    let country =
        |side: &str| text(root, &format!("/customerDetails/{side}/postalAddress/countryCode"));
    let lane = Lane::between(country("shipperDetails"), country("receiverDetails"), false);
    let declarable = root.pointer("/content/isCustomsDeclarable") == Some(&Value::Bool(true));
    let sold = match product {
        "N" => lane.domestic,
        "U" => !lane.domestic && !lane.customs,
        "P" | "E" | "M" | "Y" | "H" => lane.customs && declarable,
        _ => knows(PRODUCTS, product) && !declarable,
    };
    if !sold {
        let words = "The requested product(s) not available based on your search criteria.";
        problems.push(format!("7005: {words}"));
    }
    if !planned(text(root, "/plannedShippingDateAndTime"), now) {
        problems.push("998: The planned date is not within the allowed range.".to_owned());
    }
    if declarable {
        let lines = list(root, "/content/exportDeclaration/lineItems");
        let invoice = text(root, "/content/exportDeclaration/invoice/number");
        let value = number(root, "/content/declaredValue");
        if lines.is_empty() || invoice.is_empty() || value <= 0.0 {
            problems.push("7120: exportDeclaration and declaredValue are required".to_owned());
        }
    }
    for extra in list(root, "/valueAddedServices") {
        let code = text(extra, "/serviceCode");
        if !knows(EXTRAS, code) {
            let words = "The requested Special Service Code is not available";
            problems.push(format!("7008: {words} '{code}'"));
        }
        if code == "II" && (number(extra, "/value") <= 0.0 || text(extra, "/currency").is_empty()) {
            problems.push("7127: II needs a value and a currency".to_owned());
        }
    }
    let wish = text(root, "/onDemandDelivery/deliveryOption");
    if wish == "servicepoint" && text(root, "/onDemandDelivery/servicePointId").len() != 6 {
        problems.push("7099: The service point is unknown".to_owned());
    }
    problems
}

/// Refuses what the real one refuses, first by schema and then by rule.
pub(super) fn shipment(root: &Value, now: OffsetDateTime) -> Result<(), Failure> {
    let problems = schema(root);
    if !problems.is_empty() {
        return Err(Failure::many(422, "Validation error", problems));
    }
    let account = list(root, "/accounts").first().map(|account| text(account, "/number"));
    let account = account.unwrap_or_default();
    if account.ends_with("7008") {
        return Err(Failure::new(400, "Bad request", "7008: Service is temporarily unavailable"));
    }
    if account.ends_with("0999") {
        return Err(Failure::new(400, "Bad request", "999: Process failure occurred"));
    }
    if account.starts_with("000") {
        let words = "8007: The shipper account number is invalid.";
        return Err(Failure::new(400, "Bad request", words));
    }
    let problems = rules(root, now);
    if problems.is_empty() { Ok(()) } else { Err(Failure::many(400, "Bad request", problems)) }
}
