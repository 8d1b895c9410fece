//! GS1 element strings: which values need a separator, and what a check digit is.
//!
//! Knows the lengths that GS1 fixes by the first two digits of an identifier, because those decide
//! where FNC1 goes. It does not know the meaning of every identifier.

use super::BarcodeError;
use super::code128::Datum;

/// Longest value of any application identifier, in characters.
const VALUE_MAX: usize = 90;

/// Length of identifier and value together where GS1 fixes it by the first two digits: such an
/// element needs no separator after it. The table is closed for all time by the GS1 General
/// Specifications.
fn fixed_length(ai: &str) -> Option<usize> {
    Some(match ai.get(..2)? {
        "00" => 20,
        "01" | "02" | "03" => 16,
        "04" => 18,
        "11" | "12" | "13" | "14" | "15" | "16" | "17" | "18" | "19" => 8,
        "20" => 4,
        "31" | "32" | "33" | "34" | "35" | "36" => 10,
        "41" => 16,
        _ => return None,
    })
}

/// The 82 characters that GS1 allows in values.
fn allowed(c: u8) -> bool {
    c.is_ascii_alphanumeric() || b"!\"%&'()*+,-./:;<=>?_".contains(&c)
}

/// The check digit that follows `digits` in SSCC, GTIN and GLN: weights 3 and 1 from the right,
/// modulo 10. `None` when `digits` is empty or holds anything but digits.
#[must_use]
pub fn check_digit(digits: &str) -> Option<char> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let sum: usize = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| usize::from(digit - b'0') * if place % 2 == 0 { 3 } else { 1 })
        .sum();
    char::from_digit(u32::try_from((10 - sum % 10) % 10).ok()?, 10)
}

pub(super) fn data(elements: &[(&str, &str)]) -> Result<Vec<Datum>, BarcodeError> {
    let mut data = Vec::new();
    let mut separate = true;
    for (ai, value) in elements {
        verify(ai, value)?;
        if separate {
            data.push(Datum::Fnc1);
        }
        data.extend(ai.bytes().chain(value.bytes()).map(Datum::Ascii));
        separate = fixed_length(ai).is_none();
    }
    Ok(data)
}

pub(super) fn human_readable(elements: &[(&str, &str)]) -> String {
    elements.iter().map(|(ai, value)| format!("({ai}){value}")).collect()
}

fn verify(ai: &str, value: &str) -> Result<(), BarcodeError> {
    let owned = || ai.to_owned();
    if !(2..=4).contains(&ai.len()) || !ai.bytes().all(|b| b.is_ascii_digit()) {
        return Err(BarcodeError::Identifier { ai: owned() });
    }
    let fixed = fixed_length(ai);
    let fits = match fixed {
        Some(length) => ai.len() + value.len() == length,
        None => (1..=VALUE_MAX).contains(&value.len()),
    };
    if !fits {
        return Err(BarcodeError::Length { ai: owned(), actual: value.chars().count() });
    }
    let numeric = fixed.is_some();
    if !value.bytes().all(|b| if numeric { b.is_ascii_digit() } else { allowed(b) }) {
        return Err(BarcodeError::Charset { ai: owned() });
    }
    if matches!(ai, "00" | "01" | "02") {
        let split = value.len().saturating_sub(1);
        let (body, last) = (value.get(..split), value.chars().next_back());
        if body.and_then(check_digit) != last {
            return Err(BarcodeError::CheckDigit { ai: owned() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::super::Barcode;
    use super::*;

    fn spelled(elements: &[(&str, &str)]) -> String {
        let data = data(elements).unwrap();
        data.iter()
            .map(|datum| match datum {
                Datum::Ascii(c) => char::from(*c),
                Datum::Fnc1 => '|',
            })
            .collect()
    }

    #[test]
    fn fnc1_opens_and_separates_only_after_open_lengths() {
        assert_eq!(spelled(&[("420", "10001"), ("92", "55A")]), "|42010001|9255A");
        assert_eq!(spelled(&[("00", "123456789012345675")]), "|00123456789012345675");
        assert_eq!(
            spelled(&[("01", "00012345678905"), ("17", "261231"), ("10", "X1"), ("21", "7")]),
            "|01000123456789051726123110X1|217"
        );
    }

    #[test]
    fn check_digits_follow_the_known_examples() {
        assert_eq!(check_digit("0001234567890"), Some('5'));
        assert_eq!(check_digit("400638133393"), Some('1'));
        assert_eq!(check_digit("12345678901234567"), Some('5'));
        assert_eq!(check_digit(""), None);
        assert_eq!(check_digit("12a"), None);
    }

    #[test]
    fn elements_that_break_the_rules_are_refused() {
        let refused = |ai, value| Barcode::gs1_128(&[(ai, value)]).unwrap_err();
        assert!(matches!(refused("0", "1"), BarcodeError::Identifier { .. }));
        assert!(matches!(refused("4x", "1"), BarcodeError::Identifier { .. }));
        assert!(matches!(refused("00", "12"), BarcodeError::Length { actual: 2, .. }));
        assert!(matches!(refused("92", ""), BarcodeError::Length { actual: 0, .. }));
        assert!(matches!(refused("92", "a b"), BarcodeError::Charset { .. }));
        assert!(matches!(refused("92", "é"), BarcodeError::Charset { .. }));
        assert!(matches!(refused("11", "26123x"), BarcodeError::Charset { .. }));
        let wrong = refused("00", "123456789012345670");
        assert_eq!(wrong, BarcodeError::CheckDigit { ai: "00".into() });
        assert_eq!(Barcode::gs1_128(&[]).unwrap_err(), BarcodeError::Empty);
    }

    #[test]
    fn people_read_bracketed_identifiers() {
        let code = Barcode::gs1_128(&[("420", "10001"), ("92", "55A")]).unwrap();
        assert_eq!(code.human_readable(), "(420)10001(92)55A");
        assert!(!format!("{code:?}").contains("10001"));
    }
}
