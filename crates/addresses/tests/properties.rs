//! Laws that hold for every text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use colibri_addresses::{
    Address, FormatHint, check, check_text, countries, crosses_customs_border, customs_territory,
    postcode_zone,
};
use proptest::prelude::*;

/// Country texts: mostly codes, sometimes names, sometimes anything.
fn country() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(
            countries().iter().map(|c| c.alpha2.clone()).collect::<Vec<_>>()
        ),
        2 => prop::sample::select(vec!["France", "uk", "Deutschland", "XI", "USA", "日本", ""])
            .prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

/// Texts with what breaks cleaning: controls, joiners, accents apart, full width, fillers.
fn text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "12",
        "rue",
        " ",
        "\t",
        "\n",
        "\u{0301}",
        "e",
        "E\u{0308}",
        "\u{200D}",
        "\u{202E}",
        "\u{0}",
        "７５",
        "〒",
        "ｎ／ａ",
        "-",
        "/",
        "n/a",
        "test",
        "xxx",
        "PO Box",
        "BP",
        "é",
        "が",
        "か\u{3099}",
        "😀",
        "\u{FFFD}",
        "CA",
        "FR-",
        "F-",
        "75008",
        "SW1A",
        "1AA",
        "TH-00000",
        "0000",
        ".",
        "\"",
        "\u{3000}",
        "\u{85}",
        "\u{2028}",
        "İ",
        "ß",
        "\u{212A}",
        "١٢",
        "ﬀ",
        "\u{0345}",
        "\u{1100}",
        "\u{1161}",
        "Dubai",
        "California",
        "\u{FB1D}",
        "\u{0344}",
    ]);
    prop_oneof![
        3 => prop::collection::vec(pieces, 0..6).prop_map(|p| p.concat()),
        1 => any::<String>(),
    ]
}

fn address() -> impl Strategy<Value = Address> {
    let some = || prop::option::of(text());
    let lines = prop::collection::vec(text(), 0..5);
    (country(), lines, (some(), some(), some(), some()), (some(), some(), some())).prop_map(
        |(country, lines, (name, company, city, postcode), (subdivision, phone, email))| Address {
            name,
            company,
            lines,
            city,
            postcode,
            subdivision,
            country,
            phone,
            email,
        },
    )
}

/// Nothing is written into the tree; a failing case is printed and becomes a test of its own.
fn config() -> ProptestConfig {
    ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn checking_a_checked_address_changes_nothing(a in address()) {
        let once = check(&a);
        let twice = check(&once.normalised);
        // `Debug` hides the content on purpose: compare without printing.
        prop_assert!(twice.normalised == once.normalised);
        prop_assert_eq!(&twice.problems, &once.problems);
        let corrections: Vec<_> =
            twice.notices.iter().filter(|n| n.code.is_correction()).collect();
        prop_assert!(corrections.is_empty(), "{:?}", corrections);
        let observations: Vec<_> =
            once.notices.iter().filter(|n| !n.code.is_correction()).cloned().collect();
        prop_assert_eq!(observations, twice.notices);
    }

    #[test]
    fn a_change_is_always_noticed(a in address()) {
        let verdict = check(&a);
        let empty = |v: &Option<String>| v.as_deref().unwrap_or_default().is_empty();
        // An empty text that becomes absent is no change worth a notice.
        let mut given = a;
        for field in [&mut given.name, &mut given.company, &mut given.city, &mut given.postcode,
            &mut given.subdivision, &mut given.phone, &mut given.email] {
            if empty(field) {
                *field = None;
            }
        }
        given.lines.retain(|l| !l.is_empty());
        if given != verdict.normalised {
            prop_assert!(verdict.notices.iter().any(|n| n.code.is_correction()));
        }
    }

    #[test]
    fn a_zone_is_never_longer_than_its_postcode(c in country(), p in text()) {
        if let Some(zone) = postcode_zone(&c, &p) {
            prop_assert!(zone.len() <= p.len());
            prop_assert!(!zone.is_empty() && zone.chars().all(|c| c.is_ascii_alphanumeric()));
            prop_assert!(zone.chars().any(|c| c.is_ascii_alphanumeric()));
        }
    }

    #[test]
    fn zones_do_not_depend_on_spelling(i in 0usize..10_000, lower in any::<bool>()) {
        let places = [("FR", "75008"), ("GB", "SW1A 1AA"), ("CA", "H3Z 2Y7"), ("NL", "1012 AB")];
        let (country, postcode) = places[i % places.len()];
        let spaced = if i % 2 == 0 { postcode.replace(' ', "") } else { format!(" {postcode} ") };
        let text = if lower { spaced.to_lowercase() } else { spaced };
        prop_assert_eq!(postcode_zone(country, &text), postcode_zone(country, postcode));
    }

    #[test]
    fn territories_never_panic_and_nothing_crosses_to_itself(c in country(), p in text()) {
        if let Some(t) = customs_territory(&c, p.as_str()) {
            prop_assert!(!crosses_customs_border(&c, p.as_str(), &c, p.as_str()));
            prop_assert_eq!(t.eu_customs, t.customs_area == "EU");
            prop_assert_eq!(t.eu_vat, t.vat_area == "EU");
        }
    }

    #[test]
    fn any_text_gets_a_verdict(t in any::<String>(), pieces in prop::collection::vec(
        prop::sample::select(vec![
            "{", "}", "[", "]", "\"", ",", ":", "\n", "name", "zip", "country", "FR", "75008", ";",
            "\t", "\"\"", "null", "1", "\r\n", "\u{FEFF}", "city", "é",
        ]), 0..40,
    )) {
        for input in [t, pieces.concat(), format!("name,zip,country\n{}", pieces.concat())] {
            for hint in
                [FormatHint::Auto, FormatHint::Json, FormatHint::JsonLines, FormatHint::Csv]
            {
                let verdicts = check_text(&input, hint);
                prop_assert!(!verdicts.is_empty());
                for (i, v) in verdicts.iter().enumerate() {
                    prop_assert_eq!(v.record, i + 1);
                    prop_assert_eq!(v.valid, v.problems.is_empty());
                    prop_assert!(v.normalised.is_some() || !v.valid);
                }
            }
        }
    }
}
