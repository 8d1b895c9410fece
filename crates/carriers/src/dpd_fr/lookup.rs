//! Finding a purchase whose answer was lost, by our reference.
//!
//! Two questions: the list of the shipping day, and, when our reference is not in it, Webtrace by
//! reference, which may return neighbours. Nothing was bought when both say so and the day has
//! come: whether the list goes by the day of shipping or of creation is not documented, so that the
//! list of a day to come proves nothing.

use bytes::Bytes;
use time::Duration;

use super::{
    number,
    soap::{self, Service, Stake},
    trace::{self, Trace},
};
use crate::{
    Call, CarrierError, Found, HttpRequest, HttpResponse, Label, Lookup, Purchase, Shipment, Step,
    wire::{body, xml::Element},
};

/// Until a purchase can be searched. Not documented: a first value of ours.
const SETTLE: Duration = Duration::minutes(15);

/// `GetShipping` of EPrint, then `GetShipmentTraceByReference` of Webtrace.
pub(super) struct DayList;

impl Lookup for DayList {
    fn settle(&self) -> Duration {
        SETTLE
    }

    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> HttpRequest {
        soap::request(call, Service::Eprint, "GetShipping", |operation| {
            operation.nest("request", |request| {
                request.leaf("date", &number::day(shipment.ship_date).unwrap_or_default());
                soap::customer(call, "customer", request);
            });
        })
    }

    fn response(
        &self,
        call: &Call<'_>,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Step<Found>, CarrierError> {
        if let Some(traces) = by_reference(response) {
            return traced(call, &traces?, shipment).map(Step::Done);
        }
        let answer = soap::answer(response, Stake::Nothing)?;
        let list = answer
            .child("GetShippingResult")
            .filter(|_| answer.name == "GetShippingResponse")
            .ok_or_else(|| CarrierError::garbled("no list of shipments"))?;
        let ours = listed(list, &shipment.attempt_ref)?;
        Ok(match ours.is_empty() {
            true => Step::Next(second(call, shipment)),
            false => Step::Done(purchase(ours, shipment)),
        })
    }
}

/// The traces, when this is the answer to the second question.
fn by_reference(response: &HttpResponse) -> Option<Result<Vec<Trace<'static>>, CarrierError>> {
    if response.status != 200 {
        return None;
    }
    let text = body::text(&response.body);
    if !text.contains("GetShipmentTraceByReferenceResult") {
        return None;
    }
    Some(trace::read(&text).map(|traces| traces.into_iter().map(Trace::into_owned).collect()))
}

fn second(call: &Call<'_>, shipment: &Shipment) -> HttpRequest {
    soap::request(call, Service::Webtrace, "GetShipmentTraceByReference", |operation| {
        operation.nest("request", |request| {
            soap::customer(call, "Customer", request);
            request
                .leaf("Language", "F")
                .leaf("Reference", &shipment.attempt_ref)
                .leaf("Searchmode", "Equals")
                .leaf("GetImages", "false");
        });
    })
}

/// Numbers with their sources, of the list's entries that bear our reference.
fn listed(list: &Element, reference: &str) -> Result<Vec<String>, CarrierError> {
    let shippings = list.child("shippings").map(|all| all.children.as_slice()).unwrap_or_default();
    let ours = shippings.iter().filter(|entry| entry.get("reference") == Some(reference));
    let number = |entry: &Element| {
        let id = entry.get("barcodeId").or_else(|| entry.get("shipment"));
        let id = id.filter(|id| number::believable(id));
        id.map(|id| number::pack(entry.get("barcodeSource"), id))
            .ok_or_else(|| CarrierError::garbled("our shipment without its number"))
    };
    ours.map(number).collect()
}

fn traced(
    call: &Call<'_>,
    traces: &[Trace<'_>],
    shipment: &Shipment,
) -> Result<Found, CarrierError> {
    let is_ours = |trace: &&Trace<'_>| trace.references().any(|r| r == shipment.attempt_ref);
    let ours: Option<Vec<String>> =
        traces.iter().filter(is_ours).map(|trace| Some(trace.number()?.to_owned())).collect();
    let ours = ours.ok_or_else(|| CarrierError::garbled("our shipment without its number"))?;
    if !ours.is_empty() {
        return Ok(purchase(ours, shipment));
    }
    // A neighbour states its own reference, an unknown reference states an error.
    let mute = |trace: &Trace<'_>| trace.error.is_empty() && trace.references().next().is_none();
    Ok(if traces.iter().any(mute) {
        Found::Unclear("a shipment without a reference".to_owned())
    } else if shipment.ship_date > number::today(call.now) {
        Found::Unclear("the shipping day has not come".to_owned())
    } else {
        Found::Nothing
    })
}

/// A purchase known by its numbers only; each label can be asked for by its number.
fn purchase(mut numbers: Vec<String>, shipment: &Shipment) -> Found {
    // Numbers count upwards inside a shipment: the lowest is the first parcel's.
    numbers.sort_unstable();
    numbers.dedup();
    let (count, parcels) = (numbers.len(), shipment.parcels.len());
    if count != parcels {
        return Found::Unclear(format!("{count} parcels under the reference of {parcels}"));
    }
    let label = |number: &String| Label {
        tracking_number: number::unpack(number).map_or(number.as_str(), |(_, id)| id).to_owned(),
        format: shipment.format,
        data: Bytes::new(),
    };
    Found::Purchase(Box::new(Purchase {
        labels: numbers.iter().map(label).collect(),
        shipment_number: numbers.into_iter().next().unwrap_or_default(),
        charge: None,
    }))
}
