//! What requests must have before anything is looked up.

use aws_lc_rs::digest;
use colibri_events::types::v1::ServicePoint;
use colibri_kit::fault::Fault;
use colibri_types::DocumentId;
use uuid::Uuid;

use crate::error::field;

/// Longest request id: a proto limit, and an index key.
const REQUEST_ID_MAX: usize = 100;
/// The same in bytes: a key of the idempotency table has 255, an id of a return before it.
const BYTES_MAX: usize = 200;
/// Longest note or explanation: a page of text.
pub const NOTE_MAX: usize = 1_000;

/// A request id.
pub fn request_id(text: &str) -> Result<(), Fault> {
    if text.is_empty() || text.chars().count() > REQUEST_ID_MAX || text.len() > BYTES_MAX {
        return Err(field("request_id", "LENGTH", "1 to 100 characters"));
    }
    Ok(())
}

/// A short text that has to be there.
pub fn text(path: &str, text: &str, max: usize) -> Result<(), Fault> {
    if text.trim().is_empty() || text.chars().count() > max {
        return Err(field(path, "LENGTH", "missing or too long"));
    }
    Ok(())
}

/// A code: a short closed word.
pub fn code(path: &str, text: &str) -> Result<(), Fault> {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/' | '.');
    if text.is_empty() || text.len() > 60 || !text.chars().all(fine) {
        return Err(field(path, "MALFORMED", "1 to 60 of letters, digits, _ - / ."));
    }
    Ok(())
}

/// Ids of photos.
pub fn photos(path: &str, ids: &[String]) -> Result<Vec<Uuid>, Fault> {
    if ids.len() > 20 {
        return Err(field(path, "TOO_MANY", "at most 20 photos"));
    }
    let read = |id: &String| {
        let id: Result<DocumentId, _> = id.parse();
        id.map(DocumentId::to_uuid).map_err(|_| field(path, "UNKNOWN", "no such photo"))
    };
    ids.iter().map(read).collect()
}

/// Longest id of a point, and longest line of its address: as labels takes them.
const POINT_ID_MAX: usize = 50;
const POINT_TEXT_MAX: usize = 200;
const POINT_LINES_MAX: usize = 3;

/// A point of a carrier.
pub fn point(path: &str, point: &ServicePoint) -> Result<(), Fault> {
    let wrong = |name: &str, text: &str| Err(field(format!("{path}.{name}"), "LENGTH", text));
    if !(1..=POINT_ID_MAX).contains(&point.id.chars().count()) {
        return wrong("id", "1 to 50 characters");
    }
    if point.lines.len() > POINT_LINES_MAX {
        return wrong("lines", "at most 3 lines");
    }
    let rest = [&point.id, &point.name, &point.postcode, &point.city, &point.country];
    let fine = |text: &String| {
        text.chars().count() <= POINT_TEXT_MAX && !text.chars().any(char::is_control)
    };
    match rest.into_iter().chain(&point.lines).all(fine) {
        true => Ok(()),
        false => wrong("name", "each at most 200 printable characters"),
    }
}

/// Mark of a request's content. `bare` is without names and words: a digest of those could be
/// guessed back.
pub fn fingerprint(bare: &impl prost::Message) -> Vec<u8> {
    digest::digest(&digest::SHA256, &bare.encode_to_vec()).as_ref().to_vec()
}
