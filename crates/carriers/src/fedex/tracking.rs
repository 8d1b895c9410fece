//! Scans from the Track API: up to thirty numbers in one question.
//!
//! Only `scanEvents[]` makes scans; where FedEx gives none, the latest status is one scan without a
//! time. `dateAndTimes` are promises and repetitions. Signatories, proofs and receivers are not
//! even read. Numbers are recycled: of several results for one number the newest journey counts.

use colibri_types::CivilTime;
use serde::Serialize;
use time::Time;

use super::{
    Fedex,
    common::{self, Stake},
    lookup, statuses,
    wire::{
        CompleteTrack, DelayDetail, LatestStatus, ScanEvent, ScanLocation, TrackBody, TrackResult,
    },
};
use crate::{
    Account, Call, CarrierError, Headline, HttpRequest, HttpResponse, Location, MappedStatus,
    Method, ParcelTrack, PollReply, Polling, Quota, Scan, SubStatus, ZoneSource,
    wire::{
        lenient::{One, Text},
        when,
    },
};

/// Most numbers in one question.
const BATCH_MAX: usize = 30;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'a> {
    include_detailed_scans: bool,
    tracking_info: Vec<Asked<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    tracking_number_info: AskedNumber<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AskedNumber<'a> {
    tracking_number: &'a str,
}

impl Polling for Fedex {
    fn batch_max(&self) -> usize {
        BATCH_MAX
    }

    /// Of a project.
    fn quota(&self, _account: &Account, _tracking_numbers: &[String]) -> Option<Quota> {
        Some(Quota::a_day(100_000))
    }

    fn request(&self, call: &Call<'_>, tracking_numbers: &[String]) -> HttpRequest {
        let body = Question {
            include_detailed_scans: true,
            tracking_info: tracking_numbers.iter().map(|number| asked(number)).collect(),
        };
        common::call(call, Method::Post, "/track/v1/trackingnumbers", &body)
    }

    fn response(
        &self,
        response: &HttpResponse,
        tracking_numbers: &[String],
    ) -> Result<Vec<PollReply>, CarrierError> {
        if !common::is_success(response) {
            let error = common::failure(response, Stake::Nothing);
            return match (tracking_numbers, &error) {
                ([number], CarrierError::Refused { code, .. }) if lookup::is_not_found(code) => {
                    Ok(vec![PollReply::NotFound { tracking_number: number.clone() }])
                }
                _ => Err(error),
            };
        }
        let text = common::text(&response.body);
        let complete = complete(&text)?;
        Ok(tracking_numbers.iter().map(|number| reply(number, &complete)).collect())
    }
}

fn asked(tracking_number: &str) -> Asked<'_> {
    Asked { tracking_number_info: AskedNumber { tracking_number } }
}

fn complete(text: &str) -> Result<Vec<CompleteTrack<'_>>, CarrierError> {
    let body: TrackBody<'_> = common::json(text)?;
    let output = common::output(body.output.0, text, Stake::Nothing)?;
    Ok(output.complete_track_results.0)
}

/// Reads a recorded answer: every parcel in it that has a history.
///
/// # Errors
/// [`CarrierError::Garbled`] for anything else, [`CarrierError::Refused`] for an error answer.
pub fn read_payload(body: &[u8]) -> Result<Vec<ParcelTrack>, CarrierError> {
    let text = common::text(body);
    let complete = complete(&text)?;
    let number = |each: &CompleteTrack<'_>| {
        let own = |result: &TrackResult<'_>| {
            result.tracking_number_info.get().and_then(|info| info.tracking_number.owned())
        };
        each.tracking_number.owned().or_else(|| each.track_results.0.iter().find_map(own))
    };
    let tracks = complete.iter().filter_map(|each| {
        let number = number(each)?;
        Some(track(&number, newest(each)?))
    });
    Ok(tracks.collect())
}

/// The answer for one number.
fn reply(number: &str, complete: &[CompleteTrack<'_>]) -> PollReply {
    let tracking_number = number.to_owned();
    let same = |text: &Text<'_>| text.get() == Some(number);
    let within = |each: &&CompleteTrack<'_>| {
        let info = |result: &TrackResult<'_>| {
            result.tracking_number_info.get().is_some_and(|info| same(&info.tracking_number))
        };
        same(&each.tracking_number)
            || each.tracking_number.get().is_none() && each.track_results.0.iter().any(info)
    };
    let Some(ours) = complete.iter().find(within) else {
        let error = CarrierError::garbled("no result with the asked number");
        return PollReply::Broken { tracking_number, error };
    };
    if let Some(result) = newest(ours) {
        return PollReply::Track(track(number, result));
    }
    let errors = ours.track_results.0.iter().filter_map(|result| result.error.get());
    let mut told = errors.filter_map(|error| Some((error.code.owned()?, error.message.owned())));
    match told.next() {
        Some((code, _)) if lookup::is_not_found(&code) => PollReply::NotFound { tracking_number },
        Some((code, message)) => {
            let message = message.unwrap_or_default();
            PollReply::Broken { tracking_number, error: CarrierError::Refused { code, message } }
        }
        None => {
            let error = CarrierError::garbled("a result without history and without error");
            PollReply::Broken { tracking_number, error }
        }
    }
}

/// Of several journeys under one recycled number the newest; `None` when there is none.
fn newest<'a, 'b>(each: &'a CompleteTrack<'b>) -> Option<&'a TrackResult<'b>> {
    let journeys = each.track_results.0.iter().filter(|result| {
        let latest = result.latest_status_detail.get();
        let known = latest.is_some_and(|l| l.code.get().or(l.derived_code.get()).is_some());
        result.error.get().is_none() && (known || !result.scan_events.0.is_empty())
    });
    // Ties, among them journeys without any date: the first, as FedEx lists them.
    journeys.rev().max_by_key(|result| began(result))
}

/// The latest day that the journey tells of: FedEx writes days first, so that they compare as text.
fn began<'a>(result: &'a TrackResult<'_>) -> Option<&'a str> {
    let told = |kind: &str| matches!(kind, "SHIP" | "ACTUAL_PICKUP" | "ACTUAL_TENDER");
    let dates = result.date_and_times.0.iter().filter(|date| date.kind.get().is_some_and(told));
    let dates = dates.filter_map(|date| date.date_time.get());
    let scans = result.scan_events.0.iter().filter_map(|scan| scan.date.get());
    dates.chain(scans).filter_map(|text| text.get(..10)).max()
}

fn track(number: &str, result: &TrackResult<'_>) -> ParcelTrack {
    let events = &result.scan_events.0;
    let latest = result.latest_status_detail.get();
    let back = returning(result);
    // Newest first: the first event of the list is the last in time.
    let scans = events.iter().enumerate().rev().filter_map(|(index, event)| {
        let position = u32::try_from(events.len() - 1 - index).unwrap_or(u32::MAX);
        let newest = latest.filter(|l| index == 0 && l.code.get() == event.event_type.get());
        let late = event.delay_detail.get().or_else(|| newest.and_then(|l| l.delay_detail.get()));
        scan(event, late, position, back.is_some_and(|from| index <= from))
    });
    let mut scans: Vec<Scan> = scans.collect();
    if scans.is_empty() {
        scans.extend(latest.and_then(|latest| only_status(latest, back.is_some())));
    }
    ParcelTrack { tracking_number: number.to_owned(), scans, promised: promised(result) }
}

/// From which event on (by its index, newest first) the parcel travels back, when FedEx says that
/// it does: from the turn on where that was scanned, else all of it.
fn returning(result: &TrackResult<'_>) -> Option<usize> {
    let detail = result.return_detail.get()?;
    if detail.authorization_name.get().is_none() && detail.reason_detail.0.is_empty() {
        return None;
    }
    let events = &result.scan_events.0;
    let turn = events.iter().rposition(|event| event.event_type.get() == Some("RS"));
    Some(turn.unwrap_or(events.len()))
}

fn scan(
    event: &ScanEvent<'_>,
    late: Option<&DelayDetail<'_>>,
    sequence: u32,
    return_leg: bool,
) -> Option<Scan> {
    let location = location(&event.scan_location);
    let code = event.event_type.owned().unwrap_or_default();
    let words = [&event.event_description, &event.exception_description];
    let words: Vec<&str> = words.into_iter().filter_map(Text::get).collect();
    let (time, zone_source) = match event.date.get() {
        Some(text) => when::iso(text, &location),
        None => (None, ZoneSource::None),
    };
    // Padding: neither when nor what.
    if time.is_none() && code.is_empty() && words.is_empty() {
        return None;
    }
    Some(Scan {
        status: slowed(statuses::by_event(&code), late),
        code,
        description: words.join(": "),
        time,
        zone_source,
        location,
        sequence,
        return_leg,
    })
}

/// A delay beside an ordinary movement: FedEx has no code of its own for most.
fn slowed(status: MappedStatus, late: Option<&DelayDetail<'_>>) -> MappedStatus {
    let ordinary = matches!(
        status,
        MappedStatus::State(Headline::InTransit, None | Some(SubStatus::CustomsInProgress))
            | MappedStatus::State(Headline::Delayed, None)
    );
    match late.filter(|late| late.status.get() == Some("DELAYED")) {
        Some(late) if ordinary => statuses::delayed(late.kind.get().unwrap_or_default()),
        _ => status,
    }
}

/// The latest status as the only thing known. `derivedCode` speaks where there is no `code`.
fn only_status(latest: &LatestStatus<'_>, return_leg: bool) -> Option<Scan> {
    let (code, status) = match (latest.code.get(), latest.derived_code.get()) {
        (Some(code), _) => (code, statuses::by_event(code)),
        (None, Some(derived)) => (derived, statuses::by_derived(derived)),
        (None, None) => return None,
    };
    let words = latest.description.owned().or_else(|| latest.status_by_locale.owned());
    Some(Scan {
        code: code.to_owned(),
        description: words.unwrap_or_default(),
        status: slowed(status, latest.delay_detail.get()),
        time: None,
        zone_source: ZoneSource::None,
        location: location(&latest.scan_location),
        sequence: 0,
        return_leg,
    })
}

fn location(place: &One<ScanLocation<'_>>) -> Location {
    let Some(place) = place.get() else {
        return Location::default();
    };
    Location {
        city: place.city.owned(),
        postcode: place.postal_code.owned(),
        subdivision: place.state_or_province_code.owned(),
        country: place.country_code.get().and_then(|code| code.to_ascii_uppercase().parse().ok()),
    }
}

/// The promise: FedEx's estimate before its commitment, to the end of its window where there is
/// one.
fn promised(result: &TrackResult<'_>) -> Option<CivilTime> {
    let window = |window: &'_ One<super::wire::TimeWindow<'_>>| {
        let ends = window.get()?.window.get()?.ends.get()?;
        promise(ends)
    };
    let date = |kind: &str| {
        let dates = &result.date_and_times.0;
        let date = dates.iter().find(|date| date.kind.get() == Some(kind))?;
        promise(date.date_time.get()?)
    };
    window(&result.estimated_delivery_time_window)
        .or_else(|| date("ESTIMATED_DELIVERY"))
        .or_else(|| window(&result.standard_transit_time_window))
        .or_else(|| date("COMMITMENT"))
}

/// A promised moment as stated. Midnight stands for a day without a time.
pub(super) fn promise(text: &str) -> Option<CivilTime> {
    let (time, _) = when::iso(text, &Location::default());
    time.map(|time| match time.local.time() == Time::MIDNIGHT {
        true => CivilTime::day(time.local.date()),
        false => time,
    })
}
