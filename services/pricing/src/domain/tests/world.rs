//! The demonstration tariffs: complete, consistent, and sensible beside each other.

use std::{collections::BTreeSet, fs, path::Path};

use colibri_types::Country;

use super::support::*;
use crate::domain::{Code, DEMO, Inputs, Outcome, Request, ShipOption, decide, demo_tariffs, rate};

fn from(country: &str, to: (&str, &str), weight_g: u32) -> Request {
    let origin = match country {
        "FR" => "69002",
        "DE" => "10115",
        "ES" => "28001",
        "GB" => "SW1A",
        _ => "10001",
    };
    Request { origin: place(country, origin), destination: place(to.0, to.1), ..request(weight_g) }
}

fn chosen(request: Request, wanted: Option<&str>) -> Result<(String, String), Code> {
    let inputs = Inputs {
        request,
        now: NOW,
        wanted: wanted.map(day),
        rules: rules(),
        fx: Some(rates()),
        tariffs: demo_tariffs().unwrap(),
    };
    match decide(inputs).unwrap().choice.outcome {
        Outcome::Chosen { carrier, service, .. } => Ok((carrier, service)),
        Outcome::Held { code, .. } => Err(code),
    }
}

#[test]
fn every_file_is_compiled_in_and_says_it_is_invented() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/demo");
    let files: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let compiled: BTreeSet<String> = DEMO.iter().map(|(name, _)| format!("{name}.toml")).collect();
    assert_eq!(files, compiled);
    for ((name, text), tariff) in DEMO.iter().zip(demo_tariffs().unwrap()) {
        assert!(text.starts_with("# Invented prices"), "{name}");
        let sheet = tariff.sheet();
        let origin = sheet.origin.country.as_str().to_lowercase();
        let (carrier, service) = (&sheet.carrier, &sheet.service);
        assert_eq!(*name, format!("{carrier}-{origin}-{service}"));
        let id = format!("demo-{carrier}-{origin}-{}", service.to_lowercase());
        assert_eq!(sheet.id, id);
    }
}

#[test]
fn every_site_reaches_almost_the_whole_world() {
    let tariffs = demo_tariffs().unwrap();
    let unserved: BTreeSet<Country> = ["BY", "CU", "IR", "KP", "RU", "SY"]
        .into_iter()
        .map(|code| code.parse().unwrap())
        .collect();
    for site in ["FR", "DE", "ES", "GB", "US"] {
        for country in Country::all() {
            let request = from(site, (country.as_str(), "50000"), 1500);
            let rating = rate(&tariffs, &request, None, NOW).unwrap();
            let served = !unserved.contains(&country);
            assert_eq!(!rating.quotes.is_empty(), served, "{site} to {country}");
            assert_eq!(rating.quotes.len() + rating.refused.len(), tariffs.len());
        }
    }
}

#[test]
fn choices_are_those_a_shipper_expects() {
    let point = |request| with_option(request, ShipOption::ServicePoint);
    let signed = |request| with_option(request, ShipOption::Signature);
    for (request, wanted, carrier, service) in [
        (from("FR", ("FR", "75001"), 800), None, "colissimo", "DOM"),
        (signed(from("FR", ("FR", "75001"), 800)), None, "colissimo", "DOS"),
        (point(from("FR", ("FR", "75001"), 800)), None, "colissimo", "HD"),
        (from("FR", ("FR", "97400"), 800), None, "colissimo", "COM"),
        (from("FR", ("RE", "97400"), 800), None, "colissimo", "COM"),
        (from("FR", ("FR", "75001"), 25_000), None, "ups", "11"),
        (from("FR", ("FR", "75001"), 800), Some("2026-06-02"), "ups", "65"),
        (from("FR", ("DE", "10115"), 800), None, "colissimo", "DOM"),
        (from("DE", ("DE", "80331"), 2000), None, "ups", "11"),
        (from("DE", ("FR", "75001"), 2000), Some("2026-06-03"), "ups", "65"),
        (from("ES", ("US", "10001"), 2000), None, "ups", "65"),
        (from("GB", ("GB", "G1"), 2000), None, "ups", "11"),
        (from("US", ("US", "94103"), 2000), None, "ups", "03"),
        (from("US", ("US", "94103"), 2000), Some("2026-06-03"), "ups", "02"),
        (from("US", ("US", "99501"), 2000), None, "ups", "02"),
        (from("US", ("FR", "75001"), 2000), None, "ups", "08"),
        (from("US", ("CA", "M5V"), 2000), None, "ups", "11"),
    ] {
        let what = format!("{:?} {wanted:?}", request.destination);
        let wanted = chosen(request, wanted);
        assert_eq!(wanted, Ok((carrier.into(), service.into())), "{what}");
    }
    let pyongyang = from("FR", ("KP", ""), 800);
    assert_eq!(chosen(pyongyang, None), Err(Code::HeldNoOffer));
}

#[test]
fn colissimo_leaves_from_france_only_and_every_site_has_its_own_tariffs() {
    for tariff in demo_tariffs().unwrap() {
        let sheet = tariff.sheet();
        if sheet.carrier == "colissimo" {
            assert_eq!(sheet.origin.country, Country::FR);
        }
    }
    for site in ["FR", "DE", "ES", "GB", "US"] {
        let tariffs = demo_tariffs().unwrap();
        let home = from(site, (site, "10001"), 2000);
        let rating = rate(&tariffs, &home, None, NOW).unwrap();
        let ups = rating.quotes.iter().filter(|q| q.carrier == "ups");
        assert!(ups.count() >= 3, "{site}");
        for quote in &rating.quotes {
            let (total, transit) = (quote.total.amount_minor, &quote.transit);
            assert!((300..10_000).contains(&total), "{site} {} {total}", quote.service);
            assert!(transit.is_some(), "{site} {}", quote.service);
        }
    }
}
