#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::super::{Barcode, BarcodeError, WIDTH_MODULES_MAX, reader};
use super::*;
use proptest::prelude::*;

fn symbols(payload: &str) -> Vec<u8> {
    Barcode::code128(payload).unwrap().symbols().to_vec()
}

/// All ways through the code sets, tried one by one.
fn fewest(data: &[Datum], set: Option<Set>) -> usize {
    if data.is_empty() {
        return 0;
    }
    let ways = Set::ALL.into_iter().filter_map(|to| {
        let (_, taken) = to.take(data)?;
        let change = usize::from(set != Some(to));
        Some(change + 1 + fewest(&data[taken..], Some(to)))
    });
    ways.min().unwrap()
}

#[test]
fn known_texts_give_known_symbols() {
    assert_eq!(symbols("1234"), [105, 12, 34]);
    assert_eq!(symbols("PJJ123C"), [104, 48, 42, 42, 17, 18, 19, 35]);
    assert_eq!(check(&symbols("PJJ123C")), 55);
    assert_eq!(symbols("AB123456"), [104, 33, 34, 99, 12, 34, 56]);
    assert_eq!(symbols("a\u{1}"), [104, 65, 101, 65]);
    assert_eq!(symbols("12345"), [105, 12, 34, 100, 21]);
}

#[test]
fn gs1_opens_with_fnc1_in_the_densest_set() {
    let code = Barcode::gs1_128(&[("00", "123456789012345675")]).unwrap();
    assert_eq!(code.symbols(), [105, 102, 0, 12, 34, 56, 78, 90, 12, 34, 56, 75]);
    assert_eq!(code.modules(), 13 * 11 + 13);
    let code = Barcode::gs1_128(&[("420", "10001"), ("92", "5512")]).unwrap();
    let read = reader::read(&code.widths()).unwrap();
    assert_eq!(read, "\u{1D}42010001\u{1D}925512");
}

#[test]
fn every_symbol_has_eleven_modules_and_an_even_number_of_dark_ones() {
    let mut seen = std::collections::BTreeSet::new();
    for pattern in PATTERNS {
        let widths = pattern.map(|digit| u32::from(digit - b'0'));
        assert_eq!(widths.iter().sum::<u32>(), 11);
        assert_eq!((widths[0] + widths[2] + widths[4]) % 2, 0);
        assert!(seen.insert(pattern));
    }
}

#[test]
fn what_cannot_be_printed_is_refused() {
    assert_eq!(Barcode::code128("").unwrap_err(), BarcodeError::Empty);
    let wide = Barcode::code128("aé").unwrap_err();
    assert_eq!(wide, BarcodeError::NotAscii { position: 1 });
    assert!(Barcode::code128(&"A".repeat(28)).is_ok());
    assert!(Barcode::code128(&"1".repeat(56)).is_ok());
    let modules = WIDTH_MODULES_MAX + 11;
    let wide = Barcode::code128(&"A".repeat(29)).unwrap_err();
    assert_eq!(wide, BarcodeError::TooWide { modules });
}

#[test]
fn a_damaged_bar_is_noticed_by_the_check_symbol() {
    let mut widths = Barcode::code128("3SABCD0123456789").unwrap().widths();
    // Turns the symbol of the first character into another valid one.
    widths.splice(6..12, PATTERNS[50].map(|digit| digit - b'0'));
    assert!(reader::read(&widths).unwrap_err().contains("check"));
}

/// ASCII in which digits, capitals, lower case and control characters come in runs.
fn payload(runs: usize) -> impl Strategy<Value = String> {
    let run = prop_oneof![
        4 => "[0-9]{1,6}",
        3 => "[A-Z]{1,3}",
        2 => "[a-z]{1,3}",
        2 => "[ -~]{1,3}",
        1 => "[\\x00-\\x1C\\x7F]{1,2}",
    ];
    prop::collection::vec(run, 1..=runs).prop_map(|runs| runs.concat())
}

proptest! {
    #[test]
    fn bars_read_back_as_the_text(payload in payload(3)) {
        let code = Barcode::code128(&payload).unwrap();
        prop_assert_eq!(reader::read(&code.widths()).unwrap(), payload);
        prop_assert_eq!(code.widths().len() % 6, 1);
        let dark: u32 = code.bars().map(|(_, width)| width).sum();
        let even = code.widths().into_iter().step_by(2).map(u32::from).sum::<u32>();
        prop_assert_eq!(dark, even);
    }

    #[test]
    fn no_choice_of_code_sets_is_shorter(payload in payload(4)) {
        let data: Vec<Datum> = payload.bytes().take(9).map(Datum::Ascii).collect();
        prop_assert_eq!(encode(&data).len(), fewest(&data, None));
    }
}
