//! The ZIP archive of a workbook, looked at before anything in it is parsed.
//!
//! The directory is checked first, by what it declares; then every entry is inflated through a
//! counter and thrown away, since sizes can lie. Nothing is written anywhere.

use std::io::{Cursor, Read};

use zip::{CompressionMethod, ZipArchive, read::ZipFile};

use super::{Limits, RowError};
use crate::Code;

/// Parts that make a workbook do things or look elsewhere.
const ACTIVE: [&str; 5] =
    ["vbaproject.bin", "xl/externallinks/", "xl/activex/", "xl/embeddings/", "xl/macrosheets/"];
/// Longest entry name: the format's own parts stay below 60.
const NAME_MAX: usize = 255;
/// Inflated bytes below which the ratio says nothing: small parts of equal tags pack 1:200.
const RATIO_FLOOR: u64 = 1 << 20;
/// Bytes inflated at a time.
const CHUNK: usize = 16 << 10;

/// Checks an archive.
///
/// # Errors
/// `CHN0020`, `CHN0036` to `CHN0038`.
pub(super) fn inspect(bytes: &[u8], limits: &Limits) -> Result<(), RowError> {
    let refuse = |code| Err(RowError::file(code));
    if bytes.len() > limits.xlsx_bytes {
        return refuse(Code::FileTooLarge);
    }
    // Counted from the end record before the library reads a directory of any length.
    let declared = declared_entries(bytes).ok_or(RowError::file(Code::NotXlsx))?;
    if declared > limits.entries {
        return refuse(Code::ArchiveRefused);
    }
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|_| RowError::file(Code::NotXlsx))?;
    if archive.len() != declared || archive.has_duplicate_names() {
        return refuse(Code::ArchiveRefused);
    }
    let packed = bytes.len() as u64;
    let too_much = |inflated: u64| {
        inflated > limits.inflated_bytes
            || (inflated > RATIO_FLOOR && inflated / packed.max(1) > limits.ratio)
    };
    let mut total = 0_u64;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(|_| RowError::file(Code::NotXlsx))?;
        check_entry(&entry)?;
        total = total.saturating_add(entry.size());
    }
    if too_much(total) {
        return refuse(Code::ArchiveRefused);
    }
    let mut actual = 0_u64;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|_| RowError::file(Code::NotXlsx))?;
        let declared = entry.size();
        let mut scan = Scan::default();
        let mut chunk = [0_u8; CHUNK];
        let before = actual;
        loop {
            let read = entry.read(&mut chunk).map_err(|_| RowError::file(Code::NotXlsx))?;
            let Some(part) = chunk.get(..read).filter(|part| !part.is_empty()) else {
                break;
            };
            actual = actual.saturating_add(part.len() as u64);
            scan.see(part);
            if too_much(actual) || actual - before > declared || scan.strings > limits.cells {
                return refuse(Code::ArchiveRefused);
            }
            if scan.doctype {
                return refuse(Code::ActiveContent);
            }
        }
    }
    Ok(())
}

fn check_entry<R: Read + ?Sized>(entry: &ZipFile<'_, R>) -> Result<(), RowError> {
    let name = entry.name().map_err(|_| RowError::file(Code::ArchiveRefused))?.to_ascii_lowercase();
    let odd = name.is_empty()
        || name.len() > NAME_MAX
        || name.starts_with('/')
        || name.contains(['\\', ':', '\0'])
        || name.split('/').any(|part| part == "..");
    let method = entry.compression();
    let known = matches!(method, CompressionMethod::Stored | CompressionMethod::Deflated);
    if odd || !known || entry.encrypted() {
        return Err(RowError::file(Code::ArchiveRefused));
    }
    if ACTIVE.iter().any(|part| name.contains(part)) {
        return Err(RowError::file(Code::ActiveContent));
    }
    Ok(())
}

/// Entries that the end record of the archive declares; a workbook needs no 64-bit archive.
fn declared_entries(bytes: &[u8]) -> Option<usize> {
    // The record is 22 bytes and a comment of up to 65,535.
    let from = bytes.len().saturating_sub(22 + 65_535);
    let tail = bytes.get(from..)?;
    let at = tail.windows(4).rposition(|four| four == b"PK\x05\x06")?;
    let count = tail.get(at + 10..at + 12)?;
    let count: [u8; 2] = count.try_into().ok()?;
    let count = u16::from_le_bytes(count);
    (count != u16::MAX).then_some(usize::from(count))
}

/// Looks for costly or foreign things in inflated bytes, across chunk borders.
#[derive(Default)]
struct Scan {
    /// Starts of shared strings: each costs memory in the reader, however short it is.
    strings: usize,
    doctype: bool,
    tail: Vec<u8>,
}

impl Scan {
    fn see(&mut self, part: &[u8]) {
        const DOCTYPE: &[u8] = b"<!DOCTYPE";
        let kept = self.tail.len();
        let mut window = std::mem::take(&mut self.tail);
        window.extend_from_slice(part);
        // Only matches that end in the new part count, so none counts twice.
        let ends_new = |at: usize, length: usize| at + length > kept;
        self.strings += window
            .windows(4)
            .enumerate()
            .filter(|(at, four)| matches!(*four, b"<si>" | b"<si/" | b"<si ") && ends_new(*at, 4))
            .count();
        self.doctype |=
            window.windows(DOCTYPE.len()).any(|nine| nine.eq_ignore_ascii_case(DOCTYPE));
        let keep = window.len().min(DOCTYPE.len() - 1);
        self.tail = window.split_off(window.len() - keep);
    }
}
