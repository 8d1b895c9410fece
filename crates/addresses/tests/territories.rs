//! Where customs and VAT borders run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use colibri_addresses::{countries, crosses_customs_border, customs_territory, postcode_zone};

#[test]
fn special_territories_by_postcode() {
    // country, postcode, own code, inside EU customs, inside EU VAT
    for (country, postcode, code, customs, vat) in [
        ("FR", "75008", "FR", true, true),
        ("FR", "20000", "FR", true, true),
        ("FR", "97110", "GP", true, false),
        ("FR", "97200", "MQ", true, false),
        ("FR", "97300", "GF", true, false),
        ("FR", "97410", "RE", true, false),
        ("FR", "97600", "YT", true, false),
        ("FR", "97150", "MF", true, false),
        ("FR", "97133", "BL", false, false),
        ("FR", "97500", "PM", false, false),
        ("FR", "98800", "NC", false, false),
        ("FR", "98709", "PF", false, false),
        ("FR", "98600", "WF", false, false),
        ("FR", "98000", "MC", true, true),
        ("RE", "97410", "RE", true, false),
        ("NC", "98800", "NC", false, false),
        ("MC", "98000", "MC", true, true),
        ("ES", "28013", "ES", true, true),
        ("ES", "35001", "ES", true, false),
        ("ES", "38001", "ES", true, false),
        ("ES", "51001", "ES", false, false),
        ("ES", "52001", "ES", false, false),
        ("ES", "07001", "ES", true, true),
        ("DE", "10115", "DE", true, true),
        ("DE", "78266", "DE", false, false),
        ("DE", "27498", "DE", false, false),
        ("IT", "00144", "IT", true, true),
        ("IT", "23041", "IT", false, false),
        ("IT", "22061", "IT", true, false),
        ("IT", "00120", "VA", false, false),
        ("IT", "47890", "SM", false, false),
        ("GR", "630 86", "GR", true, false),
        ("GR", "151 24", "GR", true, true),
        ("FI", "22100", "AX", true, false),
        ("AX", "22100", "AX", true, false),
        ("FI", "00100", "FI", true, true),
        ("DK", "3900", "GL", false, false),
        ("FO", "100", "FO", false, false),
        ("PT", "9000-015", "PT", true, true),
        ("GB", "BT1 5GS", "GB", true, true),
        ("GB", "SW1A 1AA", "GB", false, false),
        ("GB", "B1 1AA", "GB", false, false),
        ("GB", "JE2 3AB", "JE", false, false),
        ("IM", "IM1 1AA", "IM", false, false),
        ("GI", "GX11 1AA", "GI", false, false),
        ("AD", "AD100", "AD", false, false),
        ("CH", "8001", "CH", false, false),
        ("NO", "0150", "NO", false, false),
        ("AW", "", "AW", false, false),
        ("BQ", "", "BQ", false, false),
        ("US", "96910", "GU", false, false),
    ] {
        let t = customs_territory(country, postcode).expect("known country");
        let got = (t.code.as_str(), t.eu_customs, t.eu_vat);
        assert_eq!(got, (code, customs, vat), "{country} {postcode} {}", t.name);
    }
}

#[test]
fn papers_are_needed_at_customs_and_at_vat_borders() {
    for (from, from_pc, to, to_pc, papers) in [
        ("FR", "75008", "FR", "69001", false),
        ("FR", "75008", "DE", "10115", false),
        ("FR", "75008", "MC", "98000", false),
        ("FR", "75008", "FR", "98000", false),
        ("FR", "75008", "FR", "97410", true),
        ("FR", "97410", "RE", "97490", false),
        ("FR", "97110", "FR", "97200", true),
        ("ES", "28013", "ES", "35001", true),
        ("ES", "35001", "ES", "38001", false),
        ("ES", "28013", "ES", "51001", true),
        ("IT", "20121", "IT", "23041", true),
        ("IT", "20121", "IT", "22061", true),
        ("DE", "10115", "DE", "78266", true),
        ("CH", "8001", "DE", "78266", false),
        ("CH", "8001", "LI", "9490", false),
        ("DE", "10115", "CH", "8001", true),
        ("FI", "00100", "AX", "22100", true),
        ("GB", "SW1A 1AA", "GB", "M2 5BQ", false),
        ("GB", "SW1A 1AA", "FR", "75008", true),
        ("GB", "SW1A 1AA", "GB", "BT1 5GS", true),
        ("GB", "BT1 5GS", "GB", "SW1A 1AA", false),
        ("GB", "BT1 5GS", "IE", "D02 X285", false),
        ("IE", "D02 X285", "GB", "BT1 5GS", false),
        ("GB", "BT1 5GS", "US", "90210", true),
        ("GB", "BT1 5GS", "JE", "JE2 3AB", true),
        ("GB", "SW1A 1AA", "IM", "IM1 1AA", false),
        ("GB", "SW1A 1AA", "GB", "JE2 3AB", true),
        ("US", "90210", "US", "10001", false),
        ("US", "90210", "US", "00907", false),
        ("US", "90210", "PR", "00907", false),
        ("US", "90210", "US", "96910", true),
        ("US", "90210", "US", "09012", true),
        ("US", "90210", "CA", "K1A 0B1", true),
        ("CN", "100096", "HK", "", true),
        ("IT", "00144", "SM", "47890", true),
        ("ES", "28013", "AD", "AD500", true),
        ("DK", "1566", "DK", "3900", true),
        ("PT", "1250-096", "PT", "9000-015", false),
        ("FR", "75008", "Atlantis", "", true),
    ] {
        let got = crosses_customs_border(from, from_pc, to, to_pc);
        assert_eq!(got, papers, "{from} {from_pc} -> {to} {to_pc}");
    }
}

#[test]
fn a_zone_places_as_well_as_the_full_postcode() {
    for (country, postcode) in [
        ("FR", "97410"),
        ("ES", "35001"),
        ("GB", "BT1 5GS"),
        ("GB", "SW1A 1AA"),
        ("PT", "9000-015"),
        ("IT", "23041"),
        ("US", "96910-1234"),
        ("GR", "630 86"),
    ] {
        let zone = postcode_zone(country, postcode).expect("zone");
        assert_eq!(
            customs_territory(country, zone.as_str()),
            customs_territory(country, postcode),
            "{country} {postcode}"
        );
    }
}

#[test]
fn shared_postcodes_are_asked_about_and_not_decided() {
    for postcode in ["23030", "22060"] {
        let t = customs_territory("IT", postcode).expect("Italy");
        assert!(t.ambiguous && t.inside_eu() && t.note.is_some(), "{postcode}");
    }
    assert!(!customs_territory("IT", "23041").expect("Livigno").ambiguous);
}

#[test]
fn postcode_is_optional_and_spelling_does_not_matter() {
    assert!(customs_territory("FR", None).expect("France").inside_eu());
    let loud = customs_territory("france", Some("F-97410")).expect("France");
    assert_eq!(loud.code, "RE");
    assert_eq!(customs_territory("XI", None).map(|t| t.inside_eu()), Some(true));
    assert_eq!(customs_territory("Nowhere", None), None);
}

#[test]
fn member_states_are_inside_and_the_rest_is_outside_unless_the_data_says_so() {
    for country in countries() {
        let t = customs_territory(&country.alpha2, None).expect("known");
        if country.eu {
            assert!(t.inside_eu(), "{}", country.alpha2);
        }
        let listed = ["MC", "AX", "GP", "MQ", "GF", "RE", "YT", "MF"];
        if !country.eu && !listed.contains(&country.alpha2.as_str()) {
            assert!(!t.eu_customs && !t.eu_vat, "{}", country.alpha2);
        }
    }
}

#[test]
fn a_border_is_the_same_seen_from_both_sides_but_for_northern_ireland() {
    let places = [
        ("FR", "75008"),
        ("FR", "97410"),
        ("ES", "35001"),
        ("DE", "78266"),
        ("CH", "8001"),
        ("GB", "SW1A 1AA"),
        ("US", "90210"),
        ("MC", "98000"),
        ("IM", "IM1 1AA"),
    ];
    for (a, ap) in places {
        assert!(!crosses_customs_border(a, ap, a, ap), "{a} {ap} to itself");
        for (b, bp) in places {
            let there = crosses_customs_border(a, ap, b, bp);
            assert_eq!(there, crosses_customs_border(b, bp, a, ap), "{a} {ap} {b} {bp}");
        }
    }
}
