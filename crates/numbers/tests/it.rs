//! Every test number of the data, and the order of candidates.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::{fs, path::Path};

use colibri_numbers::{Candidate, Check, Hints, detect, normalise};
use proptest::prelude::*;
use serde_json::Value;

/// File, format, number, valid?
fn test_numbers() -> Vec<(String, String, String, bool)> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let mut files = vec![data.join("french_formats.json"), data.join("more_formats.json")];
    let set = fs::read_dir(data.join("tracking_number_data")).unwrap();
    files.extend(set.map(|entry| entry.unwrap().path()));
    let mut all = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|e| e == "json")) {
        let json: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        for row in json["tracking_numbers"].as_array().unwrap() {
            let id = row["id"].as_str().unwrap_or_else(|| match row["name"].as_str().unwrap() {
                "LaserShip 1LS7 (18)" => "lasership_1ls7_18",
                "Old Dominion" => "old_dominion",
                "Old Dominion Guaranteed Shipment" => "old_dominion_guaranteed_shipment",
                "UPS Waybill" => "ups_waybill",
                other => panic!("{other} has no id"),
            });
            for (kind, valid) in [("valid", true), ("invalid", false)] {
                for number in row["test_numbers"][kind].as_array().into_iter().flatten() {
                    let number = number.as_str().unwrap().to_owned();
                    all.push((name.clone(), id.to_owned(), number, valid));
                }
            }
        }
    }
    all
}

fn find(number: &str) -> Vec<Candidate> {
    detect(number, Hints::default())
}

#[test]
fn every_test_number_of_the_data_is_told_right() {
    let all = test_numbers();
    let set = all.iter().filter(|(file, ..)| !file.ends_with("_formats")).count();
    assert_eq!(set, 280, "192 valid and 88 invalid numbers");
    let mut wrong = Vec::new();
    for (file, format, number, valid) in &all {
        let found = find(number);
        let ours = found.iter().find(|candidate| &candidate.format == format);
        let told = ours.is_some_and(|candidate| candidate.check != Check::Failed);
        if told != *valid {
            wrong.push(format!("{file} {format} {number} valid={valid}: {ours:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), all.len(), wrong.join("\n"));
}

#[test]
fn likely_carriers_come_first() {
    for (number, carrier) in [
        ("1ZA1B2C30310000002", "ups"),
        ("1z a1b2c3 03 1000000 2", "ups"),
        ("6A12345678905", "colissimo"),
        ("XN1234567852486", "chronopost"),
        ("XN123456785FR", "chronopost"),
        ("CB123456785FR", "colissimo"),
        ("09990000000123P", "dpd_fr"),
        ("006900209990000000123327250G", "dpd_fr"),
        ("123456789012", "fedex"),
        ("1234567891", "dhl_express"),
        ("JD014600000000000001", "dhl_express"),
    ] {
        let first = find(number).into_iter().next().expect(number);
        assert_eq!(first.carrier, Some(carrier), "{number}: {first:?}");
        assert!(first.check != Check::Failed, "{number}");
    }
}

#[test]
fn contracts_move_their_carrier_forward() {
    // Fourteen digits may be a dozen things; who has a contract with DPD means DPD.
    let first = |hints| detect("10999000000123", hints).first().and_then(|found| found.carrier);
    assert_eq!(first(Hints { carriers: &["dpd_fr"], country: Some("FR") }), Some("dpd_fr"));
    let eight = |hints| detect("90000001", hints).first().and_then(|found| found.carrier);
    assert_eq!(eight(Hints { carriers: &["mondial_relay"], country: None }), Some("mondial_relay"));
    assert_eq!(eight(Hints { carriers: &["gls"], country: None }), Some("gls"));
}

#[test]
fn a_wrong_check_digit_warns_and_does_not_refuse() {
    let found = find("1ZA1B2C30310000003");
    let ups = found.iter().find(|candidate| candidate.carrier == Some("ups")).unwrap();
    assert_eq!(ups.check, Check::Failed);
}

#[test]
fn noise_is_nobodys() {
    for noise in
        ["", "   ", "hello", "nonsense", "12", &"9".repeat(200), "1Z", "é".repeat(30).as_str()]
    {
        assert_eq!(find(noise), [], "{noise}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in "\\PC{0,140}", digits in "[0-9A-Z -]{0,40}") {
        let _ = (find(&text), find(&digits));
    }

    #[test]
    fn blanks_and_case_change_nothing(
        at in 0_usize..280,
        blanks in proptest::collection::vec(any::<bool>(), 40),
    ) {
        let all = test_numbers();
        let number = normalise(&all[at % all.len()].2);
        let spaced: String = number
            .chars()
            .zip(blanks.iter().cycle())
            .flat_map(|(c, blank)| [Some(c), blank.then_some(' ')])
            .flatten()
            .collect();
        prop_assume!(spaced.chars().count() <= 128);
        let formats = |text: &str| find(text).into_iter().map(|c| (c.format, c.check)).collect::<Vec<_>>();
        prop_assert_eq!(formats(&number), formats(&spaced.to_lowercase()));
    }
}
