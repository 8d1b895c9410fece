//! Scans from Track and Trace V1: up to ten numbers per question.
//!
//! Events make the scans. A parcel's `status` decides, and becomes a scan of its own where the
//! newest event does not say the same: GLS documents the statuses and only some event codes.
//! A parcel is ours by `requested`, what we asked; `unitno` drops a check digit.

use super::{
    Gls,
    common::{self, Stake},
    statuses::{self, HANDED_OVER, ON_ITS_WAY},
    wire_in::{Event, TrackBody, TrackParcel},
};
use crate::{
    Account, Call, CarrierError, HttpRequest, HttpResponse, Location, MappedStatus, ParcelTrack,
    PollReply, Polling, Quota, Scan, wire::when,
};

/// Numbers of one question; eleven are refused.
const BATCH_MAX: usize = 10;

impl Polling for Gls {
    fn batch_max(&self) -> usize {
        BATCH_MAX
    }

    /// By default; a contract may raise it.
    fn quota(&self, _account: &Account, _tracking_numbers: &[String]) -> Option<Quota> {
        Some(Quota::a_day(500))
    }

    fn request(&self, call: &Call<'_>, tracking_numbers: &[String]) -> HttpRequest {
        let numbers: Vec<String> = tracking_numbers.iter().map(|n| common::escape(n)).collect();
        let path = format!(
            "/tracking/simple/trackids/{}?showEvents=true&showLinks=false",
            numbers.join(",")
        );
        common::track(call, &path)
    }

    fn response(
        &self,
        response: &HttpResponse,
        tracking_numbers: &[String],
    ) -> Result<Vec<PollReply>, CarrierError> {
        let each = |reply: &dyn Fn(String) -> PollReply| {
            tracking_numbers.iter().cloned().map(reply).collect::<Vec<_>>()
        };
        if !common::is_success(response) {
            let error = common::failure(response, Stake::Nothing);
            return match (response.status, &error) {
                (404, CarrierError::Refused { .. }) => {
                    Ok(each(&|tracking_number| PollReply::NotFound { tracking_number }))
                }
                // A number that is no number concerns itself only.
                (400, CarrierError::Refused { .. }) if tracking_numbers.len() == 1 => {
                    Ok(each(&|tracking_number| PollReply::Broken {
                        tracking_number,
                        error: error.clone(),
                    }))
                }
                _ => Err(error),
            };
        }
        let text = common::text(&response.body);
        let parcels = parcels(&text)?;
        Ok(tracking_numbers.iter().map(|number| reply(number, &parcels)).collect())
    }
}

fn parcels(text: &str) -> Result<Vec<TrackParcel<'_>>, CarrierError> {
    let body: TrackBody<'_> = common::json(text)?;
    let parcels = body.parcels.ok_or_else(|| CarrierError::garbled("no parcels"))?;
    Ok(parcels.0)
}

fn reply(number: &str, parcels: &[TrackParcel<'_>]) -> PollReply {
    let tracking_number = number.to_owned();
    let asked = |parcel: &&TrackParcel<'_>| {
        parcel.requested.get().is_some_and(|text| text.eq_ignore_ascii_case(number))
    };
    let same = |parcel: &&TrackParcel<'_>| {
        parcel.unitno.get().is_some_and(|text| text.eq_ignore_ascii_case(number))
    };
    let found = parcels.iter().find(asked).or_else(|| parcels.iter().find(same));
    let Some(parcel) = found else {
        let error = CarrierError::garbled("the asked number is not in the answer");
        return PollReply::Broken { tracking_number, error };
    };
    match parcel.error_code.get() {
        None if parcel.status.get().is_none() && parcel.events.0.is_empty() => {
            let error = CarrierError::garbled("a parcel without status and events");
            PollReply::Broken { tracking_number, error }
        }
        None => PollReply::Track(track(number, parcel)),
        Some(code) if code.starts_with("E_404") => PollReply::NotFound { tracking_number },
        Some(code) => {
            let error = if code.starts_with("E_5") {
                CarrierError::Later { code: code.to_owned(), retry_after: None }
            } else {
                let message = parcel.error_message.owned().unwrap_or_default();
                CarrierError::Refused { code: code.to_owned(), message }
            };
            PollReply::Broken { tracking_number, error }
        }
    }
}

fn track(number: &str, parcel: &TrackParcel<'_>) -> ParcelTrack {
    let events = &parcel.events.0;
    let mut scans = Vec::with_capacity(events.len() + 1);
    // The list is newest first.
    for (event, sequence) in events.iter().rev().zip(0..) {
        scans.push(scan(event, sequence));
    }
    let sequence = u32::try_from(scans.len()).unwrap_or(u32::MAX);
    scans.extend(own_scan(parcel, events.first(), sequence));
    ParcelTrack { tracking_number: number.to_owned(), scans, promised: None }
}

fn scan(event: &Event<'_>, sequence: u32) -> Scan {
    let location = Location {
        city: event.city.owned(),
        postcode: event.postal_code.owned(),
        subdivision: None,
        country: event.country.get().and_then(|code| code.parse().ok()),
    };
    let (time, zone_source) = when::iso(event.event_date_time.get().unwrap_or_default(), &location);
    let code = event.code.get().unwrap_or_default();
    Scan {
        code: code.to_owned(),
        description: event.description.owned().unwrap_or_default(),
        status: statuses::mapped(code),
        time,
        zone_source,
        location,
        sequence,
        return_leg: false,
    }
}

/// The status as a scan, where it says more than the newest event.
fn own_scan(parcel: &TrackParcel<'_>, newest: Option<&Event<'_>>, sequence: u32) -> Option<Scan> {
    let code = parcel.status.get()?;
    let status = statuses::mapped(code);
    let event = newest.and_then(|event| event.code.get()).unwrap_or_default();
    let known = statuses::mapped(event);
    let same = matches!(status, MappedStatus::State(..)) && status == known;
    // Right after the hand-over "on its way" adds nothing.
    if same || (code == ON_ITS_WAY && event == HANDED_OVER) {
        return None;
    }
    let location = Location::default();
    let stated = parcel.status_date_time.get().unwrap_or_default();
    let (time, zone_source) = when::iso(stated, &location);
    Some(Scan {
        code: code.to_owned(),
        description: String::new(),
        status,
        time,
        zone_source,
        location,
        sequence,
        return_leg: false,
    })
}

/// Reads a recorded answer of Track and Trace: every parcel that is not an error.
///
/// # Errors
/// [`CarrierError::Garbled`] for anything else.
pub fn read_payload(body: &[u8]) -> Result<Vec<ParcelTrack>, CarrierError> {
    let text = common::text(body);
    let parcels = parcels(&text)?;
    let known = parcels.iter().filter(|parcel| parcel.error_code.get().is_none());
    Ok(known
        .filter_map(|parcel| {
            let number = parcel.requested.get().or_else(|| parcel.unitno.get())?;
            Some(track(number, parcel))
        })
        .collect())
}
