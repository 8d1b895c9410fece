//! Scans: MyDHL tracking, and unified tracking for numbers of other divisions.
//!
//! One number a question, because only then does DHL tell each scan's offset. DHL promises no order
//! of scans, so they are put in the order of their times. A promise is never turned into a scan.

use colibri_types::{CivilTime, Country};

use super::{
    DhlExpress,
    common::{self, Stake},
    lookup, unified,
    wire::{Event, Piece, Ship},
};
use crate::{
    Account, Call, CarrierError, HttpRequest, HttpResponse, Location, Method, ParcelTrack,
    PollReply, Polling, Quota, Scan, ZoneSource,
    wire::{lenient::Text, when},
};

/// Of a push or an envelope around shipments, how deep shipments may stand in each other.
const DEPTH_MAX: usize = 4;

/// A waybill: ten digits, eleven at times.
fn is_waybill(number: &str) -> bool {
    (10..=11).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit())
}

/// A piece: `JD` or the like, and digits.
fn is_piece(number: &str) -> bool {
    let digits = number.trim_start_matches(|c: char| c.is_ascii_uppercase());
    number.starts_with('J')
        && (1..=4).contains(&(number.len() - digits.len()))
        && (8..=20).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
}

/// The division that unified tracking is asked about; `None`: `MyDHL` tracking is asked.
fn unified_service<'a>(account: &'a Account, number: &str) -> Option<&'a str> {
    let service = account.field("unified_service")?;
    let elsewhere = !(is_waybill(number) || is_piece(number));
    (elsewhere && account.field("unified_key").is_some()).then_some(service)
}

impl Polling for DhlExpress {
    fn batch_max(&self) -> usize {
        1
    }

    /// Of a key for unified tracking, at first; MyDHL's are not published.
    fn quota(&self, account: &Account, tracking_numbers: &[String]) -> Option<Quota> {
        let number = tracking_numbers.first()?;
        unified_service(account, number).map(|_| Quota::a_day(250))
    }

    fn request(&self, call: &Call<'_>, tracking_numbers: &[String]) -> HttpRequest {
        let number = tracking_numbers.first().map(String::as_str).unwrap_or_default();
        let escaped = common::escape(number);
        match unified_service(call.account, number) {
            Some(service) => {
                // Without the division another customer's parcel of the same number comes back.
                let service = common::escape(service);
                let path = format!("/track/shipments?trackingNumber={escaped}&service={service}");
                common::unified(call, Method::Get, &path)
            }
            None => mydhl(call, number, &escaped),
        }
    }

    fn response(
        &self,
        response: &HttpResponse,
        tracking_numbers: &[String],
    ) -> Result<Vec<PollReply>, CarrierError> {
        let text = common::text(&response.body);
        let each = |reply: &dyn Fn(String) -> PollReply| {
            tracking_numbers.iter().cloned().map(reply).collect::<Vec<_>>()
        };
        if !common::is_success(response) {
            let error = common::failure(response, Stake::Nothing);
            return match (response.status, &error) {
                (404, CarrierError::Refused { .. }) if lookup::says_none_found(&text) => {
                    Ok(each(&|tracking_number| PollReply::NotFound { tracking_number }))
                }
                // A number that is no number concerns itself only.
                (400 | 404 | 422, CarrierError::Refused { .. }) => Ok(each(&|tracking_number| {
                    PollReply::Broken { tracking_number, error: error.clone() }
                })),
                _ => Err(error),
            };
        }
        match replies(&text, tracking_numbers) {
            Err(error) => match single_names(&text) {
                Some(again) => replies(&again, tracking_numbers),
                None => Err(error),
            },
            read => read,
        }
    }
}

fn replies(text: &str, tracking_numbers: &[String]) -> Result<Vec<PollReply>, CarrierError> {
    let body: Ship<'_> = common::json(text)?;
    if body.shipments.0.is_empty() {
        return Err(CarrierError::garbled("no shipments"));
    }
    Ok(tracking_numbers.iter().map(|number| reply(number, &body.shipments.0)).collect())
}

fn mydhl(call: &Call<'_>, number: &str, escaped: &str) -> HttpRequest {
    let view = "trackingView=all-checkpoints&levelOfDetail=all&requestGMTOffsetPerEvent=true";
    let path = match is_piece(number) {
        true => format!("/tracking?pieceTrackingNumber={escaped}&{view}"),
        false => format!("/shipments/{escaped}/tracking?{view}"),
    };
    common::call(call, Method::Get, &path).header("accept-language", "eng")
}

fn number<'a>(ship: &'a Ship<'_>) -> Option<&'a str> {
    let numbers = [&ship.shipment_tracking_number, &ship.id, &ship.tracking_number];
    numbers.into_iter().find_map(Text::get)
}

fn same(text: Option<&str>, number: &str) -> bool {
    text.is_some_and(|text| text.eq_ignore_ascii_case(number))
}

/// The answer for one number; other shipments may stand beside it.
fn reply(asked: &str, ships: &[Ship<'_>]) -> PollReply {
    for ship in ships {
        if same(number(ship), asked) {
            return PollReply::Track(whole(asked, ship, None));
        }
        if let Some(piece) = ship.pieces.0.iter().find(|p| same(p.tracking_number.get(), asked)) {
            return PollReply::Track(of_piece(asked, ship, piece, None));
        }
        if piece_ids(ship).any(|id| id.eq_ignore_ascii_case(asked)) {
            return PollReply::Track(of_piece_id(asked, ship, None));
        }
    }
    let tracking_number = asked.to_owned();
    if ships.iter().all(|ship| number(ship).is_some()) {
        return PollReply::NotFound { tracking_number };
    }
    let error = CarrierError::garbled("a shipment without a number");
    PollReply::Broken { tracking_number, error }
}

fn piece_ids<'a>(ship: &'a Ship<'_>) -> impl Iterator<Item = &'a str> {
    let details = ship.details.get();
    details.into_iter().flat_map(|details| details.piece_ids.0.iter().filter_map(Text::get))
}

/// Reads a recorded payload, whichever it is: an answer of MyDHL tracking or of unified tracking
/// (all shipments and pieces in it), or a push of any division.
///
/// # Errors
/// [`CarrierError::Garbled`] for anything else, [`CarrierError::Refused`] for an error answer.
pub fn read_payload(body: &[u8]) -> Result<Vec<ParcelTrack>, CarrierError> {
    read(&common::text(body))
}

/// All tracks of a body of any shape.
pub(super) fn read(text: &str) -> Result<Vec<ParcelTrack>, CarrierError> {
    match read_once(text) {
        Err(CarrierError::Garbled { reason }) => {
            let again = single_names(text).ok_or(CarrierError::Garbled { reason })?;
            read_once(&again)
        }
        read => read,
    }
}

/// A body whose objects name a member twice is read once more, with the last of each: it must not
/// cost the parcels beside it.
fn single_names(text: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    Some(value.to_string())
}

fn read_once(text: &str) -> Result<Vec<ParcelTrack>, CarrierError> {
    let tops: Vec<Ship<'_>> = common::json_many(text)?;
    let (mut tracks, mut notice) = (Vec::new(), false);
    for top in &tops {
        // Notices about the subscription itself carry no parcel.
        notice |= top.scope.get().is_some_and(|scope| scope.starts_with("subscription."));
        collect(top, None, DEPTH_MAX, &mut tracks);
    }
    if !tracks.is_empty() || notice {
        return Ok(tracks);
    }
    Err(match common::problem(text) {
        Some(problem) => CarrierError::Refused {
            code: problem.number.unwrap_or_default(),
            message: problem.words,
        },
        None => CarrierError::garbled("no shipment with a number"),
    })
}

fn collect(ship: &Ship<'_>, service: Option<&str>, depth: usize, tracks: &mut Vec<ParcelTrack>) {
    let service = ship.service.get().or(service);
    let inner = ship.shipments.0.iter().chain(&ship.shipment.0);
    for inner in inner.take(if depth == 0 { 0 } else { usize::MAX }) {
        collect(inner, service, depth - 1, tracks);
    }
    let told = ship.status.get().is_some()
        || !ship.events.0.is_empty()
        || !ship.pieces.0.is_empty()
        || ship.shipment_tracking_number.get().is_some();
    let Some(number) = number(ship).filter(|_| told) else {
        return;
    };
    tracks.push(whole(number, ship, service));
    // A single piece is known by its waybill; of several, each by its own number.
    if ship.pieces.0.len() > 1 {
        for piece in &ship.pieces.0 {
            if let Some(number) = piece.tracking_number.get() {
                tracks.push(of_piece(number, ship, piece, service));
            }
        }
    } else if piece_ids(ship).nth(1).is_some() {
        for id in piece_ids(ship) {
            tracks.push(of_piece_id(id, ship, service));
        }
    }
}

fn whole(number: &str, ship: &Ship<'_>, service: Option<&str>) -> ParcelTrack {
    let own = events(ship);
    // With one piece, its scans are the shipment's.
    let only = match ship.pieces.0.as_slice() {
        [piece] if own.is_empty() => piece.events.0.iter().collect(),
        _ => own,
    };
    track(number, ship, &only, service)
}

fn of_piece(
    number: &str,
    ship: &Ship<'_>,
    piece: &Piece<'_>,
    service: Option<&str>,
) -> ParcelTrack {
    let own: Vec<&Event<'_>> = piece.events.0.iter().collect();
    let chosen = if own.is_empty() { events(ship) } else { own };
    track(number, ship, &chosen, service)
}

/// Events that name other pieces only are not this one's.
fn of_piece_id(id: &str, ship: &Ship<'_>, service: Option<&str>) -> ParcelTrack {
    let ours = |event: &&Event<'_>| {
        let named = &event.piece_ids.0;
        named.is_empty() || named.iter().any(|text| same(text.get(), id))
    };
    let chosen: Vec<&Event<'_>> = events(ship).into_iter().filter(ours).collect();
    track(id, ship, &chosen, service)
}

/// The history, or the newest event alone where a push carries no more.
fn events<'a, 'b>(ship: &'a Ship<'b>) -> Vec<&'a Event<'b>> {
    match ship.events.0.as_slice() {
        [] => ship.status.get().into_iter().collect(),
        events => events.iter().collect(),
    }
}

fn track(
    number: &str,
    ship: &Ship<'_>,
    events: &[&Event<'_>],
    service: Option<&str>,
) -> ParcelTrack {
    let service = ship.service.get().or(service);
    let mut scans: Vec<Scan> = events.iter().filter_map(|event| scan(event, service)).collect();
    oldest_first(&mut scans);
    for (scan, sequence) in scans.iter_mut().zip(0..) {
        scan.sequence = sequence;
    }
    ParcelTrack { tracking_number: number.to_owned(), scans, promised: promised(ship) }
}

/// By instant where all have one, else by the clocks of their places; what has no time at all keeps
/// its place after the scan before it.
fn oldest_first(scans: &mut Vec<Scan>) {
    // Newest first is the usual order: turned, scans of one time come in the order they happened.
    let first = scans.iter().find_map(|scan| scan.time);
    let last = scans.iter().rev().find_map(|scan| scan.time);
    if first.zip(last).is_some_and(|(first, last)| first.order_key() > last.order_key()) {
        scans.reverse();
    }
    let by_instant = scans.iter().all(|scan| scan.utc().is_some());
    let mut latest = None;
    let mut keyed: Vec<_> = std::mem::take(scans)
        .into_iter()
        .map(|scan| {
            let instant = scan.utc().filter(|_| by_instant);
            let key = match instant {
                Some(at) => {
                    let utc = at.to_offset(time::UtcOffset::UTC);
                    Some(time::PrimitiveDateTime::new(utc.date(), utc.time()))
                }
                None => scan.time.map(|time| time.order_key()),
            };
            latest = key.or(latest);
            (latest, scan)
        })
        .collect();
    keyed.sort_by_key(|(key, _)| *key);
    scans.extend(keyed.into_iter().map(|(_, scan)| scan));
}

fn scan(event: &Event<'_>, service: Option<&str>) -> Option<Scan> {
    let location = location(event);
    let (time, zone_source) = when(event, &location);
    let read = unified::read(event, service);
    let words = [&event.description, &event.status];
    // A code is no wording.
    let description = words.into_iter().find_map(Text::get).filter(|text| *text != read.code);
    // Padding: neither when nor what.
    if time.is_none() && read.code.is_empty() && description.is_none() {
        return None;
    }
    Some(Scan {
        code: read.code,
        description: description.unwrap_or_default().to_owned(),
        status: read.status,
        time,
        zone_source,
        location,
        sequence: 0,
        return_leg: false,
    })
}

fn when(event: &Event<'_>, place: &Location) -> (Option<CivilTime>, ZoneSource) {
    if let Some(text) = event.timestamp.get() {
        return when::iso(text, place);
    }
    let Some(date) = event.date.get() else {
        return (None, ZoneSource::None);
    };
    let (Some(time), offset) = (event.time.get(), event.gmt_offset.get()) else {
        return when::iso(date, place);
    };
    if let Some(offset) = offset.filter(|offset| when::offset(offset).is_some()) {
        let (time, source) = when::iso(&format!("{date}T{time}{offset}"), place);
        let stated = source == ZoneSource::Stated;
        return (time, if stated { ZoneSource::GmtFields } else { source });
    }
    when::iso(&format!("{date}T{time}"), place)
}

/// `Lyon-FR` in one interface, `LYON - FR` in the other: one place, so that a scan told by both is
/// one scan.
fn place(text: &str) -> (&str, Option<Country>) {
    let parts = text.rsplit_once('-').map(|(city, code)| (city.trim(), country(code.trim())));
    match parts {
        Some((city, Some(country))) => (city, Some(country)),
        _ => (text, None),
    }
}

fn country(text: &str) -> Option<Country> {
    text.to_ascii_uppercase().parse().ok()
}

fn location(event: &Event<'_>) -> Location {
    let named = |city: &str| (!city.is_empty()).then(|| city.to_owned());
    if let Some(address) = event.location.get().and_then(|place| place.address.get()) {
        let (city, suffix) = place(address.address_locality.get().unwrap_or_default());
        let stated = address.country_code.get().and_then(country);
        return Location {
            city: named(city),
            postcode: address.postal_code.owned(),
            subdivision: None,
            country: stated.or(suffix),
        };
    }
    let area = event.service_area.get().and_then(|area| area.description.get());
    let (city, country) = place(area.unwrap_or_default());
    Location { city: named(city), country, ..Location::default() }
}

/// The promise: the end of its window, else the day or moment.
fn promised(ship: &Ship<'_>) -> Option<CivilTime> {
    let window = ship.estimated_delivery_time_frame.get();
    let end = window.and_then(|window| window.estimated_through.get());
    let told = end
        .or_else(|| ship.estimated_time_of_delivery.get())
        .or_else(|| ship.estimated_delivery_date.get());
    when::iso(told?, &Location::default()).0
}
