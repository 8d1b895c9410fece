//! Finding a purchase whose answer was lost, by our reference.
//!
//! Two questions: label recovery, which gives the labels too, and, when that finds nothing, track
//! by reference. Only when both come back empty, and the settling delay has passed, is there
//! nothing; any other no leaves the purchase in doubt. UPS sells a second shipment under the same
//! reference without a word, so more parcels than were asked for are in doubt as well.

use time::Duration;

use super::{
    Ups,
    common::{self, Stake},
    files, labels, tracking,
    wire::{LabelRecoveryResponse, LabelResults, ShippingBody, TrackBody, TrackResponse},
    wire_ship::{LabelRecoveryRequest, RecoveryBody, ReferenceNumber, ReferenceValues},
};
use crate::{
    Call, CarrierError, Found, HttpRequest, HttpResponse, Label, LabelFormat, Lookup, Method,
    Purchase, Shipment, Step, wire::lenient::Text,
};

/// Until a purchase can be searched. Not documented: a first value of ours.
const SETTLE: Duration = Duration::seconds(60);

const RECOVERY: &str = "/api/labels/v1/recovery";

impl Lookup for Ups {
    fn settle(&self) -> Duration {
        SETTLE
    }

    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> HttpRequest {
        let body = LabelRecoveryRequest {
            request: labels::request(&shipment.attempt_ref, None, None),
            label_specification: files::format(recoverable(shipment.format)),
            tracking_number: None,
            reference_values: Some(ReferenceValues {
                reference_number: ReferenceNumber { value: shipment.attempt_ref.clone() },
                shipper_number: call.account.field("shipper_number").unwrap_or_default(),
            }),
        };
        let body = RecoveryBody { label_recovery_request: body };
        common::body(common::call(call, Method::Post, RECOVERY), &body)
    }

    fn response(
        &self,
        call: &Call<'_>,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Step<Found>, CarrierError> {
        if !common::is_success(response) {
            return refused(call, response, shipment);
        }
        let text = common::text(&response.body);
        if let Some(track) = common::json::<TrackBody<'_>>(&text)?.track_response.get() {
            return Ok(Step::Done(tracked(track, shipment)));
        }
        let body: ShippingBody<'_> = common::json(&text)?;
        let Some(recovery) = body.label_recovery_response.get() else {
            return Err(CarrierError::garbled("neither labels nor tracking"));
        };
        Ok(match found(recovery, shipment) {
            Some(found) => Step::Done(found),
            None => Step::Next(by_reference(call, shipment)),
        })
    }
}

/// Recovery makes no PNG.
fn recoverable(format: LabelFormat) -> LabelFormat {
    match format {
        LabelFormat::Png => LabelFormat::Gif,
        other => other,
    }
}

/// The label of one number, once more.
pub(super) fn by_number(call: &Call<'_>, number: &str, format: LabelFormat) -> HttpRequest {
    let body = RecoveryBody {
        label_recovery_request: LabelRecoveryRequest {
            request: labels::request(call.call_id, None, None),
            label_specification: files::format(recoverable(format)),
            tracking_number: Some(number),
            reference_values: None,
        },
    };
    common::body(common::call(call, Method::Post, RECOVERY), &body)
}

/// The second question, around the days on which the parcel can have been announced.
fn by_reference(call: &Call<'_>, shipment: &Shipment) -> HttpRequest {
    let today = call.now.date();
    let (from, to) = (today.min(shipment.ship_date), today.max(shipment.ship_date));
    // One day more on both sides: the days are the carrier's, by a zone that is not stated.
    let from = labels::day(from.previous_day().unwrap_or(from));
    let to = labels::day(to.next_day().unwrap_or(to));
    let reference = common::escape(&shipment.attempt_ref);
    let shipper = call.account.field("shipper_number").map(common::escape).unwrap_or_default();
    let path = format!(
        "/api/track/v1/reference/details/{reference}?locale=en_US&shipperNum={shipper}\
         &fromPickUpDate={from}&toPickUpDate={to}&refNumType=SmallPackage"
    );
    common::call(call, Method::Get, &path)
}

/// A no to either question. Track speaks in codes that begin with a letter T (and documents 404);
/// recovery in numbers (and documents no 404), so that one cannot be taken for the other.
fn refused(
    call: &Call<'_>,
    response: &HttpResponse,
    shipment: &Shipment,
) -> Result<Step<Found>, CarrierError> {
    let (code, message) = match common::failure(response, Stake::Nothing) {
        CarrierError::Refused { code, message } => (code, message),
        other => return Err(other),
    };
    let track = code.starts_with('T');
    Ok(if track && response.status == 404 {
        Step::Done(Found::Nothing)
    } else if !track && response.status == 400 && says_none_found(&message) {
        Step::Next(by_reference(call, shipment))
    } else {
        Step::Done(Found::Unclear(format!("UPS refused the question with {code}")))
    })
}

/// UPS's documents name no code for an unknown reference, so its words must say it. Whatever says
/// something else stays in doubt.
fn says_none_found(message: &str) -> bool {
    let words = message.to_ascii_lowercase();
    words.contains("not found") || (words.contains("no ") && words.contains("found"))
}

/// What recovery found; `None` for nothing.
fn found(recovery: &LabelRecoveryResponse<'_>, shipment: &Shipment) -> Option<Found> {
    let candidates = numbers(recovery.tracking_candidate.0.iter().map(|c| &c.tracking_number));
    let parcels = shipment.parcels.len();
    if !candidates.is_empty() {
        return Some(without_labels(candidates, None, shipment));
    }
    let purchase = recovered(recovery, shipment.format)?;
    let count = purchase.labels.len();
    Some(if count == parcels {
        Found::Purchase(Box::new(purchase))
    } else {
        Found::Unclear(format!("{count} labels under the reference of {parcels} parcels"))
    })
}

/// The labels that recovery gives; `None` when it gives none.
pub(super) fn recovered(
    recovery: &LabelRecoveryResponse<'_>,
    asked: LabelFormat,
) -> Option<Purchase> {
    let label = |result: &LabelResults<'_>| {
        let image = result.label_image.get();
        let file = image.and_then(|image| files::file(image.graphic_image.get()));
        // UPS was seen to answer with another format than was asked for.
        Some(Label::of(result.tracking_number.owned()?, file, asked))
    };
    let labels: Vec<Label> = recovery.label_results.0.iter().filter_map(label).collect();
    let first = labels.first()?.tracking_number.clone();
    let number = recovery.shipment_identification_number.owned();
    Some(Purchase { shipment_number: number.unwrap_or(first), labels, charge: None })
}

/// What track by reference found. Its packages come without labels.
fn tracked(track: &TrackResponse<'_>, shipment: &Shipment) -> Found {
    let packages = track.shipment.0.iter().flat_map(|shipment| &shipment.package.0);
    let found = numbers(packages.map(|package| &package.tracking_number));
    if !found.is_empty() {
        let lead = track.shipment.0.first().and_then(|shipment| shipment.inquiry_number.owned());
        return without_labels(found, lead, shipment);
    }
    let mut warnings = track.shipment.0.iter().flat_map(|shipment| &shipment.warnings.0);
    if warnings.any(|warning| warning.code.get() == Some(tracking::NOT_FOUND)) {
        Found::Nothing
    } else {
        Found::Unclear("neither packages nor the not-found warning".to_owned())
    }
}

fn numbers<'a, 'b: 'a>(texts: impl Iterator<Item = &'a Text<'b>>) -> Vec<String> {
    let mut numbers: Vec<String> = texts.filter_map(Text::owned).collect();
    // UPS counts upwards inside a shipment: the lowest number is the first parcel's.
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// A purchase known by its numbers only; each label can be asked for by its number.
fn without_labels(numbers: Vec<String>, lead: Option<String>, shipment: &Shipment) -> Found {
    let (count, parcels) = (numbers.len(), shipment.parcels.len());
    if count != parcels {
        let doubt = format!("{count} parcels under the reference of {parcels}");
        return Found::Unclear(doubt);
    }
    let lead = lead.filter(|lead| numbers.contains(lead)).or_else(|| numbers.first().cloned());
    let label = |tracking_number| Label {
        tracking_number,
        format: shipment.format,
        data: bytes::Bytes::new(),
    };
    Found::Purchase(Box::new(Purchase {
        shipment_number: lead.unwrap_or_default(),
        labels: numbers.into_iter().map(label).collect(),
        charge: None,
    }))
}

#[cfg(test)]
#[path = "lookup_tests.rs"]
mod tests;
