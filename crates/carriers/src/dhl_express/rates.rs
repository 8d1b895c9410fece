//! Prices of DHL's products: `GET /rates` for one piece, `POST /rates` for several or with options.

use colibri_types::CivilTime;
use serde::Serialize;

use super::{
    DhlExpress, INFO,
    common::{self, Stake},
    customs,
    labels::BILLED,
    moment,
    options::{self, Extra},
    order::{self, Package, Payer},
    party::{self, Address, RECIPIENT, SENDER},
    wire::{Breakdown, Offers, Part, Product},
};
use crate::{
    Call, CarrierError, Charge, HttpRequest, HttpResponse, Location, Method, Rate, Rates,
    Rejection, Shipment, Step, wire::when,
};

/// The product is not sold for what was asked.
const NOT_OFFERED: &str = "7005";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ends {
    shipper_details: Address,
    receiver_details: Address,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Declared {
    type_code: &'static str,
    value: Box<serde_json::value::RawValue>,
    currency: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'a> {
    customer_details: Ends,
    accounts: [Payer<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    product_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    value_added_services: Vec<Extra>,
    planned_shipping_date_and_time: String,
    unit_of_measurement: &'static str,
    is_customs_declarable: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    monetary_amount: Vec<Declared>,
    packages: Vec<Package>,
}

impl Rates for DhlExpress {
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection> {
        let number = order::account(call)?;
        order::count(shipment)?;
        let service = shipment.service.as_str();
        if !service.is_empty() {
            if !INFO.services.iter().any(|(code, _)| *code == service) {
                return Err(Rejection::new("service", "no DHL Express product of this connector"));
            }
            order::lane(shipment)?;
        }
        let from = party::place(&shipment.sender, &SENDER)?;
        let to = party::place(&shipment.recipient, &RECIPIENT)?;
        let packages = order::packages(&shipment.parcels)?;
        let mut extras = Vec::new();
        options::apply(shipment, &mut extras)?;
        let planned = moment::planned(call.now, shipment)?;
        let declarable = customs::declarable(shipment);
        if let ([package], true) = (packages.as_slice(), extras.is_empty()) {
            let query = query(number, &from, &to, package, shipment, declarable);
            return Ok(common::call(call, Method::Get, &format!("/rates?{query}")));
        }
        let total = customs::total(shipment).ok().filter(|_| declarable);
        let question = Question {
            customer_details: Ends { shipper_details: from, receiver_details: to },
            accounts: [Payer { type_code: "shipper", number }],
            product_code: (!service.is_empty()).then_some(service),
            value_added_services: extras,
            planned_shipping_date_and_time: planned,
            unit_of_measurement: "metric",
            is_customs_declarable: declarable,
            monetary_amount: total
                .map(|total| Declared {
                    type_code: "declaredValue",
                    value: common::amount(total),
                    currency: total.currency.to_string(),
                })
                .into_iter()
                .collect(),
            packages,
        };
        Ok(common::body(common::call(call, Method::Post, "/rates"), &question))
    }

    fn response(
        &self,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Step<Vec<Rate>>, CarrierError> {
        if !common::is_success(response) {
            return match common::failure(response, Stake::Nothing) {
                CarrierError::Refused { code, .. } if code == NOT_OFFERED => {
                    Ok(Step::Done(Vec::new()))
                }
                error => Err(error),
            };
        }
        let text = common::text(&response.body);
        let body: Offers<'_> = common::json(&text)?;
        if body.products.0.is_empty() {
            return Err(CarrierError::garbled("no products"));
        }
        let mut rates: Vec<Rate> = Vec::new();
        for offer in body.products.0.iter().filter_map(rate) {
            let asked = shipment.service.is_empty() || shipment.service == offer.service;
            if asked && rates.iter().all(|rate| rate.service != offer.service) {
                rates.push(offer);
            }
        }
        Ok(Step::Done(rates))
    }
}

fn query(
    account: &str,
    from: &Address,
    to: &Address,
    package: &Package,
    shipment: &Shipment,
    declarable: bool,
) -> String {
    let [weight, length, width, height] = package.texts();
    let day = customs::day(shipment.ship_date);
    let declarable = if declarable { "true" } else { "false" };
    let pairs = [
        ("accountNumber", account),
        ("originCountryCode", &from.country_code),
        ("originPostalCode", &from.postal_code),
        ("originCityName", &from.city_name),
        ("destinationCountryCode", &to.country_code),
        ("destinationPostalCode", &to.postal_code),
        ("destinationCityName", &to.city_name),
        ("weight", weight),
        ("length", length),
        ("width", width),
        ("height", height),
        ("plannedShippingDate", &day),
        ("isCustomsDeclarable", declarable),
        ("unitOfMeasurement", "metric"),
    ];
    let known = pairs.iter().filter(|(_, value)| !value.is_empty());
    let texts = known.map(|(name, value)| format!("{name}={}", common::escape(value)));
    texts.collect::<Vec<_>>().join("&")
}

/// A product with a billed price; zero stands for a price that could not be computed.
fn rate(product: &Product<'_>) -> Option<Rate> {
    let prices = &product.total_price.0;
    let billed = prices.iter().find(|price| price.currency_type.get() == Some(BILLED))?;
    let total = common::money(billed.price.get(), billed.price_currency.get())?;
    if total.amount_minor <= 0 {
        return None;
    }
    let service = product.product_code.owned()?;
    let name = product.product_name.owned().unwrap_or_else(|| service.clone());
    let parts = product.detailed_price_breakdown.0.iter();
    let mut parts = parts.filter(|parts| parts.currency_type.get() == Some(BILLED));
    let delivery = product.delivery_capabilities.get();
    let promised = delivery.and_then(|delivery| delivery.estimated_delivery_date_and_time.get());
    let days = delivery.and_then(|delivery| delivery.total_transit_days.get());
    Some(Rate {
        service,
        name,
        total,
        charges: parts.next().map(charges).unwrap_or_default(),
        delivery: promised.and_then(local),
        transit_days: days.and_then(|days| days.parse().ok()),
    })
}

/// The receiver's clock: no offset is told.
fn local(text: &str) -> Option<CivilTime> {
    when::iso(text, &Location::default()).0
}

fn charges(parts: &Breakdown<'_>) -> Vec<Charge> {
    let currency = parts.price_currency.get();
    let charge = |part: &Part<'_>| {
        Some(Charge {
            code: part.service_code.owned().unwrap_or_default(),
            name: part.name.owned()?,
            amount: common::money(part.price.get(), currency)?,
        })
    };
    parts.breakdown.0.iter().filter_map(charge).collect()
}
