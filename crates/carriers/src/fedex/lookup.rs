//! Finding a purchase whose answer was lost: tracking by our reference, which each package carries.
//!
//! Numbers come back, labels do not. FedEx sells a second shipment under the same reference without
//! a word, so other counts than asked for are in doubt.

use serde::Serialize;
use time::Duration;

use super::{
    Fedex,
    common::{self, Stake},
    labels,
    wire::{TrackBody, TrackResult},
};
use crate::{
    Call, CarrierError, Found, HttpRequest, HttpResponse, Label, Lookup, Method, Purchase,
    Shipment, Step,
};

/// Until a purchase can be searched. Not documented; some minutes were seen.
const SETTLE: Duration = Duration::minutes(5);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'a> {
    references_information: References<'a>,
    include_detailed_scans: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct References<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    value: &'a str,
    account_number: &'a str,
    ship_date_begin: String,
    /// So spelled by FedEx.
    ship_date_end_date: String,
}

impl Lookup for Fedex {
    fn settle(&self) -> Duration {
        SETTLE
    }

    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> HttpRequest {
        let today = call.now.date();
        let (from, to) = (today.min(shipment.ship_date), today.max(shipment.ship_date));
        // One day more on both sides: the days are FedEx's, by a zone that is not stated.
        let body = Question {
            references_information: References {
                kind: "CUSTOMER_REFERENCE",
                value: &shipment.attempt_ref,
                account_number: call.account.field("account_number").unwrap_or_default(),
                ship_date_begin: common::day(from.previous_day().unwrap_or(from)),
                ship_date_end_date: common::day(to.next_day().unwrap_or(to)),
            },
            include_detailed_scans: false,
        };
        common::call(call, Method::Post, "/track/v1/referencenumbers", &body)
    }

    fn response(
        &self,
        _call: &Call<'_>,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Step<Found>, CarrierError> {
        if !common::is_success(response) {
            return match common::failure(response, Stake::Nothing) {
                CarrierError::Refused { code, .. } if is_not_found(&code) => {
                    Ok(Step::Done(Found::Nothing))
                }
                CarrierError::Refused { code, .. } => {
                    Ok(Step::Done(Found::Unclear(format!("FedEx refused the question: {code}"))))
                }
                error => Err(error),
            };
        }
        let text = common::text(&response.body);
        let body: TrackBody<'_> = common::json(&text)?;
        let output = common::output(body.output.0, &text, Stake::Nothing)?;
        let complete = &output.complete_track_results.0;
        let results = complete.iter().flat_map(|each| {
            let whole = each.tracking_number.get();
            each.track_results.0.iter().map(move |result| (whole, result))
        });
        Ok(Step::Done(found(&results.collect::<Vec<_>>(), shipment)))
    }
}

/// FedEx's word for a number or reference that it does not know.
pub(super) fn is_not_found(code: &str) -> bool {
    code.starts_with("TRACKING.") && code.ends_with(".NOTFOUND")
}

fn found(results: &[(Option<&str>, &TrackResult<'_>)], shipment: &Shipment) -> Found {
    let errors: Vec<_> = results.iter().filter_map(|(_, result)| result.error.get()).collect();
    if !errors.is_empty() {
        let unknown = errors.iter().all(|error| error.code.get().is_some_and(is_not_found));
        return match unknown && errors.len() == results.len() {
            true => Found::Nothing,
            false => Found::Unclear("an error among the answers".to_owned()),
        };
    }
    let number = |(whole, result): &(Option<&str>, &TrackResult<'_>)| {
        let own = result.tracking_number_info.get().and_then(|info| info.tracking_number.owned());
        let place = result.package_details.get().map(|d| labels::sequence(&d.sequence_number));
        Some((place.unwrap_or_default(), own.or_else(|| whole.map(str::to_owned))?))
    };
    let mut numbers: Vec<(u32, String)> = results.iter().filter_map(number).collect();
    // The first piece's number is the shipment's.
    numbers.sort_unstable();
    numbers.dedup();
    let (count, parcels) = (numbers.len(), shipment.parcels.len());
    if count != parcels {
        return Found::Unclear(format!("{count} parcels under the reference of {parcels}"));
    }
    let label = |(_, tracking_number)| Label {
        tracking_number,
        format: shipment.format,
        data: bytes::Bytes::new(),
    };
    let labels: Vec<Label> = numbers.into_iter().map(label).collect();
    let first = labels.first().map(|label| label.tracking_number.clone());
    Found::Purchase(Box::new(Purchase {
        shipment_number: first.unwrap_or_default(),
        labels,
        charge: None,
    }))
}
