//! Scans from Webtrace: one number per question.
//!
//! Owns the turning of lines into scans. Times are French clock time without a zone; the list has
//! no promised order. Deliberately not used: the public pages.

use colibri_types::{CivilTime, Precision};
use time::{PrimitiveDateTime, Time};

use super::{
    number,
    soap::{self, Service, Stake},
    statuses::status,
    trace::{self, ScanLine, Trace},
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Location, ParcelTrack, PollReply, Polling, Scan,
    ZoneSource,
    wire::{body, when},
};

/// `GetShipmentTrace`.
pub(super) struct Webtrace;

impl Polling for Webtrace {
    fn batch_max(&self) -> usize {
        1
    }

    fn request(&self, call: &Call<'_>, tracking_numbers: &[String]) -> HttpRequest {
        let asked = tracking_numbers.first().map(|asked| number::bare(asked)).unwrap_or_default();
        soap::request(call, Service::Webtrace, "GetShipmentTrace", |operation| {
            operation.nest("request", |request| {
                soap::customer(call, "Customer", request);
                request
                    .leaf("Language", "F")
                    .leaf("ShipmentNumber", &asked)
                    .leaf("GetImages", "false");
            });
        })
    }

    fn response(
        &self,
        response: &HttpResponse,
        tracking_numbers: &[String],
    ) -> Result<Vec<PollReply>, CarrierError> {
        let xml = response.header("content-type").map(body::media_type);
        let text = body::text(&response.body);
        let readable = response.status == 200 && xml.is_some_and(|kind| kind.ends_with("xml"));
        let traces = match readable.then(|| trace::read(&text)) {
            Some(Ok(traces)) => traces,
            // Slower, and only to tell what kind of failure it is.
            _ => match soap::answer(response, Stake::Nothing) {
                Err(error) => return Err(error),
                Ok(_) => return Err(CarrierError::garbled("an answer without traces")),
            },
        };
        Ok(tracking_numbers.iter().map(|asked| reply(asked, &traces)).collect())
    }
}

/// Reads a recorded answer of Webtrace.
///
/// # Errors
/// [`CarrierError`] when the body is no such answer or knows no parcel.
pub fn read_payload(body: &[u8]) -> Result<Vec<ParcelTrack>, CarrierError> {
    let text = body::text(body);
    let traces = trace::read(&text)?;
    let named = |trace: &Trace<'_>| trace.number().map(|number| track(number, trace));
    let tracks: Vec<ParcelTrack> = traces.iter().filter_map(named).collect();
    match tracks.is_empty() {
        true => Err(CarrierError::garbled("no parcel in the answer")),
        false => Ok(tracks),
    }
}

/// What the traces say about one asked number.
fn reply(asked: &str, traces: &[Trace<'_>]) -> PollReply {
    let tracking_number = asked.to_owned();
    let wanted = number::bare(asked);
    if let Some(mine) = traces.iter().find(|trace| trace.is(&wanted)) {
        // A known number may come with an error of its own; scans speak for themselves.
        return match mine.error.trim().is_empty() || !mine.scans.is_empty() {
            true => PollReply::Track(track(asked, mine)),
            false => PollReply::NotFound { tracking_number },
        };
    }
    let strange = traces.iter().any(|trace| trace.number().is_some());
    let told = traces.iter().any(|trace| !trace.scans.is_empty());
    match strange || told {
        true => {
            let error = CarrierError::garbled("the trace of another parcel");
            PollReply::Broken { tracking_number, error }
        }
        false => PollReply::NotFound { tracking_number },
    }
}

fn track(number: &str, trace: &Trace<'_>) -> ParcelTrack {
    let retour = trace.retour();
    let mut scans: Vec<Scan> = trace.scans.iter().filter_map(|line| scan(line, retour)).collect();
    let moment = |scan: &Scan| scan.time.map(|time| time.order_key());
    let mut timed = scans.iter().filter_map(moment);
    if let (Some(first), Some(last)) = (timed.next(), timed.next_back())
        && first > last
    {
        scans.reverse();
    }
    for (position, scan) in scans.iter_mut().enumerate() {
        scan.sequence = u32::try_from(position).unwrap_or(u32::MAX);
    }
    let (date, time) = trace.due();
    ParcelTrack {
        tracking_number: number.to_owned(),
        scans,
        promised: moment_of(date, time).map(|(time, _)| time),
    }
}

/// One line; empty padding is dropped.
fn scan(line: &ScanLine<'_>, retour: bool) -> Option<Scan> {
    let (code, words) = (line.number.trim(), line.words.trim());
    if code.is_empty() && words.is_empty() {
        return None;
    }
    let moment = moment_of(line.date.trim(), line.time.trim());
    let center = line.center.trim();
    Some(Scan {
        code: code.to_owned(),
        description: words.to_owned(),
        status: status(code, retour),
        time: moment.map(|(time, _)| time),
        zone_source: moment.map_or(ZoneSource::None, |(_, source)| source),
        location: Location {
            city: (!center.is_empty()).then(|| center.to_owned()),
            ..Location::default()
        },
        sequence: 0,
        return_leg: retour,
    })
}

/// French clock time, or the day alone when there is no readable time.
fn moment_of(date: &str, time: &str) -> Option<(CivilTime, ZoneSource)> {
    let day = number::read_day(date)?;
    Some(match when::clock(time) {
        Some((time, precision)) => at(day, time, precision),
        None => (CivilTime::day(day), ZoneSource::None),
    })
}

fn at(day: time::Date, time: Time, precision: Precision) -> (CivilTime, ZoneSource) {
    when::placed(PrimitiveDateTime::new(day, time), precision, &number::france())
}
