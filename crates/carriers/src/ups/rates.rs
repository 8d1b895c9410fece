//! Prices: Rating v2409 with time in transit, for one service or for all.
//!
//! The account's contract price where it has one, else the public one. Lengths are not checked by
//! UPS's rating, so they are here.

use colibri_types::{CivilTime, Grams};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    INFO, Ups,
    common::{self, Stake},
    customs, labels, lanes,
    parcels::{self, Lane},
    party::{self, RECIPIENT, SENDER},
    tracking,
    wire::Charge as Amount,
};
use crate::{
    Call, CarrierError, Charge, HttpRequest, HttpResponse, Method, Rate, Rates, Rejection,
    Shipment, Step,
    wire::lenient::{Many, One, Text},
};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RateBody<'a> {
    #[serde(borrow)]
    rate_response: One<RateResponse<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RateResponse<'a> {
    #[serde(borrow)]
    rated_shipment: Many<RatedShipment<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RatedShipment<'a> {
    #[serde(borrow)]
    service: One<super::wire::Code<'a>>,
    total_charges: One<Amount<'a>>,
    itemized_charges: Many<Item<'a>>,
    negotiated_rate_charges: One<Negotiated<'a>>,
    guaranteed_delivery: One<Guaranteed<'a>>,
    time_in_transit: One<TimeInTransit<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Negotiated<'a> {
    #[serde(borrow)]
    total_charge: One<Amount<'a>>,
    itemized_charges: Many<Item<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Item<'a> {
    #[serde(borrow)]
    code: Text<'a>,
    description: Text<'a>,
    currency_code: Text<'a>,
    monetary_value: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Guaranteed<'a> {
    #[serde(borrow)]
    business_days_in_transit: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct TimeInTransit<'a> {
    #[serde(borrow)]
    service_summary: One<Summary<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Summary<'a> {
    #[serde(borrow)]
    estimated_arrival: One<Arrival<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Arrival<'a> {
    #[serde(borrow)]
    arrival: One<Moment<'a>>,
    business_days_in_transit: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Moment<'a> {
    #[serde(borrow)]
    date: Text<'a>,
    time: Text<'a>,
}

impl Rates for Ups {
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection> {
        let option = match shipment.service.as_str() {
            "" => "Shoptimeintransit",
            code if INFO.services.iter().any(|(known, _)| *known == code) => "Ratetimeintransit",
            _ => return Err(Rejection::new("service", "no UPS service of this connector")),
        };
        if !shipment.service.is_empty() {
            lanes::check(shipment)?;
        }
        let body = json!({ "RateRequest": {
            "Request": {
                "TransactionReference": { "CustomerContext": shipment.attempt_ref },
            },
            "PickupType": { "Code": "01" },
            "Shipment": priced(call, shipment)?,
        }});
        let path = format!("/api/rating/v2409/{option}");
        Ok(common::body(common::call(call, Method::Post, &path), &body))
    }

    fn response(
        &self,
        response: &HttpResponse,
        _shipment: &Shipment,
    ) -> Result<Step<Vec<Rate>>, CarrierError> {
        if !common::is_success(response) {
            return Err(common::failure(response, Stake::Nothing));
        }
        let text = common::text(&response.body);
        let body: RateBody<'_> = common::json(&text)?;
        let answer = body.rate_response.get();
        let answer = answer.ok_or_else(|| CarrierError::garbled("no RateResponse"))?;
        Ok(Step::Done(answer.rated_shipment.0.iter().filter_map(rate).collect()))
    }
}

fn priced(call: &Call<'_>, shipment: &Shipment) -> Result<Value, Rejection> {
    let shipper = super::shipper_number(call.account)
        .map_err(|error| Rejection::new("account.shipper_number", error.reason))?;
    let from = party::party(&shipment.sender, &SENDER, false)?;
    let mut to = party::party(&shipment.recipient, &RECIPIENT, false)?;
    party::mark_home(&mut to, &shipment.recipient);
    let lane = Lane::of(shipment);
    let count = shipment.parcels.len();
    if count == 0 || count > usize::from(INFO.parcels_max) {
        return Err(Rejection::new("parcels", "one to 200 parcels"));
    }
    let package = |parcel| {
        let package = parcels::package(parcel, &lane, Vec::new(), &[])?;
        Ok::<_, Rejection>(json!({
            "PackagingType": package.packaging,
            "Dimensions": package.dimensions,
            "PackageWeight": package.package_weight,
        }))
    };
    let packages: Vec<Value> = shipment.parcels.iter().map(package).collect::<Result<_, _>>()?;
    let grams = shipment.parcels.iter().fold(0_u32, |sum, p| sum.saturating_add(p.weight.0));
    let mut body = json!({
        "Shipper": { "ShipperNumber": shipper, "Address": from.address },
        "ShipTo": { "Address": to.address },
        "ShipmentRatingOptions": { "NegotiatedRatesIndicator": "" },
        "DeliveryTimeInformation": {
            "PackageBillType": "03",
            "Pickup": { "Date": labels::day(shipment.ship_date) },
        },
        "ShipmentTotalWeight": parcels::total(Grams(grams), &lane),
        "Package": packages,
    });
    if let Some(members) = body.as_object_mut() {
        if !shipment.service.is_empty() {
            members.insert("Service".to_owned(), json!({ "Code": shipment.service }));
        }
        // Time in transit wants the value of goods that cross a border.
        if lane.customs {
            members.insert("InvoiceLineTotal".to_owned(), json!(customs::line_total(shipment)?));
        }
    }
    Ok(without_nulls(body))
}

/// Absent elements are left out rather than written as null.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(all) => {
            let kept = all.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key, without_nulls(value))).collect())
        }
        Value::Array(all) => Value::Array(all.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

fn rate(rated: &RatedShipment<'_>) -> Option<Rate> {
    let service = rated.service.get()?.code.owned()?;
    let own = rated.negotiated_rate_charges.get();
    let contract = own.and_then(|own| own.total_charge.get()).and_then(labels::money);
    let total = contract.or_else(|| rated.total_charges.get().and_then(labels::money))?;
    let items = match own.filter(|_| contract.is_some()) {
        Some(own) => &own.itemized_charges.0,
        None => &rated.itemized_charges.0,
    };
    let charge = |item: &Item<'_>| {
        let currency = item.currency_code.get()?.parse().ok()?;
        Some(Charge {
            code: item.code.owned().unwrap_or_default(),
            name: item.description.owned().unwrap_or_default(),
            amount: colibri_types::Money::parse(item.monetary_value.get()?, currency).ok()?,
        })
    };
    let summary = rated.time_in_transit.get().and_then(|t| t.service_summary.get());
    let arrival = summary.and_then(|summary| summary.estimated_arrival.get());
    let days = arrival.and_then(|arrival| arrival.business_days_in_transit.get());
    let guaranteed = rated.guaranteed_delivery.get();
    let days = days.or_else(|| guaranteed.and_then(|g| g.business_days_in_transit.get()));
    let known = INFO.services.iter().find(|(code, _)| *code == service);
    Some(Rate {
        name: known.map_or_else(|| service.clone(), |(_, name)| (*name).to_owned()),
        service,
        total,
        charges: items.iter().filter_map(charge).collect(),
        delivery: arrival.and_then(|arrival| delivery(arrival.arrival.get()?)),
        transit_days: days.and_then(|days| days.parse().ok()),
    })
}

fn delivery(moment: &Moment<'_>) -> Option<CivilTime> {
    tracking::moment(moment.date.get()?, moment.time.get())
}

#[cfg(test)]
#[path = "rates_tests.rs"]
mod tests;
