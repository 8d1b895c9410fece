//! `multipart/mixed` as Colissimo writes it: JSON and raw files, split on bytes.
//!
//! Owns finding the parts and telling whole ones from cut ones. A file may hold anything, also
//! lines that begin with two hyphens, so only the full delimiter counts. Never decodes.

/// Most parts that are looked at: the carrier documents four.
const PARTS_MAX: usize = 16;
/// Longest boundary by RFC 2046.
const BOUNDARY_MAX: usize = 70;

/// One part of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part<'a> {
    /// `Content-ID` without angle brackets, empty when absent.
    pub id: String,
    /// `Content-Type`, empty when absent.
    pub content_type: String,
    /// Content.
    pub body: &'a [u8],
    /// The delimiter after it was there: nothing is missing.
    pub whole: bool,
}

/// The boundary that a content type states, else the one that the body itself opens with.
pub(super) fn boundary<'a>(content_type: &'a str, body: &'a [u8]) -> Option<&'a str> {
    stated(content_type).or_else(|| {
        let start = body.strip_prefix(b"\r\n").unwrap_or(body).strip_prefix(b"--")?;
        let line = start.split(|byte| *byte == b'\n').next()?;
        std::str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line)).ok().filter(|b| valid(b))
    })
}

fn stated(content_type: &str) -> Option<&str> {
    let at = content_type.to_ascii_lowercase().find("boundary=")?;
    let value = content_type.get(at + "boundary=".len()..)?.trim_start();
    let value = match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => value.split(';').next()?.trim_end(),
    };
    valid(value).then_some(value)
}

fn valid(boundary: &str) -> bool {
    !boundary.is_empty() && boundary.len() <= BOUNDARY_MAX
}

/// The parts between the delimiters, in their order. The last is not whole when its closing
/// delimiter is missing.
pub(super) fn parts<'a>(body: &'a [u8], boundary: &str) -> Vec<Part<'a>> {
    let delimiter = format!("--{boundary}");
    let mut parts = Vec::new();
    let Some((mut at, _)) = next(body, 0, delimiter.as_bytes()) else { return parts };
    while parts.len() < PARTS_MAX {
        let after = at + delimiter.len();
        let rest = body.get(after..).unwrap_or_default();
        if rest.starts_with(b"--") {
            break;
        }
        // Transport padding and the end of the delimiter's line.
        let Some(line_end) = rest.iter().position(|byte| *byte == b'\n') else { break };
        let start = after + line_end + 1;
        let end = next(body, start, delimiter.as_bytes());
        let (stop, whole) = end.map_or((body.len(), false), |(_, stop)| (stop, true));
        parts.extend(part(body.get(start..stop.max(start)).unwrap_or_default(), whole));
        match end {
            Some((delimiter_at, _)) => at = delimiter_at,
            None => break,
        }
    }
    parts
}

/// The next delimiter at the start of a line, from `from` on: where it is, and where the content
/// before it ends (its line break belongs to the delimiter).
fn next(body: &[u8], from: usize, delimiter: &[u8]) -> Option<(usize, usize)> {
    let mut at = from;
    loop {
        let window = body.get(at..)?;
        let found = at + window.windows(delimiter.len()).position(|part| part == delimiter)?;
        let before = body.get(from..found).unwrap_or_default();
        let after = body.get(found + delimiter.len()..).unwrap_or_default();
        // A longer boundary that begins alike is another one, and at the end of a cut body nobody
        // knows what would have followed.
        let ends =
            after.starts_with(b"--") || matches!(after.first(), Some(b'\r' | b'\n' | b' ' | b'\t'));
        if ends && (before.is_empty() || before.ends_with(b"\n")) {
            let content = before.strip_suffix(b"\n").unwrap_or(before);
            let content = content.strip_suffix(b"\r").unwrap_or(content);
            return Some((found, from + content.len()));
        }
        at = found + 1;
    }
}

fn part(bytes: &[u8], whole: bool) -> Option<Part<'_>> {
    let (head, body) = split_head(bytes)?;
    let head = String::from_utf8_lossy(head);
    let header = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(':'));
        let found = lines.find(|(key, _)| key.trim().eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    Some(Part {
        id: header("content-id").trim_matches(['<', '>']).to_owned(),
        content_type: header("content-type"),
        body,
        whole,
    })
}

/// Splits at the first empty line; a part cut within its headers is none.
fn split_head(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut line_start = 0;
    for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
        let line = bytes.get(line_start..at)?;
        if line.is_empty() || line == b"\r" {
            return Some((bytes.get(..line_start)?, bytes.get(at + 1..)?));
        }
        line_start = at + 1;
    }
    None
}
