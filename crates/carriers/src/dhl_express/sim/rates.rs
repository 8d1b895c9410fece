//! Prices: each in up to three currencies, and one product whose price is never known.

use serde_json::{Value, json};
use time::{Date, Duration};

use super::{Failure, body, hundredths, story};
use crate::{
    HttpResponse, Method,
    sim::{
        SimRequest,
        http::{self, query, text},
        journey::Lane,
    },
};

/// Letter, name, cents, days: at home, in the EU, abroad for goods, abroad for papers.
const HOME: &[(&str, &str, u64, i64)] =
    &[("N", "EXPRESS DOMESTIC", 1_450, 1), ("K", "EXPRESS 9:00", 0, 1)];
const UNION: &[(&str, &str, u64, i64)] = &[
    ("U", "EXPRESS WORLDWIDE", 3_200, 1),
    ("T", "EXPRESS 12:00", 3_900, 1),
    ("W", "ECONOMY SELECT", 1_900, 3),
    ("K", "EXPRESS 9:00", 0, 1),
];
const GOODS: &[(&str, &str, u64, i64)] = &[
    ("P", "EXPRESS WORLDWIDE", 4_800, 2),
    ("Y", "EXPRESS 12:00", 5_600, 2),
    ("H", "ECONOMY SELECT", 2_900, 5),
];
const PAPERS: &[(&str, &str, u64, i64)] =
    &[("D", "EXPRESS WORLDWIDE", 4_100, 2), ("X", "EXPRESS ENVELOPE", 3_700, 2)];

struct Question {
    from: String,
    to: String,
    declarable: bool,
    grams: u64,
    day: String,
    product: String,
}

fn grams(text: &str) -> u64 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction: String = fraction.chars().chain("000".chars()).take(3).collect();
    format!("{whole}{fraction}").parse().unwrap_or_default()
}

fn asked(request: &SimRequest) -> Result<Question, Failure> {
    for name in [
        "accountNumber",
        "originCountryCode",
        "originCityName",
        "destinationCountryCode",
        "destinationCityName",
        "weight",
        "length",
        "width",
        "height",
        "plannedShippingDate",
        "isCustomsDeclarable",
        "unitOfMeasurement",
    ] {
        if query(request, name).is_empty() {
            let detail = format!("Missing mandatory parameters: {name}");
            return Err(Failure::new(400, "Missing parameters", detail));
        }
    }
    Ok(Question {
        from: query(request, "originCountryCode"),
        to: query(request, "destinationCountryCode"),
        declarable: query(request, "isCustomsDeclarable") == "true",
        grams: grams(&query(request, "weight")),
        day: query(request, "plannedShippingDate"),
        product: String::new(),
    })
}

fn posted(request: &SimRequest) -> Result<Question, Failure> {
    let root = body(request)?;
    let packages = root.pointer("/packages").and_then(Value::as_array);
    let packages = packages.filter(|packages| !packages.is_empty());
    let country =
        |side: &str| text(&root, &format!("/customerDetails/{side}/countryCode")).to_owned();
    let question = Question {
        from: country("shipperDetails"),
        to: country("receiverDetails"),
        declarable: root.pointer("/isCustomsDeclarable") == Some(&Value::Bool(true)),
        grams: packages
            .into_iter()
            .flatten()
            .filter_map(|package| package.get("weight"))
            .map(|weight| grams(&weight.to_string()))
            .sum(),
        day: text(&root, "/plannedShippingDateAndTime").chars().take(10).collect(),
        product: text(&root, "/productCode").to_owned(),
    };
    if question.from.is_empty() || question.to.is_empty() || question.grams == 0 {
        let problem = "#: customerDetails and packages are required".to_owned();
        return Err(Failure::many(422, "Validation error", vec![problem]));
    }
    Ok(question)
}

pub(super) fn rates(method: Method, request: &SimRequest) -> Result<HttpResponse, Failure> {
    let question = if method == Method::Get { asked(request)? } else { posted(request)? };
    let lane = Lane::between(&question.from, &question.to, false);
    let offers = match (lane.domestic, lane.customs, question.declarable) {
        (true, ..) => HOME,
        (_, false, _) => UNION,
        (_, true, true) => GOODS,
        (_, true, false) => PAPERS,
    };
    let wanted = offers
        .iter()
        .filter(|(letter, ..)| question.product.is_empty() || question.product == *letter);
    let products: Vec<Value> = wanted.map(|offer| product(offer, &question)).collect();
    if products.is_empty() {
        let detail = "7005: The requested product(s) not available based on your search criteria.";
        return Err(Failure::new(400, "Bad request", detail));
    }
    Ok(http::json(200, &json!({ "products": products, "exchangeRates": [] })))
}

fn product(offer: &(&str, &str, u64, i64), question: &Question) -> Value {
    let (letter, name, base, days) = *offer;
    let known = base > 0;
    let base = if known { base + question.grams.div_ceil(500) * 90 } else { 0 };
    let fuel = base / 5;
    let prices: Vec<Value> = match known {
        true => ["BILLC", "PULCL", "BASEC"]
            .iter()
            .map(|kind| {
                let price = hundredths(base + fuel);
                json!({ "currencyType": kind, "priceCurrency": "EUR", "price": price })
            })
            .collect(),
        // What could not be computed is zero, without a currency.
        false => vec![json!({ "currencyType": "BILLC", "price": 0 })],
    };
    let parts = json!([
        { "name": name, "price": hundredths(base) },
        { "name": "FUEL SURCHARGE", "serviceCode": "FF", "typeCode": "FUEL",
          "price": hundredths(fuel) },
    ]);
    json!({
        "productName": name,
        "productCode": letter,
        "localProductCode": letter,
        "networkTypeCode": "TD",
        "isCustomerAgreement": false,
        "weight": { "provided": 1, "unitOfMeasurement": "metric" },
        "totalPrice": prices,
        "detailedPriceBreakdown": [
            { "currencyType": "BILLC", "priceCurrency": "EUR", "breakdown": parts },
        ],
        "deliveryCapabilities": {
            "deliveryTypeCode": "QDDC",
            "estimatedDeliveryDateAndTime": arrival(&question.day, days),
            "totalTransitDays": days,
        },
        "pricingDate": question.day,
    })
}

/// The end of a day some days later; weekends are ignored.
fn arrival(day: &str, days: i64) -> String {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    let day = Date::parse(day, &format).ok();
    let arrival = day.and_then(|day| day.checked_add(Duration::days(days)));
    arrival.map_or_else(String::new, |day| {
        format!("{}T23:59:00", story::date(day.midnight().assume_utc()))
    })
}
