//! What a purchase and its check are refused for, by the field rules of the documents.

use serde_json::Value;
use time::OffsetDateTime;

use super::{Failure, account, list, parse_day, thousandths};
use crate::sim::{http::text, journey::Lane};

const SERVICES: &str = "FEDEX_INTERNATIONAL_PRIORITY INTERNATIONAL_ECONOMY \
    FEDEX_INTERNATIONAL_CONNECT_PLUS FEDEX_REGIONAL_ECONOMY PRIORITY_OVERNIGHT \
    STANDARD_OVERNIGHT FEDEX_2_DAY FEDEX_GROUND GROUND_HOME_DELIVERY";
const IMAGES: &str = "PDF PNG ZPLII EPL2";
const STOCKS: &str = "PAPER_4X6 PAPER_85X11_TOP_HALF_LABEL STOCK_4X6 STOCK_4X675_LEADING_DOC_TAB";

fn one_of(words: &str, word: &str) -> bool {
    words.split_ascii_whitespace().any(|known| known == word)
}

fn wants(ok: bool, code: &'static str, message: &str) -> Result<(), Failure> {
    if ok { Ok(()) } else { Err(Failure::invalid(code, message)) }
}

/// Checks the body of a purchase.
pub(super) fn shipment(body: &Value, now: OffsetDateTime) -> Result<(), Failure> {
    account(body, "/accountNumber/value")?;
    let options = text(body, "/labelResponseOptions");
    wants(one_of("LABEL URL_ONLY", options), "LABELRESPONSEOPTIONS.INVALID", "LABEL or URL_ONLY")?;
    let order = body.pointer("/requestedShipment").unwrap_or(&Value::Null);
    party(order.pointer("/shipper").unwrap_or(&Value::Null), "SHIPPER.INVALID")?;
    wants(list(order, "/recipients").len() == 1, "RECIPIENTS.INVALID", "one recipient")?;
    party(order.pointer("/recipients/0").unwrap_or(&Value::Null), "RECIPIENT.INVALID")?;
    when(order, now)?;
    kinds(order)?;
    packages(order)?;
    customs(order)
}

fn when(order: &Value, now: OffsetDateTime) -> Result<(), Failure> {
    let ahead = parse_day(text(order, "/shipDatestamp")).map(|day| (day - now.date()).whole_days());
    wants(
        ahead.is_some_and(|ahead| (-1..=11).contains(&ahead)),
        "SHIPDATE.INVALID",
        "today or up to ten days ahead",
    )
}

fn kinds(order: &Value) -> Result<(), Failure> {
    let pickup = text(order, "/pickupType");
    let pickups = "CONTACT_FEDEX_TO_SCHEDULE DROPOFF_AT_FEDEX_LOCATION USE_SCHEDULED_PICKUP";
    wants(one_of(pickups, pickup), "PICKUPTYPE.INVALID", "a known pickup type")?;
    let service = text(order, "/serviceType");
    wants(one_of(SERVICES, service), "SERVICETYPE.INVALID", "a known service")?;
    let at_home = text(order, "/shipper/address/countryCode")
        == text(order, "/recipients/0/address/countryCode");
    let international = service.contains("INTERNATIONAL") || service == "FEDEX_REGIONAL_ECONOMY";
    let ground = service == "FEDEX_GROUND";
    wants(
        ground || at_home != international,
        "SERVICE.PACKAGECOMBINATION.INVALID",
        "the service does not go there",
    )?;
    wants(!text(order, "/packagingType").is_empty(), "PACKAGINGTYPE.MISSING", "packaging")?;
    let image = text(order, "/labelSpecification/imageType");
    wants(one_of(IMAGES, image), "LABEL.IMAGETYPE.INVALID", "a known image type")?;
    let stock = text(order, "/labelSpecification/labelStockType");
    wants(one_of(STOCKS, stock), "LABEL.STOCKTYPE.INVALID", "a known stock type")?;
    let paper = stock.starts_with("PAPER");
    let printer = matches!(image, "ZPLII" | "EPL2");
    wants(paper != printer, "LABEL.STOCKTYPE.INVALID", "printers take stock, images paper")?;
    let payment = text(order, "/shippingChargesPayment/paymentType");
    let payments = "SENDER RECIPIENT THIRD_PARTY COLLECT";
    wants(one_of(payments, payment), "PAYMENTTYPE.INVALID", "a known payment type")?;
    let special = list(order, "/shipmentSpecialServices/specialServiceTypes");
    for (word, detail) in [
        ("RETURN_SHIPMENT", "/shipmentSpecialServices/returnShipmentDetail/returnType"),
        ("HOLD_AT_LOCATION", "/shipmentSpecialServices/holdAtLocationDetail/locationId"),
        ("COD", "/shipmentSpecialServices/shipmentCODDetail/codCollectionType"),
    ] {
        let asked = special.iter().any(|each| each.as_str() == Some(word));
        wants(
            asked != text(order, detail).is_empty(),
            "SPECIALSERVICE.DETAIL.MISMATCH",
            "a special service and its detail belong together",
        )?;
    }
    Ok(())
}

fn party(party: &Value, code: &'static str) -> Result<(), Failure> {
    let wants = |ok, message| wants(ok, code, message);
    let lines = list(party, "/address/streetLines");
    let fits =
        |line: &Value| line.as_str().is_some_and(|line| (1..=35).contains(&line.chars().count()));
    wants((1..=3).contains(&lines.len()) && lines.iter().all(fits), "one to three lines of 35")?;
    let city = text(party, "/address/city").chars().count();
    wants((1..=35).contains(&city), "a city of at most 35")?;
    wants(text(party, "/address/postalCode").len() <= 10, "a postal code of at most 10")?;
    let country = text(party, "/address/countryCode");
    wants(country.len() == 2, "a country code")?;
    let state = text(party, "/address/stateOrProvinceCode");
    wants(!matches!(country, "US" | "CA") || state.len() == 2, "a state code")?;
    let person = text(party, "/contact/personName").chars().count();
    let company = text(party, "/contact/companyName").chars().count();
    wants(person + company > 0 && person <= 70 && company <= 35, "a person or company")?;
    let phone = text(party, "/contact/phoneNumber");
    let digits = phone.bytes().all(|b| b.is_ascii_digit());
    wants(digits && (10..=15).contains(&phone.len()), "a phone of 10 to 15 digits")?;
    wants(text(party, "/contact/emailAddress").len() <= 80, "an e-mail of at most 80")
}

fn packages(order: &Value) -> Result<(), Failure> {
    let packages = list(order, "/requestedPackageLineItems");
    wants(!packages.is_empty(), "PACKAGES.MISSING", "at least one package")?;
    for package in packages {
        let grams = grams(package);
        wants((1..=68_100).contains(&grams), "PACKAGE.WEIGHT.INVALID", "up to 68 kg")?;
        let units = text(package, "/dimensions/units");
        let sized = package.pointer("/dimensions").is_some();
        wants(!sized || one_of("CM IN", units), "DIMENSIONS.UNITS.INVALID", "CM or IN")?;
        let signature = text(package, "/packageSpecialServices/signatureOptionType");
        let known = "SERVICE_DEFAULT NO_SIGNATURE_REQUIRED INDIRECT DIRECT ADULT";
        wants(
            signature.is_empty() || one_of(known, signature),
            "SIGNATUREOPTION.INVALID",
            "a known signature option",
        )?;
    }
    Ok(())
}

/// A package's weight, from kilograms or pounds.
pub(super) fn grams(package: &Value) -> u64 {
    let stated = thousandths(package, "/weight/value").unwrap_or_default();
    match text(package, "/weight/units") {
        "KG" => stated,
        "LB" => stated * 45_359 / 100_000,
        _ => 0,
    }
}

fn customs(order: &Value) -> Result<(), Failure> {
    let from = text(order, "/shipper/address/countryCode");
    let to = text(order, "/recipients/0/address/countryCode");
    if !Lane::between(from, to, false).customs {
        return Ok(());
    }
    let code = "CUSTOMSCLEARANCEDETAIL.INVALID";
    let detail = order.pointer("/customsClearanceDetail").unwrap_or(&Value::Null);
    let duties = text(detail, "/dutiesPayment/paymentType");
    wants(one_of("SENDER RECIPIENT THIRD_PARTY", duties), code, "who pays duties")?;
    wants(
        thousandths(detail, "/totalCustomsValue/amount").is_some_and(|value| value > 0),
        code,
        "a customs value",
    )?;
    let goods = list(detail, "/commodities");
    wants(!goods.is_empty(), code, "commodities")?;
    for commodity in goods {
        let described = text(commodity, "/description").chars().count() >= 3;
        let made = text(commodity, "/countryOfManufacture").len() == 2;
        let value = thousandths(commodity, "/customsValue/amount").is_some_and(|v| v > 0);
        wants(described && made && value, code, "description, origin and value of goods")?;
    }
    Ok(())
}
