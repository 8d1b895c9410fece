//! Scans from the Track API: one number per question.
//!
//! Only `activity[]` makes scans. `currentStatus`, `deliveryDate` and the milestones repeat or
//! promise, and are never turned into a scan that nobody made. Signatures, photos, proofs of
//! delivery and names are not even read.

use colibri_types::CivilTime;
use time::PrimitiveDateTime;

use super::{
    Ups,
    clock::{self, Fields},
    common::{self, Stake},
    push, statuses,
    wire::{Activity, Address, Package, Status, TrackBody, TrackShipment},
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Location, MappedStatus, Method, ParcelTrack,
    PollReply, Polling, Scan, wire::lenient::Text,
};

/// "Tracking information not found", told as a warning in an answer that is otherwise a success.
pub(super) const NOT_FOUND: &str = "TW0001";

impl Polling for Ups {
    fn batch_max(&self) -> usize {
        1
    }

    fn request(&self, call: &Call<'_>, tracking_numbers: &[String]) -> HttpRequest {
        let number = tracking_numbers.first().map(String::as_str).unwrap_or_default();
        let number = common::escape(number);
        // Signature, photo and proof of delivery are personal data nobody here needs.
        let path = format!(
            "/api/track/v1/details/{number}\
             ?locale=en_US&returnSignature=false&returnMilestones=false&returnPOD=false"
        );
        common::call(call, Method::Get, &path)
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
                (400, CarrierError::Refused { .. }) => Ok(each(&|tracking_number| {
                    PollReply::Broken { tracking_number, error: error.clone() }
                })),
                _ => Err(error),
            };
        }
        let text = common::text(&response.body);
        let shipments = shipments(&text)?;
        Ok(tracking_numbers.iter().map(|number| reply(number, &shipments)).collect())
    }
}

fn shipments(text: &str) -> Result<Vec<TrackShipment<'_>>, CarrierError> {
    let body: TrackBody<'_> = common::json(text)?;
    match body.track_response.0 {
        Some(track) => Ok(track.shipment.0),
        None => Err(match common::errors(text) {
            Some((code, message)) => CarrierError::Refused { code, message },
            None => CarrierError::garbled("no trackResponse"),
        }),
    }
}

/// The answer for one number. Other packages of its shipment stand in the same answer: only the one
/// with our number counts, never the first.
fn reply(number: &str, shipments: &[TrackShipment<'_>]) -> PollReply {
    let same = |text: &Text<'_>| text.get().is_some_and(|text| text.eq_ignore_ascii_case(number));
    let packages = || shipments.iter().flat_map(|shipment| &shipment.package.0);
    let ours = packages()
        .filter(|package| same(&package.tracking_number))
        .max_by_key(|package| package.activity.0.len());
    let alternate = || {
        packages().find(|package| {
            package.alternate_tracking_number.0.iter().any(|other| same(&other.number))
        })
    };
    let nameless = || {
        let shipment = shipments.iter().find(|shipment| same(&shipment.inquiry_number))?;
        only_nameless(shipment)
    };
    if let Some(package) = ours.or_else(alternate).or_else(nameless) {
        return PollReply::Track(track(number, package));
    }
    let tracking_number = number.to_owned();
    let mut warnings = shipments.iter().flat_map(|shipment| &shipment.warnings.0);
    if shipments.is_empty() || warnings.any(|warning| warning.code.get() == Some(NOT_FOUND)) {
        return PollReply::NotFound { tracking_number };
    }
    let reason = match packages().count() {
        0 => "a shipment without packages and without the not-found warning",
        _ => "packages, but none with the asked number",
    };
    PollReply::Broken { tracking_number, error: CarrierError::garbled(reason) }
}

/// The only package of a shipment, when it does not tell its number.
fn only_nameless<'a, 'b>(shipment: &'a TrackShipment<'b>) -> Option<&'a Package<'b>> {
    match shipment.package.0.as_slice() {
        [package] if package.tracking_number.get().is_none() => Some(package),
        _ => None,
    }
}

/// Reads a recorded payload, whichever it is: an answer of the Track API (all packages in it) or a
/// Track Alert push.
///
/// # Errors
/// [`CarrierError::Garbled`] for anything else, [`CarrierError::Refused`] for an error answer.
pub fn read_payload(body: &[u8]) -> Result<Vec<ParcelTrack>, CarrierError> {
    let text = common::text(body);
    match shipments(&text) {
        Ok(shipments) => Ok(all(&shipments)),
        Err(CarrierError::Garbled { .. }) => push::events(&text),
        Err(error) => Err(error),
    }
}

fn all(shipments: &[TrackShipment<'_>]) -> Vec<ParcelTrack> {
    let mut tracks = Vec::new();
    for shipment in shipments {
        for package in &shipment.package.0 {
            let inquiry = || only_nameless(shipment).and(shipment.inquiry_number.get());
            if let Some(number) = package.tracking_number.get().or_else(inquiry) {
                tracks.push(track(number, package));
            }
        }
    }
    tracks
}

fn track(number: &str, package: &Package<'_>) -> ParcelTrack {
    let activities = &package.activity.0;
    // Type D alone covers the van as well as the door; with an actual delivery date the newest of
    // them is the door, and those before it were the van.
    let delivered = package
        .delivery_date
        .0
        .iter()
        .any(|date| date.kind.get() == Some("DEL") && date.date.get().is_some());
    let is_d = |activity: &Activity<'_>| {
        activity.status.get().is_some_and(|status| status.kind.get() == Some("D"))
    };
    let door = activities.iter().position(is_d).filter(|_| delivered);
    let scans = activities.iter().enumerate().rev().filter_map(|(index, activity)| {
        let position = activities.len() - 1 - index;
        scan(activity, door == Some(index), u32::try_from(position).unwrap_or(u32::MAX))
    });
    ParcelTrack {
        tracking_number: number.to_owned(),
        scans: scans.collect(),
        promised: promised(package),
    }
}

fn scan(activity: &Activity<'_>, handed_over: bool, sequence: u32) -> Option<Scan> {
    let address = activity.location.get().and_then(|location| location.address.get());
    let location = address.map(location).unwrap_or_default();
    let fields = Fields {
        date: activity.date.get(),
        time: activity.time.get(),
        gmt_date: activity.gmt_date.get(),
        gmt_time: activity.gmt_time.get(),
        gmt_offset: activity.gmt_offset.get(),
    };
    let (time, zone_source) = clock::event(fields, &location);
    let read = interpret(activity.status.get(), handed_over);
    // Padding: neither when nor what.
    if time.is_none() && read.code.is_empty() && read.description.is_empty() {
        return None;
    }
    Some(Scan {
        code: read.code,
        description: read.description,
        status: read.status,
        time,
        zone_source,
        location,
        sequence,
        return_leg: false,
    })
}

/// What a status element says.
pub(super) struct Reading {
    /// The deciding key: the integer of the status code, else the type, else the two letters.
    pub code: String,
    pub status: MappedStatus,
    pub description: String,
}

/// Reads a status by its integer code, then by its type; the two letters decide nothing.
pub(super) fn interpret(status: Option<&Status<'_>>, handed_over: bool) -> Reading {
    let Some(status) = status else {
        let (code, description) = (String::new(), String::new());
        return Reading { code, status: MappedStatus::Unknown, description };
    };
    let stated = status.status_code.get().or(status.description_code.get());
    let number = stated.and_then(statuses::code_number);
    let kind = status.kind.get();
    let mapped = number
        .and_then(statuses::by_code)
        .or_else(|| kind.and_then(|kind| statuses::by_type(kind, handed_over)));
    // A number that the table does not know stays visible, so that it can be added.
    let code = match (number, stated.or(kind).or(status.code.get())) {
        (Some(number), _) => number.to_string(),
        (None, text) => text.unwrap_or_default().to_owned(),
    };
    Reading {
        code,
        status: mapped.unwrap_or(MappedStatus::Unknown),
        description: status.description.owned().unwrap_or_default(),
    }
}

pub(super) fn location(address: &Address<'_>) -> Location {
    let country = |text: &Text<'_>| text.get()?.to_ascii_uppercase().parse().ok();
    Location {
        city: address.city.owned(),
        postcode: address.postal_code.owned(),
        subdivision: address.state_province.owned(),
        country: country(&address.country_code).or_else(|| country(&address.country)),
    }
}

/// The promise: rescheduled before scheduled, to the end of its window where there is one.
fn promised(package: &Package<'_>) -> Option<CivilTime> {
    let day = |kind: &str| {
        let dates = &package.delivery_date.0;
        dates.iter().find(|date| date.kind.get() == Some(kind)).and_then(|date| date.date.get())
    };
    let window = package
        .delivery_time
        .get()
        .filter(|time| matches!(time.kind.get(), Some("CMT" | "EDW" | "CDW" | "IDW")));
    moment(day("RDD").or_else(|| day("SDD"))?, window.and_then(|time| time.end_time.get()))
}

/// A promised day, to the time when one is stated. Local: UPS states no offset for promises.
pub(super) fn moment(day: &str, time: Option<&str>) -> Option<CivilTime> {
    let day = clock::date(day)?;
    Some(match time.and_then(clock::time) {
        Some((time, precision)) => CivilTime::local(PrimitiveDateTime::new(day, time), precision),
        None => CivilTime::day(day),
    })
}

#[cfg(test)]
#[path = "tracking_tests.rs"]
mod tests;
