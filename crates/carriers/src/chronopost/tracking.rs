//! Scans: `trackSkybillV2`, one number per question, without credentials.
//!
//! Owns the reading of the answer in one pass over its events, text borrowed where it has no
//! entities. The carrier marks the event that reflects the parcel's state: what it lists later than
//! that one is kept and moves nothing. Facts beside an event (who signed, which shop) are never
//! read.

use std::borrow::Cow;

use quick_xml::{Reader, events::Event as Xml};
use time::OffsetDateTime;

use super::{
    Chronopost, numbers,
    soap::{self, Stake},
    statuses,
};
use crate::{
    Call, CarrierError, Headline, HttpRequest, HttpResponse, Location, MappedStatus, ParcelTrack,
    PollReply, Polling, Scan, SubStatus,
    wire::{body, when},
};

/// Deepest nesting that is read; real answers have eight levels.
const DEPTH_MAX: usize = 64;
const OPERATION: &str = "trackSkybillV2";

impl Polling for Chronopost {
    fn batch_max(&self) -> usize {
        1
    }

    fn request(&self, call: &Call<'_>, tracking_numbers: &[String]) -> HttpRequest {
        let number = tracking_numbers.first().map(String::as_str).unwrap_or_default();
        soap::request(call, &soap::TRACKING, OPERATION, |w| {
            // The wordings that statuses are told apart by are French.
            w.leaf("language", "fr_FR").leaf("skybillNumber", &numbers::asked(number));
        })
    }

    fn response(
        &self,
        response: &HttpResponse,
        tracking_numbers: &[String],
    ) -> Result<Vec<PollReply>, CarrierError> {
        let Some(asked) = tracking_numbers.first() else { return Ok(Vec::new()) };
        let text = soap::text(response, Stake::Nothing)?;
        let answer = read(&text)?;
        let number = numbers::asked(asked);
        let reply = match answer.number.as_deref() {
            _ if answer.events.is_empty() => match answer.code()? {
                // Both mean: nothing yet.
                0 | 1 => PollReply::NotFound { tracking_number: asked.clone() },
                code => return Err(soap::refused(code, answer.words.as_deref())),
            },
            Some(other) if *numbers::asked(other) != *number => PollReply::Broken {
                tracking_number: asked.clone(),
                error: CarrierError::garbled("the events of another parcel"),
            },
            _ => PollReply::Track(track(asked.clone(), &answer.events)),
        };
        Ok(vec![reply])
    }
}

/// Reads a recorded answer; without events there is nothing in it.
///
/// # Errors
/// [`CarrierError`] when it is no answer of the tracking service.
pub fn read_payload(body: &[u8]) -> Result<Vec<ParcelTrack>, CarrierError> {
    let text = body::text(body);
    let answer = read(&text)?;
    if answer.events.is_empty() {
        return match answer.code()? {
            0 | 1 => Ok(Vec::new()),
            code => Err(soap::refused(code, answer.words.as_deref())),
        };
    }
    match answer.number {
        Some(number) => Ok(vec![track(number.into_owned(), &answer.events)]),
        None => Err(CarrierError::garbled("events without a number")),
    }
}

/// One event, as text.
#[derive(Default)]
struct Event<'a> {
    code: Cow<'a, str>,
    date: Cow<'a, str>,
    label: Cow<'a, str>,
    priority: Cow<'a, str>,
    office: Cow<'a, str>,
    postcode: Cow<'a, str>,
}

/// What is read of an answer.
#[derive(Default)]
struct Answer<'a> {
    whole: bool,
    code: Cow<'a, str>,
    words: Option<Cow<'a, str>>,
    number: Option<Cow<'a, str>>,
    fault: Option<Cow<'a, str>>,
    events: Vec<Event<'a>>,
}

impl Answer<'_> {
    fn code(&self) -> Result<i64, CarrierError> {
        let code = self.code.trim().parse();
        code.map_err(|_| CarrierError::garbled("an answer without errorCode"))
    }
}

/// Where in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Envelope,
    Body,
    Answer,
    Return,
    List,
    Events,
    Fault,
    Field(Field),
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    ErrorCode,
    ErrorMessage,
    Number,
    Code,
    Date,
    Label,
    Priority,
    Office,
    Postcode,
    FaultCode,
    FaultString,
}

fn enter(parent: Option<At>, name: &str) -> At {
    match (parent, name) {
        (None, "Envelope") => At::Envelope,
        (Some(At::Envelope), "Body") => At::Body,
        (Some(At::Body), "trackSkybillV2Response") => At::Answer,
        (Some(At::Body), "Fault") => At::Fault,
        (Some(At::Fault), "faultcode") => At::Field(Field::FaultCode),
        (Some(At::Fault), "faultstring") => At::Field(Field::FaultString),
        (Some(At::Answer), "return") => At::Return,
        (Some(At::Return), "errorCode") => At::Field(Field::ErrorCode),
        (Some(At::Return), "errorMessage") => At::Field(Field::ErrorMessage),
        (Some(At::Return), "listEventInfoComp") => At::List,
        (Some(At::List), "skybillNumber") => At::Field(Field::Number),
        (Some(At::List), "events") => At::Events,
        (Some(At::Events), "code") => At::Field(Field::Code),
        (Some(At::Events), "eventDate") => At::Field(Field::Date),
        (Some(At::Events), "eventLabel") => At::Field(Field::Label),
        (Some(At::Events), "highPriority") => At::Field(Field::Priority),
        (Some(At::Events), "officeLabel") => At::Field(Field::Office),
        (Some(At::Events), "zipCode") => At::Field(Field::Postcode),
        _ => At::Other,
    }
}

fn broken(what: &str) -> CarrierError {
    CarrierError::garbled(format!("no tracking answer: {what}"))
}

fn read(text: &str) -> Result<Answer<'_>, CarrierError> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<At> = Vec::with_capacity(8);
    let mut answer = Answer::default();
    loop {
        match reader.read_event().map_err(|_| broken("syntax"))? {
            Xml::Start(start) => {
                let at = enter(open.last().copied(), start.local_name().as_ref());
                if open.len() >= DEPTH_MAX {
                    return Err(broken("nested too deeply"));
                }
                answer.enter(at);
                open.push(at);
            }
            Xml::Empty(start) => {
                answer.enter(enter(open.last().copied(), start.local_name().as_ref()));
            }
            Xml::End(_) => {
                open.pop();
            }
            Xml::Text(text) => answer.text(open.last(), text.xml10_content()),
            Xml::CData(data) => answer.text(open.last(), data.xml10_content()),
            Xml::GeneralRef(reference) => {
                answer.text(open.last(), entity(&reference)?.into());
            }
            Xml::DocType(_) => return Err(broken("a document type")),
            Xml::Decl(_) | Xml::Comment(_) | Xml::PI(_) => {}
            Xml::Eof => break,
        }
    }
    if !open.is_empty() {
        return Err(broken("cut short"));
    }
    if let Some(code) = &answer.fault {
        let words = answer.words.as_deref().unwrap_or_default();
        return Err(soap::fault(code, words, Stake::Nothing));
    }
    if answer.whole { Ok(answer) } else { Err(broken("no result")) }
}

fn entity(reference: &quick_xml::events::BytesRef<'_>) -> Result<String, CarrierError> {
    if let Some(character) = reference.resolve_char_ref().map_err(|_| broken("a character"))? {
        return Ok(character.to_string());
    }
    let known = quick_xml::escape::resolve_predefined_entity(reference);
    known.map(str::to_owned).ok_or_else(|| broken("an entity"))
}

impl<'a> Answer<'a> {
    fn enter(&mut self, at: At) {
        match at {
            At::Return => self.whole = true,
            At::Fault => self.fault = Some(Cow::default()),
            At::Events => self.events.push(Event::default()),
            _ => {}
        }
    }

    fn text(&mut self, at: Option<&At>, text: Cow<'a, str>) {
        let Some(At::Field(field)) = at else { return };
        let slot = match (field, self.events.last_mut()) {
            (Field::ErrorCode, _) => &mut self.code,
            (Field::ErrorMessage | Field::FaultString, _) => self.words.get_or_insert_default(),
            (Field::FaultCode, _) => self.fault.get_or_insert_default(),
            (Field::Number, _) => self.number.get_or_insert_default(),
            (Field::Code, Some(event)) => &mut event.code,
            (Field::Date, Some(event)) => &mut event.date,
            (Field::Label, Some(event)) => &mut event.label,
            (Field::Priority, Some(event)) => &mut event.priority,
            (Field::Office, Some(event)) => &mut event.office,
            (Field::Postcode, Some(event)) => &mut event.postcode,
            (_, None) => return,
        };
        if slot.is_empty() { *slot = text } else { slot.to_mut().push_str(&text) }
    }
}

fn track(tracking_number: String, events: &[Event<'_>]) -> ParcelTrack {
    // The carrier lists the oldest first.
    let all = events.iter().zip(0_u32..);
    let mut scans: Vec<Scan> = all.map(|(event, sequence)| scan(event, sequence)).collect();
    let marked = events.iter().zip(&scans).filter(|(event, scan)| {
        event.priority.trim() == "true" && matches!(scan.status, MappedStatus::State(..))
    });
    let marked: Option<OffsetDateTime> = marked.filter_map(|(_, scan)| scan.utc()).max();
    let back = scans.iter().filter(|scan| is_returning(scan)).filter_map(Scan::utc).min();
    for (scan, event) in scans.iter_mut().zip(events) {
        let later = |than: Option<OffsetDateTime>| {
            scan.utc().zip(than).is_some_and(|(this, other)| this > other)
        };
        let (after_return, after_marked) = (later(back), later(marked));
        scan.return_leg = after_return;
        let delivered = matches!(scan.status, MappedStatus::State(Headline::Delivered, _));
        if after_return && delivered {
            scan.status = MappedStatus::State(Headline::Returned, None);
        }
        let moves = matches!(scan.status, MappedStatus::State(..));
        if after_marked && moves && event.priority.trim() != "true" {
            scan.status = MappedStatus::NoChange;
        }
    }
    ParcelTrack { tracking_number, scans, promised: None }
}

fn is_returning(scan: &Scan) -> bool {
    matches!(scan.status, MappedStatus::State(_, Some(SubStatus::Returning)))
}

fn scan(event: &Event<'_>, sequence: u32) -> Scan {
    let some = |text: &str| {
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let location = Location {
        city: some(&event.office),
        postcode: some(&event.postcode),
        ..Location::default()
    };
    let (code, label) = (event.code.trim(), event.label.trim());
    let (time, zone_source) = when::iso(&event.date, &location);
    Scan {
        code: code.to_owned(),
        description: label.to_owned(),
        status: statuses::status(code, label),
        time,
        zone_source,
        location,
        sequence,
        return_leg: false,
    }
}
