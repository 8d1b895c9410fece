//! What a purchase is refused for.

use serde_json::Value;
use time::{Date, Duration, Month};

use super::{Failure, at, extras, lanes, list, text};
use crate::sim::SimRequest;

pub(super) fn refuse<T>(code: &'static str, message: &str) -> Result<T, Failure> {
    Err(Failure::new(400, code, message))
}

/// Checks `ShipmentRequest`.
pub(super) fn shipment(order: &Value, request: &SimRequest) -> Result<(), Failure> {
    let shipment = at(order, &["Shipment"]);
    let shipper = text(shipment, &["Shipper", "ShipperNumber"]);
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if shipper.len() != 6 || !plain(shipper) {
        return refuse("120100", "Missing or invalid shipper number");
    }
    let back = !at(shipment, &["ReturnService"]).is_null();
    let start = if back { "ShipFrom" } else { "Shipper" };
    let from = text(shipment, &[start, "Address", "CountryCode"]);
    let to = text(shipment, &["ShipTo", "Address", "CountryCode"]);
    if back {
        party(at(shipment, &["ShipFrom"]), from != to, ["120302", "120303", "120304", "120310"])?;
    }
    party(at(shipment, &["Shipper"]), from != to, ["120102", "120103", "120104", "120110"])?;
    party(at(shipment, &["ShipTo"]), from != to, ["120202", "120203", "120204", "120213"])?;
    payment(shipment, shipper)?;
    let service = text(shipment, &["Service", "Code"]);
    if !lanes::exists(service) {
        return refuse("120500", "Missing or invalid service code");
    }
    if !lanes::sold(service, from, to) {
        let message = "The requested service is unavailable between the selected locations";
        return refuse("111210", message);
    }
    let inside = lanes::union(from) && lanes::union(to) && service == "11";
    if from != to && !inside && text(shipment, &["Description"]).is_empty() {
        return refuse("120420", "Missing or invalid description of goods");
    }
    if text(shipment, &["Description"]).chars().count() > 50 {
        return refuse("120420", "Missing or invalid description of goods");
    }
    references(shipment, from, to)?;
    date(shipment, request)?;
    label(order)?;
    packages(shipment)?;
    extras::check(shipment, from, to, back)
}

fn party(party: &Value, abroad: bool, codes: [&'static str; 4]) -> Result<(), Failure> {
    let [name, line, city, phone] = codes;
    let length = |path: &[&str]| text(party, path).chars().count();
    if !(1..=35).contains(&length(&["Name"])) || length(&["AttentionName"]) > 35 {
        return refuse(name, "Missing or invalid name");
    }
    let lines = list(at(party, &["Address", "AddressLine"]));
    let fits =
        |line: &Value| line.as_str().is_some_and(|line| (1..=35).contains(&line.chars().count()));
    if !(1..=3).contains(&lines.len()) || !lines.iter().all(fits) {
        return refuse(line, "Missing or invalid address line");
    }
    if !(1..=30).contains(&length(&["Address", "City"])) {
        return refuse(city, "Missing or invalid city");
    }
    let country = text(party, &["Address", "CountryCode"]);
    if country.len() != 2 {
        return refuse(city, "Missing or invalid country");
    }
    if length(&["Address", "PostalCode"]) > 9 || length(&["Address", "StateProvinceCode"]) > 5 {
        return refuse(city, "Invalid postal code or state");
    }
    if matches!(country, "US" | "CA") && length(&["Address", "StateProvinceCode"]) != 2 {
        return refuse(city, "Missing or invalid state");
    }
    let number = text(party, &["Phone", "Number"]);
    let digits = number.bytes().all(|b| b.is_ascii_digit() || b == b'+');
    if number.len() > 15 || !digits || (abroad && number.is_empty()) {
        return refuse(phone, "Missing or invalid phone number");
    }
    if abroad && length(&["AttentionName"]) == 0 {
        return refuse(name, "Missing attention name");
    }
    Ok(())
}

fn payment(shipment: &Value, shipper: &str) -> Result<(), Failure> {
    let charges = list(at(shipment, &["PaymentInformation", "ShipmentCharge"]));
    let transport = charges.iter().find(|charge| text(charge, &["Type"]) == "01");
    match transport.map(|charge| text(charge, &["BillShipper", "AccountNumber"])) {
        Some(account) if account == shipper => Ok(()),
        Some(_) => refuse("120115", "The bill shipper account differs from the shipper number"),
        None => refuse("120114", "A transportation charge is required"),
    }
}

fn references(shipment: &Value, from: &str, to: &str) -> Result<(), Failure> {
    let inside = matches!((from, to), ("US", "US") | ("PR", "PR"));
    let whole = list(at(shipment, &["ReferenceNumber"]));
    let mut parts = list(at(shipment, &["Package"])).iter();
    if inside && !whole.is_empty() {
        return refuse("120541", "Shipment/ReferenceNumber is not allowed for this shipment");
    }
    if !inside && parts.any(|package| !at(package, &["ReferenceNumber"]).is_null()) {
        return refuse("120541", "Package/ReferenceNumber is not allowed for this shipment");
    }
    if whole.iter().any(|one| !(1..=35).contains(&text(one, &["Value"]).len())) {
        return refuse("120540", "Invalid reference number");
    }
    Ok(())
}

fn date(shipment: &Value, request: &SimRequest) -> Result<(), Failure> {
    let stated = text(shipment, &["ShipmentDate"]);
    if stated.is_empty() {
        return Ok(());
    }
    let today = request.now.date();
    // A day of grace on both sides: the account's own calendar is not known here.
    let range = (today - Duration::days(1))..=(today + Duration::days(8));
    match parse_day(stated) {
        Some(day) if range.contains(&day) => Ok(()),
        _ => refuse("120470", "Invalid shipment date"),
    }
}

/// `YYYYMMDD`.
pub(super) fn parse_day(text: &str) -> Option<Date> {
    let month = Month::try_from(text.get(4..6)?.parse::<u8>().ok()?).ok()?;
    let day = text.get(6..8).filter(|_| text.len() == 8)?.parse().ok()?;
    Date::from_calendar_date(text.get(0..4)?.parse().ok()?, month, day).ok()
}

fn label(order: &Value) -> Result<(), Failure> {
    let label = at(order, &["LabelSpecification"]);
    match text(label, &["LabelImageFormat", "Code"]) {
        "GIF" | "PNG" => Ok(()),
        "ZPL" | "EPL" | "SPL" => {
            let height = text(label, &["LabelStockSize", "Height"]);
            if matches!(height, "6" | "8") && text(label, &["LabelStockSize", "Width"]) == "4" {
                Ok(())
            } else {
                refuse("121013", "Missing or invalid label stock size")
            }
        }
        _ => refuse("121011", "Missing or invalid label image format"),
    }
}

fn packages(shipment: &Value) -> Result<(), Failure> {
    let packages = list(at(shipment, &["Package"]));
    if !(1..=200).contains(&packages.len()) {
        return refuse("120600", "Missing or invalid packages");
    }
    for package in packages {
        let weight = at(package, &["PackageWeight"]);
        let limit = match text(weight, &["UnitOfMeasurement", "Code"]) {
            "KGS" => 70_000,
            "LBS" => 160_000,
            _ => return refuse("120601", "Missing or invalid weight unit"),
        };
        let stated = text(weight, &["Weight"]);
        match thousandths(stated) {
            Some(value) if stated.len() <= 5 && (1..=limit).contains(&value) => {}
            _ => return refuse("120602", "Missing or invalid package weight"),
        }
        sides(at(package, &["Dimensions"]))?;
    }
    Ok(())
}

/// Decimal text in thousandths.
pub(super) fn thousandths(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 6 || part.len() > 3 || !digits(whole) || !digits(part) {
        return None;
    }
    format!("{whole}{part:0<3}").parse().ok()
}

fn sides(dimensions: &Value) -> Result<(), Failure> {
    if dimensions.is_null() {
        return Ok(());
    }
    let limit = match text(dimensions, &["UnitOfMeasurement", "Code"]) {
        "CM" => 270,
        "IN" => 108,
        _ => return refuse("120603", "Missing or invalid dimension unit"),
    };
    let side = |name: &str| text(dimensions, &[name]).parse::<u32>().ok().filter(|v| *v <= limit);
    match (side("Length"), side("Width"), side("Height")) {
        (Some(length), Some(width), Some(height)) if length >= width && length >= height => Ok(()),
        _ => refuse("120604", "Missing or invalid package dimensions"),
    }
}
