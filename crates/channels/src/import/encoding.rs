//! Which characters the bytes of a text file are.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::RowError;
use crate::Code;

/// Encoding of a text file, as found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark; also plain ASCII.
    Utf8,
    /// UTF-16 little endian, said by its byte order mark.
    Utf16Le,
    /// UTF-16 big endian, said by its byte order mark.
    Utf16Be,
    /// Nothing says so, but nothing else fits: an assumption to be shown to the file's owner.
    Windows1252,
}

/// Windows-1252 from 0x80 to 0x9F; NUL where the code page has nothing.
const HIGH: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘',
    '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
];

/// Decodes a whole file.
///
/// # Errors
/// `CHN0021` when bytes fit no encoding, or fit two in different places.
pub(super) fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, Encoding), RowError> {
    if let Some(rest) = bytes.strip_prefix(b"\xFF\xFE") {
        return utf16(rest, u16::from_le_bytes).map(|text| (text, Encoding::Utf16Le));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFE\xFF") {
        return utf16(rest, u16::from_be_bytes).map(|text| (text, Encoding::Utf16Be));
    }
    let marked = bytes.strip_prefix(b"\xEF\xBB\xBF");
    let rest = marked.unwrap_or(bytes);
    match std::str::from_utf8(rest) {
        Ok(text) => Ok((Cow::Borrowed(text), Encoding::Utf8)),
        Err(wrong) if marked.is_some() => Err(at_byte(rest, wrong.valid_up_to())),
        Err(wrong) => match windows_1252(rest) {
            Some(text) if !has_utf8_sequence(rest) => Ok((Cow::Owned(text), Encoding::Windows1252)),
            _ => Err(at_byte(rest, wrong.valid_up_to())),
        },
    }
}

/// The error, at the line of the byte that fits no encoding.
fn at_byte(bytes: &[u8], at: usize) -> RowError {
    let lines = bytes.iter().take(at).filter(|b| **b == b'\n').count();
    RowError::row(Code::EncodingUnknown, lines as u64 + 1)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, RowError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(RowError::file(Code::EncodingUnknown));
    }
    let text: Result<String, _> = char::decode_utf16(pairs.iter().map(|p| unit(*p))).collect();
    text.map(Cow::Owned).map_err(|_| RowError::file(Code::EncodingUnknown))
}

fn windows_1252(bytes: &[u8]) -> Option<String> {
    bytes
        .iter()
        .map(|byte| match byte {
            0x80..=0x9F => HIGH.get(usize::from(byte - 0x80)).copied().filter(|c| *c != '\0'),
            _ => Some(char::from(*byte)),
        })
        .collect()
}

/// Whether some non-ASCII character is valid UTF-8. In a Windows-1252 file that takes a pair such
/// as `Ã©`, which nobody writes: then two encodings are mixed, and choosing one would garble names.
fn has_utf8_sequence(bytes: &[u8]) -> bool {
    bytes.utf8_chunks().any(|chunk| !chunk.valid().is_ascii())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn encodings_are_told_apart_by_evidence() {
        let utf16 = |mark: &[u8], unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let units = "né;1".encode_utf16().flat_map(unit);
            mark.iter().copied().chain(units).collect()
        };
        for (bytes, text, encoding) in [
            (b"a;b".to_vec(), "a;b", Encoding::Utf8),
            ("né;1".as_bytes().to_vec(), "né;1", Encoding::Utf8),
            ("\u{FEFF}né".as_bytes().to_vec(), "né", Encoding::Utf8),
            (utf16(b"\xFF\xFE", u16::to_le_bytes), "né;1", Encoding::Utf16Le),
            (utf16(b"\xFE\xFF", u16::to_be_bytes), "né;1", Encoding::Utf16Be),
            (b"n\xE9;5 \x80".to_vec(), "né;5 €", Encoding::Windows1252),
        ] {
            let (decoded, found) = decode(&bytes).unwrap();
            assert_eq!((decoded.as_ref(), found), (text, encoding));
        }
    }

    #[test]
    fn mixed_or_impossible_bytes_are_refused_with_their_line() {
        for (bytes, row) in [
            (b"a\nn\xC3\xA9\nn\xE9".to_vec(), 3),
            (b"a\nb\x81".to_vec(), 2),
            (b"\xEF\xBB\xBFa\n\xE9".to_vec(), 2),
            (b"\xFF\xFEa".to_vec(), 0),
            (b"\xFF\xFE\x00\xD8".to_vec(), 0),
        ] {
            let error = decode(&bytes).unwrap_err();
            assert_eq!((error.code, error.row), (Code::EncodingUnknown, row));
        }
    }

    proptest::proptest! {
        #[test]
        fn text_survives_in_every_marked_encoding(text in "\\PC{0,30}") {
            let le: Vec<u8> = [0xFF, 0xFE].into_iter()
                .chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
            proptest::prop_assert_eq!(decode(&le).unwrap().0.into_owned(), text.clone());
            let utf8 = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
            proptest::prop_assert_eq!(decode(&utf8).unwrap().0.into_owned(), text);
        }

        #[test]
        fn any_bytes_are_decoded_or_refused(bytes: Vec<u8>) {
            let _ = decode(&bytes);
        }
    }
}
