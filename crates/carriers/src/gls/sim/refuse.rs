//! What `ShipIT` refuses: reasons in headers over an empty body.

use serde_json::Value;

use crate::{
    HttpResponse,
    sim::{
        SimRequest,
        http::{header, text},
    },
};

/// Code and words in headers, and nothing else.
pub(super) fn said(status: u16, code: &str, message: &str) -> HttpResponse {
    let headers = [("error", code), ("message", message), ("args", "")];
    HttpResponse {
        status,
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        body: bytes::Bytes::new(),
    }
}

pub(super) fn missing(field: &str) -> HttpResponse {
    said(400, "MANDATORY_PARAMETER_NOT_SET", &format!("The mandatory parameter {field} is missing"))
}

pub(super) fn invalid(field: &str, words: &str) -> HttpResponse {
    said(400, "INVALID_FIELD_VALUE", &format!("Invalid field {field}. {words}"))
}

/// The body, in the media type that is `ShipIT`'s alone.
pub(super) fn body(request: &SimRequest) -> Result<Value, HttpResponse> {
    let kind = header(request, "content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/glsVersion1+json") {
        return Err(HttpResponse { status: 415, headers: Vec::new(), body: bytes::Bytes::new() });
    }
    serde_json::from_slice(&request.body)
        .map_err(|_| said(400, "COMMON_VALIDATION_ERROR", "The request cannot be read"))
}

/// Several spellings of one field: documents and live answers differ.
pub(super) fn zip(address: &Value) -> &str {
    let all = ["/ZIPCode", "/Zipcode"].map(|name| text(address, name));
    all.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
}

fn email(address: &Value) -> &str {
    let all = ["/eMail", "/Email"].map(|name| text(address, name));
    all.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
}

/// Everything wrong with a shipment, the first first.
pub(super) fn shipment(body: &Value) -> Result<(), HttpResponse> {
    let shipment = body.get("Shipment").ok_or_else(|| missing("Shipment"))?;
    let product = text(shipment, "/Product");
    if !["PARCEL", "EXPRESS", "FREIGHT", "PHARMA", "PHARMAPLUS"].contains(&product) {
        return Err(invalid("Shipment.Product", "Not a product."));
    }
    let contact = text(shipment, "/Shipper/ContactID");
    if contact.is_empty() {
        return Err(missing("Shipment.Shipper.ContactID"));
    }
    if contact.starts_with("wrong") {
        let words = "Shipper does not exist or is not available for the user.";
        return Err(invalid("Shipment.Shipper.ContactID", words));
    }
    if text(shipment, "/Middleware").is_empty() {
        return Err(missing("Shipment.Middleware"));
    }
    let consignee = shipment.pointer("/Consignee/Address");
    address(consignee.ok_or_else(|| missing("Consignee.Address"))?, "Consignee.Address")?;
    if let Some(other) = shipment.pointer("/Shipper/AlternativeShipperAddress") {
        address(other, "Shipper.AlternativeShipperAddress")?;
    }
    border(shipment)?;
    units(shipment)?;
    services(shipment, product)
}

fn address(address: &Value, field: &str) -> Result<(), HttpResponse> {
    for name in ["Name1", "CountryCode", "City", "Street"] {
        if text(address, &format!("/{name}")).is_empty() {
            return Err(missing(&format!("{field}.{name}")));
        }
    }
    if zip(address).is_empty() && text(address, "/CountryCode") != "IE" {
        return Err(missing(&format!("{field}.ZIPCode")));
    }
    for name in ["Name1", "Name2", "Name3", "City", "Street", "Province", "ContactPerson"] {
        if text(address, &format!("/{name}")).chars().count() > 40 {
            return Err(invalid(&format!("{field}.{name}"), "Value is too long. Maximum is 40"));
        }
    }
    if email(address).chars().count() > 80 {
        return Err(invalid(&format!("{field}.eMail"), "Value is too long. Maximum is 80"));
    }
    Ok(())
}

fn border(shipment: &Value) -> Result<(), HttpResponse> {
    let from = text(shipment, "/Shipper/AlternativeShipperAddress/CountryCode");
    let to = text(shipment, "/Consignee/Address/CountryCode");
    let lane =
        crate::sim::journey::Lane::between(if from.is_empty() { to } else { from }, to, false);
    let code = text(shipment, "/IncotermCode");
    let known = ["10", "11", "12", "18", "20", "21", "30", "33", "40", "41", "50", "91"];
    if lane.customs && !known.contains(&code) {
        return Err(invalid("shipment.incoterm", "Shipment validation failed"));
    }
    Ok(())
}

fn units(shipment: &Value) -> Result<(), HttpResponse> {
    let units = shipment.get("ShipmentUnit").and_then(Value::as_array);
    let units = units.filter(|units| !units.is_empty()).ok_or_else(|| missing("ShipmentUnit"))?;
    for unit in units {
        let weight = unit.get("Weight").and_then(Value::as_f64);
        let weight = weight.ok_or_else(|| missing("ShipmentUnit.Weight"))?;
        if !(0.10..=40.0).contains(&weight) {
            return Err(invalid("ShipmentUnit.Weight", "No matching product for the weight."));
        }
        for service in unit.get("Service").and_then(Value::as_array).into_iter().flatten() {
            let one = service.as_object().and_then(|map| map.iter().next());
            let (kind, service) = one.ok_or_else(|| missing("ShipmentUnit.Service"))?;
            let amount = service.get("Amount").and_then(Value::as_f64).unwrap_or_default();
            let currency = text(service, "/Currency");
            if matches!(kind.as_str(), "Cash" | "AddonLiability")
                && (amount <= 0.0 || currency.len() != 3)
            {
                return Err(invalid(&format!("ShipmentUnit.Service.{kind}"), "No amount."));
            }
            if kind == "Cash" && text(service, "/Reason").is_empty() {
                return Err(missing("ShipmentUnit.Service.Cash.Reason"));
            }
        }
    }
    Ok(())
}

fn services(shipment: &Value, product: &str) -> Result<(), HttpResponse> {
    let all = shipment.get("Service").and_then(Value::as_array);
    let mut names: Vec<&str> = Vec::new();
    for service in all.into_iter().flatten() {
        let one = service.as_object().and_then(|map| map.iter().next());
        let (kind, service) = one.ok_or_else(|| missing("Shipment.Service"))?;
        let name = text(service, "/ServiceName");
        if name.is_empty() {
            return Err(missing("Shipment.Service.ServiceName"));
        }
        names.push(name);
        let needed = match kind.as_str() {
            "ShopDelivery" => "ParcelShopID",
            "Deposit" => "PlaceOfDeposit",
            "PickAndReturn" | "PickAndShip" => "PickupDate",
            _ => "ServiceName",
        };
        if text(service, &format!("/{needed}")).is_empty() {
            return Err(missing(&format!("Shipment.Service.{kind}.{needed}")));
        }
    }
    let consignee = shipment.pointer("/Consignee/Address").unwrap_or(&Value::Null);
    let has = |name: &str| names.contains(&name);
    if (has("service_shopdelivery") || has("service_flexdelivery")) && email(consignee).is_empty() {
        return Err(said(400, "CONSIGNEE_ADDRESS_EMAIL_MANDATORY", "An e-mail is needed"));
    }
    let timed = names.iter().any(|name| {
        let hour = name.trim_start_matches("service_").trim_start_matches("saturday_");
        hour.len() == 4 && hour.bytes().all(|b| b.is_ascii_digit())
    });
    if timed && product != "EXPRESS" {
        return Err(invalid("Shipment.Product", "No matching product available for the services."));
    }
    let alone = ["service_signature", "service_Saturday", "service_deposit"];
    if has("service_flexdelivery") && alone.iter().any(|name| has(name)) {
        return Err(said(400, "SERVICE_COMBINATION_INVALID", "These services exclude each other."));
    }
    Ok(())
}
