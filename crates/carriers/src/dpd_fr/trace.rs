//! Webtrace's answers, read in one pass with borrowed text.
//!
//! Owns the form only. The addressee's name, signatures, remarks and pictures are passed over and
//! never held.

use std::borrow::Cow;

use quick_xml::{Reader, escape::resolve_predefined_entity, events::Event};

use crate::CarrierError;

/// Deepest nesting that is read: answers stay under ten.
const DEPTH_MAX: usize = 64;

type Text<'a> = Cow<'a, str>;

/// One shipment of an answer; empty text is absent.
#[derive(Debug, Default)]
pub(super) struct Trace<'a> {
    /// `LastError`: the carrier does not know the number, or says why it tells nothing.
    pub error: Text<'a>,
    shipment_number: Text<'a>,
    barcode_id: Text<'a>,
    reference: [Text<'a>; 4],
    retour: Text<'a>,
    due_date: Text<'a>,
    due_time: Text<'a>,
    pub scans: Vec<ScanLine<'a>>,
}

/// One `clsTrace`.
#[derive(Debug, Default)]
pub(super) struct ScanLine<'a> {
    pub date: Text<'a>,
    pub time: Text<'a>,
    pub number: Text<'a>,
    pub words: Text<'a>,
    pub center: Text<'a>,
}

fn owned(text: Text<'_>) -> Text<'static> {
    Cow::Owned(text.into_owned())
}

impl Trace<'_> {
    /// Number of the parcel.
    pub(super) fn number(&self) -> Option<&str> {
        let known = [&self.barcode_id, &self.shipment_number];
        known.into_iter().map(|number| number.trim()).find(|number| !number.is_empty())
    }

    /// Every number that names it.
    pub(super) fn is(&self, number: &str) -> bool {
        let known = [&self.barcode_id, &self.shipment_number];
        known.into_iter().any(|known| super::number::bare(known) == number)
    }

    pub(super) fn references(&self) -> impl Iterator<Item = &str> {
        self.reference.iter().map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// On the way back to the sender.
    pub(super) fn retour(&self) -> bool {
        matches!(self.retour.trim(), "true" | "1")
    }

    /// Day and time until which the parcel is planned to be delivered.
    pub(super) fn due(&self) -> (&str, &str) {
        (self.due_date.trim(), self.due_time.trim())
    }

    /// The same, of what a lookup needs, without the answer's text.
    pub(super) fn into_owned(self) -> Trace<'static> {
        Trace {
            error: owned(self.error),
            shipment_number: owned(self.shipment_number),
            barcode_id: owned(self.barcode_id),
            reference: self.reference.map(owned),
            ..Trace::default()
        }
    }
}

/// Elements that are read; everything else is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    Result,
    Trace,
    Scans,
    Scan,
    Schedule,
    Error,
    ShipmentNumber,
    BarcodeId,
    Reference(usize),
    Retour,
    EndDate,
    EndTime,
    ScanDate,
    ScanTime,
    StatusNumber,
    StatusDescription,
    CenterName,
    Other,
}

impl Tag {
    fn of(name: &str) -> Self {
        match name {
            "GetShipmentTraceResult" | "GetShipmentTraceByReferenceResult" => Self::Result,
            "ShipmentTrace" => Self::Trace,
            "Traces" => Self::Scans,
            "clsTrace" => Self::Scan,
            "DeliveryScheduled" => Self::Schedule,
            "LastError" => Self::Error,
            "ShipmentNumber" => Self::ShipmentNumber,
            "BarcodeId" => Self::BarcodeId,
            "Reference" => Self::Reference(0),
            "Reference2" => Self::Reference(1),
            "Reference3" => Self::Reference(2),
            "Reference4" => Self::Reference(3),
            "IsRetour" => Self::Retour,
            "EndDate" => Self::EndDate,
            "EndTime" => Self::EndTime,
            "ScanDate" => Self::ScanDate,
            "ScanTime" => Self::ScanTime,
            "StatusNumber" => Self::StatusNumber,
            "StatusDescription" => Self::StatusDescription,
            "CenterName" => Self::CenterName,
            _ => Self::Other,
        }
    }
}

struct Walk<'a> {
    open: Vec<Tag>,
    answered: bool,
    traces: Vec<Trace<'a>>,
}

impl<'a> Walk<'a> {
    fn start(&mut self, tag: Tag) {
        match (self.open.last(), tag) {
            (_, Tag::Result) => self.answered = true,
            (Some(Tag::Result), Tag::Trace) => self.traces.push(Trace::default()),
            (Some(Tag::Scans), Tag::Scan) => {
                if let Some(trace) = self.traces.last_mut() {
                    trace.scans.push(ScanLine::default());
                }
            }
            _ => {}
        }
    }

    /// The field that text at this place belongs to.
    fn field(&mut self) -> Option<&mut Text<'a>> {
        let (tag, outer) = self.open.split_last()?;
        let trace = self.traces.last_mut()?;
        match (outer.last()?, tag) {
            (Tag::Trace, Tag::Error) => Some(&mut trace.error),
            (Tag::Trace, Tag::ShipmentNumber) => Some(&mut trace.shipment_number),
            (Tag::Trace, Tag::BarcodeId) => Some(&mut trace.barcode_id),
            (Tag::Trace, Tag::Reference(index)) => trace.reference.get_mut(*index),
            (Tag::Trace, Tag::Retour) => Some(&mut trace.retour),
            (Tag::Schedule, Tag::EndDate) => Some(&mut trace.due_date),
            (Tag::Schedule, Tag::EndTime) => Some(&mut trace.due_time),
            (Tag::Scan, tag) => {
                let scan = trace.scans.last_mut()?;
                match tag {
                    Tag::ScanDate => Some(&mut scan.date),
                    Tag::ScanTime => Some(&mut scan.time),
                    Tag::StatusNumber => Some(&mut scan.number),
                    Tag::StatusDescription => Some(&mut scan.words),
                    Tag::CenterName => Some(&mut scan.center),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn text(&mut self, text: Text<'a>) {
        if let Some(field) = self.field() {
            match field.is_empty() {
                true => *field = text,
                false => field.to_mut().push_str(&text),
            }
        }
    }
}

fn broken(what: &str) -> CarrierError {
    CarrierError::garbled(format!("no XML as documented: {what}"))
}

/// Reads an answer to either question of Webtrace.
///
/// # Errors
/// `Garbled` when it is no whole answer.
pub(super) fn read(text: &str) -> Result<Vec<Trace<'_>>, CarrierError> {
    let mut reader = Reader::from_str(text);
    let mut walk = Walk { open: Vec::new(), answered: false, traces: Vec::new() };
    loop {
        match reader.read_event().map_err(|_| broken("syntax"))? {
            Event::Start(start) => {
                if walk.open.len() > DEPTH_MAX {
                    return Err(broken("nested too deeply"));
                }
                let tag = Tag::of(start.local_name().as_ref());
                walk.start(tag);
                walk.open.push(tag);
            }
            Event::Empty(start) => walk.start(Tag::of(start.local_name().as_ref())),
            Event::End(_) => {
                walk.open.pop().ok_or_else(|| broken("an end too many"))?;
            }
            Event::Text(text) => walk.text(text.xml10_content()),
            Event::CData(data) => walk.text(data.xml10_content()),
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().map_err(|_| broken("a character"))?;
                let text = match character {
                    Some(character) => Cow::Owned(character.to_string()),
                    None => resolve_predefined_entity(&reference)
                        .map(Cow::Borrowed)
                        .ok_or_else(|| broken("an entity"))?,
                };
                walk.text(text);
            }
            Event::DocType(_) => return Err(broken("a document type")),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    match (walk.open.is_empty(), walk.answered) {
        (true, true) => Ok(walk.traces),
        (true, false) => Err(broken("no traces")),
        (false, _) => Err(broken("cut short")),
    }
}
