//! What a scan of unified tracking means, in any of DHL's divisions.
//!
//! The division's own code decides; the coarse status that all share is the last resort, after a
//! few words that contradict it (a return told as delivered, a counter told as delivered).

use super::{statuses, wire::Event};
use crate::{Headline as H, MappedStatus, StatusRow, SubStatus as S};

/// The division whose codes are those of MyDHL.
pub(super) const EXPRESS: &str = "express";
/// Longest text that is taken for a code.
const CODE_MAX: usize = 80;
/// Express's codes have two letters or three digits.
const EXPRESS_CODE_MAX: usize = 3;

/// A scan's key and meaning.
pub(super) struct Reading {
    /// The deciding key, for people and for counting what no table knows.
    pub code: String,
    pub status: MappedStatus,
}

/// Codes have no blanks; sentences stand in the same member with some divisions.
fn as_code(text: &str) -> Option<&str> {
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
    (plain && !text.is_empty() && text.len() <= CODE_MAX).then_some(text)
}

/// Reads an event of either interface; `service` is the division, where told.
pub(super) fn read(event: &Event<'_>, service: Option<&str>) -> Reading {
    if let Some(code) = event.type_code.get() {
        return express(code);
    }
    let code = event.status.get().and_then(as_code);
    match (service, code) {
        (Some(EXPRESS), Some(code)) if code.len() <= EXPRESS_CODE_MAX => express(code),
        (Some(service), Some(code)) => match statuses::division(service, code) {
            Some(row) => known(row),
            None => coarse(event, format!("{service}/{code}")),
        },
        (None, Some(code)) => coarse(event, code.to_owned()),
        (_, None) => {
            let key = event.status_code.get().map(|coarse| format!("unified/{coarse}"));
            coarse(event, key.unwrap_or_default())
        }
    }
}

fn known(row: &StatusRow) -> Reading {
    Reading { code: row.code.to_owned(), status: row.status }
}

/// A code that Express's table lacks stays unknown: the coarse status is at its worst there.
fn express(code: &str) -> Reading {
    let unknown = || Reading { code: code.to_owned(), status: MappedStatus::Unknown };
    statuses::express(code).map_or_else(unknown, known)
}

fn coarse(event: &Event<'_>, code: String) -> Reading {
    let stated = event.status_code.get().map(str::to_ascii_lowercase);
    let row = stated.as_deref().and_then(|stated| statuses::division("unified", stated));
    let plain = row.map(|row| row.status);
    let status = worded(event, plain).or(plain).unwrap_or(MappedStatus::Unknown);
    Reading { code, status }
}

/// What the words say against the coarse status.
fn worded(event: &Event<'_>, coarse: Option<MappedStatus>) -> Option<MappedStatus> {
    let to = |headline, sub| Some(MappedStatus::State(headline, sub));
    let texts = [&event.status, &event.description, &event.remark];
    let mut words = String::new();
    for text in texts.into_iter().filter_map(|text| text.get()) {
        words.push_str(text);
        words.push(' ');
    }
    words.make_ascii_lowercase();
    let words = words.replace(['_', '-'], " ");
    let has = |all: &[&str]| all.iter().any(|word| words.contains(word));
    let delivered = matches!(coarse, Some(MappedStatus::State(H::Delivered, _)));
    let announced = matches!(coarse, Some(MappedStatus::State(H::Created, _)));
    // Announcements speak of what may come: `return label enclosed`.
    if announced && !words.contains("customs") {
        return None;
    }
    if has(&["refused"]) {
        return to(H::Exception, Some(S::Refused));
    }
    if has(&["return"]) {
        return match delivered {
            true => to(H::Returned, None),
            false => to(H::Exception, Some(S::Returning)),
        };
    }
    let counter = ["ready for collection", "ready for pick", "available for collection"];
    if has(&counter) || delivered && has(&["handed to parcel shop", "handed over to parcel shop"]) {
        return to(H::OutForDelivery, Some(S::AvailableForPickup));
    }
    if !delivered && has(&["customs"]) {
        return if has(&["held", "hold", "delay"]) {
            to(H::Delayed, Some(S::CustomsHold))
        } else if has(&["cleared", "released"]) {
            to(H::InTransit, Some(S::CustomsCleared))
        } else if announced {
            // `Customs data received` moves nothing.
            None
        } else {
            to(H::InTransit, Some(S::CustomsInProgress))
        };
    }
    None
}
