//! Tracking by `WSI2_TracingColisDetaille`: one shipment per call.
//!
//! Owns the reading of the padded list and the order of its lines, which the carrier does not
//! promise. Times are French clocks without zone, wherever the place is. The answer names no
//! shipment: it belongs to the one that was asked for.

use colibri_types::{CivilTime, Country, Precision};
use quick_xml::{Reader, events::Event};
use time::PrimitiveDateTime;

use super::{
    soap::{self, Stake},
    statuses,
    stickers::is_number,
};
use crate::{
    Call, CarrierError, Headline, HttpRequest, HttpResponse, Location, MappedStatus, ParcelTrack,
    PollReply, Polling, Scan, SubStatus, ZoneSource,
    wire::{body, when},
};

const OPERATION: &str = "WSI2_TracingColisDetaille";
const RESULT: &str = "WSI2_TracingColisDetailleResult";
const LINE: &str = "ret_WSI2_sub_TracingColisDetaille";
/// Deepest nesting that is read: the documented answer has seven.
const DEPTH_MAX: usize = 32;

/// Tracking of API 1.
pub(super) struct Tracing;

impl Polling for Tracing {
    fn batch_max(&self) -> usize {
        1
    }

    fn request(&self, call: &Call<'_>, tracking_numbers: &[String]) -> HttpRequest {
        let number = tracking_numbers.first().map(String::as_str).unwrap_or_default();
        // Anything else would be refused anyway, and must not reach the signature.
        let number = if is_number(number) { number } else { "00000000" };
        soap::request(call, OPERATION, &[("Expedition", number), ("Langue", "FR")])
    }

    fn response(
        &self,
        response: &HttpResponse,
        tracking_numbers: &[String],
    ) -> Result<Vec<PollReply>, CarrierError> {
        let told = read(&soap::text(response, Stake::Nothing)?)?;
        let mut numbers = tracking_numbers.iter().cloned();
        let Some(tracking_number) = numbers.next() else { return Ok(Vec::new()) };
        let mut replies = vec![match told.stat.as_str() {
            // 24: no number of this carrier's form.
            "94" | "24" => PollReply::NotFound { tracking_number },
            stat if told.is_track() => {
                let scans = scans(stat, &told);
                PollReply::Track(ParcelTrack { tracking_number, scans, promised: None })
            }
            stat => return Err(soap::failure(stat, Stake::Nothing)),
        }];
        let reason = "one number per question";
        replies.extend(numbers.map(|tracking_number| PollReply::Broken {
            tracking_number,
            error: CarrierError::garbled(reason),
        }));
        Ok(replies)
    }
}

/// Reads a recorded answer. It names no shipment, so the track has an empty number; an answer that
/// the carrier knows none is an empty list.
///
/// # Errors
/// [`CarrierError`] when it is not the documented answer, or says that the service failed.
pub fn read_payload(bytes: &[u8]) -> Result<Vec<ParcelTrack>, CarrierError> {
    let told = read(&body::text(bytes))?;
    match told.stat.as_str() {
        "94" | "24" => Ok(Vec::new()),
        stat if told.is_track() => {
            let (tracking_number, scans) = (String::new(), scans(stat, &told));
            Ok(vec![ParcelTrack { tracking_number, scans, promised: None }])
        }
        stat => Err(soap::failure(stat, Stake::Nothing)),
    }
}

/// The fields of an answer that are used.
#[derive(Default)]
struct Told {
    stat: String,
    headline: String,
    lines: Vec<Line>,
}

impl Told {
    /// Tracking states; 0 is success, 84 to 89 are kept by the carrier for more of them.
    fn is_track(&self) -> bool {
        let stat = self.stat.parse::<u8>();
        stat.is_ok_and(|stat| stat == 0 || (80..=89).contains(&stat))
    }
}

#[derive(Default)]
struct Line {
    wording: String,
    date: String,
    clock: String,
    place: String,
    country: String,
}

/// Reads the answer in one pass.
fn read(text: &str) -> Result<Told, CarrierError> {
    let broken = |what: &str| CarrierError::garbled(format!("no tracking answer: {what}"));
    let mut reader = Reader::from_str(text);
    let (mut told, mut line) = (Told::default(), None::<Line>);
    let (mut depth, mut inside, mut whole) = (0_usize, false, false);
    let mut value = String::new();
    loop {
        match reader.read_event().map_err(|_| broken("syntax"))? {
            Event::Start(start) => {
                depth += 1;
                if depth > DEPTH_MAX {
                    return Err(broken("nested too deeply"));
                }
                match start.local_name().as_ref() {
                    RESULT => inside = true,
                    LINE if inside => line = Some(Line::default()),
                    _ => {}
                }
                value.clear();
            }
            Event::End(end) => {
                depth = depth.checked_sub(1).ok_or_else(|| broken("an end too many"))?;
                match end.local_name().as_ref() {
                    RESULT => (inside, whole) = (false, true),
                    LINE => told.lines.extend(line.take().filter(|line| !line.wording.is_empty())),
                    name if inside => keep(name, value.trim(), &mut told, line.as_mut()),
                    _ => {}
                }
                value.clear();
            }
            Event::Text(text) => value.push_str(&text.xml10_content()),
            Event::CData(data) => value.push_str(&data.xml10_content()),
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().map_err(|_| broken("a character"))?;
                let known = quick_xml::escape::resolve_predefined_entity(&reference);
                match (character, known) {
                    (Some(character), _) => value.push(character),
                    (None, Some(known)) => value.push_str(known),
                    (None, None) => return Err(broken("an entity")),
                }
            }
            Event::DocType(_) => return Err(broken("a document type")),
            Event::Empty(_) | Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof if whole && depth == 0 => return Ok(told),
            Event::Eof => return Err(broken("cut short, or another answer")),
        }
    }
}

fn keep(name: &str, value: &str, told: &mut Told, line: Option<&mut Line>) {
    let field = match (name, line) {
        ("Libelle", Some(line)) => &mut line.wording,
        ("Date", Some(line)) => &mut line.date,
        ("Heure", Some(line)) => &mut line.clock,
        ("Emplacement", Some(line)) => &mut line.place,
        ("Relais_Pays", Some(line)) => &mut line.country,
        ("STAT", None) => &mut told.stat,
        ("Libelle01", None) => &mut told.headline,
        _ => return,
    };
    value.clone_into(field);
}

/// Lines as scans, oldest first, then `STAT` where it says what no line says.
fn scans(stat: &str, told: &Told) -> Vec<Scan> {
    let mut lines: Vec<(Option<PrimitiveDateTime>, Scan)> = told.lines.iter().map(scan).collect();
    let times = || lines.iter().filter_map(|(local, _)| *local);
    // Lines of one minute keep the carrier's order, turned when it tells the newest first.
    if times().next() > times().next_back() {
        lines.reverse();
    }
    // A line without a time stays behind the one before it.
    let mut last = None;
    for (local, _) in &mut lines {
        *local = local.or(last);
        last = *local;
    }
    lines.sort_by_key(|(local, _)| *local);
    let mut scans: Vec<Scan> = lines.into_iter().map(|(_, scan)| scan).collect();
    scans.extend(by_stat(stat, &told.headline, &scans));
    for (sequence, scan) in (0_u32..).zip(&mut scans) {
        scan.sequence = sequence;
    }
    scans
}

fn scan(line: &Line) -> (Option<PrimitiveDateTime>, Scan) {
    let (code, status) = statuses::of_wording(&line.wording);
    let time = local(&line.date, &line.clock);
    let (time, zone_source) =
        time.map_or((None, ZoneSource::None), |(time, source)| (Some(time), source));
    let city = Some(line.place.clone()).filter(|place| !place.is_empty());
    let country = line.country.parse().ok();
    let scan = Scan {
        code,
        description: line.wording.clone(),
        status,
        time,
        zone_source,
        location: Location { city, country, ..Location::default() },
        sequence: 0,
        return_leg: false,
    };
    (time.map(|time| time.order_key()), scan)
}

/// `21/11/2026` or `21/11/26`, and `04:32`, by French clocks.
fn local(date: &str, clock: &str) -> Option<(CivilTime, ZoneSource)> {
    let mut parts = date.split('/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let date = when::day(year, month, day).filter(|_| parts.next().is_none())?;
    let Some((time, precision)) = when::clock(clock) else {
        return Some((CivilTime::day(date), ZoneSource::None));
    };
    let france = Location { country: Some(Country::FR), ..Location::default() };
    let local = PrimitiveDateTime::new(date, time);
    Some(when::placed(local, precision.min(Precision::Minute), &france))
}

/// The coarse state as a scan without a time, where the lines do not say as much themselves.
///
/// A parcel that waits at a relay by its last line is not called delivered by 82 alone: the word
/// "livré" means the relay in some of the carrier's texts.
fn by_stat(stat: &str, headline: &str, lines: &[Scan]) -> Option<Scan> {
    let status = statuses::of_stat(stat);
    let newest = lines.last().map(|scan| scan.status);
    let ended = |scan: &Scan| {
        matches!(scan.status, MappedStatus::State(Headline::Delivered | Headline::Returned, _))
    };
    let told = match stat {
        "0" => true,
        "80" | "81" => !lines.is_empty(),
        "82" => {
            let waits = Some(SubStatus::AvailableForPickup);
            lines.iter().any(ended)
                || newest == Some(MappedStatus::State(Headline::OutForDelivery, waits))
        }
        "83" => matches!(newest, Some(MappedStatus::State(Headline::Exception, _))),
        _ => false,
    };
    (!told).then(|| Scan {
        code: stat.to_owned(),
        description: headline.to_owned(),
        status,
        time: None,
        zone_source: ZoneSource::None,
        location: Location::default(),
        sequence: 0,
        return_leg: false,
    })
}
