//! Finds texts in bytes in every form they are likely to have taken.

use std::collections::HashMap;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE},
};
use regex::bytes::{Regex, RegexBuilder};

/// Bytes of the automaton's cache and program: some thousand short texts.
const AUTOMATON_BYTES: usize = 256 * 1024 * 1024;
/// Bytes shown around a hit.
const AROUND: usize = 60;

/// A canary that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub place: String,
    /// The text and its form.
    pub what: String,
    pub around: String,
}

/// All forms of all texts, looked for at once. Letters of ASCII count alike in both cases.
pub struct Searcher {
    all: Regex,
    names: HashMap<Vec<u8>, String>,
}

impl Searcher {
    pub fn new<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut names = HashMap::new();
        for text in texts {
            for (form, mut bytes) in forms(text) {
                bytes.make_ascii_lowercase();
                names.entry(bytes).or_insert_with(|| format!("{text} as {form}"));
            }
        }
        let mut sorted: Vec<&Vec<u8>> = names.keys().collect();
        sorted.sort();
        let literal = |bytes: &&Vec<u8>| bytes.iter().map(|b| format!("\\x{b:02x}")).collect();
        let pattern = sorted.iter().map(literal).collect::<Vec<String>>().join("|");
        let all = RegexBuilder::new(&pattern)
            .unicode(false)
            .size_limit(AUTOMATON_BYTES)
            .dfa_size_limit(AUTOMATON_BYTES)
            .build()
            .unwrap();
        Self { all, names }
    }

    /// How many forms are looked for.
    pub fn forms(&self) -> usize {
        self.names.len()
    }

    /// Everything found in `data`.
    pub fn search(&self, place: &str, data: &[u8]) -> Vec<Hit> {
        let data = data.to_ascii_lowercase();
        let hit = |found: regex::bytes::Match<'_>| {
            let from = found.start().saturating_sub(AROUND);
            let to = (found.end() + AROUND).min(data.len());
            Hit {
                place: place.to_owned(),
                what: self.names[found.as_bytes()].clone(),
                around: String::from_utf8_lossy(&data[from..to]).into_owned(),
            }
        };
        self.all.find_iter(&data).map(hit).collect()
    }
}

/// The forms of one text.
fn forms(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let mut all = Vec::new();
    let reversed: String = text.chars().rev().collect();
    for text in [text.to_owned(), text.to_lowercase(), text.to_uppercase()] {
        let bytes = text.as_bytes();
        let wide = |to: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to).collect();
        all.push(("utf-8", bytes.to_vec()));
        all.push(("utf-16le", wide(u16::to_le_bytes)));
        all.push(("utf-16be", wide(u16::to_be_bytes)));
        all.push(("hex", hex(bytes).into_bytes()));
        all.push(("percent", percent(&text).into_bytes()));
        all.push(("json escapes", escaped(&text).into_bytes()));
        let narrow: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
        all.extend(narrow.map(|bytes| ("latin-1", bytes)));
        for shift in 0..3 {
            all.push(("base64", base64(bytes, shift, &STANDARD)));
            all.push(("base64url", base64(bytes, shift, &URL_SAFE)));
        }
        // A bare hash of a name or number can be guessed back.
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
        all.push(("sha-256", hash.as_ref().to_vec()));
        all.push(("sha-256 in hex", hex(hash.as_ref()).into_bytes()));
    }
    all.push(("reversed", reversed.into_bytes()));
    all
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn percent(text: &str) -> String {
    let one = |byte: u8| match byte {
        b if b.is_ascii_alphanumeric() || b"-._~".contains(&b) => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    text.bytes().map(one).collect()
}

fn escaped(text: &str) -> String {
    let one = |unit: u16| match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
        _ => format!("\\u{unit:04x}"),
    };
    text.encode_utf16().map(one).collect()
}

/// The characters that depend on the text alone, when `shift` bytes stand before it.
fn base64(bytes: &[u8], shift: usize, engine: &base64::engine::GeneralPurpose) -> Vec<u8> {
    let mut padded = vec![0; shift];
    padded.extend_from_slice(bytes);
    let text = engine.encode(&padded);
    let from = (shift * 8).div_ceil(6);
    let to = padded.len() * 8 / 6;
    text.as_bytes()[from..to].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANARY: &str = "Quxélande O'Brïen";

    fn found(data: &[u8]) -> bool {
        !Searcher::new([CANARY].into_iter()).search("test", data).is_empty()
    }

    #[test]
    fn every_form_is_found_wherever_it_stands() {
        for prefix in ["", "x", "xy", "xyz"] {
            let inside = format!("{prefix}{CANARY}suffix");
            assert!(found(inside.as_bytes()));
            assert!(found(inside.to_uppercase().as_bytes()));
            assert!(found(inside.to_lowercase().as_bytes()));
            assert!(found(STANDARD.encode(&inside).as_bytes()), "base64 after {prefix}");
            assert!(found(URL_SAFE.encode(&inside).as_bytes()), "base64url after {prefix}");
            assert!(found(hex(inside.as_bytes()).to_uppercase().as_bytes()));
            assert!(found(percent(&inside).as_bytes()));
            assert!(found(escaped(&inside).as_bytes()));
            let wide: Vec<u8> = inside.encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert!(found(&wide));
        }
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, CANARY.as_bytes());
        assert!(found(hash.as_ref()));
        assert!(found(CANARY.chars().rev().collect::<String>().as_bytes()));
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        assert!(!found(b"Quxelande O Brien, quxland"));
    }
}
