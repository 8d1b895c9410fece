//! La Poste Suivi v2: up to ten numbers per question, one object or a list as answer.
//!
//! Owns the reading of answers into scans. Every parcel stands alone: an item that failed, is
//! missing or cannot be read costs that item. Deliberately not used: the web site's own feed.

use std::borrow::Cow;

use colibri_types::{CivilTime, Precision};
use serde_json::value::RawValue;
use time::{Date, Month, PrimitiveDateTime, Time, UtcOffset};

use super::{
    INFO,
    wire::{Answer, Event, ShipmentIn, TimelineStep},
    wording,
};
use crate::{
    Account, Call, CarrierError, Headline, HttpRequest, HttpResponse, Location, MappedStatus,
    Method, ParcelTrack, PollReply, Polling, Quota, Scan, ZoneSource, fold, wire::body,
};

/// Most identifiers in one question, by the carrier's interface description.
const IDS_MAX: usize = 10;

/// Polling of La Poste Suivi v2.
pub(super) struct Suivi;

impl Polling for Suivi {
    fn batch_max(&self) -> usize {
        IDS_MAX
    }

    /// Of a key for free use.
    fn quota(&self, _account: &Account, _tracking_numbers: &[String]) -> Option<Quota> {
        Some(Quota::a_minute(100))
    }

    fn request(&self, call: &Call<'_>, tracking_numbers: &[String]) -> HttpRequest {
        let ids: Vec<String> = tracking_numbers.iter().map(|number| bare(number)).collect();
        let host = call.account.host(&INFO, "suivi");
        // French, because the incident words are French.
        let url = format!("{host}/suivi/v2/idships/{}?lang=fr_FR", ids.join(","));
        HttpRequest::new(Method::Get, url)
            .header("x-okapi-key", call.account.field("suivi_key").unwrap_or_default())
            .header("accept", "application/json")
    }

    fn response(
        &self,
        response: &HttpResponse,
        tracking_numbers: &[String],
    ) -> Result<Vec<PollReply>, CarrierError> {
        let code = response.status.to_string();
        match response.status {
            200 | 207 | 400 | 404 => {}
            401 | 403 => return Err(CarrierError::Unauthorised { code }),
            429 | 500..=599 => {
                return Err(CarrierError::Later { code, retry_after: body::retry_after(response) });
            }
            _ => return Err(CarrierError::garbled("an HTTP status that is not documented")),
        }
        let text = body::text(&response.body);
        let answers = match read(&text) {
            Ok(answers) => answers,
            // Unknown numbers are sometimes told by a 404 without a JSON body.
            Err(_) if response.status == 404 => Vec::new(),
            Err(error) => return Err(error),
        };
        let spent = response.status == 404 && answers.iter().all(is_nameless);
        Ok(tracking_numbers
            .iter()
            .map(|number| reply(number, &answers, tracking_numbers.len(), spent))
            .collect())
    }
}

/// Reads a recorded answer of La Poste Suivi v2: one object, a list, or an error.
///
/// Items of a list that failed are left out as long as one can be read.
///
/// # Errors
/// [`CarrierError`] of the first item when none can be read, or when the body is no such answer.
pub fn read_payload(body: &[u8]) -> Result<Vec<ParcelTrack>, CarrierError> {
    let text = body::text(body);
    let mut first_error = None;
    let mut tracks = Vec::new();
    for answer in read(&text)? {
        match answer.and_then(|answer| track(&answer)) {
            Ok(track) => tracks.push(track),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    match first_error {
        Some(error) if tracks.is_empty() => Err(error),
        _ => Ok(tracks),
    }
}

/// The items of an answer, each parsed alone.
fn read(text: &str) -> Result<Vec<Result<Answer<'_>, CarrierError>>, CarrierError> {
    let garbled = |_| CarrierError::garbled("not the JSON of a tracking answer");
    match text.trim_start().chars().next() {
        Some('[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).map_err(garbled)?;
            Ok(items
                .into_iter()
                .map(|item| serde_json::from_str(item.get()).map_err(garbled))
                .collect())
        }
        Some('{') => Ok(vec![Ok(serde_json::from_str(text).map_err(garbled)?)]),
        _ => Err(CarrierError::garbled("no JSON where a tracking answer should be")),
    }
}

fn is_nameless(answer: &Result<Answer<'_>, CarrierError>) -> bool {
    answer.as_ref().map_or(true, |answer| answer.id_ship.is_empty() && answer.shipment.is_none())
}

/// What the answers say about one asked number. `spent`: the whole question was answered with
/// "unknown" and no item names a number.
fn reply(
    number: &str,
    answers: &[Result<Answer<'_>, CarrierError>],
    asked: usize,
    spent: bool,
) -> PollReply {
    let tracking_number = number.to_owned();
    if spent {
        return PollReply::NotFound { tracking_number };
    }
    let broken = |error| PollReply::Broken { tracking_number: tracking_number.clone(), error };
    let wanted = bare(number);
    let mine = answers.iter().flatten().find(|answer| {
        let named =
            [&answer.id_ship, answer.shipment.as_ref().map_or(&answer.id_ship, |s| &s.id_ship)];
        named.iter().any(|name| bare(name) == wanted)
    });
    // One number asked, one answer that names none: it can only be about that number.
    let only = match answers {
        [answer] if asked == 1 && is_nameless(answer) => Some(answer.as_ref()),
        _ => None,
    };
    match mine.map(Ok).or(only) {
        Some(Ok(answer)) if answer.shipment.is_none() && is_not_found(answer) => {
            PollReply::NotFound { tracking_number }
        }
        Some(Ok(answer)) => match track(answer) {
            Ok(track) => PollReply::Track(ParcelTrack { tracking_number, ..track }),
            Err(error) => broken(error),
        },
        Some(Err(error)) => broken(error.clone()),
        None => broken(CarrierError::garbled("no item of the answer names this number")),
    }
}

/// Unknown (yet), or a shape that La Poste cannot know; 101, 104 and 105 are remembered codes.
fn is_not_found(answer: &Answer<'_>) -> bool {
    matches!(&*answer.return_code, "400" | "404" | "101" | "104" | "105")
}

fn track(answer: &Answer<'_>) -> Result<ParcelTrack, CarrierError> {
    let Some(shipment) = &answer.shipment else { return Err(failure(answer)) };
    let tracking_number = match answer.id_ship.is_empty() {
        true => &shipment.id_ship,
        false => &answer.id_ship,
    };
    if tracking_number.is_empty() {
        return Err(CarrierError::garbled("a tracking answer without a number"));
    }
    Ok(ParcelTrack {
        tracking_number: tracking_number.to_string(),
        scans: scans(shipment, tracking_number),
        promised: promised(&shipment.estim_date),
    })
}

/// Why an item has no shipment.
fn failure(answer: &Answer<'_>) -> CarrierError {
    let (code, message) = match answer.return_code.is_empty() {
        true => (&answer.code, &answer.message),
        false => (&answer.return_code, &answer.return_message),
    };
    let (code, message) = (code.to_string(), message.to_string());
    match code.as_str() {
        "" | "200" | "207" => CarrierError::garbled("an item without a shipment or an error"),
        "401" | "403" | "UNAUTHORIZED" | "FORBIDDEN" => CarrierError::Unauthorised { code },
        "429" | "500" | "503" | "504" | "TOO_MANY_REQUESTS" | "INTERNAL_SERVER_ERROR" => {
            CarrierError::Later { code, retry_after: None }
        }
        _ => CarrierError::Refused { code, message },
    }
}

fn scans(shipment: &ShipmentIn<'_>, number: &str) -> Vec<Scan> {
    let product_of_return = shipment.product.to_lowercase().contains("retour")
        || matches!(number.get(..2), Some("8R" | "7R" | "5R" | "CQ"));
    // Newest first on the wire.
    let events = shipment.event.iter().rev().filter(|event| !is_padding(event));
    let mut scans: Vec<Scan> = events
        .zip(0..)
        .map(|(event, sequence)| {
            let status = wording::status(&event.code, &event.label, product_of_return);
            scan(&event.code, &event.label, status, &event.date, sequence)
        })
        .collect();
    if !scans.iter().any(|scan| matches!(scan.status, MappedStatus::State(..))) {
        let next = scans.len();
        let steps = shipment.timeline.iter().filter_map(from_step);
        scans.extend(
            steps.zip(0..).map(|(step, at)| Scan { sequence: position(next) + at, ..step }),
        );
    }
    if &*shipment.is_final == "true" {
        scans.extend(ended_without_delivery(&scans));
    }
    scans
}

fn is_padding(event: &Event<'_>) -> bool {
    event.code.is_empty() && event.label.is_empty()
}

fn position(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn scan(code: &str, words: &str, status: MappedStatus, date: &str, sequence: u32) -> Scan {
    let time = civil_time(date);
    let stated = time.is_some_and(|time| time.offset.is_some());
    Scan {
        code: code.to_owned(),
        description: words.to_owned(),
        status,
        time,
        zone_source: if stated { ZoneSource::Stated } else { ZoneSource::None },
        location: Location::default(),
        sequence,
        return_leg: false,
    }
}

/// A done step of the five-step summary, used only where no event tells a state.
fn from_step(step: &TimelineStep<'_>) -> Option<Scan> {
    if &*step.status != "true" {
        return None;
    }
    let headline = match &*step.id {
        "1" => Headline::Created,
        "2" => Headline::PickedUp,
        "3" => Headline::InTransit,
        "4" => Headline::OutForDelivery,
        "5" => Headline::Delivered,
        _ => return None,
    };
    let words = if step.long_label.is_empty() { &step.short_label } else { &step.long_label };
    let by_kind = match &*step.kind {
        "0" => MappedStatus::State(Headline::Delayed, None),
        "-1" => MappedStatus::State(Headline::Exception, None),
        _ => MappedStatus::State(headline, None),
    };
    let status = match headline {
        Headline::Delivered => by_kind,
        _ => wording::incident_only(words).unwrap_or(by_kind),
    };
    let mut scan = scan(&format!("timeline:{}", step.id), words, status, &step.date, 0);
    scan.location.country = step.country.parse().ok();
    Some(scan)
}

/// A history that is closed without a delivery to anybody: lost, destroyed. Unless the last
/// scan says so itself, the closing is a fact of its own.
fn ended_without_delivery(scans: &[Scan]) -> Option<Scan> {
    let ended = |scan: &Scan| {
        let MappedStatus::State(headline, _) = scan.status else { return false };
        matches!(headline, Headline::Delivered | Headline::Returned)
    };
    if scans.iter().any(ended) || fold(scans, None).1.headline == Headline::Exception {
        return None;
    }
    let newest = scans.iter().filter(|scan| scan.time.is_some()).max_by_key(|s| s.sequence);
    let mut closing = scan(
        "isFinal",
        "",
        MappedStatus::State(Headline::Exception, None),
        "",
        position(scans.len()),
    );
    if let Some(newest) = newest {
        (closing.time, closing.zone_source) = (newest.time, newest.zone_source);
    }
    Some(closing)
}

/// The estimate is a day; La Poste writes it as that day's midnight.
fn promised(text: &str) -> Option<CivilTime> {
    let time = civil_time(text)?;
    let is_day = time.local.time() == Time::MIDNIGHT;
    Some(CivilTime { precision: if is_day { Precision::Day } else { time.precision }, ..time })
}

/// `2026-11-23T09:12:00+01:00`, also without seconds, with a fraction, with `Z`, with an offset
/// without colon, without an offset, or only the date.
fn civil_time(text: &str) -> Option<CivilTime> {
    let number = |from: usize, to: usize| -> Option<u8> {
        let digits = text.get(from..to).filter(|t| t.bytes().all(|b| b.is_ascii_digit()))?;
        digits.parse().ok()
    };
    let year: i32 =
        text.get(..4).filter(|t| t.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
    let separated = text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    let month = Month::try_from(number(5, 7)?).ok()?;
    let date = Date::from_calendar_date(year, month, number(8, 10)?).ok().filter(|_| separated)?;
    let Some(clock) = text.get(10..).filter(|rest| !rest.is_empty()) else {
        return Some(CivilTime::day(date));
    };
    let zone_at = clock.find(['Z', '+', '-']).unwrap_or(clock.len());
    let (clock, zone) = clock.split_at(zone_at);
    let seconds = if clock.len() >= 9 { number(17, 19)? } else { 0 };
    let precision = if clock.len() >= 9 { Precision::Second } else { Precision::Minute };
    let time = Time::from_hms(number(11, 13)?, number(14, 16)?, seconds).ok()?;
    let local = PrimitiveDateTime::new(date, time);
    Some(CivilTime { local, offset: offset(zone)?, precision })
}

/// `Some(None)` where no offset is stated, `None` where it cannot be read.
fn offset(zone: &str) -> Option<Option<UtcOffset>> {
    let digits: Cow<'_, str> = zone.chars().filter(char::is_ascii_digit).collect();
    let sign = match zone.as_bytes().first() {
        None => return Some(None),
        Some(b'Z') => return Some(Some(UtcOffset::UTC)),
        Some(b'-') => -1,
        Some(_) => 1,
    };
    let part = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i8>().ok();
    let minutes = if digits.len() == 2 { 0 } else { part(2..4)? };
    UtcOffset::from_hms(sign * part(0..2)?, sign * minutes, 0).ok().map(Some)
}

/// Letters and digits in upper case: what an identifier consists of.
fn bare(number: &str) -> String {
    let kept = number.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|c| c.to_ascii_uppercase()).collect()
}
