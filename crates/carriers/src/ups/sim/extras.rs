//! What a purchase is refused for beyond its addresses and packages: papers, points, money, returns.

use serde_json::Value;

use super::{
    Failure, at, lanes, list, text,
    validate::{refuse, thousandths},
};

/// Checks what stands beside the plain shipment.
pub(super) fn check(shipment: &Value, from: &str, to: &str, back: bool) -> Result<(), Failure> {
    if back {
        way_back(shipment, from)?;
    }
    point(shipment, back)?;
    money(shipment, from, to, back)?;
    papers(shipment, from, to, back)?;
    taxes(shipment)
}

fn way_back(shipment: &Value, from: &str) -> Result<(), Failure> {
    let known = ["2", "3", "5", "8", "9", "10"];
    if !known.contains(&text(shipment, &["ReturnService", "Code"])) {
        return refuse("120380", "Missing or invalid return service");
    }
    if matches!(text(shipment, &["Service", "Code"]), "13" | "59" | "70") {
        return refuse("120381", "The service has no way back");
    }
    let packages = list(at(shipment, &["Package"]));
    let most = if matches!(from, "US" | "PR") { 1 } else { 20 };
    if packages.len() > most {
        return refuse("120600", "Too many packages for a return");
    }
    let described =
        |package: &Value| (1..=35).contains(&text(package, &["Description"]).chars().count());
    if !packages.iter().all(described) {
        return refuse("120605", "A returned package needs a description");
    }
    Ok(())
}

fn point(shipment: &Value, back: bool) -> Result<(), Failure> {
    let point = at(shipment, &["AlternateDeliveryAddress"]);
    let kinds = list(at(shipment, &["ShipmentIndicationType"]));
    let kind = kinds.first().map(|kind| text(kind, &["Code"])).unwrap_or_default();
    let economy = text(shipment, &["Service", "Code"]) == "70";
    match (point.is_null(), kind) {
        (true, "") if !economy => return Ok(()),
        (false, "01") if !back && !economy => {}
        (false, "02") if !back && economy => {}
        _ => return refuse("129100", "Address and kind of the alternate delivery do not fit"),
    }
    let names = [text(point, &["Name"]), text(point, &["AttentionName"])];
    if names.iter().any(|name| !(1..=35).contains(&name.chars().count())) {
        return refuse("129101", "Missing or invalid name of the location");
    }
    if text(point, &["UPSAccessPointID"]).len() != 9 {
        return refuse("129102", "Missing or invalid location id");
    }
    let lines = list(at(point, &["Address", "AddressLine"]));
    let city = text(point, &["Address", "City"]);
    if lines.is_empty() || city.is_empty() || text(point, &["Address", "CountryCode"]).len() != 2 {
        return refuse("129103", "Missing or invalid address of the location");
    }
    Ok(())
}

/// An amount with its currency; absent is fine.
fn amount(value: &Value, code: &'static str) -> Result<bool, Failure> {
    if value.is_null() {
        return Ok(false);
    }
    let stated = text(value, &["MonetaryValue"]);
    let above_zero = thousandths(stated).is_some_and(|value| value > 0);
    if !above_zero || stated.len() > 8 || text(value, &["CurrencyCode"]).len() != 3 {
        return refuse(code, "Missing or invalid amount");
    }
    Ok(true)
}

fn money(shipment: &Value, from: &str, to: &str, back: bool) -> Result<(), Failure> {
    let options = at(shipment, &["ShipmentServiceOptions"]);
    let held = at(shipment, &["ShipmentIndicationType"]).pointer("/0/Code");
    let held = held.and_then(Value::as_str) == Some("01");
    let american = |country: &str| matches!(country, "US" | "PR");
    let domestic = american(from) && american(to) || (from, to) == ("CA", "CA");
    let mut asked = false;
    if amount(at(options, &["COD", "CODAmount"]), "120701")? {
        asked = true;
        if !lanes::union(from) || text(options, &["COD", "CODFundsCode"]).len() != 1 {
            return refuse("120700", "Money on delivery is not offered for the shipment");
        }
    }
    if amount(at(options, &["AccessPointCOD"]), "120703")? {
        if asked || !held || !lanes::union(from) || !lanes::union(to) {
            return refuse("120702", "Money at the access point is not offered");
        }
        asked = true;
    }
    for package in list(at(shipment, &["Package"])) {
        let options = at(package, &["PackageServiceOptions"]);
        let door = amount(at(options, &["COD", "CODAmount"]), "120705")?;
        let point = amount(at(options, &["AccessPointCOD"]), "120707")?;
        if door && !(domestic || (from, to) == ("CA", "US")) || point && !(domestic && held) {
            return refuse("120704", "Money on delivery is not offered for the package");
        }
        asked |= door || point;
    }
    if asked && back {
        return refuse("120706", "Money on delivery is not offered for returns");
    }
    Ok(())
}

fn papers(shipment: &Value, from: &str, to: &str, back: bool) -> Result<(), Failure> {
    let forms = at(shipment, &["ShipmentServiceOptions", "InternationalForms"]);
    let documents = at(shipment, &["DocumentsOnlyIndicator"]);
    if !documents.is_null() && (from == to || from == "US" || matches!(to, "CA" | "PR" | "MX")) {
        return refuse("128001", "Documents only is not valid here");
    }
    if forms.is_null() {
        return Ok(());
    }
    let kinds: Vec<&str> =
        list(at(forms, &["FormType"])).iter().filter_map(Value::as_str).collect();
    let invoice = if back { "05" } else { "01" };
    if !kinds.contains(&invoice) {
        return refuse("128002", "Missing or invalid form type");
    }
    let number = text(forms, &["InvoiceNumber"]).chars().count();
    if !back && (number == 0 || text(forms, &["InvoiceDate"]).len() != 8) || number > 35 {
        return refuse("128003", "Missing or invalid invoice number or date");
    }
    if !(1..=20).contains(&text(forms, &["ReasonForExport"]).len()) {
        return refuse("128004", "Missing or invalid reason for export");
    }
    let products = list(at(forms, &["Product"]));
    let whole = |product: &Value| {
        !list(at(product, &["Description"])).is_empty()
            && thousandths(text(product, &["Unit", "Value"])).is_some_and(|value| value > 0)
            && text(product, &["Unit", "Number"]).parse::<u32>().is_ok_and(|number| number > 0)
    };
    if !(1..=50).contains(&products.len()) || !products.iter().all(whole) {
        return refuse("128005", "Missing or invalid products");
    }
    Ok(())
}

/// Every number needs its five facts; what is a consignee's has a kind of its own.
fn taxes(shipment: &Value) -> Result<(), Failure> {
    for agent in list(at(shipment, &["GlobalTaxInformation", "AgentTaxIdentificationNumber"])) {
        let role = text(agent, &["AgentRole"]);
        for number in list(at(agent, &["TaxIdentificationNumber"])) {
            let kind = text(number, &["IDNumberTypeCode"]);
            let consignee = matches!(kind, "1002" | "1005" | "0005");
            let facts = ["IdentificationNumber", "IDNumberCustomerRole", "IDNumberPurposeCode"];
            let empty = facts.iter().any(|fact| text(number, &[fact]).is_empty());
            if empty || kind.len() != 4 || !(role == "20" || role == "30" && consignee) {
                return refuse("128010", "Invalid tax identification");
            }
        }
    }
    let vendor = at(shipment, &["ShipFrom", "VendorInfo"]);
    let number = text(vendor, &["VendorCollectIDNumber"]);
    let kind = text(vendor, &["VendorCollectIDTypeCode"]);
    if !vendor.is_null() && (!(1..=35).contains(&number.len()) || kind.len() != 4) {
        return refuse("128011", "Invalid vendor collect number");
    }
    Ok(())
}
