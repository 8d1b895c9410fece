//! Prices: this account's, for one service or for all.
//!
//! FedEx's interface for prices spells two fields otherwise than that for purchases (`recipient`,
//! `shipDateStamp`).

use serde::Serialize;

use super::{
    Fedex,
    common::{self, Stake},
    order,
    party::{self, RECIPIENT, SENDER},
    tracking,
    wire::{RateBody, RateReply, RatedShipment},
    wire_out::{Address, LineItem, Value},
};
use crate::{
    Call, CarrierError, Charge, HttpRequest, HttpResponse, Method, Rate, Rates, Rejection,
    Shipment, Step,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Quote<'a> {
    account_number: Value<'a>,
    rate_request_control_parameters: Control,
    requested_shipment: Requested<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Control {
    return_transit_times: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Requested<'a> {
    shipper: Place,
    recipient: Place,
    pickup_type: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    service_type: &'a str,
    packaging_type: &'static str,
    rate_request_type: [&'static str; 1],
    ship_date_stamp: String,
    requested_package_line_items: Vec<LineItem>,
}

#[derive(Serialize)]
struct Place {
    address: Address,
}

impl Rates for Fedex {
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection> {
        let known = super::INFO.services.iter().any(|(code, _)| *code == shipment.service);
        if !known && !shipment.service.is_empty() {
            return Err(Rejection::new("service", "no FedEx service of this connector"));
        }
        order::parcels(shipment)?;
        let place = |contact: &crate::Contact, names| {
            let country = party::country(contact, names)?;
            Ok::<_, Rejection>(Place { address: party::place(contact, country.as_str(), names)? })
        };
        let mut recipient = place(&shipment.recipient, &RECIPIENT)?;
        recipient.address.residential =
            shipment.recipient.company.trim().is_empty().then_some(true);
        let body = Quote {
            account_number: Value { value: common::account_number(call)? },
            rate_request_control_parameters: Control { return_transit_times: true },
            requested_shipment: Requested {
                shipper: place(&shipment.sender, &SENDER)?,
                recipient,
                pickup_type: order::pickup_type(call)?,
                service_type: &shipment.service,
                packaging_type: "YOUR_PACKAGING",
                rate_request_type: ["ACCOUNT"],
                ship_date_stamp: common::day(shipment.ship_date),
                requested_package_line_items: shipment
                    .parcels
                    .iter()
                    .map(order::bare_item)
                    .collect(),
            },
        };
        Ok(common::call(call, Method::Post, "/rate/v1/rates/quotes", &body))
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
        let output = common::output(body.output.0, &text, Stake::Nothing)?;
        let mut rates: Vec<Rate> = Vec::new();
        for rate in output.rate_reply_details.0.iter().filter_map(rate) {
            // One service may come by several names of packaging: the first is ours.
            if !rates.iter().any(|known| known.service == rate.service) {
                rates.push(rate);
            }
        }
        Ok(Step::Done(rates))
    }
}

/// One service's price; `None` when the account's own is not told in full.
fn rate(reply: &RateReply<'_>) -> Option<Rate> {
    let service = reply.service_type.owned()?;
    let rated = &reply.rated_shipment_details.0;
    let own = rated.iter().find(|rated| rated.rate_type.get() == Some("ACCOUNT"))?;
    let detail = own.shipment_rate_detail.get();
    let currency = detail.and_then(|detail| detail.currency.get()).or(own.currency.get());
    // Without duties and taxes where FedEx tells them apart.
    let net = common::money(&own.total_net_fed_ex_charge, currency);
    let total = net.or_else(|| common::money(&own.total_net_charge, currency))?;
    let commit = reply.commit.get();
    let operational = reply.operational_detail.get();
    let day = commit.and_then(|commit| commit.date_detail.get()).and_then(|d| d.day_format.get());
    let day = day.or_else(|| operational.and_then(|o| o.delivery_date.get()));
    let day = day.or_else(|| operational.and_then(|o| o.commit_date.get()));
    let days = commit.and_then(|commit| commit.transit_days.get());
    let days = days.and_then(|days| days.minimum_transit_time.get());
    let days = days.or_else(|| operational.and_then(|o| o.transit_time.get()));
    Some(Rate {
        name: reply.service_name.owned().unwrap_or_else(|| service.clone()),
        service,
        total,
        charges: charges(own, currency),
        delivery: day.and_then(tracking::promise),
        transit_days: days.and_then(transit_days),
    })
}

fn charges(own: &RatedShipment<'_>, currency: Option<&str>) -> Vec<Charge> {
    let detail = own.shipment_rate_detail.get();
    let surcharges = detail.map(|detail| detail.sur_charges.0.as_slice()).unwrap_or_default();
    let charge = |surcharge: &super::wire::Surcharge<'_>| {
        Some(Charge {
            code: surcharge.kind.owned().unwrap_or_default(),
            name: surcharge.description.owned().unwrap_or_default(),
            amount: common::money(&surcharge.amount, currency)?,
        })
    };
    surcharges.iter().filter_map(charge).collect()
}

/// FedEx writes numbers of days as words.
fn transit_days(words: &str) -> Option<u16> {
    const WORDS: [&str; 20] = [
        "ONE",
        "TWO",
        "THREE",
        "FOUR",
        "FIVE",
        "SIX",
        "SEVEN",
        "EIGHT",
        "NINE",
        "TEN",
        "ELEVEN",
        "TWELVE",
        "THIRTEEN",
        "FOURTEEN",
        "FIFTEEN",
        "SIXTEEN",
        "SEVENTEEN",
        "EIGHTEEN",
        "NINETEEN",
        "TWENTY",
    ];
    let word = words.strip_suffix("_DAYS").or_else(|| words.strip_suffix("_DAY"))?;
    let index = WORDS.iter().position(|known| *known == word)?;
    u16::try_from(index + 1).ok()
}
