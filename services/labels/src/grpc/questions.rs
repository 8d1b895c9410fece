//! `FindServicePoints`, `QuoteRates` and `CheckShipment`.

use colibri_carrier_client::CallError;
use colibri_carriers::{PointSearch, Rate, ServicePoint};
use colibri_events::{
    labels::v1::{
        CarrierRate, Charge, CheckShipmentRequest, CheckShipmentResponse, Closure,
        FindServicePointsRequest, FindServicePointsResponse, FoundPoint, Opening,
        QuoteRatesRequest, QuoteRatesResponse,
    },
    types::v1::ServicePoint as WirePoint,
};
use colibri_kit::{fault::Fault, service::Shell};
use colibri_types::{Grams, TenantId};
use time::{PrimitiveDateTime, Time};

use super::ask::{self, Question, bad, not_offered, unanswered, wire_day, wire_money};
use crate::{Labels, domain::build};

/// Points answered when nobody says, and at most: what carriers answer.
const POINTS: u8 = 10;
const POINTS_MAX: u32 = 50;
/// Weight of a parcel that nobody weighed yet: most points take that.
const WEIGHT: Grams = Grams(1000);
/// Longest text of an address.
const TEXT_MAX: usize = 200;

pub async fn points(
    shell: &Shell<Labels>,
    tenant: TenantId,
    request: FindServicePointsRequest,
) -> Result<FindServicePointsResponse, Fault> {
    let search = search(shell, &request)?;
    let handle = ask::account(shell, tenant, &request.account_id).await?;
    let finder = handle.carrier.service_points().ok_or_else(|| not_offered(&handle))?;
    let build = |call: &colibri_carriers::Call<'_>| finder.request(call, &search);
    let read = |_: &colibri_carriers::Call<'_>, answer: &colibri_carriers::HttpResponse| {
        finder.response(answer).map(colibri_carriers::Step::Done)
    };
    let mut found = ask::ask(shell, &handle, build, read).await.map_err(unanswered)?;
    found.truncate(usize::from(search.limit));
    Ok(FindServicePointsResponse { points: found.into_iter().map(point).collect() })
}

fn search(shell: &Shell<Labels>, request: &FindServicePointsRequest) -> Result<PointSearch, Fault> {
    let Some(near) = &request.near else {
        return Err(bad("near", "MISSING", "is required"));
    };
    let texts = near.lines.iter().chain([&near.city, &near.postcode, &near.subdivision]);
    for text in texts {
        if text.chars().count() > TEXT_MAX || text.chars().any(char::is_control) {
            return Err(bad("near", "MALFORMED", "printable texts of up to 200 characters"));
        }
    }
    let near = ask::contact(near);
    if near.country.is_none() {
        return Err(bad("near.country", "UNKNOWN", "ISO 3166-1 alpha-2 in upper case"));
    }
    let limit = match request.limit {
        0 => POINTS,
        limit if limit <= POINTS_MAX => u8::try_from(limit).unwrap_or(POINTS),
        _ => return Err(bad("limit", "RANGE", "at most 50")),
    };
    let today = || build::ship_date(shell.state.carriers.now());
    let ship_date = match &request.ship_date {
        Some(date) => ask::day(date, "ship_date")?,
        None => today(),
    };
    let weight = if request.weight_g == 0 { WEIGHT } else { Grams(request.weight_g) };
    if weight > Grams::MAX {
        return Err(bad("weight_g", "RANGE", "1 to 1 000 000 g"));
    }
    Ok(PointSearch { near, ship_date, weight, service: request.service.clone(), limit })
}

fn point(found: ServicePoint) -> FoundPoint {
    let hours = found.hours.iter().flatten().zip(1..).flat_map(|(day, weekday)| {
        let opening = move |(from, to): &(Time, Time)| Opening {
            weekday,
            from: clock(*from),
            to: clock(*to),
        };
        day.iter().map(opening)
    });
    FoundPoint {
        hours: hours.collect(),
        hours_known: found.hours.is_some(),
        latitude_e6: found.position.map(|(latitude, _)| latitude),
        longitude_e6: found.position.map(|(_, longitude)| longitude),
        distance_m: found.distance_m,
        closures: found
            .closures
            .iter()
            .map(|(from, to)| Closure { from: Some(wire_day(*from)), to: Some(wire_day(*to)) })
            .collect(),
        weight_max_g: found.weight_max.map_or(0, |weight| weight.0),
        locker: found.locker,
        point: Some(WirePoint {
            id: found.id,
            name: found.name,
            lines: found.lines,
            postcode: found.postcode,
            city: found.city,
            country: found.country.map(|country| country.to_string()).unwrap_or_default(),
        }),
    }
}

fn clock(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

pub async fn rates(
    shell: &Shell<Labels>,
    tenant: TenantId,
    request: QuoteRatesRequest,
) -> Result<QuoteRatesResponse, Fault> {
    let question = Question {
        site_id: &request.site_id,
        account_id: &request.account_id,
        service: &request.service,
        recipient: request.recipient.as_ref(),
        parcels: &request.parcels,
        wishes: request.wishes.as_ref(),
    };
    let (handle, shipment) = ask::shipment(shell, tenant, &question).await?;
    let rates = handle.carrier.rates().ok_or_else(|| not_offered(&handle))?;
    let build = |call: &colibri_carriers::Call<'_>| rates.request(call, &shipment);
    let read = |_: &colibri_carriers::Call<'_>, answer: &colibri_carriers::HttpResponse| {
        rates.response(answer, &shipment)
    };
    let mut told = ask::ask(shell, &handle, build, read).await.map_err(unanswered)?;
    let dayless = told.iter_mut().find(|rate| rate.service == shipment.service);
    if let (Some(rate), Some(dates)) = (dayless, rates.delivery_dates())
        && rate.delivery.is_none()
    {
        let build = |call: &colibri_carriers::Call<'_>| dates.request(call, &shipment);
        let read = |_: &colibri_carriers::Call<'_>, answer: &colibri_carriers::HttpResponse| {
            dates.response(answer, &shipment).map(colibri_carriers::Step::Done)
        };
        // A price without its day is still one.
        rate.delivery = ask::ask(shell, &handle, build, read).await.ok().flatten();
    }
    Ok(QuoteRatesResponse { rates: told.into_iter().map(rate_of).collect() })
}

fn rate_of(rate: Rate) -> CarrierRate {
    let charge = |charge: colibri_carriers::Charge| Charge {
        code: charge.code,
        name: charge.name,
        amount: Some(wire_money(charge.amount)),
    };
    CarrierRate {
        service: rate.service,
        name: rate.name,
        total: Some(wire_money(rate.total)),
        charges: rate.charges.into_iter().map(charge).collect(),
        delivery_latest: rate.delivery.map(|at| local(at.local)).unwrap_or_default(),
        transit_days: rate.transit_days.map_or(0, u32::from),
    }
}

fn local(at: PrimitiveDateTime) -> String {
    format!("{}T{}", at.date(), clock(at.time()))
}

pub async fn check(
    shell: &Shell<Labels>,
    tenant: TenantId,
    request: CheckShipmentRequest,
) -> Result<CheckShipmentResponse, Fault> {
    let question = Question {
        site_id: &request.site_id,
        account_id: &request.account_id,
        service: &request.service,
        recipient: request.recipient.as_ref(),
        parcels: &request.parcels,
        wishes: request.wishes.as_ref(),
    };
    if request.service.is_empty() {
        return Err(bad("service", "MISSING", "is required"));
    }
    let (handle, shipment) = ask::shipment(shell, tenant, &question).await?;
    let checks = handle.carrier.check().ok_or_else(|| not_offered(&handle))?;
    let build = |call: &colibri_carriers::Call<'_>| checks.request(call, &shipment);
    let read = |_: &colibri_carriers::Call<'_>, answer: &colibri_carriers::HttpResponse| {
        checks.response(answer)
    };
    match ask::ask(shell, &handle, build, read).await {
        Ok(()) => Ok(CheckShipmentResponse { sold: true, ..Default::default() }),
        Err(CallError::Refused { code }) => {
            Ok(CheckShipmentResponse { carrier_code: code, ..Default::default() })
        }
        Err(CallError::Rejected(no)) => {
            let (field, reason) = (no.field.to_owned(), no.reason);
            Ok(CheckShipmentResponse { field, reason, ..Default::default() })
        }
        Err(other) => Err(unanswered(other)),
    }
}
