//! Zones, origins, and their precedence.

use super::support::*;
use crate::domain::{Area, Code, PostcodeRange, Tariff, Zone};

fn area(country: &str, prefixes: &[&str], ranges: &[(&str, &str)]) -> Area {
    Area {
        country: country.parse().unwrap(),
        prefixes: prefixes.iter().map(ToString::to_string).collect(),
        ranges: ranges
            .iter()
            .map(|(from, to)| PostcodeRange { from: (*from).to_owned(), to: (*to).to_owned() })
            .collect(),
    }
}

fn zone(areas: Vec<Area>) -> Zone {
    Zone { areas, breaks: sheet().zones.get("near").unwrap().breaks.clone(), ..Zone::default() }
}

fn tariff_of(zones: Vec<(&str, Zone)>, not_served: Vec<Area>) -> Result<Tariff, Vec<Code>> {
    let mut sheet = sheet();
    sheet.zones = zones.into_iter().map(|(name, zone)| (name.to_owned(), zone)).collect();
    sheet.not_served = not_served;
    match Tariff::new(sheet) {
        Ok(tariff) => Ok(tariff),
        Err(crate::domain::ParseTariffError::Invalid { problems }) => {
            Err(problems.iter().map(|problem| problem.code).collect())
        }
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn the_most_precise_claim_wins() {
    let world = Zone { rest_of_world: true, ..zone(vec![]) };
    let tariff = tariff_of(
        vec![
            ("a-country", zone(vec![area("FR", &[], &[]), area("GB", &[], &[])])),
            ("b-prefix", zone(vec![area("FR", &["2"], &[])])),
            ("c-range", zone(vec![area("FR", &[], &[("200", "206")])])),
            ("d-long", zone(vec![area("FR", &["2011", "99"], &[])])),
            ("e-letter", zone(vec![area("GB", &["G#", "E1"], &[])])),
            ("f-plain", zone(vec![area("GB", &["G", "E"], &[])])),
            ("g-world", world),
        ],
        vec![area("FR", &["97"], &[]), area("KP", &[], &[])],
    )
    .unwrap();
    for (country, postcode, wanted) in [
        ("FR", "75001", Ok("a-country")),
        ("FR", "21000", Ok("b-prefix")),
        ("FR", "20700", Ok("b-prefix")),
        ("FR", "20000", Ok("c-range")),
        ("FR", "20699", Ok("c-range")),
        ("FR", "20110", Ok("d-long")),
        ("FR", "2", Ok("b-prefix")),
        ("FR", "99123", Ok("d-long")),
        ("FR", "97400", Err(Code::NotServed)),
        ("FR", "", Err(Code::PostcodeMissing)),
        ("GB", "G1 4AB", Ok("e-letter")),
        ("GB", "g1", Ok("e-letter")),
        ("GB", "GL5", Ok("f-plain")),
        ("GB", "E14", Ok("e-letter")),
        ("GB", "E2", Ok("f-plain")),
        ("GB", "SW1A", Ok("a-country")),
        ("JP", "", Ok("g-world")),
        ("JP", "100-0001", Ok("g-world")),
        ("KP", "", Err(Code::NotServed)),
    ] {
        let mut request = request(500);
        request.destination = place(country, postcode);
        let rating = rated(std::slice::from_ref(&tariff), &request);
        let found = match rating.quotes.first() {
            Some(quote) => Ok(quote.zone.as_str()),
            None => Err(rating.refused.first().unwrap().code),
        };
        assert_eq!(found, wanted, "{country} {postcode}");
    }
}

#[test]
fn an_unclaimed_place_has_no_zone() {
    let tariff = tariff(|_| {});
    let mut elsewhere = request(500);
    elsewhere.destination = place("DE", "10115");
    assert_eq!(refusal(&tariff, &elsewhere), Code::NoZone);
    let part = tariff_of(vec![("part", zone(vec![area("FR", &["20"], &[])]))], vec![]).unwrap();
    assert_eq!(refusal(&part, &request(500)), Code::NoZone);
}

#[test]
fn parcels_must_leave_from_the_tariffs_origin() {
    let tariff = tariff(|sheet| sheet.origin.prefixes = vec!["69".to_owned(), "42".to_owned()]);
    for (country, postcode, code) in [
        ("FR", "69002", None),
        ("FR", "42000", None),
        ("FR", "75001", Some(Code::WrongOrigin)),
        ("FR", "", Some(Code::PostcodeMissing)),
        ("DE", "69002", Some(Code::WrongOrigin)),
    ] {
        let mut request = request(500);
        request.origin = place(country, postcode);
        let rating = rated(std::slice::from_ref(&tariff), &request);
        let refused = rating.refused.first().map(|refused| refused.code);
        assert_eq!(refused, code, "{country} {postcode}");
    }
}

#[test]
fn two_claims_of_equal_precision_are_refused() {
    let ambiguous = Some(vec![Code::TariffAmbiguous]);
    for (one, other, problem) in [
        (area("FR", &[], &[]), area("FR", &[], &[]), ambiguous.clone()),
        (area("FR", &["20"], &[]), area("FR", &["20"], &[]), ambiguous.clone()),
        (area("FR", &["20#"], &[]), area("FR", &["20"], &[]), None),
        (area("FR", &["20"], &[]), area("FR", &["201"], &[]), None),
        (area("FR", &["20"], &[]), area("BE", &["20"], &[]), None),
        (area("FR", &[], &[("200", "204")]), area("FR", &[], &[("204", "209")]), ambiguous.clone()),
        (area("FR", &[], &[("200", "204")]), area("FR", &[], &[("2049", "2090")]), ambiguous),
        (area("FR", &[], &[("200", "203")]), area("FR", &[], &[("2040", "2090")]), None),
        (area("FR", &[], &[("10", "39")]), area("FR", &[], &[("20", "22")]), None),
    ] {
        for (first, second) in [(&one, &other), (&other, &one)] {
            let zones =
                vec![("one", zone(vec![first.clone()])), ("other", zone(vec![second.clone()]))];
            let result = tariff_of(zones, vec![]).err();
            assert_eq!(result, problem, "{first:?} {second:?}");
            // A refusal is a claim like a zone's.
            let zones = vec![("one", zone(vec![first.clone()]))];
            assert_eq!(tariff_of(zones, vec![second.clone()]).err(), problem);
        }
    }
}

#[test]
fn patterns_that_match_nothing_are_refused() {
    for wrong in [
        area("FR", &[""], &[]),
        area("FR", &["#"], &[]),
        area("FR", &["2 0"], &[]),
        area("FR", &["sw1"], &[]),
        area("FR", &["12345678901"], &[]),
        area("FR", &[], &[("30", "20")]),
        area("FR", &[], &[("2", "30")]),
        area("FR", &[], &[("", "")]),
    ] {
        let zones = vec![("zone", zone(vec![wrong.clone()]))];
        let codes = tariff_of(zones, vec![]).err();
        assert_eq!(codes, Some(vec![Code::TariffArea]), "{wrong:?}");
    }
}
