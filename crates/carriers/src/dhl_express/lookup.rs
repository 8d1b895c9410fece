//! Finding a purchase whose answer was lost, by our reference, in tracking.
//!
//! It finds the numbers and never the label: MyDHL prints none twice. DHL sells a second shipment
//! under the same reference without a word, so more than one is in doubt.

use bytes::Bytes;
use time::Duration;

use super::{
    DhlExpress,
    common::{self, Stake},
    customs::day,
    wire::Ship,
};
use crate::{
    Call, CarrierError, Found, HttpRequest, HttpResponse, Label, Lookup, Method, Purchase,
    Shipment, Step,
};

/// Until a purchase can be searched: *some minutes*, with a wide margin of ours.
const SETTLE: Duration = Duration::minutes(30);

impl Lookup for DhlExpress {
    fn settle(&self) -> Duration {
        SETTLE
    }

    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> HttpRequest {
        let today = call.now.date();
        let (from, to) = (today.min(shipment.ship_date), today.max(shipment.ship_date));
        // One day more on both sides: the days are the carrier's, by a zone that is not stated.
        let from = day(from.previous_day().unwrap_or(from));
        let to = day(to.next_day().unwrap_or(to));
        let reference = common::escape(&shipment.attempt_ref);
        let account = call.account.field("account_number").map(common::escape).unwrap_or_default();
        let path = format!(
            "/tracking?shipmentReference={reference}&shipmentReferenceType=CU\
             &shipperAccountNumber={account}&dateRangeFrom={from}&dateRangeTo={to}\
             &trackingView=all-checkpoints&levelOfDetail=all"
        );
        common::call(call, Method::Get, &path)
    }

    fn response(
        &self,
        _call: &Call<'_>,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Step<Found>, CarrierError> {
        let text = common::text(&response.body);
        if !common::is_success(response) {
            if response.status == 404 && says_none_found(&text) {
                return Ok(Step::Done(Found::Nothing));
            }
            return match common::failure(response, Stake::Nothing) {
                CarrierError::Refused { code, .. } => {
                    let doubt = format!("DHL refused the question with {code}");
                    Ok(Step::Done(Found::Unclear(doubt)))
                }
                error => Err(error),
            };
        }
        let body: Ship<'_> = common::json(&text)?;
        let told =
            body.shipments.0.iter().filter_map(|ship| {
                ship.shipment_tracking_number.get().map(|number| (number, ship))
            });
        let told: Vec<_> = told.collect();
        let found = match told.as_slice() {
            [] => return Err(CarrierError::garbled("no shipments")),
            [(waybill, ship)] => found(waybill, ship, shipment),
            several => Found::Unclear(format!("{} shipments under one reference", several.len())),
        };
        Ok(Step::Done(found))
    }
}

/// A 404 proves nothing by itself: only DHL's own words for *no such shipment* do.
pub(super) fn says_none_found(body: &str) -> bool {
    let Some(problem) = common::problem(body) else {
        return false;
    };
    let words = problem.words.to_ascii_lowercase();
    match problem.number.as_deref() {
        Some(number) => number == "7163",
        None => words.contains("no shipment") || words.contains("no result"),
    }
}

fn found(waybill: &str, ship: &Ship<'_>, shipment: &Shipment) -> Found {
    let label = |tracking_number: &str| Label {
        tracking_number: tracking_number.to_owned(),
        format: shipment.format,
        data: Bytes::new(),
    };
    let asked = shipment.parcels.len();
    let pieces: Vec<&str> =
        ship.pieces.0.iter().filter_map(|piece| piece.tracking_number.get()).collect();
    let stated = ship.number_of_pieces.get().and_then(|text| text.parse::<usize>().ok());
    let count = stated.unwrap_or(pieces.len());
    let labels = match (asked, count) {
        // The waybill stands for a single piece, whether the answer counts it or not.
        (1, 0 | 1) => vec![label(waybill)],
        _ if pieces.len() == asked && count == asked => {
            let mut pieces = pieces;
            // Pieces are numbered upwards in the order of the request.
            pieces.sort_unstable();
            pieces.into_iter().map(label).collect()
        }
        _ => return Found::Unclear(format!("{count} pieces under the reference of {asked}")),
    };
    let shipment_number = waybill.to_owned();
    Found::Purchase(Box::new(Purchase { shipment_number, labels, charge: None }))
}
